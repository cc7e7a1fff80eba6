package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// goal is one line of the law: what must hold.
type goal struct{ id, what string }

// group measures goals that share their preparation.
type group struct {
	name  string
	goals []goal
	run   func(context.Context, *bench) error
}

// groups are in the order in which they run: what needs a quiet machine first.
var groups = []group{
	{"redirect", []goal{{"G1", "redirect with its click stored, CPU a request"}, {"G2", "redirects a second, 32 connections"}, {"G3", "redirect at 1,000 a second, latency from the due time"}, {"G5", "acknowledged clicks and events lost by kill -9"}}, redirect},
	{"store", []goal{{"G10", "create a scheduled post, one caller"}, {"G11", "create scheduled posts, 8 callers"}, {"G12", "the same with 100,000 posts stored"}, {"G13", "a month of 500 posts by the API"}}, store},
	{"journal", []goal{{"G14", "lateness, one post due"}, {"G15", "lateness, 100 due in one second on 10 accounts"}, {"G16", "lateness, 1,000 due in one second"}, {"G17", "“publish now” to the request at the network"}, {"G26", "recovery after kill -9 while publishing"}}, lateness},
	{"drain", []goal{{"drain", "10,000 targets due in one minute on 100 channels"}}, drain},
	{"page", []goal{{"G18", "calendar page of 500 posts, first contentful paint"}, {"G19", "calendar page: bytes, script, requests"}}, calendarPage},
	{"machine", []goal{{"G21", "memory when idle"}, {"G22", "memory after a burst"}, {"G23", "CPU when idle"}, {"G24", "cold start"}, {"G25", "size of the program"}, {"demo", "demo, from the command to its first page"}, {"script", "size of the event script"}}, machine},
	{"screens", []goal{{"screens", "server time of each main screen"}, {"dashboard", "server time of the dashboards, by period"}, {"inbox", "server time of the inbox: lists, filters, a conversation, search"}, {"preview", "a keystroke's preview with 20 channels"}}, screens},
	{"text", []goal{{"text", "counting and finding what is in a post's text"}}, textRules},
}

// cell is one measured line of the table.
type cell struct {
	goal, what  string
	ours, floor string
	ratio       float64 // 0 = there is no floor to compare with
	limit       string
	pass        bool
	note        string
	skipped     string // why it is not measured
}

// bench is one run.
type bench struct {
	options
	work     string
	progress io.Writer
	program  string
	cells    []cell
	closing  []func()
}

func (b *bench) wants(id string) bool { return len(b.Only) == 0 || slices.Contains(b.Only, id) }

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.progress, "  "+format+"\n", args...) }

func (b *bench) add(c cell) {
	b.cells = append(b.cells, c)
	verdict := "miss"
	switch {
	case c.skipped != "":
		verdict = "not measured: " + c.skipped
	case c.pass:
		verdict = "pass"
	}
	b.say("%s %s: %s against %s, limit %s: %s %s", c.goal, c.what, c.ours, cmp.Or(c.floor, "—"), c.limit, verdict, c.note)
}

func (b *bench) skip(id, what, because string) { b.add(cell{goal: id, what: what, skipped: because}) }

// n is a size that a goal names, at the scale of this run and never below least.
func (b *bench) n(full, least int) int { return max(int(float64(full)*b.Scale), least) }

func (b *bench) close() {
	for _, fn := range slices.Backward(b.closing) {
		fn()
	}
	_ = os.RemoveAll(b.work)
}

// folder is a new empty folder that ends with the run.
func (b *bench) folder(name string) string {
	dir, err := os.MkdirTemp(b.work, name+"-")
	if err != nil {
		panic(err) // the folder above was made a moment ago
	}
	return dir
}

// binary is the program, built once.
func (b *bench) binary(ctx context.Context) (string, error) {
	if b.Program != "" {
		return b.Program, nil
	}
	if b.program == "" {
		path := filepath.Join(b.work, "bellwether")
		cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", path, "github.com/bellwether-social/bellwether/cmd/bellwether")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build the program: %w\n%s", err, out)
		}
		b.program = path
	}
	return b.program, nil
}

// alternate lets ours and the floor take turns, so that a neighbour's load meets both, and returns the medians.
func (b *bench) alternate(ours, floor func() (float64, error)) (float64, float64, error) {
	var o, f []float64
	for range b.Rounds {
		for _, turn := range []struct {
			do   func() (float64, error)
			into *[]float64
		}{{floor, &f}, {ours, &o}} {
			v, err := turn.do()
			if err != nil {
				return 0, 0, err
			}
			*turn.into = append(*turn.into, v)
		}
	}
	return median(o), median(f), nil
}

func median[T cmp.Ordered](of []T) T {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

// at is a percentile, 0 … 100.
func at(of []time.Duration, percent float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(of))
	return s[min(int(float64(len(s))*percent/100), len(s)-1)]
}

func ms(d time.Duration) string {
	switch {
	case d < 100*time.Microsecond:
		return fmt.Sprintf("%.0f µs", float64(d)/1e3)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
