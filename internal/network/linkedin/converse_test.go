package linkedin_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/linkedin/linkedinfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

func TestCommentsOfBothLevelsAreAnsweredBelowTheFirst(t *testing.T) {
	w, f := world(t, linkedinfake.Options{}, linkedinfake.Company)
	n := n2(w)
	done, _ := carryOut(t, w, plan(t, w, w.Draft("What do you think?")))
	post := done["post"].RemoteID
	start, err := n.Fetch(t.Context(), w.Session, "")
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Second)
	top := f.Say("ann", network.Comment, "Nice", post)
	w.Clock.Advance(time.Second)
	below := f.Say("bob", network.Comment, "Indeed", top)
	w.Clock.Advance(time.Second)
	f.React("ann", post)
	gone := f.Say("rude", network.Comment, "Boo", post)
	f.Remove(gone)
	b, err := n.Fetch(t.Context(), w.Session, start.Cursor)
	if err != nil || len(b.Messages) != 3 || len(b.Reactions) != 1 {
		t.Fatalf("%+v, %v", b, err)
	}
	first, second, third := b.Messages[0], b.Messages[1], b.Messages[2]
	if first.ID != top || first.ReplyTo != post || first.Thread != post || first.From.ID != "urn:li:person:ann" || second.ID != below || second.ReplyTo != top || second.Thread != post || !third.Removed {
		t.Errorf("%+v", b.Messages)
	}
	if r := b.Reactions[0]; r.Kind != "like" || r.On != post || r.From.ID != "urn:li:person:ann" {
		t.Errorf("%+v", r)
	}
	for _, to := range []network.Message{first, second} {
		steps, problems := n.PlanReply(network.Reply{Key: to.ID, To: to, Text: "Thank you (both) #1!", At: w.Clock.Now()}, w.Session.Account)
		if len(steps) != 1 || steps[0].Kind != network.Findable {
			t.Fatalf("%+v", problems)
		}
		sent := w.Clock.Now()
		o, err := n.Do(t.Context(), w.Session, steps[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		items := f.Items()
		if last := items[len(items)-1]; last.ReplyTo != top || last.Text != "Thank you (both) #1!" || last.ID != o.RemoteID {
			t.Errorf("%+v", last)
		}
		if finding, same, err := n.Find(t.Context(), w.Session, steps[0], nil, sent); err != nil || finding != network.Found || same.Data["post"] != post {
			t.Errorf("%s %+v, %v", finding, same, err)
		}
		w.Clock.Advance(time.Hour)
	}
	if err := n.Delete(t.Context(), w.Session, first.Remote); err != nil {
		t.Errorf("deleting a stranger's comment below our post: %v", err)
	}
	if steps, problems := n.PlanReply(network.Reply{To: first, Text: " "}, w.Session.Account); len(steps) > 0 || problems[0].Part != 0 {
		t.Errorf("an empty answer is planned: %+v", problems)
	}
	for range 2 {
		if err := n.Act(t.Context(), w.Session, network.Like, first.Remote); err != nil || !f.Liked(linkedinfake.Company, top) {
			t.Errorf("like: %v", err)
		}
	}
	for range 2 {
		if err := n.Act(t.Context(), w.Session, network.Unlike, first.Remote); err != nil || f.Liked(linkedinfake.Company, top) {
			t.Errorf("unlike: %v", err)
		}
	}
	if err := n.Act(t.Context(), w.Session, network.Hide, first.Remote); !fault.Is(err, fault.Rejected) {
		t.Errorf("hides what it cannot hide: %v", err)
	}
}

func TestMembersHaveNoInboxAndCannotBeRead(t *testing.T) {
	w, f := world(t, linkedinfake.Options{}, linkedinfake.Member)
	n := n2(w)
	if b, err := n.Fetch(t.Context(), w.Session, "x"); err != nil || len(b.Messages) != 0 || b.Cursor != "x" {
		t.Errorf("%+v, %v", b, err)
	}
	item := network.Remote{ID: f.Share(linkedinfake.Member, "Mine")}
	_, err1 := n.Read(t.Context(), w.Session, item)
	_, _, err2 := n.Own(t.Context(), w.Session, "", 5)
	_, err3 := n.PostMetrics(t.Context(), w.Session, []network.Remote{item})
	_, err4 := n.AccountMetrics(t.Context(), w.Session)
	for _, err := range []error{err1, err2, err3, err4} {
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("%v", err)
		}
	}
}

func TestNumbersHaveTheirNames(t *testing.T) {
	w, f := world(t, linkedinfake.Options{}, linkedinfake.Company)
	n := n2(w)
	seen, unseen, gone := f.Share(linkedinfake.Company, "Seen"), f.Share(linkedinfake.Company, "Unseen"), f.Share(linkedinfake.Company, "Gone")
	f.Measure(seen, map[string]any{"impressionCount": 100, "uniqueImpressionsCount": 80, "clickCount": 7, "likeCount": -1, "commentCount": 3, "shareCount": 2})
	f.Measure(unseen, nil)
	f.Remove(gone)
	list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{{ID: seen}, {ID: unseen}, {ID: gone}})
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, m := range list {
		switch _, like := m.Values["M-LIKE"]; m.RemoteID {
		case seen:
			if v := m.Values; v["M-IMPR"] != 100 || v["M-REACH"] != 80 || v["M-LCLICK"] != 7 || v["M-COMM"] != 3 || v["M-SHARE"] != 2 || like {
				t.Errorf("%v", v)
			}
		case unseen:
			if m.Gone || len(m.Values) > 0 {
				t.Errorf("%+v", m)
			}
		case gone:
			if !m.Gone {
				t.Errorf("%+v", m)
			}
		}
	}
	if v, err := n.AccountMetrics(t.Context(), w.Session); err != nil || v["M-FOLL"] != 219145 {
		t.Errorf("%v, %v", v, err)
	}
	w, f = world(t, linkedinfake.Options{Analytics: true}, linkedinfake.Member)
	mine := f.Share(linkedinfake.Member, "Mine")
	f.Measure(mine, map[string]any{"IMPRESSION": 50, "MEMBERS_REACHED": 40, "REACTION": 5, "POST_SAVE": 1})
	list, err = n2(w).PostMetrics(t.Context(), w.Session, []network.Remote{{ID: mine}, {ID: gone}})
	if err != nil || len(list) != 2 || list[0].Values["M-IMPR"] != 50 || list[0].Values["M-SAVE"] != 1 || len(list[0].Values) != 4 || !list[1].Gone {
		t.Errorf("%+v, %v", list, err)
	}
	if v, err := n2(w).AccountMetrics(t.Context(), w.Session); err != nil || v["M-FOLL"] != 290 {
		t.Errorf("%v, %v", v, err)
	}
	f.Faults.Next("read", networkfake.ErrorBefore)
	if list, err := n2(w).PostMetrics(t.Context(), w.Session, []network.Remote{{ID: mine}}); !fault.Is(err, fault.Later) || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestOrganizationsAreFoundAndMentioned(t *testing.T) {
	w, f := world(t, linkedinfake.Options{}, linkedinfake.Company)
	n := n2(w)
	people, err := n.SearchPeople(t.Context(), w.Session, " Other ", 5)
	if err != nil || len(people) != 1 || people[0].Handle != "other" || people[0].Name != "Other [Ltd]" {
		t.Fatalf("%+v, %v", people, err)
	}
	if people, err := n.SearchPeople(t.Context(), w.Session, "nobody", 5); err != nil || len(people) != 0 {
		t.Errorf("%+v, %v", people, err)
	}
	d := w.Draft("Thanks to @other!")
	d.Parts[0].Mentions = map[string]string{"@other": people[0].ID}
	done, _ := carryOut(t, w, plan(t, w, d))
	if got := f.Sent(done["post"].RemoteID)["commentary"]; got != `Thanks to @[Other \[Ltd\]](urn:li:organization:900)!` || f.Items()[0].Text != "Thanks to Other [Ltd]!" {
		t.Errorf("%v %+v", got, f.Items())
	}
	if c := n.Count(d, 0, w.Session.Account); c.Used != len("Thanks to Other [Ltd]!") {
		t.Errorf("counted %+v", c)
	}
}
