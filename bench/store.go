package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the floor of a commit

	"github.com/bellwether-social/bellwether/internal/db"
)

// planned is the number of the next post, so that no two say the same.
var planned atomic.Int64

// caller creates scheduled posts, as an integration does, over one connection.
func (h *house) caller(host, channel string) (func(int) error, func(), error) {
	l, err := dial(host)
	if err != nil {
		return nil, nil, err
	}
	call := func(int) error {
		n := planned.Add(1)
		at := time.Now().UTC().Add(30*24*time.Hour + time.Duration(n%50_000)*7*time.Minute)
		body := fmt.Appendf(nil, `{"brand_id":%q,"channels":[%q],"base":{"parts":[{"text":"Number %d: the winter roast is here, dark, slow and a little sweet. https://shop.example/%d"}],"language":"en"},`+
			`"schedule":{"at":%q,"zone":"UTC","confirm":true}}`, h.brandID, channel, n, n, at.Format("2006-01-02T15:04"))
		return l.ask(h.api("POST", host, "/api/v1/posts", body, 201), nil)
	}
	return call, func() { _ = l.c.Close() }, nil
}

// commits is the floor of a durable row: SQLite, 8 columns, one index, one row a commit (L10).
type commits struct {
	db *sql.DB
	n  int
}

func (b *bench) commits() (*commits, error) {
	d, err := sql.Open("sqlite", "file:"+filepath.Join(b.folder("commits"), "floor.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	d.SetMaxOpenConns(1)
	_, err = d.Exec(`create table rows (id text primary key, a text, b text, c text, d int, e int, f int, g text); create index rows_by_d on rows (d)`)
	return &commits{db: d}, err
}

func (c *commits) one(int) error {
	c.n++
	_, err := c.db.Exec(`insert into rows values (?, ?, ?, ?, ?, ?, ?, ?)`, fmt.Sprintf("post_%022d", c.n), "the winter roast is here", "draft", "en", c.n, 2, 3, "{}")
	return err
}

func store(ctx context.Context, b *bench) error {
	h, err := b.newHouse(ctx, b.folder("store"))
	if err != nil {
		return err
	}
	defer h.close()
	channels, err := h.sandboxes(ctx, 8)
	if err != nil {
		return err
	}
	if b.wants("G10") || b.wants("G11") || b.wants("G12") {
		few, err := b.create(ctx, h, channels)
		if err != nil {
			return err
		}
		if b.wants("G12") {
			if err := b.createAmongMany(ctx, h, channels, few); err != nil {
				return err
			}
		}
	}
	if b.wants("G13") {
		return b.month(ctx)
	}
	return nil
}

func (b *bench) create(ctx context.Context, h *house, channels []string) (few time.Duration, err error) {
	p, err := b.serve(ctx, h.data)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	floor, err := b.floor(ctx)
	if err != nil {
		return 0, err
	}
	defer floor.stop()
	if _, err := callers(1, 100, func() (func(int) error, func(), error) { return h.caller(p.host, channels[0]) }); err != nil {
		return 0, err
	}
	if b.wants("G10") {
		c, err := b.commits()
		if err != nil {
			return 0, err
		}
		defer c.db.Close()
		n := b.n(400, 40)
		var all []time.Duration
		p50, most, err := b.alternate(func() (float64, error) {
			v, err := callers(1, n, func() (func(int) error, func(), error) { return h.caller(p.host, channels[0]) })
			all = append(all, v.each...)
			return float64(at(v.each, 50)), err
		}, func() (float64, error) {
			v, err := callers(1, n, func() (func(int) error, func(), error) { return c.one, func() {}, nil })
			return float64(at(v.each, 50)), err
		})
		if err != nil {
			return 0, err
		}
		b.add(cell{goal: "G10", what: "create a scheduled post, p50", ours: ms(time.Duration(p50)), floor: ms(time.Duration(most)), ratio: p50 / most, limit: "≤ 5× L10", pass: p50 <= 5*most})
		p99 := at(all, 99)
		b.add(cell{goal: "G10", what: "create a scheduled post, p99", ours: ms(p99), limit: "≤ 10 ms", pass: p99 <= 10*time.Millisecond})
	}
	n := b.n(800, 80)
	var rates, firsts []float64
	cpu, least, err := b.alternate(func() (float64, error) {
		before := p.cpu()
		v, err := callers(8, n, func() (func(int) error, func(), error) {
			return h.caller(p.host, channels[int(planned.Add(1))%len(channels)])
		})
		rates, firsts = append(rates, v.rate()), append(firsts, float64(at(v.each, 50)))
		return float64(p.cpu()-before) / float64(n), err
	}, func() (float64, error) {
		body, _ := json.Marshal(samplePost())
		before := floor.cpu()
		_, err := closed(floor.host, 8, 10*n, func(int) request { return wire("POST", floor.host, "/posts", body, 200) })
		return float64(floor.cpu()-before) / float64(10*n), err
	})
	if err != nil {
		return 0, err
	}
	rate := median(rates)
	if b.wants("G11") {
		b.add(cell{goal: "G11", what: "create a scheduled post, 8 callers, posts a second", ours: fmt.Sprintf("%.0f/s", rate), limit: "≥ 1,500/s", pass: rate >= 1500})
		b.add(cell{goal: "G11", what: "create a scheduled post, 8 callers, CPU a post", ours: ms(time.Duration(cpu)), floor: ms(time.Duration(least)), ratio: cpu / least, limit: "≤ 8× L7", pass: cpu <= 8*least})
	}
	return time.Duration(median(firsts)), nil
}

// createAmongMany repeats the measurement with many posts stored, on an installation of its own, taking turns with one
// that holds few.
func (b *bench) createAmongMany(ctx context.Context, h *house, channels []string, _ time.Duration) error {
	if b.Database != "" {
		b.skip("G12", "create with 100,000 posts stored", "the bench was given one PostgreSQL database and this goal compares two installations")
		return nil
	}
	full, err := b.newHouse(ctx, b.folder("many"))
	if err != nil {
		return err
	}
	defer full.close()
	others, err := full.sandboxes(ctx, 8)
	if err != nil {
		return err
	}
	stored := b.n(100_000, 1000)
	if err := full.posts(ctx, others, stored, db.Now().AddDate(0, 0, -400), 5*time.Minute, "published"); err != nil {
		return err
	}
	few, err := b.serve(ctx, h.data)
	if err != nil {
		return err
	}
	defer few.stop()
	many, err := b.serve(ctx, full.data)
	if err != nil {
		return err
	}
	defer many.stop()
	n := b.n(400, 40)
	turn := func(h *house, p *process, channels []string) func() (float64, error) {
		return func() (float64, error) {
			v, err := callers(8, n, func() (func(int) error, func(), error) {
				return h.caller(p.host, channels[int(planned.Add(1))%len(channels)])
			})
			return float64(at(v.each, 50)), err
		}
	}
	long, short, err := b.alternate(turn(full, many, others), turn(h, few, channels))
	if err != nil {
		return err
	}
	b.add(cell{goal: "G12", what: fmt.Sprintf("create with %d posts stored, 8 callers, p50", stored), ours: ms(time.Duration(long)), floor: ms(time.Duration(short)), ratio: long / short, limit: "≤ 1.3× of few", pass: long <= 1.3*short})
	return nil
}

// posts writes posts with one target each, one every gap from an instant on, spread over the channels.
func (h *house) posts(ctx context.Context, channels []string, n int, from time.Time, gap time.Duration, state string) error {
	return h.db.Tx(ctx, func(tx *db.Tx) error {
		posts := newStock(ctx, tx, "posts", "workspace_id, id, brand_id, state, base, author_id, created_at, updated_at")
		targets := newStock(ctx, tx, "targets", "workspace_id, id, post_id, channel_id, state, due_at, wall, zone, responsible_id, published_at, remote_id, text_plain")
		for i := range n {
			at := from.Add(time.Duration(i) * gap)
			post, text := named("post", at, i), fmt.Sprintf("Stored %d: the winter roast is here, dark, slow and a little sweet.", i)
			if err := posts.add(h.actor.WorkspaceID, post, h.brandID, state, `{"parts":[{"text":"`+text+`"}],"language":"en"}`, h.actor.UserID, at, at); err != nil {
				return err
			}
			var published time.Time
			remote := ""
			if state == "published" {
				published, remote = at, fmt.Sprintf("r%d", i)
			}
			if err := targets.add(h.actor.WorkspaceID, named("targ", at, i), post, channels[i%len(channels)], state, at, at.Format("2006-01-02T15:04"), "UTC", h.actor.UserID, published, remote, text); err != nil {
				return err
			}
		}
		if err := posts.flush(); err != nil {
			return err
		}
		return targets.flush()
	})
}

// month asks for a calendar month of 500 posts.
func (b *bench) month(ctx context.Context) error {
	h, err := b.newHouse(ctx, b.folder("month"))
	if err != nil {
		return err
	}
	defer h.close()
	channels, err := h.sandboxes(ctx, 5)
	if err != nil {
		return err
	}
	from := db.Now().AddDate(0, 1, 0).Truncate(24 * time.Hour)
	if err := h.posts(ctx, channels, 500, from, 85*time.Minute, "scheduled"); err != nil {
		return err
	}
	p, err := b.serve(ctx, h.data)
	if err != nil {
		return err
	}
	defer p.stop()
	floor, err := b.floor(ctx)
	if err != nil {
		return err
	}
	defer floor.stop()
	path := "/api/v1/calendar?from=" + from.Format(time.RFC3339) + "&to=" + from.AddDate(0, 0, 31).Format(time.RFC3339)
	ask := h.api("GET", p.host, path, nil, 200)
	packed := wire("GET", p.host, path, nil, 200, "Authorization: Bearer "+h.key, "Accept-Encoding: gzip")
	l, err := dial(p.host)
	if err != nil {
		return err
	}
	defer l.c.Close()
	var plain, wired bytes.Buffer
	if err := l.ask(ask, &plain); err != nil {
		return err
	}
	if err := l.ask(packed, &wired); err != nil {
		return err
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(plain.Bytes(), &rows); err != nil || len(rows) != 500 {
		return fmt.Errorf("the calendar lists %d posts, want 500 (%w)", len(rows), err)
	}
	n := b.n(300, 20)
	var p50s []float64
	cpu, least, err := b.alternate(func() (float64, error) {
		before := p.cpu()
		v, err := closed(p.host, 1, n, func(int) request { return packed })
		p50s = append(p50s, float64(at(v.each, 50)))
		return float64(p.cpu()-before) / float64(n) / 500 * 200, err
	}, func() (float64, error) {
		before := floor.cpu()
		_, err := closed(floor.host, 1, 3*n, func(int) request { return get(floor.host, "/posts", 200) })
		return float64(floor.cpu()-before) / float64(3*n), err
	})
	if err != nil {
		return err
	}
	p50 := time.Duration(median(p50s))
	b.add(cell{goal: "G13", what: "a month of 500 posts by the API, p50", ours: ms(p50), limit: "≤ 5 ms", pass: p50 <= 5*time.Millisecond})
	b.add(cell{goal: "G13", what: "its bytes as sent to who takes gzip", ours: fmt.Sprintf("%.1f KB", float64(wired.Len())/1000), floor: fmt.Sprintf("%.1f KB plain", float64(plain.Len())/1000), ratio: float64(wired.Len()) / float64(plain.Len()), limit: "≤ 40 KB", pass: wired.Len() <= 40_000})
	b.add(cell{goal: "G13", what: "its CPU for 200 posts", ours: ms(time.Duration(cpu)), floor: ms(time.Duration(least)), ratio: cpu / least, limit: "≤ 10× L8", pass: cpu <= 10*least})
	return nil
}
