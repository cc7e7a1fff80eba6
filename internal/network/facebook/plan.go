package facebook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/text"
)

// videoLife is how long an uploaded video waits to be published.
const videoLife = 23 * time.Hour

// The calls of steps.
const (
	photoCall      = "photo"       // upload a picture, unpublished
	videoCall      = "video"       // upload a video of a post
	reelCall       = "reel"        // upload a reel
	videoStoryCall = "video_story" // upload a story's video
	feedCall       = "feed"        // make a post
	captionCall    = "caption"     // give a published video captions
	finishCall     = "finish"      // publish an uploaded video, reel or story
	photoStoryCall = "photo_story" // publish an uploaded picture as a story
	commentCall    = "comment"
	letterCall     = "letter"
	editCall       = "edit"
)

// payload is everything a step needs after a restart.
type payload struct {
	Call       string        `json:"call"`
	Kind       string        `json:"kind,omitempty"` // finishCall: the call that uploaded
	Text       string        `json:"text,omitempty"`
	Title      string        `json:"title,omitempty"`
	Link       string        `json:"link,omitempty"`
	Background string        `json:"background,omitempty"`
	Place      string        `json:"place,omitempty"`
	Countries  []string      `json:"countries,omitempty"`
	Prefer     []string      `json:"prefer,omitempty"`   // countries whose feeds show it first
	AgeMin     string        `json:"age_min,omitempty"`  // years
	Backdate   string        `json:"backdate,omitempty"` // RFC 3339
	State      string        `json:"state,omitempty"`
	PublishAt  time.Time     `json:"publish_at,omitzero"` // UTC
	Uploads    []string      `json:"uploads,omitempty"`   // steps whose files this one uses
	Locale     string        `json:"locale,omitempty"`    // of captions, as Facebook writes it
	On         string        `json:"on,omitempty"`        // what is commented on or changed
	After      string        `json:"after,omitempty"`     // or the step that made it
	Item       string        `json:"item,omitempty"`      // editCall: the item as it is known
	Letter     *graph.Letter `json:"letter,omitempty"`
}

// planner lays out steps; uploads come first.
type planner struct {
	key   string
	steps []network.Step
	media int
}

// Plan checks the draft and lays out its calls.
func (Facebook) Plan(d network.Draft, _ network.Account) ([]network.Step, []network.Problem) {
	problems := check(d)
	if broken(problems) {
		return nil, problems
	}
	p := &planner{key: d.Key}
	part, content := d.Parts[0], content(d)
	kind := d.Settings["kind"]
	video, cover := filmed(part)
	files := part.Media
	if video != nil {
		files = []network.Media{*video}
	}
	upload := photoCall
	switch {
	case kind == reel:
		upload = reelCall
	case kind == story && video != nil:
		upload = videoStoryCall
	case video != nil:
		upload = videoCall
	}
	for _, m := range files {
		content.Uploads = append(content.Uploads, p.upload(m, 0, upload, content.State))
	}
	var comment []string
	if d.FirstComment != nil {
		for _, m := range d.FirstComment.Media {
			comment = append(comment, p.upload(m, 1, photoCall, ""))
		}
	}
	content.Call = feedCall
	switch {
	case upload != photoCall:
		content.Call, content.Kind = finishCall, upload
	case kind == story:
		content.Call = photoStoryCall
	}
	p.public("post", 0, content)
	if cover != nil {
		cover.Open, cover.Address = nil, ""
		p.steps[len(p.steps)-1].Media = cover
	}
	if upload == videoCall || upload == reelCall {
		p.captions(*video, content.Uploads)
	}
	if d.FirstComment != nil {
		p.public("comment", 1, payload{Call: commentCall, Text: d.FirstComment.Text, Uploads: comment, After: "post"})
	}
	return p.steps, problems
}

// content is what a post says and how it is published.
func content(d network.Draft) payload {
	s, part := d.Settings, d.Parts[0]
	c := payload{Text: part.Text, Title: s["title"], Link: s["link"], Background: s["background"], Place: s["place"], Countries: countries(s, "countries"), Prefer: countries(s, "prefer_countries"), AgeMin: s["age_min"], State: s["state"]}
	if s["kind"] == story {
		c.Text, c.Title = "", ""
	}
	if len(part.Media) == 0 && c.Link == "" && c.Background == "" { // the API shows a preview only of a link that is named
		if part.Card != nil {
			c.Link = part.Card.URL
		} else if links := text.Links(part.Text); len(links) > 0 {
			c.Link = links[0].Value
		}
	}
	if at, err := time.Parse(time.RFC3339, s["backdate"]); err == nil {
		c.Backdate = at.UTC().Format(time.RFC3339)
	}
	if at, err := time.Parse(time.RFC3339, s["publish_at"]); err == nil && c.State == scheduled {
		c.PublishAt = at.UTC()
	}
	return c
}

func (p *planner) upload(m network.Media, part int, call, state string) string {
	p.media++
	name := "media-" + strconv.Itoa(p.media)
	m.Open, m.Address = nil, ""
	p.steps = append(p.steps, network.Step{Name: name, Part: part, Kind: network.Repeatable, Media: &m, Payload: raw(payload{Call: call, State: state})})
	return name
}

// captions plans the captions of a video, which it can have once it is published.
func (p *planner) captions(video network.Media, of []string) {
	for _, words := range video.Captions {
		p.steps = append(p.steps, network.Step{Name: "captions-" + words.Language, Kind: network.Repeatable, Media: &words.SRT,
			Payload: raw(payload{Call: captionCall, Uploads: of, Locale: locale(words.Language)})})
	}
}

// public adds a step that makes something others see. An uploaded video has a name before it is published; everything
// else can only be looked for, except a draft, which no list shows.
func (p *planner) public(name string, part int, content payload) {
	s := network.Step{Name: name, Part: part, Kind: network.Findable, Public: true, Payload: raw(content)}
	switch {
	case content.Call == finishCall:
		sum := sha256.Sum256([]byte(p.key + "\x00" + name))
		s.Kind, s.Key, s.KeyLife = network.Keyed, hex.EncodeToString(sum[:]), videoLife
	case content.Call == feedCall && content.State == draft:
		s.Kind = network.Once
	}
	p.steps = append(p.steps, s)
}

func raw(p payload) json.RawMessage {
	out, _ := json.Marshal(p) // plain data: cannot fail
	return out
}

// PlanEdit plans the change of a published post's text.
func (Facebook) PlanEdit(item network.Remote, d network.Draft, _ network.Account) ([]network.Step, []network.Problem) {
	problems := check(d)
	if d.Settings["kind"] == story {
		problems = append(problems, network.Problem{Level: network.Error, Code: "story_edit", Field: "text", Message: "A published story cannot be changed.", Fix: "Delete it and publish another."})
	}
	if broken(problems) {
		return nil, problems
	}
	if len(d.Parts[0].Media) > 0 {
		problems = append(problems, network.Problem{Level: network.Hint, Code: "edit_text_only", Field: "media", Message: "Only the text is changed; pictures and videos stay as they are."})
	}
	edit := payload{Call: editCall, Text: d.Parts[0].Text, On: item.ID, Item: item.ID}
	if v := item.Data["video"]; v != "" { // a video's words are its own, not its post's
		edit.Kind, edit.On = videoCall, v
	}
	return []network.Step{{Name: "edit", Kind: network.Repeatable, Public: true, Payload: raw(edit)}}, problems
}

// PlanPrivate plans the one private answer to a comment.
func (f Facebook) PlanPrivate(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	if r.To.Kind != network.Comment || r.To.Data["private"] == "false" {
		return nil, []network.Problem{graph.NotPrivate("Facebook")}
	}
	return f.PlanReply(graph.Private(r), a)
}

// PlanReply plans an answer: a comment below what was said in public, or a message.
func (Facebook) PlanReply(r network.Reply, _ network.Account) ([]network.Step, []network.Problem) {
	p := &planner{key: r.Key}
	if r.To.Kind == network.Direct {
		letter, problems := graph.Write(r, letterLength, text.UTF16Units)
		if broken(problems) {
			return nil, problems
		}
		p.public("reply", 0, payload{Call: letterCall, Letter: &letter})
		if len(r.Media) > 0 {
			m := r.Media[0]
			m.Open, m.Address = nil, ""
			p.steps[0].Media = &m
		}
		return p.steps, problems
	}
	d := network.Draft{Key: r.Key, Parts: []network.Part{{Text: "."}}, FirstComment: &network.Part{Text: r.Text, Media: r.Media}, At: r.At}
	c := &checker{d: d}
	c.comment()
	for i := range c.list {
		c.list[i].Part = 0
	}
	if broken(c.list) {
		return nil, c.list
	}
	var uploads []string
	for _, m := range r.Media {
		uploads = append(uploads, p.upload(m, 0, photoCall, ""))
	}
	p.public("reply", 0, payload{Call: commentCall, Text: r.Text, Uploads: uploads, On: r.To.ID})
	return p.steps, c.list
}
