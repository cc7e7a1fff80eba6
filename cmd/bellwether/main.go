// Command bellwether is the whole platform in one binary: web, API, workers and the tools around them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/bellwether-social/bellwether/internal/app"
)

// commands is the command line; every flag has an environment variable of the same name.
type commands struct {
	app.Config
	Serve   serveCommand   `cmd:"" help:"Run Bellwether."`
	Demo    demoCommand    `cmd:"" help:"Run a living sample workspace on the built-in sandbox network; nothing leaves this machine."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this version's schema and stop."`
	Doctor  doctorCommand  `cmd:"" help:"Say what is wrong with this installation and how to mend it."`
	Backup  backupCommand  `cmd:"" help:"Write a consistent backup of database, keys and media while Bellwether runs."`
	Restore restoreCommand `cmd:"" help:"Restore a backup into an empty data folder; publishing stays stopped until released."`
	Release releaseCommand `cmd:"" help:"Let a restored copy publish, after checking that the original is off."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

func main() {
	var c commands
	parsed := kong.Parse(&c, kong.Name("bellwether"), kong.UsageOnError(),
		kong.Description("Social media management and marketing, self-hosted."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(&c.Config); err != nil {
		fmt.Fprintln(os.Stderr, "bellwether:", err)
		os.Exit(1)
	}
}
