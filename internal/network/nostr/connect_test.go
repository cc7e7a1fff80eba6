package nostr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/nostr"
	"github.com/bellwether-social/bellwether/internal/network/nostr/nostrfake"
)

func TestAccountIsWhatItsKeyPublished(t *testing.T) {
	clock := networktest.NewClock()
	f, other := start(t, nostrfake.Options{Now: clock.Now, Characters: 500}), start(t, nostrfake.Options{Now: clock.Now, Characters: 300})
	third := start(t, nostrfake.Options{Now: clock.Now})
	f.Write(nostrfake.Brand, 0, `{"name":"old"}`)
	clock.Advance(time.Minute)
	f.Write(nostrfake.Brand, 0, `{"name":"brand","display_name":"The Brand","nip05":"_@brand.example","picture":"https://brand.example/face.png"}`)
	f.Write(nostrfake.Brand, 10002, "", []string{"r", f.Relay() + "/"}, []string{"r", other.Relay(), "write"}, []string{"r", third.Relay(), "read"}, []string{"r", "https://not.a.relay"}, []string{"r", f.Relay()})
	f.Write(nostrfake.Brand, 10063, "", []string{"server", other.URL + "/"})
	client := networktest.Client(t, clock)
	grant, accounts, err := nostr.New(f.URL).SignIn(t.Context(), client, map[string]string{"secret_key": nostrfake.BrandKey})
	if err != nil || len(accounts) != 1 {
		t.Fatalf("sign in: %+v, %v", accounts, err)
	}
	a := accounts[0]
	if a.ID != f.Key(nostrfake.Brand) || a.Handle != "brand.example" || a.Name != "The Brand" || a.AvatarURL != "https://brand.example/face.png" || a.Server != f.Relay() || a.Limits.Characters != 300 || a.Extra["media"] != other.URL {
		t.Errorf("the account is %+v", a)
	}
	if c := a.Choices["relays"]; len(c) != 2 || c[0].Value != f.Relay() || c[1].Value != other.Relay() {
		t.Errorf("it publishes at %+v", c)
	}
	// The list changes, and is followed.
	clock.Advance(time.Minute)
	f.Write(nostrfake.Brand, 10002, "", []string{"r", third.Relay()})
	again, err := nostr.New(f.URL).Check(t.Context(), network.Session{Account: a, Grant: grant, HTTP: client})
	if err != nil || again.ID != a.ID || again.Server != third.Relay() || again.Limits.Characters != 8196 {
		t.Errorf("checked: %+v, %v", again, err)
	}
	for _, secret := range []string{nostrfake.BrandKey} {
		if strings.Contains(strings.Join([]string{a.Extra["relays"], a.URL, a.Handle}, " "), secret) {
			t.Error("the account shows the key")
		}
	}
}

func TestTypedRelaysAreFollowedWhateverIsPublished(t *testing.T) {
	clock := networktest.NewClock()
	f := start(t, nostrfake.Options{Now: clock.Now})
	f.Write(nostrfake.Brand, 10002, "", []string{"r", "wss://somewhere.else.example"})
	client := networktest.Client(t, clock)
	grant, accounts, err := nostr.New("").SignIn(t.Context(), client, map[string]string{"secret_key": nostrfake.BrandKey, "relays": " " + f.Relay() + "/, " + f.Relay()})
	if err != nil || len(accounts[0].Choices["relays"]) != 1 || accounts[0].Server != f.Relay() {
		t.Fatalf("sign in: %+v, %v", accounts, err)
	}
	again, err := nostr.New("").Check(t.Context(), network.Session{Account: accounts[0], Grant: grant, HTTP: client})
	if err != nil || again.Server != f.Relay() {
		t.Errorf("checked: %+v, %v", again, err)
	}
}

func TestSignInIsRefusedInPlainWords(t *testing.T) {
	f := start(t, nostrfake.Options{})
	for _, c := range []struct{ key, relays, media, field, words string }{
		{"", f.Relay(), "", "secret_key", "not a Nostr key"},
		{"npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg", f.Relay(), "", "secret_key", "public key"},
		{nostrfake.BrandKey, "https://relay.example.com", "", "relays", "wss://"},
		{nostrfake.BrandKey, "wss://user:word@relay.example.com", "", "relays", "password"},
		{nostrfake.BrandKey, "ws://10.0.0.1", "", "relays", "not a public internet address"},
		{nostrfake.BrandKey, strings.Repeat("wss://a.example wss://b.example wss://c.example wss://d.example ", 1) + "e f g h i j k", "", "relays", "11 relays"},
		{nostrfake.BrandKey, f.Relay(), "ftp://media.example", "media_server", "must begin with"},
	} {
		_, accounts, err := nostr.New("").SignIn(t.Context(), networktest.Client(t, nil), map[string]string{"secret_key": c.key, "relays": c.relays, "media_server": c.media})
		if e := fault.As(err); err == nil || len(accounts) > 0 || e.Field != c.field || !strings.Contains(e.Message, c.words) {
			t.Errorf("%+v: %v (field %s)", c, err, fault.As(err).Field)
		}
		if err != nil && len(c.key) > 10 && strings.Contains(err.Error(), c.key) {
			t.Errorf("%+v: the error shows the key", c)
		}
	}
	f.Faults.Next("read", networkfake.ErrorBefore)
	if _, _, err := nostr.New("").SignIn(t.Context(), networktest.Client(t, nil), map[string]string{"secret_key": nostrfake.BrandKey, "relays": f.Relay()}); !fault.Is(err, fault.Later) || fault.As(err).Hint == "" {
		t.Errorf("a relay that is away: %v", err)
	}
}

func TestPeopleAreFoundByKeyAndByNameWhereRelaysSearch(t *testing.T) {
	w, f := world(t, nostrfake.Options{Search: true})
	f.Write("ann", 0, `{"name":"ann","display_name":"Ann Example"}`)
	f.Write("ben", 0, `{"name":"ben"}`)
	for query, want := range map[string]string{"@ANN": "ann", f.Key("ben"): "", "npub": ""} {
		people, err := nostr.New("").SearchPeople(t.Context(), w.Session, query, 5)
		if err != nil || (want != "") != (len(people) == 1) || want != "" && people[0].ID != f.Key(want) {
			t.Errorf("%s finds %+v, %v", query, people, err)
		}
	}
	w, f = world(t, nostrfake.Options{})
	f.Write("ann", 0, `{"name":"ann"}`)
	if people, err := nostr.New("").SearchPeople(t.Context(), w.Session, "ann", 5); err != nil || len(people) != 0 {
		t.Errorf("a relay without a search finds %+v, %v", people, err)
	}
}
