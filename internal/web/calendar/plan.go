package calendar

import (
	"fmt"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
)

// planView is the form that gives a draft a time, a slot or a recurrence.
type planView struct {
	Post     post.Post
	Name     string
	Channels []string
	Zone     string
	Form     *page.Form
	Edit     bool
	Ask      bool
}

func (r Rooms) planForm(c *page.Context) error {
	at := c.Query("at")
	if _, err := when.Parse(at, c.Zone().String()); err != nil {
		at = ""
	}
	return r.showPlan(c, page.Blank(map[string]string{"how": "time", "wall": at, "every": "weekly", "zone": c.Zone().String()}))
}

func (r Rooms) showPlan(c *page.Context, f *page.Form) error {
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), c.Path("post"))
	if err != nil {
		return err
	}
	v := planView{Post: p, Name: draftName(p), Zone: c.Zone().String(), Form: f, Edit: c.Actor().CanSomewhere("post.schedule"), Ask: f.Value("ask") == "yes"}
	targets, err := r.Posts.Targets(c.Ctx(), c.Actor(), p.ID)
	if err != nil {
		return err
	}
	for _, t := range targets {
		ch, err := r.Channels.Get(c.Ctx(), c.Actor(), t.ChannelID)
		if err != nil {
			return err
		}
		v.Channels = append(v.Channels, ch.Name)
	}
	return c.Render(max(200, f.Status()), "Plan a post", "calendar", planPage(v))
}

func (r Rooms) plan(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	ctx, actor, id := c.Ctx(), c.Actor(), c.Path("post")
	wall, zone := f.Value("wall"), f.Value("zone")
	if zone == "" {
		zone = c.Zone().String()
	}
	switch f.Value("how") {
	case "slot":
		err = r.Posts.Enqueue(ctx, actor, id, post.Next, f.On("confirm"))
	case "first":
		err = r.Posts.Enqueue(ctx, actor, id, post.First, f.On("confirm"))
	case "repeat":
		var rule string
		if rule, err = ruleOf(f, wall); err == nil {
			_, err = r.Posts.Repeat(ctx, actor, id, rule, wall, zone)
		}
	default:
		err = r.Posts.Schedule(ctx, actor, id, post.Plan{Wall: wall, Zone: zone, Confirm: f.On("confirm")})
	}
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		for _, field := range []string{"time", "rule"} {
			if f.Error(field) != "" {
				f.Wrong("wall", f.Error(field))
			}
		}
		f.Set("ask", askable(err))
		return r.showPlan(c, f)
	}
	if f.Value("how") == "repeat" {
		c.Done("It repeats. The next 90 days stand in the calendar; the post itself stays as the pattern.")
		return c.Redirect("/calendar?view=month&at=" + wall[:len(dayLayout)])
	}
	targets, err := r.Posts.Targets(ctx, actor, id)
	if err != nil || len(targets) == 0 {
		return err
	}
	c.Flash(ui.ToastProps{Tone: ui.Good, Text: "Scheduled for " + readable(targets[0], c.Zone()), UndoURL: "/calendar/posts/" + id + "/unschedule"})
	return c.Redirect("/calendar?at=" + targets[0].DueAt.In(c.Zone()).Format(dayLayout))
}

// ruleOf words the chosen repetition as RFC 5545.
func ruleOf(f *page.Form, wall string) (string, error) {
	l, err := when.Parse(wall, "UTC")
	if err != nil {
		return "", err
	}
	weekday := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	day := int(mustDay(l).Weekday())
	rule := map[string]string{"daily": "FREQ=DAILY", "weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "weekly": "FREQ=WEEKLY;BYDAY=" + weekday[day],
		"biweekly": "FREQ=WEEKLY;INTERVAL=2;BYDAY=" + weekday[day], "monthly": fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", l.Day),
		"nth": fmt.Sprintf("FREQ=MONTHLY;BYDAY=%d%s", (l.Day-1)/7+1, weekday[day]), "own": strings.TrimSpace(f.Value("rule"))}[f.Value("every")]
	if rule == "" {
		return "", fault.Invalidf("rule", "say how it repeats")
	}
	if until := f.Value("until"); until != "" && f.Value("every") != "own" {
		rule += ";UNTIL=" + strings.ReplaceAll(until, "-", "")
	}
	return rule, nil
}

func (r Rooms) unschedule(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Posts.Unschedule(c.Ctx(), c.Actor(), c.Path("post")); err != nil {
		return err
	}
	c.Done("Taken back to the drafts. Its time is kept as a wish.")
	return back(c, f)
}
