package conversations

import (
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// contactView is one person with all that is known of them.
type contactView struct {
	Contact   contact.Contact
	Known     []contact.Identity
	Lines     []inbox.Line
	More      bool
	Orders    []customer.Order
	HasOrders bool
	Merges    []contact.Merge
	Found     []contact.Contact // by the search for whom to merge
	Search    string
	Edit      bool
	Form      *page.Form
	Zone      *time.Location
}

func (r Rooms) contact(c *page.Context) error {
	person, err := r.Contacts.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	if person.ID != c.Path("id") { // merged: there is one page for one person
		return c.Redirect("/contacts/" + person.ID)
	}
	f := page.Blank(map[string]string{"name": person.Name, "note": person.Note, "tags": strings.Join(person.Tags, ", ")})
	if person.VIP {
		f.Set("vip", "on")
	}
	return r.person(c, 200, person, f)
}

func (r Rooms) person(c *page.Context, status int, person contact.Contact, f *page.Form) error {
	ctx, actor := c.Ctx(), c.Actor()
	v := contactView{Contact: person, Form: f, Zone: c.Zone(), Search: c.Query("find"), Edit: actor.CanSomewhere(workspace.InboxReply)}
	var err error
	if v.Known, err = r.Contacts.Identities(ctx, actor, person.ID); err != nil {
		return err
	}
	if v.Lines, v.More, err = r.Inbox.List(ctx, actor, inbox.Filter{ContactID: person.ID, Limit: 20}); err != nil {
		return err
	}
	if v.HasOrders = actor.Can(workspace.OrderRead, workspace.Scope{}); v.HasOrders {
		if v.Orders, _, err = r.Orders.List(ctx, actor, customer.Filter{ContactID: person.ID, Limit: 20}); err != nil {
			return err
		}
	}
	if v.Merges, err = r.Contacts.Merges(ctx, actor, person.ID); err != nil {
		return err
	}
	if v.Search != "" {
		found, err := r.Contacts.Find(ctx, actor, v.Search)
		if err != nil {
			return err
		}
		for _, p := range found {
			if p.ID != person.ID {
				v.Found = append(v.Found, p)
			}
		}
	}
	return c.Render(status, person.Name, "inbox", contactPage(v))
}

func (r Rooms) describe(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	person, err := r.Contacts.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	err = r.Contacts.Describe(c.Ctx(), c.Actor(), person.ID, contact.Description{Name: f.Value("name"), Note: f.Raw("note"), Tags: strings.Split(f.Raw("tags"), ","), VIP: f.On("vip")})
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.person(c, f.Status(), person, f)
	}
	c.Done("Kept.")
	return c.Redirect("/contacts/" + person.ID)
}

func (r Rooms) merge(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	return r.moved(c, c.Path("id"), "The two are one contact now. The merge is listed below and can be taken back.", func() error {
		if !f.On("sure") {
			return fault.Invalidf("sure", "tick that they are the same person")
		}
		_, err := r.Contacts.Merge(c.Ctx(), c.Actor(), f.Value("other"), c.Path("id"))
		return err
	})
}

func (r Rooms) unmerge(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	return r.moved(c, c.Path("id"), "The merge is taken back: they are two contacts again.", func() error {
		_, err := r.Contacts.Unmerge(c.Ctx(), c.Actor(), f.Value("merge"))
		return err
	})
}

func (r Rooms) split(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	to := ""
	err = r.moved(c, c.Path("id"), "", func() error {
		if !f.On("sure") {
			return fault.Invalidf("sure", "tick that this is somebody else")
		}
		made, err := r.Contacts.Split(c.Ctx(), c.Actor(), c.Path("id"), f.Value("identity"))
		to = made
		if err == nil {
			c.Flash(ui.ToastProps{Tone: ui.Good, Text: "It is a contact of its own now. Merging the two takes that back.", Href: "/contacts/" + to, Link: "Open it"})
		}
		return err
	})
	return err
}

// moved carries out a change of who is whom and says how it went on the contact's page.
func (r Rooms) moved(c *page.Context, contactID, done string, do func() error) error {
	err := do()
	switch {
	case err == nil && done != "":
		c.Done(done)
	case err != nil:
		words, ok := readable(err)
		if !ok || fault.Is(err, fault.Forbidden) {
			return err
		}
		c.Flash(ui.ToastProps{Tone: ui.Bad, Text: words, Seconds: 12})
	}
	return c.Redirect("/contacts/" + contactID)
}
