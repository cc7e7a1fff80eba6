package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

// settle is how long a program is left alone before its memory and CPU are read.
func (b *bench) settle() time.Duration { return max(seconds(10*b.Scale), time.Second) }

func machine(ctx context.Context, b *bench) error {
	if err := b.fresh(ctx); err != nil {
		return err
	}
	if b.wants("G21") || b.wants("G24") {
		if err := b.full(ctx); err != nil {
			return err
		}
	}
	if b.wants("G25") {
		if err := b.size(ctx); err != nil {
			return err
		}
	}
	if b.wants("demo") {
		return b.demo(ctx)
	}
	return nil
}

// fresh judges an installation that holds nothing yet.
func (b *bench) fresh(ctx context.Context) error {
	if b.wants("G24") {
		var each []time.Duration
		for range b.Rounds {
			dir := b.folder("cold")
			if b.Database != "" {
				h, err := openHouse(ctx, dir, b.Database)
				if err != nil {
					return err
				}
				err = empty(ctx, h.db)
				h.close()
				if err != nil {
					return err
				}
			}
			p, err := b.serve(ctx, dir)
			if err != nil {
				return err
			}
			each = append(each, p.took)
			p.stop()
		}
		b.add(cell{goal: "G24", what: "first start, schema made: the first answer", ours: ms(median(each)), limit: "≤ 0.4 s", pass: median(each) <= 400*time.Millisecond})
	}
	if !b.wants("G21") && !b.wants("G22") && !b.wants("G23") && !b.wants("script") {
		return nil
	}
	h, err := b.linked(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	p, err := b.serve(ctx, h.data, "--proxies", "127.0.0.1/32")
	if err != nil {
		return err
	}
	defer p.stop()
	time.Sleep(b.settle())
	idle := p.memory()
	if b.wants("G21") {
		b.add(cell{goal: "G21", what: "resident memory, fresh and idle", ours: mib(idle), limit: "≤ 50 MB", pass: idle <= 50e6})
	}
	if b.wants("G23") {
		wait := max(seconds(60*b.Scale), 5*time.Second)
		before := p.cpu()
		time.Sleep(wait)
		share := float64(p.cpu()-before) / float64(wait) * 100
		b.add(cell{goal: "G23", what: fmt.Sprintf("CPU when idle, over %s", wait), ours: fmt.Sprintf("%.2f %%", share), limit: "≤ 0.2 % of a core", pass: share <= 0.2})
	}
	if b.wants("script") {
		size, err := script(p)
		if err != nil {
			return err
		}
		b.add(cell{goal: "script", what: "the event script, as it is and unpacked", ours: fmt.Sprintf("%d B", size), limit: "< 3 KB", pass: size < 3000})
	}
	if b.wants("G22") {
		return b.burst(p, idle)
	}
	return nil
}

func script(p *process) (int, error) {
	res, err := http.Get(p.url + "/bw.js")
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return len(raw), err
}

// burst follows links for a minute as fast as the machine lets, and looks at the memory a minute later.
func (b *bench) burst(p *process, idle int64) error {
	long := max(seconds(60*b.Scale), 2*time.Second)
	sent, most := 0, int64(0)
	for end := time.Now().Add(long); time.Now().Before(end); {
		from := sent
		sent += 2000
		if _, err := closed(p.host, 32, 2000, func(i int) request { return visitor(p.host, from+i) }); err != nil {
			return err
		}
		most = max(most, p.memory())
	}
	after := p.memory()
	for end := time.Now().Add(max(seconds(60*b.Scale), 5*time.Second)); time.Now().Before(end); time.Sleep(time.Second) {
		if after = p.memory(); float64(after) <= 1.5*float64(idle) {
			break
		}
	}
	b.add(cell{goal: "G22", what: fmt.Sprintf("resident memory after %d redirects in %s (at most %s)", sent, long, mib(most)), ours: mib(after), floor: mib(idle), ratio: float64(after) / float64(idle), limit: "≤ 1.5× idle", pass: float64(after) <= 1.5*float64(idle)})
	return nil
}

// full judges an installation with everything in it: a copy of the data set, since a running program changes it.
func (b *bench) full(ctx context.Context) error {
	h, err := b.dataset(ctx)
	if err != nil {
		return err
	}
	if b.Database == "" {
		_, _ = db.Exec(ctx, h.db, `pragma wal_checkpoint(truncate)`)
	}
	h.close()
	data := h.data
	if b.Database == "" {
		data = b.folder("full")
		if out, err := exec.CommandContext(ctx, "cp", "-r", "--reflink=auto", h.data+"/.", data).CombinedOutput(); err != nil {
			return fmt.Errorf("copy the data set: %w\n%s", err, out)
		}
		defer os.RemoveAll(data)
	}
	p, err := b.serve(ctx, data)
	if err != nil {
		return err
	}
	defer p.stop()
	s := b.sizes()
	holds := fmt.Sprintf("with %d posts, %d messages, %d clicks and events", s.posts, s.messages, s.clicks+s.events)
	if b.wants("G24") {
		b.add(cell{goal: "G24", what: "start " + holds, ours: ms(p.took), limit: "≤ 1.5 s", pass: p.took <= 1500*time.Millisecond})
	}
	if b.wants("G21") {
		time.Sleep(b.settle())
		m := p.memory()
		b.add(cell{goal: "G21", what: "resident memory, idle " + holds, ours: mib(m), limit: "≤ 120 MB", pass: m <= 120e6})
	}
	return nil
}

// size judges the program as it is released.
func (b *bench) size(ctx context.Context) error {
	program := filepath.Join(b.folder("size"), "bellwether")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "github.com/bellwether-social/bellwether/cmd/bellwether")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the release: %w\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	b.add(cell{goal: "G25", what: "the program as released, screens and all", ours: mib(info.Size()), limit: "≤ 45 MB", pass: info.Size() <= 45e6})
	return nil
}

// demo measures from the command to the answer behind the printed link, in a folder that holds nothing.
func (b *bench) demo(ctx context.Context) error {
	var each []time.Duration
	for range b.Rounds {
		p, err := b.command(ctx, "demo", b.folder("demo"))
		if err != nil {
			return err
		}
		each = append(each, p.took)
		p.stop()
	}
	b.add(cell{goal: "demo", what: "demo: the command to its first page, sample made anew", ours: ms(median(each)), limit: "≤ 1 s", pass: median(each) <= time.Second})
	return nil
}
