package channel

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Channels are all connected channels.
type Channels struct {
	db       *db.DB
	events   *event.Events
	keys     *secret.Keys
	networks *network.Registry
	http     *safehttp.Client
	base     *url.URL // where networks reach us; nil = nowhere
	meter    *meter
}

// New returns the channels of this database. http is the one outgoing client every connector is handed.
func New(database *db.DB, events *event.Events, keys *secret.Keys, networks *network.Registry, http *safehttp.Client) *Channels {
	return &Channels{db: database, events: events, keys: keys, networks: networks, http: http, meter: newMeter()}
}

// Networks is what can be connected.
func (c *Channels) Networks() *network.Registry { return c.networks }

// Network returns a channel's network, or nil where this program does not know it. For a channel in test mode it is an
// imitation that reaches nobody.
func (c *Channels) Network(ch Channel) network.Network { return c.networks.Of(ch.Network, ch.Account) }

const columns = `c.workspace_id, c.id, c.brand_id, c.connection_id, c.network, c.remote_id, c.handle, c.name, c.url, c.avatar_url,
	c.account, c.zone, c.defaults, c.responsible_id, c.late_window, c.min_gap, c.month_cap, c.paused_until, c.paused_reason,
	c.inbox_cursor, c.inbox_at, c.inbox_error, c.news_at, c.news_problem, c.created_at, c.disconnected_at, n.state, n.state_reason, n.expires_at, n.checked_at`

const from = ` from channels c join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id`

// Get returns one channel of the actor's workspace, connected or not.
func (c *Channels) Get(ctx context.Context, actor workspace.Actor, channelID string) (Channel, error) {
	return c.get(ctx, c.db, actor.WorkspaceID, channelID)
}

func (c *Channels) get(ctx context.Context, q db.Queryer, workspaceID, channelID string) (Channel, error) {
	ch, err := db.One[Channel](ctx, q, `select `+columns+from+` where c.workspace_id = $1 and c.id = $2`, workspaceID, channelID)
	if fault.Is(err, fault.NotFound) {
		return ch, fault.NotFoundf("there is no such channel in this workspace")
	}
	return ch, err
}

// List returns the connected channels by network and name.
func (c *Channels) List(ctx context.Context, actor workspace.Actor) ([]Channel, error) {
	return db.All[Channel](ctx, c.db, `select `+columns+from+` where c.workspace_id = $1 and c.disconnected_at is null
		order by c.network, c.name, c.id`, actor.WorkspaceID)
}

// Session opens a channel for calls: its network, account and grant. The grant is refreshed first when it is about
// to end. A connection that no longer works answers with an Unauthorised fault and makes no call.
func (c *Channels) Session(ctx context.Context, workspaceID, channelID string) (Channel, network.Network, network.Session, error) {
	ch, err := c.get(ctx, c.db, workspaceID, channelID)
	if err != nil {
		return ch, nil, network.Session{}, err
	}
	n := c.Network(ch)
	if n == nil {
		return ch, nil, network.Session{}, fault.Rejectedf("this program does not know the network %q", ch.Network)
	}
	if !ch.Disconnected.IsZero() || !ch.State.Works() {
		return ch, n, network.Session{}, fault.Wrap(fault.Unauthorised, nil, fmt.Sprintf("%s on %s is not connected: %s",
			ch.Name, n.Spec().Name, ch.StateReason)).WithHint("Reconnect the channel under Channels; its queue is kept.")
	}
	grant, err := c.grant(ctx, ch)
	if err != nil {
		return ch, n, network.Session{}, err
	}
	app, err := c.app(ctx, workspaceID, n)
	if err != nil {
		return ch, n, network.Session{}, err
	}
	s := network.Session{Account: ch.Account, Grant: grant, App: app, HTTP: c.http.Heard(c.meter.of(ch))}
	if r, ok := n.(network.Refresher); ok && refreshDue(grant, ch.CheckedAt, db.Now()) {
		if s.Grant, err = c.refresh(ctx, ch, r, s); err != nil {
			return ch, n, network.Session{}, err
		}
	}
	return ch, n, s, nil
}

// refreshDue follows R18: ten minutes before the end, or a tenth of the remaining life if that is longer than the
// time left when it was last renewed.
func refreshDue(g network.Grant, renewed, now time.Time) bool {
	if g.ExpiresAt.IsZero() {
		return false
	}
	lead := 10 * time.Minute
	if !renewed.IsZero() {
		if life := g.ExpiresAt.Sub(renewed); life > 0 && life/10 < lead {
			lead = life / 10
		}
	}
	return !now.Add(lead).Before(g.ExpiresAt)
}

func (c *Channels) grant(ctx context.Context, ch Channel) (network.Grant, error) {
	sealed, err := db.One[string](ctx, c.db, `select grant_sealed from connections where workspace_id = $1 and id = $2`,
		ch.WorkspaceID, ch.ConnectionID)
	if err != nil {
		return network.Grant{}, err
	}
	return c.open(sealed, ch.ConnectionID)
}

func (c *Channels) open(sealed, connectionID string) (network.Grant, error) {
	var g network.Grant
	plain, err := c.keys.Open(sealed, boundTo(connectionID))
	if err != nil {
		return g, fmt.Errorf("open the grant of %s: %w", connectionID, err)
	}
	if err := json.Unmarshal(plain, &g); err != nil {
		return g, fmt.Errorf("read the grant of %s: %w", connectionID, err)
	}
	return g, nil
}

func (c *Channels) seal(g network.Grant, connectionID string) (string, error) {
	plain, err := json.Marshal(g)
	if err != nil {
		return "", err
	}
	return c.keys.Seal(plain, boundTo(connectionID))
}

func boundTo(connectionID string) string { return "connections/" + connectionID }

// In returns one channel as a transaction sees it, for rooms that change things beside it.
func (c *Channels) In(ctx context.Context, q db.Queryer, workspaceID, channelID string) (Channel, error) {
	return c.get(ctx, q, workspaceID, channelID)
}
