package settings

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// choices are what a role can be given as: which role, and how far it reaches.
type choices struct {
	Roles  []ui.Option
	Scopes []ui.Option       // "" everywhere, "brand:…", "channel:…"
	names  map[string]string // of scopes
}

func (r Rooms) choices(c *page.Context) (choices, error) {
	ch := choices{Scopes: []ui.Option{{Value: "", Label: "Everywhere"}}, names: map[string]string{}}
	for _, role := range workspace.Roles {
		ch.Roles = append(ch.Roles, ui.Option{Value: string(role), Label: role.Name()})
	}
	custom, err := r.Workspaces.CustomRoles(c.Ctx(), c.Actor())
	if err != nil {
		return ch, err
	}
	for _, role := range custom {
		ch.Roles = append(ch.Roles, ui.Option{Value: role.ID, Label: role.Name, Group: "This workspace's own"})
	}
	brands, err := c.Brands()
	if err != nil {
		return ch, err
	}
	for _, b := range brands {
		ch.Scopes = append(ch.Scopes, ui.Option{Value: "brand:" + b.ID, Label: b.Name, Group: "One brand"})
	}
	if r.Channels != nil {
		channels, err := r.Channels.List(c.Ctx(), c.Actor())
		if err != nil {
			return ch, err
		}
		for _, one := range channels {
			ch.Scopes = append(ch.Scopes, ui.Option{Value: "channel:" + one.ID, Label: one.Name + " (" + ui.NetworkName(one.Network) + ")", Group: "One channel"})
		}
	}
	for _, s := range ch.Scopes {
		ch.names[s.Value] = s.Label
	}
	return ch, nil
}

func scopeOf(g workspace.RoleGrant) string {
	switch {
	case g.ChannelID != "":
		return "channel:" + g.ChannelID
	case g.BrandID != "":
		return "brand:" + g.BrandID
	}
	return ""
}

func readScope(value string) workspace.Scope {
	kind, id, _ := strings.Cut(value, ":")
	switch kind {
	case "channel":
		return workspace.Scope{ChannelID: id}
	case "brand":
		return workspace.Scope{BrandID: id}
	}
	return workspace.Scope{}
}

// words says a grant as people do: "Community manager, for Nordlys".
func (ch choices) words(g workspace.RoleGrant) string {
	if scope := scopeOf(g); scope != "" {
		name := ch.names[scope]
		if name == "" {
			name = "a brand or channel that is gone"
		}
		return g.Name() + ", for " + name
	}
	return g.Name()
}

func (ch choices) list(grants []workspace.RoleGrant) string {
	var out []string
	for _, g := range grants {
		out = append(out, ch.words(g))
	}
	return strings.Join(out, "; ")
}

// rowsOfRoles is how many lines a roles form has.
const rowsOfRoles = 12

// grants reads the lines of a roles form: role-0 with scope-0, role-1 with scope-1 … A line without role is none.
func grants(f *page.Form) []workspace.RoleGrant {
	var out []workspace.RoleGrant
	for i := range rowsOfRoles {
		n := strconv.Itoa(i)
		if role := f.Value("role-" + n); role != "" {
			s := readScope(f.Value("scope-" + n))
			out = append(out, workspace.RoleGrant{Role: workspace.Role(role), BrandID: s.BrandID, ChannelID: s.ChannelID})
		}
	}
	return out
}

type membersView struct {
	Tabs        []ui.Tab
	Members     []workspace.Member
	Invitations []workspace.Invitation
	Choices     choices
	Form        *page.Form
	Grants      []workspace.RoleGrant // chosen in the form of an invitation
	Link        string                // of an invitation just made
	Note        string                // where its letter went
	Manage      bool
	Me          string
	Zone        *time.Location
}

func (r Rooms) members(c *page.Context) error {
	return r.showMembers(c, membersView{Form: page.Blank(nil)})
}

func (r Rooms) showMembers(c *page.Context, v membersView) error {
	var err error
	v.Tabs, v.Manage, v.Me, v.Zone = tabs(c, "Members"), c.Actor().Can(workspace.WorkspaceManage, workspace.Scope{}), c.User.ID, c.Zone()
	if v.Members, err = r.Workspaces.Members(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	if v.Choices, err = r.choices(c); err != nil {
		return err
	}
	if v.Manage {
		if v.Invitations, err = r.Workspaces.Invitations(c.Ctx(), c.Actor()); err != nil {
			return err
		}
	}
	return c.Render(v.Form.Status(), "Members", "settings", membersPage(v))
}

func (r Rooms) invite(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	i, token, err := r.Workspaces.Invite(c.Ctx(), c.Actor(), f.Value("email"), grants(f))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showMembers(c, membersView{Form: f, Grants: grants(f)})
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	link := c.House().URL.JoinPath("invitation", token).String()
	return r.showMembers(c, membersView{Form: page.Blank(nil), Link: link, Note: r.sendInvitation(c, i, w.Name, link)})
}

// patience is how long a person waits for the mail server before the link on the screen has to do.
const patience = 10 * time.Second

// sendInvitation mails the link and says what became of the letter. The token is stored nowhere, so the letter goes
// out at once or not at all; the link on the screen works either way.
func (r Rooms) sendInvitation(c *page.Context, i workspace.Invitation, place, link string) string {
	letter := mail.Letter{Subject: c.User.Name + " invites you to " + place, Greeting: "Hello",
		Paragraphs: []string{c.User.Name + " invites you to work in " + place + " on Bellwether. The link works once, for seven days."},
		Action:     mail.Action{Label: "Join " + place, URL: link}, Footer: "If you do not know why you get this, do nothing."}
	message, err := letter.To(mail.Address{Email: i.Email})
	if err == nil {
		ctx, cancel := context.WithTimeout(c.Ctx(), patience)
		defer cancel()
		err = r.Mail.Send(ctx, message)
	}
	switch note := r.Mail.Note(); {
	case err != nil:
		return "The letter could not be sent. Give the link to the person yourself."
	case note != "":
		return note
	}
	return "A letter is on its way to " + i.Email + ". You can also give the link to the person yourself."
}

func (r Rooms) revoke(c *page.Context) error {
	if err := r.Workspaces.Revoke(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The invitation is taken back.")
	return c.Redirect("/settings/members")
}

func (r Rooms) remove(c *page.Context) error {
	if err := r.Workspaces.Remove(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return r.memberAgain(c, page.Blank(nil), err)
	}
	c.Done("The person is no longer a member. Their keys and open invitations have ended.")
	return c.Redirect("/settings/members")
}

func (r Rooms) leave(c *page.Context) error {
	if err := r.Workspaces.Remove(c.Ctx(), c.Actor(), c.User.ID); err != nil {
		f := page.Blank(nil)
		if !f.Refuse(err) {
			return err
		}
		return r.showMembers(c, membersView{Form: f})
	}
	c.Done("You have left the workspace.")
	return c.Redirect("/")
}
