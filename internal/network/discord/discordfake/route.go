package discordfake

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// resetHeader carries the time of networkfake.LimitedReset to the writer that says it in Discord's own way.
const resetHeader = "X-Fake-Reset"

// call is one request, read whole.
type call struct {
	*http.Request
	body  map[string]any
	files map[string]file
	hook  bool
}

type file struct {
	name, kind string
	content    []byte
}

// refusal is an error as Discord answers it.
type refusal struct {
	status, code int
	reason       string
	errors       any
}

func no(status, code int, reason string) *refusal { return &refusal{status, code, reason, nil} }

// invalid complains about one field.
func invalid(field, reason string) *refusal {
	return &refusal{400, 50035, "Invalid Form Body", map[string]any{field: map[string]any{"_errors": []any{map[string]any{"code": "INVALID", "message": reason}}}}}
}

type handler func(f *Fake, c *call) (any, *refusal)

func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range []struct {
		pattern, class string
		do             handler
	}{
		{"GET /users/@me", "read", (*Fake).me},
		{"GET /guilds/{guild}", "read", (*Fake).guild},
		{"GET /guilds/{guild}/members/{member}", "read", (*Fake).member},
		{"PUT /guilds/{guild}/bans/{member}", "write", (*Fake).ban},
		{"DELETE /guilds/{guild}/bans/{member}", "write", (*Fake).ban},
		{"GET /guilds/{guild}/threads/active", "read", (*Fake).active},
		{"GET /channels/{channel}", "read", (*Fake).getChannel},
		{"DELETE /channels/{channel}", "delete", (*Fake).dropChannel},
		{"GET /channels/{channel}/messages", "read", (*Fake).history},
		{"POST /channels/{channel}/messages", "create", (*Fake).create},
		{"POST /channels/{channel}/threads", "create", (*Fake).createPost},
		{"GET /channels/{channel}/messages/{message}", "read", (*Fake).read},
		{"PATCH /channels/{channel}/messages/{message}", "edit", (*Fake).edit},
		{"DELETE /channels/{channel}/messages/{message}", "delete", (*Fake).remove},
		{"POST /channels/{channel}/messages/{message}/threads", "write", (*Fake).startThread},
		{"POST /channels/{channel}/messages/{message}/crosspost", "write", (*Fake).crosspost},
		{"PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me", "write", (*Fake).react},
		{"DELETE /channels/{channel}/messages/{message}/reactions/{emoji}/@me", "write", (*Fake).react},
		{"GET /webhooks/{hook}/{token}", "read", (*Fake).getHook},
		{"POST /webhooks/{hook}/{token}", "create", (*Fake).execute},
		{"GET /webhooks/{hook}/{token}/messages/{message}", "read", (*Fake).read},
		{"PATCH /webhooks/{hook}/{token}/messages/{message}", "edit", (*Fake).edit},
		{"DELETE /webhooks/{hook}/{token}/messages/{message}", "delete", (*Fake).remove},
	} {
		method, path, _ := strings.Cut(r.pattern, " ")
		mux.HandleFunc(method+" /api/v10"+path, func(w http.ResponseWriter, req *http.Request) {
			f.serve(w, req, r.class, strings.HasPrefix(path, "/webhooks"), r.do)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.faulty = append(f.faulty, r.Method+" "+r.URL.Path+": there is no such call")
		answer(w, nil, no(404, 0, "404: Not Found"))
	})
	return mux
}

// serve reads a request, checks it, counts it, and lets its fault be played.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request, class string, hook bool, do handler) {
	c := &call{Request: r, body: map[string]any{}, files: map[string]file{}, hook: hook}
	raw, problem := c.read()
	f.mu.Lock()
	f.calls[class]++
	f.judge(c, raw)
	f.mu.Unlock()
	own := &form{ResponseWriter: w, now: f.o.Now}
	f.Faults.Play(own, r, class, func(to http.ResponseWriter) {
		if to == http.ResponseWriter(own) {
			to = w
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		refused := problem
		switch at, known := f.hooks[c.PathValue("hook")]; {
		case refused != nil:
		case hook && (!known || f.channels[at] == nil):
			refused = no(404, 10015, "Unknown Webhook")
		case hook && c.PathValue("token") != HookToken:
			refused = no(401, 50027, "Invalid Webhook Token")
		case !hook && (f.token == "" || r.Header.Get("Authorization") != "Bot "+f.token):
			refused = no(401, 0, "401: Unauthorized")
		case !hook && c.PathValue("channel") != "" && f.channels[c.PathValue("channel")] == nil:
			refused = no(404, 10003, "Unknown Channel")
		case !hook && f.denied[c.PathValue("channel")]:
			refused = no(403, 50001, "Missing Access")
		}
		var doc any
		if refused == nil {
			doc, refused = do(f, c)
		}
		answer(to, doc, refused)
	})
}

// judge complains about what Discord would take and a careful program never sends.
func (f *Fake) judge(c *call, raw []byte) {
	where := c.Method + " " + c.URL.Path
	if !strings.HasPrefix(c.UserAgent(), "DiscordBot (http") {
		f.faulty = append(f.faulty, where+": the User-Agent is "+c.UserAgent())
	}
	if c.hook && c.Method == http.MethodPost && c.URL.Query().Get("wait") != "true" {
		f.faulty = append(f.faulty, where+": without wait=true")
	}
	if inner, ok := c.body["message"].(map[string]any); ok && inner["allowed_mentions"] == nil || !ok && c.body["content"] != nil && c.body["allowed_mentions"] == nil {
		f.faulty = append(f.faulty, where+": without allowed_mentions")
	}
	if f.spec == nil {
		return
	}
	plain := c.Request.Clone(c.Context())
	if len(raw) > 0 {
		plain.Header.Set("Content-Type", "application/json")
	}
	f.faulty = append(f.faulty, f.spec.check(plain, raw)...)
}

func answer(w http.ResponseWriter, doc any, refused *refusal) {
	w.Header().Set("Content-Type", "application/json")
	if refused != nil {
		said := map[string]any{"code": refused.code, "message": refused.reason}
		if refused.errors != nil {
			said["errors"] = refused.errors
		}
		w.WriteHeader(refused.status)
		_ = json.NewEncoder(w).Encode(said)
		return
	}
	if doc == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_ = json.NewEncoder(w).Encode(doc)
}

// form says the refusals of networkfake in Discord's own way: the time to wait stands in the body and in its headers.
type form struct {
	http.ResponseWriter
	now    func() time.Time
	silent bool
}

// Unwrap lets a fault reach the connection.
func (w *form) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader answers a refusal at once and keeps back what follows.
func (w *form) WriteHeader(status int) {
	if status < 400 || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.silent = true
	reasons := map[int]string{401: "401: Unauthorized", 403: "Cannot do this", 413: "Request entity too large", 422: "The text is not allowed here", 429: "You are being rate limited.", 500: "500: Internal Server Error", 503: "Service unavailable"}
	codes := map[int]int{413: 40005}
	said := map[string]any{"code": codes[status], "message": reasons[status]}
	if status == 429 {
		said["global"] = false
		if at, err := time.Parse(time.RFC3339Nano, w.Header().Get(resetHeader)); err == nil {
			said["retry_after"] = at.Sub(w.now()).Seconds()
			w.Header().Set("X-RateLimit-Reset-After", strconv.FormatFloat(at.Sub(w.now()).Seconds(), 'f', 3, 64))
			w.Header().Set("X-RateLimit-Bucket", "abcd1234")
		}
		w.Header().Del(resetHeader)
	}
	w.ResponseWriter.WriteHeader(status)
	_ = json.NewEncoder(w.ResponseWriter).Encode(said)
}

// Write passes on what is no refusal.
func (w *form) Write(b []byte) (int, error) {
	if w.silent {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// read takes the body apart: JSON, or a form with files; it returns the JSON as it was sent.
func (c *call) read() ([]byte, *refusal) {
	raw, err := io.ReadAll(io.LimitReader(c.Body, 256<<20))
	if err != nil {
		return nil, no(400, 0, "the body could not be read")
	}
	kind, params, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case len(raw) == 0:
		return nil, nil
	case kind == "application/json":
	case kind == "multipart/form-data":
		reader := multipart.NewReader(strings.NewReader(string(raw)), params["boundary"])
		for {
			part, err := reader.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, no(400, 50035, "Invalid Form Body")
			}
			content, _ := io.ReadAll(part)
			if part.FormName() == "payload_json" {
				raw = content
				continue
			}
			c.files[part.FormName()] = file{part.FileName(), part.Header.Get("Content-Type"), content}
		}
	default:
		return nil, no(400, 50035, "unknown content type")
	}
	if json.Unmarshal(raw, &c.body) != nil {
		return nil, no(400, 50109, "The request body contains invalid JSON.")
	}
	return raw, nil
}
