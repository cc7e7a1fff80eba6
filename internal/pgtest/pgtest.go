package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// errNotInstalled says that this machine cannot run a PostgreSQL server at all.
var errNotInstalled = errors.New("PostgreSQL is not installed (tool/setup.sh installs it)")

// URL returns the postgres:// address of a new, empty database, dropped when the test ends. Without PostgreSQL the
// test is skipped, except where CI is set: there it fails, so that no check disappears silently.
func URL(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

// Copy returns the address of a new database with the contents that prepare wrote, dropped when the test ends.
// Preparing happens once per cluster for each key, so a key must change whenever what prepare writes changes: a hash
// of the migrations, say. Prepare must close every connection it opened.
func Copy(t testing.TB, key string, prepare func(url string) error) string {
	t.Helper()
	admin := server(t)
	template := "bw_template_" + hexOf(key)
	if err := onAdmin(t.Context(), admin, func(ctx context.Context, c *pgx.Conn) error {
		return ensureTemplate(ctx, c, admin, template, prepare)
	}); err != nil {
		t.Fatalf("prepare the template database for %q: %v", key, err)
	}
	return create(t, template)
}

// ensureTemplate makes the template under a lock held by this connection. It is built under another name and renamed
// when whole, so that an interrupted preparation is never taken for a finished one.
func ensureTemplate(ctx context.Context, c *pgx.Conn, admin, template string, prepare func(url string) error) error {
	const lock = 7_161_905_411
	if _, err := c.Exec(ctx, "select pg_advisory_lock($1)", lock); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	var there bool
	if err := c.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", template).Scan(&there); err != nil {
		return fmt.Errorf("look for the template: %w", err)
	}
	if there {
		return nil
	}
	draft := template + "_draft"
	if _, err := c.Exec(ctx, "drop database if exists "+draft+" with (force)"); err != nil {
		return fmt.Errorf("drop the old draft: %w", err)
	}
	if _, err := c.Exec(ctx, "create database "+draft+" template template0"); err != nil {
		return fmt.Errorf("create the draft: %w", err)
	}
	if err := prepare(withDatabase(admin, draft)); err != nil {
		return err
	}
	if _, err := c.Exec(ctx, "alter database "+draft+" rename to "+template); err != nil {
		return fmt.Errorf("name the template: %w", err)
	}
	return nil
}

func create(t testing.TB, template string) string {
	t.Helper()
	admin := server(t)
	name := "bw_test_" + randomHex(10)
	if err := onAdmin(t.Context(), admin, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "create database "+name+" template "+template)
		return err
	}); err != nil {
		t.Fatalf("create the test database: %v", err)
	}
	t.Cleanup(func() {
		if err := onAdmin(context.Background(), admin, func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, "drop database if exists "+name+" with (force)")
			return err
		}); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return withDatabase(admin, name)
}

// server returns the address of the server's own database, starting the server if need be.
func server(t testing.TB) string {
	t.Helper()
	if set := os.Getenv("BELLWETHER_TEST_POSTGRES"); set != "" {
		return set
	}
	admin, err := running()
	if errors.Is(err, errNotInstalled) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("start a PostgreSQL server for the tests: %v", err)
	}
	return admin
}

func onAdmin(ctx context.Context, admin string, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	return do(ctx, c)
}

func withDatabase(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil {
		panic(fmt.Sprintf("BELLWETHER_TEST_POSTGRES is not a postgres:// address: %v", err))
	}
	u.Path = "/" + name
	return u.String()
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails: crypto/rand aborts the program instead
	return hex.EncodeToString(b)
}

// hexOf makes any key a word that needs no quotes in SQL and fits in PostgreSQL's 63 bytes.
func hexOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}
