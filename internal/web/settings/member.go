package settings

import (
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// memberView is one person's roles, and why they may do something or not (D01).
type memberView struct {
	Member  workspace.Member
	Choices choices
	Form    *page.Form
	Grants  []workspace.RoleGrant // shown in the roles form
	Manage  bool
	Me      bool
	Scope   string // asked about: "", "brand:…", "channel:…"
	Right   workspace.Capability
}

func (v memberView) scope() workspace.Scope { return readScope(v.Scope) }

func (r Rooms) member(c *page.Context) error {
	return r.showMember(c, page.Blank(map[string]string{}))
}

func (r Rooms) showMember(c *page.Context, f *page.Form) error {
	m, err := r.Workspaces.Member(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	v := memberView{Member: m, Form: f, Grants: m.Grants, Manage: c.Actor().Can(workspace.WorkspaceManage, workspace.Scope{}), Me: m.UserID == c.User.ID,
		Scope: c.Query("scope"), Right: workspace.Capability(c.Query("right"))}
	if chosen := grants(f); len(chosen) > 0 {
		v.Grants = chosen
	}
	if v.Choices, err = r.choices(c); err != nil {
		return err
	}
	return c.Render(f.Status(), m.Name, "settings", memberPage(v))
}

func (r Rooms) memberAgain(c *page.Context, f *page.Form, err error) error {
	if !f.Refuse(err) {
		return err
	}
	return r.showMember(c, f)
}

func (r Rooms) setRoles(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Workspaces.SetRoles(c.Ctx(), c.Actor(), c.Path("id"), grants(f)); err != nil {
		return r.memberAgain(c, f, err)
	}
	c.Done("The roles are changed, from now on.")
	return c.Redirect("/settings/members/" + c.Path("id"))
}

// answers are the levels in words.
var answers = map[workspace.Level]string{workspace.None: "No", workspace.Own: "For own or assigned items", workspace.Approval: "Yes, through approval where it is on", workspace.Full: "Yes"}

func answerTone(l workspace.Level) ui.Tone {
	switch l {
	case workspace.Full:
		return ui.Good
	case workspace.Approval, workspace.Own:
		return ui.Info
	}
	return ui.Neutral
}

func rightOptions() []ui.Option {
	var out []ui.Option
	for _, c := range workspace.Capabilities {
		out = append(out, ui.Option{Value: string(c), Label: page.Capital(c.Name())})
	}
	return out
}
