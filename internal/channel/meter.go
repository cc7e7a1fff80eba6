package channel

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// meter counts the calls of this process until they are written down (C28).
type meter struct {
	mu     sync.Mutex
	counts map[counted]tally
	limits map[[3]string]Said // by workspace, channel and name
	wrote  time.Time          // when they were written down last
}

type counted struct {
	workspaceID, channelID, network, endpoint string
	hour                                      time.Time
}

type tally struct{ calls, refused int }

// endpointsKept bounds what is remembered between two writings; what is above counts as one endpoint more.
const endpointsKept = 20_000

func newMeter() *meter {
	return &meter{counts: map[counted]tally{}, limits: map[[3]string]Said{}, wrote: db.Now()}
}

// of counts the calls of a channel.
func (m *meter) of(ch Channel) func(safehttp.Call) {
	return func(call safehttp.Call) {
		now := db.Now()
		key := counted{ch.WorkspaceID, ch.ID, ch.Network, endpointOf(call), now.Truncate(time.Hour)}
		m.mu.Lock()
		defer m.mu.Unlock()
		if _, known := m.counts[key]; !known && len(m.counts) >= endpointsKept {
			key.endpoint = "others"
		}
		t := m.counts[key]
		if t.calls++; call.Status == http.StatusTooManyRequests {
			t.refused++
		}
		m.counts[key] = t
		for _, said := range saidOf(call, now) {
			m.limits[[3]string{ch.WorkspaceID, ch.ID, said.Name}] = said
		}
	}
}

// one names one thing in a path: ids, handles, hashes.
var one = regexp.MustCompile(`^(?:.*[0-9].*|.{25,}|.*[@:%].*)$`)

// version is a path's own number, which names nothing.
var version = regexp.MustCompile(`^v[0-9]+(?:\.[0-9]+)?$`)

// endpointOf is a call's method, host and path without what names one thing, so that an endpoint is one however many
// things it was asked about.
func endpointOf(call safehttp.Call) string {
	out := call.Method + " " + call.Host
	parts := 0
	for rest := call.Path; rest != "" && parts < 8; parts++ {
		var part string
		part, rest = cutPath(rest)
		if part == "" {
			continue
		}
		if one.MatchString(part) && !version.MatchString(part) {
			part = "{}"
		}
		out += "/" + part
	}
	if len(out) > 160 {
		out = out[:160]
	}
	return out
}

func cutPath(s string) (part, rest string) {
	for len(s) > 0 && s[0] == '/' {
		s = s[1:]
	}
	for i := range len(s) {
		if s[i] == '/' {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// WriteCalls writes down what was counted since the last time. What a crash loses of the meter is a few seconds of it.
func (c *Channels) WriteCalls(ctx context.Context) error {
	m := c.meter
	m.mu.Lock()
	counts, limits := m.counts, m.limits
	m.wrote = db.Now()
	m.counts, m.limits = map[counted]tally{}, map[[3]string]Said{}
	m.mu.Unlock()
	if len(counts) == 0 {
		return nil
	}
	err := c.db.Tx(ctx, func(tx *db.Tx) error {
		for key, t := range counts {
			if _, err := db.Exec(ctx, tx, `insert into call_counts (workspace_id, channel_id, hour, endpoint, network, calls, refused) values ($1, $2, $3, $4, $5, $6, $7)
				on conflict (workspace_id, channel_id, hour, endpoint) do update set calls = call_counts.calls + excluded.calls, refused = call_counts.refused + excluded.refused`,
				key.workspaceID, key.channelID, key.hour, key.endpoint, key.network, t.calls, t.refused); err != nil {
				return err
			}
		}
		for key, s := range limits {
			if _, err := db.Exec(ctx, tx, `insert into call_limits (workspace_id, channel_id, name, limit_value, remaining, resets_at, at) values ($1, $2, $3, $4, $5, $6, $7)
				on conflict (workspace_id, channel_id, name) do update set limit_value = excluded.limit_value, remaining = excluded.remaining, resets_at = excluded.resets_at, at = excluded.at`,
				key[0], key[1], key[2], s.Limit, s.Remaining, s.ResetsAt, s.At); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		m.putBack(counts)
	}
	return err
}

// writeEvery is how often a process writes its counts down while it works.
const writeEvery = 15 * time.Second

// writeSoon writes the counts down when that is due: each replica has its own. What fails is written with the next.
func (c *Channels) writeSoon(ctx context.Context) {
	c.meter.mu.Lock()
	due := db.Now().Sub(c.meter.wrote) > writeEvery
	c.meter.mu.Unlock()
	if due {
		if err := c.WriteCalls(ctx); err != nil {
			slog.Warn("write down how often networks were called", "error", err)
		}
	}
}

// putBack counts again what could not be written.
func (m *meter) putBack(counts map[counted]tally) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, t := range counts {
		now := m.counts[key]
		m.counts[key] = tally{now.calls + t.calls, now.refused + t.refused}
	}
}

// hoursKept is how long the meter keeps hours: a month's chart, and some days to look back.
const hoursKept = 35 * 24 * time.Hour

// SweepCalls forgets old hours of the meter.
func (c *Channels) SweepCalls(ctx context.Context) error {
	_, err := db.Exec(ctx, c.db, `delete from call_counts where hour < $1`, db.Now().Add(-hoursKept))
	return err
}
