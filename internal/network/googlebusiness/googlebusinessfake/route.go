package googlebusinessfake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// call is one request, read whole.
type call struct {
	*http.Request
	raw  []byte
	body map[string]any
	q    url.Values
}

// refusal is an error as the APIs answer it.
type refusal struct {
	status        int
	code, message string
	field         string // of the legacy API's validation
	reason        string // of an ErrorInfo
}

func no(status int, code, message string) *refusal {
	return &refusal{status: status, code: code, message: message}
}

func invalid(field, message string) *refusal {
	return &refusal{status: 400, code: "INVALID_ARGUMENT", message: message, field: field}
}

type handler func(f *Fake, c *call) (any, *refusal)

// routes names each call and its class for faults.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	const at = " /v4/accounts/{account}/locations/{location}"
	for _, r := range []struct {
		pattern, class string
		do             handler
	}{
		{"GET /v1/accounts", "read", (*Fake).listAccounts},
		{"GET /v1/accounts/{account}/locations", "read", (*Fake).listLocations},
		{"GET /v1/locations/{location}", "read", (*Fake).location},
		{"GET /v1/locations/{location}/searchkeywords/impressions/monthly", "read", (*Fake).searched},
		{"POST" + at + "/localPosts", "create", (*Fake).addPost},
		{"GET" + at + "/localPosts", "read", (*Fake).list},
		{"GET" + at + "/localPosts/{id}", "read", (*Fake).get},
		{"PATCH" + at + "/localPosts/{id}", "edit", (*Fake).patch},
		{"DELETE" + at + "/localPosts/{id}", "delete", (*Fake).remove},
		{"POST" + at + "/media", "create", (*Fake).addPhoto},
		{"GET" + at + "/media", "read", (*Fake).list},
		{"GET" + at + "/media/{id}", "read", (*Fake).get},
		{"DELETE" + at + "/media/{id}", "delete", (*Fake).remove},
		{"GET" + at + "/reviews", "read", (*Fake).listReviews},
		{"GET" + at + "/reviews/{id}", "read", (*Fake).readReview},
		{"PUT" + at + "/reviews/{id}/reply", "create", (*Fake).reply},
		{"DELETE" + at + "/reviews/{id}/reply", "delete", (*Fake).remove},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.do) })
	}
	mux.HandleFunc("GET /o/oauth2/v2/auth", f.authorize)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { f.open(w, r, "token", f.token) })
	mux.HandleFunc("POST /revoke", func(w http.ResponseWriter, r *http.Request) { f.open(w, r, "token", f.giveBack) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		refuse(w, *no(404, "NOT_FOUND", "Not Found"))
	})
	return mux
}

func (f *Fake) complain(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, what)
}

// serve reads a request, judges and counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class string, do handler) {
	c := &call{Request: r, q: r.URL.Query(), body: map[string]any{}}
	var err error
	if c.raw, err = io.ReadAll(io.LimitReader(r.Body, 1<<20)); err != nil {
		return
	}
	if len(c.raw) > 0 && (r.Header.Get("Content-Type") != "application/json" || json.Unmarshal(c.raw, &c.body) != nil) {
		f.complain(r.URL.Path + ": the body is not JSON")
	}
	w.Header().Set("Date", f.o.Now().UTC().Format(http.TimeFormat))
	f.mu.Lock()
	f.calls[class]++
	f.judge(c)
	var planned *refusal
	if list := f.refusals[class]; len(list) > 0 {
		planned, f.refusals[class] = &list[0], list[1:]
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		refused := planned
		switch {
		case !f.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]:
			refused = no(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
		case f.o.Unapproved:
			refused = &refusal{status: 429, code: "RESOURCE_EXHAUSTED", message: "Quota exceeded.", reason: "RATE_LIMIT_EXCEEDED"}
		}
		var doc any
		if refused == nil {
			doc, refused = do(f, c)
		}
		if refused != nil {
			refuse(w, *refused)
			return
		}
		send(w, 200, doc)
	})
}

// judge lets the published descriptions look at a request, and what is documented of the legacy API, which has none; the
// caller holds the lock.
func (f *Fake) judge(c *call) {
	if strings.HasPrefix(c.URL.Path, "/v4/") {
		f.faulty = append(f.faulty, documented(c)...)
		return
	}
	var least []string
	for i, d := range f.specs {
		if wrong := d.Check(c.Request, c.raw); i == 0 || len(wrong) == 0 || strings.Contains(strings.Join(least, ""), "no such call") {
			if least = wrong; len(wrong) == 0 {
				return
			}
		}
	}
	f.faulty = append(f.faulty, least...)
}

func refuse(w http.ResponseWriter, r refusal) {
	var details []any
	if r.field != "" {
		details = append(details, map[string]any{"@type": "type.googleapis.com/google.mybusiness.v4.ValidationError", "errorDetails": []any{map[string]any{"code": 3, "field": r.field, "message": r.message}}})
	}
	if r.reason != "" {
		info := map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": r.reason, "domain": "googleapis.com"}
		if r.reason == "RATE_LIMIT_EXCEEDED" {
			info["metadata"] = map[string]any{"quota_limit_value": "0", "quota_unit": "1/min/{project}"}
		}
		details = append(details, info)
	}
	send(w, r.status, map[string]any{"error": map[string]any{"code": r.status, "message": r.message, "status": r.code, "details": details}})
}

func send(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc)
}

// paged cuts a list into pages; the token is where the next begins.
func paged[T any](q url.Values, all []T) (list []T, next string) {
	limit, _ := strconv.Atoi(q.Get("pageSize"))
	if limit <= 0 {
		limit = 20
	}
	from, _ := strconv.Atoi(q.Get("pageToken"))
	from = min(from, len(all))
	if to := from + limit; to < len(all) {
		return all[from:to], strconv.Itoa(to)
	}
	return all[from:], ""
}

func str(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func part(m map[string]any, key string) map[string]any {
	p, _ := m[key].(map[string]any)
	return p
}
