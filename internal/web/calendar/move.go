package calendar

import (
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
)

// drag carries out a drop: item is a target or a draft's post, slot a day, a day and hour, or the tray. The answer is
// the calendar as it now stands, also when the move was refused, so that the card stands where it truly is.
func (r Rooms) drag(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	item, slot := f.Value("item"), f.Value("slot")
	done, err := r.drop(c, item, slot)
	if err != nil {
		e := fault.As(err)
		if e.Kind == fault.Internal || e.Kind == fault.Forbidden || !c.Fragment() {
			return err
		}
		refused := ui.ToastProps{Tone: ui.Bad, Text: "Not moved: " + page.Capital(e.Message) + ". " + e.Hint, Seconds: 15}
		if (e.Code == "gap" || e.Code == "duplicate" || e.Code == "quota") && len(slot) == len(when.Layout) && strings.HasPrefix(item, "targ_") {
			refused.Href, refused.Link = "/calendar/targets/"+item+"?to="+url.QueryEscape(slot), "Move anyway…"
		}
		c.Flash(refused)
	} else if done.Text != "" {
		done.Tone = ui.Good
		c.Flash(done)
	}
	if !c.Fragment() {
		return c.Redirect(address("/calendar", frameOf(c.R.URL.Query(), r.Clock(), c.Zone(), time.Monday).Query))
	}
	v, viewErr := r.view(c, c.R.URL.Query())
	if viewErr != nil {
		return viewErr
	}
	status := 200
	if err != nil {
		status = page.StatusOf(fault.KindOf(err))
	}
	return c.RenderPart(status, calendarPart(v))
}

// drop carries out one drop and says what it did.
func (r Rooms) drop(c *page.Context, item, slot string) (ui.ToastProps, error) {
	ctx, actor := c.Ctx(), c.Actor()
	if strings.HasPrefix(item, "post_") {
		if slot == "tray" {
			return ui.ToastProps{}, nil
		}
		return r.schedule(c, item, slot)
	}
	t, err := r.Posts.Target(ctx, actor, item)
	if err != nil {
		return ui.ToastProps{}, err
	}
	back := ui.ToastProps{UndoURL: "/calendar/targets/" + t.ID + "/move?" + url.Values{"wall": {t.Wall}, "zone": {t.Zone}, "confirm": {"on"}, "back": {address("/calendar", c.R.URL.Query())}}.Encode()}
	if slot == "tray" {
		back.Text = "Taken back to the drafts. Its time is kept as a wish."
		return back, r.Posts.UnscheduleTarget(ctx, actor, t.ID)
	}
	if t.State == post.Draft { // a wish became a plan; undoing makes it a wish again
		back.UndoURL = "/calendar/targets/" + t.ID + "/unschedule?back=" + url.QueryEscape(address("/calendar", c.R.URL.Query()))
	}
	if err := r.to(c, t, slot); err != nil {
		return back, err
	}
	now, err := r.Posts.Target(ctx, actor, t.ID)
	back.Text = "Moved to " + readable(now, c.Zone())
	return back, err
}

// to moves a target to a day, keeping its wall-clock time, or to an hour of a day. Dropped on its own hour of another
// day it keeps its minutes too.
func (r Rooms) to(c *page.Context, t post.Target, slot string) error {
	zone := c.Zone()
	shown := t.DueAt.In(zone)
	day, _, hasClock := strings.Cut(slot, "T")
	date, err := time.Parse(dayLayout, day)
	if err != nil {
		return fault.Invalidf("slot", "%q is not a day of the calendar", slot)
	}
	y, m, d := shown.Date()
	days := int(date.Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	if !hasClock || slot[11:] == shown.Format("15")+":00" {
		if days == 0 {
			return nil
		}
		return r.Posts.MoveByDays(c.Ctx(), c.Actor(), t.ID, days, false)
	}
	at, err := when.At(slot, zone.String())
	if err != nil {
		return err
	}
	return r.Posts.Move(c.Ctx(), c.Actor(), t.ID, when.Wall(at, t.Zone), t.Zone, false)
}

// schedule plans a draft from the tray: at the hour, or on a day in its first free slot, at 10:00 where there is none.
func (r Rooms) schedule(c *page.Context, postID, slot string) (ui.ToastProps, error) {
	ctx, actor, zone := c.Ctx(), c.Actor(), c.Zone().String()
	plan := post.Plan{Wall: slot, Zone: zone}
	if len(slot) == len(dayLayout) {
		plan.Wall, plan.Walls = slot+"T10:00", map[string]string{}
		from, err := when.First(slot+"T00:00", zone)
		if err != nil {
			return ui.ToastProps{}, err
		}
		channels, err := r.Channels.List(ctx, actor)
		if err != nil {
			return ui.ToastProps{}, err
		}
		free, err := r.Posts.FreeSlots(ctx, actor, channels, from, from.Add(24*time.Hour))
		if err != nil {
			return ui.ToastProps{}, err
		}
		for i := len(free) - 1; i >= 0; i-- { // the earliest stays
			plan.Walls[free[i].ChannelID] = free[i].At.Format(time.RFC3339)
		}
		if now := r.Clock(); from.Add(24*time.Hour).After(now) && from.Add(10*time.Hour).Before(now) { // today, after ten
			plan.Wall = when.Wall(now.Add(time.Hour).Truncate(15*time.Minute), zone)
		}
	}
	if err := r.Posts.Schedule(ctx, actor, postID, plan); err != nil {
		return ui.ToastProps{}, err
	}
	targets, err := r.Posts.Targets(ctx, actor, postID)
	if err != nil || len(targets) == 0 {
		return ui.ToastProps{}, err
	}
	return ui.ToastProps{Text: "Scheduled for " + readable(targets[0], c.Zone()), UndoURL: "/calendar/posts/" + postID + "/unschedule?back=" + url.QueryEscape(address("/calendar", c.R.URL.Query()))}, nil
}

// readable is a target's time as the screen shows it.
func readable(t post.Target, zone *time.Location) string {
	return t.DueAt.In(zone).Format("Monday 2 January, 15:04")
}

// back is where a form leads to when it is done.
func back(c *page.Context, f *page.Form) error {
	if to := page.Local(f.Value("back")); to != "/" {
		return c.Redirect(to)
	}
	return c.Redirect("/calendar")
}

// move is the form for what dragging does.
func (r Rooms) move(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	t, err := r.Posts.Target(c.Ctx(), c.Actor(), c.Path("target"))
	if err != nil {
		return err
	}
	zone := f.Value("zone")
	if zone == "" {
		zone = t.Zone
	}
	wall := f.Value("wall")
	if len(wall) > len(when.Layout) && !strings.ContainsAny(wall[len(when.Layout):], "Z+-") {
		wall = wall[:len(when.Layout)] // browsers add seconds
	}
	if err := r.Posts.Move(c.Ctx(), c.Actor(), t.ID, wall, zone, f.On("confirm")); err != nil {
		if !f.Refuse(err) {
			return err
		}
		if f.Error("time") != "" {
			f.Wrong("wall", f.Error("time"))
		}
		f.Set("ask", askable(err))
		return r.showTarget(c, t.ID, f)
	}
	now, err := r.Posts.Target(c.Ctx(), c.Actor(), t.ID)
	if err != nil {
		return err
	}
	c.Done("It goes out on " + readable(now, c.Zone()) + ".")
	return back(c, f)
}

// askable is "yes" when a refusal can be overruled by confirming.
func askable(err error) string {
	if code := fault.As(err).Code; code == "gap" || code == "duplicate" || code == "quota" {
		return "yes"
	}
	return ""
}
