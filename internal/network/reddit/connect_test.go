package reddit_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/reddit"
	"github.com/bellwether-social/bellwether/internal/network/reddit/redditfake"
)

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, n reddit.Reddit) (network.ConnectRedirect, url.Values) {
	t.Helper()
	to, err := n.Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://bellwether.example/channels/callback/reddit", State: "state-1", App: app})
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
		t.Fatalf("Reddit answered %d and sent nobody back", resp.StatusCode)
	}
	if back.Query().Get("state") != "state-1" {
		t.Errorf("the state came back as %q", back.Query().Get("state"))
	}
	return to, back.Query()
}

func TestAccountIsConnectedWithItsCommunities(t *testing.T) {
	f, client := start(t, redditfake.Options{}), networktest.Client(t, nil)
	n := reddit.New(f.URL)
	to, callback := begin(t, n)
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("finish: %+v, %v", accounts, err)
	}
	a := accounts[0]
	if a.ID != "abc12" || a.Handle != redditfake.Brand || a.Name != "The Brand" || a.Followers != 7 || !strings.HasSuffix(a.URL, "/user/brand") {
		t.Errorf("the account is %+v", a)
	}
	if c := a.Choices["community"]; len(c) != 4 || c[0].Value != "u_brand" || c[1].Value != redditfake.Home || c[2].Label != "r/Links" {
		t.Errorf("the communities are %+v; the own profile and those it moderates come first", c)
	}
	if c := a.Choices["flair"]; len(c) != 2 || c[0] != (network.Option{Value: redditfake.Home + "/" + redditfake.Flair, Label: "Question", Of: "Gardening"}) {
		t.Errorf("the flairs are %+v", c)
	}
	if left := time.Until(grant.ExpiresAt); left < 23*time.Hour || len(grant.Scopes) != 10 || grant.Values["refresh_token"] == "" {
		t.Errorf("the grant: %v left, scopes %v", left, grant.Scopes)
	}
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("the same callback again: %v", err)
	}
	s := network.Session{Account: a, Grant: grant, App: app, HTTP: client}
	fresh, err := n.Refresh(t.Context(), s)
	if err != nil || fresh.Values["refresh_token"] != grant.Values["refresh_token"] || fresh.Values["access_token"] == grant.Values["access_token"] {
		t.Errorf("renewed: %v", err)
	}
	wrong := s
	wrong.App = map[string]string{"client_id": redditfake.AppID, "client_secret": "another", "username": redditfake.Developer}
	if _, err := n.Refresh(t.Context(), wrong); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("renewed with the secret of another app: %v", err)
	}
	s.Grant = fresh
	if err := n.Revoke(t.Context(), s); err != nil {
		t.Errorf("revoke: %v", err)
	}
	if _, err := n.Check(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("after giving the grant back: %v", err)
	}
}

func TestSignInThatFailsSaysWhy(t *testing.T) {
	f, client := start(t, redditfake.Options{}), networktest.Client(t, nil)
	n := reddit.New(f.URL)
	for name, c := range map[string]func(keep map[string]string, q url.Values){
		"cancelled":    func(_ map[string]string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
		"strange code": func(_ map[string]string, q url.Values) { q.Set("code", "guessed") },
		"wrong secret": func(k map[string]string, _ url.Values) { k["client_secret"] = "another" },
		"wrong return": func(k map[string]string, _ url.Values) { k["redirect_url"] = "https://evil.example/" },
	} {
		to, callback := begin(t, n)
		c(to.Keep, callback)
		if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
	if _, err := n.Begin(t.Context(), client, network.ConnectRequest{}); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("without an app: %v", err)
	}
	n = reddit.New(start(t, redditfake.Options{Narrow: true}).URL)
	to, callback := begin(t, n)
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || !strings.Contains(err.Error(), "submit") {
		t.Errorf("without the right to post: %v", err)
	}
}

func TestNetworksOwnHostsAreUsedByDefault(t *testing.T) {
	to, err := reddit.New("").Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb", State: "s", App: app})
	if err != nil || !strings.HasPrefix(to.URL, "https://www.reddit.com/api/v1/authorize?") || !strings.Contains(to.URL, "duration=permanent") || strings.Contains(to.URL, redditfake.AppSecret) {
		t.Errorf("%s, %v", to.URL, err)
	}
}
