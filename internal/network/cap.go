package network

import "time"

// Cap is how much a network lets a program publish or call in a rolling window, as far as it says.
type Cap struct {
	Key    string // unique in its Spec; stored
	Counts string // what is counted, as people say it: "reels"
	Max    int
	Per    time.Duration // of the rolling window
	PerApp bool          // all accounts of one registered application share it; otherwise each account has its own
	Each   int           // what one post, or one part, uses; 0 = 1
	Parts  PartsCounted
	// Only drafts whose setting has one of the values count; an empty Setting counts every draft.
	Setting string
	Values  []string
	Video   bool // only drafts with a video count
	Calls   bool // calls are counted, not posts
}

// PartsCounted says which parts of a post a cap counts.
type PartsCounted int

const (
	WholePost  PartsCounted = iota // a post counts once, however many parts it has
	EveryPart                      // each part of a thread counts
	LaterParts                     // only what follows the first part, which other caps count
)

// Uses is what a draft takes of the cap.
func (c Cap) Uses(d Draft) int {
	if c.Calls || c.Setting != "" && !c.chosen(d.Settings[c.Setting]) || c.Video && !hasVideo(d) {
		return 0
	}
	parts := len(d.Parts)
	if d.FirstComment != nil {
		parts++
	}
	n := 1
	switch c.Parts {
	case EveryPart:
		n = parts
	case LaterParts:
		n = max(parts-1, 0)
	}
	return n * max(c.Each, 1)
}

func (c Cap) chosen(value string) bool {
	for _, v := range c.Values {
		if v == value {
			return true
		}
	}
	return false
}

func hasVideo(d Draft) bool {
	for _, p := range d.Parts {
		for _, m := range p.Media {
			if m.Kind == Video {
				return true
			}
		}
	}
	return false
}

// Whole reports whether every post uses the cap alike, so that a post whose use was never written down is known.
func (c Cap) Whole() bool { return !c.Calls && c.Parts == WholePost && c.Setting == "" && !c.Video }
