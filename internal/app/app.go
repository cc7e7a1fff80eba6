package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/api"
	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/attribution"
	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/hook"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/limit"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/native"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/all"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/notify"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/threshold"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/web"
	"github.com/bellwether-social/bellwether/internal/web/follow"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// App is a whole Bellwether.
type App struct {
	Config      Config
	URL         *url.URL // public address
	DB          *db.DB
	Events      *event.Events
	Jobs        *job.Jobs
	Keys        *secret.Keys
	HTTP        *safehttp.Client
	Blobs       blob.Store
	Mail        mail.Sender
	World       *sandbox.World
	Networks    *network.Registry
	Accounts    *account.Accounts
	Workspaces  *workspace.Workspaces
	Channels    *channel.Channels
	Contacts    *contact.Contacts
	Library     *asset.Library
	Links       *link.Links
	Track       *track.Track
	Orders      *customer.Orders
	Attribution *attribution.Attribution
	Campaigns   *campaign.Campaigns
	Goals       *strategy.Goals
	Metrics     *metric.Metrics
	Audiences   *audience.Audiences
	Posts       *post.Posts
	Journal     *delivery.Journal
	Inbox       *inbox.Inbox
	Natives     *native.Posts
	Preflight   *preflight.Checks
	Thresholds  *threshold.Actions
	Insight     *insight.Insight
	Notices     *notify.Notices
	API         *api.API
	Web         *web.Server

	listener net.Listener
	lock     *os.File
	setup    string // code needed for the first set-up, "" = none
	alone    bool
	speed    int // how many times faster than real time the sandbox's public lives
}

// New opens the data folder and builds every part. It starts nothing.
func New(ctx context.Context, c Config) (*App, error) {
	return build(ctx, c, 1)
}

func build(ctx context.Context, c Config, speed int) (*App, error) {
	setLog(c.Log)
	if err := c.prepare(); err != nil {
		return nil, fmt.Errorf("open the data folder %s: %w", c.Data, err)
	}
	a := &App{Config: c, speed: speed, alone: c.Database == ""}
	if a.alone {
		var err error
		if a.lock, err = lockFolder(c.Data); err != nil {
			return nil, err
		}
	}
	if err := a.open(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	c := a.Config
	var err error
	if a.listener, err = net.Listen("tcp", c.Addr); err != nil {
		return fmt.Errorf("listen on %s: %w", c.Addr, err)
	}
	address := c.URL
	if address == "" {
		address = "http://" + reachable(a.listener.Addr().(*net.TCPAddr))
	}
	if a.URL, err = url.Parse(strings.TrimSuffix(address, "/")); err != nil || a.URL.Host == "" {
		return fmt.Errorf("the public address %q must look like https://social.example.org", address)
	}
	if a.DB, err = db.Open(ctx, c.target()); err != nil {
		return err
	}
	if err := a.DB.Migrate(ctx); err != nil {
		return err
	}
	if a.Keys, err = secret.Load(c.Data, os.Getenv("BELLWETHER_SECRET_KEYS")); err != nil {
		return err
	}
	allow, err := safehttp.ParseAllow(c.Private...)
	if err != nil {
		return err
	}
	a.HTTP = safehttp.New(safehttp.Policy{Allow: allow})
	if a.Blobs, err = a.store(); err != nil {
		return err
	}
	if a.Mail, err = mail.Open(secret.NewText(c.SMTP), c.MailFrom, c.Data); err != nil {
		return err
	}
	if a.Accounts, err = account.New(a.DB, a.Keys, a.URL.String()); err != nil {
		return err
	}
	if err := a.rooms(ctx); err != nil {
		return err
	}
	for _, catchUp := range []func(context.Context) error{a.Contacts.CatchUp, a.Posts.CatchUp, a.Inbox.CatchUp} { // what a migration has left to be found
		if err := catchUp(ctx); err != nil {
			return err
		}
	}
	return nil
}

// rooms builds the rooms from the lower lines of the house to the upper ones.
func (a *App) rooms(ctx context.Context) error {
	a.World = sandbox.NewWorld(20270328, db.Now).Faster(a.speed)
	if err := a.loadWorld(ctx); err != nil {
		return err
	}
	a.Networks = all.Networks(a.World, a.Config.Gateways)
	a.Events, a.Jobs = event.New(a.DB), job.New(a.DB)
	a.Workspaces = workspace.New(a.DB, a.Events)
	a.Channels = channel.New(a.DB, a.Events, a.Keys, a.Networks, a.HTTP)
	a.Channels.Reachable(a.URL)
	a.Contacts = contact.New(a.DB)
	a.Metrics = metric.New(a.DB, a.Events, a.Channels).Faster(a.speed)
	a.Goals = strategy.New(a.DB, a.Events)
	a.Campaigns = campaign.New(a.DB, a.Events)
	a.Links = link.New(a.DB, a.Events, a.URL)
	a.Library = asset.New(a.DB, a.Blobs)
	var err error
	if a.Track, err = track.New(a.DB, a.Events, filepath.Join(a.Config.Data, "spool")); err != nil {
		return err
	}
	a.Orders = customer.New(a.DB, a.Events, a.Contacts)
	a.Attribution = attribution.New(a.DB, a.Events, a.Orders, a.Track)
	a.Posts = post.New(a.DB, a.Events, a.Channels, a.Links, a.Library)
	a.Journal = delivery.New(a.DB, a.Events, a.Channels, a.Posts, a.Library.Open)
	if a.Config.URL != "" { // without a public address, nobody outside reaches us
		a.Library.Reachable(a.Keys, a.URL)
	}
	a.Journal.Reach(a.Library.Address)
	a.Inbox = inbox.New(a.DB, a.Events, a.Channels, a.Contacts, a.Posts, a.Metrics, sender{a.Journal})
	a.Journal.Tell(a.Inbox, a.Metrics)
	a.Natives = native.New(a.DB, a.Channels, a.Posts, a.Metrics, a.Journal, a.Inbox)
	a.Preflight = preflight.New(a.DB, a.Events, a.Channels, a.Posts, a.Links, a.Journal, a.Library, a.HTTP)
	a.Thresholds = threshold.New(a.DB, a.Events, a.Channels, a.Posts, a.Journal)
	a.Insight = insight.New(a.DB)
	a.Audiences = audience.New(a.DB, a.Events, a.Channels)
	a.Notices = notify.New(a.DB, a.Events, a.Jobs, a.Workspaces, a.Mail, a.URL)
	a.Accounts.Write(a.Jobs, a.Mail)
	a.listen()
	a.work()
	if err := a.Jobs.Open(); err != nil {
		return err
	}
	return a.serve(ctx)
}

// sender lets the inbox answer through the journal without knowing it.
type sender struct{ journal *delivery.Journal }

func (s sender) Reply(ctx context.Context, tx *db.Tx, o inbox.ReplyOrder) (string, error) {
	return s.journal.Reply(ctx, tx, delivery.ReplyOrder{WorkspaceID: o.WorkspaceID, ChannelID: o.ChannelID, MessageID: o.MessageID, Reply: o.Reply, ResponsibleID: o.ResponsibleID, By: o.Actor, Private: o.Private, Until: o.Until})
}

func (s sender) Act(ctx context.Context, tx *db.Tx, o inbox.ActOrder) (string, error) {
	return s.journal.Act(ctx, tx, delivery.ActOrder{WorkspaceID: o.WorkspaceID, ChannelID: o.ChannelID, MessageID: o.MessageID, Act: o.Act, On: o.On, ResponsibleID: o.ResponsibleID, By: o.Actor})
}

// serve builds the web server and the API.
func (a *App) serve(ctx context.Context) error {
	var proxies []netip.Prefix
	for _, p := range a.Config.Proxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			return fmt.Errorf("the proxy %q must be an address range such as 127.0.0.1/32", p)
		}
		proxies = append(proxies, prefix)
	}
	any, err := a.Accounts.Any(ctx)
	if err != nil {
		return err
	}
	if !any && !loopback(a.listener) {
		if a.setup, err = a.setupCode(ctx); err != nil {
			return err
		}
	}
	desk := &follow.Desk{Links: a.Links, Track: a.Track, Host: strings.ToLower(a.URL.Host), Rate: limit.PerMinute(a.Config.HitRate, time.Now)}
	public := desk.Handlers()
	maps.Copy(public, (&hook.Desk{Channels: a.Channels, Wake: a.pollNow, URL: a.URL}).Handlers())
	public["GET /healthz"] = http.HandlerFunc(a.health)
	public["GET /api"] = http.RedirectHandler(api.Prefix+"/docs", http.StatusFound)
	house := &page.House{Accounts: a.Accounts, Workspaces: a.Workspaces, Keys: a.Keys, URL: a.URL, Unread: a.Notices.Unread, Counts: a.counts}
	var server *web.Server
	a.API = api.New(api.Rooms{Posts: a.Posts, Channels: a.Channels, Inbox: a.Inbox, Links: a.Links, Track: a.Track, Orders: a.Orders, Attribution: a.Attribution, Campaigns: a.Campaigns,
		Goals: a.Goals, Insight: a.Insight, Audiences: a.Audiences, Journal: a.Journal, Preflight: a.Preflight, Thresholds: a.Thresholds, Once: workspace.NewOnce(a.DB), Authenticate: func(ctx context.Context, token string) (workspace.Actor, error) {
			return a.Workspaces.ActorOfKey(ctx, token, web.AddressOf(ctx))
		}, Address: web.AddressOf, Limits: api.Limits{Key: limit.PerMinute(a.Config.KeyRate, time.Now), Workspace: limit.PerMinute(a.Config.APIRate, time.Now),
			Stranger: limit.PerMinute(a.Config.GuessRate, time.Now)}}, Version())
	server = web.New(web.Config{House: house, Events: a.Events, Routes: a.routes(), API: a.API, Public: public, Proxies: proxies})
	desk.Address = server.Address
	a.Web = server
	return nil
}

// Run serves until ctx ends, then stops in order: no new work, what is under way ends, then the doors close.
func (a *App) Run(ctx context.Context, ready func(url string)) error {
	defer a.Close()
	stop, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	var working, feeding sync.WaitGroup
	feed, dry := context.WithCancel(stop)
	defer dry()
	feeding.Go(func() { a.Track.Run(feed) })
	feeding.Go(func() { giveBack(feed) })
	if a.Config.Role != "web" {
		feeding.Go(func() { a.Events.Run(feed) })
		working.Go(func() {
			if err := a.Journal.Run(ctx, stop, a.alone); err != nil {
				slog.Error("the journal stopped", "error", err)
			}
		})
		if err := a.Jobs.Start(); err != nil {
			return err
		}
	}
	server := &http.Server{Handler: a.Web, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return ctx }}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(a.listener) }()
	if a.setup != "" {
		fmt.Println("set-up code: " + a.setup)
	}
	ready("http://" + a.listener.Addr().String())
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	closing, cancel := context.WithTimeout(stop, 20*time.Second)
	defer cancel()
	_ = server.Shutdown(closing)
	if a.Config.Role != "web" {
		err = errors.Join(ignoreClosed(err), a.Jobs.Stop(closing))
	}
	done := make(chan struct{})
	go func() { working.Wait(); close(done) }()
	select {
	case <-done:
	case <-closing.Done():
		abort()
		<-done
	}
	dry()
	feeding.Wait()
	return errors.Join(ignoreClosed(err), a.saveWorld(context.WithoutCancel(ctx)))
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Close lets go of everything that was opened; it is safe to call twice.
func (a *App) Close() {
	for _, c := range []io.Closer{a.listener, a.Track, a.DB, a.lock} {
		if c != nil && !isNil(c) {
			_ = c.Close()
		}
	}
}

func isNil(c io.Closer) bool {
	switch v := c.(type) {
	case *track.Track:
		return v == nil
	case *db.DB:
		return v == nil
	case *os.File:
		return v == nil
	}
	return false
}

func (a *App) store() (blob.Store, error) {
	if a.Config.S3 == "" {
		return blob.NewFolder(filepath.Join(a.Config.Data, "media"))
	}
	return openS3(a.Config.S3)
}

// counts are what waits, beside the entries of the navigation.
func (a *App) counts(ctx context.Context, actor workspace.Actor) (map[string]page.Count, error) {
	out := map[string]page.Count{}
	if actor.CanSomewhere(workspace.InboxRead) {
		waiting, err := a.Inbox.Waiting(ctx, actor)
		if err != nil {
			return nil, err
		}
		out["inbox"] = page.Count{N: waiting}
	}
	if actor.CanSomewhere(workspace.PostRead) {
		groups, err := a.Journal.Counts(ctx, actor, delivery.GroupHuman)
		if err != nil {
			return nil, err
		}
		out["deliveries"] = page.Count{N: groups[delivery.GroupHuman], Tone: "bad"}
	}
	return out, nil
}
