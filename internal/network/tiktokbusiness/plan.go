package tiktokbusiness

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// payload is everything a step needs after a restart.
type payload struct {
	Call    string         `json:"call"`           // video, photo, comment or reply
	Mode    string         `json:"mode,omitempty"` // direct or inbox
	Text    string         `json:"text,omitempty"`
	Privacy string         `json:"privacy,omitempty"`
	Post    map[string]any `json:"post,omitempty"` // post_info as it is sent
	Seconds int64          `json:"seconds,omitempty"`
	Cover   int            `json:"cover,omitempty"`   // which picture, from 0
	Video   string         `json:"video,omitempty"`   // the post that is commented on
	Comment string         `json:"comment,omitempty"` // the comment that is answered
	Top     string         `json:"top,omitempty"`     // the comment below which answers stand: they have one level
}

// The calls.
const (
	video   = "video"
	photo   = "photo"
	comment = "comment"
	reply   = "reply"
)

// Plan checks the draft and lays out its calls: one hands the post over, another writes the first comment.
func (TikTok) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	part := d.Parts[0]
	p := payload{Call: video, Mode: mode(d), Text: part.Text, Privacy: public, Post: info(d)}
	var files []network.Media
	for _, m := range part.Media {
		m.Open, m.Address = nil, ""
		files = append(files, m)
	}
	if isPhoto(part) {
		p.Call, p.Privacy = photo, d.Settings["privacy"]
		if n, err := strconv.Atoi(strings.TrimSpace(d.Settings["photo_cover"])); err == nil {
			p.Cover = n - 1
		}
	} else {
		p.Seconds = (files[0].Duration.Milliseconds() + 999) / 1000
	}
	steps := []network.Step{p.step("post", 0, d.Key)}
	steps[0].Files, steps[0].Fetched = files, true
	if d.FirstComment != nil {
		steps = append(steps, payload{Call: comment, Text: d.FirstComment.Text}.step("comment", len(d.Parts), d.Key))
	}
	return steps, problems
}

// step is a call that is looked up when its answer was lost. Its key names it for us; TikTok never sees it.
func (p payload) step(name string, part int, delivery string) network.Step {
	raw, _ := json.Marshal(p) // plain data: cannot fail
	sum := sha256.Sum256([]byte(delivery + "\x00" + name + "\x00" + string(raw)))
	return network.Step{Name: name, Part: part, Kind: network.Findable, Public: true, Key: hex.EncodeToString(sum[:]), Payload: raw}
}

// info is post_info: everything but what was chosen is off, and nothing is left to TikTok's own defaults.
func info(d network.Draft) map[string]any {
	on := func(key string) bool { return network.IsOn(d.Settings[key]) }
	part := d.Parts[0]
	post := map[string]any{"caption": part.Text, "is_brand_organic": on("brand_organic"), "is_branded_content": on("brand_content"), "disable_comment": !on("allow_comment")}
	if isPhoto(part) {
		post["auto_add_music"], post["is_draft"] = on("auto_music"), mode(d) == inbox
		post["privacy_level"] = cmp.Or(d.Settings["privacy"], private) // a draft's is chosen in the app
		if title := strings.TrimSpace(d.Settings["photo_title"]); title != "" {
			post["title"] = title
		}
		return post
	}
	post["disable_duet"], post["disable_stitch"], post["is_ai_generated"], post["upload_to_draft"] = !on("allow_duet"), !on("allow_stitch"), on("ai_generated"), mode(d) == inbox
	if n, err := strconv.Atoi(strings.TrimSpace(d.Settings["cover_ms"])); err == nil {
		post["thumbnail_offset"] = n
	}
	return post
}

// PlanReply plans an answer to a comment.
func (TikTok) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	c := &checker{a: a}
	c.comment(network.Part{Text: r.Text, Media: r.Media}, 0)
	if r.To.Data["video_id"] == "" {
		c.add(network.Error, "post_unknown", "text", "It is not known which post this comment belongs to.", "Answer it in the app.")
	}
	if broken(c.list) {
		return nil, c.list
	}
	p := payload{Call: reply, Text: r.Text, Video: r.To.Data["video_id"], Comment: r.To.ID, Top: r.To.ID}
	if r.To.ReplyTo != p.Video && r.To.ReplyTo != "" {
		p.Top = r.To.ReplyTo
	}
	return []network.Step{p.step("reply", 0, r.Key)}, c.list
}
