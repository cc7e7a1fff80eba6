package discord

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Count counts a part's text, or the question of its poll.
func (Discord) Count(d network.Draft, part int, a network.Account) network.Count {
	return count(d, part, a)
}

// Count counts the text, or the question of the poll.
func (Webhook) Count(d network.Draft, part int, a network.Account) network.Count {
	return count(d, part, a)
}

func count(d network.Draft, part int, a network.Account) network.Count {
	p := partOf(d, part)
	c := network.Count{Used: text.UTF16Units(p.Text), Limit: limits(a).Characters, Unit: "characters"}
	if p.Poll != nil {
		c.Limit = question
	}
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
	a    network.Account
	l    network.Limits
	hook bool
	list []network.Problem
}

func check(d network.Draft, a network.Account, hook bool) []network.Problem {
	c := &checker{d: d, a: a, l: limits(a), hook: hook}
	if len(d.Parts) == 0 {
		c.wrong("empty", "text", 0, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	if hook && len(d.Parts) > 1 {
		c.wrong("thread_impossible", "text", 1, "A webhook cannot answer its own message.", "Put everything into one part, or connect a bot.")
	}
	if hook && d.FirstComment != nil {
		c.wrong("first_comment", "text", len(d.Parts), "A webhook cannot comment.", "Connect a bot.")
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

func (c *checker) wrong(code, field string, part int, message, fix string) {
	c.add(network.Error, code, field, part, message, fix)
}

var colours = regexp.MustCompile(`^#?[0-9a-fA-F]{6}$`)

func (c *checker) settings() {
	set := c.d.Settings
	if v := set["mentions"]; v != "" && !slices.Contains([]string{"users", "roles", "everyone"}, v) {
		c.wrong("setting_unknown", "settings.mentions", 0, fmt.Sprintf("%q is not one of the choices of “Mentions notify”.", v), "Choose one of the list.")
	}
	title, thread := strings.TrimSpace(set["thread_name"]), set["thread"]
	if used := text.UTF16Units(title); used > names {
		c.wrong("title_too_long", "settings.thread_name", 0, fmt.Sprintf("The title has %d characters, the limit is %d.", used, names), fmt.Sprintf("Shorten it by %d.", used-names))
	}
	switch {
	case thread != "" && lastNumber(thread) == "":
		c.wrong("thread_invalid", "settings.thread", 0, fmt.Sprintf("%q is not the link or number of a thread.", thread), "Copy the thread's link in Discord.")
	case thread != "" && title != "":
		c.wrong("title_or_thread", "settings.thread_name", 0, "A message goes into a new thread or into one that exists, not both.", "Remove the title or the thread.")
	case isForum(c.a) && thread == "" && title == "":
		c.wrong("title_missing", "settings.thread_name", 0, "A forum post needs a title.", "Write a title.")
	case c.hook && title != "" && c.a.Extra["type"] != "" && !isForum(c.a):
		c.wrong("title_impossible", "settings.thread_name", 0, "Only in a forum can a webhook open a thread.", "Remove the title, or connect a bot.")
	}
	c.tags()
	if v := set["embed_color"]; v != "" && !colours.MatchString(v) {
		c.wrong("color_invalid", "settings.embed_color", 0, fmt.Sprintf("%q is not a colour.", v), "Write it like #5865f2.")
	}
	if network.IsOn(set["crosspost"]) && c.a.Extra["type"] != "5" {
		c.add(network.Warning, "crosspost_impossible", "settings.crosspost", 0, "Only messages in announcement channels reach followers; the choice has no effect here.", "")
	}
	if c.hook {
		c.name()
	}
}

func (c *checker) tags() {
	chosen := listOf(c.d.Settings["tags"])
	if len(chosen) > 5 {
		c.wrong("tags_too_many", "settings.tags", 0, fmt.Sprintf("There are %d tags, the limit is 5.", len(chosen)), "Remove some.")
	}
	known := c.a.Choices["tags"]
	for _, tag := range chosen {
		if !numbers.MatchString(tag) || known != nil && !slices.ContainsFunc(known, func(o network.Option) bool { return o.Value == tag }) {
			c.wrong("tag_unknown", "settings.tags", 0, fmt.Sprintf("The forum has no tag %q.", tag), "Choose one of the list.")
		}
	}
}

// name checks what Discord allows a webhook to be called.
func (c *checker) name() {
	name := strings.TrimSpace(c.d.Settings["username"])
	low := strings.ToLower(name)
	if used := text.UTF16Units(name); used > 80 {
		c.wrong("name_too_long", "settings.username", 0, fmt.Sprintf("The name has %d characters, the limit is 80.", used), "Shorten it.")
	}
	for _, word := range []string{"discord", "clyde"} {
		if strings.Contains(low, word) {
			c.wrong("name_forbidden", "settings.username", 0, fmt.Sprintf("Discord allows no name with %q in it.", word), "Choose another name.")
		}
	}
	if v := c.d.Settings["avatar_url"]; v != "" && !strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "http://") {
		c.wrong("avatar_invalid", "settings.avatar_url", 0, "The picture's address is no web address.", "Write the address of a picture on the web.")
	}
}

func (c *checker) part(i int) {
	p := partOf(c.d, i)
	n := count(c.d, i, c.a)
	list, err := embedsOf(c.d, p, i == 0)
	if err != nil {
		c.wrong("embeds_invalid", "settings.embeds", 0, "The embeds are not JSON as Discord describes it: "+err.Error()+".", "Copy them whole from where they were built.")
	}
	switch {
	case n.Used > n.Limit:
		c.wrong("text_too_long", "text", i, fmt.Sprintf("The text has %d characters, the limit is %d.", n.Used, n.Limit), fmt.Sprintf("Shorten it by %d.", n.Used-n.Limit))
	case strings.TrimSpace(p.Text) == "" && p.Poll != nil:
		c.wrong("poll_without_text", "text", i, "A poll needs a text that asks the question.", "Write the question.")
	case strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && len(list) == 0:
		c.wrong("empty", "text", i, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	c.embeds(list)
	if p.Card != nil && strings.Contains(p.Text, p.Card.URL) {
		c.add(network.Hint, "card_by_discord", "card", i, "Discord draws the preview of a link in the text by itself; yours is not sent.", "")
	}
	c.media(p, i)
	if p.Poll != nil {
		c.poll(p, i)
	}
}

func (c *checker) media(p network.Part, i int) {
	if n := len(p.Media); n > c.l.Media {
		c.wrong("media_too_many", "media", i, fmt.Sprintf("The message has %d files, the limit is %d.", n, c.l.Media), fmt.Sprintf("Remove %d.", n-c.l.Media))
	}
	var all int64
	for n, m := range p.Media {
		all += m.Bytes
		if m.Bytes > c.l.ImageBytes {
			c.wrong("media_too_large", "media", i, fmt.Sprintf("File %d has %d bytes, the limit is %d.", n+1, m.Bytes, c.l.ImageBytes), "Use a smaller version.")
		}
		switch alt := text.UTF16Units(m.Alt); {
		case alt > c.l.AltCharacters:
			c.wrong("alt_too_long", "media", i, fmt.Sprintf("The description of file %d has %d characters, the limit is %d.", n+1, alt, c.l.AltCharacters), fmt.Sprintf("Shorten it by %d.", alt-c.l.AltCharacters))
		case alt == 0 && m.Kind == network.Image:
			c.add(network.Hint, "alt_missing", "media", i, fmt.Sprintf("Picture %d has no description for people who cannot see it.", n+1), "Describe it in a sentence.")
		}
	}
	if most := max(bodyBytes, c.l.ImageBytes); all > most {
		c.wrong("media_too_large_together", "media", i, fmt.Sprintf("The files have %d bytes together, the limit is %d.", all, most), "Use smaller versions, or spread them over several parts.")
	}
}

func (c *checker) poll(p network.Part, i int) {
	add := func(code, message, fix string) { c.wrong(code, "poll", i, message, fix) }
	if len(p.Media) > 0 {
		add("poll_with_media", "A poll is sent without files.", "Remove the files or the poll.")
	}
	if n := len(p.Poll.Options); n < 1 || n > c.l.PollOptions {
		add("poll_options", fmt.Sprintf("The poll has %d options; 1 to %d are possible.", n, c.l.PollOptions), "Change the number of options.")
	}
	seen := map[string]bool{}
	for n, o := range p.Poll.Options {
		o = strings.TrimSpace(o)
		switch used := text.UTF16Units(o); {
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
		add("poll_duration", fmt.Sprintf("The poll runs for %d seconds; 1 hour to 32 days are possible.", s), "Change how long it runs.")
	} else if p.Poll.Duration%time.Hour != 0 {
		c.add(network.Hint, "poll_hours", "poll", i, "Discord's polls run for whole hours; this one is rounded up.", "")
	}
}

// listOf reads comma-separated choices.
func listOf(setting string) (out []string) {
	for _, v := range strings.Split(setting, ",") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}
