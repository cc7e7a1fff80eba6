package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
)

// Picture is one page: a JPEG with its size in pixels.
type Picture struct {
	JPEG          []byte
	Width, Height int
	Grey          bool
	Profile       []byte // ICC, for colours; nil = sRGB as every reader assumes
}

// longSide is the longer side of the first page, in points: about a sheet of A4.
const longSide = 842.0

// Make writes a document with a page for each picture, in order. All pages have the shape of the first picture, since
// readers page through them in one frame; a picture of another shape stands whole in the middle of its page.
func Make(to io.Writer, pictures []Picture) error {
	first := pictures[0]
	scale := longSide / float64(max(first.Width, first.Height))
	width, height := float64(first.Width)*scale, float64(first.Height)*scale
	w := &writer{}
	w.raw("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	// Object 1 is the catalogue, 2 the list of pages; each picture has four: page, contents, picture, profile.
	w.object(1, "<< /Type /Catalog /Pages 2 0 R >>")
	var kids bytes.Buffer
	for i := range pictures {
		fmt.Fprintf(&kids, "%d 0 R ", 3+4*i)
	}
	w.object(2, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [ %s] >>", len(pictures), kids.String()))
	for i, p := range pictures {
		page := 3 + 4*i
		fit := min(width/float64(p.Width), height/float64(p.Height))
		pw, ph := float64(p.Width)*fit, float64(p.Height)*fit
		w.object(page, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Resources << /XObject << /P %d 0 R >> >> /Contents %d 0 R >>", width, height, page+2, page+1))
		w.stream(page+1, "", []byte(fmt.Sprintf("q %.3f 0 0 %.3f %.3f %.3f cm /P Do Q", pw, ph, (width-pw)/2, (height-ph)/2)))
		colours := "/DeviceRGB"
		if p.Grey {
			colours = "/DeviceGray"
		} else if len(p.Profile) > 0 {
			colours = fmt.Sprintf("[/ICCBased %d 0 R]", page+3)
		}
		w.stream(page+2, fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace %s /Filter /DCTDecode ", p.Width, p.Height, colours), p.JPEG)
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		_, _ = z.Write(p.Profile) // into memory
		_ = z.Close()
		w.stream(page+3, "/N 3 /Alternate /DeviceRGB /Filter /FlateDecode ", packed.Bytes())
	}
	w.end()
	_, err := to.Write(w.out.Bytes())
	return err
}

// writer remembers where each object begins, for the table at the end.
type writer struct {
	out    bytes.Buffer
	begins []int
}

func (w *writer) raw(s string) { w.out.WriteString(s) }

func (w *writer) object(n int, body string) {
	w.begins = append(w.begins, w.out.Len())
	fmt.Fprintf(&w.out, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (w *writer) stream(n int, head string, body []byte) {
	w.begins = append(w.begins, w.out.Len())
	fmt.Fprintf(&w.out, "%d 0 obj\n<< %s/Length %d >>\nstream\n", n, head, len(body))
	w.out.Write(body)
	w.raw("\nendstream\nendobj\n")
}

func (w *writer) end() {
	at := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.begins)+1)
	for _, b := range w.begins {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", b)
	}
	fmt.Fprintf(&w.out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(w.begins)+1, at)
}
