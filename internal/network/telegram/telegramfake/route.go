package telegramfake

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// resetHeader carries the time of networkfake.LimitedReset to the writer that says it in Telegram's own way.
const resetHeader = "X-Fake-Retry"

// call is one call, read whole.
type call struct {
	method string
	params map[string]any
	files  map[string][]byte
}

// refusal is an error as the Bot API answers it.
type refusal struct {
	status int
	reason string
	params map[string]any
}

func bad(format string, args ...any) *refusal {
	return &refusal{status: 400, reason: "Bad Request: " + fmt.Sprintf(format, args...)}
}

type handler func(f *Fake, c *call) (any, *refusal)

// methods are the calls the fake knows, with their class for faults.
var methods = map[string]struct {
	class string
	do    handler
}{
	"getMe":              {"read", (*Fake).me},
	"getChat":            {"read", (*Fake).getChat},
	"getChatMember":      {"read", (*Fake).getMember},
	"getChatMemberCount": {"read", (*Fake).count},
	"getUpdates":         {"read", (*Fake).getUpdates},
	"sendMessage":        {"create", (*Fake).send},
	"sendPhoto":          {"create", (*Fake).send},
	"sendVideo":          {"create", (*Fake).send},
	"sendAnimation":      {"create", (*Fake).send},
	"sendAudio":          {"create", (*Fake).send},
	"sendVoice":          {"create", (*Fake).send},
	"sendDocument":       {"create", (*Fake).send},
	"sendPoll":           {"create", (*Fake).send},
	"sendLocation":       {"create", (*Fake).send},
	"sendVenue":          {"create", (*Fake).send},
	"sendMediaGroup":     {"create", (*Fake).sendAlbum},
	"editMessageText":    {"edit", (*Fake).edit},
	"editMessageCaption": {"edit", (*Fake).edit},
	"editMessageMedia":   {"edit", (*Fake).edit},
	"deleteMessage":      {"delete", (*Fake).remove},
	"pinChatMessage":     {"write", (*Fake).pin},
	"setMessageReaction": {"write", (*Fake).react},
	"restrictChatMember": {"write", (*Fake).restrict},
	"banChatMember":      {"write", (*Fake).restrict},
	"unbanChatMember":    {"write", (*Fake).restrict},
}

// ServeHTTP reads a call, counts it, and lets its fault be played.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, method, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	c := &call{method: method, params: map[string]any{}, files: map[string][]byte{}}
	problem := c.read(r)
	known, ok := methods[method]
	if !ok || !strings.HasPrefix(r.URL.Path, "/bot") {
		f.complain(r.Method + " /bot…/" + method + ": there is no such call")
		answer(w, nil, &refusal{status: 404, reason: "Not Found"})
		return
	}
	f.mu.Lock()
	f.calls[method]++
	if f.spec != nil {
		f.faulty = append(f.faulty, f.spec.check(c)...)
	}
	f.mu.Unlock()
	own := &form{ResponseWriter: w, now: f.o.Now}
	f.Faults.Play(own, r, known.class, func(to http.ResponseWriter) {
		if to == http.ResponseWriter(own) {
			to = w
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if token == "" || token != f.token {
			problem = &refusal{status: 401, reason: "Unauthorized"}
		}
		if problem != nil {
			answer(to, nil, problem)
			return
		}
		result, refused := known.do(f, c)
		answer(to, result, refused)
	})
}

func answer(w http.ResponseWriter, result any, refused *refusal) {
	w.Header().Set("Content-Type", "application/json")
	doc := map[string]any{"ok": true, "result": result}
	if refused != nil {
		doc = map[string]any{"ok": false, "error_code": refused.status, "description": refused.reason}
		if refused.params != nil {
			doc["parameters"] = refused.params
		}
		w.WriteHeader(refused.status)
	}
	_ = json.NewEncoder(w).Encode(doc)
}

// form says the refusals of networkfake in Telegram's own way: the time to wait stands in the body.
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
	r := &refusal{status: status, reason: map[int]string{401: "Unauthorized", 403: "Forbidden: this is not allowed", 413: "Request Entity Too Large",
		422: "Unprocessable: the text is not allowed here", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}[status]}
	wait := w.Header().Get("Retry-After")
	if at, err := time.Parse(time.RFC3339Nano, w.Header().Get(resetHeader)); err == nil {
		wait = strconv.Itoa(int(at.Sub(w.now()).Seconds()))
	}
	w.Header().Del(resetHeader)
	w.Header().Del("Retry-After")
	if seconds, err := strconv.Atoi(wait); err == nil {
		r.reason, r.params = r.reason+": retry after "+wait, map[string]any{"retry_after": seconds}
	}
	answer(w.ResponseWriter, nil, r)
}

// Write passes on what is no refusal.
func (w *form) Write(b []byte) (int, error) {
	if w.silent {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

func (f *Fake) complain(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, what)
}

// read takes the body apart: JSON, or a form whose values are JSON unless they are words, with files.
func (c *call) read(r *http.Request) *refusal {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	raw, err := io.ReadAll(io.LimitReader(r.Body, 256<<20))
	if err != nil {
		return bad("the body could not be read")
	}
	switch {
	case r.Method != http.MethodPost:
		return bad("only POST is played")
	case kind == "application/json":
		if json.Unmarshal(raw, &c.params) != nil {
			return bad("can't parse JSON object")
		}
		return nil
	case kind != "multipart/form-data":
		return bad("unknown content type")
	}
	reader := multipart.NewReader(strings.NewReader(string(raw)), params["boundary"])
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return bad("the form is broken")
		}
		content, _ := io.ReadAll(part)
		if part.FileName() != "" {
			c.files[part.FormName()] = content
			continue
		}
		var v any = string(content)
		if json.Unmarshal(content, &v) != nil || words[part.FormName()] {
			v = string(content)
		}
		c.params[part.FormName()] = v
	}
}

// words are the parameters that are text, whatever they look like.
var words = map[string]bool{"text": true, "caption": true, "question": true, "explanation": true}

func (c *call) text(name string) string {
	s, _ := c.params[name].(string)
	return s
}

func (c *call) number(name string) int64 {
	n, _ := c.params[name].(float64)
	return int64(n)
}
