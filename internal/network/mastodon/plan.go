package mastodon

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// keyLife is how long a resend with the same Idempotency-Key is surely recognised: Mastodon keeps it for an hour from
// the moment the status is made, and the rest is for clocks and slow answers.
const keyLife = 50 * time.Minute

// payload is everything a step needs after a restart.
type payload struct {
	Text       string        `json:"text,omitempty"`
	Warning    string        `json:"warning,omitempty"`
	Visibility string        `json:"visibility,omitempty"`
	Language   string        `json:"language,omitempty"`
	Quotes     string        `json:"quotes,omitempty"`
	Sensitive  bool          `json:"sensitive,omitempty"`
	Files      []file        `json:"files,omitempty"`
	Poll       *network.Poll `json:"poll,omitempty"`
	After      string        `json:"after,omitempty"`    // the step whose status this one answers
	ReplyTo    string        `json:"reply_to,omitempty"` // or the status itself
	Item       string        `json:"item,omitempty"`     // the status to change; empty makes a new one
	Plain      bool          `json:"plain,omitempty"`    // ask for plain text, where an account may have chosen Markdown
}

// file is one attachment: uploaded by an earlier step, or at the server already.
type file struct {
	Step  string `json:"step,omitempty"`
	ID    string `json:"id,omitempty"`
	SHA   string `json:"sha,omitempty"`
	Alt   string `json:"alt,omitempty"`
	Focus string `json:"focus,omitempty"`
}

// planner lays out steps. Uploads come first, all of them, so that no thread is left half published by a file.
type planner struct {
	d     network.Draft
	a     network.Account
	steps []network.Step
	media int
}

// Plan checks the draft and lays out its calls.
func (Mastodon) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p := &planner{d: d, a: a}
	parts := d.Parts
	if d.FirstComment != nil {
		parts = append(parts[:len(parts):len(parts)], *d.FirstComment)
	}
	files := make([][]file, len(parts))
	for i, part := range parts {
		files[i] = p.upload(part, i, nil)
	}
	after := ""
	for i, part := range parts {
		name := "post"
		switch {
		case i >= len(d.Parts):
			name, after = "comment", "post"
		case i > 0:
			name = "part-" + strconv.Itoa(i+1)
		}
		content := p.content(part, files[i])
		content.After = after
		p.create(name, i, content)
		after = name
	}
	return p.steps, problems
}

// upload plans the uploads of a part; known maps a file's SHA-256 to its id where it is at the server already.
func (p *planner) upload(part network.Part, i int, known map[string]string) (files []file) {
	for _, m := range part.Media {
		f := file{SHA: m.SHA256, Alt: m.Alt, Focus: focus(m), ID: known[m.SHA256]}
		if f.ID == "" {
			p.media++
			f.Step = "media-" + strconv.Itoa(p.media)
			m.Open = nil
			p.steps = append(p.steps, network.Step{Name: f.Step, Part: i, Kind: network.Repeatable, Media: &m, Payload: json.RawMessage(`{}`)})
		}
		files = append(files, f)
	}
	return files
}

func focus(m network.Media) string {
	if m.FocusX == 0 && m.FocusY == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f,%.2f", m.FocusX, m.FocusY)
}

func (p *planner) content(part network.Part, files []file) payload {
	return payload{
		Text: part.Text, Warning: warning(p.d), Visibility: visibility(p.d), Language: cmp.Or(code(p.d.Settings["language"]), code(p.d.Language)),
		Quotes: p.quotes(), Sensitive: network.IsOn(p.d.Settings["sensitive"]) || warning(p.d) != "" && len(files) > 0, Files: files, Poll: part.Poll,
		Plain: readsMarkup(p.a),
	}
}

func (p *planner) quotes() string {
	if !atLeast(p.a, quotesVersion) {
		return ""
	}
	return p.d.Settings["quotes"]
}

func (p *planner) create(name string, part int, content payload) {
	raw, _ := json.Marshal(content) // plain data: cannot fail
	sum := sha256.Sum256([]byte(p.d.Key + "\x00" + name + "\x00" + string(raw)))
	step := network.Step{Name: name, Part: part, Kind: network.Findable, Public: true, Key: hex.EncodeToString(sum[:]), Payload: raw}
	if honoursKey(p.a) {
		step.Kind, step.KeyLife = network.Keyed, keyLife
	}
	p.steps = append(p.steps, step)
}

// PlanEdit plans the change of a published status. Files that are there already stay as they are (their description
// may change), new ones are uploaded, and what the draft no longer has goes.
func (Mastodon) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if len(d.Parts) > 1 {
		problems = append(problems, network.Problem{Level: network.Warning, Code: "edit_first_part", Field: "text", Part: 1, Message: "Only the first part of a thread is changed.", Fix: "Change the other parts on the server."})
	}
	if len(d.Parts) > 0 && d.Parts[0].Poll != nil {
		problems = append(problems, network.Problem{Level: network.Hint, Code: "poll_votes", Field: "poll", Message: "Changing a poll's options takes all its votes away."})
	}
	if broken(problems) {
		return nil, problems
	}
	p := &planner{d: d, a: a}
	known := map[string]string{}
	ids, sums := strings.Split(item.Data["media"], ","), strings.Split(item.Data["media_sha256"], ",")
	for i, sum := range sums {
		if sum != "" && i < len(ids) {
			known[sum] = ids[i]
		}
	}
	content := p.content(d.Parts[0], p.upload(d.Parts[0], 0, known))
	content.Item = item.ID
	raw, _ := json.Marshal(content)
	return append(p.steps, network.Step{Name: "edit", Kind: network.Repeatable, Public: true, Payload: raw}), problems
}

// PlanReply plans an answer: it is seen by no more people than what it answers, begins with the author's address as
// the network needs it, and keeps the content warning.
func (Mastodon) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	data := r.To.Data
	acct := cmp.Or(data["acct"], r.To.From.Handle)
	words := r.Text
	if acct != "" && !mentions(words, acct) {
		words = "@" + acct + " " + words
	}
	see := cmp.Or(data["visibility"], unlisted)
	if r.To.Kind == network.Direct {
		see = direct
	}
	d := network.Draft{Key: r.Key, Language: r.Language, At: r.At, Parts: []network.Part{{Text: words, Media: r.Media}},
		Settings: map[string]string{"visibility": see, "content_warning": data["warning"]}}
	problems := check(d, a)
	if strings.TrimSpace(r.Text) == "" && len(r.Media) == 0 {
		problems = append(problems, network.Problem{Level: network.Error, Code: "empty", Field: "text", Message: "There is nothing to send yet.", Fix: "Write an answer."})
	}
	if broken(problems) {
		return nil, problems
	}
	p := &planner{d: d, a: a}
	content := p.content(d.Parts[0], p.upload(d.Parts[0], 0, nil))
	content.ReplyTo = r.To.ID
	p.create("reply", 0, content)
	return p.steps, problems
}

func mentions(words, acct string) bool {
	for _, e := range text.Mentions(words) {
		if strings.EqualFold(e.Value, acct) {
			return true
		}
	}
	return false
}
