package mastodon

import (
	"cmp"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// status is a post as the API shows it. Counts are pointers: a server that delivers none has none, not zero.
type status struct {
	ID          string       `json:"id"`
	URL         string       `json:"url"`
	URI         string       `json:"uri"`
	CreatedAt   time.Time    `json:"created_at"`
	ReplyTo     string       `json:"in_reply_to_id"`
	ReplyToWhom string       `json:"in_reply_to_account_id"`
	Visibility  string       `json:"visibility"`
	Language    string       `json:"language"`
	Spoiler     string       `json:"spoiler_text"`
	Content     string       `json:"content"` // HTML
	Media       []attachment `json:"media_attachments"`
	Account     account      `json:"account"`
	Poll        *struct {
		Options []struct {
			Title string `json:"title"`
		} `json:"options"`
	} `json:"poll"`
	Application *struct {
		Name string `json:"name"`
	} `json:"application"`
	Replies    *int64 `json:"replies_count"`
	Boosts     *int64 `json:"reblogs_count"`
	Favourites *int64 `json:"favourites_count"`
	Quotes     *int64 `json:"quotes_count"`
}

// words are the text of a status, with a content warning on a line of its own before it.
func (s status) words() string {
	words := text.FromHTML(s.Content)
	if s.Spoiler != "" {
		words = s.Spoiler + "\n\n" + words
	}
	return strings.TrimSpace(words)
}

// link is the address people open. url is null for a status whose server offers no page.
func (s status) link() string { return cmp.Or(s.URL, s.URI) }

type attachment struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	URL         string `json:"url"`
	RemoteURL   string `json:"remote_url"`
	Description string `json:"description"`
}

func attachments(list []attachment) (out []network.Attachment) {
	mime := map[string]string{"image": "image/*", "video": "video/*", "gifv": "video/*", "audio": "audio/*"}
	for _, a := range list {
		out = append(out, network.Attachment{URL: cmp.Or(a.URL, a.RemoteURL), MIME: mime[a.Type], Alt: a.Description})
	}
	return out
}

type account struct {
	ID        string `json:"id"`
	Username  string `json:"username"`
	Acct      string `json:"acct"`
	Name      string `json:"display_name"`
	URL       string `json:"url"`
	Avatar    string `json:"avatar_static"`
	Followers *int64 `json:"followers_count"`
}

// address is the account's full address, the same on every server: a local account's has no domain here.
func (a account) address(domain string) string {
	if strings.Contains(a.Acct, "@") || domain == "" {
		return a.Acct
	}
	return a.Acct + "@" + domain
}

func (a account) person(domain string) network.Person {
	p := network.Person{ID: a.address(domain), Handle: a.address(domain), Name: cmp.Or(a.Name, a.Username), URL: a.URL, AvatarURL: a.Avatar}
	if a.Followers != nil {
		p.Followers = *a.Followers
	}
	return p
}

type notification struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	CreatedAt time.Time `json:"created_at"`
	Account   account   `json:"account"`
	Status    *status   `json:"status"`
}

// newer orders ids: Mastodon's are numbers of growing length, GoToSocial's have one length and sort as text.
func newer(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
