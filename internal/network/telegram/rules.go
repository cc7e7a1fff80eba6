package telegram

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Count counts a part's text against the limit of what it goes with: a message, a caption, or a question.
func (Telegram) Count(d network.Draft, part int, a network.Account) network.Count {
	c := network.Count{Limit: limits(a).Characters, Unit: "characters"}
	p := partOf(d, part)
	c.Used = text.UTF16Units(p.Text)
	switch {
	case p.Poll != nil:
		c.Limit = question
	case len(p.Media) > 0:
		c.Limit = caption
	}
	return c
}

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
		c.wrong("empty", "text", 0, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	c.settings()
	for i := range d.Parts {
		c.part(i)
	}
	switch {
	case d.FirstComment == nil:
	case comments(a):
		c.part(len(d.Parts))
	default:
		c.add(network.Warning, "first_comment", "text", len(d.Parts), "This channel has no discussion group with the bot in it; the comment is not sent.", "Link a group to the channel, make the bot its administrator and check the channel, or make the comment a further part.")
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

func (c *checker) settings() {
	set := c.d.Settings
	for _, s := range settings {
		v := set[s.Key]
		if s.Kind == network.Choice && v != "" && !slices.ContainsFunc(s.Options, func(o network.Option) bool { return o.Value == v }) {
			c.wrong("setting_unknown", "settings."+s.Key, 0, fmt.Sprintf("%q is not one of the choices of “%s”.", v, s.Label), "Choose one of the list.")
		}
	}
	if rows, bad := buttons(set["buttons"]); bad != "" {
		c.wrong("button_invalid", "settings.buttons", 0, fmt.Sprintf("%q is no button.", bad), "Write the words, a bar and the address: Shop | https://example.com.")
	} else if len(rows) > 0 && len(c.d.Parts) > 0 && len(c.d.Parts[0].Media) > 1 {
		c.wrong("buttons_below_album", "settings.buttons", 0, "An album cannot have buttons.", "Remove the buttons, or keep one picture.")
	}
	if topic := set["topic"]; topic != "" {
		if topicOf(topic) <= 0 {
			c.wrong("topic_invalid", "settings.topic", 0, fmt.Sprintf("%q is not a topic's number or link.", topic), "Copy the topic's link in Telegram.")
		} else if isChannel(c.a) {
			c.add(network.Warning, "topic_in_channel", "settings.topic", 0, "Channels have no topics; the choice has no effect.", "")
		}
	}
	if set["location"] != "" {
		c.location()
	}
	c.quiz()
}

func (c *checker) location() {
	if _, _, ok := position(c.d.Settings["location"]); !ok {
		c.wrong("location_invalid", "settings.location", 0, fmt.Sprintf("%q is not a latitude and a longitude.", c.d.Settings["location"]), "Write two numbers: 52.5200, 13.4050.")
	}
	if len(c.d.Parts) == 0 {
		return
	}
	p := c.d.Parts[0]
	if len(p.Media) > 0 || p.Poll != nil {
		c.wrong("location_with_media", "settings.location", 0, "A location stands alone, without files or a poll.", "Remove them, or put them into a further part.")
	}
	if words := strings.TrimSpace(p.Text); words != "" && !strings.Contains(words, "\n") {
		c.wrong("location_without_address", "text", 0, "A place needs its name on the first line and its address below.", "Add the address, or send the location without a text.")
	}
}

func (c *checker) quiz() {
	answer := c.d.Settings["quiz_answer"]
	if answer == "" || answer == "0" || len(c.d.Parts) == 0 {
		return
	}
	p, n := c.d.Parts[0].Poll, 0
	if p != nil {
		n = len(p.Options)
	}
	if right, err := strconv.Atoi(answer); err != nil || right < 1 || right > n {
		c.wrong("quiz_answer", "settings.quiz_answer", 0, fmt.Sprintf("The right answer is option %s; the poll has %d options.", answer, n), "Name an option by its number, or leave it empty.")
	}
	if p != nil && p.Multiple {
		c.wrong("quiz_multiple", "poll", 0, "A quiz takes one answer.", "Allow one answer, or make it an ordinary poll.")
	}
	why := strings.TrimSpace(c.d.Settings["quiz_explanation"])
	if used := text.UTF16Units(why); used > 200 || strings.Count(why, "\n") > 2 {
		c.wrong("quiz_explanation_too_long", "settings.quiz_explanation", 0, fmt.Sprintf("The explanation has %d characters; 200 on three lines are possible.", used), "Shorten it.")
	}
}

func (c *checker) part(i int) {
	p := partOf(c.d, i)
	count := Telegram{}.Count(c.d, i, c.a)
	place := i == 0 && c.d.Settings["location"] != ""
	switch {
	case count.Used > count.Limit:
		fix := fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit)
		if len(p.Media) > 0 {
			fix = fmt.Sprintf("Shorten it by %d, or put the rest into a further part.", count.Used-count.Limit)
		}
		c.wrong("text_too_long", "text", i, fmt.Sprintf("The text has %d characters, the limit is %d.", count.Used, count.Limit), fix)
	case strings.TrimSpace(p.Text) == "" && p.Poll != nil:
		c.wrong("poll_without_text", "text", i, "A poll needs a text that asks the question.", "Write the question.")
	case strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && !place:
		c.wrong("empty", "text", i, "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	if p.Card != nil {
		if u, err := url.Parse(p.Card.URL); err != nil || u.Host == "" {
			c.wrong("card_invalid", "card", i, "The link card has no web address.", "Mend the address.")
		} else if len(p.Media) > 0 {
			c.add(network.Hint, "card_with_media", "card", i, "Below pictures and files Telegram shows no link preview.", "")
		}
	}
	c.media(p, i)
	if p.Poll != nil {
		c.poll(p, i)
	}
}

func (c *checker) media(p network.Part, i int) {
	as := c.d.Settings["as"]
	if n := len(p.Media); n > c.l.Media {
		c.wrong("media_too_many", "media", i, fmt.Sprintf("The post has %d files, the limit is %d.", n, c.l.Media), fmt.Sprintf("Remove %d.", n-c.l.Media))
	}
	kinds := map[string]bool{}
	for n, m := range p.Media {
		kind := typeOf(m, as)
		if kind == "video" {
			kind = "photo" // these two go together
		}
		kinds[kind] = true
		c.file(m, n+1, i)
	}
	if len(p.Media) > 1 && (len(kinds) > 1 || kinds[asAnimation] || kinds[asVoice]) {
		c.wrong("media_mixed", "media", i, "An album holds pictures and videos, or only documents, or only music; an animation or a voice message stands alone.", "Keep files of one kind.")
	}
}

// takes lists the types Telegram shows as what they are; anything can be sent as a document.
var takes = map[string][]string{
	"photo": {"image/jpeg", "image/png", "image/webp"}, "video": {"video/mp4"}, asAnimation: {"image/gif", "video/mp4"},
	"audio": {"audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/aac"}, asVoice: {"audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a"},
}

func (c *checker) file(m network.Media, n, i int) {
	name, kind := fmt.Sprintf("File %d", n), typeOf(m, c.d.Settings["as"])
	bytes := c.l.VideoBytes
	if kind == "photo" {
		bytes = c.l.ImageBytes
		if have := m.Width + m.Height; have > photoSides {
			c.wrong("media_too_many_pixels", "media", i, fmt.Sprintf("Width and height of picture %d are %d together, the limit is %d.", n, have, photoSides), "Scale it down, or send it as a file.")
		}
		if long, short := max(m.Width, m.Height), min(m.Width, m.Height); short > 0 && long > short*photoRatio {
			c.wrong("media_ratio", "media", i, fmt.Sprintf("Picture %d is %d × %d; one side may be at most %d times the other.", n, m.Width, m.Height, photoRatio), "Crop it, or send it as a file.")
		}
	}
	if m.Bytes > bytes {
		c.wrong("media_too_large", "media", i, fmt.Sprintf("%s has %d bytes, the limit is %d.", name, m.Bytes, bytes), "Use a smaller version.")
	}
	if known := takes[kind]; known != nil && !slices.Contains(known, m.MIME) {
		c.wrong("media_type", "media", i, fmt.Sprintf("%s is %s, which Telegram does not take as %s.", name, cmp.Or(m.MIME, "of an unknown type"), kind), "Convert it, or send it as a file.")
	}
	if m.Alt != "" {
		c.add(network.Hint, "alt_unsupported", "media", i, fmt.Sprintf("Telegram has no place for the description of file %d.", n), "Describe it in the text.")
	}
}

func (c *checker) poll(p network.Part, i int) {
	add := func(code, message, fix string) { c.wrong(code, "poll", i, message, fix) }
	if len(p.Media) > 0 {
		add("poll_with_media", "A poll is sent without files.", "Remove the files or the poll, or make them two parts.")
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
	if s := int64(p.Poll.Duration.Seconds()); s != 0 && (s < c.l.PollMinSeconds || s > c.l.PollMaxSeconds) {
		add("poll_duration", fmt.Sprintf("The poll runs for %d seconds; %d to %d are possible.", s, c.l.PollMinSeconds, c.l.PollMaxSeconds), "Change how long it runs.")
	}
}
