package pgtest_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/bellwether-social/bellwether/internal/pgtest"
	"github.com/jackc/pgx/v5"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	return c
}

func count(t *testing.T, c *pgx.Conn, query string, args ...any) int {
	t.Helper()
	var n int
	if err := c.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestEachTestHasAnEmptyDatabaseOfItsOwn(t *testing.T) {
	first, second := pgtest.URL(t), pgtest.URL(t)
	if first == second {
		t.Fatal("two databases with one address")
	}
	a, b := connect(t, first), connect(t, second)
	if _, err := a.Exec(t.Context(), "create table post (id text)"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, b, "select count(*) from pg_tables where schemaname = 'public'"); n != 0 {
		t.Errorf("the second database holds %d tables of the first", n)
	}
}

func TestDatabaseIsDroppedWhenItsTestEnds(t *testing.T) {
	var name string
	t.Run("a test", func(t *testing.T) {
		url := pgtest.URL(t)
		name = url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
		connect(t, url) // still open at the end: the drop must not wait for it
	})
	c := connect(t, pgtest.URL(t))
	if n := count(t, c, "select count(*) from pg_database where datname = $1", name); n != 0 {
		t.Errorf("database %s outlived its test", name)
	}
}

func TestCopiesArePreparedOnce(t *testing.T) {
	var mu sync.Mutex
	prepared := 0
	key := "copies " + t.Name() + pgtest.URL(t) // a new key, because the server outlives this program
	prepare := func(url string) error {
		mu.Lock()
		defer mu.Unlock()
		prepared++
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			return err
		}
		_, err = c.Exec(t.Context(), "create table post (id text); insert into post values ('one')")
		return errors.Join(err, c.Close(t.Context()))
	}
	for range 3 {
		c := connect(t, pgtest.Copy(t, key, prepare))
		if n := count(t, c, "select count(*) from post"); n != 1 {
			t.Errorf("a copy holds %d posts, want the 1 that was prepared", n)
		}
		if _, err := c.Exec(t.Context(), "insert into post values ('two')"); err != nil {
			t.Fatal(err)
		}
	}
	if prepared != 1 {
		t.Errorf("prepared %d times, want once", prepared)
	}
}
