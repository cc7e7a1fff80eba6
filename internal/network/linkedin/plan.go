package linkedin

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
)

// payload is everything a step needs after a restart.
type payload struct {
	Text     string              `json:"text"` // in LinkedIn's notation for posts, as it is for comments
	Due      time.Time           `json:"due,omitzero"`
	Files    []file              `json:"files,omitempty"`
	Title    string              `json:"title,omitempty"` // of a document or video
	Card     *card               `json:"card,omitempty"`
	Poll     *poll               `json:"poll,omitempty"`
	Repost   string              `json:"repost,omitempty"`
	Seen     string              `json:"seen,omitempty"`     // by whom
	Audience map[string][]string `json:"audience,omitempty"` // of these alone; empty = everyone
	Fixed    bool                `json:"fixed,omitempty"`    // others may not repost it
	Below    string              `json:"below,omitempty"`    // the step whose post this comment is below
	Post     string              `json:"post,omitempty"`     // or the post itself
	Parent   string              `json:"parent,omitempty"`   // the comment this one answers
	Close    string              `json:"close,omitempty"`    // the step whose post is closed for comments
	Item     string              `json:"item,omitempty"`     // the post to change
	Resource string              `json:"resource,omitempty"` // where an upload goes: images, videos, documents
}

type file struct {
	Step string `json:"step"`
	Alt  string `json:"alt,omitempty"`
}

type card struct {
	Source      string `json:"source"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Thumb       string `json:"thumb,omitempty"` // the step that sends the picture
}

type poll struct {
	Question string   `json:"question"`
	Options  []string `json:"options"`
	Duration string   `json:"duration"`
}

func (p payload) comment() bool { return p.Below != "" || p.Post != "" }

// planner lays out steps: uploads first.
type planner struct {
	a     network.Account
	steps []network.Step
	media int
}

// kind says what may be done about a lost answer: where nothing can be listed, nothing by itself.
func (p *planner) kind() network.StepKind {
	if listable(p.a) {
		return network.Findable
	}
	return network.Once
}

func (p *planner) add(name string, part int, kind network.StepKind, public bool, content payload) {
	raw, _ := json.Marshal(content) // plain data: cannot fail
	p.steps = append(p.steps, network.Step{Name: name, Part: part, Kind: kind, Public: public, Payload: raw})
}

func (p *planner) upload(m network.Media) file {
	p.media++
	f := file{Step: "media-" + strconv.Itoa(p.media), Alt: m.Alt}
	resource := map[network.MediaKind]string{network.Video: "videos", network.Document: "documents"}[m.Kind]
	m.Open = nil
	raw, _ := json.Marshal(payload{Resource: cmp.Or(resource, "images")}) // plain data: cannot fail
	p.steps = append(p.steps, network.Step{Name: f.Step, Kind: network.Repeatable, Media: &m, Payload: raw})
	return f
}

// Plan checks the draft and lays out its calls.
func (LinkedIn) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p, part := &planner{a: a}, d.Parts[0]
	c := payload{Text: little(part.Text, part.Mentions), Due: d.At.UTC(), Seen: cmp.Or(set(d, "visibility"), "PUBLIC"), Fixed: network.IsOn(set(d, "disable_reshare")), Repost: repost(d), Audience: audience(d)}
	for _, m := range part.Media {
		c.Files = append(c.Files, p.upload(m))
		if m.Kind == network.Document || m.Kind == network.Video {
			c.Title = title(d)
		}
	}
	switch {
	case part.Poll != nil:
		c.Poll = &poll{Question: question(d), Duration: durations[part.Poll.Duration]}
		for _, o := range part.Poll.Options {
			c.Poll.Options = append(c.Poll.Options, strings.TrimSpace(o))
		}
	case part.Card != nil && len(part.Media) == 0:
		c.Card = &card{Source: part.Card.URL, Title: part.Card.Title, Description: part.Card.Description}
		if part.Card.Thumb != nil {
			c.Card.Thumb = p.upload(*part.Card.Thumb).Step
		}
	}
	p.add("post", 0, p.kind(), true, c)
	if d.FirstComment != nil {
		p.add("comment", len(d.Parts), p.kind(), true, payload{Text: d.FirstComment.Text, Due: d.At.UTC(), Below: "post"})
	}
	if network.IsOn(set(d, "close_comments")) {
		p.add("close", 0, network.Repeatable, false, payload{Close: "post"})
	}
	return p.steps, problems
}

// title names a document or a video: as chosen, else the text's first line.
func title(d network.Draft) string {
	first, _, _ := strings.Cut(strings.TrimSpace(d.Parts[0].Text), "\n")
	t := cmp.Or(set(d, "document_title"), cmp.Or(strings.TrimSpace(first), "Document"))
	if utf8.RuneCountInString(t) > titleCharacters {
		t = string([]rune(t)[:titleCharacters-1]) + "…"
	}
	return t
}

// PlanEdit plans the change of a published post's text; LinkedIn lets nothing else be changed.
func (LinkedIn) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if p := partOf(d, 0); len(p.Media) > 0 || p.Poll != nil || p.Card != nil {
		problems = append(problems, network.Problem{Level: network.Warning, Code: "edit_text_only", Field: "media", Message: "Only the text is changed; media, poll and card stay as they are.", Fix: "Delete the post and publish it anew to change them."})
	}
	if broken(problems) {
		return nil, problems
	}
	p := &planner{a: a}
	p.add("edit", 0, network.Repeatable, true, payload{Text: little(d.Parts[0].Text, d.Parts[0].Mentions), Item: item.ID})
	return p.steps, problems
}

// PlanReply plans an answer below a comment, or a comment below a post that mentions us. LinkedIn has one level of
// answers: what answers an answer stands below the same comment.
func (LinkedIn) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	d := network.Draft{Key: r.Key, At: r.At, Parts: []network.Part{{Text: "."}}, FirstComment: &network.Part{Text: r.Text, Media: r.Media}}
	problems := check(d, a)
	for i := range problems {
		problems[i].Part = 0
	}
	if broken(problems) {
		return nil, problems
	}
	c := payload{Text: r.Text, Due: r.At.UTC(), Post: r.To.ID}
	if r.To.Data["post"] != "" {
		c.Post, c.Parent = r.To.Data["post"], cmp.Or(r.To.Data["top"], r.To.ID)
	}
	p := &planner{a: a}
	p.add("reply", 0, p.kind(), true, c)
	return p.steps, problems
}
