package facebook

import (
	"context"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// History reads what was said before: comments below all posts Facebook lists, posts that name the Page or stand on it,
// recommendations and messages, as far as the person allowed it.
func (f Facebook) History(ctx context.Context, s network.Session, place string) (network.Batch, error) {
	c := f.caller(s)
	var chapters []graph.Chapter
	if graph.May(s, "pages_read_user_content") {
		chapters = append(chapters, c.below, c.pastOf("tagged"), c.pastOf("visitor_posts"), c.pastRatings)
	}
	if graph.May(s, "pages_messaging") {
		chapters = append(chapters, c.Letters(c.page, "messenger", []string{c.page}))
	}
	return graph.Tell(ctx, place, chapters...)
}

// below reads everything below a page of posts.
func (c caller) below(ctx context.Context, after string) (said []network.Message, next string, err error) {
	posts, next, err := graph.One[post](ctx, c.Client, c.edge("published_posts"), url.Values{"fields": {"id,updated_time,comments.limit(0).summary(true)"}}, after, firstPosts)
	if err != nil {
		return nil, "", err
	}
	for _, p := range posts {
		if p.Comments.Summary.Total == 0 {
			continue
		}
		list, err := graph.All[comment](ctx, c.Client, "/"+graph.Escape(p.ID)+"/comments", url.Values{"fields": {commentFields}, "filter": {"stream"}, "order": {"reverse_chronological"}})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, "", err
		}
		for _, it := range list {
			said = append(said, it.message(p.ID, c.page))
		}
	}
	return said, next, nil
}

func (c caller) pastOf(edge string) graph.Chapter {
	return func(ctx context.Context, after string) (said []network.Message, next string, err error) {
		list, next, err := graph.One[post](ctx, c.Client, c.edge(edge), url.Values{"fields": {otherFields}}, after, newestPosts)
		for _, p := range list {
			said = append(said, p.foreign(edge, c.page))
		}
		return said, next, err
	}
}

func (c caller) pastRatings(ctx context.Context, after string) (said []network.Message, next string, err error) {
	list, next, err := graph.One[rating](ctx, c.Client, c.edge("ratings"), url.Values{"fields": {ratingFields}}, after, newestPosts)
	if fault.Is(err, fault.Rejected) { // a Page that takes no recommendations
		return nil, "", nil
	}
	for _, r := range list {
		if r.Story.ID != "" {
			said = append(said, r.message())
		}
	}
	return said, next, err
}
