package lab

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Mastodon is a server that speaks Mastodon's client API.
type Mastodon struct{ *Server }

// GoToSocial returns the lab's GoToSocial. It ignores Idempotency-Key: only reading back settles a lost answer.
func GoToSocial(t testing.TB) Mastodon {
	t.Helper()
	return Mastodon{running(t, "gotosocial", "bin/gotosocial", "/readyz")}
}

// A MastodonUser is a person at Mastodon's client API.
type MastodonUser struct {
	User
	p person
}

// A Status is a post as Mastodon's API shows it.
type Status struct {
	ID         string `json:"id"`
	URL        string `json:"url"`
	URI        string `json:"uri"`
	Content    string `json:"content"` // HTML
	Spoiler    string `json:"spoiler_text"`
	Visibility string `json:"visibility"`
	Language   string `json:"language"`
	Sensitive  bool   `json:"sensitive"`
	ReplyTo    string `json:"in_reply_to_id"`
	Replies    int    `json:"replies_count"`
	Boosts     int    `json:"reblogs_count"`
	Favourites int    `json:"favourites_count"`
	EditedAt   string `json:"edited_at"`
	Account    struct {
		ID, Acct string
	} `json:"account"`
	Media []struct {
		Type        string `json:"type"`
		Description string `json:"description"`
		URL         string `json:"url"`
	} `json:"media_attachments"`
}

// As returns the person of that name: alice, bob or carol, whose account is locked.
func (m Mastodon) As(t testing.TB, name string) MastodonUser {
	t.Helper()
	u := m.User(t, name)
	return MastodonUser{User: u, p: person{t: t, base: m.BaseURL, token: u.AccessToken}}
}

// Post writes a public post.
func (u MastodonUser) Post(text string) Status {
	u.p.t.Helper()
	return u.post(url.Values{"status": {text}, "visibility": {"public"}})
}

// Reply answers a post in public; the text should mention its author, as clients do.
func (u MastodonUser) Reply(id, text string) Status {
	u.p.t.Helper()
	return u.post(url.Values{"status": {text}, "in_reply_to_id": {id}, "visibility": {"public"}})
}

// Direct writes to the people whom the text mentions and nobody else.
func (u MastodonUser) Direct(text string) Status {
	u.p.t.Helper()
	return u.post(url.Values{"status": {text}, "visibility": {"direct"}})
}

func (u MastodonUser) post(form url.Values) (s Status) {
	u.p.t.Helper()
	u.p.call(http.MethodPost, "/api/v1/statuses", form, &s)
	return s
}

// Favourite, Boost and Follow do what they say.
func (u MastodonUser) Favourite(id string) { u.act("/api/v1/statuses/" + id + "/favourite") }

// Boost shows somebody's post to one's own followers.
func (u MastodonUser) Boost(id string) { u.act("/api/v1/statuses/" + id + "/reblog") }

// Follow follows an account by id.
func (u MastodonUser) Follow(account string) { u.act("/api/v1/accounts/" + account + "/follow") }

// Unfollow undoes Follow.
func (u MastodonUser) Unfollow(account string) { u.act("/api/v1/accounts/" + account + "/unfollow") }

func (u MastodonUser) act(path string) {
	u.p.t.Helper()
	u.p.call(http.MethodPost, path, url.Values{}, nil)
}

// Delete removes one's own post.
func (u MastodonUser) Delete(id string) {
	u.p.t.Helper()
	u.p.call(http.MethodDelete, "/api/v1/statuses/"+id, nil, nil)
}

// Read returns a post; false when there is none, or this person may not see it.
func (u MastodonUser) Read(id string) (s Status, there bool) {
	u.p.t.Helper()
	status, text := u.p.try(http.MethodGet, "/api/v1/statuses/"+id, nil, &s)
	if status != http.StatusOK && status != http.StatusNotFound {
		u.p.t.Fatalf("read post %s: %d %.300s", id, status, text)
	}
	return s, status == http.StatusOK
}

// Answers returns everything below a post, oldest first.
func (u MastodonUser) Answers(id string) []Status {
	u.p.t.Helper()
	var context struct {
		Descendants []Status `json:"descendants"`
	}
	u.p.call(http.MethodGet, "/api/v1/statuses/"+id+"/context", nil, &context)
	return context.Descendants
}

// Posts returns all posts of an account that hold the words, newest first: the way to count what was really published.
// The words must be plain enough that HTML leaves them alone, as Mark's are.
func (u MastodonUser) Posts(account, words string) []Status {
	u.p.t.Helper()
	var found []Status
	for below := ""; ; {
		var page []Status
		q := url.Values{"limit": {"40"}, "exclude_reblogs": {"true"}}
		if below != "" {
			q.Set("max_id", below)
		}
		u.p.call(http.MethodGet, "/api/v1/accounts/"+account+"/statuses?"+q.Encode(), nil, &page)
		if len(page) == 0 {
			return found
		}
		for _, s := range page {
			if strings.Contains(s.Content, words) || strings.Contains(s.Spoiler, words) {
				found = append(found, s)
			}
		}
		below = page[len(page)-1].ID
	}
}

// Followers is how many people follow an account.
func (u MastodonUser) Followers(account string) int {
	u.p.t.Helper()
	var a struct {
		Followers int `json:"followers_count"`
	}
	u.p.call(http.MethodGet, "/api/v1/accounts/"+account, nil, &a)
	return a.Followers
}
