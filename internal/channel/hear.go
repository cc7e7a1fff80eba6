package channel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// callsKept is how long a heard call is known again: longer than any network repeats one.
const callsKept = 7 * 24 * time.Hour

// Hear takes a network's own call to the address with this secret part. It returns what to answer and the channels
// that have news; a call that was heard before has none. Only a proved call changes anything.
func (c *Channels) Hear(ctx context.Context, networkKey, hook string, call network.Webhook) (network.Heard, []Due, error) {
	reader, ok := c.networks.Get(networkKey).(network.WebhookReader)
	rows, err := db.All[appRow](ctx, c.db, `select workspace_id, network, values_sealed, hook, updated_at from network_apps where hook = $1`, hook)
	if err != nil {
		return network.Heard{}, nil, err
	}
	if !ok || len(rows) == 0 || rows[0].Network != networkKey {
		return network.Heard{}, nil, fault.NotFoundf("nobody listens here")
	}
	app, err := c.openApp(rows[0])
	if err != nil {
		return network.Heard{}, nil, err
	}
	call.At = db.Now()
	heard, err := reader.Hear(app, call)
	if err != nil || len(heard.Accounts) == 0 {
		return heard, nil, err
	}
	if heard.ID == "" {
		sum := sha256.Sum256(call.Body)
		heard.ID = hex.EncodeToString(sum[:])
	}
	workspaceID := rows[0].WorkspaceID
	var due []Due
	err = c.db.Tx(ctx, func(tx *db.Tx) error {
		first, err := db.Exec(ctx, tx, `insert into network_calls (workspace_id, network, call_id, heard_at) values ($1, $2, $3, $4) on conflict do nothing`,
			workspaceID, networkKey, heard.ID, db.Now())
		if err != nil || first == 0 {
			return err
		}
		for _, account := range heard.Accounts {
			found, err := db.All[Due](ctx, tx, `select c.workspace_id, c.id, c.network, c.inbox_at, n.checked_at, c.account from channels c join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id
				where c.workspace_id = $1 and c.network = $2 and c.remote_id = $3 and c.disconnected_at is null and n.state in ('connected', 'expiring', 'limited')`,
				workspaceID, networkKey, account)
			if err != nil {
				return fmt.Errorf("find the channel of %s: %w", account, err)
			}
			due = append(due, found...)
		}
		return nil
	})
	return heard, due, err
}

// ForgetCalls deletes heard calls that no network sends again.
func (c *Channels) ForgetCalls(ctx context.Context) error {
	_, err := db.Exec(ctx, c.db, `delete from network_calls where heard_at < $1`, db.Now().Add(-callsKept))
	return err
}
