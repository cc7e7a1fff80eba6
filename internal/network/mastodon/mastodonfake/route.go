package mastodonfake

import (
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
	me   *person // nil without a good token
	body map[string]any
	file []byte
}

// refusal is an error as the API answers it.
type refusal struct {
	status int
	reason string
}

func no(status int, reason string) *refusal { return &refusal{status, reason} }

// answer is what a handler returns: a status (0 = 200), a document, and headers.
type answer struct {
	status int
	doc    any
	link   string
}

type handler func(f *Fake, c *call) (answer, *refusal)

// routes names each call, its class for faults, and whether it needs a token.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		open           bool
		do             handler
	}{
		{"GET /api/v2/instance", "read", true, (*Fake).instance2},
		{"GET /api/v1/instance", "read", true, (*Fake).instance1},
		{"GET /.well-known/nodeinfo", "read", true, (*Fake).nodeLinks},
		{"GET /nodeinfo/2.0", "read", true, (*Fake).nodeInfo},
		{"GET /.well-known/oauth-authorization-server", "read", true, (*Fake).oauthDescription},
		{"POST /api/v1/apps", "write", true, (*Fake).registerApp},
		{"POST /oauth/token", "token", true, (*Fake).token},
		{"POST /oauth/revoke", "write", true, (*Fake).revoke},
		{"GET /api/v1/accounts/verify_credentials", "read", false, (*Fake).self},
		{"GET /api/v1/accounts/search", "read", false, (*Fake).searchAccounts},
		{"GET /api/v1/accounts/{id}/statuses", "read", false, (*Fake).listStatuses},
		{"POST /api/v1/accounts/{id}/{act}", "write", false, (*Fake).actOnAccount},
		{"POST /api/v1/reports", "write", false, (*Fake).report},
		{"POST /api/v2/media", "upload", false, (*Fake).upload},
		{"GET /api/v1/media/{id}", "poll", false, (*Fake).media},
		{"POST /api/v1/statuses", "create", false, (*Fake).create},
		{"GET /api/v1/statuses", "read", false, (*Fake).several},
		{"GET /api/v1/statuses/{id}", "read", false, (*Fake).read},
		{"PUT /api/v1/statuses/{id}", "edit", false, (*Fake).edit},
		{"DELETE /api/v1/statuses/{id}", "delete", false, (*Fake).remove},
		{"GET /api/v1/statuses/{id}/{part}", "read", false, (*Fake).partOf},
		{"POST /api/v1/statuses/{id}/{act}", "write", false, (*Fake).actOnStatus},
		{"GET /api/v1/notifications", "read", false, (*Fake).notifications},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.open, r.do) })
	}
	mux.HandleFunc("GET /oauth/authorize", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		send(w, 404, map[string]string{"error": "Not Found"})
	})
	return mux
}

// serve reads a request, counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class string, open bool, do handler) {
	c := &call{Request: r}
	problem := c.read()
	w.Header().Set("Date", f.o.Now().UTC().Format(http.TimeFormat))
	f.mu.Lock()
	f.calls[class]++
	if f.spec != nil {
		f.faulty = append(f.faulty, f.spec.check(c, f.o.Software)...)
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			c.me = f.people[f.tokens[bearer]]
		}
		switch {
		case problem != nil:
			send(w, problem.status, map[string]string{"error": problem.reason})
			return
		case !open && c.me == nil:
			send(w, 401, map[string]string{"error": "The access token is invalid"})
			return
		}
		a, refused := do(f, c)
		if refused != nil {
			send(w, refused.status, map[string]string{"error": refused.reason})
			return
		}
		if a.link != "" {
			w.Header().Set("Link", a.link)
		}
		send(w, max(a.status, 200), a.doc)
	})
}

func send(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc)
}

func (f *Fake) complain(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, what)
}

// read takes the body apart: JSON, a form, or a multipart form with a file.
func (c *call) read() *refusal {
	raw, err := io.ReadAll(io.LimitReader(c.Body, 256<<20))
	if err != nil {
		return no(400, "the body could not be read")
	}
	c.body = map[string]any{}
	kind, params, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case len(raw) == 0:
	case kind == "application/json":
		if json.Unmarshal(raw, &c.body) != nil {
			return no(400, "the JSON is broken")
		}
	case kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return no(400, "the form is broken")
		}
		for k, v := range form {
			c.body[k] = v[0]
		}
	case kind == "multipart/form-data":
		return c.parts(raw, params["boundary"])
	default:
		return no(415, "unknown content type")
	}
	return nil
}

func (c *call) parts(raw []byte, boundary string) *refusal {
	reader := multipart.NewReader(strings.NewReader(string(raw)), boundary)
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return no(400, "the form is broken")
		}
		content, _ := io.ReadAll(part)
		if part.FileName() != "" {
			c.file, c.body[part.FormName()] = content, part.FileName()
			continue
		}
		c.body[part.FormName()] = string(content)
	}
}

func (c *call) text(name string) string {
	s, _ := c.body[name].(string)
	return s
}

func (c *call) list(name string) (out []string) {
	list, _ := c.body[name].([]any)
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
