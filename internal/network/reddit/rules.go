package reddit

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Count counts the text that stands below the title, or the title where the text becomes it.
func (Reddit) Count(d network.Draft, part int, a network.Account) network.Count {
	if part > 0 || len(d.Parts) == 0 {
		used := 0
		if part == len(d.Parts) && d.FirstComment != nil {
			used = utf8.RuneCountInString(d.FirstComment.Text)
		}
		return network.Count{Used: used, Limit: commentMax, Unit: "characters"}
	}
	p := content(d)
	if !p.hasText() && strings.TrimSpace(d.Settings["title"]) == "" {
		return network.Count{Used: utf8.RuneCountInString(p.Title), Limit: titleMax, Unit: "characters"}
	}
	limit := bodyMax
	if c, ok := rulesOf(a, p.Community); ok && c.Asks != nil && c.Asks.BodyMax > 0 && p.Kind == self {
		limit = min(limit, c.Asks.BodyMax)
	}
	return network.Count{Used: utf8.RuneCountInString(p.Text), Limit: limit, Unit: "characters"}
}

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	p    payload
	list []network.Problem
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func (c *checker) add(level network.Level, code, field, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Message: message, Fix: fix})
}

func (c *checker) fail(code, field, message, fix string) {
	for _, p := range c.list {
		if p.Code == code && p.Field == field && p.Level == network.Error {
			return // Reddit's own limit was named already, the community's is the same complaint
		}
	}
	c.add(network.Error, code, field, message, fix)
}

func check(d network.Draft, a network.Account) (payload, []network.Problem) {
	c := &checker{d: d, a: a}
	if len(d.Parts) == 0 {
		c.fail("empty", "text", "There is nothing to publish yet.", "Write a title and a text.")
		return c.p, c.list
	}
	c.p = content(d)
	c.settings()
	c.kind()
	c.words()
	for i, m := range d.Parts[0].Media {
		c.file(m, i+1)
	}
	if rules, ok := rulesOf(a, c.p.Community); ok {
		for _, k := range rules.check(c.p) {
			c.fail(k.code, k.field, k.message, k.fix)
		}
	}
	if len(d.Parts) > 1 {
		c.list = append(c.list, network.Problem{Level: network.Error, Code: "no_threads", Field: "text", Part: 1, Message: "Reddit has no threads of one author.", Fix: "Keep only the first part, or put the next one into the first comment."})
	}
	c.comment()
	return c.p, c.list
}

func (c *checker) settings() {
	has := func(key, value string) bool {
		return slices.ContainsFunc(c.a.Choices[key], func(o network.Option) bool { return o.Value == value })
	}
	switch {
	case c.p.Community == "":
		c.fail("community_required", "settings.community", "A post goes to a community, and none is chosen.", "Choose one.")
	case c.a.Choices != nil && !has("community", c.p.Community):
		c.fail("community_gone", "settings.community", "The account has not joined this community, or it is gone.", "Choose one of the list; join the community on Reddit and check the channel to see it there.")
	}
	if flair := strings.TrimSpace(c.d.Settings["flair"]); flair != "" {
		switch in, _, _ := strings.Cut(flair, "/"); {
		case in != c.p.Community:
			c.fail("flair_elsewhere", "settings.flair", "The chosen flair is another community's.", "Choose a flair of the same community, or none.")
		case c.a.Choices != nil && !has("flair", flair):
			c.fail("flair_gone", "settings.flair", "The chosen flair does not exist any more.", "Choose another flair, or none.")
		}
	}
	if used := utf8.RuneCountInString(c.p.FlairText); used > flairMax {
		c.fail("flair_too_long", "settings.flair_text", fmt.Sprintf("The flair has %d characters, the limit is %d.", used, flairMax), fmt.Sprintf("Shorten it by %d.", used-flairMax))
	}
	if c.p.FlairText != "" && c.p.Flair == "" {
		c.add(network.Hint, "flair_text_alone", "settings.flair_text", "Many communities take a flair's text only together with a flair of their list.", "")
	}
	if !network.IsOn(c.d.Settings["rules_read"]) {
		c.add(network.Warning, "rules_unread", "settings.rules_read", "Communities remove posts that break their rules, and ban their authors.", "Read the rules of the community and say so.")
	}
	if c.p.Quiet {
		c.add(network.Hint, "quiet", "settings.send_replies", "Comments on this post will not appear here.", "")
	}
}

// kind checks that the post has what its kind needs, and nothing else.
func (c *checker) kind() {
	part := c.d.Parts[0]
	videos, pictures := split(part.Media)
	known := slices.ContainsFunc(Reddit{}.Spec().Settings[1].Options, func(o network.Option) bool { return o.Value == c.p.Kind })
	if !known {
		c.fail("setting_unknown", "settings.kind", fmt.Sprintf("%q is not a kind of post.", c.p.Kind), "Choose one of the list.")
		return
	}
	if part.Poll != nil && c.p.Kind != poll {
		c.fail("poll_elsewhere", "poll", fmt.Sprintf("A post of the kind %q has no poll.", c.p.Kind), "Remove the poll, or choose the kind “Poll”.")
	}
	files := len(part.Media)
	switch c.p.Kind {
	case self, link, crosspost, poll:
		if files > 0 {
			c.fail("media_elsewhere", "media", fmt.Sprintf("A post of the kind %q has no files.", c.p.Kind), "Remove the files, or choose another kind.")
		}
	case picture:
		if len(pictures) != 1 || len(videos) != 0 {
			c.fail("media_count", "media", fmt.Sprintf("A picture post has exactly one picture; there are %d files.", files), "Keep one, or make a gallery.")
		}
	case video:
		switch {
		case len(videos) != 1:
			c.fail("media_count", "media", fmt.Sprintf("A video post has exactly one video; there are %d.", len(videos)), "Keep one.")
		case len(pictures) != 1:
			c.fail("poster_required", "media", fmt.Sprintf("A video needs exactly one picture as its poster; there are %d.", len(pictures)), "Put one picture beside the video.")
		}
	case gallery:
		if len(videos) > 0 {
			c.fail("media_mixed", "media", "A gallery has pictures only.", "Remove the video.")
		}
		if n := len(pictures); n > galleryMax {
			c.fail("media_too_many", "media", fmt.Sprintf("The gallery has %d pictures, the limit is %d.", n, galleryMax), fmt.Sprintf("Remove %d.", n-galleryMax))
		} else if n < galleryMin {
			c.fail("media_count", "media", fmt.Sprintf("The gallery has %d pictures; %d to %d are possible.", n, galleryMin, galleryMax), "Add pictures.")
		}
		seen := map[string]bool{}
		for _, m := range pictures {
			if m.SHA256 != "" && seen[m.SHA256] {
				c.add(network.Warning, "picture_twice", "media", "A picture is in the gallery twice.", "Remove one of them.")
			}
			seen[m.SHA256] = true
		}
	}
	if c.p.Kind == poll {
		c.poll(part.Poll)
	}
	if c.p.Kind == link || c.p.URL != "" {
		c.link()
	}
	if set := strings.TrimSpace(c.d.Settings["crosspost"]); c.p.Kind == crosspost && c.p.Crosspost == "" {
		c.fail("crosspost_unknown", "settings.crosspost", fmt.Sprintf("%q is not the address of a post on Reddit.", set), "Copy the address of the post, such as https://www.reddit.com/r/…/comments/….")
	}
}

func (c *checker) link() {
	u, err := url.Parse(c.p.URL)
	switch {
	case c.p.Kind != link:
		c.add(network.Warning, "url_unused", "settings.url", fmt.Sprintf("A post of the kind %q has no link; it is not sent.", c.p.Kind), "Put the link into the text, or choose the kind “Link”.")
	case c.p.URL == "":
		c.fail("url_required", "settings.url", "A link post needs a link.", "Enter its address.")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		c.fail("url_unknown", "settings.url", "The link is not a web address.", "Begin it with https://.")
	}
}

func (c *checker) poll(p *network.Poll) {
	fail := func(code, message, fix string) { c.fail(code, "poll", message, fix) }
	if p == nil {
		fail("poll_required", "A poll needs answers to choose from.", "Add them.")
		return
	}
	if n := len(p.Options); n < pollMin || n > pollMax {
		fail("poll_options", fmt.Sprintf("The poll has %d options; %d to %d are possible.", n, pollMin, pollMax), "Change the number of options.")
	}
	seen := map[string]bool{}
	for n, o := range p.Options {
		o = strings.TrimSpace(o)
		switch used := utf8.RuneCountInString(o); {
		case used == 0:
			fail("poll_option_empty", fmt.Sprintf("Option %d is empty.", n+1), "Fill it in or remove it.")
		case used > pollOptionMax:
			fail("poll_option_too_long", fmt.Sprintf("Option %d has %d characters, the limit is %d.", n+1, used, pollOptionMax), "Shorten it.")
		case seen[o]:
			fail("poll_option_twice", fmt.Sprintf("Option %d is there twice.", n+1), "Change or remove it.")
		}
		seen[o] = true
	}
	day := 24 * time.Hour
	if p.Duration < day || p.Duration > pollDays*day {
		fail("poll_duration", fmt.Sprintf("The poll runs for %s; 1 to %d days are possible.", p.Duration, pollDays), "Change how long it runs.")
	} else if p.Duration%day != 0 {
		c.add(network.Hint, "poll_days", "poll", fmt.Sprintf("Reddit's polls run for whole days: this one for %d.", days(p.Duration)), "")
	}
	if p.Multiple {
		fail("poll_multiple", "Reddit's polls take one answer of each person.", "Allow one answer only.")
	}
}

func days(d time.Duration) int { return int(d.Round(24*time.Hour) / (24 * time.Hour)) }

func (c *checker) words() {
	title := strings.TrimSpace(c.d.Settings["title"])
	switch used := utf8.RuneCountInString(c.p.Title); {
	case used == 0:
		c.fail("title_required", "settings.title", "A post on Reddit needs a title.", "Write one.")
	case used > titleMax && title == "" && !c.p.hasText():
		c.fail("text_too_long", "text", fmt.Sprintf("The text becomes the title and has %d characters, the limit is %d.", used, titleMax), fmt.Sprintf("Shorten it by %d.", used-titleMax))
	case used > titleMax:
		c.fail("title_too_long", "settings.title", fmt.Sprintf("The title has %d characters, the limit is %d.", used, titleMax), fmt.Sprintf("Shorten it by %d.", used-titleMax))
	}
	if used := utf8.RuneCountInString(c.p.Text); used > bodyMax {
		c.fail("text_too_long", "text", fmt.Sprintf("The text has %d characters, the limit is %d.", used, bodyMax), fmt.Sprintf("Shorten it by %d.", used-bodyMax))
	}
	if !c.p.hasText() && title != "" && strings.TrimSpace(c.d.Parts[0].Text) != "" {
		c.add(network.Warning, "text_unused", "text", fmt.Sprintf("Reddit keeps no text with a post of the kind %q; it is not sent.", c.p.Kind), "Put it into the title or the first comment.")
	}
}

func (c *checker) file(m network.Media, n int) {
	spec, name := Reddit{}.Spec(), fmt.Sprintf("Medium %d", n)
	types, bytes := spec.ImageMIME, fallback.ImageBytes
	if m.Kind == network.Video {
		types, bytes = spec.VideoMIME, fallback.VideoBytes
		if s := m.Duration.Seconds(); s > videoMaxSeconds {
			c.fail("video_duration", "media", fmt.Sprintf("The video runs for %.0f seconds, the limit is %d.", s, videoMaxSeconds), "Cut it.")
		}
	}
	if !slices.Contains(types, m.MIME) {
		c.fail("media_type", "media", fmt.Sprintf("%s is %s, which Reddit does not take.", name, cmp.Or(m.MIME, "of an unknown type")), "Convert it.")
	}
	if m.Bytes > bytes {
		c.fail("media_too_large", "media", fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, bytes), "Use a smaller version.")
	}
	if used := utf8.RuneCountInString(m.Alt); c.p.Kind == gallery && used > captionMax {
		c.fail("alt_too_long", "media", fmt.Sprintf("The description of medium %d becomes its caption and has %d characters, the limit is %d.", n, used, captionMax), fmt.Sprintf("Shorten it by %d.", used-captionMax))
	}
}

func (c *checker) comment() {
	if c.d.FirstComment == nil {
		return
	}
	used, part := utf8.RuneCountInString(c.d.FirstComment.Text), len(c.d.Parts)
	add := func(code, field, message, fix string) {
		c.list = append(c.list, network.Problem{Level: network.Error, Code: code, Field: field, Part: part, Message: message, Fix: fix})
	}
	switch {
	case used > commentMax:
		add("text_too_long", "text", fmt.Sprintf("The comment has %d characters, the limit is %d.", used, commentMax), fmt.Sprintf("Shorten it by %d.", used-commentMax))
	case strings.TrimSpace(c.d.FirstComment.Text) == "":
		add("empty", "text", "The first comment is empty.", "Write it, or remove it.")
	}
	if len(c.d.FirstComment.Media) > 0 {
		add("media_elsewhere", "media", "A comment sent by the API has no files.", "Remove the files.")
	}
}

var postAddress = regexp.MustCompile(`^(?:t3_|https?://(?:[a-z]+\.)?redd(?:\.it/|it\.com/(?:(?:r|u|user)/[^/\s]+/)?comments/))([0-9a-z]{1,12})(?:[/?#]\S*)?$`)

// postOf returns the full name of the post at an address, "" where there is none.
func postOf(address string) string {
	if m := postAddress.FindStringSubmatch(strings.TrimSpace(address)); m != nil {
		return "t3_" + m[1]
	}
	return ""
}
