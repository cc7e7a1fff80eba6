package snapchat_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/snapchat"
	"github.com/bellwether-social/bellwether/internal/network/snapchat/snapchatfake"
)

// begin starts a sign-in and follows it to the callback, as a browser would.
func begin(t *testing.T, n snapchat.Snapchat) (network.ConnectRedirect, url.Values) {
	t.Helper()
	to, err := n.Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://bellwether.example/channels/callback/snapchat", State: "state-1", App: app})
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
		t.Fatalf("Snapchat answered %d and sent nobody back", resp.StatusCode)
	}
	if back.Query().Get("state") != "state-1" {
		t.Errorf("the state came back as %q", back.Query().Get("state"))
	}
	return to, back.Query()
}

func TestProfilesAreConnected(t *testing.T) {
	for name, o := range map[string]snapchatfake.Options{"plain": {}, "wrapped": {Wrapped: true}} {
		t.Run(name, func(t *testing.T) {
			f, client := start(t, o), networktest.Client(t, nil)
			n := snapchat.New(f.URL)
			to, callback := begin(t, n)
			grant, accounts, err := n.Finish(t.Context(), client, to.Keep, callback)
			if err != nil || len(accounts) != 2 {
				t.Fatalf("finish: %+v, %v; want both profiles once", accounts, err)
			}
			a := accounts[0]
			if a.ID != snapchatfake.Profile || a.Handle != snapchatfake.Brand || a.Name != "The Brand" || a.Followers != 7 || !strings.HasSuffix(a.URL, "/add/brand") || a.AvatarURL == "" || accounts[1].ID != snapchatfake.OtherProfile {
				t.Errorf("the accounts are %+v", accounts)
			}
			if left := time.Until(grant.ExpiresAt); left < 59*time.Minute || left > time.Hour || grant.Values["refresh_token"] == "" {
				t.Errorf("the grant: %v left", left)
			}
			if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || fault.As(err).Hint == "" {
				t.Errorf("the same callback again: %v", err)
			}
			s := network.Session{Account: a, Grant: grant, App: app, HTTP: client}
			fresh, err := n.Refresh(t.Context(), s)
			if err != nil || fresh.Values["refresh_token"] == grant.Values["refresh_token"] {
				t.Errorf("the renewed grant keeps its old refresh token: %v", err)
			}
			if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
				t.Errorf("a refresh token that was used: %v", err)
			}
			s.Grant, s.App = fresh, map[string]string{"client_id": snapchatfake.AppID, "client_secret": "another"}
			if _, err := n.Refresh(t.Context(), s); !fault.Is(err, fault.Unauthorised) {
				t.Errorf("renewed with the secret of another app: %v", err)
			}
		})
	}
}

func TestSignInThatFailsSaysWhy(t *testing.T) {
	f, client := start(t, snapchatfake.Options{}), networktest.Client(t, nil)
	n := snapchat.New(f.URL)
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
	for _, c := range []struct {
		o    snapchatfake.Options
		want string
	}{{snapchatfake.Options{Unlisted: true}, "list of its Public Profile API"}, {snapchatfake.Options{NoProfile: true}, "Create a public profile"}} {
		n := snapchat.New(start(t, c.o).URL)
		to, callback := begin(t, n)
		if _, _, err := n.Finish(t.Context(), client, to.Keep, callback); !fault.Is(err, fault.Rejected) || !strings.Contains(fault.As(err).Hint, c.want) {
			t.Errorf("%s: %v (%s)", c.want, err, fault.As(err).Hint)
		}
	}
}

func TestNetworksOwnHostsAreUsedByDefault(t *testing.T) {
	to, err := snapchat.New("").Begin(t.Context(), nil, network.ConnectRequest{RedirectURL: "https://b.example/cb", State: "s", App: app})
	if err != nil || !strings.HasPrefix(to.URL, "https://accounts.snapchat.com/login/oauth2/authorize?") || !strings.Contains(to.URL, "scope=snapchat-profile-api") || strings.Contains(to.URL, snapchatfake.AppSecret) {
		t.Errorf("%s, %v", to.URL, err)
	}
}
