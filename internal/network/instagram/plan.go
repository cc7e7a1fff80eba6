package instagram

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/text"
)

// containerLife is how long a container surely waits to be published: Instagram keeps it a day.
const containerLife = 23 * time.Hour

// The calls of steps.
const (
	containerCall = "container"
	publishCall   = "publish"
	closeCall     = "close" // no more comments
	commentCall   = "comment"
	replyCall     = "reply"   // below a comment
	mentionCall   = "mention" // below a post of somebody else that mentions the account
	letterCall    = "letter"
)

// The kinds of containers.
const (
	imageKind    = "image"
	reelKind     = "reel"
	carouselKind = "carousel"
	childKind    = "child"
)

// payload is everything a step needs after a restart.
type payload struct {
	Call          string        `json:"call"`
	Kind          string        `json:"kind,omitempty"`
	Text          string        `json:"text,omitempty"`
	Collaborators []string      `json:"collaborators,omitempty"`
	Tags          []tag         `json:"tags,omitempty"`
	Location      string        `json:"location,omitempty"`
	Cover         string        `json:"cover,omitempty"`
	Thumb         string        `json:"thumb,omitempty"` // milliseconds
	ReelsOnly     bool          `json:"reels_only,omitempty"`
	Trial         string        `json:"trial,omitempty"`
	Audio         string        `json:"audio,omitempty"`
	AI            bool          `json:"ai,omitempty"`
	Partnership   bool          `json:"partnership,omitempty"`
	Sponsors      []string      `json:"sponsors,omitempty"`
	Products      []string      `json:"products,omitempty"`
	Children      []string      `json:"children,omitempty"` // steps
	On            string        `json:"on,omitempty"`
	Letter        *graph.Letter `json:"letter,omitempty"`
}

// Plan checks the draft and lays out its calls: containers, publishing, then what belongs to the published post.
func (Instagram) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	s, part := d.Settings, d.Parts[0]
	tags, _ := tagged(s["user_tags"])
	c := payload{Call: containerCall, Kind: imageKind, Text: part.Text, Tags: tags, AI: network.IsOn(s["ai"])}
	if s["kind"] != story {
		c.Collaborators, c.Location = people(s["collaborators"]), s["location"]
		if a.Extra["login"] != own {
			c.Partnership, c.Sponsors, c.Products = network.IsOn(s["partnership"]), people(s["sponsors"]), people(s["products"])
		}
	}
	switch {
	case s["kind"] == story:
		c.Kind, c.Text = story, ""
	case isReel(d):
		c.Kind = reelKind
		c.Cover, c.Thumb, c.ReelsOnly, c.Trial, c.Audio = s["cover_url"], s["thumb_offset"], s["share"] == "reels", s["trial"], s["audio_name"]
	case len(part.Media) >= leastCarousel:
		c.Kind = carouselKind
	}
	var steps []network.Step
	file := func(name string, p payload, m network.Media) {
		m.Open, m.Address = nil, ""
		if m.Kind == network.Video { // people in a video have no place
			p.Tags = unplaced(p.Tags)
		}
		steps = append(steps, network.Step{Name: name, Kind: network.Repeatable, Media: &m, Payload: raw(p), Fetched: true})
	}
	if c.Kind == carouselKind {
		for i, m := range part.Media {
			name := "media-" + strconv.Itoa(i+1)
			child := payload{Call: containerCall, Kind: childKind}
			if i == 0 {
				child.Tags, child.Products = c.Tags, c.Products
			}
			file(name, child, m)
			c.Children = append(c.Children, name)
		}
		c.Tags, c.Products = nil, nil
		steps = append(steps, network.Step{Name: "container", Kind: network.Repeatable, Payload: raw(c)})
	} else {
		file("container", c, part.Media[0])
	}
	sum := sha256.Sum256([]byte(d.Key + "\x00publish"))
	steps = append(steps, network.Step{Name: "publish", Kind: network.Keyed, Public: true, Key: hex.EncodeToString(sum[:]), KeyLife: containerLife, Payload: raw(payload{Call: publishCall, Kind: c.Kind, Text: c.Text})})
	if d.FirstComment != nil {
		steps = append(steps, network.Step{Name: "comment", Part: 1, Kind: network.Findable, Public: true, Payload: raw(payload{Call: commentCall, Text: d.FirstComment.Text})})
	}
	if s["comments"] == "off" && c.Kind != story {
		steps = append(steps, network.Step{Name: "close", Kind: network.Repeatable, Payload: raw(payload{Call: closeCall})})
	}
	return steps, problems
}

func unplaced(tags []tag) (out []tag) {
	for _, t := range tags {
		out = append(out, tag{Name: t.Name})
	}
	return out
}

func raw(p payload) json.RawMessage {
	out, _ := json.Marshal(p) // plain data: cannot fail
	return out
}

// PlanPrivate plans the one private answer to a comment.
func (n Instagram) PlanPrivate(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	if r.To.Kind != network.Comment {
		return nil, []network.Problem{graph.NotPrivate("Instagram")}
	}
	return n.PlanReply(graph.Private(r), a)
}

// PlanReply plans an answer: below a comment, below a post that mentions the account, or as a message.
func (Instagram) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	if r.To.Kind == network.Direct {
		letter, problems := graph.Write(r, letterBytes, text.Bytes)
		if broken(problems) {
			return nil, problems
		}
		step := network.Step{Name: "reply", Kind: network.Findable, Public: true, Payload: raw(payload{Call: letterCall, Letter: &letter})}
		if len(r.Media) > 0 {
			m := r.Media[0]
			m.Open, m.Address = nil, ""
			step.Media = &m
		}
		return []network.Step{step}, problems
	}
	c := &checker{d: network.Draft{Parts: []network.Part{{}}, FirstComment: &network.Part{Text: r.Text, Media: r.Media}}}
	c.comment()
	for i := range c.list {
		c.list[i].Part = 0
	}
	if r.To.Kind == network.Mention && !mentions(r.To.Text, a.Handle) {
		c.wrong("only_tagged", "text", "The post only tags the account; Instagram takes answers where the caption mentions it.", "Answer in the Instagram app.")
	}
	if broken(c.list) {
		return nil, c.list
	}
	step := network.Step{Name: "reply", Kind: network.Findable, Public: true}
	p := payload{Call: replyCall, Text: r.Text, On: r.To.ID}
	switch {
	case r.To.Kind == network.Mention: // comments below other people's posts cannot be read
		p.Call, step.Kind = mentionCall, network.Once
	case r.To.Data["parent"] != "": // there is one level of replies: a reply to a reply names whom it answers
		p.On = r.To.Data["parent"]
		if !mentions(p.Text, r.To.From.Handle) {
			p.Text = fmt.Sprintf("@%s %s", r.To.From.Handle, p.Text)
		}
	}
	step.Payload = raw(p)
	return []network.Step{step}, c.list
}

func mentions(words, handle string) bool {
	for _, e := range text.Mentions(words) {
		if strings.EqualFold(e.Value, handle) {
			return true
		}
	}
	return false
}
