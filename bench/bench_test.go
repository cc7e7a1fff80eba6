package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the tests start themselves as the floor's server, as the program does.
func TestMain(m *testing.M) {
	if os.Getenv(floorEnv) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// law are the goals that the bench answers for, and those beside them.
var law = strings.Fields("G1 G2 G3 G5 G10 G11 G12 G13 G14 G15 G16 G17 G18 G19 G21 G22 G23 G24 G25 G26 drain screens dashboard inbox preview demo script text")

func TestEveryGoalIsKnownOnce(t *testing.T) {
	var known []string
	for _, g := range groups {
		if g.run == nil || len(g.goals) == 0 {
			t.Errorf("the group %s measures nothing", g.name)
		}
		for _, goal := range g.goals {
			known = append(known, goal.id)
		}
	}
	slices.Sort(known)
	want := slices.Sorted(slices.Values(law))
	if !slices.Equal(known, want) {
		t.Errorf("the bench knows %v, want %v", known, want)
	}
}

// TestARunPrintsEveryGoalItWasAskedFor runs what needs neither a program nor a browser, at a size that takes no time. It
// judges that there are figures, not what they are.
func TestARunPrintsEveryGoalItWasAskedFor(t *testing.T) {
	var out, progress bytes.Buffer
	failed, err := run(context.Background(), []string{"-only", "text,screens", "-scale", "0.0005", "-rounds", "1", "-cache", t.TempDir()}, &out, &progress)
	if err != nil || failed > 0 {
		t.Fatalf("%d goals failed, %v\n%s%s", failed, err, progress.String(), out.String())
	}
	for _, goal := range []string{"text", "screens", "dashboard", "inbox", "preview"} {
		if !regexp.MustCompile(`(?m)^\| ` + goal + ` .*\|.*(µs|ms|s) .*\| (pass|\*\*miss\*\*)`).MatchString(out.String()) {
			t.Errorf("no verdict on %s:\n%s", goal, out.String())
		}
	}
}

func TestWhatCannotBeMeasuredSaysWhy(t *testing.T) {
	var out bytes.Buffer
	failed, err := run(context.Background(), []string{"-only", "script", "-program", "/nowhere/bellwether"}, &out, &bytes.Buffer{})
	if err != nil || failed != 1 || !strings.Contains(out.String(), "not measured here, because") {
		t.Errorf("%d failed, %v: %s", failed, err, out.String())
	}
}

func TestUnknownGoalsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-only", "G99"}, {"-scale", "0"}, {"-rounds", "0"}} {
		if _, err := parse(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
	if o, err := parse([]string{"-only", "G10,journal"}, &bytes.Buffer{}); err != nil || len(o.Only) != 6 {
		t.Errorf("G10 and the journal are %v (%v)", o.Only, err)
	}
}

func TestMediansAndIdsAreStable(t *testing.T) {
	if got := median([]int{5, 1, 3}); got != 3 {
		t.Errorf("the median is %d", got)
	}
	if got := named("post", samplePost().At, 7); got != named("post", samplePost().At, 7) || !strings.HasPrefix(got, "post_") || len(got) != 31 {
		t.Errorf("the id %q is not the same each time, or not of the program's shape", got)
	}
}
