package asset

import (
	"bytes"
	"context"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// inspected is a file as its bytes say.
type inspected struct {
	kind          network.MediaKind
	mime          string
	width, height int
	duration      time.Duration
	pages         int
	faces         map[string]face // a document's first page, by the profiles of our screens
	drawn         []byte          // a picture drawn anew, without its metadata
	blank         []patch         // where a video holds metadata
}

// inspect reads what a file is by its content and refuses what is no picture, video or PDF. name serves only to tell the
// person what is odd about it.
func inspect(ctx context.Context, f *spooled, name string) (inspected, error) {
	head := f.head(4096)
	mime := http.DetectContentType(head)
	if kind := isobmff(head); kind != "" {
		mime = kind
	}
	switch mime {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
		if f.size > largestPicture {
			return inspected{}, fault.Invalidf("file", "the picture has %d MB, the limit is %d MB", f.size>>20, largestPicture>>20).WithCode("file_too_large")
		}
		return picture(f.head(int(f.size)), mime)
	case "video/mp4", "video/quicktime":
		return movie(f, mime)
	case "video/webm":
		return matroska(f)
	case "application/pdf":
		return document(ctx, f)
	case "image/heic":
		return inspected{}, refused("a HEIC picture", name, "Few networks take HEIC. Save it as JPEG on your phone or computer and upload that.")
	case "image/avif":
		return inspected{}, refused("an AVIF picture", name, "Few networks take AVIF. Save it as JPEG or PNG and upload that.")
	}
	if strings.HasPrefix(mime, "text/") || bytes.Contains(bytes.ToLower(head), []byte("<svg")) {
		what := "text"
		if lower := bytes.ToLower(head); bytes.Contains(lower, []byte("<svg")) {
			what = "an SVG drawing"
		} else if strings.HasPrefix(mime, "text/html") {
			what = "a web page"
		}
		return inspected{}, refused(what, name, "Such files can carry programs. Export a drawing as PNG and upload that.")
	}
	kind, _, _ := strings.Cut(mime, ";")
	if kind == "application/octet-stream" {
		kind = "of a kind we do not know"
	}
	return inspected{}, refused(kind, name, "Pictures can be JPEG, PNG, WebP or GIF, videos MP4, MOV or WebM, documents PDF.")
}

// refused says what the file is, and that its name says otherwise where it does.
func refused(what, name, hint string) *fault.Error {
	message := "this file is " + what + " by its content"
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".mp4", ".mov", ".webm", ".pdf":
		message += ", though its name ends in " + ext
	}
	return fault.Invalidf("file", "%s", message).WithHint(hint).WithCode("file_type")
}

func damaged(what string) *fault.Error {
	return fault.Invalidf("file", "%s is damaged or not whole", what).WithCode("file_damaged").WithHint("Open it on your computer; if it shows there, save it anew and upload that.")
}
