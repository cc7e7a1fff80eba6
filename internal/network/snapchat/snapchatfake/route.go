package snapchatfake

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
	body map[string]any
	file []byte
}

// refusal is an error: by status, or under 200 in the envelope.
type refusal struct {
	status        int
	code, message string
}

func no(status int, code, message string) *refusal { return &refusal{status, code, message} }

type handler func(f *Fake, c *call) (doc map[string]any, refused *refusal)

// routes names each call, its class for faults, and whether it needs a token.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		open           bool
		do             handler
	}{
		{"POST /login/oauth2/access_token", "token", true, (*Fake).token},
		{"GET /v1/public_profiles/my_profile", "read", false, (*Fake).mine},
		{"GET /v1/public_profiles/{profile}", "read", false, (*Fake).one},
		{"GET /v1/organizations/{organisation}/public_profiles", "read", false, (*Fake).ofOrganisation},
		{"POST /v1/public_profiles/{profile}/media", "upload", false, (*Fake).createMedia},
		{"POST /us/v1/media/{media}/multipart-upload-v2", "upload", false, (*Fake).part},
		{"POST /v1/public_profiles/{profile}/{kind}", "create", false, (*Fake).create},
		{"GET /v1/public_profiles/{profile}/{kind}", "read", false, (*Fake).list},
		{"GET /v1/public_profiles/{profile}/{kind}/{id}", "read", false, (*Fake).read},
		{"DELETE /v1/public_profiles/{profile}/{kind}/{id}", "delete", false, (*Fake).remove},
		{"GET /v1/public_profiles/{profile}/{kind}/{id}/stats", "read", false, (*Fake).stats},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.open, r.do) })
	}
	mux.HandleFunc("GET /login/oauth2/authorize", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		send(w, 404, map[string]any{"request_status": "ERROR", "debug_message": "Not found"})
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
	f.mu.Lock()
	f.calls[class]++
	if f.check != nil {
		f.faulty = append(f.faulty, f.check(r, raw)...)
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		var doc map[string]any
		switch {
		case problem != nil:
		case open:
			if doc, problem = do(f, c); problem == nil {
				send(w, 200, doc)
				return
			}
			send(w, problem.status, map[string]any{"error": problem.code, "error_description": problem.message})
			return
		case f.o.Unlisted: // an empty body, as seen
			w.WriteHeader(http.StatusForbidden)
			return
		case !f.access[bearer]:
			problem = no(401, "E1001", "Unauthorized")
		default:
			doc, problem = do(f, c)
		}
		if problem != nil {
			send(w, problem.status, map[string]any{"request_status": "ERROR", "request_id": f.id(), "error_code": problem.code, "debug_message": problem.message, "display_message": problem.message})
			return
		}
		if doc["request_status"] == nil {
			doc["request_status"] = "SUCCESS"
		}
		doc["request_id"] = f.id()
		send(w, 200, doc)
	})
}

func send(w http.ResponseWriter, status int, doc any) {
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
			return no(400, "E1002", "The JSON is broken")
		}
	case kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return no(400, "E1002", "The form is broken")
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
				return no(400, "E1002", "The form is broken")
			}
			content, _ := io.ReadAll(part)
			if part.FileName() != "" {
				c.file = content
				continue
			}
			c.body[part.FormName()] = string(content)
		}
	default:
		return no(415, "E1002", "Unknown content type")
	}
	return nil
}

func (c *call) text(name string) string {
	s, _ := c.body[name].(string)
	return s
}
