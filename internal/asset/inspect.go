package asset

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"time"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // read, never written

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Limits that protect this machine, far above any network's own (S10).
const (
	mostPixels = 100_000_000
	mostFrames = 1000
)

// inspected is a file as its bytes say, with its metadata stripped.
type inspected struct {
	kind          network.MediaKind
	mime          string
	width, height int
	duration      time.Duration
	bytes         []byte
}

// inspect reads what a file is by its content, refuses what is not a picture or video, and draws pictures anew.
func inspect(raw []byte) (inspected, error) {
	mime := http.DetectContentType(raw)
	if kind := isobmff(raw); kind != "" {
		mime = kind
	}
	switch mime {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
	case "video/mp4", "video/quicktime", "video/webm":
		s := inspected{kind: network.Video, mime: mime, bytes: raw}
		s.width, s.height, s.duration = movie(raw)
		return s, nil
	case "image/heic":
		return inspected{}, fault.Invalidf("file", "this is a HEIC picture, which few networks take").WithHint("Save it as JPEG on your phone or computer and upload that.")
	case "text/xml; charset=utf-8", "text/html; charset=utf-8", "image/svg+xml":
		return inspected{}, fault.Invalidf("file", "this file is %s by its content, not a picture; such files can carry programs", mime)
	default:
		return inspected{}, fault.Invalidf("file", "this file is %s by its content; pictures are JPEG, PNG, WebP or GIF, videos MP4, MOV or WebM", mime)
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return inspected{}, fault.Invalidf("file", "the picture is damaged: %v", err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > mostPixels/max(c.Height, 1) {
		return inspected{}, fault.Invalidf("file", "the picture has %d × %d pixels, the limit is %d million in all", c.Width, c.Height, mostPixels/1_000_000)
	}
	s := inspected{kind: network.Image, mime: mime, width: c.Width, height: c.Height}
	if format == "gif" {
		return animated(raw, s)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return inspected{}, fault.Invalidf("file", "the picture is damaged: %v", err)
	}
	if format == "jpeg" {
		img = upright(img, orientation(raw))
	}
	s.width, s.height = img.Bounds().Dx(), img.Bounds().Dy()
	if format == "png" || format == "webp" && !opaque(img) {
		s.mime = "image/png"
		s.bytes, err = encodePNG(img)
	} else {
		s.mime = "image/jpeg"
		s.bytes, err = encodeJPEG(img, 92)
	}
	return s, err
}

// animated keeps a GIF with several frames, drawn anew; one with a single frame becomes a PNG.
func animated(raw []byte, s inspected) (inspected, error) {
	if frames := bytes.Count(raw, []byte{0x00, 0x21, 0xF9, 0x04}); frames > mostFrames || frames*s.width*s.height > 4*mostPixels {
		return s, fault.Invalidf("file", "the animation has %d frames of %d × %d pixels; that is too much", frames, s.width, s.height)
	}
	g, err := gif.DecodeAll(bytes.NewReader(raw))
	if err != nil {
		return s, fault.Invalidf("file", "the animation is damaged: %v", err)
	}
	if len(g.Image) == 1 {
		s.mime = "image/png"
		s.bytes, err = encodePNG(g.Image[0])
		return s, err
	}
	for _, d := range g.Delay {
		s.duration += time.Duration(d) * 10 * time.Millisecond
	}
	var out bytes.Buffer
	err = gif.EncodeAll(&out, g)
	s.kind, s.bytes = network.GIF, out.Bytes()
	return s, err
}

func encodeJPEG(img image.Image, quality int) ([]byte, error) {
	flat := image.NewRGBA(img.Bounds())
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
	var out bytes.Buffer
	err := jpeg.Encode(&out, flat, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

func encodePNG(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// upright turns a picture the way its camera was held (EXIF orientation 1 to 8).
func upright(img image.Image, o int) image.Image {
	if o < 2 || o > 8 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if o >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch o {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.Set(tx, ty, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}
