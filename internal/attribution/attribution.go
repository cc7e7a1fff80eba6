// Package attribution says what earned a conversion or an order: the journey of touchpoints behind it and the credit
// each gets.
//
// It promises that credit is given only by deterministic links (the same visitor, or a contact known to be that
// visitor), that a touchpoint after the order never counts, and that the credits of an order add up to it exactly.
package attribution

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Lookback is how many days before an order a touchpoint may lie (PRODUCT §7.2).
const Lookback = 90

// Attribution gives orders their last touch.
type Attribution struct {
	db     *db.DB
	events *event.Events
	orders *customer.Orders
	track  *track.Track
}

// New returns the attribution of this database.
func New(database *db.DB, events *event.Events, orders *customer.Orders, t *track.Track) *Attribution {
	return &Attribution{db: database, events: events, orders: orders, track: t}
}

// Listen credits orders as they arrive or change.
func (a *Attribution) Listen() {
	a.events.On("attribution", func(ctx context.Context, e event.Event) error {
		// The click may still be in the spool while its order is here already.
		if err := a.track.Flush(ctx); err != nil {
			slog.Warn("flush before attribution", "error", err)
		}
		return a.Credit(ctx, e.WorkspaceID, e.Entity)
	}, "order.recorded", "order.updated")
}

// Credit finds the last touch with a source of an order's visitor, and of the visitors its contact is known by,
// within the lookback, and stores it with the order. An order without any is counted as unattributed, never guessed.
func (a *Attribution) Credit(ctx context.Context, workspaceID, orderID string) error {
	return a.db.Tx(ctx, func(tx *db.Tx) error {
		o, err := a.orders.In(ctx, tx, workspaceID, orderID)
		if err != nil {
			return err
		}
		visitors, err := a.visitors(ctx, tx, o)
		if err != nil {
			return err
		}
		touch, err := a.track.LastTouch(ctx, tx, workspaceID, visitors, o.OrderedAt.AddDate(0, 0, -Lookback), o.OrderedAt)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		posts, err := db.All[string](ctx, tx, `select post_id from targets where workspace_id = $1 and id = $2`, workspaceID, touch.TargetID)
		if err != nil {
			return err
		}
		postID := ""
		if len(posts) > 0 {
			postID = posts[0]
		}
		if _, err := db.Exec(ctx, tx, `update orders set link_id = $3, target_id = $4, post_id = $5, campaign_id = $6, channel_id = $7, channel_group = $8, touch_at = $9
			where workspace_id = $1 and id = $2`, workspaceID, orderID, touch.LinkID, touch.TargetID, postID, touch.CampaignID, touch.ChannelID, touch.Group, touch.At); err != nil {
			return fmt.Errorf("credit order %s: %w", orderID, err)
		}
		if err := metric.Stale(ctx, tx, workspaceID, metric.OfOrders, o.OrderedAt); err != nil {
			return err
		}
		return a.events.Record(ctx, tx, workspaceID, "system", "order.credited", orderID, map[string]string{"target": touch.TargetID, "campaign": touch.CampaignID})
	})
}

// visitors are the browsers an order's person is known by.
func (a *Attribution) visitors(ctx context.Context, q db.Queryer, o customer.Order) ([]string, error) {
	var out []string
	if o.Visitor != "" {
		out = append(out, o.Visitor)
	}
	if o.ContactID == "" {
		return out, nil
	}
	known, err := db.All[string](ctx, q, `select distinct visitor from track_events where workspace_id = $1 and contact_id = $2 limit 50`, o.WorkspaceID, o.ContactID)
	if err != nil {
		return nil, err
	}
	return append(out, known...), nil
}

// Journey returns the touchpoints of an order's visitors before it, the oldest first.
func (a *Attribution) Journey(ctx context.Context, actor workspace.Actor, orderID string) ([]track.Touchpoint, error) {
	o, err := a.orders.Get(ctx, actor, orderID)
	if err != nil {
		return nil, err
	}
	visitors, err := a.visitors(ctx, a.db, o)
	if err != nil {
		return nil, err
	}
	return a.track.Touchpoints(ctx, actor, visitors, o.OrderedAt.AddDate(0, 0, -Lookback), o.OrderedAt)
}
