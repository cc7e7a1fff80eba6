package reddit

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
)

// What a step does.
const (
	readRules = "rules"   // asks the community once more what it asks for
	submit    = "post"    // makes the post
	comment   = "comment" // makes a comment or answers a message
	change    = "edit"    // changes a text
)

// payload is everything a step needs after a restart.
type payload struct {
	Do        string   `json:"do"`
	Kind      string   `json:"kind,omitempty"`
	Community string   `json:"community,omitempty"`
	Title     string   `json:"title,omitempty"`
	Text      string   `json:"text,omitempty"`
	URL       string   `json:"url,omitempty"`
	Crosspost string   `json:"crosspost,omitempty"` // full name of the post
	Flair     string   `json:"flair,omitempty"`
	FlairText string   `json:"flair_text,omitempty"`
	NSFW      bool     `json:"nsfw,omitempty"`
	Spoiler   bool     `json:"spoiler,omitempty"`
	Quiet     bool     `json:"quiet,omitempty"` // comments do not come to the inbox
	Files     []file   `json:"files,omitempty"`
	Poster    string   `json:"poster,omitempty"` // the step that uploads a video's poster
	Options   []string `json:"options,omitempty"`
	Days      int      `json:"days,omitempty"`
	Thing     string   `json:"thing,omitempty"` // full name of what is answered or changed
	After     string   `json:"after,omitempty"` // or the step whose post is answered
}

// file is one file of the post, uploaded by an earlier step.
type file struct {
	Step    string `json:"step,omitempty"`
	Caption string `json:"caption,omitempty"`
}

// hasText says that a post of this kind keeps a text below its title.
func (p payload) hasText() bool { return p.Kind == self || p.Kind == poll }

// split parts videos from pictures and animations.
func split(media []network.Media) (videos, pictures []network.Media) {
	for _, m := range media {
		if m.Kind == network.Video {
			videos = append(videos, m)
		} else {
			pictures = append(pictures, m)
		}
	}
	return videos, pictures
}

// content turns a draft into the post; its files get their steps from Plan.
func content(d network.Draft) payload {
	set := func(key string) string { return strings.TrimSpace(d.Settings[key]) }
	part := d.Parts[0]
	p := payload{Do: submit, Community: set("community"), Kind: set("kind"), Title: set("title"), URL: set("url"), FlairText: set("flair_text"), NSFW: network.IsOn(set("nsfw")), Spoiler: network.IsOn(set("spoiler")),
		Quiet: set("send_replies") != "" && !network.IsOn(set("send_replies")), Crosspost: postOf(set("crosspost"))}
	_, p.Flair, _ = strings.Cut(set("flair"), "/")
	videos, pictures := split(part.Media)
	if p.Kind == "" {
		switch {
		case part.Poll != nil:
			p.Kind = poll
		case set("crosspost") != "":
			p.Kind = crosspost
		case len(videos) > 0:
			p.Kind = video
		case len(pictures) > 1:
			p.Kind = gallery
		case len(pictures) == 1:
			p.Kind = picture
		case p.URL != "":
			p.Kind = link
		default:
			p.Kind = self
		}
	}
	text := strings.TrimSpace(part.Text)
	switch {
	case p.Title == "" && p.hasText():
		p.Title, text, _ = strings.Cut(text, "\n")
		p.Title = strings.TrimSpace(p.Title)
		p.Text = strings.TrimSpace(text)
	case p.Title == "":
		p.Title = strings.Join(strings.Fields(text), " ")
	case p.hasText():
		p.Text = text
	}
	if p.Kind == poll && part.Poll != nil {
		for _, o := range part.Poll.Options {
			p.Options = append(p.Options, strings.TrimSpace(o))
		}
		p.Days = days(part.Poll.Duration)
	}
	for _, m := range part.Media {
		p.Files = append(p.Files, file{Caption: m.Alt})
	}
	return p
}

// Plan checks the draft and lays out its calls: the community's rules once more, the files, the post, the comment.
func (Reddit) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	p, problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	asked := p
	asked.Do = readRules
	steps := []network.Step{{Name: "rules", Kind: network.Repeatable, Payload: asked.raw()}}
	p.Files = nil
	for i, m := range d.Parts[0].Media {
		name := "media-" + strconv.Itoa(i+1)
		if p.Kind == video && m.Kind != network.Video {
			p.Poster = name
		} else {
			f := file{Step: name}
			if p.Kind == gallery {
				f.Caption = m.Alt
			}
			p.Files = append(p.Files, f)
		}
		steps = append(steps, network.Step{Name: name, Kind: network.Repeatable, Media: &m, Payload: json.RawMessage(`{}`)})
	}
	steps = append(steps, network.Step{Name: "post", Kind: network.Findable, Public: true, Payload: p.raw()})
	if d.FirstComment != nil {
		c := payload{Do: comment, Text: strings.TrimSpace(d.FirstComment.Text), After: "post"}
		steps = append(steps, network.Step{Name: "comment", Part: len(d.Parts), Kind: network.Findable, Public: true, Payload: c.raw()})
	}
	return steps, problems
}

func (p payload) raw() json.RawMessage {
	raw, _ := json.Marshal(p) // plain data: cannot fail
	return raw
}

// PlanEdit plans the change of a text post's text. Everything else of a post is fixed on Reddit.
func (Reddit) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	p, problems := check(d, a)
	fail := func(code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Message: message, Fix: fix})
	}
	switch was := item.Data; {
	case len(d.Parts) == 0:
	case p.Kind != self || was["kind"] != "" && was["kind"] != self:
		fail("edit_text_only", "text", "Only text posts can be changed on Reddit.", "Delete the post and make another, or explain in a comment.")
	case was["title"] != "" && was["title"] != p.Title:
		fail("title_fixed", "settings.title", "A title can never be changed on Reddit.", "Keep the title “"+was["title"]+"”.")
	case was["community"] != "" && !strings.EqualFold(was["community"], p.Community):
		fail("community_fixed", "settings.community", "A post stays in its community.", "Keep r/"+was["community"]+".")
	}
	if broken(problems) {
		return nil, problems
	}
	e := payload{Do: change, Thing: item.ID, Text: p.Text, Kind: self, Community: p.Community, Title: p.Title}
	return []network.Step{{Name: "edit", Kind: network.Repeatable, Public: true, Payload: e.raw()}}, problems
}

// PlanReply plans an answer to a comment, a mention or a message.
func (Reddit) PlanReply(r network.Reply, _ network.Account) ([]network.Step, []network.Problem) {
	var problems []network.Problem
	fail := func(code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Message: message, Fix: fix})
	}
	text := strings.TrimSpace(r.Text)
	switch used := utf8.RuneCountInString(text); {
	case used == 0:
		fail("empty", "text", "There is nothing to send yet.", "Write an answer.")
	case used > commentMax:
		fail("text_too_long", "text", fmt.Sprintf("The answer has %d characters, the limit is %d.", used, commentMax), fmt.Sprintf("Shorten it by %d.", used-commentMax))
	}
	if len(r.Media) > 0 {
		fail("media_elsewhere", "media", "An answer sent by the API has no files.", "Remove the files.")
	}
	if len(problems) > 0 {
		return nil, problems
	}
	p := payload{Do: comment, Text: text, Thing: r.To.ID}
	return []network.Step{{Name: "reply", Kind: network.Findable, Public: true, Payload: p.raw()}}, nil
}
