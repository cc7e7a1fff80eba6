package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/coder/websocket"
)

// Nostr is a Nostr relay with a media server at the same address.
type Nostr struct{ *Server }

// Relay returns the lab's relay. It keeps an event once, however often it comes.
func Relay(t testing.TB) Nostr {
	t.Helper()
	return Nostr{running(t, "nostr", "bin/labnostr", "/ application/nostr+json")}
}

// Address is the relay's.
func (n Nostr) Address() string { return "ws" + strings.TrimPrefix(n.BaseURL, "http") }

// A NostrUser is a person with a key.
type NostrUser struct {
	User
	t     testing.TB
	relay string
	key   *btcec.PrivateKey
}

// A NostrEvent is an event as the relay delivers it.
type NostrEvent struct {
	ID        string     `json:"id"`
	PubKey    string     `json:"pubkey"`
	CreatedAt int64      `json:"created_at"`
	Kind      int        `json:"kind"`
	Tags      [][]string `json:"tags"`
	Content   string     `json:"content"`
	Sig       string     `json:"sig"`
}

// Has reports whether the event has a tag that begins with these values.
func (e NostrEvent) Has(values ...string) bool {
	for _, tag := range e.Tags {
		fits := len(tag) >= len(values)
		for i := 0; fits && i < len(values); i++ {
			fits = tag[i] == values[i]
		}
		if fits {
			return true
		}
	}
	return false
}

// As returns the person of that name: alice, bob or carol.
func (n Nostr) As(t testing.TB, name string) NostrUser {
	t.Helper()
	u := n.User(t, name)
	raw, err := hex.DecodeString(u.Secret)
	if err != nil {
		t.Fatalf("the key of %s: %v", name, err)
	}
	key, _ := btcec.PrivKeyFromBytes(raw)
	return NostrUser{User: u, t: t, relay: n.Address(), key: key}
}

// Write publishes an event. Its text must be such that JSON has one spelling of it.
func (u NostrUser) Write(kind int, content string, tags ...[]string) NostrEvent {
	u.t.Helper()
	if tags == nil {
		tags = [][]string{}
	}
	e := NostrEvent{PubKey: u.Pubkey, CreatedAt: time.Now().Unix(), Kind: kind, Tags: tags, Content: content}
	raw, err := json.Marshal([]any{0, e.PubKey, e.CreatedAt, e.Kind, e.Tags, e.Content})
	if err != nil || strings.Contains(string(raw), `\u`) {
		u.t.Fatalf("an event whose spelling is not sure: %s, %v", raw, err)
	}
	sum := sha256.Sum256(raw)
	sig, err := schnorr.Sign(u.key, sum[:])
	if err != nil {
		u.t.Fatalf("sign: %v", err)
	}
	e.ID, e.Sig = hex.EncodeToString(sum[:]), hex.EncodeToString(sig.Serialize())
	var taken bool
	var why string
	u.talk([]any{"EVENT", e}, func(kind string, parts []json.RawMessage) bool {
		if kind != "OK" || len(parts) < 4 {
			return false
		}
		_, _ = json.Unmarshal(parts[2], &taken), json.Unmarshal(parts[3], &why)
		return true
	})
	if !taken {
		u.t.Fatalf("the relay does not take the event: %s", why)
	}
	return e
}

// Reply answers a note; root is the first of its thread, the parent itself when that has none.
func (u NostrUser) Reply(root, parent, author, text string) NostrEvent {
	u.t.Helper()
	tags := [][]string{{"e", root, "", "root"}}
	if parent != root {
		tags = append(tags, []string{"e", parent, "", "reply"})
	}
	return u.Write(1, text, append(tags, []string{"p", author})...)
}

// Find returns what fits a filter.
func (u NostrUser) Find(filter map[string]any) (found []NostrEvent) {
	u.t.Helper()
	u.talk([]any{"REQ", "find", filter}, func(kind string, parts []json.RawMessage) bool {
		if kind == "EVENT" {
			var e NostrEvent
			if err := json.Unmarshal(parts[2], &e); err != nil {
				u.t.Fatalf("an event that cannot be read: %v", err)
			}
			found = append(found, e)
		}
		return kind == "EOSE" || kind == "CLOSED"
	})
	return found
}

// Read returns an event; false when there is none.
func (u NostrUser) Read(id string) (NostrEvent, bool) {
	u.t.Helper()
	found := u.Find(map[string]any{"ids": []string{id}})
	if len(found) != 1 {
		return NostrEvent{}, false
	}
	return found[0], true
}

// File returns what is at the address of a file.
func (u NostrUser) File(address string) []byte {
	u.t.Helper()
	res, err := client.Get(address)
	if err != nil {
		u.t.Fatalf("read %s: %v", address, err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		u.t.Fatalf("read %s: %d, %v", address, res.StatusCode, err)
	}
	return raw
}

// talk sends one message and hears the answers until done says that was all.
func (u NostrUser) talk(message []any, done func(kind string, parts []json.RawMessage) bool) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), 20*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, u.relay, nil)
	if err != nil {
		u.t.Fatalf("connect to %s: %v", u.relay, err)
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(1 << 20)
	raw, err := json.Marshal(message)
	if err == nil {
		err = conn.Write(ctx, websocket.MessageText, raw)
	}
	if err != nil {
		u.t.Fatalf("say %s: %v", raw, err)
	}
	for {
		_, heard, err := conn.Read(ctx)
		var parts []json.RawMessage
		var kind string
		if err == nil {
			err = json.Unmarshal(heard, &parts)
		}
		if err == nil && len(parts) > 0 {
			err = json.Unmarshal(parts[0], &kind)
		}
		if err != nil {
			u.t.Fatalf("after %s: %v", raw, err)
		}
		if done(kind, parts) {
			return
		}
	}
}
