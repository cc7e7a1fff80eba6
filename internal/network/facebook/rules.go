package facebook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

const (
	commentLength = 8000 // of a comment
	letterLength  = 2000 // of a message
	backgrounds   = 130  // the most characters of a text with a background

	soonest       = 10 * time.Minute // native scheduling, from the moment of the call
	furthest      = 30 * 24 * time.Hour
	furthestReel  = 29 * 24 * time.Hour
	shortestReel  = 3 * time.Second
	longestReel   = 90 * time.Second
	longestStory  = 60 * time.Second
	longestVideo  = 4 * time.Hour
	reelWidth     = 540
	reelHeight    = 960
	imagesOfStory = 1
)

// Count counts a text.
func (Facebook) Count(d network.Draft, part int, _ network.Account) network.Count {
	c := network.Count{Limit: limits.Characters, Unit: "characters"}
	if part == len(d.Parts) {
		c.Limit = commentLength
	}
	c.Used = text.UTF16Units(partOf(d, part).Text)
	return c
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
	list []network.Problem
}

func (c *checker) add(level network.Level, code, field string, part int, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Part: part, Message: message, Fix: fix})
}

func (c *checker) wrong(code, field, message, fix string) {
	c.add(network.Error, code, field, 0, message, fix)
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func check(d network.Draft) []network.Problem {
	c := &checker{d: d}
	switch {
	case len(d.Parts) == 0:
		c.wrong("empty", "text", "There is nothing to publish yet.", "Write a text or add a picture.")
		return c.list
	case len(d.Parts) > 1:
		c.wrong("threads", "text", fmt.Sprintf("The post has %d parts; Facebook has no threads.", len(d.Parts)), "Join them, or use the first comment.")
	}
	p := d.Parts[0]
	c.settings(p)
	c.length(0)
	if p.Poll != nil {
		c.wrong("poll", "poll", "Facebook has no polls on Pages.", "Ask in the text.")
	}
	switch d.Settings["kind"] {
	case story:
		c.story(p)
	case reel:
		c.reel(p)
	default:
		c.post(p)
	}
	for n, m := range p.Media {
		c.file(m, n+1, 0)
	}
	c.comment()
	return c.list
}

func (c *checker) length(part int) {
	if n := (Facebook{}).Count(c.d, part, network.Account{}); n.Used > n.Limit {
		c.add(network.Error, "text_too_long", "text", part, fmt.Sprintf("The text has %d characters, the limit is %d.", n.Used, n.Limit), fmt.Sprintf("Shorten it by %d.", n.Used-n.Limit))
	}
}

func (c *checker) settings(p network.Part) {
	s := c.d.Settings
	for _, set := range (Facebook{}).Spec().Settings {
		v := s[set.Key]
		if set.Kind == network.Choice && v != "" && !slices.ContainsFunc(set.Options, func(o network.Option) bool { return o.Value == v }) {
			c.wrong("setting_unknown", "settings."+set.Key, fmt.Sprintf("%q is not one of the choices of “%s”.", v, set.Label), "Choose one of the list.")
		}
	}
	if s["link"] != "" && !text.ValidLink(s["link"]) {
		c.wrong("link_invalid", "settings.link", "The link is not a web address.", "Write it whole, beginning with https://.")
	}
	for _, key := range []string{"place", "background"} {
		if strings.Trim(s[key], "0123456789") != "" {
			c.wrong(key+"_invalid", "settings."+key, fmt.Sprintf("%q is not a number.", s[key]), "Enter the number only.")
		}
	}
	c.audience()
	if t := len([]rune(s["title"])); t > 255 {
		c.wrong("title_too_long", "settings.title", fmt.Sprintf("The title has %d characters, the limit is 255.", t), fmt.Sprintf("Shorten it by %d.", t-255))
	}
	if s["background"] != "" {
		switch n := text.UTF16Units(p.Text); {
		case len(p.Media) > 0 || s["link"] != "":
			c.wrong("background_with_media", "settings.background", "A background is only possible for a text alone.", "Remove the background, or the media and the link.")
		case n > backgrounds:
			c.wrong("background_too_long", "text", fmt.Sprintf("With a background the text has %d characters, the limit is %d.", n, backgrounds), fmt.Sprintf("Shorten it by %d, or remove the background.", n-backgrounds))
		}
	}
	c.times(p)
}

func (c *checker) times(p network.Part) {
	s := c.d.Settings
	if s["backdate"] != "" {
		switch at, err := time.Parse(time.RFC3339, s["backdate"]); {
		case err != nil:
			c.wrong("time_invalid", "settings.backdate", fmt.Sprintf("%q is not a time.", s["backdate"]), "Write it as 2025-12-24T18:00:00Z.")
		case !at.Before(c.d.At):
			c.wrong("backdate_future", "settings.backdate", "A post can only be dated back, before its planned time.", "Choose an earlier time.")
		case s["kind"] != automatic || hasVideo(p):
			c.wrong("backdate_kind", "settings.backdate", "Videos, reels and stories cannot be dated back.", "Remove the date.")
		}
	}
	if s["state"] != scheduled {
		return
	}
	last := furthest
	if s["kind"] == reel {
		last = furthestReel
	}
	at, err := time.Parse(time.RFC3339, s["publish_at"])
	after := at.Sub(c.d.At)
	switch {
	case err != nil:
		c.wrong("time_invalid", "settings.publish_at", fmt.Sprintf("%q is not a time.", s["publish_at"]), "Write it as 2026-03-02T09:00:00Z.")
	case after < soonest || after > last:
		c.wrong("schedule_window", "settings.publish_at", fmt.Sprintf("Facebook would publish %s after the planned time; %s to %d days are possible.", after.Round(time.Second), soonest, int(last.Hours()/24)), "Change one of the two times.")
	case s["kind"] == story:
		c.wrong("schedule_story", "settings.state", "Facebook holds no stories.", "Let Bellwether publish it at its time.")
	case s["backdate"] != "":
		c.wrong("schedule_backdate", "settings.backdate", "A post cannot be scheduled and dated back.", "Choose one of the two.")
	case c.d.FirstComment != nil:
		c.add(network.Hint, "comment_waits", "text", 1, "The first comment is written when the post is public.", "")
	}
}

func hasVideo(p network.Part) bool {
	return slices.ContainsFunc(p.Media, func(m network.Media) bool { return m.Kind == network.Video })
}

// filmed returns the video of a post and the picture beside it, which is its cover; nil where there is none.
func filmed(p network.Part) (video, cover *network.Media) {
	for _, m := range p.Media {
		switch {
		case m.Kind == network.Video && video == nil:
			video = &m
		case m.Kind == network.Image && cover == nil:
			cover = &m
		}
	}
	if video == nil || len(p.Media) > 2 || len(p.Media) == 2 && cover == nil {
		return nil, nil
	}
	return video, cover
}

func (c *checker) post(p network.Part) {
	if strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && c.d.Settings["link"] == "" {
		c.wrong("empty", "text", "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	if n := len(p.Media); n > limits.Media {
		c.wrong("media_too_many", "media", fmt.Sprintf("The post has %d media, the limit is %d.", n, limits.Media), fmt.Sprintf("Remove %d.", n-limits.Media))
	}
	if _, cover := filmed(p); hasVideo(p) && len(p.Media) > 1 && cover == nil {
		c.wrong("media_mixed", "media", "A video stands alone, or with one picture that is its cover; only pictures go together.", "Keep the video and one picture, or only the pictures.")
	}
	if c.d.Settings["link"] != "" && len(p.Media) > 0 {
		c.wrong("link_with_media", "settings.link", "A link's preview is only shown without pictures and videos.", "Remove the media, or put the link into the text.")
	}
}

func (c *checker) reel(p network.Part) {
	if len(p.Media) != 1 || p.Media[0].Kind != network.Video {
		c.wrong("reel_media", "media", fmt.Sprintf("A reel is one video; the post has %d media.", len(p.Media)), "Add exactly one video.")
		return
	}
	m := p.Media[0]
	c.lasts(m, "reel_duration", "A reel", shortestReel, longestReel)
	switch {
	case m.Width == 0 || m.Height == 0:
	case m.Width < reelWidth || m.Height < reelHeight:
		c.wrong("reel_size", "media", fmt.Sprintf("The video has %d × %d pixels; a reel has at least %d × %d.", m.Width, m.Height, reelWidth, reelHeight), "Use a larger video.")
	case m.Width*16 != m.Height*9:
		c.add(network.Warning, "reel_ratio", "media", 0, fmt.Sprintf("The video has %d × %d pixels; a reel is shown in 9:16.", m.Width, m.Height), "Crop it to 9:16.")
	}
}

func (c *checker) story(p network.Part) {
	if len(p.Media) != imagesOfStory {
		c.wrong("story_media", "media", fmt.Sprintf("A story is one picture or video; the post has %d media.", len(p.Media)), "Make a post of each.")
		return
	}
	if p.Media[0].Kind == network.Video {
		c.lasts(p.Media[0], "story_duration", "A story", 0, longestStory)
	}
	if strings.TrimSpace(p.Text) != "" {
		c.add(network.Warning, "story_text", "text", 0, "A story has no text; it is not sent.", "Draw it into the picture.")
	}
	if c.d.Settings["state"] == draft && p.Media[0].Kind != network.Video {
		c.wrong("draft_story", "settings.state", "A story with a picture cannot be a draft.", "Publish it at once.")
	}
}

func (c *checker) lasts(m network.Media, code, what string, least, most time.Duration) {
	if d := m.Duration; d > most || d > 0 && d < least {
		c.wrong(code, "media", fmt.Sprintf("%s lasts %s to %s; this video has %s.", what, least, most, d), "Cut it.")
	}
}

func (c *checker) file(m network.Media, n, part int) {
	name := fmt.Sprintf("Medium %d", n)
	spec, most := (Facebook{}).Spec(), limits.ImageBytes
	if m.Kind == network.Video {
		most = limits.VideoBytes
		if c.d.Settings["kind"] == automatic && m.Duration > longestVideo {
			c.wrong("video_too_long", "media", fmt.Sprintf("%s lasts %s, the limit is %s.", name, m.Duration, longestVideo), "Cut it.")
		}
	}
	if !slices.Contains(spec.ImageMIME, m.MIME) && !slices.Contains(spec.VideoMIME, m.MIME) {
		c.add(network.Error, "media_type", "media", part, fmt.Sprintf("%s is %s, which Facebook does not take.", name, m.MIME), "Convert it.")
	}
	if m.Bytes > most {
		c.add(network.Error, "media_too_large", "media", part, fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, most), "Use a smaller version.")
	}
	if m.Kind == network.Video {
		return
	}
	switch alt := text.Graphemes(m.Alt); {
	case alt > limits.AltCharacters:
		c.add(network.Error, "alt_too_long", "media", part, fmt.Sprintf("The description of medium %d has %d characters, the limit is %d.", n, alt, limits.AltCharacters), fmt.Sprintf("Shorten it by %d.", alt-limits.AltCharacters))
	case alt == 0:
		c.add(network.Hint, "alt_missing", "media", part, name+" has no description for people who cannot see it.", "Describe it in a sentence.")
	}
}

func (c *checker) comment() {
	p := c.d.FirstComment
	if p == nil {
		return
	}
	last := len(c.d.Parts)
	c.length(last)
	switch {
	case c.d.Settings["kind"] == story:
		c.add(network.Error, "comment_on_story", "text", last, "Stories have no comments.", "Remove the first comment.")
	case c.d.Settings["state"] == draft:
		c.add(network.Error, "comment_on_draft", "text", last, "A draft has no comments.", "Remove the first comment.")
	case strings.TrimSpace(p.Text) == "" && len(p.Media) == 0:
		c.add(network.Error, "empty", "text", last, "The first comment is empty.", "Write it, or remove it.")
	case len(p.Media) > 1 || hasVideo(*p):
		c.add(network.Error, "comment_media", "media", last, "A comment takes one picture.", "Keep one picture.")
	}
	for n, m := range p.Media {
		c.file(m, n+1, last)
	}
}
