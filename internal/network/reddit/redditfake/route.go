package redditfake

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
	fields []string // of a form with a file, in order
	file   []byte
}

// refusal is an error by status.
type refusal struct {
	status int
	reason string
}

func no(status int, reason string) *refusal { return &refusal{status, reason} }

type handler func(f *Fake, c *call) (doc any, refused *refusal)

// routes names each call, its class for faults, and whether it needs a token.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		open           bool
		do             handler
	}{
		{"POST /api/v1/access_token", "token", true, (*Fake).token},
		{"POST /api/v1/revoke_token", "write", true, (*Fake).revokeToken},
		{"GET /api/v1/me", "read", false, (*Fake).self},
		{"GET /subreddits/mine/subscriber", "read", false, (*Fake).joined},
		{"GET /api/v1/{community}/post_requirements", "read", false, (*Fake).requirements},
		{"GET /r/{community}/api/link_flair_v2", "read", false, (*Fake).flairs},
		{"POST /api/media/asset.json", "upload", false, (*Fake).lease},
		{"POST /storage", "upload", true, (*Fake).store},
		{"POST /api/submit", "create", false, (*Fake).submit},
		{"POST /api/submit_gallery_post.json", "create", false, (*Fake).submitGallery},
		{"POST /api/submit_poll_post.json", "create", false, (*Fake).submitPoll},
		{"POST /api/comment", "create", false, (*Fake).comment},
		{"POST /api/editusertext", "edit", false, (*Fake).edit},
		{"POST /api/del", "delete", false, (*Fake).remove},
		{"POST /api/{act}", "write", false, (*Fake).act},
		{"GET /api/info", "read", false, (*Fake).info},
		{"GET /user/{name}/{what}", "read", false, (*Fake).ownThings},
		{"GET /message/{what}", "read", false, (*Fake).messages},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.open, r.do) })
	}
	mux.HandleFunc("GET /api/v1/authorize", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		send(w, 404, map[string]any{"message": "Not Found", "error": 404})
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
	w.Header().Set("X-Ratelimit-Used", "1")
	w.Header().Set("X-Ratelimit-Reset", "600")
	storage := r.URL.Path == "/storage"
	if agent := r.Header.Get("User-Agent"); !storage && agent != Agent {
		f.complain(r.Method + " " + r.URL.Path + ": the client calls itself " + agent)
	}
	if r.Method == http.MethodGet && r.URL.Query().Get("raw_json") != "1" {
		f.complain(r.URL.Path + ": texts would come with entities in them")
	}
	f.mu.Lock()
	w.Header().Set("X-Ratelimit-Remaining", f.left)
	f.calls[class]++
	if f.check != nil && !storage {
		f.faulty = append(f.faulty, f.check(r, raw)...)
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		var doc any
		switch {
		case problem != nil:
		case !open && !f.access[bearer]:
			problem = no(401, "Unauthorized")
		default:
			doc, problem = do(f, c)
		}
		if problem != nil {
			send(w, problem.status, map[string]any{"message": problem.reason, "error": problem.status})
			return
		}
		if storage {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, "<PostResponse></PostResponse>")
			return
		}
		send(w, 200, doc)
	})
}

func send(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
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
			return no(400, "Bad Request")
		}
	case kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return no(400, "Bad Request")
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
				return no(400, "Bad Request")
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
		return no(415, "Unsupported Media Type")
	}
	return nil
}

func (c *call) text(name string) string {
	s, _ := c.body[name].(string)
	return s
}

// yes reads a boolean of a form or of JSON.
func (c *call) yes(name string) bool {
	b, _ := c.body[name].(bool)
	return b || c.text(name) == "true"
}
