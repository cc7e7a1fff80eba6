package customer

import "testing"

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct {
		in, currency string
		want         int64
		ok           bool
	}{
		{"12.34", "EUR", 1234, true}, {"12,34", "EUR", 1234, true}, {"1,234.50", "USD", 123450, true}, {"1.234,50", "EUR", 123450, true},
		{"1,234", "EUR", 123400, true}, {"1.234", "EUR", 123400, true}, {"1 234,5", "EUR", 123450, true}, {"1'234.50", "CHF", 123450, true},
		{"500", "JPY", 500, true}, {"1,500", "JPY", 1500, true}, {"1.5", "JPY", 0, false}, {"1.234", "KWD", 1234, true}, {"-5.00", "EUR", -500, true},
		{"12.345", "EUR", 1234500, true}, {"12.3456", "EUR", 0, false}, {"12.340", "EUR", 1234000, true}, {"", "EUR", 0, false}, {"=1+1", "EUR", 0, false},
		{"1e308", "USD", 0, false}, {"NaN", "USD", 0, false}, {"99999999999999999999", "USD", 0, false}, {"1.2.3,4", "EUR", 12340, true}, {"5.-5", "EUR", 0, false},
	} {
		got, err := Parse(c.in, c.currency)
		if (err == nil) != c.ok || got != c.want {
			t.Errorf("%q %s: %d, %v", c.in, c.currency, got, err)
		}
	}
}

func TestAmountsAreWrittenWithTheirCurrencysDecimals(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{{1234, "EUR", "12.34"}, {5, "EUR", "0.05"}, {-5, "EUR", "-0.05"}, {500, "JPY", "500"}, {1234, "KWD", "1.234"}} {
		if got := Format(c.minor, c.currency); got != c.want {
			t.Errorf("%d %s is %s", c.minor, c.currency, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1,234.50", "EUR")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, s, code string) {
		if n, err := Parse(s, code); err == nil {
			if again, err := Parse(Format(n, code), code); err == nil && again != n && Digits(code) != 3 {
				t.Fatalf("%q %s is %d, then %d", s, code, n, again)
			}
		}
	})
}
