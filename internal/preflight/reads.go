package preflight

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Report is how a planned target stands.
type Report struct {
	TargetID string    `db:"target_id"`
	PostID   string    `db:"post_id"`
	DueAt    time.Time `db:"due_at"`
	Stage    Stage     `db:"stage"`
	LookedAt time.Time `db:"looked_at"` // UTC; zero = not yet
	NextAt   time.Time `db:"next_at"`   // UTC; zero = the last look is over

	ChannelID   string `db:"channel_id"`
	ChannelName string `db:"channel_name"`
	Network     string `db:"network"`
	Text        string `db:"text_plain"`
	Title       string `db:"title"`

	Findings []Finding
}

// Worst is the gravest level among the findings, "" when there are none.
func (r Report) Worst() network.Level {
	worst := network.Level("")
	for _, f := range r.Findings {
		if f.Level == network.Error {
			return network.Error
		}
		worst = f.Level
	}
	return worst
}

// rows narrows targets as their calendar does.
var rows = workspace.Rows{Brand: "p.brand_id = ?", Channel: "t.channel_id = ?", Own: "(p.author_id = ? or t.responsible_id = ?)"}

const reportQuery = `select f.target_id, t.post_id, f.due_at, f.stage, f.looked_at, f.next_at, t.channel_id, c.name as channel_name, c.network, substr(t.text_plain, 1, 140) as text_plain, p.title
	from preflights f join targets t on t.workspace_id = f.workspace_id and t.id = f.target_id and t.state = 'scheduled' and t.due_at = f.due_at
		join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
	where f.workspace_id = $1`

// Post returns how the planned targets of a post stand, by target id. What is more than a day ahead is not among them.
func (c *Checks) Post(ctx context.Context, actor workspace.Actor, postID string) (map[string]Report, error) {
	args := []any{actor.WorkspaceID, postID}
	found, err := db.All[Report](ctx, c.db, reportQuery+` and t.post_id = $2 and `+actor.Readable(rows, &args, workspace.PostRead)+` order by f.due_at, f.target_id`, args...)
	if err != nil {
		return nil, err
	}
	if err := c.fill(ctx, actor, found); err != nil {
		return nil, err
	}
	out := map[string]Report{}
	for _, r := range found {
		out[r.TargetID] = r
	}
	return out, nil
}

// Target returns how one planned target stands; what was not looked at yet has a zero LookedAt.
func (c *Checks) Target(ctx context.Context, actor workspace.Actor, targetID string) (Report, error) {
	e, err := c.posts.EntryOf(ctx, actor, targetID)
	if err != nil {
		return Report{}, err
	}
	all, err := c.Post(ctx, actor, e.PostID)
	if err != nil {
		return Report{}, err
	}
	if r, ok := all[targetID]; ok {
		return r, nil
	}
	return Report{TargetID: e.ID, PostID: e.PostID, DueAt: e.DueAt, ChannelID: e.ChannelID, ChannelName: e.ChannelName, Network: e.Network, Text: e.Text, Title: e.Title}, nil
}

// Failing lists planned targets with something in their way, the nearest first.
func (c *Checks) Failing(ctx context.Context, actor workspace.Actor, limit int) ([]Report, error) {
	args := []any{actor.WorkspaceID, limit}
	found, err := db.All[Report](ctx, c.db, reportQuery+` and exists (select 1 from preflight_findings x where x.workspace_id = f.workspace_id and x.target_id = f.target_id)
		and `+actor.Readable(rows, &args, workspace.PostRead)+` order by f.due_at, f.target_id limit $2`, args...)
	if err != nil {
		return nil, err
	}
	return found, c.fill(ctx, actor, found)
}

// fill reads the findings of reports.
func (c *Checks) fill(ctx context.Context, actor workspace.Actor, reports []Report) error {
	for i := range reports {
		var err error
		if reports[i].Findings, err = db.All[Finding](ctx, c.db, `select target_id, check_name, ref, level, message, fix, href, since, subject, told from preflight_findings
			where workspace_id = $1 and target_id = $2 order by level, check_name, ref`, actor.WorkspaceID, reports[i].TargetID); err != nil {
			return err
		}
	}
	return nil
}

// Marks returns the gravest finding of each planned target in [from, to) that has one: what a calendar marks.
func (c *Checks) Marks(ctx context.Context, actor workspace.Actor, from, to time.Time) (map[string]Finding, error) {
	args := []any{actor.WorkspaceID, from, to}
	found, err := db.All[Finding](ctx, c.db, `select x.target_id, x.check_name, x.ref, x.level, x.message, x.fix, x.href, x.since, x.subject, x.told
		from preflight_findings x join targets t on t.workspace_id = x.workspace_id and t.id = x.target_id and t.state = 'scheduled'
			join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
		where x.workspace_id = $1 and t.due_at >= $2 and t.due_at < $3 and `+actor.Readable(rows, &args, workspace.PostRead)+` order by x.level desc, x.check_name desc`, args...)
	if err != nil {
		return nil, err
	}
	out := map[string]Finding{}
	for _, f := range found {
		out[f.TargetID] = f
	}
	return out, nil
}

// Now looks at one planned target at once, whenever its next look is, and returns how it stands.
func (c *Checks) Now(ctx context.Context, actor workspace.Actor, targetID string) (Report, error) {
	t, err := c.posts.EntryOf(ctx, actor, targetID)
	if err != nil {
		return Report{}, err
	}
	if err := actor.MayOwn(workspace.PostDraft, workspace.Scope{BrandID: t.BrandID, ChannelID: t.ChannelID}, t.ResponsibleID == actor.UserID && actor.UserID != ""); err != nil {
		return Report{}, err
	}
	if t.State != post.Scheduled {
		return Report{}, fault.Conflictf("only what is planned is looked at before its time").WithCode("invalid_transition")
	}
	now := c.clock()
	if !t.DueAt.After(now) {
		return Report{}, fault.Conflictf("its time has come; see its delivery").WithCode("invalid_transition")
	}
	l := look{WorkspaceID: actor.WorkspaceID, TargetID: t.ID, ChannelID: t.ChannelID, DueAt: t.DueAt, NextAt: now, State: string(t.State), PlannedAt: t.DueAt}
	if err := c.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `insert into preflights (workspace_id, target_id, channel_id, due_at, next_at) values ($1, $2, $3, $4, $5)
			on conflict (workspace_id, target_id) do update set due_at = excluded.due_at, next_at = excluded.next_at`, l.WorkspaceID, l.TargetID, l.ChannelID, l.DueAt, l.NextAt)
		return err
	}); err != nil {
		return Report{}, err
	}
	if err := c.lookAll(ctx, []look{l}); err != nil {
		return Report{}, err
	}
	return c.Target(ctx, actor, targetID)
}
