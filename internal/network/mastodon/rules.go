package mastodon

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Count counts one part's text together with the content warning, which every part repeats.
func (Mastodon) Count(d network.Draft, part int, a network.Account) network.Count {
	l := limits(a)
	return network.Count{Used: text.MastodonLength(partOf(d, part).Text, warning(d), l.CharactersURL), Limit: l.Characters, Unit: "characters"}
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

func warning(d network.Draft) string { return strings.TrimSpace(d.Settings["content_warning"]) }

func visibility(d network.Draft) string { return cmp.Or(d.Settings["visibility"], public) }

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	l    network.Limits
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a, l: limits(a)}
	if len(d.Parts) == 0 {
		c.add(network.Error, "empty", "text", 0, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	c.settings()
	for i := range d.Parts {
		c.part(i)
	}
	if d.FirstComment != nil {
		c.part(len(d.Parts))
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
	for _, s := range (Mastodon{}).Spec().Settings {
		v := c.d.Settings[s.Key]
		if s.Kind == network.Choice && v != "" && !slices.ContainsFunc(s.Options, func(o network.Option) bool { return o.Value == v }) {
			c.add(network.Error, "setting_unknown", "settings."+s.Key, 0, fmt.Sprintf("%q is not one of the choices of “%s”.", v, s.Label), "Choose one of the list.")
		}
	}
	if c.d.Settings["quotes"] != "" && !atLeast(c.a, quotesVersion) {
		c.add(network.Warning, "quotes_unsupported", "settings.quotes", 0, "This server does not know yet who may quote a post; the choice has no effect there.", "")
	}
	if visibility(c.d) == direct && len(c.d.Parts) > 0 && len(text.Mentions(c.d.Parts[0].Text)) == 0 {
		c.add(network.Warning, "direct_to_nobody", "settings.visibility", 0, "Only the people mentioned see this post, and it mentions nobody.", "Mention somebody, or choose another visibility.")
	}
	if l := c.d.Settings["language"]; l != "" && code(l) == "" {
		c.add(network.Error, "language_unknown", "settings.language", 0, fmt.Sprintf("%q is not a language code.", l), "Use a code such as en, de or ja.")
	}
}

func (c *checker) part(i int) {
	p := partOf(c.d, i)
	count := Mastodon{}.Count(c.d, i, c.a)
	switch {
	case count.Used > count.Limit:
		c.add(network.Error, "text_too_long", "text", i, fmt.Sprintf("The text has %d characters, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit))
	case strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && p.Poll == nil:
		c.add(network.Error, "empty", "text", i, "There is nothing to publish yet.", "Write a text or add a picture.")
	case strings.TrimSpace(p.Text) == "" && p.Poll != nil:
		c.add(network.Error, "poll_without_text", "text", i, "A poll needs a text that asks the question.", "Write the question.")
	}
	if len(p.Media) == 0 && software(c.a) == "pixelfed" {
		c.add(network.Error, "media_required", "media", i, "This server takes no post without a picture or video.", "Add a picture.")
	}
	if p.Card != nil {
		c.add(network.Hint, "card_by_server", "card", i, "The server draws the link preview by itself; yours is not sent.", "")
	}
	c.media(p, i)
	if p.Poll != nil {
		c.poll(p, i)
	}
}

func (c *checker) media(p network.Part, i int) {
	if n := len(p.Media); n > c.l.Media {
		c.add(network.Error, "media_too_many", "media", i, fmt.Sprintf("The post has %d media, the limit is %d.", n, c.l.Media), fmt.Sprintf("Remove %d.", n-c.l.Media))
	}
	if len(p.Media) > 1 && slices.ContainsFunc(p.Media, func(m network.Media) bool { return m.Kind != network.Image }) {
		c.add(network.Error, "media_mixed", "media", i, "A video, an animation or a sound stands alone; only pictures go together.", "Keep one of them, or only the pictures.")
	}
	for n, m := range p.Media {
		c.file(m, n+1, i)
	}
}

func (c *checker) file(m network.Media, n, i int) {
	name := fmt.Sprintf("Medium %d", n)
	bytes, pixels := c.l.ImageBytes, c.l.ImagePixels
	if m.Kind == network.Video || m.Kind == network.Audio {
		bytes, pixels = c.l.VideoBytes, c.l.VideoPixels
	}
	if m.Bytes > bytes {
		c.add(network.Error, "media_too_large", "media", i, fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, bytes), "Use a smaller version.")
	}
	if have := int64(m.Width) * int64(m.Height); have > pixels {
		c.add(network.Error, "media_too_many_pixels", "media", i, fmt.Sprintf("%s has %d pixels, the limit is %d.", name, have, pixels), "Scale it down.")
	}
	if !slices.Contains(c.types(), m.MIME) {
		c.add(network.Error, "media_type", "media", i, fmt.Sprintf("%s is %s, which this server does not take.", name, cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
	}
	switch alt := text.Graphemes(m.Alt); {
	case alt > c.l.AltCharacters:
		c.add(network.Error, "alt_too_long", "media", i, fmt.Sprintf("The description of medium %d has %d characters, the limit is %d.", n, alt, c.l.AltCharacters), fmt.Sprintf("Shorten it by %d.", alt-c.l.AltCharacters))
	case alt == 0:
		c.add(network.Hint, "alt_missing", "media", i, name+" has no description for people who cannot see it.", "Describe it in a sentence.")
	}
}

func (c *checker) types() []string {
	if len(c.l.MIMETypes) > 0 {
		return c.l.MIMETypes
	}
	s := Mastodon{}.Spec()
	return slices.Concat(s.ImageMIME, s.VideoMIME, []string{"audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4", "audio/flac"})
}

func (c *checker) poll(p network.Part, i int) {
	add := func(code, message, fix string) { c.add(network.Error, code, "poll", i, message, fix) }
	if len(p.Media) > 0 {
		add("poll_with_media", "A poll cannot have media.", "Remove the media or the poll.")
	}
	if n := len(p.Poll.Options); n < 2 || n > c.l.PollOptions {
		add("poll_options", fmt.Sprintf("The poll has %d options; 2 to %d are possible.", n, c.l.PollOptions), "Change the number of options.")
	}
	seen := map[string]bool{}
	for n, o := range p.Poll.Options {
		o = strings.TrimSpace(o)
		switch used := text.Graphemes(o); {
		case used == 0:
			add("poll_option_empty", fmt.Sprintf("Option %d is empty.", n+1), "Fill it in or remove it.")
		case used > c.l.PollOptionChars:
			add("poll_option_too_long", fmt.Sprintf("Option %d has %d characters, the limit is %d.", n+1, used, c.l.PollOptionChars), "Shorten it.")
		case seen[o]:
			add("poll_option_twice", fmt.Sprintf("Option %d is there twice.", n+1), "Change or remove it.")
		}
		seen[o] = true
	}
	if s := int64(p.Poll.Duration.Seconds()); s < c.l.PollMinSeconds || s > c.l.PollMaxSeconds {
		add("poll_duration", fmt.Sprintf("The poll runs for %d seconds; %d to %d are possible.", s, c.l.PollMinSeconds, c.l.PollMaxSeconds), "Change how long it runs.")
	}
}

// code returns the language part of a BCP 47 tag, which is all that every server takes, or "".
func code(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	if len(primary) < 2 || len(primary) > 3 || strings.Trim(primary, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return primary
}
