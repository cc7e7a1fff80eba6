package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/a-h/templ"
)

// Tone is what a colour says. Colour is never the only sign: a word or an icon goes with it.
type Tone string

// The tones. The empty tone is Neutral.
const (
	Neutral Tone = "neutral"
	Good    Tone = "good"   // done, verified, healthy
	Warn    Tone = "warn"   // needs attention soon
	Bad     Tone = "bad"    // failed or needs a person now
	Info    Tone = "info"   // under way, planned
	Accent  Tone = "accent" // chosen, new
	Review  Tone = "review" // waits for somebody's decision
)

func (t Tone) class(prefix string) string {
	if t == "" {
		t = Neutral
	}
	return prefix + "-" + string(t)
}

// toneIcon is the sign that goes with a tone in alerts and toasts.
func toneIcon(t Tone) string {
	switch t {
	case Good:
		return "circle-check"
	case Warn:
		return "triangle-alert"
	case Bad:
		return "circle-alert"
	case Review:
		return "hourglass"
	}
	return "info"
}

// Opens returns the attributes of a control that opens the Dialog, Drawer or Menu with the id.
func Opens(id string) templ.Attributes {
	return templ.Attributes{"data-open": id, "aria-haspopup": "dialog"}
}

// Closes returns the attributes of a control that closes the dialog around it.
func Closes() templ.Attributes { return templ.Attributes{"data-close": true} }

// Copies returns the attributes of a control that copies text to the clipboard and says so.
func Copies(text string) templ.Attributes { return templ.Attributes{"data-copy": text} }

// Refreshes returns the attributes of an element that fetches itself again from url when an
// event with one of the topics arrives on the page's event stream. The element needs an id;
// the answer is a page or fragment that holds an element with the same id.
func Refreshes(url string, topics ...string) templ.Attributes {
	return templ.Attributes{"data-refresh": strings.Join(topics, " "), "data-refresh-url": url}
}

// Merge joins attribute sets; later ones win.
func Merge(sets ...templ.Attributes) templ.Attributes {
	all := templ.Attributes{}
	for _, set := range sets {
		for k, v := range set {
			all[k] = v
		}
	}
	return all
}

// stableID makes an element id from words, so that a page rendered twice is the same twice.
func stableID(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return "u" + hex.EncodeToString(sum[:5])
}

// initials returns one or two capital letters for an avatar without a picture.
func initials(name string) string {
	words := strings.Fields(name)
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return firstLetter(words[0])
	}
	return firstLetter(words[0]) + firstLetter(words[len(words)-1])
}

func firstLetter(word string) string {
	for _, r := range word {
		return strings.ToUpper(string(r))
	}
	return ""
}
