package graph

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Chapter is one list of a history: it reads one page behind a cursor ("" = the newest) and returns the next cursor, ""
// at the end.
type Chapter func(ctx context.Context, after string) (said []network.Message, next string, err error)

// spot is where the reading of a history goes on.
type spot struct {
	Chapter int    `json:"chapter"`
	After   string `json:"after,omitempty"`
}

// Tell reads the page of a history at a place: each chapter to its end, one after the other.
func Tell(ctx context.Context, place string, chapters ...Chapter) (network.Batch, error) {
	var at spot
	if place != "" {
		if err := json.Unmarshal([]byte(place), &at); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the history cannot be read")
		}
	}
	if at.Chapter >= len(chapters) {
		return network.Batch{}, nil
	}
	said, next, err := chapters[at.Chapter](ctx, at.After)
	if err != nil {
		return network.Batch{}, err
	}
	Sort(said)
	if at.After = next; next == "" {
		at.Chapter++
	}
	return network.Batch{Messages: said, Cursor: JSON(at), More: at.Chapter < len(chapters)}, nil
}

// One reads one page of a list.
func One[T any](ctx context.Context, c Client, path string, query url.Values, after string, limit int) ([]T, string, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	for k, v := range query {
		q[k] = v
	}
	if after != "" {
		q.Set("after", after)
	}
	var p Page[T]
	if _, err := c.Get(ctx, path, q, &p); err != nil {
		return nil, "", err
	}
	return p.Data, p.Next(), nil
}

// All reads a list to its end.
func All[T any](ctx context.Context, c Client, path string, query url.Values) ([]T, error) {
	return Back(ctx, c, path, query, time.Time{}, false, func(T) time.Time { return time.Now() })
}

// Letters is the chapter of an owner's direct messages: a page of conversations with all that was said in them.
func (c Client) Letters(owner, platform string, self []string) Chapter {
	return func(ctx context.Context, after string) (said []network.Message, next string, err error) {
		list, next, err := One[conversation](ctx, c, "/"+Escape(owner)+"/conversations", url.Values{"platform": {platform}, "fields": {"id,updated_time"}}, after, history)
		if err != nil {
			return nil, "", err
		}
		for _, v := range list {
			letters, err := All[letter](ctx, c, "/"+Escape(v.ID)+"/messages", url.Values{"fields": {letterFields}})
			if err != nil {
				return nil, "", err
			}
			for _, l := range letters {
				said = append(said, l.message(v.ID, self))
			}
		}
		return said, next, nil
	}
}
