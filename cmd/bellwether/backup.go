package main

import (
	"context"
	"fmt"

	"github.com/bellwether-social/bellwether/internal/app"
)

type backupCommand struct {
	To string `arg:"" help:"File to write, for example bellwether-2027-03-28.tar.gz."`
}

// Run writes the backup.
func (b backupCommand) Run(ctx context.Context, config *app.Config) error {
	summary, err := app.Backup(ctx, *config, b.To)
	if err != nil {
		return err
	}
	_, err = fmt.Println(summary)
	return err
}

type restoreCommand struct {
	From string `arg:"" help:"Backup file to restore."`
}

// Run restores the backup.
func (r restoreCommand) Run(ctx context.Context, config *app.Config) error {
	summary, err := app.Restore(ctx, *config, r.From)
	if err != nil {
		return err
	}
	_, err = fmt.Println(summary)
	return err
}

type releaseCommand struct{}

// Run lifts the restore guard.
func (releaseCommand) Run(ctx context.Context, config *app.Config) error {
	return app.ReleaseRestoreGuard(ctx, *config)
}
