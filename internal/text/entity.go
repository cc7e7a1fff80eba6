package text

import (
	"slices"
	"unicode/utf8"
)

// Kind says what an entity is.
type Kind string

// The entities found in a text.
const (
	Link    Kind = "link"
	Mention Kind = "mention"
	List    Kind = "list" // a list of a person on X, @person/list
	Hashtag Kind = "hashtag"
	Cashtag Kind = "cashtag"
)

// Entity is a stretch of text that a network treats as more than words.
type Entity struct {
	Kind Kind
	Text string // as it stands in the text: s[Start:End]
	// Value is what it stands for: a link's full address, the account of a mention without @, a tag without #, a
	// cashtag without $ on X and with it on Bluesky.
	Value      string
	Start, End int // UTF-8 bytes
}

// XEntities returns the links, mentions, lists, hashtags and cashtags of a text as X reads it, in order.
func XEntities(s string) []Entity {
	found := Links(s)
	return ordered(append(append(append(found, xMentionsAndLists(s)...), xHashtags(s)...), xCashtags(s)...))
}

// Segments cuts a text into its entities and the words between them, which have no Kind: in order and complete, for
// showing it with links. The entities must be sorted and not overlap, as every function here returns them.
func Segments(s string, entities []Entity) []Entity {
	var list []Entity
	at := 0
	words := func(end int) {
		if at < end {
			list = append(list, entity("", s, at, end, ""))
		}
	}
	for _, e := range entities {
		words(e.Start)
		list = append(list, e)
		at = e.End
	}
	words(len(s))
	return list
}

// ordered sorts entities by place and drops each that overlaps an earlier one.
func ordered(entities []Entity) []Entity {
	slices.SortStableFunc(entities, func(a, b Entity) int { return a.Start - b.Start })
	kept := entities[:0]
	for _, e := range entities {
		if len(kept) == 0 || e.Start >= kept[len(kept)-1].End {
			kept = append(kept, e)
		}
	}
	return slices.Clip(kept)
}

func only(entities []Entity, kind Kind) []Entity {
	return slices.DeleteFunc(entities, func(e Entity) bool { return e.Kind != kind })
}

func entity(kind Kind, s string, start, end int, value string) Entity {
	return Entity{Kind: kind, Text: s[start:end], Value: value, Start: start, End: end}
}

// before returns the rune that ends at byte i of s, and where it starts; size 0 at the start of s.
func before(s string, i int) (r rune, start int) {
	r, size := utf8.DecodeLastRuneInString(s[:i])
	return r, i - size
}

func runeAt(s string, i int) (rune, int) { return utf8.DecodeRuneInString(s[i:]) }
