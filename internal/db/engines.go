package db

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

// searchTables hold words that room search has made. This is the one thing that the two engines have in words of their own.
var searchTables = map[Engine][]string{
	SQLite: {
		`create table search_docs (seq integer primary key autoincrement, workspace_id text not null, kind text not null, id text not null)`,
		`create virtual table search_words using fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_:-$'")`,
	},
	Postgres: {
		`create table search_docs (seq bigint generated always as identity primary key, workspace_id text not null, kind text not null, id text not null, words tsvector not null)`,
		`create index search_docs_by_words on search_docs using gin (words)`,
	},
}

// ofEngine are the migrations that each engine spells for itself.
func (d *DB) ofEngine() goose.ProviderOption {
	return goose.WithGoMigrations(goose.NewGoMigration(171, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		for _, q := range searchTables[d.engine] {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("make the search tables: %w", err)
			}
		}
		return nil
	}}, nil))
}
