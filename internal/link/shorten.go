package link

import (
	"context"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/utm"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Place is where a text's links stand: the target that carries them and the UTM values its channel and campaign give.
type Place struct {
	BrandID, CampaignID, PostID, TargetID, ChannelID string
	Host                                             string
	UTM                                              utm.Values
}

// ShortenIn replaces every web link of the text by a short link of this place, made once: the same destination in
// the same target and part keeps its link however often the text is compiled.
func (l *Links) ShortenIn(ctx context.Context, tx *db.Tx, actor workspace.Actor, place Place, part int, s string) (string, error) {
	return l.replace(s, func(destination string) (string, error) {
		k, err := l.For(ctx, tx, actor, place, part, destination)
		if err != nil {
			return "", err
		}
		return l.Short(k), nil
	})
}

// For returns the place's link to a destination, making it when there is none yet.
func (l *Links) For(ctx context.Context, tx *db.Tx, actor workspace.Actor, place Place, part int, destination string) (Link, error) {
	tagged, err := place.UTM.Tagged(destination)
	if err != nil {
		return Link{}, err
	}
	made, err := db.All[Link](ctx, tx, `select `+linkColumns+` from links where workspace_id = $1 and target_id = $2 and part = $3
		and url = $4 order by id limit 1`, actor.WorkspaceID, place.TargetID, part, tagged)
	if err != nil {
		return Link{}, err
	}
	if len(made) > 0 {
		return made[0], nil
	}
	return l.create(ctx, tx, actor, Order{BrandID: place.BrandID, CampaignID: place.CampaignID, PostID: place.PostID,
		TargetID: place.TargetID, ChannelID: place.ChannelID, Part: part, URL: destination, UTM: place.UTM, Host: place.Host})
}

// PreviewIn shows the text as it will read, with short links of the right length that do not exist yet.
func (l *Links) PreviewIn(host, s string) string {
	out, _ := l.replace(s, func(string) (string, error) { return l.Short(Link{Host: host, Slug: "preview2"}), nil })
	return out
}

// replace puts another address in the place of every http or https link that is not a short link of ours already. Whether
// its domain is a known one does not matter: a shop's own machine is followed as well, so links are found as Bluesky
// finds them.
func (l *Links) replace(s string, with func(destination string) (string, error)) (string, error) {
	var b strings.Builder
	at := 0
	for _, e := range text.BlueskyFacets(s) {
		if e.Kind != text.Link || !strings.HasPrefix(e.Text, "http://") && !strings.HasPrefix(e.Text, "https://") || l.ours(e.Text) {
			continue
		}
		address := closed(e.Text)
		short, err := with(address)
		if err != nil {
			return "", err
		}
		b.WriteString(s[at:e.Start])
		b.WriteString(short)
		at = e.Start + len(address)
	}
	b.WriteString(s[at:])
	return b.String(), nil
}

func (l *Links) ours(address string) bool {
	return strings.HasPrefix(address, l.base.JoinPath("l").String()+"/")
}
