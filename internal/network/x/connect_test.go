package x_test

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/x"
	"github.com/bellwether-social/bellwether/internal/network/x/xfake"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const verifier = "a-verifier-that-is-long-enough-for-the-standard"

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, n x.X, client *safehttp.Client) (network.ConnectRedirect, url.Values) {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	to, err := n.Begin(t.Context(), client, network.ConnectRequest{RedirectURL: xfake.Redirect, State: "state-1", Verifier: verifier,
		Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), App: registered})
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
	if err != nil || back.Query().Get("state") != "state-1" {
		t.Fatalf("X answered %d and sent back to %v", resp.StatusCode, back)
	}
	return to, back.Query()
}

func TestAccountIsConnectedRenewedAndDisconnected(t *testing.T) {
	clock := networktest.NewClock()
	f := start(t, xfake.Options{Now: clock.Now, Subscription: "PremiumPlus"})
	n, client := x.New(f.URL+"/"), networktest.Client(t, clock)
	to, callback := begin(t, n, client)
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("%+v, %v", accounts, err)
	}
	a := accounts[0]
	if a.Handle != xfake.Brand || a.ID != f.Person(xfake.Brand) || a.Limits.Characters != 25000 || a.Followers != 7 || a.URL != "https://x.com/brand" || !grant.ExpiresAt.Equal(clock.Now().Add(2*time.Hour)) {
		t.Errorf("%+v %s", a, grant.ExpiresAt)
	}
	s := network.Session{Account: a, Grant: grant, App: registered, HTTP: client}
	if s.Grant, err = n.Refresh(t.Context(), s); err != nil || s.Grant.Values["refresh_token"] == grant.Values["refresh_token"] {
		t.Errorf("the refresh token is not new: %v", err)
	}
	used := s
	used.Grant = grant
	if _, err := n.Refresh(t.Context(), used); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("a refresh token works twice: %v", err)
	}
	wrong := s
	wrong.App = map[string]string{"client_id": xfake.ClientID, "client_secret": "another"}
	if _, err := n.Refresh(t.Context(), wrong); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("another secret: %v", err)
	}
	if err := n.Revoke(t.Context(), s); err != nil {
		t.Errorf("revoke: %v", err)
	}
	if _, err := n.Check(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("after giving the token back: %v", err)
	}
	s.Grant.Values = map[string]string{"access_token": "x"}
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("without a refresh token: %v", err)
	}
}

func TestCallbackIsNotTrusted(t *testing.T) {
	clock := networktest.NewClock()
	f := start(t, xfake.Options{Now: clock.Now})
	n, client := x.New(f.URL), networktest.Client(t, clock)
	for name, change := range map[string]func(keep map[string]string, q url.Values){
		"cancelled":      func(_ map[string]string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
		"strange code":   func(_ map[string]string, q url.Values) { q.Set("code", "guessed") },
		"wrong verifier": func(k map[string]string, _ url.Values) { k["verifier"] = "another" },
		"wrong secret":   func(k map[string]string, _ url.Values) { k["client_secret"] = "another" },
		"too late":       func(map[string]string, url.Values) { clock.Advance(31 * time.Second) },
	} {
		to, callback := begin(t, n, client)
		keep := maps.Clone(to.Keep)
		change(keep, callback)
		_, _, err := n.Finish(t.Context(), client, keep, callback)
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || strings.Contains(err.Error(), xfake.ClientSecret) {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
	f.Deny()
	to, callback := begin(t, n, client)
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) {
		t.Errorf("denied: %v", err)
	}
	if _, err := n.Begin(t.Context(), client, network.ConnectRequest{RedirectURL: xfake.Redirect}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a registered application: %v", err)
	}
	to, err := x.New("").Begin(t.Context(), client, network.ConnectRequest{App: registered, State: "s", Challenge: "c"})
	if err != nil || !strings.HasPrefix(to.URL, "https://x.com/i/oauth2/authorize?") || !strings.Contains(to.URL, "code_challenge_method=S256") || !strings.Contains(to.URL, "offline.access") {
		t.Errorf("%s, %v", to.URL, err)
	}
}

func TestCallsOfXAreAnswered(t *testing.T) {
	n := x.New("")
	app := map[string]string{"consumer_secret": "z3ZX4v7mAAUGykl1EcmWqbWuQmxD3TrZOGPfGtPrQXY"} // X's own example has another
	heard, err := n.Hear(app, network.Webhook{Method: http.MethodGet, Query: url.Values{"crc_token": {"challenge_string"}}})
	if err != nil || len(heard.Accounts) != 0 || heard.MIME != "application/json" || !strings.Contains(string(heard.Answer), `{"response_token":"sha256=`) {
		t.Errorf("%s, %v", heard.Answer, err)
	}
	for _, token := range []string{`{"data":{}}`, "a b", strings.Repeat("a", 200)} {
		if heard, err := n.Hear(app, network.Webhook{Method: http.MethodGet, Query: url.Values{"crc_token": {token}}}); !fault.Is(err, fault.Unauthorised) || heard.Answer != nil {
			t.Errorf("%s is signed: %s", token, heard.Answer)
		}
	}
	if _, err := n.Hear(nil, network.Webhook{Method: http.MethodGet, Query: url.Values{"crc_token": {"x"}}}); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("without a secret: %v", err)
	}
}
