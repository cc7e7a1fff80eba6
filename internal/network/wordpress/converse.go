package wordpress

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

const (
	// commentPrefix sets comments' numbers apart from posts', which are counted separately.
	commentPrefix = "comment-"
	// agent is written with each of our comments.
	agent = "Bellwether"
	page  = 40
	// overlap is by how much two pages overlap, so that a comment that is deleted meanwhile shifts none out of sight.
	overlap = 5
)

// comment is a comment as the API shows it; what only moderators see is empty for others.
type comment struct {
	ID      int64             `json:"id"`
	Post    int64             `json:"post"`
	Parent  int64             `json:"parent"`
	Author  int64             `json:"author"` // 0 for a visitor
	Name    string            `json:"author_name"`
	Email   string            `json:"author_email"`
	URL     string            `json:"author_url"`
	Agent   string            `json:"author_user_agent"`
	Avatars map[string]string `json:"author_avatar_urls"`
	Date    string            `json:"date_gmt"`
	Link    string            `json:"link"`
	Status  string            `json:"status"`
	Content struct {
		Rendered string `json:"rendered"`
	} `json:"content"`
}

func (c comment) at() time.Time { return moment(c.Date) }

func (c comment) outcome() network.Outcome {
	return network.Outcome{RemoteID: commentPrefix + strconv.FormatInt(c.ID, 10), URL: c.Link}
}

// answers is the remote id of what the comment stands below.
func (c comment) answers() string {
	if c.Parent != 0 {
		return commentPrefix + strconv.FormatInt(c.Parent, 10)
	}
	return strconv.FormatInt(c.Post, 10)
}

// person is the author: a user of the site, or a visitor, who is known by the e-mail address the site asked for.
func (c comment) person() network.Person {
	name := html.UnescapeString(c.Name)
	p := network.Person{ID: "user-" + strconv.FormatInt(c.Author, 10), Handle: cmp.Or(name, "anonymous"), Name: cmp.Or(name, "Anonymous"), URL: c.URL, AvatarURL: c.Avatars["96"]}
	if c.Author == 0 {
		sum := sha256.Sum256([]byte(strings.ToLower(cmp.Or(c.Email, c.Name))))
		p.ID = "visitor-" + hex.EncodeToString(sum[:8])
	}
	return p
}

func (c comment) message(me string) network.Message {
	return network.Message{
		Remote: network.Remote{ID: c.outcome().RemoteID, URL: c.Link, Data: map[string]string{"post": strconv.FormatInt(c.Post, 10), "status": c.Status}},
		Kind:   network.Comment, Thread: strconv.FormatInt(c.Post, 10), ReplyTo: c.answers(), From: c.person(), Own: strconv.FormatInt(c.Author, 10) == me && me != "",
		Text: text.FromHTML(c.Content.Rendered), At: c.at(),
	}
}

// place is where reading goes on. The newest number alone would not do: for those who may not moderate, a comment
// appears only when somebody approves it, after others with greater numbers.
type place struct {
	Newest int64   `json:"newest"`
	Floor  int64   `json:"floor"` // what is not above it is settled
	Seen   []int64 `json:"seen"`  // taken above the floor, in order, a page at most
}

// Fetch reads the site's comments: approved and waiting ones for those who may moderate, approved ones for others.
func (WordPress) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var from place
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the comments cannot be read")
		}
	}
	list, more, err := at(s).newest(ctx, s.Account, from, cursor == "")
	if err != nil {
		return network.Batch{}, err
	}
	next := place{Newest: from.Newest, Floor: from.Floor, Seen: slices.Clone(from.Seen)}
	b := network.Batch{More: more}
	for _, c := range list {
		if c.ID <= from.Floor || slices.Contains(from.Seen, c.ID) {
			continue
		}
		next.Seen, next.Newest = append(next.Seen, c.ID), max(next.Newest, c.ID)
		if c.Agent == agent && strconv.FormatInt(c.Author, 10) == s.Account.Extra["user"] {
			continue // said through us, and known
		}
		b.Messages = append(b.Messages, c.message(s.Account.Extra["user"]))
	}
	slices.Sort(next.Seen)
	if over := len(next.Seen) - page; over > 0 {
		next.Floor, next.Seen = next.Seen[over-1], next.Seen[over:]
	}
	slices.SortStableFunc(b.Messages, func(a, b network.Message) int { return a.At.Compare(b.At) })
	raw, _ := json.Marshal(next) // plain data: cannot fail
	b.Cursor = string(raw)
	return b, nil
}

// newest returns the newest page, oldest first. Where that does not reach back to what was read before, it is the page
// that does, and there is more.
func (s site) newest(ctx context.Context, a network.Account, from place, first bool) (list []comment, more bool, err error) {
	q := url.Values{"orderby": {"id"}, "order": {"desc"}, "per_page": {strconv.Itoa(page)}}
	if can(a, "moderate_comments") {
		q.Set("context", "edit")
		q.Set("status", "all")
	}
	for skip := 0; ; skip += page - overlap {
		q.Set("offset", strconv.Itoa(skip))
		var older []comment
		if _, err := s.get(ctx, "/wp/v2/comments", q, &older); err != nil {
			return nil, false, err
		}
		if len(older) == 0 {
			return list, more, nil
		}
		slices.SortFunc(older, func(a, b comment) int { return int(a.ID - b.ID) })
		more, list = skip > 0, older
		if first || len(older) < page || older[0].ID <= from.Newest {
			return list, more, nil
		}
	}
}

// Acts lists what can be done to comments.
func (WordPress) Acts(kind network.MessageKind) []network.Act {
	if kind != network.Comment {
		return nil
	}
	return []network.Act{network.Approve, network.Hide, network.Unhide, network.Spam, network.Trash}
}

// Act gives a comment another state.
func (WordPress) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	status := map[network.Act]string{network.Approve: "approved", network.Hide: "hold", network.Unhide: "approved", network.Spam: "spam", network.Trash: "trash"}[act]
	if status == "" {
		return fault.Rejectedf("WordPress has no way to %s a comment", act)
	}
	_, err := at(s).repeat(ctx, http.MethodPost, "/wp/v2/comments/"+url.PathEscape(strings.TrimPrefix(on.ID, commentPrefix)), map[string]any{"status": status}, nil)
	return refused(err, "The comment is gone from the site.")
}
