package settings

import (
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

type workspaceView struct {
	Tabs      []ui.Tab
	Form      *page.Form
	Workspace workspace.Workspace
	Brands    []workspace.Brand
	MailNote  string
}

func (r Rooms) workspace(c *page.Context) error {
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	f := page.Blank(map[string]string{"name": w.Name, "zone": w.Zone, "currency": w.Currency, "week_start": strconv.Itoa(w.WeekStart),
		"late": strconv.Itoa(int(w.LateWindow / time.Minute))})
	if w.SecondFactor {
		f.Set("second_factor", "on")
	}
	return r.showWorkspace(c, f)
}

func (r Rooms) showWorkspace(c *page.Context, f *page.Form) error {
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	brands, err := c.Brands()
	if err != nil {
		return err
	}
	return c.Render(f.Status(), "Workspace", "settings", workspacePage(workspaceView{tabs(c, "Workspace"), f, w, brands, r.Mail.Note()}))
}

func (r Rooms) saveWorkspace(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	s := workspace.Settings{Name: f.Value("name"), Zone: f.Value("zone"), Currency: f.Value("currency"), WeekStart: f.Int("week_start", 0, 6),
		LateWindow: time.Duration(f.Int("late", 0, 7*24*60)) * time.Minute, SecondFactor: f.On("second_factor")}
	if !f.OK() {
		return r.showWorkspace(c, f)
	}
	if err := r.Workspaces.Settle(c.Ctx(), c.Actor(), s); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showWorkspace(c, f)
	}
	c.Done("The workspace's settings are saved.")
	return c.Redirect("/settings/workspace")
}

// tryMail sends the person a letter at once, so that a wrong mail setting shows here and not on a bad day.
func (r Rooms) tryMail(c *page.Context) error {
	if err := r.Notices.Try(c.Ctx(), c.User.Name, c.User.Email); err != nil {
		e := fault.As(err)
		c.Flash(ui.ToastProps{Tone: ui.Bad, Text: page.Capital(e.Message) + ". " + e.Hint, Seconds: 20})
		return c.Redirect("/settings/workspace")
	}
	if note := r.Mail.Note(); note != "" {
		c.Flash(ui.ToastProps{Tone: ui.Info, Text: note, Seconds: 20})
	} else {
		c.Done("A letter is on its way to " + c.User.Email + ".")
	}
	return c.Redirect("/settings/workspace")
}

func (r Rooms) newWorkspace(c *page.Context) error {
	f := page.Blank(map[string]string{"zone": c.User.Zone, "currency": "EUR", "week_start": "1"})
	return c.Render(f.Status(), "New workspace", "settings", newWorkspacePage(f))
}

func (r Rooms) makeWorkspace(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	n := workspace.NewWorkspace{Name: f.Value("workspace"), Zone: f.Value("zone"), Currency: f.Value("currency"), WeekStart: f.Int("week_start", 0, 6),
		Brand: f.Value("brand"), TestMode: f.On("test")}
	made := workspace.Workspace{}
	if f.OK() {
		made, err = r.Workspaces.Create(c.Ctx(), c.User, c.Address, n)
	}
	if err != nil && !f.Refuse(err) {
		return err
	}
	if !f.OK() {
		return c.Render(f.Status(), "New workspace", "settings", newWorkspacePage(f))
	}
	if err := r.Accounts.Work(c.Ctx(), c.Session.ID, made.ID, ""); err != nil {
		return err
	}
	c.Done("The workspace is made. You are its owner.")
	return c.Redirect("/")
}

func (r Rooms) newBrand(c *page.Context) error {
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	return r.showBrand(c, page.Blank(map[string]string{"zone": w.Zone, "currency": w.Currency}), "")
}

func (r Rooms) showBrand(c *page.Context, f *page.Form, id string) error {
	title := "New brand"
	if id != "" {
		title = "Brand"
	}
	return c.Render(f.Status(), title, "settings", brandPage(title, f, id))
}

func brandOf(f *page.Form) workspace.Brand {
	return workspace.Brand{Name: f.Value("name"), Zone: f.Value("zone"), Currency: f.Value("currency"), Colour: f.Value("colour"),
		LinkDomain: f.Value("link_domain"), Signature: f.Value("signature")}
}

func (r Rooms) addBrand(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if _, err := r.Workspaces.AddBrand(c.Ctx(), c.Actor(), brandOf(f)); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showBrand(c, f, "")
	}
	c.Done("The brand is added.")
	return c.Redirect("/settings/workspace")
}

func (r Rooms) brand(c *page.Context) error {
	b, err := r.Workspaces.Brand(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	return r.showBrand(c, page.Blank(map[string]string{"name": b.Name, "zone": b.Zone, "currency": b.Currency, "colour": b.Colour,
		"link_domain": b.LinkDomain, "signature": b.Signature}), b.ID)
}

func (r Rooms) saveBrand(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	b := brandOf(f)
	b.ID = c.Path("id")
	if err := r.Workspaces.SetBrand(c.Ctx(), c.Actor(), b); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showBrand(c, f, b.ID)
	}
	c.Done("The brand is saved.")
	return c.Redirect("/settings/workspace")
}
