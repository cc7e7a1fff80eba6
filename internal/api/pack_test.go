package api

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestG13AnswersArePackedForWhoTakesGzip(t *testing.T) {
	long := strings.Repeat(`{"id":"targ_1"}`, 1000)
	h := packer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, long[:len(long)/len(r.URL.Query().Get("by"))])
	}))
	ask := func(path, encoding string) *httptest.ResponseRecorder {
		r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
		r.Header.Set("Accept-Encoding", encoding)
		h.ServeHTTP(w, r)
		return w
	}
	w := ask("/?by=1", "gzip")
	if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > len(long)/10 || !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Encoding") {
		t.Errorf("%d bytes, %v", w.Body.Len(), w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != long {
		t.Errorf("unpacked it is %d bytes, %v", len(got), err)
	}
	for path, encoding := range map[string]string{"/?by=1": "identity", "/?by=" + strings.Repeat("x", 50): "gzip"} {
		if w := ask(path, encoding); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s to %s is %s", path, encoding, w.Header().Get("Content-Encoding"))
		}
	}
}
