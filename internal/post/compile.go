package post

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/utm"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// compile makes the draft one channel gets: the variant where it differs, the base otherwise, with the channel's
// defaults below the variant's own settings. The composer's preview and the journal both come through here; only
// with a target are short links made, a preview shows links of the same length that do not exist yet.
func (p *Posts) compile(ctx context.Context, q db.Queryer, post Post, ch channel.Channel, target *Target) (network.Draft, error) {
	variants, err := p.variants(ctx, q, post.WorkspaceID, post.ID)
	if err != nil {
		return network.Draft{}, err
	}
	return p.compileVariant(ctx, q, post, variants[ch.ID], ch, target)
}

func (p *Posts) compileVariant(ctx context.Context, q db.Queryer, post Post, v Variant, ch channel.Channel, target *Target) (network.Draft, error) {
	content := post.Base
	if v.Content != nil {
		content = *v.Content
	}
	d := network.Draft{Settings: map[string]string{}, Language: content.Language}
	maps.Copy(d.Settings, ch.Defaults.Settings)
	maps.Copy(d.Settings, v.Settings)
	if d.Language == "" {
		d.Language = ch.Defaults.Language
	}
	shorten := p.shortener(ctx, q, post, ch, target)
	for i, part := range content.Parts {
		text := part.Text
		if i == len(content.Parts)-1 && !blank(content) {
			text = ended(text, ch.Defaults, v.Content != nil)
		}
		out := network.Part{Poll: part.Poll, Mentions: part.Mentions[ch.Network]}
		var err error
		if out.Text, err = shorten(i, text); err != nil {
			return d, err
		}
		if part.Card != nil {
			card := *part.Card
			if card.URL, err = shorten(i, card.URL); err != nil {
				return d, err
			}
			if card.Thumb != nil {
				assetID, _, _ := strings.Cut(card.Thumb.ID, "/")
				thumb, err := p.media.For(ctx, q, post.WorkspaceID, MediaUse{AssetID: assetID}, p.spec(ch), ch.Account.Limits)
				if err != nil {
					return d, err
				}
				card.Thumb = &thumb
			}
			out.Card = &card
		}
		for _, use := range part.Media {
			m, err := p.media.For(ctx, q, post.WorkspaceID, use, p.spec(ch), ch.Account.Limits)
			if err != nil {
				return d, err
			}
			out.Media = append(out.Media, m)
		}
		d.Parts = append(d.Parts, out)
	}
	comment := content.FirstComment
	if comment == "" && v.Content == nil {
		comment = ch.Defaults.FirstComment
	}
	if comment != "" && p.spec(ch).FirstComment {
		text, err := shorten(len(content.Parts), comment)
		if err != nil {
			return d, err
		}
		d.FirstComment = &network.Part{Text: text}
	}
	if target != nil {
		d.At = target.DueAt
	}
	return d, nil
}

// blank reports whether nobody has written or chosen anything yet, so that nothing is added to it either.
func blank(c Content) bool {
	return !slices.ContainsFunc(c.Parts, func(p Part) bool {
		return strings.TrimSpace(p.Text) != "" || len(p.Media) > 0 || p.Poll != nil || p.Card != nil
	})
}

// ended adds what a channel's posts end with: its usual hashtags, except where somebody wrote for this channel alone,
// and its signature. What stands there already is not repeated.
func ended(text string, d channel.Defaults, own bool) string {
	add := func(words string) {
		if words = strings.TrimSpace(words); words != "" {
			text = strings.TrimLeft(strings.TrimRight(text, " \n")+"\n\n"+words, "\n")
		}
	}
	if !own {
		var missing []string
		for _, tag := range strings.Fields(d.Hashtags) {
			if !strings.Contains(strings.ToLower(text)+" ", strings.ToLower(tag)+" ") {
				missing = append(missing, tag)
			}
		}
		add(strings.Join(missing, " "))
	}
	if !strings.Contains(text, strings.TrimSpace(d.Signature)) {
		add(d.Signature)
	}
	return text
}

func (p *Posts) spec(ch channel.Channel) network.Spec {
	if n := p.channels.Network(ch); n != nil {
		return n.Spec()
	}
	return network.Spec{Key: ch.Network, Name: ch.Network}
}

// shortener returns how links of this post and channel become short links. Whether a workspace shortens at all is
// the channel default "shorten" ("no" switches it off).
func (p *Posts) shortener(ctx context.Context, q db.Queryer, post Post, ch channel.Channel, target *Target) func(part int, s string) (string, error) {
	if ch.Defaults.UTM["shorten"] == "no" {
		return func(_ int, s string) (string, error) { return s, nil }
	}
	tx, writing := q.(*db.Tx)
	if target == nil || !writing {
		return func(_ int, s string) (string, error) { return p.links.PreviewIn("", s), nil }
	}
	place := link.Place{BrandID: post.BrandID, CampaignID: post.CampaignID, PostID: post.ID, TargetID: target.ID, ChannelID: ch.ID,
		UTM: utm.Values{Source: ch.Network, Medium: "social", Content: target.ID}}
	if post.CampaignID != "" {
		if utm, err := db.All[string](ctx, tx, `select utm_campaign from campaigns where workspace_id = $1 and id = $2`,
			post.WorkspaceID, post.CampaignID); err == nil && len(utm) > 0 {
			place.UTM.Campaign = utm[0]
		}
	}
	maps.DeleteFunc(ch.Defaults.UTM, func(_, v string) bool { return v == "" })
	if v := ch.Defaults.UTM["source"]; v != "" {
		place.UTM.Source = v
	}
	if v := ch.Defaults.UTM["medium"]; v != "" {
		place.UTM.Medium = v
	}
	return func(part int, s string) (string, error) {
		return p.links.ShortenIn(ctx, tx, workspace.System(post.WorkspaceID), place, part, s)
	}
}
