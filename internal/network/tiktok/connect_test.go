package tiktok_test

import (
	"crypto/sha256"
	"encoding/hex"
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
	"github.com/bellwether-social/bellwether/internal/network/tiktok"
	"github.com/bellwether-social/bellwether/internal/network/tiktok/tiktokfake"
)

const verifier = "a-verifier-that-is-long-enough-for-the-standard"

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, f *tiktokfake.Fake) (network.ConnectRedirect, url.Values) {
	t.Helper()
	to, err := tiktok.New(f.URL).Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://bellwether.example/channels/callback/tiktok", State: "state-1",
		Verifier: verifier, Challenge: "base64-is-not-what-they-want", App: registered})
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

func TestCreatorIsConnected(t *testing.T) {
	clock := networktest.NewClock()
	f := start(t, tiktokfake.Options{Now: clock.Now, NoComments: true, MaxSeconds: 180})
	client, n := networktest.Client(t, clock), tiktok.New(f.URL)
	to, callback := begin(t, f)
	if sum := sha256.Sum256([]byte(verifier)); !strings.Contains(to.URL, hex.EncodeToString(sum[:])) || strings.Contains(to.URL, tiktokfake.ClientSecret) {
		t.Errorf("the challenge is not in hexadecimal digits: %s", to.URL)
	}
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("finish: %+v, %v", accounts, err)
	}
	a := accounts[0]
	if a.ID != tiktokfake.OpenID || a.Handle != "brand" || a.Followers != 4711 || a.URL != "https://www.tiktok.com/@brand" || a.Extra["comment_disabled"] == "" || a.Extra["max_seconds"] != "180" {
		t.Errorf("the account is %+v", a)
	}
	if c := a.Choices["privacy"]; len(c) != 3 || c[0] != (network.Option{Value: "PUBLIC_TO_EVERYONE", Label: "Everyone"}) {
		t.Errorf("the creator may choose %v", c)
	}
	if grant.ExpiresAt.Sub(clock.Now()) != 24*time.Hour || len(grant.Scopes) != 6 {
		t.Errorf("the grant is for %v until %s", grant.Scopes, grant.ExpiresAt)
	}
	s := network.Session{Account: a, Grant: grant, App: registered, HTTP: client}
	clock.Advance(25 * time.Hour)
	if _, err := n.Check(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("a day later: %v", err)
	}
	fresh, err := n.Refresh(t.Context(), s)
	if err != nil || fresh.Values["refresh_token"] == grant.Values["refresh_token"] || !fresh.ExpiresAt.After(clock.Now()) {
		t.Fatalf("renewed: %v", err)
	}
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("renewed with the old token: %v", err)
	}
	s.Grant = fresh
	f.Faults.Next("token", networkfake.ErrorBefore)
	if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Later) {
		t.Errorf("renewing while TikTok is down: %v", err)
	}
	if err := n.Revoke(t.Context(), s); err != nil {
		t.Errorf("revoke: %v", err)
	}
	if _, err := n.Check(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("after giving the token back: %v", err)
	}
}

func TestWhatWasNotAllowedIsNotAskedFor(t *testing.T) {
	f := start(t, tiktokfake.Options{})
	f.Grants("user.info.basic,video.list")
	client, n := networktest.Client(t, nil), tiktok.New(f.URL)
	to, callback := begin(t, f)
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || accounts[0].Extra["cannot_publish"] == "" || accounts[0].Handle != "The Brand" {
		t.Fatalf("%+v, %v", accounts, err)
	}
	d := network.Draft{Key: "d", Parts: []network.Part{{Text: "Hello", Media: []network.Media{clip("")}}}, Settings: map[string]string{"privacy": "SELF_ONLY"}}
	steps, problems := n.Plan(d, accounts[0])
	if len(steps) == 0 || problems[0].Code != "cannot_publish" || problems[0].Level != network.Warning {
		t.Errorf("%+v", problems)
	}
	_, err = n.Do(t.Context(), network.Session{Account: accounts[0], Grant: grant, HTTP: client}, steps[0], nil)
	if !fault.Is(err, fault.Unauthorised) || !strings.Contains(fault.As(err).Message, "right") {
		t.Errorf("publishing without the right: %v", err)
	}
}

func TestRefusedSignInsSayWhatToDo(t *testing.T) {
	f := start(t, tiktokfake.Options{})
	client, n := networktest.Client(t, nil), tiktok.New(f.URL)
	for name, change := range map[string]func(keep map[string]string, q url.Values){
		"cancelled":        func(_ map[string]string, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
		"wrong code":       func(_ map[string]string, q url.Values) { q.Set("code", "code*0") }, // refused with status 200
		"wrong secret":     func(keep map[string]string, _ url.Values) { keep["client_secret"] = "another" },
		"wrong verifier":   func(keep map[string]string, _ url.Values) { keep["verifier"] = "another" },
		"another callback": func(keep map[string]string, _ url.Values) { keep["redirect_url"] = "https://evil.example/" },
	} {
		to, callback := begin(t, f)
		change(to.Keep, callback)
		_, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || len(accounts) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	to, err := tiktok.New("").Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb", State: "s", App: registered})
	if err != nil || !strings.HasPrefix(to.URL, "https://www.tiktok.com/v2/auth/authorize/?") || strings.Contains(to.URL, "challenge") {
		t.Errorf("%q, %v", to.URL, err)
	}
	if _, err := n.Begin(t.Context(), nil, network.ConnectRequest{}); !fault.Is(err, fault.Rejected) {
		t.Errorf("without an application: %v", err)
	}
}

// answering plays one fixed answer to everything.
func answering(t *testing.T, body string) (network.Network, network.Session) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return tiktok.New(s.URL), network.Session{HTTP: networktest.Client(t, nil)}
}

func TestRefusalsMeanWhatTheyMean(t *testing.T) {
	clock := networktest.NewClock()
	for code, c := range map[string]struct {
		status int
		read   fault.Kind // of a look
		post   fault.Kind // of an announcement
		wait   time.Duration
	}{
		"access_token_invalid":                               {401, fault.Unauthorised, fault.Unauthorised, 0},
		"scope_not_authorized":                               {401, fault.Unauthorised, fault.Unauthorised, 0},
		"rate_limit_exceeded":                                {429, fault.Later, fault.Later, time.Minute},
		"spam_risk_too_many_posts":                           {403, fault.Later, fault.Later, 24 * time.Hour},
		"spam_risk_too_many_pending_share":                   {403, fault.Later, fault.Later, 6 * time.Hour},
		"reached_active_user_cap":                            {403, fault.Later, fault.Later, 24 * time.Hour},
		"spam_risk_user_banned_from_posting":                 {403, fault.Rejected, fault.Rejected, 0},
		"privacy_level_option_mismatch":                      {403, fault.Rejected, fault.Rejected, 0},
		"url_ownership_unverified":                           {403, fault.Rejected, fault.Rejected, 0},
		"unaudited_client_can_only_post_to_private_accounts": {403, fault.Rejected, fault.Rejected, 0},
		"app_version_check_failed":                           {403, fault.Rejected, fault.Rejected, 0},
		"invalid_params":                                     {400, fault.Rejected, fault.Rejected, 0},
		"invalid_param":                                      {200, fault.Rejected, fault.Rejected, 0},
		"internal_error":                                     {500, fault.Later, fault.Unknown, 0},
		"something_new":                                      {200, fault.Rejected, fault.Rejected, 0},
		"":                                                   {200, fault.Later, fault.Unknown, 0},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(`{"data":{},"error":{"code":"` + code + `","message":"No.","log_id":"1"}}`))
		}))
		n := tiktok.New(s.URL)
		session := network.Session{HTTP: networktest.Client(t, clock), Grant: network.Grant{Values: map[string]string{"access_token": "t0ken-that-is-secret"}}}
		_, _, err := n.Own(t.Context(), session, "", 5)
		if !fault.Is(err, c.read) {
			t.Errorf("%s: reading is %s (%v), want %s", code, fault.KindOf(err), err, c.read)
		}
		d := network.Draft{Key: "d", Parts: []network.Part{{Media: []network.Media{clip("")}}}, Settings: map[string]string{"mode": "inbox"}}
		steps, _ := n.Plan(d, network.Account{})
		_, err = n.Do(t.Context(), session, steps[0], nil)
		if !fault.Is(err, c.post) || strings.TrimSpace(fault.As(err).Message) == "" || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("%s: announcing is %s (%v), want %s", code, fault.KindOf(err), err, c.post)
		}
		if at := fault.As(err).RetryAt; c.wait > 0 && at.Sub(clock.Now()) != c.wait {
			t.Errorf("%s: try again at %s", code, at)
		}
		s.Close()
	}
}
