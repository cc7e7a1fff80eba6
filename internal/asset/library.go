package asset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Library is every asset.
type Library struct {
	db    *db.DB
	blobs blob.Store
	keys  *secret.Keys
	base  *url.URL
}

// New returns the library of this database and store.
func New(database *db.DB, blobs blob.Store) *Library { return &Library{db: database, blobs: blobs} }

// Add takes a file in. The same bytes again are the same asset, taken out of the trash where it lay there. name is
// kept for people; it decides nothing.
func (l *Library) Add(ctx context.Context, actor workspace.Actor, brandID, name string, file io.Reader) (Asset, error) {
	if err := actor.MayOwn(workspace.AssetUpload, workspace.Scope{BrandID: brandID}, true); err != nil {
		return Asset{}, err
	}
	if err := workspace.Belong(ctx, l.db, actor.WorkspaceID, workspace.ABrand, brandID); err != nil {
		return Asset{}, err
	}
	f, err := spool(file)
	if err != nil {
		return Asset{}, err
	}
	defer f.discard()
	if known, found, err := l.known(ctx, actor, f.sum); err != nil || found {
		return known, err
	}
	return l.take(ctx, actor, brandID, cleanName(name), f)
}

func (l *Library) known(ctx context.Context, actor workspace.Actor, sum string) (Asset, bool, error) {
	args := []any{actor.WorkspaceID, sum}
	known, err := db.All[Asset](ctx, l.db, `select `+columns+` from assets where workspace_id = $1 and original_sha256 = $2`+readable(actor, &args)+`
		order by trashed_at is not null, id limit 1`, args...)
	if err != nil || len(known) == 0 {
		return Asset{}, false, err
	}
	a := known[0]
	if !a.TrashedAt.IsZero() {
		if err := l.Untrash(ctx, actor, a.ID); err != nil {
			return Asset{}, false, err
		}
		a, err = l.Get(ctx, actor, a.ID)
	}
	return a, true, err
}

// take stores the original and the stripped file, then the row: a row never points at bytes that are not there.
func (l *Library) take(ctx context.Context, actor workspace.Actor, brandID, name string, f *spooled) (Asset, error) {
	seen, err := inspect(ctx, f, name)
	if err != nil {
		return Asset{}, err
	}
	a := Asset{WorkspaceID: actor.WorkspaceID, ID: id.New("asset"), BrandID: brandID, Name: name, Kind: seen.kind, MIME: seen.mime, Width: seen.width, Height: seen.height,
		Duration: seen.duration, Pages: seen.pages, OriginalSHA: f.sum, OriginalKey: actor.WorkspaceID + "/" + f.sum, Tags: []string{}, CreatedBy: actor.UserID, CreatedAt: db.Now()}
	if err := l.blobs.Put(ctx, a.OriginalKey, f.reader(), f.size, "application/octet-stream"); err != nil {
		return a, err
	}
	a.SHA256, a.Bytes = f.sum, f.size
	switch {
	case seen.drawn != nil:
		a.Bytes, a.SHA256 = int64(len(seen.drawn)), sum(seen.drawn)
		err = l.blobs.Put(ctx, actor.WorkspaceID+"/"+a.SHA256, bytes.NewReader(seen.drawn), a.Bytes, a.MIME)
	case len(seen.blank) > 0:
		if a.SHA256, err = f.blank(seen.blank); err == nil {
			err = l.blobs.Put(ctx, actor.WorkspaceID+"/"+a.SHA256, f.reader(), f.size, a.MIME)
		}
	}
	if err != nil {
		return a, err
	}
	a.BlobKey = actor.WorkspaceID + "/" + a.SHA256
	err = l.db.Tx(ctx, func(tx *db.Tx) error {
		for profile, f := range seen.faces {
			if _, err := l.keepRendition(ctx, tx, a, profile, f.jpeg, f.size); err != nil {
				return err
			}
		}
		if _, err := db.Exec(ctx, tx, `insert into assets (`+columns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, null)`,
			a.WorkspaceID, a.ID, a.BrandID, a.Name, a.Kind, a.MIME, a.Bytes, a.Width, a.Height, a.Duration, a.SHA256, a.BlobKey, a.OriginalSHA, a.OriginalKey, a.Alt, a.FocusX, a.FocusY,
			db.JSON(a.Tags), a.CreatedBy, a.CreatedAt, a.Pages); err != nil {
			return fmt.Errorf("store the asset: %w", err)
		}
		return workspace.Audit(ctx, tx, actor, "asset.added", a.ID, nil, map[string]any{"name": a.Name, "bytes": a.Bytes})
	})
	return a, err
}

func sum(raw []byte) string {
	s := sha256.Sum256(raw)
	return hex.EncodeToString(s[:])
}

// readable narrows a query of assets to what the actor may read: those of a brand, and those of none, which are
// everybody's.
func readable(actor workspace.Actor, args *[]any) string {
	return " and " + actor.Readable(workspace.Rows{Brand: "brand_id in ('', ?)", Own: "created_by = ?",
		Channel: "(brand_id = '' or brand_id in (select h.brand_id from channels h where h.workspace_id = assets.workspace_id and h.id = ?))"}, args,
		workspace.PostRead, workspace.AssetUpload)
}

// Get returns one asset that the actor may read, trashed or not.
func (l *Library) Get(ctx context.Context, actor workspace.Actor, assetID string) (Asset, error) {
	args := []any{actor.WorkspaceID, assetID}
	return l.one(ctx, l.db, readable(actor, &args), args)
}

func (l *Library) get(ctx context.Context, q db.Queryer, workspaceID, assetID string) (Asset, error) {
	return l.one(ctx, q, "", []any{workspaceID, assetID})
}

func (l *Library) one(ctx context.Context, q db.Queryer, within string, args []any) (Asset, error) {
	a, err := db.One[Asset](ctx, q, `select `+columns+` from assets where workspace_id = $1 and id = $2`+within, args...)
	if fault.Is(err, fault.NotFound) {
		return a, fault.NotFoundf("there is no such file in this workspace's library").WithCode("asset_not_found")
	}
	return a, err
}

// Filter narrows a list; zero values narrow nothing.
type Filter struct {
	Search  string // words in name, alt text or tags
	Kind    string // image, gif or video
	BrandID string
	Tag     string
	Trashed bool
	Before  string // cursor: the id of the last asset of the page before
	Limit   int    // at most 200; 0 = 60
}

// List returns assets, the newest first, and the cursor of the next page ("" at the end).
func (l *Library) List(ctx context.Context, actor workspace.Actor, f Filter) ([]Asset, string, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 60
	}
	if f.Before == "" {
		f.Before = "asset_zzzz"
	}
	args := []any{actor.WorkspaceID, f.Before, f.Trashed, db.Literal(strings.ToLower(f.Search)), f.Kind, f.BrandID, db.Literal(f.Tag), f.Limit + 1}
	rows, err := db.All[Asset](ctx, l.db, `select `+columns+` from assets where workspace_id = $1 and id < $2 and (trashed_at is not null) = $3
			and ($4 = '' or lower(name || ' ' || alt || ' ' || tags) like '%' || $4 || '%' escape '\') and ($5 = '' or kind = $5)
			and ($6 = '' or brand_id = $6) and ($7 = '' or tags like '%"' || $7 || '"%' escape '\')`+readable(actor, &args)+`
		order by id desc limit $8`, args...)
	if err != nil || len(rows) <= f.Limit {
		return rows, "", err
	}
	return rows[:f.Limit], rows[f.Limit-1].ID, nil
}

// Description is what people say about an asset.
type Description struct {
	Name   string
	Alt    string
	FocusX float64 // −1 left … 1 right
	FocusY float64 // −1 bottom … 1 top
	Tags   []string
}

// Describe sets name, alt text, focal point and tags.
func (l *Library) Describe(ctx context.Context, actor workspace.Actor, assetID string, d Description) error {
	a, err := l.mine(ctx, actor, assetID)
	if err != nil {
		return err
	}
	d.Alt = strings.TrimSpace(d.Alt)
	if n := len([]rune(d.Alt)); n > 4000 {
		return fault.Invalidf("alt", "the alt text has %d characters, the limit is 4000", n)
	}
	d.Tags = cleanTags(d.Tags)
	if len(d.Tags) > 30 {
		return fault.Invalidf("tags", "an asset can have 30 tags, these are %d", len(d.Tags))
	}
	return l.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update assets set name = $3, alt = $4, focus_x = $5, focus_y = $6, tags = $7 where workspace_id = $1 and id = $2`, actor.WorkspaceID, assetID,
			cleanName(d.Name), d.Alt, min(max(d.FocusX, -1), 1), min(max(d.FocusY, -1), 1), db.JSON(d.Tags)); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "asset.described", assetID, map[string]any{"name": a.Name, "alt": a.Alt}, map[string]any{"name": d.Name, "alt": d.Alt})
	})
}

func cleanTags(tags []string) []string {
	out := []string{}
	for _, t := range tags {
		if t = strings.Join(strings.Fields(t), " "); t != "" && len(t) <= 60 && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// mine returns an asset the actor may change: any with the right, their own with it for their own.
func (l *Library) mine(ctx context.Context, actor workspace.Actor, assetID string) (Asset, error) {
	a, err := l.Get(ctx, actor, assetID)
	if err != nil {
		return a, err
	}
	return a, actor.MayOwn(workspace.AssetUpload, workspace.Scope{BrandID: a.BrandID}, a.CreatedBy == actor.UserID && actor.UserID != "")
}
