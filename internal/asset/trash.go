package asset

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Usages lists the posts that use an asset and that the actor may read, the latest first.
func (l *Library) Usages(ctx context.Context, actor workspace.Actor, assetID string) ([]Usage, error) {
	args := []any{actor.WorkspaceID, assetID}
	return l.usages(ctx, " and "+actor.Readable(workspace.Rows{Brand: "p.brand_id = ?", Own: "p.author_id = ?",
		Channel: "exists (select 1 from targets t where t.workspace_id = p.workspace_id and t.post_id = p.id and t.channel_id = ?)"}, &args, workspace.PostRead), args)
}

func (l *Library) usages(ctx context.Context, within string, args []any) ([]Usage, error) {
	return db.All[Usage](ctx, l.db, `select p.id, p.title, p.state from posts p where p.workspace_id = $1 and p.trashed_at is null
			and (p.base like '%"' || $2 || '"%' or exists (select 1 from variants v where v.workspace_id = p.workspace_id and v.post_id = p.id and v.content like '%"' || $2 || '"%'))`+within+`
		order by p.id desc limit 200`, args...)
}

// Trash moves an asset to the trash for 30 days. One that unsent posts use stays until they let go of it.
func (l *Library) Trash(ctx context.Context, actor workspace.Actor, assetID string) error {
	if _, err := l.mine(ctx, actor, assetID); err != nil {
		return err
	}
	uses, err := l.usages(ctx, "", []any{actor.WorkspaceID, assetID}) // also those that the actor does not see
	if err != nil {
		return err
	}
	unsent := 0
	for _, u := range uses {
		if u.Unsent() {
			unsent++
		}
	}
	if unsent > 0 {
		return fault.Conflictf("%s this file and %s not sent yet", count(unsent), map[bool]string{true: "is", false: "are"}[unsent == 1]).WithCode("in_use").
			WithHint("Take it out of them first; they are listed with the file.")
	}
	return l.set(ctx, actor, assetID, "asset.trashed", db.Now())
}

func count(n int) string {
	if n == 1 {
		return "one post uses"
	}
	return fmt.Sprintf("%d posts use", n)
}

// Untrash takes an asset out of the trash.
func (l *Library) Untrash(ctx context.Context, actor workspace.Actor, assetID string) error {
	if _, err := l.mine(ctx, actor, assetID); err != nil {
		return err
	}
	return l.set(ctx, actor, assetID, "asset.untrashed", time.Time{})
}

func (l *Library) set(ctx context.Context, actor workspace.Actor, assetID, what string, at time.Time) error {
	return l.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update assets set trashed_at = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, assetID, at); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, what, assetID, nil, nil)
	})
}

// Sweep deletes what nobody can want any more: assets trashed for 30 days and uploads that stood still for a day. It
// is background work over all workspaces, safe to run twice.
func (l *Library) Sweep(ctx context.Context) error {
	now := db.Now()
	old, err := db.All[Asset](ctx, l.db, `select `+columns+` from assets where trashed_at < $1 limit 500`, now.Add(-keptInTrash))
	if err != nil {
		return err
	}
	var failed []error
	for _, a := range old {
		failed = append(failed, l.purge(ctx, a))
	}
	stale, err := db.All[Upload](ctx, l.db, `select `+uploadColumns+` from uploads where created_at < $1 limit 500`, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	for _, u := range stale {
		failed = append(failed, l.forget(ctx, u))
	}
	return errors.Join(failed...)
}

// purge deletes the rows first: a file without a row harms nobody, a row without a file does.
func (l *Library) purge(ctx context.Context, a Asset) error {
	keys, err := db.All[string](ctx, l.db, `select blob_key from renditions where workspace_id = $1 and asset_id = $2`, a.WorkspaceID, a.ID)
	if err != nil {
		return err
	}
	captions, err := l.captions(ctx, l.db, a.WorkspaceID, a.ID)
	if err != nil {
		return err
	}
	for _, c := range captions {
		keys = append(keys, a.WorkspaceID+"/"+c.VTTSHA256, a.WorkspaceID+"/"+c.SRTSHA256)
	}
	keys = append(keys, a.BlobKey, a.OriginalKey)
	err = l.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `delete from renditions where workspace_id = $1 and asset_id = $2`, a.WorkspaceID, a.ID); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `delete from captions where workspace_id = $1 and asset_id = $2`, a.WorkspaceID, a.ID); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `delete from assets where workspace_id = $1 and id = $2`, a.WorkspaceID, a.ID)
		return err
	})
	if err != nil {
		return err
	}
	for _, key := range keys { // equal files of other assets share their bytes
		used, err := db.One[int](ctx, l.db, `select (select count(*) from assets where workspace_id = $1 and (blob_key = $2 or original_key = $2))
			+ (select count(*) from renditions where workspace_id = $1 and blob_key = $2)
			+ (select count(*) from captions where workspace_id = $1 and (workspace_id || '/' || vtt_sha256 = $2 or workspace_id || '/' || srt_sha256 = $2))`, a.WorkspaceID, key)
		if err != nil {
			return err
		}
		if used == 0 {
			if err := l.blobs.Delete(ctx, key); err != nil {
				return err
			}
		}
	}
	return nil
}
