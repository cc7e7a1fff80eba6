// Package dbtest gives tests a migrated database on each engine.
package dbtest

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/pgtest"
)

// Each runs the test once per engine, on a fresh migrated database. PostgreSQL is skipped where it is not
// installed, and required in CI.
func Each(t *testing.T, run func(t *testing.T, database *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, Postgres(t)) })
}

// SQLite returns a fresh migrated SQLite database.
func SQLite(t testing.TB) *db.DB { return open(t, filepath.Join(t.TempDir(), "bellwether.db")) }

// Postgres returns a fresh migrated PostgreSQL database.
func Postgres(t testing.TB) *db.DB { return open(t, pgtest.URL(t)) }

func open(t testing.TB, target string) *db.DB {
	t.Helper()
	database, err := db.Open(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	if err := database.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return database
}
