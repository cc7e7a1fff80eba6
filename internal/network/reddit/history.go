package reddit

import (
	"context"
	"slices"

	"github.com/bellwether-social/bellwether/internal/network"
)

// History reads the older part of the inbox: Reddit keeps its newest thousand items.
func (r Reddit) History(ctx context.Context, s network.Session, after string) (network.Batch, error) {
	a := r.as(s)
	list, _, err := a.own(ctx, "/message/inbox", after, "100")
	if err != nil {
		return network.Batch{}, err
	}
	b := network.Batch{Cursor: list.Data.After, More: list.Data.After != ""}
	for _, t := range slices.Backward(list.Data.Children) {
		if t.Data.Name != "" {
			b.Messages = append(b.Messages, a.message(t))
		}
	}
	return b, nil
}
