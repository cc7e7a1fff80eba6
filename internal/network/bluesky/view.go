package bluesky

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// profile is an account as the index shows it.
type profile struct {
	DID       string `json:"did"`
	Handle    string `json:"handle"`
	Name      string `json:"displayName"`
	Avatar    string `json:"avatar"`
	Followers *int64 `json:"followersCount"`
	Viewer    struct {
		Blocking string `json:"blocking"`
	} `json:"viewer"`
}

func (p profile) person() network.Person {
	out := network.Person{ID: p.DID, Handle: p.Handle, Name: cmp.Or(p.Name, p.Handle), URL: website + "/profile/" + p.DID, AvatarURL: p.Avatar}
	if p.Followers != nil {
		out.Followers = *p.Followers
	}
	return out
}

// content is what we read of a post's record; all of it is a stranger's.
type content struct {
	Text      string `json:"text"`
	CreatedAt string `json:"createdAt"`
	Via       string `json:"via"`
	Reply     *struct {
		Root   ref `json:"root"`
		Parent ref `json:"parent"`
	} `json:"reply"`
	Embed *embed `json:"embed"`
}

// embed is what a post carries below its text; beside a quote it is one level deeper.
type embed struct {
	Type   string     `json:"$type"`
	Images []struct{} `json:"images"`
	Media  *embed     `json:"media"`
}

// UnmarshalJSON takes what can be read: one odd record of a stranger must not hide the others.
func (c *content) UnmarshalJSON(raw []byte) error {
	type plain content
	_ = json.Unmarshal(raw, (*plain)(c))
	return nil
}

// at is when the author says it was written, in UTC; zero when that is no time.
func (c content) at() time.Time {
	t, _ := time.Parse(time.RFC3339Nano, c.CreatedAt)
	return t.UTC()
}

func (e *embed) media() int {
	switch {
	case e == nil:
		return 0
	case e.Type == "app.bsky.embed.video":
		return 1
	}
	return len(e.Images) + e.Media.media()
}

// view is a post as the index shows it.
type view struct {
	URI       string    `json:"uri"`
	CID       string    `json:"cid"`
	Author    profile   `json:"author"`
	Record    content   `json:"record"`
	IndexedAt time.Time `json:"indexedAt"`
	Likes     *int64    `json:"likeCount"`
	Replies   *int64    `json:"replyCount"`
	Reposts   *int64    `json:"repostCount"`
	Quotes    *int64    `json:"quoteCount"`
	Bookmarks *int64    `json:"bookmarkCount"`
	Embed     *embedded `json:"embed"`
	Viewer    struct {
		Like     string `json:"like"`
		Repost   string `json:"repost"`
		NoQuotes bool   `json:"embeddingDisabled"`
	} `json:"viewer"`
}

type embedded struct {
	Type   string `json:"$type"`
	Images []struct {
		Full string `json:"fullsize"`
		Alt  string `json:"alt"`
	} `json:"images"`
	Thumbnail string    `json:"thumbnail"`
	Alt       string    `json:"alt"`
	Media     *embedded `json:"media"`
}

func (e *embedded) attachments() (out []network.Attachment) {
	if e == nil {
		return nil
	}
	for _, i := range e.Images {
		out = append(out, network.Attachment{URL: i.Full, MIME: "image/jpeg", Alt: i.Alt})
	}
	if strings.HasPrefix(e.Type, "app.bsky.embed.video") && e.Thumbnail != "" { // the video itself is a stream of pieces
		out = append(out, network.Attachment{URL: e.Thumbnail, MIME: "image/jpeg", Alt: e.Alt})
	}
	return append(out, e.Media.attachments()...)
}

// most is how many posts the index shows in one call.
const most = 25

// views reads posts from the index; what is gone, hidden or not indexed yet is left out.
func (s server) views(ctx context.Context, uris ...string) (out []view, err error) {
	for some := range slices.Chunk(uris, most) {
		var page struct {
			Posts []view `json:"posts"`
		}
		if _, err := s.query(ctx, "app.bsky.feed.getPosts", url.Values{"uris": some}, &page); err != nil {
			return out, err
		}
		out = append(out, page.Posts...)
	}
	return out, nil
}
