package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/web/gatetest"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// TestD01ANarrowedMemberSeesNothingOfAnotherBrand opens every screen and every operation as somebody whose roles are all
// narrowed to one brand, with the ids of another's things in every place for one.
func TestD01ANarrowedMemberSeesNothingOfAnotherBrand(t *testing.T) { onBoth(t, narrowedMember) }

func narrowedMember(t *testing.T, database string) {
	const theirs = "Watzmann8"
	a, people, builder := townOn(t, database)
	owner := people.Person("owner").Actor
	ids := append(spoil(t, a, people, theirs), people.IDs...)
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(t.Context(), a.DB, query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// What belongs to no brand, or is named to every member, is not what this is about.
	for _, q := range []string{`update workspaces set name = 'Works', paused_reason = ''`, `update users set name = 'Somebody'`, `update brands set name = 'Theirs', signature = '', colour = ''`,
		`update channels set name = 'Channel', handle = 'channel', url = '', avatar_url = '', paused_reason = '', inbox_error = ''`, `update connections set state_reason = '', server = ''`,
		`update custom_roles set name = 'Role'`, `update api_keys set name = 'Key', prefix = ''`, `update invitations set email = 'a@example.org'`, `delete from audit_entries where id = 'audit_h'`, `delete from saved_replies`,
		`delete from blackouts`, `delete from sites`, `delete from conversion_rules`, `update contacts set name = 'Person', note = '', tags = '[]'`, `update identities set handle = 'person', name = 'Person', url = '', avatar_url = '', value = 'p'`,
		`update assets set brand_id = (select brand_id from posts limit 1)`} {
		exec(q)
	}
	mine, err := a.Workspaces.AddBrand(t.Context(), owner, workspace.Brand{Name: "Mine", Zone: "UTC", Currency: "EUR"})
	must(err)
	var grants []workspace.RoleGrant
	for _, role := range []workspace.Role{workspace.Strategist, workspace.Marketer, workspace.Manager, workspace.Analyst, workspace.Client, workspace.Sales} {
		grants = append(grants, workspace.RoleGrant{Role: role, BrandID: mine.ID})
	}
	_, token, err := a.Workspaces.Invite(t.Context(), owner, "narrow@example.org", grants)
	must(err)
	u, _, err := a.Workspaces.Join(t.Context(), a.Accounts, token, account.NewUser{Name: "Narrow", Password: gatetest.Password})
	must(err)
	opened, err := a.Accounts.Open(t.Context(), u.ID, account.ByPassword, account.From{Address: "192.0.2.9"}, "")
	must(err)
	narrow := gatetest.Person{Name: "narrow", User: u, Token: opened.Token}
	narrow.Actor, err = a.Workspaces.ActorOf(t.Context(), u, owner.WorkspaceID, "web", "")
	must(err)
	people.People = append(people.People, narrow)

	server, calls := builder(a.routes()), callers(a, people)
	seen, shown := 0, 0
	for _, r := range a.routes() {
		if r.Method != http.MethodGet || r.Pattern == "/events" {
			continue
		}
		for n, id := range ids {
			path := fillIn(r.Pattern, id)
			if n > 0 && strings.Contains(r.Pattern, "{") == strings.HasSuffix(r.Pattern, "{$}") {
				break
			}
			if n == 0 {
				path += "?q=Watzmann&search=Watzmann&state=all" // finds what it may; the word itself is shorter
			}
			w := narrow.Ask(server, people.House, http.MethodGet, path, nil)
			if strings.Contains(w.Body.String(), theirs) || w.Code == http.StatusOK && strings.Contains(path, "dlv_h") {
				t.Errorf("GET %s shows what is another brand's (status %d)", path, w.Code)
			}
			if w.Code == http.StatusOK {
				seen++
			}
			all := people.Person("owner").Ask(server, people.House, http.MethodGet, path, nil)
			if strings.Contains(all.Body.String(), theirs) {
				shown++
			}
		}
	}
	if seen < 20 || shown < 20 {
		t.Errorf("only %d pages are open to them, and only %d show the owner what they must not see: this test looks at nothing", seen, shown)
	}
	for _, op := range a.API.Operations() {
		if op.Method != http.MethodGet {
			continue
		}
		for _, id := range ids {
			path := strings.NewReplacer("{id}", id, "{metric}", "M-REV").Replace(op.Path) + "?from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z"
			if w := call(calls, "narrow", http.MethodGet, path, nil); strings.Contains(w.Body.String(), theirs) {
				t.Errorf("GET %s shows what is another brand's: %s", path, w.Body)
			}
			if !strings.Contains(op.Path, "{") {
				break
			}
		}
	}
}
