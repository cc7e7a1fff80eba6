package youtubefake

import (
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

type comment struct {
	ID, author, text, video, parent string
	at                              time.Time
	state                           string // published, heldForReview, rejected
	gone                            bool
}

func (f *Fake) commentBy(id string) *comment {
	for _, c := range f.comments {
		if c.ID == id && !c.gone {
			return c
		}
	}
	return nil
}

// comment writes a comment on a video, or an answer to one: threads have one level.
func (f *Fake) comment(who, text, on string) *comment {
	c := &comment{author: who, text: text, video: on, at: f.now(), state: "published"}
	account := who
	if above := f.commentBy(on); above != nil {
		c.video, c.parent = above.video, above.ID
		if above.parent != "" {
			c.parent = above.parent
		}
		c.ID = f.id(c.parent + ".reply%06d")
	} else {
		c.ID = f.id("UgComment%08dAaABAg")
	}
	f.comments = append(f.comments, c)
	f.Add(networkfake.Item{ID: c.ID, Account: account, Text: text, ReplyTo: on, At: c.at})
	return c
}

func (f *Fake) showComment(c *comment) map[string]any {
	s := map[string]any{"videoId": c.video, "textDisplay": c.text, "authorDisplayName": "@" + c.author, "authorChannelUrl": "http://www.youtube.com/@" + c.author,
		"authorProfileImageUrl": f.URL + "/" + c.author + ".jpg", "authorChannelId": map[string]any{"value": c.author}, "publishedAt": c.at.Format(time.RFC3339),
		"updatedAt": c.at.Format(time.RFC3339), "moderationStatus": c.state, "likeCount": 0}
	if c.author == Brand {
		s["textOriginal"] = c.text
	}
	if c.parent != "" {
		s["parentId"] = c.parent
	}
	return map[string]any{"id": c.ID, "snippet": s}
}

// below lists the answers to a comment, the newest first.
func (f *Fake) below(id string) (list []*comment) {
	for _, c := range f.comments {
		if c.parent == id && !c.gone && c.state == "published" {
			list = append(list, c)
		}
	}
	slices.Reverse(list)
	return list
}

func (f *Fake) listThreads(c *call) (any, *refusal) {
	state, ids := c.q.Get("moderationStatus"), strings.Split(c.q.Get("id"), ",")
	if state == "" {
		state = "published"
	}
	var all []*comment
	for _, it := range f.comments {
		fits := slices.Contains(ids, it.ID)
		if c.q.Get("id") == "" {
			fits = it.state == state && (it.video == c.q.Get("videoId") || c.q.Get("allThreadsRelatedToChannelId") == Brand)
		}
		if fits && it.parent == "" && !it.gone {
			all = append(all, it)
		}
	}
	slices.SortStableFunc(all, func(a, b *comment) int { return b.at.Compare(a.at) })
	next := ""
	if c.q.Get("id") == "" {
		all, next = paged(c.q, all)
	}
	var items []any
	for _, it := range all {
		replies := f.below(it.ID)
		some := []any{}
		for _, r := range replies[:min(len(replies), 5)] { // the list shows only some
			some = append(some, f.showComment(r))
		}
		items = append(items, map[string]any{"id": it.ID, "snippet": map[string]any{"videoId": it.video, "topLevelComment": f.showComment(it), "totalReplyCount": len(replies), "canReply": true},
			"replies": map[string]any{"comments": some}})
	}
	return page(items, next), nil
}

func (f *Fake) listComments(c *call) (any, *refusal) {
	var items []any
	if parent := c.q.Get("parentId"); parent != "" {
		list, next := paged(c.q, f.below(parent))
		for _, r := range list {
			items = append(items, f.showComment(r))
		}
		return page(items, next), nil
	}
	for _, id := range strings.Split(c.q.Get("id"), ",") {
		if it := f.commentBy(id); it != nil {
			items = append(items, f.showComment(it))
		}
	}
	return page(items, ""), nil
}

func (f *Fake) addThread(c *call) (any, *refusal) {
	v, text := f.video(str(c.part("snippet"), "videoId")), str(c.part("snippet", "topLevelComment", "snippet"), "textOriginal")
	switch {
	case v == nil:
		return nil, no(404, "videoNotFound", "The video cannot be found.")
	case text == "":
		return nil, no(400, "commentTextRequired", "The comment has no text.")
	case v.status["privacyStatus"] == "private" || v.status["selfDeclaredMadeForKids"] == true:
		return nil, no(403, "commentsDisabled", "The video has disabled comments.")
	}
	return map[string]any{"id": f.comment(Brand, text, v.ID).ID, "snippet": map[string]any{}}, nil
}

func (f *Fake) addReply(c *call) (any, *refusal) {
	above, text := f.commentBy(str(c.part("snippet"), "parentId")), str(c.part("snippet"), "textOriginal")
	switch {
	case above == nil || above.parent != "":
		return nil, no(404, "parentCommentNotFound", "The parent comment cannot be found.")
	case text == "" || len([]rune(text)) > 10000:
		return nil, no(400, "commentTextTooLong", "The comment's text is too long or missing.")
	}
	return f.showComment(f.comment(Brand, text, above.ID)), nil
}

func (f *Fake) moderate(c *call) (any, *refusal) {
	it := f.commentBy(c.q.Get("id"))
	if it == nil {
		return nil, no(404, "commentNotFound", "The comment cannot be found.")
	}
	it.state = c.q.Get("moderationStatus")
	if c.q.Get("banAuthor") == "true" {
		if it.state != "rejected" {
			return nil, no(400, "banWithoutReject", "Authors are banned with a rejection only.")
		}
		f.banned[it.author] = true
	}
	return empty{}, nil
}
