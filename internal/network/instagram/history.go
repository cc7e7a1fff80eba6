package instagram

import (
	"context"
	"net/url"
	"slices"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// History reads what was said before: comments below all posts Instagram lists, posts that tag the account, and
// messages, as far as the person allowed it.
func (n Instagram) History(ctx context.Context, s network.Session, place string) (network.Batch, error) {
	c := n.caller(s)
	may := func(scopes ...string) bool {
		return slices.ContainsFunc(scopes, func(scope string) bool { return graph.May(s, scope) })
	}
	var chapters []graph.Chapter
	if may("instagram_manage_comments", "instagram_business_manage_comments") {
		chapters = append(chapters, c.below, c.pastTags)
	}
	if may("instagram_manage_messages", "instagram_business_manage_messages") {
		chapters = append(chapters, c.Letters(c.writer, own, c.self()))
	}
	return graph.Tell(ctx, place, chapters...)
}

// below reads everything below a page of posts.
func (c caller) below(ctx context.Context, after string) (said []network.Message, next string, err error) {
	posts, next, err := graph.One[media](ctx, c.Client, c.edge("media"), url.Values{"fields": {"id,comments_count"}}, after, watchedPosts)
	if err != nil {
		return nil, "", err
	}
	for _, p := range posts {
		if p.Comments != nil && *p.Comments == 0 {
			continue
		}
		list, err := graph.All[comment](ctx, c.Client, "/"+graph.Escape(p.ID)+"/comments", url.Values{"fields": {commentFields + ",replies{" + commentFields + "}"}, "limit": {"50"}})
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, "", err
		}
		for _, it := range list {
			said = append(said, c.message(it, p.ID, ""))
			for _, r := range it.Replies.Data {
				said = append(said, c.message(r, p.ID, it.ID))
			}
		}
	}
	return said, next, nil
}

func (c caller) pastTags(ctx context.Context, after string) (said []network.Message, next string, err error) {
	list, next, err := graph.One[media](ctx, c.Client, c.edge("tags"), url.Values{"fields": {tagFields}}, after, watchedPosts)
	for _, m := range list {
		said = append(said, c.tag(m))
	}
	return said, next, err
}
