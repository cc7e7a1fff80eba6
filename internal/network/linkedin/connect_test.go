package linkedin_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/linkedin"
	"github.com/bellwether-social/bellwether/internal/network/linkedin/linkedinfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, n linkedin.LinkedIn, client *safehttp.Client, product string) (network.ConnectRedirect, url.Values) {
	t.Helper()
	app := maps.Clone(registered)
	app["product"] = product
	to, err := n.Begin(t.Context(), client, network.ConnectRequest{RedirectURL: linkedinfake.Redirect, State: "state-1", App: app})
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
		t.Fatalf("LinkedIn answered %d and sent back to %v", resp.StatusCode, back)
	}
	return to, back.Query()
}

func TestMemberAndOrganizationsAreConnected(t *testing.T) {
	for product, want := range map[string][]string{"community": {linkedinfake.Member, linkedinfake.Company, linkedinfake.Second}, "share": {linkedinfake.Member}} {
		clock := networktest.NewClock()
		f := start(t, linkedinfake.Options{Now: clock.Now, Product: product})
		n, client := linkedin.New(f.URL+"/"), networktest.Client(t, clock)
		to, callback := begin(t, n, client, product)
		grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
		if err != nil || len(accounts) != len(want) {
			t.Fatalf("%s: %+v, %v", product, accounts, err)
		}
		for i, a := range accounts {
			kind := "organization"
			if i == 0 {
				kind = "member"
			}
			if a.ID != want[i] || a.Extra["kind"] != kind || a.Name == "" || a.Handle == "" || !strings.HasPrefix(a.URL, "https://www.linkedin.com/") {
				t.Errorf("%s: %+v", product, a)
			}
			if again, err := n.Check(t.Context(), network.Session{HTTP: client, Grant: grant, Account: a}); err != nil || again.ID != a.ID || again.Name != a.Name {
				t.Errorf("%s: checked %+v, %v", product, again, err)
			}
		}
		if !grant.ExpiresAt.Equal(clock.Now().Add(60 * 24 * time.Hour)) {
			t.Errorf("%s: the grant ends at %s", product, grant.ExpiresAt)
		}
		s := network.Session{HTTP: client, Grant: grant, Account: accounts[0], App: registered}
		fresh, err := n.Refresh(t.Context(), s)
		if product == "share" && !fault.Is(err, fault.Unauthorised) || product != "share" && (err != nil || fresh.Values["access_token"] == grant.Values["access_token"]) {
			t.Errorf("%s: renewed %v", product, err)
		}
		s.App = map[string]string{"client_id": linkedinfake.ClientID, "client_secret": "another"}
		if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
			t.Errorf("%s: another secret: %v", product, err)
		}
		s.App = registered
		if err := n.Revoke(t.Context(), s); err != nil {
			t.Errorf("%s: revoke: %v", product, err)
		}
		if _, err := n.Check(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
			t.Errorf("%s: after giving the token back: %v", product, err)
		}
	}
}

func TestCallbackIsNotTrusted(t *testing.T) {
	clock := networktest.NewClock()
	f := start(t, linkedinfake.Options{Now: clock.Now})
	n, client := linkedin.New(f.URL), networktest.Client(t, clock)
	for name, change := range map[string]func(keep map[string]string, q url.Values){
		"strange code": func(_ map[string]string, q url.Values) { q.Set("code", "guessed") },
		"wrong secret": func(k map[string]string, _ url.Values) { k["client_secret"] = "another" },
		"too late":     func(map[string]string, url.Values) { clock.Advance(31 * time.Minute) },
	} {
		to, callback := begin(t, n, client, "community")
		keep := maps.Clone(to.Keep)
		change(keep, callback)
		_, _, err := n.Finish(t.Context(), client, keep, callback)
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || strings.Contains(err.Error(), linkedinfake.ClientSecret) {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
	to, callback := begin(t, n, client, "share") // the application has another product
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, "product") {
		t.Errorf("a product the application lacks: %v", err)
	}
	f.Deny("user_cancelled_login")
	to, callback = begin(t, n, client, "community")
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || fault.As(err).Hint != "Start again and allow access." {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := n.Begin(t.Context(), client, network.ConnectRequest{RedirectURL: linkedinfake.Redirect}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a registered application: %v", err)
	}
	to, err := linkedin.New("").Begin(t.Context(), client, network.ConnectRequest{App: registered, State: "s"})
	if err != nil || !strings.HasPrefix(to.URL, "https://www.linkedin.com/oauth/v2/authorization?") {
		t.Errorf("%s, %v", to.URL, err)
	}
}

const expected = "9585d359e64d6a2013e0cf377f702b7141313246286c6891f22e3bfcc3938f65"

func TestChallengeIsAnswered(t *testing.T) {
	n, app := linkedin.New(""), map[string]string{"client_secret": "secret"}
	get := func(code string) network.Webhook {
		return network.Webhook{Method: http.MethodGet, Query: url.Values{"challengeCode": {code}}}
	}
	heard, err := n.Hear(app, get("890e4665-4dfe-4ab1-b689-ed553bceeed0"))
	// HMAC-SHA256 of the code with the key "secret", hexadecimal
	want := `{"challengeCode":"890e4665-4dfe-4ab1-b689-ed553bceeed0","challengeResponse":"` + expected + `"}`
	if err != nil || string(heard.Answer) != want || heard.MIME != "application/json" || len(heard.Accounts) != 0 {
		t.Errorf("%s, %v", heard.Answer, err)
	}
	for _, code := range []string{`hmacsha256={"type":"x"}`, "{}", strings.Repeat("a", 100)} {
		if heard, err := n.Hear(app, get(code)); !fault.Is(err, fault.Unauthorised) || heard.Answer != nil {
			t.Errorf("%s is signed: %s", code, heard.Answer)
		}
	}
	if _, err := n.Hear(nil, get("890e4665-4dfe-4ab1-b689-ed553bceeed0")); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("without a secret: %v", err)
	}
}
