package signin

import (
	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func (r Rooms) setupForm(c *page.Context) error {
	any, err := r.Accounts.Any(c.Ctx())
	if err != nil {
		return err
	}
	if any {
		return c.Redirect("/")
	}
	f := page.Blank(map[string]string{"zone": "Europe/Berlin", "currency": "EUR", "week_start": "1", "token": c.Query("token")})
	return r.showSetup(c, f)
}

func (r Rooms) showSetup(c *page.Context, f *page.Form) error {
	return c.RenderGuest(f.Status(), "Set up Bellwether", setupPage(f, r.SetupToken != ""))
}

// setup makes the first person, workspace and brand of a new installation.
func (r Rooms) setup(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if r.SetupToken != "" && !same(f.Value("token"), r.SetupToken) {
		f.Wrong("token", "This is not the set-up code that was printed when the program started.")
		return r.showSetup(c, f)
	}
	n := account.NewUser{Name: f.Value("name"), Email: f.Value("email"), Password: f.Raw("password"), Zone: f.Value("zone")}
	w := workspace.NewWorkspace{Name: f.Value("workspace"), Zone: f.Value("zone"), Currency: f.Value("currency"), WeekStart: f.Int("week_start", 0, 6), Brand: f.Value("brand")}
	if !f.OK() {
		return r.showSetup(c, f)
	}
	u, err := r.Workspaces.SetUp(c.Ctx(), r.Accounts, c.Address, n, w)
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showSetup(c, f)
	}
	return r.enter(c, u, account.ByPassword, "/")
}

func (r Rooms) invitation(c *page.Context) error {
	i, err := r.Workspaces.InvitationOf(c.Ctx(), c.Path("token"))
	if err != nil {
		return err
	}
	return r.showInvitation(c, page.Blank(map[string]string{"zone": "Europe/Berlin"}), i)
}

func (r Rooms) showInvitation(c *page.Context, f *page.Form, i workspace.Invitation) error {
	known := true
	if _, err := r.Accounts.ByEmail(c.Ctx(), i.Email); fault.Is(err, fault.NotFound) {
		known = false
	} else if err != nil {
		return err
	}
	return c.RenderGuest(f.Status(), "Invitation", invitationPage(invitationView{Form: f, Invitation: i, User: c.User, Token: c.Path("token"), Known: known}))
}

// accept joins with the account the person is signed in to, or with a new one.
func (r Rooms) accept(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	i, err := r.Workspaces.InvitationOf(c.Ctx(), c.Path("token"))
	if err != nil {
		return err
	}
	u := c.User
	if u.ID != "" {
		i, err = r.Workspaces.JoinAs(c.Ctx(), c.Path("token"), u)
	} else {
		u, i, err = r.Workspaces.Join(c.Ctx(), r.Accounts, c.Path("token"), account.NewUser{Name: f.Value("name"), Password: f.Raw("password"), Zone: f.Value("zone")})
	}
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showInvitation(c, f, i)
	}
	c.Done("Welcome to " + i.Workspace + ".")
	if c.User.ID == "" {
		return r.enter(c, u, account.ByPassword, "/")
	}
	if err := r.Accounts.Work(c.Ctx(), c.Session.ID, i.WorkspaceID, ""); err != nil {
		return err
	}
	return c.Redirect("/")
}
