package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// AuditFilter narrows the audit log; empty fields do not.
type AuditFilter struct {
	Entity string // about this thing
	Actor  string // by this user, with or without a key, or by "system" or "rule:<id>"
	Action string // this action, or with a dot at the end all of a room: "member."
	From   time.Time
	To     time.Time // before this instant
	Before int64     // older than this position; 0 = from the newest
	Limit  int
}

// likeEscape keeps what a person typed from being read as a pattern.
const likeEscape = `replace(replace($%d, '_', '\_'), '%%', '\%%') || '%%'`

var auditWhere = ` from audit_entries where workspace_id = $1 and ($2 = '' or entity = $2)
	and ($3 = '' or actor = $3 or actor like ` + fmt.Sprintf(likeEscape, 4) + ` escape '\')
	and ($5 = '' or action = $5 or action like ` + fmt.Sprintf(likeEscape, 6) + ` escape '\')
	and at >= $7 and at < $8`

// AuditLog returns entries, the newest first, and whether there are more. Who holds the right for their own work only
// sees their own.
func (w *Workspaces) AuditLog(ctx context.Context, actor Actor, f AuditFilter) ([]AuditEntry, bool, error) {
	args, err := auditArgs(actor, f)
	if err != nil {
		return nil, false, err
	}
	before := f.Before
	if before <= 0 {
		before = 1 << 62
	}
	limit := min(max(f.Limit, 1), 500)
	rows, err := db.All[AuditEntry](ctx, w.db, `select `+auditColumns+auditWhere+` and position < $9 order by position desc limit $10`,
		append(args, before, limit+1)...)
	if err != nil {
		return nil, false, fmt.Errorf("read the audit log: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], true, nil
	}
	return rows, false, nil
}

func auditArgs(actor Actor, f AuditFilter) ([]any, error) {
	if !actor.CanSomewhere(AuditRead) {
		return nil, actor.May(AuditRead, Scope{})
	}
	if !actor.Can(AuditRead, Scope{}) {
		if f.Actor != "" && f.Actor != actor.UserID {
			return nil, fault.Forbiddenf("your roles show you your own entries only")
		}
		f.Actor = actor.UserID
	}
	byKey, inRoom := "\x1f", "\x1f" // matches nothing
	if f.Actor != "" {
		byKey = f.Actor + "/key:"
	}
	if n := len(f.Action); n > 0 && f.Action[n-1] == '.' {
		inRoom = f.Action
	}
	if f.To.IsZero() {
		f.To = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if f.From.IsZero() {
		f.From = time.Unix(0, 0)
	}
	return []any{actor.WorkspaceID, f.Entity, f.Actor, byKey, f.Action, inRoom, f.From, f.To}, nil
}

// auditLine is an entry as it is exported.
type auditLine struct {
	Position int64           `json:"position"`
	ID       string          `json:"id"`
	At       time.Time       `json:"at"`
	Actor    string          `json:"actor"`
	Action   string          `json:"action"`
	Entity   string          `json:"entity"`
	Before   json.RawMessage `json:"before,omitempty"`
	After    json.RawMessage `json:"after,omitempty"`
	Address  string          `json:"address,omitempty"`
	Previous string          `json:"previous_hash"`
	Hash     string          `json:"hash"`
}

// ExportAudit writes the entries as JSON lines, the oldest first, reading them in pieces.
func (w *Workspaces) ExportAudit(ctx context.Context, actor Actor, f AuditFilter, to io.Writer) error {
	args, err := auditArgs(actor, f)
	if err != nil {
		return err
	}
	out, after := json.NewEncoder(to), int64(0)
	for {
		rows, err := db.All[AuditEntry](ctx, w.db, `select `+auditColumns+auditWhere+` and position > $9 order by position limit 500`, append(args, after)...)
		if err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		for _, e := range rows {
			line := auditLine{e.Position, e.ID, e.At, e.Actor, e.Action, e.Entity, raw(e.Before), raw(e.After), e.Address, e.Previous, e.Hash}
			if err := out.Encode(line); err != nil {
				return fmt.Errorf("write the audit log: %w", err)
			}
			after = e.Position
		}
		if len(rows) < 500 {
			return nil
		}
	}
}

func raw(state string) json.RawMessage {
	if state == "" || !json.Valid([]byte(state)) {
		return nil
	}
	return json.RawMessage(state)
}

// AuditActions lists the actions that occur in the log, for its filter.
func (w *Workspaces) AuditActions(ctx context.Context, actor Actor) ([]string, error) {
	return db.All[string](ctx, w.db, `select distinct action from audit_entries where workspace_id = $1 order by action`, actor.WorkspaceID)
}

// CheckAudit follows a workspace's chain from its beginning to its end and returns the first entry that does not
// continue it, or "the end" when entries are missing there; "" when all is whole (D08). n counts the good ones.
func (w *Workspaces) CheckAudit(ctx context.Context, workspaceID string) (broken string, n int, err error) {
	end, err := db.One[struct {
		Hash  string `db:"audit_head"`
		Count int64  `db:"audit_count"`
	}](ctx, w.db, `select audit_head, audit_count from workspaces where id = $1`, workspaceID)
	if err != nil {
		return "", 0, err
	}
	previous := ""
	for at := int64(0); ; {
		rows, err := db.All[AuditEntry](ctx, w.db, `select `+auditColumns+` from audit_entries where workspace_id = $1 and position > $2 and position <= $3
			order by position limit 1000`, workspaceID, at, end.Count)
		if err != nil {
			return "", n, err
		}
		for _, e := range rows {
			if at++; e.Position != at || e.Previous != previous || e.Hash != e.sum() {
				return e.ID, n, nil
			}
			previous = e.Hash
			n++
		}
		if len(rows) < 1000 {
			break
		}
	}
	if int64(n) != end.Count || previous != end.Hash {
		return "the end", n, nil
	}
	return "", n, nil
}
