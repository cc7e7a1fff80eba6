package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Queryer is a *DB (reads run on the reading pool) or a *Tx.
type Queryer interface {
	on(write bool) (handle, Engine)
}

type handle interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

func (d *DB) on(write bool) (handle, Engine) {
	if write {
		return d.write, d.engine
	}
	return d.read, d.engine
}

func (t *Tx) on(bool) (handle, Engine) { return t, t.engine }

// All returns every row of a query as T: a struct by column names, or a single value.
func All[T any](ctx context.Context, q Queryer, query string, args ...any) ([]T, error) {
	h, engine := q.on(writes(query))
	rows, err := h.QueryContext(ctx, spell(engine, query), bind(args)...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	var out []T
	for rows.Next() {
		var row T
		into, err := targets(reflect.ValueOf(&row).Elem(), columns)
		if err != nil {
			return nil, err
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return out, nil
}

// One returns the first row, or a NotFound fault.
func One[T any](ctx context.Context, q Queryer, query string, args ...any) (T, error) {
	all, err := All[T](ctx, q, query, args...)
	if err != nil {
		return *new(T), err
	}
	if len(all) == 0 {
		return *new(T), fault.NotFoundf("there is no such thing here")
	}
	return all[0], nil
}

// Exec runs a statement and returns how many rows it changed.
func Exec(ctx context.Context, q Queryer, query string, args ...any) (int64, error) {
	h, engine := q.on(true)
	res, err := h.ExecContext(ctx, spell(engine, query), bind(args)...)
	if err != nil {
		return 0, fmt.Errorf("execute: %w", err)
	}
	return res.RowsAffected()
}

// JSON wraps a value that is stored as JSON text.
func JSON(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("db: value cannot be JSON: " + err.Error()) // our own types always can
	}
	return string(raw)
}

var values sync.Map // [2]int → string

// Values are the placeholders of many rows for one insert: ($1, $2), ($3, $4), …
func Values(rows, columns int) string {
	if done, ok := values.Load([2]int{rows, columns}); ok {
		return done.(string)
	}
	var b strings.Builder
	for n := range rows * columns {
		switch {
		case n == 0:
			b.WriteString("(")
		case n%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", n+1)
	}
	b.WriteString(")")
	values.Store([2]int{rows, columns}, b.String())
	return b.String()
}

// Literal keeps what a person typed from being read as a pattern. The query says: like … escape '\'.
func Literal(s string) string { return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) }

func bind(args []any) []any {
	out := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case time.Time:
			if !v.IsZero() {
				out[i] = v.UnixMicro()
			}
		case time.Duration:
			out[i] = v.Microseconds()
		case json.RawMessage:
			out[i] = plain(string(v))
		default:
			out[i] = arg
			if rv := reflect.ValueOf(arg); rv.IsValid() && rv.Kind() == reflect.String {
				out[i] = plain(rv.String()) // named string types, too
			}
		}
	}
	return out
}

// plain is text that both engines keep alike: PostgreSQL refuses bytes that are no UTF-8, and NUL.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

var (
	spelled   sync.Map
	parameter = regexp.MustCompile(`\$(\d+)`)
	locking   = regexp.MustCompile(`(?i)\s+for (no key )?update( of \w+)?( skip locked| nowait)?`)
	leading   = regexp.MustCompile(`(?is)^\s*(insert|update|delete|with\b.*\b(insert into|update|delete from)\b)`)
)

func spell(engine Engine, query string) string {
	if engine == Postgres {
		return query
	}
	if done, ok := spelled.Load(query); ok {
		return done.(string)
	}
	done := locking.ReplaceAllString(parameter.ReplaceAllString(query, "?$1"), "")
	if inOrder(query) { // the driver binds by name in the square of their number, and by place much faster
		done = locking.ReplaceAllString(parameter.ReplaceAllString(query, "?"), "")
	}
	spelled.Store(query, done)
	return done
}

// inOrder reports whether a query names its parameters once each, in their order.
func inOrder(query string) bool {
	for i, p := range parameter.FindAllStringSubmatch(query, -1) {
		if p[1] != strconv.Itoa(i+1) {
			return false
		}
	}
	return true
}

// writes reports whether a query with rows changes data (… returning) and so needs the writing connection.
func writes(query string) bool {
	return strings.Contains(strings.ToLower(query), "returning") && leading.MatchString(query)
}

func targets(row reflect.Value, columns []string) ([]any, error) {
	if row.Kind() != reflect.Struct || row.Type() == reflect.TypeFor[time.Time]() {
		return []any{&cell{to: row}}, nil
	}
	fields := fieldsOf(row.Type())
	into := make([]any, len(columns))
	for i, name := range columns {
		f, ok := fields[name]
		if !ok {
			return nil, fmt.Errorf("read row: %s has no field for column %q", row.Type(), name)
		}
		into[i] = &cell{to: row.FieldByIndex(f.index), json: f.json}
	}
	return into, nil
}

type field struct {
	index []int
	json  bool
}

var known sync.Map // reflect.Type → map[string]field

func fieldsOf(t reflect.Type) map[string]field {
	if f, ok := known.Load(t); ok {
		return f.(map[string]field)
	}
	fields := map[string]field{}
	for _, f := range reflect.VisibleFields(t) {
		name, rest, _ := strings.Cut(f.Tag.Get("db"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = field{f.Index, rest == "json"}
	}
	known.Store(t, fields)
	return fields
}

// cell reads one column into one field, with null as the zero value.
type cell struct {
	to   reflect.Value
	json bool
}

func (c *cell) Scan(src any) error {
	if src == nil {
		c.to.SetZero()
		return nil
	}
	if c.json {
		var raw []byte
		switch v := src.(type) {
		case string:
			raw = []byte(v)
		case []byte:
			raw = v
		}
		if len(raw) == 0 {
			c.to.SetZero()
			return nil
		}
		return json.Unmarshal(raw, c.to.Addr().Interface())
	}
	switch to := c.to.Addr().Interface().(type) {
	case *time.Time:
		var micros sql.NullInt64
		if err := micros.Scan(src); err != nil {
			return err
		}
		*to = time.UnixMicro(micros.Int64).UTC()
		return nil
	case *time.Duration:
		var micros sql.NullInt64
		if err := micros.Scan(src); err != nil {
			return err
		}
		*to = time.Duration(micros.Int64) * time.Microsecond
		return nil
	case sql.Scanner:
		return to.Scan(src)
	}
	return c.convert(src)
}

func (c *cell) convert(src any) error {
	switch c.to.Kind() {
	case reflect.String:
		var v sql.NullString
		if err := v.Scan(src); err != nil {
			return err
		}
		c.to.SetString(v.String)
	case reflect.Bool:
		var v sql.NullBool
		if err := v.Scan(src); err != nil {
			return err
		}
		c.to.SetBool(v.Bool)
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int8:
		var v sql.NullInt64
		if err := v.Scan(src); err != nil {
			return err
		}
		c.to.SetInt(v.Int64)
	case reflect.Float64, reflect.Float32:
		var v sql.NullFloat64
		if err := v.Scan(src); err != nil {
			return err
		}
		c.to.SetFloat(v.Float64)
	case reflect.Pointer:
		c.to.Set(reflect.New(c.to.Type().Elem()))
		return (&cell{to: c.to.Elem()}).Scan(src)
	case reflect.Slice:
		if raw, ok := src.([]byte); ok {
			c.to.SetBytes(append([]byte(nil), raw...))
			return nil
		}
		if s, ok := src.(string); ok {
			c.to.SetBytes([]byte(s))
			return nil
		}
		fallthrough
	default:
		return fmt.Errorf("cannot read %T into %s", src, c.to.Type())
	}
	return nil
}
