package googlebusiness

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Count counts a post's text.
func (Business) Count(d network.Draft, part int, _ network.Account) network.Count {
	used := 0
	if part >= 0 && part < len(d.Parts) {
		used = utf8.RuneCountInString(d.Parts[part].Text)
	}
	return network.Count{Used: used, Limit: summaryCharacters, Unit: "characters"}
}

// setting is a setting's value or its default.
func setting(d network.Draft, key string) string {
	v := strings.TrimSpace(d.Settings[key])
	for _, s := range settings {
		if s.Key == key {
			v = cmp.Or(v, s.Default)
		}
	}
	return v
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	kind string
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a, kind: setting(d, "kind")}
	c.choices()
	if len(d.Parts) > 1 {
		c.add("parts_too_many", "text", 1, fmt.Sprintf("The post has %d parts; Google has no threads.", len(d.Parts)), "Join the parts into one.")
	}
	if d.FirstComment != nil {
		c.add("comment_unsupported", "comment", len(d.Parts), "Nobody can comment on posts on Google.", "Remove the first comment.")
	}
	var p network.Part
	if len(d.Parts) > 0 {
		p = d.Parts[0]
	}
	c.words(p)
	c.media(p.Media)
	if c.kind == event || c.kind == offer {
		c.schedule()
	}
	if c.kind != photo {
		c.button()
		if a.Extra[mayPost] == "no" {
			c.add("posts_not_allowed", "settings.kind", 0, "Google does not let this location publish posts.", "Verify the location, or publish a photo for its gallery.")
		}
	}
	if v := setting(d, "redeem_url"); c.kind == offer && v != "" && !text.ValidLink(v) {
		c.add("redeem_url", "settings.redeem_url", 0, fmt.Sprintf("%q is not a web address.", v), "Write it with https://.")
	}
	return c.list
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func (c *checker) add(code, field string, part int, message, fix string) {
	c.list = append(c.list, network.Problem{Level: network.Error, Code: code, Field: field, Part: part, Message: message, Fix: fix})
}

func (c *checker) warn(level network.Level, code, field, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Message: message, Fix: fix})
}

func (c *checker) choices() {
	for _, s := range settings {
		v := strings.TrimSpace(c.d.Settings[s.Key])
		if s.Kind == network.Choice && v != "" && !slices.ContainsFunc(s.Options, func(o network.Option) bool { return o.Value == v }) {
			c.add("setting_unknown", "settings."+s.Key, 0, fmt.Sprintf("%q is not one of the choices of “%s”.", v, s.Label), "Choose one of the list.")
		}
		if n := utf8.RuneCountInString(v); s.Kind == network.Text && s.Max > 0 && n > s.Max {
			c.add("setting_too_long", "settings."+s.Key, 0, fmt.Sprintf("“%s” has %d characters, the limit is %d.", s.Label, n, s.Max), fmt.Sprintf("Shorten it by %d.", n-s.Max))
		}
	}
	if v := setting(c.d, "language"); v != "" && language(v) == "" {
		c.add("language_unknown", "settings.language", 0, fmt.Sprintf("%q is not a language code.", v), "Use a code such as en, de or pt-BR.")
	}
}

// language returns a BCP 47 tag that Google takes, or "".
func language(tag string) string {
	tag = strings.TrimSpace(tag)
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if len(primary) < 2 || len(primary) > 3 || strings.Trim(primary, "abcdefghijklmnopqrstuvwxyz") != "" || len(tag) > 10 {
		return ""
	}
	return tag
}

// phone is what Google takes for a telephone number in a text, for which it rejects posts.
var phone = regexp.MustCompile(`\+?\d[\d ()/-]{6,}\d`)

func (c *checker) words(p network.Part) {
	switch n := utf8.RuneCountInString(p.Text); {
	case n > summaryCharacters:
		c.add("text_too_long", "text", 0, fmt.Sprintf("The text has %d characters, the limit is %d.", n, summaryCharacters), fmt.Sprintf("Shorten it by %d.", n-summaryCharacters))
	case strings.TrimSpace(p.Text) == "" && c.kind == standard:
		c.add("empty", "text", 0, "There is nothing to publish yet.", "Write a text.")
	case c.kind == photo && setting(c.d, "category") == cover && n > 0:
		c.warn(network.Warning, "cover_without_words", "text", "A cover has no description; the text is not sent.", "")
	}
	if c.kind != photo && phone.MatchString(p.Text) {
		c.warn(network.Warning, "phone_in_text", "text", "Google may reject posts with a telephone number in the text.", "Use the button “Call now”.")
	}
	if p.Poll != nil {
		c.add("poll_unsupported", "poll", 0, "Google has no polls.", "Remove the poll.")
	}
	if p.Card != nil {
		c.warn(network.Hint, "card_by_button", "card", "Google shows no link preview; yours is not sent.", "Use a button.")
	}
}

func (c *checker) button() {
	kind, where := setting(c.d, "button"), setting(c.d, "button_url")
	switch {
	case kind == "":
		if where != "" {
			c.warn(network.Warning, "button_missing", "settings.button", "The address is not sent without a button.", "Choose a button.")
		}
	case c.kind == offer:
		c.warn(network.Warning, "button_ignored", "settings.button", "Google shows no button on offers; it is not sent.", "Use the address to redeem it.")
	case kind != call && where == "":
		c.add("button_url_missing", "settings.button_url", 0, "The button leads nowhere yet.", "Fill in its address.")
	case kind != call && !text.ValidLink(where):
		c.add("button_url", "settings.button_url", 0, fmt.Sprintf("%q is not a web address.", where), "Write it with https://.")
	}
}

// schedule checks what events and offers must have.
func (c *checker) schedule() {
	if setting(c.d, "event_title") == "" {
		c.add("event_title_missing", "settings.event_title", 0, "It has no title yet.", fmt.Sprintf("Write one of up to %d characters.", eventTitleCharacters))
	}
	start, okStart := c.moment("start")
	end, okEnd := c.moment("end")
	if !okStart || !okEnd {
		return
	}
	last := end
	if timeOf(setting(c.d, "end")) == nil {
		last = end.AddDate(0, 0, 1) // the whole day
	}
	if !last.After(start) {
		c.add("event_end", "settings.end", 0, "It ends before it begins.", "Change one of the two.")
	}
}

// moments are the ways to write when something begins and ends.
var moments = []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02 15:04"}

func parse(v string) (t time.Time, timed, ok bool) {
	for i, layout := range moments {
		if t, err := time.Parse(layout, v); err == nil {
			return t, i > 0, true
		}
	}
	return t, false, false
}

func (c *checker) moment(key string) (time.Time, bool) {
	v := setting(c.d, key)
	t, _, ok := parse(v)
	switch {
	case v == "":
		c.add("event_time_missing", "settings."+key, 0, "Google needs to know when it begins and ends.", "Fill in both.")
	case !ok:
		c.add("event_time", "settings."+key, 0, fmt.Sprintf("%q is not a day or a time.", v), "Write it as 2026-03-02 or 2026-03-02T09:00.")
	}
	return t, ok
}

func (c *checker) media(list []network.Media) {
	if len(list) > 1 {
		c.add("media_too_many", "media", 0, fmt.Sprintf("The post has %d media, the limit is 1.", len(list)), fmt.Sprintf("Remove %d.", len(list)-1))
	}
	if len(list) == 0 && c.kind == photo {
		c.add("media_required", "media", 0, "There is no photo or video yet.", "Add one.")
	}
	for _, m := range list {
		switch m.Kind {
		case network.Image:
			c.image(m)
		case network.Video:
			c.video(m)
		default:
			c.add("media_type", "media", 0, fmt.Sprintf("Google takes no %s.", cmp.Or(m.MIME, "file of an unknown type")), "Use a JPEG or PNG picture.")
		}
	}
}

func (c *checker) image(m network.Media) {
	width, height := 400, 300
	if c.kind == photo {
		width, height = 250, 250
	}
	switch {
	case m.Bytes > imageBytes:
		c.add("media_too_large", "media", 0, fmt.Sprintf("The picture has %d bytes, the limit is %d.", m.Bytes, imageBytes), "Use a smaller version.")
	case m.Bytes < leastImageBytes:
		c.add("media_too_small", "media", 0, fmt.Sprintf("The picture has %d bytes, Google wants at least %d.", m.Bytes, leastImageBytes), "Use a larger version.")
	}
	if m.Width < width || m.Height < height {
		c.add("media_too_small", "media", 0, fmt.Sprintf("The picture is %d × %d, Google wants at least %d × %d.", m.Width, m.Height, width, height), "Use a larger version.")
	}
	if !slices.Contains(Business{}.Spec().ImageMIME, m.MIME) {
		c.add("media_type", "media", 0, fmt.Sprintf("The picture is %s; Google takes JPEG and PNG.", cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
	}
}

func (c *checker) video(m network.Media) {
	if m.Bytes > videoBytes {
		c.add("media_too_large", "media", 0, fmt.Sprintf("The video has %d bytes, the limit is %d.", m.Bytes, videoBytes), "Use a smaller version.")
	}
	if m.Duration > videoSeconds*time.Second {
		c.add("media_too_long", "media", 0, fmt.Sprintf("The video runs for %s, the limit is %d seconds.", m.Duration, videoSeconds), "Cut it.")
	}
	if m.Height > 0 && min(m.Width, m.Height) < 720 {
		c.add("media_too_small", "media", 0, fmt.Sprintf("The video is %d × %d, Google wants at least 720 lines.", m.Width, m.Height), "Use a larger version.")
	}
	if !slices.Contains(Business{}.Spec().VideoMIME, m.MIME) {
		c.add("media_type", "media", 0, fmt.Sprintf("The video is %s, which Google does not take.", cmp.Or(m.MIME, "of an unknown type")), "Convert it to MP4.")
	}
}
