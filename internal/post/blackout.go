package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Blackout is a period in which nothing scheduled may be published (C30).
type Blackout struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	Name        string    `db:"name"`
	StartsAt    time.Time `db:"starts_at"` // UTC
	EndsAt      time.Time `db:"ends_at"`   // UTC, not included
	Channels    []string  `db:"channels,json"`
}

// Covers reports whether the blackout holds the channel at the instant.
func (b Blackout) Covers(channelID string, at time.Time) bool {
	return !at.Before(b.StartsAt) && at.Before(b.EndsAt) && (len(b.Channels) == 0 || slices.Contains(b.Channels, channelID))
}

// Blackouts lists the blackouts that touch [from, to), the earliest first.
func (p *Posts) Blackouts(ctx context.Context, actor workspace.Actor, from, to time.Time) ([]Blackout, error) {
	return blackouts(ctx, p.db, actor.WorkspaceID, from, to)
}

func blackouts(ctx context.Context, q db.Queryer, workspaceID string, from, to time.Time) ([]Blackout, error) {
	return db.All[Blackout](ctx, q, `select workspace_id, id, name, starts_at, ends_at, channels from blackouts
		where workspace_id = $1 and starts_at < $3 and ends_at > $2 order by starts_at, id`, workspaceID, from, to)
}

// AddBlackout begins a blackout of channels, of all when none are named. What was planned inside is held with the
// reason, not lost; how many that are is returned.
func (p *Posts) AddBlackout(ctx context.Context, actor workspace.Actor, b Blackout) (made Blackout, held int, err error) {
	if err := actor.May(workspace.QueuePause, workspace.Scope{}); err != nil {
		return b, 0, err
	}
	if b.Name = strings.TrimSpace(b.Name); b.Name == "" || len(b.Name) > 100 {
		return b, 0, fault.Invalidf("name", "a blackout needs a name of at most 100 characters").WithHint("Held posts show it as the reason.")
	}
	if !b.EndsAt.After(b.StartsAt) {
		return b, 0, fault.Invalidf("ends", "the blackout must end after it starts")
	}
	if !b.EndsAt.After(p.clock()) {
		return b, 0, fault.Invalidf("ends", "the blackout would be over already")
	}
	if b.Channels == nil {
		b.Channels = []string{}
	}
	b.WorkspaceID, b.ID = actor.WorkspaceID, id.New("black")
	err = p.db.Tx(ctx, func(tx *db.Tx) error {
		for _, channelID := range b.Channels {
			if _, err := p.channels.In(ctx, tx, actor.WorkspaceID, channelID); err != nil {
				return err
			}
		}
		if _, err := db.Exec(ctx, tx, `insert into blackouts (workspace_id, id, name, starts_at, ends_at, channels) values ($1, $2, $3, $4, $5, $6)`,
			b.WorkspaceID, b.ID, b.Name, b.StartsAt, b.EndsAt, db.JSON(b.Channels)); err != nil {
			return err
		}
		if held, err = p.holdWithin(ctx, tx, b); err != nil {
			return err
		}
		return p.record(ctx, tx, actor, "blackout.added", b.ID, nil, b)
	})
	return b, held, err
}

// EndBlackout takes a blackout away. What it held stays held until a person chooses (C03).
func (p *Posts) EndBlackout(ctx context.Context, actor workspace.Actor, blackoutID string) error {
	if err := actor.May(workspace.QueuePause, workspace.Scope{}); err != nil {
		return err
	}
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `delete from blackouts where workspace_id = $1 and id = $2`, actor.WorkspaceID, blackoutID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("there is no such blackout in this workspace")
		}
		return p.record(ctx, tx, actor, "blackout.ended", blackoutID, nil, nil)
	})
}

// holdWithin holds what is scheduled inside a blackout.
func (p *Posts) holdWithin(ctx context.Context, tx *db.Tx, b Blackout) (int, error) {
	postIDs, err := db.All[string](ctx, tx, `select distinct post_id from targets where workspace_id = $1 and state = 'scheduled' and due_at >= $2 and due_at < $3`,
		b.WorkspaceID, b.StartsAt, b.EndsAt)
	if err != nil || len(postIDs) == 0 {
		return 0, err
	}
	_, targets, err := p.lock(ctx, tx, b.WorkspaceID, postIDs...)
	if err != nil {
		return 0, err
	}
	held := 0
	for _, t := range targets {
		if t.State != Scheduled || !b.Covers(t.ChannelID, t.DueAt) {
			continue
		}
		if err := p.Hold(ctx, tx, b.WorkspaceID, t.ID, "blackout: "+b.Name); err != nil {
			return held, err
		}
		held++
	}
	return held, nil
}

// conflicts refuses a time inside a blackout, and one too near to another post of the channel unless confirmed (C30).
func (p *Posts) conflicts(ctx context.Context, q db.Queryer, t Target, ch channel.Channel, confirmed bool) error {
	black, err := blackouts(ctx, q, t.WorkspaceID, t.DueAt, t.DueAt.Add(time.Microsecond))
	if err != nil {
		return err
	}
	for _, b := range black {
		if b.Covers(t.ChannelID, t.DueAt) {
			return fault.Conflictf("nothing is published during “%s”", b.Name).WithCode("blackout").WithHint("Choose a time outside, or end the blackout.")
		}
	}
	if confirmed {
		return nil
	}
	if err := p.quota(ctx, q, t, ch); err != nil || ch.MinGap == 0 {
		return err
	}
	near, err := db.All[time.Time](ctx, q, `select due_at from targets where workspace_id = $1 and channel_id = $2 and id <> $3
		and due_at > $4 and due_at < $5 and state in ('scheduled', 'publishing', 'published', 'partly_published') order by due_at`,
		t.WorkspaceID, t.ChannelID, t.ID, t.DueAt.Add(-ch.MinGap), t.DueAt.Add(ch.MinGap))
	if err != nil || len(near) == 0 {
		return err
	}
	nearest := slices.MinFunc(near, func(a, b time.Time) int { return int(a.Sub(t.DueAt).Abs() - b.Sub(t.DueAt).Abs()) })
	return fault.Conflictf("another post of %s is planned %s; its smallest gap is %s", ch.Name, away(nearest.Sub(t.DueAt).Abs()), span(ch.MinGap)).
		WithCode("gap").WithHint("Choose another time, or confirm.")
}

// quota says before the day what the journal would say on it: that the network has named a time until which it takes
// nothing more on the channel (R26). Waits that nobody would notice are not worth a question.
func (p *Posts) quota(ctx context.Context, q db.Queryer, t Target, ch channel.Channel) error {
	until, err := db.All[time.Time](ctx, q, `select window_start from call_budgets where workspace_id = $1 and channel_id = $2 and bucket = 'publish' and window_start > $3
		order by window_start desc limit 1`, t.WorkspaceID, t.ChannelID, t.DueAt.Add(5*time.Minute))
	if err != nil || len(until) == 0 {
		return err
	}
	zone := t.Zone
	if zone == "" {
		zone = ch.Zone
	}
	return fault.Conflictf("the network takes nothing more on %s until %s; it would wait until then", ch.Name, readable(when.Wall(until[0], zone))).
		WithCode("quota").WithHint("Choose a later time, or confirm.")
}

func away(d time.Duration) string {
	if d < time.Minute {
		return "at the same time"
	}
	return span(d) + " away"
}

// span writes a duration as people say it: 45 min, 2 h, 1 h 30 min.
func span(d time.Duration) string {
	minutes := int(d.Round(time.Minute).Minutes())
	switch h, m := minutes/60, minutes%60; {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	default:
		return fmt.Sprintf("%d h %d min", h, m)
	}
}

// record writes audit entry and event of a verb that concerns no single post.
func (p *Posts) record(ctx context.Context, tx *db.Tx, actor workspace.Actor, what, entity string, before, after any) error {
	if err := workspace.Audit(ctx, tx, actor, what, entity, before, after); err != nil {
		return err
	}
	return p.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, entity, after)
}
