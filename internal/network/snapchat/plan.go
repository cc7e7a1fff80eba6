package snapchat

import (
	"encoding/json"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// payload is everything a step needs after a restart.
type payload struct {
	Kind   string `json:"kind"`
	Text   string `json:"text,omitempty"`
	Title  string `json:"title,omitempty"`
	Locale string `json:"locale,omitempty"`
	Off    bool   `json:"off,omitempty"` // not kept on the profile
}

const upload = "media-1" // the step that uploads the file

// Plan checks the draft and lays out its two calls: the file, then the post. Only a Spotlight has words that it can be
// found by.
func (Snapchat) Plan(d network.Draft, _ network.Account) ([]network.Step, []network.Problem) {
	problems := check(d)
	if broken(problems) {
		return nil, problems
	}
	p := payload{Kind: kindOf(d)}
	kind := network.Once
	switch p.Kind {
	case spotlight:
		kind = network.Findable
		p.Text, p.Locale = strings.TrimSpace(d.Parts[0].Text), locale(d)
		off := d.Settings["off_profile"]
		p.Off = off == "true" || off == "on" || off == "yes" || off == "1"
	case saved:
		p.Title = title(d)
	}
	raw, _ := json.Marshal(p) // plain data: cannot fail
	file := d.Parts[0].Media[0]
	return []network.Step{
		{Name: upload, Kind: network.Repeatable, Media: &file, Payload: json.RawMessage(`{}`)},
		{Name: "post", Kind: kind, Public: true, Payload: raw},
	}, problems
}
