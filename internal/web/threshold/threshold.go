// Package threshold is the part of a post's screen that says what is done once when the post does well (C31).
package threshold

import (
	"fmt"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/threshold"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct{ Actions *threshold.Actions }

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/compose/{id}/actions", workspace.PostRead, r.show),
		page.Post("/compose/{id}/actions", workspace.PostSchedule, r.add),
		page.Post("/compose/{id}/actions/{action}/stop", workspace.PostSchedule, r.stop),
	}
}

// View is what the panel shows.
type View struct {
	PostID  string
	Actions []threshold.Action
	Form    *page.Form
	Zone    *time.Location
	May     bool // may add and stop
}

// Of reads what the panel shows of a post.
func Of(c *page.Context, actions *threshold.Actions, postID string, f *page.Form) (View, error) {
	v := View{PostID: postID, Form: f, Zone: c.Zone(), May: c.Actor().CanSomewhere(workspace.PostSchedule)}
	var err error
	v.Actions, err = actions.Of(c.Ctx(), c.Actor(), postID)
	return v, err
}

func (r Rooms) show(c *page.Context) error { return r.render(c, page.Blank(nil)) }

func (r Rooms) render(c *page.Context, f *page.Form) error {
	v, err := Of(c, r.Actions, c.Path("id"), f)
	if err != nil {
		return err
	}
	return c.Render(max(200, f.Status()), "When it does well", "compose", actionsPage(v))
}

func (r Rooms) add(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	o := threshold.Order{Metric: f.Value("metric"), Value: int64(f.Int("value", 1, 1_000_000_000)), Days: int(f.Int("days", 1, 90)), Act: threshold.Act(f.Value("act")), Words: f.Raw("words")}
	if f.OK() {
		if _, err := r.Actions.Add(c.Ctx(), c.Actor(), c.Path("id"), o); err == nil {
			c.Done("It waits for the post to do well, and happens once.")
			return c.Redirect("/compose/" + c.Path("id") + "/actions")
		} else if !f.Refuse(err) {
			return err
		}
	}
	return r.render(c, f)
}

func (r Rooms) stop(c *page.Context) error {
	if err := r.Actions.Stop(c.Ctx(), c.Actor(), c.Path("id"), c.Path("action")); err != nil {
		return err
	}
	c.Done("Stopped. It will not happen.")
	return c.Redirect("/compose/" + c.Path("id") + "/actions")
}

// sentence is an action as people say it.
func sentence(a threshold.Action) string {
	return fmt.Sprintf("When “%s” passes %s within %s: %s", threshold.MetricName(a.Metric), show.Count(a.Value), days(a.Within), lower(a.Act.Name()))
}

func lower(s string) string { return string(s[0]|0x20) + s[1:] }

func days(d time.Duration) string {
	n := int(d / (24 * time.Hour))
	if n == 1 {
		return "a day"
	}
	return strconv.Itoa(n) + " days"
}

// standing says how an action stands, and in which tone.
func standing(a threshold.Action, zone *time.Location) (string, ui.Tone) {
	switch a.State {
	case threshold.Done:
		return "Done " + show.Instant(a.EndedAt, zone) + " at " + show.Count(a.Reached), ui.Good
	case threshold.Failed:
		return "Failed: " + a.Reason, ui.Bad
	case threshold.Expired:
		return "Its time is over", ui.Neutral
	case threshold.Stopped:
		return "Stopped", ui.Neutral
	}
	return "Waits", ui.Info
}

func metricOptions() []ui.Option {
	var out []ui.Option
	for _, m := range threshold.Metrics {
		out = append(out, ui.Option{Value: m, Label: threshold.MetricName(m)})
	}
	return out
}

func actOptions() []ui.Option {
	var out []ui.Option
	for _, a := range threshold.Acts {
		out = append(out, ui.Option{Value: string(a), Label: a.Name()})
	}
	return out
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
