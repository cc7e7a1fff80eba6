package post

import (
	"context"
	"net/url"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// SavedView is a screen's filters under a name, a person's own or shared with the workspace.
type SavedView struct {
	WorkspaceID string `db:"workspace_id"`
	ID          string `db:"id"`
	UserID      string `db:"user_id"`
	Screen      string `db:"screen"` // "calendar"
	Name        string `db:"name"`
	Query       string `db:"query"` // of the screen's address, without "?"
	Shared      bool   `db:"shared"`
}

// SavedViews lists the person's own views of a screen and the shared ones, by name.
func (p *Posts) SavedViews(ctx context.Context, actor workspace.Actor, screen string) ([]SavedView, error) {
	return db.All[SavedView](ctx, p.db, `select workspace_id, id, user_id, screen, name, query, shared from saved_views
		where workspace_id = $1 and screen = $2 and (shared or user_id = $3) order by lower(name), id limit 200`, actor.WorkspaceID, screen, actor.UserID)
}

// SaveView keeps a screen's filters under a name; one's own view of that name is replaced.
func (p *Posts) SaveView(ctx context.Context, actor workspace.Actor, v SavedView) (SavedView, error) {
	if err := actor.May(workspace.PostRead, workspace.Scope{}); err != nil && !actor.CanSomewhere(workspace.PostRead) {
		return v, err
	}
	if v.Name = strings.TrimSpace(v.Name); v.Name == "" || len(v.Name) > 100 {
		return v, fault.Invalidf("name", "a view needs a name of at most 100 characters")
	}
	if _, err := url.ParseQuery(v.Query); err != nil || len(v.Query) > 2000 {
		return v, fault.Invalidf("query", "the filters of this view cannot be kept")
	}
	v.WorkspaceID, v.UserID, v.ID = actor.WorkspaceID, actor.UserID, id.New("view")
	return v, p.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `delete from saved_views where workspace_id = $1 and user_id = $2 and screen = $3 and lower(name) = lower($4)`,
			v.WorkspaceID, v.UserID, v.Screen, v.Name); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `insert into saved_views (workspace_id, id, user_id, screen, name, query, shared) values ($1, $2, $3, $4, $5, $6, $7)`,
			v.WorkspaceID, v.ID, v.UserID, v.Screen, v.Name, v.Query, v.Shared)
		return err
	})
}

// DropView deletes one of the person's own views.
func (p *Posts) DropView(ctx context.Context, actor workspace.Actor, viewID string) error {
	n, err := db.Exec(ctx, p.db, `delete from saved_views where workspace_id = $1 and id = $2 and user_id = $3`, actor.WorkspaceID, viewID, actor.UserID)
	if err == nil && n == 0 {
		return fault.NotFoundf("there is no such view of yours").WithHint("A shared view is deleted by whoever made it.")
	}
	return err
}
