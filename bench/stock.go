package main

import (
	"context"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

// stock writes many rows at once: one prepared statement of many rows, in one transaction, with the table's indexes made
// anew at the end.
type stock struct {
	ctx     context.Context
	tx      *db.Tx
	table   string
	columns []string
	pending []any
	rows    int // in pending
	each    int // rows a statement
	insert  string
	total   int
}

// parameters is how many values one statement may carry on both engines.
const parameters = 1500

func newStock(ctx context.Context, tx *db.Tx, table, columns string) *stock {
	s := &stock{ctx: ctx, tx: tx, table: table, columns: strings.Split(strings.ReplaceAll(columns, " ", ""), ",")}
	s.each = max(parameters/len(s.columns), 1)
	s.insert = s.statement(s.each)
	return s
}

func (s *stock) statement(rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "insert into %s (%s) values ", s.table, strings.Join(s.columns, ", "))
	n := 0
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range s.columns {
			if c > 0 {
				b.WriteByte(',')
			}
			n++
			fmt.Fprintf(&b, "$%d", n)
		}
		b.WriteByte(')')
	}
	return b.String()
}

func (s *stock) add(values ...any) error {
	s.pending = append(s.pending, values...)
	s.rows++
	s.total++
	if s.rows < s.each {
		return nil
	}
	return s.write(s.insert)
}

func (s *stock) write(query string) error {
	if _, err := db.Exec(s.ctx, s.tx, query, s.pending...); err != nil {
		return fmt.Errorf("fill %s: %w", s.table, err)
	}
	s.pending, s.rows = s.pending[:0], 0
	return nil
}

func (s *stock) flush() error {
	if s.rows == 0 {
		return nil
	}
	return s.write(s.statement(s.rows))
}

// without drops the indexes of a table that queries may do without while fill runs, and makes them anew after it.
func without(ctx context.Context, tx *db.Tx, table string, fill func() error) error {
	query := `select name, sql from sqlite_master where type = 'index' and tbl_name = $1 and sql is not null`
	if tx.Engine() == db.Postgres {
		query = `select indexname as name, indexdef as sql from pg_indexes where tablename = $1 and indexname not like '%_pkey'`
	}
	indexes, err := db.All[struct {
		Name string `db:"name"`
		SQL  string `db:"sql"`
	}](ctx, tx, query, table)
	if err != nil {
		return err
	}
	for _, i := range indexes {
		if _, err := db.Exec(ctx, tx, `drop index `+i.Name); err != nil {
			return err
		}
	}
	if err := fill(); err != nil {
		return err
	}
	for _, i := range indexes {
		if _, err := db.Exec(ctx, tx, i.SQL); err != nil {
			return fmt.Errorf("make the index %s: %w", i.Name, err)
		}
	}
	return nil
}

var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// named is an id of an instant in the shape that the program gives its own, the same in every run.
func named(kind string, at time.Time, n int) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(at.UnixMicro()))
	binary.BigEndian.PutUint64(raw[8:], uint64(n)*0x9e3779b97f4a7c15+1)
	return kind + "_" + crockford.EncodeToString(raw[:])
}
