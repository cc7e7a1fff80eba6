package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed dist
var dist embed.FS

// assetPrefix is where the web server mounts Assets.
const assetPrefix = "/assets/"

// asset is one file of dist, ready to be written.
type asset struct {
	name        string // as linked, with its content hash
	contentType string
	plain       []byte
	gzipped     []byte // nil where compression would not help (fonts)
}

// bundle holds every asset under its hashed name and the hashed name of each plain name.
var bundle = loadBundle(dist)

type assets struct {
	byHashed map[string]asset
	hashed   map[string]string
}

func loadBundle(from fs.FS) assets {
	all := assets{byHashed: map[string]asset{}, hashed: map[string]string{}}
	entries, err := fs.ReadDir(from, "dist")
	if err != nil {
		panic("ui: read embedded assets: " + err.Error())
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".gz") {
			continue
		}
		plain, err := fs.ReadFile(from, path.Join("dist", e.Name()))
		if err != nil {
			panic("ui: read embedded asset " + e.Name() + ": " + err.Error())
		}
		a := asset{name: hashedName(e.Name(), plain), contentType: contentType(e.Name()), plain: plain}
		a.gzipped, _ = fs.ReadFile(from, path.Join("dist", e.Name()+".gz"))
		all.byHashed[a.name] = a
		all.hashed[e.Name()] = a.name
	}
	return all
}

// hashedName puts a content hash before the extension. Fonts keep the hash the bundler gave
// them, because the style sheet refers to that name.
func hashedName(name string, content []byte) string {
	ext := path.Ext(name)
	if ext == ".woff2" {
		return name
	}
	sum := sha256.Sum256(content)
	return strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".woff2":
		return "font/woff2"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// Asset returns the URL of a bundled file by its plain name ("app.css"), with its content
// hash, so that it may be cached for ever. It panics on a name that is not bundled: that is
// a mistake in a template, found by the first test that renders it.
func Asset(name string) string {
	hashed, ok := bundle.hashed[name]
	if !ok {
		panic("ui: no asset " + strconv.Quote(name))
	}
	return assetPrefix + hashed
}

// Assets serves the bundled style sheet, script, fonts and marks below /assets/. Answers are
// immutable and pre-compressed; an unknown name is 404.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := bundle.byHashed[strings.TrimPrefix(r.URL.Path, assetPrefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.contentType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body := a.plain
		if a.gzipped != nil && acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = a.gzipped
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(body)))
	})
}

// acceptsGzip tells whether the request allows gzip; "gzip;q=0" refuses it.
func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(coding) == "gzip" {
			w := strings.ReplaceAll(weight, " ", "")
			return w != "q=0" && w != "q=0.0"
		}
	}
	return false
}

// Font returns the URL of the text face, to be fetched before the style sheet asks for it.
func Font() string {
	for name := range bundle.hashed {
		if strings.HasPrefix(name, "instrument-sans-latin-wght") {
			return assetPrefix + name
		}
	}
	panic("ui: text face is not bundled")
}
