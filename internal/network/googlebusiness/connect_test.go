package googlebusiness_test

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness"
	"github.com/bellwether-social/bellwether/internal/network/googlebusiness/googlebusinessfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const verifier = "a-verifier-that-is-long-enough-for-the-standard"

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, n googlebusiness.Business, client *safehttp.Client, state string) (network.ConnectRedirect, url.Values) {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	to, err := n.Begin(t.Context(), client, network.ConnectRequest{RedirectURL: "https://bellwether.example/channels/callback/google-business",
		State: state, Verifier: verifier, Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), AppName: "Bellwether", App: app()})
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
		t.Fatalf("Google answered %d and sent nobody back", resp.StatusCode)
	}
	if back.Query().Get("state") != state {
		t.Errorf("the state came back as %q", back.Query().Get("state"))
	}
	return to, back.Query()
}

func TestEveryLocationIsConnectedRenewedAndGivenBack(t *testing.T) {
	f, clock := start(t, googlebusinessfake.Options{}), networktest.NewClock()
	client, n := networktest.Client(t, clock), googlebusiness.New(f.URL)
	to, callback := begin(t, n, client, "state-1")
	if strings.Contains(to.URL, googlebusinessfake.ClientSecret) || strings.Contains(to.URL, verifier) {
		t.Errorf("the address shows a secret: %s", to.URL)
	}
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || len(accounts) != 3 { // one location belongs to both of the person's accounts
		t.Fatalf("finish: %+v, %v", accounts, err)
	}
	a := accounts[0]
	if a.ID != googlebusinessfake.Place || a.Handle != "High Street 22, Berlin" || a.Name != "Brand in town 22" || a.URL != "https://maps.google.com/maps?cid=22" || a.Extra["account"] != "accounts/11" {
		t.Errorf("the account is %+v", a)
	}
	if accounts[1].Handle != "store-23" || accounts[1].Extra["account"] != "accounts/11" || accounts[2].Extra["account"] != "accounts/12" {
		t.Errorf("the other accounts are %+v", accounts[1:])
	}
	if grant.ExpiresAt.Sub(clock.Now()).Round(time.Minute) != time.Hour || len(grant.Scopes) != 1 || grant.Values["refresh_token"] == "" {
		t.Errorf("the grant ends at %s with the scopes %v", grant.ExpiresAt, grant.Scopes)
	}
	s := network.Session{Account: a, Grant: grant, App: app(), HTTP: client}
	fresh, err := n.Refresh(t.Context(), s)
	if err != nil || fresh.Values["access_token"] == grant.Values["access_token"] || fresh.Values["refresh_token"] != grant.Values["refresh_token"] {
		t.Errorf("renewed: %v", err)
	}
	s.Grant = fresh
	for range 2 { // what is given back already is given back
		if err := n.Revoke(t.Context(), s); err != nil {
			t.Errorf("revoke: %v", err)
		}
	}
	if _, err := n.Check(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("after giving the grant back: %v", err)
	}
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) || fault.As(err).Hint == "" {
		t.Errorf("renewing what was given back: %v", err)
	}
}

func TestCallbackIsNotTrusted(t *testing.T) {
	f, client := start(t, googlebusinessfake.Options{}), networktest.Client(t, nil)
	n := googlebusiness.New(f.URL)
	to, callback := begin(t, n, client, "state-1")
	for name, change := range map[string]func(keep map[string]string, q url.Values){
		"no code":        func(_ map[string]string, q url.Values) { q.Del("code") },
		"strange code":   func(_ map[string]string, q url.Values) { q.Set("code", "guessed") },
		"wrong secret":   func(k map[string]string, _ url.Values) { k["client_secret"] = "another" },
		"wrong verifier": func(k map[string]string, _ url.Values) { k["verifier"] = "another" },
	} {
		keep, q := maps.Clone(to.Keep), maps.Clone(callback)
		change(keep, q)
		if _, _, err := n.Finish(t.Context(), client, keep, q); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
	to, callback = begin(t, n, client, "state-2") // a code works once
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); err != nil {
		t.Fatalf("the true callback: %v", err)
	}
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) {
		t.Errorf("the same callback again: %v", err)
	}
	to, callback = begin(t, n, client, "cancelled")
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || !strings.Contains(err.Error(), "not granted") {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSignInsThatAreOfNoUseAreRefused(t *testing.T) {
	for name, o := range map[string]googlebusinessfake.Options{"no location": {NoLocations: true}, "no refresh token": {NoRefresh: true}, "boxes left open": {Narrow: true}} {
		f, client := start(t, o), networktest.Client(t, nil)
		n := googlebusiness.New(f.URL)
		to, callback := begin(t, n, client, "state")
		if _, accounts, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || len(accounts) > 0 {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
	_, err := googlebusiness.New("").Begin(t.Context(), networktest.Client(t, nil), network.ConnectRequest{RedirectURL: "https://b.example/cb"})
	if !fault.Is(err, fault.Rejected) {
		t.Errorf("without a registered application: %v", err)
	}
}

func TestSignInServiceThatIsDownIsAskedLater(t *testing.T) {
	w, f := world(t, googlebusinessfake.Options{})
	n := w.Network.(googlebusiness.Business)
	for _, bad := range []networkfake.Fault{networkfake.ErrorBefore, networkfake.DropAfter, networkfake.HTMLAfter, networkfake.Limited} {
		f.Faults.Next("token", bad)
		if _, err := n.Refresh(t.Context(), w.Session); !fault.Is(err, fault.Later) {
			t.Errorf("%s: %v is %s", bad, err, fault.KindOf(err))
		}
	}
	s := w.Session
	s.App = map[string]string{"client_id": googlebusinessfake.ClientID, "client_secret": "changed"}
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("another secret: %v is %s", err, fault.KindOf(err))
	}
}

func TestGooglesOwnAddressesAreUsed(t *testing.T) {
	to, err := googlebusiness.New("").Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb", State: "s", App: app()})
	if err != nil || !strings.HasPrefix(to.URL, "https://accounts.google.com/o/oauth2/v2/auth?") {
		t.Errorf("%s, %v", to.URL, err)
	}
	var asked []string
	for _, s := range googlebusiness.New("").Spec().App.Scopes {
		asked = append(asked, s.Name)
	}
	u, _ := url.Parse(to.URL)
	if got := strings.Fields(u.Query().Get("scope")); !slices.Equal(got, asked) {
		t.Errorf("asks for %v, and says %v", got, asked)
	}
}
