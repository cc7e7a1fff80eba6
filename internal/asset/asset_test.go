package asset_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/blob"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

func owner(workspaceID string) workspace.Actor {
	return workspace.Actor{WorkspaceID: workspaceID, UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
}

func library(t *testing.T, database *db.DB) (*asset.Library, blob.Store) {
	t.Helper()
	blobs, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	for _, id := range []string{"ws_1", "ws_2"} { // what the audit log writes to
		if _, err := db.Exec(ctx, database, `insert into workspaces (id, name, zone, created_at) values ($1, 'Test', 'UTC', 0) on conflict (id) do nothing`, id); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(ctx, database, `insert into brands (workspace_id, id, name, zone, currency, created_at) values ($1, 'brand_1', 'Test', 'UTC', 'EUR', 0)
			on conflict (workspace_id, id) do nothing`, id); err != nil {
			t.Fatal(err)
		}
	}
	return asset.New(database, blobs), blobs
}

func add(t *testing.T, l *asset.Library, name string, raw []byte) asset.Asset {
	t.Helper()
	a, err := l.Add(ctx, owner("ws_1"), "brand_1", name, bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("add %s: %v", name, err)
	}
	return a
}

func sent(t *testing.T, l *asset.Library, m network.Media) []byte {
	t.Helper()
	f, err := l.Open(ctx, "ws_1", m)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// photo is a picture with noise, so that it does not compress away; its left upper corner is red.
func photo(w, h int) image.Image {
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	for y := range h / 4 {
		for x := range w / 4 {
			img.Set(x, y, color.RGBA{255, 0, 0, 255})
		}
	}
	return img
}

func jpegOf(t *testing.T, img image.Image, headers ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	raw := out.Bytes()
	return append(append(append([]byte{}, raw[:2]...), bytes.Join(headers, nil)...), raw[2:]...)
}

func segment(marker byte, body []byte) []byte {
	out := []byte{0xFF, marker, 0, 0}
	binary.BigEndian.PutUint16(out[2:], uint16(len(body)+2))
	return append(out, body...)
}

// exif says how the camera was held, and carries the words somebody may have hidden there.
func exif(orientation byte, words string) []byte {
	tiff := append([]byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"), orientation, 0, 0, 0, 0, 0, 0, 0)
	return segment(0xE1, append(append([]byte("Exif\x00\x00"), tiff...), words...))
}

func icc() []byte {
	p := make([]byte, 200)
	copy(p[16:], "RGB ")
	copy(p[36:], "acsp")
	copy(p[150:], "Display P3")
	return p
}

func TestS12APhotoIsTurnedUprightAndKeepsNothingButItsColours(t *testing.T) {
	l, _ := library(t, dbtest.SQLite(t))
	raw := jpegOf(t, photo(80, 40), exif(6, "GPS 52.52N 13.40E <script>alert(1)</script>"), segment(0xE2, append([]byte("ICC_PROFILE\x00\x01\x01"), icc()...)), segment(0xFE, []byte("taken by Ida")))
	a := add(t, l, "IMG_1.JPG", raw)
	if a.Kind != network.Image || a.MIME != "image/jpeg" || a.Width != 40 || a.Height != 80 {
		t.Fatalf("the asset is %s %s %d×%d", a.Kind, a.MIME, a.Width, a.Height)
	}
	got := sent(t, l, network.Media{SHA256: a.SHA256})
	for _, secret := range []string{"GPS", "script", "Ida", "Exif"} {
		if bytes.Contains(got, []byte(secret)) {
			t.Errorf("the file still says %q", secret)
		}
	}
	if !bytes.Contains(got, []byte("Display P3")) {
		t.Error("the colour profile is lost")
	}
	img, err := jpeg.Decode(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, _, _ := img.At(37, 3).RGBA(); r>>8 < 180 || g>>8 > 90 { // held turned by a quarter: left top becomes right top
		t.Errorf("the red corner is not at the right top: %v", img.At(37, 3))
	}
	_, f, err := l.Original(ctx, owner("ws_1"), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if kept, _ := io.ReadAll(f); !bytes.Equal(kept, raw) {
		t.Error("the original is not kept as it was")
	}
}

func TestS8S12AFileIsWhatItsBytesSay(t *testing.T) {
	l, _ := library(t, dbtest.SQLite(t))
	html := "<!doctype html><html><script>alert(1)</script></html>"
	polyglot := append(jpegOf(t, photo(30, 30), segment(0xFE, []byte(html))), html...)
	a := add(t, l, "evil.html", polyglot)
	if got := sent(t, l, network.Media{SHA256: a.SHA256}); bytes.Contains(got, []byte("script")) || a.MIME != "image/jpeg" {
		t.Error("a program inside a picture survives")
	}
	if !strings.HasSuffix(a.FileName(), ".jpg") || strings.Contains(a.FileName(), "evil") {
		t.Errorf("it is served as %s", a.FileName())
	}
	for name, raw := range map[string]string{
		"photo.jpg":  html,
		"photo.png":  `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"photo.webp": `  <svg onload=alert(1)>`,
		"a.gif":      "GIF89a/*<script>alert(1)</script>*/=1;",
		"b.jpg":      "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
		"c.jpg":      "%PDF-1.7",
		"d.mp4":      "MZ\x90\x00",
		"e.png":      "\x89PNG\r\n\x1a\n",
		"f.mp4":      "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42",
	} {
		_, err := l.Add(ctx, owner("ws_1"), "", name, strings.NewReader(raw))
		if !fault.Is(err, fault.Invalid) || fault.As(err).Field != "file" {
			t.Errorf("%s is answered with %v", name, err)
		}
	}
	_, err := l.Add(ctx, owner("ws_1"), "", "b.jpg", strings.NewReader("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	if e := fault.As(err); !strings.Contains(e.Message, "HEIC") || !strings.Contains(e.Message, ".jpg") || e.Hint == "" {
		t.Errorf("a HEIC named .jpg is answered with %q", e.Message)
	}
}

func TestS10SizesAreMeasuredBeforeAnythingIsDecoded(t *testing.T) {
	l, _ := library(t, dbtest.SQLite(t))
	flood := func(w, h uint32, depth byte) []byte {
		head := []byte("IHDR\x00\x00\x00\x00\x00\x00\x00\x00")
		binary.BigEndian.PutUint32(head[4:], w)
		binary.BigEndian.PutUint32(head[8:], h)
		head = append(head, depth, 2, 0, 0, 0)
		out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
	}
	for name, raw := range map[string][]byte{"flood": flood(50_000, 50_000, 8), "deep flood": flood(7000, 7000, 16), "negative": flood(1<<31-1, 1<<31-1, 8)} {
		if _, err := l.Add(ctx, owner("ws_1"), "", "x.png", bytes.NewReader(raw)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s is answered with %v", name, err)
		}
	}
	frame := &gif.GIF{Image: []*image.Paletted{image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.White, color.Black})}, Delay: []int{1}}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, frame); err != nil {
		t.Fatal(err)
	}
	one := out.Bytes()
	at := bytes.IndexByte(one, 0x2C) // repeat the frame without its graphic control extension
	body := one[at : len(one)-1]
	many := append(append([]byte{}, one[:len(one)-1]...), bytes.Repeat(body, 100_000)...)
	began := time.Now()
	if _, err := l.Add(ctx, owner("ws_1"), "", "x.gif", bytes.NewReader(append(many, 0x3B))); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "frames") {
		t.Errorf("100,001 frames are answered with %v", err)
	}
	atoms := append([]byte("\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"), bytes.Repeat([]byte("\x00\x00\x00\x08free"), 500_000)...)
	if _, err := l.Add(ctx, owner("ws_1"), "", "x.mp4", bytes.NewReader(atoms)); !fault.Is(err, fault.Invalid) {
		t.Errorf("endless atoms are answered with %v", err)
	}
	if spent := time.Since(began); spent > 10*time.Second {
		t.Errorf("refusing took %s", spent)
	}
}

func TestS13NamesAreForPeopleOnly(t *testing.T) {
	l, _ := library(t, dbtest.SQLite(t))
	for i, c := range []struct{ name, want string }{
		{"../../etc/passwd", "passwd"}, {`C:\Users\ida\cat.png`, "cat.png"}, {"a\r\nSet-Cookie: x=1.png", "aSet-Cookie: x=1.png"}, {"nul\x00byte.png", "nulbyte.png"},
		{"gnp.\u202eexe", "gnp.exe"}, {"\xff\xfe", "file"}, {"..", "file"}, {"", "file"}, {strings.Repeat("é", 4096), strings.Repeat("é", 120)}, {`"quotes".png`, `"quotes".png`},
	} {
		var out bytes.Buffer
		if err := png.Encode(&out, photo(3, 3+i)); err != nil {
			t.Fatal(err)
		}
		a := add(t, l, c.name, out.Bytes())
		if a.Name != c.want {
			t.Errorf("%q is kept as %q, not %q", c.name, a.Name, c.want)
		}
		if strings.Trim(a.FileName(), "abcdefghijklmnopqrstuvwxyz0123456789_.-") != "" {
			t.Errorf("%q is served as %q", c.name, a.FileName())
		}
	}
}

func TestTheSameBytesAreTheSameAsset(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		l, _ := library(t, database)
		raw := jpegOf(t, photo(20, 20))
		a := add(t, l, "a.jpg", raw)
		if again := add(t, l, "b.jpg", raw); again.ID != a.ID {
			t.Error("the same bytes became a second asset")
		}
		if err := l.Trash(ctx, owner("ws_1"), a.ID); err != nil {
			t.Fatal(err)
		}
		if again := add(t, l, "c.jpg", raw); again.ID != a.ID || !again.TrashedAt.IsZero() {
			t.Error("uploading it again does not take it out of the trash")
		}
		other, err := l.Add(ctx, owner("ws_2"), "", "a.jpg", bytes.NewReader(raw))
		if err != nil || other.ID == a.ID {
			t.Errorf("another workspace got the first one's asset (%v)", err)
		}
		if _, err := l.Get(ctx, owner("ws_2"), a.ID); !fault.Is(err, fault.NotFound) {
			t.Error("another workspace can read it")
		}
		if _, err := l.Open(ctx, "ws_3", network.Media{SHA256: a.SHA256}); err == nil {
			t.Error("another workspace can open it")
		}
		if _, err := l.Add(ctx, workspace.Actor{WorkspaceID: "ws_1", UserID: "u", Grants: []workspace.RoleGrant{{Role: workspace.Analyst}}}, "", "a.jpg", bytes.NewReader(raw)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an analyst uploads: %v", err)
		}
	})
}

func TestRenditionsFitAndAreNeverLarger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		l, _ := library(t, database)
		a := add(t, l, "a.jpg", jpegOf(t, photo(900, 600)))
		spec := network.Spec{ImageMIME: []string{"image/jpeg", "image/png"}}
		whole, err := l.For(ctx, database, "ws_1", asset.Use{AssetID: a.ID}, spec, network.Limits{ImageBytes: 100 << 20, ImagePixels: 1 << 40})
		if err != nil || whole.SHA256 != a.SHA256 || whole.ID != a.ID {
			t.Fatalf("a file that fits is not sent as it is: %+v %v", whole, err)
		}
		alt, x, y := "a bird", 0.5, -0.25
		for _, limits := range []network.Limits{{ImageBytes: 100_000}, {ImagePixels: 250_000}, {ImageBytes: 60_000, ImagePixels: 100_000}} {
			m, err := l.For(ctx, database, "ws_1", asset.Use{AssetID: a.ID, Alt: &alt, FocusX: &x, FocusY: &y}, spec, limits)
			if err != nil {
				t.Fatal(err)
			}
			raw := sent(t, l, m)
			c, err := jpeg.DecodeConfig(bytes.NewReader(raw))
			if err != nil || c.Width != m.Width || c.Height != m.Height || int64(len(raw)) != m.Bytes || m.MIME != "image/jpeg" {
				t.Errorf("the rendition is not what it says: %+v, %v", m, err)
			}
			if limits.ImageBytes > 0 && m.Bytes > limits.ImageBytes || limits.ImagePixels > 0 && int64(m.Width*m.Height) > limits.ImagePixels || m.Width > 900 {
				t.Errorf("%d×%d with %d bytes breaks %+v", m.Width, m.Height, m.Bytes, limits)
			}
			if ratio := float64(m.Width) / float64(m.Height); ratio < 1.48 || ratio > 1.52 {
				t.Errorf("the picture is distorted: %d×%d", m.Width, m.Height)
			}
			if m.Alt != alt || m.FocusX != x || m.FocusY != y {
				t.Errorf("alt text or focal point of the use is lost: %+v", m)
			}
			again, err := l.For(ctx, database, "ws_1", asset.Use{AssetID: a.ID}, spec, limits)
			if err != nil || again.SHA256 != m.SHA256 {
				t.Errorf("the rendition is not stable: %v", err)
			}
		}
		if _, err := l.For(ctx, database, "ws_1", asset.Use{AssetID: "asset_none"}, spec, network.Limits{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a missing asset is answered with %v", err)
		}
	})
}

func TestTransparencyBecomesWhiteWhereOnlyJPEGIsTaken(t *testing.T) {
	database := dbtest.SQLite(t)
	l, _ := library(t, database)
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, 10, 10))); err != nil {
		t.Fatal(err)
	}
	a := add(t, l, "clear.png", out.Bytes())
	m, err := l.For(ctx, database, "ws_1", asset.Use{AssetID: a.ID}, network.Spec{ImageMIME: []string{"image/jpeg"}}, network.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(sent(t, l, m)))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := img.At(5, 5).RGBA(); r>>8 < 250 || g>>8 < 250 || b>>8 < 250 {
		t.Errorf("it became %v", img.At(5, 5))
	}
}

func TestAnAnimationStaysOne(t *testing.T) {
	l, _ := library(t, dbtest.SQLite(t))
	g := &gif.GIF{}
	for i := range 3 {
		p := image.NewPaletted(image.Rect(0, 0, 20, 10), color.Palette{color.White, color.Black})
		p.SetColorIndex(i, 0, 1)
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 50)
	}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, g); err != nil {
		t.Fatal(err)
	}
	raw := out.Bytes()
	raw = append(append(append([]byte{}, raw[:len(raw)-1]...), "\x21\xfe\x0bby Ida Holm\x00"...), 0x3B)
	a := add(t, l, "a.gif", raw)
	if a.Kind != network.GIF || a.Duration != 1500*time.Millisecond || a.Width != 20 {
		t.Errorf("it became %+v", a)
	}
	if got := sent(t, l, network.Media{SHA256: a.SHA256}); bytes.Contains(got, []byte("Ida")) {
		t.Error("its comment survives")
	}
}

func TestB13PicturesBecomeADocumentThatShowsItsFirstPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		l, _ := library(t, database)
		first, second := add(t, l, "one.jpg", jpegOf(t, photo(300, 400))), add(t, l, "two.jpg", jpegOf(t, photo(400, 400)))
		made, err := l.Document(ctx, owner("ws_1"), "brand_1", []string{first.ID, second.ID})
		if err != nil {
			t.Fatal(err)
		}
		if made.Kind != network.Document || made.MIME != "application/pdf" || made.Pages != 2 || made.Name != "one.pdf" {
			t.Errorf("the document is %+v", made)
		}
		again, err := l.Document(ctx, owner("ws_1"), "brand_1", []string{first.ID, second.ID})
		if err != nil || again.ID != made.ID {
			t.Errorf("the same pictures again are %s, %v", again.ID, err)
		}
		shown, err := l.Show(ctx, owner("ws_1"), made.ID, asset.Thumb)
		if err != nil {
			t.Fatal(err)
		}
		defer shown.Close()
		img, err := jpeg.Decode(shown)
		if err != nil || img.Bounds().Dy() != 480 || img.Bounds().Dx() != 360 {
			t.Errorf("its first page is drawn %v, %v", img, err)
		}
		m, err := l.For(ctx, database, "ws_1", asset.Use{AssetID: made.ID}, network.Spec{}, network.Limits{})
		if err != nil || m.Pages != 2 || m.SHA256 != made.SHA256 {
			t.Errorf("a network gets %+v, %v", m, err)
		}
		if _, err := l.Document(ctx, owner("ws_1"), "brand_1", []string{made.ID}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a document of documents: %v", err)
		}
	})
}
