package sim

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// house is the workspace of a story and the rooms it takes part in.
type house struct {
	w        *World
	db       *db.DB
	actor    workspace.Actor
	events   *event.Events
	channels *channel.Channels
	posts    *post.Posts
	journal  *delivery.Journal // never runs by itself; processes are rigged from it
	connects []connected
	planned  []*planned
}

type connected struct{ id, network, handle, account string }

// planned is one post on one channel, and what the story did with it.
type planned struct {
	post, target, channel string
	network               string
	texts                 []string // parts, then the first comment
	cancelled             bool     // a person was told that it is cancelled
	byHand                bool     // a person publishes it
}

func build(ctx context.Context, w *World, database *db.DB, keys *secret.Keys) (*house, error) {
	h := &house{w: w, db: database, actor: workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}}
	if database.Engine() == db.SQLite { // nobody cuts the power here, so that nothing has to reach the disk
		if _, err := db.Exec(ctx, database, `pragma synchronous = off`); err != nil {
			return nil, err
		}
	}
	for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Test', 'Europe/Berlin', 'EUR', 0)`} {
		if _, err := db.Exec(ctx, database, q); err != nil {
			return nil, err
		}
	}
	networks := Networks(w)
	h.events = event.New(database)
	h.channels = channel.New(database, h.events, keys, network.NewRegistry(networks...), safehttp.New(safehttp.Policy{}))
	base, err := url.Parse("https://bell.example")
	if err != nil {
		return nil, err
	}
	h.posts = post.New(database, h.events, h.channels, link.New(database, h.events, base), nil)
	h.journal = delivery.New(database, h.events, h.channels, h.posts, Open)
	h.journal.Reach(Address)
	h.events.On("sim", h.journal.At(w.Now).Reconnected, "channel.reconnected")
	return h, nil
}

func (h *house) connect(ctx context.Context, networkKey, handle string) error {
	chans, err := h.channels.SignIn(ctx, h.actor, networkKey, "brand_1", map[string]string{"handle": handle})
	if err != nil {
		return err
	}
	h.connects = append(h.connects, connected{chans[0].ID, networkKey, handle, chans[0].RemoteID})
	return nil
}

// plan schedules a post of some parts on one channel.
func (h *house) plan(ctx context.Context, n int, on connected, due time.Time) error {
	p := &planned{channel: on.id, network: on.network}
	e := post.Edit{BrandID: "brand_1", Channels: []string{on.id}}
	parts := 1
	if h.w.rng.Float64() < 0.12 {
		p.byHand = true
		e.Variants = map[string]post.VariantEdit{on.id: {Settings: map[string]string{network.ByHandSetting: "yes"}}}
	} else if h.w.rng.Float64() < 0.35 {
		parts += 1 + h.w.rng.IntN(3)
	}
	for i := range parts {
		p.texts = append(p.texts, fmt.Sprintf("post %d of the story, part %d", n, i+1))
		e.Base.Parts = append(e.Base.Parts, post.Part{Text: p.texts[i]})
	}
	if !p.byHand && h.w.rng.Float64() < 0.3 {
		e.Base.FirstComment = fmt.Sprintf("first comment on post %d", n)
		p.texts = append(p.texts, e.Base.FirstComment)
	}
	made, err := h.posts.Create(ctx, h.actor, e)
	if err != nil {
		return err
	}
	if err := h.posts.Schedule(ctx, h.actor, made.ID, post.Plan{Now: true, Confirm: true}); err != nil {
		return err
	}
	targets, err := h.posts.Targets(ctx, h.actor, made.ID)
	if err != nil {
		return err
	}
	p.post, p.target = made.ID, targets[0].ID
	h.w.note("post %d has %d parts, on %s/%s, by hand: %t", n, len(p.texts), on.network, on.handle, p.byHand)
	h.planned = append(h.planned, p)
	return h.replan(ctx, p, due)
}

// replan gives a target another time by the story's clock.
func (h *house) replan(ctx context.Context, p *planned, due time.Time) error {
	_, err := db.Exec(ctx, h.db, `update targets set state = 'scheduled', due_at = $3, held_reason = '' where workspace_id = $1 and id = $2`, h.actor.WorkspaceID, p.target, due)
	return err
}

func (h *house) target(ctx context.Context, p *planned) (post.Target, error) {
	return h.posts.Target(ctx, h.actor, p.target)
}
