package linkedinfake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// call is one request, read whole.
type call struct {
	*http.Request
	raw  []byte
	body map[string]any
	form url.Values
	urn  string // from the path
}

// refusal is an error as LinkedIn answers it.
type refusal struct {
	status       int
	code, reason string
}

func no(status int, code, reason string) *refusal { return &refusal{status, code, reason} }

// answer is what a handler returns: a status (0 = 200), a document, and what stands in headers.
type answer struct {
	status int
	doc    any
	id     string
	mark   string // of a part of a file
}

type handler func(f *Fake, c *call) (answer, *refusal)

// routes names each call, its class for faults, and how it is proved: by a token and all headers ("rest"), a token
// ("token"), or not at all ("").
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class, proof string
		do                    handler
	}{
		{"POST /oauth/v2/accessToken", "token", "", (*Fake).accessToken},
		{"POST /oauth/v2/revoke", "token", "", (*Fake).revokeToken},
		{"GET /v2/userinfo", "read", "token", (*Fake).userinfo},
		{"GET /v2/me", "read", "token", (*Fake).me},
		{"GET /rest/organizationAcls", "read", "rest", (*Fake).acls},
		{"GET /rest/organizations", "read", "rest", (*Fake).byVanity},
		{"GET /rest/organizations/{id}", "read", "rest", (*Fake).organization},
		{"GET /rest/networkSizes/{urn}", "read", "rest", (*Fake).size},
		{"GET /rest/organizationalEntityShareStatistics", "read", "rest", (*Fake).statistics},
		{"GET /rest/organizationalEntityFollowerStatistics", "read", "rest", (*Fake).followers},
		{"GET /rest/videoAnalytics", "read", "rest", (*Fake).videoStatistics},
		{"GET /v2/geo", "read", "token", (*Fake).names},
		{"GET /v2/industries", "read", "token", (*Fake).names},
		{"GET /rest/memberCreatorPostAnalytics", "read", "rest", (*Fake).memberStatistics},
		{"GET /rest/memberFollowersCount", "read", "rest", (*Fake).memberFollowers},
		{"GET /rest/organizationalEntityNotifications", "read", "rest", (*Fake).notifications},
		{"GET /rest/eventSubscriptions/{key}", "read", "rest", (*Fake).subscription},
		{"PUT /rest/eventSubscriptions/{key}", "write", "rest", (*Fake).subscribe},
		{"DELETE /rest/eventSubscriptions/{key}", "delete", "rest", (*Fake).unsubscribe},
		{"POST /rest/{resource}", "upload", "rest", (*Fake).action},
		{"PUT /upload/{id}/{part}", "part", "", (*Fake).put},
		{"GET /rest/images/{urn}", "poll", "rest", (*Fake).fileStatus},
		{"GET /rest/videos/{urn}", "poll", "rest", (*Fake).fileStatus},
		{"GET /rest/documents/{urn}", "poll", "rest", (*Fake).fileStatus},
		{"POST /rest/posts", "create", "rest", (*Fake).create},
		{"GET /rest/posts", "read", "rest", (*Fake).byAuthor},
		{"GET /rest/posts/{urn}", "read", "rest", (*Fake).read},
		{"POST /rest/posts/{urn}", "edit", "rest", (*Fake).edit},
		{"DELETE /rest/posts/{urn}", "delete", "rest", (*Fake).remove},
		{"POST /rest/socialActions/{urn}/comments", "create", "rest", (*Fake).reply},
		{"GET /rest/socialActions/{urn}/comments", "read", "rest", (*Fake).replies},
		{"GET /rest/socialActions/{urn}/comments/{id}", "read", "rest", (*Fake).oneReply},
		{"DELETE /rest/socialActions/{urn}/comments/{id}", "delete", "rest", (*Fake).removeReply},
		{"POST /rest/socialMetadata/{urn}", "write", "rest", (*Fake).closeComments},
		{"POST /rest/reactions", "write", "rest", (*Fake).like},
		{"DELETE /rest/reactions/{key}", "write", "rest", (*Fake).unlike},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.proof, r.do) })
	}
	mux.HandleFunc("GET /oauth/v2/authorization", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		refuse(w, no(404, "", "Resource not found"))
	})
	return mux
}

var aVersion = regexp.MustCompile(`^20[0-9]{4}$`)

// finders are the parameters a call may have.
var finders = []string{"q", "author", "sortBy", "start", "count", "viewContext", "role", "state", "vanityName", "edgeType", "organizationalEntity", "shares", "ugcPosts", "entity", "queryType",
	"aggregation", "actions", "timeRange", "action", "actor", "type", "timeIntervals.timeGranularityType", "timeIntervals.timeRange.start", "timeIntervals.timeRange.end"}

// serve reads a request, checks its form, counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class, proof string, do handler) {
	c := &call{Request: r, urn: r.PathValue("urn"), body: map[string]any{}, form: url.Values{}}
	c.raw, _ = io.ReadAll(io.LimitReader(r.Body, 64<<20))
	where := r.Method + " " + r.URL.Path
	switch {
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		if json.Unmarshal(c.raw, &c.body) != nil {
			f.complain(where + ": broken JSON")
		}
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		c.form, _ = url.ParseQuery(string(c.raw))
	}
	if f.o.Check != nil && proof == "rest" {
		for _, wrong := range f.o.Check(r, c.raw) {
			f.complain(wrong)
		}
	}
	if proof == "rest" {
		if !aVersion.MatchString(r.Header.Get("Linkedin-Version")) || r.Header.Get("X-Restli-Protocol-Version") != "2.0.0" {
			f.complain(where + ": the version headers are missing")
		}
		for name := range r.URL.Query() {
			if !slices.Contains(finders, name) {
				f.complain(where + ": no parameter " + name)
			}
		}
		if method := r.Header.Get("X-Restli-Method"); class == "edit" && method != "PARTIAL_UPDATE" {
			f.complain(where + ": an update needs its method's header, not " + method)
		}
		if strings.ContainsAny(r.URL.EscapedPath(), "()") && !strings.Contains(r.URL.Path, "/reactions/") && !strings.Contains(r.URL.Path, "/eventSubscriptions/") {
			f.complain(where + ": a URN's brackets are not encoded")
		}
	}
	w.Header().Set("Date", f.o.Now().UTC().Format(http.TimeFormat))
	f.mu.Lock()
	f.calls[class]++
	f.mu.Unlock()
	f.Faults.Play(&dressed{ResponseWriter: w}, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if _, whole := w.(*dressed); !whole {
			w.Header().Set(spoiled, "yes")
		}
		if bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); proof != "" && !f.tokens[bearer] {
			refuse(w, no(401, "INVALID_ACCESS_TOKEN", "Invalid access token"))
			return
		}
		a, refused := do(f, c)
		if refused != nil {
			refuse(w, refused)
			return
		}
		if a.id != "" {
			w.Header().Set("X-Restli-Id", a.id)
		}
		if a.mark != "" {
			w.Header().Set("Etag", a.mark)
		}
		w.Header().Set("X-Li-Uuid", "fake")
		if a.doc == nil {
			w.WriteHeader(max(a.status, 200))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(max(a.status, 200))
		_ = json.NewEncoder(w).Encode(a.doc)
	})
}

func refuse(w http.ResponseWriter, r *refusal) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": r.status, "serviceErrorCode": 100, "code": r.code, "message": r.reason})
}

const spoiled = "X-Spoiled"

// dressed writes the faults' refusals as LinkedIn does. What LinkedIn made stands in a header, so an answer that is
// spoiled has lost that too.
type dressed struct {
	http.ResponseWriter
	rewrite int
}

func (d *dressed) Unwrap() http.ResponseWriter { return d.ResponseWriter }

func (d *dressed) WriteHeader(status int) {
	h := d.Header()
	if h.Get(spoiled) != "" && h.Get("Content-Type") != "text/plain" {
		h.Del("X-Restli-Id")
	}
	h.Del(spoiled)
	if status >= 400 && h.Get("Content-Type") == "application/json; charset=utf-8" {
		d.rewrite = status
	}
	d.ResponseWriter.WriteHeader(status)
}

func (d *dressed) Write(b []byte) (int, error) {
	var plain struct {
		Error string `json:"error"`
	}
	if d.rewrite == 0 || json.Unmarshal(b, &plain) != nil {
		return d.ResponseWriter.Write(b)
	}
	raw, _ := json.Marshal(map[string]any{"status": d.rewrite, "serviceErrorCode": 100, "message": plain.Error})
	_, err := d.ResponseWriter.Write(raw)
	return len(b), err
}

func (f *Fake) complain(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, what)
}

func text(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

func object(m map[string]any, name string) map[string]any {
	o, _ := m[name].(map[string]any)
	return o
}

// slice cuts the page out of a list that was asked for.
func slice[T any](c *call, all []T) []T {
	q := c.URL.Query()
	start, _ := strconv.Atoi(q.Get("start"))
	count, err := strconv.Atoi(q.Get("count"))
	if err != nil {
		count = 10
	}
	all = all[min(start, len(all)):]
	return all[:min(count, len(all))]
}

func elements[T any](list []T) answer {
	if list == nil {
		list = []T{}
	}
	return answer{doc: map[string]any{"elements": list, "paging": map[string]any{"start": 0, "count": len(list), "links": []any{}}}}
}
