package threads

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// payload is everything a step needs after a restart. A step either makes a container or publishes one.
type payload struct {
	Type      string   `json:"type,omitempty"` // TEXT, IMAGE, VIDEO, CAROUSEL; "" publishes
	Text      string   `json:"text,omitempty"`
	Item      bool     `json:"item,omitempty"`     // one medium of a carousel
	Children  []string `json:"children,omitempty"` // the steps that made the carousel's media
	Link      string   `json:"link,omitempty"`
	Poll      []string `json:"poll,omitempty"`
	Replies   string   `json:"replies,omitempty"` // who may reply
	Topic     string   `json:"topic,omitempty"`
	Quote     string   `json:"quote,omitempty"`
	Location  string   `json:"location,omitempty"`
	Countries []string `json:"countries,omitempty"`
	Spoiler   bool     `json:"spoiler,omitempty"`
	Container string   `json:"container,omitempty"` // the step whose container is published
	After     string   `json:"after,omitempty"`     // the step whose post this one answers
	ReplyTo   string   `json:"reply_to,omitempty"`  // or the post itself
}

func (p payload) isReply() bool { return p.After != "" || p.ReplyTo != "" }

// planner lays out steps. A carousel's media come first, all of them, so that few threads are left half published by a
// file; a single picture belongs to its post's own container, which needs the post before it.
type planner struct {
	d     network.Draft
	steps []network.Step
}

// Plan checks the draft and lays out its calls.
func (Threads) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p := &planner{d: d}
	parts := d.Parts
	if d.FirstComment != nil {
		parts = append(parts[:len(parts):len(parts)], *d.FirstComment)
	}
	children := make([][]string, len(parts))
	for i, part := range parts {
		children[i] = p.items(part, i)
	}
	after := ""
	for i, part := range parts {
		name := "post"
		switch {
		case i >= len(d.Parts):
			name, after = "comment", "post"
		case i > 0:
			name = "part-" + number(i+1)
		}
		content := p.content(part, i, children[i])
		content.After = after
		p.publish(name, i, part, content)
		after = name
	}
	return p.steps, problems
}

func (p *planner) items(part network.Part, i int) (names []string) {
	if len(part.Media) < 2 {
		return nil
	}
	for _, m := range part.Media {
		name := "item-" + number(len(p.steps)+1)
		p.container(name, i, &m, payload{Type: kind(m), Item: true})
		names = append(names, name)
	}
	return names
}

func kind(m network.Media) string {
	if m.Kind == network.Video {
		return "VIDEO"
	}
	return "IMAGE"
}

func (p *planner) content(part network.Part, i int, children []string) payload {
	c := payload{Type: "TEXT", Text: part.Text, Link: attached(part), Children: children, Countries: countries(p.d)}
	switch {
	case len(part.Media) > 1:
		c.Type = "CAROUSEL"
	case len(part.Media) == 1:
		c.Type = kind(part.Media[0])
	}
	c.Spoiler = network.IsOn(p.d.Settings["spoiler"]) && len(part.Media) > 0
	if part.Poll != nil {
		for _, o := range part.Poll.Options {
			c.Poll = append(c.Poll, strings.TrimSpace(o))
		}
	}
	if i == 0 { // a thread follows its first part in these
		c.Replies, c.Topic = cmp.Or(p.d.Settings["reply_control"], everyone), topic(p.d)
		c.Quote, c.Location = strings.TrimSpace(p.d.Settings["quote_post_id"]), strings.TrimSpace(p.d.Settings["location_id"])
	}
	return c
}

func (p *planner) container(name string, i int, m *network.Media, content payload) {
	raw, _ := json.Marshal(content) // plain data: cannot fail
	if m != nil {
		file := *m
		file.Open, file.Address = nil, ""
		m = &file
	}
	p.steps = append(p.steps, network.Step{Name: name, Part: i, Kind: network.Repeatable, Media: m, Payload: raw, Fetched: m != nil})
}

// publish plans the two calls of one part.
func (p *planner) publish(name string, i int, part network.Part, content payload) {
	var single *network.Media
	if len(part.Media) == 1 {
		single = &part.Media[0]
	}
	p.container("container-"+name, i, single, content)
	raw, _ := json.Marshal(payload{Container: "container-" + name, Text: content.Text, After: content.After, ReplyTo: content.ReplyTo}) // plain data: cannot fail
	sum := sha256.Sum256([]byte(p.d.Key + "\x00" + name + "\x00" + string(raw)))
	p.steps = append(p.steps, network.Step{Name: name, Part: i, Kind: network.Keyed, Public: true, Key: hex.EncodeToString(sum[:]), Payload: raw})
}

// PlanReply plans an answer.
func (Threads) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	d := network.Draft{Key: r.Key, Language: r.Language, At: r.At, Parts: []network.Part{{Text: r.Text, Media: r.Media}}}
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p := &planner{d: d}
	content := p.content(d.Parts[0], 0, p.items(d.Parts[0], 0))
	content.ReplyTo, content.Replies = r.To.ID, ""
	p.publish("reply", 0, d.Parts[0], content)
	return p.steps, problems
}
