package settings

import (
	"slices"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

type rolesView struct {
	Tabs   []ui.Tab
	Custom []workspace.CustomRole
}

func (r Rooms) roles(c *page.Context) error {
	custom, err := r.Workspaces.CustomRoles(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	return c.Render(200, "Roles", "settings", rolesPage(rolesView{tabs(c, "Roles"), custom}))
}

// levels are how far a right goes, as the form sends them.
var levels = []struct {
	value string
	level workspace.Level
	label string
}{{"none", workspace.None, "No"}, {"own", workspace.Own, "Own or assigned items"}, {"approval", workspace.Approval, "Through approval"}, {"full", workspace.Full, "Yes"}}

func levelOptions() []ui.Option {
	var out []ui.Option
	for _, l := range levels {
		out = append(out, ui.Option{Value: l.value, Label: l.label})
	}
	return out
}

// editRole shows a new role, cloned from another with ?from=, or one of the workspace's own with ?role=.
func (r Rooms) editRole(c *page.Context) error {
	f, rights := page.Blank(nil), map[workspace.Capability]workspace.Level{}
	if from := workspace.Role(c.Query("from")); slices.Contains(workspace.Roles, from) {
		rights = workspace.Rights(from)
		f.Set("name", from.Name()+", own version")
	}
	if id := c.Query("role"); id != "" {
		custom, err := r.Workspaces.CustomRoles(c.Ctx(), c.Actor())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(custom, func(role workspace.CustomRole) bool { return role.ID == id })
		if i < 0 {
			return fault.NotFoundf("there is no such role in this workspace")
		}
		f.Set("id", id)
		f.Set("name", custom[i].Name)
		rights = custom[i].Rights
	}
	for capability, level := range rights {
		f.Set("right-"+string(capability), levels[level].value)
	}
	return r.showRole(c, f)
}

func (r Rooms) showRole(c *page.Context, f *page.Form) error {
	return c.Render(f.Status(), "Role", "settings", rolePage(f))
}

func (r Rooms) saveRole(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	role := workspace.CustomRole{ID: f.Value("id"), Name: f.Value("name"), Rights: map[workspace.Capability]workspace.Level{}}
	for _, capability := range workspace.Capabilities {
		for _, l := range levels {
			if l.level > workspace.None && f.Value("right-"+string(capability)) == l.value {
				role.Rights[capability] = l.level
			}
		}
	}
	if _, err := r.Workspaces.MakeRole(c.Ctx(), c.Actor(), role); err != nil {
		if fault.Is(err, fault.Forbidden) { // who may not give a right is told beside the rights, with all choices kept
			f.Wrong("rights", page.Capital(fault.As(err).Message)+". "+fault.As(err).Hint)
		} else if !f.Refuse(err) {
			return err
		}
		return r.showRole(c, f)
	}
	c.Done("The role is saved. Who holds it has its rights from now on.")
	return c.Redirect("/settings/roles")
}

func (r Rooms) dropRole(c *page.Context) error {
	if err := r.Workspaces.DropRole(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The role is deleted.")
	return c.Redirect("/settings/roles")
}
