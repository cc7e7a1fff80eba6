package settings

import (
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

func (r Rooms) profile(c *page.Context) error {
	return r.showProfile(c, page.Blank(map[string]string{"name": c.User.Name, "zone": c.User.Zone, "theme": c.User.Theme, "language": c.User.Language}))
}

func (r Rooms) showProfile(c *page.Context, f *page.Form) error {
	return c.Render(f.Status(), "You", "settings", profilePage(tabs(c, "You"), f, c.User))
}

func (r Rooms) saveProfile(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Accounts.Change(c.Ctx(), c.User.ID, f.Value("name"), f.Value("zone"), f.Value("theme"), f.Value("language")); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showProfile(c, f)
	}
	c.Done("Saved.")
	return c.Redirect("/settings/profile")
}

// switchTo changes the workspace and brand the person works in; "all" is every brand.
func (r Rooms) switchTo(c *page.Context) error {
	actor, err := r.Workspaces.ActorOf(c.Ctx(), c.User, c.Path("workspace"), "web", c.Address)
	if err != nil {
		return err
	}
	brand := c.Path("brand")
	if brand == "all" {
		brand = ""
	}
	if brand != "" {
		if _, err := r.Workspaces.Brand(c.Ctx(), actor, brand); err != nil {
			return err
		}
	}
	if err := r.Accounts.Work(c.Ctx(), c.Session.ID, actor.WorkspaceID, brand); err != nil {
		return err
	}
	if actor.WorkspaceID == c.Actor().WorkspaceID {
		return c.Back("/")
	}
	return c.Redirect("/")
}

var themes = []ui.Option{{Value: "system", Label: "As the system"}, {Value: "light", Label: "Light"}, {Value: "dark", Label: "Dark"}}
