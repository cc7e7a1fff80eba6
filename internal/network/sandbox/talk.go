package sandbox

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	perFetch   = 40 // how much one page holds
	privateFor = 7 * 24 * time.Hour
)

// PlanPrivate plans the one private answer to a comment.
func (s *Sandbox) PlanPrivate(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	switch {
	case r.To.Kind != network.Comment:
		return nil, []network.Problem{{Level: network.Error, Code: "not_private", Field: "text", Message: "Only comments are answered in private.", Fix: "Answer in public."}}
	case r.At.Sub(r.To.At) > privateFor:
		return nil, []network.Problem{{Level: network.Error, Code: "reply_window", Field: "text", Message: "The comment is more than 7 days old.", Fix: "Answer in public."}}
	}
	r.To.Kind = network.Direct
	return s.PlanReply(r, a)
}

// The kinds of items that are reactions.
const (
	liked    network.MessageKind = "like"
	shared   network.MessageKind = "share"
	followed network.MessageKind = "follow"
)

// Fetch returns what people said and did since the cursor: how much was heard so far, and the last of it.
func (s *Sandbox) Fetch(_ context.Context, session network.Session, cursor string) (network.Batch, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return network.Batch{}, err
	}
	heard := s.world.heard[session.Account.ID]
	from := max(0, len(heard)-perFetch)
	if cursor != "" {
		count, last, _ := strings.Cut(cursor, " ")
		n, err := strconv.Atoi(count)
		if err != nil || n < 0 {
			return network.Batch{}, fault.Rejectedf("the stored place in the conversations cannot be read")
		}
		if from = n; n > len(heard) || n > 0 && heard[n-1].ID != last { // a crash took the end away: read it again
			from = max(0, min(n, len(heard))-perFetch)
		}
	}
	to := min(from+perFetch, len(heard))
	b := network.Batch{Cursor: strconv.Itoa(to), More: to < len(heard)}
	if to > 0 {
		b.Cursor += " " + heard[to-1].ID
	}
	for _, it := range heard[from:to] {
		switch it.Kind {
		case liked, shared, followed:
			p := personOf(it.Author)
			b.Reactions = append(b.Reactions, network.Reaction{Remote: network.Remote{ID: it.ID, URL: p.URL}, Kind: string(it.Kind), From: p, On: it.ReplyTo, At: it.At.UTC()})
		default:
			b.Messages = append(b.Messages, message(it))
		}
	}
	return b, nil
}

func message(it *Item) network.Message {
	thread := root(it)
	if it.Kind == network.Direct {
		thread = "dm-" + it.Author
	}
	p := personOf(it.Author)
	return network.Message{Remote: network.Remote{ID: it.ID, URL: address(p.Handle, it.ID)}, Kind: it.Kind, Thread: thread, ReplyTo: it.ReplyTo, From: p, Text: it.Text, At: it.At.UTC(), Removed: it.Removed}
}

// Acts are what the sandbox offers.
func (*Sandbox) Acts(kind network.MessageKind) []network.Act {
	person := []network.Act{network.Mute, network.Unmute, network.Block, network.Unblock, network.Report}
	if kind == network.Direct {
		return append([]network.Act{network.Like, network.Unlike}, person...)
	}
	return append([]network.Act{network.Like, network.Unlike, network.Share, network.Hide, network.Unhide, network.Delete, network.Approve, network.Spam, network.Trash}, person...)
}

// Act likes, hides or mutes; doing it again changes nothing.
func (s *Sandbox) Act(_ context.Context, session network.Session, act network.Act, on network.Remote) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return err
	}
	it := s.world.item(session.Account.ID, on)
	switch {
	case it == nil && act == network.Delete, it != nil && it.Removed && act == network.Delete:
		return nil
	case it == nil || it.Removed:
		return fault.Rejectedf("the message is gone")
	}
	silent := session.Account.ID + "/" + it.Author
	switch act {
	case network.Like, network.Unlike:
		it.Liked = act == network.Like
	case network.Hide, network.Unhide:
		it.Hidden = act == network.Hide
	case network.Spam, network.Trash, network.Approve:
		it.Hidden = act != network.Approve
	case network.Mute, network.Block:
		s.world.s.Muted[silent] = true
	case network.Delete:
		it.Removed = true
	case network.Unmute, network.Unblock:
		delete(s.world.s.Muted, silent)
	case network.Share, network.Report: // nobody counts the followers it is shown to, and nobody judges here
	default:
		return fault.Rejectedf("the sandbox has no way to %s a message", act)
	}
	s.world.touch(it)
	return nil
}

// PostMetrics returns what the public did with items so far.
func (s *Sandbox) PostMetrics(_ context.Context, session network.Session, items []network.Remote) ([]network.Measured, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return nil, err
	}
	var out []network.Measured
	for _, r := range items {
		it := s.world.item(session.Account.ID, r)
		if it == nil || it.Removed || s.world.over(it) {
			out = append(out, network.Measured{RemoteID: r.ID, Gone: true})
			continue
		}
		out = append(out, it.measured(r.ID))
	}
	return out, nil
}

// AccountMetrics returns the followers.
func (s *Sandbox) AccountMetrics(_ context.Context, session network.Session) (network.Values, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return nil, err
	}
	return network.Values{"M-FOLL": s.world.s.Accounts[session.Account.ID].Followers}, nil
}

// SearchPeople finds people of the public by name, handle or what they care about.
func (*Sandbox) SearchPeople(_ context.Context, _ network.Session, query string, limit int) ([]network.Person, error) {
	query = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(query), "@"))
	var out []network.Person
	for i, p := range people {
		found := personOf(personID(i))
		if len(out) < limit && (strings.Contains(strings.ToLower(found.Name), query) || strings.Contains(found.Handle, query) || query != "" && strings.Contains(strings.ToLower(p.bio), query)) {
			out = append(out, found)
		}
	}
	return out, nil
}
