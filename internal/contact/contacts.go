package contact

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/search"
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
	AvatarURL   string    `db:"avatar_url"` // at a stranger's server: never to be loaded by a browser
	Followers   int64     `db:"followers"`
	Source      string    `db:"source"`
	CreatedAt   time.Time `db:"created_at"`
}

// Contacts are all contacts.
type Contacts struct {
	db    *db.DB
	index *search.Index
}

// New returns the contacts of this database.
func New(database *db.DB) *Contacts {
	return &Contacts{database, search.New(database, search.Contact, called)}
}

// CatchUp makes everybody findable whom a migration has left to be.
func (c *Contacts) CatchUp(ctx context.Context) error { return c.index.CatchUp(ctx) }

// called is what a contact is found by: its name, and what its identities are called.
func called(ctx context.Context, q db.Queryer, workspaceID, contactID string) ([]string, error) {
	return db.All[string](ctx, q, `select name from contacts where workspace_id = $1 and id = $2
		union all select handle || ' ' || name || ' ' || value from identities where workspace_id = $1 and contact_id = $2`, workspaceID, contactID)
}

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
	value = strings.ToLower(clip(value))
	if value == "" {
		return Identity{}, fault.Invalidf(kind, "an empty %s identifies nobody", kind)
	}
	return c.identify(ctx, tx, Identity{WorkspaceID: workspaceID, Kind: kind, Value: value, Handle: value, Name: clip(name), Source: source})
}

func (c *Contacts) identify(ctx context.Context, tx *db.Tx, i Identity) (Identity, error) {
	i.ID, i.ContactID, i.CreatedAt = id.New("ident"), id.New("cont"), db.Now()
	before, err := db.All[Identity](ctx, tx, `select handle, name from identities where workspace_id = $1 and kind = $2 and value = $3`, i.WorkspaceID, i.Kind, i.Value)
	if err != nil {
		return i, err
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
		if len(before) > 0 && before[0].Handle == stored.Handle && before[0].Name == stored.Name {
			return stored, nil
		}
		return stored, c.index.Put(ctx, tx, stored.WorkspaceID, stored.ContactID)
	}
	if _, err := db.Exec(ctx, tx, `insert into contacts (workspace_id, id, name, created_at) values ($1, $2, $3, $4)`, i.WorkspaceID, i.ContactID, i.called(), i.CreatedAt); err != nil {
		return stored, err
	}
	return stored, c.index.Add(ctx, tx, i.WorkspaceID, i.ContactID, i.called(), i.Handle, i.Name, i.Value)
}

// called is what a contact with this identity alone is called.
func (i Identity) called() string {
	for _, name := range []string{i.Name, i.Handle, i.Value} {
		if name != "" {
			return name
		}
	}
	return "Unknown"
}

// mayRead asks for the right to see people: whoever reads conversations or orders sees who they are with.
func mayRead(actor workspace.Actor) error {
	if actor.CanSomewhere(workspace.InboxRead) || actor.CanSomewhere(workspace.OrderRead) {
		return nil
	}
	return actor.May(workspace.InboxRead, workspace.Scope{})
}

// mayChange asks for the right to change what is known of people. Contacts belong to the whole workspace, so holding
// it for some brand or channel is enough.
func mayChange(actor workspace.Actor) error {
	if actor.CanSomewhere(workspace.InboxReply) {
		return nil
	}
	return actor.May(workspace.InboxReply, workspace.Scope{})
}

// Get returns a contact; one that was merged answers as the contact it was merged into.
func (c *Contacts) Get(ctx context.Context, actor workspace.Actor, contactID string) (Contact, error) {
	if err := mayRead(actor); err != nil {
		return Contact{}, err
	}
	for range 10 {
		found, err := db.One[Contact](ctx, c.db, `select `+contactColumns+` from contacts where workspace_id = $1 and id = $2`, actor.WorkspaceID, contactID)
		if err != nil || found.MergedInto == "" {
			return found, named(err)
		}
		contactID = found.MergedInto
	}
	return Contact{}, named(fault.NotFoundf("merged in a circle"))
}

func named(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.NotFoundf("there is no such contact in this workspace")
	}
	return err
}

// Identities returns how a contact is known.
func (c *Contacts) Identities(ctx context.Context, actor workspace.Actor, contactID string) ([]Identity, error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	return db.All[Identity](ctx, c.db, `select `+identityColumns+` from identities where workspace_id = $1 and contact_id = $2 order by kind, id`,
		actor.WorkspaceID, contactID)
}

// IdentitiesIn returns identities by id as q sees them, for naming the authors of messages.
func (c *Contacts) IdentitiesIn(ctx context.Context, q db.Queryer, workspaceID string, ids []string) (map[string]Identity, error) {
	out := map[string]Identity{}
	for _, identityID := range ids {
		if _, done := out[identityID]; done || identityID == "" {
			continue
		}
		i, err := db.One[Identity](ctx, q, `select `+identityColumns+` from identities where workspace_id = $1 and id = $2`, workspaceID, identityID)
		if err != nil {
			return nil, err
		}
		out[identityID] = i
	}
	return out, nil
}

// IdentitiesByID is IdentitiesIn for a screen.
func (c *Contacts) IdentitiesByID(ctx context.Context, actor workspace.Actor, ids []string) (map[string]Identity, error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	return c.IdentitiesIn(ctx, c.db, actor.WorkspaceID, ids)
}

// Found is a query of the ids of the contacts that the words find, at most limit; see search.Index.
func (c *Contacts) Found(workspaceID, words string, limit int, args *[]any) string {
	return c.index.Found(workspaceID, words, limit, args)
}

// Find returns contacts in whose names and identities the words begin, at most 20, by name. It is how a person finds
// whom to merge; nobody is suggested to be somebody else.
func (c *Contacts) Find(ctx context.Context, actor workspace.Actor, words string) ([]Contact, error) {
	if err := mayRead(actor); err != nil {
		return nil, err
	}
	args := []any{actor.WorkspaceID}
	found := c.index.Found(actor.WorkspaceID, words, 1000, &args)
	return db.All[Contact](ctx, c.db, `select `+contactColumns+` from contacts where workspace_id = $1 and merged_into is null and id in (`+found+`)
		order by lower(name), id limit 20`, args...)
}

// Description is what members know of a contact.
type Description struct {
	Name, Note string
	Tags       []string
	VIP        bool
}

// Describe changes what members know of a contact.
func (c *Contacts) Describe(ctx context.Context, actor workspace.Actor, contactID string, d Description) error {
	if err := mayChange(actor); err != nil {
		return err
	}
	if d.Name = clip(d.Name); d.Name == "" || len(d.Name) > 300 {
		return fault.Invalidf("name", "a contact needs a name of at most 300 bytes")
	}
	if d.Note = strings.TrimSpace(strings.ReplaceAll(d.Note, "\r\n", "\n")); len(d.Note) > 20_000 {
		return fault.Invalidf("note", "a note takes at most 20,000 bytes")
	}
	tags := []string{}
	for _, t := range d.Tags {
		if t = clip(t); t == "" || slices.Contains(tags, t) {
			continue
		}
		if len(t) > 60 || len(tags) == 20 {
			return fault.Invalidf("tags", "a contact takes at most 20 tags of at most 60 bytes")
		}
		tags = append(tags, t)
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		before, err := db.One[Contact](ctx, tx, `select `+contactColumns+` from contacts where workspace_id = $1 and id = $2`, actor.WorkspaceID, contactID)
		if err != nil {
			return named(err)
		}
		if _, err := db.Exec(ctx, tx, `update contacts set name = $3, note = $4, tags = $5, vip = $6 where workspace_id = $1 and id = $2`,
			actor.WorkspaceID, contactID, d.Name, d.Note, db.JSON(tags), d.VIP); err != nil {
			return err
		}
		if err := c.index.Put(ctx, tx, actor.WorkspaceID, contactID); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "contact.described", contactID, map[string]any{"name": before.Name, "vip": before.VIP, "tags": before.Tags},
			map[string]any{"name": d.Name, "vip": d.VIP, "tags": tags})
	})
}

// clip keeps a stranger's word or line to what a screen can show on one line, without marks that turn the words
// around them or make two names look alike.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f:
			return ' '
		case r == 0x200B || r == 0x2060 || r == 0xFEFF || r == 0xAD, 0x202A <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069, r == 0x200E || r == 0x200F || r == 0x061C:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 1000 {
		s = strings.ToValidUTF8(s[:1000], "")
	}
	return s
}
