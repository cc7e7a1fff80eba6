package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewerSchema says that a newer program has upgraded this database.
var ErrNewerSchema = errors.New("the database belongs to a newer Bellwether")

// Migrate brings the schema forward to this program's. It refuses a database that a newer program has touched.
func (d *DB) Migrate(ctx context.Context) error {
	provider, err := d.migrator()
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	if at, err := provider.GetDBVersion(ctx); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	} else if at > newest {
		return fmt.Errorf("%w: this database has schema %d, and this program knows schemas up to %d; "+
			"start the newer Bellwether, or restore the backup taken before the upgrade", ErrNewerSchema, at, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema: %w", err)
	}
	if err := d.migrateJobs(ctx); err != nil {
		return err
	}
	return d.teach(ctx)
}

// teach tells SQLite's planner what it cannot guess: a workspace's rows are many. Without, it takes any index that
// begins with the workspace for as good as one that names the row, and walks the whole workspace to save a sort.
func (d *DB) teach(ctx context.Context) error {
	if d.engine != SQLite {
		return nil
	}
	return d.Tx(ctx, func(tx *Tx) error {
		for _, q := range []string{"analyze goose_db_version", "delete from sqlite_stat1"} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("teach the planner: %w", err)
			}
		}
		indexes, err := All[struct {
			Table   string `db:"tbl"`
			Name    string `db:"idx"`
			Unique  bool   `db:"one"`
			Columns int    `db:"columns"`
		}](ctx, tx, `select t.name as tbl, i.name as idx, i."unique" as one, (select count(*) from pragma_index_info(i.name)) as columns
			from sqlite_schema t, pragma_index_list(t.name) i where t.type = 'table' and (select c.name from pragma_index_info(i.name) c where c.seqno = 0) = 'workspace_id'`)
		if err != nil {
			return err
		}
		for _, i := range indexes {
			stat := "100000 50000" // rows, rows of one workspace, rows of one more column each
			for n := 1; n < i.Columns; n++ {
				stat += []string{" 20", " 5", " 2"}[min(n-1, 2)]
			}
			if i.Unique {
				stat = stat[:strings.LastIndex(stat, " ")] + " 1"
			}
			if _, err := Exec(ctx, tx, `insert into sqlite_stat1 (tbl, idx, stat) values ($1, $2, $3)`, i.Table, i.Name, stat); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "analyze sqlite_schema")
		return err
	})
}

func (d *DB) migrator() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if d.engine == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, d.write, files, d.ofEngine())
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, d.write, files, goose.WithSessionLocker(locker), d.ofEngine())
}

func (d *DB) migrateJobs(ctx context.Context) error {
	var err error
	if d.engine == SQLite {
		var m *rivermigrate.Migrator[*sql.Tx]
		if m, err = rivermigrate.New(riversqlite.New(d.write), nil); err == nil {
			_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
	} else {
		var m *rivermigrate.Migrator[pgx.Tx]
		if m, err = rivermigrate.New(riverpgxv5.New(d.pool), nil); err == nil {
			_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
	}
	if err != nil {
		return fmt.Errorf("migrate the job tables: %w", err)
	}
	return nil
}
