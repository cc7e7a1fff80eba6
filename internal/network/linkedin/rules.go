package linkedin

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
	"github.com/bellwether-social/bellwether/internal/text"
)

// The rules of LinkedIn's guides that are not Limits.
const (
	commentCharacters  = 1250
	questionCharacters = 140
	titleCharacters    = 400
	documentBytes      = 100 << 20
	documentPages      = 300
	fewestImages       = 2 // of a post with several
	smallestVideo      = 75 << 10
	shortest, longest  = 3 * time.Second, 30 * time.Minute
	widestTenths       = 24 // a video is at most 2.4 times as wide as high, and the other way round
)

var documents = []string{"application/pdf", "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.ms-powerpoint", "application/vnd.openxmlformats-officedocument.presentationml.presentation"}

var aPost = regexp.MustCompile(`urn:li:(?:share|ugcPost):[0-9]{1,20}`)

// repost is the URN of the post to repost, "" for none.
func repost(d network.Draft) string {
	v, err := url.QueryUnescape(d.Settings["repost"])
	if err != nil {
		return ""
	}
	return aPost.FindString(v)
}

// Count counts one part's text as people see it.
func (LinkedIn) Count(d network.Draft, part int, _ network.Account) network.Count {
	p, most := partOf(d, part), fallback.Characters
	if part == len(d.Parts) {
		return network.Count{Used: text.UTF16Units(p.Text), Limit: commentCharacters, Unit: "characters"}
	}
	return network.Count{Used: text.UTF16Units(plain(little(p.Text, p.Mentions))), Limit: most, Unit: "characters"}
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

func set(d network.Draft, key string) string { return strings.TrimSpace(d.Settings[key]) }

// checker collects what is wrong with a draft.
type checker struct {
	d    network.Draft
	a    network.Account
	list []network.Problem
}

func check(d network.Draft, a network.Account) []network.Problem {
	c := &checker{d: d, a: a}
	switch n := len(d.Parts); {
	case n == 0:
		c.add(network.Error, "empty", "text", "There is nothing to publish yet.", "Write a text or add a picture.")
		return c.list
	case n > 1:
		c.add(network.Error, "no_threads", "text", fmt.Sprintf("The post has %d parts; LinkedIn has no threads.", n), "Put everything into one part.")
	}
	c.settings()
	c.audience()
	c.text(0)
	c.media(d.Parts[0])
	c.extras(d.Parts[0])
	if d.FirstComment != nil {
		c.text(len(d.Parts))
		if len(d.FirstComment.Media) > 0 || d.FirstComment.Poll != nil {
			c.add(network.Error, "comment_media", "first_comment", "A comment can only have a text.", "Move the media to the post.")
		}
	}
	return c.list
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

func (c *checker) add(level network.Level, code, field, message, fix string) {
	c.list = append(c.list, network.Problem{Level: level, Code: code, Field: field, Message: message, Fix: fix})
}

func (c *checker) settings() {
	v := set(c.d, "visibility")
	switch known := slices.ContainsFunc(settings[0].Options, func(o network.Option) bool { return o.Value == v }); {
	case v != "" && !known:
		c.add(network.Error, "setting_unknown", "settings.visibility", fmt.Sprintf("%q is not one of the choices of “%s”.", v, settings[0].Label), "Choose one of the list.")
	case known && v != "PUBLIC" && isOrganization(c.a):
		c.add(network.Error, "visibility_organization", "settings.visibility", "An organisation's posts are always public.", "Choose “Everyone”.")
	}
	if set(c.d, "repost") == "" {
		return
	}
	p := partOf(c.d, 0)
	if repost(c.d) == "" {
		c.add(network.Error, "repost_unknown", "settings.repost", "This is not the address of a post: it needs urn:li:share: or urn:li:ugcPost: and a number.", "Open the post's menu at LinkedIn, choose “Embed” and copy the address from there.")
	}
	if len(p.Media) > 0 || p.Poll != nil || p.Card != nil {
		c.add(network.Error, "repost_with_media", "settings.repost", "A repost can only have a text.", "Remove the media, the poll and the card, or repost nothing.")
	}
}

func (c *checker) text(i int) {
	p, count := partOf(c.d, i), LinkedIn{}.Count(c.d, i, c.a)
	switch {
	case count.Used > count.Limit:
		c.list = append(c.list, network.Problem{Level: network.Error, Code: "text_too_long", Field: "text", Part: i,
			Message: fmt.Sprintf("The text has %d characters, the limit is %d.", count.Used, count.Limit), Fix: fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit)})
	case strings.TrimSpace(p.Text) == "" && (i > 0 || len(p.Media) == 0 && p.Poll == nil && p.Card == nil && repost(c.d) == ""):
		c.list = append(c.list, network.Problem{Level: network.Error, Code: "empty", Field: "text", Part: i, Message: "There is nothing to publish yet.", Fix: "Write a text or add a picture."})
	}
}

// extras checks the card and the poll.
func (c *checker) extras(p network.Part) {
	if card := p.Card; card != nil {
		switch n := utf8.RuneCountInString(card.Title); {
		case len(p.Media) > 0 || p.Poll != nil:
			c.add(network.Hint, "card_dropped", "card", "A post with media or a poll shows no link card; yours is not sent.", "")
		case n == 0:
			c.add(network.Error, "card_title", "card", "The link card has no title, and LinkedIn does not read the page.", "Give it a title.")
		case n > titleCharacters:
			c.add(network.Error, "card_title_too_long", "card", fmt.Sprintf("The title of the link card has %d characters, the limit is %d.", n, titleCharacters), fmt.Sprintf("Shorten it by %d.", n-titleCharacters))
		}
		if card.Thumb != nil {
			c.file(*card.Thumb, "The card's picture ")
		}
	} else if len(p.Media) == 0 && p.Poll == nil && len(text.Links(p.Text)) > 0 {
		c.add(network.Hint, "card_missing", "card", "LinkedIn shows no preview of links that come from applications.", "Add a link card.")
	}
	if p.Poll != nil {
		c.poll(p)
	}
}

func (c *checker) media(p network.Part) {
	images, others := 0, 0
	for n, m := range p.Media {
		if m.Kind == network.Image || m.Kind == network.GIF {
			images++
		} else {
			others++
		}
		c.file(m, fmt.Sprintf("Medium %d ", n+1))
	}
	if n := len(p.Media); n > fallback.Media {
		c.add(network.Error, "media_too_many", "media", fmt.Sprintf("The post has %d media, the limit is %d.", n, fallback.Media), fmt.Sprintf("Remove %d.", n-fallback.Media))
	}
	if others > 1 || others == 1 && images > 0 {
		c.add(network.Error, "media_mixed", "media", "A video or a document stands alone; only pictures go together.", "Keep one of them, or only the pictures.")
	}
	if n := utf8.RuneCountInString(set(c.d, "document_title")); n > titleCharacters {
		c.add(network.Error, "title_too_long", "settings.document_title", fmt.Sprintf("The title has %d characters, the limit is %d.", n, titleCharacters), fmt.Sprintf("Shorten it by %d.", n-titleCharacters))
	}
}

func (c *checker) file(m network.Media, name string) {
	bad := func(code, fix, message string, args ...any) {
		c.add(network.Error, code, "media", name+fmt.Sprintf(message, args...), fix)
	}
	bytes, types := fallback.ImageBytes, LinkedIn{}.Spec().ImageMIME
	switch m.Kind {
	case network.Video:
		bytes, types = fallback.VideoBytes, LinkedIn{}.Spec().VideoMIME
		c.video(m, bad)
	case network.Document:
		bytes, types = documentBytes, documents
		if m.Pages > documentPages {
			bad("document_pages", "Split it into several.", "has %d pages, the limit is %d.", m.Pages, documentPages)
		}
	default:
		if have := int64(m.Width) * int64(m.Height); have > fallback.ImagePixels {
			bad("media_too_many_pixels", "Scale it down.", "has %d pixels, the limit is %d.", have, fallback.ImagePixels)
		}
		if m.Alt == "" {
			c.add(network.Hint, "alt_missing", "media", name+"has no description for people who cannot see it.", "Describe it in a sentence.")
		}
	}
	if n := utf8.RuneCountInString(m.Alt); n > fallback.AltCharacters {
		bad("alt_too_long", fmt.Sprintf("Shorten it by %d.", n-fallback.AltCharacters), "has a description of %d characters, the limit is %d.", n, fallback.AltCharacters)
	}
	if m.Bytes > bytes {
		bad("media_too_large", "Use a smaller version.", "has %d bytes, the limit is %d.", m.Bytes, bytes)
	}
	if !slices.Contains(types, m.MIME) {
		bad("media_type", "Convert it.", "is %s, which LinkedIn does not take.", cmp.Or(m.MIME, "of an unknown type"))
	}
}

func (c *checker) video(m network.Media, bad func(code, fix, message string, args ...any)) {
	if m.Bytes > 0 && m.Bytes < smallestVideo {
		bad("media_too_small", "Use a better version.", "has %d bytes, a video needs %d.", m.Bytes, smallestVideo)
	}
	switch {
	case m.Duration > longest:
		bad("media_too_long", "Cut it.", "runs for %.0f seconds, the limit is %.0f.", m.Duration.Seconds(), longest.Seconds())
	case m.Duration > 0 && m.Duration < shortest:
		bad("media_too_short", "Use a longer one.", "runs for %.1f seconds, the least is %.0f.", m.Duration.Seconds(), shortest.Seconds())
	}
	if w, h := 10*m.Width, 10*m.Height; m.Width*widestTenths < h || m.Height*widestTenths < w {
		bad("media_ratio", "Crop it.", "has %d×%d pixels; between 1:2.4 and 2.4:1 is possible.", m.Width, m.Height)
	}
}

// question is what a poll asks.
func question(d network.Draft) string {
	return cmp.Or(set(d, "poll_question"), strings.TrimSpace(partOf(d, 0).Text))
}

// durations are how long a poll may run.
var durations = map[time.Duration]string{24 * time.Hour: "ONE_DAY", 3 * 24 * time.Hour: "THREE_DAYS", 7 * 24 * time.Hour: "SEVEN_DAYS", 14 * 24 * time.Hour: "FOURTEEN_DAYS"}

func (c *checker) poll(p network.Part) {
	add := func(code, field, message, fix string) { c.add(network.Error, code, field, message, fix) }
	if len(p.Media) > 0 {
		add("poll_with_media", "poll", "A poll cannot have media.", "Remove the media or the poll.")
	}
	switch n := utf8.RuneCountInString(question(c.d)); {
	case n == 0:
		add("poll_without_text", "poll", "The poll asks nothing.", "Write the question.")
	case n > questionCharacters:
		add("poll_question_too_long", "settings.poll_question", fmt.Sprintf("The poll's question has %d characters, the limit is %d.", n, questionCharacters), "Write a shorter question into the setting “Question of the poll”.")
	}
	if n := len(p.Poll.Options); n < 2 || n > fallback.PollOptions {
		add("poll_options", "poll", fmt.Sprintf("The poll has %d options; 2 to %d are possible.", n, fallback.PollOptions), "Change the number of options.")
	}
	seen := map[string]bool{}
	for n, o := range p.Poll.Options {
		o = strings.TrimSpace(o)
		switch used := utf8.RuneCountInString(o); {
		case used == 0:
			add("poll_option_empty", "poll", fmt.Sprintf("Option %d is empty.", n+1), "Fill it in or remove it.")
		case used > fallback.PollOptionChars:
			add("poll_option_too_long", "poll", fmt.Sprintf("Option %d has %d characters, the limit is %d.", n+1, used, fallback.PollOptionChars), "Shorten it.")
		case seen[o]:
			add("poll_option_twice", "poll", fmt.Sprintf("Option %d is there twice.", n+1), "Change or remove it.")
		}
		seen[o] = true
	}
	if durations[p.Poll.Duration] == "" {
		add("poll_duration", "poll", fmt.Sprintf("The poll runs for %.1f days; 1, 3, 7 or 14 days are possible.", p.Poll.Duration.Hours()/24), "Choose one of these.")
	}
	if p.Poll.Multiple {
		c.add(network.Warning, "poll_single", "poll", "At LinkedIn everybody chooses one option only.", "")
	}
}
