package workspace_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	. "github.com/bellwether-social/bellwether/internal/workspace"
)

func TestTheAuditLogShowsWhatWasTamperedWith(t *testing.T) {
	for name, damage := range map[string]string{
		"a changed entry":    `update audit_entries set action = 'nothing.happened' where position = 3`,
		"a removed entry":    `delete from audit_entries where position = 2`,
		"a cut-off end":      `delete from audit_entries where position = (select max(position) from audit_entries where workspace_id = $1)`,
		"a changed position": `update audit_entries set position = 99 where position = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *town) {
				w.join("Marta Manager", RoleGrant{Role: Manager})
				if broken, n, err := w.CheckAudit(ctx, w.here.WorkspaceID); err != nil || broken != "" || n < 4 {
					t.Fatalf("whole: %q after %d, %v", broken, n, err)
				}
				args := []any{}
				if strings.Contains(damage, "$1") {
					args = append(args, w.here.WorkspaceID)
				}
				query := damage
				if len(args) == 0 {
					query, args = damage+` and workspace_id = $1`, []any{w.here.WorkspaceID}
				} else {
					query += ` and workspace_id = $1`
				}
				if _, err := db.Exec(ctx, w.db, query, args...); err != nil {
					t.Fatal(err)
				}
				if broken, _, err := w.CheckAudit(ctx, w.here.WorkspaceID); err != nil || broken == "" {
					t.Errorf("not noticed: %q, %v", broken, err)
				}
				if broken, _, err := w.CheckAudit(ctx, w.there.WorkspaceID); err != nil || broken != "" {
					t.Errorf("the other workspace's log: %q, %v", broken, err)
				}
			})
		})
	}
}

func TestManyWritersContinueOneChain(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				for range 5 {
					if err := w.db.Tx(ctx, func(tx *db.Tx) error { return Audit(ctx, tx, w.here, "test.written", "x", nil, nil) }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if broken, n, err := w.CheckAudit(ctx, w.here.WorkspaceID); err != nil || broken != "" || n < 50 {
			t.Errorf("%q after %d, %v", broken, n, err)
		}
	})
}

func TestTheAuditLogIsFilteredAndExported(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		_, actor := w.join("Marta Manager", RoleGrant{Role: Manager})
		if err := w.Settle(ctx, w.here, Settings{Name: "Fjord & Søn", Zone: "Europe/Oslo", Currency: "NOK", WeekStart: 1, LateWindow: time.Hour}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			f    AuditFilter
			want []string
		}{
			{AuditFilter{Action: "member."}, []string{"member.joined", "member.invited"}},
			{AuditFilter{Action: "workspace.settled"}, []string{"workspace.settled"}},
			{AuditFilter{Actor: actor.UserID}, []string{"member.joined"}},
			{AuditFilter{Action: "member_"}, nil}, {AuditFilter{Actor: "%"}, nil},
		} {
			c.f.Limit = 50
			entries, more, err := w.AuditLog(ctx, w.here, c.f)
			var got []string
			for _, e := range entries {
				got = append(got, e.Action)
			}
			if err != nil || more || !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, %v, %v", c.f, got, more, err)
			}
		}
		own, _, err := w.AuditLog(ctx, actor, AuditFilter{Limit: 50})
		if err != nil || len(own) != 1 || own[0].Actor != actor.UserID {
			t.Errorf("a manager sees %v, %v", own, err)
		}
		_, _, err = w.AuditLog(ctx, actor, AuditFilter{Actor: w.ida.ID, Limit: 5})
		is(t, "a manager reading the owner's entries", err, fault.Forbidden)
		var out bytes.Buffer
		if err := w.ExportAudit(ctx, w.here, AuditFilter{}, &out); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		var last struct {
			Position int64
			Action   string
			After    struct{ Name string }
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || int(last.Position) != len(lines) || last.After.Name != "Fjord & Søn" {
			t.Errorf("%d lines, the last %+v, %v", len(lines), last, err)
		}
	})
}

func TestEveryChangeIsAudited(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		u, _ := w.join("Marta Manager", RoleGrant{Role: Manager})
		b, err := w.AddBrand(ctx, w.here, Brand{Name: "Kids", Zone: "Europe/Oslo", Currency: "NOK"})
		if err != nil {
			t.Fatal(err)
		}
		b.Signature = "^Ida"
		k, _, _ := w.MakeKey(ctx, w.here, "k", []Capability{PostRead}, time.Time{})
		for _, err := range []error{w.SetBrand(ctx, w.here, b), w.SetRoles(ctx, w.here, u.ID, []RoleGrant{{Role: Client}}), w.RevokeKey(ctx, w.here, k.ID), w.Remove(ctx, w.here, u.ID)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		actions, err := w.AuditActions(ctx, w.here)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"workspace.created", "member.invited", "member.joined", "brand.added", "brand.changed", "member.roles_changed", "key.made", "key.revoked", "member.removed"} {
			if !slices.Contains(actions, want) {
				t.Errorf("%s is not in the log: %v", want, actions)
			}
		}
	})
}
