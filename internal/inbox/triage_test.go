package inbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestEveryTransitionOfTheTableAndNoOther(t *testing.T) { // PRODUCT §4.4
	allowed := map[inbox.State][]inbox.State{
		inbox.StateNew: {inbox.Open, inbox.Dismissed, inbox.Resolved, inbox.Snoozed}, inbox.Open: {inbox.Snoozed, inbox.Resolved, inbox.Dismissed},
		inbox.Pending: {inbox.Open, inbox.Resolved, inbox.Snoozed}, inbox.Snoozed: {inbox.Open, inbox.Resolved}, inbox.Resolved: {inbox.Open}, inbox.Dismissed: {inbox.Open},
	}
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Hello?")
		verbs := map[inbox.State]func() error{
			inbox.Open: func() error { return h.inbox.Reopen(ctx, h.ida, c.ID) }, inbox.Resolved: func() error { return h.inbox.Resolve(ctx, h.ida, c.ID) },
			inbox.Dismissed: func() error { return h.inbox.Dismiss(ctx, h.ida, c.ID) }, inbox.Snoozed: func() error { return h.inbox.Snooze(ctx, h.ida, c.ID, h.now.Add(time.Hour)) },
		}
		for _, from := range inbox.States {
			for to, verb := range verbs {
				h.exec(`update conversations set state = $1 where id = $2`, from, c.ID)
				err := verb()
				if slices.Contains(allowed[from], to) {
					h.ok(err)
					h.stands(c, to)
					continue
				}
				h.refused(err, fault.Conflict, "invalid_transition")
				h.stands(c, from)
			}
		}
		h.refused(h.inbox.Snooze(ctx, h.ida, c.ID, h.now), fault.Invalid, "")
	})
}

func TestASnoozeEndsByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Hello?")
		h.ok(h.inbox.Snooze(ctx, h.ida, c.ID, h.now.Add(time.Hour)))
		h.ok(h.inbox.Wake(ctx))
		h.stands(c, inbox.Snoozed)
		h.now = h.now.Add(time.Hour)
		h.ok(h.inbox.Wake(ctx))
		h.stands(c, inbox.Open)
	})
}

func TestManyAtOnceCanBeTakenBack(t *testing.T) { // E03
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		a, b, c := h.open("a", "1"), h.open("b", "2"), h.open("c", "3")
		h.ok(h.inbox.Dismiss(ctx, h.ida, c.ID))
		d, err := h.inbox.Many(ctx, h.ida, []string{a.ID, b.ID, c.ID, "conv_none"}, inbox.Step{Do: inbox.DoResolve})
		h.ok(err)
		if d.Changed != 2 || len(d.Refused) != 2 || !fault.Is(d.Refused["conv_none"], fault.NotFound) {
			t.Fatalf("done %+v", d)
		}
		h.receive(h.from("b", "One more")) // moved on since
		n, err := h.inbox.Undo(ctx, h.ida, d.Key)
		h.ok(err)
		if n != 1 {
			t.Errorf("took back %d", n)
		}
		if now := h.stands(a, inbox.StateNew); !now.Unread || !now.ResolvedAt.IsZero() {
			t.Errorf("came back as %+v", now)
		}
		h.stands(b, inbox.Open)
		h.stands(c, inbox.Dismissed)
		_, err = h.inbox.Undo(ctx, h.ida, d.Key)
		h.refused(err, fault.Conflict, "")
		_, err = h.inbox.Undo(ctx, h.ida, "")
		h.refused(err, fault.Conflict, "")
		d, err = h.inbox.Many(ctx, h.ida, []string{a.ID}, inbox.Step{Do: inbox.DoAssign, AssigneeID: "user_2"})
		h.ok(err)
		other := h.ida
		other.WorkspaceID = "ws_2"
		_, err = h.inbox.Undo(ctx, other, d.Key)
		h.refused(err, fault.Conflict, "")
		h.now = h.now.Add(time.Hour)
		_, err = h.inbox.Undo(ctx, h.ida, d.Key)
		h.refused(err, fault.Conflict, "")
		_, err = h.inbox.Many(ctx, h.ida, nil, inbox.Step{Do: inbox.DoResolve})
		h.refused(err, fault.Invalid, "")
	})
}

func TestAssignmentKeepsTheClockAndStaysAmongMembers(t *testing.T) { // E04
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Hello?")
		h.ok(h.inbox.Assign(ctx, h.ida, c.ID, "user_2"))
		now := h.stands(c, inbox.Open)
		if now.AssigneeID != "user_2" || now.FirstInboundAt != c.FirstInboundAt || !now.FirstReplyAt.IsZero() {
			t.Errorf("assigned as %+v", now)
		}
		h.refused(h.inbox.Assign(ctx, h.ida, c.ID, "user_elsewhere"), fault.Invalid, "")
		h.ok(h.inbox.Assign(ctx, h.ida, c.ID, ""))
	})
}

func TestNotesAreKeptInsideAndTellWhomTheyName(t *testing.T) { // E04
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		c := h.open("mara", "Hello?")
		h.ok(h.inbox.AddNote(ctx, h.ida, c.ID, "  @Ben Ode can you look?\r\nThanks"))
		h.refused(h.inbox.AddNote(ctx, h.ida, c.ID, " "), fault.Invalid, "")
		notes, err := h.inbox.Notes(ctx, h.ida, c.ID)
		h.ok(err)
		if len(notes) != 1 || notes[0].Text != "@Ben Ode can you look?\nThanks" || notes[0].AuthorName != "Ida Holm" {
			t.Errorf("stored %+v", notes)
		}
		told, err := db.All[string](ctx, h.db, `select data from events where kind = 'inbox.mentioned'`)
		h.ok(err)
		if len(told) != 1 || len(h.sender.orders) != 0 || len(h.messages(c)) != 1 {
			t.Errorf("told %v, sent %v", told, h.sender.orders)
		}
	})
}

func TestCountsEqualListsAtAnyMoment(t *testing.T) { // E03
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		for _, who := range []string{"a", "b", "c", "d", "e", "f"} {
			h.open(who, "Äpfel 100% by "+who)
		}
		h.ok(h.inbox.Resolve(ctx, h.ida, h.of("a").ID))
		h.ok(h.inbox.Snooze(ctx, h.ida, h.of("b").ID, h.now.Add(time.Hour)))
		h.ok(h.inbox.Assign(ctx, h.ida, h.of("c").ID, "user_2"))
		h.ok(h.inbox.Tag(ctx, h.ida, h.of("c").ID, []string{"R&D", "R&D", " late  order "}))
		h.ok(h.inbox.Tag(ctx, h.ida, h.of("d").ID, []string{"R"}))
		h.refused(h.inbox.Tag(ctx, h.ida, h.of("d").ID, []string{`a"b`}), fault.Invalid, "")
		h.reply(h.ben, h.of("d"), "Yes_or no")
		for name, f := range map[string]inbox.Filter{"all": {}, "mine": {AssigneeID: "user_2"}, "nobody's": {AssigneeID: "none"}, "tag": {Tag: "R&D"}, "short tag": {Tag: "R"}, "spaced tag": {Tag: "late order"},
			"search": {Search: "äpfel"}, "exact search": {Search: "Äpfel"}, "pattern": {Search: "100%"}, "no pattern": {Search: "1%0"}, "underscore": {Search: "yes_or"}, "channel": {ChannelID: h.ch.ID}, "kind": {Kind: "comment"}, "other kind": {Kind: "direct"}} {
			counts, err := h.inbox.Tally(ctx, h.ida, f)
			h.ok(err)
			total := 0
			for _, s := range inbox.States {
				narrowed := f
				narrowed.State = s
				lines, _, err := h.inbox.List(ctx, h.ida, narrowed)
				h.ok(err)
				if len(lines) != counts[s] {
					t.Errorf("%s: %d are %s, counted %d", name, len(lines), s, counts[s])
				}
				total += counts[s]
			}
			want := map[string]int{"all": 6, "mine": 1, "nobody's": 5, "tag": 1, "short tag": 1, "spaced tag": 1, "exact search": 6, "pattern": 6, "underscore": 1, "channel": 6, "kind": 6}
			if name != "search" && total != want[name] {
				t.Errorf("%s: %d, want %d", name, total, want[name])
			}
			waiting := f
			waiting.ToAnswer = true
			lines, _, err := h.inbox.List(ctx, h.ida, waiting)
			h.ok(err)
			if len(lines) != counts[inbox.StateNew]+counts[inbox.Open] {
				t.Errorf("%s: %d wait for an answer, counted %d", name, len(lines), counts[inbox.StateNew]+counts[inbox.Open])
			}
		}
		tags, err := h.inbox.Tags(ctx, h.ida)
		h.ok(err)
		slices.Sort(tags)
		if !slices.Equal(tags, []string{"R", "R&D", "late order"}) {
			t.Errorf("tags in use %v", tags)
		}
	})
}

func TestPagesFollowEachOtherWithoutGapOrDouble(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		at := h.now
		for _, who := range []string{"a", "b", "c", "d", "e"} {
			m := h.from(who, "same instant")
			m.At = at
			h.receive(m)
		}
		seen := map[string]bool{}
		f := inbox.Filter{Limit: 2}
		for {
			lines, more, err := h.inbox.List(ctx, h.ida, f)
			h.ok(err)
			for _, l := range lines {
				if seen[l.ID] {
					t.Errorf("%s came twice", l.ID)
				}
				seen[l.ID] = true
				f.BeforeAt, f.BeforeID = l.LastMessageAt, l.ID
			}
			if !more {
				break
			}
		}
		if len(seen) != 5 {
			t.Errorf("saw %d of 5", len(seen))
		}
	})
}

func TestPeopleSeeWhatTheirRolesOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.exec(`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_2', 'Other', 'UTC', 'EUR', 0)`)
		made, err := h.channels.SignIn(ctx, h.ida, "sandbox", "brand_2", map[string]string{"handle": "bar"})
		h.ok(err)
		a := h.open("a", "to the club")
		h.now = h.now.Add(time.Second)
		h.ok(h.inbox.Receive(ctx, made[0], network.Batch{Messages: []network.Message{h.from("b", "to the bar")}}))
		b := h.of("b")
		sees := func(name string, actor workspace.Actor, want ...string) {
			t.Helper()
			lines, _, err := h.inbox.List(ctx, actor, inbox.Filter{})
			h.ok(err)
			var got []string
			for _, l := range lines {
				got = append(got, l.ID)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s sees %v, want %v", name, got, want)
			}
			counts, err := h.inbox.Tally(ctx, actor, inbox.Filter{})
			h.ok(err)
			n := 0
			for _, c := range counts {
				n += c
			}
			if n != len(want) {
				t.Errorf("%s counts %d, want %d", name, n, len(want))
			}
			for _, c := range []inbox.Conversation{a, b} {
				_, err := h.inbox.Get(ctx, actor, c.ID)
				if (err == nil) != slices.Contains(want, c.ID) {
					t.Errorf("%s opens %s: %v", name, c.ID, err)
				}
			}
		}
		as := func(grants ...workspace.RoleGrant) workspace.Actor {
			return workspace.Actor{WorkspaceID: "ws_1", UserID: "user_2", Name: "Ben Ode", Grants: grants}
		}
		sees("an owner", as(workspace.RoleGrant{Role: workspace.Owner}), a.ID, b.ID)
		sees("community of one brand", as(workspace.RoleGrant{Role: workspace.Community, BrandID: "brand_2"}), b.ID)
		sees("community of one channel", as(workspace.RoleGrant{Role: workspace.Community, ChannelID: h.ch.ID}), a.ID)
		sees("sales", as(workspace.RoleGrant{Role: workspace.Sales}))
		h.ok(h.inbox.Assign(ctx, h.ida, a.ID, "user_2"))
		sees("sales with one assigned", as(workspace.RoleGrant{Role: workspace.Sales}), a.ID)
		sees("sales and community of another brand", as(workspace.RoleGrant{Role: workspace.Sales}, workspace.RoleGrant{Role: workspace.Community, BrandID: "brand_2"}), a.ID, b.ID)
		_, _, err = h.inbox.List(ctx, as(workspace.RoleGrant{Role: workspace.Creator}), inbox.Filter{})
		h.refused(err, fault.Forbidden, "")
		other := h.ida
		other.WorkspaceID = "ws_2"
		sees("another workspace's owner", other)
		reader := as(workspace.RoleGrant{Role: workspace.Analyst})
		h.refused(h.inbox.Resolve(ctx, reader, b.ID), fault.Forbidden, "")
		h.ok(h.inbox.Read(ctx, reader, b.ID))
		if !h.get(b).Unread {
			t.Error("looking on marks it as seen for those who answer")
		}
		h.ok(h.inbox.Read(ctx, h.ida, b.ID))
		if h.get(b).Unread {
			t.Error("it stays unread")
		}
	})
}

func TestSavedRepliesFillInWordsAndAskForTheRest(t *testing.T) { // E06
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		m := h.from("mara.l", "Hello?")
		m.From.Name = "Mara {{agent.name}}\nLindqvist"
		h.receive(m)
		c := h.of("mara.l")
		r, err := h.inbox.KeepReply(ctx, h.ida, inbox.SavedReply{Name: "Hours", Text: "Hi {{contact.first_name}} ({{ contact.handle }}), {{agent.first_name}} of {{brand.name}} here: <b>10–16</b>."})
		h.ok(err)
		text, missing, err := h.inbox.Fill(ctx, h.ida, c.ID, r.ID)
		h.ok(err)
		if text != "Hi Mara (mara.l), Ida of Nordlys here: <b>10–16</b>." || missing != nil {
			t.Errorf("filled in as %q, missing %v", text, missing)
		}
		_, err = h.inbox.Reply(ctx, h.ida, inbox.Answer{ConversationID: c.ID, Text: text, SavedReplyID: r.ID})
		h.ok(err)
		_, err = h.inbox.KeepReply(ctx, h.ida, inbox.SavedReply{ID: r.ID, Name: "Name", Text: "{{contact.name}}"})
		h.ok(err)
		text, _, err = h.inbox.Fill(ctx, h.ida, c.ID, r.ID)
		h.ok(err)
		if text != "Mara agent.name Lindqvist" {
			t.Errorf("a stranger's name brings %q", text)
		}
		nameless := h.open("@robot7", "Beep")
		r2, err := h.inbox.KeepReply(ctx, h.ida, inbox.SavedReply{Name: "Greeting", Text: "Dear {{contact.first_name}},", Language: "en"})
		h.ok(err)
		text, missing, err = h.inbox.Fill(ctx, h.ida, nameless.ID, r2.ID)
		h.ok(err)
		if text != "Dear {{contact.first_name}}," || !slices.Equal(missing, []string{"{{contact.first_name}}"}) {
			t.Errorf("filled in as %q, missing %v", text, missing)
		}
		all, err := h.inbox.SavedReplies(ctx, h.ida)
		h.ok(err)
		if len(all) != 2 || all[1].Used != 1 || all[0].Name != "Greeting" {
			t.Errorf("kept %+v", all)
		}
		for _, bad := range []inbox.SavedReply{{Text: "x"}, {Name: "x"}, {Name: "x", Text: "{{secret.env}}"}} {
			_, err := h.inbox.KeepReply(ctx, h.ida, bad)
			h.refused(err, fault.Invalid, "")
		}
		other := h.ida
		other.WorkspaceID = "ws_2"
		h.refused(h.inbox.DropReply(ctx, other, r.ID), fault.NotFound, "")
		h.ok(h.inbox.DropReply(ctx, h.ida, r.ID))
		analyst := h.ida
		analyst.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
		h.refused(h.inbox.DropReply(ctx, analyst, r2.ID), fault.Forbidden, "")
	})
}
