package tiktokfake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// call is one request, read whole.
type call struct {
	*http.Request
	raw  []byte
	body map[string]any
	form url.Values
}

// refusal is an error as the API answers it.
type refusal struct {
	status int
	code   string
}

func no(code string) *refusal { return &refusal{400, code} }

type handler func(f *Fake, c *call) (any, *refusal)

// routes names each call, its class for faults, and how it is authorised.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		do             handler
	}{
		{"GET /v2/user/info/", "read", (*Fake).user},
		{"POST /v2/post/publish/creator_info/query/", "read", (*Fake).creator},
		{"POST /v2/post/publish/video/init/", "announce", (*Fake).announceVideo},
		{"POST /v2/post/publish/inbox/video/init/", "announce", (*Fake).announceDraft},
		{"POST /v2/post/publish/content/init/", "create", (*Fake).photos},
		{"POST /v2/post/publish/status/fetch/", "read", (*Fake).status},
		{"POST /v2/video/list/", "read", (*Fake).list},
		{"POST /v2/video/query/", "read", (*Fake).query},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.do) })
	}
	mux.HandleFunc("POST /v2/oauth/token/", func(w http.ResponseWriter, r *http.Request) { f.flat(w, r, "token", (*Fake).token) })
	mux.HandleFunc("POST /v2/oauth/revoke/", func(w http.ResponseWriter, r *http.Request) { f.flat(w, r, "write", (*Fake).revoke) })
	mux.HandleFunc("PUT /upload/{id}", f.upload)
	mux.HandleFunc("GET /v2/auth/authorize/", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.complain("%s %s: there is no such call", r.Method, r.URL.Path)
		send(w, 404, map[string]any{"error": map[string]string{"code": "invalid_path"}})
	})
	return mux
}

func read(r *http.Request) *call {
	c := &call{Request: r, body: map[string]any{}}
	c.raw, _ = io.ReadAll(io.LimitReader(r.Body, 256<<20)) // what is missing is noticed by its content
	return c
}

// serve reads a request of the API proper, counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class string, do handler) {
	c := read(r)
	f.mu.Lock()
	f.calls[class]++
	if r.Method == http.MethodPost && (r.Header.Get("Content-Type") != "application/json; charset=UTF-8" || json.Unmarshal(c.raw, &c.body) != nil) {
		f.complain("%s %s: the body is not the JSON it must be", r.Method, r.URL.Path)
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		var doc any
		refused := &refusal{401, "access_token_invalid"}
		if end, ok := f.tokens[bearer]; ok && f.o.Now().Before(end) {
			doc, refused = do(f, c)
		}
		if refused != nil {
			send(w, refused.status, map[string]any{"data": map[string]any{}, "error": map[string]any{"code": refused.code, "message": "It is refused: " + refused.code, "log_id": "2026"}})
			return
		}
		send(w, 200, map[string]any{"data": doc, "error": map[string]any{"code": "ok", "message": "", "log_id": "2026"}})
	})
}

// flat reads a request of the sign-in, whose errors have another shape.
func (f *Fake) flat(w http.ResponseWriter, r *http.Request, class string, do handler) {
	c := read(r)
	c.form, _ = url.ParseQuery(string(c.raw)) // what is no form has no values
	f.mu.Lock()
	f.calls[class]++
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		doc, refused := do(f, c)
		if refused != nil {
			send(w, refused.status, map[string]any{"error": refused.code, "error_description": "It is refused: " + refused.code, "log_id": "2026"})
			return
		}
		send(w, 200, doc)
	})
}

func send(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc)
}

func (c *call) object(name string) map[string]any {
	m, _ := c.body[name].(map[string]any)
	return m
}
