package customer

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// rowLimit is how many orders one file may hold.
const rowLimit = 50_000

// Row is one line of a file and what became of it.
type Row struct {
	Number int
	Raw    string
	State  string // ok, unchanged, updated, refused
	Reason string
	Order  Order
}

// Import is one file of orders.
type Import struct {
	ID      string
	Name    string
	DryRun  bool
	Rows    []Row
	OK      int
	Refused int
}

// columnsOf knows what shops call the columns (PRODUCT §10.5).
var columnsOf = map[string][]string{
	"order_id":    {"order_id", "order", "order number", "order_number", "name", "id", "bestellnummer"},
	"ordered_at":  {"ordered_at", "created at", "created_at", "date", "order_date", "paid at", "datum"},
	"customer_id": {"customer_id", "customer", "customer number"},
	"email":       {"email", "e-mail", "customer_email", "email_hash"},
	"amount":      {"amount", "subtotal", "net", "total", "betrag"},
	"currency":    {"currency", "währung"},
	"tax":         {"tax", "taxes"},
	"shipping":    {"shipping"},
	"discount":    {"discount", "discount amount"},
	"refund":      {"refund", "refunded", "refunded amount"},
	"products":    {"products", "lineitem name", "items"},
	"coupon":      {"coupon", "discount code", "code"},
	"visitor":     {"visitor", "visitor_id"},
	"shop":        {"shop", "store"},
}

// ImportCSV reads a file of orders. A dry run shows what would happen and changes nothing; otherwise valid rows are
// stored and refused ones are kept with the reason. The same file again changes nothing. Local times without an
// offset are in zone; currency is used where the file has no such column.
func (o *Orders) ImportCSV(ctx context.Context, actor workspace.Actor, name string, file io.Reader, zone, fallback string, dryRun bool) (Import, error) {
	if err := actor.May(workspace.OrderImport, workspace.Scope{}); err != nil {
		return Import{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(file, 32<<20+1))
	if err != nil {
		return Import{}, fmt.Errorf("read the file: %w", err)
	}
	if len(raw) > 32<<20 {
		return Import{}, fault.Invalidf("file", "the file is larger than 32 MB; split it")
	}
	lines, header, err := read(raw)
	if err != nil {
		return Import{}, err
	}
	in := Import{ID: id.New("import"), Name: name, DryRun: dryRun}
	for i, fields := range lines {
		row := Row{Number: i + 2, Raw: strings.Join(fields, ",")}
		a, err := arrival(header, fields, zone, fallback)
		if err == nil {
			row.Order = a.Order
			if dryRun {
				err = a.check()
				row.State = "ok"
			} else {
				var result Result
				a.Source = "csv"
				_, result, err = o.Record(ctx, actor, a)
				row.State = map[Result]string{Stored: "ok", Unchanged: "unchanged", Updated: "updated"}[result]
			}
		}
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				return in, err
			}
			f := fault.As(err)
			row.State, row.Reason = "refused", fmt.Sprintf("Row %d, column %s: %s", row.Number, f.Field, f.Message)
			in.Refused++
		} else {
			in.OK++
		}
		in.Rows = append(in.Rows, row)
	}
	if dryRun {
		return in, nil
	}
	return in, o.keep(ctx, actor, in)
}

func (o *Orders) keep(ctx context.Context, actor workspace.Actor, in Import) error {
	return o.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into imports (workspace_id, id, kind, name, state, rows_total, rows_ok, rows_refused, by_user, at)
			values ($1, $2, 'orders', $3, 'finished', $4, $5, $6, $7, $8)`, actor.WorkspaceID, in.ID, in.Name, len(in.Rows), in.OK, in.Refused, actor.ID(), db.Now()); err != nil {
			return err
		}
		for _, r := range in.Rows {
			if _, err := db.Exec(ctx, tx, `insert into import_rows (workspace_id, import_id, row_number, raw, state, reason) values ($1, $2, $3, $4, $5, $6)`,
				actor.WorkspaceID, in.ID, r.Number, r.Raw, r.State, r.Reason); err != nil {
				return err
			}
		}
		if err := workspace.Audit(ctx, tx, actor, "orders.imported", in.ID, nil, map[string]int{"ok": in.OK, "refused": in.Refused}); err != nil {
			return err
		}
		return o.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "import.finished", in.ID, map[string]int{"ok": in.OK, "refused": in.Refused})
	})
}

// read splits a file into rows and finds out which column is which.
func read(raw []byte) (rows [][]string, header map[string]int, err error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(raw) {
		return nil, nil, fault.Invalidf("file", "the file is not UTF-8 text").WithHint("Export it again as “CSV UTF-8”.")
	}
	if bytes.ContainsRune(raw, 0) {
		return nil, nil, fault.Invalidf("file", "the file holds NUL characters; it is not a CSV file")
	}
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(raw))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	} else if bytes.Count(first, []byte("\t")) > bytes.Count(first, []byte(",")) {
		r.Comma = '\t'
	}
	r.FieldsPerRecord = -1
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fault.Invalidf("file", "the file cannot be read as CSV: %v", err)
		}
		if header == nil {
			if header, err = columnsIn(fields); err != nil {
				return nil, nil, err
			}
			continue
		}
		if strings.Join(fields, "") == "" {
			continue
		}
		if rows = append(rows, fields); len(rows) > rowLimit {
			return nil, nil, fault.Invalidf("file", "the file has more than %d rows; split it", rowLimit)
		}
	}
	if header == nil {
		return nil, nil, fault.Invalidf("file", "the file is empty")
	}
	return rows, header, nil
}

func columnsIn(fields []string) (map[string]int, error) {
	at := map[string]int{}
	for column, names := range columnsOf {
		for i := len(names) - 1; i >= 0; i-- { // the first name wins
			for j, f := range fields {
				if strings.ToLower(strings.TrimSpace(f)) == names[i] {
					at[column] = j
				}
			}
		}
	}
	for _, needed := range []string{"order_id", "ordered_at", "amount"} {
		if _, ok := at[needed]; !ok {
			return nil, fault.Invalidf("file", "the first line names no column %s; found: %s", needed, strings.Join(fields, ", ")).
				WithHint("The first line must name the columns; order_id, ordered_at and amount are needed.")
		}
	}
	return at, nil
}

func arrival(header map[string]int, fields []string, zone, fallback string) (Arrival, error) {
	get := func(column string) string {
		if i, ok := header[column]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	a := Arrival{Email: get("email"), Order: Order{Number: get("order_id"), Shop: get("shop"), Customer: get("customer_id"), Code: get("coupon"), Visitor: get("visitor")}}
	if a.Currency = strings.ToUpper(get("currency")); a.Currency == "" {
		a.Currency = fallback
	}
	if !KnownCurrency(a.Currency) {
		return a, fault.Invalidf("currency", "%q is not a currency", clip(a.Currency))
	}
	if products := get("products"); products != "" {
		a.Products = strings.Split(products, ";")
	}
	var err error
	if a.OrderedAt, err = instant(get("ordered_at"), zone); err != nil {
		return a, err
	}
	for _, m := range []struct {
		column string
		into   *int64
	}{{"amount", &a.Amount}, {"tax", &a.Tax}, {"shipping", &a.Shipping}, {"discount", &a.Discount}, {"refund", &a.Refund}} {
		if text := get(m.column); text != "" || m.column == "amount" {
			if *m.into, err = Parse(text, a.Currency); err != nil {
				fault.As(err).Field = m.column
				return a, err
			}
		}
	}
	return a, nil
}

// instant reads the ways shops write a time; one without an offset is a wall-clock time in zone. Dates whose day and
// month could be exchanged are refused rather than guessed.
func instant(s, zone string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02T15:04:05-0700", time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "02.01.2006 15:04", "02.01.2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return when.First(t.Format("2006-01-02T15:04"), zone)
		}
	}
	return time.Time{}, fault.Invalidf("ordered_at", "%q is not a time; write 2027-03-28T10:00 or with an offset", clip(s))
}
