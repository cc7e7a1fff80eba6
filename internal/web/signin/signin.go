// Package signin is how a person comes in: first set-up, sign-in with password and second factor, sign-in links,
// invitations and sign-out.
package signin

import (
	"net/http"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screens speak with.
type Rooms struct {
	DB         *db.DB // an invitation makes user and member in one transaction
	Accounts   *account.Accounts
	Workspaces *workspace.Workspaces
	Mail       mail.Sender
	SetupToken string // needed for the first set-up when the installation is reachable from elsewhere; "" = not needed
}

// Routes are the screens' addresses.
func Routes(r Rooms) []page.Route {
	few := 30 // a minute per address: guessing is slowed per account besides
	limited := func(route page.Route) page.Route { route.Limit = few; return route }
	return []page.Route{
		page.Get("/sign-in", page.Public, r.form),
		limited(page.Post("/sign-in", page.Public, r.signIn)),
		page.Get("/sign-in/code", page.Public, r.codeForm),
		limited(page.Post("/sign-in/code", page.Public, r.code)),
		limited(page.Get("/sign-in/link/{token}", page.Public, r.link)),
		page.Get("/sign-in/forgotten", page.Public, r.forgottenForm),
		limited(page.Post("/sign-in/forgotten", page.Public, r.forgotten)),
		limited(page.Get("/sign-in/reset/{token}", page.Public, r.resetForm)),
		limited(page.Post("/sign-in/reset/{token}", page.Public, r.reset)),
		page.Post("/signout", page.SignedIn, r.signOut),
		page.Get("/setup", page.Public, r.setupForm),
		limited(page.Post("/setup", page.Public, r.setup)),
		page.Get("/invitation/{token}", page.Public, r.invitation),
		limited(page.Post("/invitation/{token}", page.Public, r.accept)),
	}
}

func (r Rooms) from(c *page.Context) account.From {
	return account.From{Address: c.Address, Agent: c.R.UserAgent()}
}

// enter starts a session and goes on to where the person wanted to be.
func (r Rooms) enter(c *page.Context, u account.User, method account.Method, next string) error {
	token, err := r.Accounts.Open(c.Ctx(), u.ID, method, r.from(c), c.Cookie(page.SessionCookie))
	if err != nil {
		return err
	}
	c.SetCookie(page.SessionCookie, token, int(account.AbsoluteEnd.Seconds()))
	return c.Redirect(page.Local(next))
}

func (r Rooms) form(c *page.Context) error {
	any, err := r.Accounts.Any(c.Ctx())
	if err != nil {
		return err
	}
	if !any {
		return c.Redirect("/setup")
	}
	if c.User.ID != "" {
		return c.Redirect(page.Local(c.Query("next")))
	}
	return c.RenderGuest(200, "Sign in", signInPage(page.Blank(map[string]string{"next": c.Query("next")})))
}

func (r Rooms) signIn(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	u, second, err := r.Accounts.SignIn(c.Ctx(), f.Value("email"), f.Raw("password"), r.from(c))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.RenderGuest(f.Status(), "Sign in", signInPage(f))
	}
	if second != "" {
		c.SetCookie("second", second, 600)
		c.SetCookie("next", page.Local(f.Value("next")), 600)
		return c.Redirect("/sign-in/code")
	}
	return r.enter(c, u, account.ByPassword, f.Value("next"))
}

func (r Rooms) codeForm(c *page.Context) error {
	return c.RenderGuest(200, "Second factor", codePage(page.Blank(nil)))
}

func (r Rooms) code(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	u, err := r.Accounts.SecondStep(c.Ctx(), c.Cookie("second"), f.Value("code"), r.from(c))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.RenderGuest(f.Status(), "Second factor", codePage(f))
	}
	next := c.Cookie("next")
	c.SetCookie("second", "", -1)
	c.SetCookie("next", "", -1)
	return r.enter(c, u, account.BySecondFactor, next)
}

func (r Rooms) link(c *page.Context) error {
	u, err := r.Accounts.UseLink(c.Ctx(), c.Path("token"), "demo")
	if err != nil {
		return err
	}
	return r.enter(c, u, account.ByLink, "/")
}

func (r Rooms) signOut(c *page.Context) error {
	if err := r.Accounts.Close(c.Ctx(), c.Cookie(page.SessionCookie)); err != nil {
		return err
	}
	c.SetCookie(page.SessionCookie, "", -1)
	return c.Redirect("/sign-in")
}

func (r Rooms) forgottenForm(c *page.Context) error {
	return c.RenderGuest(200, "New password", forgottenPage(page.Blank(nil), false, ""))
}

// forgotten answers the same whether or not the address is known (ASVS 6.3.8).
func (r Rooms) forgotten(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	u, err := r.Accounts.ByEmail(c.Ctx(), f.Value("email"))
	switch {
	case err == nil:
		token, err := r.Accounts.Link(c.Ctx(), u.ID, "reset", time.Hour)
		if err != nil {
			return err
		}
		letter := mail.Letter{Subject: "A new password for Bellwether", Greeting: "Hello " + u.Name, Paragraphs: []string{"Somebody, probably you, asked for a new password. The link below works once, within an hour.", "If it was not you, do nothing."},
			Action: mail.Action{Label: "Choose a new password", URL: c.House().URL.JoinPath("sign-in", "reset", token).String()}}
		message, err := letter.To(mail.Address{Name: u.Name, Email: u.Email})
		if err != nil {
			return err
		}
		if err := r.Mail.Send(c.Ctx(), message); err != nil {
			return err
		}
	case !fault.Is(err, fault.NotFound):
		return err
	}
	return c.RenderGuest(200, "New password", forgottenPage(f, true, r.Mail.Note()))
}

func (r Rooms) resetForm(c *page.Context) error {
	return c.RenderGuest(200, "New password", resetPage(page.Blank(nil), c.Path("token")))
}

func (r Rooms) reset(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := account.CheckPassword(f.Raw("password")); err != nil {
		f.Refuse(err)
		return c.RenderGuest(http.StatusUnprocessableEntity, "New password", resetPage(f, c.Path("token")))
	}
	u, err := r.Accounts.UseLink(c.Ctx(), c.Path("token"), "reset")
	if err != nil {
		return err
	}
	if err := r.Accounts.SetPassword(c.Ctx(), u, f.Raw("password"), ""); err != nil {
		return err
	}
	c.Done("The new password is set. Every other session has ended.")
	return c.Redirect("/sign-in")
}

func (r Rooms) setupForm(c *page.Context) error {
	any, err := r.Accounts.Any(c.Ctx())
	if err != nil {
		return err
	}
	if any {
		return c.Redirect("/")
	}
	return c.RenderGuest(200, "Set up Bellwether", setupPage(page.Blank(map[string]string{"zone": "Europe/Berlin", "currency": "EUR", "token": c.Query("token")}), r.SetupToken != ""))
}

// setup makes the first person, workspace and brand of a new installation.
func (r Rooms) setup(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	any, err := r.Accounts.Any(c.Ctx())
	if err != nil {
		return err
	}
	if any {
		return fault.Conflictf("this installation is set up already").WithHint("Sign in, or ask its owner to invite you.")
	}
	if r.SetupToken != "" && !same(f.Value("token"), r.SetupToken) {
		f.Wrong("token", "This is not the set-up code that was printed when the program started.")
	}
	n := account.NewUser{Name: f.Value("name"), Email: f.Value("email"), Password: f.Raw("password"), Zone: f.Value("zone"), InstanceOwner: true}
	if n.Password == "" {
		f.Wrong("password", "Choose a password.")
	}
	if err := n.Check(); err != nil && !f.Refuse(err) {
		return err
	}
	w := workspace.NewWorkspace{Name: f.Value("workspace"), Zone: f.Value("zone"), Currency: f.Value("currency"), WeekStart: 1, Brand: f.Value("brand")}
	if f.OK() {
		hash, err := r.Accounts.Hash(c.Ctx(), n.Password)
		if err != nil {
			return err
		}
		var u account.User
		err = r.DB.Tx(c.Ctx(), func(tx *db.Tx) (err error) {
			if u, err = r.Accounts.Add(c.Ctx(), tx, n, hash); err != nil {
				return err
			}
			_, err = r.Workspaces.CreateIn(c.Ctx(), tx, u, c.Address, w)
			return err
		})
		if err == nil {
			return r.enter(c, u, account.ByPassword, "/")
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return c.RenderGuest(f.Status(), "Set up Bellwether", setupPage(f, r.SetupToken != ""))
}

func (r Rooms) invitation(c *page.Context) error {
	i, err := r.Workspaces.InvitationOf(c.Ctx(), c.Path("token"))
	if err != nil {
		return err
	}
	return c.RenderGuest(200, "Invitation", invitationPage(page.Blank(map[string]string{"email": i.Email, "zone": "Europe/Berlin"}), i, c.User, c.Path("token")))
}

// accept joins with the account the person is signed in to, or with a new one.
func (r Rooms) accept(c *page.Context) error {
	i, err := r.Workspaces.InvitationOf(c.Ctx(), c.Path("token"))
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	u := c.User
	n := account.NewUser{Name: f.Value("name"), Email: i.Email, Password: f.Raw("password"), Zone: f.Value("zone")}
	hash := ""
	if u.ID == "" {
		if n.Password == "" {
			f.Wrong("password", "Choose a password.")
		}
		if err := n.Check(); err != nil && !f.Refuse(err) {
			return err
		}
		if !f.OK() {
			return c.RenderGuest(f.Status(), "Invitation", invitationPage(f, i, c.User, c.Path("token")))
		}
		if hash, err = r.Accounts.Hash(c.Ctx(), n.Password); err != nil {
			return err
		}
	}
	err = r.DB.Tx(c.Ctx(), func(tx *db.Tx) (err error) {
		if u.ID == "" {
			if u, err = r.Accounts.Add(c.Ctx(), tx, n, hash); err != nil {
				return err
			}
		}
		_, err = r.Workspaces.Accept(c.Ctx(), tx, c.Path("token"), u)
		return err
	})
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.RenderGuest(f.Status(), "Invitation", invitationPage(f, i, c.User, c.Path("token")))
	}
	if c.User.ID != "" {
		if err := r.Accounts.Work(c.Ctx(), c.Session.ID, i.WorkspaceID, ""); err != nil {
			return err
		}
		return c.Redirect("/")
	}
	return r.enter(c, u, account.ByPassword, "/")
}
