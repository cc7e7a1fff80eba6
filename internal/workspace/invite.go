package workspace

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// Invitation asks somebody into the workspace with roles.
type Invitation struct {
	WorkspaceID string      `db:"workspace_id"`
	Workspace   string      `db:"workspace"` // its name
	ID          string      `db:"id"`
	Email       string      `db:"email"`
	Roles       []RoleGrant `db:"roles,json"`
	InvitedBy   string      `db:"invited_by"` // user id
	Inviter     string      `db:"inviter"`    // the user's name
	Created     time.Time   `db:"created_at"`
	Expires     time.Time   `db:"expires_at"`
}

// invitationLife is how long an invitation can be taken up.
const invitationLife = 7 * 24 * time.Hour

const waitingInvitations = `select i.workspace_id, s.name as workspace, i.id, i.email, i.roles, i.invited_by, coalesce(u.name, '') as inviter,
	i.created_at, i.expires_at from invitations i join workspaces s on s.id = i.workspace_id left join users u on u.id = i.invited_by
	where i.accepted_at is null and i.revoked_at is null and i.expires_at > $1`

// Invite makes an invitation and returns its token, which goes into the link and is nowhere else. An earlier one for
// the same address is taken back.
func (w *Workspaces) Invite(ctx context.Context, actor Actor, email string, roles []RoleGrant) (Invitation, string, error) {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return Invitation{}, "", err
	}
	email = strings.ToLower(strings.TrimSpace(email))
	if err := account.CheckEmail(email); err != nil {
		return Invitation{}, "", err
	}
	if len(roles) == 0 {
		return Invitation{}, "", fault.Invalidf("roles", "choose at least one role")
	}
	token := id.Secret() + id.Secret()
	i := Invitation{WorkspaceID: actor.WorkspaceID, ID: id.New("inv"), Email: email, InvitedBy: actor.UserID, Inviter: actor.Name,
		Created: w.clock(), Expires: w.clock().Add(invitationLife)}
	err := w.db.Tx(ctx, func(tx *db.Tx) error {
		var err error
		if i.Roles, err = w.resolve(ctx, tx, actor.WorkspaceID, roles); err != nil {
			return err
		}
		if err := mayGrant(actor, false, i.Roles, nil); err != nil {
			return err
		}
		there, err := db.One[int](ctx, tx, `select count(*) from members m join users u on u.id = m.user_id
			where m.workspace_id = $1 and u.email = $2 and m.removed_at is null`, actor.WorkspaceID, email)
		if err != nil {
			return err
		}
		if there > 0 {
			return fault.Invalidf("email", "%s is a member of this workspace already", email).WithHint("Change their roles in the list of members.")
		}
		if _, err := db.Exec(ctx, tx, `update invitations set revoked_at = $3 where workspace_id = $1 and email = $2 and accepted_at is null
			and revoked_at is null`, actor.WorkspaceID, email, w.clock()); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `insert into invitations (workspace_id, id, email, roles, invited_by, token_hash, created_at, expires_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`, i.WorkspaceID, i.ID, i.Email, db.JSON(i.Roles), i.InvitedBy, tokenHash(token), i.Created, i.Expires); err != nil {
			return err
		}
		return w.record(ctx, tx, actor, "member.invited", i.ID, nil, map[string]any{"email": email, "roles": i.Roles})
	})
	return i, token, err
}

// Invitations lists those that wait, the newest first.
func (w *Workspaces) Invitations(ctx context.Context, actor Actor) ([]Invitation, error) {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return nil, err
	}
	return db.All[Invitation](ctx, w.db, waitingInvitations+` and i.workspace_id = $2 order by i.id desc`, w.clock(), actor.WorkspaceID)
}

// Revoke takes an invitation back.
func (w *Workspaces) Revoke(ctx context.Context, actor Actor, invitationID string) error {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return err
	}
	return w.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `update invitations set revoked_at = $3 where workspace_id = $1 and id = $2 and accepted_at is null
			and revoked_at is null`, actor.WorkspaceID, invitationID, w.clock())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("this invitation no longer waits").WithHint("It was accepted, taken back or has expired.")
		}
		return w.record(ctx, tx, actor, "member.invitation_revoked", invitationID, nil, nil)
	})
}

// InvitationOf returns the invitation a token stands for.
func (w *Workspaces) InvitationOf(ctx context.Context, token string) (Invitation, error) {
	return w.invitationOf(ctx, w.db, token)
}

func (w *Workspaces) invitationOf(ctx context.Context, q db.Queryer, token string) (Invitation, error) {
	i, err := db.One[Invitation](ctx, q, waitingInvitations+` and i.token_hash = $2`, w.clock(), tokenHash(token))
	if fault.Is(err, fault.NotFound) {
		return i, fault.NotFoundf("this invitation has expired, was taken back or was used already").WithHint("Ask whoever invited you for a new one.")
	}
	return i, err
}

// Accept makes the user a member with the invitation's roles, once. Who is a member already gets them in addition.
func (w *Workspaces) Accept(ctx context.Context, tx *db.Tx, token string, u account.User) (Invitation, error) {
	i, err := w.invitationOf(ctx, tx, token)
	if err != nil {
		return i, err
	}
	n, err := db.Exec(ctx, tx, `update invitations set accepted_at = $3 where workspace_id = $1 and id = $2 and accepted_at is null and revoked_at is null`,
		i.WorkspaceID, i.ID, w.clock())
	if err != nil {
		return i, err
	}
	if n == 0 {
		return i, fault.Conflictf("this invitation was used already")
	}
	if err := lock(ctx, tx, i.WorkspaceID); err != nil {
		return i, err
	}
	before, err := w.grants(ctx, tx, i.WorkspaceID, u.ID)
	if err != nil {
		return i, err
	}
	roles, err := w.resolve(ctx, tx, i.WorkspaceID, i.Roles)
	if err != nil {
		return i, err
	}
	if _, err := db.Exec(ctx, tx, `insert into members (workspace_id, user_id, created_at) values ($1, $2, $3)
		on conflict (workspace_id, user_id) do update set removed_at = null`, i.WorkspaceID, u.ID, w.clock()); err != nil {
		return i, err
	}
	after := append(minus(before, roles), roles...)
	if err := grant(ctx, tx, i.WorkspaceID, u.ID, after); err != nil {
		return i, err
	}
	actor := Actor{WorkspaceID: i.WorkspaceID, UserID: u.ID, Name: u.Name, Via: "web"}
	return i, w.record(ctx, tx, actor, "member.joined", u.ID, before, map[string]any{"roles": after, "invited_by": i.InvitedBy, "invitation": i.ID})
}
