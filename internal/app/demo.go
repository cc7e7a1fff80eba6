package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/bellwether-social/bellwether/internal/demo"
)

// DemoOptions are what a person chooses about the demonstration.
type DemoOptions struct {
	Speed int  // how many times faster than real time the sample public lives
	Reset bool // forget the sample workspace and make it anew
}

// RunDemo serves a living sample workspace from a folder of its own, on SQLite and the sandbox alone.
func RunDemo(ctx context.Context, c Config, o DemoOptions, ready func(url, link string)) error {
	c.Data, c.Database, c.S3, c.SMTP, c.Role = filepath.Join(c.Data, "demo"), "", "", "", "all"
	if o.Reset {
		if err := os.RemoveAll(c.Data); err != nil {
			return err
		}
	}
	a, err := build(ctx, c, max(o.Speed, 1))
	if err != nil {
		return err
	}
	user, err := demo.Make(ctx, demo.Rooms{DB: a.DB, Accounts: a.Accounts, Workspaces: a.Workspaces, Channels: a.Channels, Posts: a.Posts, Campaigns: a.Campaigns, Goals: a.Goals, Links: a.Links,
		Track: a.Track, Orders: a.Orders, Attribution: a.Attribution, Metrics: a.Metrics, Audiences: a.Audiences, Inbox: a.Inbox, Journal: a.Journal, Natives: a.Natives, Thresholds: a.Thresholds, Library: a.Library, World: a.World})
	if err != nil {
		a.Close()
		return err
	}
	token, err := a.Accounts.Link(ctx, user.ID, "demo", 24*time.Hour)
	if err != nil {
		a.Close()
		return err
	}
	return a.Run(ctx, func(url string) { ready(url, a.URL.JoinPath("sign-in", "link", token).String()) })
}
