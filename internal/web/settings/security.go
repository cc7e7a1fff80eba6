package settings

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// securityView is the security page with whatever step is under way.
type securityView struct {
	Tabs        []ui.Tab
	User        account.User
	Sessions    []account.Session
	Present     string // id of this session
	Form        *page.Form
	New         account.NewTOTP // a second factor being set up; zero when none is
	QR          string          // its address as an SVG
	Codes       []string        // recovery codes, shown once
	CodesLeft   int
	Passkeys    []account.Passkey
	PasskeysWhy string // why passkeys cannot be used here, "" when they can
	Zone        *time.Location
}

func (r Rooms) security(c *page.Context) error {
	return r.showSecurity(c, securityView{Form: page.Blank(nil)})
}

func (r Rooms) showSecurity(c *page.Context, v securityView) error {
	var err error
	if v.User, err = r.Accounts.User(c.Ctx(), c.User.ID); err != nil {
		return err
	}
	if v.Sessions, err = r.Accounts.Sessions(c.Ctx(), c.User.ID); err != nil {
		return err
	}
	if v.Passkeys, err = r.Accounts.Passkeys(c.Ctx(), c.User.ID); err != nil {
		return err
	}
	if v.CodesLeft, err = r.Accounts.RecoveryLeft(c.Ctx(), c.User); err != nil {
		return err
	}
	if v.New.Step != "" {
		v.QR = picture(v.New.Address)
	}
	v.Tabs, v.Present, v.PasskeysWhy, v.Zone = tabs(c, "Security"), c.Session.ID, r.Accounts.PasskeysWork(), c.Zone()
	return c.Render(v.Form.Status(), "Security", "settings", securityPage(v))
}

// again shows the page with what was wrong, or hands on what nobody can mend there.
func (r Rooms) again(c *page.Context, f *page.Form, err error) error {
	if !f.Refuse(err) {
		return err
	}
	return r.showSecurity(c, securityView{Form: f})
}

func (r Rooms) password(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Accounts.ChangePassword(c.Ctx(), c.User, f.Raw("present"), f.Raw("password"), c.Session.ID); err != nil {
		return r.again(c, f, err)
	}
	c.Done("The password is changed. Every other session has ended.")
	return c.Redirect("/settings/security")
}

func (r Rooms) beginTOTP(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	n, err := r.Accounts.BeginTOTP(c.Ctx(), c.User)
	if err != nil {
		return err
	}
	return r.showSecurity(c, securityView{Form: f, New: n})
}

func (r Rooms) confirmTOTP(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	codes, err := r.Accounts.ConfirmTOTP(c.Ctx(), c.User, f.Value("step"), f.Value("code"))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		v := securityView{Form: f}
		if n, err := r.Accounts.ResumeTOTP(c.Ctx(), c.User, f.Value("step")); err == nil {
			v.New = n
		}
		return r.showSecurity(c, v)
	}
	return r.showSecurity(c, securityView{Form: page.Blank(nil), Codes: codes})
}

// dropTOTP and renewRecovery weaken or replace what protects the account, so they ask for the password again.
func (r Rooms) dropTOTP(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Accounts.Prove(c.Ctx(), c.User, f.Raw("present")); err != nil {
		return r.unproved(c, f, err)
	}
	if err := r.Accounts.DropTOTP(c.Ctx(), c.User); err != nil {
		return err
	}
	c.Done("The second factor is off.")
	return c.Redirect("/settings/security")
}

func (r Rooms) renewRecovery(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Accounts.Prove(c.Ctx(), c.User, f.Raw("present")); err != nil {
		return r.unproved(c, f, err)
	}
	codes, err := r.Accounts.RenewRecovery(c.Ctx(), c.User)
	if err != nil {
		return r.again(c, f, err)
	}
	return r.showSecurity(c, securityView{Form: page.Blank(nil), Codes: codes})
}

// unproved shows the page again with the error at the second form's own password field.
func (r Rooms) unproved(c *page.Context, f *page.Form, err error) error {
	probe := page.Blank(nil)
	if !probe.Refuse(err) {
		return err
	}
	if wrong := probe.Error("present"); wrong != "" {
		f.Wrong("present-2", wrong)
		return r.showSecurity(c, securityView{Form: f})
	}
	return r.again(c, f, err)
}

func (r Rooms) askPasskey(c *page.Context) error {
	question, token, err := r.Accounts.BeginPasskey(c.Ctx(), c.User)
	if err != nil {
		return err
	}
	c.SetCookie("new-passkey", token, 600)
	return c.RawJSON(http.StatusOK, question)
}

func (r Rooms) addPasskey(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	token := c.Cookie("new-passkey")
	c.SetCookie("new-passkey", "", -1)
	if err := r.Accounts.AddPasskey(c.Ctx(), c.User, token, f.Value("name"), []byte(f.Raw("answer"))); err != nil {
		return r.again(c, f, err)
	}
	c.Done("The passkey is added. You can sign in with it from now on.")
	return c.Redirect("/settings/security")
}

func (r Rooms) dropPasskey(c *page.Context) error {
	if err := r.Accounts.DropPasskey(c.Ctx(), c.User, c.Path("id")); err != nil {
		return r.again(c, page.Blank(nil), err)
	}
	c.Done("The passkey is forgotten here. Delete it on the device, too.")
	return c.Redirect("/settings/security")
}

func (r Rooms) endSession(c *page.Context) error {
	if err := r.Accounts.End(c.Ctx(), c.User.ID, c.Path("id")); err != nil {
		return err
	}
	c.Done("That session has ended.")
	return c.Redirect("/settings/security")
}

func (r Rooms) endOthers(c *page.Context) error {
	if err := r.Accounts.EndOthers(c.Ctx(), c.User.ID, c.Session.ID); err != nil {
		return err
	}
	c.Done("Every other session has ended.")
	return c.Redirect("/settings/security")
}

// picture is a QR code as an SVG of one path, dark on white in every theme so that cameras read it.
func picture(address string) string {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return "" // the secret stands beside it in letters
	}
	const quiet = 4
	size := code.Size + 2*quiet
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return fmt.Sprintf(`<svg viewBox="0 0 %d %d" width="220" height="220" role="img" aria-label="QR code for your authenticator app" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		size, size, size, size, path.String())
}
