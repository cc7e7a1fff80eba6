package post

import (
	"context"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Cadence is how many posts a channel is meant to have per day, week or month (A21).
type Cadence struct {
	WorkspaceID string `db:"workspace_id"`
	ID          string `db:"id"`
	ChannelID   string `db:"channel_id"`
	Per         string `db:"per"` // day, week, month
	Posts       int    `db:"posts"`
}

// Attainment is a cadence beside what a period holds, counted on the channel's calendar.
type Attainment struct {
	Cadence
	From, To  time.Time // UTC; the day, week or month of the channel's zone
	Published int       // posts published in the period
	Planned   int       // scheduled, held or being sent for the period and not published yet
}

// Gap is how many posts are neither published nor planned.
func (a Attainment) Gap() int { return max(0, a.Posts-a.Published-a.Planned) }

// Ratio is the cadence attainment: published over planned by the cadence, 1 when it is met exactly.
func (a Attainment) Ratio() float64 { return float64(a.Published) / float64(a.Posts) }

var periods = []string{"day", "week", "month"}

// SetCadence says how many posts per day, week or month a channel is meant to have; 0 takes the cadence away.
func (p *Posts) SetCadence(ctx context.Context, actor workspace.Actor, channelID, per string, posts int) error {
	if !slices.Contains(periods, per) {
		return fault.Invalidf("per", "a cadence is per day, week or month")
	}
	if posts < 0 || posts > 1000 {
		return fault.Invalidf("posts", "a cadence has at most 1000 posts a %s", per)
	}
	return p.onChannel(ctx, actor, channelID, "cadence.set", func(tx *db.Tx, ch channel.Channel) error {
		if _, err := db.Exec(ctx, tx, `delete from cadences where workspace_id = $1 and channel_id = $2 and per = $3`, ch.WorkspaceID, ch.ID, per); err != nil || posts == 0 {
			return err
		}
		_, err := db.Exec(ctx, tx, `insert into cadences (workspace_id, id, channel_id, per, posts) values ($1, $2, $3, $4, $5)`, ch.WorkspaceID, id.New("cad"), ch.ID, per, posts)
		return err
	})
}

// Attainments compares the cadences of channels with the day, week and month that hold the instant.
func (p *Posts) Attainments(ctx context.Context, actor workspace.Actor, channels []channel.Channel, at time.Time) ([]Attainment, error) {
	cadences, err := db.All[Cadence](ctx, p.db, `select workspace_id, id, channel_id, per, posts from cadences where workspace_id = $1 order by channel_id, per`, actor.WorkspaceID)
	if err != nil || len(cadences) == 0 {
		return nil, err
	}
	first, err := db.One[int](ctx, p.db, `select week_start from workspaces where id = $1`, actor.WorkspaceID)
	if err != nil {
		return nil, err
	}
	var out []Attainment
	for _, c := range cadences {
		on := slices.IndexFunc(channels, func(ch channel.Channel) bool { return ch.ID == c.ChannelID })
		if on < 0 {
			continue
		}
		a := Attainment{Cadence: c}
		if a.From, a.To, err = period(c.Per, channels[on].Zone, time.Weekday(first), at); err != nil {
			return nil, err
		}
		n, err := db.One[struct {
			Published int `db:"published"`
			Planned   int `db:"planned"`
		}](ctx, p.db, `select count(*) filter (where published_at >= $3 and published_at < $4) as published,
				count(*) filter (where published_at is null and due_at >= $3 and due_at < $4 and state in ('scheduled', 'held', 'publishing', 'needs_human')) as planned
			from targets where workspace_id = $1 and channel_id = $2 and (published_at >= $3 and published_at < $4 or due_at >= $3 and due_at < $4)`,
			c.WorkspaceID, c.ChannelID, a.From, a.To)
		if err != nil {
			return nil, err
		}
		a.Published, a.Planned = n.Published, n.Planned
		out = append(out, a)
	}
	return out, nil
}

// period is the day, week or month of a zone that holds an instant.
func period(per, zone string, first time.Weekday, at time.Time) (from, to time.Time, err error) {
	loc, err := when.Zone(zone)
	if err != nil {
		return from, to, err
	}
	day := when.Day(at, loc)
	end := day.AddDays(1)
	switch per {
	case "week":
		weekday := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, time.UTC).Weekday()
		day = day.AddDays(-((int(weekday) - int(first) + 7) % 7))
		end = day.AddDays(7)
	case "month":
		day.Day = 1
		end = when.Date{Year: day.Year, Month: day.Month + 1, Day: 1}.AddDays(0)
	}
	if from, err = when.DayStart(day, zone); err != nil {
		return from, to, err
	}
	to, err = when.DayStart(end, zone)
	return from.UTC(), to.UTC(), err
}
