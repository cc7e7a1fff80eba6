package post

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Split cuts a text into the parts of a thread so that each fits on every one of the channels, as their networks count
// the text that would be sent: with short links, content warning and whatever else they count (B05). Channels without
// threads or without a limit are not asked. One part is returned where everything fits.
func (p *Posts) Split(ctx context.Context, actor workspace.Actor, e Edit, channels []string, s string, numbered bool) ([]string, error) {
	type ruler struct {
		ch        channel.Channel
		publisher network.Publisher
		draft     network.Draft
		shorten   func(int, string) (string, error)
		limit     int
	}
	var rulers []ruler
	for _, channelID := range channels {
		ch, err := p.channels.Get(ctx, actor, channelID)
		if err != nil {
			return nil, err
		}
		publisher, ok := p.channels.Network(ch).(network.Publisher)
		if !ok || !p.spec(ch).Threads {
			continue
		}
		post := Post{WorkspaceID: actor.WorkspaceID, BrandID: e.BrandID, CampaignID: e.CampaignID, Base: Content{Parts: []Part{{}}}}
		d, err := p.compileVariant(ctx, p.db, post, Variant{ChannelID: ch.ID, Settings: e.Variants[ch.ID].Settings}, ch, nil)
		if err != nil {
			return nil, err
		}
		d.Parts = []network.Part{{}}
		if limit := publisher.Count(d, 0, ch.Account).Limit; limit > 0 {
			rulers = append(rulers, ruler{ch, publisher, d, p.shortener(ctx, p.db, post, ch, nil), limit})
		}
	}
	if len(rulers) == 0 {
		return []string{s}, nil
	}
	const full = 10_000 // each channel's limit, so that unlike units are compared by how full they are
	count := func(words string) int {
		most := 0
		for _, r := range rulers {
			sent, err := r.shorten(0, words)
			if err != nil {
				sent = words
			}
			r.draft.Parts[0].Text = sent
			used := r.publisher.Count(r.draft, 0, r.ch.Account).Used
			most = max(most, (used*full+r.limit-1)/r.limit)
		}
		return most
	}
	return text.Split(s, count, full, numbered), nil
}
