package inbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestE10AnActGoesThroughTheJournalAndShowsWhatBecomesOfIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("troll", "An insult")
		m := h.messages(c)[0]
		hide := inbox.Deed{Act: network.Hide}
		h.ok(h.inbox.Act(ctx, h.ida, m.ID, hide))
		o := h.sender.acts[0]
		if o.Act != network.Hide || o.On.ID != m.RemoteID || o.On.Data["author"] != "troll" {
			t.Errorf("ordered %+v", o)
		}
		if h.messages(c)[0].Hidden {
			t.Error("it is shown as hidden before the network has hidden it")
		}
		h.refused(h.inbox.Act(ctx, h.ida, m.ID, hide), fault.Conflict, "under_way")
		h.acted("failed", "the network said no")
		under, err := h.inbox.Underways(ctx, h.ida, c.ID)
		h.ok(err)
		if u := under[m.ID]; u.State != "failed" || u.Reason != "the network said no" {
			t.Errorf("it stands as %+v", u)
		}
		h.ok(h.act(h.ida, m, network.Hide))
		if under, _ = h.inbox.Underways(ctx, h.ida, c.ID); len(under) != 0 || !h.messages(c)[0].Hidden {
			t.Errorf("after it was done: %v", under)
		}
		sales := h.ida
		sales.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
		h.refused(h.inbox.Act(ctx, sales, m.ID, inbox.Deed{Act: network.Delete}), fault.Forbidden, "")
	})
}

func TestE10WhatIsDeletedIsKeptHere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("troll", "I know where you live")
		m := h.messages(c)[0]
		h.ok(h.act(h.ida, m, network.Delete))
		got := h.messages(c)[0]
		if got.RemovedAt.IsZero() || got.Text != "I know where you live" {
			t.Errorf("it stands as %+v", got)
		}
		kept, err := db.One[string](ctx, database, `select kept from acts where workspace_id = 'ws_1' and act = 'delete'`)
		h.ok(err)
		audit, err := db.One[string](ctx, database, `select before_state from audit_entries where workspace_id = 'ws_1' and action = 'inbox.delete'`)
		h.ok(err)
		for _, copy := range []string{kept, audit} {
			if !strings.Contains(copy, "I know where you live") || !strings.Contains(copy, "troll") {
				t.Errorf("the copy is %q", copy)
			}
		}
		h.refused(h.inbox.Act(ctx, h.ida, m.ID, inbox.Deed{Act: network.Hide}), fault.Conflict, "")
	})
}

func TestE10OnlyWhatTheNetworkOffersForTheKind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.receive(h.direct("troll", "An insult"))
		m := h.messages(h.of("troll"))[0]
		h.refused(h.inbox.Act(ctx, h.ida, m.ID, inbox.Deed{Act: network.Hide}), fault.Rejected, "")
		h.ok(h.act(h.ida, m, network.Block))
		quiet, err := h.inbox.SilencedOn(ctx, h.ida, m.ConversationID)
		h.ok(err)
		if s := quiet[m.IdentityID]; !s.Blocked || s.Muted {
			t.Errorf("silenced %+v", s)
		}
		h.ok(h.act(h.ida, m, network.Unblock))
		if quiet, _ = h.inbox.SilencedOn(ctx, h.ida, m.ConversationID); quiet[m.IdentityID].Blocked {
			t.Error("still blocked")
		}
		h.ok(h.inbox.Act(ctx, h.ida, m.ID, inbox.Deed{Act: network.Report, Why: " A threat "}))
		if got := h.sender.acts[len(h.sender.acts)-1].On.Data["reason"]; got != "A threat" {
			t.Errorf("reported for %q", got)
		}
		h.refused(h.inbox.Act(ctx, h.ida, m.ID, inbox.Deed{Act: network.Report, Why: strings.Repeat("x", 1001)}), fault.Invalid, "")
	})
}

func TestE10ManyAreHiddenAndShownAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		a, b := h.open("a", "1"), h.open("b", "2")
		h.receive(h.direct("d", "3"))
		d, err := h.inbox.ActMany(ctx, h.ida, []string{a.ID, b.ID, h.of("d").ID, "conv_none"}, inbox.Deed{Act: network.Hide})
		h.ok(err)
		if d.Changed != 2 || len(d.Refused) != 2 || d.Key == "" || !fault.Is(d.Refused["conv_none"], fault.NotFound) {
			t.Fatalf("done %+v", d)
		}
		n, err := h.inbox.TakeBack(ctx, h.ida, d.Key)
		h.ok(err)
		if n != 2 || len(h.sender.acts) != 4 || h.sender.acts[3].Act != network.Unhide {
			t.Errorf("took back %d by %v", n, h.sender.acts)
		}
		_, err = h.inbox.TakeBack(ctx, h.ida, "undo_none")
		h.refused(err, fault.Conflict, "")
		if d, err = h.inbox.ActMany(ctx, h.ida, []string{a.ID}, inbox.Deed{Act: network.Delete}); err != nil || d.Changed != 1 || d.Key != "" {
			t.Errorf("a deletion can be taken back: %+v, %v", d, err)
		}
	})
}

func TestManyAreTaggedAndTakenBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		a, b := h.open("a", "1"), h.open("b", "2")
		h.ok(h.inbox.Tag(ctx, h.ida, a.ID, []string{"press"}))
		d, err := h.inbox.Many(ctx, h.ida, []string{a.ID, b.ID}, inbox.Step{Do: inbox.DoTag, Tags: []string{"recall", "press"}})
		h.ok(err)
		if !slices.Equal(h.get(a).Tags, []string{"press", "recall"}) || !slices.Equal(h.get(b).Tags, []string{"recall", "press"}) {
			t.Errorf("tagged %v and %v", h.get(a).Tags, h.get(b).Tags)
		}
		h.ok(h.inbox.Tag(ctx, h.ida, b.ID, []string{"other"})) // moved on
		n, err := h.inbox.Undo(ctx, h.ida, d.Key)
		h.ok(err)
		if n != 1 || !slices.Equal(h.get(a).Tags, []string{"press"}) || !slices.Equal(h.get(b).Tags, []string{"other"}) {
			t.Errorf("%d taken back: %v and %v", n, h.get(a).Tags, h.get(b).Tags)
		}
		d, err = h.inbox.Many(ctx, h.ida, []string{a.ID}, inbox.Step{Do: inbox.DoTag})
		if err != nil || !fault.Is(d.Refused[a.ID], fault.Invalid) {
			t.Errorf("no tag: %+v, %v", d, err)
		}
	})
}

func TestE10HoldsFlagAndHideWhatTheyFind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		keep := func(hold inbox.Hold) string {
			hold.Enabled = true
			id, err := h.inbox.KeepHold(ctx, h.ida, hold)
			h.ok(err)
			return id
		}
		spam := keep(inbox.Hold{Kind: inbox.HoldWords, Name: "Spam", Language: "EN ", Words: "free followers\ncasino*\n", Hides: true})
		keep(inbox.Hold{Kind: inbox.HoldLink, Name: "Links"})
		for _, c := range []struct {
			who, said string
			flag      string // a part of it, "" = none
			hides     bool
		}{
			{"a", "Get FREE followers here", "“free followers”", true},
			{"b", "The best casinos", "“casinos”", true},
			{"c", "This is free. Followers love it", "“free followers”", true}, // punctuation hides no phrase
			{"d", "See https://evil.org/x", "a link: https://evil.org/x", false},
			{"e", "Das ist nicht für die Casinos und ich bin mit der Bahn da", "", false}, // clearly German
			{"f", "A fine day", "", false},
		} {
			before := len(h.sender.acts)
			conversation := h.open(c.who, c.said)
			m := h.messages(conversation)[0]
			if (m.Flag != "") != (c.flag != "") || !strings.Contains(m.Flag, c.flag) {
				t.Errorf("%q is flagged %q, want %q", c.said, m.Flag, c.flag)
			}
			if tagged := slices.Contains(h.get(conversation).Tags, "flagged"); tagged != (c.flag != "") {
				t.Errorf("%q: tagged %t", c.said, tagged)
			}
			if hid := len(h.sender.acts) > before; hid != c.hides {
				t.Errorf("%q: hidden %t", c.said, hid)
			}
		}
		h.receive(h.direct("g", "Free followers at https://evil.org"))
		if m := h.messages(h.of("g"))[0]; !strings.Contains(m.Flag, "free followers") || len(h.sender.acts) != 3 {
			t.Errorf("a direct message is flagged %q, %d hidden", m.Flag, len(h.sender.acts))
		}
		log, err := h.inbox.Moderations(ctx, h.ida, time.Time{}, "", 50)
		h.ok(err)
		if len(log) != 5 || log[0].By != "Spam" || log[0].HoldID != spam || log[0].Act != "flag" || !strings.Contains(log[0].Why, "hide nothing here") {
			t.Errorf("the log has %d lines, the newest %+v", len(log), log[0])
		}
		// Undo: a person shows it again, and the mark is gone.
		a := h.of("a")
		m := h.messages(a)[0]
		h.ok(h.db.Tx(ctx, func(tx *db.Tx) error { return h.inbox.Acted(ctx, tx, "ws_1", "dlv_act_1", "", "done", "") }))
		h.ok(h.act(h.ida, m, network.Unhide))
		if now := h.messages(a)[0]; now.Hidden || now.Flag != "" || slices.Contains(h.of("a").Tags, "flagged") {
			t.Errorf("shown again: %+v, tags %v", now, h.of("a").Tags)
		}
		d := h.messages(h.of("d"))[0]
		h.ok(h.inbox.Unflag(ctx, h.ida, d.ID))
		if h.messages(h.of("d"))[0].Flag != "" || slices.Contains(h.of("d").Tags, "flagged") {
			t.Error("looked at, and still flagged")
		}
		h.ok(h.inbox.DropHold(ctx, h.ida, spam))
		h.refused(h.inbox.DropHold(ctx, h.ida, spam), fault.NotFound, "")
	})
}

func TestE10AFirstMessageIsHeldOnceAndHistoryNever(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		_, err := h.inbox.KeepHold(ctx, h.ida, inbox.Hold{Kind: inbox.HoldNewcomer, Name: "Newcomers", Enabled: true})
		h.ok(err)
		first := h.messages(h.open("mara", "Hello"))[0]
		next := h.from("mara", "Me again")
		next.Thread = "elsewhere"
		h.receive(next)
		if again := h.messages(h.of("mara"))[0]; first.Flag == "" || again.Flag != "" {
			t.Errorf("flagged %q, then %q", first.Flag, again.Flag)
		}
		for _, bad := range []inbox.Hold{{Kind: "mood", Name: "x"}, {Kind: inbox.HoldWords, Name: "x", Words: " \n*\n"}, {Kind: inbox.HoldLink}} {
			if _, err := h.inbox.KeepHold(ctx, h.ida, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}
