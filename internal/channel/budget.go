package channel

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// reserve is the share of every known budget of calls that is kept for publishing: reading the inbox, numbers and posts made
// outside ends before it (C28).
const reserve = 0.25

// patience is how long reading waits where the network does not say when its budget is full again.
const patience = 15 * time.Minute

// Reading opens a channel for calls that can wait: the inbox, numbers, posts made outside. It answers with a Later fault,
// and makes no call, while what is left of the budget is kept for publishing.
func (c *Channels) Reading(ctx context.Context, workspaceID, channelID string) (Channel, network.Network, network.Session, error) {
	ch, err := c.get(ctx, c.db, workspaceID, channelID)
	if err != nil {
		return ch, nil, network.Session{}, err
	}
	c.writeSoon(ctx)
	until, why, err := c.kept(ctx, ch, db.Now())
	if err != nil {
		return ch, nil, network.Session{}, err
	}
	if !until.IsZero() {
		return ch, c.Network(ch), network.Session{}, &fault.Error{Kind: fault.Later, Code: "reserve", RetryAt: until, Message: fmt.Sprintf("%s on %s: %s; the rest is kept for publishing", ch.Name, ch.Network, why)}
	}
	return c.Session(ctx, workspaceID, channelID)
}

// kept says until when reading waits, and why; the zero time = it need not.
func (c *Channels) kept(ctx context.Context, ch Channel, now time.Time) (time.Time, string, error) {
	said, err := c.said(ctx, ch)
	if err != nil {
		return time.Time{}, "", err
	}
	for _, s := range said {
		until := s.ResetsAt
		if until.IsZero() {
			until = s.At.Add(patience)
		}
		if until.After(now) && s.Limit > 0 && float64(s.Remaining) < reserve*float64(s.Limit) {
			return until, fmt.Sprintf("%d of %d calls are left", s.Remaining, s.Limit), nil
		}
	}
	n := c.Network(ch)
	if n == nil {
		return time.Time{}, "", nil
	}
	for _, k := range n.Spec().Caps {
		if !k.Calls {
			continue
		}
		used, err := c.calls(ctx, ch, now.Add(-k.Per))
		if err != nil {
			return time.Time{}, "", err
		}
		if float64(used) >= (1-reserve)*float64(k.Max) {
			return now.Truncate(time.Hour).Add(time.Hour), fmt.Sprintf("%d of %d calls in %d hours are used", used, k.Max, int(k.Per.Hours())), nil
		}
	}
	return time.Time{}, "", nil
}

// calls counts what was called since an instant, by whole hours, what is not written down yet included.
func (c *Channels) calls(ctx context.Context, ch Channel, since time.Time) (int, error) {
	since = since.Truncate(time.Hour)
	n, err := db.One[int](ctx, c.db, `select coalesce(sum(calls), 0) from call_counts where workspace_id = $1 and channel_id = $2 and hour >= $3`, ch.WorkspaceID, ch.ID, since)
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	for key, t := range c.meter.counts {
		if key.workspaceID == ch.WorkspaceID && key.channelID == ch.ID && !key.hour.Before(since) {
			n += t.calls
		}
	}
	return n, err
}

// said is the network's last word on each budget.
func (c *Channels) said(ctx context.Context, ch Channel) ([]Said, error) {
	rows, err := db.All[Said](ctx, c.db, `select name, limit_value, remaining, resets_at, at from call_limits where workspace_id = $1 and channel_id = $2 order by name`, ch.WorkspaceID, ch.ID)
	if err != nil {
		return nil, err
	}
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	for key, fresh := range c.meter.limits {
		if key[0] != ch.WorkspaceID || key[1] != ch.ID {
			continue
		}
		if at := slices.IndexFunc(rows, func(s Said) bool { return s.Name == fresh.Name }); at >= 0 {
			rows[at] = fresh
		} else {
			rows = append(rows, fresh)
		}
	}
	return rows, nil
}

// Called is how often an endpoint was called.
type Called struct {
	Endpoint string `db:"endpoint" json:"endpoint"`
	Calls    int    `db:"calls" json:"calls"`
	Refused  int    `db:"refused" json:"refused"` // answered that it is too much
}

// CalledHour are the calls of one hour.
type CalledHour struct {
	Hour    time.Time `db:"hour" json:"hour"` // begins, UTC
	Calls   int       `db:"calls" json:"calls"`
	Refused int       `db:"refused" json:"refused"`
}

// Budget is how much of a known cap on calls is used.
type Budget struct {
	network.Cap
	Used int // in the window that ends now, by whole hours
}

// Meter is how a channel's budget of calls stands.
type Meter struct {
	Hours     []CalledHour // the last 24, the oldest first, those without calls included
	Endpoints []Called     // of these hours, the most called first; at most 20
	Budgets   []Budget     // what the network is known to allow of calls
	App       int          // calls of all channels of this network in these hours
	Said      []Said       // the network's own word
	Held      time.Time    // reading waits until then for publishing; zero = it does not
	Why       string
}

// Meter reads how a channel's budget of calls stands.
func (c *Channels) Meter(ctx context.Context, actor workspace.Actor, ch Channel) (Meter, error) {
	var m Meter
	if ch.WorkspaceID != actor.WorkspaceID {
		return m, fault.NotFoundf("there is no such channel in this workspace")
	}
	if err := c.WriteCalls(ctx); err != nil {
		return m, err
	}
	now := db.Now()
	since := now.Truncate(time.Hour).Add(-23 * time.Hour)
	rows, err := db.All[CalledHour](ctx, c.db, `select hour, sum(calls) as calls, sum(refused) as refused from call_counts where workspace_id = $1 and channel_id = $2 and hour >= $3 group by hour order by hour`, ch.WorkspaceID, ch.ID, since)
	if err != nil {
		return m, err
	}
	for h := since; !h.After(now); h = h.Add(time.Hour) {
		one := CalledHour{Hour: h}
		if at := slices.IndexFunc(rows, func(r CalledHour) bool { return r.Hour.Equal(h) }); at >= 0 {
			one = rows[at]
		}
		m.Hours = append(m.Hours, one)
	}
	if m.Endpoints, err = db.All[Called](ctx, c.db, `select endpoint, sum(calls) as calls, sum(refused) as refused from call_counts where workspace_id = $1 and channel_id = $2 and hour >= $3
		group by endpoint order by sum(calls) desc, endpoint limit 20`, ch.WorkspaceID, ch.ID, since); err != nil {
		return m, err
	}
	if m.App, err = db.One[int](ctx, c.db, `select coalesce(sum(calls), 0) from call_counts where workspace_id = $1 and network = $2 and hour >= $3`, ch.WorkspaceID, ch.Network, since); err != nil {
		return m, err
	}
	if n := c.Network(ch); n != nil {
		for _, k := range n.Spec().Caps {
			if !k.Calls {
				continue
			}
			used, err := c.calls(ctx, ch, now.Add(-k.Per))
			if err != nil {
				return m, err
			}
			m.Budgets = append(m.Budgets, Budget{k, used})
		}
	}
	if m.Said, err = c.said(ctx, ch); err != nil {
		return m, err
	}
	m.Held, m.Why, err = c.kept(ctx, ch, now)
	return m, err
}

// Total is how many calls the hours hold.
func (m Meter) Total() int {
	n := 0
	for _, h := range m.Hours {
		n += h.Calls
	}
	return n
}
