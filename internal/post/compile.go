package post

import (
	"context"
	"maps"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// compile makes the draft one channel gets: the variant where it differs, the base otherwise, with the channel's
// defaults below the variant's own settings. The composer's preview and the journal both come through here.
func (p *Posts) compile(ctx context.Context, q db.Queryer, post Post, ch channel.Channel) (network.Draft, error) {
	var d network.Draft
	content, settings := post.Base, map[string]string{}
	maps.Copy(settings, ch.Defaults.Settings)
	v, err := db.One[Variant](ctx, q, `select workspace_id, post_id, channel_id, content, settings from variants
		where workspace_id = $1 and post_id = $2 and channel_id = $3`, post.WorkspaceID, post.ID, ch.ID)
	switch {
	case err == nil:
		if v.Content != nil {
			content = *v.Content
		}
		maps.Copy(settings, v.Settings)
	case !fault.Is(err, fault.NotFound):
		return d, err
	}
	d.Settings, d.Language = settings, content.Language
	for _, part := range content.Parts {
		d.Parts = append(d.Parts, network.Part{Text: part.Text, Poll: part.Poll, Card: part.Card, Mentions: part.Mentions[ch.Network]})
	}
	if content.FirstComment != "" {
		d.FirstComment = &network.Part{Text: content.FirstComment}
	}
	return d, nil
}
