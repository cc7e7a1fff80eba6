package blueskyfake

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// call is one request, read whole.
type call struct {
	*http.Request
	me    *person // nil without a good token
	token string
	raw   []byte
	body  map[string]any
}

func (c *call) q(name string) string { return c.URL.Query().Get(name) }

func (c *call) text(name string) string { s, _ := c.body[name].(string); return s }

// refusal is an error as the protocol answers it.
type refusal struct {
	status       int
	name, reason string
}

func no(status int, name, reason string) *refusal { return &refusal{status, name, reason} }

type handler func(f *Fake, c *call) (any, *refusal)

// routes names each call, its class for faults, and whether it needs a token.
func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		method, name, class string
		open                bool
		do                  handler
	}{
		{"GET", "com.atproto.identity.resolveHandle", "read", true, (*Fake).resolveHandle},
		{"GET", "com.atproto.server.describeServer", "read", true, (*Fake).describeServer},
		{"POST", "com.atproto.server.createSession", "token", true, (*Fake).createSession},
		{"POST", "com.atproto.server.refreshSession", "token", false, (*Fake).refreshSession},
		{"POST", "com.atproto.server.deleteSession", "token", false, (*Fake).deleteSession},
		{"GET", "com.atproto.server.getSession", "read", false, (*Fake).getSession},
		{"POST", "com.atproto.repo.uploadBlob", "upload", false, (*Fake).uploadBlob},
		{"POST", "com.atproto.repo.putRecord", "write", false, (*Fake).putRecord},
		{"POST", "com.atproto.repo.applyWrites", "create", false, (*Fake).applyWrites},
		{"POST", "com.atproto.repo.deleteRecord", "delete", false, (*Fake).deleteRecord},
		{"GET", "com.atproto.repo.getRecord", "read", true, (*Fake).getRecord},
		{"GET", "com.atproto.repo.listRecords", "read", true, (*Fake).listRecords},
		{"GET", "app.bsky.actor.getProfile", "read", false, (*Fake).getProfile},
		{"GET", "app.bsky.actor.searchActorsTypeahead", "read", false, (*Fake).searchActors},
		{"GET", "app.bsky.feed.getPosts", "read", false, (*Fake).getPosts},
		{"GET", "app.bsky.feed.getAuthorFeed", "read", false, (*Fake).getAuthorFeed},
		{"GET", "app.bsky.feed.getPostThread", "read", false, (*Fake).getPostThread},
		{"GET", "app.bsky.graph.getList", "read", false, (*Fake).getList},
		{"POST", "app.bsky.graph.muteActor", "write", false, (*Fake).muteActor},
		{"POST", "app.bsky.graph.unmuteActor", "write", false, (*Fake).unmuteActor},
		{"POST", "com.atproto.moderation.createReport", "write", false, (*Fake).createReport},
		{"GET", "app.bsky.notification.listNotifications", "read", false, (*Fake).listNotifications},
		{"GET", "chat.bsky.convo.listConvos", "chat", false, (*Fake).listConvos},
		{"GET", "chat.bsky.convo.getConvo", "chat", false, (*Fake).getConvo},
		{"GET", "chat.bsky.convo.getMessages", "chat", false, (*Fake).getMessages},
		{"GET", "chat.bsky.convo.getLog", "chat", false, (*Fake).getLog},
		{"POST", "chat.bsky.convo.sendMessage", "create", false, (*Fake).sendMessage},
	} {
		mux.HandleFunc(r.method+" /xrpc/"+r.name, func(w http.ResponseWriter, req *http.Request) { f.serve(w, req, r.name, r.class, r.open, r.do) })
	}
	mux.HandleFunc("GET /plc/{did}", f.directory)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.complain(r.Method + " " + r.URL.Path + ": there is no such call")
		send(w, 501, map[string]string{"error": "MethodNotImplemented", "message": "Method Not Implemented"})
	})
	return mux
}

// serve reads a request, checks and counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, name, class string, open bool, do handler) {
	c := &call{Request: r, body: map[string]any{}}
	var problem *refusal
	c.raw, _ = io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if len(c.raw) > 0 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") && json.Unmarshal(c.raw, &c.body) != nil {
		problem = no(400, "InvalidRequest", "the JSON is broken")
	}
	if value, _ := c.body["record"].(map[string]any); value["$type"] == posts {
		class = "create"
	}
	f.mu.Lock()
	f.calls[class]++
	if f.lexicon != nil {
		f.faulty = append(f.faulty, f.lexicon.request(name, c)...)
	}
	f.mu.Unlock()
	f.Faults.Play(w, r, class, func(w http.ResponseWriter) {
		f.mu.Lock()
		defer f.mu.Unlock()
		c.token, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		c.me = f.people[f.tokens[c.token]]
		if problem == nil && !open {
			problem = f.admit(c, name)
		}
		if problem != nil {
			send(w, problem.status, map[string]string{"error": problem.name, "message": problem.reason})
			return
		}
		doc, refused := do(f, c)
		if refused != nil {
			send(w, refused.status, map[string]string{"error": refused.name, "message": refused.reason})
			return
		}
		send(w, 200, doc)
	})
}

// admit judges the token as the real server does.
func (f *Fake) admit(c *call, name string) *refusal {
	switch {
	case c.token == "":
		return no(401, "AuthMissing", "Authentication Required")
	case c.me == nil:
		return no(400, "ExpiredToken", "Token has been revoked")
	}
	scope, expires := claims(c.token)
	refreshing := name == "com.atproto.server.refreshSession" || name == "com.atproto.server.deleteSession"
	switch {
	case !f.o.Now().Before(expires):
		return no(400, "ExpiredToken", "Token has expired")
	case refreshing != (scope == "com.atproto.refresh"):
		return no(400, "InvalidToken", "Bad token scope")
	case strings.HasPrefix(name, "chat.") && c.Header.Get("Atproto-Proxy") != "did:web:api.bsky.chat#bsky_chat":
		return no(501, "MethodNotImplemented", "Method Not Implemented")
	case strings.HasPrefix(name, "chat.") && scope != "com.atproto.appPassPrivileged":
		return no(400, "InvalidToken", "Bad token method")
	}
	return nil
}

func send(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("RateLimit-Limit", "3000")
	w.Header().Set("RateLimit-Policy", "3000;w=300")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc)
}

func (f *Fake) complain(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, what)
}
