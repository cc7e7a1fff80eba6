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
	At          time.Time `db:"at"` // UTC
	Actor       string    `db:"actor"`
	Action      string    `db:"action"`
	Entity      string    `db:"entity"`
	Before      string    `db:"before_state"` // JSON, "" when there was nothing
	After       string    `db:"after_state"`
	Address     string    `db:"address"`
	Previous    string    `db:"previous_hash"`
	Hash        string    `db:"hash"`
}

// Audit writes one entry in the transaction of the change, chained to the workspace's entry before it. before and
// after are stored as JSON and must not hold secrets; nil means there was or is nothing.
func Audit(ctx context.Context, tx *db.Tx, actor Actor, action, entity string, before, after any) error {
	// The chain is one row per workspace: locking the workspace keeps two writers from continuing the same entry.
	if _, err := db.Exec(ctx, tx, `update workspaces set audit_head = audit_head where id = $1`, actor.WorkspaceID); err != nil {
		return fmt.Errorf("lock the audit log: %w", err)
	}
	previous, err := db.All[string](ctx, tx, `select audit_head from workspaces where id = $1`, actor.WorkspaceID)
	if err != nil {
		return fmt.Errorf("read the audit log's end: %w", err)
	}
	e := AuditEntry{WorkspaceID: actor.WorkspaceID, ID: id.New("audit"), At: db.Now(), Actor: actor.ID(), Action: action,
		Entity: entity, Before: asJSON(before), After: asJSON(after), Address: actor.Address}
	if len(previous) > 0 {
		e.Previous = previous[0]
	}
	e.Hash = e.sum()
	if _, err := db.Exec(ctx, tx, `insert into audit_entries
		(workspace_id, id, at, actor, action, entity, before_state, after_state, address, previous_hash, hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, e.WorkspaceID, e.ID, e.At, e.Actor, e.Action, e.Entity,
		e.Before, e.After, e.Address, e.Previous, e.Hash); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	if _, err := db.Exec(ctx, tx, `update workspaces set audit_head = $2 where id = $1`, e.WorkspaceID, e.Hash); err != nil {
		return fmt.Errorf("write the audit log's end: %w", err)
	}
	return nil
}

// sum is the entry's place in the chain: a hash over the entry before it and everything this one says.
func (e AuditEntry) sum() string {
	raw, _ := json.Marshal([]any{e.Previous, e.WorkspaceID, e.ID, e.At.UnixMicro(), e.Actor, e.Action, e.Entity, e.Before, e.After, e.Address})
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

const auditColumns = `workspace_id, id, at, actor, action, entity, before_state, after_state, address, previous_hash, hash`

// AuditLog returns entries, the newest first: all of them, or those about one thing; who holds the right for their own
// work only sees their own.
func (w *Workspaces) AuditLog(ctx context.Context, actor Actor, entity, before string, limit int) ([]AuditEntry, bool, error) {
	if !actor.CanSomewhere(AuditRead) {
		return nil, false, actor.May(AuditRead, Scope{})
	}
	own := actor.UserID
	if actor.Can(AuditRead, Scope{}) {
		own = ""
	}
	if before == "" {
		before = "audit_zzzz"
	}
	rows, err := db.All[AuditEntry](ctx, w.db, `select `+auditColumns+` from audit_entries where workspace_id = $1 and id < $2 and ($3 = '' or entity = $3)
		and ($4 = '' or actor = $4) order by id desc limit $5`, actor.WorkspaceID, before, entity, own, limit+1)
	if err != nil {
		return nil, false, err
	}
	if len(rows) > limit {
		return rows[:limit], true, nil
	}
	return rows, false, nil
}

// CheckAudit follows a workspace's chain from its beginning and returns the first entry that does not continue it,
// "" when all do (D08).
func (w *Workspaces) CheckAudit(ctx context.Context, workspaceID string) (broken string, n int, err error) {
	previous, after := "", ""
	for {
		rows, err := db.All[AuditEntry](ctx, w.db, `select `+auditColumns+` from audit_entries where workspace_id = $1 and id > $2 order by id limit 1000`, workspaceID, after)
		if err != nil {
			return "", n, err
		}
		for _, e := range rows {
			if e.Previous != previous || e.Hash != e.sum() {
				return e.ID, n, nil
			}
			previous, after, n = e.Hash, e.ID, n+1
		}
		if len(rows) < 1000 {
			return "", n, nil
		}
	}
}
