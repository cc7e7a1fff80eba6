package asset

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"io"
	"strings"

	"github.com/bellwether-social/bellwether/internal/asset/pdf"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// reading keeps more than one document from being read at once: each takes as much memory as a few pictures.
var reading = make(chan struct{}, 1)

// document counts the pages of a PDF and draws the first for our screens. The file goes out as it is: what a program wrote
// into it about its author stays.
func document(ctx context.Context, f *spooled) (inspected, error) {
	if f.size > largestPages {
		return inspected{}, fault.Invalidf("file", "the document has %d MB, the limit is %d MB", f.size>>20, largestPages>>20).WithCode("file_too_large")
	}
	reading <- struct{}{}
	defer func() { <-reading }()
	seen, err := pdf.Look(ctx, f.File, f.size)
	if err != nil {
		return inspected{}, err
	}
	out := inspected{kind: network.Document, mime: "application/pdf", width: seen.Width, height: seen.Height, pages: seen.Pages, faces: map[string]face{}}
	for profile, most := range profiles {
		jpeg, size, err := within(seen.First, most, false, nil)
		if err != nil {
			return out, err
		}
		out.faces[profile] = face{jpeg, size}
	}
	return out, nil
}

// face is a picture of a document for our screens.
type face struct {
	jpeg []byte
	size image.Point
}

// mostCards is how many pictures one document is made of, far above what anybody reads through.
const mostCards = 100

// Document makes a PDF of pictures, a page each, in their order, for networks that show documents to page through (B13).
// The same pictures again are the same document.
func (l *Library) Document(ctx context.Context, actor workspace.Actor, brandID string, assetIDs []string) (Asset, error) {
	if len(assetIDs) == 0 || len(assetIDs) > mostCards {
		return Asset{}, fault.Invalidf("media", "a document is made of 1 to %d pictures, not of %d", mostCards, len(assetIDs))
	}
	var cards []pdf.Picture
	name := ""
	for _, assetID := range assetIDs {
		a, err := l.Get(ctx, actor, assetID)
		if err != nil {
			return Asset{}, err
		}
		if a.Kind != network.Image {
			return Asset{}, fault.Invalidf("media", "%s is no picture", a.Name).WithHint("Only pictures become the pages of a document.")
		}
		if name == "" {
			name, _, _ = strings.Cut(a.Name, ".")
		}
		card, err := l.card(ctx, a)
		if err != nil {
			return Asset{}, err
		}
		cards = append(cards, card)
	}
	var made bytes.Buffer
	if err := pdf.Make(&made, cards); err != nil {
		return Asset{}, err
	}
	return l.Add(ctx, actor, brandID, name+".pdf", &made)
}

// cardSide is how many pixels the longer side of a page's picture has at most.
const cardSide = 2160

func (l *Library) card(ctx context.Context, a Asset) (pdf.Picture, error) {
	file, err := l.file(ctx, a.BlobKey)
	if err != nil {
		return pdf.Picture{}, err
	}
	raw, err := io.ReadAll(file)
	_ = file.Close()
	if err != nil {
		return pdf.Picture{}, err
	}
	card := pdf.Picture{JPEG: raw, Width: a.Width, Height: a.Height, Profile: profileOf(raw)}
	if a.MIME != "image/jpeg" || max(a.Width, a.Height) > cardSide {
		var size image.Point
		if card.JPEG, size, err = redraw(raw, func(img image.Image, icc []byte) ([]byte, image.Point, error) {
			return within(img, cardSide, false, icc)
		}); err != nil {
			return card, err
		}
		card.Width, card.Height = size.X, size.Y
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(card.JPEG))
	card.Grey = c.ColorModel == color.GrayModel
	return card, err
}
