package youtube

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Count counts the description in bytes, and the first comment in characters.
func (YouTube) Count(d network.Draft, part int, _ network.Account) network.Count {
	if part == len(d.Parts) && d.FirstComment != nil {
		return network.Count{Used: utf8.RuneCountInString(d.FirstComment.Text), Limit: commentCharacters, Unit: "characters"}
	}
	used := 0
	if part >= 0 && part < len(d.Parts) {
		used = len(d.Parts[part].Text)
	}
	return network.Count{Used: used, Limit: descriptionBytes, Unit: "bytes"}
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

func on(d network.Draft, key string) bool {
	return slices.Contains([]string{"true", "on", "1", "yes"}, d.Settings[key])
}

// tags are the tags as they are sent.
func tags(d network.Draft) (list []string) {
	for _, t := range strings.Split(d.Settings["tags"], ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "#"); t != "" {
			list = append(list, t)
		}
	}
	return list
}

// tagLength counts tags as YouTube does: with the commas between them, and two quotation marks around each that has a
// space.
func tagLength(list []string) (n int) {
	for i, t := range list {
		n += utf8.RuneCountInString(t)
		if i > 0 {
			n++
		}
		if strings.Contains(t, " ") {
			n += 2
		}
	}
	return n
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	list []network.Problem
}

// check checks a draft. A change of a video that is there already brings no file.
func check(d network.Draft, a network.Account, change bool) []network.Problem {
	c := &checker{d: d, a: a}
	c.title()
	c.choices()
	c.time()
	if len(d.Parts) > 1 {
		c.add("parts_too_many", "text", 1, fmt.Sprintf("The post has %d parts, a video has one description.", len(d.Parts)), "Join the parts into one.")
	}
	if len(d.Parts) > 0 {
		c.description(d.Parts[0])
		c.media(d.Parts[0].Media, change)
	} else {
		c.media(nil, change)
	}
	if d.FirstComment != nil && !change {
		c.comment(*d.FirstComment, len(d.Parts))
	}
	return c.list
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func (c *checker) add(code, field string, part int, message, fix string) {
	c.say(network.Error, code, field, part, message, fix)
}

func (c *checker) say(level network.Level, code, field string, part int, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Part: part, Message: message, Fix: fix})
}

func (c *checker) title() {
	t := setting(c.d, "title")
	switch n := utf8.RuneCountInString(t); {
	case n == 0:
		c.add("title_missing", "settings.title", 0, "A video needs a title.", "Write one of up to 100 characters.")
	case n > titleCharacters:
		c.add("title_too_long", "settings.title", 0, fmt.Sprintf("The title has %d characters, the limit is %d.", n, titleCharacters), fmt.Sprintf("Shorten it by %d.", n-titleCharacters))
	case strings.ContainsAny(t, "<>"):
		c.add("title_characters", "settings.title", 0, "The title has a < or >, which YouTube does not take.", "Remove it.")
	}
	list := tags(c.d)
	if n := tagLength(list); n > tagCharacters {
		c.add("tags_too_long", "settings.tags", 0, fmt.Sprintf("The tags have %d characters together, the limit is %d.", n, tagCharacters), "Remove some. Commas count, and two quotation marks for each tag with a space.")
	}
	if strings.ContainsAny(strings.Join(list, ""), "<>") {
		c.add("tags_characters", "settings.tags", 0, "A tag has a < or >, which YouTube does not take.", "Remove it.")
	}
}

func (c *checker) choices() {
	for _, s := range settings {
		v := strings.TrimSpace(c.d.Settings[s.Key])
		options := s.Options
		if s.Live {
			options = c.a.Choices[s.Key]
		}
		if s.Kind == network.Choice && v != "" && !slices.ContainsFunc(options, func(o network.Option) bool { return o.Value == v }) {
			c.add("setting_unknown", "settings."+s.Key, 0, fmt.Sprintf("%q is not one of the choices of “%s”.", v, s.Label), "Choose one of the list.")
		}
	}
	for _, key := range []string{"language", "audio_language"} {
		if v := setting(c.d, key); v != "" && language(v) == "" {
			c.add("language_unknown", "settings."+key, 0, fmt.Sprintf("%q is not a language code.", v), "Use a code such as en, de or pt-BR.")
		}
	}
}

// language returns a BCP 47 tag that YouTube takes, or "".
func language(tag string) string {
	tag = strings.TrimSpace(tag)
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if len(primary) < 2 || len(primary) > 3 || strings.Trim(primary, "abcdefghijklmnopqrstuvwxyz") != "" || len(tag) > 10 {
		return ""
	}
	return tag
}

func (c *checker) time() {
	v := setting(c.d, "publish_at")
	if v == "" {
		return
	}
	at, err := time.Parse(time.RFC3339, v)
	switch {
	case err != nil:
		c.add("publish_at", "settings.publish_at", 0, fmt.Sprintf("%q is not a time.", v), "Write it as 2026-03-02T09:00:00Z.")
	case !at.After(c.d.At):
		c.add("publish_at_past", "settings.publish_at", 0, "YouTube would publish the video before this post is due.", "Choose a later time, or leave it empty.")
	case setting(c.d, "privacy") == unlisted:
		c.add("publish_at_privacy", "settings.privacy", 0, "A video with a time of its own becomes public at that time; it cannot stay unlisted.", "Choose “Everyone”, or leave the time empty.")
	}
}

func (c *checker) description(p network.Part) {
	if n := len(p.Text); n > descriptionBytes {
		c.add("text_too_long", "text", 0, fmt.Sprintf("The description has %d bytes, the limit is %d.", n, descriptionBytes), fmt.Sprintf("Shorten it by %d bytes.", n-descriptionBytes))
	}
	if strings.ContainsAny(p.Text, "<>") {
		c.add("text_characters", "text", 0, "The description has a < or >, which YouTube does not take.", "Remove it.")
	}
	if p.Poll != nil {
		c.add("poll_unsupported", "poll", 0, "YouTube has no polls below videos.", "Remove the poll.")
	}
	if p.Card != nil {
		c.say(network.Hint, "card_by_network", "card", 0, "YouTube shows no link preview; yours is not sent.", "")
	}
}

// comment checks the first comment: where nobody but the channel sees the video, and on videos for kids, there are none.
func (c *checker) comment(p network.Part, part int) {
	switch count := (YouTube{}).Count(c.d, part, c.a); {
	case count.Used > count.Limit:
		c.add("text_too_long", "text", part, fmt.Sprintf("The comment has %d characters, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit))
	case strings.TrimSpace(p.Text) == "":
		c.add("empty", "text", part, "The first comment is empty.", "Write it or remove it.")
	}
	if len(p.Media) > 0 || p.Poll != nil {
		c.add("comment_media", "media", part, "A comment has only words.", "Remove what is attached.")
	}
	switch {
	case setting(c.d, "privacy") == privately || setting(c.d, "publish_at") != "":
		c.add("comment_private", "comment", part, "A private video takes no comments.", "Publish it for everyone, or remove the first comment.")
	case on(c.d, "made_for_kids"):
		c.add("comment_for_kids", "comment", part, "A video made for kids takes no comments.", "Remove the first comment.")
	}
}

func (c *checker) media(list []network.Media, change bool) {
	videos, images := 0, 0
	for i, m := range list {
		switch m.Kind {
		case network.Video:
			videos++
			c.video(m)
		case network.Image:
			images++
			c.thumbnail(m)
		default:
			c.add("media_type", "media", 0, fmt.Sprintf("Medium %d is %s; a post on YouTube has a video and perhaps a picture as its thumbnail.", i+1, cmp.Or(m.MIME, "of an unknown type")), "Remove it.")
		}
	}
	switch {
	case videos == 0 && !change:
		c.add("media_required", "media", 0, "There is no video yet.", "Add one.")
	case videos > 1:
		c.add("media_too_many", "media", 0, fmt.Sprintf("The post has %d videos, the limit is 1.", videos), "Keep one.")
	}
	if images > 1 {
		c.add("media_too_many", "media", 0, fmt.Sprintf("The post has %d pictures; one can be the thumbnail.", images), "Keep one.")
	}
}

func (c *checker) video(m network.Media) {
	if m.Bytes > videoBytes {
		c.add("media_too_large", "media", 0, fmt.Sprintf("The video has %d bytes, the limit is %d.", m.Bytes, int64(videoBytes)), "Use a smaller version.")
	}
	if !slices.Contains(YouTube{}.Spec().VideoMIME, m.MIME) {
		c.add("media_type", "media", 0, fmt.Sprintf("The video is %s, which YouTube does not take.", cmp.Or(m.MIME, "of an unknown type")), "Convert it to MP4.")
	}
	limit, fix := longest, "Cut it."
	switch long := c.a.Extra[longUploads]; {
	case setting(c.d, "kind") == aShort:
		limit, fix = longestShort, "Cut it, or publish it as a video."
		if m.Width > m.Height {
			c.add("media_ratio", "media", 0, fmt.Sprintf("The video is %d × %d; a Short is upright or square.", m.Width, m.Height), "Use an upright version, or publish it as a video.")
		}
	case long != "" && long != longAllowed:
		limit, fix = longestUnverified, "Verify the channel at youtube.com/verify, then check it here, or cut the video."
	}
	if m.Duration > limit {
		c.add("media_too_long", "media", 0, fmt.Sprintf("The video runs for %s, the limit is %s.", m.Duration.Round(time.Second), limit), fix)
	}
}

func (c *checker) thumbnail(m network.Media) {
	if m.Bytes > thumbnailBytes {
		c.add("media_too_large", "media", 0, fmt.Sprintf("The thumbnail has %d bytes, the limit is %d.", m.Bytes, thumbnailBytes), "Use a smaller version.")
	}
	if !slices.Contains(YouTube{}.Spec().ImageMIME, m.MIME) {
		c.add("media_type", "media", 0, fmt.Sprintf("The thumbnail is %s; YouTube takes JPEG and PNG.", cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
	}
}
