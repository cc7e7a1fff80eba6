package workspace

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// Invitation asks somebody into the workspace with roles.
type Invitation struct {
	WorkspaceID string      `db:"workspace_id"`
	Workspace   string      `db:"workspace"`
	ID          string      `db:"id"`
	Email       string      `db:"email"`
	Roles       []RoleGrant `db:"roles,json"`
	InvitedBy   string      `db:"invited_by"`
	Created     time.Time   `db:"created_at"`
	Expires     time.Time   `db:"expires_at"`
}

// invitationLife is how long an invitation can be taken up.
const invitationLife = 7 * 24 * time.Hour

// Invite makes an invitation and returns its token, which goes into the link and is nowhere else.
func (w *Workspaces) Invite(ctx context.Context, actor Actor, email string, roles []RoleGrant) (Invitation, string, error) {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return Invitation{}, "", err
	}
	if err := account.CheckEmail(email); err != nil {
		return Invitation{}, "", err
	}
	if len(roles) == 0 {
		return Invitation{}, "", fault.Invalidf("roles", "choose at least one role")
	}
	if err := mayGrant(actor, false, roles, nil); err != nil {
		return Invitation{}, "", err
	}
	token := id.Secret() + id.Secret()
	i := Invitation{WorkspaceID: actor.WorkspaceID, ID: id.New("inv"), Email: email, Roles: roles, InvitedBy: actor.UserID, Created: w.clock(), Expires: w.clock().Add(invitationLife)}
	err := w.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into invitations (workspace_id, id, email, roles, invited_by, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			i.WorkspaceID, i.ID, i.Email, db.JSON(i.Roles), i.InvitedBy, tokenHash(token), i.Created, i.Expires); err != nil {
			return err
		}
		return Audit(ctx, tx, actor, "member.invited", i.ID, nil, map[string]any{"email": email, "roles": roles})
	})
	return i, token, err
}

// Invitations lists those that wait.
func (w *Workspaces) Invitations(ctx context.Context, actor Actor) ([]Invitation, error) {
	return db.All[Invitation](ctx, w.db, `select workspace_id, '' as workspace, id, email, roles, invited_by, created_at, expires_at from invitations
		where workspace_id = $1 and accepted_at is null and revoked_at is null and expires_at > $2 order by id desc`, actor.WorkspaceID, w.clock())
}

// Revoke takes an invitation back.
func (w *Workspaces) Revoke(ctx context.Context, actor Actor, invitationID string) error {
	if err := actor.May(WorkspaceManage, Scope{}); err != nil {
		return err
	}
	return w.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update invitations set revoked_at = $3 where workspace_id = $1 and id = $2 and accepted_at is null`, actor.WorkspaceID, invitationID, w.clock()); err != nil {
			return err
		}
		return Audit(ctx, tx, actor, "member.invitation_revoked", invitationID, nil, nil)
	})
}

// InvitationOf returns the invitation a token stands for.
func (w *Workspaces) InvitationOf(ctx context.Context, token string) (Invitation, error) {
	i, err := db.One[Invitation](ctx, w.db, `select i.workspace_id, s.name as workspace, i.id, i.email, i.roles, i.invited_by, i.created_at, i.expires_at from invitations i join workspaces s on s.id = i.workspace_id
		where i.token_hash = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2`, tokenHash(token), w.clock())
	if fault.Is(err, fault.NotFound) {
		return i, fault.NotFoundf("this invitation has expired, was taken back or was used already").WithHint("Ask for a new one.")
	}
	return i, err
}

// Accept makes the user a member with the invitation's roles, once.
func (w *Workspaces) Accept(ctx context.Context, tx *db.Tx, token string, u account.User) (Invitation, error) {
	i, err := w.InvitationOf(ctx, token)
	if err != nil {
		return i, err
	}
	n, err := db.Exec(ctx, tx, `update invitations set accepted_at = $3 where workspace_id = $1 and id = $2 and accepted_at is null`, i.WorkspaceID, i.ID, w.clock())
	if err != nil {
		return i, err
	}
	if n == 0 {
		return i, fault.Conflictf("this invitation was used already")
	}
	if _, err := db.Exec(ctx, tx, `insert into members (workspace_id, user_id, created_at) values ($1, $2, $3)
		on conflict (workspace_id, user_id) do update set removed_at = null`, i.WorkspaceID, u.ID, w.clock()); err != nil {
		return i, err
	}
	if err := grant(ctx, tx, i.WorkspaceID, u.ID, i.Roles); err != nil {
		return i, err
	}
	return i, Audit(ctx, tx, Actor{WorkspaceID: i.WorkspaceID, UserID: u.ID, Name: u.Name, Via: "web"}, "member.joined", u.ID, nil, map[string]any{"roles": i.Roles, "invited_by": i.InvitedBy})
}
