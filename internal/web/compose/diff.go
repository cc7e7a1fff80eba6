package compose

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/bellwether-social/bellwether/internal/post"
)

// fieldDiff is a field that two versions have in different words.
type fieldDiff struct {
	Name string
	Runs []run
}

// run is a stretch of words that is the same in both, only in the old or only in the new.
type run struct {
	Text string
	Side int // 0 both, −1 only the old, 1 only the new
}

// compare lists what differs between two versions, in the order of the screen.
func compare(old, now post.Snapshot, names map[string]string) []fieldDiff {
	var out []fieldDiff
	add := func(name, a, b string) {
		if a != b {
			out = append(out, fieldDiff{name, diff(a, b)})
		}
	}
	add("Working title", old.Title, now.Title)
	add("Channels", channelWords(old.Channels, names), channelWords(now.Channels, names))
	compareContent(add, "", old.Base, now.Base)
	ids := slices.Concat(old.Channels, now.Channels)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		name := names[id]
		if name == "" {
			name = "A channel"
		}
		a, b := old.Variants[id], now.Variants[id]
		ca, cb := orBase(a, old.Base), orBase(b, now.Base)
		if a.Content != nil || b.Content != nil {
			compareContent(add, name+": ", ca, cb)
		}
		add(name+": settings", settingWords(a.Settings), settingWords(b.Settings))
	}
	add("Tags", joined(old.Tags), joined(now.Tags))
	add("Campaign", old.CampaignID, now.CampaignID)
	return out
}

func orBase(v post.VariantEdit, base post.Content) post.Content {
	if v.Content != nil {
		return *v.Content
	}
	return base
}

func compareContent(add func(name, a, b string), whose string, a, b post.Content) {
	for i := range max(len(a.Parts), len(b.Parts)) {
		var pa, pb post.Part
		if i < len(a.Parts) {
			pa = a.Parts[i]
		}
		if i < len(b.Parts) {
			pb = b.Parts[i]
		}
		part := ""
		if len(a.Parts) > 1 || len(b.Parts) > 1 {
			part = fmt.Sprintf("part %d, ", i+1)
		}
		add(whose+part+"text", pa.Text, pb.Text)
		add(whose+part+"files", mediaWords(pa), mediaWords(pb))
		add(whose+part+"poll", pollLine(pa), pollLine(pb))
		add(whose+part+"link card", cardLine(pa), cardLine(pb))
	}
	add(whose+"first comment", a.FirstComment, b.FirstComment)
	add(whose+"language", a.Language, b.Language)
}

func channelWords(ids []string, names map[string]string) string {
	var words []string
	for _, id := range ids {
		if names[id] == "" {
			words = append(words, "a channel no longer connected")
			continue
		}
		words = append(words, names[id])
	}
	slices.Sort(words)
	return joined(words)
}

func mediaWords(p post.Part) string {
	var words []string
	for _, m := range p.Media {
		line := m.AssetID
		if m.Alt != nil {
			line += " “" + *m.Alt + "”"
		}
		words = append(words, line)
	}
	return strings.Join(words, "\n")
}

func pollLine(p post.Part) string {
	if p.Poll == nil {
		return ""
	}
	return strings.Join(p.Poll.Options, " / ") + ", " + strings.ToLower(pollWords(*p.Poll))
}

func cardLine(p post.Part) string {
	if p.Card == nil {
		return ""
	}
	return p.Card.URL + "\n" + p.Card.Title + "\n" + p.Card.Description
}

func settingWords(s map[string]string) string {
	var words []string
	for k, v := range s {
		words = append(words, strings.ReplaceAll(k, "_", " ")+": "+v)
	}
	slices.Sort(words)
	return strings.Join(words, "\n")
}

// mostWords is up to how many words a change is shown word by word; beyond, the whole text is.
const mostWords = 1500

// diff compares two texts word by word, by their longest common sequence.
func diff(a, b string) []run {
	wa, wb := wordsIn(a), wordsIn(b)
	head := 0
	for head < len(wa) && head < len(wb) && wa[head] == wb[head] {
		head++
	}
	tail := 0
	for tail < len(wa)-head && tail < len(wb)-head && wa[len(wa)-1-tail] == wb[len(wb)-1-tail] {
		tail++
	}
	var runs []run
	runs = grow(runs, 0, wa[:head]...)
	ma, mb := wa[head:len(wa)-tail], wb[head:len(wb)-tail]
	if len(ma) > mostWords || len(mb) > mostWords {
		runs = grow(grow(runs, -1, ma...), 1, mb...)
	} else {
		runs = sequence(runs, ma, mb)
	}
	return grow(runs, 0, wa[len(wa)-tail:]...)
}

func sequence(runs []run, a, b []string) []run {
	best := make([][]uint16, len(a)+1) // length of the longest common sequence of the rests
	for i := range best {
		best[i] = make([]uint16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if a[i] == b[k] {
				best[i][k] = best[i+1][k+1] + 1
			} else {
				best[i][k] = max(best[i+1][k], best[i][k+1])
			}
		}
	}
	i, k := 0, 0
	for i < len(a) && k < len(b) {
		switch {
		case a[i] == b[k]:
			runs = grow(runs, 0, a[i])
			i, k = i+1, k+1
		case best[i+1][k] >= best[i][k+1]:
			runs = grow(runs, -1, a[i])
			i++
		default:
			runs = grow(runs, 1, b[k])
			k++
		}
	}
	return grow(grow(runs, -1, a[i:]...), 1, b[k:]...)
}

func grow(runs []run, side int, words ...string) []run {
	if len(words) == 0 {
		return runs
	}
	s := strings.Join(words, "")
	if n := len(runs); n > 0 && runs[n-1].Side == side {
		runs[n-1].Text += s
		return runs
	}
	return append(runs, run{s, side})
}

// wordsIn cuts a text into words with the space after them; nothing is lost.
func wordsIn(s string) []string {
	var out []string
	start, space := 0, false
	for i, r := range s {
		if now := unicode.IsSpace(r); now != space {
			if !now && i > start {
				out = append(out, s[start:i])
				start = i
			}
			space = now
		}
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}
