package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

const (
	pagesAtOnce = 5                // of a history in one run: the newest messages come first, and live reading is not held up
	historyGap  = time.Minute      // between two runs
	historyRest = 15 * time.Minute // after a failure that names no time
)

// Untold is a channel whose history is not read to its end.
type Untold struct {
	WorkspaceID string `db:"workspace_id"`
	ID          string `db:"id"`
}

// HistoryDue lists channels whose history wants reading now: those that were never asked for it, and those that are due.
func (i *Inbox) HistoryDue(ctx context.Context) ([]Untold, error) {
	return db.All[Untold](ctx, i.db, `select c.workspace_id, c.id from channels c join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id
		left join inbox_histories h on h.workspace_id = c.workspace_id and h.channel_id = c.id
		where c.disconnected_at is null and c.inbox_at is not null and n.state in ('connected', 'expiring', 'limited') and (h.channel_id is null or h.next_at <= $1) order by c.id limit 1000`, i.clock())
}

// ReadHistory reads the next pages of what was said before a channel was connected (E22). It stores them as resolved,
// starts no clock and tells nobody; what was said since comes by Poll.
func (i *Inbox) ReadHistory(ctx context.Context, workspaceID, channelID string) error {
	ch, n, session, err := i.channels.Session(ctx, workspaceID, channelID)
	if err != nil {
		return err
	}
	historian, ok := n.(network.Historian)
	if !ok {
		return i.db.Tx(ctx, func(tx *db.Tx) error { return i.read(ctx, tx, ch, network.Batch{}) })
	}
	places, err := db.All[string](ctx, i.db, `select place from inbox_histories where workspace_id = $1 and channel_id = $2`, workspaceID, channelID)
	if err != nil {
		return err
	}
	place := ""
	if len(places) > 0 {
		place = places[0]
	}
	for range pagesAtOnce {
		batch, err := historian.History(ctx, session, place)
		if err != nil {
			return i.historyFailed(ctx, ch, err)
		}
		if batch.Cursor == place {
			batch.More = false
		}
		if err := i.db.Tx(ctx, func(tx *db.Tx) error { return i.read(ctx, tx, ch, batch) }); err != nil {
			return err
		}
		if place = batch.Cursor; !batch.More {
			return nil
		}
	}
	return nil
}

// read stores a page of a channel's history and where the next begins.
func (i *Inbox) read(ctx context.Context, tx *db.Tx, ch channel.Channel, batch network.Batch) error {
	for _, m := range batch.Messages {
		if !m.At.Before(ch.CreatedAt) || m.Removed {
			continue
		}
		if err := i.receive(ctx, tx, ch, clean(m), true, nil); err != nil {
			return fmt.Errorf("store message %s of the history: %w", m.ID, err)
		}
		if m.Own {
			continue
		}
		if _, err := db.Exec(ctx, tx, `insert into inbox_depths (workspace_id, channel_id, kind, messages, oldest_at) values ($1, $2, $3, 1, $4) on conflict (workspace_id, channel_id, kind)
			do update set messages = inbox_depths.messages + 1, oldest_at = case when excluded.oldest_at < inbox_depths.oldest_at then excluded.oldest_at else inbox_depths.oldest_at end`,
			ch.WorkspaceID, ch.ID, m.Kind, m.At); err != nil {
			return err
		}
	}
	now := i.clock()
	next, done := now.Add(historyGap), time.Time{}
	if !batch.More {
		next, done = time.Time{}, now
	}
	_, err := db.Exec(ctx, tx, `insert into inbox_histories (workspace_id, channel_id, place, next_at, done_at) values ($1, $2, $3, $4, $5) on conflict (workspace_id, channel_id)
		do update set place = excluded.place, next_at = excluded.next_at, done_at = excluded.done_at, error = ''`, ch.WorkspaceID, ch.ID, batch.Cursor, next, done)
	return err
}

// historyFailed notes why a history cannot be read now; reading goes on where it stopped.
func (i *Inbox) historyFailed(ctx context.Context, ch channel.Channel, err error) error {
	f := fault.As(err)
	next := i.clock().Add(historyRest)
	if f.RetryAt.After(next) {
		next = f.RetryAt
	}
	if _, markErr := db.Exec(ctx, i.db, `insert into inbox_histories (workspace_id, channel_id, next_at, error) values ($1, $2, $3, $4) on conflict (workspace_id, channel_id)
		do update set next_at = excluded.next_at, error = excluded.error`, ch.WorkspaceID, ch.ID, next, f.Message); markErr != nil {
		return markErr
	}
	return err
}

// History is how far back a channel's conversations of a kind were read.
type History struct {
	Kind     network.MessageKind
	Words    string // how far the network lets programs read
	Messages int64  // from before the connection
	Oldest   time.Time
}

// Histories returns how far back a channel's conversations were read, by kind, and when reading was done (zero = it goes
// on), or what holds it up.
func (i *Inbox) Histories(ctx context.Context, actor workspace.Actor, ch channel.Channel) (kinds []History, done time.Time, problem string, err error) {
	if err := actor.May(workspace.InboxRead, workspace.Scope{BrandID: ch.BrandID, ChannelID: ch.ID}); err != nil {
		return nil, done, "", err
	}
	n := i.channels.Network(ch)
	if n == nil {
		return nil, done, "", nil
	}
	rows, err := db.All[struct {
		Kind     network.MessageKind `db:"kind"`
		Messages int64               `db:"messages"`
		Oldest   time.Time           `db:"oldest_at"`
	}](ctx, i.db, `select kind, messages, oldest_at from inbox_depths where workspace_id = $1 and channel_id = $2`, actor.WorkspaceID, ch.ID)
	if err != nil {
		return nil, done, "", err
	}
	for _, d := range n.Spec().History {
		h := History{Kind: d.Kind, Words: d.Words}
		for _, r := range rows {
			if r.Kind == d.Kind {
				h.Messages, h.Oldest = r.Messages, r.Oldest
			}
		}
		kinds = append(kinds, h)
	}
	state, err := db.All[struct {
		Done  time.Time `db:"done_at"`
		Error string    `db:"error"`
	}](ctx, i.db, `select done_at, error from inbox_histories where workspace_id = $1 and channel_id = $2`, actor.WorkspaceID, ch.ID)
	if err != nil || len(state) == 0 {
		return kinds, done, "", err
	}
	return kinds, state[0].Done, state[0].Error, nil
}
