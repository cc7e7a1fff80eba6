package googlebusiness

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// The names of the steps.
const (
	makePost  = "post"
	makePhoto = "photo"
	editPost  = "edit"
	answer    = "reply"
)

// payload is everything a step needs after a restart.
type payload struct {
	Post        *post  `json:"post,omitempty"`
	Category    string `json:"category,omitempty"`
	Description string `json:"description,omitempty"`
	Item        string `json:"item,omitempty"`  // the post to change, or the review to answer
	Media       bool   `json:"media,omitempty"` // an edit that changes the picture
	Text        string `json:"text,omitempty"`
}

// post is a local post as the API writes it.
type post struct {
	Name       string  `json:"name,omitempty"`
	Language   string  `json:"languageCode,omitempty"`
	Summary    string  `json:"summary"`
	Topic      string  `json:"topicType,omitempty"`
	Button     *button `json:"callToAction,omitempty"`
	Event      *happen `json:"event,omitempty"`
	Offer      *deal   `json:"offer,omitempty"`
	Media      []media `json:"media,omitempty"`
	State      string  `json:"state,omitempty"` // PROCESSING, LIVE, REJECTED, SCHEDULED, RECURRING
	SearchURL  string  `json:"searchUrl,omitempty"`
	CreateTime string  `json:"createTime,omitempty"`
}

type button struct {
	Action string `json:"actionType"`
	URL    string `json:"url,omitempty"`
}

type happen struct {
	Title    string   `json:"title"`
	Schedule schedule `json:"schedule"`
}

// schedule is in the location's own time.
type schedule struct {
	StartDate *date  `json:"startDate,omitempty"`
	StartTime *clock `json:"startTime,omitempty"`
	EndDate   *date  `json:"endDate,omitempty"`
	EndTime   *clock `json:"endTime,omitempty"`
}

type date struct {
	Year  int `json:"year"`
	Month int `json:"month"`
	Day   int `json:"day"`
}

type clock struct {
	Hours   int `json:"hours"`
	Minutes int `json:"minutes"`
}

type deal struct {
	Coupon string `json:"couponCode,omitempty"`
	Redeem string `json:"redeemOnlineUrl,omitempty"`
	Terms  string `json:"termsConditions,omitempty"`
}

type media struct {
	Name        string       `json:"name,omitempty"`
	Format      string       `json:"mediaFormat"` // PHOTO, VIDEO
	Association *association `json:"locationAssociation,omitempty"`
	SourceURL   string       `json:"sourceUrl,omitempty"`
	Description string       `json:"description,omitempty"`
	GoogleURL   string       `json:"googleUrl,omitempty"`
	CreateTime  string       `json:"createTime,omitempty"`
}

type association struct {
	Category string `json:"category"`
}

func step(name string, kind network.StepKind, p payload) network.Step {
	raw, _ := json.Marshal(p) // plain data: cannot fail
	return network.Step{Name: name, Kind: kind, Public: true, Payload: raw}
}

// Plan checks the draft and lays out its one call: files are fetched by Google, so they travel in it.
func (Business) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	var s network.Step
	if setting(d, "kind") == photo {
		p := payload{Category: setting(d, "category"), Description: d.Parts[0].Text}
		if p.Category == cover {
			p.Description = ""
		}
		s = step(makePhoto, network.Findable, p)
	} else {
		s = step(makePost, network.Findable, payload{Post: content(d, a)})
	}
	sum := sha256.Sum256([]byte(d.Key + "\x00" + s.Name))
	s.Key, s.Files = hex.EncodeToString(sum[:]), files(d)
	s.Fetched = len(s.Files) > 0
	return []network.Step{s}, problems
}

func files(d network.Draft) (list []network.Media) {
	if len(d.Parts) == 0 {
		return nil
	}
	for _, m := range d.Parts[0].Media {
		m.Open, m.Address = nil, ""
		list = append(list, m)
	}
	return list
}

// content is a draft as Google wants it, without its files.
func content(d network.Draft, a network.Account) *post {
	kind := setting(d, "kind")
	p := &post{Topic: topics[kind], Language: cmp.Or(language(setting(d, "language")), language(d.Language), a.Extra["language"])}
	if len(d.Parts) > 0 {
		p.Summary = d.Parts[0].Text
	}
	if b := setting(d, "button"); b != "" && kind != offer {
		p.Button = &button{Action: b}
		if b != call {
			p.Button.URL = setting(d, "button_url")
		}
	}
	if kind == event || kind == offer {
		start, end := setting(d, "start"), setting(d, "end")
		p.Event = &happen{Title: setting(d, "event_title"), Schedule: schedule{StartDate: dateOf(start), StartTime: timeOf(start), EndDate: dateOf(end), EndTime: timeOf(end)}}
	}
	if kind == offer {
		p.Offer = &deal{Coupon: setting(d, "coupon"), Redeem: setting(d, "redeem_url"), Terms: setting(d, "terms")}
	}
	return p
}

func dateOf(v string) *date {
	t, _, ok := parse(v)
	if !ok {
		return nil
	}
	return &date{t.Year(), int(t.Month()), t.Day()}
}

// timeOf returns nil for a whole day.
func timeOf(v string) *clock {
	t, timed, _ := parse(v)
	if !timed {
		return nil
	}
	return &clock{t.Hour(), t.Minute()}
}

// PlanEdit plans the change of a post, or of a reply to a review. Photos of the gallery stay as they are.
func (Business) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	if review, ok := strings.CutSuffix(item.ID, replySuffix); ok {
		words := ""
		if len(d.Parts) > 0 {
			words = d.Parts[0].Text
		}
		return planReply(words, nil, review)
	}
	problems := check(d, a)
	add := func(code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Message: message, Fix: fix})
	}
	switch was := item.Data["topic"]; {
	case strings.Contains(item.ID, "/media/"):
		add("photo_stays", "media", "Google lets nobody change a photo in the gallery.", "Delete it and publish another one.")
	case was != "" && was != topics[setting(d, "kind")]:
		add("kind_stays", "settings.kind", "A post keeps the kind it was made with.", "Delete it and publish a new one.")
	}
	if broken(problems) {
		return nil, problems
	}
	p := payload{Item: item.ID, Post: content(d, a)}
	list := files(d)
	p.Media = sums(list) != item.Data["sha256"]
	s := step(editPost, network.Repeatable, p)
	if p.Media {
		s.Files = list
	}
	return []network.Step{s}, problems
}

func sums(list []network.Media) string {
	var out []string
	for _, m := range list {
		out = append(out, m.SHA256)
	}
	return strings.Join(out, ",")
}

// PlanReply plans the answer to a review. There is one: writing it again replaces it, so the call may be repeated.
func (Business) PlanReply(r network.Reply, _ network.Account) ([]network.Step, []network.Problem) {
	steps, problems := planReply(r.Text, r.Media, r.To.ID)
	if r.To.Data["answered"] != "" {
		problems = append(problems, network.Problem{Level: network.Warning, Code: "reply_replaces", Field: "text", Message: "The review has an answer already; this one replaces it."})
	}
	return steps, problems
}

func planReply(words string, files []network.Media, review string) (steps []network.Step, problems []network.Problem) {
	add := func(code, field, message, fix string) {
		problems = append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Message: message, Fix: fix})
	}
	switch n := len(words); {
	case n > replyBytes:
		add("text_too_long", "text", fmt.Sprintf("The answer has %d bytes, the limit is %d.", n, replyBytes), fmt.Sprintf("Shorten it by %d bytes.", n-replyBytes))
	case strings.TrimSpace(words) == "":
		add("empty", "text", "There is nothing to send yet.", "Write an answer.")
	}
	if len(files) > 0 {
		add("media_too_many", "media", "An answer has only words.", "Remove what is attached.")
	}
	if broken(problems) {
		return nil, problems
	}
	return []network.Step{step(answer, network.Repeatable, payload{Item: review, Text: words})}, problems
}
