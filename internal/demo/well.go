package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/threshold"
)

// doingWell lets something follow posts that do well (C31): advice for one that already does, and a comment and a repost
// that wait for the first post of the morning.
func (s *sample) doingWell(ctx context.Context) error {
	past, _, err := s.Posts.List(ctx, s.actor, post.Filter{State: post.Published})
	if err != nil {
		return err
	}
	for _, p := range past {
		if p.Origin == "" {
			if _, err := s.Thresholds.Add(ctx, s.actor, p.ID, threshold.Order{Metric: "M-LIKE", Value: 5, Days: 60, Act: threshold.Boost}); err != nil {
				return err
			}
			break
		}
	}
	ahead, err := s.Posts.Between(ctx, s.actor, s.now, s.now.Add(5*time.Minute), post.Filter{State: post.Scheduled})
	if err != nil || len(ahead) == 0 {
		return err
	}
	for _, o := range []threshold.Order{
		{Metric: "M-ENG", Value: 4, Days: 2, Act: threshold.Comment, Words: "So many of you at once! We put a second batch on. First come, first cup."},
		{Metric: "M-LIKE", Value: 400, Days: 7, Act: threshold.Repost},
	} {
		if _, err := s.Thresholds.Add(ctx, s.actor, ahead[0].PostID, o); err != nil {
			return err
		}
	}
	return nil
}

// calls give three channels a day of calls to look back on (C28): in test mode nobody is really called.
func (s *sample) calls(ctx context.Context) error {
	hour := s.now.Truncate(time.Hour)
	by := map[string][]string{
		"bluesky":  {"GET bsky.social/xrpc/app.bsky.notification.listNotifications", "GET bsky.social/xrpc/app.bsky.feed.getPosts", "POST bsky.social/xrpc/com.atproto.repo.createRecord"},
		"facebook": {"GET graph.facebook.com/v26.0/{}/feed", "GET graph.facebook.com/v26.0/{}/insights", "POST graph.facebook.com/v26.0/{}/feed"},
		"linkedin": {"GET api.linkedin.com/rest/organizationalEntityShareStatistics", "GET api.linkedin.com/rest/organizationalEntityNotifications", "POST api.linkedin.com/rest/posts"},
	}
	channels, err := s.Channels.List(ctx, s.actor)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, ch := range channels {
			for e, endpoint := range by[ch.Network] {
				for back := range 24 {
					at := hour.Add(-time.Duration(back) * time.Hour)
					n := []int{2, 1, 0}[e]
					if h := at.Hour(); h >= 7 && h <= 19 {
						n = []int{2, 2, 0}[e] + (h+e)%2
					}
					if n == 0 {
						continue
					}
					if _, err := db.Exec(ctx, tx, `insert into call_counts (workspace_id, channel_id, hour, endpoint, network, calls, refused) values ($1, $2, $3, $4, $5, $6, $7)`,
						ch.WorkspaceID, ch.ID, at, endpoint, ch.Network, n, 0); err != nil {
						return fmt.Errorf("give %s calls: %w", ch.Name, err)
					}
				}
			}
		}
		return nil
	})
}
