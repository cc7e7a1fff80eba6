package ui

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(path, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	Assets().ServeHTTP(w, r)
	return w
}

func TestAssetIsServedForEverUnderItsHash(t *testing.T) {
	url := Asset("app.js")
	plain := get(url, "identity")
	if plain.Code != http.StatusOK || plain.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || plain.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Fatalf("%s: %d %v", url, plain.Code, plain.Header())
	}
	packed := get(url, "br;q=1.0, gzip;q=0.8")
	if packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("gzip was asked for and not given")
	}
	unpacked, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil || !bytes.Equal(text, plain.Body.Bytes()) {
		t.Errorf("compressed and plain script differ (%v)", err)
	}
	if get(url, "gzip;q=0").Header().Get("Content-Encoding") != "" {
		t.Error("gzip was refused and given")
	}
}

func TestUnknownAssetsAreNotFound(t *testing.T) {
	for _, path := range []string{"/assets/", "/assets/app.css", "/assets/app-000000000000.css", "/assets/../doc.go"} {
		if code := get(path, "").Code; code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, code)
		}
	}
}

func TestScriptAndFontsStayLight(t *testing.T) {
	if n := len(bundle.byHashed[strings.TrimPrefix(Asset("app.js"), assetPrefix)].gzipped); n > 40_000 {
		t.Errorf("the script is %d bytes compressed, its budget is 40,000", n)
	}
	fonts := 0
	for name, a := range bundle.byHashed {
		if strings.HasSuffix(name, ".woff2") {
			fonts += len(a.plain)
		}
	}
	if fonts == 0 || fonts > 60_000 {
		t.Errorf("the fonts are %d bytes, their budget is 60,000", fonts)
	}
	if get(Font(), "").Header().Get("Content-Type") != "font/woff2" {
		t.Error("the text face is not served as a font")
	}
}
