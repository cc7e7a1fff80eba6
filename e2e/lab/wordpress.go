package lab

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"testing"
)

// WordPress is a WordPress site.
type WordPress struct{ *Server }

// Blog returns the lab's WordPress. The same post sent twice is two posts there: it knows no keys.
func Blog(t testing.TB) WordPress {
	t.Helper()
	return WordPress{running(t, "wordpress", "src/wordpress/wp-load.php", "/wp-json/")}
}

// A WordPressUser is a user of the site: alice (administrator), bob (editor), carol (author) or dan (subscriber).
type WordPressUser struct {
	User
	p person
}

// A BlogPost is a post as WordPress's API shows it to its editors.
type BlogPost struct {
	ID         int64   `json:"id"`
	Slug       string  `json:"slug"`
	Status     string  `json:"status"`
	Link       string  `json:"link"`
	Feature    int64   `json:"featured_media"`
	Categories []int64 `json:"categories"`
	Tags       []int64 `json:"tags"`
	Comments   string  `json:"comment_status"`
	Sticky     bool    `json:"sticky"`
	Date       string  `json:"date_gmt"`
	Title      struct{ Raw string }
	Excerpt    struct{ Raw string }
	Content    struct{ Raw, Rendered string }
}

// A BlogComment is a comment as WordPress's API shows it to its editors.
type BlogComment struct {
	ID      int64  `json:"id"`
	Post    int64  `json:"post"`
	Parent  int64  `json:"parent"`
	Name    string `json:"author_name"`
	Status  string `json:"status"`
	Content struct{ Raw string }
}

// As returns the user of that name.
func (w WordPress) As(t testing.TB, name string) WordPressUser {
	t.Helper()
	u := w.User(t, name)
	return WordPressUser{User: u, p: person{t: t, base: w.BaseURL + "/wp-json/wp/v2", basic: base64.StdEncoding.EncodeToString([]byte(u.Username + ":" + u.ApplicationPassword))}}
}

// Posts returns all posts that hold the words, in any state but the trash.
func (u WordPressUser) Posts(words string) (found []BlogPost) {
	u.p.t.Helper()
	u.p.call(http.MethodGet, "/posts?"+url.Values{"search": {words}, "status": {"any"}, "context": {"edit"}, "per_page": {"100"}}.Encode(), nil, &found)
	return found
}

// Page returns what a visitor finds at an address: the status and the page.
func (u WordPressUser) Page(address string) (int, string) {
	u.p.t.Helper()
	return person{t: u.p.t}.try(http.MethodGet, address, nil, nil)
}

// Say lets this user comment on a post, below another comment or none (0).
func (u WordPressUser) Say(post, parent int64, text string) (made BlogComment) {
	u.p.t.Helper()
	u.p.call(http.MethodPost, "/comments", map[string]any{"post": post, "parent": parent, "content": text}, &made)
	return made
}

// Comment returns a comment as it is.
func (u WordPressUser) Comment(id string) (c BlogComment) {
	u.p.t.Helper()
	u.p.call(http.MethodGet, "/comments/"+id+"?context=edit", nil, &c)
	return c
}

// Comments returns a post's comments, in any state but spam and trash.
func (u WordPressUser) Comments(post int64) (found []BlogComment) {
	u.p.t.Helper()
	u.p.call(http.MethodGet, "/comments?status=all&context=edit&per_page=100&post="+strconv.FormatInt(post, 10), nil, &found)
	return found
}

// Set gives a comment a state: approved, hold, spam or trash.
func (u WordPressUser) Set(comment int64, status string) {
	u.p.t.Helper()
	u.p.call(http.MethodPost, "/comments/"+strconv.FormatInt(comment, 10), map[string]string{"status": status}, nil)
}
