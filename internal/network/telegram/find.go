package telegram

import (
	"context"
	"strconv"
	"time"

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
	for _, u := range list {
		m := u.Message
		if m == nil || !m.Copy || m.Chat.ID != group(s.Account) || m.Origin == nil || m.Origin.Chat.ID != chat(s.Account) {
			continue
		}
		post := *m
		post.ID, post.Date, post.Chat = m.Origin.Message, m.Origin.Date, m.Origin.Chat
		key := or(m.Album, strconv.FormatInt(post.ID, 10))
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
