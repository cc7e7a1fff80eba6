package wordpress

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// payload is everything a step needs after a restart.
type payload struct {
	Base    string         `json:"base,omitempty"` // the type's name in addresses: posts, pages, …
	Slug    string         `json:"slug,omitempty"`
	Status  string         `json:"status,omitempty"`
	Text    string         `json:"text,omitempty"`
	Markup  string         `json:"markup,omitempty"`
	Fields  map[string]any `json:"fields,omitempty"`  // of the post, as the API names them
	Tags    []string       `json:"tags,omitempty"`    // to be made first
	Files   []file         `json:"files,omitempty"`   // in the text
	Feature *file          `json:"feature,omitempty"` // above it
	Item    string         `json:"item,omitempty"`    // the post to change
	Post    string         `json:"post,omitempty"`    // a comment's post; empty is the one this delivery publishes
	Parent  string         `json:"parent,omitempty"`  // a comment's parent
}

// file is one attachment: uploaded by an earlier step, or at the site already.
type file struct {
	Step string  `json:"step,omitempty"`
	At   *placed `json:"at,omitempty"`
	SHA  string  `json:"sha,omitempty"`
	Alt  string  `json:"alt,omitempty"`
	MIME string  `json:"mime,omitempty"`
}

// Plan checks the draft and lays out its calls: files, new tags, the draft at the site, and its publication.
func (WordPress) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p := planner{d: d}
	content := p.content(nil)
	content.Slug, content.Fields["slug"], content.Fields["status"] = slug(d), slug(d), draft
	p.add("draft", network.Step{Kind: network.Repeatable, Key: d.Key + ":draft"}, content)
	p.add("post", network.Step{Kind: network.Keyed, Public: true, Key: content.Slug}, payload{Base: content.Base, Slug: content.Slug, Status: status(d), Files: content.Files, Feature: content.Feature})
	if d.FirstComment != nil {
		p.add("comment", network.Step{Part: len(d.Parts), Kind: network.Findable, Public: true, Key: d.Key + ":comment"}, payload{Text: d.FirstComment.Text})
	}
	return p.steps, problems
}

type planner struct {
	d     network.Draft
	steps []network.Step
}

func (p *planner) add(name string, s network.Step, content payload) {
	raw, _ := json.Marshal(content) // plain data: cannot fail
	s.Name, s.Payload = name, raw
	p.steps = append(p.steps, s)
}

// content plans what comes before a post and returns what is in it; known are files that are at the site already.
func (p *planner) content(known map[string]placed) payload {
	part, set := p.d.Parts[0], p.d.Settings
	c := payload{Base: base(p.d), Text: part.Text, Markup: cmp.Or(set["markup"], "text"), Fields: p.fields(), Tags: several(set["new_tags"])}
	for i, m := range part.Media {
		f := file{SHA: m.SHA256, Alt: m.Alt, MIME: m.MIME}
		if there, ok := known[m.SHA256]; ok {
			there.Alt = m.Alt
			f.At = &there
		} else {
			f.Step = "media-" + strconv.Itoa(i+1)
			m.Open = nil
			p.add(f.Step, network.Step{Kind: network.Repeatable, Media: &m}, payload{Slug: slug(p.d)})
		}
		how := cmp.Or(set["featured"], "first")
		if how != "none" && c.Feature == nil && m.Kind == network.Image {
			c.Feature = &f
			if how == "first" {
				continue
			}
		}
		c.Files = append(c.Files, f)
	}
	if len(c.Tags) > 0 {
		p.add("tags", network.Step{Kind: network.Repeatable}, payload{Tags: c.Tags})
	}
	return c
}

// fields are the settings as the API names them; what was not chosen is not sent.
func (p *planner) fields() map[string]any {
	set := p.d.Settings
	f := map[string]any{"title": strings.TrimSpace(set["title"]), "excerpt": strings.TrimSpace(set["excerpt"])}
	for key, name := range map[string]string{"categories": "categories", "tags": "tags"} {
		if ids := numbers(set[key]); len(ids) > 0 {
			f[name] = ids
		}
	}
	for key, name := range map[string]string{"format": "format", "comments": "comment_status"} {
		if v := set[key]; v != "" {
			f[name] = v
		}
	}
	if id, err := strconv.ParseInt(set["author"], 10, 64); err == nil {
		f["author"] = id
	}
	if network.IsOn(set["sticky"]) {
		f["sticky"] = true
	}
	if at, ok := day(set["date"]); ok && set["date"] != "" {
		f["date_gmt"] = at.Format("2006-01-02T15:04:05")
	}
	return f
}

func base(d network.Draft) string { return cmp.Or(d.Settings["type"], posts) }

func status(d network.Draft) string { return cmp.Or(d.Settings["status"], publish) }

// several splits what was typed between commas.
func several(s string) (out []string) {
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func numbers(s string) (out []int64) {
	for _, part := range several(s) {
		if n, err := strconv.ParseInt(part, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// PlanEdit plans the change of a published post. Its address stays, its files are kept where the draft still has them.
func (WordPress) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	problems = append(problems, network.Problem{Level: network.Hint, Code: "edit_overwrites", Field: "text", Message: "What somebody changed at the site since is replaced; the site keeps it among the post's revisions."})
	if broken(problems) {
		return nil, problems
	}
	known := map[string]placed{}
	var there []placed
	if json.Unmarshal([]byte(cmp.Or(item.Data["files"], "[]")), &there) == nil {
		for _, f := range there {
			known[f.SHA] = f
		}
	}
	p := planner{d: d}
	content := p.content(known)
	content.Base, content.Item = cmp.Or(item.Data["base"], posts), item.ID
	if content.Feature == nil && len(known) > 0 {
		content.Fields["featured_media"] = 0 // it had one of ours; one that was chosen at the site stays
	}
	p.add("edit", network.Step{Kind: network.Repeatable, Public: true}, content)
	return p.steps, problems
}

// PlanReply plans an answer below a comment.
func (WordPress) PlanReply(r network.Reply, _ network.Account) ([]network.Step, []network.Problem) {
	c := &checker{}
	c.comment(network.Part{Text: r.Text, Media: r.Media}, 0)
	if r.To.Data["status"] == "hold" {
		c.add(network.Hint, "comment_held", "text", 0, "The comment you answer waits for approval; visitors see neither until you approve it.", "Approve it as well.")
	}
	if broken(c.list) {
		return nil, c.list
	}
	p := planner{}
	p.add("reply", network.Step{Kind: network.Findable, Public: true, Key: r.Key + ":reply"},
		payload{Text: r.Text, Post: cmp.Or(r.To.Data["post"], r.To.Thread), Parent: strings.TrimPrefix(r.To.ID, commentPrefix)})
	return p.steps, c.list
}
