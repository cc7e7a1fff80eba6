package conversations

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
)

// back is the conversation of the request in its list.
func back(c *page.Context) string {
	return address("/inbox/"+c.Path("id"), listOf(c.R.URL.Query()))
}

func scopeOf(q url.Values) insight.Scope {
	return insight.Scope{ChannelID: q.Get("channel"), CampaignID: q.Get("campaign")}
}

func (r Rooms) reply(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	v, err := r.look(c) // before the answer moves the conversation out of the list
	if err != nil {
		return err
	}
	resolve := f.Value("then") == "resolve"
	_, err = r.Inbox.Reply(c.Ctx(), c.Actor(), inbox.Answer{ConversationID: c.Path("id"), ToMessageID: f.Value("to"), Text: f.Raw("text"), SavedReplyID: f.Value("saved_used"),
		Resolve: resolve, Confirm: f.On("confirm"), AsIs: f.On("as_is"), Key: f.Value("key")})
	if err != nil {
		switch fault.As(err).Code { // the next sending of this form confirms what was asked
		case "collision":
			f.Set("confirm", "on")
		case "variable_missing":
			f.Set("as_is", "on")
		}
		if !f.Refuse(err) {
			return err
		}
		return r.render(c, f.Status(), f)
	}
	c.Done("The answer is on its way.")
	if resolve {
		return c.Redirect(v.neighbour(c.Path("id")))
	}
	return c.Redirect(back(c))
}

// fill puts a saved reply behind what is typed; nothing is sent.
func (r Rooms) fill(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if f.Value("saved") == "" {
		f.Wrong("saved", "Choose a saved reply first.")
		return r.render(c, 422, f)
	}
	text, missing, err := r.Inbox.Fill(c.Ctx(), c.Actor(), c.Path("id"), f.Value("saved"))
	if err != nil {
		return err
	}
	if typed := strings.TrimRight(f.Raw("text"), " \r\n"); typed != "" {
		text = typed + "\n\n" + text
	}
	f.Set("text", text)
	f.Set("saved_used", f.Value("saved"))
	f.Set("as_is", "")
	if len(missing) > 0 {
		f.Wrong("text", "Nothing is known here for "+strings.Join(missing, ", ")+". Write what belongs there before you send.")
	}
	return r.render(c, 200, f)
}

func (r Rooms) writing(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	other, err := r.Inbox.Writing(c.Ctx(), c.Actor(), c.Path("id"), f.On("take_over"))
	if err != nil {
		return err
	}
	if f.On("take_over") && !c.Fragment() {
		return c.Redirect(back(c))
	}
	return c.RenderPart(200, writingNotice(c.Path("id"), other, true))
}

func (r Rooms) writer(c *page.Context) error {
	other, err := r.Inbox.Writer(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	return c.RenderPart(200, writingNotice(c.Path("id"), other, true))
}

func (r Rooms) note(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Inbox.AddNote(c.Ctx(), c.Actor(), c.Path("id"), f.Raw("note")); err != nil {
		return r.again(c, f, err)
	}
	c.Done("The note is kept. Only members see it.")
	return c.Redirect(back(c))
}

func (r Rooms) tags(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Inbox.Tag(c.Ctx(), c.Actor(), c.Path("id"), strings.Split(f.Raw("tags"), ",")); err != nil {
		return r.again(c, f, err)
	}
	return c.Redirect(back(c))
}

// again shows the screen with a dialog's form as it was typed and what is wrong with it.
func (r Rooms) again(c *page.Context, f *page.Form, err error) error {
	if !f.Refuse(err) {
		return err
	}
	f.Set("key", blankReply(c).Value("key"))
	return r.render(c, f.Status(), f)
}

// step resolves, reopens, dismisses, snoozes or assigns one conversation.
func (r Rooms) step(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	v, err := r.look(c)
	if err != nil {
		return err
	}
	s := inbox.Step{Do: f.Value("do"), AssigneeID: f.Value("to_user")}
	if s.Do == inbox.DoSnooze {
		s.Until = until(f, show.Now(), c.Zone())
		if !f.OK() {
			f.Set("key", blankReply(c).Value("key"))
			return r.render(c, f.Status(), f)
		}
	}
	done, err := r.Inbox.Many(c.Ctx(), c.Actor(), []string{c.Path("id")}, s)
	if err != nil {
		return err
	}
	if err := done.Refused[c.Path("id")]; err != nil {
		return r.again(c, f, err)
	}
	c.Flash(ui.ToastProps{Tone: ui.Good, Text: did[s.Do], UndoURL: undoURL(done.Key, back(c))})
	if s.Do == inbox.DoAssign || s.Do == inbox.DoReopen || v.Query.Get("state") == "all" {
		return c.Redirect(back(c))
	}
	return c.Redirect(v.neighbour(c.Path("id")))
}

var did = map[string]string{inbox.DoResolve: "Resolved.", inbox.DoDismiss: "Dismissed: it needs no answer.", inbox.DoReopen: "Open again.", inbox.DoSnooze: "Snoozed.", inbox.DoAssign: "The assignment is changed."}

func undoURL(key, to string) string {
	return "/inbox/" + key + "/undo?back=" + url.QueryEscape(to)
}

// until is when a snooze ends: one of the offered spans, or a wall-clock time.
func until(f *page.Form, now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	morning := func(days int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, 9, 0, 0, 0, zone).UTC()
	}
	switch f.Value("for") {
	case "1h":
		return now.Add(time.Hour)
	case "3h":
		return now.Add(3 * time.Hour)
	case "tomorrow":
		return morning(1)
	case "monday":
		return morning((7-int(local.Weekday()))%7 + 1)
	}
	at, err := when.At(f.Value("until"), zone.String())
	if err != nil {
		f.Wrong("until", "Choose a day and a time.")
		return time.Time{}
	}
	if !at.After(now) {
		f.Wrong("until", "Choose a time in the future.")
	}
	return at
}

func (r Rooms) bulk(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	to := address("/inbox", listOf(c.R.URL.Query()))
	if f.Value("do") == doAct {
		return r.bulkAct(c, f, to)
	}
	step := inbox.Step{Do: f.Value("do"), AssigneeID: f.Value("to_user")}
	if step.Do == inbox.DoTag {
		step.Tags = strings.FieldsFunc(f.Raw("tag"), func(c rune) bool { return c == ',' })
	}
	done, err := r.Inbox.Many(c.Ctx(), c.Actor(), f.All("conversation"), step)
	if err != nil {
		if words, ok := readable(err); ok {
			c.Flash(ui.ToastProps{Tone: ui.Bad, Text: words, Seconds: 12})
			return c.Redirect(to)
		}
		return err
	}
	if done.Changed > 0 {
		c.Flash(ui.ToastProps{Tone: ui.Good, Text: fmt.Sprintf("%s %s.", many(done.Changed), past[f.Value("do")]), UndoURL: undoURL(done.Key, to)})
	}
	if len(done.Refused) > 0 {
		var why string
		for _, err := range done.Refused {
			why, _ = readable(err)
		}
		c.Flash(ui.ToastProps{Tone: ui.Warn, Text: many(len(done.Refused)) + " left as before. " + why, Seconds: 12})
	}
	return c.Redirect(to)
}

var past = map[string]string{inbox.DoResolve: "resolved", inbox.DoDismiss: "dismissed", inbox.DoAssign: "assigned", inbox.DoReopen: "opened again", inbox.DoSnooze: "snoozed", inbox.DoTag: "tagged"}

func many(n int) string {
	if n == 1 {
		return "1 conversation"
	}
	return fmt.Sprintf("%d conversations", n)
}

func (r Rooms) undo(c *page.Context) error {
	n, err := r.Inbox.Undo(c.Ctx(), c.Actor(), c.Path("id"))
	return restored(c, n, err, "")
}

// restored says how many conversations are as before, and from when on, or why they are not.
func restored(c *page.Context, n int, err error, since string) error {
	switch {
	case err == nil:
		c.Done(many(n) + " as before" + since + ".")
	case fault.Is(err, fault.Conflict):
		words, _ := readable(err)
		c.Flash(ui.ToastProps{Tone: ui.Warn, Text: words})
	default:
		return err
	}
	return c.Redirect(page.Local(c.Query("back")))
}
