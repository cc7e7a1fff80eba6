package workspace

import (
	"context"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// CustomRole is any set of rights under a name of the workspace's own (D17).
type CustomRole struct {
	ID     string               `db:"id"`
	Name   string               `db:"name"`
	Rights map[Capability]Level `db:"capabilities,json"`
}

// Rights returns what one of Roles holds, to clone a custom role from.
func Rights(r Role) map[Capability]Level {
	rights := map[Capability]Level{}
	for _, c := range Capabilities {
		if l := matrix[c][r]; l > None {
			rights[c] = l
		}
	}
	return rights
}

// CustomRoles lists the workspace's own roles, by name.
func (w *Workspaces) CustomRoles(ctx context.Context, actor Actor) ([]CustomRole, error) {
	return customRoles(ctx, w.db, actor.WorkspaceID)
}

func customRoles(ctx context.Context, q db.Queryer, workspaceID string) ([]CustomRole, error) {
	return db.All[CustomRole](ctx, q, `select id, name, capabilities from custom_roles where workspace_id = $1 order by name, id`, workspaceID)
}

// MakeRole adds a custom role, or changes it when r.ID is set. Nobody puts more into a role than they hold.
func (w *Workspaces) MakeRole(ctx context.Context, actor Actor, r CustomRole) (CustomRole, error) {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return r, err
	}
	if err := checkName("name", "the role's name", r.Name); err != nil {
		return r, err
	}
	r.Name = strings.TrimSpace(r.Name)
	if len(r.Rights) == 0 {
		return r, fault.Invalidf("rights", "a role needs at least one right")
	}
	for c, l := range r.Rights {
		if !slices.Contains(Capabilities, c) || l < Own || l > Full {
			return r, fault.Invalidf("rights", "%q is not a right", c)
		}
	}
	if err := mayGrant(actor, false, []RoleGrant{{Role: Role(r.ID), Custom: r.Name, Rights: r.Rights}}, nil); err != nil {
		return r, err
	}
	err := w.db.Tx(ctx, func(tx *db.Tx) error {
		var before any
		if r.ID == "" {
			r.ID = id.New("role")
		} else {
			old, err := db.One[CustomRole](ctx, tx, `select id, name, capabilities from custom_roles where workspace_id = $1 and id = $2`, actor.WorkspaceID, r.ID)
			if err != nil {
				return err
			}
			before = old
		}
		if _, err := db.Exec(ctx, tx, `insert into custom_roles (workspace_id, id, name, capabilities, created_at) values ($1, $2, $3, $4, $5)
			on conflict (workspace_id, id) do update set name = excluded.name, capabilities = excluded.capabilities`,
			actor.WorkspaceID, r.ID, r.Name, db.JSON(r.Rights), w.clock()); err != nil {
			return err
		}
		return w.record(ctx, tx, actor, "role.changed", r.ID, before, r)
	})
	return r, err
}

// DropRole deletes a custom role that nobody holds.
func (w *Workspaces) DropRole(ctx context.Context, actor Actor, roleID string) error {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return err
	}
	return w.db.Tx(ctx, func(tx *db.Tx) error {
		if err := lock(ctx, tx, actor.WorkspaceID); err != nil {
			return err
		}
		holders, err := db.One[int](ctx, tx, `select count(*) from member_roles where workspace_id = $1 and role = $2`, actor.WorkspaceID, roleID)
		if err != nil {
			return err
		}
		if holders > 0 {
			return fault.Conflictf("%d members still hold this role", holders).WithHint("Give them another role first.")
		}
		n, err := db.Exec(ctx, tx, `delete from custom_roles where workspace_id = $1 and id = $2`, actor.WorkspaceID, roleID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("there is no such role in this workspace")
		}
		return w.record(ctx, tx, actor, "role.dropped", roleID, roleID, nil)
	})
}

// Reason is one line of the answer to "why may someone do this": a role and how far it reaches for the right.
type Reason struct {
	Grant   RoleGrant
	Level   Level // what the role gives
	Applies bool  // false where the role is narrowed to another brand or channel than the one asked about
}

// Explain says, for one right and scope, what each of the member's roles contributes. The strongest applying one
// decides; none means no.
func (m Member) Explain(c Capability, at Scope) []Reason {
	var reasons []Reason
	for _, g := range m.Grants {
		applies := (g.BrandID == "" || g.BrandID == at.BrandID) && (g.ChannelID == "" || g.ChannelID == at.ChannelID)
		reasons = append(reasons, Reason{Grant: g, Level: g.level(c), Applies: applies})
	}
	return reasons
}

// Level is what the member may do, as Actor.Level.
func (m Member) Level(c Capability, at Scope) Level { return Actor{Grants: m.Grants}.Level(c, at) }
