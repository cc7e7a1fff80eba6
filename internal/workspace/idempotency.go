package workspace

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// Once remembers the answers to requests that carry an Idempotency-Key, for 24 hours and across restarts (R7, R8).
type Once struct{ db *db.DB }

// NewOnce returns the memory of this database.
func NewOnce(database *db.DB) *Once { return &Once{db: database} }

// Answer is what was answered to the first request with a key.
type Answer struct {
	Fingerprint string    `db:"fingerprint"`
	Status      int       `db:"status"` // 0 = not answered yet
	Body        []byte    `db:"body"`
	CreatedAt   time.Time `db:"created_at"`
}

// keyLife is how long a key works.
const keyLife = 24 * time.Hour

// Begin claims a key for a request with this fingerprint. A key that was answered returns that answer; one in flight,
// or used with another body, is a Conflict.
func (o *Once) Begin(ctx context.Context, actor Actor, key, fingerprint string) (*Answer, error) {
	if len(key) > 255 {
		return nil, fault.Invalidf("Idempotency-Key", "the key has %d bytes, the limit is 255", len(key))
	}
	now := db.Now()
	if _, err := db.Exec(ctx, o.db, `delete from idempotency_keys where workspace_id = $1 and created_at < $2`, actor.WorkspaceID, now.Add(-keyLife)); err != nil {
		return nil, err
	}
	n, err := db.Exec(ctx, o.db, `insert into idempotency_keys (workspace_id, key, api_key_id, fingerprint, status, created_at) values ($1, $2, $3, $4, 0, $5)
		on conflict (workspace_id, api_key_id, key) do nothing`, actor.WorkspaceID, key, actor.KeyID, fingerprint, now)
	if err != nil || n == 1 {
		return nil, err
	}
	before, err := db.One[Answer](ctx, o.db, `select fingerprint, status, body, created_at from idempotency_keys where workspace_id = $1 and key = $2 and api_key_id = $3`,
		actor.WorkspaceID, key, actor.KeyID)
	switch {
	case err != nil:
		return nil, err
	case before.Fingerprint != fingerprint:
		return nil, fault.Invalidf("Idempotency-Key", "this key was used with another request").WithCode("key_reused").WithHint("Use a new key for a new request.")
	case before.Status == 0 && now.Sub(before.CreatedAt) < 2*time.Minute:
		return nil, fault.Conflictf("the first request with this key is still running").WithCode("in_flight")
	case before.Status == 0:
		return nil, fault.Conflictf("the first request with this key was interrupted; whether it took effect is not known").WithCode("unknown_outcome").
			WithHint("Look the object up before you send it again with a new key.")
	}
	return &before, nil
}

// Finish keeps the answer. A server's own failure is forgotten, so that the request can be tried again.
func (o *Once) Finish(ctx context.Context, actor Actor, key string, status int, body []byte) error {
	if status >= 500 {
		_, err := db.Exec(ctx, o.db, `delete from idempotency_keys where workspace_id = $1 and key = $2 and api_key_id = $3 and status = 0`, actor.WorkspaceID, key, actor.KeyID)
		return err
	}
	_, err := db.Exec(ctx, o.db, `update idempotency_keys set status = $4, body = $5 where workspace_id = $1 and key = $2 and api_key_id = $3`,
		actor.WorkspaceID, key, actor.KeyID, status, body)
	return err
}
