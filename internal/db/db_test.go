package db_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
)

type row struct {
	ID    string            `db:"id"`
	At    time.Time         `db:"at"`
	Tags  map[string]string `db:"tags,json"`
	Wait  *time.Duration    `db:"wait"`
	Ok    bool              `db:"ok"`
	Rate  float64           `db:"rate"`
	Bytes []byte            `db:"bytes"`
}

const table = `create table probe (id text primary key, at bigint, tags text, wait bigint, ok boolean not null default true,
	rate double precision not null default 0, bytes bytea)`

func TestEveryTypeSurvivesBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		exec(t, database, table)
		at, wait := db.Now(), 90*time.Second
		exec(t, database, `insert into probe (id, at, tags, wait, ok, rate, bytes) values ($1, $2, $3, $4, $5, $6, $7)`,
			"a", at, db.JSON(map[string]string{"k": "v"}), wait, false, 0.25, []byte{0, 255})
		exec(t, database, `insert into probe (id, at) values ($1, $2)`, "b", time.Time{})
		rows, err := db.All[row](ctx, database, `select id, at, tags, wait, ok, rate, bytes from probe order by id`)
		if err != nil {
			t.Fatal(err)
		}
		a, b := rows[0], rows[1]
		if !a.At.Equal(at) || a.Tags["k"] != "v" || *a.Wait != wait || a.Ok || a.Rate != 0.25 || string(a.Bytes) != "\x00\xff" {
			t.Errorf("read back %+v", a)
		}
		if !b.At.IsZero() || b.Tags != nil || b.Wait != nil || !b.Ok {
			t.Errorf("nulls read as %+v", b)
		}
		n, err := db.One[int](ctx, database, `update probe set rate = $2 where id = $1 returning 7`, "a", 1)
		if err != nil || n != 7 {
			t.Errorf("returning: %d, %v", n, err)
		}
		if _, err := db.One[row](ctx, database, `select id from probe where id = $1`, "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no row is %v", err)
		}
	})
}

func TestS29OddBytesAreKeptAlikeOnBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		exec(t, database, table)
		type word string
		for n, odd := range []any{"a\x00b", "c\xff\xfed", word("\x00"), "e\xed\xa0\x80"} {
			exec(t, database, `insert into probe (id, tags) values ($1, $2)`, odd, string(rune('0'+n)))
			if _, err := db.One[string](context.Background(), database, `select tags from probe where id = $1`, odd); err != nil {
				t.Errorf("%q is not found again: %v", odd, err)
			}
		}
		all, err := db.All[string](context.Background(), database, `select id from probe order by tags`)
		if want := []string{"a\ufffdb", "c\ufffdd", "\ufffd", "e\ufffd"}; err != nil || !slices.Equal(all, want) {
			t.Errorf("kept %q, %v, want %q", all, err, want)
		}
	})
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		exec(t, database, table)
		told := false
		boom := errors.New("boom")
		err := database.Tx(ctx, func(tx *db.Tx) error {
			tx.After(func() { told = true })
			if _, err := db.Exec(ctx, tx, `insert into probe (id) values ('a')`); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || told {
			t.Fatalf("err %v, after ran %v", err, told)
		}
		if n, _ := db.One[int](ctx, database, `select count(*) from probe`); n != 0 {
			t.Fatalf("%d rows are left", n)
		}
		if err := database.Tx(ctx, func(tx *db.Tx) error { tx.After(func() { told = true }); return nil }); err != nil || !told {
			t.Fatalf("after a commit: %v, told %v", err, told)
		}
	})
}

func TestR43OldBinaryRefusesANewerSchema(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		exec(t, database, `insert into goose_db_version (version_id, is_applied) values (99999, true)`)
		err := database.Migrate(context.Background())
		if err == nil || !errors.Is(err, db.ErrNewerSchema) {
			t.Fatalf("a newer schema is accepted: %v", err)
		}
	})
}

func exec(t *testing.T, database *db.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(context.Background(), database, query, args...); err != nil {
		t.Fatal(err)
	}
}

func TestParametersReachTheirPlacesInAnyOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		exec(t, database, `create table pairs (a text, b text)`)
		exec(t, database, `insert into pairs (a, b) values `+db.Values(3, 2), "1", "2", "3", "4", "5", "6")
		exec(t, database, `insert into pairs (b, a) values ($2, $1)`, "7", "8")
		exec(t, database, `insert into pairs (a, b) values ($1, $1)`, "9")
		got, err := db.All[string](ctx, database, `select a || b from pairs order by a`)
		if want := []string{"12", "34", "56", "78", "99"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("stored %v, want %v (%v)", got, want, err)
		}
	})
}

// TestTheIndexThatNamesTheRowIsTaken asks SQLite how it would look up a post's targets: by the post, not by walking the
// workspace in the wanted order, as it would without being told how many rows a workspace has.
func TestTheIndexThatNamesTheRowIsTaken(t *testing.T) {
	database := dbtest.SQLite(t)
	type step struct {
		ID     int    `db:"id"`
		Parent int    `db:"parent"`
		Unused int    `db:"notused"`
		Detail string `db:"detail"`
	}
	for range 2 { // teaching again with the next start changes nothing
		steps, err := db.All[step](context.Background(), database, `explain query plan select * from targets where workspace_id = $1 and post_id = $2 order by due_at, channel_id, id`, "ws_1", "post_1")
		if err != nil || len(steps) == 0 || !strings.Contains(steps[0].Detail, "targets_by_post (workspace_id=? AND post_id=?)") {
			t.Fatalf("the plan is %+v (%v)", steps, err)
		}
		if err := database.Migrate(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}
