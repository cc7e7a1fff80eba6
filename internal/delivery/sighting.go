package delivery

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Sighting is a post met on the channel that may be what a delivery has made: evidence for the person who decides.
type Sighting struct {
	DeliveryID string       `db:"delivery_id"`
	RemoteID   string       `db:"remote_id"`
	Item       network.Live `db:"item,json"`
	Fit        float64      `db:"fit"` // how alike the texts are, 0 … 1
	SeenAt     time.Time    `db:"seen_at"`
}

const sightingColumns = `delivery_id, remote_id, item, fit, seen_at`

// Sight keeps an item as evidence. Met again it is kept as it looks now.
func (j *Journal) Sight(ctx context.Context, tx *db.Tx, workspaceID, channelID string, e Expected, item network.Live, fit float64) error {
	n, err := db.Exec(ctx, tx, `update sightings set delivery_id = $4, item = $5, fit = $6 where workspace_id = $1 and channel_id = $2 and remote_id = $3`,
		workspaceID, channelID, item.ID, e.DeliveryID, db.JSON(item), fit)
	if err != nil || n > 0 {
		return err
	}
	if _, err := db.Exec(ctx, tx, `insert into sightings (workspace_id, channel_id, remote_id, delivery_id, item, fit, seen_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		workspaceID, channelID, item.ID, e.DeliveryID, db.JSON(item), fit, j.clock()); err != nil {
		return err
	}
	return j.events.Record(ctx, tx, workspaceID, "system", "delivery.sighted", e.DeliveryID, map[string]string{"channel": channelID, "url": item.URL})
}

// Sightings are what was met on the channel that may be this delivery's, the likeliest first.
func (j *Journal) Sightings(ctx context.Context, actor workspace.Actor, deliveryID string) ([]Sighting, error) {
	return db.All[Sighting](ctx, j.db, `select `+sightingColumns+` from sightings where workspace_id = $1 and delivery_id = $2 order by fit desc, remote_id limit 10`, actor.WorkspaceID, deliveryID)
}

// SightedOn are all sightings of a channel, for the reading that asks whether they still wait for anything.
func (j *Journal) SightedOn(ctx context.Context, q db.Queryer, workspaceID, channelID string) ([]Sighting, error) {
	return db.All[Sighting](ctx, q, `select `+sightingColumns+` from sightings where workspace_id = $1 and channel_id = $2 order by seen_at, remote_id limit 200`, workspaceID, channelID)
}

// Forget drops a sighting whose question is answered.
func (j *Journal) Forget(ctx context.Context, tx *db.Tx, workspaceID, channelID, remoteID string) error {
	_, err := db.Exec(ctx, tx, `delete from sightings where workspace_id = $1 and channel_id = $2 and remote_id = $3`, workspaceID, channelID, remoteID)
	return err
}

// ThatIsIt takes a person's word that a sighted post is what the delivery has made: it is live, under the id and the
// address it was met with.
func (j *Journal) ThatIsIt(ctx context.Context, actor workspace.Actor, deliveryID, remoteID string) error {
	d, err := j.mayDecide(ctx, actor, deliveryID)
	if err != nil {
		return err
	}
	if d.State != NeedsHuman && d.State != Handover {
		return fault.Conflictf("this delivery needs no decision; it is %s", d.State).WithCode("invalid_transition")
	}
	seen, err := db.One[Sighting](ctx, j.db, `select `+sightingColumns+` from sightings where workspace_id = $1 and delivery_id = $2 and remote_id = $3`, actor.WorkspaceID, deliveryID, remoteID)
	if fault.Is(err, fault.NotFound) {
		return fault.NotFoundf("this post is no longer among what was met on the channel")
	}
	if err != nil {
		return err
	}
	return j.resolve(ctx, actor, &line{j: j, workspaceID: d.WorkspaceID, channelID: d.ChannelID}, d, IsLive, seen.Item)
}

// Vanished hears of a target that its network no longer has (metric.gone).
func (j *Journal) Vanished(ctx context.Context, e event.Event) error {
	return j.db.Tx(ctx, func(tx *db.Tx) error { return j.Gone(ctx, tx, e.WorkspaceID, e.Entity) })
}

// Gone takes the word of a network that a published target is no longer there. What was measured of it is kept.
func (j *Journal) Gone(ctx context.Context, tx *db.Tx, workspaceID, targetID string) error {
	rows, err := db.All[struct {
		State      post.State `db:"state"`
		DeliveryID string     `db:"delivery_id"`
	}](ctx, tx, `select state, delivery_id from targets where workspace_id = $1 and id = $2`, workspaceID, targetID)
	if err != nil || len(rows) == 0 || rows[0].State != post.Published && rows[0].State != post.PartlyPublished {
		return err
	}
	const why = "the network no longer shows it; it was removed or hidden there"
	if rows[0].DeliveryID == "" {
		return j.posts.Settle(ctx, tx, workspaceID, targetID, post.Outcome{State: post.Removed, Reason: why})
	}
	d, err := db.One[Delivery](ctx, tx, `select `+columns+` from deliveries where workspace_id = $1 and id = $2`, workspaceID, rows[0].DeliveryID)
	if err != nil {
		return err
	}
	w := (&line{j: j, workspaceID: workspaceID, channelID: d.ChannelID}).with(d)
	if w.move(Removed) != nil { // it failed in part, or is in doubt: what is said of it stays
		return j.posts.Settle(ctx, tx, workspaceID, targetID, post.Outcome{State: post.Removed, Reason: why})
	}
	w.d.Reason, w.d.ReasonCode = why, "removed_by_network"
	return w.rest(ctx, tx, time.Time{})
}
