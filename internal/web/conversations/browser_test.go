package conversations_test

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
)

// living fills the inbox as on a working day.
func living(h *house) string {
	for who, text := range map[string]string{"jonas": "Wann gibt es das wieder?", "amina": "This is lovely, thank you for sharing!", "priya": "What does it cost including delivery?"} {
		h.says(who, text)
	}
	m := h.message("mara", "My order arrived today, but the box was damaged. Here is what it looked like:")
	m.From.Name, m.From.URL, m.From.Followers = "Mara Lindqvist", "https://sandbox.example/@mara", 1204
	m.Media = []network.Attachment{{URL: "https://files.example/box.jpg", MIME: "image/jpeg", Alt: "A dented box"}}
	h.receive(m)
	at := "/inbox/" + h.of("mara").ID
	h.OK(h.inbox.AddNote(ctx, h.Actor, h.of("mara").ID, "@Ben Ode, is that the new carrier?"))
	_, err := h.inbox.Reply(ctx, h.Actor, inbox.Answer{ConversationID: h.of("mara").ID, Text: "Oh no, we're sorry! We send a new one today."})
	h.OK(err)
	thanks := h.message("mara", "Thank you, that is quick 😊")
	thanks.From = m.From
	h.receive(thanks)
	h.OK(h.inbox.Tag(ctx, h.Actor, h.of("mara").ID, []string{"damage"}))
	_, err = h.inbox.KeepReply(ctx, h.Actor, inbox.SavedReply{Name: "Opening hours", Text: "Hi {{contact.first_name}}, we are open from ten to four."})
	h.OK(err)
	return at
}

func TestTheInboxIsWorkedByKeys(t *testing.T) {
	h := build(t)
	living(h)
	p := browser.Open(t, h.Open()+"/inbox", browser.Desktop, browser.Light)
	p.See("How people are answered")
	p.Axe()
	p.Screenshot("inbox")
	p.Keys("j")
	p.Keys("\r")
	p.See("Thank you, that is quick")
	p.Axe()
	p.Screenshot("inbox-thread")
	p.Keys("r")
	p.Until("document.activeElement.id === 'text'")
	p.Fill("#text", "You're welcome!")
	p.Click("button[data-shortcut='Ctrl+Enter']")
	p.See("The answer is on its way.")
	p.Keys("i")
	p.WaitVisible("#note-dialog[open]")
	p.Fill("#note", "Done for today")
	p.Click("#note-dialog button.btn-primary")
	p.See("Done for today")
	p.Keys("e")
	p.See("Resolved.")
	if h.of("mara").State != inbox.Resolved {
		t.Fatalf("it is %s", h.of("mara").State)
	}
	p.Keys("z")
	p.See("as before")
	if h.of("mara").State == inbox.Resolved {
		t.Fatal("it is still resolved")
	}
}

func TestTheInboxOnAPhoneAndInTheDark(t *testing.T) {
	h := build(t)
	at := living(h)
	base := h.Open()
	p := browser.Open(t, base+"/inbox", browser.Phone, browser.Dark)
	p.See("To answer")
	p.NoSidewaysScroll()
	p.Axe()
	p.Screenshot("inbox-phone")
	p.Go(base + at)
	p.See("Thank you, that is quick")
	p.NoSidewaysScroll()
	p.Axe()
	p.Screenshot("inbox-thread-phone")
	p.Go(base + "/contacts/" + h.of("mara").ContactID)
	p.See("Known as")
	p.NoSidewaysScroll()
	p.Axe()
	p.Go(base + "/inbox/replies")
	p.See("Opening hours")
	p.NoSidewaysScroll()
	p.Axe()
}

func TestHostileTextRunsNothingInABrowser(t *testing.T) { // T8
	h := build(t)
	for _, bad := range hostile {
		m := h.message("evil", bad)
		m.From.Name, m.From.URL, m.From.AvatarURL = bad, "javascript:alert(2)", "https://track.example/a.png"
		m.Media = []network.Attachment{{URL: "https://track.example/p.png", MIME: "image/png", Alt: bad}}
		h.receive(m)
	}
	base := h.Open()
	p := browser.Open(t, base+"/inbox/"+h.of("evil").ID, browser.Desktop, browser.Light) // a page that errs, alerts or breaks its policy fails the test
	p.See("drop table messages")
	if n := p.Count("main script, main img, main iframe, main [onerror], main [onload]"); n != 0 {
		t.Errorf("%d elements of a stranger", n)
	}
	p.Go(base + "/contacts/" + h.of("evil").ContactID)
	p.See("Known as")
}

func TestWhatArrivesAppearsAndWhatIsTypedStays(t *testing.T) {
	h := build(t)
	at := living(h)
	p := browser.Open(t, h.Open()+at, browser.Desktop, browser.Light)
	p.See("Thank you, that is quick")
	p.Type("#text", "Still typing")
	go h.Events.Run(t.Context())
	h.receive(h.message("mara", "And one thing more"))
	p.See("And one thing more")
	if v := p.Value("#text"); v != "Still typing" {
		t.Errorf("the answer holds %q", v)
	}
}

func TestE10ACommentIsPutAwayAndTakenBack(t *testing.T) {
	h := build(t)
	world := h.World
	world.Say(h.ch.RemoteID, network.Comment, "", "Buy my watches")
	h.OK(h.inbox.Poll(ctx, "ws_1", h.ch.ID))
	lines, _, err := h.inbox.List(ctx, h.Actor, inbox.Filter{Limit: 1})
	h.OK(err)
	address := h.Open() + "/inbox/" + lines[0].ID
	for _, look := range []struct {
		name   string
		screen browser.Screen
		scheme browser.Scheme
	}{{"desktop-light", browser.Desktop, browser.Light}, {"phone-dark", browser.Phone, browser.Dark}} {
		p := browser.Open(t, address, look.screen, look.scheme)
		p.Click("[id^=acts-] button, button[popovertarget^=acts-]")
		p.See("Mark as spam")
		p.Screenshot("acts-" + look.name)
		browser.Eval[bool](p, "[...document.querySelectorAll('button')].find(b => b.textContent.includes('Mark as spam')).click(), true")
		p.See("It is being put away as spam.")
		p.See("Being put away as spam")
		h.done("done", "")
		p.Reload()
		p.See("Marked as spam")
		p.Axe()
		p.Screenshot("acts-spam-" + look.name)
		h.OK(h.inbox.Act(ctx, h.Actor, messageOf(h, lines[0].ID).ID, inbox.Deed{Act: network.Approve}))
		h.done("done", "")
		p.Reload()
		p.DontSee("Marked as spam")
		p.ConsoleErrors()
		p.CSPReports()
	}
	m, err := h.inbox.Messages(ctx, h.Actor, lines[0].ID)
	h.OK(err)
	if m[0].PutAway != "" {
		t.Errorf("it is still %s", m[0].PutAway)
	}
}

func messageOf(h *house, conversationID string) inbox.Message {
	h.T.Helper()
	m, err := h.inbox.Messages(ctx, h.Actor, conversationID)
	h.OK(err)
	return m[0]
}

// TestE08E10E18TheScreensOfModeration looks at what is asked before acts, at holds with their log, and at windows.
func TestE08E10E18TheScreensOfModeration(t *testing.T) {
	h := build(t)
	comment := h.says("mara", "My parcel never came, and nobody answers the telephone")
	m := messageOf(h, h.of("mara").ID)
	direct := h.message("ben", "Are you still open?")
	direct.Kind, direct.Thread = network.Direct, "dm-ben"
	h.receive(direct)
	h.Exec(`update conversations set answer_by = $1, answer_end = $2 where id = $3`, db.Now().Add(3*time.Hour), db.Now().Add(6*24*time.Hour), h.of("ben").ID)
	closed := h.message("cleo", "I asked a week ago")
	closed.Kind, closed.Thread = network.Direct, "dm-cleo"
	h.receive(closed)
	h.Exec(`update conversations set answer_by = $1, answer_end = $1 where id = $2`, db.Now().Add(-time.Minute), h.of("cleo").ID)
	for _, hold := range []inbox.Hold{{Kind: inbox.HoldWords, Name: "Spam, English", Language: "en", Words: "free followers", Hides: true, Enabled: true}, {Kind: inbox.HoldLink, Name: "Links"}} {
		_, err := h.inbox.KeepHold(ctx, h.Actor, hold)
		h.OK(err)
	}
	spam := h.says("troll", "Get free followers now")
	h.done("done", "")
	base := h.Open()
	for _, look := range []struct {
		name   string
		screen browser.Screen
		scheme browser.Scheme
	}{{"desktop-light", browser.Desktop, browser.Light}, {"desktop-dark", browser.Desktop, browser.Dark}, {"phone-light", browser.Phone, browser.Light}, {"phone-dark", browser.Phone, browser.Dark}} {
		for _, c := range []struct{ name, path, see string }{
			{"windows", "/inbox", "Moderation"},
			{"window", "/inbox/" + h.of("ben").ID, "2 h 59 min left"},
			{"window-closed", "/inbox/" + h.of("cleo").ID, "they have to write again"},
			{"private", comment + "?private=" + m.ID, "Answer in private"},
			{"delete", comment + "?delete=" + m.ID, "Delete this message on"},
			{"report", comment + "?report=" + m.ID, "Report to"},
			{"flagged", spam, "Let it stand"},
			{"moderation", "/inbox/moderation", "What was done"},
			{"response-none", "/inbox/response", "No network with a count of its own"},
		} {
			p := browser.Open(t, base+c.path, look.screen, look.scheme)
			p.See(c.see)
			p.NoSidewaysScroll()
			p.Axe()
			p.Screenshot(c.name + "-" + look.name)
			p.ConsoleErrors()
			p.CSPReports()
		}
	}
	h.OK(h.inbox.Resolve(ctx, h.Actor, h.of("mara").ID))
	h.Exec(`update channels set network = 'facebook'`)
	for name, scheme := range map[string]browser.Scheme{"light": browser.Light, "dark": browser.Dark} {
		for size, screen := range map[string]browser.Screen{"desktop": browser.Desktop, "phone": browser.Phone} {
			p := browser.Open(t, base+"/inbox/response", screen, scheme)
			p.See("As Facebook counts")
			p.NoSidewaysScroll()
			p.Axe()
			p.Screenshot("response-" + size + "-" + name)
		}
	}
}
