package mastodon_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/mastodon"
	"github.com/bellwether-social/bellwether/internal/network/mastodon/mastodonfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const verifier = "a-verifier-that-is-long-enough-for-the-standard"

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, client *safehttp.Client, server string) (network.ConnectRedirect, url.Values) {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	to, err := mastodon.New().Begin(t.Context(), client, network.ConnectRequest{Server: server, RedirectURL: "https://bellwether.example/channels/callback/mastodon",
		State: "state-1", Verifier: verifier, Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), AppName: "Bellwether"})
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(to.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("the server answered %d and sent nobody back", resp.StatusCode)
	}
	if back.Query().Get("state") != "state-1" {
		t.Errorf("the state came back as %q", back.Query().Get("state"))
	}
	return to, back.Query()
}

func start(t *testing.T, o mastodonfake.Options) *mastodonfake.Fake {
	t.Helper()
	f, err := mastodonfake.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	described(t, f)
	return f
}

func TestServersOfEveryKindAreConnected(t *testing.T) {
	for name, c := range map[string]struct {
		o        mastodonfake.Options
		software string
		pkce     bool
		kind     network.StepKind
		chars    int
	}{
		"Mastodon":                       {mastodonfake.Options{}, "mastodon", true, network.Keyed, 500},
		"Mastodon with longer posts":     {mastodonfake.Options{Version: "4.5.1+glitch", Characters: 11000}, "mastodon", true, network.Keyed, 11000},
		"old Mastodon":                   {mastodonfake.Options{Old: true}, "mastodon", false, network.Keyed, 500},
		"Mastodon that hides its name":   {mastodonfake.Options{NoNodeInfo: true}, "", true, network.Findable, 500},
		"GoToSocial":                     {mastodonfake.Options{Software: "gotosocial"}, "gotosocial", false, network.Findable, 5000},
		"GoToSocial that hides its name": {mastodonfake.Options{Software: "gotosocial", Version: "0.19.2+git (GoToSocial)", NoNodeInfo: true}, "gotosocial", false, network.Findable, 5000},
		"Pleroma that hides its name":    {mastodonfake.Options{Software: "pleroma", NoNodeInfo: true}, "pleroma", false, network.Findable, 5000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, client, n := start(t, c.o), networktest.Client(t, nil), mastodon.New()
			to, callback := begin(t, client, f.URL)
			if (to.Keep["pkce"] != "") != c.pkce || strings.Contains(to.URL, "code_challenge_method=S256") != c.pkce {
				t.Errorf("PKCE: %q", to.URL)
			}
			grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
			if err != nil || len(accounts) != 1 {
				t.Fatalf("finish: %+v, %v", accounts, err)
			}
			a := accounts[0]
			if a.Extra["software"] != c.software || a.Limits.Characters != c.chars || a.Handle != "brand@fake.example" || a.Server != f.URL || len(grant.Scopes) == 0 {
				t.Errorf("the account is %+v", a)
			}
			steps, problems := n.Plan(network.Draft{Key: "d", Parts: []network.Part{{Text: "Hello"}}}, a)
			if len(steps) != 1 || steps[0].Kind != c.kind {
				t.Errorf("a post is planned as %+v %+v", steps, problems)
			}
			s := network.Session{Account: a, Grant: grant, HTTP: client}
			if _, err := n.Do(t.Context(), s, steps[0], nil); err != nil {
				t.Errorf("publish with the new token: %v", err)
			}
			if err := n.Revoke(t.Context(), s); err != nil {
				t.Errorf("revoke: %v", err)
			}
			if _, err := n.Check(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
				t.Errorf("after giving the token back: %v", err)
			}
		})
	}
}

func TestS19CallbackIsNotTrusted(t *testing.T) {
	f, client, n := start(t, mastodonfake.Options{}), networktest.Client(t, nil), mastodon.New()
	to, callback := begin(t, client, f.URL)
	for name, change := range map[string]func(keep map[string]string, q url.Values){
		"another server": func(_ map[string]string, q url.Values) { q.Set("iss", "https://evil.example") },
		"no code":        func(_ map[string]string, q url.Values) { q.Del("code") },
		"strange code":   func(_ map[string]string, q url.Values) { q.Set("code", "guessed") },
		"wrong verifier": func(k map[string]string, _ url.Values) { k["verifier"] = "another" },
		"wrong secret":   func(k map[string]string, _ url.Values) { k["client_secret"] = "another" },
	} {
		keep, q := map[string]string{}, url.Values{}
		for k, v := range to.Keep {
			keep[k] = v
		}
		for k, v := range callback {
			q[k] = append([]string(nil), v...)
		}
		change(keep, q)
		if _, _, err := n.Finish(t.Context(), client, keep, q); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); err != nil {
		t.Fatalf("the true callback: %v", err)
	}
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) {
		t.Errorf("the same callback again: %v", err)
	}
}

func TestS19ServerNamesAreReadAsPeopleTypeThem(t *testing.T) {
	f := start(t, mastodonfake.Options{})
	host := strings.TrimPrefix(f.URL, "http://")
	for _, typed := range []string{f.URL, f.URL + "/", " " + f.URL + "/@brand ", f.URL + "/about?x=1#y"} {
		begin(t, networktest.Client(t, nil), typed)
	}
	for _, typed := range []string{"", "@", "https://", "ftp://" + host, "http://user:pass@" + host, "not a host", "http://0x7f000001/", "https://[::1%25eth0]/"} {
		_, err := mastodon.New().Begin(t.Context(), networktest.Client(t, nil), network.ConnectRequest{Server: typed, RedirectURL: "https://b.example/cb", State: "s"})
		if !fault.Is(err, fault.Invalid) || fault.As(err).Field != "server" {
			t.Errorf("%q: %v is %s at %q", typed, err, fault.KindOf(err), fault.As(err).Field)
		}
	}
	// What stands in a handle is the server's name, always by https.
	_, err := mastodon.New().Begin(t.Context(), networktest.Client(t, nil), network.ConnectRequest{Server: "@brand@" + host, RedirectURL: "https://b.example/cb"})
	if err == nil || !strings.Contains(err.Error(), host) {
		t.Errorf("a handle: %v", err)
	}
}

func TestS19ServerInsideIsNotReached(t *testing.T) {
	reached := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer inside.Close()
	_, err := mastodon.New().Begin(t.Context(), safehttp.New(safehttp.Policy{}), network.ConnectRequest{Server: inside.URL, RedirectURL: "https://b.example/cb"})
	if err == nil || reached {
		t.Errorf("reached: %t, %v", reached, err)
	}
}

func TestOtherServersAreRefusedInPlainWords(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/v1") {
			_, _ = w.Write([]byte(`{"hello":"world"}`))
			return
		}
		http.NotFound(w, r)
	}))
	defer web.Close()
	_, err := mastodon.New().Begin(t.Context(), networktest.Client(t, nil), network.ConnectRequest{Server: web.URL, RedirectURL: "https://b.example/cb"})
	if !fault.Is(err, fault.Rejected) || fault.As(err).Field != "server" || !strings.Contains(err.Error(), "does not speak Mastodon") {
		t.Errorf("%v is %s", err, fault.KindOf(err))
	}
}

func FuzzServerName(f *testing.F) {
	for _, s := range []string{"mastodon.social", "@me@example.social", "https://a.example/@b", "http://[::1]:80/", "a@b@c", "\x00"} {
		f.Add(s)
	}
	dead := safehttp.New(safehttp.Policy{Ports: []int{1}}) // no public address answers here
	f.Fuzz(func(t *testing.T, typed string) {
		ctx, cancel := canceled(t)
		defer cancel()
		if to, err := mastodon.New().Begin(ctx, dead, network.ConnectRequest{Server: typed, RedirectURL: "https://b.example/cb"}); err == nil {
			t.Errorf("%q was connected: %s", typed, to.URL)
		}
	})
}
