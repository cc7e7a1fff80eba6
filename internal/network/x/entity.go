package x

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// post is a post as the API shows it. X is renaming "tweet" and "retweet"; both spellings are read. Counts are
// pointers: what is not delivered is missing, not zero.
type post struct {
	ID           string      `json:"id"`
	Text         string      `json:"text"` // HTML entities in it, links as t.co
	CreatedAt    time.Time   `json:"created_at"`
	Author       string      `json:"author_id"`
	Conversation string      `json:"conversation_id"`
	ReplyToWhom  string      `json:"in_reply_to_user_id"`
	ReplyWho     string      `json:"reply_settings"`
	Long         *note       `json:"note_post"`
	LongOld      *note       `json:"note_tweet"`
	Entities     entities    `json:"entities"`
	Refers       []reference `json:"referenced_posts"`
	RefersOld    []reference `json:"referenced_tweets"`
	Versions     []string    `json:"edit_history_post_ids"`
	VersionsOld  []string    `json:"edit_history_tweet_ids"`
	Attachments  struct {
		Media []string `json:"media_keys"`
		Polls []string `json:"poll_ids"`
	} `json:"attachments"`
	Editing struct {
		Eligible  *bool      `json:"is_edit_eligible"`
		Until     *time.Time `json:"editable_until"`
		Remaining *int64     `json:"edits_remaining"`
	} `json:"edit_controls"`
	Public struct {
		Impressions *int64 `json:"impression_count"`
		Likes       *int64 `json:"like_count"`
		Replies     *int64 `json:"reply_count"`
		Reposts     *int64 `json:"repost_count"`
		RepostsOld  *int64 `json:"retweet_count"`
		Quotes      *int64 `json:"quote_count"`
		Bookmarks   *int64 `json:"bookmark_count"`
	} `json:"public_metrics"`
	Private struct {
		LinkClicks    *int64 `json:"url_link_clicks"`
		ProfileClicks *int64 `json:"user_profile_clicks"`
	} `json:"non_public_metrics"`
}

// note is the whole of a text of more than 280 characters.
type note struct {
	Text     string   `json:"text"`
	Entities entities `json:"entities"`
}

type reference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type entities struct {
	URLs []struct {
		URL      string `json:"url"`
		Expanded string `json:"expanded_url"`
		MediaKey string `json:"media_key"`
	} `json:"urls"`
}

// words is what the author wrote: whole, with the links as they were given and without the ones that stand for media.
func (p post) words() string {
	words, found := p.Text, p.Entities
	for _, long := range []*note{p.Long, p.LongOld} {
		if long != nil && long.Text != "" {
			words, found = long.Text, entities{URLs: append(slices.Clone(long.Entities.URLs), p.Entities.URLs...)}
		}
	}
	for _, u := range found.URLs {
		shown := u.Expanded
		if u.MediaKey != "" {
			shown = ""
		}
		if u.URL != "" && (shown != "" || u.MediaKey != "") {
			words = strings.ReplaceAll(words, u.URL, html.EscapeString(shown))
		}
	}
	return strings.TrimSpace(html.UnescapeString(words))
}

// parent is the post this one answers, "" for none.
func (p post) parent() string {
	for _, r := range append(slices.Clone(p.Refers), p.RefersOld...) {
		if r.Type == "replied_to" {
			return r.ID
		}
	}
	return ""
}

// versions are the ids of the post's versions, oldest first.
func (p post) versions() []string {
	if len(p.Versions) > 0 {
		return p.Versions
	}
	return p.VersionsOld
}

// within drops the mentions in front that X puts before an answer by itself.
func within(words string) string {
	for {
		e, ok := text.LeadingMention(words)
		if !ok {
			return words
		}
		words = strings.TrimSpace(words[e.End:])
	}
}

type user struct {
	ID           string `json:"id"`
	Username     string `json:"username"`
	Name         string `json:"name"`
	Avatar       string `json:"profile_image_url"`
	Subscription string `json:"subscription_type"`
	Protected    bool   `json:"protected"`
	Public       struct {
		Followers *int64 `json:"followers_count"`
	} `json:"public_metrics"`
}

func (u user) person() network.Person {
	p := network.Person{ID: u.ID, Handle: u.Username, Name: cmp.Or(u.Name, u.Username), AvatarURL: u.Avatar}
	if u.Username != "" {
		p.URL = "https://x.com/" + u.Username
	}
	if u.Public.Followers != nil {
		p.Followers = *u.Public.Followers
	}
	return p
}

type media struct {
	Key     string `json:"media_key"`
	Type    string `json:"type"` // photo, video, animated_gif
	URL     string `json:"url"`
	Preview string `json:"preview_image_url"`
	Alt     string `json:"alt_text"`
	Public  struct {
		Views *int64 `json:"view_count"`
	} `json:"public_metrics"`
	Private struct { // how many reached each quarter of a video
		From   *int64 `json:"playback_0_count"`
		First  *int64 `json:"playback_25_count"`
		Half   *int64 `json:"playback_50_count"`
		Third  *int64 `json:"playback_75_count"`
		Finish *int64 `json:"playback_100_count"`
	} `json:"non_public_metrics"`
}

// watched is a video's retention by quarters, nil where X does not tell them: it does for 30 days.
func (m media) watched() (out []network.Watched) {
	if m.Private.From == nil || *m.Private.From <= 0 {
		return nil
	}
	for i, n := range []*int64{m.Private.From, m.Private.First, m.Private.Half, m.Private.Third, m.Private.Finish} {
		if n != nil && *n >= 0 {
			out = append(out, network.Watched{At: int64(i) * 2500, Share: *n * 10_000 / *m.Private.From})
		}
	}
	return out
}

// attachments shows a stranger's files; of videos only the preview picture has an address of its own.
func attachments(keys []string, known []media) (out []network.Attachment) {
	for _, key := range keys {
		for _, m := range known {
			if m.Key == key && cmp.Or(m.URL, m.Preview) != "" {
				out = append(out, network.Attachment{URL: cmp.Or(m.URL, m.Preview), MIME: "image/*", Alt: m.Alt})
			}
		}
	}
	return out
}

// somebody finds who an id is among the people of an answer.
func somebody(id string, known []user) network.Person {
	for _, u := range known {
		if u.ID == id {
			return u.person()
		}
	}
	return network.Person{ID: id, Handle: id}
}

// link is the address of a post; X redirects to its author.
func link(handle, id string) string {
	return "https://x.com/" + cmp.Or(handle, "i/web") + "/status/" + id
}

// newer orders ids: they are numbers that grow with time.
func newer(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
