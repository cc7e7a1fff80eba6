package conversations

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// doAct is the step of the list that carries an act out at the networks.
const doAct = "act"

// act hands one act on one message to the journal.
func (r Rooms) act(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	d := inbox.Deed{Act: network.Act(f.Value("act")), Why: f.Value("why")}
	if err := r.Inbox.Act(c.Ctx(), c.Actor(), f.Value("message"), d); err != nil {
		words, ok := readable(err)
		if !ok {
			return err
		}
		c.Flash(ui.ToastProps{Tone: ui.Bad, Text: words, Seconds: 15})
		return c.Redirect(back(c))
	}
	toast := ui.ToastProps{Tone: ui.Good, Text: actWords[d.Act].done}
	if opposite := inbox.Opposite(d.Act); opposite != "" && r.lets(c, opposite) {
		q := url.Values{"act": {string(opposite)}, "message": {f.Value("message")}}
		for name, values := range listOf(c.R.URL.Query()) {
			q[name] = values
		}
		toast.UndoURL = address("/inbox/"+c.Path("id")+"/act", q)
	}
	c.Flash(toast)
	return c.Redirect(back(c))
}

// lets reports whether the network of the request's conversation has an act.
func (r Rooms) lets(c *page.Context, act network.Act) bool {
	line, err := r.Inbox.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return false
	}
	ch, err := r.Channels.Get(c.Ctx(), c.Actor(), line.ChannelID)
	return err == nil && slices.Contains(r.Inbox.Acts(ch, line.Kind), act)
}

// bulkAct acts on the newest message of each chosen conversation. What cannot be taken back asks first.
func (r Rooms) bulkAct(c *page.Context, f *page.Form, to string) error {
	act, chosen := network.Act(f.Value("act")), f.All("conversation")
	if act == "" {
		c.Flash(ui.ToastProps{Tone: ui.Warn, Text: "Choose what is to be done with the messages."})
		return c.Redirect(to)
	}
	if inbox.Opposite(act) == "" && !f.On("sure") && len(chosen) > 0 {
		v, err := r.look(c)
		if err != nil {
			return err
		}
		v.Sure = &sure{Act: act, Conversations: chosen}
		c.Wide()
		return c.Render(200, "Inbox", "inbox", inboxPage(v))
	}
	done, err := r.Inbox.ActMany(c.Ctx(), c.Actor(), chosen, inbox.Deed{Act: act})
	if err != nil {
		if words, ok := readable(err); ok {
			c.Flash(ui.ToastProps{Tone: ui.Bad, Text: words, Seconds: 12})
			return c.Redirect(to)
		}
		return err
	}
	if done.Changed > 0 {
		toast := ui.ToastProps{Tone: ui.Good, Text: many(done.Changed) + ": " + actWords[act].done}
		if done.Key != "" {
			toast.UndoURL = "/inbox/" + done.Key + "/takeback?back=" + url.QueryEscape(to)
		}
		c.Flash(toast)
	}
	r.tellRefused(c, done)
	return c.Redirect(to)
}

// sure asks before something that cannot be taken back is done to many.
type sure struct {
	Act           network.Act
	Conversations []string
}

func (s sure) title() string {
	return fmt.Sprintf("%s: the newest message of %s?", actWords[s.Act].label, many(len(s.Conversations)))
}

func (r Rooms) tellRefused(c *page.Context, done inbox.Done) {
	if len(done.Refused) == 0 {
		return
	}
	var why string
	for _, err := range done.Refused {
		why, _ = readable(err)
	}
	c.Flash(ui.ToastProps{Tone: ui.Warn, Text: many(len(done.Refused)) + " left as before. " + why, Seconds: 12})
}

func (r Rooms) takeBack(c *page.Context) error {
	n, err := r.Inbox.TakeBack(c.Ctx(), c.Actor(), c.Path("id"))
	return restored(c, n, err, ", as soon as the networks have it")
}

func (r Rooms) unflag(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Inbox.Unflag(c.Ctx(), c.Actor(), f.Value("message")); err != nil {
		return err
	}
	c.Done("Looked at: the mark is taken off.")
	if to := c.Query("back"); to != "" {
		return c.Redirect(page.Local(to))
	}
	return c.Redirect(back(c))
}

// private answers a comment with one private message.
func (r Rooms) private(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	sent, err := r.Inbox.ReplyPrivately(c.Ctx(), c.Actor(), f.Value("message"), f.Raw("private"))
	if err != nil {
		if e := fault.As(err); e.Code == "not_private" {
			f.Wrong("private", page.Capital(e.Message)+". "+e.Hint)
			return r.again(c, f, err)
		}
		return r.again(c, f, err)
	}
	c.Done("The private answer is on its way. The conversation goes on here.")
	return c.Redirect("/inbox/" + sent.ConversationID)
}

// moderationView is the screen of holds and of the log.
type moderationView struct {
	Holds   []inbox.Hold
	Log     []inbox.Moderation
	Next    string
	Form    *page.Form
	Editing string // id of the hold in the form; "" = a new one
	Edit    bool
	Undo    bool
	Zone    *time.Location
}

// perLog is how many lines of the log a page shows.
const perLog = 50

func (r Rooms) moderation(c *page.Context) error {
	return r.moderating(c, 200, nil, c.Query("edit"))
}

func (r Rooms) moderating(c *page.Context, status int, f *page.Form, editing string) error {
	actor := c.Actor()
	v := moderationView{Form: f, Editing: editing, Edit: actor.Can(workspace.InboxRules, workspace.Scope{}), Undo: actor.CanSomewhere(workspace.InboxModerate), Zone: c.Zone()}
	var err error
	if v.Holds, err = r.Inbox.Holds(c.Ctx(), actor); err != nil {
		return err
	}
	at, _ := time.Parse(time.RFC3339Nano, c.Query("at")) // no cursor: from the newest
	if v.Log, err = r.Inbox.Moderations(c.Ctx(), actor, at, c.Query("before"), perLog+1); err != nil {
		return err
	}
	if len(v.Log) > perLog {
		v.Log = v.Log[:perLog]
		last := v.Log[perLog-1]
		v.Next = "/inbox/moderation?" + url.Values{"at": {last.At.Format(time.RFC3339Nano)}, "before": {last.ID}}.Encode()
	}
	if f == nil {
		v.Form, v.Editing = page.Blank(map[string]string{"kind": string(inbox.HoldWords), "enabled": "on"}), ""
		for _, s := range inbox.Starters {
			if s.Name == c.Query("start") {
				v.Form = page.Blank(map[string]string{"kind": string(inbox.HoldWords), "name": s.Name, "language": s.Language, "words": s.Words, "enabled": "on"})
			}
		}
		for _, h := range v.Holds {
			if h.ID == editing {
				v.Form, v.Editing = page.Blank(map[string]string{"kind": string(h.Kind), "name": h.Name, "language": h.Language, "words": h.Words, "hides": onOff(h.Hides), "enabled": onOff(h.Enabled)}), h.ID
			}
		}
	}
	return c.Render(status, "Moderation", "inbox", moderationPage(v))
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return ""
}

func (r Rooms) keepHold(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	_, err = r.Inbox.KeepHold(c.Ctx(), c.Actor(), inbox.Hold{ID: c.Path("hold"), Kind: inbox.HoldKind(f.Value("kind")), Name: f.Value("name"), Language: f.Value("language"),
		Words: f.Raw("words"), Hides: f.On("hides"), Enabled: f.On("enabled")})
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.moderating(c, f.Status(), f, c.Path("hold"))
	}
	c.Done("Kept. It works on what is received from now on.")
	return c.Redirect("/inbox/moderation")
}

func (r Rooms) dropHold(c *page.Context) error {
	if err := r.Inbox.DropHold(c.Ctx(), c.Actor(), c.Path("hold")); err != nil {
		return err
	}
	c.Done("Deleted. What it found stays marked until somebody looks.")
	return c.Redirect("/inbox/moderation")
}
