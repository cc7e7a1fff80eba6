package instagram_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/instagram"
	"github.com/bellwether-social/bellwether/internal/network/instagram/instagramfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

func app(login string) map[string]string {
	a := graphfake.App()
	a["login"] = login
	return a
}

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, n instagram.Instagram, login string) (network.ConnectRedirect, url.Values) {
	t.Helper()
	to, err := n.Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://bellwether.example/channels/callback/instagram", State: "state-1", App: app(login)})
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
		t.Fatalf("the dialogue answered %d, %v, %v", resp.StatusCode, back, err)
	}
	return to, back.Query()
}

func TestAccountsAreConnectedBothWays(t *testing.T) {
	for login, scope := range map[string]string{"facebook": "instagram_content_publish", "instagram": "instagram_business_content_publish"} {
		f := start(t, instagramfake.Options{Own: login == "instagram"})
		n, client := instagram.New(f.URL), networktest.Client(t, nil)
		to, callback := begin(t, n, login)
		grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
		if err != nil || len(accounts) != 1 || !slices.Contains(grant.Scopes, scope) || time.Until(grant.ExpiresAt) < 50*24*time.Hour {
			t.Fatalf("%s: %+v, %+v, %v", login, grant, accounts, err)
		}
		a := accounts[0]
		if a.ID != instagramfake.Brand || a.Handle != "brand" || a.Extra["login"] != login || f.Subscribed() != 1 {
			t.Errorf("%s: %+v, %d subscriptions", login, a, f.Subscribed())
		}
		s := network.Session{Account: a, Grant: grant, App: app(login), HTTP: client}
		if s.Grant, err = n.Refresh(t.Context(), s); err != nil || len(s.Grant.Scopes) == 0 {
			t.Errorf("%s: refresh: %+v, %v", login, s.Grant, err)
		}
		if _, err := n.AccountMetrics(t.Context(), s); err != nil {
			t.Errorf("%s: with the new grant: %v", login, err)
		}
	}
}

func TestCallbackIsNotTrusted(t *testing.T) {
	for _, login := range []string{"facebook", "instagram"} {
		f := start(t, instagramfake.Options{Own: login == "instagram"})
		n, client := instagram.New(f.URL), networktest.Client(t, nil)
		to, callback := begin(t, n, login)
		for name, change := range map[string]func(keep map[string]string, q url.Values){
			"cancelled":      func(_ map[string]string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
			"a strange code": func(_ map[string]string, q url.Values) { q.Set("code", "guessed") },
			"a wrong secret": func(k map[string]string, _ url.Values) { k["client_secret"] = "another" },
		} {
			keep, q := maps.Clone(to.Keep), maps.Clone(callback)
			change(keep, q)
			_, _, err := n.Finish(t.Context(), client, keep, q)
			if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || strings.Contains(err.Error(), graphfake.AppSecret) {
				t.Errorf("%s, %s: %v is %s", login, name, err, fault.KindOf(err))
			}
		}
		if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); err != nil {
			t.Fatalf("%s: the true callback: %v", login, err)
		}
		if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) {
			t.Errorf("%s: the same callback again: %v", login, err)
		}
	}
}

func TestConnectingNeedsAnAppAndAProfessionalAccount(t *testing.T) {
	f := start(t, instagramfake.Options{Unlinked: true})
	n := instagram.New(f.URL)
	for _, login := range []string{"", "facebook", "instagram"} {
		if _, err := n.Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb", App: map[string]string{"login": login}}); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
			t.Errorf("without an app: %v", err)
		}
	}
	to, callback := begin(t, n, "")
	if _, _, err := n.Finish(t.Context(), networktest.Client(t, nil), to.Keep, callback); !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "professional") {
		t.Errorf("without an account: %v", err)
	}
}

func TestHandshakeOfTheWebhookIsAnswered(t *testing.T) {
	call := network.Webhook{Method: http.MethodGet, Query: url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {graphfake.AppWord}, "hub.challenge": {"42"}}}
	heard, err := instagram.New("").Hear(graphfake.App(), call)
	if err != nil || string(heard.Answer) != "42" {
		t.Errorf("%+v, %v", heard, err)
	}
}
