package contact

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Contact is a person known to the workspace. Names and notes are strangers' or members' text, never HTML.
type Contact struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	Name        string    `db:"name"`
	Note        string    `db:"note"`
	Tags        []string  `db:"tags,json"`
	VIP         bool      `db:"vip"`
	MergedInto  string    `db:"merged_into"`
	CreatedAt   time.Time `db:"created_at"`
}

// Identity is one handle, e-mail, phone or customer number of a contact.
type Identity struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	ContactID   string    `db:"contact_id"`
	Kind        string    `db:"kind"` // a network's key, "email", "phone" or "customer"
	Value       string    `db:"value"`
	Handle      string    `db:"handle"`
	Name        string    `db:"name"`
	URL         string    `db:"url"`
	AvatarURL   string    `db:"avatar_url"`
	Followers   int64     `db:"followers"`
	Source      string    `db:"source"`
	CreatedAt   time.Time `db:"created_at"`
}

// Contacts are all contacts.
type Contacts struct{ db *db.DB }

// New returns the contacts of this database.
func New(database *db.DB) *Contacts { return &Contacts{db: database} }

const (
	contactColumns  = `workspace_id, id, name, note, tags, vip, merged_into, created_at`
	identityColumns = `workspace_id, id, contact_id, kind, value, handle, name, url, avatar_url, followers, source, created_at`
)

// Seen returns the identity of somebody who wrote, made on first sight, with its present name and picture.
func (c *Contacts) Seen(ctx context.Context, tx *db.Tx, workspaceID, networkKey string, person network.Person) (Identity, error) {
	return c.identify(ctx, tx, Identity{WorkspaceID: workspaceID, Kind: networkKey, Value: person.ID, Handle: clip(person.Handle), Name: clip(person.Name),
		URL: clip(person.URL), AvatarURL: clip(person.AvatarURL), Followers: person.Followers, Source: "inbox"})
}

// Known returns the identity of an e-mail, phone or customer number, made on first sight.
func (c *Contacts) Known(ctx context.Context, tx *db.Tx, workspaceID, kind, value, name, source string) (Identity, error) {
	value = strings.ToLower(strings.TrimSpace(value))
	if value == "" {
		return Identity{}, fault.Invalidf(kind, "an empty %s identifies nobody", kind)
	}
	return c.identify(ctx, tx, Identity{WorkspaceID: workspaceID, Kind: kind, Value: value, Handle: value, Name: clip(name), Source: source})
}

func (c *Contacts) identify(ctx context.Context, tx *db.Tx, i Identity) (Identity, error) {
	i.ID, i.ContactID, i.CreatedAt = id.New("ident"), id.New("cont"), db.Now()
	name := i.Name
	if name == "" {
		name = i.Handle
	}
	stored, err := db.One[Identity](ctx, tx, `insert into identities (`+identityColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (workspace_id, kind, value) do update set handle = excluded.handle,
			name = case when excluded.name = '' then identities.name else excluded.name end, url = excluded.url,
			avatar_url = excluded.avatar_url, followers = excluded.followers
		returning `+identityColumns, i.WorkspaceID, i.ID, i.ContactID, i.Kind, i.Value, i.Handle, i.Name, i.URL, i.AvatarURL, i.Followers, i.Source, i.CreatedAt)
	if err != nil {
		return i, fmt.Errorf("store an identity: %w", err)
	}
	if stored.ID != i.ID {
		return stored, nil
	}
	_, err = db.Exec(ctx, tx, `insert into contacts (workspace_id, id, name, created_at) values ($1, $2, $3, $4)`, i.WorkspaceID, i.ContactID, name, i.CreatedAt)
	return stored, err
}

// Get returns a contact; one that was merged answers as the contact it was merged into.
func (c *Contacts) Get(ctx context.Context, actor workspace.Actor, contactID string) (Contact, error) {
	for range 10 {
		found, err := db.One[Contact](ctx, c.db, `select `+contactColumns+` from contacts where workspace_id = $1 and id = $2`, actor.WorkspaceID, contactID)
		if err != nil || found.MergedInto == "" {
			return found, err
		}
		contactID = found.MergedInto
	}
	return Contact{}, fault.NotFoundf("there is no such contact in this workspace")
}

// Identities returns how a contact is known.
func (c *Contacts) Identities(ctx context.Context, actor workspace.Actor, contactID string) ([]Identity, error) {
	return db.All[Identity](ctx, c.db, `select `+identityColumns+` from identities where workspace_id = $1 and contact_id = $2 order by kind, id`,
		actor.WorkspaceID, contactID)
}

// IdentitiesByID returns identities by id, for naming the authors of messages.
func (c *Contacts) IdentitiesByID(ctx context.Context, actor workspace.Actor, ids []string) (map[string]Identity, error) {
	out := map[string]Identity{}
	for _, identityID := range ids {
		if _, done := out[identityID]; done || identityID == "" {
			continue
		}
		i, err := db.One[Identity](ctx, c.db, `select `+identityColumns+` from identities where workspace_id = $1 and id = $2`, actor.WorkspaceID, identityID)
		if err != nil {
			return nil, err
		}
		out[identityID] = i
	}
	return out, nil
}

// Describe changes what members know of a contact.
func (c *Contacts) Describe(ctx context.Context, actor workspace.Actor, contactID, name, note string, tags []string, vip bool) error {
	if err := actor.May(workspace.InboxReply, workspace.Scope{}); err != nil {
		return err
	}
	if strings.TrimSpace(name) == "" || len(name) > 300 {
		return fault.Invalidf("name", "a contact needs a name of at most 300 bytes")
	}
	if tags == nil {
		tags = []string{}
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `update contacts set name = $3, note = $4, tags = $5, vip = $6 where workspace_id = $1 and id = $2`,
			actor.WorkspaceID, contactID, name, note, db.JSON(tags), vip)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("there is no such contact in this workspace")
		}
		return workspace.Audit(ctx, tx, actor, "contact.described", contactID, nil, map[string]any{"name": name, "vip": vip, "tags": tags})
	})
}

// merge is what undoing a merge needs.
type merge struct {
	Identities []string `json:"identities"`
}

// Merge makes two contacts one. What moved is in the audit entry, so that Split can take it back.
func (c *Contacts) Merge(ctx context.Context, actor workspace.Actor, from, into string) error {
	if err := actor.May(workspace.InboxReply, workspace.Scope{}); err != nil {
		return err
	}
	if from == into {
		return fault.Invalidf("contact", "a contact cannot be merged with itself")
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `update contacts set merged_into = $3 where workspace_id = $1 and id = $2 and merged_into is null
			and exists (select 1 from contacts o where o.workspace_id = $1 and o.id = $3 and o.merged_into is null)`, actor.WorkspaceID, from, into)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("one of the two contacts does not exist or was merged before")
		}
		moved, err := db.All[string](ctx, tx, `update identities set contact_id = $3 where workspace_id = $1 and contact_id = $2 returning id`, actor.WorkspaceID, from, into)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update conversations set contact_id = $3 where workspace_id = $1 and contact_id = $2`, actor.WorkspaceID, from, into); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "contact.merged", from, merge{moved}, map[string]string{"into": into})
	})
}

// Split takes identities out of a contact into the contact they came from, or a new one.
func (c *Contacts) Split(ctx context.Context, actor workspace.Actor, contactID, identityID string) (string, error) {
	if err := actor.May(workspace.InboxReply, workspace.Scope{}); err != nil {
		return "", err
	}
	made := id.New("cont")
	err := c.db.Tx(ctx, func(tx *db.Tx) error {
		i, err := db.One[Identity](ctx, tx, `select `+identityColumns+` from identities where workspace_id = $1 and id = $2 and contact_id = $3`,
			actor.WorkspaceID, identityID, contactID)
		if err != nil {
			return err
		}
		name := i.Name
		if name == "" {
			name = i.Handle
		}
		if _, err := db.Exec(ctx, tx, `insert into contacts (workspace_id, id, name, created_at) values ($1, $2, $3, $4)`, actor.WorkspaceID, made, name, db.Now()); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update identities set contact_id = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, identityID, made); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update conversations set contact_id = $4 where workspace_id = $1 and contact_id = $2 and exists (
			select 1 from messages m where m.workspace_id = $1 and m.conversation_id = conversations.id and m.identity_id = $3)`,
			actor.WorkspaceID, contactID, identityID, made); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "contact.split", contactID, map[string]string{"identity": identityID}, map[string]string{"to": made})
	})
	return made, err
}

// clip keeps a stranger's text to what a screen can show.
func clip(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) > 1000 {
		s = strings.ToValidUTF8(s[:1000], "")
	}
	return s
}
