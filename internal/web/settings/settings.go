package settings

import (
	"context"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/notify"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screens speak with.
type Rooms struct {
	Accounts   *account.Accounts
	Workspaces *workspace.Workspaces
	Channels   interface { // to narrow a role to; nil = none
		List(context.Context, workspace.Actor) ([]channel.Channel, error)
	}
	Notices *notify.Notices
	Mail    mail.Sender
}

// Routes are the screens' addresses.
func Routes(r Rooms) []page.Route {
	manage, early := workspace.WorkspaceManage, func(route page.Route) page.Route { route.BeforeSecondFactor = true; return route }
	return []page.Route{
		page.Get("/settings", page.SignedIn, r.profile),
		page.Get("/settings/profile", page.SignedIn, r.profile),
		page.Post("/settings/profile", page.SignedIn, r.saveProfile),

		early(page.Get("/settings/security", page.SignedIn, r.security)),
		early(page.Post("/settings/security/password", page.SignedIn, r.password)),
		early(page.Post("/settings/security/totp", page.SignedIn, r.beginTOTP)),
		early(page.Post("/settings/security/totp/confirm", page.SignedIn, r.confirmTOTP)),
		early(page.Post("/settings/security/totp/drop", page.SignedIn, r.dropTOTP)),
		early(page.Post("/settings/security/totp/recovery", page.SignedIn, r.renewRecovery)),
		early(page.Post("/settings/security/passkeys/ask", page.SignedIn, r.askPasskey)),
		early(page.Post("/settings/security/passkeys", page.SignedIn, r.addPasskey)),
		early(page.Post("/settings/security/passkeys/{id}/drop", page.SignedIn, r.dropPasskey)),
		early(page.Post("/settings/security/sessions/{id}/end", page.SignedIn, r.endSession)),
		early(page.Post("/settings/security/sessions/end", page.SignedIn, r.endOthers)),
		early(page.Post("/switch/{workspace}", page.SignedIn, r.switchTo)),
		early(page.Post("/switch/{workspace}/{brand}", page.SignedIn, r.switchTo)),

		page.Get("/settings/workspaces/new", page.SignedIn, r.newWorkspace),
		page.Post("/settings/workspaces", page.SignedIn, r.makeWorkspace),
		page.Get("/settings/workspace", manage, r.workspace),
		page.Post("/settings/workspace", manage, r.saveWorkspace),
		page.Post("/settings/mail/try", manage, r.tryMail),
		page.Get("/settings/brands/new", manage, r.newBrand),
		page.Post("/settings/brands", manage, r.addBrand),
		page.Get("/settings/brands/{id}", manage, r.brand),
		page.Post("/settings/brands/{id}", manage, r.saveBrand),

		page.Get("/settings/members", page.Member, r.members),
		page.Post("/settings/members/invite", manage, r.invite),
		page.Post("/settings/invitations/{id}/revoke", manage, r.revoke),
		page.Get("/settings/members/{id}", page.Member, r.member),
		page.Post("/settings/members/{id}/roles", manage, r.setRoles),
		page.Post("/settings/members/{id}/remove", manage, r.remove),
		page.Post("/settings/leave", page.Member, r.leave),
		page.Get("/settings/roles", manage, r.roles),
		page.Get("/settings/roles/edit", manage, r.editRole),
		page.Post("/settings/roles", manage, r.saveRole),
		page.Post("/settings/roles/{id}/drop", manage, r.dropRole),

		page.Get("/settings/keys", workspace.KeyManage, r.keys),
		page.Post("/settings/keys", workspace.KeyManage, r.makeKey),
		page.Post("/settings/keys/{id}/revoke", workspace.KeyManage, r.revokeKey),

		page.Get("/settings/audit", workspace.AuditRead, r.audit),
		page.Get("/settings/audit/export", workspace.AuditRead, r.exportAudit),
	}
}

// tabs are the pages of settings this person may open.
func tabs(c *page.Context, active string) []ui.Tab {
	a := c.Actor()
	manage := a.CanSomewhere(workspace.WorkspaceManage)
	all := []struct {
		label, href string
		show        bool
	}{
		{"You", "/settings/profile", true}, {"Security", "/settings/security", true},
		{"Workspace", "/settings/workspace", manage}, {"Members", "/settings/members", a.WorkspaceID != ""},
		{"Roles", "/settings/roles", manage}, {"API keys", "/settings/keys", a.CanSomewhere(workspace.KeyManage)},
		{"Audit log", "/settings/audit", a.CanSomewhere(workspace.AuditRead)},
	}
	var out []ui.Tab
	for _, t := range all {
		if t.show {
			out = append(out, ui.Tab{Label: t.label, Href: t.href, Active: t.label == active})
		}
	}
	return out
}

func zones() []ui.Option {
	var out []ui.Option
	for _, z := range when.Zones() {
		out = append(out, ui.Option{Value: z, Label: z})
	}
	return out
}

func currencies() []ui.Option {
	var out []ui.Option
	for code := range workspace.Currencies {
		out = append(out, ui.Option{Value: code, Label: code})
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Value, b.Value) })
	return out
}

var weekStarts = []ui.Option{{Value: "1", Label: "Monday"}, {Value: "0", Label: "Sunday"}, {Value: "6", Label: "Saturday"}}
