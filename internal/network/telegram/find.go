package telegram

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// clocks is how far Telegram's clock and ours may differ. A post made before the call is another one with the same
// words; taking it for the lost one would lose a post for good.
const clocks = 5 * time.Second

// Find looks among the updates that Telegram still holds for the copy of the lost post in the discussion group. It
// confirms none of them. What is not there proves nothing.
func (n Telegram) Find(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	p, err := payloadOf(step)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	list, _, err := n.bot(s).updates(ctx, 0)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	taken := map[string]bool{}
	for _, o := range earlier {
		taken[o.RemoteID] = true
	}
	albums := map[string][]message{}
	var order []string
	for _, m := range copies(list, s.Account) {
		post := m
		post.ID, post.Date, post.Chat = m.Origin.Message, m.Origin.Date, m.Origin.Chat
		key := cmp.Or(m.Album, strconv.FormatInt(post.ID, 10))
		if albums[key] == nil {
			order = append(order, key)
		}
		albums[key] = append(albums[key], post)
	}
	for _, key := range order {
		posts := albums[key]
		first := posts[0]
		if first.at().Before(sent.Add(-clocks).Truncate(time.Second)) || taken[ref(first.Chat.ID, first.ID)] || len(posts) != max(1, len(p.Names)) || !p.says(first) {
			continue
		}
		return network.Found, outcome(posts, p), nil
	}
	return network.NotSeen, network.Outcome{}, nil
}

// copies are the account's own posts as they appear in its discussion group.
func copies(list []update, a network.Account) (out []message) {
	for _, u := range list {
		if m := u.Message; m != nil && m.Copy && m.Chat.ID == group(a) && m.Origin != nil && m.Origin.Chat.ID == chat(a) {
			out = append(out, *m)
		}
	}
	return out
}

// Telegram makes the copy within seconds.
const (
	lookAgain = 5 * time.Second
	mostLooks = 24
)

// copyOf looks for the copy of a post that was published before; while it is not there the step is pending.
func (b bot) copyOf(ctx context.Context, a network.Account, post string, before network.Outcome) (network.Outcome, error) {
	list, _, err := b.updates(ctx, 0)
	if err != nil {
		return network.Outcome{}, err
	}
	for _, m := range copies(list, a) {
		if ref(m.Origin.Chat.ID, m.Origin.Message) == post {
			return network.Outcome{RemoteID: ref(m.Chat.ID, m.ID), URL: m.Chat.link(m.ID)}, nil
		}
	}
	looks, _ := strconv.Atoi(before.Data["looks"])
	if looks++; looks >= mostLooks {
		return network.Outcome{}, fault.Rejectedf("the post did not appear in the discussion group, so there is nothing to comment on").WithHint("Comment in Telegram. See that the bot is still an administrator of the discussion group.")
	}
	return network.Outcome{Pending: true, Wait: lookAgain, Data: map[string]string{"looks": strconv.Itoa(looks)}}, nil
}

// says compares the words and what kind of thing carries them. Telegram cuts white space off both ends.
func (p payload) says(m message) bool {
	words := ""
	for _, name := range []string{"text", "caption", "question"} {
		if v, ok := p.Params[name].(string); ok {
			words = v
		}
	}
	if media, ok := p.Params["media"].([]any); ok && len(media) > 0 {
		first, _ := media[0].(map[string]any)
		words, _ = first["caption"].(string)
	}
	held := m.kind()
	switch p.Method {
	case "sendMessage", "sendPoll":
		if held != "" || (m.Poll != nil) != (p.Method == "sendPoll") {
			return false
		}
	case "sendVenue":
		title, _ := p.Params["title"].(string)
		return m.Venue != nil && text.Normalise(m.Venue.Title) == text.Normalise(title)
	case "sendLocation":
		return held == "location"
	default:
		if held == "" {
			return false
		}
	}
	if held != "" {
		return text.Normalise(m.Caption) == text.Normalise(words)
	}
	return text.Normalise(m.words()) == text.Normalise(words)
}
