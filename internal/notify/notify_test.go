package notify

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

// box keeps letters, or refuses them with err.
type box struct {
	letters []mail.Message
	err     error
}

func (b *box) Send(_ context.Context, m mail.Message) error {
	if b.err == nil {
		b.letters = append(b.letters, m)
	}
	return b.err
}
func (b *box) Note() string { return "" }

type house struct {
	*Notices
	t      *testing.T
	box    *box
	now    time.Time
	people map[string]workspace.Actor
}

const address = "https://social.example.org"

func each(t *testing.T, run func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		keys, err := secret.New("k:" + base64.RawStdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)))
		h := &house{t: t, box: &box{}, now: time.Date(2026, 11, 24, 9, 0, 3, 0, time.UTC), people: map[string]workspace.Actor{}}
		h.ok(err)
		accounts, err := account.New(database, keys, address)
		h.ok(err)
		events, jobs := event.New(database), job.New(database)
		workspaces := workspace.New(database, events)
		site, err := url.Parse(address)
		h.ok(err)
		h.Notices = New(database, events, jobs, workspaces, h.box, site)
		h.clock = func() time.Time { return h.now }
		h.Listen()
		h.ok(jobs.Open())
		owner, err := workspaces.SetUp(ctx, accounts, "", account.NewUser{Name: "owner", Email: "owner@example.org", Password: "correct horse battery"}, workspace.NewWorkspace{Name: "Fjord", Zone: "UTC"})
		h.ok(err)
		mine, err := workspaces.Mine(ctx, owner.ID)
		h.ok(err)
		boss, err := workspaces.ActorOf(ctx, owner, mine[0].ID, "web", "")
		h.ok(err)
		h.people["owner"] = boss
		for _, role := range []workspace.Role{workspace.Manager, workspace.Community, workspace.Analyst} {
			_, token, err := workspaces.Invite(ctx, boss, string(role)+"@example.org", []workspace.RoleGrant{{Role: role}})
			h.ok(err)
			u, _, err := workspaces.Join(ctx, accounts, token, account.NewUser{Name: string(role), Password: "correct horse battery"})
			h.ok(err)
			if h.people[string(role)], err = workspaces.ActorOf(ctx, u, boss.WorkspaceID, "web", ""); err != nil {
				t.Fatal(err)
			}
		}
		events.Drain(ctx) // who joined is news of its own
		for _, p := range h.people {
			h.ok(h.ReadAll(ctx, p))
		}
		_, err = db.Exec(ctx, database, `update notifications set mailed_at = 1`)
		h.ok(err)
		run(t, h)
	})
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// happens records an event and lets it be heard.
func (h *house) happens(by, kind, entity string, data map[string]string) {
	h.t.Helper()
	h.ok(h.db.Tx(ctx, func(tx *db.Tx) error {
		return h.events.Record(ctx, tx, h.people["owner"].WorkspaceID, by, kind, entity, data)
	}))
	h.events.Drain(ctx)
}

// told lists who has an unread notice.
func (h *house) told() []string {
	h.t.Helper()
	var out []string
	for name, p := range h.people {
		n, err := h.Unread(ctx, p)
		h.ok(err)
		if n > 0 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (h *house) id(name string) string { return h.people[name].UserID }

func (h *house) wants(what string, want ...string) {
	h.t.Helper()
	if got := h.told(); !slices.Equal(got, want) {
		h.t.Errorf("%s: told %v, want %v", what, got, want)
	}
	for _, p := range h.people {
		h.ok(h.ReadAll(ctx, p))
	}
}

func TestFailuresReachWhoIsResponsible(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.happens("system", "delivery.failed_permanent", "dlv_1", map[string]string{"responsible": h.id("community_manager"), "reason": "the image is too large"})
		list, _, err := h.List(ctx, h.people["community_manager"], true, "", 10)
		h.ok(err)
		if len(list) != 1 || !list[0].Must || list[0].Link != "/deliveries/dlv_1" || !strings.Contains(list[0].Body, "too large") {
			t.Errorf("the notice: %+v", list)
		}
		h.wants("a named person", "community_manager")
		h.happens("system", "delivery.needs_human", "dlv_2", nil)
		h.wants("nobody named: whoever may schedule", "community_manager", "owner", "social_media_manager")
		h.happens("system", "delivery.needs_human", "dlv_3", map[string]string{"responsible": "user_gone"})
		h.wants("the person has left", "community_manager", "owner", "social_media_manager")
		h.happens("system", "channel.needs_reconnect", "ch_1", map[string]string{"responsible": h.id("community_manager"), "name": "Fjord on Mastodon", "reason": "the server has withdrawn our access"})
		h.wants("a channel: the person and who may connect", "community_manager", "owner", "social_media_manager")
		h.happens("system", "delivery.escalated", "dlv_1", map[string]string{"responsible": h.id("community_manager")})
		h.wants("nobody dealt with it", "community_manager", "owner")
	})
}

func TestNobodyIsToldOfWhatTheyDidThemselves(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		manager := h.people["social_media_manager"]
		h.happens(manager.UserID, "inbox.assigned", "conv_1", map[string]string{"assignee": manager.UserID})
		h.wants("assigned to oneself")
		h.happens("user_x/key:key_1", "inbox.assigned", "conv_1", map[string]string{"assignee": manager.UserID})
		h.wants("assigned by another", "social_media_manager")
	})
}

func TestNobodyIsToldTwice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		note := Notice{Kind: "x.happened", Title: "It happened", Link: "/x", Entity: "x_1", Source: "evt_1"}
		users := []string{h.id("owner"), h.id("analyst")}
		for range 2 {
			h.ok(h.db.Tx(ctx, func(tx *db.Tx) error { return h.Notify(ctx, tx, h.people["owner"].WorkspaceID, users, note) }))
		}
		if n, err := h.Unread(ctx, h.people["owner"]); err != nil || n != 1 {
			t.Errorf("%d notices, %v", n, err)
		}
	})
}

func TestALetterCollectsWhatMustBeMailed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ida := h.people["social_media_manager"]
		for i := range 3 {
			h.happens("system", "delivery.failed_permanent", "dlv_"+string(rune('a'+i)), map[string]string{"responsible": ida.UserID, "reason": "reason " + string(rune('a'+i))})
		}
		h.happens("system", "goal.health_changed", "goal_1", map[string]string{"owner": ida.UserID, "name": "Reach", "from": "on_track", "to": "at_risk"})
		queued, err := db.One[int](ctx, h.db, `select count(*) from river_job where kind = 'notify.letter'`)
		if h.ok(err); queued < 1 || queued > 2 { // one for each half minute in which something happened
			t.Errorf("%d letters are queued for one person", queued)
		}
		h.now = h.now.Add(time.Minute)
		letter := letterJob{ida.WorkspaceID, ida.UserID, h.now}
		h.box.err = fault.Wrap(fault.Later, nil, "the mail server rests")
		if err := h.post(ctx, letter); !fault.Is(err, fault.Later) {
			t.Fatalf("a letter not taken: %v", err)
		}
		h.box.err = nil
		h.ok(h.post(ctx, letter))
		h.ok(h.post(ctx, letter))
		if len(h.box.letters) != 1 {
			t.Fatalf("%d letters", len(h.box.letters))
		}
		m := h.box.letters[0]
		if m.To.Email != "social_media_manager@example.org" || m.Subject != "3 things need you in Fjord" || !strings.Contains(m.Text, "reason b") || strings.Contains(m.Text, "Reach") || !strings.Contains(m.Text, address+"/notifications") {
			t.Errorf("%s: %s\n%s", m.To.Email, m.Subject, m.Text)
		}
	})
}

func TestEverythingIsMailedToWhoAsksForIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ida := h.people["analyst"]
		h.ok(h.ChooseMail(ctx, ida, MailAll))
		h.happens("system", "goal.health_changed", "goal_1", map[string]string{"owner": ida.UserID, "name": "Reach", "from": "on_track", "to": "at_risk"})
		h.now = h.now.Add(time.Minute)
		h.ok(h.post(ctx, letterJob{ida.WorkspaceID, ida.UserID, h.now}))
		if len(h.box.letters) != 1 || !strings.Contains(h.box.letters[0].Text, "from on track to at risk") {
			t.Errorf("%+v", h.box.letters)
		}
		if err := h.ChooseMail(ctx, ida, "nothing"); !fault.Is(err, fault.Invalid) {
			t.Errorf("what must be told can be muted: %v", err)
		}
	})
}

func TestWhatNobodyReadsGoesToOthers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		lead := []string{h.id("owner")}
		first := Notice{Kind: "case.handed_over", Title: "A case waits", Link: "/x", Entity: "case_1"}
		tell := func(entity string) escalation {
			first.Entity = entity
			h.ok(h.db.Tx(ctx, func(tx *db.Tx) error {
				if err := h.Notify(ctx, tx, h.people["owner"].WorkspaceID, []string{h.id("analyst")}, first); err != nil {
					return err
				}
				return h.Escalate(ctx, tx, h.people["owner"].WorkspaceID, entity, 15*time.Minute, lead, first)
			}))
			return escalation{WorkspaceID: h.people["owner"].WorkspaceID, Entity: entity, Of: first.Kind, Since: h.now, To: lead, Title: first.Title}
		}
		unread := tell("case_1")
		h.ok(h.escalate(ctx, unread))
		h.ok(h.escalate(ctx, unread))
		if n, err := h.Unread(ctx, h.people["owner"]); err != nil || n != 1 {
			t.Errorf("the lead has %d notices, %v", n, err)
		}
		h.ok(h.ReadAll(ctx, h.people["owner"]))
		read := tell("case_2")
		h.ok(h.ReadAll(ctx, h.people["analyst"]))
		h.ok(h.escalate(ctx, read))
		h.wants("somebody has read it")
	})
}

func TestANoticeIsOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.happens("system", "delivery.failed_permanent", "dlv_1", map[string]string{"responsible": h.id("analyst")})
		mine, _, err := h.List(ctx, h.people["analyst"], false, "", 1)
		h.ok(err)
		if _, err := h.Open(ctx, h.people["owner"], mine[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another person's notice: %v", err)
		}
		if n, err := h.Open(ctx, h.people["analyst"], mine[0].ID); err != nil || n.Read.IsZero() || n.Link != "/deliveries/dlv_1" {
			t.Errorf("%+v, %v", n, err)
		}
	})
}

func TestEveryWordHasATitleAndALinkOnThisSite(t *testing.T) {
	for kind, w := range words {
		link := w.link(event.Event{Entity: "e_1"}, facts{"channel": "ch_1", "href": "/channels/ch_1"})
		if w.title == "" || !strings.HasPrefix(link, "/") || !strings.Contains(kind, ".") {
			t.Errorf("%s: %+v, %s", kind, w, link)
		}
	}
}

func TestC35WhatIsMendedIsTakenBackFromTheBell(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, lead := h.people["owner"], h.people[string(workspace.Manager)]
		tell := func(kind string) {
			t.Helper()
			h.ok(h.db.Tx(ctx, func(tx *db.Tx) error {
				return h.events.Record(ctx, tx, boss.WorkspaceID, "system", kind, "targ_1/link", map[string]string{"responsible": lead.UserID, "reason": "The page is gone.", "href": "/compose/post_1"})
			}))
			h.events.Drain(ctx)
		}
		unread := func(who workspace.Actor) int {
			t.Helper()
			n, err := h.Unread(ctx, who)
			h.ok(err)
			return n
		}
		tell("preflight.failed")
		if unread(lead) != 1 || unread(boss) != 0 {
			t.Fatalf("the responsible person has %d notices, the owner %d", unread(lead), unread(boss))
		}
		list, _, err := h.List(ctx, lead, true, "", 5)
		h.ok(err)
		if list[0].Link != "/compose/post_1" || !strings.Contains(list[0].Body, "The page is gone") {
			t.Fatalf("the notice is %+v", list[0])
		}
		tell("preflight.escalated")
		if unread(lead) != 2 || unread(boss) != 1 {
			t.Fatalf("minutes before, the responsible person has %d notices, the owner %d", unread(lead), unread(boss))
		}
		tell("preflight.cleared")
		if unread(lead) != 0 || unread(boss) != 0 {
			t.Fatalf("after it was mended they have %d and %d", unread(lead), unread(boss))
		}
	})
}
