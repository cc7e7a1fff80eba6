package search

import (
	"context"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/text"
)

// asked is how many words of a search count; each more could only make it slower.
const asked = 12

// Found is a query of the ids of what holds the words typed: at most limit of them, whole words before beginnings of
// words, and what was put last before the others. Its values are appended to args and its placeholders numbered after
// them.
func (x *Index) Found(workspaceID, typed string, limit int, args *[]any) string {
	words := text.Words(typed)
	words = words[:min(len(words), asked)]
	if len(words) == 0 {
		return `select id from search_docs where 1 = 0`
	}
	*args = append(*args, workspaceID, x.kind, x.query(workspaceID, words, false), x.query(workspaceID, words, true), limit)
	first := len(*args) - 4
	at := func(n int) string { return "$" + strconv.Itoa(first+n) }
	// The engines stop at the limit: beginnings, which are dear, are only looked for when there are few whole words.
	hits := func(query string) string {
		if x.db.Engine() == db.Postgres {
			return `select * from (select id from search_docs where workspace_id = ` + at(0) + ` and kind = ` + at(1) + ` and words @@ ` + query + `::tsquery order by seq desc limit ` + at(4) + `) of_words`
		}
		return `select * from (select rowid as seq from search_words where search_words match ` + query + ` order by rowid desc limit ` + at(4) + `)`
	}
	both := hits(at(2)) + ` union all ` + hits(at(3)) + ` limit ` + at(4)
	if x.db.Engine() == db.Postgres {
		return `select id from (` + both + `) hit`
	}
	// A cross join is SQLite's way of being told the order: few hits first, then their rows.
	return `select d.id from (` + both + `) hit cross join search_docs d where d.seq = hit.seq and d.workspace_id = ` + at(0) + ` and d.kind = ` + at(1)
}

// Full reports whether Found may leave some out at this limit.
func (x *Index) Full(ctx context.Context, workspaceID, typed string, limit int) (bool, error) {
	args := []any{limit}
	n, err := db.One[int](ctx, x.db, `select count(*) from (`+x.Found(workspaceID, typed, limit, &args)+`) f where $1 > 0`, args...)
	return n >= limit, err
}

// query asks the engine for things that hold each word; the last one, when open, as the beginning of a word.
func (x *Index) query(workspaceID string, words []string, open bool) string {
	out := make([]string, len(words))
	for n, w := range words {
		begins := text.Unfinished(w) || open && n == len(words)-1
		w = placed(workspaceID, x.kind, w)
		switch {
		case x.db.Engine() == db.SQLite:
			if out[n] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`; begins {
				out[n] += " *"
			}
		default:
			if out[n] = quoted([]string{w}, ""); begins {
				out[n] += ":*"
			}
		}
	}
	if x.db.Engine() == db.SQLite {
		return strings.Join(out, " AND ")
	}
	return strings.Join(out, " & ")
}
