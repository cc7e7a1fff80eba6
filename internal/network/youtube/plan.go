package youtube

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network"
)

// The names of the steps.
const (
	openSession  = "session"   // announces the video and opens the upload session
	sendVideo    = "video"     // sends the file into the session, then waits for YouTube to process it
	setThumbnail = "thumbnail" // of a video that is there
	addCaptions  = "captions"  // and a hyphen and the language
	addToList    = "playlist"
	firstComment = "comment"
	editVideo    = "edit"
	answer       = "reply"
)

// sessionLife is how long an upload session surely lives: Google keeps one for about a week.
const sessionLife = 6 * 24 * time.Hour

// payload is everything a step needs after a restart.
type payload struct {
	Video     *video `json:"video,omitempty"` // title, description, tags, status
	Quiet     bool   `json:"quiet,omitempty"`
	Short     bool   `json:"short,omitempty"`
	Scheduled bool   `json:"scheduled,omitempty"`
	MIME      string `json:"mime,omitempty"`
	Bytes     int64  `json:"bytes,omitempty"`
	Thumbnail string `json:"thumbnail,omitempty"` // SHA-256, so that an edit knows whether it changed
	Item      string `json:"item,omitempty"`      // the video to change; empty = the one made before
	Playlist  string `json:"playlist,omitempty"`
	Language  string `json:"language,omitempty"` // of captions
	Text      string `json:"text,omitempty"`
	Parent    string `json:"parent,omitempty"` // the comment at the top of the thread that is answered
	VideoID   string `json:"video_id,omitempty"`
}

func step(name string, part int, kind network.StepKind, p payload) network.Step {
	raw, _ := json.Marshal(p) // plain data: cannot fail
	return network.Step{Name: name, Part: part, Kind: kind, Payload: raw}
}

// Plan checks the draft and lays out its calls: open a session, send the file, then everything that needs the video.
func (YouTube) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a, false)
	if broken(problems) {
		return nil, problems
	}
	file, thumbnail := files(d)
	p := content(d)
	p.MIME, p.Bytes = file.MIME, file.Bytes
	if thumbnail != nil {
		p.Thumbnail = thumbnail.SHA256
	}
	send := step(sendVideo, 0, network.Keyed, p)
	send.Public, send.Media, send.KeyLife, send.Key = true, file, sessionLife-24*time.Hour, key(d.Key, sendVideo)
	open := step(openSession, 0, network.Repeatable, p)
	open.Media = file // announced: its size and type
	steps := []network.Step{open, send}
	if thumbnail != nil {
		s := step(setThumbnail, 0, network.Repeatable, payload{})
		s.Media = thumbnail
		steps = append(steps, s)
	}
	for _, words := range file.Captions {
		s := step(addCaptions+"-"+words.Language, 0, network.Repeatable, payload{Language: words.Language})
		s.Media = &words.SRT
		steps = append(steps, s)
	}
	if list := setting(d, "playlist"); list != "" {
		steps = append(steps, step(addToList, 0, network.Repeatable, payload{Playlist: list}))
	}
	if d.FirstComment != nil {
		s := step(firstComment, len(d.Parts), network.Findable, payload{Text: d.FirstComment.Text})
		s.Public, s.Key = true, key(d.Key, firstComment)
		steps = append(steps, s)
	}
	return steps, problems
}

func key(delivery, step string) string {
	sum := sha256.Sum256([]byte(delivery + "\x00" + step))
	return hex.EncodeToString(sum[:])
}

// files returns the video and the thumbnail of a draft.
func files(d network.Draft) (file, thumbnail *network.Media) {
	if len(d.Parts) == 0 {
		return nil, nil
	}
	for _, m := range d.Parts[0].Media {
		m.Open, m.Address = nil, ""
		if m.Kind == network.Video {
			file = &m
		} else if m.Kind == network.Image {
			thumbnail = &m
		}
	}
	return file, thumbnail
}

// content is what a draft says of its video.
func content(d network.Draft) payload {
	v := &video{Snippet: &snippet{Title: setting(d, "title"), Tags: tags(d), Category: setting(d, "category"), AudioLanguage: language(setting(d, "audio_language"))},
		Status: &status{Privacy: setting(d, "privacy"), Licence: setting(d, "licence"), Embeddable: says(!on(d, "no_embedding")), Statistics: says(!on(d, "hide_statistics")),
			ForKids: says(on(d, "made_for_kids")), Synthetic: says(on(d, "synthetic_media"))}}
	if len(d.Parts) > 0 {
		v.Snippet.Description = d.Parts[0].Text
	}
	if v.Snippet.Language = language(setting(d, "language")); v.Snippet.Language == "" {
		v.Snippet.Language = language(d.Language)
	}
	if on(d, "paid_promotion") {
		v.Paid = &paid{Has: true}
	}
	p := payload{Video: v, Quiet: on(d, "quiet"), Short: setting(d, "kind") == aShort}
	if at, err := time.Parse(time.RFC3339, setting(d, "publish_at")); err == nil {
		v.Status.Privacy, v.Status.PublishAt, p.Scheduled = privately, at.UTC().Format(time.RFC3339), true
	}
	return p
}

func says(v bool) *bool { return &v }

// PlanEdit plans the change of a video's words, settings and thumbnail; the file itself stays.
func (YouTube) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a, true)
	if broken(problems) {
		return nil, problems
	}
	p := content(d)
	p.Item = item.ID
	edit := step(editVideo, 0, network.Repeatable, p)
	edit.Public = true
	steps := []network.Step{edit}
	file, thumbnail := files(d)
	if sum := item.Data["sha256"]; file != nil && sum != "" && file.SHA256 != sum {
		problems = append(problems, network.Problem{Level: network.Warning, Code: "video_stays", Field: "media", Message: "YouTube keeps the file a video was made with; the new one is not sent.", Fix: "Publish it as a new video."})
	}
	if thumbnail != nil && thumbnail.SHA256 != item.Data["thumbnail"] {
		s := step(setThumbnail, 0, network.Repeatable, payload{Item: item.ID})
		s.Media = thumbnail
		steps = append(steps, s)
	}
	return steps, problems
}

// PlanReply plans an answer. Threads have one level: an answer to an answer stands below the same comment.
func (YouTube) PlanReply(r network.Reply, _ network.Account) ([]network.Step, []network.Problem) {
	var problems []network.Problem
	add := func(code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Message: message, Fix: fix})
	}
	switch n := utf8.RuneCountInString(r.Text); {
	case n > commentCharacters:
		add("text_too_long", "text", fmt.Sprintf("The answer has %d characters, the limit is %d.", n, commentCharacters), fmt.Sprintf("Shorten it by %d.", n-commentCharacters))
	case strings.TrimSpace(r.Text) == "":
		add("empty", "text", "There is nothing to send yet.", "Write an answer.")
	}
	if len(r.Media) > 0 {
		add("media_too_many", "media", "A comment has only words.", "Remove what is attached.")
	}
	if broken(problems) {
		return nil, problems
	}
	s := step(answer, 0, network.Findable, payload{Text: r.Text, Parent: top(r.To.Remote), VideoID: r.To.Data["video"]})
	s.Public, s.Key = true, key(r.Key, answer)
	return []network.Step{s}, problems
}

// top is the comment at the top of a comment's thread: an answer's id is its parent's, a dot and a word of its own.
func top(c network.Remote) string {
	if parent := c.Data["parent"]; parent != "" {
		return parent
	}
	parent, _, _ := strings.Cut(c.ID, ".")
	return parent
}
