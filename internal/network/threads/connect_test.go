package threads_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/threads"
	"github.com/bellwether-social/bellwether/internal/network/threads/threadsfake"
)

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, f *threadsfake.Fake, app map[string]string) (network.ConnectRedirect, url.Values) {
	t.Helper()
	to, err := threads.New(f.URL).Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://bellwether.example/channels/callback/threads", State: "state-1", App: app})
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
		t.Fatalf("the network answered %d and sent nobody back", resp.StatusCode)
	}
	return to, back.Query()
}

func TestProfileIsConnected(t *testing.T) {
	clock := networktest.NewClock()
	f := start(t, threadsfake.Options{Geo: true, Now: clock.Now})
	client, n := networktest.Client(t, clock), threads.New(f.URL)
	to, callback := begin(t, f, registered)
	callback.Set("code", callback.Get("code")+"#_") // as the address bar shows it
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("finish: %+v, %v", accounts, err)
	}
	a := accounts[0]
	if a.ID != threadsfake.BrandID || a.Handle != threadsfake.Brand || a.URL != "https://www.threads.net/@brand" || a.Extra["countries"] == "" || len(grant.Scopes) != 8 {
		t.Errorf("the account is %+v, the grant has %v", a, grant.Scopes)
	}
	if life := grant.ExpiresAt.Sub(clock.Now()); life != 60*24*time.Hour || grant.ExpiresAt.Location() != time.UTC {
		t.Errorf("the token lives for %s", life)
	}
	s := network.Session{Account: a, Grant: grant, App: registered, HTTP: client}
	// A token of the first day is not renewed, and it works.
	same, err := n.Refresh(t.Context(), s)
	if err != nil || same.Values["access_token"] != grant.Values["access_token"] || !same.ExpiresAt.Equal(grant.ExpiresAt) {
		t.Errorf("renewed at once: %v", err)
	}
	clock.Advance(25 * time.Hour)
	fresh, err := n.Refresh(t.Context(), s)
	if err != nil || fresh.Values["access_token"] == grant.Values["access_token"] || !fresh.ExpiresAt.After(grant.ExpiresAt) {
		t.Errorf("renewed on the second day: %v", err)
	}
	f.Faults.Next("token", networkfake.ErrorBefore)
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Later) {
		t.Errorf("renewing while Threads is down: %v", err)
	}
	f.Revoke()
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("renewing a token that was taken back: %v", err)
	}
}

func TestOnlyOfficialHostsAreNamed(t *testing.T) {
	to, err := threads.New("").Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb", State: "s", App: registered})
	if err != nil || !strings.HasPrefix(to.URL, "https://threads.net/oauth/authorize?") {
		t.Errorf("%q, %v", to.URL, err)
	}
	if strings.Contains(to.URL, threadsfake.ClientSecret) {
		t.Error("the secret is in the address")
	}
	if _, err := threads.New("").Begin(t.Context(), nil, network.ConnectRequest{}); !fault.Is(err, fault.Rejected) {
		t.Errorf("without an application: %v", err)
	}
}

func TestRefusedSignInsSayWhatToDo(t *testing.T) {
	f := start(t, threadsfake.Options{})
	client, n := networktest.Client(t, nil), threads.New(f.URL)
	for name, change := range map[string]func(keep map[string]string, q url.Values){
		"cancelled":        func(_ map[string]string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
		"wrong code":       func(_ map[string]string, q url.Values) { q.Set("code", "AQBnothing") },
		"wrong secret":     func(keep map[string]string, _ url.Values) { keep["client_secret"] = "another" },
		"another callback": func(keep map[string]string, _ url.Values) { keep["redirect_url"] = "https://evil.example/" },
	} {
		to, callback := begin(t, f, registered)
		change(to.Keep, callback)
		_, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || len(accounts) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	to, callback := begin(t, f, registered)
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); err != nil {
		t.Fatal(err)
	}
	if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) {
		t.Errorf("a code used twice: %v", err)
	}
}

// answering plays one fixed answer to everything.
func answering(t *testing.T, status int, header http.Header, body string) (network.Network, network.Session) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header()[k] = v
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	clock := networktest.NewClock()
	return threads.New(s.URL), network.Session{HTTP: networktest.Client(t, clock), Grant: network.Grant{Values: map[string]string{"access_token": "t0ken-that-is-secret"}}}
}

func TestRefusalsMeanWhatTheyMean(t *testing.T) {
	usage := http.Header{"X-Business-Use-Case-Usage": {`{"26":[{"type":"threads","call_count":100,"estimated_time_to_regain_access":7}]}`}}
	for name, c := range map[string]struct {
		status int
		header http.Header
		body   string
		read   fault.Kind // of a look
		act    fault.Kind // of a call that changes something and may be repeated
	}{
		"bad token":          {400, nil, `{"error":{"message":"Error validating access token","code":190,"error_subcode":463}}`, fault.Unauthorised, fault.Unauthorised},
		"missing permission": {400, nil, `{"error":{"message":"Application does not have permission for this action","code":10}}`, fault.Rejected, fault.Rejected},
		"too many":           {400, usage, `{"error":{"message":"Application request limit reached","code":4}}`, fault.Later, fault.Later},
		"too many by person": {403, nil, `{"error":{"message":"User request limit reached","code":17}}`, fault.Later, fault.Later},
		"gone":               {400, nil, `{"error":{"message":"Unsupported get request","code":100,"error_subcode":33}}`, fault.NotFound, fault.NotFound},
		"bad parameter":      {400, nil, `{"error":{"message":"Param text must be short","code":100}}`, fault.Rejected, fault.Rejected},
		"blocked":            {400, nil, `{"error":{"message":"The action attempted has been deemed abusive","code":368}}`, fault.Rejected, fault.Rejected},
		"passing trouble":    {400, nil, `{"error":{"message":"Please retry","code":2,"is_transient":true}}`, fault.Later, fault.Later},
		"server down":        {500, nil, `{"error":{"message":"An unknown error occurred","code":1}}`, fault.Later, fault.Later},
		"links":              {400, nil, `{"error":{"message":"THREADS_API__LINK_LIMIT_EXCEEDED","code":100}}`, fault.Rejected, fault.Rejected},
	} {
		n, s := answering(t, c.status, c.header, c.body)
		_, err := n.(network.Checker).Check(t.Context(), s)
		if !fault.Is(err, c.read) {
			t.Errorf("%s: reading is %s (%v), want %s", name, fault.KindOf(err), err, c.read)
		}
		if name == "too many" {
			if wait := fault.As(err).RetryAt.Sub(networktest.NewClock().Now()); wait != 7*time.Minute {
				t.Errorf("the network says seven minutes, the error %s", wait)
			}
		}
		err = n.(network.Reactor).Act(t.Context(), s, network.Hide, network.Remote{ID: "1"})
		if !fault.Is(err, c.act) || strings.Contains(err.Error(), "t0ken-that-is-secret") {
			t.Errorf("%s: acting is %s (%v), want %s", name, fault.KindOf(err), err, c.act)
		}
	}
}
