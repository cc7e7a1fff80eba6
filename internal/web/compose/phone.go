package compose

import (
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/text"
)

// folds is after how many lines the network's own app folds a post; networks that are not named fold none.
var folds = map[string]int{"mastodon": 32, "bluesky": 25}

// perLine is about how many characters a line on a phone holds.
const perLine = 44

// Kinds of segments beside those of package text.
const (
	folded     text.Kind = "folded"
	unresolved           = "unresolved"
)

// segments cuts a part's text into links, mentions, tags and the words between, and marks where the app folds it.
func segments(p post.Preview, part network.Part) []text.Entity {
	s := part.Text
	rest := ""
	if most := folds[p.Channel.Network]; most > 0 {
		s, rest = fold(s, most)
	}
	var out []text.Entity
	for _, e := range text.Segments(s, entities(p, s)) {
		if e.Kind == text.Mention && needsAccount(p) && part.Mentions[e.Text] == "" {
			e.Value = unresolved
		}
		out = append(out, e)
	}
	if rest != "" {
		out = append(out, text.Entity{Kind: folded, Text: rest})
	}
	return out
}

func entities(p post.Preview, s string) []text.Entity {
	if p.Channel.Network == "bluesky" {
		return text.BlueskyFacets(s)
	}
	all := append(text.Links(s), text.Mentions(s)...)
	all = append(all, text.Hashtags(s)...)
	return sorted(all)
}

// needsAccount reports whether the network links a mention only to an account that was looked up.
func needsAccount(p post.Preview) bool { return p.Channel.Network == "bluesky" }

// sorted orders entities by place and drops each that overlaps an earlier one.
func sorted(all []text.Entity) []text.Entity {
	for i := 1; i < len(all); i++ {
		for k := i; k > 0 && all[k].Start < all[k-1].Start; k-- {
			all[k], all[k-1] = all[k-1], all[k]
		}
	}
	kept := all[:0]
	for _, e := range all {
		if len(kept) == 0 || e.Start >= kept[len(kept)-1].End {
			kept = append(kept, e)
		}
	}
	return kept
}

// fold cuts a text after so many lines of a phone.
func fold(s string, most int) (shown, rest string) {
	used, at := 0, 0
	for line := range strings.Lines(s) {
		need := max(1, (text.Graphemes(strings.TrimRight(line, "\n"))+perLine-1)/perLine)
		if used+need > most {
			if at == 0 { // one endless line
				cut := strings.TrimSuffix(text.Truncate(s, most*perLine), "…")
				return cut, s[len(cut):]
			}
			return strings.TrimRight(s[:at], "\n"), s[at:]
		}
		used, at = used+need, at+len(line)
	}
	return s, ""
}

// shown reports whether there is anything to draw.
func shown(p post.Preview) bool {
	for _, part := range p.Draft.Parts {
		if strings.TrimSpace(part.Text) != "" || len(part.Media) > 0 || part.Poll != nil || part.Card != nil {
			return true
		}
	}
	return false
}

func warning(p post.Preview) string { return strings.TrimSpace(p.Draft.Settings["content_warning"]) }

func levelWord(l network.Level) string {
	return map[network.Level]string{network.Error: "Refused: ", network.Warning: "Warning: ", network.Hint: "Advice: "}[l]
}

func pollWords(p network.Poll) string {
	words := "Ends after " + durationWords(p.Duration)
	if p.Multiple {
		words += ", several answers"
	}
	return words
}

func durationWords(d time.Duration) string {
	plural := func(n int, one string) string {
		if n == 1 {
			return "1 " + one
		}
		return fmt.Sprintf("%d %ss", n, one)
	}
	switch {
	case d >= 24*time.Hour:
		return plural(int(d.Hours()/24), "day")
	case d >= time.Hour:
		return plural(int(d.Hours()), "hour")
	}
	return plural(int(d.Minutes()), "minute")
}

// mediaURL is where our own browser finds a file that would be sent: by the asset, whatever rendition it becomes.
func mediaURL(m network.Media) string {
	assetID, _, _ := strings.Cut(m.ID, "/")
	if m.Kind == network.Video || m.Kind == network.GIF {
		return "/media/" + url.PathEscape(assetID) + "/file"
	}
	return "/media/" + url.PathEscape(assetID) + "/thumb"
}

func host(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return ""
}

// whole reports whether the app shows a single picture uncropped.
func whole(p post.Preview, part network.Part) bool {
	return len(part.Media) == 1 && p.Channel.Network == "bluesky"
}

// focusClasses place a cropped picture by its focal point, in steps of 5 %: the page allows no inline style.
func focusClasses(m network.Media) string {
	x, y := percent(m.FocusX, m.FocusY)
	step := func(v int) int { return int(math.Round(float64(v)/5)) * 5 }
	return fmt.Sprintf("fx-%d fy-%d", step(x), step(y))
}
