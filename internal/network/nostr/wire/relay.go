package wire

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/coder/websocket"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	// Patience is how long we wait for one relay and one question.
	Patience = 10 * time.Second
	// MostEvents bounds one answer: a relay that delivers more is mistaken or hostile
	MostEvents = 10_000
	largest    = 1 << 20 // bytes of one message of a relay
)

// Relay is one relay in one call of ours: connected when it is first needed, and kept until the call ends.
type Relay struct {
	URL       string
	http      *safehttp.Client
	key       Key // to sign in with, if the relay asks
	conn      *websocket.Conn
	challenge string // of the relay, for signing in (NIP-42)
	signedIn  bool
}

func (r *Relay) host() string {
	_, host, _ := strings.Cut(r.URL, "://")
	return strings.TrimSuffix(host, "/")
}

// open connects. Nothing was said yet when it fails, so that is never in doubt.
func (r *Relay) open(ctx context.Context) error {
	if r.conn != nil {
		return nil
	}
	conn, resp, err := websocket.Dial(ctx, r.URL, &websocket.DialOptions{HTTPClient: r.http.HTTPClient()})
	if err != nil {
		var known *fault.Error
		if errors.As(err, &known) {
			f := *known
			if f.Kind == fault.Unknown {
				f.Kind = fault.Later
			}
			return &f
		}
		f := &fault.Error{Kind: fault.Later, Code: "connect", Message: r.host() + " is not a relay, or does not answer as one", Cause: err}
		if resp != nil && resp.StatusCode == http.StatusTooManyRequests {
			f.Code, f.Message, f.RetryAt = "http_429", r.host()+" takes no more connections for now", safehttp.RetryAt(resp.Header, r.http.Now())
		}
		return f
	}
	conn.SetReadLimit(largest)
	r.conn = conn
	return nil
}

func (r *Relay) Close() {
	if r.conn != nil {
		_ = r.conn.CloseNow()
		r.conn = nil
	}
}

// say sends one message.
func (r *Relay) say(ctx context.Context, parts ...any) error {
	raw, err := json.Marshal(parts)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "write a message for a relay")
	}
	if err := r.conn.Write(ctx, websocket.MessageText, raw); err != nil {
		return r.broken(err)
	}
	return nil
}

// hear reads the next message that is not about the connection itself.
func (r *Relay) hear(ctx context.Context) (kind string, parts []json.RawMessage, err error) {
	for {
		_, raw, err := r.conn.Read(ctx)
		if err != nil {
			return "", nil, r.broken(err)
		}
		parts = nil
		if json.Unmarshal(raw, &parts) != nil || len(parts) == 0 || json.Unmarshal(parts[0], &kind) != nil {
			return "", nil, r.broken(errors.New("a message that is no message of a relay"))
		}
		if kind != "AUTH" {
			return kind, parts, nil
		}
		r.challenge = word(parts, 1)
	}
}

// broken ends a connection whose state is not known any more. Something was asked; whether it was done is not known.
func (r *Relay) broken(err error) error {
	r.Close()
	return &fault.Error{Kind: fault.Unknown, Code: "connection_lost", Message: r.host() + " gave no usable answer", Cause: err}
}

// word is a part of a message that is text, "" for anything else.
func word(parts []json.RawMessage, i int) (s string) {
	if i < len(parts) {
		_ = json.Unmarshal(parts[i], &s) // stays empty
	}
	return s
}

// Publish sends an event and waits for the relay's word on it.
func (r *Relay) Publish(ctx context.Context, e Event) error {
	if err := r.open(ctx); err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		if err := r.say(ctx, "EVENT", e); err != nil {
			return err
		}
		taken, why, err := r.verdict(ctx, e.ID)
		switch {
		case err != nil:
			return err
		case taken || strings.HasPrefix(why, "duplicate:"):
			return nil
		case tries == 0 && strings.HasPrefix(why, "auth-required:") && r.challenge != "":
			if err := r.signIn(ctx); err != nil {
				return err
			}
		default:
			return r.refusal(why)
		}
	}
}

// verdict waits for the OK to an event.
func (r *Relay) verdict(ctx context.Context, id string) (taken bool, why string, err error) {
	for {
		kind, parts, err := r.hear(ctx)
		if err != nil {
			return false, "", err
		}
		if kind == "OK" && word(parts, 1) == id && len(parts) > 2 {
			if json.Unmarshal(parts[2], &taken) != nil {
				return false, "", r.broken(errors.New("an OK that says neither yes nor no"))
			}
			return taken, word(parts, 3), nil
		}
	}
}

// signIn proves to the relay whose connection this is.
func (r *Relay) signIn(ctx context.Context) error {
	if r.signedIn || r.key.key == nil {
		return r.refusal("auth-required: the key was shown and did not suffice")
	}
	e, err := r.key.Sign(Event{Kind: KindAuth, CreatedAt: r.http.Now().Unix(), Tags: [][]string{{"relay", r.URL}, {"challenge", r.challenge}}})
	if err != nil {
		return err
	}
	if err := r.say(ctx, "AUTH", e); err != nil {
		return err
	}
	taken, why, err := r.verdict(ctx, e.ID)
	if err == nil && !taken {
		err = r.refusal("restricted: " + why)
	}
	r.signedIn = err == nil
	return err
}

// refusal gives a relay's no its meaning, by the word it begins with (NIP-01).
func (r *Relay) refusal(why string) error {
	word, _, _ := strings.Cut(why, ":")
	f := &fault.Error{Kind: fault.Rejected, Code: word, Message: r.host() + " answered: " + Tidy(why)}
	switch word {
	case "rate-limited":
		f.Kind = fault.Later
	case "error":
		f.Kind = fault.Unknown
	case "auth-required", "restricted":
		f.Kind, f.Hint = fault.Unauthorised, "The relay does not let this key in, or no longer. Reconnect the channel with other relays, or ask the relay's operator."
	case "pow":
		f.Hint = "The relay wants proof of work, which Bellwether does not offer. Leave it out."
	case "blocked", "mute":
		f.Hint = "The relay does not take this account's posts. Leave it out, or ask its operator."
	case "invalid":
		f.Hint = "Shorten the post, or look whether the server's clock is right."
	case "duplicate":
	default:
		f.Code = "refused"
	}
	return f
}

func Tidy(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	if c := []rune(s); len(c) > 200 {
		s = string(c[:199]) + "…"
	}
	return cmp.Or(strings.TrimSpace(s), "no, without a reason")
}

// Filter asks for events (NIP-01). Tags are named with #.
type Filter map[string]any

// Query asks for stored events and returns what is genuine, until the relay says that there are no more.
func (r *Relay) Query(ctx context.Context, f Filter) (found []Event, err error) {
	err = r.ask(ctx, "REQ", f, func(kind string, parts []json.RawMessage) bool {
		if kind != "EVENT" || len(parts) < 3 {
			return kind == "EOSE"
		}
		var e Event
		if json.Unmarshal(parts[2], &e) == nil && e.fits(f) && e.Genuine() {
			found = append(found, e)
		}
		return len(found) >= MostEvents
	})
	if err == nil {
		_ = r.say(ctx, "CLOSE", "q") // a courtesy; the answer is complete
	}
	return found, err
}

// Count asks how many events there are (NIP-45); false where the relay does not count.
func (r *Relay) Count(ctx context.Context, f Filter) (n int64, counts bool, err error) {
	err = r.ask(ctx, "COUNT", f, func(kind string, parts []json.RawMessage) bool {
		if kind == "NOTICE" {
			return true // a relay that does not know the word
		}
		var answer struct {
			Count *int64 `json:"count"`
		}
		if kind != "COUNT" || len(parts) < 3 || json.Unmarshal(parts[2], &answer) != nil || answer.Count == nil {
			return false
		}
		n, counts = *answer.Count, true
		return true
	})
	if fault.Is(err, fault.Rejected) {
		err = nil // "unsupported: …"
	}
	return n, counts, err
}

// ask puts one question and hands its answers to take until that is content. Asking again harms nobody, so what went
// wrong is never in doubt.
func (r *Relay) ask(ctx context.Context, verb string, f Filter, take func(string, []json.RawMessage) bool) error {
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.say(ctx, verb, "q", f); err != nil {
		return Again(err)
	}
	for {
		kind, parts, err := r.hear(ctx)
		if err != nil {
			return Again(err)
		}
		switch {
		case kind == "CLOSED" && word(parts, 1) == "q":
			why := word(parts, 2)
			if !strings.HasPrefix(why, "auth-required:") || r.challenge == "" {
				return Again(r.refusal(why))
			}
			if err := r.signIn(ctx); err != nil {
				return Again(err)
			}
			if err := r.say(ctx, verb, "q", f); err != nil {
				return Again(err)
			}
		case kind == "NOTICE" || word(parts, 1) == "q":
			if take(kind, parts) {
				return nil
			}
		}
	}
}

// fits reports whether an event is one that was asked for: relays are strangers.
func (e Event) fits(f Filter) bool {
	in := func(name string, v any) bool {
		switch list := f[name].(type) {
		case []string:
			for _, x := range list {
				if x == v {
					return true
				}
			}
			return false
		case []int:
			for _, x := range list {
				if x == v {
					return true
				}
			}
			return false
		}
		return true
	}
	if until, ok := f["until"].(int64); ok && e.CreatedAt > until {
		return false
	}
	if !in("ids", e.ID) || !in("authors", e.PubKey) || !in("kinds", e.Kind) {
		return false
	}
	for name, v := range f {
		list, _ := v.([]string)
		if !strings.HasPrefix(name, "#") {
			continue
		}
		found := false
		for _, x := range list {
			found = found || e.Has(name[1:], x)
		}
		if !found {
			return false
		}
	}
	return true
}

// Again turns "the outcome is not known" into "later" for what may be repeated.
func Again(err error) error {
	if !fault.Is(err, fault.Unknown) {
		return err
	}
	f := *fault.As(err)
	f.Kind = fault.Later
	return &f
}
