package signin

import (
	"net/http"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

func (r Rooms) forgottenForm(c *page.Context) error {
	return c.RenderGuest(http.StatusOK, "New password", forgottenPage(page.Blank(nil), false, ""))
}

// forgotten answers the same whether or not the address is known (ASVS 6.3.8).
func (r Rooms) forgotten(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Accounts.Forgotten(c.Ctx(), f.Value("email"), from(c)); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.RenderGuest(f.Status(), "New password", forgottenPage(f, false, ""))
	}
	return c.RenderGuest(http.StatusOK, "New password", forgottenPage(f, true, r.Mail.Note()))
}

func (r Rooms) resetForm(c *page.Context) error {
	if _, err := r.Accounts.LinkUser(c.Ctx(), c.Path("token"), account.Reset); err != nil {
		return err
	}
	return c.RenderGuest(http.StatusOK, "New password", resetPage(page.Blank(nil), c.Path("token")))
}

func (r Rooms) reset(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if _, err := r.Accounts.ResetPassword(c.Ctx(), c.Path("token"), f.Raw("password")); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.RenderGuest(f.Status(), "New password", resetPage(f, c.Path("token")))
	}
	c.Done("The new password is set, and every session has ended. Sign in with it.")
	return c.Redirect("/sign-in")
}
