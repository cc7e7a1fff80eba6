package signin

import (
	"crypto/subtle"
	"net/http"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screens speak with.
type Rooms struct {
	Accounts   *account.Accounts
	Workspaces *workspace.Workspaces
	Mail       mail.Sender
	SetupToken string // needed for the first set-up when the installation is reachable from elsewhere; "" = not needed
}

// few is how many tries a minute one address has at these screens; guessing is slowed per account besides.
const few = 30

// Routes are the screens' addresses.
func Routes(r Rooms) []page.Route {
	routes := []page.Route{
		page.Get("/sign-in", page.Public, r.form),
		page.Post("/sign-in", page.Public, r.signIn),
		page.Get("/sign-in/code", page.Public, r.codeForm),
		page.Post("/sign-in/code", page.Public, r.code),
		page.Post("/sign-in/passkey/ask", page.Public, r.askPasskey),
		page.Post("/sign-in/passkey", page.Public, r.passkey),
		page.Get("/sign-in/link/{token}", page.Public, r.link),
		page.Get("/sign-in/forgotten", page.Public, r.forgottenForm),
		page.Post("/sign-in/forgotten", page.Public, r.forgotten),
		page.Get("/sign-in/reset/{token}", page.Public, r.resetForm),
		page.Post("/sign-in/reset/{token}", page.Public, r.reset),
		page.Get("/setup", page.Public, r.setupForm),
		page.Post("/setup", page.Public, r.setup),
		page.Get("/invitation/{token}", page.Public, r.invitation),
		page.Post("/invitation/{token}", page.Public, r.accept),
		page.Post("/signout", page.SignedIn, r.signOut),
	}
	for i := range routes {
		if routes[i].Method == http.MethodPost || routes[i].Pattern == "/sign-in/link/{token}" || routes[i].Pattern == "/sign-in/reset/{token}" {
			routes[i].Limit = few
		}
	}
	return routes
}

// Cookies that live as long as a sign-in takes, and the one by which a browser is recognised.
const (
	secondCookie  = "second"
	passkeyCookie = "passkey"
	nextCookie    = "next"
	deviceCookie  = "device"
)

const (
	minutes = 60
	year    = 365 * 24 * 60 * minutes
)

func from(c *page.Context) account.From {
	return account.From{Address: c.Address, Agent: c.R.UserAgent(), Device: c.Cookie(deviceCookie)}
}

// enter starts a session and goes on to where the person wanted to be.
func (r Rooms) enter(c *page.Context, u account.User, method account.Method, next string) error {
	opened, err := r.Accounts.Open(c.Ctx(), u.ID, method, from(c), c.Cookie(page.SessionCookie))
	if err != nil {
		return err
	}
	c.SetCookie(page.SessionCookie, opened.Token, int(account.AbsoluteEnd.Seconds()))
	c.SetCookie(deviceCookie, opened.Device, year)
	return c.Redirect(next)
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
		return c.Redirect(c.Query("next"))
	}
	return r.show(c, page.Blank(map[string]string{"next": c.Query("next")}))
}

func (r Rooms) show(c *page.Context, f *page.Form) error {
	return c.RenderGuest(f.Status(), "Sign in", signInPage(f, r.Accounts.PasskeysWork() == ""))
}

func (r Rooms) signIn(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	u, second, err := r.Accounts.SignIn(c.Ctx(), f.Value("email"), f.Raw("password"), from(c))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.show(c, f)
	}
	if second != "" {
		c.SetCookie(secondCookie, second, 10*minutes)
		c.SetCookie(nextCookie, page.Local(f.Value("next")), 10*minutes)
		return c.Redirect("/sign-in/code")
	}
	return r.enter(c, u, account.ByPassword, f.Value("next"))
}

func (r Rooms) codeForm(c *page.Context) error {
	if c.Cookie(secondCookie) == "" {
		return c.Redirect("/sign-in")
	}
	return c.RenderGuest(http.StatusOK, "Second factor", codePage(page.Blank(nil)))
}

func (r Rooms) code(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	u, err := r.Accounts.SecondStep(c.Ctx(), c.Cookie(secondCookie), f.Value("code"), from(c))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.RenderGuest(f.Status(), "Second factor", codePage(f))
	}
	next := c.Cookie(nextCookie)
	c.SetCookie(secondCookie, "", -1)
	c.SetCookie(nextCookie, "", -1)
	return r.enter(c, u, account.BySecondFactor, next)
}

// askPasskey answers with the question for the browser, which keeps the step's token in a cookie.
func (r Rooms) askPasskey(c *page.Context) error {
	question, token, err := r.Accounts.BeginPasskeySignIn(c.Ctx())
	if err != nil {
		return err
	}
	c.SetCookie(passkeyCookie, token, 10*minutes)
	return c.RawJSON(http.StatusOK, question)
}

func (r Rooms) passkey(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	token := c.Cookie(passkeyCookie)
	c.SetCookie(passkeyCookie, "", -1)
	u, err := r.Accounts.PasskeySignIn(c.Ctx(), token, []byte(f.Raw("answer")))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.show(c, f)
	}
	return r.enter(c, u, account.ByPasskey, f.Value("next"))
}

// link opens the sample workspace for whoever runs the demo.
func (r Rooms) link(c *page.Context) error {
	u, err := r.Accounts.UseLink(c.Ctx(), c.Path("token"), account.Demo)
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
	c.W.Header().Set("Clear-Site-Data", `"cache"`)
	return c.Redirect("/sign-in")
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
