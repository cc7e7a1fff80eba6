package every

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Fake is one network's servers, running.
type Fake struct {
	Key        string          // the network's
	Network    network.Network // which calls this fake
	Gateway    string          // what Gateways says of it; "" = the accounts themselves name their server
	Channels   []Channel
	Faults     *networkfake.Program
	Items      func() []networkfake.Item
	Violations func() []string // what was asked that the network does not allow
	// Say lets a stranger write below an item of ours, or review the place where the network has only that; nil where
	// nobody can answer through the network's interface.
	Say func(text, on string) string
	// ToldOnly says that the network tells an item's numbers as news, and cannot be asked for them.
	ToldOnly bool

	t    testing.TB
	http *safehttp.Client
	site string // the installation's public address, whose files may be fetched
	app  map[string]string
}

// Channel is one account, connected.
type Channel struct {
	Session network.Session // without a client
	Ledger  string          // what the ledger calls the account
	Posts   []Post          // the forms a post of the account can take
	Mute    bool            // no post of it can have a first comment, whatever the network can do
}

// Post is a form of a post: what it must have beyond its text, and how its public call can be proved.
type Post struct {
	Kind     network.StepKind
	File     File
	Settings map[string]string // Text in a value stands for the post's text
}

// Text stands for the post's text in a setting.
const Text = "{text}"

// With returns the settings of the post that says text.
func (p Post) With(text string) map[string]string {
	out := maps.Clone(p.Settings)
	for k, v := range out {
		out[k] = strings.ReplaceAll(v, Text, text)
	}
	return out
}

// Connected is the network, on which to sign in is to be given the grant that the channel has already.
func (f *Fake) Connected(c Channel) network.Network { return connected{f.Network, c.Session} }

type connected struct {
	network.Network
	session network.Session
}

func (n connected) Spec() network.Spec {
	s := n.Network.Spec()
	s.SignIn.Fields = nil
	return s
}

func (n connected) SignIn(context.Context, *safehttp.Client, map[string]string) (network.Grant, []network.Account, error) {
	return n.session.Grant, []network.Account{n.session.Account}, nil
}

// Site is the public address of the installation that the fakes expect, unless StartFor names another.
const Site = "https://bellwether.example"

// Start runs the fake of every network, or of those that are named; they end with the test.
func Start(t testing.TB, networks ...string) []*Fake {
	t.Helper()
	return StartFor(t, Site, networks...)
}

// StartFor is Start for an installation with another public address.
func StartFor(t testing.TB, site string, networks ...string) []*Fake {
	t.Helper()
	client := safehttp.New(safehttp.Policy{Allow: safehttp.MustAllow("127.0.0.1", "localhost")})
	t.Cleanup(client.CloseIdle)
	wanted := map[string]bool{}
	for _, key := range networks {
		wanted[key] = true
	}
	var running []*Fake
	for _, r := range rows {
		if len(networks) > 0 && !wanted[r.key] {
			continue
		}
		f := &Fake{Key: r.key, t: t, http: client, site: site}
		r.start(f)
		running = append(running, f)
	}
	return running
}

// Gateways names the fakes as BELLWETHER_GATEWAYS takes them.
func Gateways(fakes []*Fake) string {
	var named []string
	for _, f := range fakes {
		if f.Gateway != "" {
			named = append(named, f.Key+"="+f.Gateway)
		}
	}
	return strings.Join(named, ";")
}

// server is what every fake is.
type server interface {
	Close()
	Items() []networkfake.Item
	Violations() []string
}

// stranger is who writes below our posts.
const stranger = "stranger"

// run hands over what a fake was started as.
func run[S server](f *Fake, s S, err error) S {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("start the fake of %s: %v", f.Key, err)
	}
	f.t.Cleanup(s.Close)
	f.Items, f.Violations = s.Items, s.Violations
	return s
}

// account connects an account whose grant is known; a network that can check it says the rest.
func (f *Fake) account(ledger string, a network.Account, grant map[string]string, posts ...Post) {
	f.t.Helper()
	s := network.Session{HTTP: f.http, App: f.app, Account: a, Grant: network.Grant{Values: grant}}
	checked, err := f.Network.(network.Checker).Check(f.t.Context(), s)
	if err != nil {
		f.t.Fatalf("connect %s: %v", f.Key, err)
	}
	s.Account, s.HTTP = checked, nil
	f.Channels = append(f.Channels, Channel{Session: s, Ledger: ledger, Posts: posts})
}

// typed connects an account with what a person types.
func (f *Fake) typed(ledger string, fields map[string]string, posts ...Post) {
	f.t.Helper()
	grant, accounts, err := f.Network.(network.PasswordConnector).SignIn(f.t.Context(), f.http, fields)
	if err != nil {
		f.t.Fatalf("connect %s: %v", f.Key, err)
	}
	f.Channels = append(f.Channels, Channel{Session: network.Session{Grant: grant, Account: accounts[0]}, Ledger: ledger, Posts: posts})
}

// pair is the grant of most networks.
func pair(access, refresh string) map[string]string {
	return map[string]string{"access_token": access, "refresh_token": refresh}
}

// client is the registered application of most networks.
func client(id, secret string, more ...string) map[string]string {
	app := map[string]string{"client_id": id, "client_secret": secret}
	for i := 0; i < len(more); i += 2 {
		app[more[i]] = more[i+1]
	}
	return app
}
