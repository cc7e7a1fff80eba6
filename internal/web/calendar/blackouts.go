package calendar

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// blackoutView lists the blackouts and offers a new one.
type blackoutView struct {
	Rows     []ui.Row
	Channels []ui.Option
	Form     *page.Form
	Zone     *time.Location
	Edit     bool
}

func (r Rooms) blackouts(c *page.Context) error { return r.showBlackouts(c, page.Blank(nil)) }

func (r Rooms) showBlackouts(c *page.Context, f *page.Form) error {
	v := blackoutView{Form: f, Zone: c.Zone(), Edit: c.Actor().May(workspace.QueuePause, workspace.Scope{}) == nil}
	channels, err := r.Channels.List(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, ch := range channels {
		names[ch.ID] = ch.Name
		v.Channels = append(v.Channels, ui.Option{Value: ch.ID, Label: ch.Name})
	}
	now := r.Clock().UTC()
	list, err := r.Posts.Blackouts(c.Ctx(), c.Actor(), now, now.AddDate(10, 0, 0))
	if err != nil {
		return err
	}
	for _, b := range list {
		on := "All channels"
		for i, id := range b.Channels {
			if i == 0 {
				on = ""
			} else {
				on += ", "
			}
			on += names[id]
		}
		var end templ.Component = ui.Text("")
		if v.Edit {
			end = endForm(b.ID, b.Name)
		}
		v.Rows = append(v.Rows, ui.Row{ID: b.ID, Cells: []templ.Component{ui.Text(b.Name), ui.Text(show.Instant(b.StartsAt, v.Zone)), ui.Text(show.Instant(b.EndsAt, v.Zone)), ui.Text(on), end}})
	}
	return c.Render(max(200, f.Status()), "Blackouts", "calendar", blackoutPage(v))
}

func (r Rooms) addBlackout(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	zone := c.Zone().String()
	b := post.Blackout{Name: f.Value("name"), StartsAt: f.Time("starts", zone), EndsAt: f.Time("ends", zone), Channels: f.All("channel")}
	for _, field := range []string{"starts", "ends"} {
		if f.Value(field) == "" {
			f.Wrong(field, "Choose a time.")
		}
	}
	if f.OK() {
		made, held, err := r.Posts.AddBlackout(c.Ctx(), c.Actor(), b)
		if err == nil {
			c.Done(heldWords(made.Name, held))
			return c.Redirect("/calendar/blackouts")
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return r.showBlackouts(c, f)
}

func heldWords(name string, held int) string {
	switch held {
	case 0:
		return "Nothing is published during “" + name + "”."
	case 1:
		return "Nothing is published during “" + name + "”. One planned post is held."
	}
	return fmt.Sprintf("Nothing is published during “%s”. %d planned posts are held.", name, held)
}

func (r Rooms) endBlackout(c *page.Context) error {
	if err := r.Posts.EndBlackout(c.Ctx(), c.Actor(), c.Path("blackout")); err != nil {
		return err
	}
	c.Done("The blackout is over. What it held waits for your choice under Queue.")
	return c.Redirect("/calendar/blackouts")
}

func (r Rooms) saveView(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	saved, err := r.Posts.SaveView(c.Ctx(), c.Actor(), post.SavedView{Screen: "calendar", Name: f.Value("name"), Query: f.Value("query"), Shared: f.On("shared")})
	if err != nil {
		return err
	}
	c.Done("The view “" + saved.Name + "” is saved.")
	return c.Redirect("/calendar?" + saved.Query)
}

func (r Rooms) dropView(c *page.Context) error {
	if err := r.Posts.DropView(c.Ctx(), c.Actor(), c.Path("view")); err != nil {
		return err
	}
	c.Done("The view is deleted.")
	return c.Redirect("/calendar")
}
