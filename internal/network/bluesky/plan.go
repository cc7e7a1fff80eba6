package bluesky

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/richtext"
	"github.com/bellwether-social/bellwether/internal/text"
)

// planner lays out steps. Uploads and look-ups come first, all of them, so that no thread is left half published by a
// file.
type planner struct {
	d     network.Draft
	steps []network.Step
	media int
}

// Plan checks the draft and lays out its calls.
func (Bluesky) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p := &planner{d: d}
	parts := d.Parts
	if d.FirstComment != nil {
		parts = append(parts[:len(parts):len(parts)], *d.FirstComment)
	}
	contents := make([]payload, len(parts))
	for i, part := range parts {
		contents[i] = p.content(part, i)
	}
	contents[0].Quote = p.refer("quote", posts, "post")
	contents[0].Gates = p.gates()
	after := ""
	for i := range parts {
		step := "post"
		switch {
		case i >= len(d.Parts):
			step, after = "comment", "post"
		case i > 0:
			step = "part-" + strconv.Itoa(i+1)
		}
		contents[i].After = after
		p.create(step, i, contents[i])
		after = step
	}
	return p.steps, problems
}

// content is a part without its place in the thread.
func (p *planner) content(part network.Part, i int) payload {
	part.Text = strings.ToValidUTF8(part.Text, "\uFFFD") // as JSON would, but before facets are counted in bytes
	c := payload{Text: part.Text, Facets: richtext.Of(part), At: stamp(p.d.At.Add(time.Duration(i) * time.Millisecond)), Langs: languages(p.d), Labels: several(p.d.Settings["labels"])}
	if i == 0 {
		c.Tags = tags(p.d)
	}
	for _, m := range part.Media {
		f := file{Step: p.upload(m, i), Alt: m.Alt, Width: m.Width, Height: m.Height}
		if m.Kind == network.Video {
			for _, words := range m.Captions {
				f.Captions = append(f.Captions, caption{words.Language, p.upload(words.VTT, i)})
			}
			c.Video = &f
		} else {
			c.Images = append(c.Images, f)
		}
	}
	if part.Card != nil && len(part.Media) == 0 {
		c.Card = &card{URL: part.Card.URL, Title: part.Card.Title, Description: part.Card.Description}
		if t := part.Card.Thumb; t != nil {
			c.Card.Thumb = p.upload(*t, i)
		}
	}
	return c
}

func (p *planner) upload(m network.Media, part int) string {
	p.media++
	m.Open = nil
	step := "media-" + strconv.Itoa(p.media)
	p.steps = append(p.steps, network.Step{Name: step, Part: part, Kind: network.Repeatable, Media: &m, Payload: json.RawMessage(`{}`)})
	return step
}

// refer plans the look-up of what a setting's address names.
func (p *planner) refer(setting, collection, segment string) string {
	found := parse(strings.TrimSpace(p.d.Settings[setting]), collection, segment)
	if found == (target{}) {
		return ""
	}
	raw, _ := json.Marshal(payload{Refer: &found}) // plain data: cannot fail
	p.steps = append(p.steps, network.Step{Name: setting, Kind: network.Repeatable, Payload: raw})
	return setting
}

func (p *planner) gates() *gates {
	g := gates{List: p.refer("replies_list", lists, "lists"), Quotes: network.IsOn(p.d.Settings["quotes_off"])}
	who := several(p.d.Settings["replies"])
	g.Limited = len(who) > 0 || g.List != ""
	g.Rules = slices.DeleteFunc(who, func(rule string) bool { return rule == "nobody" })
	if !g.Limited && !g.Quotes {
		return nil
	}
	return &g
}

func (p *planner) create(step string, part int, content payload) {
	content.RKey = tid(p.d.At, p.d.Key, part)
	raw, _ := json.Marshal(content) // plain data: cannot fail
	p.steps = append(p.steps, network.Step{Name: step, Part: part, Kind: network.Keyed, Public: true, Key: content.RKey, Payload: raw})
}

// PlanReply plans an answer: below a post as a post, in a conversation as a direct message.
func (Bluesky) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	part := network.Part{Text: r.Text, Media: r.Media, Mentions: map[string]string{"@" + r.To.From.Handle: r.To.From.ID}}
	if r.To.Kind == network.Direct {
		return planMessage(r, part, a)
	}
	d := network.Draft{Key: r.Key, Language: r.Language, At: r.At, Parts: []network.Part{part}}
	problems := check(d, a)
	parent := ref{r.To.ID, r.To.Data["cid"]}
	root := ref{cmp.Or(r.To.Data["root_uri"], parent.URI), cmp.Or(r.To.Data["root_cid"], parent.CID)}
	if parent.CID == "" {
		problems = append(problems, network.Problem{Level: network.Error, Code: "parent_unknown", Field: "text", Message: "It is not known which version of the post this answers.", Fix: "Wait until the conversation is read again, then answer."})
	}
	if broken(problems) {
		return nil, problems
	}
	p := &planner{d: d}
	content := p.content(part, 0)
	content.Root, content.Parent = &root, &parent
	p.create("reply", 0, content)
	return p.steps, problems
}

func planMessage(r network.Reply, part network.Part, a network.Account) ([]network.Step, []network.Problem) {
	var problems []network.Problem
	wrong := func(code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Message: message, Fix: fix})
	}
	if !chats(a) {
		wrong("messages_closed", "text", "The app password does not allow direct messages.", "Make one on Bluesky that allows them, and reconnect the channel.")
	}
	switch n := text.Graphemes(r.Text); {
	case strings.TrimSpace(r.Text) == "":
		wrong("empty", "text", "There is nothing to send yet.", "Write an answer.")
	case n > messageChars || len(r.Text) > messageBytes:
		wrong("text_too_long", "text", fmt.Sprintf("The message has %d characters and %d bytes, the limits are %d and %d.", n, len(r.Text), messageChars, messageBytes), "Shorten it.")
	}
	if len(r.Media) > 0 {
		wrong("media_unsupported", "media", "Bluesky's direct messages carry text only.", "Remove the media, or send a link.")
	}
	convo := cmp.Or(r.To.Data["convo"], r.To.Thread)
	if len(problems) > 0 {
		return nil, problems
	}
	raw, _ := json.Marshal(payload{Text: r.Text, Facets: richtext.Of(part), Convo: convo}) // plain data: cannot fail
	return []network.Step{{Name: "message", Kind: network.Findable, Public: true, Payload: raw}}, nil
}
