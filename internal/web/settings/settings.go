// Package settings is the screen of settings (S-SETTINGS): oneself and one's security, the workspace and its brands,
// members and roles, API keys, and the audit log.
package settings

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screens speak with.
type Rooms struct {
	Accounts   *account.Accounts
	Workspaces *workspace.Workspaces
	Mail       mail.Sender
}

// Routes are the screens' addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/settings", page.SignedIn, r.profile),
		page.Post("/settings", page.SignedIn, r.saveProfile),
		page.Get("/settings/security", page.SignedIn, r.security),
		page.Post("/settings/security/password", page.SignedIn, r.password),
		page.Post("/settings/security/totp", page.SignedIn, r.newTOTP),
		page.Post("/settings/security/totp/confirm", page.SignedIn, r.confirmTOTP),
		page.Post("/settings/security/totp/drop", page.SignedIn, r.dropTOTP),
		page.Post("/settings/security/sessions/{id}/end", page.SignedIn, r.endSession),
		page.Get("/settings/workspace", workspace.WorkspaceManage, r.workspace),
		page.Post("/settings/workspace", workspace.WorkspaceManage, r.saveWorkspace),
		page.Post("/settings/brands", workspace.WorkspaceManage, r.addBrand),
		page.Get("/settings/workspaces/new", page.SignedIn, r.newWorkspace),
		page.Post("/settings/workspaces", page.SignedIn, r.makeWorkspace),
		page.Get("/settings/members", page.Member, r.members),
		page.Post("/settings/members/invite", workspace.WorkspaceManage, r.invite),
		page.Post("/settings/members/{id}/roles", workspace.WorkspaceManage, r.roles),
		page.Post("/settings/members/{id}/remove", workspace.WorkspaceManage, r.remove),
		page.Post("/settings/invitations/{id}/revoke", workspace.WorkspaceManage, r.revoke),
		page.Get("/settings/members/{id}", page.Member, r.rights),
		page.Get("/settings/keys", workspace.KeyManage, r.keys),
		page.Post("/settings/keys", workspace.KeyManage, r.makeKey),
		page.Post("/settings/keys/{id}/revoke", workspace.KeyManage, r.revokeKey),
		page.Get("/settings/audit", workspace.AuditRead, r.audit),
		page.Get("/switch/{workspace}", page.SignedIn, r.switchTo),
		page.Get("/switch/{workspace}/{brand}", page.SignedIn, r.switchTo),
	}
}

// tabs are the pages of settings this person may open.
func tabs(c *page.Context, active string) []ui.Tab {
	a := c.Actor()
	all := []struct {
		key, label, href string
		show             bool
	}{{"profile", "You", "/settings", true}, {"security", "Security", "/settings/security", true}, {"workspace", "Workspace", "/settings/workspace", a.CanSomewhere(workspace.WorkspaceManage)},
		{"members", "Members", "/settings/members", a.WorkspaceID != ""}, {"keys", "API keys", "/settings/keys", a.CanSomewhere(workspace.KeyManage)}, {"audit", "Audit log", "/settings/audit", a.CanSomewhere(workspace.AuditRead)}}
	var out []ui.Tab
	for _, t := range all {
		if t.show {
			out = append(out, ui.Tab{Label: t.label, Href: t.href, Active: t.key == active})
		}
	}
	return out
}

func (r Rooms) profile(c *page.Context) error {
	f := page.Blank(map[string]string{"name": c.User.Name, "zone": c.User.Zone, "theme": c.User.Theme})
	return c.Render(200, "You", "settings", profilePage(tabs(c, "profile"), f, c.User.Email))
}

func (r Rooms) saveProfile(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Accounts.Change(c.Ctx(), c.User.ID, f.Value("name"), f.Value("zone"), f.Value("theme")); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.Render(f.Status(), "You", "settings", profilePage(tabs(c, "profile"), f, c.User.Email))
	}
	c.Done("Saved.")
	return c.Redirect("/settings")
}

// securityView is the security page with whatever step is under way.
type securityView struct {
	Tabs     []ui.Tab
	User     account.User
	Sessions []account.Session
	Present  string // id of this session
	Form     *page.Form
	Secret   string // of a second factor being set up
	QR       string // data address of its code
	Step     string
	Codes    []string // recovery codes, shown once
	Zone     *time.Location
}

func (r Rooms) security(c *page.Context) error {
	return r.showSecurity(c, securityView{Form: page.Blank(nil)})
}

func (r Rooms) showSecurity(c *page.Context, v securityView) error {
	u, err := r.Accounts.User(c.Ctx(), c.User.ID)
	if err != nil {
		return err
	}
	v.Tabs, v.User, v.Present, v.Zone = tabs(c, "security"), u, c.Session.ID, c.Zone()
	if v.Sessions, err = r.Accounts.Sessions(c.Ctx(), c.User.ID); err != nil {
		return err
	}
	return c.Render(max(200, v.Form.Status()), "Security", "settings", securityPage(v))
}

func (r Rooms) password(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Accounts.ChangePassword(c.Ctx(), c.User, f.Raw("present"), f.Raw("password"), c.Session.ID); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showSecurity(c, securityView{Form: f})
	}
	c.Done("The password is changed. Every other session has ended.")
	return c.Redirect("/settings/security")
}

func (r Rooms) newTOTP(c *page.Context) error {
	secret, address, step, err := r.Accounts.NewTOTP(c.Ctx(), c.User)
	if err != nil {
		return err
	}
	return r.showSecurity(c, securityView{Form: page.Blank(nil), Secret: secret, QR: picture(address), Step: step})
}

// picture is a QR code as an image a page may show without asking anyone.
func picture(address string) string {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return ""
	}
	code.Scale = 6
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())
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
		return r.showSecurity(c, securityView{Form: f, Step: f.Value("step"), Secret: f.Value("secret")})
	}
	return r.showSecurity(c, securityView{Form: page.Blank(nil), Codes: codes})
}

func (r Rooms) dropTOTP(c *page.Context) error {
	if err := r.Accounts.DropTOTP(c.Ctx(), c.User); err != nil {
		return err
	}
	c.Done("The second factor is off.")
	return c.Redirect("/settings/security")
}

func (r Rooms) endSession(c *page.Context) error {
	if err := r.Accounts.End(c.Ctx(), c.User.ID, c.Path("id")); err != nil {
		return err
	}
	c.Done("That session has ended.")
	return c.Redirect("/settings/security")
}

func (r Rooms) switchTo(c *page.Context) error {
	if _, err := r.Workspaces.ActorOf(c.Ctx(), c.User, c.Path("workspace"), "web", c.Address); err != nil {
		return err
	}
	if err := r.Accounts.Work(c.Ctx(), c.Session.ID, c.Path("workspace"), c.Path("brand")); err != nil {
		return err
	}
	return c.Redirect("/")
}

type workspaceView struct {
	Tabs      []ui.Tab
	Form      *page.Form
	Workspace workspace.Workspace
	Brands    []workspace.Brand
}

func (r Rooms) workspace(c *page.Context) error {
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	return r.showWorkspace(c, page.Blank(map[string]string{"name": w.Name, "zone": w.Zone, "currency": w.Currency, "late": minutes(w.LateWindow)}))
}

func (r Rooms) showWorkspace(c *page.Context, f *page.Form) error {
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	brands, err := c.Brands()
	if err != nil {
		return err
	}
	return c.Render(max(200, f.Status()), "Workspace", "settings", workspacePage(workspaceView{tabs(c, "workspace"), f, w, brands}))
}

func (r Rooms) saveWorkspace(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	s := workspace.Settings{Name: f.Value("name"), Zone: f.Value("zone"), Currency: f.Value("currency"), WeekStart: w.WeekStart, LateWindow: time.Duration(f.Int("late", 0, 7*24*60)) * time.Minute, SecondFactor: f.On("second_factor")}
	if f.OK() {
		err := r.Workspaces.Settle(c.Ctx(), c.Actor(), s)
		if err == nil {
			c.Done("The workspace's settings are saved.")
			return c.Redirect("/settings/workspace")
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return r.showWorkspace(c, f)
}

func (r Rooms) addBrand(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	if _, err := r.Workspaces.AddBrand(c.Ctx(), c.Actor(), workspace.Brand{Name: f.Value("brand"), Zone: w.Zone, Currency: w.Currency}); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showWorkspace(c, f)
	}
	c.Done("The brand is added.")
	return c.Redirect("/settings/workspace")
}

func (r Rooms) newWorkspace(c *page.Context) error {
	return c.Render(200, "New workspace", "settings", newWorkspacePage(page.Blank(map[string]string{"zone": c.User.Zone, "currency": "EUR"})))
}

func (r Rooms) makeWorkspace(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	w, err := r.Workspaces.Create(c.Ctx(), c.User, c.Address, workspace.NewWorkspace{Name: f.Value("name"), Zone: f.Value("zone"), Currency: f.Value("currency"), WeekStart: 1, TestMode: f.On("test")})
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.Render(f.Status(), "New workspace", "settings", newWorkspacePage(f))
	}
	if err := r.Accounts.Work(c.Ctx(), c.Session.ID, w.ID, ""); err != nil {
		return err
	}
	c.Done("The workspace is made. You are its owner.")
	return c.Redirect("/")
}

func minutes(d time.Duration) string {
	return strings.TrimSuffix(d.Truncate(time.Minute).String(), "m0s")
}

type membersView struct {
	Tabs        []ui.Tab
	Members     []workspace.Member
	Invitations []workspace.Invitation
	Form        *page.Form
	Link        string // of an invitation just made
	Note        string // where its letter went
	Manage      bool
	Zone        *time.Location
}

func (r Rooms) members(c *page.Context) error {
	return r.showMembers(c, membersView{Form: page.Blank(nil)})
}

func (r Rooms) showMembers(c *page.Context, v membersView) error {
	var err error
	v.Tabs, v.Manage, v.Zone = tabs(c, "members"), c.Actor().CanSomewhere(workspace.WorkspaceManage), c.Zone()
	if v.Members, err = r.Workspaces.Members(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	if v.Manage {
		if v.Invitations, err = r.Workspaces.Invitations(c.Ctx(), c.Actor()); err != nil {
			return err
		}
	}
	return c.Render(max(200, v.Form.Status()), "Members", "settings", membersPage(v))
}

func grants(f *page.Form) []workspace.RoleGrant {
	var out []workspace.RoleGrant
	for _, role := range f.All("roles") {
		out = append(out, workspace.RoleGrant{Role: workspace.Role(role)})
	}
	return out
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
		return r.showMembers(c, membersView{Form: f})
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	link := c.House().URL.JoinPath("invitation", token).String()
	letter := mail.Letter{Subject: c.User.Name + " invites you to " + w.Name, Greeting: "Hello", Paragraphs: []string{c.User.Name + " invites you to work in " + w.Name + " on Bellwether. The link works for seven days."},
		Action: mail.Action{Label: "Join " + w.Name, URL: link}}
	note := ""
	message, err := letter.To(mail.Address{Email: i.Email})
	if err == nil {
		if err = r.Mail.Send(c.Ctx(), message); err != nil {
			note = "The letter could not be sent; give the link to the person yourself."
		} else if note = r.Mail.Note(); note == "" {
			note = "A letter is on its way to " + i.Email + "."
		}
	}
	return r.showMembers(c, membersView{Form: page.Blank(nil), Link: link, Note: note})
}

func (r Rooms) roles(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Workspaces.SetRoles(c.Ctx(), c.Actor(), c.Path("id"), grants(f)); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showMembers(c, membersView{Form: f})
	}
	c.Done("The roles are changed, from now on.")
	return c.Redirect("/settings/members/" + c.Path("id"))
}

func (r Rooms) remove(c *page.Context) error {
	if err := r.Workspaces.Remove(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The person is no longer a member.")
	return c.Redirect("/settings/members")
}

func (r Rooms) revoke(c *page.Context) error {
	if err := r.Workspaces.Revoke(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The invitation is taken back.")
	return c.Redirect("/settings/members")
}

// right is one line of the page that says why somebody may do something (D01).
type right struct {
	Capability workspace.Capability
	Level      workspace.Level
	By         []string
}

type rightsView struct {
	Tabs   []ui.Tab
	Member workspace.Member
	Rights []right
	Manage bool
}

func (r Rooms) rights(c *page.Context) error {
	m, err := r.Workspaces.Member(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	v := rightsView{Tabs: tabs(c, "members"), Member: m, Manage: c.Actor().CanSomewhere(workspace.WorkspaceManage)}
	for _, capability := range workspace.Capabilities {
		one := right{Capability: capability}
		for _, g := range m.Grants {
			if level := workspace.Rights(g.Role)[capability]; level > workspace.None {
				one.Level = max(one.Level, level)
				one.By = append(one.By, g.Name())
			}
		}
		v.Rights = append(v.Rights, one)
	}
	return c.Render(http.StatusOK, m.Name, "settings", rightsPage(v))
}

type keysView struct {
	Tabs  []ui.Tab
	Keys  []workspace.Key
	Form  *page.Form
	Token string // of a key just made, shown once
	Can   []workspace.Capability
	Zone  *time.Location
}

func (r Rooms) keys(c *page.Context) error { return r.showKeys(c, keysView{Form: page.Blank(nil)}) }

func (r Rooms) showKeys(c *page.Context, v keysView) error {
	var err error
	v.Tabs, v.Zone = tabs(c, "keys"), c.Zone()
	for _, capability := range workspace.Capabilities {
		if c.Actor().CanSomewhere(capability) && capability != workspace.WorkspaceDelete {
			v.Can = append(v.Can, capability)
		}
	}
	if v.Keys, err = r.Workspaces.Keys(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	return c.Render(max(200, v.Form.Status()), "API keys", "settings", keysPage(v))
}

func (r Rooms) makeKey(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	var capabilities []workspace.Capability
	for _, capability := range workspace.Capabilities {
		if slices.Contains(f.All("capabilities"), string(capability)) {
			capabilities = append(capabilities, capability)
		}
	}
	expires := time.Time{}
	if days := f.Value("days"); days != "" {
		expires = time.Now().UTC().AddDate(0, 0, f.Int("days", 1, 3650))
	}
	if f.OK() {
		_, token, err := r.Workspaces.MakeKey(c.Ctx(), c.Actor(), f.Value("name"), capabilities, expires)
		if err == nil {
			return r.showKeys(c, keysView{Form: page.Blank(nil), Token: token})
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return r.showKeys(c, keysView{Form: f})
}

func (r Rooms) revokeKey(c *page.Context) error {
	if err := r.Workspaces.RevokeKey(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The key no longer works.")
	return c.Redirect("/settings/keys")
}

type auditView struct {
	Tabs    []ui.Tab
	Entries []workspace.AuditEntry
	Entity  string
	Next    string
	Zone    *time.Location
}

func (r Rooms) audit(c *page.Context) error {
	v := auditView{Tabs: tabs(c, "audit"), Entity: c.Query("entity"), Zone: c.Zone()}
	rows, more, err := r.Workspaces.AuditLog(c.Ctx(), c.Actor(), v.Entity, c.Query("before"), 100)
	if err != nil {
		return err
	}
	v.Entries = rows
	if more {
		v.Next = "/settings/audit?entity=" + v.Entity + "&before=" + rows[len(rows)-1].ID
	}
	return c.Render(200, "Audit log", "settings", auditPage(v))
}
