package bluesky

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/richtext"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Count counts one part's text in graphemes, or in bytes where these run out first.
func (Bluesky) Count(d network.Draft, part int, a network.Account) network.Count {
	graphemes, bytes, _ := text.BlueskyLength(partOf(d, part).Text)
	if limit := limits(a).Characters; bytes <= text.BlueskyBytes || graphemes > limit {
		return network.Count{Used: graphemes, Limit: limit, Unit: "graphemes"}
	}
	return network.Count{Used: bytes, Limit: text.BlueskyBytes, Unit: "bytes"}
}

func partOf(d network.Draft, part int) network.Part {
	switch {
	case part >= 0 && part < len(d.Parts):
		return d.Parts[part]
	case part == len(d.Parts) && d.FirstComment != nil:
		return *d.FirstComment
	}
	return network.Part{}
}

// several takes a comma-separated setting apart.
func several(s string) (out []string) {
	for _, v := range strings.Split(s, ",") {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// languages are those chosen, else the draft's own.
func languages(d network.Draft) []string {
	if chosen := several(d.Settings["languages"]); len(chosen) > 0 {
		return chosen
	}
	if isLanguage(d.Language) {
		return []string{d.Language}
	}
	return nil
}

// aLanguage is the shape of a BCP 47 tag.
var aLanguage = regexp.MustCompile(`^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*$`)

func isLanguage(tag string) bool { return len(tag) <= 40 && aLanguage.MatchString(tag) }

func tags(d network.Draft) (out []string) {
	for _, t := range several(d.Settings["tags"]) {
		out = append(out, strings.TrimLeft(t, "#＃"))
	}
	return out
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	l    network.Limits
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, l: limits(a)}
	if len(d.Parts) == 0 {
		c.add(network.Error, "empty", "text", 0, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	c.settings()
	for i := range d.Parts {
		c.part(i, a)
	}
	if d.FirstComment != nil {
		c.part(len(d.Parts), a)
	}
	return c.list
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func (c *checker) add(level network.Level, code, field string, part int, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Part: part, Message: message, Fix: fix})
}

func (c *checker) settings() {
	wrong := func(code, key, message, fix string) { c.add(network.Error, code, "settings."+key, 0, message, fix) }
	for key, options := range map[string][]network.Option{"replies": repliers, "labels": contentLabels} {
		for _, v := range several(c.d.Settings[key]) {
			if !slices.ContainsFunc(options, func(o network.Option) bool { return o.Value == v }) {
				wrong("setting_unknown", key, fmt.Sprintf("%q is not one of the choices.", v), "Choose from the list.")
			}
		}
	}
	list := strings.TrimSpace(c.d.Settings["replies_list"])
	if who := several(c.d.Settings["replies"]); slices.Contains(who, "nobody") && (len(who) > 1 || list != "") {
		wrong("setting_contradicts", "replies", "“Nobody” cannot be combined with others who may reply.", "Keep one of them.")
	}
	if list != "" && parse(list, lists, "lists") == (target{}) {
		wrong("address", "replies_list", "This is not the address of a list on Bluesky.", "Copy the address of the list from bsky.app.")
	}
	if q := strings.TrimSpace(c.d.Settings["quote"]); q != "" && parse(q, posts, "post") == (target{}) {
		wrong("address", "quote", "This is not the address of a post on Bluesky.", "Copy the address of the post from bsky.app.")
	}
	chosen := several(c.d.Settings["languages"])
	if len(chosen) > mostLanguages {
		wrong("languages_too_many", "languages", fmt.Sprintf("%d languages are named, the limit is %d.", len(chosen), mostLanguages), fmt.Sprintf("Remove %d.", len(chosen)-mostLanguages))
	}
	for _, l := range chosen {
		if !isLanguage(l) {
			wrong("language_unknown", "languages", fmt.Sprintf("%q is not a language code.", l), "Use codes such as en, de or pt-BR.")
		}
	}
	more := tags(c.d)
	if len(more) > mostTags {
		wrong("tags_too_many", "tags", fmt.Sprintf("%d tags are named, the limit is %d.", len(more), mostTags), fmt.Sprintf("Remove %d.", len(more)-mostTags))
	}
	for _, t := range more {
		if n := text.Graphemes(t); n == 0 || n > 64 || len(t) > 640 {
			wrong("tag_too_long", "tags", fmt.Sprintf("The tag %q has %d characters; 1 to 64 are possible.", text.Truncate(t, 20), n), "Shorten it.")
		}
	}
}

func (c *checker) part(i int, a network.Account) {
	p := partOf(c.d, i)
	switch count := (Bluesky{}).Count(c.d, i, a); {
	case count.Used > count.Limit && count.Unit == "bytes":
		c.add(network.Error, "text_too_long", "text", i, fmt.Sprintf("The text has %d bytes, the limit is %d. Emoji and many scripts take several bytes a character.", count.Used, count.Limit), "Shorten it, or use fewer emoji.")
	case count.Used > count.Limit:
		c.add(network.Error, "text_too_long", "text", i, fmt.Sprintf("The text has %d characters, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d, or continue in another part.", count.Used-count.Limit))
	case strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && p.Card == nil:
		c.add(network.Error, "empty", "text", i, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	if p.Poll != nil {
		c.add(network.Error, "poll_unsupported", "poll", i, "Bluesky has no polls.", "Ask in the text and count replies, or link to a form.")
	}
	for _, e := range text.BlueskyFacets(p.Text) {
		if e.Kind == text.Mention && richtext.Mentioned(p, e) == "" {
			c.add(network.Hint, "mention_plain", "text", i, e.Text+" is not linked to an account: nobody is notified.", "Choose the account from the suggestions while typing.")
		}
	}
	c.media(p, i)
	if p.Card != nil {
		c.card(p, i)
	}
}

func (c *checker) media(p network.Part, i int) {
	videos := 0
	for n, m := range p.Media {
		if m.Kind == network.Video {
			videos++
		}
		c.file(m, n+1, i)
	}
	switch n := len(p.Media); {
	case videos > 0 && n > 1:
		c.add(network.Error, "media_mixed", "media", i, "A video stands alone in a post; only pictures go together.", "Keep the video, or only the pictures.")
	case n > c.l.Media:
		c.add(network.Error, "media_too_many", "media", i, fmt.Sprintf("The post has %d pictures, the limit is %d.", n, c.l.Media), fmt.Sprintf("Remove %d.", n-c.l.Media))
	}
}

func (c *checker) file(m network.Media, n, i int) {
	bytes, types := c.l.ImageBytes, (Bluesky{}).Spec().ImageMIME
	if m.Kind == network.Video {
		bytes, types = c.l.VideoBytes, (Bluesky{}).Spec().VideoMIME
	}
	if m.Bytes > bytes {
		c.add(network.Error, "media_too_large", "media", i, fmt.Sprintf("Medium %d has %d bytes, the limit is %d.", n, m.Bytes, bytes), "Use a smaller version.")
	}
	if !slices.Contains(types, m.MIME) {
		c.add(network.Error, "media_type", "media", i, fmt.Sprintf("Medium %d is %s, which Bluesky does not take.", n, cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
	}
	for _, words := range m.Captions {
		if words.VTT.Bytes > captionBytes {
			c.add(network.Error, "captions_too_large", "media", i, fmt.Sprintf("The captions in %s have %d bytes, the limit is %d.", words.Language, words.VTT.Bytes, captionBytes), "Cut them, or remove them from the video.")
		}
	}
	if m.Kind == network.Video && m.Duration > longestVideo {
		c.add(network.Error, "video_too_long", "media", i, fmt.Sprintf("The video runs for %d seconds, the limit is %d.", int(m.Duration.Seconds()), int(longestVideo.Seconds())), "Cut it.")
	}
	if m.MIME == "image/gif" {
		c.add(network.Hint, "gif_still", "media", i, "Bluesky shows an animation uploaded as a picture as a still.", "Convert it to a video to keep it moving.")
	}
	switch alt := text.Graphemes(m.Alt); {
	case alt > c.l.AltCharacters:
		c.add(network.Error, "alt_too_long", "media", i, fmt.Sprintf("The description of medium %d has %d characters, the limit is %d.", n, alt, c.l.AltCharacters), fmt.Sprintf("Shorten it by %d.", alt-c.l.AltCharacters))
	case alt == 0:
		c.add(network.Hint, "alt_missing", "media", i, fmt.Sprintf("Medium %d has no description for people who cannot see it.", n), "Describe it in a sentence.")
	}
}

func (c *checker) card(p network.Part, i int) {
	if !text.ValidLink(p.Card.URL) {
		c.add(network.Error, "card_address", "card", i, "The link card's address is not a web address.", "Correct it, or remove the card.")
	}
	if len(p.Media) > 0 {
		c.add(network.Warning, "card_with_media", "card", i, "Bluesky shows pictures, a video or a link card, never two of them: the card is left out.", "Remove the media to keep the card.")
		return
	}
	if t := p.Card.Thumb; t != nil && t.Bytes > fallback.ImageBytes {
		c.add(network.Error, "media_too_large", "card", i, fmt.Sprintf("The card's picture has %d bytes, the limit is %d.", t.Bytes, fallback.ImageBytes), "Use a smaller version.")
	}
}
