package wire_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"pgregory.net/rapid"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

// The examples of NIP-19.
const (
	nsec    = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
	nsecHex = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
	npub    = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"
	npubHex = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
	profile = "nprofile1qqsrhuxx8l9ex335q7he0f09aej04zpazpl0ne2cgukyawd24mayt8gpp4mhxue69uhhytnc9e3k7mgpz4mhxue69uhkg6nzv9ejuumpv34kytnrdaksjlyr9p"
)

func TestKeysAndReferencesReadAsPublished(t *testing.T) {
	for _, typed := range []string{nsec, nsecHex, " " + strings.ToUpper(nsecHex) + "\n"} {
		k, err := wire.ReadKey(typed)
		if err != nil || k.Hex() != nsecHex {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if got := wire.Npub(npubHex); got != npub {
		t.Errorf("the key is written %s", got)
	}
	for typed, want := range map[string]wire.Reference{
		npub:                         {Author: npubHex},
		"nostr:" + npub:              {Author: npubHex},
		profile:                      {Author: "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d", Relay: "wss://r.x.com"},
		npubHex:                      {ID: npubHex},
		"30023:" + npubHex + ":a:b1": {Author: npubHex, Kind: 30023, D: "a:b1", Versions: true},
	} {
		if got, err := wire.ReadReference(typed); err != nil || got != want {
			t.Errorf("%s reads %+v, %v", typed, got, err)
		}
	}
	for _, e := range []wire.Event{{ID: nsecHex, PubKey: npubHex, Kind: 1}, {ID: nsecHex, PubKey: npubHex, Kind: 30023, Tags: [][]string{{"d", "ä/1"}}}} {
		written := wire.Refer(e, "wss://relay.example.com")
		got, err := wire.ReadReference("https://njump.me/" + written)
		if err != nil || got.Target() != e.RemoteID() || got.Author != e.PubKey || got.Kind != e.Kind || got.Relay != "wss://relay.example.com" {
			t.Errorf("%s reads %+v, %v", written, got, err)
		}
	}
}

func TestWrongKeysAreRefusedWithTheReason(t *testing.T) {
	for typed, words := range map[string]string{"": "not a Nostr key", npub: "public key", nsec[:40]: "not a Nostr key", nsec[:62] + "6": "not a Nostr key", "ncryptsec1abc": "locked", "bunker://abc": "remote signers",
		strings.Repeat("0", 64): "not a valid key", strings.Repeat("f", 64): "not a valid key"} {
		_, err := wire.ReadKey(typed)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), words) || fault.As(err).Field != "secret_key" {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestReferencesNeverPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`(nostr:)?(npub|nprofile|note|nevent|naddr|nsec)1[02-9ac-hj-np-z]{0,80}`).Draw(t, "s")
		_, _ = wire.ReadReference(s)
		_, _ = wire.ReadKey(s)
	})
}

// TestSpellingIsTheSpecifications: an id made of any other spelling is nobody else's.
func TestSpellingIsTheSpecifications(t *testing.T) {
	k, _ := wire.ReadKey(nsec)
	// The digest was made by another program.
	e, err := k.Sign(wire.Event{CreatedAt: 1, Kind: 1, Tags: [][]string{{"t", `"\`}}, Content: "<&>\n\t\r\b\f\u2028/é😀"})
	if err != nil || e.ID != "5f305dfc9bda64d738018f0998cca4f8a86087e35b41f4e73b9636669e6dae9c" || !e.Genuine() {
		t.Errorf("signed as %s, %v", e.ID, err)
	}
	again, _ := k.Sign(e)
	if again.Sig != e.Sig {
		t.Error("the same event has another signature")
	}
	for name, forge := range map[string]func(*wire.Event){
		"content": func(e *wire.Event) { e.Content += "!" }, "time": func(e *wire.Event) { e.CreatedAt++ }, "author": func(e *wire.Event) { e.PubKey = strings.Repeat("a", 64) },
		"id": func(e *wire.Event) { e.ID = strings.Repeat("a", 64) }, "signature": func(e *wire.Event) { e.Sig = strings.Repeat("a", 128) }, "no signature": func(e *wire.Event) { e.Sig = "" },
	} {
		forged := e
		if forge(&forged); forged.Genuine() {
			t.Errorf("another %s is not noticed", name)
		}
	}
}

// hostile is a relay that answers every question with the same messages.
func hostile(t *testing.T, say func(name string) []string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		for {
			_, raw, err := conn.Read(r.Context())
			var parts []json.RawMessage
			if err != nil || json.Unmarshal(raw, &parts) != nil || string(parts[0]) == `"CLOSE"` {
				if err != nil {
					return
				}
				continue
			}
			for _, m := range say("q") {
				if conn.Write(r.Context(), websocket.MessageText, []byte(m)) != nil {
					return
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

func TestHostileRelayIsNotBelieved(t *testing.T) {
	k, _ := wire.ReadKey(nsec)
	mine, _ := k.Sign(wire.Event{CreatedAt: 100, Kind: 1, Content: "real"})
	forged := mine
	forged.Content = "not what was signed"
	other, _ := k.Sign(wire.Event{CreatedAt: 100, Kind: 7, Content: "not asked for"})
	late, _ := k.Sign(wire.Event{CreatedAt: 1000, Kind: 1, Content: "later than asked for"})
	line := func(parts ...any) string { raw, _ := json.Marshal(parts); return string(raw) }
	url := hostile(t, func(q string) []string {
		return []string{line("EVENT", q, forged), line("EVENT", "another question", mine), line("EVENT", q, other), line("EVENT", q, late), line("EVENT", q, mine), line("NOTICE", "hello"), line("EOSE", q)}
	})
	p := wire.Join(networktest.Client(t, nil), wire.Key{}, []string{url})
	defer p.Close()
	found, whole, err := p.Read(t.Context(), wire.Filter{"kinds": []int{1}, "authors": []string{npubHex}, "until": int64(500)})
	if err != nil || !whole || len(found) != 1 || found[0].ID != mine.ID {
		t.Errorf("believed %+v, %v", found, err)
	}
}

// TestRelayThatRepeatsItselfIsLeft: paging back ends although every page is full and the same.
func TestRelayThatRepeatsItselfIsLeft(t *testing.T) {
	k, _ := wire.ReadKey(nsec)
	var page []string
	for i := range 30 {
		e, _ := k.Sign(wire.Event{CreatedAt: int64(100 + i), Kind: 1})
		raw, _ := json.Marshal([]any{"EVENT", "q", e})
		page = append(page, string(raw))
	}
	p := wire.Join(networktest.Client(t, nil), wire.Key{}, []string{hostile(t, func(string) []string { return append(page[:30:30], `["EOSE","q"]`) })})
	defer p.Close()
	start := time.Now()
	found, err := p.Relays[0].Since(t.Context(), wire.Filter{"kinds": []int{1}}, 50, false)
	if err != nil || len(found) != 30 || time.Since(start) > 5*time.Second {
		t.Errorf("%d events, %v", len(found), err)
	}
}

func TestAllRelaysDecideTogether(t *testing.T) {
	later, unknown := &fault.Error{Kind: fault.Later, Message: "l"}, &fault.Error{Kind: fault.Unknown, Message: "u"}
	no, out := &fault.Error{Kind: fault.Rejected, Message: "r"}, &fault.Error{Kind: fault.Unauthorised, Message: "a"}
	for _, c := range []struct {
		errs []error
		want fault.Kind
	}{{[]error{no, later, unknown}, fault.Unknown}, {[]error{no, later}, fault.Later}, {[]error{out, no}, fault.Rejected}, {[]error{out, out}, fault.Unauthorised}, {[]error{no}, fault.Rejected}} {
		if err := wire.Worst(c.errs); !fault.Is(err, c.want) {
			t.Errorf("%v together are %s, want %s", c.errs, fault.KindOf(err), c.want)
		}
	}
	if err := wire.Worst([]error{no, out, no}); fault.As(err).Message != "r; a" {
		t.Errorf("they say %q", fault.As(err).Message)
	}
}
