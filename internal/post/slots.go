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

// Slot is a recurring publishing time of a channel, on the wall clock of the channel's zone.
type Slot struct {
	WorkspaceID string `db:"workspace_id"`
	ID          string `db:"id"`
	ChannelID   string `db:"channel_id"`
	Weekday     int    `db:"weekday"` // 0 Sunday … 6 Saturday
	Minute      int    `db:"minute"`  // of the day
	Kind        string `db:"kind"`    // the tag (pillar, format) a post must carry to be given it; "" = any
	OwnerID     string `db:"owner_id"`
}

// Clock is the slot's time of day, 09:30.
func (s Slot) Clock() string { return fmt.Sprintf("%02d:%02d", s.Minute/60, s.Minute%60) }

// takes reports whether a post with these tags may be given the slot.
func (s Slot) takes(tags []string) bool {
	return s.Kind == "" || slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, s.Kind) })
}

// Place is one occurrence of a slot.
type Place struct {
	Slot
	At   time.Time // UTC
	Wall string    // in Zone; not the slot's own clock where daylight saving skips that
	Zone string
}

const slotColumns = `workspace_id, id, channel_id, weekday, minute, kind, owner_id`

// maxSlots is half-hourly all week: more is a mistake, not a plan.
const maxSlots = 7 * 48

// Slots returns a channel's slots through the week.
func (p *Posts) Slots(ctx context.Context, actor workspace.Actor, channelID string) ([]Slot, error) {
	return p.slots(ctx, p.db, actor.WorkspaceID, channelID)
}

// Slotted tells which channels have slots.
func (p *Posts) Slotted(ctx context.Context, actor workspace.Actor) (map[string]bool, error) {
	channels, err := db.All[string](ctx, p.db, `select distinct channel_id from slots where workspace_id = $1`, actor.WorkspaceID)
	out := map[string]bool{}
	for _, id := range channels {
		out[id] = true
	}
	return out, err
}

func (p *Posts) slots(ctx context.Context, q db.Queryer, workspaceID, channelID string) ([]Slot, error) {
	return db.All[Slot](ctx, q, `select `+slotColumns+` from slots where workspace_id = $1 and channel_id = $2 order by weekday, minute`, workspaceID, channelID)
}

// SetSlots replaces a channel's weekly slots. Posts already queued keep their times; a slot that was there before
// stays the same one.
func (p *Posts) SetSlots(ctx context.Context, actor workspace.Actor, channelID string, slots []Slot) error {
	return p.onChannel(ctx, actor, channelID, "queue.slots_set", func(tx *db.Tx, ch channel.Channel) error {
		return p.setSlots(ctx, tx, ch, slots)
	})
}

// AddSlots adds weekly slots to a channel; one at the same weekday and time takes the new kind and owner.
func (p *Posts) AddSlots(ctx context.Context, actor workspace.Actor, channelID string, slots []Slot) error {
	return p.onChannel(ctx, actor, channelID, "queue.slots_added", func(tx *db.Tx, ch channel.Channel) error {
		have, err := p.slots(ctx, tx, ch.WorkspaceID, ch.ID)
		if err != nil {
			return err
		}
		return p.setSlots(ctx, tx, ch, append(slots, have...))
	})
}

// RemoveSlot takes one weekly slot away. Posts already queued keep their times.
func (p *Posts) RemoveSlot(ctx context.Context, actor workspace.Actor, channelID, slotID string) error {
	return p.onChannel(ctx, actor, channelID, "queue.slot_removed", func(tx *db.Tx, ch channel.Channel) error {
		n, err := db.Exec(ctx, tx, `delete from slots where workspace_id = $1 and channel_id = $2 and id = $3`, ch.WorkspaceID, ch.ID, slotID)
		if err == nil && n == 0 {
			return fault.NotFoundf("there is no such slot on %s", ch.Name)
		}
		return err
	})
}

// setSlots stores slots; of two at the same time the first counts.
func (p *Posts) setSlots(ctx context.Context, tx *db.Tx, ch channel.Channel, slots []Slot) error {
	have, err := p.slots(ctx, tx, ch.WorkspaceID, ch.ID)
	if err != nil {
		return err
	}
	ids := map[[2]int]string{}
	for _, s := range have {
		ids[[2]int{s.Weekday, s.Minute}] = s.ID
	}
	if _, err := db.Exec(ctx, tx, `delete from slots where workspace_id = $1 and channel_id = $2`, ch.WorkspaceID, ch.ID); err != nil {
		return err
	}
	seen := map[[2]int]bool{}
	for _, s := range slots {
		if s.Weekday < 0 || s.Weekday > 6 || s.Minute < 0 || s.Minute >= 24*60 {
			return fault.Invalidf("slots", "a slot needs a weekday and a time between 00:00 and 23:59")
		}
		at := [2]int{s.Weekday, s.Minute}
		if seen[at] {
			continue
		}
		if seen[at] = true; len(seen) > maxSlots {
			return fault.Invalidf("slots", "a channel can have at most %d slots a week", maxSlots)
		}
		slotID := ids[at]
		if slotID == "" {
			slotID = id.New("slot")
		}
		if _, err := db.Exec(ctx, tx, `insert into slots (`+slotColumns+`) values ($1, $2, $3, $4, $5, $6, $7)`,
			ch.WorkspaceID, slotID, ch.ID, s.Weekday, s.Minute, strings.TrimSpace(s.Kind), s.OwnerID); err != nil {
			return err
		}
	}
	return nil
}

// places lays slots out over [from, to), in order. A slot whose time the clocks skip runs at the first minute after
// the gap (R27), once.
func places(slots []Slot, zone string, from, to time.Time) ([]Place, error) {
	loc, err := when.Zone(zone)
	if err != nil {
		return nil, err
	}
	var all []Place
	last := when.Day(to, loc)
	for day := when.Day(from, loc); !last.Before(day); day = day.AddDays(1) {
		weekday := int(time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, time.UTC).Weekday())
		for _, s := range slots {
			if s.Weekday != weekday {
				continue
			}
			r, err := (when.Local{Date: day, Clock: when.Clock{Hour: s.Minute / 60, Minute: s.Minute % 60}, Zone: zone}).Resolve()
			if err != nil {
				return nil, err
			}
			if n := len(all); r.At.Before(from) || !r.At.Before(to) || n > 0 && all[n-1].At.Equal(r.At) {
				continue
			}
			all = append(all, Place{Slot: s, At: r.At.UTC(), Wall: when.Wall(r.At, zone), Zone: zone})
		}
	}
	return all, nil
}

// FreeSlots returns the places of channels in [from, to) that nothing stands in and no blackout covers, in order;
// what has passed is left out.
func (p *Posts) FreeSlots(ctx context.Context, actor workspace.Actor, channels []channel.Channel, from, to time.Time) ([]Place, error) {
	if now := p.clock(); from.Before(now) {
		from = now
	}
	if !from.Before(to) {
		return nil, nil
	}
	slots, err := db.All[Slot](ctx, p.db, `select `+slotColumns+` from slots where workspace_id = $1 order by weekday, minute`, actor.WorkspaceID)
	if err != nil || len(slots) == 0 {
		return nil, err
	}
	of := map[string][]Slot{}
	for _, s := range slots {
		of[s.ChannelID] = append(of[s.ChannelID], s)
	}
	busy, err := p.busy(ctx, p.db, actor.WorkspaceID, "", "", from, to)
	if err != nil {
		return nil, err
	}
	black, err := blackouts(ctx, p.db, actor.WorkspaceID, from, to)
	if err != nil {
		return nil, err
	}
	var free []Place
	for _, ch := range channels {
		all, err := places(of[ch.ID], ch.Zone, from, to)
		if err != nil {
			return nil, err
		}
		for _, place := range all {
			if !busy[standing{ch.ID, place.At.Unix()}] && !slices.ContainsFunc(black, func(b Blackout) bool { return b.Covers(ch.ID, place.At) }) {
				free = append(free, place)
			}
		}
	}
	slices.SortStableFunc(free, func(a, b Place) int { return a.At.Compare(b.At) })
	return free, nil
}

// standing is one moment of a channel that something stands in.
type standing struct {
	channelID string
	second    int64
}

// busy tells the moments of [from, to) in which targets stand, of one channel or ("") of all.
func (p *Posts) busy(ctx context.Context, q db.Queryer, workspaceID, channelID, except string, from, to time.Time) (map[standing]bool, error) {
	taken, err := db.All[struct {
		ChannelID string    `db:"channel_id"`
		DueAt     time.Time `db:"due_at"`
	}](ctx, q, `select channel_id, due_at from targets where workspace_id = $1 and ($2 = '' or channel_id = $2) and id <> $3
		and due_at >= $4 and due_at < $5 and state in ('scheduled', 'held', 'publishing', 'published', 'partly_published', 'needs_human')`, workspaceID, channelID, except, from, to)
	if err != nil {
		return nil, err
	}
	out := map[standing]bool{}
	for _, t := range taken {
		out[standing{t.ChannelID, t.DueAt.Unix()}] = true
	}
	return out, nil
}

// slotAt is the channel's slot at an instant; the zero Slot when there is none.
func (p *Posts) slotAt(ctx context.Context, q db.Queryer, ch channel.Channel, at time.Time) (Slot, error) {
	if at.Second() != 0 || at.Nanosecond() != 0 {
		return Slot{}, nil
	}
	slots, err := p.slots(ctx, q, ch.WorkspaceID, ch.ID)
	if err != nil {
		return Slot{}, err
	}
	here, err := places(slots, ch.Zone, at, at.Add(time.Minute))
	if err != nil || len(here) == 0 {
		return Slot{}, err
	}
	return here[0].Slot, nil
}

// onChannel runs a verb on a channel's queue, with right, audit and event.
func (p *Posts) onChannel(ctx context.Context, actor workspace.Actor, channelID, what string, do func(*db.Tx, channel.Channel) error) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		if err := lockChannel(ctx, tx, actor.WorkspaceID, channelID); err != nil {
			return err
		}
		ch, err := p.channels.In(ctx, tx, actor.WorkspaceID, channelID)
		if err != nil {
			return err
		}
		if err := actor.May(workspace.PostSchedule, workspace.Scope{BrandID: ch.BrandID, ChannelID: ch.ID}); err != nil {
			return err
		}
		if err := do(tx, ch); err != nil {
			return err
		}
		return p.record(ctx, tx, actor, what, channelID, nil, nil)
	})
}
