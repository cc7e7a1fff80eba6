package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Spent is what a channel's network charged for posts since the month began, by the journalled calls (C10).
type Spent struct {
	Micros   int64  `db:"micros"`   // millionths of Currency
	Currency string `db:"currency"` // ISO 4217, "" = nothing was charged
}

// Spent reads the meter of a channel for the month of now, in the channel's zone.
func (j *Journal) Spent(ctx context.Context, actor workspace.Actor, ch channel.Channel) (Spent, error) {
	if actor.WorkspaceID != ch.WorkspaceID {
		return Spent{}, nil
	}
	return j.spent(ctx, j.db, ch, j.clock())
}

func (j *Journal) spent(ctx context.Context, q db.Queryer, ch channel.Channel, now time.Time) (Spent, error) {
	loc, err := time.LoadLocation(ch.Zone)
	if err != nil {
		loc = time.UTC
	}
	local := now.In(loc)
	month := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, loc)
	// What failed before its public call left, or was never begun, cost nothing.
	return db.One[Spent](ctx, q, `select coalesce(sum(price_micros), 0) as micros, coalesce(max(price_currency), '') as currency from deliveries d
		where workspace_id = $1 and channel_id = $2 and price_micros > 0 and due_at >= $3 and state <> 'cancelled'
			and (state <> 'failed_permanent' or exists (select 1 from delivery_steps s where s.workspace_id = d.workspace_id and s.delivery_id = d.id and s.public and s.state not in ('waiting', 'rejected')))`,
		ch.WorkspaceID, ch.ID, month)
}

// overCap says why a post would cost more than the channel's month allows; "" = it does not.
func (j *Journal) overCap(ctx context.Context, tx *db.Tx, ch channel.Channel, price network.Price) (string, error) {
	if ch.MonthCap == nil || price.Micros == 0 {
		return "", nil
	}
	spent, err := j.spent(ctx, tx, ch, j.clock())
	if err != nil || spent.Micros+price.Micros <= *ch.MonthCap {
		return "", err
	}
	return fmt.Sprintf("it would cost %s %.3f, and %s %.3f of this month's limit of %s %.3f for %s is spent", price.Currency, float64(price.Micros)/1e6, price.Currency, float64(spent.Micros)/1e6,
		price.Currency, float64(*ch.MonthCap)/1e6, ch.Name), nil
}
