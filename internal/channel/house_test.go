package channel_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

var ctx = context.Background()

// club is a network with everything a connection can have: a registered application, a grant that opens several
// accounts and rotates, and calls of its own.
type club struct {
	mu       sync.Mutex
	accounts []network.Account
	token    int           // the one refresh token that is good
	asked    int           // refreshes that arrived
	slow     chan struct{} // a refresh waits for it
	revoked  []string
	life     time.Duration
	calls    map[string]string // whom the club calls with an account's news
	mute     error             // why it does not
}

func (c *club) Subscribe(_ context.Context, s network.Session, address string) (bool, error) {
	if c.mute == nil {
		c.calls[s.Account.ID] = address
	}
	return c.mute == nil, c.mute
}

func (c *club) Unsubscribe(_ context.Context, s network.Session, _ string) error {
	delete(c.calls, s.Account.ID)
	return nil
}

func (c *club) Spec() network.Spec {
	return network.Spec{Key: "club", Name: "Club", App: &network.AppSpec{Portal: "https://club.example/apps", Steps: []string{"Enter {callback}."},
		Fields: []network.Field{{Key: "client_id", Label: "Client id", Required: true}, {Key: "client_secret", Label: "Client secret", Secret: true, Required: true}}}}
}

func (c *club) Begin(_ context.Context, _ *safehttp.Client, req network.ConnectRequest) (network.ConnectRedirect, error) {
	q := url.Values{"client_id": {req.App["client_id"]}, "state": {req.State}, "code_challenge": {req.Challenge}}
	return network.ConnectRedirect{URL: "https://club.example/oauth?" + q.Encode(), Keep: map[string]string{"secret": req.App["client_secret"]}}, nil
}

func (c *club) Finish(_ context.Context, _ *safehttp.Client, keep map[string]string, callback url.Values) (network.Grant, []network.Account, error) {
	if callback.Get("code") != "good" || keep["secret"] == "" || keep["verifier"] == "" {
		return network.Grant{}, nil, fault.Rejectedf("the code is not good")
	}
	return c.grant(), c.accounts, nil
}

func (c *club) grant() network.Grant {
	return network.Grant{Values: map[string]string{"refresh": fmt.Sprint(c.token)}, ExpiresAt: db.Now().Add(c.life)}
}

func (c *club) Refresh(_ context.Context, s network.Session) (network.Grant, error) {
	c.mu.Lock()
	c.asked++
	slow := c.slow
	c.mu.Unlock()
	if slow != nil {
		<-slow
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.App["client_secret"] == "" {
		return network.Grant{}, errors.New("no application")
	}
	if s.Grant.Values["refresh"] != fmt.Sprint(c.token) { // a token used twice ends the connection
		return network.Grant{}, fault.Wrap(fault.Unauthorised, nil, "the token was used before")
	}
	c.token++
	return c.grant(), nil
}

func (c *club) Revoke(_ context.Context, s network.Session) error {
	c.revoked = append(c.revoked, s.Grant.Values["refresh"]+" "+s.App["client_id"])
	return nil
}

func (c *club) Check(_ context.Context, s network.Session) (network.Account, error) {
	return s.Account, nil
}

// Hear proves a call by an HMAC of its body.
func (c *club) Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	if call.Header.Get("Proof") != sign(app["client_secret"], call.Body) {
		return network.Heard{}, fault.Wrap(fault.Unauthorised, nil, "the call is not signed by the club")
	}
	who := string(bytes.TrimPrefix(call.Body, []byte("news for ")))
	return network.Heard{Accounts: []string{who}, Answer: []byte("thanks")}, nil
}

func sign(key string, body []byte) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

// house is a workspace with a brand and the club.
type house struct {
	t        *testing.T
	db       *db.DB
	club     *club
	channels *channel.Channels
	ida      workspace.Actor
}

func build(t *testing.T, database *db.DB) *house {
	t.Helper()
	keys, err := secret.Load(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: database, club: &club{life: time.Hour, token: 1, calls: map[string]string{}}, ida: workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Via: "web", Zone: "UTC", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}}
	for _, q := range []string{`insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'Europe/Berlin', 0), ('ws_2', 'Other', 'UTC', 0)`,
		`insert into brands (workspace_id, id, name, zone, currency, created_at) values ('ws_1', 'brand_1', 'Nordlys', 'Europe/Berlin', 'EUR', 0)`,
		`insert into users (id, email, name, created_at) values ('user_1', 'ida@example.org', 'Ida', 0)`,
		`insert into members (workspace_id, user_id, created_at) values ('ws_1', 'user_1', 0)`} {
		h.exec(q)
	}
	for _, name := range []string{"north", "south", "west"} {
		h.club.accounts = append(h.club.accounts, network.Account{ID: "acc-" + name, Handle: name, Name: "Club " + name, URL: "https://club.example/" + name})
	}
	box := sandbox.New(sandbox.NewWorld(1, db.Now).Quiet())
	h.channels = channel.New(database, event.New(database), keys, network.NewRegistry(box, h.club).Imitating(box.Imitate), safehttp.New(safehttp.Policy{}))
	return h
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if _, err := db.Exec(ctx, h.db, query, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(err error, kind fault.Kind) {
	h.t.Helper()
	if !fault.Is(err, kind) {
		h.t.Fatalf("got %v (%s), want %s", err, fault.KindOf(err), kind)
	}
}

func (h *house) register() {
	h.t.Helper()
	h.ok(h.channels.RegisterApp(ctx, h.ida, "club", map[string]string{"client_id": "app-7", "client_secret": "very secret"}))
}

// start begins a sign-in and returns the state that comes back with the callback.
func (h *house) start(session string) url.Values {
	h.t.Helper()
	to, err := h.channels.StartSignIn(ctx, h.ida, channel.SignInStart{Network: "club", BrandID: "brand_1", RedirectURL: "https://bell.example/connect/club/callback", Session: session})
	h.ok(err)
	u, err := url.Parse(to)
	h.ok(err)
	if u.Query().Get("client_id") != "app-7" || u.Query().Get("code_challenge") == "" {
		h.t.Fatalf("the person is sent to %s", to)
	}
	return url.Values{"state": {u.Query().Get("state")}, "code": {"good"}}
}

// connect signs in and connects all accounts.
func (h *house) connect() []channel.Channel {
	h.t.Helper()
	_, choice, err := h.channels.FinishSignIn(ctx, h.ida, "club", "session-1", h.start("session-1"))
	h.ok(err)
	made, err := h.channels.Choose(ctx, h.ida, "session-1", choice, []string{"acc-north", "acc-south"})
	h.ok(err)
	return made
}

func call(secret, body string) network.Webhook {
	return network.Webhook{Method: "POST", Body: []byte(body), Header: http.Header{"Proof": {sign(secret, []byte(body))}}}
}
