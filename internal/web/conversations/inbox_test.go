package conversations_test

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	xhtml "golang.org/x/net/html"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/webtest"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestTheListIsNarrowedByItsAddressAndCountsEqualIt(t *testing.T) { // E01, E03
	h := build(t)
	h.Get("/inbox").Says(t, 200, "Everybody has an answer", "How people are answered", "M-FRT", "read ")
	mara := h.says("mara", "Is it open?")
	h.says("ben", "Lovely place")
	h.Get("/inbox").Says(t, 200, "Is it open?", "Lovely place", "Unread:", `href="`+mara+`"`)
	h.OK(h.inbox.Resolve(ctx, h.Actor, h.of("ben").ID))
	h.OK(h.inbox.Tag(ctx, h.Actor, h.of("mara").ID, []string{"R&D"}))
	h.OK(h.inbox.Assign(ctx, h.Actor, h.of("mara").ID, "user_1"))
	for query, want := range map[string][]string{"": {"Is it open?", "!Lovely"}, "state=resolved": {"!Is it open?", "Lovely"}, "state=all": {"Is it open?", "Lovely"}, "state=all&q=lovely": {"!Is it open?", "Lovely"},
		"state=all&assignee=me": {"Is it open?", "!Lovely"}, "state=all&assignee=none": {"!Is it open?", "Lovely"}, "state=all&tag=R%26D": {"Is it open?", "!Lovely"}, "state=all&kind=direct": {"Nothing matches", "!Lovely"},
		"state=all&channel=" + h.ch.ID: {"Is it open?", "Lovely"}, "state=all&target=t_none": {"Nothing matches", "About one post"}} {
		h.Get("/inbox?"+query).Says(t, 200, want...)
	}
	body := h.Get("/inbox?state=all").Body
	for label, n := range map[string]string{"To answer": "1", "Open": "1", "Resolved": "1", "All": "2"} {
		if !regexp.MustCompile(`<span>` + label + `</span> ?<span class="tab-count [^"]*">` + n + `</span>`).MatchString(body) {
			t.Errorf("the tab %s does not count %s", label, n)
		}
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(key|confirm|as_is|to|saved_used)" value="([^"]*)"`)

// fields are the hidden fields of the answer's form on a page.
func fields(page string) []string {
	var out []string
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1], html.UnescapeString(m[2]))
	}
	return out
}

func TestAnAnswerGoesOutOnceAndShowsItsState(t *testing.T) { // E01, R36
	h := build(t)
	at := h.says("mara", "Is it open?")
	form := append(fields(h.Get(at).Body), "text", "Yes, until six.")
	if h.of("mara").Unread {
		t.Error("it is still unread after it was opened")
	}
	for range 2 {
		if a := h.Post(at+"/reply", form...); a.Status != 303 || a.Location != at {
			t.Fatalf("answered %d to %q", a.Status, a.Location)
		}
	}
	if h.sent != 1 {
		t.Fatalf("%d answers went out", h.sent)
	}
	h.Get(at).Says(t, 200, "Yes, until six.", "Queued", "/deliveries/dlv_1", "Ida Holm")
	messages, err := h.inbox.Messages(ctx, h.Actor, h.of("mara").ID)
	h.OK(err)
	for state, word := range map[string]string{"unknown": "Unconfirmed", "failed": "Not sent", "sent": "Sent"} {
		h.OK(h.DB.Tx(ctx, func(tx *db.Tx) error {
			return h.inbox.Delivered(ctx, tx, "ws_1", messages[1].ID, state, network.Remote{})
		}))
		h.Get(at).Says(t, 200, word)
	}
}

func TestARefusedAnswerComesBackAsTyped(t *testing.T) { // PRODUCT §11
	h := build(t)
	at := h.says("mara", "Is it open?")
	typed := "Yes <b>& no</b>, "
	h.Post(at+"/reply", "text", "  ").Says(t, 422, "An answer needs a text")
	long := typed + strings.Repeat("a", 6000)
	h.Post(at+"/reply", "text", long).Says(t, 422, html.EscapeString(long))
	asked := h.Post(at+"/reply", "key", "form_1", "text", typed+"{{contact.first_name}}")
	asked.Says(t, 409, "the text still holds {{contact.first_name}}"[4:], html.EscapeString(typed), "Send it all the same")
	h.as("user_2", "Ben Ode", workspace.Community)
	h.OK(answer(h, "Yes it is"))
	h.as("user_1", "Ida Holm", workspace.Owner)
	collided := h.Post(at+"/reply", "key", "form_2", "text", typed)
	collided.Says(t, 409, "An answer went out here less than a minute ago", html.EscapeString(strings.TrimRight(typed, " ")), "Yes it is", "Send it all the same")
	if a := h.Post(at+"/reply", append(fields(collided.Body), "text", typed, "then", "resolve")...); a.Status != 303 {
		t.Fatalf("confirmed: %d", a.Status)
	}
	if h.sent != 2 || h.of("mara").State != inbox.Resolved {
		t.Errorf("%d went out, it is %s", h.sent, h.of("mara").State)
	}
	gone := h.message("mara", "")
	gone.ID, gone.Removed = "m001", true
	h.receive(gone)
	h.Get(at).Says(t, 200, "Removed by its author", "Is it open?", "No answer can be sent from here")
}

func answer(h *house, text string) error {
	_, err := h.inbox.Reply(ctx, h.Actor, inbox.Answer{ConversationID: h.of("mara").ID, Text: text})
	return err
}

func TestStepsLeadToTheNextAndCanBeTakenBack(t *testing.T) { // E03
	h := build(t)
	a, b := h.says("a", "First"), h.says("b", "Second")
	done := h.Post(b+"/step", "do", "resolve")
	if done.Status != 303 || done.Location != a {
		t.Fatalf("resolved: %d to %q, want the next, %q", done.Status, done.Location, a)
	}
	h.Post(b+"/step", "do", "dismiss").Says(t, 409, "A conversation that is resolved cannot become dismissed")
	h.Post(a+"/step", "do", "snooze", "until", "2020-01-01T09:00").Says(t, 422, "Choose a time in the future", "data-open-now")
	h.Post(a+"/step", "do", "snooze", "for", "1h")
	if s := h.of("a"); s.State != inbox.Snoozed || time.Until(s.SnoozedUntil) > time.Hour {
		t.Errorf("snoozed as %s until %s", s.State, s.SnoozedUntil)
	}
	h.Post(b+"/step", "do", "reopen")
	h.Post(b+"/step", "do", "assign", "to_user", "user_2")
	h.Post(b+"/step", "do", "assign", "to_user", "user_9").Says(t, 422, "This person is not a member")
	h.Post(b+"/step", "do", "explode").Says(t, 422)
	if h.of("b").AssigneeID != "user_2" {
		t.Error("it is not assigned")
	}
	toast := h.Post("/inbox/bulk?state=all", "do", "resolve", "conversation", h.of("a").ID, "conversation", h.of("b").ID)
	if toast.Status != 303 || toast.Location != "/inbox?state=all" {
		t.Fatalf("many: %d to %q", toast.Status, toast.Location)
	}
	key, err := db.One[string](ctx, h.DB, `select undo_key from conversations where id = $1`, h.of("b").ID)
	h.OK(err)
	if u := h.Post("/inbox/" + key + "/undo?back=" + url.QueryEscape("//evil.example/")); u.Status != 303 || u.Location != "/" {
		t.Errorf("taken back: %d to %q", u.Status, u.Location)
	}
	if h.of("a").State != inbox.Snoozed || h.of("b").State != inbox.Open {
		t.Errorf("they are %s and %s", h.of("a").State, h.of("b").State)
	}
	h.Post("/inbox/bulk", "do", "resolve").Says(t, 303)
}

func TestNotesTagsAndActs(t *testing.T) { // E04, E10
	h := build(t)
	at := h.says("mara", "Is it open?")
	h.Post(at+"/note", "note", "").Says(t, 422, "A note needs a text")
	h.Post(at+"/note", "note", "Ask <i>Ben</i>")
	h.Post(at+"/tags", "tags", "press, press , late")
	h.Get(at).Says(t, 200, "Ask &lt;i&gt;Ben&lt;/i&gt;", "note, for members only", "press, late", "Sandbox lets programs like")
	h.Post(at+"/tags", "tags", `a"b`).Says(t, 422, "data-open-now")
	messages, err := h.inbox.Messages(ctx, h.Actor, h.of("mara").ID)
	h.OK(err)
	h.Post(at+"/act", "message", messages[0].ID, "act", "applaud").Says(t, 303)
	if h.sent != 0 {
		t.Error("a note was sent")
	}
}

func TestWritingIsShownAndTakenOver(t *testing.T) { // E11
	h := build(t)
	at := h.says("mara", "Is it open?")
	h.as("user_2", "Ben Ode", workspace.Community)
	h.Swap(at+"/writing", "text", "typing").Says(t, 200, `id="writing"`, "!is writing")
	h.as("user_1", "Ida Holm", workspace.Owner)
	h.Get(at).Says(t, 200, "Ben Ode is writing an answer here", "Take over")
	h.Swap(at+"/writing").Says(t, 200, "Ben Ode is writing")
	if a := h.Post(at+"/writing", "take_over", "on"); a.Location != at {
		t.Errorf("taken over: %d to %q", a.Status, a.Location)
	}
	h.as("user_2", "Ben Ode", workspace.Community)
	h.Get(at+"/writing").Says(t, 200, "Ida Holm is writing")
}

func TestSavedRepliesAreInsertedBehindWhatIsTyped(t *testing.T) { // E06
	h := build(t)
	h.Get("/inbox/replies").Says(t, 200, "No saved reply yet", "{{contact.first_name}}")
	h.Post("/inbox/replies", "name", "Hours", "text", "{{secret}}").Says(t, 422, "There is no variable", "{{secret}}", `value="Hours"`)
	h.Post("/inbox/replies", "name", "Hours", "text", "Hi {{contact.first_name}}, ten to four. {{agent.first_name}}").Says(t, 303)
	saved, err := h.inbox.SavedReplies(ctx, h.Actor)
	h.OK(err)
	at := h.says("mara", "Is it open?")
	h.Post(at+"/fill", "text", "Thanks!", "saved", saved[0].ID, "key", "k").Says(t, 200, "Thanks!\n\nHi mara, ten to four. Ida")
	h.Post(at+"/fill", "text", "Thanks!").Says(t, 422, "Choose a saved reply first", "Thanks!")
	nameless := h.says("@77", "Beep")
	h.Post(nameless+"/fill", "saved", saved[0].ID).Says(t, 200, "Nothing is known here for {{contact.first_name}}")
	h.Get("/inbox/replies?edit="+saved[0].ID).Says(t, 200, "Change the saved reply", `value="Hours"`)
	h.Post("/inbox/replies/"+saved[0].ID+"/save", "name", "Opening hours", "text", "Ten to four").Says(t, 303)
	h.as("user_3", "An", workspace.Analyst)
	h.Post("/inbox/replies/"+saved[0].ID+"/delete").Says(t, 403)
	h.as("user_1", "Ida Holm", workspace.Owner)
	h.Post("/inbox/replies/"+saved[0].ID+"/delete").Says(t, 303)
}

func TestAReaderReadsAndAStrangerToAConversationSeesNone(t *testing.T) {
	h := build(t)
	at := h.says("mara", "Is it open?")
	h.as("user_3", "An", workspace.Analyst)
	h.Get(at).Says(t, 200, "Is it open?", "You can read here", "!Resolve</span>", "!name=\"text\"")
	h.Post(at+"/step", "do", "resolve").Says(t, 403)
	h.as("user_4", "Sal", workspace.Sales)
	h.Get("/inbox").Says(t, 200, "!Is it open?")
	h.Get(at).Says(t, 404, "!Is it open?")
	h.Get("/inbox/conv_none").Says(t, 404)
	h.as("user_5", "Cre", workspace.Creator)
	h.Get("/inbox").Says(t, 403)
}

// hostile is what strangers send (S5–S7, T8).
var hostile = []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</textarea></title><svg onload=alert(1)>`, `javascript:alert(1)`, `{{.Env}} {{ env "HOME" }} ${7*7}`, "a\u202egnp.exe", `<a href="javascript:alert(1)">x</a>`, `'; drop table messages; --`}

// acting returns the ways in which a page as a browser reads it would run or load something of a stranger's.
func acting(page string) (found []string) {
	for z := xhtml.NewTokenizer(strings.NewReader(page)); z.Next() != xhtml.ErrorToken; {
		token := z.Token()
		if token.Type != xhtml.StartTagToken && token.Type != xhtml.SelfClosingTagToken {
			continue
		}
		src := false
		for _, a := range token.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			src = src || a.Key == "src"
			switch {
			case strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc":
				found = append(found, token.String())
			case a.Key == "src" && !strings.HasPrefix(value, "/assets/"):
				found = append(found, token.String())
			case slices.Contains([]string{"href", "action", "formaction", "hx-get", "hx-post", "data-refresh-url"}, a.Key) && !regexp.MustCompile(`^(https?://|/|#|\?|about:invalid|$)`).MatchString(value):
				found = append(found, token.String())
			}
		}
		if token.Data == "script" && !src || slices.Contains([]string{"iframe", "object", "embed", "base"}, token.Data) {
			found = append(found, token.String())
		}
	}
	return found
}

func TestS5S6S7HostileTextIsTextEverywhere(t *testing.T) { // T8
	h := build(t)
	var pages []webtest.Answer
	for n, bad := range hostile {
		m := h.message("evil"+string(rune('a'+n)), bad)
		m.From.Name, m.From.Handle, m.From.URL, m.From.AvatarURL, m.URL = bad, bad, "javascript:alert(2)", "https://track.example/a.png", "data:text/html,<script>alert(1)</script>"
		m.Media = []network.Attachment{{URL: "https://track.example/p.png?" + bad, MIME: "image/png", Alt: bad}, {URL: "vbscript:x", Alt: bad}}
		h.receive(m)
		lines, _, err := h.inbox.List(ctx, h.Actor, inbox.Filter{})
		h.OK(err)
		l := lines[0]
		h.OK(h.inbox.AddNote(ctx, h.Actor, l.ID, bad))
		pages = append(pages, h.Get("/inbox/"+l.ID), h.Get("/contacts/"+l.ContactID), h.Post("/inbox/"+l.ID+"/reply", "text", bad+strings.Repeat("x", 6000)), h.Post("/inbox/"+l.ID+"/note", "note", bad+strings.Repeat("x", 21_000)))
	}
	pages = append(pages, h.Get("/inbox?state=all"), h.Get("/inbox?q="+url.QueryEscape(hostile[1])), h.Get("/inbox?state="+url.QueryEscape(hostile[1])), h.Get("/inbox?tag="+url.QueryEscape(hostile[0])))
	for n, p := range pages {
		if p.Status >= 500 {
			t.Errorf("page %d: status %d", n, p.Status)
		}
		for _, tag := range acting(p.Body) {
			t.Errorf("page %d holds %s", n, tag)
		}
		if strings.Contains(p.Body, "track.example/a.png") {
			t.Errorf("page %d names a stranger's picture", n)
		}
	}
	if len(acting(`<p>`+hostile[1]+hostile[0]+hostile[6])) < 3 {
		t.Error("the judge sees nothing in what was sent")
	}
	pages[0].Says(t, 200, "&lt;script&gt;alert(1)&lt;/script&gt;", "Not shown here", `rel="noopener noreferrer nofollow"`)
}

func TestE10ActsAskBeforeWhatCannotBeTakenBack(t *testing.T) {
	h := build(t)
	at := h.says("troll", "An <b>insult</b>")
	m := messageOf(h, h.of("troll").ID)
	h.Get(at).Says(t, 200, "Delete…", "Report to the network…", "!Unblock the author")
	h.Get(at+"?delete="+m.ID).Says(t, 200, "Delete this message on Sandbox?", "An &lt;b&gt;insult&lt;/b&gt;")
	h.Get(at+"?delete=msg_none").Says(t, 200, "!Delete this message")
	h.Post(at+"/act", "message", m.ID, "act", "hide").Says(t, 303)
	h.Get(at).Says(t, 200, "Being hidden", "!Show again</span>")
	h.done("failed", "the network said no")
	h.Get(at).Says(t, 200, "Not hidden", "the network said no")
	h.Post(at+"/act", "message", m.ID, "act", "block").Says(t, 303)
	h.done("done", "")
	h.Get(at).Says(t, 200, "Author blocked", "Unblock the author")
	h.Get("/inbox/moderation").Says(t, 200, "Block the author", "Unblock the author", "An &lt;b&gt;insult&lt;/b&gt;", "the network said no")
	h.Post(at+"/act", "message", m.ID, "act", "delete").Says(t, 303)
	h.done("done", "")
	h.Get(at).Says(t, 200, "Removed by its author or the network", "An &lt;b&gt;insult&lt;/b&gt;")
}

func TestE10ManyAreActedOnFromTheList(t *testing.T) {
	h := build(t)
	h.says("a", "1")
	h.says("b", "2")
	a, b := h.of("a").ID, h.of("b").ID
	h.Get("/inbox").Says(t, 200, "At the network…", ">Hide<")
	h.Post("/inbox/bulk", "do", "act", "conversation", a).Says(t, 303)
	if h.acted != 0 {
		t.Fatal("something was done that nobody chose")
	}
	h.Post("/inbox/bulk", "do", "act", "act", "hide", "conversation", a, "conversation", b).Says(t, 303)
	if h.acted != 2 {
		t.Errorf("%d were hidden", h.acted)
	}
	h.Post("/inbox/bulk", "do", "act", "act", "delete", "conversation", a, "conversation", b).Says(t, 200, "the newest message of 2 conversations?", `name="sure"`)
	if h.acted != 2 {
		t.Error("it was deleted without asking")
	}
	h.Post("/inbox/bulk", "do", "act", "act", "delete", "sure", "on", "conversation", a).Says(t, 303)
	if h.acted != 3 {
		t.Error("it was not deleted")
	}
	h.Post("/inbox/bulk", "do", "tag", "tag", "recall, press", "conversation", a, "conversation", b).Says(t, 303)
	if tags := strings.Join(h.of("b").Tags, " "); tags != "recall press" {
		t.Errorf("tagged %q", tags)
	}
	key, err := db.One[string](ctx, h.DB, `select max(undo_key) from acts where act = 'hide'`)
	h.OK(err)
	h.Post("/inbox/"+key+"/takeback?back=/inbox").Says(t, 303)
	if h.acted != 5 {
		t.Errorf("%d acts after taking back", h.acted)
	}
}

func TestE10HoldsAreKeptReadAndDropped(t *testing.T) {
	h := build(t)
	h.Get("/inbox/moderation?start=Spam%2C+Deutsch").Says(t, 200, "follower kaufen", `value="de"`)
	h.Post("/inbox/moderation", "kind", "words", "name", "Ours", "words", " ", "enabled", "on").Says(t, 422, "Write at least one word", `value="Ours"`)
	h.Post("/inbox/moderation", "kind", "words", "name", "Ours", "words", "nasty", "enabled", "on").Says(t, 303)
	holds, err := h.inbox.Holds(ctx, h.Actor)
	h.OK(err)
	at := h.says("troll", "A nasty word")
	h.Get(at).Says(t, 200, "Flagged", "Ours found “nasty”")
	h.Post(at+"/unflag", "message", messageOf(h, h.of("troll").ID).ID).Says(t, 303)
	h.Get(at).Says(t, 200, "!Let it stand")
	h.Get("/inbox/moderation?edit="+holds[0].ID).Says(t, 200, "Change the hold", "nasty", "found 1")
	h.Post("/inbox/moderation/"+holds[0].ID+"/save", "kind", "link", "name", "Links", "enabled", "on").Says(t, 303)
	h.Post("/inbox/moderation/"+holds[0].ID+"/delete").Says(t, 303)
	h.Get("/inbox/moderation").Says(t, 200, "Nothing is held")
}

func TestE18TheSendButtonIsOffWhenTheWindowHasClosed(t *testing.T) {
	h := build(t)
	m := h.message("mara", "Hello?")
	m.Kind, m.Thread = network.Direct, "dm-mara"
	h.receive(m)
	at := "/inbox/" + h.of("mara").ID
	h.Exec(`update conversations set answer_by = $1, answer_end = $1`, db.Now().Add(time.Hour))
	h.Get(at).Says(t, 200, "To answer</span>", "data-countdown", `name="text"`)
	h.Get("/inbox").Says(t, 200, "data-countdown")
	h.Exec(`update conversations set answer_by = $1, answer_end = $1`, db.Now().Add(-time.Hour))
	h.Get(at).Says(t, 200, "they have to write again", `!name="text"`, "disabled")
	h.Get("/inbox").Says(t, 200, "Window closed")
	h.Post(at+"/reply", "text", "Too late", "key", "k").Says(t, 409)
	if h.sent != 0 {
		t.Error("it was sent")
	}
}
