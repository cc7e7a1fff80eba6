package post

import (
	"context"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/search"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Media turns a use of an asset into the file one network gets. The library implements it.
type Media interface {
	For(ctx context.Context, q db.Queryer, workspaceID string, use MediaUse, spec network.Spec, limits network.Limits) (network.Media, error)
	// Reaches says that networks can fetch files from this installation.
	Reaches() bool
}

// Posts are all posts and their targets.
type Posts struct {
	db       *db.DB
	events   *event.Events
	channels *channel.Channels
	links    *link.Links
	media    Media
	index    *search.Index
	clock    func() time.Time
	wake     func(due time.Time) // tells the journal that something may be due sooner than it thinks
}

// New returns the posts of this database.
func New(database *db.DB, events *event.Events, channels *channel.Channels, links *link.Links, media Media) *Posts {
	return &Posts{db: database, events: events, channels: channels, links: links, media: media, index: search.New(database, search.Post, said),
		clock: db.Now, wake: func(time.Time) {}}
}

// At returns the same posts as seen at another time, for tests of what comes due, passes or changes with the clocks.
func (p *Posts) At(clock func() time.Time) *Posts {
	other := *p
	other.clock = func() time.Time { return clock().UTC().Truncate(time.Microsecond) }
	return &other
}

// OnDueChange registers what is called after a change that may bring the next due time nearer, with the instant at
// which something is due now; zero where that is not known.
func (p *Posts) OnDueChange(wake func(due time.Time)) { p.wake = wake }

// soon tells the journal once the transaction has committed.
func (p *Posts) soon(tx *db.Tx, due time.Time) { tx.After(func() { p.wake(due) }) }

// Who reads a brand reads its posts; who reads a channel reads the posts that go out on it, whole, since they are
// written as one, and of their targets those of the channel.
var (
	postRows = workspace.Rows{Brand: "p.brand_id = ?", Own: "p.author_id = ?",
		Channel: "exists (select 1 from targets x where x.workspace_id = p.workspace_id and x.post_id = p.id and x.channel_id = ?)"}
	targetRows = workspace.Rows{Brand: "p.brand_id = ?", Channel: "t.channel_id = ?", Own: "(p.author_id = ? or t.responsible_id = ?)"}
)

// Get returns one post that the actor may read, or read the numbers of.
func (p *Posts) Get(ctx context.Context, actor workspace.Actor, postID string) (Post, error) {
	args := []any{actor.WorkspaceID, postID}
	found, err := db.One[Post](ctx, p.db, `select `+postColumns+` from posts p where p.workspace_id = $1 and p.id = $2 and `+
		actor.Readable(postRows, &args, workspace.PostRead, workspace.AnalyticsRead), args...)
	if fault.Is(err, fault.NotFound) {
		return found, fault.NotFoundf("there is no such post in this workspace")
	}
	return found, err
}

// Variants returns a post's variants by channel id.
func (p *Posts) Variants(ctx context.Context, actor workspace.Actor, postID string) (map[string]Variant, error) {
	if _, err := p.Get(ctx, actor, postID); err != nil {
		return nil, err
	}
	return p.variants(ctx, p.db, actor.WorkspaceID, postID)
}

func (p *Posts) variants(ctx context.Context, q db.Queryer, workspaceID, postID string) (map[string]Variant, error) {
	rows, err := db.All[Variant](ctx, q, `select workspace_id, post_id, channel_id, content, settings from variants
		where workspace_id = $1 and post_id = $2`, workspaceID, postID)
	if err != nil {
		return nil, err
	}
	out := map[string]Variant{}
	for _, v := range rows {
		out[v.ChannelID] = v
	}
	return out, nil
}

// Targets returns a post's targets that the actor may read, the earliest first.
func (p *Posts) Targets(ctx context.Context, actor workspace.Actor, postID string) ([]Target, error) {
	args := []any{actor.WorkspaceID, postID}
	return db.All[Target](ctx, p.db, `select `+targetColumns+` from targets where workspace_id = $1 and post_id = $2`+within(actor, &args)+`
		order by due_at, channel_id, id`, args...)
}

// within narrows a query of targets to what the actor may read, plan, or read the numbers of.
func within(actor workspace.Actor, args *[]any) string {
	rows := actor.Readable(targetRows, args, workspace.PostRead, workspace.AnalyticsRead, workspace.PostSchedule)
	if rows == "1 = 1" {
		return ""
	}
	return ` and exists (select 1 from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
		where t.workspace_id = targets.workspace_id and t.id = targets.id and ` + rows + `)`
}

func (p *Posts) targets(ctx context.Context, q db.Queryer, workspaceID, postID string) ([]Target, error) {
	return db.All[Target](ctx, q, `select `+targetColumns+` from targets where workspace_id = $1 and post_id = $2
		order by due_at, channel_id, id`, workspaceID, postID)
}

// Target returns one target that the actor may read, or read the numbers of.
func (p *Posts) Target(ctx context.Context, actor workspace.Actor, targetID string) (Target, error) {
	args := []any{actor.WorkspaceID, targetID}
	return p.target(ctx, within(actor, &args), args)
}

func (p *Posts) target(ctx context.Context, within string, args []any) (Target, error) {
	t, err := db.One[Target](ctx, p.db, `select `+targetColumns+` from targets where workspace_id = $1 and id = $2`+within, args...)
	if fault.Is(err, fault.NotFound) {
		return t, fault.NotFoundf("there is no such target in this workspace")
	}
	return t, err
}

// seen is whether the actor reads anything of a post.
func seen(actor workspace.Actor, post Post, targets []Target) bool {
	own := post.AuthorID == actor.UserID
	return actor.Sees(workspace.PostRead, workspace.Scope{BrandID: post.BrandID}, own) || slices.ContainsFunc(targets, func(t Target) bool {
		return actor.Sees(workspace.PostRead, workspace.Scope{BrandID: post.BrandID, ChannelID: t.ChannelID}, own)
	})
}

// TargetByRemote returns the target that published an item on a channel, for conversations and metrics.
func (p *Posts) TargetByRemote(ctx context.Context, q db.Queryer, workspaceID, channelID, remoteID string) (Target, error) {
	return db.One[Target](ctx, q, `select `+targetColumns+` from targets where workspace_id = $1 and channel_id = $2 and remote_id = $3`,
		workspaceID, channelID, remoteID)
}

// wide is how many posts that hold the words of a search are looked at, the last written first: more than a page can show.
const wide = 1000

// Filter narrows lists; zero values narrow nothing.
type Filter struct {
	State      State
	BrandID    string
	CampaignID string
	ChannelID  string
	AuthorID   string
	Tag        string
	Search     string // words in text or title; see search
	Origin     Origin
	Trashed    bool
	Before     string // cursor: the id of the last post of the page before
	Limit      int    // at most 200; 0 = 50
}

// List returns posts, the newest first, and the cursor of the next page ("" at the end).
func (p *Posts) List(ctx context.Context, actor workspace.Actor, f Filter) ([]Post, string, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	before := f.Before
	if before == "" {
		before = "post_zzzz"
	}
	var tag string
	if f.Tag != "" {
		tag = db.Literal(asJSON(f.Tag))
	}
	args := []any{actor.WorkspaceID, before, f.State, f.BrandID, f.CampaignID, f.AuthorID, tag, f.ChannelID, f.Trashed, f.Limit + 1, f.Origin}
	found := ""
	if f.Search != "" {
		found = ` and id in (` + p.index.Found(actor.WorkspaceID, f.Search, wide, &args) + `)`
	}
	rows, err := db.All[Post](ctx, p.db, `select `+postColumns+` from posts p where workspace_id = $1 and id < $2
			and ($3 = '' or state = $3) and ($4 = '' or brand_id = $4) and ($5 = '' or campaign_id = $5) and ($6 = '' or author_id = $6)
			and ($7 = '' or tags like '%' || $7 || '%' escape '\')
			and ($8 = '' or exists (select 1 from targets t where t.workspace_id = p.workspace_id and t.post_id = p.id and t.channel_id = $8))
			and (trashed_at is not null) = $9 and ($11 = '' or origin = $11)`+found+` and `+actor.Readable(postRows, &args, workspace.PostRead)+`
		order by id desc limit $10`, args...)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > f.Limit {
		return rows[:f.Limit], rows[f.Limit-1].ID, nil
	}
	return rows, "", nil
}

// asJSON spells words as the stored JSON does.
func asJSON(words string) string { raw, _ := db.JSON(words).(string); return raw }

// Entry is one line of the calendar: a target with what a calendar shows of its post and channel.
type Entry struct {
	Target
	Title       string `db:"title"`
	Base        string `db:"base_text"` // first characters of the base
	CampaignID  string `db:"campaign_id"`
	BrandID     string `db:"brand_id"`
	PostVersion int    `db:"version"`
	Tags        string `db:"tags"`
	Network     string `db:"network"`
	ChannelName string `db:"channel_name"`
	Recurring   bool   `db:"recurring"`
	Origin      Origin `db:"origin"`
}

const entryQuery = `select t.workspace_id, t.id, t.post_id, t.channel_id, t.state, t.due_at, t.wall, t.zone, t.slot_id, t.queue_rank,
		t.held_reason, t.responsible_id, t.delivery_id, t.remote_id, t.url, t.published_at, t.text_fingerprint, t.text_plain,
		p.title, '' as base_text, p.campaign_id, p.brand_id, p.version, p.tags, c.network, c.name as channel_name,
		p.recurrence_id <> '' as recurring, p.origin
	from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
		join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
	where t.workspace_id = $1 and p.trashed_at is null`

// Between returns the targets planned in [from, to), for the calendar; at most 2,000.
func (p *Posts) Between(ctx context.Context, actor workspace.Actor, from, to time.Time, f Filter) ([]Entry, error) {
	args := []any{actor.WorkspaceID, from, to, f.ChannelID, f.CampaignID, f.BrandID, f.State, f.AuthorID}
	return db.All[Entry](ctx, p.db, entryQuery+` and t.due_at >= $2 and t.due_at < $3
			and ($4 = '' or t.channel_id = $4) and ($5 = '' or p.campaign_id = $5) and ($6 = '' or p.brand_id = $6)
			and ($7 = '' or t.state = $7) and ($8 = '' or p.author_id = $8) and t.state <> 'cancelled'
			and `+actor.Readable(targetRows, &args, workspace.PostRead)+`
		order by t.due_at, t.id limit 2000`, args...)
}

// PlannedBetween returns the targets planned in [from, to) with what was planned and what came of it, without their words; at most
// 2,000.
func (p *Posts) PlannedBetween(ctx context.Context, actor workspace.Actor, from, to time.Time, f Filter) ([]Target, error) {
	args := []any{actor.WorkspaceID, from, to, f.ChannelID, f.CampaignID, f.State}
	return db.All[Target](ctx, p.db, `select t.id, t.post_id, t.channel_id, t.state, t.due_at, t.wall, t.zone, t.held_reason, t.delivery_id, t.remote_id, t.url, t.published_at
		from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
		where t.workspace_id = $1 and p.trashed_at is null and t.due_at >= $2 and t.due_at < $3 and ($4 = '' or t.channel_id = $4) and ($5 = '' or p.campaign_id = $5)
			and ($6 = '' or t.state = $6) and t.state <> 'cancelled' and `+actor.Readable(targetRows, &args, workspace.PostRead)+`
		order by t.due_at, t.id limit 2000`, args...)
}

// Unscheduled returns drafts without a planned time, for the tray beside the calendar.
func (p *Posts) Unscheduled(ctx context.Context, actor workspace.Actor, limit int) ([]Post, error) {
	args := []any{actor.WorkspaceID, limit}
	return db.All[Post](ctx, p.db, `select `+postColumns+` from posts p where workspace_id = $1 and state in ('draft', 'approved')
		and trashed_at is null and archived_at is null and `+actor.Readable(postRows, &args, workspace.PostRead)+` order by updated_at desc limit $2`, args...)
}

// Waiting returns what needs a person: held, failed, partly published and needs-human targets, the oldest first.
func (p *Posts) Waiting(ctx context.Context, actor workspace.Actor, limit int) ([]Entry, error) {
	args := []any{actor.WorkspaceID, limit}
	return db.All[Entry](ctx, p.db, entryQuery+` and t.state in ('held', 'failed', 'partly_published', 'needs_human')
		and `+actor.Readable(targetRows, &args, workspace.PostRead)+` order by t.due_at, t.id limit $2`, args...)
}
