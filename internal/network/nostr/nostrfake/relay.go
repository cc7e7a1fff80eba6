package nostrfake

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Upgrade") == "websocket":
		f.relay(w, r)
	case r.Method == http.MethodPut && r.URL.Path == "/upload":
		f.upload(w, r)
	case r.Method == http.MethodGet && r.URL.Path == "/" && r.Header.Get("Accept") == "application/nostr+json":
		if f.o.NoInfo {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/nostr+json")
		_ = json.NewEncoder(w).Encode(map[string]any{"name": "fake", "limitation": map[string]any{"max_content_length": f.o.Characters, "max_message_length": 131072, "auth_required": f.o.Auth}})
	default:
		f.complain("%s %s: there is no such call", r.Method, r.URL.Path)
		http.NotFound(w, r)
	}
}

func (f *Fake) complain(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faulty = append(f.faulty, fmt.Sprintf(format, args...))
}

// talk is one connection.
type talk struct {
	f         *Fake
	conn      *websocket.Conn
	r         *http.Request // its context ends with the connection
	challenge string
	who       string // public key of who signed in
}

func (f *Fake) relay(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	conn.SetReadLimit(1 << 20)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	t := &talk{f: f, conn: conn, r: r.WithContext(ctx)}
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler { // a withheld answer
			panic(p)
		}
		_ = conn.CloseNow()
	}()
	if f.o.Auth {
		f.mu.Lock()
		f.n++
		t.challenge = fmt.Sprintf("challenge-%d", f.n)
		f.mu.Unlock()
		t.send("AUTH", t.challenge)
	}
	incoming := make(chan []byte, 16)
	go func() { // reads on while an answer is withheld, so as to see the end
		defer cancel()
		defer close(incoming)
		for {
			_, raw, err := conn.Read(ctx)
			if err != nil {
				return
			}
			select {
			case incoming <- raw:
			case <-ctx.Done():
				return
			}
		}
	}()
	for raw := range incoming {
		t.hear(raw)
	}
}

func (t *talk) send(parts ...any) {
	raw, _ := json.Marshal(parts)
	_ = t.conn.Write(t.r.Context(), websocket.MessageText, raw)
}

func (t *talk) hear(raw []byte) {
	var parts []json.RawMessage
	var verb, name string
	if json.Unmarshal(raw, &parts) != nil || len(parts) < 2 || json.Unmarshal(parts[0], &verb) != nil {
		t.f.complain("a message that is none: %.100s", raw)
		t.send("NOTICE", "bad message")
		return
	}
	var e wire.Event
	switch verb {
	case "EVENT", "AUTH":
		if json.Unmarshal(parts[1], &e) != nil || !e.Genuine() {
			t.f.complain("an event whose id or signature is wrong: %.100s", raw)
			t.send("OK", e.ID, false, "invalid: bad signature")
			return
		}
		t.f.judge(parts[1])
		if verb == "AUTH" {
			t.auth(e)
			return
		}
		t.play(t.f.class(e), func(why string) []any { return []any{"OK", e.ID, false, why} }, func(say func(...any)) { t.event(e, len(raw), say) })
	case "REQ", "COUNT":
		_ = json.Unmarshal(parts[1], &name)
		filters := parts[2:]
		t.play("read", func(why string) []any { return []any{"CLOSED", name, why} }, func(say func(...any)) { t.query(verb, name, filters, say) })
	case "CLOSE":
	default:
		t.f.complain("the word %s is not known", verb)
		t.send("NOTICE", "unknown: "+verb)
	}
}

// play lets a message meet its fault. refuse words a refusal of it.
func (t *talk) play(class string, refuse func(why string) []any, do func(say func(...any))) {
	t.f.mu.Lock()
	t.f.calls[class]++
	t.f.mu.Unlock()
	a := &answer{t: t, header: http.Header{}, status: 200}
	t.f.Faults.Play(a, t.r, class, func(w http.ResponseWriter) {
		t.f.mu.Lock()
		defer t.f.mu.Unlock()
		var messages []string
		do(func(parts ...any) {
			raw, _ := json.Marshal(parts)
			messages = append(messages, string(raw))
		})
		_, _ = w.Write([]byte(strings.Join(messages, "\n")))
	})
	why := map[int]string{401: "restricted: this key may not come in", 403: "blocked: this account may not write here", 413: "invalid: the event is too large", 422: "invalid: the text is not allowed here",
		429: "rate-limited: slow down", 500: "error: something went wrong", 502: "error: bad gateway", 503: "error: the database is away"}[a.status]
	switch {
	case a.hungUp:
	case why != "":
		t.send(refuse(why)...)
	default:
		for m := range strings.SplitSeq(a.body.String(), "\n") {
			_ = t.conn.Write(t.r.Context(), websocket.MessageText, []byte(m))
		}
	}
}

// answer takes the place of an HTTP answer, for the faults that every fake plays: each line of its body is a message.
type answer struct {
	t      *talk
	header http.Header
	status int
	body   strings.Builder
	hungUp bool
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
func (a *answer) Flush()                      {}

func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.hungUp = true
	return hook{close: a.t.conn.CloseNow}, nil, nil
}

// hook is a connection that can only be cut.
type hook struct {
	net.Conn
	close func() error
}

func (h hook) Close() error { return h.close() }

// auth checks a proof of who is there (NIP-42).
func (t *talk) auth(e wire.Event) {
	age := t.f.o.Now().Unix() - e.CreatedAt
	if e.Kind != wire.KindAuth || e.Tag("challenge") != t.challenge || t.challenge == "" || e.Tag("relay") != t.f.Relay() || age > 600 || age < -600 {
		t.f.complain("a proof of identity that proves nothing: %+v", e)
		t.send("OK", e.ID, false, "restricted: this proves nothing")
		return
	}
	t.who = e.PubKey
	t.send("OK", e.ID, true, "")
}

// shut says why the connection may not go on; "" when it may.
func (t *talk) shut() string {
	switch {
	case t.f.locked:
		return "restricted: this key is shut out"
	case t.f.o.Auth && t.who == "":
		return "auth-required: sign in first"
	}
	return ""
}
