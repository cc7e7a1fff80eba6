package googlebusiness

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	replySuffix = "/reply" // an answer has no id of its own: it is its review's
	reviewPage  = 50
	flood       = 100 // pages of reviews in one reading
	overlap     = 10 * time.Minute
)

// review is what somebody says about the location.
type review struct {
	Name     string `json:"name"`
	ID       string `json:"reviewId"`
	Reviewer struct {
		Name      string `json:"displayName"`
		Photo     string `json:"profilePhotoUrl"`
		Anonymous bool   `json:"isAnonymous"`
	} `json:"reviewer"`
	Stars      string `json:"starRating"` // ONE … FIVE
	Comment    string `json:"comment"`
	CreateTime string `json:"createTime"`
	UpdateTime string `json:"updateTime"`
	ReplyURL   string `json:"reviewReplyUrl"`
	Reply      *struct {
		Comment    string `json:"comment"`
		UpdateTime string `json:"updateTime"`
		State      string `json:"reviewReplyState"` // PENDING, APPROVED, REJECTED; absent before 2026
	} `json:"reviewReply"`
	Media []struct {
		URL       string `json:"googleUrl"`
		Thumbnail string `json:"thumbnailUrl"`
	} `json:"reviewMediaItems"`
}

var stars = map[string]int{"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}

// words are the stars and what was written, if anything was.
func (r review) words() string {
	n := stars[r.Stars]
	if n == 0 {
		return strings.TrimSpace(r.Comment)
	}
	return strings.TrimSpace(fmt.Sprintf("%s%s (%d of 5)\n\n%s", strings.Repeat("★", n), strings.Repeat("☆", 5-n), n, r.Comment))
}

// messages are the review and, where there is one, its answer. Reviewers have no id that is told; each review stands for
// its own.
func (r review) messages() (said network.Message, reply *network.Message) {
	name := cmp.Or(r.Reviewer.Name, "Anonymous")
	said = network.Message{Remote: network.Remote{ID: r.Name, URL: r.ReplyURL, Data: map[string]string{"stars": fmt.Sprint(stars[r.Stars])}}, Kind: network.Review, Thread: r.Name,
		From: network.Person{ID: r.Name, Handle: name, Name: name, AvatarURL: r.Reviewer.Photo}, Text: r.words(), At: at(r.CreateTime)}
	for _, m := range r.Media {
		if where := cmp.Or(m.URL, m.Thumbnail); where != "" {
			said.Media = append(said.Media, network.Attachment{URL: where})
		}
	}
	if r.Reply == nil {
		return said, nil
	}
	said.Data["answered"] = "yes"
	return said, &network.Message{Remote: network.Remote{ID: r.Name + replySuffix, URL: r.ReplyURL, Data: map[string]string{"state": r.Reply.State}}, Kind: network.Review, Thread: r.Name,
		ReplyTo: r.Name, Own: true, Text: r.Reply.Comment, At: at(r.Reply.UpdateTime)}
}

// spot is where reading goes on.
type spot struct {
	Since time.Time `json:"since"` // what was changed before is read
	Seen  []string  `json:"seen"`  // what was read of since then: name and time of the change
}

func mark(id, changed string) string { return id + " " + changed }

// Fetch reads reviews, also those their authors changed, and the answers that were given elsewhere. Reviews come by when
// they were last changed; an answer does not change its review, so those of the newest page are always looked at.
func (b Business) Fetch(ctx context.Context, s network.Session, cursor string) (network.Batch, error) {
	var from spot
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &from); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the reviews cannot be read")
		}
	}
	list, err := b.caller(s).reviews(ctx, s.Account, from.Since, cursor == "")
	if err != nil {
		return network.Batch{}, err
	}
	seen := map[string]bool{}
	for _, m := range from.Seen {
		seen[m] = true
	}
	var batch network.Batch
	changes := map[string]time.Time{}
	newest := from.Since.Add(overlap)
	take := func(m network.Message, changed string) {
		when := at(changed)
		key := mark(m.ID, changed)
		if when.Before(from.Since) {
			return
		}
		changes[key] = when
		if when.After(newest) {
			newest = when
		}
		if !seen[key] {
			batch.Messages = append(batch.Messages, m)
		}
	}
	for _, r := range list {
		said, reply := r.messages()
		take(said, r.UpdateTime)
		if reply != nil {
			take(*reply, r.Reply.UpdateTime)
		}
	}
	next := spot{Since: newest.Add(-overlap)}
	for key, when := range changes {
		if !when.Before(next.Since) {
			next.Seen = append(next.Seen, key)
		}
	}
	slices.Sort(next.Seen)
	raw, _ := json.Marshal(next) // plain data: cannot fail
	batch.Cursor = string(raw)
	slices.SortStableFunc(batch.Messages, func(a, b network.Message) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return batch, nil
}

// reviews reads backward from the one that was changed last to where reading stopped; of the first reading one page is
// enough.
func (c caller) reviews(ctx context.Context, a network.Account, since time.Time, first bool) (out []review, err error) {
	q := values("pageSize", fmt.Sprint(reviewPage), "orderBy", "updateTime desc")
	for range flood {
		var list struct {
			Reviews []review `json:"reviews"`
			Next    string   `json:"nextPageToken"`
		}
		if _, err := c.get(ctx, c.b.base(legacy), v4(place(a))+"/reviews", q, &list); err != nil {
			return nil, err
		}
		out = append(out, list.Reviews...)
		if first || list.Next == "" || len(list.Reviews) > 0 && at(list.Reviews[len(list.Reviews)-1].UpdateTime).Before(since) {
			break
		}
		q.Set("pageToken", list.Next)
	}
	return out, nil
}

// readReply reads the answer to a review back. One that Google rejected is not shown to anybody.
func (c caller) readReply(ctx context.Context, item network.Remote, name string) (network.Live, error) {
	var r review
	_, err := c.get(ctx, c.b.base(legacy), v4(name), nil, &r)
	if fault.Is(err, fault.NotFound) || err == nil && (r.Reply == nil || r.Reply.State == "REJECTED") {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	see := "public"
	if r.Reply.State == "PENDING" {
		see = "pending"
	}
	return network.Live{Remote: item, Exists: true, Text: r.Reply.Comment, Visibility: see, At: at(r.Reply.UpdateTime), ReplyTo: name}, nil
}
