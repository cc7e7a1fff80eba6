package pdf_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/asset/pdf"
	"github.com/bellwether-social/bellwether/internal/fault"
)

func picture(t *testing.T, w, h int, c color.Color) pdf.Picture {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return pdf.Picture{JPEG: out.Bytes(), Width: w, Height: h}
}

func TestB13PicturesBecomeADocumentThatIsReadBack(t *testing.T) {
	var made bytes.Buffer
	if err := pdf.Make(&made, []pdf.Picture{picture(t, 400, 500, color.RGBA{R: 200, A: 255}), picture(t, 500, 500, color.RGBA{G: 200, A: 255})}); err != nil {
		t.Fatal(err)
	}
	seen, err := pdf.Look(context.Background(), bytes.NewReader(made.Bytes()), int64(made.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if seen.Pages != 2 || seen.Width != 674 || seen.Height != 842 {
		t.Errorf("%d pages, the first of %d × %d points", seen.Pages, seen.Width, seen.Height)
	}
	b := seen.First.Bounds()
	if b.Dy() != 1600 || b.Dx() < 1270 || b.Dx() > 1290 {
		t.Errorf("the first page is drawn %v", b)
	}
	if r, g, _, _ := seen.First.At(b.Dx()/2, b.Dy()/2).RGBA(); r < 0xb000 || g > 0x2000 {
		t.Errorf("the middle of the first page is %v", seen.First.At(b.Dx()/2, b.Dy()/2))
	}
}

func TestWhatIsNoDocumentIsRefused(t *testing.T) {
	var made bytes.Buffer
	if err := pdf.Make(&made, []pdf.Picture{picture(t, 40, 40, color.White)}); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{
		"words":       "%PDF-1.7\n" + strings.Repeat("nothing ", 200),
		"no pages":    "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 0 /Kids [] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF",
		"a long line": strings.ReplaceAll(made.String(), "/MediaBox [0 0 842.00 842.00]", "/MediaBox [0 0 842000 2.00000]"),
		"locked":      locked,
	} {
		_, err := pdf.Look(context.Background(), strings.NewReader(raw), int64(len(raw)))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if got := fault.As(err).Code == "file_locked"; got != (name == "locked") {
			t.Errorf("%s is refused as %s", name, fault.As(err).Code)
		}
	}
}

// locked is a document that wants a password (V 1, R 2, 40 bits) nobody here knows.
var locked = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >>\nendobj\n" +
	"4 0 obj\n<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + strings.Repeat("ab", 32) + "> /U <" + strings.Repeat("cd", 32) + "> >>\nendobj\n" +
	"trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] >>\n%%EOF\n"
