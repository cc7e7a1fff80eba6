package youtube

import (
	"context"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// History reads older comments of all the channel's videos: first the published ones, then those that wait for the
// channel's decision. A place is the list's name and YouTube's token.
func (y YouTube) History(ctx context.Context, s network.Session, place string) (network.Batch, error) {
	f := fetch{caller: y.caller(s), me: s.Account, found: map[string]network.Message{}}
	state, token, _ := strings.Cut(place, " ")
	if state == "" {
		state = "published"
	}
	q := values("allThreadsRelatedToChannelId", f.me.ID, "order", "time", "moderationStatus", state)
	if token != "" {
		q.Set("pageToken", token)
	}
	list, next, _, err := f.threads(ctx, q)
	if err != nil {
		return network.Batch{}, err
	}
	for _, t := range list {
		if err := f.take(ctx, t); err != nil {
			return network.Batch{}, err
		}
	}
	b := network.Batch{}
	for _, m := range f.found {
		b.Messages = append(b.Messages, m)
	}
	byTime(b.Messages)
	switch {
	case next != "":
		b.Cursor, b.More = state+" "+next, true
	case state == "published":
		b.Cursor, b.More = "heldForReview", true
	}
	return b, nil
}
