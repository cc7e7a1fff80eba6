package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// payload is what a step needs after a restart.
type payload struct {
	Text    string    `json:"text"`
	After   string    `json:"after,omitempty"` // the step it replies to
	ReplyTo string    `json:"reply_to,omitempty"`
	Media   int       `json:"media,omitempty"`
	Poll    []string  `json:"poll,omitempty"`
	Seen    string    `json:"seen_by,omitempty"`
	Direct  bool      `json:"direct,omitempty"`
	Item    string    `json:"item,omitempty"` // an edit
	Film    bool      `json:"film,omitempty"`
	Story   bool      `json:"story,omitempty"`
	At      time.Time `json:"at"`
}

// Plan lays out one call per part.
func (s *Sandbox) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := s.check(d, a)
	if broken(problems) {
		return nil, problems
	}
	return lay(d), problems
}

// lay makes a step of every part.
func lay(d network.Draft) (steps []network.Step) {
	last := ""
	for i := range d.Parts {
		step := "post"
		if i > 0 {
			step = "part-" + strconv.Itoa(i+1)
		}
		steps = append(steps, create(d, step, i, payload{After: last}))
		last = step
	}
	if d.FirstComment != nil {
		steps = append(steps, create(d, "comment", len(d.Parts), payload{After: "post"}))
	}
	return steps
}

func create(d network.Draft, step string, part int, p payload) network.Step {
	content := partOf(d, part)
	p.Text, p.Media, p.At, p.Seen = content.Text, len(content.Media), d.At, d.Settings["audience"]
	if content.Poll != nil {
		p.Poll = content.Poll.Options
	}
	p.Film = slices.ContainsFunc(content.Media, func(m network.Media) bool { return m.Kind == network.Video })
	p.Story = d.Settings["kind"] == story
	raw, _ := json.Marshal(p) // plain data: cannot fail
	return network.Step{Name: step, Part: part, Kind: network.Keyed, Public: true, Key: d.Key + "/" + step, Payload: raw}
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

// Count counts what people see as one character.
func (*Sandbox) Count(d network.Draft, part int, a network.Account) network.Count {
	limit := a.Limits.Characters
	if limit == 0 {
		limit = allowed.Characters
	}
	return network.Count{Used: text.Graphemes(partOf(d, part).Text), Limit: limit, Unit: "characters"}
}

// PlanEdit plans the change of a published item's text.
func (s *Sandbox) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := s.check(d, a)
	if len(d.Parts) > 1 {
		problems = append(problems, network.Problem{Level: network.Warning, Code: "edit_first_part", Field: "text", Part: 1, Message: "Only the first part of a thread is changed."})
	}
	if broken(problems) {
		return nil, problems
	}
	return editing(item, d), problems
}

func editing(item network.Remote, d network.Draft) []network.Step {
	raw, _ := json.Marshal(payload{Text: d.Parts[0].Text, Item: item.ID}) // plain data: cannot fail
	return []network.Step{{Name: "edit", Kind: network.Repeatable, Public: true, Payload: raw}}
}

// PlanReply answers a comment in its thread, a direct message directly.
func (s *Sandbox) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	d := network.Draft{Key: r.Key, At: r.At, Parts: []network.Part{{Text: r.Text, Media: r.Media}}}
	problems := s.check(d, a)
	if broken(problems) {
		return nil, problems
	}
	return []network.Step{create(d, "reply", 0, payload{ReplyTo: r.To.ID, Direct: r.To.Kind == network.Direct})}, problems
}

func broken(problems []network.Problem) bool {
	return slices.ContainsFunc(problems, func(p network.Problem) bool { return p.Level == network.Error })
}

// check finds what the sandbox would not take.
func (s *Sandbox) check(d network.Draft, a network.Account) (problems []network.Problem) {
	add := func(level network.Level, part int, code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: level, Code: code, Field: field, Part: part, Message: message, Fix: fix})
	}
	if len(d.Parts) == 0 {
		add(network.Error, 0, "empty", "text", "There is nothing to publish yet.", "Write a text or add a picture.")
	}
	if v := d.Settings["audience"]; v != "" && v != everyone && v != "followers" {
		add(network.Error, 0, "setting_unknown", "settings.audience", fmt.Sprintf("%q is not one of the choices.", v), "Choose one of the list.")
	}
	parts := len(d.Parts)
	if d.FirstComment != nil {
		parts++
	}
	for i := range parts {
		bad := func(code, field, message, fix string) { add(network.Error, i, code, field, message, fix) }
		p := partOf(d, i)
		if count := s.Count(d, i, a); count.Used > count.Limit {
			bad("text_too_long", "text", fmt.Sprintf("The text has %d characters, the limit is %d.", count.Used, count.Limit), fmt.Sprintf("Shorten it by %d.", count.Used-count.Limit))
		}
		if strings.TrimSpace(p.Text) == "" && len(p.Media) == 0 && p.Poll == nil {
			bad("empty", "text", "There is nothing to publish yet.", "Write a text or add a picture.")
		}
		if p.Card != nil {
			add(network.Hint, i, "card_by_server", "card", "The sandbox draws the link preview by itself; yours is not sent.", "")
		}
		checkMedia(p, bad, func(message string) {
			add(network.Hint, i, "alt_missing", "media", message, "Describe it in a sentence.")
		})
		checkPoll(p, bad)
	}
	return problems
}

func checkMedia(p network.Part, bad func(code, field, message, fix string), hint func(string)) {
	spec := (*Sandbox)(nil).Spec()
	if n := len(p.Media); n > allowed.Media {
		bad("media_too_many", "media", fmt.Sprintf("The post has %d media, the limit is %d.", n, allowed.Media), fmt.Sprintf("Remove %d.", n-allowed.Media))
	}
	if len(p.Media) > 1 && slices.ContainsFunc(p.Media, func(m network.Media) bool { return m.Kind == network.Video }) {
		bad("media_mixed", "media", "A video stands alone; only pictures go together.", "Keep the video, or only the pictures.")
	}
	for n, m := range p.Media {
		limit := allowed.ImageBytes
		if m.Kind == network.Video {
			limit = allowed.VideoBytes
		}
		if m.Bytes > limit {
			bad("media_too_large", "media", fmt.Sprintf("Medium %d has %d bytes, the limit is %d.", n+1, m.Bytes, limit), "Use a smaller version.")
		}
		if !slices.Contains(append(spec.ImageMIME, spec.VideoMIME...), m.MIME) {
			bad("media_type", "media", fmt.Sprintf("Medium %d is %s, which the sandbox does not take.", n+1, m.MIME), "Convert it.")
		}
		switch alt := text.Graphemes(m.Alt); {
		case alt > allowed.AltCharacters:
			bad("alt_too_long", "media", fmt.Sprintf("The description of medium %d has %d characters, the limit is %d.", n+1, alt, allowed.AltCharacters), fmt.Sprintf("Shorten it by %d.", alt-allowed.AltCharacters))
		case alt == 0:
			hint(fmt.Sprintf("Medium %d has no description for people who cannot see it.", n+1))
		}
	}
}

func checkPoll(p network.Part, bad func(code, field, message, fix string)) {
	if p.Poll == nil {
		return
	}
	if n := len(p.Poll.Options); n < 2 || n > allowed.PollOptions {
		bad("poll_options", "poll", fmt.Sprintf("The poll has %d options; 2 to %d are possible.", n, allowed.PollOptions), "Change the number of options.")
	}
	for n, o := range p.Poll.Options {
		if used := text.Graphemes(strings.TrimSpace(o)); used == 0 || used > allowed.PollOptionChars {
			bad("poll_option_too_long", "poll", fmt.Sprintf("Option %d has %d characters; 1 to %d are possible.", n+1, used, allowed.PollOptionChars), "Change it.")
		}
	}
	if s := int64(p.Poll.Duration.Seconds()); s < allowed.PollMinSeconds || s > allowed.PollMaxSeconds {
		bad("poll_duration", "poll", fmt.Sprintf("The poll runs for %d seconds; %d to %d are possible.", s, allowed.PollMinSeconds, allowed.PollMaxSeconds), "Change how long it runs.")
	}
}
