package inbox_test

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
)

// windowed is the sandbox with the windows of a stricter network: direct messages for a day, as an answer by a person for
// a week, and one private answer to a comment within a week.
type windowed struct{ *sandbox.Sandbox }

func (w windowed) Spec() network.Spec {
	s := w.Sandbox.Spec()
	s.Windows = []network.Window{
		{Kind: network.Direct, For: 24 * time.Hour, Longer: 7 * 24 * time.Hour, Words: "A day."},
		{Kind: network.Comment, Private: true, For: 7 * 24 * time.Hour, Words: "A week."},
	}
	return s
}

func (w windowed) PlanPrivate(r network.Reply, a network.Account) ([]network.Step, []network.Problem) {
	if r.To.Data["closed"] != "" {
		return nil, []network.Problem{{Level: network.Error, Code: "not_private", Field: "text", Message: "Its author takes none.", Fix: "Answer in public."}}
	}
	r.To.Kind = network.Direct
	return w.Sandbox.PlanReply(r, a)
}

// direct is a private message by somebody in their own thread.
func (h *house) direct(who, text string) network.Message {
	m := h.from(who, text)
	m.Kind, m.Thread = network.Direct, "dm-"+who
	return m
}
