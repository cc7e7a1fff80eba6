package calendar

import (
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// targetView is everything the page of one target shows.
type targetView struct {
	Entry       post.Entry
	Channel     channel.Channel
	Ahead       *preflight.Report // how it stands before its time; nil = not planned
	Text        string            // the whole text this channel gets, before links are shortened
	Responsible string
	Zone        *time.Location // the person's
	Workspace   string         // the workspace's zone
	Form        *page.Form
	Edit        bool // may plan here
	Open        bool // can still be planned
	Repeats     post.Recurrence
	Planned     string // the time its recurrence planned
	Clock       string // what the clock does at its time: happens twice
	Numbers     string
	Ask         bool // the refusal can be overruled
	Back        string
	Native      bool // made outside Bellwether
	Sort        bool // may give it tags and a campaign
	Campaigns   []ui.Option
	Tags        []string
	CampaignID  string
}

func (r Rooms) target(c *page.Context) error {
	return r.showTarget(c, c.Path("target"), page.Blank(map[string]string{"back": c.Query("back")}))
}

func (r Rooms) showTarget(c *page.Context, targetID string, f *page.Form) error {
	ctx, actor := c.Ctx(), c.Actor()
	e, err := r.Posts.EntryOf(ctx, actor, targetID)
	if err != nil {
		return err
	}
	v := targetView{Entry: e, Zone: c.Zone(), Form: f, Edit: actor.May(workspace.PostSchedule, workspace.Scope{BrandID: e.BrandID, ChannelID: e.ChannelID}) == nil, Ask: f.Value("ask") == "yes", Back: "/calendar"}
	switch e.State {
	case post.Draft, post.Scheduled, post.Held, post.Failed:
		v.Open = true
	}
	if to := page.Local(f.Value("back")); to != "/" {
		v.Back = to
	} else if !e.DueAt.IsZero() {
		v.Back = "/calendar?at=" + e.DueAt.In(v.Zone).Format(dayLayout)
	}
	if v.Channel, err = r.Channels.Get(ctx, actor, e.ChannelID); err != nil {
		return err
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	v.Workspace = w.Zone
	if v.Text, err = r.text(c, e); err != nil {
		return err
	}
	members, err := r.Workspaces.Members(ctx, actor)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.UserID == e.ResponsibleID {
			v.Responsible = m.Name
		}
	}
	if err := r.repeats(c, &v); err != nil {
		return err
	}
	if !e.PublishedAt.IsZero() {
		glances, err := r.Insight.Glances(ctx, actor, e.DueAt, e.DueAt.Add(time.Microsecond))
		if err != nil {
			return err
		}
		v.Numbers = numbers(glances[e.ID])
	}
	if r.Preflight != nil && e.State == post.Scheduled {
		report, err := r.Preflight.Target(ctx, actor, targetID)
		if err != nil {
			return err
		}
		v.Ahead = &report
	}
	r.prefill(c, &v)
	title := "Planned post"
	if v.Native = e.Origin == post.Native; v.Native {
		title = "Post made outside"
		if err := r.filed(c, &v); err != nil {
			return err
		}
	}
	return c.Render(max(200, f.Status()), title, "calendar", targetPage(v))
}

// filed is what a native post is sorted by.
func (r Rooms) filed(c *page.Context, v *targetView) error {
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), v.Entry.PostID)
	if err != nil {
		return err
	}
	v.Tags, v.CampaignID = p.Tags, p.CampaignID
	v.Sort = c.Actor().May(workspace.PostDraft, workspace.Scope{BrandID: v.Entry.BrandID, ChannelID: v.Entry.ChannelID}) == nil
	campaigns, err := r.Campaigns.List(c.Ctx(), c.Actor())
	for _, k := range campaigns {
		v.Campaigns = append(v.Campaigns, ui.Option{Value: k.ID, Label: k.Name})
	}
	return err
}

// classify gives a post tags and a campaign.
func (r Rooms) classify(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	e, err := r.Posts.EntryOf(c.Ctx(), c.Actor(), c.Path("target"))
	if err != nil {
		return err
	}
	if err := r.Posts.Classify(c.Ctx(), c.Actor(), e.PostID, f.Value("campaign"), strings.Split(f.Raw("tags"), ",")); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showTarget(c, e.ID, f)
	}
	c.Done("Sorted. It counts there from now on.")
	return c.Redirect("/calendar/targets/" + e.ID)
}

// text is everything the post says on the entry's channel.
func (r Rooms) text(c *page.Context, e post.Entry) (string, error) {
	edit, _, err := r.Posts.Editing(c.Ctx(), c.Actor(), e.PostID)
	if err != nil {
		return "", err
	}
	content := edit.Base
	if own := edit.Variants[e.ChannelID].Content; own != nil {
		content = *own
	}
	var parts []string
	for _, p := range content.Parts {
		if p.Text != "" {
			parts = append(parts, p.Text)
		}
	}
	return strings.Join(parts, "\n\n"), nil
}

// prefill puts the present time, or the one asked for by a drop, into the form.
func (r Rooms) prefill(c *page.Context, v *targetView) {
	zone := v.Entry.Zone
	if zone == "" {
		zone = v.Channel.Zone
	}
	if v.Form.Value("zone") == "" {
		v.Form.Set("zone", zone)
	}
	if v.Form.Value("wall") == "" {
		v.Form.Set("wall", v.Entry.Wall)
		if to := c.Query("to"); to != "" {
			if at, err := when.First(to, v.Zone.String()); err == nil {
				v.Form.Set("wall", when.Wall(at, zone))
				v.Ask = true
			}
		}
	}
	if l, err := when.Parse(v.Entry.Wall, zone); err == nil {
		if res, err := l.Resolve(); err == nil && res.Status == when.Ambiguous {
			v.Clock = l.Clock.String() + " happens twice on that day; it goes out at " + v.Entry.DueAt.In(v.Zone).Format("15:04 MST") + " (" + when.Offset(v.Entry.DueAt, zone) + " there)."
		}
	}
}

func (r Rooms) repeats(c *page.Context, v *targetView) error {
	if !v.Entry.Recurring {
		return nil
	}
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), v.Entry.PostID)
	if err != nil {
		return err
	}
	id, planned := post.Instance(p.RecurrenceID)
	v.Planned = planned
	v.Repeats, err = r.Posts.Recurrence(c.Ctx(), c.Actor(), id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// act carries out what the buttons of a target offer.
func (r Rooms) act(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	ctx, actor, id := c.Ctx(), c.Actor(), c.Path("target")
	said := ""
	switch c.Path("act") {
	case "now":
		said, err = "It is being sent.", r.Posts.SendNow(ctx, actor, id, f.On("confirm"))
	case "slot":
		said, err = "It stands in the next free slot.", r.Posts.EnqueueTarget(ctx, actor, id, post.Next, f.On("confirm"))
	case "keep":
		said, err = "It goes out at its time.", r.Posts.KeepTime(ctx, actor, id)
	case "unschedule":
		said, err = "Taken back to the drafts. Its time is kept as a wish.", r.Posts.UnscheduleTarget(ctx, actor, id)
	case "cancel":
		said, err = "Cancelled. It does not go out.", r.Posts.CancelTarget(ctx, actor, id)
	case "skip", "stop", "stop-all":
		said, err = r.repetition(c, id, c.Path("act"))
	default:
		return fault.NotFoundf("there is no such action")
	}
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		f.Set("ask", askable(err))
		return r.showTarget(c, id, f)
	}
	c.Flash(ui.ToastProps{Tone: ui.Good, Text: said})
	return back(c, f)
}

// repetition skips this instance of a recurrence, or ends the recurrence.
func (r Rooms) repetition(c *page.Context, targetID, what string) (string, error) {
	e, err := r.Posts.EntryOf(c.Ctx(), c.Actor(), targetID)
	if err != nil {
		return "", err
	}
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), e.PostID)
	if err != nil {
		return "", err
	}
	id, planned := post.Instance(p.RecurrenceID)
	if what == "skip" {
		return "This one is skipped. The recurrence goes on.", r.Posts.SkipInstance(c.Ctx(), c.Actor(), id, planned)
	}
	said := "It no longer repeats. What is planned already stays."
	if what == "stop-all" {
		said = "It no longer repeats. Everything unsent of it is cancelled."
	}
	return said, r.Posts.StopRepeating(c.Ctx(), c.Actor(), id, what == "stop-all")
}
