package main

import (
	"context"
	"fmt"
	"os"

	"github.com/bellwether-social/bellwether/internal/app"
)

type serveCommand struct{}

// Run serves until the context ends.
func (serveCommand) Run(ctx context.Context, config *app.Config) error {
	a, err := app.New(ctx, *config)
	if err != nil {
		return err
	}
	return a.Run(ctx, func(url string) { fmt.Println("listening on " + url) })
}

type demoCommand struct {
	Speed int  `help:"How many times faster than real time the sample public lives." default:"60"`
	Reset bool `help:"Forget the sample workspace and make it anew."`
}

// Run serves the sample workspace from a folder of its own.
func (d demoCommand) Run(ctx context.Context, config *app.Config) error {
	return app.RunDemo(ctx, *config, app.DemoOptions{Speed: d.Speed, Reset: d.Reset}, func(url, link string) {
		fmt.Println("listening on " + url)
		fmt.Println("sign in at " + link)
	})
}

type migrateCommand struct{}

// Run migrates and stops.
func (migrateCommand) Run(ctx context.Context, config *app.Config) error {
	return app.Migrate(ctx, *config)
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	_, err := fmt.Println("bellwether " + app.Version())
	return err
}

type doctorCommand struct {
	JSON bool `help:"Print as JSON."`
}

// Run prints one line a check and fails when one of them does.
func (d doctorCommand) Run(ctx context.Context, config *app.Config) error {
	return app.Doctor(ctx, *config, os.Stdout, d.JSON)
}
