package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	if os.Getenv(floorEnv) != "" { // this process is the floor's server, started by another bench
		if err := serveFloor(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	failed, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if err != nil || failed > 0 {
		stop()
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	Only     []string // goals, empty = all
	Scale    float64  // 1 = the sizes the goals name
	Rounds   int
	Database string // postgres:// address of an empty database; "" = SQLite
	Cache    string // where built data sets are kept
	Program  string // a ready binary; "" = built here
	Profile  string // folder for CPU profiles of what runs inside this process
}

func parse(args []string, out io.Writer) (options, error) {
	var o options
	var only string
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&only, "only", "", "goals to measure, with commas: G10,G11 or the name of a group; default all")
	f.Float64Var(&o.Scale, "scale", 1, "share of the sizes that the goals name; below 1 the result is a hint, not a verdict")
	f.IntVar(&o.Rounds, "rounds", 5, "how often ours and the floor take turns; the median counts")
	f.StringVar(&o.Database, "database", "", "postgres://… of a database the bench may fill and empty; default SQLite")
	f.StringVar(&o.Cache, "cache", filepath.Join(cache, "bellwether-bench"), "folder that keeps built data sets for the next run")
	f.StringVar(&o.Program, "program", "", "a ready bellwether binary; default: built from these sources")
	f.StringVar(&o.Profile, "profile", "", "folder for CPU profiles of what runs inside the bench: screens, drain")
	list := f.Bool("list", false, "list the goals and stop")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if *list {
		for _, g := range groups {
			for _, goal := range g.goals {
				fmt.Fprintf(out, "%-9s %-9s %s\n", goal.id, g.name, goal.what)
			}
		}
		return o, flag.ErrHelp
	}
	if o.Scale <= 0 || o.Scale > 10 || o.Rounds < 1 {
		return o, fmt.Errorf("-scale is above 0 and at most 10, -rounds at least 1")
	}
	for _, name := range strings.FieldsFunc(only, func(r rune) bool { return r == ',' || r == ' ' }) {
		known := false
		for _, g := range groups {
			for _, goal := range g.goals {
				if strings.EqualFold(name, goal.id) || strings.EqualFold(name, g.name) {
					o.Only, known = append(o.Only, goal.id), true
				}
			}
		}
		if !known {
			return o, fmt.Errorf("there is no goal or group %q; -list names them", name)
		}
	}
	return o, nil
}

// run measures what the arguments ask for and prints the table; failed is how many goals met an error of the bench.
func run(ctx context.Context, args []string, out, progress io.Writer) (failed int, err error) {
	o, err := parse(args, out)
	if err == flag.ErrHelp {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	work, err := os.MkdirTemp("", "bellwether-bench-")
	if err != nil {
		return 0, err
	}
	b := &bench{options: o, work: work, progress: progress}
	defer b.close()
	var cells []cell
	for _, g := range groups {
		if !slices.ContainsFunc(g.goals, func(goal goal) bool { return b.wants(goal.id) }) {
			continue
		}
		fmt.Fprintf(progress, "— %s\n", g.name)
		b.cells = nil
		broken := g.run(ctx, b)
		for _, goal := range g.goals {
			if !b.wants(goal.id) {
				continue
			}
			found := false
			for _, c := range b.cells {
				if c.goal == goal.id {
					cells, found = append(cells, c), true
				}
			}
			if !found {
				failed++
				because := "the bench measured nothing"
				if broken != nil {
					because = broken.Error()
				}
				cells = append(cells, cell{goal: goal.id, what: goal.what, skipped: because})
			}
		}
		if broken != nil {
			fmt.Fprintf(progress, "  %v\n", broken)
		}
		if ctx.Err() != nil {
			break
		}
	}
	report(out, o, cells)
	return failed, ctx.Err()
}
