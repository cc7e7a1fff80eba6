package pinterestfake

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// call is one request, read whole.
type call struct {
	*http.Request
	body   map[string]any
	fields []string // of a form, in order
	file   []byte
}

// refusal is an error as the API answers it.
type refusal struct {
	status, code int
	message      string
}

func no(status, code int, message string) *refusal { return &refusal{status, code, message} }

type handler func(f *Fake, c *call) (status int, doc any, refused *refusal)

// routes names each call, its class for faults, and whether it needs a token.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		open           bool
		do             handler
	}{
		{"POST /v5/oauth/token", "token", true, (*Fake).token},
		{"GET /v5/user_account", "read", false, (*Fake).self},
		{"GET /v5/user_account/analytics", "read", false, (*Fake).accountNumbers},
		{"GET /v5/boards", "read", false, (*Fake).listBoards},
		{"GET /v5/boards/{id}/sections", "read", false, (*Fake).listSections},
		{"GET /v5/boards/{id}/pins", "read", false, (*Fake).boardPins},
		{"POST /v5/media", "upload", false, (*Fake).register},
		{"GET /v5/media/{id}", "poll", false, (*Fake).media},
		{"POST /v5/pins", "create", false, (*Fake).create},
		{"GET /v5/pins", "read", false, (*Fake).ownPins},
		{"GET /v5/pins/{id}", "read", false, (*Fake).read},
		{"PATCH /v5/pins/{id}", "edit", false, (*Fake).edit},
		{"DELETE /v5/pins/{id}", "delete", false, (*Fake).remove},
		{"POST /v5/pins/{id}/save", "create", false, (*Fake).save},
		{"GET /v5/pins/{id}/analytics", "read", false, (*Fake).pinNumbers},
		{"GET /v5/ad_accounts", "read", false, (*Fake).advertisers},
		{"GET /v5/ad_accounts/{id}/audience_insights", "read", false, (*Fake).public},
		{"POST /storage/{id}", "upload", true, (*Fake).store},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.open, r.do) })
	}
	mux.HandleFunc("GET /oauth/{$}", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		send(w, 404, map[string]any{"code": 404, "message": "Not found"})
	})
	return mux
}

// serve reads a request, counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class string, open bool, do handler) {
	c := &call{Request: r}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 256<<20))
	if err != nil {
		panic(http.ErrAbortHandler) // the caller gave up while sending
	}
	problem := c.read(raw)
	w.Header().Set("Date", f.o.Now().UTC().Format(http.TimeFormat))
	w.Header().Set("X-RateLimit-Limit", "100;w=60")
	w.Header().Set("X-RateLimit-Remaining", "99")
	w.Header().Set("X-RateLimit-Reset", "60")
	f.mu.Lock()
	f.calls[class]++
	if f.check != nil && strings.HasPrefix(r.URL.Path, "/v5/") {
		f.faulty = append(f.faulty, f.check(r, raw)...)
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		var status int
		var doc any
		switch {
		case problem != nil:
		case !open && !f.access[bearer]:
			problem = no(401, 2, "Authentication failed.")
		default:
			status, doc, problem = do(f, c)
		}
		if problem != nil {
			send(w, problem.status, map[string]any{"code": problem.code, "message": problem.message})
			return
		}
		send(w, status, doc)
	})
}

func send(w http.ResponseWriter, status int, doc any) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc)
}

func (f *Fake) complain(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, what)
}

// read takes the body apart: JSON, a form, or a multipart form with a file.
func (c *call) read(raw []byte) *refusal {
	c.body = map[string]any{}
	kind, params, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case len(raw) == 0:
	case kind == "application/json":
		if json.Unmarshal(raw, &c.body) != nil {
			return no(400, 1, "Invalid request body")
		}
	case kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return no(400, 1, "Invalid request body")
		}
		for k, v := range form {
			c.body[k] = v[0]
		}
	case kind == "multipart/form-data":
		reader := multipart.NewReader(bytes.NewReader(raw), params["boundary"])
		for {
			part, err := reader.NextPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return no(400, 1, "Invalid form")
			}
			content, _ := io.ReadAll(part)
			c.fields = append(c.fields, part.FormName())
			if part.FileName() != "" {
				c.file = content
				continue
			}
			c.body[part.FormName()] = string(content)
		}
	default:
		return no(415, 1, "Unsupported media type")
	}
	return nil
}

func (c *call) text(name string) string {
	s, _ := c.body[name].(string)
	return s
}
