package demo

import (
	"context"
	"fmt"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
)

// care lets people write on the networks' test channels, each in the ways it has, and keeps holds that look at it.
func (s *sample) care(ctx context.Context) error {
	for _, h := range []inbox.Hold{
		{Kind: inbox.HoldWords, Name: inbox.Starters[0].Name, Language: inbox.Starters[0].Language, Words: inbox.Starters[0].Words, Hides: true, Enabled: true},
		{Kind: inbox.HoldLink, Name: "Links from strangers", Enabled: true},
	} {
		if _, err := s.Inbox.KeepHold(ctx, s.actor, h); err != nil {
			return err
		}
	}
	all, err := s.Channels.List(ctx, s.actor)
	if err != nil {
		return err
	}
	for _, ch := range all {
		if !s.hears(ch) {
			continue
		}
		for _, said := range []struct {
			on    string
			kind  network.MessageKind
			words string
		}{
			{"facebook", network.Comment, "My parcel never arrived. Who can I talk to about my order?"},
			{"facebook", network.Comment, "Get free followers today, whatsapp me!"},
			{"facebook", network.Direct, "Hello! Is the barista class on Saturday still on?"},
			{"instagram", network.Comment, "Which beans are in this picture? 😍"},
			{"instagram", network.Direct, "Hi, can I change the address of my order?"},
			{"googlebusiness", network.Mention, "Lovely place and the best cortado in town. The queue was long, though."},
			{"youtube", network.Comment, "Could you show the grinder settings in the next video?"},
			{"telegram", network.Comment, "More roasts here: https://coffee-deals.com/today"},
			{"bluesky", network.Comment, "Does it ship to Portugal?"},
		} {
			if said.on == ch.Network {
				s.World.Say(ch.RemoteID, said.kind, "", said.words)
			}
		}
		if err := s.Inbox.Poll(ctx, ch.WorkspaceID, ch.ID); err != nil {
			return fmt.Errorf("read %s: %w", ch.Network, err)
		}
	}
	return s.answered(ctx)
}

func (s *sample) hears(ch channel.Channel) bool {
	_, converses := s.Channels.Network(ch).(network.Converser)
	return converses && ch.BrandID != s.brand.ID
}

// answered answers the newest direct message of the Page.
func (s *sample) answered(ctx context.Context) error {
	lines, _, err := s.Inbox.List(ctx, s.actor, inbox.Filter{Kind: string(network.Direct), Limit: 50})
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Network == "facebook" {
			_, err := s.Inbox.Reply(ctx, s.actor, inbox.Answer{ConversationID: l.ID, Text: "It is, at ten. See you there!"})
			return err
		}
	}
	return nil
}
