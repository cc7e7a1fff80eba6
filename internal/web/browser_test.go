package web_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/notify"
	"github.com/bellwether-social/bellwether/internal/web/gatetest"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// open serves the site at an address with a name, which passkeys need.
func open(t *testing.T) (*site, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	address := "http://localhost:" + port
	s := build(t, dbtest.SQLite(t), address)
	s.routes = append(s.routes, page.Get("/{$}", page.SignedIn, func(c *page.Context) error { return c.Redirect("/settings/members") }))
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: s.build(s.routes), ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return s, address
}

func signIn(p *browser.Page, email string) {
	p.FillIn("E-mail", email)
	p.FillIn("Password", gatetest.Password)
	p.ClickOn("Sign in")
}

func TestAPersonProtectsTheirAccount(t *testing.T) {
	s, address := open(t)
	p := browser.Open(t, address+"/settings/security", browser.Desktop, browser.Light)
	signIn(p, "owner@example.org")
	p.WaitURL("/settings/security")
	p.ClickOn("Set up a second factor")
	p.See("Scan it with the app")
	secret := browser.Eval[string](p, `document.querySelector('.card code').innerText`)
	p.Screenshot("settings-totp")
	p.Axe()
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.FillIn("The code it shows", code)
	p.ClickOn("Turn on")
	p.See("Keep these recovery codes")
	recovery := browser.Eval[string](p, `document.querySelector('.alert code').innerText`)

	chromedpDo(t, p, webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true})
	p.FillIn("Name of the device", "Test phone")
	p.ClickOn("Add a passkey")
	p.See("The passkey is added")
	p.See("Test phone")

	signOut(p)
	p.ClickOn("Sign in with a passkey")
	p.WaitURL("/settings/members")

	signOut(p)
	signIn(p, "owner@example.org")
	p.See("recovery codes")
	p.Screenshot("signin-code")
	p.FillIn("Code", recovery)
	p.ClickOn("Go on")
	p.WaitURL("/settings/members")
	p.ConsoleErrors()
	p.CSPReports()
	if u, err := s.Accounts.ByEmail(context.Background(), "owner@example.org"); err != nil || !u.HasTOTP || u.Passkeys != 1 {
		t.Errorf("%+v, %v", u, err)
	}
}

func chromedpDo(t *testing.T, p *browser.Page, options webauthn.VirtualAuthenticatorOptions) {
	t.Helper()
	p.Do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &options})
		return chromedp.Void{}, err
	})
}

func signOut(p *browser.Page) {
	p.ClickOn("Your account")
	p.ClickOn("Sign out")
	p.WaitURL("/sign-in")
}

func TestAnOwnerInvitesSomebodyForOneBrand(t *testing.T) {
	s, address := open(t)
	owner := browser.Open(t, address+"/settings/members", browser.Desktop, browser.Light)
	signIn(owner, "owner@example.org")
	owner.WaitURL("/settings/members")
	owner.FillIn("E-mail", "lea@example.org")
	owner.Choose("Role", "Community manager")
	owner.Choose("Where", gatetest.Secret+" Brand")
	owner.ClickOn("Invite")
	owner.See("The invitation is made")
	link := browser.Eval[string](owner, `document.querySelector('.alert code').innerText`)
	owner.Screenshot("settings-invited")

	lea := browser.Open(t, link, browser.Phone, browser.Light)
	lea.See("invites you as Community manager")
	lea.Screenshot("invitation")
	lea.NoSidewaysScroll()
	lea.Axe()
	lea.FillIn("Your name", "Lea Link")
	lea.FillIn("Password", "password1")
	lea.ClickOn("Join")
	lea.See("among the first that are tried")
	if got := browser.Eval[string](lea, `document.querySelector('[name=name]').value`); got != "Lea Link" {
		t.Errorf("the name typed is lost: %q", got)
	}
	lea.FillIn("Password", gatetest.Password)
	lea.ClickOn("Join")
	lea.WaitURL("/settings/members")

	owner.Go(address + "/settings/members")
	owner.ClickOn("Lea Link lea@example.org")
	owner.See("What this person may do")
	owner.ClickOn("Reply in the inbox")
	owner.See("includes it, but reaches elsewhere only.")
	owner.Choose("Where", gatetest.Secret+" Brand")
	owner.WaitURL("scope=brand")
	owner.ClickOn("Reply in the inbox")
	owner.See("for " + gatetest.Secret + " Brand gives it.")
	owner.Screenshot("settings-why")
	owner.Axe()
	owner.ConsoleErrors()
	owner.CSPReports()
	members, err := s.Workspaces.Members(context.Background(), s.Person("owner").Actor)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		if m.Name == "Lea Link" && (len(m.Grants) != 1 || m.Grants[0].BrandID == "") {
			t.Errorf("the role is not narrowed: %+v", m.Grants)
		}
	}
}

func TestEveryScreenOfSettingsIsSoundOnBothScreensAndInBothSchemes(t *testing.T) {
	s, address := open(t)
	owner := s.Person("owner").Actor
	err := s.DB.Tx(context.Background(), func(tx *db.Tx) error {
		for i, note := range []notify.Notice{{Kind: "delivery.failed_permanent", Title: "Not published", Body: "The network refused: the image is larger than 8 MB. Make it smaller.", Link: "/settings/members", Must: true},
			{Kind: "goal.health_changed", Title: "A goal's health changed", Body: "Reach of the spring campaign went from on track to at risk.", Link: "/settings/members"}} {
			note.Source = string(rune('a' + i))
			if err := s.notes.Notify(context.Background(), tx, owner.WorkspaceID, []string{owner.UserID}, note); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Workspaces.Invite(context.Background(), owner, "waiting@example.org", []workspace.RoleGrant{{Role: workspace.Creator}}); err != nil {
		t.Fatal(err)
	}
	pages := []string{"/settings/profile", "/settings/security", "/settings/workspace", "/settings/brands/new", "/settings/members", "/settings/members/" + s.Person("analyst").User.ID + "?right=post.schedule",
		"/settings/roles", "/settings/roles/edit?from=analyst", "/settings/keys", "/settings/audit", "/settings/workspaces/new", "/notifications", "/nowhere"}
	guests := []string{"/sign-in", "/sign-in/forgotten"}
	for _, screen := range []struct {
		name string
		browser.Screen
	}{{"desktop", browser.Desktop}, {"phone", browser.Phone}} {
		for _, scheme := range []browser.Scheme{browser.Light, browser.Dark} {
			t.Run(screen.name+" "+string(scheme), func(t *testing.T) {
				p := browser.Open(t, address+guests[0], screen.Screen, scheme)
				look := func(path string) {
					p.Go(address + path)
					name, _, _ := strings.Cut(strings.Trim(path, "/"), "?")
					name = strings.NewReplacer("/", "-", s.Person("analyst").User.ID, "one").Replace(name)
					p.Screenshot(name + "-" + screen.name + "-" + string(scheme))
					p.NoSidewaysScroll()
					p.Axe()
				}
				for _, path := range guests {
					look(path)
				}
				p.Go(address + "/sign-in")
				signIn(p, "owner@example.org")
				p.WaitURL("/settings/members")
				for _, path := range pages {
					look(path)
				}
				p.CSPReports()
			})
		}
	}
}
