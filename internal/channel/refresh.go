package channel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// hold is how long one worker may keep the lock of a grant: longer than any refresh call may take.
const hold = 45 * time.Second

// Refresh renews the grant now, whatever its age: the journal asks for it once after a 401 in mid-flight (R20).
func (c *Channels) Refresh(ctx context.Context, workspaceID, channelID string) error {
	ch, n, s, err := c.Session(ctx, workspaceID, channelID)
	if err != nil {
		return err
	}
	r, ok := n.(network.Refresher)
	if !ok {
		return fault.Wrap(fault.Unauthorised, nil, "this network's grants cannot be renewed without a person")
	}
	_, err = c.refresh(ctx, ch, r, s)
	return err
}

// refresh renews a grant under its one lock (R18, R19). The new grant is committed before anyone uses it. Whoever
// finds the lock taken answers Later instead of making a second call, since a rotating token used twice ends the
// connection.
func (c *Channels) refresh(ctx context.Context, ch Channel, r network.Refresher, s network.Session) (network.Grant, error) {
	owner, now := id.New("lock"), db.Now()
	taken, err := db.Exec(ctx, c.db, `update connections set refresh_owner = $3, refresh_until = $4
		where workspace_id = $1 and id = $2 and (refresh_until is null or refresh_until < $5)`,
		ch.WorkspaceID, ch.ConnectionID, owner, now.Add(hold), now)
	if err != nil {
		return s.Grant, err
	}
	if taken == 0 {
		if s.Grant.ExpiresAt.After(now.Add(5 * time.Second)) {
			return s.Grant, nil // still good; somebody else is renewing it
		}
		return s.Grant, &fault.Error{Kind: fault.Later, Message: "the connection is being renewed", RetryAt: now.Add(2 * time.Second)}
	}
	// The lock is ours now: what we read before may be an older grant.
	current, err := c.grant(ctx, ch)
	if err != nil {
		return s.Grant, err
	}
	if current.ExpiresAt.After(s.Grant.ExpiresAt) {
		return current, c.unlock(ctx, ch, owner)
	}
	fresh, err := r.Refresh(ctx, network.Session{Account: s.Account, Grant: current, App: s.App, HTTP: s.HTTP})
	if err != nil {
		if fault.Is(err, fault.Unauthorised) {
			reason := "the network refused to renew the connection: " + fault.As(err).Message
			return s.Grant, errors.Join(err, c.db.Tx(ctx, func(tx *db.Tx) error {
				return c.NeedsReconnect(ctx, tx, ch.WorkspaceID, ch.ID, reason)
			}))
		}
		_ = c.unlock(ctx, ch, owner)
		return s.Grant, err
	}
	sealed, err := c.seal(fresh, ch.ConnectionID)
	if err != nil {
		return s.Grant, err
	}
	if _, err := db.Exec(ctx, c.db, `update connections set grant_sealed = $3, expires_at = $4, checked_at = $5,
		refresh_owner = '', refresh_until = null where workspace_id = $1 and id = $2`,
		ch.WorkspaceID, ch.ConnectionID, sealed, fresh.ExpiresAt, db.Now()); err != nil {
		return s.Grant, fmt.Errorf("store the renewed grant: %w", err)
	}
	return fresh, nil
}

func (c *Channels) unlock(ctx context.Context, ch Channel, owner string) error {
	_, err := db.Exec(ctx, c.db, `update connections set refresh_owner = '', refresh_until = null
		where workspace_id = $1 and id = $2 and refresh_owner = $3`, ch.WorkspaceID, ch.ConnectionID, owner)
	return err
}

// NeedsReconnect marks the connection behind a channel as no longer accepted. Its queue is held, not failed; the
// admins and the responsible person are told by the event.
func (c *Channels) NeedsReconnect(ctx context.Context, tx *db.Tx, workspaceID, channelID, reason string) error {
	ch, err := c.get(ctx, tx, workspaceID, channelID)
	if err != nil {
		return err
	}
	changed, err := db.Exec(ctx, tx, `update connections set state = $3, state_reason = $4, refresh_owner = '', refresh_until = null
		where workspace_id = $1 and id = $2 and state <> $3`, workspaceID, ch.ConnectionID, NeedsReconnect, reason)
	if err != nil || changed == 0 {
		return err
	}
	actor := workspace.System(workspaceID)
	if err := workspace.Audit(ctx, tx, actor, "channel.needs_reconnect", ch.ID, ch.State, map[string]string{"reason": reason}); err != nil {
		return err
	}
	return c.events.Record(ctx, tx, workspaceID, actor.ID(), "channel.needs_reconnect", ch.ID,
		map[string]string{"name": ch.Name, "network": ch.Network, "reason": reason, "responsible": ch.ResponsibleID})
}
