package tiktokbusiness

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	watched     = 20 // newest posts whose comments are read
	page        = 30 // comments in one call
	mostReplies = 15 // comments of one reading whose replies are asked for beyond the three that come with them
	most        = 100
	overlap     = 15 * time.Minute // how long a comment may be held back before it is listed
)

// remark is a comment as the API shows it. It lists hidden ones too.
type remark struct {
	ID      string      `json:"comment_id"`
	Video   string      `json:"video_id"`
	Parent  string      `json:"parent_comment_id"`
	Who     string      `json:"unique_identifier"`
	User    string      `json:"username"`
	Name    string      `json:"display_name"`
	Picture string      `json:"profile_image"`
	Text    string      `json:"text"`
	Image   string      `json:"image_url"`
	Created json.Number `json:"create_time"`
	Owner   bool        `json:"owner"` // the account itself wrote it
	Replies int         `json:"replies"`
	List    []remark    `json:"reply_list"`
}

func (r remark) at() time.Time { return seconds(r.Created) }

// comments is one page.
type comments struct {
	List   []remark    `json:"comments"`
	Cursor json.Number `json:"cursor"`
	More   bool        `json:"has_more"`
}

func (a api) comments(ctx context.Context, id string, cursor int64) (got comments, err error) {
	err = a.get(ctx, "/business/comment/list/", map[string]any{"video_id": id, "include_replies": true, "status": "ALL", "sort_field": "create_time", "sort_order": "desc",
		"cursor": cursor, "max_count": page}, &got)
	return got, err
}

func (a api) commentsByID(ctx context.Context, id, commentID string) (got comments, err error) {
	err = a.get(ctx, "/business/comment/list/", map[string]any{"video_id": id, "comment_ids": []string{commentID}}, &got)
	return got, err
}

func (a api) replies(ctx context.Context, id, commentID string, cursor int64) (got comments, err error) {
	err = a.get(ctx, "/business/comment/reply/list/", map[string]any{"video_id": id, "comment_id": commentID, "status": "ALL", "sort_field": "create_time", "sort_order": "desc",
		"cursor": cursor, "max_count": page}, &got)
	return got, err
}

// place is where reading goes on: everything dated before Since is settled, and so is what was Seen near it.
type place struct {
	Since time.Time `json:"since,omitzero"`
	Seen  []string  `json:"seen,omitempty"`
}

// Fetch reads the comments of the newest posts, and the replies below the newest of them.
func (t TikTok) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	f := fetch{api: t.api(s), me: s.Account, first: cursor == "", found: map[string]network.Message{}, near: map[string]time.Time{}, asked: mostReplies}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &f.from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the comments cannot be read")
		}
	}
	posts, err := f.items(ctx, map[string]any{"max_count": watched})
	if err != nil {
		return network.Batch{}, err
	}
	for _, it := range posts.Items {
		if err := f.post(ctx, it.ID); err != nil {
			return network.Batch{}, err
		}
	}
	fresh := make([]network.Message, 0, len(f.found))
	for _, m := range f.found {
		fresh = append(fresh, m)
	}
	slices.SortFunc(fresh, func(a, b network.Message) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	b := network.Batch{Messages: fresh[:min(len(fresh), most)], More: len(fresh) > most}
	raw, _ := json.Marshal(f.from.after(b.Messages, f.near)) // plain data: cannot fail
	b.Cursor = string(raw)
	return b, nil
}

// after is the place behind the messages taken. near dates what was seen before and is still near.
func (p place) after(taken []network.Message, near map[string]time.Time) place {
	next := place{Since: p.Since}
	for _, m := range taken {
		near[m.ID] = m.At
		if m.At.After(next.Since) {
			next.Since = m.At
		}
	}
	for id, t := range near {
		if !t.Before(next.Since.Add(-overlap)) {
			next.Seen = append(next.Seen, id)
		}
	}
	slices.Sort(next.Seen)
	return next
}

// fetch collects one page.
type fetch struct {
	api
	me    network.Account
	from  place
	first bool
	found map[string]network.Message
	near  map[string]time.Time
	asked int // calls for more replies that are left
}

func (f *fetch) old(r remark) bool {
	return !f.from.Since.IsZero() && r.at().Before(f.from.Since.Add(-overlap))
}

// post reads one post's comments back to what is settled; the first time the newest page is history enough.
func (f *fetch) post(ctx context.Context, id string) error {
	for cursor := int64(0); ; {
		got, err := f.comments(ctx, id, cursor)
		if fault.Is(err, fault.NotFound) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		settled := false
		for _, c := range got.List {
			if !c.Owner || c.Parent != "" { // our own comment on our own post answers nobody
				f.take(c, id)
			}
			if err := f.below(ctx, c, id); err != nil {
				return err
			}
			settled = settled || f.old(c)
		}
		if cursor, _ = got.Cursor.Int64(); f.first || settled || !got.More || len(got.List) == 0 {
			return nil
		}
	}
}

// below takes the replies to a comment: up to three come with it, the rest is asked for.
func (f *fetch) below(ctx context.Context, c remark, id string) error {
	list := c.List
	if c.Replies > len(list) && f.asked > 0 {
		f.asked--
		got, err := f.replies(ctx, id, c.ID, 0)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		list = append(list, got.List...)
	}
	for _, r := range list {
		r.Parent = cmp.Or(r.Parent, c.ID)
		f.take(r, id)
	}
	return nil
}

func (f *fetch) take(c remark, id string) {
	if _, ok := f.found[c.ID]; ok || c.ID == "" || f.old(c) {
		return
	}
	if slices.Contains(f.from.Seen, c.ID) {
		f.near[c.ID] = c.at()
		return
	}
	who := cmp.Or(c.Who, c.User)
	m := network.Message{
		Remote: network.Remote{ID: c.ID, URL: address(f.me.Handle, video, id), Data: map[string]string{"video_id": id}}, Kind: network.Comment, Thread: id, ReplyTo: cmp.Or(c.Parent, id),
		From: network.Person{ID: who, Handle: c.User, Name: cmp.Or(c.Name, c.User), URL: profile(c.User), AvatarURL: c.Picture}, Own: c.Owner, Text: c.Text, At: c.at(),
	}
	if c.Image != "" {
		m.Media = []network.Attachment{{URL: c.Image, MIME: "image/*"}}
	}
	f.found[c.ID] = m
}

// Acts lists what can be done to comments.
func (TikTok) Acts(kind network.MessageKind) []network.Act {
	if kind != network.Comment {
		return nil
	}
	return []network.Act{network.Like, network.Unlike, network.Hide, network.Unhide}
}

// Act carries one out.
func (t TikTok) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	a := t.api(s)
	body := map[string]any{"business_id": a.me, "comment_id": on.ID}
	path := "/business/comment/like/"
	switch act {
	case network.Like, network.Unlike:
		body["action"] = map[network.Act]string{network.Like: "LIKE", network.Unlike: "UNLIKE"}[act]
	case network.Hide, network.Unhide:
		path = "/business/comment/hide/"
		body["action"], body["video_id"] = map[network.Act]string{network.Hide: "HIDE", network.Unhide: "UNHIDE"}[act], on.Data["video_id"]
	default:
		return fault.Rejectedf("TikTok has no way to %s a comment", act)
	}
	_, err := a.send(ctx, http.MethodPost, path, body, nil)
	return again(err)
}
