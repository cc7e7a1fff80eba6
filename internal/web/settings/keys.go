package settings

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

type keysView struct {
	Tabs  []ui.Tab
	Keys  []workspace.Key
	Form  *page.Form
	Token string // of a key just made, shown once
	Can   []workspace.Capability
	Zone  *time.Location
	Now   time.Time
}

func (r Rooms) keys(c *page.Context) error {
	return r.showKeys(c, keysView{Form: page.Blank(map[string]string{"days": "90"})})
}

func (r Rooms) showKeys(c *page.Context, v keysView) error {
	var err error
	v.Tabs, v.Zone, v.Now = tabs(c, "API keys"), c.Zone(), time.Now()
	for _, capability := range workspace.Capabilities {
		if c.Actor().CanSomewhere(capability) && capability != workspace.WorkspaceDelete {
			v.Can = append(v.Can, capability)
		}
	}
	if v.Keys, err = r.Workspaces.Keys(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	return c.Render(v.Form.Status(), "API keys", "settings", keysPage(v))
}

func (r Rooms) makeKey(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	var capabilities []workspace.Capability
	for _, one := range f.All("capabilities") {
		capabilities = append(capabilities, workspace.Capability(one))
	}
	expires := time.Time{}
	if f.Value("days") != "" {
		expires = time.Now().UTC().AddDate(0, 0, f.Int("days", 1, 3650))
	}
	if !f.OK() {
		return r.showKeys(c, keysView{Form: f})
	}
	_, token, err := r.Workspaces.MakeKey(c.Ctx(), c.Actor(), f.Value("name"), capabilities, expires)
	if err != nil {
		if fault.Is(err, fault.Forbidden) || !f.Refuse(err) {
			return err
		}
		return r.showKeys(c, keysView{Form: f})
	}
	return r.showKeys(c, keysView{Form: page.Blank(map[string]string{"days": "90"}), Token: token})
}

func (r Rooms) revokeKey(c *page.Context) error {
	if err := r.Workspaces.RevokeKey(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The key is revoked. Programs that use it are refused from now on.")
	return c.Redirect("/settings/keys")
}
