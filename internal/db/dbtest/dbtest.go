// Package dbtest gives tests a migrated database on each engine.
//
// Migrating happens once (per test program on SQLite, per test server on PostgreSQL); every test then gets a copy.
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync"
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
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	content, err := migratedFile()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "bellwether.db")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, file)
}

// Postgres returns a fresh migrated PostgreSQL database.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL returns the address of a fresh migrated PostgreSQL database, for what opens it by itself.
func PostgresURL(t testing.TB) string {
	t.Helper()
	schema, err := schemaKey()
	if err != nil {
		t.Fatal(err)
	}
	return pgtest.Copy(t, schema, migrate)
}

func open(t testing.TB, target string) *db.DB {
	t.Helper()
	database, err := db.Open(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	return database
}

func migrate(target string) error {
	database, err := db.Open(context.Background(), target)
	if err != nil {
		return err
	}
	defer database.Close()
	return database.Migrate(context.Background())
}

// migratedFile is an empty database with the schema, closed and whole.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "bellwether-schema-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "bellwether.db")
	if err := migrate(file); err != nil {
		return nil, err
	}
	if _, err := os.Stat(file + "-wal"); err == nil {
		return nil, errors.New("the migrated database was not closed whole")
	}
	return os.ReadFile(file)
})

// schemaKey changes whenever a migrated database would look different: with our migrations, how they are run, and the
// versions of the libraries that bring their own.
var schemaKey = sync.OnceValues(func() (string, error) {
	root, err := os.Getwd() // tests run in their package's folder
	if err != nil {
		return "", err
	}
	for ; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return "", errors.New("the tests run outside the repository")
		}
	}
	folder := filepath.Join(root, "internal", "db")
	files, err := filepath.Glob(filepath.Join(folder, "migrations", "*.sql"))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, f := range append(files, filepath.Join(folder, "migrate.go"), filepath.Join(root, "go.sum")) {
		content, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		_, _ = sum.Write([]byte(filepath.Base(f) + "\x00"))
		_, _ = sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
})
