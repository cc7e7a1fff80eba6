package asset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"io"
	"math"
	"slices"

	"golang.org/x/image/draw"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// rendition is a derivative made for one set of limits.
type rendition struct {
	Profile string `db:"profile"`
	MIME    string `db:"mime"`
	Bytes   int64  `db:"bytes"`
	Width   int    `db:"width"`
	Height  int    `db:"height"`
	SHA256  string `db:"sha256"`
	BlobKey string `db:"blob_key"`
}

// For returns the file one network gets of a use of an asset: the original where it fits, else a smaller one, made
// once. Nothing is enlarged and nothing is cropped without asking.
func (l *Library) For(ctx context.Context, q db.Queryer, workspaceID string, use Use, spec network.Spec, limits network.Limits) (network.Media, error) {
	a, err := l.get(ctx, q, workspaceID, use.AssetID)
	if err != nil {
		return network.Media{}, err
	}
	m := network.Media{ID: a.ID, Kind: a.Kind, MIME: a.MIME, Bytes: a.Bytes, Width: a.Width, Height: a.Height, Duration: a.Duration, SHA256: a.SHA256, Alt: a.Alt, FocusX: a.FocusX, FocusY: a.FocusY}
	if use.Alt != nil {
		m.Alt = *use.Alt
	}
	if use.FocusX != nil && use.FocusY != nil {
		m.FocusX, m.FocusY = *use.FocusX, *use.FocusY
	}
	if a.Kind != network.Image {
		return m, nil
	}
	most, pixels := first(limits.ImageBytes, spec.Limits.ImageBytes), first(limits.ImagePixels, spec.Limits.ImagePixels)
	taken := len(spec.ImageMIME) == 0 || slices.Contains(spec.ImageMIME, a.MIME)
	if taken && (most == 0 || a.Bytes <= most) && (pixels == 0 || int64(a.Width)*int64(a.Height) <= pixels) {
		return m, nil
	}
	r, err := l.rendition(ctx, q, a, most, pixels)
	if err != nil {
		return m, err
	}
	m.ID, m.MIME, m.Bytes, m.Width, m.Height, m.SHA256 = a.ID+"/"+r.Profile, r.MIME, r.Bytes, r.Width, r.Height, r.SHA256
	return m, nil
}

func first(values ...int64) int64 {
	for _, v := range values {
		if v > 0 {
			return v
		}
	}
	return 0
}

// rendition finds or makes the derivative within bytes and pixels.
func (l *Library) rendition(ctx context.Context, q db.Queryer, a Asset, most, pixels int64) (rendition, error) {
	profile := fmt.Sprintf("jpeg-%d-%d", most, pixels)
	known, err := db.All[rendition](ctx, q, `select profile, mime, bytes, width, height, sha256, blob_key from renditions where workspace_id = $1 and asset_id = $2 and profile = $3`, a.WorkspaceID, a.ID, profile)
	if err != nil || len(known) > 0 {
		if len(known) > 0 {
			return known[0], nil
		}
		return rendition{}, err
	}
	file, err := l.Original(ctx, a)
	if err != nil {
		return rendition{}, err
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		return rendition{}, fault.Invalidf("media", "%s is damaged in the store", a.Name)
	}
	raw, size, err := shrink(img, most, pixels)
	if err != nil {
		return rendition{}, err
	}
	sum := sha256.Sum256(raw)
	r := rendition{Profile: profile, MIME: "image/jpeg", Bytes: int64(len(raw)), Width: size.X, Height: size.Y, SHA256: hex.EncodeToString(sum[:])}
	r.BlobKey = a.WorkspaceID + "/" + r.SHA256
	if err := l.blobs.Put(ctx, r.BlobKey, bytes.NewReader(raw), r.Bytes, r.MIME); err != nil {
		return r, err
	}
	_, err = db.Exec(ctx, q, `insert into renditions (workspace_id, asset_id, profile, mime, bytes, width, height, sha256, blob_key, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (workspace_id, asset_id, profile) do nothing`, a.WorkspaceID, a.ID, r.Profile, r.MIME, r.Bytes, r.Width, r.Height, r.SHA256, r.BlobKey, db.Now())
	return r, err
}

// shrink draws a picture as JPEG within bytes and pixels: first by quality, then by size.
func shrink(img image.Image, most, pixels int64) ([]byte, image.Point, error) {
	size := img.Bounds().Size()
	if pixels > 0 {
		if f := math.Sqrt(float64(pixels) / (float64(size.X) * float64(size.Y))); f < 1 {
			img = scaled(img, f)
		}
	}
	for range 8 {
		for _, quality := range []int{90, 82, 74} {
			raw, err := encodeJPEG(img, quality)
			if err != nil || most == 0 || int64(len(raw)) <= most {
				return raw, img.Bounds().Size(), err
			}
		}
		img = scaled(img, 0.75)
	}
	return nil, size, fault.Invalidf("media", "the picture cannot be made small enough for this network")
}

func scaled(img image.Image, f float64) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*f)), max(1, int(float64(b.Dy())*f))))
	draw.CatmullRom.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	return out
}

// Open opens a file as it is to be sent: an asset's own, or a rendition, by the media's id.
func (l *Library) Open(ctx context.Context, workspaceID string, m network.Media) (io.ReadCloser, error) {
	keys, err := db.All[string](ctx, l.db, `select blob_key from assets where workspace_id = $1 and sha256 = $2 union select blob_key from renditions where workspace_id = $1 and sha256 = $2`, workspaceID, m.SHA256)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, fault.Rejectedf("the file is no longer in the library")
	}
	f, _, err := l.blobs.Get(ctx, keys[0])
	return f, err
}
