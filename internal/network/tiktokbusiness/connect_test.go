package tiktokbusiness_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness"
	"github.com/bellwether-social/bellwether/internal/network/tiktokbusiness/tiktokbusinessfake"
)

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, f *tiktokbusinessfake.Fake) (network.ConnectRedirect, url.Values) {
	t.Helper()
	to, err := tiktokbusiness.New(f.URL).Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: strings.TrimSuffix(tiktokbusinessfake.Redirect, "/"), State: "state-1", App: registered(f)})
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

func TestBusinessIsConnected(t *testing.T) {
	clock := networktest.NewClock()
	f := start(t, tiktokbusinessfake.Options{Now: clock.Now, NoComments: true, MaxSeconds: 180})
	client, n := networktest.Client(t, clock), tiktokbusiness.New(f.URL)
	to, callback := begin(t, f)
	if !strings.HasSuffix(to.Keep["redirect_url"], "/") || callback.Get("state") != "state-1" {
		t.Errorf("kept %v, came back with %v", to.Keep, callback)
	}
	grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("finish: %+v, %v", accounts, err)
	}
	a := accounts[0]
	if a.ID != tiktokbusinessfake.OpenID || a.Handle != "brand" || a.Followers != 4711 || a.Extra["comment_disabled"] == "" || a.Extra["max_seconds"] != "180" || len(a.Choices["privacy"]) != 3 {
		t.Errorf("the account is %+v", a)
	}
	if grant.ExpiresAt.Sub(clock.Now()) != 24*time.Hour || len(grant.Scopes) != 8 {
		t.Errorf("the grant is for %v until %s", grant.Scopes, grant.ExpiresAt)
	}
	s := network.Session{Account: a, Grant: grant, App: registered(f), HTTP: client}
	clock.Advance(25 * time.Hour)
	if _, err := n.Check(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("a day later: %v", err)
	}
	fresh, err := n.Refresh(t.Context(), s)
	if err != nil || fresh.Values["refresh_token"] == grant.Values["refresh_token"] {
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

func TestRefusedSignInsSayWhatToDo(t *testing.T) {
	f := start(t, tiktokbusinessfake.Options{})
	client, n := networktest.Client(t, nil), tiktokbusiness.New(f.URL)
	for name, change := range map[string]func(keep map[string]string, q url.Values){
		"cancelled":        func(_ map[string]string, q url.Values) { q.Del("code"); q.Del("auth_code") },
		"wrong code":       func(_ map[string]string, q url.Values) { q.Set("auth_code", "code-0") },
		"wrong secret":     func(keep map[string]string, _ url.Values) { keep["client_secret"] = "another" },
		"another callback": func(keep map[string]string, _ url.Values) { keep["redirect_url"] = "https://evil.example/" },
	} {
		to, callback := begin(t, f)
		change(to.Keep, callback)
		_, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
		if !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" || len(accounts) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for page, ok := range map[string]bool{"https://www.tiktok.com/v2/auth/authorize?client_key=a": true, "https://business-api.tiktok.com/portal/auth?app_id=1": true,
		"https://www.tiktok.com.evil.example/": false, "http://www.tiktok.com/": false, "https://evil@www.tiktok.com/": false, "": false} {
		app := map[string]string{"client_id": "1", "client_secret": "2", "authorize_url": page}
		to, err := tiktokbusiness.New("").Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb", State: "s", App: app})
		if (err == nil) != ok || ok && !strings.Contains(to.URL, "state=s") {
			t.Errorf("%q: %q, %v", page, to.URL, err)
		}
	}
}

func TestCodesMeanWhatTheyMean(t *testing.T) {
	clock := networktest.NewClock()
	for code, c := range map[int]struct {
		read, post fault.Kind
		wait       time.Duration
	}{
		40105: {fault.Unauthorised, fault.Unauthorised, 0}, 40102: {fault.Unauthorised, fault.Unauthorised, 0},
		40100: {fault.Later, fault.Later, 5 * time.Minute}, 40016: {fault.Later, fault.Later, 5 * time.Minute},
		40001: {fault.Rejected, fault.Rejected, 0}, 40125: {fault.Rejected, fault.Rejected, 0}, 40002: {fault.Rejected, fault.Rejected, 0},
		40050: {fault.Rejected, fault.Rejected, 0}, 40902: {fault.Rejected, fault.Rejected, 0}, 40007: {fault.NotFound, fault.Rejected, 0},
		40202: {fault.Later, fault.Unknown, 0}, 50000: {fault.Later, fault.Unknown, 0}, 60001: {fault.Later, fault.Unknown, 0}, 49999: {fault.Rejected, fault.Rejected, 0},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"code":` + strconv.Itoa(code) + `,"message":"No.","request_id":"1","data":{}}`))
		}))
		n := tiktokbusiness.New(s.URL)
		session := network.Session{HTTP: networktest.Client(t, clock), Grant: network.Grant{Values: map[string]string{"access_token": "t0ken-that-is-secret"}}}
		_, _, err := n.Own(t.Context(), session, "", 5)
		if !fault.Is(err, c.read) {
			t.Errorf("%d: reading is %s (%v), want %s", code, fault.KindOf(err), err, c.read)
		}
		steps, _ := n.PlanReply(network.Reply{Key: "r", Text: "Hello", To: network.Message{Remote: network.Remote{ID: "2", Data: map[string]string{"video_id": "1"}}}}, network.Account{})
		_, err = n.Do(t.Context(), session, steps[0], nil)
		if !fault.Is(err, c.post) || strings.TrimSpace(fault.As(err).Message) == "" || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("%d: answering is %s (%v), want %s", code, fault.KindOf(err), err, c.post)
		}
		if at := fault.As(err).RetryAt; c.wait > 0 && at.Sub(clock.Now()) != c.wait {
			t.Errorf("%d: try again at %s", code, at)
		}
		s.Close()
	}
}
