package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

const browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"

// linked makes a house with short links and a site.
func (b *bench) linked(ctx context.Context) (*house, error) {
	h, err := b.newHouse(ctx, b.folder("redirect"))
	if err != nil {
		return nil, err
	}
	now := db.Now()
	err = h.db.Tx(ctx, func(tx *db.Tx) error {
		s := newStock(ctx, tx, "links", "workspace_id, id, brand_id, slug, url, created_by, created_at")
		for i := range links {
			if err := s.add(h.actor.WorkspaceID, named("link", now, i), h.brandID, slug(i), fmt.Sprintf("https://shop.example/p/%d?utm_source=sandbox&utm_medium=social&utm_campaign=winter", i), h.actor.UserID, now); err != nil {
				return err
			}
		}
		if err := s.flush(); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `insert into sites (workspace_id, id, name, origins, key, created_at) values ($1, $2, 'shop.example', '["https://shop.example"]', 's_bench', $3)`, h.actor.WorkspaceID, named("site", now, 1), now)
		return err
	})
	if err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

const links = 10_000

func slug(i int) string { return fmt.Sprintf("b%06d", i) }

// visitor is a request of a person of their own: another address, so that each click is a human's first.
func visitor(host string, i int) request {
	return get(host, "/l/"+slug(i%links), 302, browser, "Accept: text/html", fmt.Sprintf("X-Forwarded-For: 10.%d.%d.%d", i>>16&255, i>>8&255, i&255))
}

// stored waits until what the program took in lies in its database.
func stored(data string) error {
	for range 6000 {
		waiting := 0
		for _, kind := range []string{"clicks", "events"} {
			names, err := os.ReadDir(filepath.Join(data, "spool", kind))
			if err != nil {
				return err
			}
			waiting += len(names)
		}
		if waiting == 0 {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("the spool was not stored within a minute")
}

func redirect(ctx context.Context, b *bench) error {
	h, err := b.linked(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	ours, err := b.serve(ctx, h.data, "--proxies", "127.0.0.1/32")
	if err != nil {
		return err
	}
	defer ours.stop()
	bare, err := b.floor(ctx)
	if err != nil {
		return err
	}
	defer bare.stop()
	seen := 0
	next := func(host string, n int) func(int) request {
		from := seen
		seen += n
		return func(i int) request { return visitor(host, from+i) }
	}
	n := b.n(20_000, 200)
	if _, err := closed(ours.host, 4, links, next(ours.host, links)); err != nil { // every link is known from here on
		return err
	}
	if err := stored(h.data); err != nil {
		return err
	}
	if b.wants("G1") || b.wants("G2") {
		if err := b.redirects(h, ours, bare, n, next); err != nil {
			return err
		}
	}
	if b.wants("G3") {
		if err := b.openLoop(ctx, ours, bare, next); err != nil {
			return err
		}
	}
	ours.stop()
	if b.wants("G5") {
		return b.killed(ctx, h, next)
	}
	return nil
}

// redirects measures rate and CPU in one go; the CPU includes storing the clicks afterwards.
func (b *bench) redirects(h *house, ours, bare *process, n int, next func(string, int) func(int) request) error {
	var rates, bareRates []float64
	cpu, floor, err := b.alternate(func() (float64, error) {
		before := ours.cpu()
		v, err := closed(ours.host, 32, n, next(ours.host, n))
		if err != nil {
			return 0, err
		}
		rates = append(rates, v.rate())
		if err := stored(h.data); err != nil {
			return 0, err
		}
		return float64(ours.cpu()-before) / float64(n), nil
	}, func() (float64, error) {
		before := bare.cpu()
		v, err := closed(bare.host, 32, n, next(bare.host, n))
		bareRates = append(bareRates, v.rate())
		return float64(bare.cpu()-before) / float64(n), err
	})
	if err != nil {
		return err
	}
	b.add(cell{goal: "G1", what: "CPU a redirect, its click stored as a row", ours: ms(time.Duration(cpu)), floor: ms(time.Duration(floor)), ratio: cpu / floor, limit: "≤ 2× L3", pass: cpu <= 2*floor})
	rate, most := median(rates), median(bareRates)
	b.add(cell{goal: "G2", what: "redirects a second, 32 connections", ours: fmt.Sprintf("%.0f/s", rate), floor: fmt.Sprintf("%.0f/s", most), ratio: rate / most, limit: "≥ 0.5× L3", pass: rate >= 0.5*most})
	return nil
}

func (b *bench) openLoop(ctx context.Context, ours, bare *process, next func(string, int) func(int) request) error {
	n := b.n(10_000, 100)
	p99, floor, err := b.alternate(func() (float64, error) {
		v, err := open(ctx, ours.host, 1000, n, next(ours.host, n))
		return float64(at(v.each, 99)), err
	}, func() (float64, error) {
		v, err := open(ctx, bare.host, 1000, n, next(bare.host, n))
		return float64(at(v.each, 99)), err
	})
	if err != nil {
		return err
	}
	b.add(cell{goal: "G3", what: "redirect at 1,000/s, p99 from due", ours: ms(time.Duration(p99)), floor: ms(time.Duration(floor)), ratio: p99 / floor, limit: "≤ 3× L5 and ≤ 20 ms", pass: p99 <= 3*floor && p99 <= 20e6})
	return nil
}

// killed kills the program right after it acknowledged clicks and events, and counts them after it came back.
func (b *bench) killed(ctx context.Context, h *house, next func(string, int) func(int) request) error {
	n := b.n(2000, 50)
	count := func() (int, error) {
		return db.One[int](ctx, h.db, `select (select count(*) from clicks) + (select count(*) from track_events)`)
	}
	acknowledged, lost := 0, 0
	for range b.Rounds {
		p, err := b.serve(ctx, h.data, "--proxies", "127.0.0.1/32")
		if err != nil {
			return err
		}
		if err := stored(h.data); err != nil {
			return err
		}
		before, err := count()
		if err != nil {
			return err
		}
		if _, err := closed(p.host, 8, n, next(p.host, n)); err != nil {
			return err
		}
		_, err = closed(p.host, 8, n, func(i int) request {
			body := fmt.Appendf(nil, `{"s":"s_bench","i":"ev-%d-%d","n":"page_view","u":"https://shop.example/%d"}`, acknowledged, i, i)
			return wire("POST", p.host, "/e", body, 202, browser, "Origin: https://shop.example", "Content-Type: text/plain")
		})
		if err != nil {
			return err
		}
		p.kill()
		if p, err = b.serve(ctx, h.data); err != nil {
			return err
		}
		if err := stored(h.data); err != nil {
			return err
		}
		after, err := count()
		p.stop()
		if err != nil {
			return err
		}
		acknowledged += 2 * n
		lost += 2*n - (after - before)
	}
	b.add(cell{goal: "G5", what: "acknowledged clicks and events lost by kill -9", ours: fmt.Sprintf("%d of %d", lost, acknowledged), limit: "0", pass: lost == 0})
	return nil
}
