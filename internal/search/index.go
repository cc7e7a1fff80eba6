package search

import (
	"context"
	"fmt"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Kind is a kind of thing that is found.
type Kind string

const (
	Conversation Kind = "conversation"
	Contact      Kind = "contact"
	Post         Kind = "post"
)

// Said returns the texts of one thing as q sees them, the most important first.
type Said func(ctx context.Context, q db.Queryer, workspaceID, id string) ([]string, error)

// Index is the index of one kind of thing.
type Index struct {
	db   *db.DB
	kind Kind
	said Said
}

// New returns the index of a kind in this database.
func New(database *db.DB, kind Kind, said Said) *Index { return &Index{database, kind, said} }

// most is how many different words of one thing are found. PostgreSQL keeps at most a megabyte of them.
const most = 5000

// Add puts a thing in the index that has just been made, with its texts as Said would return them.
func (x *Index) Add(ctx context.Context, tx *db.Tx, workspaceID, id string, texts ...string) error {
	words := x.words(workspaceID, texts)
	if tx.Engine() == db.Postgres {
		_, err := db.Exec(ctx, tx, `insert into search_docs (workspace_id, kind, id, words) values ($1, $2, $3, $4::tsvector)
			on conflict (workspace_id, kind, id) do update set words = excluded.words, seq = default`, workspaceID, x.kind, id, quoted(words, " "))
		return err
	}
	seq, err := db.One[int64](ctx, tx, `insert into search_docs (workspace_id, kind, id) values ($1, $2, $3) returning seq`, workspaceID, x.kind, id)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `insert into search_words (rowid, words) values ($1, $2)`, seq, strings.Join(words, " "))
	return err
}

// Put takes over what is said in a thing now. What was put last is found first.
func (x *Index) Put(ctx context.Context, tx *db.Tx, workspaceID, id string) error {
	if tx.Engine() == db.SQLite {
		if err := x.Drop(ctx, tx, workspaceID, id); err != nil {
			return err
		}
	}
	texts, err := x.said(ctx, tx, workspaceID, id)
	if err != nil {
		return fmt.Errorf("read what is said in %s: %w", id, err)
	}
	return x.Add(ctx, tx, workspaceID, id, texts...)
}

// Drop takes a thing out of the index.
func (x *Index) Drop(ctx context.Context, tx *db.Tx, workspaceID, id string) error {
	gone, err := db.All[int64](ctx, tx, `delete from search_docs where workspace_id = $1 and kind = $2 and id = $3 returning seq`, workspaceID, x.kind, id)
	if err != nil || tx.Engine() == db.Postgres {
		return err
	}
	for _, seq := range gone {
		if _, err := db.Exec(ctx, tx, `delete from search_words where rowid = $1`, seq); err != nil {
			return err
		}
	}
	return nil
}

// words are the different words of texts as the index holds them: with their workspace and kind before them.
func (x *Index) words(workspaceID string, texts []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range texts {
		for _, w := range text.Words(t) {
			if seen[w] {
				continue
			}
			if len(out) == most {
				return out
			}
			seen[w], out = true, append(out, placed(workspaceID, x.kind, w))
		}
	}
	return out
}

// placed is a word with its workspace and kind before it: words of others are other words.
func placed(workspaceID string, kind Kind, word string) string {
	return workspaceID + ":" + string(kind) + ":" + word
}

// quoted spells words for PostgreSQL.
func quoted(words []string, between string) string {
	var b strings.Builder
	for n, w := range words {
		if n > 0 {
			b.WriteString(between)
		}
		b.WriteString("'" + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(w) + "'")
	}
	return b.String()
}

// CatchUp puts in the index what a migration has left for it, the oldest first. It is quick when there is nothing, and
// safe to break off and to run twice.
func (x *Index) CatchUp(ctx context.Context) error {
	for {
		left, err := db.All[struct {
			WorkspaceID string `db:"workspace_id"`
			ID          string `db:"id"`
		}](ctx, x.db, `select workspace_id, id from search_pending where kind = $1 order by rank, workspace_id, id limit 500`, x.kind)
		if err != nil || len(left) == 0 {
			return err
		}
		if err := x.db.Tx(ctx, func(tx *db.Tx) error {
			for _, l := range left {
				if n, err := db.Exec(ctx, tx, `delete from search_pending where workspace_id = $1 and kind = $2 and id = $3`, l.WorkspaceID, x.kind, l.ID); err != nil {
					return err
				} else if n == 0 { // another replica's
					continue
				}
				if err := x.Put(ctx, tx, l.WorkspaceID, l.ID); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("catch up the index of %ss: %w", x.kind, err)
		}
	}
}
