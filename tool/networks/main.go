// Command networks writes docs/networks.md: what each network can do through Bellwether, and what it cannot and why. It
// is drawn from the same data as the screens and the rules. Run it after a network changed:
//
//	go run ./tool/networks
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/all"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
)

const file = "docs/networks.md"

func main() {
	var b bytes.Buffer
	write(&b)
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// columns are the abilities of the table, in the words of the screens.
var columns = []struct {
	ability network.Ability
	word    string
}{{network.CanPublish, "Publish"}, {network.CanRead, "Read back"}, {network.CanFind, "Look up"}, {network.CanEdit, "Edit"}, {network.CanDelete, "Delete"}, {network.CanImport, "Import"},
	{network.CanConverse, "Converse"}, {network.CanAct, "Like, hide, mute"}, {network.CanMeasure, "Measure"}, {network.CanAudience, "Audience"}, {network.CanSearch, "Find people"}, {network.CanHear, "Webhooks"}, {network.CanPrice, "Costs"}}

func write(w io.Writer) {
	networks := all.Networks(sandbox.NewWorld(1, time.Now), nil).All()
	say := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	say("# Networks\n\nWhat each network can do through Bellwether, and what it cannot. Written by `go run ./tool/networks` from the networks' own")
	say("data (`Spec` in `internal/network/<name>`), which the screens and the rules use too. Every channel can also hand a post to a")
	say("person at its time (\"Publish by hand\").\n")
	head, rule := "| Network |", "|---|"
	for _, c := range columns {
		head, rule = head+" "+c.word+" |", rule+"---|"
	}
	say("%s\n%s", head, rule)
	for _, n := range networks {
		row, has := "| ["+n.Spec().Name+"](#"+anchor(n.Spec().Name)+") |", network.AbilitiesOf(n)
		for _, c := range columns {
			mark := ""
			if has[c.ability] {
				mark = "yes"
			}
			row += " " + mark + " |"
		}
		say("%s", row)
	}
	for _, n := range networks {
		describe(say, n)
	}
}

func describe(say func(string, ...any), n network.Network) {
	s := n.Spec()
	say("\n## %s\n\n%s\n", s.Name, s.Summary)
	say("- **Text**: %s.%s", textOf(s), also(s))
	if s.Limits.Media > 0 {
		say("- **Files**: up to %d; %s.", s.Limits.Media, strings.Join(slices.Concat(s.ImageMIME, s.VideoMIME, s.DocumentMIME), ", ")+captioned(s))
	}
	if len(s.Settings) > 0 {
		var names []string
		for _, set := range s.Settings {
			name := set.Label
			if set.Required {
				name += " (needed)"
			}
			names = append(names, name)
		}
		say("- **Settings**: %s.", strings.Join(names, "; "))
	}
	if len(s.Metrics) > 0 {
		var names []string
		for _, m := range s.Metrics {
			names = append(names, m.ID+" ("+m.NetworkName+")")
		}
		say("- **Metrics**: %s.", strings.Join(names, ", "))
	}
	say("- **Audience**: %s", audienceOf(s.Audience))
	if len(s.Windows) > 0 {
		var words []string
		for _, w := range s.Windows {
			words = append(words, w.Words)
		}
		say("- **Answering**: %s", strings.Join(words, " "))
	}
	for _, kind := range network.Kinds {
		if acts := network.ActsOf(n, kind); len(acts) > 0 {
			var names []string
			for _, a := range acts {
				names = append(names, string(a))
			}
			say("- **Moderation of %s messages**: %s.", kind, strings.Join(names, ", "))
		}
	}
	if len(s.History) > 0 {
		var depths []string
		for _, d := range s.History {
			depths = append(depths, string(d.Kind)+": "+d.Words)
		}
		say("- **History on connecting**: %s.", strings.Join(depths, "; "))
	}
	say("- **Proof of delivery**: %s", s.Proof)
	if len(s.Cannot) > 0 {
		say("\n| What it cannot | Why | Instead |\n|---|---|---|")
		for _, c := range s.Cannot {
			say("| %s | %s | %s |", c.What, c.Why, c.Instead)
		}
	}
	if s.App != nil {
		say("\nAn application is registered first, once for a workspace, at <%s>:\n", s.App.Portal)
		for i, step := range s.App.Steps {
			say("%d. %s", i+1, step)
		}
		for _, part := range []string{s.App.Before, s.App.After} {
			if part != "" {
				say("\n%s", part)
			}
		}
	}
}

func textOf(s network.Spec) string {
	if s.Limits.Characters == 0 {
		return "no limit; " + s.Unit
	}
	return fmt.Sprintf("%d, counted in %s", s.Limits.Characters, s.Unit)
}

// audienceOf says what a network tells of its public, or why nothing.
func audienceOf(a network.AudienceSpec) string {
	if a.None != "" {
		return "none. " + a.None
	}
	var told []string
	for _, t := range a.Tells {
		told = append(told, fmt.Sprintf("%s by %s (%s)", t.Of, t.By, t.Name))
	}
	if a.Hours != "" {
		told = append(told, "followers' active hours ("+a.Hours+")")
	}
	out := strings.Join(told, ", ") + "."
	if a.Minimum > 0 {
		out += fmt.Sprintf(" From %d people on.", a.Minimum)
	}
	if a.Keep > 0 {
		out += fmt.Sprintf(" A reading is kept for %d days, by the network's terms.", int(a.Keep.Hours()/24))
	}
	return out
}

// also lists the kinds of posts beyond a single one.
func also(s network.Spec) string {
	var out []string
	for _, k := range []struct {
		has  bool
		word string
	}{{s.Threads, "threads"}, {s.Polls, "polls"}, {s.FirstComment, "a first comment"}} {
		if k.has {
			out = append(out, k.word)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " It has " + strings.Join(out, ", ") + "."
}

func anchor(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", "-"))
}

func captioned(s network.Spec) string {
	if s.Captions {
		return ", and caption files with a video"
	}
	return ""
}
