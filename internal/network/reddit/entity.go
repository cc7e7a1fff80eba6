package reddit

import (
	"cmp"
	"math"
	"strings"
	"time"
)

// thing is Reddit's envelope: t1 a comment, t3 a post, t4 a message, t5 a community.
type thing struct {
	Kind string `json:"kind"`
	Data item   `json:"data"`
}

// listing is a page of things, newest first.
type listing struct {
	Data struct {
		Children []thing `json:"children"`
		After    string  `json:"after"`
	} `json:"data"`
}

// item is a post, a comment or a message; which fields are there depends on which it is.
type item struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"` // its full name: t3_…
	Created    float64 `json:"created_utc"`
	Author     string  `json:"author"`
	AuthorName string  `json:"author_fullname"`
	Community  string  `json:"subreddit"`
	Permalink  string  `json:"permalink"`

	// posts
	Title     string    `json:"title"`
	Text      string    `json:"selftext"`
	URL       string    `json:"url"`
	IsSelf    bool      `json:"is_self"`
	IsVideo   bool      `json:"is_video"`
	IsGallery bool      `json:"is_gallery"`
	Hint      string    `json:"post_hint"`
	OnReddit  bool      `json:"is_reddit_media_domain"`
	Poll      *any      `json:"poll_data"`
	Crosspost string    `json:"crosspost_parent"`
	RemovedBy string    `json:"removed_by_category"`
	Score     *int64    `json:"score"`
	Comments  *int64    `json:"num_comments"`
	Crossed   *int64    `json:"num_crossposts"`
	Views     *int64    `json:"view_count"`
	Gallery   *pictures `json:"gallery_data"`

	// comments and messages
	Body    string `json:"body"`
	Parent  string `json:"parent_id"`
	Link    string `json:"link_id"`
	Type    string `json:"type"` // in the inbox: post_reply, comment_reply, username_mention, unknown
	Context string `json:"context"`
	First   string `json:"first_message_name"`
	Subject string `json:"subject"`
}

type pictures struct {
	Items []struct {
		ID string `json:"media_id"`
	} `json:"items"`
}

// at is when it was made: whole seconds, as Reddit counts.
func (i item) at() time.Time {
	whole, part := math.Modf(i.Created)
	return time.Unix(int64(whole), int64(part*1e9)).UTC()
}

// kind is what sort of post it is. A crosspost of anything is a crosspost.
func (i item) kind() string {
	switch {
	case i.Crosspost != "":
		return crosspost
	case i.Poll != nil:
		return poll
	case i.IsSelf:
		return self
	case i.IsGallery:
		return gallery
	case i.IsVideo:
		return video
	case i.Hint == "image" || i.OnReddit:
		return picture
	}
	return link
}

// files is how many files it shows.
func (i item) files() int {
	switch i.kind() {
	case gallery:
		if i.Gallery != nil {
			return len(i.Gallery.Items)
		}
		return galleryMin
	case picture, video:
		return 1
	}
	return 0
}

// gone says that nobody else sees it any more.
func (i item) gone() bool {
	return i.RemovedBy != "" || i.Author == "[deleted]" || i.Author == "[removed]" || i.Body == "[removed]" || i.Body == "[deleted]"
}

// words are its text as people wrote it; a post without one is known by its title.
func (i item) words() string { return cmp.Or(i.Body, i.Text, i.Title) }

// thread is the full name of the post a comment stands below, or of the message a conversation began with.
func (i item) thread() string {
	if i.Link != "" {
		return i.Link
	}
	if parts := strings.Split(i.Context, "/"); len(parts) > 4 && parts[3] == "comments" { // /r/name/comments/id/…
		return "t3_" + parts[4]
	}
	return cmp.Or(i.First, i.Name)
}

// values are its numbers. A score below nothing says nothing more than nothing.
func (i item) values() map[string]int64 {
	v := map[string]int64{}
	for id, n := range map[string]*int64{"M-LIKE": i.Score, "M-COMM": i.Comments, "M-SHARE": i.Crossed, "M-IMPR": i.Views} {
		if n != nil {
			v[id] = max(*n, 0)
		}
	}
	return v
}
