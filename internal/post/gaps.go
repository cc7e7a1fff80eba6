package post

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// runsDry is how far ahead a queue must reach before anybody is told that it runs dry.
const runsDry = 48 * time.Hour

// TellGaps tells the rostered person, once for each period, of a cadence that what is published and planned will not
// meet, and of a queue in which nothing stands beyond two days; a job calls it several times a day. A week's or
// month's gap is told when half of it has passed, a day's on the day before.
func (p *Posts) TellGaps(ctx context.Context) error {
	ids, err := db.All[string](ctx, p.db, `select id from workspaces order by id`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := p.tellGaps(ctx, workspace.System(id)); err != nil {
			return fmt.Errorf("look for gaps in %s: %w", id, err)
		}
	}
	return nil
}

func (p *Posts) tellGaps(ctx context.Context, actor workspace.Actor) error {
	channels, err := p.channels.List(ctx, actor)
	if err != nil {
		return err
	}
	now := p.clock()
	by := map[string]channel.Channel{}
	for _, ch := range channels {
		by[ch.ID] = ch
		if !ch.Paused(now) {
			if err := p.tellEmpty(ctx, actor, ch, now); err != nil {
				return err
			}
		}
	}
	for _, at := range []time.Time{now, now.Add(24 * time.Hour)} {
		met, err := p.Attainments(ctx, actor, channels, at)
		if err != nil {
			return err
		}
		for _, a := range met {
			tomorrow := a.Per == "day" && at.After(now)
			if a.Gap() == 0 || !tomorrow && (at.After(now) || a.Per == "day" || now.Sub(a.From) < a.To.Sub(now)) {
				continue
			}
			words := fmt.Sprintf("%d of %d posts are missing for the %s from %s", a.Gap(), a.Posts, a.Per, a.From.In(locate(by[a.ChannelID].Zone)).Format("Mon 2 Jan"))
			if err := p.tellGap(ctx, actor, by[a.ChannelID], "cadence.gap", a.ID+"@"+a.From.Format("2006-01-02"), words, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Posts) tellEmpty(ctx context.Context, actor workspace.Actor, ch channel.Channel, now time.Time) error {
	n, err := db.One[struct {
		Slots int `db:"slots"`
		Ahead int `db:"ahead"`
	}](ctx, p.db, `select (select count(*) from slots where workspace_id = $1 and channel_id = $2) as slots,
			(select count(*) from targets where workspace_id = $1 and channel_id = $2 and state = 'scheduled' and due_at > $3) as ahead`,
		actor.WorkspaceID, ch.ID, now.Add(runsDry))
	if err != nil || n.Slots == 0 || n.Ahead > 0 {
		return err
	}
	// Told again after a week in which nobody filled it.
	return p.tellGap(ctx, actor, ch, "queue.empty", fmt.Sprintf("%s@%d", ch.ID, now.Unix()/int64(7*24*3600)), "nothing is planned beyond the next two days", now)
}

// tellGap records the fact unless it was recorded before.
func (p *Posts) tellGap(ctx context.Context, actor workspace.Actor, ch channel.Channel, kind, entity, words string, now time.Time) error {
	told, err := db.One[int](ctx, p.db, `select count(*) from events where workspace_id = $1 and kind = $2 and entity = $3`, actor.WorkspaceID, kind, entity)
	if err != nil || told > 0 {
		return err
	}
	responsible := ch.ResponsibleID
	free, err := p.FreeSlots(ctx, actor, []channel.Channel{ch}, now, now.Add(7*24*time.Hour))
	if err != nil {
		return err
	}
	for _, place := range free {
		if place.OwnerID != "" {
			responsible = place.OwnerID
			break
		}
	}
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		return p.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), kind, entity, map[string]string{"channel": ch.ID, "name": ch.Name, "reason": words, "responsible": responsible})
	})
}

// locate is the zone's location; every channel's zone was checked when it was set.
func locate(zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}
