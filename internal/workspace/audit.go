package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/id"
)

// AuditEntry says who changed what, when, from where, and how it was before and after (INV-08).
type AuditEntry struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	Position    int64     `db:"position"` // 1, 2, 3 … in the workspace
	At          time.Time `db:"at"`       // UTC
	Actor       string    `db:"actor"`
	Action      string    `db:"action"`
	Entity      string    `db:"entity"`
	Before      string    `db:"before_state"` // JSON, "" when there was nothing
	After       string    `db:"after_state"`
	Address     string    `db:"address"`
	Previous    string    `db:"previous_hash"`
	Hash        string    `db:"hash"`
}

// Act is what one entry says was done.
type Act struct {
	Action, Entity string
	Before, After  any // stored as JSON, and must not hold secrets; nil = there was or is nothing
}

// Audit writes one entry in the transaction of the change, chained to the workspace's entry before it. before and
// after are stored as JSON and must not hold secrets; nil means there was or is nothing.
func Audit(ctx context.Context, tx *db.Tx, actor Actor, action, entity string, before, after any) error {
	return AuditAll(ctx, tx, actor, Act{action, entity, before, after})
}

// AuditAll writes an entry for each act, in their order.
func AuditAll(ctx context.Context, tx *db.Tx, actor Actor, acts ...Act) error {
	// The chain's end is one row per workspace: its lock keeps two writers from continuing the same entry.
	ends, err := db.All[struct {
		Hash  string `db:"audit_head"`
		Count int64  `db:"audit_count"`
	}](ctx, tx, `select audit_head, audit_count from workspaces where id = $1 for no key update`, actor.WorkspaceID)
	if err != nil {
		return fmt.Errorf("read the audit log's end: %w", err)
	}
	if len(ends) == 0 {
		return fmt.Errorf("write the audit log: there is no workspace %q", actor.WorkspaceID)
	}
	end := ends[0]
	args := make([]any, 0, 12*len(acts))
	for _, a := range acts {
		e := AuditEntry{WorkspaceID: actor.WorkspaceID, ID: id.New("audit"), Position: end.Count + 1, At: db.Now(), Actor: actor.ID(), Action: a.Action,
			Entity: a.Entity, Before: asJSON(a.Before), After: asJSON(a.After), Address: actor.Address, Previous: end.Hash}
		e.Hash = e.sum()
		end.Hash, end.Count = e.Hash, e.Position
		args = append(args, e.WorkspaceID, e.ID, e.Position, e.At, e.Actor, e.Action, e.Entity, e.Before, e.After, e.Address, e.Previous, e.Hash)
	}
	if _, err := db.Exec(ctx, tx, `insert into audit_entries (`+auditColumns+`) values `+db.Values(len(acts), 12), args...); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	if _, err := db.Exec(ctx, tx, `update workspaces set audit_head = $2, audit_count = $3 where id = $1`, actor.WorkspaceID, end.Hash, end.Count); err != nil {
		return fmt.Errorf("write the audit log's end: %w", err)
	}
	return nil
}

// sum is the entry's place in the chain: a hash over the entry before it and everything this one says.
func (e AuditEntry) sum() string {
	raw, _ := json.Marshal([]any{e.Previous, e.WorkspaceID, e.ID, e.Position, e.At.UnixMicro(), e.Actor, e.Action, e.Entity, e.Before, e.After, e.Address})
	hash := sha256.Sum256(raw)
	return hex.EncodeToString(hash[:])
}

func asJSON(v any) string {
	if v == nil {
		return ""
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%q", "not JSON: "+err.Error())
	}
	return string(raw)
}

const auditColumns = `workspace_id, id, position, at, actor, action, entity, before_state, after_state, address, previous_hash, hash`
