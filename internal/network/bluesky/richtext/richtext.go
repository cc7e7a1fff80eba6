// Package richtext says which stretches of a post's text are links, mentions and tags. Bluesky's servers find none
// themselves: what is not marked is plain text.
package richtext

import (
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Facet marks a stretch of text as a link, mention or tag.
type Facet struct {
	Index    Span                `json:"index"`
	Features []map[string]string `json:"features"`
}

// Span is that stretch, in bytes of UTF-8.
type Span struct {
	Start int `json:"byteStart"`
	End   int `json:"byteEnd"`
}

// Of finds the facets of a part: links, tags, and the mentions somebody chose an account for.
func Of(p network.Part) []Facet {
	found := []Facet{}
	for _, e := range text.BlueskyFacets(p.Text) {
		f := map[string]string{}
		switch e.Kind {
		case text.Link:
			f["$type"], f["uri"] = "app.bsky.richtext.facet#link", e.Value
		case text.Hashtag, text.Cashtag:
			f["$type"], f["tag"] = "app.bsky.richtext.facet#tag", e.Value
		case text.Mention:
			did := Mentioned(p, e)
			if did == "" {
				continue
			}
			f["$type"], f["did"] = "app.bsky.richtext.facet#mention", did
		}
		found = append(found, Facet{Span{e.Start, e.End}, []map[string]string{f}})
	}
	return found
}

// Mentioned is the account a mention stands for, "" if nobody chose one.
func Mentioned(p network.Part, e text.Entity) string {
	for _, written := range []string{e.Text, e.Value} {
		if did := p.Mentions[written]; strings.HasPrefix(did, "did:") {
			return did
		}
	}
	return ""
}
