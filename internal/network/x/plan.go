package x

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/x/subtitle"
)

// payload is everything a step needs after a restart.
type payload struct {
	Text      string   `json:"text,omitempty"`
	Files     []file   `json:"files,omitempty"`
	Options   []string `json:"options,omitempty"` // of a poll
	Minutes   int64    `json:"minutes,omitempty"` // how long it runs
	ReplyWho  string   `json:"reply_who,omitempty"`
	Community string   `json:"community,omitempty"`
	Share     bool     `json:"share,omitempty"`
	AI        bool     `json:"ai,omitempty"`
	Paid      bool     `json:"paid,omitempty"`
	Place     string   `json:"place,omitempty"`
	Tagged    string   `json:"tagged,omitempty"`   // the step that found who is in the pictures
	After     string   `json:"after,omitempty"`    // the step whose post this one answers
	ReplyTo   string   `json:"reply_to,omitempty"` // or the post itself
	To        string   `json:"to,omitempty"`       // the person a direct message goes to
	Item      string   `json:"item,omitempty"`     // the post to change
	Names     []string `json:"names,omitempty"`    // of accounts to look up
	Category  string   `json:"category,omitempty"` // of an upload
	Of        string   `json:"of,omitempty"`       // the step that uploaded the video these subtitles belong to
	Language  string   `json:"language,omitempty"` // of subtitles
}

// file is one attachment: uploaded by an earlier step, or at X already.
type file struct {
	Step string `json:"step,omitempty"`
	ID   string `json:"id,omitempty"`
	SHA  string `json:"sha,omitempty"`
}

// planner lays out steps. Uploads come first, all of them, so that no thread is left half published by a file.
type planner struct {
	d      network.Draft
	a      network.Account
	direct bool
	steps  []network.Step
	media  int
}

// Plan checks the draft and lays out its calls.
func (X) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
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
		files[i] = p.upload(part.Media, i, nil)
	}
	people := p.people()
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
		if i == 0 {
			content.ReplyWho, content.Community, content.Place, content.Tagged = set(d, "reply_settings"), community(d), set(d, "place"), people
			content.Share = content.Community != "" && network.IsOn(set(d, "share_with_followers"))
		}
		if name == "comment" {
			content.AI, content.Paid = false, false
		}
		p.add(name, i, network.Findable, content)
		after = name
	}
	return p.steps, problems
}

func set(d network.Draft, key string) string { return strings.TrimSpace(d.Settings[key]) }

// people plans the look-up of who is in the pictures and returns its name, "" where nobody is.
func (p *planner) people() string {
	names := tagged(p.d)
	if len(names) == 0 {
		return ""
	}
	raw, _ := json.Marshal(payload{Names: names}) // plain data: cannot fail
	p.steps = append(p.steps, network.Step{Name: "people", Kind: network.Repeatable, Payload: raw})
	return "people"
}

// upload plans the uploads of a part; known maps a file's SHA-256 to its id where it is at X already.
func (p *planner) upload(list []network.Media, i int, known map[string]string) (files []file) {
	for _, m := range list {
		f := file{SHA: m.SHA256, ID: known[m.SHA256]}
		if f.ID == "" {
			p.media++
			f.Step = "media-" + strconv.Itoa(p.media)
			m.Open = nil
			raw, _ := json.Marshal(payload{Category: p.category(m)}) // plain data: cannot fail
			p.steps = append(p.steps, network.Step{Name: f.Step, Part: i, Kind: network.Repeatable, Media: &m, Payload: raw})
		}
		files = append(files, f)
		if f.Step != "" && !p.direct {
			p.subtitles(f.Step, m, i)
		}
	}
	return files
}

// subtitles plans the captions of a video that is uploaded by a step.
func (p *planner) subtitles(of string, m network.Media, i int) {
	for _, words := range m.Captions {
		if len(subtitle.Code(words.Language)) != 2 {
			continue // the rules have said so
		}
		file := words.SRT
		file.MIME = "text/srt"                                                                     // X's own name for it
		raw, _ := json.Marshal(payload{Category: p.category(m), Of: of, Language: words.Language}) // plain data: cannot fail
		p.steps = append(p.steps, network.Step{Name: of + "-" + words.Language, Part: i, Kind: network.Repeatable, Media: &file, Payload: raw})
	}
}

// category says what an upload is for; long videos are amplify_video.
func (p *planner) category(m network.Media) string {
	what := map[network.MediaKind]string{network.Video: "video", network.GIF: "gif"}[m.Kind]
	switch what = cmp.Or(what, "image"); {
	case p.direct:
		return "dm_" + what
	case m.Kind == network.Video && m.Duration > longest:
		return "amplify_video"
	}
	return "tweet_" + what
}

func (p *planner) content(part network.Part, files []file) payload {
	c := payload{Text: part.Text, Files: files, AI: network.IsOn(set(p.d, "made_with_ai")), Paid: network.IsOn(set(p.d, "paid_partnership"))}
	if part.Poll != nil {
		c.Minutes = int64(part.Poll.Duration.Minutes())
		for _, o := range part.Poll.Options {
			c.Options = append(c.Options, strings.TrimSpace(o))
		}
	}
	return c
}

// add plans a public call.
func (p *planner) add(name string, part int, kind network.StepKind, content payload) {
	raw, _ := json.Marshal(content) // plain data: cannot fail
	p.steps = append(p.steps, network.Step{Name: name, Part: part, Kind: kind, Public: true, Payload: raw})
}

// PlanReply plans an answer: below a public post, or as a direct message to its sender.
func (X) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	d := network.Draft{Key: r.Key, Language: r.Language, At: r.At, Parts: []network.Part{{Text: r.Text, Media: r.Media}}}
	direct := r.To.Kind == network.Direct
	p := &planner{d: d, a: a, direct: direct}
	roomy := a
	if direct {
		roomy.Limits.Characters = longText // a message is counted in another way, below
	}
	problems := slices.DeleteFunc(check(d, roomy), func(p network.Problem) bool {
		return p.Code == "leading_mention" || direct && p.Code == "cashtags_too_many" // rules of posts
	})
	if used := utf8.RuneCountInString(r.Text); direct && used > directCharacters {
		problems = append(problems, network.Problem{Level: network.Error, Code: "text_too_long", Field: "text",
			Message: fmt.Sprintf("The message has %d characters, the limit is %d.", used, directCharacters), Fix: fmt.Sprintf("Shorten it by %d.", used-directCharacters)})
	}
	if direct && len(r.Media) > 1 {
		problems = append(problems, network.Problem{Level: network.Error, Code: "media_too_many", Field: "media",
			Message: fmt.Sprintf("The message has %d media, the limit is 1.", len(r.Media)), Fix: "Send the others in messages of their own."})
	}
	if broken(problems) {
		return nil, problems
	}
	content := p.content(d.Parts[0], p.upload(r.Media, 0, nil))
	if direct {
		content.To = cmp.Or(r.To.Data["author"], r.To.From.ID)
	} else {
		content.ReplyTo = r.To.ID
	}
	p.add("reply", 0, network.Findable, content)
	return p.steps, problems
}

// PlanEdit plans the change of a published post. X makes a new version with an id of its own; the old id leads to it.
func (X) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	add := func(level network.Level, code, field string, part int, message, fix string) {
		problems = append(problems, network.Problem{Level: level, Code: code, Field: field, Part: part, Message: message, Fix: fix})
	}
	if len(d.Parts) > 1 {
		add(network.Warning, "edit_first_part", "text", 1, "Only the first part of a thread is changed.", "Change the other parts at X.")
	}
	if partOf(d, 0).Poll != nil {
		add(network.Error, "edit_poll", "poll", 0, "A poll cannot be changed.", "Delete the post and publish it anew.")
	}
	if community(d) != "" {
		add(network.Error, "edit_community", "settings.community", 0, "A post in a community cannot be changed.", "Delete the post and publish it anew.")
	}
	if !paid(a) {
		add(network.Warning, "edit_subscription", "text", 0, editsInWords+"; this account seems to have none.", "Delete the post and publish it anew if X refuses.")
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
	content := p.content(d.Parts[0], p.upload(d.Parts[0].Media, 0, known))
	content.Item = item.ID
	p.add("edit", 0, network.Repeatable, content)
	return p.steps, problems
}
