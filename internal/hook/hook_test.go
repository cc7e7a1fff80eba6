package hook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/hook"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// club is a network that proves its calls by an HMAC over time and body, and answers a handshake with its challenge.
type club struct{ read int }

func (*club) Spec() network.Spec {
	return network.Spec{Key: "club", Name: "Club", App: &network.AppSpec{Portal: "https://club.example/apps", Steps: []string{"Enter {callback}."},
		Fields: []network.Field{{Key: "key", Label: "Key", Secret: true, Required: true}}}}
}

func (c *club) Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	at, err := strconv.ParseInt(call.Header.Get("Sent"), 10, 64)
	proof, _ := hex.DecodeString(call.Header.Get("Proof"))
	if err != nil || !hmac.Equal(proof, prove(app["key"], call.Header.Get("Sent"), call.Body)) || call.At.Sub(time.Unix(at, 0)).Abs() > 5*time.Minute {
		return network.Heard{}, fault.Wrap(fault.Unauthorised, nil, "the call is not signed by the club")
	}
	c.read++
	if challenge := call.Query.Get("challenge"); challenge != "" {
		return network.Heard{Answer: []byte(challenge)}, nil
	}
	return network.Heard{Accounts: []string{"acc"}}, nil
}

func prove(key, at string, body []byte) []byte {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(at + "."))
	m.Write(body)
	return m.Sum(nil)
}

// desk answers calls of the club for one workspace with one account.
type desk struct {
	http.Handler
	club  *club
	path  string
	woken int
}

func build(t testing.TB, database *db.DB) *desk {
	t.Helper()
	ctx := context.Background()
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{club: &club{}}
	channels := channel.New(database, event.New(database), keys, network.NewRegistry(d.club), safehttp.New(safehttp.Policy{}))
	ida := workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
	for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'UTC', 0)`,
		`insert into connections (workspace_id, id, network, grant_sealed, state, created_by, created_at) values ('ws_1', 'con', 'club', '', 'connected', '', 0)`,
		`insert into channels (workspace_id, id, brand_id, connection_id, network, remote_id, handle, name, url, account, zone, created_at)
			values ('ws_1', 'chan', '', 'con', 'club', 'acc', 'acc', 'Acc', '', '{}', 'UTC', 0)`} {
		if _, err := db.Exec(ctx, database, q); err != nil {
			t.Fatal(err)
		}
	}
	if err := channels.RegisterApp(ctx, ida, "club", map[string]string{"key": "very secret"}); err != nil {
		t.Fatal(err)
	}
	app, err := channels.App(ctx, ida, "club")
	if err != nil {
		t.Fatal(err)
	}
	d.path = "/hooks/club/" + app.Hook
	mux := http.NewServeMux()
	for pattern, h := range (&hook.Desk{Channels: channels, URL: &url.URL{Scheme: "https", Host: "bell.example"}, Wake: func(_ context.Context, due []channel.Due) error { d.woken += len(due); return nil }}).Handlers() {
		mux.Handle(pattern, h)
	}
	d.Handler = mux
	return d
}

// call sends a body as the club would have signed it at a time.
func (d *desk) call(path, key string, at time.Time, signed, sent string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(sent))
	stamp := strconv.FormatInt(at.Unix(), 10)
	r.Header.Set("Sent", stamp)
	r.Header.Set("Proof", hex.EncodeToString(prove(key, stamp, []byte(signed))))
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func TestS25R33OnlyFreshAndSignedCallsAreHeardAndEachOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		d, now := build(t, database), time.Now()
		if w := d.call(d.path, "very secret", now, "news", "news"); w.Code != http.StatusOK || d.woken != 1 {
			t.Fatalf("a call is answered with %d, %d woken", w.Code, d.woken)
		}
		for n := range 3 {
			if w := d.call(d.path, "very secret", now, "news", "news"); w.Code != http.StatusOK || d.woken != 1 {
				t.Errorf("replay %d within the window is answered with %d, %d woken", n, w.Code, d.woken)
			}
		}
		for what, w := range map[string]*httptest.ResponseRecorder{
			"a body altered by one byte": d.call(d.path, "very secret", now, "news!", "news?"),
			"a replay after six minutes": d.call(d.path, "very secret", now.Add(-6*time.Minute), "old", "old"),
			"a call from the future":     d.call(d.path, "very secret", now.Add(time.Hour), "new", "new"),
			"another key":                d.call(d.path, "guessed", now, "more", "more"),
		} {
			if w.Code != http.StatusUnauthorized {
				t.Errorf("%s is answered with %d", what, w.Code)
			}
		}
		for what, path := range map[string]string{"another address": "/hooks/club/guessed", "another network": "/hooks/other" + strings.TrimPrefix(d.path, "/hooks/club")} {
			if w := d.call(path, "very secret", now, "more", "more"); w.Code != http.StatusNotFound {
				t.Errorf("%s is answered with %d", what, w.Code)
			}
		}
		if d.woken != 1 || d.club.read != 4 {
			t.Errorf("%d woken, %d read", d.woken, d.club.read)
		}
	})
}

func TestS25AFloodIsBoundedBeforeItIsRead(t *testing.T) {
	d := build(t, dbtest.SQLite(t))
	huge := strings.Repeat("x", 4<<20)
	if w := d.call(d.path, "very secret", time.Now(), huge, huge); w.Code != http.StatusRequestEntityTooLarge || d.club.read != 0 {
		t.Errorf("4 MB are answered with %d", w.Code)
	}
}

func TestS25AChallengeIsNoPage(t *testing.T) {
	d := build(t, dbtest.SQLite(t))
	w := d.call(d.path+"?challenge="+url.QueryEscape(`<html><script>alert(1)</script>`), "very secret", time.Now(), "", "")
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a challenge is answered with %d as %q", w.Code, w.Header())
	}
}

// FuzzHear throws bodies, headers and addresses at the desk: it never fails, and never hears what is not signed.
func FuzzHear(f *testing.F) {
	f.Add("club", "x", "challenge=%3Cb%3E", "1", "00", []byte("{}"))
	f.Add("../club", "\x00", "%zz", "99999999999999999999", "zz", bytes.Repeat([]byte("["), 10_000))
	d := build(f, dbtest.SQLite(f))
	f.Fuzz(func(t *testing.T, network, address, query, at, proof string, body []byte) {
		before := d.club.read
		for _, path := range []string{"/hooks/" + url.PathEscape(network) + "/" + url.PathEscape(address), d.path} {
			r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
			u, err := url.Parse(path)
			if err != nil {
				return
			}
			u.RawQuery = query
			r.URL = u
			r.Header.Set("Sent", at)
			r.Header.Set("Proof", proof)
			w := httptest.NewRecorder()
			if d.ServeHTTP(w, r); w.Code >= 500 || d.club.read != before {
				t.Errorf("POST %s is answered with %d, read: %t", path, w.Code, d.club.read != before)
			}
		}
	})
}
