package instagram

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

const (
	watchedPosts = 50 // the newest posts whose comments are looked for
	alwaysRead   = 5  // of them, whatever their count says: a new comment and a deleted one leave it as it was
)

const commentFields = "id,text,username,from,timestamp,hidden,parent_id"

type comment struct {
	ID       string              `json:"id"`
	Text     string              `json:"text"`
	Username string              `json:"username"`
	From     graph.Someone       `json:"from"`
	At       graph.Time          `json:"timestamp"`
	Hidden   bool                `json:"hidden"`
	Parent   string              `json:"parent_id"`
	Replies  graph.Page[comment] `json:"replies"`
}

// places are where the reading of each list goes on.
type places struct {
	Comments graph.Place      `json:"comments"`
	Counts   map[string]int64 `json:"counts,omitempty"` // comments below each post when it was last read
	Tags     graph.Place      `json:"tags"`
	Talks    graph.Place      `json:"talks"`
}

// Fetch reads comments, posts that tag the account, and messages.
func (n Instagram) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var at places
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &at); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the conversations cannot be read")
		}
	}
	c := n.caller(s)
	var batch network.Batch
	may := func(scopes ...string) bool { // what the person did not allow is left out, and the rest is read
		return slices.ContainsFunc(scopes, func(scope string) bool { return graph.May(s, scope) })
	}
	if may("instagram_manage_comments", "instagram_business_manage_comments") {
		comments, counts, err := c.comments(ctx, at)
		if err != nil {
			return network.Batch{}, err
		}
		at.Counts = counts
		tags, err := c.tags(ctx, at.Tags)
		if err != nil {
			return network.Batch{}, err
		}
		for _, one := range []struct {
			place *graph.Place
			list  []network.Message
		}{{&at.Comments, comments}, {&at.Tags, tags}} {
			fresh, next := one.place.Take(one.list)
			batch.Messages, *one.place = append(batch.Messages, fresh...), next
		}
	}
	if may("instagram_manage_messages", "instagram_business_manage_messages") {
		fresh, next, err := c.Talks(ctx, c.writer, own, c.self(), at.Talks)
		if err != nil {
			return network.Batch{}, err
		}
		batch.Messages, at.Talks = append(batch.Messages, fresh...), next
	}
	graph.Sort(batch.Messages)
	batch.Cursor = graph.JSON(at)
	return batch, nil
}

// comments reads below posts whose number of comments changed. A reply can stand below an old comment, so all comments
// of such a post are read; what is known or old is left out by the place.
func (c caller) comments(ctx context.Context, at places) (all []network.Message, counts map[string]int64, err error) {
	var posts graph.Page[media]
	if _, err := c.Get(ctx, c.edge("media"), url.Values{"fields": {"id,comments_count"}, "limit": {strconv.Itoa(watchedPosts)}}, &posts); err != nil {
		return nil, nil, err
	}
	counts = map[string]int64{}
	for i, p := range posts.Data {
		n := int64(0)
		if p.Comments != nil {
			n = *p.Comments
		}
		counts[p.ID] = n
		if n == 0 || n == at.Counts[p.ID] && i >= alwaysRead {
			continue
		}
		q := url.Values{"fields": {commentFields + ",replies{" + commentFields + "}"}, "limit": {"50"}}
		list, err := graph.Back(ctx, c.Client, "/"+graph.Escape(p.ID)+"/comments", q, time.Time{}, !at.Comments.Begun, func(v comment) time.Time { return v.At.Time })
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, nil, err
		}
		for _, it := range list {
			all = append(all, c.message(it, p.ID, ""))
			for _, r := range it.Replies.Data {
				all = append(all, c.message(r, p.ID, it.ID))
			}
		}
	}
	return all, counts, nil
}

func (c caller) message(it comment, post, parent string) network.Message {
	from := it.From
	if from.Username == "" {
		from.Username = it.Username
	}
	if from.ID == "" {
		from.ID = from.Username
	}
	m := network.Message{Remote: network.Remote{ID: it.ID, Data: map[string]string{"comment": it.ID, "hidden": strconv.FormatBool(it.Hidden)}}, Kind: network.Comment, Thread: post, ReplyTo: post,
		From: from.Person(), Own: from.ID == c.id || from.Username == c.handle, Text: it.Text, At: it.At.Time}
	if parent != "" {
		m.ReplyTo, m.Data["parent"] = parent, parent
	}
	m.From.URL = "https://www.instagram.com/" + from.Username + "/"
	return m
}

const tagFields = "id,caption,username,timestamp,permalink"

func (c caller) tag(m media) network.Message {
	who := graph.Someone{ID: m.Username, Username: m.Username}.Person()
	who.URL = "https://www.instagram.com/" + m.Username + "/"
	return network.Message{Remote: network.Remote{ID: m.ID, URL: m.Permalink}, Kind: network.Mention, Thread: m.ID, From: who, Own: m.Username == c.handle, Text: m.Caption, At: m.At.Time}
}

// tags reads posts of others that tag the account.
func (c caller) tags(ctx context.Context, from graph.Place) (all []network.Message, err error) {
	list, err := graph.Back(ctx, c.Client, c.edge("tags"), url.Values{"fields": {tagFields}}, from.From(), !from.Begun, func(m media) time.Time { return m.At.Time })
	for _, m := range list {
		all = append(all, c.tag(m))
	}
	return all, err
}
