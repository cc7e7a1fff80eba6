package db_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
)

// TestG11CallersShareACommitAndNotTheirFailures lets many change at once: one in four fails after it has written, one
// panics, one gives up in the middle. Everybody else's row is there when their Tx returns, and nothing of those is.
func TestG11CallersShareACommitAndNotTheirFailures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		exec(t, database, table)
		boom := errors.New("boom")
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				id := fmt.Sprintf("row-%02d", i)
				told := false
				change := func() (err error) {
					defer func() {
						if p := recover(); p != nil {
							err = fmt.Errorf("panic %v", p)
						}
					}()
					return database.Tx(ctx, func(tx *db.Tx) error {
						tx.After(func() { told = true })
						if _, err := db.Exec(ctx, tx, `insert into probe (id) values ($1)`, id); err != nil {
							return err
						}
						switch i % 8 {
						case 1, 5:
							return boom
						case 2:
							panic("half-way")
						case 3:
							cancel()
							_, err := db.Exec(ctx, tx, `insert into probe (id) values ($1)`, id+"-more")
							return err
						}
						return nil
					})
				}
				err := change()
				stays := i%8 == 0 || i%8 == 4 || i%8 > 5
				if stays != (err == nil) || told != stays {
					t.Errorf("%s: %v, told %v", id, err, told)
				}
				n, err := db.One[int](context.Background(), database, `select count(*) from probe where id = $1`, id)
				if err != nil || (n == 1) != stays {
					t.Errorf("%s is stored %d times (%v), it should be: %v", id, n, err, stays)
				}
			})
		}
		all.Wait()
		if n, err := db.One[int](context.Background(), database, `select count(*) from probe`); err != nil || n != 32 {
			t.Errorf("%d rows are stored, want 32 (%v)", n, err)
		}
	})
}

// TestALostTransactionIsTakenFromAllWhoSharedIt makes one caller's statement end the whole transaction, as a full disk
// does: nobody in it is told that it is stored, and the next one works again.
func TestALostTransactionIsTakenFromAllWhoSharedIt(t *testing.T) {
	database := dbtest.SQLite(t)
	exec(t, database, table)
	ctx := context.Background()
	inside, goOn := make(chan struct{}), make(chan struct{})
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		first <- database.Tx(ctx, func(tx *db.Tx) error {
			close(inside)
			<-goOn
			_, err := db.Exec(ctx, tx, `insert into probe (id) values ('first')`)
			return err
		})
	}()
	<-inside
	go func() {
		second <- database.Tx(ctx, func(tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `insert or rollback into probe (id) values ('first')`)
			return err
		})
	}()
	for database.Waiting() == 0 {
		runtime.Gosched()
	}
	close(goOn)
	if one, two := <-first, <-second; one == nil || two == nil {
		t.Errorf("the two were told %v and %v, and nothing is stored", one, two)
	}
	if n, err := db.One[int](ctx, database, `select count(*) from probe`); err != nil || n != 0 {
		t.Errorf("%d rows (%v)", n, err)
	}
	if err := database.Tx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `insert into probe (id) values ('next')`)
		return err
	}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestKeptStatementsFollowTheSchema asks the same again after the table has another shape, inside the rows of itself,
// and more different things than a connection keeps.
func TestKeptStatementsFollowTheSchema(t *testing.T) {
	database := dbtest.SQLite(t)
	ctx := context.Background()
	exec(t, database, `create table shape (a text)`)
	exec(t, database, `insert into shape (a) values ('1')`)
	ask := func() string {
		rows, err := database.Writer().QueryContext(ctx, `select * from shape`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		return fmt.Sprint(columns, n)
	}
	for range 2 {
		if got := ask(); got != "[a] 1" {
			t.Errorf("at first %s", got)
		}
	}
	exec(t, database, `alter table shape add column b text not null default 'x'`)
	exec(t, database, `insert into shape (a) values ('2')`)
	if got := ask(); got != "[a b] 2" {
		t.Errorf("after the change %s", got)
	}
	err := database.Tx(ctx, func(tx *db.Tx) error {
		outer, err := tx.QueryContext(ctx, `select a from shape order by a`)
		if err != nil {
			return err
		}
		defer outer.Close()
		var seen []string
		for outer.Next() {
			var a string
			if err := outer.Scan(&a); err != nil {
				return err
			}
			inner, err := db.All[string](ctx, tx, `select a from shape order by a`)
			if err != nil {
				return err
			}
			seen = append(seen, a+":"+strings.Join(inner, ","))
		}
		if got := strings.Join(seen, " "); got != "1:1,2 2:1,2" {
			t.Errorf("a query within its own rows read %s", got)
		}
		return outer.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 600 {
		if n, err := db.One[int](ctx, database, fmt.Sprintf(`select %d from shape limit 1`, i)); err != nil || n != i {
			t.Fatalf("question %d is answered %d (%v)", i, n, err)
		}
	}
}

// TestTheLogStaysSmallUnderSteadyWriting has callers write without pause, many times what is let into the log: it is
// begun anew again and again, and all is there.
func TestTheLogStaysSmallUnderSteadyWriting(t *testing.T) {
	ctx, file := context.Background(), filepath.Join(t.TempDir(), "log.db")
	database, err := db.Open(ctx, file)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	exec(t, database, `create table filled (id text primary key, words text)`)
	var all sync.WaitGroup
	for caller := range 4 {
		all.Go(func() {
			for i := range 1500 {
				if err := database.Tx(ctx, func(tx *db.Tx) error {
					_, err := db.Exec(ctx, tx, `insert into filled (id, words) values ($1, $2)`, fmt.Sprintf("%x", sha256.Sum256([]byte{byte(caller), byte(i), byte(i >> 8)})), strings.Repeat("words ", 1000))
					return err
				}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if n, err := db.One[int](ctx, database, `select count(*) from filled`); err != nil || n != 6000 {
		t.Errorf("%d rows (%v)", n, err)
	}
	log, err := os.Stat(file + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if log.Size() > 40<<20 { // 36 MB are stored, and each row touches several pages
		t.Errorf("the log has grown to %d MB", log.Size()>>20)
	}
	t.Logf("the log has %d MB", log.Size()>>20)
}
