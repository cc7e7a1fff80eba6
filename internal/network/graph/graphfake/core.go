package graphfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// The registered application.
const (
	AppID     = "424242"
	AppSecret = "secret-of-the-app"
	AppWord   = "word-of-the-webhook"
)

// Version is what every path begins with.
const Version = "v26.0"

// Book is one network's part: its nodes and what they answer. Its methods are called with the core locked.
type Book interface {
	// Node returns the name that Meta's descriptions have for a node, "" if there is none with this id.
	Node(id string) string
	// Class returns the kind of a call, which faults are set for.
	Class(c *Call) string
	// Answer carries a call out.
	Answer(c *Call) (any, *Refusal)
}

// Call is one request, read whole.
type Call struct {
	*http.Request
	Node, ID, Edge string
	Form           url.Values // of the address and the body
	File           []byte
	Filename       string
	Token          string
	Subject        string // whose token it is; "" if it is no good
}

// Is reports whether the call is this method on this node's edge.
func (c *Call) Is(method, node, edge string) bool {
	return c.Method == method && c.Node == node && c.Edge == edge
}

// Refusal is an error as Graph answers it.
type Refusal struct {
	Status, Code, Sub int
	Message           string
}

// No refuses with HTTP 400.
func No(code, sub int, message string) *Refusal { return &Refusal{400, code, sub, message} }

// Gone refuses because there is no such node.
func Gone() *Refusal {
	return No(100, 33, "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation.")
}

// Core is the server. All exported methods are safe for concurrent use unless they say otherwise.
type Core struct {
	*networkfake.Server
	networkfake.Ledger
	Faults *networkfake.Program
	Clock  func() time.Time
	Mu     sync.Mutex // guards everything below and the book
	Talks  []*Talk
	// NoProof plays a host that knows no appsecret_proof.
	NoProof bool
	// Ledgers says which account of the ledger an owner of conversations is, where it is another.
	Ledgers map[string]string

	book   Book
	n      int64
	tokens map[string]string // token → subject
	codes  map[string]string // code → redirect address
	rights []string
	spec   *Description
	faulty []string
	calls  map[string]int
	raw    map[string]rawRoute
	pages  map[string]http.HandlerFunc
}

type rawRoute struct {
	class string
	do    func(*Call) (any, *Refusal)
}

// New prepares a core; Run starts it.
func New(now func() time.Time) *Core {
	if now == nil {
		now = time.Now
	}
	c := &Core{Clock: now, tokens: map[string]string{}, codes: map[string]string{}, calls: map[string]int{}, raw: map[string]rawRoute{}, pages: map[string]http.HandlerFunc{}, n: 94}
	c.Faults = networkfake.NewProgram(now)
	c.Faults.ResetHeader = resetHeader
	return c
}

// Raw adds a call outside nodes and edges: all paths that begin with prefix.
func (f *Core) Raw(prefix, class string, do func(*Call) (any, *Refusal)) {
	f.raw[prefix] = rawRoute{class, do}
}

// Web adds a page for browsers.
func (f *Core) Web(pattern string, do http.HandlerFunc) { f.pages[pattern] = do }

// Run starts the server for a network.
func (f *Core) Run(address string, book Book) error {
	f.book = book
	mux := http.NewServeMux()
	mux.HandleFunc("/", f.serve)
	mux.HandleFunc("GET /"+Version+"/dialog/oauth", f.dialogue)
	for pattern, do := range f.pages {
		mux.HandleFunc(pattern, do)
	}
	server, err := networkfake.Start(address, mux, &f.Ledger, f.Faults)
	f.Server = server
	return err
}

// Grant makes a token good for a subject.
func (f *Core) Grant(token, subject string) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	f.tokens[token] = subject
}

// Revoke makes every token worthless.
func (f *Core) Revoke() {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	f.tokens = map[string]string{}
}

// Number makes an id; with the core locked.
func (f *Core) Number() string {
	f.n++
	return strconv.FormatInt(f.n, 10) // soon grows from two digits to three
}

// Complain writes down what no client may do; with the core locked.
func (f *Core) Complain(what string) { f.faulty = append(f.faulty, what) }

// Violations lists requests that Meta's documentation does not allow.
func (f *Core) Violations() []string {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return slices.Clone(f.faulty)
}

// Calls returns how often a class of call was made.
func (f *Core) Calls(class string) int {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	return f.calls[class]
}

// Describe makes the fake check every request against Meta's descriptions.
func (f *Core) Describe(d *Description) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	f.spec = d
}

func (f *Core) serve(w http.ResponseWriter, r *http.Request) {
	c := &Call{Request: r, Form: r.URL.Query()}
	problem := c.read()
	_, c.Token, _ = strings.Cut(r.Header.Get("Authorization"), " ")
	f.Mu.Lock()
	class, do := f.route(c)
	f.calls[class]++
	f.Mu.Unlock()
	w.Header().Set("Date", f.Clock().UTC().Format(http.TimeFormat))
	f.Faults.Play(&writer{ResponseWriter: w, subject: c.ID}, r, class, func(w http.ResponseWriter) {
		if own, ok := w.(*writer); ok {
			own.ours = true
		}
		f.Mu.Lock()
		defer f.Mu.Unlock()
		c.Subject = f.tokens[c.Token]
		if c.Node == "" && c.ID != "" {
			f.name(c)
		}
		doc, refused := any(nil), problem
		if refused == nil {
			doc, refused = do(c)
		}
		if refused != nil {
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			w.WriteHeader(refused.Status)
			_ = json.NewEncoder(w).Encode(refused.document())
			return
		}
		if c.Method == http.MethodGet && c.Form.Get("fields") != "" {
			doc = pick(doc, parse(c.Form.Get("fields")))
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		_ = json.NewEncoder(w).Encode(doc)
	})
}

func (f *Core) name(c *Call) {
	switch {
	case c.ID == "me" && c.Subject == person:
		c.Node = "User"
	case c.ID == "me":
		c.ID = c.Subject
		c.Node = f.book.Node(c.ID)
	default:
		c.Node = f.book.Node(c.ID)
	}
	if c.Node == "" {
		for _, t := range f.Talks {
			if t.ID == c.ID {
				c.Node = "UnifiedThread"
			}
		}
	}
}

// route finds what answers a call and says what is wrong with how it was made.
func (f *Core) route(c *Call) (class string, do func(*Call) (any, *Refusal)) {
	for prefix, r := range f.raw {
		if strings.HasPrefix(c.URL.Path, prefix) {
			c.Edge = strings.Trim(strings.TrimPrefix(c.URL.Path, prefix), "/")
			return r.class, r.do
		}
	}
	rest, ok := strings.CutPrefix(c.URL.Path, "/"+Version+"/")
	if !ok {
		f.Complain(c.Method + " " + c.URL.Path + ": no version")
		return "read", func(*Call) (any, *Refusal) { return nil, No(2500, 0, "Unknown path components") }
	}
	if rest == "oauth/access_token" {
		return "token", f.token
	}
	c.ID, c.Edge, _ = strings.Cut(rest, "/")
	c.Subject = f.tokens[c.Token]
	f.name(c)
	f.proof(c)
	if f.spec != nil && c.Node != "" && c.Subject != "" { // who is unknown is told nothing else
		f.faulty = append(f.faulty, f.spec.check(c)...)
	}
	class = f.book.Class(c)
	return class, f.answer
}

// answer is a call on a node.
func (f *Core) answer(c *Call) (any, *Refusal) {
	switch {
	case c.Subject == "":
		return nil, No(190, 463, "Error validating access token: Session has expired.")
	case c.Node == "":
		return nil, Gone()
	case c.Node == "User":
		if doc, refused, done := f.user(c); done {
			return doc, refused
		}
	case c.Node == "UnifiedThread", c.Edge == "conversations", c.Edge == "messages":
		return f.talk(c)
	}
	return f.book.Answer(c)
}

// proof requires appsecret_proof with every token.
func (f *Core) proof(c *Call) {
	mac := hmac.New(sha256.New, []byte(AppSecret))
	mac.Write([]byte(c.Token))
	if !f.NoProof && c.Form.Get("appsecret_proof") != hex.EncodeToString(mac.Sum(nil)) {
		f.Complain(c.Method + " " + c.URL.Path + ": no appsecret_proof, or a wrong one")
	}
	for _, name := range []string{"access_token", "method", "callback"} {
		if c.Form.Has(name) {
			f.Complain(c.Method + " " + c.URL.Path + ": the parameter " + name + " is not to be used")
		}
	}
}

// read takes the body apart: a form, a multipart form with a file, or bytes.
func (c *Call) read() *Refusal {
	raw, err := io.ReadAll(io.LimitReader(c.Body, 256<<20))
	if err != nil {
		return No(1, 0, "the body could not be read")
	}
	kind, params, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case len(raw) == 0:
	case kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return No(1, 0, "the form is broken")
		}
		for k, v := range form {
			c.Form[k] = append(c.Form[k], v...)
		}
	case kind == "multipart/form-data":
		reader := multipart.NewReader(strings.NewReader(string(raw)), params["boundary"])
		for {
			part, err := reader.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				return No(1, 0, "the form is broken")
			}
			content, _ := io.ReadAll(part)
			if part.FileName() != "" {
				c.File, c.Filename = content, part.FileName()
				continue
			}
			c.Form.Add(part.FormName(), string(content))
		}
	default:
		c.File = raw
	}
	return nil
}

func (r *Refusal) document() any {
	return map[string]any{"error": map[string]any{"message": r.Message, "type": "OAuthException", "code": r.Code, "error_subcode": r.Sub, "is_transient": r.Code == 2, "fbtrace_id": "Afake"}}
}

// resetHeader is how the program hands the time of a limit to the writer.
const resetHeader = "X-Fake-Reset"

// writer turns the program's refusals into Graph's form.
type writer struct {
	http.ResponseWriter
	subject string
	ours    bool
	instead bool
}

func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader replaces the status and body of a refusal.
func (w *writer) WriteHeader(status int) {
	as := map[int]Refusal{401: {400, 190, 467, "Error validating access token: The session is invalid."}, 403: {403, 368, 0, "The action attempted has been deemed abusive or is otherwise disallowed"},
		413: {400, 100, 1366046, "Your photos couldn't be uploaded."}, 422: {400, 100, 0, "(#100) Invalid parameter"}, 429: {400, 32, 0, "(#32) Page request limit reached"},
		500: {500, 1, 0, "An unknown error occurred"}, 503: {503, 2, 0, "Service temporarily unavailable"}}
	refusal, known := as[status]
	if w.ours || !known || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.Header().Get(resetHeader) != "" {
		w.Header().Del(resetHeader)
		usage, _ := json.Marshal(map[string]any{w.subject: []any{map[string]any{"type": "pages", "call_count": 100, "total_cputime": 20, "total_time": 20, "estimated_time_to_regain_access": 2}}})
		w.Header().Set("X-Business-Use-Case-Usage", string(usage))
	}
	w.instead = true
	w.ResponseWriter.WriteHeader(refusal.Status)
	_ = json.NewEncoder(w.ResponseWriter).Encode(refusal.document())
}

// Write drops the body that was replaced.
func (w *writer) Write(b []byte) (int, error) {
	if w.instead {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Hook is a call to our webhook, signed as Meta signs it.
func Hook(object, id string, at time.Time) network.Webhook {
	body, _ := json.Marshal(map[string]any{"object": object, "entry": []any{map[string]any{"id": id, "time": at.Unix(), "changes": []any{map[string]any{"field": "feed", "value": map[string]any{"item": "comment", "verb": "add"}}}}}})
	mac := hmac.New(sha256.New, []byte(AppSecret))
	mac.Write(body)
	h := http.Header{}
	h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return network.Webhook{Method: http.MethodPost, Header: h, Body: body, At: at}
}

// App is the registered application's values.
func App() map[string]string {
	return map[string]string{"client_id": AppID, "client_secret": AppSecret, "verify_token": AppWord}
}
