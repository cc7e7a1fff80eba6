package networks

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/bellwether-social/bellwether/e2e/app"
	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/every"
	"github.com/bellwether-social/bellwether/internal/safehttp"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// house is a running installation with an account on every network.
type house struct {
	*app.App
	t     *testing.T
	page  *browser.Page
	fakes []*every.Fake
	seats []*seat
	files map[every.File]string // where they lie on this machine
}

// seat is one channel and the form its post takes.
type seat struct {
	every.Post
	fake    *every.Fake
	ledger  string // what the network calls the account
	account string // its id there
	mute    bool   // nobody can comment below its posts
	channel string
	name    string
}

// open sets the program up as its first user and connects an account of every network, each by a grant it has already.
func open(t *testing.T) *house {
	t.Helper()
	address := free(t) // known before, since it is also where the networks fetch files
	h := &house{t: t, fakes: every.StartFor(t, "http://"+address), files: map[every.File]string{}}
	h.App = app.Serve(t, app.Options{Addr: address, Env: []string{"BELLWETHER_URL=http://" + address, "BELLWETHER_GATEWAYS=" + every.Gateways(h.fakes), "BELLWETHER_ALLOW_PRIVATE=127.0.0.1/32"}})
	h.page = browser.Open(t, h.URL+"/setup", browser.Desktop, browser.Light)
	if code := regexp.MustCompile(`set-up code: (\S+)`).FindStringSubmatch(h.Log()); code != nil {
		h.page.FillIn("Set-up code", code[1])
	}
	h.page.FillIn("Your name", "Noor Haddad")
	h.page.FillIn("E-mail", "noor@example.org")
	h.page.FillIn("Password", "seventeen kilns by the tide")
	h.page.FillIn("Workspace", "Tide & Kiln")
	h.page.ClickOn("Set up")
	h.page.WaitURL("/$")
	folder := t.TempDir()
	for _, f := range []every.File{every.Picture, every.Film} {
		h.files[f] = filepath.Join(folder, string(f))
		if err := os.WriteFile(h.files[f], f.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.database(h.connect)
	return h
}

// database opens what the program keeps, beside it.
func (h *house) database(do func(context.Context, *db.DB)) {
	h.t.Helper()
	d, err := db.Open(h.t.Context(), filepath.Join(h.Data, "bellwether.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer d.Close()
	do(h.t.Context(), d)
}

// pass lets time pass: what was to be done at a later time is due.
func (h *house) pass(updates ...string) {
	h.t.Helper()
	h.database(func(ctx context.Context, d *db.DB) {
		for _, u := range updates {
			if _, err := db.Exec(ctx, d, u, db.Now()); err != nil {
				h.t.Fatal(err)
			}
		}
	})
}

func (h *house) connect(ctx context.Context, d *db.DB) {
	h.t.Helper()
	who, err := db.One[struct {
		Workspace string `db:"workspace_id"`
		Brand     string `db:"id"`
		User      string `db:"user_id"`
	}](ctx, d, `select b.workspace_id, b.id, (select id from users) as user_id from brands b`)
	if err != nil {
		h.t.Fatal(err)
	}
	keys, err := secret.Load(h.Data, "")
	if err != nil {
		h.t.Fatal(err)
	}
	owner := workspace.Actor{WorkspaceID: who.Workspace, UserID: who.User, Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
	http := safehttp.New(safehttp.Policy{Allow: safehttp.MustAllow("127.0.0.1")})
	defer http.CloseIdle()
	for _, f := range h.fakes {
		for _, c := range f.Channels {
			channels := channel.New(d, event.New(d), keys, network.NewRegistry(f.Connected(c)), http)
			if f.Network.Spec().App != nil {
				if err := channels.RegisterApp(ctx, owner, f.Key, c.Session.App); err != nil {
					h.t.Fatalf("register at %s: %v", f.Key, err)
				}
			}
			connected, err := channels.SignIn(ctx, owner, f.Key, who.Brand, nil)
			if err != nil {
				h.t.Fatalf("connect %s: %v", f.Key, err)
			}
			h.seats = append(h.seats, &seat{form(c), f, c.Ledger, c.Session.Account.ID, c.Mute, connected[0].ID, connected[0].Name})
		}
	}
}

// free is an address of this machine where nothing listens.
func free(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// form is how the account shows the picture of the post for all; where it takes none, how it shows the film.
func form(c every.Channel) every.Post {
	best := c.Posts[0]
	for _, p := range c.Posts {
		if p.File == every.Picture {
			return p
		}
		if p.File == every.Film {
			best = p
		}
	}
	return best
}

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }
