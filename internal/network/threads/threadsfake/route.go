package threadsfake

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
)

// call is one request, read whole.
type call struct {
	*http.Request
	me     string // the username of a good token
	token  string
	params url.Values // of the query and the form
}

// refusal is an error as the API answers it.
type refusal struct {
	status, code, subcode int
	reason                string
}

func no(code int, reason string) *refusal { return &refusal{400, code, 0, reason} }

func absent() *refusal {
	return &refusal{400, 100, 33, "Unsupported get request. Object does not exist, cannot be loaded due to missing permissions"}
}

type handler func(f *Fake, c *call) (any, *refusal)

// routes names each call, its class for faults, and whether it needs a token.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		open           bool
		do             handler
	}{
		{"POST /oauth/access_token", "token", true, (*Fake).exchangeCode},
		{"GET /access_token", "token", true, (*Fake).exchangeToken},
		{"GET /refresh_access_token", "token", true, (*Fake).refresh},
		{"GET /v1.0/me", "read", false, (*Fake).self},
		{"POST /v1.0/me/threads", "upload", false, (*Fake).contain},
		{"POST /v1.0/me/threads_publish", "create", false, (*Fake).publish},
		{"GET /v1.0/me/threads", "read", false, (*Fake).threads},
		{"GET /v1.0/me/replies", "read", false, (*Fake).replies},
		{"GET /v1.0/me/mentions", "read", false, (*Fake).mentions},
		{"GET /v1.0/me/threads_publishing_limit", "read", false, (*Fake).limit},
		{"GET /v1.0/me/threads_insights", "read", false, (*Fake).profileInsights},
		{"GET /v1.0/{id}", "read", false, (*Fake).object},
		{"DELETE /v1.0/{id}", "delete", false, (*Fake).remove},
		{"GET /v1.0/{id}/{edge}", "read", false, (*Fake).edge},
		{"POST /v1.0/{id}/{edge}", "write", false, (*Fake).act},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.open, r.do) })
	}
	mux.HandleFunc("GET /oauth/authorize", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.complain("%s %s: there is no such call", r.Method, r.URL.Path)
		refuse(w, &refusal{404, 100, 0, "Unknown path components"})
	})
	return mux
}

// serve reads a request, counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class string, open bool, do handler) {
	c := &call{Request: r, params: r.URL.Query()}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	f.mu.Lock()
	if len(raw) > 0 {
		form, formErr := url.ParseQuery(string(raw))
		if kind != "application/x-www-form-urlencoded" || err != nil || formErr != nil {
			f.complain("%s %s: the body is not a form", r.Method, r.URL.Path)
		}
		for k, v := range form {
			c.params[k] = v
		}
	}
	c.token = c.params.Get("access_token")
	f.calls[class]++
	q := Request{Method: r.Method, Path: r.URL.Path}
	for k := range c.params {
		if k != "access_token" {
			q.Params = append(q.Params, k)
		}
	}
	slices.Sort(q.Params)
	f.requests = append(f.requests, q)
	f.mu.Unlock()
	w.Header().Set("Date", f.o.Now().UTC().Format(http.TimeFormat))
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if g, ok := f.tokens[c.token]; ok && !open {
			c.me = g.username
		}
		if !open && c.me == "" {
			refuse(w, &refusal{400, 190, 0, "Error validating access token: The session has been invalidated"})
			return
		}
		doc, refused := do(f, c)
		if refused != nil {
			refuse(w, refused)
			return
		}
		send(w, 200, doc)
	})
}

func refuse(w http.ResponseWriter, r *refusal) {
	send(w, r.status, map[string]any{"error": map[string]any{"message": r.reason, "type": "THApiException", "code": r.code, "error_subcode": r.subcode, "fbtrace_id": "A0"}})
}

func send(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc)
}
