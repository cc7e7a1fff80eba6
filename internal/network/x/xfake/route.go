package xfake

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const resetHeader = "X-Rate-Limit-Reset"

// call is one request, read whole.
type call struct {
	*http.Request
	me   *person // nil without a good token
	raw  []byte
	body map[string]any
	form url.Values
	file []byte
}

// refusal is an error as X answers it.
type refusal struct {
	status       int
	kind, detail string
}

func no(status int, kind, detail string) *refusal { return &refusal{status, kind, detail} }

type handler func(f *Fake, c *call) (status int, doc any, refused *refusal)

// routes names each call, its class for faults, and whether it needs a person's token.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		open           bool
		do             handler
	}{
		{"POST /2/oauth2/token", "token", true, (*Fake).token},
		{"POST /2/oauth2/revoke", "token", true, (*Fake).revoke},
		{"GET /2/users/me", "read", false, (*Fake).self},
		{"GET /2/users/by", "read", false, (*Fake).byName},
		{"GET /2/users/{id}/tweets", "read", false, (*Fake).timeline},
		{"GET /2/users/{id}/mentions", "read", false, (*Fake).mentions},
		{"POST /2/users/{id}/muting", "write", false, (*Fake).mute},
		{"DELETE /2/users/{id}/muting/{whom}", "write", false, (*Fake).unmute},
		{"POST /2/users/{id}/dm/block", "write", false, (*Fake).silence},
		{"POST /2/users/{id}/dm/unblock", "write", false, (*Fake).silence},
		{"POST /2/users/{id}/retweets", "write", false, (*Fake).repost},
		{"POST /2/media/upload/initialize", "upload", false, (*Fake).initialize},
		{"POST /2/media/upload/{id}/append", "append", false, (*Fake).appendTo},
		{"POST /2/media/upload/{id}/finalize", "finalize", false, (*Fake).finalize},
		{"GET /2/media/upload", "poll", false, (*Fake).uploadStatus},
		{"POST /2/media/metadata", "upload", false, (*Fake).metadata},
		{"GET /2/webhooks", "webhook", true, (*Fake).webhooks},
		{"POST /2/webhooks", "webhook", true, (*Fake).addWebhook},
		{"PUT /2/webhooks/{id}", "webhook", true, (*Fake).proveWebhook},
		{"GET /2/account_activity/webhooks/{id}/subscriptions/all", "read", false, (*Fake).subscribed},
		{"POST /2/account_activity/webhooks/{id}/subscriptions/all", "write", false, (*Fake).subscribe},
		{"DELETE /2/account_activity/webhooks/{id}/subscriptions/{who}/all", "webhook", true, (*Fake).unsubscribe},
		{"POST /2/media/subtitles", "upload", false, (*Fake).subtitles},
		{"POST /2/tweets", "create", false, (*Fake).create},
		{"GET /2/tweets", "read", false, (*Fake).several},
		{"GET /2/tweets/{id}", "read", false, (*Fake).read},
		{"DELETE /2/tweets/{id}", "delete", false, (*Fake).remove},
		{"PUT /2/tweets/{id}/hidden", "write", false, (*Fake).hide},
		{"GET /2/dm_events", "direct", false, (*Fake).directs},
		{"GET /2/dm_events/{id}", "read", false, (*Fake).oneMessage},
		{"DELETE /2/dm_events/{id}", "delete", false, (*Fake).dropMessage},
		{"GET /2/dm_conversations/with/{whom}/dm_events", "read", false, (*Fake).conversation},
		{"POST /2/dm_conversations/with/{whom}/messages", "create", false, (*Fake).message},
	} {
		mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.class, r.open, r.do) })
	}
	mux.HandleFunc("GET /i/oauth2/authorize", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		refuse(w, no(404, "resource-not-found", "Not found"))
	})
	return mux
}

// serve reads a request, counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class string, open bool, do handler) {
	c := &call{Request: r}
	problem := c.read()
	w.Header().Set("Date", f.o.Now().UTC().Format(http.TimeFormat))
	w.Header().Set("X-Rate-Limit-Limit", "100")
	if f.o.Check != nil && (!open || class == "webhook") {
		for _, wrong := range f.o.Check(r, c.raw) {
			f.complain(wrong)
		}
	}
	f.mu.Lock()
	f.calls[class]++
	f.mu.Unlock()
	f.Faults.Play(&dressed{ResponseWriter: w}, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			c.me = f.named(f.tokens[bearer])
		}
		switch {
		case problem != nil:
			refuse(w, problem)
			return
		case !open && c.me == nil:
			refuse(w, no(401, "", "Unauthorized"))
			return
		}
		status, doc, refused := do(f, c)
		if refused != nil {
			refuse(w, refused)
			return
		}
		send(w, status, doc)
	})
}

func send(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc)
}

func refuse(w http.ResponseWriter, r *refusal) {
	w.Header().Set("Content-Type", "application/problem+json")
	kind := "about:blank"
	if r.kind != "" {
		kind = "https://api.x.com/2/problems/" + r.kind
	}
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": kind, "title": http.StatusText(r.status), "detail": r.detail, "status": r.status})
}

// dressed writes the faults' refusals and rate limits as X does.
type dressed struct {
	http.ResponseWriter
	rewrite int
}

func (d *dressed) Unwrap() http.ResponseWriter { return d.ResponseWriter }

func (d *dressed) WriteHeader(status int) {
	if at, err := time.Parse(time.RFC3339Nano, d.Header().Get(resetHeader)); err == nil {
		d.Header().Set(resetHeader, strconv.FormatInt(at.Add(time.Second-time.Nanosecond).Unix(), 10))
	}
	if status >= 400 && d.Header().Get("Content-Type") == "application/json; charset=utf-8" {
		d.rewrite = status
		d.Header().Set("Content-Type", "application/problem+json")
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
	raw, _ := json.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(d.rewrite), "detail": plain.Error, "status": d.rewrite})
	_, err := d.ResponseWriter.Write(raw)
	return len(b), err
}

func (f *Fake) complain(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, what)
}

// read takes the body apart: JSON, a form, or a multipart form with a file.
func (c *call) read() *refusal {
	var err error
	if c.raw, err = io.ReadAll(io.LimitReader(c.Body, 64<<20)); err != nil {
		return no(400, "invalid-request", "the body could not be read")
	}
	c.body, c.form = map[string]any{}, url.Values{}
	kind, params, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case len(c.raw) == 0:
	case kind == "application/json":
		err = json.Unmarshal(c.raw, &c.body)
	case kind == "application/x-www-form-urlencoded":
		c.form, err = url.ParseQuery(string(c.raw))
	case kind == "multipart/form-data":
		err = c.parts(params["boundary"])
	default:
		return no(415, "invalid-request", "unknown content type")
	}
	if err != nil {
		return no(400, "invalid-request", "the body is broken")
	}
	return nil
}

func (c *call) parts(boundary string) error {
	reader := multipart.NewReader(bytes.NewReader(c.raw), boundary)
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		content, _ := io.ReadAll(part)
		if part.FileName() != "" {
			c.file = content
			continue
		}
		c.form.Set(part.FormName(), string(content))
	}
}

func text(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

func object(m map[string]any, name string) map[string]any {
	o, _ := m[name].(map[string]any)
	return o
}

func list(m map[string]any, name string) (out []string) {
	values, _ := m[name].([]any)
	for _, v := range values {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
