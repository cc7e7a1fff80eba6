package contact_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

type house struct {
	t        testing.TB
	db       *db.DB
	contacts *contact.Contacts
	ida      workspace.Actor
}

func build(t testing.TB, database *db.DB) *house {
	h := &house{t, database, contact.New(database), workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Community, BrandID: "brand_1"}}}}
	h.exec(`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'UTC', 0), ('ws_2', 'Other', 'UTC', 0)`)
	h.exec(`insert into users (id, email, name, created_at) values ('user_1', 'ida@example.org', 'Ida Holm', 0)`)
	return h
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	_, err := db.Exec(ctx, h.db, query, args...)
	h.ok(err)
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(err error, kind fault.Kind) {
	h.t.Helper()
	if !fault.Is(err, kind) {
		h.t.Fatalf("got %v, want %s", err, kind)
	}
}

func (h *house) seen(p network.Person) (i contact.Identity) {
	h.t.Helper()
	h.ok(h.db.Tx(ctx, func(tx *db.Tx) (err error) { i, err = h.contacts.Seen(ctx, tx, "ws_1", "mastodon", p); return err }))
	return i
}

func (h *house) known(email string) (i contact.Identity) {
	h.t.Helper()
	h.ok(h.db.Tx(ctx, func(tx *db.Tx) (err error) {
		i, err = h.contacts.Known(ctx, tx, "ws_1", "email", email, "", "order")
		return err
	}))
	return i
}

// talk gives an identity a conversation with a message, and its contact an order and a like.
func (h *house) talk(i contact.Identity, key string) {
	h.exec(`insert into conversations (workspace_id, id, brand_id, channel_id, kind, thread, contact_id, state, last_message_at) values ('ws_1', $1, 'b', 'c', 'comment', $1, $2, 'new', 0)`, "conv_"+key, i.ContactID)
	h.exec(`insert into messages (workspace_id, id, conversation_id, channel_id, remote_id, outbound, identity_id, text, at, received_at) values ('ws_1', $1, $2, 'c', $1, false, $3, 'hi', 0, 0)`, "msg_"+key, "conv_"+key, i.ID)
	h.exec(`insert into orders (workspace_id, id, order_id, contact_id, ordered_at, amount_minor, currency, source, created_at) values ('ws_1', $1, $1, $2, 0, 100, 'EUR', 'csv', 0)`, "order_"+key, i.ContactID)
	h.exec(`insert into reactions (workspace_id, id, channel_id, remote_id, kind, contact_id, at) values ('ws_1', $1, 'c', $1, 'like', $2, 0)`, "react_"+key, i.ContactID)
}

// owned is everything that belongs to a contact.
func (h *house) owned(contactID string) string {
	h.t.Helper()
	var all []string
	for _, table := range []string{"identities", "conversations", "orders", "reactions"} {
		column := "id"
		if table == "identities" {
			column = "value"
		}
		rows, err := db.All[string](ctx, h.db, `select `+column+` from `+table+` where workspace_id = 'ws_1' and contact_id = $1`, contactID)
		h.ok(err)
		all = append(all, rows...)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestAnIdentityBelongsToOneContact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { h.seen(network.Person{ID: "1", Handle: "mara", Name: "Mara", Followers: 3}) })
		}
		wg.Wait()
		i := h.seen(network.Person{ID: "1", Handle: "mara.l", Name: "Mara L", URL: "https://example.org/@mara"})
		n, err := db.One[int](ctx, h.db, `select count(*) from contacts`)
		h.ok(err)
		if n != 1 || i.Handle != "mara.l" || i.Name != "Mara L" {
			t.Errorf("%d contacts, %+v", n, i)
		}
		if h.known(" Mara@Example.org ").ID != h.known("mara@example.org").ID {
			t.Error("one address in two spellings is two people")
		}
		person, err := h.contacts.Get(ctx, h.ida, h.seen(network.Person{ID: "7"}).ContactID)
		h.ok(err)
		if person.Name != "7" {
			t.Errorf("a person without names is called %q", person.Name)
		}
		h.refused(h.db.Tx(ctx, func(tx *db.Tx) error { _, err := h.contacts.Known(ctx, tx, "ws_1", "email", " ", "", ""); return err }), fault.Invalid)
	})
}

func TestNamesCannotTurnWordsAround(t *testing.T) { // S7
	h := build(t, dbtest.SQLite(t))
	i := h.seen(network.Person{ID: "1", Handle: "ev\u200bil\u202egro.knab\u2066", Name: " <b>Eve</b>\n\x00\u200fSmith 👩‍👧 "})
	if i.Handle != "evilgro.knab" || i.Name != "<b>Eve</b> Smith 👩‍👧" {
		t.Errorf("stored %q, %q", i.Handle, i.Name)
	}
}

func TestAMergeMovesEverythingAndCanBeTakenBackWhole(t *testing.T) { // E17
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		a, b := h.seen(network.Person{ID: "a", Name: "Mara"}), h.known("mara@example.org")
		h.talk(a, "a")
		h.talk(b, "b")
		beforeA, beforeB := h.owned(a.ContactID), h.owned(b.ContactID)
		m, err := h.contacts.Merge(ctx, h.ida, b.ContactID, a.ContactID)
		h.ok(err)
		if got := h.owned(a.ContactID); got != "a conv_a conv_b mara@example.org order_a order_b react_a react_b" || h.owned(b.ContactID) != "" {
			t.Errorf("merged they own %q", got)
		}
		as, err := h.contacts.Get(ctx, h.ida, b.ContactID)
		h.ok(err)
		if as.ID != a.ContactID {
			t.Errorf("the merged contact answers as %s", as.ID)
		}
		merges, err := h.contacts.Merges(ctx, h.ida, a.ContactID)
		h.ok(err)
		if len(merges) != 1 || merges[0].ID != m.ID || merges[0].FromName != "mara@example.org" || merges[0].By != "Ida Holm" {
			t.Errorf("merges %+v", merges)
		}
		_, err = h.contacts.Merge(ctx, h.ida, b.ContactID, a.ContactID)
		h.refused(err, fault.NotFound)
		_, err = h.contacts.Merge(ctx, h.ida, a.ContactID, a.ContactID)
		h.refused(err, fault.Invalid)
		_, err = h.contacts.Unmerge(ctx, h.ida, m.ID)
		h.ok(err)
		if h.owned(a.ContactID) != beforeA || h.owned(b.ContactID) != beforeB {
			t.Errorf("taken back they own %q and %q", h.owned(a.ContactID), h.owned(b.ContactID))
		}
		_, err = h.contacts.Unmerge(ctx, h.ida, m.ID)
		h.refused(err, fault.Conflict)
	})
}

func TestATakenBackMergeReturnsWhatCameSince(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		a, b, c := h.seen(network.Person{ID: "a"}), h.seen(network.Person{ID: "b"}), h.seen(network.Person{ID: "c"})
		m, err := h.contacts.Merge(ctx, h.ida, b.ContactID, a.ContactID)
		h.ok(err)
		since := h.seen(network.Person{ID: "b"})
		if since.ContactID != a.ContactID {
			t.Fatal("what is said after a merge is somebody else's")
		}
		h.talk(since, "b2")
		later, err := h.contacts.Merge(ctx, h.ida, a.ContactID, c.ContactID)
		h.ok(err)
		_, err = h.contacts.Unmerge(ctx, h.ida, later.ID)
		h.ok(err)
		_, err = h.contacts.Unmerge(ctx, h.ida, m.ID)
		h.ok(err)
		if got := h.owned(b.ContactID); got != "b conv_b2" {
			t.Errorf("owns %q", got)
		}
	})
}

func TestSplittingTakesOneIdentityWithItsConversations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		a, b := h.seen(network.Person{ID: "a", Name: "Mara"}), h.seen(network.Person{ID: "b", Name: "Not Mara"})
		h.talk(a, "a")
		h.talk(b, "b")
		_, err := h.contacts.Merge(ctx, h.ida, b.ContactID, a.ContactID)
		h.ok(err)
		made, err := h.contacts.Split(ctx, h.ida, a.ContactID, b.ID)
		h.ok(err)
		person, err := h.contacts.Get(ctx, h.ida, made)
		h.ok(err)
		if h.owned(made) != "b conv_b" || person.Name != "Not Mara" {
			t.Errorf("the new contact %q owns %q", person.Name, h.owned(made))
		}
		_, err = h.contacts.Split(ctx, h.ida, made, b.ID)
		h.refused(err, fault.Conflict)
		_, err = h.contacts.Split(ctx, h.ida, a.ContactID, b.ID)
		h.refused(err, fault.NotFound)
	})
}

func TestWhatIsKnownOfPeopleNeedsARightAndStaysInItsWorkspace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		a, b := h.seen(network.Person{ID: "a", Handle: "mara", Name: "Mara_L"}), h.seen(network.Person{ID: "b", Name: "Ben"})
		h.ok(h.contacts.Describe(ctx, h.ida, a.ContactID, contact.Description{Name: "Mara Lindqvist", Note: "Likes <b>decaf</b>", Tags: []string{"press", "press", ""}, VIP: true}))
		person, err := h.contacts.Get(ctx, h.ida, a.ContactID)
		h.ok(err)
		if person.Name != "Mara Lindqvist" || !person.VIP || !slices.Equal(person.Tags, []string{"press"}) || person.Note != "Likes <b>decaf</b>" {
			t.Errorf("stored %+v", person)
		}
		h.refused(h.contacts.Describe(ctx, h.ida, a.ContactID, contact.Description{Name: "\u202e "}), fault.Invalid)
		found, err := h.contacts.Find(ctx, h.ida, "@MARA")
		h.ok(err)
		if len(found) != 1 || found[0].ID != a.ContactID {
			t.Errorf("found %+v", found)
		}
		if found, err = h.contacts.Find(ctx, h.ida, "%"); err != nil || len(found) != 0 {
			t.Errorf("a pattern finds %+v, %v", found, err)
		}
		rival, creator := h.ida, h.ida
		rival.WorkspaceID = "ws_2"
		creator.Grants = []workspace.RoleGrant{{Role: workspace.Creator}}
		analyst := h.ida
		analyst.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
		for name, actor := range map[string]workspace.Actor{"rival": rival, "creator": creator} {
			_, err := h.contacts.Get(ctx, actor, a.ContactID)
			if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s reads: %v", name, err)
			}
			if found, _ := h.contacts.Find(ctx, actor, "Mara"); len(found) != 0 {
				t.Errorf("%s finds %+v", name, found)
			}
		}
		for name, actor := range map[string]workspace.Actor{"rival": rival, "creator": creator, "analyst": analyst} {
			_, merged := h.contacts.Merge(ctx, actor, a.ContactID, b.ContactID)
			_, split := h.contacts.Split(ctx, actor, a.ContactID, a.ID)
			for verb, err := range map[string]error{"describes": h.contacts.Describe(ctx, actor, a.ContactID, contact.Description{Name: "x"}), "merges": merged, "splits": split} {
				if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s %s: %v", name, verb, err)
				}
			}
		}
	})
}
