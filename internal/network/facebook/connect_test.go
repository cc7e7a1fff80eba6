package facebook_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/facebook"
	"github.com/bellwether-social/bellwether/internal/network/facebook/facebookfake"
	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
)

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, n facebook.Facebook) (network.ConnectRedirect, url.Values) {
	t.Helper()
	to, err := n.Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://bellwether.example/channels/callback/facebook", State: "state-1", App: graphfake.App()})
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

func TestEveryPageIsAnAccountWithItsOwnToken(t *testing.T) {
	f := start(t, facebookfake.Options{})
	n, client := facebook.New(f.URL), networktest.Client(t, nil)
	to, callback := begin(t, n)
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || len(accounts) != 2 || !slices.Contains(grant.Scopes, "pages_manage_posts") || grant.ExpiresAt.IsZero() {
		t.Fatalf("%+v, %+v, %v", grant, accounts, err)
	}
	if !slices.Equal(f.Subscribed(), []string{facebookfake.Brand, facebookfake.Second}) {
		t.Errorf("the app hears of %v", f.Subscribed())
	}
	for _, a := range accounts {
		s := network.Session{Account: a, Grant: grant, App: graphfake.App(), HTTP: client}
		steps, _ := n.Plan(network.Draft{Key: "d", Parts: []network.Part{{Text: "Hello"}}}, a)
		if _, err := n.Do(t.Context(), s, steps[0], nil); err != nil {
			t.Errorf("publish on %s: %v", a.Name, err)
		}
	}
	if items := f.Items(); len(items) != 2 || items[0].Account != facebookfake.Brand || items[1].Account != facebookfake.Second {
		t.Errorf("%+v", items)
	}
}

func TestCallbackIsNotTrusted(t *testing.T) {
	f := start(t, facebookfake.Options{})
	n, client := facebook.New(f.URL), networktest.Client(t, nil)
	to, callback := begin(t, n)
	for name, change := range map[string]func(keep map[string]string, q url.Values){
		"cancelled":        func(_ map[string]string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
		"a strange code":   func(_ map[string]string, q url.Values) { q.Set("code", "guessed") },
		"a wrong secret":   func(k map[string]string, _ url.Values) { k["client_secret"] = "another" },
		"another callback": func(k map[string]string, _ url.Values) { k["redirect_url"] = "https://evil.example/" },
	} {
		keep, q := maps.Clone(to.Keep), maps.Clone(callback)
		change(keep, q)
		_, _, err := n.Finish(t.Context(), client, keep, q)
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || strings.Contains(err.Error(), graphfake.AppSecret) {
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

func TestConnectingNeedsAnAppAndATask(t *testing.T) {
	f := start(t, facebookfake.Options{Readonly: true})
	n := facebook.New(f.URL)
	if _, err := n.Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb"}); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
		t.Errorf("without an app: %v", err)
	}
	to, callback := begin(t, n)
	if _, _, err := n.Finish(t.Context(), networktest.Client(t, nil), to.Keep, callback); !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "task") {
		t.Errorf("without a task: %v", err)
	}
}

// A Page's token does not end with the person's: the channel goes on.
func TestPageOutlivesThePersonsToken(t *testing.T) {
	w, f := world(t, facebookfake.Options{})
	f.Grant(graphfake.UserToken, "") // ended
	grant, err := facebook.New(f.URL).Refresh(t.Context(), w.Session)
	if err != nil || !grant.ExpiresAt.IsZero() || grant.Values["page:"+facebookfake.Brand] != facebookfake.BrandToken {
		t.Errorf("%+v, %v", grant, err)
	}
}

func TestHandshakeOfTheWebhookIsAnswered(t *testing.T) {
	n, app := facebook.New(""), graphfake.App()
	call := network.Webhook{Method: http.MethodGet, Query: url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {graphfake.AppWord}, "hub.challenge": {"1158201444"}}}
	heard, err := n.Hear(app, call)
	if err != nil || string(heard.Answer) != "1158201444" || len(heard.Accounts) > 0 {
		t.Errorf("%+v, %v", heard, err)
	}
	call.Query.Set("hub.verify_token", "guessed")
	if heard, err := n.Hear(app, call); !fault.Is(err, fault.Unauthorised) || heard.Answer != nil {
		t.Errorf("a wrong word: %+v, %v", heard, err)
	}
	call.Query.Set("hub.verify_token", "")
	if _, err := n.Hear(map[string]string{}, call); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("no word at all: %v", err)
	}
}
