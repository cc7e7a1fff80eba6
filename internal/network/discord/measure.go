package discord

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/network"
)

// PostMetrics reads each message's reactions and the length of its thread. When Discord stops answering midway, what was
// read so far comes with the error.
func (n Discord) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) (out []network.Measured, err error) {
	c := clientOf(n.at, s)
	for _, it := range items {
		var m message
		err := c.get(ctx, c.itemOf(it, s.Account), nil, &m)
		if c.absent(err) {
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
			continue
		}
		if err != nil {
			return out, err
		}
		v := network.Values{"M-LIKE": 0} // Discord leaves out what has no reactions
		for _, r := range m.Reactions {
			v["M-LIKE"] += r.Count
		}
		thread := m.Thread
		if it.Data["kind"] == "forum" {
			thread = &channel{}
			if err := c.get(ctx, "/channels/"+it.Data["thread"], nil, thread); err != nil {
				return out, err
			}
		}
		if thread != nil && thread.Messages != nil {
			v["M-COMM"] = *thread.Messages
		}
		out = append(out, network.Measured{RemoteID: it.ID, Values: v})
	}
	return out, nil
}

// AccountMetrics reads the server's members.
func (n Discord) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	g, err := clientOf(n.at, s).guild(ctx, s.Account.Extra["guild"])
	if err != nil {
		return nil, err
	}
	v := network.Values{}
	if g.Members != nil {
		v["M-FOLL"] = *g.Members
	}
	return v, nil
}
