package pinterest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/pinterest"
	"github.com/bellwether-social/bellwether/internal/network/pinterest/pinterestfake"
)

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, n pinterest.Pinterest, app map[string]string) (network.ConnectRedirect, url.Values) {
	t.Helper()
	to, err := n.Begin(t.Context(), networktest.Client(t, nil), network.ConnectRequest{RedirectURL: "https://bellwether.example/channels/callback/pinterest", State: "state-1", App: app})
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
		t.Fatalf("Pinterest answered %d and sent nobody back", resp.StatusCode)
	}
	if back.Query().Get("state") != "state-1" {
		t.Errorf("the state came back as %q", back.Query().Get("state"))
	}
	return to, back.Query()
}

func TestAccountIsConnectedWithItsBoards(t *testing.T) {
	f, client := start(t, pinterestfake.Options{}), networktest.Client(t, nil)
	n := pinterest.New(f.URL)
	to, callback := begin(t, n, app)
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("finish: %+v, %v", accounts, err)
	}
	a := accounts[0]
	if a.ID != pinterestfake.BrandID || a.Handle != pinterestfake.Brand || a.Name != "The Brand" || a.Followers != 7 || !strings.HasPrefix(a.URL, "http") {
		t.Errorf("the account is %+v", a)
	}
	if b := a.Choices["board"]; len(b) != 2 || b[0] != (network.Option{Value: pinterestfake.Board, Label: "Spring"}) {
		t.Errorf("the boards are %+v; one is for ads only", b)
	}
	if s := a.Choices["section"]; len(s) != 2 || s[0] != (network.Option{Value: pinterestfake.Board + "/" + pinterestfake.Section, Label: "Flowers", Of: pinterestfake.Board}) {
		t.Errorf("the sections are %+v", s)
	}
	if left := time.Until(grant.ExpiresAt); left < 29*24*time.Hour || len(grant.Scopes) != 6 || grant.Values["refresh_token"] == "" {
		t.Errorf("the grant: %v left, scopes %v", left, grant.Scopes)
	}
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("the same callback again: %v", err)
	}
	s := network.Session{Account: a, Grant: grant, App: app, HTTP: client}
	fresh, err := n.Refresh(t.Context(), s)
	if err != nil || fresh.Values["refresh_token"] == grant.Values["refresh_token"] || len(fresh.Scopes) != 6 {
		t.Errorf("the renewed grant keeps its old refresh token or loses scopes %v: %v", fresh.Scopes, err)
	}
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("a refresh token that was used: %v", err)
	}
	s.Grant, s.App = fresh, map[string]string{"client_id": pinterestfake.AppID, "client_secret": "another"}
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("renewed with the secret of another app: %v", err)
	}
}

func TestSignInThatFailsSaysWhy(t *testing.T) {
	f, client := start(t, pinterestfake.Options{}), networktest.Client(t, nil)
	n := pinterest.New(f.URL)
	for name, c := range map[string]func(keep map[string]string, q url.Values){
		"cancelled":    func(_ map[string]string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
		"strange code": func(_ map[string]string, q url.Values) { q.Set("code", "guessed") },
		"wrong secret": func(k map[string]string, _ url.Values) { k["client_secret"] = "another" },
		"wrong return": func(k map[string]string, _ url.Values) { k["redirect_url"] = "https://evil.example/" },
	} {
		to, callback := begin(t, n, app)
		c(to.Keep, callback)
		if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
	if _, err := n.Begin(t.Context(), client, network.ConnectRequest{}); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("without an app: %v", err)
	}
	narrow := start(t, pinterestfake.Options{Trial: true})
	n = pinterest.New(narrow.URL)
	to, callback := begin(t, n, app)
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || !strings.Contains(err.Error(), "boards:write") {
		t.Errorf("without the right to write: %v", err)
	}
}

func TestNetworksOwnHostsAreUsedByDefault(t *testing.T) {
	to, err := pinterest.New("").Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb", State: "s", App: app})
	if err != nil || !strings.HasPrefix(to.URL, "https://www.pinterest.com/oauth/?") {
		t.Errorf("%s, %v", to.URL, err)
	}
	u, err := url.Parse(to.URL)
	if err != nil || u.Query().Get("scope") != "user_accounts:read,boards:read,boards:write,pins:read,pins:write,ads:read" || strings.Contains(to.URL, pinterestfake.AppSecret) {
		t.Errorf("%s", to.URL)
	}
}
