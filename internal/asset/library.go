package asset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Asset is one file of the library.
type Asset struct {
	WorkspaceID string            `db:"workspace_id"`
	ID          string            `db:"id"`
	BrandID     string            `db:"brand_id"`
	Name        string            `db:"name"`
	Kind        network.MediaKind `db:"kind"`
	MIME        string            `db:"mime"`
	Bytes       int64             `db:"bytes"`
	Width       int               `db:"width"`
	Height      int               `db:"height"`
	Duration    time.Duration     `db:"duration"`
	SHA256      string            `db:"sha256"`
	BlobKey     string            `db:"blob_key"`
	Alt         string            `db:"alt"`
	FocusX      float64           `db:"focus_x"` // −1 left … 1 right
	FocusY      float64           `db:"focus_y"` // −1 bottom … 1 top
	Tags        []string          `db:"tags,json"`
	CreatedBy   string            `db:"created_by"`
	CreatedAt   time.Time         `db:"created_at"`
	TrashedAt   time.Time         `db:"trashed_at"`
}

// Use is an asset used somewhere, with what differs there from the asset's own.
type Use struct {
	AssetID string   `json:"asset_id"`
	Alt     *string  `json:"alt,omitempty"` // nil = the asset's own alt text
	FocusX  *float64 `json:"focus_x,omitempty"`
	FocusY  *float64 `json:"focus_y,omitempty"`
}

const columns = `workspace_id, id, brand_id, name, kind, mime, bytes, width, height, duration, sha256, blob_key, alt, focus_x, focus_y, tags, created_by, created_at, trashed_at`

// Library is every asset.
type Library struct {
	db    *db.DB
	blobs blob.Store
}

// New returns the library of this database and store.
func New(database *db.DB, blobs blob.Store) *Library { return &Library{db: database, blobs: blobs} }

// Largest is how large a file may be.
const Largest = 200 << 20

// Add takes a file in. The same bytes again are the same asset. name is kept for people; it decides nothing.
func (l *Library) Add(ctx context.Context, actor workspace.Actor, brandID, name string, file io.Reader) (Asset, error) {
	if err := actor.MayOwn(workspace.AssetUpload, workspace.Scope{BrandID: brandID}, true); err != nil {
		return Asset{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(file, Largest+1))
	if err != nil {
		return Asset{}, fault.Wrap(fault.Invalid, err, "the file broke off before its end")
	}
	if len(raw) > Largest {
		return Asset{}, fault.Invalidf("file", "the file has more than %d MB, the limit", Largest>>20)
	}
	seen, err := inspect(raw)
	if err != nil {
		return Asset{}, err
	}
	sum := sha256.Sum256(seen.bytes)
	a := Asset{WorkspaceID: actor.WorkspaceID, ID: id.New("asset"), BrandID: brandID, Name: cleanName(name), Kind: seen.kind, MIME: seen.mime, Bytes: int64(len(seen.bytes)), Width: seen.width,
		Height: seen.height, Duration: seen.duration, SHA256: hex.EncodeToString(sum[:]), Tags: []string{}, CreatedBy: actor.UserID, CreatedAt: db.Now()}
	a.BlobKey = actor.WorkspaceID + "/" + a.SHA256
	known, err := db.All[Asset](ctx, l.db, `select `+columns+` from assets where workspace_id = $1 and sha256 = $2 and trashed_at is null limit 1`, actor.WorkspaceID, a.SHA256)
	if err != nil || len(known) > 0 {
		if len(known) > 0 {
			a = known[0]
		}
		return a, err
	}
	if err := l.blobs.Put(ctx, a.BlobKey, bytes.NewReader(seen.bytes), a.Bytes, a.MIME); err != nil {
		return a, err
	}
	err = l.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into assets (`+columns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`, a.WorkspaceID, a.ID, a.BrandID,
			a.Name, a.Kind, a.MIME, a.Bytes, a.Width, a.Height, a.Duration, a.SHA256, a.BlobKey, a.Alt, a.FocusX, a.FocusY, db.JSON(a.Tags), a.CreatedBy, a.CreatedAt, a.TrashedAt); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "asset.added", a.ID, nil, map[string]any{"name": a.Name, "bytes": a.Bytes})
	})
	return a, err
}

// cleanName keeps of a name what a screen can show: no path, no control characters, no direction tricks (S13).
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if r := []rune(name); len(r) > 120 {
		name = string(r[:120])
	}
	if name == "" || name == "." || name == "/" {
		return "file"
	}
	return name
}

// Get returns one asset of the workspace.
func (l *Library) Get(ctx context.Context, actor workspace.Actor, assetID string) (Asset, error) {
	return l.get(ctx, l.db, actor.WorkspaceID, assetID)
}

func (l *Library) get(ctx context.Context, q db.Queryer, workspaceID, assetID string) (Asset, error) {
	a, err := db.One[Asset](ctx, q, `select `+columns+` from assets where workspace_id = $1 and id = $2`, workspaceID, assetID)
	if fault.Is(err, fault.NotFound) {
		return a, fault.Invalidf("media", "a chosen file is not in this workspace's library")
	}
	return a, err
}

// List returns assets, the newest first; search narrows by name, alt text and tags.
func (l *Library) List(ctx context.Context, actor workspace.Actor, search, before string, limit int) ([]Asset, error) {
	if before == "" {
		before = "asset_zzzz"
	}
	return db.All[Asset](ctx, l.db, `select `+columns+` from assets where workspace_id = $1 and id < $2 and trashed_at is null
		and ($3 = '' or lower(name || ' ' || alt || ' ' || tags) like '%' || lower($3) || '%') order by id desc limit $4`, actor.WorkspaceID, before, search, limit)
}

// Describe sets alt text, focal point and tags.
func (l *Library) Describe(ctx context.Context, actor workspace.Actor, assetID, alt string, x, y float64, tags []string) error {
	a, err := l.Get(ctx, actor, assetID)
	if err != nil {
		return err
	}
	if err := actor.MayOwn(workspace.AssetUpload, workspace.Scope{BrandID: a.BrandID}, a.CreatedBy == actor.UserID); err != nil {
		return err
	}
	if len(alt) > 8000 {
		return fault.Invalidf("alt", "the alt text has %d bytes, the limit is 8000", len(alt))
	}
	if tags == nil {
		tags = []string{}
	}
	_, err = db.Exec(ctx, l.db, `update assets set alt = $3, focus_x = $4, focus_y = $5, tags = $6 where workspace_id = $1 and id = $2`, actor.WorkspaceID, assetID, alt,
		min(max(x, -1), 1), min(max(y, -1), 1), db.JSON(tags))
	return err
}

// Trash moves an asset to the trash for 30 days. One that unsent posts use stays until they let go of it.
func (l *Library) Trash(ctx context.Context, actor workspace.Actor, assetID string) error {
	a, err := l.Get(ctx, actor, assetID)
	if err != nil {
		return err
	}
	if err := actor.MayOwn(workspace.AssetUpload, workspace.Scope{BrandID: a.BrandID}, a.CreatedBy == actor.UserID); err != nil {
		return err
	}
	uses, err := l.Uses(ctx, actor, assetID)
	if err != nil {
		return err
	}
	if uses > 0 {
		return fault.Conflictf("%d unsent posts use this file", uses).WithHint("Take it out of them first; they are found by its name under Compose.")
	}
	return l.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update assets set trashed_at = $3 where workspace_id = $1 and id = $2`, actor.WorkspaceID, assetID, db.Now()); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "asset.trashed", assetID, nil, nil)
	})
}

// Uses counts the unsent posts that use an asset.
func (l *Library) Uses(ctx context.Context, actor workspace.Actor, assetID string) (int, error) {
	return db.One[int](ctx, l.db, `select count(*) from posts p where p.workspace_id = $1 and p.trashed_at is null and p.state in ('draft', 'in_review', 'approved', 'scheduled', 'held')
		and (p.base like '%"' || $2 || '"%' or exists (select 1 from variants v where v.workspace_id = p.workspace_id and v.post_id = p.id and v.content like '%"' || $2 || '"%'))`, actor.WorkspaceID, assetID)
}

// Original opens the kept file.
func (l *Library) Original(ctx context.Context, a Asset) (io.ReadCloser, error) {
	f, _, err := l.blobs.Get(ctx, a.BlobKey)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", a.ID, err)
	}
	return f, nil
}
