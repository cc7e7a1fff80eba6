// Package notices is the screen behind the bell: what a person was told, read and unread.
package notices

import (
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/notify"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// Rooms are what the screen speaks with.
type Rooms struct{ Notices *notify.Notices }

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/notifications", page.Member, r.list),
		page.Get("/notifications/{id}", page.Member, r.open),
		page.Post("/notifications/read", page.Member, r.readAll),
		page.Post("/notifications/mail", page.Member, r.mail),
	}
}

type view struct {
	Notices []notify.Notice
	Unread  int
	All     bool
	Next    string
	Mail    string
	Zone    *time.Location
	Now     time.Time
}

func (v view) tabs() []ui.Tab {
	return []ui.Tab{{Label: "Unread", Href: "/notifications", Active: !v.All, Count: v.Unread}, {Label: "All", Href: "/notifications?show=all", Active: v.All}}
}

const perPage = 50

func (r Rooms) list(c *page.Context) error {
	v := view{All: c.Query("show") == "all", Zone: c.Zone(), Now: time.Now()}
	var err error
	if v.Unread, err = r.Notices.Unread(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	if v.Mail, err = r.Notices.Mail(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	var more bool
	if v.Notices, more, err = r.Notices.List(c.Ctx(), c.Actor(), !v.All, c.Query("before"), perPage); err != nil {
		return err
	}
	if more {
		q := url.Values{"before": {v.Notices[len(v.Notices)-1].ID}}
		if v.All {
			q.Set("show", "all")
		}
		v.Next = "/notifications?" + q.Encode()
	}
	return c.Render(200, "Notifications", "", listPage(v))
}

// open marks a notice as read and goes to what it is about. Only the notice's own person can do it, and only for
// themselves, so following the link in a letter is enough.
func (r Rooms) open(c *page.Context) error {
	n, err := r.Notices.Open(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	return c.Redirect(n.Link)
}

func (r Rooms) readAll(c *page.Context) error {
	if err := r.Notices.ReadAll(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	return c.Redirect("/notifications")
}

func (r Rooms) mail(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	what := notify.MailMust
	if f.On("all") {
		what = notify.MailAll
	}
	if err := r.Notices.ChooseMail(c.Ctx(), c.Actor(), what); err != nil {
		return err
	}
	c.Done("Saved.")
	return c.Redirect("/notifications")
}
