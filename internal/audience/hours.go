package audience

import (
	"context"
	"math"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Week is a number for each hour of a week, Monday first; −1 where nothing is known.
type Week struct {
	Hours    [7][24]float64
	N        int64    // people or rows behind it
	Channels []string // whose networks tell it; none for what we count ourselves
	Left     []Left
	At       time.Time // the oldest reading in it, UTC
}

// Has reports whether any hour is known.
func (w Week) Has() bool { return w.N > 0 }

// Best returns the weekday (0 = Monday) and hour with the highest number; ok is false where nothing is known.
func (w Week) Best() (day, hour int, ok bool) {
	high := 0.0
	for d := range w.Hours {
		for h, n := range w.Hours[d] {
			if n > high {
				day, hour, high, ok = d, h, n, true
			}
		}
	}
	return day, hour, ok
}

func empty() (w Week) {
	for d := range w.Hours {
		for h := range w.Hours[d] {
			w.Hours[d][h] = -1
		}
	}
	return w
}

// add counts people into an hour of UTC, in a zone that is so many hours ahead. Zones of half hours are rounded.
func (w *Week) add(day time.Weekday, hour, ahead int, n float64) {
	slot := (((int(day)+6)%7)*24 + hour + ahead + 7*24) % (7 * 24)
	cell := &w.Hours[slot/24][slot%24]
	*cell = max(*cell, 0) + n
}

// ahead is how many hours a zone is before UTC at an instant.
func ahead(loc *time.Location, at time.Time) int {
	_, offset := at.In(loc).Zone()
	return int(math.Round(float64(offset) / 3600))
}

// Online adds up when the followers of several channels are there, in a zone as it is now. They are counts of people, so
// that they add up; who follows several channels is counted on each.
func Online(channels []Channel, loc *time.Location, now time.Time) Week {
	w, by := empty(), ahead(loc, now)
	for _, c := range channels {
		switch {
		case c.Spec.None != "":
			w.Left = append(w.Left, Left{c.Name, c.Spec.None})
			continue
		case c.Spec.Hours == "":
			w.Left = append(w.Left, Left{c.Name, "its network does not tell active hours"})
			continue
		case c.Latest == nil || len(c.Latest.Audience.Hours) == 0:
			w.Left = append(w.Left, Left{c.Name, c.silent(network.Followers, "")})
			continue
		}
		for _, h := range c.Latest.Audience.Hours {
			w.add(h.Day, h.Hour, by, float64(h.N))
			w.N += h.N
		}
		w.Channels = append(w.Channels, c.Name)
		if w.At.IsZero() || c.Latest.At.Before(w.At) {
			w.At = c.Latest.At
		}
	}
	return w
}

// hourOfWeek is a row of an own count: hours since the week of UTC began on Thursday, the day of the epoch.
type hourOfWeek struct {
	Slot int64 `db:"slot"`
	N    int64 `db:"n"`
}

// slot is SQL for the hour of the week of an instant in microseconds.
func slot(column string) string { return "((" + column + " / 3600000000) % 168)" }

func counted(rows []hourOfWeek, loc *time.Location, now time.Time) Week {
	w, by := empty(), ahead(loc, now)
	for d := range w.Hours {
		for h := range w.Hours[d] {
			w.Hours[d][h] = 0 // what we count ourselves is a true 0
		}
	}
	for _, r := range rows {
		w.add(time.Weekday((int(time.Thursday)+int(r.Slot/24))%7), int(r.Slot%24), by, float64(r.N))
		w.N += r.N
	}
	return w
}

// seasons is how far back own rows are looked at.
const seasons = 90 * 24 * time.Hour

// Writing counts when people wrote to the channels in the last 90 days, from the conversations.
func (a *Audiences) Writing(ctx context.Context, actor workspace.Actor, channelID string, loc *time.Location) (Week, error) {
	now := db.Now()
	args := []any{actor.WorkspaceID, now.Add(-seasons), channelID}
	rows, err := db.All[hourOfWeek](ctx, a.db, `select `+slot("m.at")+` as slot, count(*) as n from messages m join channels c on c.workspace_id = m.workspace_id and c.id = m.channel_id
		where m.workspace_id = $1 and m.at >= $2 and m.outbound = false and ($3 = '' or m.channel_id = $3) and `+actor.Readable(channelRows, &args, workspace.AnalyticsRead)+` group by slot`, args...)
	return counted(rows, loc, now), err
}

// Buying counts when orders came in the last 90 days; those of a channel by their last touch. Only who may read orders
// is answered.
func (a *Audiences) Buying(ctx context.Context, actor workspace.Actor, channelID string, loc *time.Location) (Week, error) {
	now := db.Now()
	args := []any{actor.WorkspaceID, now.Add(-seasons), channelID}
	rows := workspace.Rows{Channel: "r.channel_id = ?", Brand: "exists (select 1 from channels h where h.workspace_id = r.workspace_id and h.id = r.channel_id and h.brand_id = ?)"}
	list, err := db.All[hourOfWeek](ctx, a.db, `select `+slot("r.ordered_at")+` as slot, count(*) as n from orders r
		where r.workspace_id = $1 and r.ordered_at >= $2 and ($3 = '' or r.channel_id = $3) and `+actor.Readable(rows, &args, workspace.AnalyticsRead, workspace.OrderRead)+` group by slot`, args...)
	return counted(list, loc, now), err
}
