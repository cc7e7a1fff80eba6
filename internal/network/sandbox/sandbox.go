package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Do carries out one step.
func (s *Sandbox) Do(_ context.Context, session network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	if p.Item != "" {
		return s.edit(session, p)
	}
	it := Item{Key: step.Key, Account: session.Account.ID, Text: p.Text, ReplyTo: p.ReplyTo, Media: p.Media, Poll: p.Poll, Film: p.Film, Story: p.Story, At: s.world.clock()}
	if p.Seen != everyone {
		it.Seen = p.Seen
	}
	if p.After != "" {
		if it.ReplyTo = earlier[p.After].RemoteID; it.ReplyTo == "" {
			return network.Outcome{}, fault.Rejectedf("the part before this one (%s) is not published", p.After)
		}
	}
	if p.Direct {
		it.Kind = network.Direct
	}
	made, err := s.world.publish(it)
	if err != nil {
		return network.Outcome{}, err
	}
	return outcome(session, made), nil
}

// outcome carries all that is needed to put the item back into a world that a crash took it from.
func outcome(session network.Session, it *Item) network.Outcome {
	data := map[string]string{"key": it.Key, "text": it.Text, "at": it.At.Format(time.RFC3339Nano)}
	if it.ReplyTo != "" {
		data["reply_to"] = it.ReplyTo
	}
	if it.Story {
		data["kind"] = story
	}
	return network.Outcome{RemoteID: it.ID, URL: address(session.Account.Handle, it.ID), Data: data}
}

// Find looks a key up: the answer is exact.
func (s *Sandbox) Find(_ context.Context, session network.Session, step network.Step, _ network.Outcomes, _ time.Time) (network.Finding, network.Outcome, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if it := s.world.byKey[step.Key]; it != nil && step.Key != "" {
		return network.Found, outcome(session, it), nil
	}
	return network.Absent, network.Outcome{}, nil
}

// Read reads an item back.
func (s *Sandbox) Read(_ context.Context, session network.Session, item network.Remote) (network.Live, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return network.Live{}, err
	}
	it := s.world.item(session.Account.ID, item)
	if it == nil || it.Removed || s.world.over(it) {
		return network.Live{Remote: item}, nil
	}
	return live(session, it), nil
}

func live(session network.Session, it *Item) network.Live {
	o := outcome(session, it)
	return network.Live{Remote: network.Remote{ID: it.ID, URL: o.URL, Data: o.Data}, Exists: true, Text: it.Text, MediaCount: it.Media,
		Visibility: cmp.Or(it.Seen, everyone), At: it.At.UTC(), ReplyTo: it.ReplyTo}
}

func (s *Sandbox) edit(session network.Session, p payload) (network.Outcome, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return network.Outcome{}, err
	}
	it := s.world.byID[p.Item]
	if it == nil || it.Removed || it.Author != session.Account.ID {
		return network.Outcome{}, fault.Rejectedf("the post to change is gone")
	}
	it.Text = p.Text
	s.world.touch(it)
	return outcome(session, it), nil
}

// Delete removes an item; deleting what is gone succeeds.
func (s *Sandbox) Delete(_ context.Context, session network.Session, item network.Remote) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return err
	}
	if it := s.world.item(session.Account.ID, item); it != nil && it.Account == session.Account.ID {
		it.Removed = true
		s.world.touch(it)
	}
	return nil
}

// Own lists the account's own posts, the newest first. Its place is the id of the last one listed.
func (s *Sandbox) Own(_ context.Context, session network.Session, before string, limit int) ([]network.Live, string, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return nil, "", err
	}
	own := s.world.own[session.Account.ID]
	i := len(own) - 1
	if before != "" {
		for ; i >= 0 && own[i].ID != before; i-- {
		}
		i--
	}
	var out []network.Live
	for ; i >= 0 && len(out) < limit; i-- {
		if !own[i].Removed {
			out = append(out, live(session, own[i]))
		}
	}
	if len(out) < limit || limit < 1 {
		return out, "", nil
	}
	return out, out[len(out)-1].ID, nil
}
