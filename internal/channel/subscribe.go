package channel

import (
	"context"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Reachable lets networks call us below base, the public address of this installation; nil is an installation without
// one. Call it before anything is connected.
func (c *Channels) Reachable(base *url.URL) { c.base = base }

// subscription is who can be asked to call us with a channel's news, and the address for it; nil where nobody can.
func (c *Channels) subscription(ctx context.Context, ch Channel) (network.Subscriber, string, error) {
	s, ok := c.Network(ch).(network.Subscriber)
	if !ok || ch.Test() || c.base == nil || c.base.Scheme != "https" {
		return nil, "", nil
	}
	row, found, err := c.appRow(ctx, ch.WorkspaceID, ch.Network)
	if err != nil || !found {
		return nil, "", err
	}
	return s, c.base.JoinPath("hooks", ch.Network, row.Hook).String(), nil
}

// subscribe has the network call us with a channel's news, or makes sure that it still does. That it cannot is shown with
// the channel and is no obstacle to anything: news is also fetched.
func (c *Channels) subscribe(ctx context.Context, workspaceID, channelID string) error {
	ch, _, session, err := c.Session(ctx, workspaceID, channelID)
	if err != nil {
		if fault.KindOf(err) != fault.Internal {
			return nil // said elsewhere: the channel does not work at the moment
		}
		return err
	}
	to, address, err := c.subscription(ctx, ch)
	if err != nil || to == nil {
		return err
	}
	switch on, err := to.Subscribe(ctx, session, address); {
	case err != nil && (fault.Is(err, fault.Later) || fault.Is(err, fault.Unknown)):
		return nil // the next check asks again
	case err != nil:
		f := fault.As(err)
		_, err = db.Exec(ctx, c.db, `update channels set news_at = null, news_problem = $3 where workspace_id = $1 and id = $2`, workspaceID, channelID, clip(f.Message+". "+f.Hint, 400))
		return err
	case !on:
		_, err = db.Exec(ctx, c.db, `update channels set news_at = null, news_problem = '' where workspace_id = $1 and id = $2`, workspaceID, channelID)
		return err
	}
	_, err = db.Exec(ctx, c.db, `update channels set news_at = $3, news_problem = '' where workspace_id = $1 and id = $2`, workspaceID, channelID, db.Now())
	return err
}

// unsubscribe ends the network's calls for a channel, as well as it can.
func (c *Channels) unsubscribe(ctx context.Context, ch Channel, grant network.Grant) {
	if ch.NewsAt.IsZero() {
		return
	}
	to, address, err := c.subscription(ctx, ch)
	if err != nil || to == nil {
		return
	}
	app, err := c.app(ctx, ch.WorkspaceID, c.Network(ch))
	if err != nil {
		return
	}
	if to.Unsubscribe(ctx, network.Session{Account: ch.Account, Grant: grant, App: app, HTTP: c.http}, address) == nil {
		_, _ = db.Exec(ctx, c.db, `update channels set news_at = null where workspace_id = $1 and id = $2`, ch.WorkspaceID, ch.ID) // shown with a channel that is gone: nobody misses it
	}
}
