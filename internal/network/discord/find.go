package discord

import (
	"cmp"
	"context"
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
	page = 100 // the most messages Discord returns at once
	// clocks is how far Discord's clock and ours may differ. A message made before the call is another one with the same
	// words; taking it for the lost one would lose a message for good.
	clocks = 5 * time.Second
)

// Find looks in the channel's history, or among its threads, for the message of a lost answer. What is not there proves
// nothing.
func (n Discord) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	return find(ctx, clientOf(n.at, s), s.Account, step, earlier, sent)
}

// Find looks with the bot's eyes; without a bot it sees nothing.
func (n Webhook) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	c := clientOf(n.at, s)
	if c.bot == "" {
		return network.NotSeen, network.Outcome{}, nil
	}
	return find(ctx, c, s.Account, step, earlier, sent)
}

func find(ctx context.Context, c client, a network.Account, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	p, err := payloadOf(step)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	since := sent.Add(-clocks)
	if title := p.title(); title != "" {
		return c.findThread(ctx, p, a, title, since)
	}
	before := earlier[p.After]
	parent := cmp.Or(before.RemoteID, p.ReplyTo)
	list, err := c.history(ctx, cmp.Or(p.Thread, cmp.Or(before.Data["channel"], p.Channel)), nil)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	taken := map[string]bool{}
	for _, o := range earlier {
		taken[o.RemoteID] = true
	}
	for _, m := range list {
		if m.Timestamp.Before(since) {
			break
		}
		if !taken[m.ID] && m.ours(a) && m.replyTo() == parent && p.says(m) {
			return network.Found, m.outcome(p, a), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

// ours reports whether the account wrote a message.
func (m message) ours(a network.Account) bool {
	return m.Webhook == "" && m.Author.ID == a.Extra["bot"] || m.Webhook != "" && m.Webhook == a.ID
}

// title is the name of the forum post a step makes, "" for a plain message.
func (p payload) title() string {
	name := p.Body["thread_name"]
	if p.Call == toForum {
		name = p.Body["name"]
	}
	s, _ := name.(string)
	return s
}

// findThread looks among the open threads for one of the same title made since, whose first message says the same.
func (c client) findThread(ctx context.Context, p payload, a network.Account, title string, since time.Time) (network.Finding, network.Outcome, error) {
	list, err := c.threads(ctx, a)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	for _, t := range list {
		if t.Name != title || made(t.ID).Before(since) {
			continue
		}
		var m message
		err := c.get(ctx, "/channels/"+t.ID+"/messages/"+t.ID, nil, &m)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return network.NotSeen, network.Outcome{}, err
		}
		if m.ours(a) && p.says(m) {
			return network.Found, m.outcome(p, a), nil
		}
	}
	return network.NotSeen, network.Outcome{}, nil
}

// threads lists the open threads of the account's channel, newest first.
func (c client) threads(ctx context.Context, a network.Account) ([]channel, error) {
	var open struct {
		Threads []channel `json:"threads"`
	}
	if err := c.get(ctx, "/guilds/"+a.Extra["guild"]+"/threads/active", nil, &open); err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(open.Threads, func(t channel) bool { return t.Parent != channelOf(a) })
	slices.SortFunc(list, func(x, y channel) int { return newer(y.ID, x.ID) })
	return list, nil
}

// history lists a channel's messages, newest first.
func (c client) history(ctx context.Context, channel string, query url.Values) (list []message, err error) {
	if query == nil {
		query = url.Values{"limit": {strconv.Itoa(page)}}
	}
	err = c.get(ctx, "/channels/"+url.PathEscape(channel)+"/messages", query, &list)
	slices.SortFunc(list, func(x, y message) int { return newer(y.ID, x.ID) })
	return list, err
}

// made is when Discord gave an id away: it holds milliseconds since 2015.
func made(id string) time.Time {
	n, _ := strconv.ParseInt(id, 10, 64)
	return time.UnixMilli(n>>22 + 1420070400000).UTC()
}

// newer orders ids, which are numbers of growing length.
func newer(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// says compares the words, the number of files and of embeds, and the poll.
func (p payload) says(m message) bool {
	body := p.Body
	if inner, ok := body["message"].(map[string]any); ok {
		body = inner
	}
	words, _ := body["content"].(string)
	files, _ := body["attachments"].([]any)
	embeds, _ := body["embeds"].([]any)
	poll, _ := body["poll"].(map[string]any)
	if len(files) != len(m.Files) || len(embeds) > m.rich() || (poll != nil) != (m.Poll != nil) {
		return false
	}
	if poll != nil {
		asked, _ := poll["question"].(map[string]any)
		words, _ = asked["text"].(string)
		return text.Normalise(words) == text.Normalise(m.Poll.Question.Text)
	}
	return text.Normalise(words) == text.Normalise(m.Content)
}
