package tiktokbusinessfake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// call is one request, read whole.
type call struct {
	*http.Request
	body  map[string]any
	query url.Values
}

// refusal is an error as the API answers it: with status 200.
type refusal struct {
	code   int
	reason string
}

func no(code int, reason string) *refusal { return &refusal{code, reason} }

type handler func(f *Fake, c *call) (any, *refusal)

const version = "/open_api/v1.3"

// routes names each call, its class for faults, the parameters it takes, and whether it needs a token.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		method, path, class, params string
		open                        bool
		do                          handler
	}{
		{"POST", "/tt_user/oauth2/token/", "token", "client_id client_secret grant_type auth_code redirect_uri", true, (*Fake).token},
		{"POST", "/tt_user/oauth2/refresh_token/", "token", "client_id client_secret grant_type refresh_token", true, (*Fake).renew},
		{"POST", "/tt_user/oauth2/revoke/", "write", "client_id client_secret access_token", true, (*Fake).revoke},
		{"GET", "/business/get/", "read", "business_id fields start_date end_date", false, (*Fake).account},
		{"GET", "/business/video/settings/", "read", "business_id", false, (*Fake).settings},
		{"GET", "/business/video/list/", "read", "business_id fields filters cursor max_count", false, (*Fake).list},
		{"GET", "/business/publish/status/", "read", "business_id publish_id", false, (*Fake).status},
		{"GET", "/business/comment/list/", "read", "business_id video_id comment_ids include_replies status sort_field sort_order cursor max_count", false, (*Fake).listComments},
		{"GET", "/business/comment/reply/list/", "read", "business_id video_id comment_id status sort_field sort_order cursor max_count", false, (*Fake).listReplies},
		{"POST", "/business/video/publish/", "create", "business_id video_url post_info", false, (*Fake).video},
		{"POST", "/business/photo/publish/", "create", "business_id photo_images photo_cover_index post_info", false, (*Fake).photo},
		{"POST", "/business/comment/create/", "create", "business_id video_id text", false, (*Fake).createComment},
		{"POST", "/business/comment/reply/create/", "create", "business_id video_id comment_id text", false, (*Fake).createReply},
		{"POST", "/business/comment/like/", "write", "business_id comment_id action", false, (*Fake).like},
		{"POST", "/business/comment/hide/", "write", "business_id video_id comment_id action", false, (*Fake).hide},
	} {
		mux.HandleFunc(r.method+" "+version+r.path+"{$}", func(w http.ResponseWriter, req *http.Request) {
			f.serve(w, req, r.class, strings.Fields(r.params), r.open, r.do)
		})
	}
	mux.HandleFunc("GET /v2/auth/authorize", f.authorize)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.complain("%s %s: there is no such call", r.Method, r.URL.Path)
		http.Error(w, "404 page not found", http.StatusNotFound)
	})
	return mux
}

// serve reads a request, counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class string, params []string, open bool, do handler) {
	c := &call{Request: r, body: map[string]any{}, query: r.URL.Query()}
	raw, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // what is missing is noticed by its content
	f.mu.Lock()
	f.calls[class]++
	if r.Method == http.MethodPost && (r.Header.Get("Content-Type") != "application/json" || json.Unmarshal(raw, &c.body) != nil) {
		f.complain("%s %s: the body is not the JSON it must be", r.Method, r.URL.Path)
	}
	for k := range c.query {
		c.body[k] = c.query.Get(k)
	}
	for k := range c.body {
		if !slices.Contains(params, k) {
			f.complain("%s %s with %s", r.Method, r.URL.Path, k)
		}
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		var doc any
		refused := no(40105, "Access token is incorrect or has been revoked.")
		end, ok := f.tokens[r.Header.Get("Access-Token")]
		switch {
		case open, ok && f.o.Now().Before(end) && c.body["business_id"] == OpenID:
			doc, refused = do(f, c)
		case ok && f.o.Now().Before(end):
			refused = no(40001, "No permission to operate business_id")
		case ok:
			refused = no(40102, "Access token has expired.")
		}
		if refused != nil {
			send(w, map[string]any{"code": refused.code, "message": refused.reason, "request_id": "2026", "data": map[string]any{}})
			return
		}
		send(w, map[string]any{"code": 0, "message": "OK", "request_id": "2026", "data": doc})
	})
}

func send(w http.ResponseWriter, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(doc)
}

func (c *call) text(name string) string {
	s, _ := c.body[name].(string)
	return s
}

// authorize plays a person who is signed in as the brand and allows everything.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	if q.Get("client_key") == "" || q.Get("state") == "" || len(q) != 4 {
		f.complain("the authorisation page was called with %s", r.URL.RawQuery)
	}
	key := "code-" + f.id()
	f.codes[key] = true
	http.Redirect(w, r, f.o.Redirect+"?"+url.Values{"auth_code": {key}, "code": {key}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (f *Fake) token(c *call) (any, *refusal) {
	known := f.codes[c.text("auth_code")]
	switch {
	case c.text("client_id") != AppID || c.text("client_secret") != Secret:
		return nil, no(40101, "Secret and app ID do not match.")
	case c.text("grant_type") != "authorization_code":
		return nil, no(40108, "Invalid value for grant_type")
	case !known || c.text("redirect_uri") != f.o.Redirect:
		return nil, no(40101, "The authorization code is invalid.")
	}
	delete(f.codes, c.text("auth_code"))
	return f.grant(), nil
}

func (f *Fake) grant() map[string]any {
	access, refresh := "act."+f.id(), "rft."+f.id()
	f.tokens[access], f.refresh[refresh] = f.o.Now().Add(24*time.Hour), true
	return map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 86400, "refresh_token": refresh, "refresh_token_expires_in": 31536000, "open_id": OpenID,
		"scope": "user.info.basic,user.info.stats,video.list,video.insights,video.publish,video.upload,comment.list,comment.list.manage"}
}

func (f *Fake) renew(c *call) (any, *refusal) {
	if c.text("client_id") != AppID || c.text("client_secret") != Secret || c.text("grant_type") != "refresh_token" || !f.refresh[c.text("refresh_token")] {
		return nil, no(40107, "Invalid or incorrect refresh token.")
	}
	delete(f.refresh, c.text("refresh_token"))
	return f.grant(), nil
}

func (f *Fake) revoke(c *call) (any, *refusal) {
	if c.text("client_id") != AppID || c.text("client_secret") != Secret {
		return nil, no(40101, "Secret and app ID do not match.")
	}
	delete(f.tokens, c.text("access_token"))
	return map[string]any{}, nil
}
