package youtubefake

import (
	"encoding/json"
	"fmt"
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

// refusal is an error as the API answers it.
type refusal struct {
	status         int
	reason, detail string
}

func no(status int, reason, detail string) *refusal { return &refusal{status, reason, detail} }

type handler func(f *Fake, c *call) (any, *refusal)

// empty is an answer without a body.
type empty struct{}

// routes names each call and its class for faults.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		do             handler
	}{
		{"GET /youtube/v3/channels", "read", (*Fake).channels},
		{"GET /youtube/v3/playlists", "read", (*Fake).playlists},
		{"GET /youtube/v3/playlistItems", "read", (*Fake).playlistItems},
		{"POST /youtube/v3/playlistItems", "write", (*Fake).addToPlaylist},
		{"GET /youtube/v3/videos", "read", (*Fake).listVideos},
		{"PUT /youtube/v3/videos", "edit", (*Fake).updateVideo},
		{"DELETE /youtube/v3/videos", "delete", (*Fake).remove},
		{"POST /upload/youtube/v3/videos", "upload", (*Fake).openSession},
		{"POST /upload/youtube/v3/thumbnails/set", "upload", (*Fake).setThumbnail},
		{"GET /youtube/v3/captions", "read", (*Fake).listCaptions},
		{"POST /upload/youtube/v3/captions", "upload", (*Fake).addCaptions},
		{"GET /youtube/v3/commentThreads", "read", (*Fake).listThreads},
		{"POST /youtube/v3/commentThreads", "create", (*Fake).addThread},
		{"GET /youtube/v3/comments", "read", (*Fake).listComments},
		{"POST /youtube/v3/comments", "create", (*Fake).addReply},
		{"DELETE /youtube/v3/comments", "delete", (*Fake).remove},
		{"POST /youtube/v3/comments/setModerationStatus", "write", (*Fake).moderate},
		{"GET /v2/reports", "read", (*Fake).report},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.do) })
	}
	mux.HandleFunc("PUT /upload/youtube/v3/videos", f.put)
	mux.HandleFunc("GET /o/oauth2/v2/auth", f.authorize)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { f.open(w, r, "token", f.token) })
	mux.HandleFunc("POST /revoke", func(w http.ResponseWriter, r *http.Request) { f.open(w, r, "token", f.giveBack) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		send(w, 404, map[string]any{"error": map[string]any{"code": 404, "message": "Not Found"}})
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
	if c.raw, err = io.ReadAll(io.LimitReader(r.Body, 64<<20)); err != nil {
		return
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") && json.Unmarshal(c.raw, &c.body) != nil {
		f.complain(r.URL.Path + ": the JSON is broken")
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
		if !f.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")] {
			refused = no(401, "authError", "Invalid Credentials")
		}
		var doc any
		if refused == nil {
			doc, refused = do(f, c)
		}
		if refused != nil {
			refuse(w, *refused)
			return
		}
		if at, ok := doc.(location); ok {
			w.Header().Set("Location", string(at))
			doc = nil
		}
		if _, ok := doc.(empty); ok {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		send(w, 200, doc)
	})
}

// judge lets the published descriptions look at a request; the caller holds the lock.
func (f *Fake) judge(c *call) {
	if len(f.specs) == 0 {
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
	send(w, r.status, map[string]any{"error": map[string]any{"code": r.status, "message": r.detail, "status": strings.ToUpper(r.reason),
		"errors": []any{map[string]any{"message": r.detail, "domain": "youtube", "reason": r.reason}}}})
}

func send(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	if doc != nil {
		_ = json.NewEncoder(w).Encode(doc)
	}
}

// part returns an object of the body.
func (c *call) part(path ...string) map[string]any {
	m := c.body
	for _, p := range path {
		m, _ = m[p].(map[string]any)
	}
	return m
}

func str(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// paged cuts a list into pages; the token is where the next begins.
func paged[T any](q url.Values, all []T) (list []T, next string) {
	limit, _ := strconv.Atoi(q.Get("maxResults"))
	if limit <= 0 {
		limit = 5 // YouTube's own default
	}
	from, _ := strconv.Atoi(q.Get("pageToken"))
	from = min(from, len(all))
	if to := from + limit; to < len(all) {
		return all[from:to], strconv.Itoa(to)
	}
	return all[from:], ""
}

func page(items []any, next string) map[string]any {
	if items == nil {
		items = []any{}
	}
	doc := map[string]any{"items": items, "pageInfo": map[string]any{"totalResults": len(items)}}
	if next != "" {
		doc["nextPageToken"] = next
	}
	return doc
}

func count(n int) string { return fmt.Sprint(n) }
