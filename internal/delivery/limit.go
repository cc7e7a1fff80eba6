package delivery

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
)

const rateLimited = "rate_limited"

// limit puts off everything on a channel that has not been sent until the network allows calls again: one refused call
// tells for all, their order stays, and the list shows their real times (R24, R25).
func (j *Journal) limit(ctx context.Context, tx *db.Tx, d Delivery, until time.Time) error {
	if _, err := db.Exec(ctx, tx, `insert into call_budgets (workspace_id, channel_id, bucket, window_start, used, limit_value) values ($1, $2, 'publish', $3, 1, 1)
		on conflict (workspace_id, channel_id, bucket, window_start) do nothing`, d.WorkspaceID, d.ChannelID, until); err != nil {
		return err
	}
	_, err := db.Exec(ctx, tx, `update deliveries set next_at = $4 where workspace_id = $1 and channel_id = $2 and id <> $3 and next_at < $4 and lease_owner = ''
		and state in ('waiting', 'prepared', 'failed_retryable')`, d.WorkspaceID, d.ChannelID, d.ID, until)
	return err
}

// limited returns until when the network allows no calls on a channel; zero when it does.
func (l *line) limited(ctx context.Context) (time.Time, error) {
	until, err := db.All[time.Time](ctx, l.j.db, `select window_start from call_budgets where workspace_id = $1 and channel_id = $2 and bucket = 'publish' order by window_start desc limit 1`,
		l.workspaceID, l.channelID)
	if err != nil || len(until) == 0 {
		return time.Time{}, err
	}
	if until[0].After(l.j.clock()) {
		return until[0], nil
	}
	_, err = db.Exec(ctx, l.j.db, `delete from call_budgets where workspace_id = $1 and channel_id = $2 and bucket = 'publish' and window_start <= $3`, l.workspaceID, l.channelID, l.j.clock())
	return time.Time{}, err
}

// putOff lets what was taken meanwhile wait for the limit as well.
func (l *line) putOff(ctx context.Context, until time.Time) error {
	_, err := db.Exec(ctx, l.j.db, `update deliveries set next_at = $4 where workspace_id = $1 and channel_id = $2 and next_at <= $3 and lease_owner = '' and state in ('waiting', 'prepared')`,
		l.workspaceID, l.channelID, l.j.clock(), until)
	return err
}
