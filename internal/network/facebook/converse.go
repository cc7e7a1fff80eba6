package facebook

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

// Comments are looked for below the newest posts: Facebook has no list of all comments.
const (
	newestPosts = 100
	firstPosts  = 25 // in the first reading
)

const commentFields = "id,message,from,created_time,parent{id},attachment,permalink_url,is_hidden,can_reply_privately"

type comment struct {
	ID        string        `json:"id"`
	Message   string        `json:"message"`
	From      graph.Someone `json:"from"`
	Created   graph.Time    `json:"created_time"`
	Permalink string        `json:"permalink_url"`
	Hidden    bool          `json:"is_hidden"`
	Private   bool          `json:"can_reply_privately"`
	Parent    struct {
		ID string `json:"id"`
	} `json:"parent"`
	Attachment struct {
		Kind  string `json:"type"`
		Media struct {
			Image struct {
				Src string `json:"src"`
			} `json:"image"`
		} `json:"media"`
	} `json:"attachment"`
}

func (c comment) outcome() network.Outcome {
	o := network.Outcome{RemoteID: c.ID, URL: c.Permalink}
	if o.URL == "" {
		o.URL = "https://www.facebook.com/" + c.ID
	}
	return o
}

// places are where the reading of each list goes on.
type places struct {
	Comments graph.Place `json:"comments"`
	Tagged   graph.Place `json:"tagged"`
	Visitors graph.Place `json:"visitors"`
	Ratings  graph.Place `json:"ratings"`
	Talks    graph.Place `json:"talks"`
}

// Fetch reads comments, posts of others that name the Page or stand on it, recommendations and messages.
func (f Facebook) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var at places
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &at); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the conversations cannot be read")
		}
	}
	c := f.caller(s)
	var batch network.Batch
	take := func(fresh []network.Message) { // a visitor's post that tags the Page stands in two lists
		for _, m := range fresh {
			if !slices.ContainsFunc(batch.Messages, func(b network.Message) bool { return b.ID == m.ID }) {
				batch.Messages = append(batch.Messages, m)
			}
		}
	}
	for _, read := range []struct {
		place *graph.Place
		list  func(context.Context, graph.Place) ([]network.Message, error)
	}{{&at.Comments, c.comments}, {&at.Tagged, c.tagged}, {&at.Visitors, c.visitors}, {&at.Ratings, c.ratings}} {
		if !graph.May(s, "pages_read_user_content") {
			break // what the person did not allow is left out, and the rest is read
		}
		list, err := read.list(ctx, *read.place)
		if err != nil {
			return network.Batch{}, err
		}
		fresh, next := read.place.Take(list)
		take(fresh)
		*read.place = next
	}
	if graph.May(s, "pages_messaging") {
		fresh, next, err := c.Talks(ctx, c.page, "messenger", []string{c.page}, at.Talks)
		if err != nil {
			return network.Batch{}, err
		}
		take(fresh)
		at.Talks = next
	}
	graph.Sort(batch.Messages)
	batch.Cursor = graph.JSON(at)
	return batch, nil
}

// comments reads what was written below posts that changed.
func (c caller) comments(ctx context.Context, from graph.Place) (all []network.Message, err error) {
	var posts graph.Page[post]
	q := url.Values{"fields": {"id,updated_time,comments.limit(0).summary(true)"}, "limit": {strconv.Itoa(newestPosts)}}
	if !from.Begun {
		q.Set("limit", strconv.Itoa(firstPosts))
	}
	if _, err := c.Get(ctx, c.edge("published_posts"), q, &posts); err != nil {
		return nil, err
	}
	for _, p := range posts.Data {
		if p.Updated.Before(from.From()) || p.Comments.Summary.Total == 0 {
			continue
		}
		q := url.Values{"fields": {commentFields}, "filter": {"stream"}, "order": {"reverse_chronological"}}
		if !from.From().IsZero() {
			q.Set("since", strconv.FormatInt(from.From().Unix(), 10))
		}
		list, err := graph.Back(ctx, c.Client, "/"+graph.Escape(p.ID)+"/comments", q, from.From(), !from.Begun, func(v comment) time.Time { return v.Created.Time })
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		for _, it := range list {
			all = append(all, it.message(p.ID, c.page))
		}
	}
	return all, nil
}

func (c comment) message(post, page string) network.Message {
	m := network.Message{Remote: network.Remote{ID: c.ID, URL: c.Permalink, Data: map[string]string{"comment": c.ID, "private": strconv.FormatBool(c.Private), "hidden": strconv.FormatBool(c.Hidden)}},
		Kind: network.Comment, Thread: post, ReplyTo: c.Parent.ID, From: c.From.Person(), Own: c.From.ID == page, Text: c.Message, At: c.Created.Time}
	if m.ReplyTo == "" {
		m.ReplyTo = post
	}
	if src := c.Attachment.Media.Image.Src; src != "" {
		m.Media = []network.Attachment{{URL: src, MIME: "image/*"}}
	}
	return m
}

func (c caller) tagged(ctx context.Context, from graph.Place) ([]network.Message, error) {
	return c.others(ctx, "tagged", from)
}

func (c caller) visitors(ctx context.Context, from graph.Place) ([]network.Message, error) {
	return c.others(ctx, "visitor_posts", from)
}

const otherFields = "id,message,from,created_time,permalink_url"

func (p post) foreign(edge, page string) network.Message {
	return network.Message{Remote: network.Remote{ID: p.ID, URL: p.Permalink, Data: map[string]string{"where": edge}}, Kind: network.Mention, Thread: p.ID,
		From: p.From.Person(), Own: p.From.ID == page, Text: p.Message, At: p.Created.Time}
}

// others reads posts of other people.
func (c caller) others(ctx context.Context, edge string, from graph.Place) (all []network.Message, err error) {
	list, err := graph.Back(ctx, c.Client, c.edge(edge), url.Values{"fields": {otherFields}}, from.From(), !from.Begun, func(p post) time.Time { return p.Created.Time })
	for _, p := range list {
		all = append(all, p.foreign(edge, c.page))
	}
	return all, err
}

// rating is a recommendation. It is answered as a comment on its story.
type rating struct {
	Created  graph.Time    `json:"created_time"`
	Kind     string        `json:"recommendation_type"` // positive or negative
	Text     string        `json:"review_text"`
	Reviewer graph.Someone `json:"reviewer"`
	Story    struct {
		ID string `json:"id"`
	} `json:"open_graph_story"`
}

const ratingFields = "created_time,recommendation_type,review_text,reviewer,open_graph_story{id}"

func (r rating) message() network.Message {
	return network.Message{Remote: network.Remote{ID: r.Story.ID, Data: map[string]string{"recommendation": r.Kind}}, Kind: network.Review, Thread: r.Story.ID,
		From: r.Reviewer.Person(), Text: r.Text, At: r.Created.Time}
}

func (c caller) ratings(ctx context.Context, from graph.Place) (all []network.Message, err error) {
	q := url.Values{"fields": {ratingFields}}
	list, err := graph.Back(ctx, c.Client, c.edge("ratings"), q, from.From(), !from.Begun, func(r rating) time.Time { return r.Created.Time })
	if fault.Is(err, fault.Rejected) { // a Page that takes no recommendations
		return nil, nil
	}
	for _, r := range list {
		if r.Story.ID != "" {
			all = append(all, r.message())
		}
	}
	return all, err
}
