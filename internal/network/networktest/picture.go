package networktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/png"
	"io"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Picture is a small real PNG with a description.
func Picture(alt string) network.Media {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for x := range 64 {
		for y := range 48 {
			img.Set(x, y, color.RGBA{R: 200, G: uint8(x * 3), B: uint8(y * 4), A: 255})
		}
	}
	var raw bytes.Buffer
	_ = png.Encode(&raw, img) // into memory: cannot fail
	sum := sha256.Sum256(raw.Bytes())
	return network.Media{ID: "rend_1", Kind: network.Image, MIME: "image/png", Bytes: int64(raw.Len()), Width: 64, Height: 48, SHA256: hex.EncodeToString(sum[:]), Alt: alt,
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw.Bytes())), nil }}
}
