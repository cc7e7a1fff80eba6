package asset

import (
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/bellwether-social/bellwether/internal/network"
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
	Width       int               `db:"width"`  // pixels as it is shown; 0 where a video does not say
	Height      int               `db:"height"` // pixels as it is shown
	Duration    time.Duration     `db:"duration"`
	Pages       int               `db:"pages"`  // of a document
	SHA256      string            `db:"sha256"` // of the stripped file
	BlobKey     string            `db:"blob_key"`
	OriginalSHA string            `db:"original_sha256"`
	OriginalKey string            `db:"original_key"`
	Alt         string            `db:"alt"`
	FocusX      float64           `db:"focus_x"` // −1 left … 1 right
	FocusY      float64           `db:"focus_y"` // −1 bottom … 1 top
	Tags        []string          `db:"tags,json"`
	CreatedBy   string            `db:"created_by"`
	CreatedAt   time.Time         `db:"created_at"`
	TrashedAt   time.Time         `db:"trashed_at"` // UTC; zero = in the library
}

const columns = `workspace_id, id, brand_id, name, kind, mime, bytes, width, height, duration, sha256, blob_key, original_sha256, original_key, alt, focus_x, focus_y, tags,
	created_by, created_at, pages, trashed_at`

// Use is an asset used somewhere, with what differs there from the asset's own.
type Use struct {
	AssetID string   `json:"asset_id"`
	Alt     *string  `json:"alt,omitempty"` // nil = the asset's own alt text
	FocusX  *float64 `json:"focus_x,omitempty"`
	FocusY  *float64 `json:"focus_y,omitempty"`
}

// Usage is a post that uses an asset.
type Usage struct {
	PostID string `db:"id"`
	Title  string `db:"title"`
	State  string `db:"state"`
}

// Unsent reports whether the post is still to go out, so that the asset is needed.
func (u Usage) Unsent() bool {
	switch u.State {
	case "draft", "in_review", "approved", "scheduled", "held", "publishing", "failed":
		return true
	}
	return false
}

// Limits that protect this machine, far above any network's own (S10, S11).
const (
	Largest        = 512 << 20 // bytes of any file
	largestPicture = 48 << 20  // bytes of a picture, which is read whole
	largestPages   = 100 << 20 // bytes of a document, the most that any network takes
	mostPixels     = 50_000_000
	mostFrames     = 1000
)

// keptInTrash is how long a trashed asset can be taken back.
const keptInTrash = 30 * 24 * time.Hour

// extension of each type, for the names files are served under: our own, never the uploader's.
var extension = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "application/pdf": ".pdf", "video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm"}

// FileName is the name the asset is served under.
func (a Asset) FileName() string { return a.ID + extension[a.MIME] }

// cleanName keeps of a name what a screen can show: no path, no control characters, no direction tricks (S13).
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "")))
	if r := []rune(name); len(r) > 120 {
		name = string(r[:120])
	}
	if strings.Trim(name, "./ ") == "" {
		return "file"
	}
	return name
}
