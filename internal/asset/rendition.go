package asset

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"math"
	"slices"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
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

// For returns the file one network gets of a use of an asset: the stripped file where it fits, else a smaller one,
// made once. Nothing is enlarged and nothing is cropped without asking. Videos and animations are handed on as they
// are; the network's rules say what does not fit.
func (l *Library) For(ctx context.Context, q db.Queryer, workspaceID string, use Use, spec network.Spec, limits network.Limits) (network.Media, error) {
	a, err := l.get(ctx, q, workspaceID, use.AssetID)
	if fault.Is(err, fault.NotFound) {
		return network.Media{}, fault.Invalidf("media", "a chosen file is not in this workspace's library any more").WithCode("asset_not_found").WithHint("Remove it, or choose another.")
	}
	if err != nil {
		return network.Media{}, err
	}
	m := network.Media{ID: a.ID, Kind: a.Kind, MIME: a.MIME, Bytes: a.Bytes, Width: a.Width, Height: a.Height, Duration: a.Duration, Pages: a.Pages, SHA256: a.SHA256, Alt: a.Alt, FocusX: a.FocusX, FocusY: a.FocusY}
	if use.Alt != nil {
		m.Alt = *use.Alt
	}
	if use.FocusX != nil && use.FocusY != nil {
		m.FocusX, m.FocusY = *use.FocusX, *use.FocusY
	}
	if a.Kind == network.Video && spec.Captions {
		list, err := l.captions(ctx, q, workspaceID, a.ID)
		if err != nil {
			return m, err
		}
		for _, c := range list {
			m.Captions = append(m.Captions, c.network())
		}
	}
	if a.Kind != network.Image {
		return m, nil
	}
	most, pixels := first(limits.ImageBytes, spec.Limits.ImageBytes), first(limits.ImagePixels, spec.Limits.ImagePixels)
	taken := len(spec.ImageMIME) == 0 || slices.Contains(spec.ImageMIME, a.MIME)
	if taken && (most == 0 || a.Bytes <= most) && (pixels == 0 || int64(a.Width)*int64(a.Height) <= pixels) {
		return m, nil
	}
	r, err := l.rendition(ctx, q, a, fmt.Sprintf("jpeg-%d-%d", most, pixels), func(img image.Image, icc []byte) ([]byte, image.Point, error) {
		return shrink(img, most, pixels, icc)
	})
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

// rendition finds the derivative of a profile, or makes it.
func (l *Library) rendition(ctx context.Context, q db.Queryer, a Asset, profile string, make func(image.Image, []byte) ([]byte, image.Point, error)) (rendition, error) {
	known, err := db.All[rendition](ctx, q, `select profile, mime, bytes, width, height, sha256, blob_key from renditions where workspace_id = $1 and asset_id = $2 and profile = $3`, a.WorkspaceID, a.ID, profile)
	if err != nil || len(known) > 0 {
		if len(known) > 0 {
			return known[0], nil
		}
		return rendition{}, err
	}
	if make == nil {
		return rendition{}, fault.NotFoundf("there is no such version of this file")
	}
	file, err := l.file(ctx, a.BlobKey)
	if err != nil {
		return rendition{}, err
	}
	raw, err := io.ReadAll(file)
	_ = file.Close()
	if err != nil {
		return rendition{}, fmt.Errorf("read %s: %w", a.ID, err)
	}
	small, size, err := redraw(raw, make)
	if err != nil {
		return rendition{}, fmt.Errorf("make %s of %s: %w", profile, a.ID, err)
	}
	return l.keepRendition(ctx, q, a, profile, small, size)
}

func (l *Library) keepRendition(ctx context.Context, q db.Queryer, a Asset, profile string, small []byte, size image.Point) (rendition, error) {
	r := rendition{Profile: profile, MIME: "image/jpeg", Bytes: int64(len(small)), Width: size.X, Height: size.Y, SHA256: sum(small)}
	if bytes.HasPrefix(small, []byte("\x89PNG")) {
		r.MIME = "image/png"
	}
	r.BlobKey = a.WorkspaceID + "/" + r.SHA256
	if err := l.blobs.Put(ctx, r.BlobKey, bytes.NewReader(small), r.Bytes, r.MIME); err != nil {
		return r, err
	}
	_, err := db.Exec(ctx, q, `insert into renditions (workspace_id, asset_id, profile, mime, bytes, width, height, sha256, blob_key, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (workspace_id, asset_id, profile) do nothing`, a.WorkspaceID, a.ID, r.Profile, r.MIME, r.Bytes, r.Width, r.Height, r.SHA256, r.BlobKey, db.Now())
	return r, err
}

// redraw holds its place among the drawing no longer than it draws: whoever waits for the database while others wait to
// draw would hold up everyone.
func redraw(raw []byte, make func(image.Image, []byte) ([]byte, image.Point, error)) ([]byte, image.Point, error) {
	drawing <- struct{}{}
	defer func() { <-drawing }()
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, image.Point{}, err
	}
	return make(img, profileOf(raw))
}

// shrink draws a picture as JPEG within bytes and pixels: first by quality, then by size.
func shrink(img image.Image, most, pixels int64, icc []byte) ([]byte, image.Point, error) {
	size := img.Bounds().Size()
	if pixels > 0 {
		if f := math.Sqrt(float64(pixels) / (float64(size.X) * float64(size.Y))); f < 1 {
			img = scaled(img, f*0.9999) // rounding must not lead back over the limit
		}
	}
	for range 10 {
		for _, quality := range []int{90, 82, 74} {
			raw, err := encodeJPEG(img, quality, icc)
			if err != nil || most == 0 || int64(len(raw)) <= most {
				return raw, img.Bounds().Size(), err
			}
			if int64(len(raw)) > 3*most {
				break // quality alone will not do
			}
		}
		img = scaled(img, 0.75)
	}
	return nil, size, fault.Invalidf("media", "the picture cannot be made small enough for this network").WithHint("Use a smaller picture.")
}

// The profiles of our own screens.
const (
	Thumb = "thumb" // at most 480 pixels wide and high
	View  = "view"  // at most 1600 pixels wide and high
	Whole = "file"  // the stripped file
)

// profiles are how many pixels the longer side has at most.
var profiles = map[string]int{Thumb: 480, View: 1600}

// File is a file as it is served to a browser.
type File struct {
	io.ReadSeekCloser
	MIME string
	Name string // our own, never the uploader's
	Tag  string // changes when the bytes do
}

// Show opens a profile of an asset for the actor's own browser. A video or animation has only the stripped file; smaller
// profiles of a document show its first page.
func (l *Library) Show(ctx context.Context, actor workspace.Actor, assetID, profile string) (File, error) {
	a, err := l.Get(ctx, actor, assetID)
	if err != nil {
		return File{}, err
	}
	f := File{MIME: a.MIME, Name: a.FileName(), Tag: a.SHA256}
	key := a.BlobKey
	most := profiles[profile]
	switch {
	case a.Kind == network.Document && most > 0:
		r, err := l.rendition(ctx, l.db, a, profile, nil)
		if err != nil {
			return File{}, err
		}
		f.MIME, f.Name, f.Tag, key = r.MIME, a.ID+"-"+profile+extension[r.MIME], r.SHA256, r.BlobKey
	case profile == Whole || a.Kind != network.Image && most > 0:
	case most > 0 && (a.Width > most || a.Height > most):
		r, err := l.rendition(ctx, l.db, a, profile, func(img image.Image, icc []byte) ([]byte, image.Point, error) {
			return within(img, most, a.MIME == "image/png", icc)
		})
		if err != nil {
			return File{}, err
		}
		f.MIME, f.Name, f.Tag, key = r.MIME, a.ID+"-"+profile+extension[r.MIME], r.SHA256, r.BlobKey
	case most == 0:
		return File{}, fault.NotFoundf("there is no such version of this file")
	}
	f.ReadSeekCloser, err = l.file(ctx, key)
	return f, err
}

// within draws a picture at most so many pixels wide and high, as PNG where something may shine through.
func within(img image.Image, most int, png bool, icc []byte) ([]byte, image.Point, error) {
	size := img.Bounds().Size()
	if f := float64(most) / float64(max(size.X, size.Y)); f < 1 {
		img = scaled(img, f)
	}
	if png && !opaque(img) {
		raw, err := encodePNG(img, icc)
		return raw, img.Bounds().Size(), err
	}
	raw, err := encodeJPEG(img, 84, icc)
	return raw, img.Bounds().Size(), err
}

// Original opens the file as it was uploaded, with everything it says about its maker. It is for whoever may upload;
// networks never get it.
func (l *Library) Original(ctx context.Context, actor workspace.Actor, assetID string) (Asset, io.ReadSeekCloser, error) {
	a, err := l.mine(ctx, actor, assetID)
	if err != nil {
		return a, nil, err
	}
	f, err := l.file(ctx, a.OriginalKey)
	return a, f, err
}

func (l *Library) file(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	f, _, err := l.blobs.Get(ctx, key)
	if fault.Is(err, fault.NotFound) {
		return nil, fmt.Errorf("the media store has lost %s: %w", key, err)
	}
	return f, err
}

// Open opens a file as it is to be sent: an asset's own, or a rendition, by the hash that was planned.
func (l *Library) Open(ctx context.Context, workspaceID string, m network.Media) (io.ReadCloser, error) {
	return l.open(ctx, workspaceID, m.SHA256)
}

func (l *Library) open(ctx context.Context, workspaceID, sum string) (io.ReadSeekCloser, error) {
	keys, err := db.All[string](ctx, l.db, `select blob_key from assets where workspace_id = $1 and sha256 = $2
		union select blob_key from renditions where workspace_id = $1 and sha256 = $2`, workspaceID, sum)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		keys, err = db.All[string](ctx, l.db, `select workspace_id || '/' || $2 from captions where workspace_id = $1 and (vtt_sha256 = $2 or srt_sha256 = $2)`, workspaceID, sum)
		if err != nil {
			return nil, err
		}
	}
	if len(keys) == 0 {
		return nil, fault.Rejectedf("the file is no longer in the library").WithHint("Add it again and repeat the post.")
	}
	return l.file(ctx, keys[0])
}
