package app

import (
	"bytes"
	"compress/gzip"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/api"
	"github.com/bellwether-social/bellwether/internal/web/gatetest"
)

// bombs are bodies that cost more to read than to send.
func bombs(t *testing.T) map[string][]byte {
	t.Helper()
	var keys, packed bytes.Buffer
	keys.WriteString(`{"brand_id":"x","base":{"parts":[]},"tags":[],"variants":{`)
	for n := range 200_000 { // as many as fit beneath the limit
		keys.WriteString(`"k` + string(rune('a'+n%26)) + strings.Repeat("b", n%7) + `":{},`)
	}
	keys.WriteString(`"z":{}}}`)
	pack := gzip.NewWriter(&packed)
	for range 64 {
		_, _ = pack.Write(make([]byte, 1<<20))
	}
	if err := pack.Close(); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"nested lists":  []byte(`{"base":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + "}"),
		"nested things": []byte(strings.Repeat(`{"base":`, 100_000) + "1" + strings.Repeat("}", 100_000)),
		"many keys":     keys.Bytes(),
		"long number":   []byte(`{"brand_id":"x","amount_minor":` + strings.Repeat("9", 10_000) + `,"base":{"parts":[]}}`),
		"huge exponent": []byte(`{"version":1e999999999,"base":{"parts":[]}}`),
		"endless text":  []byte(`{"title":"` + strings.Repeat("x", 5<<20)),
		"packed":        packed.Bytes(),
		"odd bytes":     []byte("{\"brand_id\":\"\xff\xfe\",\"base\":\x00}"),
		"no body":       nil,
		"null":          []byte("null"),
		"twice":         []byte(`{"brand_id":"a"}{"brand_id":"b"}`),
	}
}

func TestS29NoBodyCostsMoreThanItsSize(t *testing.T) {
	a, people, _ := town(t)
	server, bodies := callers(a, people), bombs(t)
	for _, op := range a.API.Operations() {
		if op.Method == http.MethodGet || op.Method == http.MethodDelete {
			continue
		}
		for name, raw := range bodies {
			r := httptest.NewRequest(op.Method, strings.NewReplacer("{", "", "}", "").Replace(op.Path)+"?version=1", bytes.NewReader(raw))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer owner")
			if name == "packed" {
				r.Header.Set("Content-Encoding", "gzip")
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began, w := time.Now(), httptest.NewRecorder()
			server.ServeHTTP(w, r)
			runtime.ReadMemStats(&after)
			if w.Code >= 500 {
				t.Errorf("%s %s with %s is answered with %d: %.300s", op.Method, op.Path, name, w.Code, w.Body)
			}
			if used := int64(after.TotalAlloc-before.TotalAlloc) >> 20; used > 300 {
				t.Errorf("%s %s with %s takes %d MB", op.Method, op.Path, name, used)
			}
			if took := time.Since(began); took > 20*time.Second { // a bound against blow-ups, not a measure of speed
				t.Errorf("%s %s with %s takes %s", op.Method, op.Path, name, took)
			}
		}
	}
}

func TestS29FormsOfManyPartsAreRefused(t *testing.T) {
	a, people, builder := town(t)
	server, owner := builder(a.routes()), people.Person("owner")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for range 20_000 {
		if err := form.WriteField("a", ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range a.routes() {
		if r.Method != http.MethodPost {
			continue
		}
		plain := owner.Request(people.House, http.MethodPost, fillIn(r.Pattern, "x"), nil)
		for kind, raw := range map[string][]byte{form.FormDataContentType(): body.Bytes(), "multipart/form-data": []byte("--"), "multipart/form-data; boundary=x": []byte("--x\r\n"), "application/x-www-form-urlencoded": []byte(strings.Repeat("a=1&", 400_000))} {
			sent := httptest.NewRequest(http.MethodPost, plain.URL.String(), bytes.NewReader(raw))
			sent.Header = plain.Header.Clone()
			sent.Header.Set("Content-Type", kind)
			w := httptest.NewRecorder()
			if server.ServeHTTP(w, sent); w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
				t.Errorf("POST %s as %.30s is answered with %d", r.Pattern, kind, w.Code)
			}
		}
	}
}

// TestS8UploadedFilesRunNothingWhenOpened uploads pages dressed as pictures, and opens a picture by its address.
func TestS8UploadedFilesRunNothingWhenOpened(t *testing.T) {
	a, people, builder := town(t)
	server, owner := builder(a.routes()), people.Person("owner")
	for name, raw := range map[string]string{
		"page.png":    "<!doctype html><script>alert(1)</script>",
		"drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"drawing.jpg": `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
		"start.gif":   "GIF89a/*<script>*/=1;alert(1)//",
	} {
		if _, err := a.Library.Add(t.Context(), owner.Actor, "", name, strings.NewReader(raw)); err == nil {
			t.Errorf("%s is taken in", name)
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, 40, 40))
	img.Set(3, 3, color.White)
	var raw bytes.Buffer
	if err := png.Encode(&raw, img); err != nil {
		t.Fatal(err)
	}
	raw.WriteString("<script>alert(1)</script>") // a polyglot (S12)
	kept, err := a.Library.Add(t.Context(), owner.Actor, "", "x.html\r\nSet-Cookie: a=b", bytes.NewReader(raw.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for path, disposition := range map[string]string{"/media/" + kept.ID + "/file": "inline", "/media/" + kept.ID + "/thumb": "inline", "/library/" + kept.ID + "/original": "attachment"} {
		w := owner.Ask(server, people.House, http.MethodGet, path, nil)
		h := w.Header()
		if w.Code != http.StatusOK || h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox; default-src 'none'") ||
			!strings.HasPrefix(h.Get("Content-Disposition"), disposition+`; filename="`+kept.ID) || h.Get("Set-Cookie") != "" {
			t.Errorf("GET %s is answered with %d and %v", path, w.Code, h)
		}
		if kind := h.Get("Content-Type"); kind != "image/png" && kind != "image/jpeg" && kind != "application/octet-stream" {
			t.Errorf("GET %s is %s", path, kind)
		}
		if disposition == "inline" && strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("GET %s still holds what was hidden in the picture", path)
		}
	}
}

// TestS24NothingWeWriteIsReadAsAFormula: no screen and no operation answers with a table for a spreadsheet. One that
// will must neutralise its cells; this test is where to say so.
func TestS24NothingWeWriteIsReadAsAFormula(t *testing.T) {
	a, people, builder := town(t)
	spoil(t, a, people, `=cmd|' /C calc'!A0`)
	server, owner, calls := builder(a.routes()), people.Person("owner"), callers(a, people)
	check := func(path string, w *httptest.ResponseRecorder) {
		for _, kind := range []string{"csv", "spreadsheet", "excel", "tab-separated"} {
			if strings.Contains(w.Header().Get("Content-Type"), kind) {
				t.Errorf("GET %s answers with %s", path, w.Header().Get("Content-Type"))
			}
		}
	}
	for _, r := range a.routes() {
		if r.Method == http.MethodGet && r.Pattern != "/events" {
			check(r.Pattern, owner.Ask(server, people.House, http.MethodGet, fillIn(r.Pattern, people.IDs[0])+"?format=csv&as=csv", nil))
		}
	}
	for _, op := range a.API.Operations() {
		if op.Method == http.MethodGet {
			check(op.Path, call(calls, "owner", http.MethodGet, op.Path+"?format=csv", nil))
		}
	}
	if w := call(calls, "owner", http.MethodGet, api.Prefix+"/campaigns", nil); w.Code != http.StatusOK || strings.Contains(w.Body.String(), gatetest.Secret) {
		t.Errorf("the campaigns: %d", w.Code)
	}
}
