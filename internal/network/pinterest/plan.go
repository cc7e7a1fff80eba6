package pinterest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// payload is everything a step needs after a restart.
type payload struct {
	Board       string   `json:"board,omitempty"`
	Section     string   `json:"section,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Link        string   `json:"link,omitempty"`
	Alt         string   `json:"alt,omitempty"`
	Color       string   `json:"color,omitempty"`
	Cards       []card   `json:"cards,omitempty"`
	Video       string   `json:"video,omitempty"`         // the step that uploads the video
	CoverSecond int      `json:"cover_seconds,omitempty"` // of the video, where no picture is its cover
	Save        string   `json:"save,omitempty"`          // the pin to save instead of making one
	Item        string   `json:"item,omitempty"`          // the pin to change; empty makes a new one
	Sums        []string `json:"sums,omitempty"`          // SHA-256 of the files
}

// files is how many files the pin will show; a cover is not one of them.
func (p payload) files() int {
	if p.Video != "" {
		return 1
	}
	return len(p.Sums)
}

// Plan checks the draft and lays out its calls: a video goes first, everything else is one call.
func (Pinterest) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p := content(d)
	post := network.Step{Name: "post", Kind: network.Findable, Public: true}
	var steps []network.Step
	if p.Save == "" {
		videos, pictures := split(d.Parts[0].Media)
		for i := range videos {
			p.Video = "media-1"
			steps = append(steps, network.Step{Name: p.Video, Kind: network.Repeatable, Media: &videos[i], Payload: json.RawMessage(`{}`)})
		}
		post.Files = pictures
	}
	post.Payload, _ = json.Marshal(p) // plain data: cannot fail
	return append(steps, post), problems
}

func content(d network.Draft) payload {
	set := func(key string) string { return strings.TrimSpace(d.Settings[key]) }
	p := payload{Board: set("board")}
	_, p.Section, _ = strings.Cut(set("section"), "/")
	if p.Save = pinOf(set("save")); p.Save != "" {
		return p
	}
	part := d.Parts[0]
	p.Title, p.Description, p.Link, p.Color = set("title"), part.Text, set("link"), set("color")
	if len(part.Media) > 0 {
		p.Alt = part.Media[0].Alt
	}
	for _, m := range part.Media {
		p.Sums = append(p.Sums, m.SHA256)
	}
	if videos, pictures := split(part.Media); len(videos) == 0 && len(pictures) >= carouselMin {
		p.Cards = cardsOf(d.Settings["cards"])
	} else if len(videos) > 0 {
		p.CoverSecond, _ = strconv.Atoi(set("cover_seconds")) // was checked
	}
	return p
}

// PlanEdit plans the change of a pin's words, link, board and section. Its files stay: Pinterest changes none.
func (Pinterest) PlanEdit(item network.Remote, d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	p := content(d)
	fail := func(code, field, message, fix string) ([]network.Step, []network.Problem) {
		return nil, append(problems, network.Problem{Level: network.Error, Code: code, Field: field, Message: message, Fix: fix})
	}
	if p.Save != "" || item.Data["saved"] != "" {
		return fail("save_fixed", "settings.save", "A saved pin is its maker's; it can't be changed.", "Delete it, or save another one.")
	}
	if known := item.Data["media_sha256"]; known != "" && known != strings.Join(p.Sums, ",") {
		return fail("media_fixed", "media", "The files of a pin can't be changed.", "Delete the pin and make another.")
	}
	p.Item = item.ID
	raw, _ := json.Marshal(p) // plain data: cannot fail
	return []network.Step{{Name: "edit", Kind: network.Repeatable, Public: true, Payload: raw}}, problems
}
