package customer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCSV reads files as shops, spreadsheets and strangers send them: no panic, and what is taken holds what an order
// must hold.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"order_id,ordered_at,amount,currency\n1,2026-11-23T10:00,12.50,EUR\n", "\xef\xbb\xbforder_id;ordered_at;amount\n1;23.11.2026;1.234,56\n", "order_id\tordered_at\tamount\n\"a\nb\"\t2026-11-23\t5\n",
		"order_id,ordered_at,amount,products,email\n=cmd|'/C calc'!A0,2026-11-23,1e308,a;b,x@y\n", "order_id,ordered_at,amount\n1,2026-03-29T02:30,-0\n\n,,\n1", "order_id,order_id,ordered_at,amount\n\"", "\x00", strings.Repeat(",", 5000),
		"order_id,ordered_at,amount,currency,tax\n1,2100-02-29,99999999999999999999,JPY,NaN\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, header, err := read(raw)
		if err != nil {
			return
		}
		for _, fields := range rows {
			a, err := arrival(header, fields, "Europe/Berlin", "EUR")
			if err != nil || a.check() != nil {
				continue
			}
			if a.Number == "" || a.OrderedAt.IsZero() || !KnownCurrency(a.Currency) || a.Amount < 0 || !utf8.ValidString(a.Number+a.Customer+strings.Join(a.Products, "")) {
				t.Errorf("%q became %+v", fields, a)
			}
		}
	})
}
