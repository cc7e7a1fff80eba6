package contact

import (
	"context"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Merge is one time that two contacts became one, and what that moved.
type Merge struct {
	ID       string    `db:"id"`
	FromID   string    `db:"from_id"`
	FromName string    `db:"from_name"`
	IntoID   string    `db:"into_id"`
	Moved    moved     `db:"moved,json"`
	By       string    `db:"by"`
	At       time.Time `db:"at"`
	UndoneAt time.Time `db:"undone_at"` // zero while it stands
}

// moved are the ids of the rows that changed hands, by table.
type moved map[string][]string

// belongings are the tables whose rows belong to a contact.
var belongings = []string{"identities", "conversations", "reactions", "orders", "track_events"}

// Merge makes two contacts one: everything of from belongs to into. What moved is kept, so that Unmerge can take it
// back whole.
func (c *Contacts) Merge(ctx context.Context, actor workspace.Actor, from, into string) (Merge, error) {
	m := Merge{ID: id.New("merge"), FromID: from, IntoID: into, Moved: moved{}, By: actor.ID(), At: db.Now()}
	if err := mayChange(actor); err != nil {
		return m, err
	}
	if from == into {
		return m, fault.Invalidf("contact", "a contact cannot be merged with itself")
	}
	err := c.db.Tx(ctx, func(tx *db.Tx) error {
		// Both rows are locked in one order, so that two people merging the same two cannot hold each other up.
		for _, one := range []string{min(from, into), max(from, into)} {
			n, err := db.Exec(ctx, tx, `update contacts set name = name where workspace_id = $1 and id = $2 and merged_into is null`, actor.WorkspaceID, one)
			if err != nil {
				return err
			}
			if n == 0 {
				return fault.NotFoundf("one of the two contacts does not exist or was merged before")
			}
		}
		if _, err := db.Exec(ctx, tx, `update contacts set merged_into = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, from, into); err != nil {
			return err
		}
		for _, table := range belongings {
			rows, err := db.All[string](ctx, tx, `update `+table+` set contact_id = $3 where workspace_id = $1 and contact_id = $2 returning id`, actor.WorkspaceID, from, into)
			if err != nil {
				return fmt.Errorf("move %s: %w", table, err)
			}
			if len(rows) > 0 {
				m.Moved[table] = rows
			}
		}
		if _, err := db.Exec(ctx, tx, `insert into contact_merges (workspace_id, id, from_id, into_id, moved, by, at) values ($1, $2, $3, $4, $5, $6, $7)`,
			actor.WorkspaceID, m.ID, from, into, db.JSON(m.Moved), m.By, m.At); err != nil {
			return err
		}
		if err := c.reindex(ctx, tx, actor.WorkspaceID, from, into); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "contact.merged", from, nil, map[string]string{"into": into, "merge": m.ID})
	})
	return m, err
}

// Merges returns what was merged into a contact and still stands, the newest first.
func (c *Contacts) Merges(ctx context.Context, actor workspace.Actor, contactID string) ([]Merge, error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	return db.All[Merge](ctx, c.db, `select m.id, m.from_id, c.name as from_name, m.into_id, m.moved, coalesce(u.name, m.by) as by, m.at, m.undone_at from contact_merges m
		join contacts c on c.workspace_id = m.workspace_id and c.id = m.from_id left join users u on u.id = m.by
		where m.workspace_id = $1 and m.into_id = $2 and m.undone_at is null order by m.at desc, m.id desc`, actor.WorkspaceID, contactID)
}

// Unmerge takes a merge back: what it moved returns, and so does what has come since by an identity that returns.
func (c *Contacts) Unmerge(ctx context.Context, actor workspace.Actor, mergeID string) (Merge, error) {
	var m Merge
	if err := mayChange(actor); err != nil {
		return m, err
	}
	err := c.db.Tx(ctx, func(tx *db.Tx) error {
		var err error
		m, err = db.One[Merge](ctx, tx, `update contact_merges set undone_at = $3 where workspace_id = $1 and id = $2 and undone_at is null
			returning id, from_id, into_id, moved, by, at, undone_at`, actor.WorkspaceID, mergeID, db.Now())
		if fault.Is(err, fault.NotFound) {
			return fault.Conflictf("this merge has been taken back already")
		}
		if err != nil {
			return err
		}
		n, err := db.Exec(ctx, tx, `update contacts set merged_into = null where workspace_id = $1 and id = $2 and merged_into = $3`, actor.WorkspaceID, m.FromID, m.IntoID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Conflictf("the contact was merged again since").WithHint("Take the later merge back first.")
		}
		for _, table := range belongings {
			for _, row := range m.Moved[table] {
				if _, err := db.Exec(ctx, tx, `update `+table+` set contact_id = $4 where workspace_id = $1 and id = $2 and contact_id = $3`, actor.WorkspaceID, row, m.IntoID, m.FromID); err != nil {
					return fmt.Errorf("return %s: %w", table, err)
				}
			}
		}
		if err := c.follow(ctx, tx, actor.WorkspaceID, m.IntoID, m.FromID); err != nil {
			return err
		}
		if err := c.reindex(ctx, tx, actor.WorkspaceID, m.FromID, m.IntoID); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "contact.unmerged", m.FromID, map[string]string{"into": m.IntoID}, map[string]string{"merge": m.ID})
	})
	return m, err
}

// Split takes an identity out of a contact into a new one, with the conversations it wrote in. Merging the two takes
// it back.
func (c *Contacts) Split(ctx context.Context, actor workspace.Actor, contactID, identityID string) (string, error) {
	if err := mayChange(actor); err != nil {
		return "", err
	}
	made := id.New("cont")
	err := c.db.Tx(ctx, func(tx *db.Tx) error {
		if n, err := db.Exec(ctx, tx, `update contacts set name = name where workspace_id = $1 and id = $2 and merged_into is null`, actor.WorkspaceID, contactID); err != nil || n == 0 {
			if err == nil {
				err = named(fault.NotFoundf("gone"))
			}
			return err
		}
		all, err := db.All[Identity](ctx, tx, `select `+identityColumns+` from identities where workspace_id = $1 and contact_id = $2`, actor.WorkspaceID, contactID)
		if err != nil {
			return err
		}
		var out Identity
		for _, i := range all {
			if i.ID == identityID {
				out = i
			}
		}
		if out.ID == "" {
			return fault.NotFoundf("this contact has no such identity")
		}
		if len(all) == 1 {
			return fault.Conflictf("%s is all this contact is known by", out.called())
		}
		if _, err := db.Exec(ctx, tx, `insert into contacts (workspace_id, id, name, created_at) values ($1, $2, $3, $4)`, actor.WorkspaceID, made, out.called(), db.Now()); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update identities set contact_id = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, identityID, made); err != nil {
			return err
		}
		if err := c.follow(ctx, tx, actor.WorkspaceID, contactID, made); err != nil {
			return err
		}
		if err := c.reindex(ctx, tx, actor.WorkspaceID, contactID, made); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "contact.split", contactID, map[string]string{"identity": identityID}, map[string]string{"to": made})
	})
	return made, err
}

// reindex makes two contacts findable by what each is called now.
func (c *Contacts) reindex(ctx context.Context, tx *db.Tx, workspaceID, one, other string) error {
	for _, contactID := range []string{min(one, other), max(one, other)} {
		if err := c.index.Put(ctx, tx, workspaceID, contactID); err != nil {
			return err
		}
	}
	return nil
}

// follow moves the conversations in which an identity of the new contact wrote.
func (c *Contacts) follow(ctx context.Context, tx *db.Tx, workspaceID, from, to string) error {
	_, err := db.Exec(ctx, tx, `update conversations set contact_id = $3 where workspace_id = $1 and contact_id = $2 and exists (
		select 1 from messages m join identities i on i.workspace_id = m.workspace_id and i.id = m.identity_id
		where m.workspace_id = $1 and m.conversation_id = conversations.id and i.contact_id = $3)`, workspaceID, from, to)
	return err
}
