package demo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"math"

	"github.com/bellwether-social/bellwether/internal/asset"
)

// drawing is a drawn picture as a file.
type drawing struct {
	file []byte
	err  error
}

var works = []struct{ name, alt string }{
	{"winter-roast.jpg", "A cup seen from above on a dark table, steam rising from it."},
	{"drying-beds.jpg", "Rows of drying beds under a low sun."},
	{"barista-class.jpg", "Circles of latte art on a bar, one beside the other."},
}

// draw draws the pictures in their order, beside whatever else is made meanwhile.
func draw() <-chan drawing {
	out := make(chan drawing, len(works))
	go func() {
		defer close(out)
		for i := range works {
			var b bytes.Buffer
			err := jpeg.Encode(&b, drawn(i), &jpeg.Options{Quality: 88})
			out <- drawing{b.Bytes(), err}
		}
	}()
	return out
}

// hang fills the library with the pictures and returns the first, which belongs to the given brand.
func (s *sample) hang(ctx context.Context, brandID string) (asset.Asset, error) {
	var first asset.Asset
	for i, w := range works {
		d := <-s.pictures
		if d.err != nil {
			return first, d.err
		}
		owner := s.brand.ID
		if i == 0 {
			owner = brandID
		}
		made, err := s.Library.Add(ctx, s.actor, owner, w.name, bytes.NewReader(d.file))
		if err != nil {
			return first, err
		}
		if err := s.Library.Describe(ctx, s.actor, made.ID, asset.Description{Name: w.name, Alt: w.alt}); err != nil {
			return first, err
		}
		if i == 0 {
			first = made
		}
	}
	return first, nil
}

// drawn paints a calm picture: a sky from dark to warm, and rings or rows on it.
func drawn(kind int) image.Image {
	const side = 1080
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	from, to := []color.RGBA{{24, 52, 46, 255}, {92, 60, 40, 255}, {40, 44, 72, 255}}[kind], []color.RGBA{{214, 164, 86, 255}, {238, 206, 150, 255}, {226, 170, 160, 255}}[kind]
	for y := range side {
		for x := range side {
			t := float64(y) / side
			if kind == 1 {
				t += 0.08 * math.Sin(float64(x)/40+float64(y)/160)
			} else {
				dx, dy := float64(x)-side/2.0, float64(y)-side*0.55
				if kind == 2 {
					dx, dy = float64(x%270)-135, float64(y%270)-135
				}
				d := math.Sqrt(dx*dx + dy*dy)
				if r := []float64{300, 0, 110}[kind]; d < r {
					t = 0.15 + 0.7*d/r
				} else if d < r+14 {
					t = 1
				}
			}
			t = min(max(t, 0), 1)
			mix := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t) }
			img.SetRGBA(x, y, color.RGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 255})
		}
	}
	return img
}
