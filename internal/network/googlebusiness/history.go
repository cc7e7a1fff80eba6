package googlebusiness

import (
	"context"
	"fmt"

	"github.com/bellwether-social/bellwether/internal/network"
)

// History reads the location's older reviews with their answers, all that Google shows.
func (b Business) History(ctx context.Context, s network.Session, token string) (network.Batch, error) {
	c := b.caller(s)
	q := values("pageSize", fmt.Sprint(reviewPage), "orderBy", "updateTime desc")
	if token != "" {
		q.Set("pageToken", token)
	}
	var list struct {
		Reviews []review `json:"reviews"`
		Next    string   `json:"nextPageToken"`
	}
	if _, err := c.get(ctx, b.base(legacy), v4(place(s.Account))+"/reviews", q, &list); err != nil {
		return network.Batch{}, err
	}
	batch := network.Batch{Cursor: list.Next, More: list.Next != ""}
	for _, r := range list.Reviews {
		said, reply := r.messages()
		batch.Messages = append(batch.Messages, said)
		if reply != nil {
			batch.Messages = append(batch.Messages, *reply)
		}
	}
	return batch, nil
}
