package workspace_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/secret"
	. "github.com/bellwether-social/bellwether/internal/workspace"
)

const password = "correct horse battery staple"

// town is two workspaces with people in them.
type town struct {
	*Workspaces
	t        *testing.T
	db       *db.DB
	accounts *account.Accounts
	ida      account.User // owner of the first
	here     Actor        // ida in the first
	there    Actor        // another person, owner of the second
	now      time.Time
}

func each(t *testing.T, run func(t *testing.T, w *town)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		keys, err := secret.New("k:" + base64.RawStdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)))
		if err != nil {
			t.Fatal(err)
		}
		w := &town{t: t, db: database, now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
		if w.accounts, err = account.New(database, keys, "http://localhost"); err != nil {
			t.Fatal(err)
		}
		w.Workspaces = New(database, event.New(database)).At(func() time.Time { return w.now })
		w.ida, err = w.SetUp(ctx, w.accounts, "192.0.2.1", account.NewUser{Name: "Ida Holm", Email: "ida@example.org", Password: password, Zone: "Europe/Oslo"}, NewWorkspace{Name: "Fjord", Zone: "Europe/Oslo"})
		if err != nil {
			t.Fatal(err)
		}
		w.here = w.actor(w.ida)
		other := w.person("Otto Berg", "otto@example.org")
		if _, err := w.Create(ctx, other, "", NewWorkspace{Name: "Rival", Zone: "Europe/Berlin"}); err != nil {
			t.Fatal(err)
		}
		w.there = w.actor(other)
		run(t, w)
	})
}

var ctx = context.Background()

func (w *town) person(name, email string) account.User {
	w.t.Helper()
	var u account.User
	err := w.db.Tx(ctx, func(tx *db.Tx) (err error) {
		u, err = w.accounts.Add(ctx, tx, account.NewUser{Name: name, Email: email}, "")
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// actor is a person in their first workspace.
func (w *town) actor(u account.User) Actor {
	w.t.Helper()
	mine, err := w.Mine(ctx, u.ID)
	if err != nil || len(mine) == 0 {
		w.t.Fatalf("the workspaces of %s: %v, %v", u.Name, mine, err)
	}
	return w.in(u, mine[0].ID)
}

func (w *town) in(u account.User, workspaceID string) Actor {
	w.t.Helper()
	a, err := w.ActorOf(ctx, u, workspaceID, "web", "192.0.2.9")
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// join makes a new person a member of the first workspace.
func (w *town) join(name string, roles ...RoleGrant) (account.User, Actor) {
	w.t.Helper()
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org"
	_, token, err := w.Invite(ctx, w.here, email, roles)
	if err != nil {
		w.t.Fatal(err)
	}
	u, _, err := w.Join(ctx, w.accounts, token, account.NewUser{Name: name, Password: password})
	if err != nil {
		w.t.Fatal(err)
	}
	return u, w.in(u, w.here.WorkspaceID)
}

func is(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want %s", what, err, kind)
	}
}

func TestSetUpHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		if !w.ida.InstanceOwner || !w.here.Can(WorkspaceDelete, Scope{}) {
			t.Errorf("the first person is %+v with %+v", w.ida, w.here.Grants)
		}
		brands, err := w.Brands(ctx, w.here)
		if err != nil || len(brands) != 1 || brands[0].Name != "Fjord" {
			t.Errorf("brands %v, %v", brands, err)
		}
		_, err = w.SetUp(ctx, w.accounts, "", account.NewUser{Name: "Eve", Email: "eve@example.org", Password: password}, NewWorkspace{Name: "Mine", Zone: "UTC"})
		is(t, "a second set-up", err, fault.Conflict)
	})
}

func TestTwoWhoSetUpAtOnceMakeOneOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		keys, err := secret.New("k:" + base64.RawStdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)))
		if err != nil {
			t.Fatal(err)
		}
		accounts, err := account.New(database, keys, "http://localhost")
		if err != nil {
			t.Fatal(err)
		}
		w := New(database, event.New(database))
		var won atomic.Int32
		var group sync.WaitGroup
		for _, name := range []string{"a", "b", "c", "d"} {
			group.Go(func() {
				if _, err := w.SetUp(ctx, accounts, "", account.NewUser{Name: name, Email: name + "@example.org", Password: password}, NewWorkspace{Name: name, Zone: "UTC"}); err == nil {
					won.Add(1)
				} else if !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("%d became owner", won.Load())
		}
	})
}

func TestTheMatrixIsTheProducts(t *testing.T) {
	// PRODUCT §1.2, read column by column for a few rows that matter most.
	for _, c := range []struct {
		right Capability
		want  string // one sign per role of Roles: f full, a approval, o own, - none
	}{
		{WorkspaceDelete, "f---------"}, {WorkspaceManage, "ff--------"}, {ChannelConnect, "ff-af-----"}, {PostSchedule, "f--afa----"},
		{PostDraft, "f-fffff---"}, {PublishRelease, "ff--------"}, {InboxReply, "f---ff---o"}, {OrderRead, "f-ff---f-f"}, {KeyManage, "ffoooo-o--"}, {AuditRead, "ff--oo-f--"},
	} {
		got := ""
		for _, r := range Roles {
			got += string("-oaf"[Actor{Grants: []RoleGrant{{Role: r}}}.Level(c.right, Scope{})])
		}
		if got != c.want {
			t.Errorf("%s is %s, want %s", c.right, got, c.want)
		}
	}
}

func TestANarrowedRoleReachesOnlyThere(t *testing.T) {
	a := Actor{Grants: []RoleGrant{{Role: Community, BrandID: "b1"}, {Role: Analyst, ChannelID: "c9"}}}
	for _, c := range []struct {
		right Capability
		at    Scope
		want  bool
	}{
		{InboxReply, Scope{BrandID: "b1"}, true}, {InboxReply, Scope{BrandID: "b2"}, false}, {InboxReply, Scope{}, false},
		{AnalyticsRead, Scope{ChannelID: "c9"}, true}, {AnalyticsRead, Scope{BrandID: "b2", ChannelID: "c8"}, false},
	} {
		if got := a.Can(c.right, c.at); got != c.want {
			t.Errorf("%s at %+v: %v", c.right, c.at, got)
		}
	}
	if !a.CanSomewhere(InboxReply) {
		t.Error("the screen is hidden from somebody who may use it for one brand")
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		is(t, "leaving", w.Remove(ctx, w.here, w.ida.ID), fault.Conflict)
		is(t, "giving up the role", w.SetRoles(ctx, w.here, w.ida.ID, []RoleGrant{{Role: Manager}}), fault.Conflict)
		is(t, "narrowing the role", w.SetRoles(ctx, w.here, w.ida.ID, []RoleGrant{{Role: Owner, BrandID: mustBrand(w)}}), fault.Conflict)
		second, _ := w.join("Second Owner", RoleGrant{Role: Owner})
		if err := w.Remove(ctx, w.here, w.ida.ID); err != nil {
			t.Errorf("leaving when another owner is there: %v", err)
		}
		is(t, "the other one leaving", w.Remove(ctx, w.in(second, w.here.WorkspaceID), second.ID), fault.Conflict)
	})
}

func mustBrand(w *town) string {
	w.t.Helper()
	brands, err := w.Brands(ctx, w.here)
	if err != nil {
		w.t.Fatal(err)
	}
	return brands[0].ID
}

func TestTwoOwnersCannotRemoveEachOtherAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		second, there := w.join("Second Owner", RoleGrant{Role: Owner})
		var removed atomic.Int32
		var group sync.WaitGroup
		for actor, target := range map[*Actor]string{&w.here: second.ID, &there: w.ida.ID} {
			group.Go(func() {
				if w.Remove(ctx, *actor, target) == nil {
					removed.Add(1)
				}
			})
		}
		group.Wait()
		if removed.Load() != 1 {
			t.Errorf("%d of two owners were removed", removed.Load())
		}
	})
}

func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		admin, actor := w.join("Ada Admin", RoleGrant{Role: Admin})
		marta, manager := w.join("Marta Manager", RoleGrant{Role: Manager})
		_, _, err := w.Invite(ctx, actor, "x@example.org", []RoleGrant{{Role: Owner}})
		is(t, "an admin inviting an owner", err, fault.Forbidden)
		is(t, "an admin making themselves owner", w.SetRoles(ctx, actor, admin.ID, []RoleGrant{{Role: Owner}}), fault.Forbidden)
		is(t, "an admin giving themselves a role with more", w.SetRoles(ctx, actor, admin.ID, []RoleGrant{{Role: Admin}, {Role: Manager}}), fault.Forbidden)
		is(t, "an admin unmaking the owner", w.SetRoles(ctx, actor, w.ida.ID, []RoleGrant{{Role: Client}}), fault.Forbidden)
		is(t, "an admin removing the owner", w.Remove(ctx, actor, w.ida.ID), fault.Forbidden)
		is(t, "a manager inviting anybody", invite(w, manager, Client), fault.Forbidden)
		is(t, "a manager giving themselves a role", w.SetRoles(ctx, manager, marta.ID, []RoleGrant{{Role: Admin}}), fault.Forbidden)
		if err := invite(w, actor, Manager); err != nil {
			t.Errorf("an admin inviting a manager: %v", err)
		}
		_, err = w.MakeRole(ctx, actor, CustomRole{Name: "Sneaky", Rights: map[Capability]Level{PostSchedule: Full}})
		is(t, "an admin making a role with a right they lack", err, fault.Forbidden)
		sneaky, err := w.MakeRole(ctx, w.here, CustomRole{Name: "Publisher", Rights: map[Capability]Level{PostSchedule: Full}})
		if err != nil {
			t.Fatal(err)
		}
		is(t, "an admin inviting with an own role that holds more", invite(w, actor, Role(sneaky.ID)), fault.Forbidden)
		is(t, "a role nobody has heard of", invite(w, w.here, "emperor"), fault.Invalid)
	})
}

func invite(w *town, by Actor, role Role) error {
	_, _, err := w.Invite(ctx, by, "new."+strings.ToLower(string(role))+"@example.org", []RoleGrant{{Role: role}})
	return err
}

func TestAnOwnRoleHoldsExactlyItsRights(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		role, err := w.MakeRole(ctx, w.here, CustomRole{Name: "Link keeper", Rights: map[Capability]Level{LinkEdit: Full, AnalyticsRead: Own}})
		if err != nil {
			t.Fatal(err)
		}
		lea, actor := w.join("Lea Link", RoleGrant{Role: Role(role.ID)})
		if !actor.Can(LinkEdit, Scope{}) || actor.Level(AnalyticsRead, Scope{}) != Own || actor.CanSomewhere(PostRead) {
			t.Errorf("holds %+v", actor.Grants)
		}
		is(t, "deleting a role in use", w.DropRole(ctx, w.here, role.ID), fault.Conflict)
		if err := w.SetRoles(ctx, w.here, lea.ID, []RoleGrant{{Role: Client}}); err != nil {
			t.Fatal(err)
		}
		if err := w.DropRole(ctx, w.here, role.ID); err != nil {
			t.Error(err)
		}
		m, err := w.Member(ctx, w.here, lea.ID)
		if err != nil {
			t.Fatal(err)
		}
		if reasons := m.Explain(CampaignRead, Scope{}); len(reasons) != 1 || reasons[0].Level != Full || !reasons[0].Applies {
			t.Errorf("why: %+v", reasons)
		}
	})
}

func TestAnInvitationWorksOnceForAWeek(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		_, token, err := w.Invite(ctx, w.here, "New@example.org", []RoleGrant{{Role: Creator}})
		if err != nil {
			t.Fatal(err)
		}
		u, i, err := w.Join(ctx, w.accounts, token, account.NewUser{Name: "New One", Email: "attacker@example.org", Password: password})
		if err != nil || u.Email != "new@example.org" || i.Workspace != "Fjord" {
			t.Fatalf("%+v, %+v, %v", u, i, err)
		}
		_, err = w.JoinAs(ctx, token, w.person("Thief", "thief@example.org"))
		is(t, "a second use", err, fault.NotFound)
		_, late, err := w.Invite(ctx, w.here, "late@example.org", []RoleGrant{{Role: Creator}})
		if err != nil {
			t.Fatal(err)
		}
		_, older, _ := w.Invite(ctx, w.here, "twice@example.org", []RoleGrant{{Role: Creator}})
		if _, _, err := w.Invite(ctx, w.here, "twice@example.org", []RoleGrant{{Role: Client}}); err != nil {
			t.Fatal(err)
		}
		_, err = w.InvitationOf(ctx, older)
		is(t, "an invitation that a newer one replaced", err, fault.NotFound)
		w.now = w.now.Add(7 * 24 * time.Hour)
		_, err = w.InvitationOf(ctx, late)
		is(t, "an old invitation", err, fault.NotFound)
		is(t, "a member invited again", invite2(w, "new@example.org"), fault.Invalid)
	})
}

func invite2(w *town, email string) error {
	_, _, err := w.Invite(ctx, w.here, email, []RoleGrant{{Role: Client}})
	return err
}

func TestAnInvitationAddsToWhatAMemberHas(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		// The link reaches somebody who is a member already, here the only owner.
		_, token, err := w.Invite(ctx, w.here, "someone.else@example.org", []RoleGrant{{Role: Client}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.JoinAs(ctx, token, w.ida); err != nil {
			t.Fatal(err)
		}
		if a := w.in(w.ida, w.here.WorkspaceID); !a.Can(WorkspaceDelete, Scope{}) || len(a.Grants) != 2 {
			t.Errorf("the owner now has %+v", a.Grants)
		}
	})
}

func TestWhoIsRemovedLosesEverythingAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		u, actor := w.join("Ada Admin", RoleGrant{Role: Admin})
		_, key, err := w.MakeKey(ctx, actor, "mine", []Capability{PostRead}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		_, invitation, err := w.Invite(ctx, actor, "friend@example.org", []RoleGrant{{Role: Manager}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Remove(ctx, w.here, u.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.ActorOf(ctx, u, w.here.WorkspaceID, "web", "")
		is(t, "the membership", err, fault.NotFound)
		_, err = w.ActorOfKey(ctx, key, "")
		is(t, "the key", err, fault.NotFound)
		_, err = w.InvitationOf(ctx, invitation)
		is(t, "the invitation", err, fault.NotFound)
	})
}

func TestS17AKeyIsNarrowHashedAndEnds(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		u, actor := w.join("Ana Lyst", RoleGrant{Role: Analyst})
		_, _, err := w.MakeKey(ctx, actor, "too much", []Capability{PostSchedule}, time.Time{})
		is(t, "a key with more than its maker", err, fault.Forbidden)
		k, token, err := w.MakeKey(ctx, actor, "numbers", []Capability{AnalyticsRead, PostRead}, w.now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if len(token) < 32 || strings.Contains(strings.TrimPrefix(token, k.Prefix), k.Prefix) {
			t.Errorf("token %q, prefix %q", token, k.Prefix)
		}
		stored, err := db.One[string](ctx, w.db, `select token_hash from api_keys where id = $1`, k.ID)
		if err != nil || strings.Contains(stored, token) || stored == token {
			t.Errorf("stored as %q", stored)
		}
		byKey, err := w.ActorOfKey(ctx, token, "192.0.2.3")
		if err != nil || !byKey.Can(AnalyticsRead, Scope{}) || byKey.Can(AuditRead, Scope{}) || byKey.ID() != u.ID+"/key:"+k.ID {
			t.Errorf("acts as %+v, %v", byKey, err)
		}
		if err := w.SetRoles(ctx, w.here, u.ID, []RoleGrant{{Role: Client}}); err != nil {
			t.Fatal(err)
		}
		if byKey, err = w.ActorOfKey(ctx, token, ""); err != nil || byKey.Can(AnalyticsRead, Scope{}) {
			t.Errorf("the key kept rights that its person lost: %+v, %v", byKey, err)
		}
		is(t, "another workspace revoking it", w.RevokeKey(ctx, w.there, k.ID), fault.NotFound)
		w.now = w.now.Add(time.Hour)
		_, err = w.ActorOfKey(ctx, token, "")
		is(t, "an expired key", err, fault.NotFound)
	})
}

func TestS14AnotherWorkspaceIsOutOfReach(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		brand := mustBrand(w)
		u, _ := w.join("Marta Manager", RoleGrant{Role: Manager})
		_, err := w.Brand(ctx, w.there, brand)
		is(t, "reading a brand", err, fault.NotFound)
		is(t, "changing a brand", w.SetBrand(ctx, w.there, Brand{ID: brand, Name: "Stolen", Zone: "UTC", Currency: "EUR"}), fault.NotFound)
		is(t, "removing a member", w.Remove(ctx, w.there, u.ID), fault.NotFound)
		is(t, "changing roles", w.SetRoles(ctx, w.there, u.ID, []RoleGrant{{Role: Client}}), fault.NotFound)
		_, _, err = w.Invite(ctx, w.there, "y@example.org", []RoleGrant{{Role: Manager, BrandID: brand}})
		is(t, "narrowing to a brand of another workspace", err, fault.Invalid)
		_, err = w.ActorOf(ctx, w.ida, w.there.WorkspaceID, "web", "")
		is(t, "acting there", err, fault.NotFound)
		entries, _, err := w.AuditLog(ctx, w.there, AuditFilter{Entity: u.ID, Limit: 10})
		if err != nil || len(entries) != 0 {
			t.Errorf("the audit log shows %v, %v", entries, err)
		}
		i, _, err := w.Invite(ctx, w.here, "z@example.org", []RoleGrant{{Role: Manager}})
		if err != nil {
			t.Fatal(err)
		}
		is(t, "taking an invitation back", w.Revoke(ctx, w.there, i.ID), fault.NotFound)
	})
}

func TestBadSettingsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		fine := Settings{Name: "Fjord", Zone: "Europe/Oslo", Currency: "NOK", WeekStart: 1, LateWindow: time.Hour}
		for field, spoil := range map[string]func(*Settings){
			"name": func(s *Settings) { s.Name = " " }, "zone": func(s *Settings) { s.Zone = "Mars/Olympus" }, "currency": func(s *Settings) { s.Currency = "XXX" },
			"week_start": func(s *Settings) { s.WeekStart = 7 }, "late_window": func(s *Settings) { s.LateWindow = -1 },
		} {
			s := fine
			spoil(&s)
			if err := w.Settle(ctx, w.here, s); !fault.Is(err, fault.Invalid) || fault.As(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, b := range []Brand{{Name: "X", Zone: "UTC", Currency: "EUR", Colour: "red"}, {Name: "X", Zone: "UTC", Currency: "EUR", LinkDomain: "https://go.example.org/"}} {
			if _, err := w.AddBrand(ctx, w.here, b); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", b, err)
			}
		}
	})
}
