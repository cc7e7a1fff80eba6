package asset

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // read, never written

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// drawing keeps more than two pictures from being in memory at once.
var drawing = make(chan struct{}, 2)

// picture draws a still picture or an animation anew, so that nothing but what is seen stays.
func picture(raw []byte, mime string) (inspected, error) {
	c, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || "image/"+format != mime {
		return inspected{}, damaged("the picture")
	}
	most := mostPixels
	if c.ColorModel == color.RGBA64Model || c.ColorModel == color.NRGBA64Model || c.ColorModel == color.Gray16Model {
		most /= 2 // two bytes for each colour
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > most/c.Height {
		return inspected{}, fault.Invalidf("file", "the picture has %d × %d pixels, the limit is %d million in all", c.Width, c.Height, most/1_000_000).WithCode("too_many_pixels")
	}
	drawing <- struct{}{}
	defer func() { <-drawing }()
	if format == "gif" {
		return animation(raw, c)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return inspected{}, damaged("the picture")
	}
	s := inspected{kind: network.Image, mime: "image/jpeg"}
	profile := profileOf(raw)
	if format == "jpeg" {
		img = upright(img, orientation(raw))
	}
	s.width, s.height = img.Bounds().Dx(), img.Bounds().Dy()
	if format == "png" || format == "webp" && !opaque(img) {
		s.mime = "image/png"
		s.drawn, err = encodePNG(img, profile)
	} else {
		s.drawn, err = encodeJPEG(img, 92, profile)
	}
	return s, err
}

// animation keeps a GIF of several frames, drawn anew; one of a single frame becomes a PNG.
func animation(raw []byte, c image.Config) (inspected, error) {
	frames, pixels := frames(raw)
	if frames > mostFrames || pixels > 2*mostPixels {
		return inspected{}, fault.Invalidf("file", "the animation has %d frames of up to %d × %d pixels; the limit is %d frames and %d million pixels in all", frames, c.Width, c.Height,
			mostFrames, 2*mostPixels/1_000_000).WithCode("too_many_frames").WithHint("Save it as an MP4 video, which is smaller and looks better.")
	}
	g, err := gif.DecodeAll(bytes.NewReader(raw))
	if err != nil || len(g.Image) == 0 {
		return inspected{}, damaged("the animation")
	}
	s := inspected{kind: network.GIF, mime: "image/gif", width: c.Width, height: c.Height}
	if len(g.Image) == 1 {
		s.kind, s.mime = network.Image, "image/png"
		canvas := image.NewNRGBA(image.Rect(0, 0, c.Width, c.Height))
		draw.Draw(canvas, g.Image[0].Bounds(), g.Image[0], g.Image[0].Bounds().Min, draw.Src)
		s.drawn, err = encodePNG(canvas, nil)
		return s, err
	}
	for _, d := range g.Delay {
		s.duration += hundredths(d)
	}
	var out bytes.Buffer
	err = gif.EncodeAll(&out, g)
	s.drawn = out.Bytes()
	return s, err
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

func encodeJPEG(img image.Image, quality int, profile []byte) ([]byte, error) {
	if _, grey := img.(*image.Gray); !grey && !opaque(img) { // what shines through is drawn on white
		flat := image.NewRGBA(img.Bounds())
		draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
		draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
		img = flat
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	return withJPEGProfile(out.Bytes(), profile), err
}

func encodePNG(img image.Image, profile []byte) ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return withPNGProfile(out.Bytes(), profile), err
}

// scaled draws the picture smaller by the factor, which is below 1.
func scaled(img image.Image, f float64) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*f+0.5)), max(1, int(float64(b.Dy())*f+0.5))))
	kernel := draw.CatmullRom
	if f < 0.2 {
		kernel = draw.BiLinear // at this size nobody sees the difference, and it is much faster
	}
	kernel.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	return out
}

// upright turns a picture the way its camera was held (EXIF orientation 1 to 8).
func upright(img image.Image, o int) image.Image {
	if o < 2 || o > 8 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	from := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(from, from.Bounds(), img, b.Min, draw.Src)
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if o >= 5 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
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
			copy(to.Pix[to.PixOffset(tx, ty):][:4], from.Pix[from.PixOffset(x, y):][:4])
		}
	}
	return to
}

// orientation reads the EXIF orientation of a JPEG, 1 when there is none.
func orientation(raw []byte) int {
	for marker, body := range segments(raw) {
		if marker == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
	}
	return 1
}

func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if t[0] == 'M' {
		order = binary.BigEndian
	}
	ifd := int(order.Uint32(t[4:]))
	if ifd < 8 || ifd > len(t)-2 {
		return 1
	}
	for n := range int(order.Uint16(t[ifd:])) {
		entry := ifd + 2 + n*12
		if entry+12 > len(t) {
			return 1
		}
		if order.Uint16(t[entry:]) == 0x0112 {
			if v := int(order.Uint16(t[entry+8:])); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}
