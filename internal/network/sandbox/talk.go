package sandbox

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// perFetch is how many messages one page holds.
const perFetch = 40

// Fetch returns what people said since the cursor, the number of items heard so far.
func (s *Sandbox) Fetch(_ context.Context, session network.Session, cursor string) (network.Batch, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return network.Batch{}, err
	}
	heard := s.world.heard[session.Account.ID]
	from, err := strconv.Atoi(cursor)
	if cursor == "" || err != nil || from < 0 {
		from = 0
	}
	var b network.Batch
	to := min(from+perFetch, len(heard))
	for _, it := range heard[min(from, len(heard)):to] {
		b.Messages = append(b.Messages, s.message(session, it))
	}
	b.Cursor, b.More = strconv.Itoa(to), to < len(heard)
	return b, nil
}

func (s *Sandbox) message(session network.Session, it *Item) network.Message {
	thread := root(it)
	if it.Kind == network.Direct {
		thread = "dm-" + it.Author
	}
	p := personOf(it.Author)
	return network.Message{Remote: network.Remote{ID: it.ID, URL: s.url(p.Handle, it.ID)}, Kind: it.Kind, Thread: thread, ReplyTo: it.ReplyTo, From: p, Text: it.Text, At: it.At, Removed: it.Removed}
}

// PlanReply answers a comment in its thread, a direct message directly.
func (s *Sandbox) PlanReply(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	d := network.Draft{Key: r.Key, At: r.At, Parts: []network.Part{{Text: r.Text, Media: r.Media}}}
	if _, problems := s.Plan(d, a); len(problems) > 0 {
		return nil, problems
	}
	raw, _ := json.Marshal(payload{Text: r.Text, ReplyTo: r.To.ID, Media: len(r.Media), Direct: r.To.Kind == network.Direct, At: r.At})
	return []network.Step{{Name: "reply", Kind: network.Keyed, Public: true, Key: r.Key + "/reply", Payload: raw}}, nil
}

// Acts are what the sandbox offers.
func (*Sandbox) Acts() []network.Act {
	return []network.Act{network.Like, network.Unlike, network.Share, network.Hide, network.Unhide, network.Mute, network.Unmute, network.Block}
}

// Act likes, hides or mutes; doing it again changes nothing.
func (s *Sandbox) Act(_ context.Context, session network.Session, act network.Act, on network.Remote) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return err
	}
	it := s.world.byID[on.ID]
	if it == nil || it.Removed {
		return fault.Rejectedf("the message is gone")
	}
	s.world.dirty = true
	switch act {
	case network.Like, network.Unlike:
		it.Liked = act == network.Like
	case network.Hide, network.Unhide:
		it.Hidden = act == network.Hide
	case network.Mute, network.Block:
		s.world.s.Muted[session.Account.ID+"/"+it.Author] = true
	case network.Unmute:
		delete(s.world.s.Muted, session.Account.ID+"/"+it.Author)
	}
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
		it := s.world.byID[r.ID]
		if it == nil || it.Removed {
			out = append(out, network.Measured{RemoteID: r.ID, Gone: true})
			continue
		}
		out = append(out, network.Measured{RemoteID: r.ID, Values: network.Values{"M-IMPR": it.Shown, "M-REACH": it.Reach, "M-LIKE": it.Likes, "M-COMM": it.Comments, "M-SHARE": it.Shares, "M-SAVE": it.Saves}})
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
	a := s.world.s.Accounts[session.Account.ID]
	if a == nil {
		return nil, fault.Wrap(fault.Unauthorised, nil, "the sandbox has no such account")
	}
	return network.Values{"M-FOLL": a.Followers}, nil
}

// SearchPeople finds people of the public by name or handle.
func (*Sandbox) SearchPeople(_ context.Context, _ network.Session, query string, limit int) ([]network.Person, error) {
	query = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(query), "@"))
	var out []network.Person
	for i := range people {
		p := personOf("person-" + strconv.Itoa(i))
		if len(out) < limit && (strings.Contains(strings.ToLower(p.Name), query) || strings.Contains(p.Handle, query)) {
			out = append(out, p)
		}
	}
	return out, nil
}
