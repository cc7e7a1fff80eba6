package workspace

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// Member is a person in a workspace.
type Member struct {
	UserID       string    `db:"user_id"`
	Name         string    `db:"name"`
	Email        string    `db:"email"`
	SecondFactor bool      `db:"second_factor"`
	Since        time.Time `db:"created_at"`
	Grants       []RoleGrant
}

// Members lists the people of the actor's workspace, by name. Names are for everyone; what only an admin may change
// is checked where it is changed.
func (w *Workspaces) Members(ctx context.Context, actor Actor) ([]Member, error) {
	members, err := db.All[Member](ctx, w.db, `select m.user_id, u.name, u.email, m.created_at,
		(u.totp_secret <> '' or exists (select 1 from passkeys p where p.user_id = u.id)) as second_factor
		from members m join users u on u.id = m.user_id
		where m.workspace_id = $1 and m.removed_at is null order by u.name, m.user_id`, actor.WorkspaceID)
	if err != nil {
		return nil, err
	}
	for i := range members {
		if members[i].Grants, err = w.grants(ctx, w.db, actor.WorkspaceID, members[i].UserID); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// Member returns one person of the actor's workspace.
func (w *Workspaces) Member(ctx context.Context, actor Actor, userID string) (Member, error) {
	members, err := w.Members(ctx, actor)
	if err != nil {
		return Member{}, err
	}
	for _, m := range members {
		if m.UserID == userID {
			return m, nil
		}
	}
	return Member{}, fault.NotFoundf("there is no such member in this workspace")
}

// Holding lists the user ids of members who hold the capability fully for a scope: whom to ask or to tell.
func (w *Workspaces) Holding(ctx context.Context, workspaceID string, c Capability, at Scope) ([]string, error) {
	members, err := w.Members(ctx, System(workspaceID))
	if err != nil {
		return nil, err
	}
	var holders []string
	for _, m := range members {
		if (Actor{Grants: m.Grants}).Can(c, at) {
			holders = append(holders, m.UserID)
		}
	}
	return holders, nil
}

// SetRoles replaces a member's roles. Nobody gives or takes more than they hold, and one owner always remains.
func (w *Workspaces) SetRoles(ctx context.Context, actor Actor, userID string, roles []RoleGrant) error {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return err
	}
	if len(roles) == 0 {
		return fault.Invalidf("roles", "a member needs at least one role").WithHint("To end someone's access, remove them from the workspace.")
	}
	return w.db.Tx(ctx, func(tx *db.Tx) error {
		if err := lock(ctx, tx, actor.WorkspaceID); err != nil {
			return err
		}
		before, err := w.grants(ctx, tx, actor.WorkspaceID, userID)
		if err != nil {
			return err
		}
		if len(before) == 0 {
			return fault.NotFoundf("there is no such member in this workspace")
		}
		wanted, err := w.resolve(ctx, tx, actor.WorkspaceID, roles)
		if err != nil {
			return err
		}
		if err := mayGrant(actor, userID == actor.UserID, minus(wanted, before), minus(before, wanted)); err != nil {
			return err
		}
		if err := grant(ctx, tx, actor.WorkspaceID, userID, wanted); err != nil {
			return err
		}
		if err := w.keepOwner(ctx, tx, actor.WorkspaceID); err != nil {
			return err
		}
		return w.record(ctx, tx, actor, "member.roles_changed", userID, before, wanted)
	})
}

// Remove ends a member's access to the workspace at once; what they made stays.
func (w *Workspaces) Remove(ctx context.Context, actor Actor, userID string) error {
	if userID != actor.UserID || actor.UserID == "" { // leaving is everyone's right
		if err := actor.May(WorkspaceManage, Scope{}); err != nil {
			return err
		}
	}
	return w.db.Tx(ctx, func(tx *db.Tx) error {
		if err := lock(ctx, tx, actor.WorkspaceID); err != nil {
			return err
		}
		before, err := w.grants(ctx, tx, actor.WorkspaceID, userID)
		if err != nil {
			return err
		}
		if userID != actor.UserID {
			if err := mayGrant(actor, false, nil, before); err != nil {
				return err
			}
		}
		n, err := db.Exec(ctx, tx, `update members set removed_at = $3 where workspace_id = $1 and user_id = $2 and removed_at is null`,
			actor.WorkspaceID, userID, w.clock())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("there is no such member in this workspace")
		}
		if err := grant(ctx, tx, actor.WorkspaceID, userID, nil); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update api_keys set revoked_at = $3 where workspace_id = $1 and user_id = $2 and revoked_at is null`,
			actor.WorkspaceID, userID, w.clock()); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update invitations set revoked_at = $3 where workspace_id = $1 and invited_by = $2 and accepted_at is null
			and revoked_at is null`, actor.WorkspaceID, userID, w.clock()); err != nil {
			return err
		}
		if err := w.keepOwner(ctx, tx, actor.WorkspaceID); err != nil {
			return err
		}
		return w.record(ctx, tx, actor, "member.removed", userID, before, nil)
	})
}

// lock makes changes of members wait for each other, so that two owners cannot remove one another at once.
func lock(ctx context.Context, tx *db.Tx, workspaceID string) error {
	_, err := db.Exec(ctx, tx, `update workspaces set audit_head = audit_head where id = $1`, workspaceID)
	return err
}

func (w *Workspaces) keepOwner(ctx context.Context, tx *db.Tx, workspaceID string) error {
	owners, err := db.One[int](ctx, tx, `select count(*) from members m
		join member_roles r on r.workspace_id = m.workspace_id and r.user_id = m.user_id
		where m.workspace_id = $1 and m.removed_at is null and r.role = $2 and r.brand_id = '' and r.channel_id = ''`, workspaceID, Owner)
	if err != nil {
		return err
	}
	if owners == 0 {
		return fault.Conflictf("this is the last owner of the workspace").WithHint("Make another member owner first.").WithCode("last_owner")
	}
	return nil
}

func grant(ctx context.Context, tx *db.Tx, workspaceID, userID string, roles []RoleGrant) error {
	if _, err := db.Exec(ctx, tx, `delete from member_roles where workspace_id = $1 and user_id = $2`, workspaceID, userID); err != nil {
		return err
	}
	for _, g := range roles {
		if _, err := db.Exec(ctx, tx, `insert into member_roles (workspace_id, user_id, role, brand_id, channel_id)
			values ($1, $2, $3, $4, $5) on conflict do nothing`, workspaceID, userID, g.Role, g.BrandID, g.ChannelID); err != nil {
			return fmt.Errorf("give the role %s: %w", g.Role, err)
		}
	}
	return nil
}

// resolve checks that roles, brands and channels exist in the workspace and fills in what custom roles hold.
func (w *Workspaces) resolve(ctx context.Context, q db.Queryer, workspaceID string, roles []RoleGrant) ([]RoleGrant, error) {
	custom, err := customRoles(ctx, q, workspaceID)
	if err != nil {
		return nil, err
	}
	var out []RoleGrant
	for _, g := range roles {
		g.Custom, g.Rights = "", nil
		if !slices.Contains(Roles, g.Role) {
			i := slices.IndexFunc(custom, func(c CustomRole) bool { return c.ID == string(g.Role) })
			if i < 0 {
				return nil, fault.Invalidf("roles", "there is no role %q in this workspace", g.Role)
			}
			g.Custom, g.Rights = custom[i].Name, custom[i].Rights
		}
		for _, narrow := range []struct{ id, table, what string }{{g.BrandID, "brands", "brand"}, {g.ChannelID, "channels", "channel"}} {
			if narrow.id == "" {
				continue
			}
			n, err := db.One[int](ctx, q, `select count(*) from `+narrow.table+` where workspace_id = $1 and id = $2`, workspaceID, narrow.id)
			if err != nil {
				return nil, err
			}
			if n == 0 {
				return nil, fault.Invalidf("roles", "there is no such %s in this workspace", narrow.what)
			}
		}
		if !slices.ContainsFunc(out, g.same) {
			out = append(out, g)
		}
	}
	return out, nil
}

func (g RoleGrant) same(o RoleGrant) bool {
	return g.Role == o.Role && g.BrandID == o.BrandID && g.ChannelID == o.ChannelID
}

// minus lists the grants that only a has.
func minus(a, b []RoleGrant) []RoleGrant {
	return slices.DeleteFunc(slices.Clone(a), func(g RoleGrant) bool { return slices.ContainsFunc(b, g.same) })
}

// mayGrant refuses to give what the actor does not hold (D17). Owners hold everything. Whoever manages members may
// hand out the standard roles below owner, which is what that right is for, but not to themselves; custom roles and
// one's own roles need every right to be held at least as far. Only an owner makes or unmakes an owner.
func mayGrant(actor Actor, toSelf bool, given, taken []RoleGrant) error {
	if actor.Can(WorkspaceDelete, Scope{}) {
		return nil
	}
	for _, g := range slices.Concat(given, taken) {
		if g.level(WorkspaceDelete) > None {
			return fault.Forbiddenf("only an owner can make or unmake an owner").WithHint("Ask an owner of this workspace.")
		}
	}
	for _, g := range given {
		if g.Custom == "" && !toSelf {
			continue
		}
		if err := actor.holds(g); err != nil {
			return err
		}
	}
	return nil
}

// holds returns a fault that names the first right of g that goes further than the actor's own.
func (a Actor) holds(g RoleGrant) error {
	at := Scope{BrandID: g.BrandID, ChannelID: g.ChannelID}
	for _, c := range Capabilities {
		if g.level(c) > a.Level(c, at) {
			return fault.Forbiddenf("the role %s holds the right “%s”, which you do not hold yourself", g.Name(), c.Name()).
				WithHint("Nobody can give more than they hold. Ask an owner of this workspace.")
		}
	}
	return nil
}
