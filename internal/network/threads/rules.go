package threads

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Count counts one part's text.
func (Threads) Count(d network.Draft, part int, _ network.Account) network.Count {
	return network.Count{Used: text.ThreadsLength(partOf(d, part).Text), Limit: characters, Unit: "characters"}
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

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a}
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

var (
	digits  = regexp.MustCompile(`^[0-9]+$`)
	country = regexp.MustCompile(`^[A-Z]{2}$`)
)

func (c *checker) settings() {
	for _, s := range (Threads{}).Spec().Settings {
		v := c.d.Settings[s.Key]
		if s.Kind == network.Choice && v != "" && !slices.ContainsFunc(s.Options, func(o network.Option) bool { return o.Value == v }) {
			c.add(network.Error, "setting_unknown", "settings."+s.Key, 0, fmt.Sprintf("%q is not one of the choices of “%s”.", v, s.Label), "Choose one of the list.")
		}
	}
	for _, key := range []string{"quote_post_id", "location_id"} {
		if v := c.setting(key); v != "" && !digits.MatchString(v) {
			c.add(network.Error, "setting_id", "settings."+key, 0, fmt.Sprintf("%q is not an id of Threads: those are digits only.", v), "Enter the id, not an address.")
		}
	}
	tag := topic(c.d)
	if n := text.UTF16Units(tag); n > tagLength {
		c.add(network.Error, "topic_too_long", "settings.topic_tag", 0, fmt.Sprintf("The topic has %d characters, the limit is %d.", n, tagLength), fmt.Sprintf("Shorten it by %d.", n-tagLength))
	}
	if strings.ContainsAny(tag, ".&") {
		c.add(network.Error, "topic_characters", "settings.topic_tag", 0, "A topic cannot contain . or &.", "Leave them out.")
	}
	list := countries(c.d)
	for _, v := range list {
		if !country.MatchString(v) {
			c.add(network.Error, "country_unknown", "settings.countries", 0, fmt.Sprintf("%q is not the code of a country.", v), "Use codes of two letters, such as AT, DE, CH.")
		}
	}
	if len(list) > 0 && c.a.Extra["countries"] == "" {
		c.add(network.Error, "countries_unsupported", "settings.countries", 0, "Threads does not let this profile choose countries.", "Leave the countries empty.")
	}
}

func (c *checker) setting(key string) string { return strings.TrimSpace(c.d.Settings[key]) }

func topic(d network.Draft) string {
	return strings.TrimPrefix(strings.TrimSpace(d.Settings["topic_tag"]), "#")
}

func countries(d network.Draft) (list []string) {
	for _, v := range strings.FieldsFunc(d.Settings["countries"], func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		list = append(list, strings.ToUpper(v))
	}
	return list
}

func (c *checker) part(i int) {
	p := partOf(c.d, i)
	count := Threads{}.Count(c.d, i, c.a)
	bare := strings.TrimSpace(p.Text) == ""
	switch {
	case count.Used > count.Limit:
		c.add(network.Error, "text_too_long", "text", i, fmt.Sprintf("The text has %d characters, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit))
	case bare && p.Poll != nil:
		c.add(network.Error, "poll_without_text", "text", i, "A poll needs a text that asks the question.", "Write the question.")
	case bare && len(p.Media) == 0 && p.Card == nil:
		c.add(network.Error, "empty", "text", i, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	if n := distinctLinks(p); n > links {
		c.add(network.Error, "links_too_many", "text", i, fmt.Sprintf("The post has %d different links, the limit is %d.", n, links), fmt.Sprintf("Remove %d.", n-links))
	}
	if tags := text.Hashtags(p.Text); i == 0 && topic(c.d) == "" && len(tags) > 1 {
		c.add(network.Hint, "one_topic", "text", i, "Threads makes a topic of the first #tag only; the others stay plain text.", "")
	}
	if p.Card != nil && (len(p.Media) > 0 || p.Poll != nil) {
		c.add(network.Hint, "card_not_sent", "card", i, "Only a post of text alone can carry a link preview; yours is not sent.", "")
	}
	if n := len(p.Media); n > attachments {
		c.add(network.Error, "media_too_many", "media", i, fmt.Sprintf("The post has %d media, the limit is %d.", n, attachments), fmt.Sprintf("Remove %d.", n-attachments))
	}
	for n, m := range p.Media {
		c.file(m, n+1, i)
	}
	if p.Poll != nil {
		c.poll(p, i)
	}
}

func distinctLinks(p network.Part) int {
	seen := map[string]bool{}
	for _, l := range text.Links(p.Text) {
		seen[l.Value] = true
	}
	if attached(p) != "" {
		seen[p.Card.URL] = true
	}
	return len(seen)
}

// attached is the link a part carries beside its text: only a post of text alone can.
func attached(p network.Part) string {
	if p.Card == nil || len(p.Media) > 0 || p.Poll != nil {
		return ""
	}
	return p.Card.URL
}

func (c *checker) file(m network.Media, n, i int) {
	name := fmt.Sprintf("Medium %d", n)
	spec := Threads{}.Spec()
	video := m.Kind == network.Video
	types, limit := spec.ImageMIME, int64(imageBytes)
	if video {
		types, limit = spec.VideoMIME, videoBytes
	}
	if !slices.Contains(types, m.MIME) {
		c.add(network.Error, "media_type", "media", i, fmt.Sprintf("%s is %s, which Threads does not take.", name, cmp.Or(m.MIME, "of an unknown type")), "Use JPEG or PNG, MP4 or MOV.")
	}
	if m.Bytes > limit {
		c.add(network.Error, "media_too_large", "media", i, fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, limit), "Use a smaller version.")
	}
	if long, brief := max(m.Width, m.Height), min(m.Width, m.Height); !video && brief > 0 && long > imageRatio*brief {
		c.add(network.Error, "media_ratio", "media", i, fmt.Sprintf("%s is %d × %d; one side can be at most %d times the other.", name, m.Width, m.Height, imageRatio), "Crop it.")
	}
	if video && m.Width > videoWidth {
		c.add(network.Error, "media_too_wide", "media", i, fmt.Sprintf("%s is %d pixels wide, the limit is %d.", name, m.Width, videoWidth), "Scale it down.")
	}
	if s := int(m.Duration.Seconds()); video && m.Duration.Milliseconds() > videoTime*1000 {
		c.add(network.Error, "video_too_long", "media", i, fmt.Sprintf("%s runs for %d seconds, the limit is %d.", name, s, videoTime), "Cut it.")
	}
	switch alt := text.UTF16Units(m.Alt); {
	case alt > altText:
		c.add(network.Error, "alt_too_long", "media", i, fmt.Sprintf("The description of medium %d has %d characters, the limit is %d.", n, alt, altText), fmt.Sprintf("Shorten it by %d.", alt-altText))
	case alt == 0:
		c.add(network.Hint, "alt_missing", "media", i, name+" has no description for people who cannot see it.", "Describe it in a sentence.")
	}
}

func (c *checker) poll(p network.Part, i int) {
	add := func(code, message, fix string) { c.add(network.Error, code, "poll", i, message, fix) }
	if len(p.Media) > 0 {
		add("poll_with_media", "A poll cannot have media.", "Remove the media or the poll.")
	}
	if n := len(p.Poll.Options); n < 2 || n > pollOptions {
		add("poll_options", fmt.Sprintf("The poll has %d options; 2 to %d are possible.", n, pollOptions), "Change the number of options.")
	}
	for n, o := range p.Poll.Options {
		switch used := text.UTF16Units(strings.TrimSpace(o)); {
		case used == 0:
			add("poll_option_empty", fmt.Sprintf("Option %d is empty.", n+1), "Fill it in or remove it.")
		case used > optionChars:
			add("poll_option_too_long", fmt.Sprintf("Option %d has %d characters, the limit is %d.", n+1, used, optionChars), "Shorten it.")
		}
	}
	if p.Poll.Duration.Seconds() != pollSeconds || p.Poll.Multiple || p.Poll.HideTotals {
		c.add(network.Warning, "poll_fixed", "poll", i, "A poll on Threads runs for 24 hours, takes one vote each and shows its totals; your other choices are not sent.", "")
	}
}
