// Package preflight shows what stands in the way of planned posts before their time (C35), with the screen that mends
// each thing, and looks again when asked to. Its panel stands on other screens, too.
package preflight

import (
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct{ Preflight *preflight.Checks }

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	now := page.Post("/preflight/{target}", workspace.PostDraft, r.now)
	now.Limit = 30 // each look may ask a network and a few web servers
	return []page.Route{
		page.Get("/preflight", workspace.PostRead, r.list),
		page.Get("/preflight/{target}", workspace.PostRead, r.target),
		now,
	}
}

func (r Rooms) list(c *page.Context) error {
	all, err := r.Preflight.Failing(c.Ctx(), c.Actor(), 200)
	if err != nil {
		return err
	}
	return c.Render(200, "Before they go out", "deliveries", listPage(all, c.Zone()))
}

func (r Rooms) target(c *page.Context) error {
	report, err := r.Preflight.Target(c.Ctx(), c.Actor(), c.Path("target"))
	if err != nil {
		return err
	}
	return c.Render(200, "Before it goes out", "deliveries", targetPage(report, c.Zone(), c.Actor().CanSomewhere(workspace.PostDraft)))
}

func (r Rooms) now(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	report, err := r.Preflight.Now(c.Ctx(), c.Actor(), c.Path("target"))
	if err != nil {
		return err
	}
	said := "Nothing stands in its way."
	if n := len(report.Findings); n == 1 {
		said = "One thing stands in its way."
	} else if n > 1 {
		said = show.Count(int64(n)) + " things stand in its way."
	}
	c.Done("Looked just now. " + said)
	if to := page.Local(f.Value("back")); to != "/" {
		return c.Redirect(to)
	}
	return c.Redirect("/preflight/" + report.TargetID)
}

// tone is the colour of a level.
func tone(l network.Level) ui.Tone {
	if l == network.Error {
		return ui.Bad
	}
	return ui.Warn
}

// name is what lists call the target.
func name(r preflight.Report) string {
	for _, s := range []string{r.Title, r.Text} {
		if s != "" {
			return show.Clip(s, 80)
		}
	}
	return "(no text)"
}

// lede says when it was looked at and when next.
func lede(r preflight.Report, zone *time.Location) string {
	if r.LookedAt.IsZero() {
		return "It is looked at a day, an hour and five minutes before its time. What stands in the way then is told to the responsible person."
	}
	words := "Looked at " + show.Instant(r.LookedAt, zone) + "."
	if r.NextAt.IsZero() {
		return words + " That was the last look before its time."
	}
	return words + " Next look " + show.Instant(r.NextAt, zone) + "."
}

// passed are the checks that found nothing.
func passed(r preflight.Report) []ui.Fact {
	var out []ui.Fact
	if r.LookedAt.IsZero() {
		return nil
	}
	for _, check := range preflight.All {
		found := false
		for _, f := range r.Findings {
			found = found || f.Check == check
		}
		if !found {
			out = append(out, ui.Fact{Name: check.Name(), Text: check.Passed()})
		}
	}
	return out
}

// summary is a target's findings in one line.
func summary(r preflight.Report) string {
	var words []string
	for _, f := range r.Findings {
		words = append(words, f.Message)
	}
	return show.Clip(strings.Join(words, " "), 220)
}
