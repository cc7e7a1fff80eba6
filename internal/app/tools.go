package app

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Migrate brings the database to this version's schema.
func Migrate(ctx context.Context, c Config) error {
	if err := c.prepare(); err != nil {
		return err
	}
	database, err := db.Open(ctx, c.target())
	if err != nil {
		return err
	}
	defer database.Close()
	return database.Migrate(ctx)
}

// finding is one line of the doctor.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Words string `json:"words"`
	Mend  string `json:"mend,omitempty"`
}

// Doctor says what is wrong with an installation and how to mend it. It can run beside a running server.
func Doctor(ctx context.Context, c Config, out io.Writer, asJSON bool) error {
	var all []finding
	add := func(check string, err error, good, mend string) {
		f := finding{Check: check, OK: err == nil, Words: good}
		if err != nil {
			f.Words, f.Mend = err.Error(), mend
		}
		all = append(all, f)
	}
	info, err := os.Stat(c.Data)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = fmt.Errorf("others on this machine can read the data folder (%s)", info.Mode().Perm())
	}
	add("data folder", err, c.Data, "Make it with --data, and close it with: chmod 700 "+c.Data)
	if err == nil || info != nil {
		_, keyErr := secret.Load(c.Data, os.Getenv("BELLWETHER_SECRET_KEYS"))
		add("keys", keyErr, "the key file can be read", "Restore the key file from a backup; without it sealed tokens cannot be opened.")
		database, dbErr := db.Open(ctx, c.target())
		add("database", dbErr, string(engine(c)), "Check DATABASE_URL, that the server runs, and that its user may connect.")
		if dbErr == nil {
			defer database.Close()
			migrateErr := database.Migrate(ctx)
			add("schema", migrateErr, "is this version's", "Start the newer program, or restore the backup taken before the upgrade.")
			if migrateErr == nil {
				examine(ctx, database, add)
			}
		}
	}
	failed := 0
	for _, f := range all {
		if !f.OK {
			failed++
		}
		if asJSON {
			continue
		}
		mark := "ok  "
		if !f.OK {
			mark = "BAD "
		}
		fmt.Fprintf(out, "%s %-14s %s\n", mark, f.Check, f.Words)
		if f.Mend != "" {
			fmt.Fprintf(out, "     %-14s → %s\n", "", f.Mend)
		}
	}
	if asJSON {
		if err := json.NewEncoder(out).Encode(all); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(all))
	}
	return nil
}

func engine(c Config) db.Engine {
	if c.Database != "" {
		return db.Postgres
	}
	return db.SQLite
}

// examine looks at what the database says of the installation's health.
func examine(ctx context.Context, database *db.DB, add func(check string, err error, good, mend string)) {
	rows, err := db.All[time.Time](ctx, database, `select next_at from deliveries where next_at < $1 order by next_at limit 1`, db.Now().Add(-time.Minute))
	if err == nil && len(rows) > 0 {
		err = fmt.Errorf("a delivery has waited since %s", rows[0].Format(time.RFC3339))
	}
	add("journal", err, "nothing due waits", "Is the server running, with --role worker or all?")
	doubt, err := db.One[int](ctx, database, `select count(*) from deliveries where state = 'needs_human'`)
	if err == nil && doubt > 0 {
		err = fmt.Errorf("%d deliveries need a person's decision", doubt)
	}
	add("deliveries", err, "none needs a person", "Open Deliveries → Needs a person.")
	broken, err := db.All[string](ctx, database, `select c.name from channels c join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id
		where c.disconnected_at is null and n.state not in ('connected', 'expiring', 'limited') limit 20`)
	if err == nil && len(broken) > 0 {
		err = fmt.Errorf("to be reconnected: %s", strings.Join(broken, ", "))
	}
	add("channels", err, "all connected", "Reconnect them under Channels; their queues are kept.")
	stuck, err := db.One[int](ctx, database, `select count(*) from event_outbox where tries > 5`)
	if err == nil && stuck > 0 {
		err = fmt.Errorf("%d events keep failing", stuck)
	}
	add("events", err, "none keeps failing", "Look for “event consumer failed” in the log.")
	spaces := workspace.New(database, event.New(database))
	ids, err := spaces.All(ctx)
	entries := 0
	for _, workspaceID := range ids {
		broken, n, checkErr := spaces.CheckAudit(ctx, workspaceID)
		entries += n
		if checkErr == nil && broken != "" {
			checkErr = fmt.Errorf("the audit log of %s is broken at %s: an entry was changed or removed", workspaceID, broken)
		}
		err = errors.Join(err, checkErr)
	}
	add("audit log", err, fmt.Sprintf("%d entries, unbroken", entries), "Compare with a backup; somebody has changed the database by hand.")
	guard, err := db.All[string](ctx, database, `select value from instance_settings where key = 'restore_guard'`)
	if err == nil && len(guard) > 0 && guard[0] != "" {
		err = errors.New(guard[0])
	}
	add("restore guard", err, "not set", "When the original is off for good, run: bellwether release")
}

// Backup writes a consistent copy of a SQLite installation while it runs: database, keys and media.
func Backup(ctx context.Context, c Config, to string) (string, error) {
	if c.Database != "" {
		return "", errors.New("on PostgreSQL, back the database up with pg_dump and the data folder with your usual tools; docs/operations.md says how")
	}
	database, err := db.Open(ctx, c.target())
	if err != nil {
		return "", err
	}
	defer database.Close()
	copyOf := filepath.Join(c.Data, "backup.db.tmp")
	_ = os.Remove(copyOf)
	defer os.Remove(copyOf)
	if _, err := database.Writer().ExecContext(ctx, `vacuum into ?`, copyOf); err != nil {
		return "", fmt.Errorf("copy the database: %w", err)
	}
	partial := to + ".part"
	out, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer os.Remove(partial)
	defer out.Close()
	z := gzip.NewWriter(out)
	t := tar.NewWriter(z)
	n, err := writeTree(t, c.Data, copyOf)
	if err := errors.Join(err, t.Close(), z.Close(), out.Sync()); err != nil {
		return "", fmt.Errorf("write the backup: %w", err)
	}
	if err := os.Rename(partial, to); err != nil {
		return "", err
	}
	return fmt.Sprintf("wrote %s: the database and %d files. It holds the keys: keep it as safe as a password.", to, n), nil
}

// writeTree puts the database's copy and everything else of the data folder into the archive.
func writeTree(t *tar.Writer, dir, database string) (n int, err error) {
	if err := addFile(t, database, "bellwether.db"); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if name == "lock" || strings.HasPrefix(name, "bellwether.db") || strings.HasPrefix(name, "backup.db") {
			return nil
		}
		n++
		err = addFile(t, path, filepath.ToSlash(name))
		if errors.Is(err, fs.ErrNotExist) { // a spool segment that was stored meanwhile
			return nil
		}
		return err
	})
	return n, err
}

func addFile(t *tar.Writer, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	raw, err := io.ReadAll(f) // files here are at most as large as an upload, and a growing one must not tear the archive
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(raw)), ModTime: time.Now()}); err != nil {
		return err
	}
	_, err = t.Write(raw)
	return err
}

// Restore unpacks a backup into an empty data folder. The copy sends nothing until released: the original may still be
// running, and both would publish the same posts (R44).
func Restore(ctx context.Context, c Config, from string) (string, error) {
	if c.Database != "" {
		return "", errors.New("a file backup is of a SQLite installation; restore PostgreSQL with pg_restore, then run: bellwether release")
	}
	if err := c.prepare(); err != nil {
		return "", err
	}
	if _, err := os.Stat(c.target()); err == nil {
		return "", fmt.Errorf("%s holds a database already; restore into an empty folder", c.Data)
	}
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		return "", fmt.Errorf("%s is not a backup of Bellwether: %w", from, err)
	}
	root, err := os.OpenRoot(c.Data)
	if err != nil {
		return "", err
	}
	defer root.Close()
	n, err := unpack(tar.NewReader(z), root)
	if err != nil {
		return "", fmt.Errorf("unpack %s: %w", from, err)
	}
	database, err := db.Open(ctx, c.target())
	if err != nil {
		return "", err
	}
	defer database.Close()
	if err := database.Migrate(ctx); err != nil {
		return "", err
	}
	why := "restored on " + db.Now().Format("2 January 2006, 15:04 UTC") + " from " + filepath.Base(from) + "; nothing is sent until it is released"
	if _, err := db.Exec(ctx, database, `insert into instance_settings (key, value) values ('restore_guard', $1) on conflict (key) do update set value = excluded.value`, why); err != nil {
		return "", err
	}
	return fmt.Sprintf("restored %d files. This copy sends nothing. When the original is off for good, run: bellwether release", n), nil
}

// unpack writes regular files below root only; no name can lead out of it (S9).
func unpack(t *tar.Reader, root *os.Root) (n int, err error) {
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if dir := filepath.Dir(h.Name); dir != "." {
			if err := root.MkdirAll(dir, 0o700); err != nil {
				return n, err
			}
		}
		f, err := root.OpenFile(h.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return n, err
		}
		_, err = io.Copy(f, t)
		if err := errors.Join(err, f.Close()); err != nil {
			return n, err
		}
		n++
	}
}

// ReleaseRestoreGuard lets a restored copy send. What came due meanwhile is late and asks first.
func ReleaseRestoreGuard(ctx context.Context, c Config) error {
	database, err := db.Open(ctx, c.target())
	if err != nil {
		return err
	}
	defer database.Close()
	_, err = db.Exec(ctx, database, `delete from instance_settings where key = 'restore_guard'`)
	return err
}
