package bluesky_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/bluesky"
	"github.com/bellwether-social/bellwether/internal/network/bluesky/blueskyfake"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

func TestSignInFindsTheAccountsOwnServer(t *testing.T) {
	w, f := world(t, blueskyfake.Options{TokenLife: 2 * time.Hour})
	a, g := w.Session.Account, w.Session.Grant
	if a.ID != f.DID(blueskyfake.Brand) || a.Handle != blueskyfake.Brand || a.Name != "Brand" || a.Server != f.URL || a.URL != "https://bsky.app/profile/"+a.ID || a.AvatarURL == "" {
		t.Errorf("the account is %+v", a)
	}
	if a.Limits.VideoBytes != 5<<20 || a.Limits.ImageBytes != 1_000_000 || a.Extra["messages"] != "yes" || a.Extra["plc"] != f.URL+"/plc" {
		t.Errorf("the server's limits and the messages are %+v %+v", a.Limits, a.Extra)
	}
	if !g.ExpiresAt.Equal(w.Clock.Now().Add(2*time.Hour)) || len(g.Scopes) != 1 {
		t.Errorf("the grant ends %s with %v", g.ExpiresAt, g.Scopes)
	}
	if without, _ := world(t, blueskyfake.Options{NoChat: true}); without.Session.Account.Extra["messages"] != "no" {
		t.Error("an app password without messages is said to open them")
	}
}

func TestSignInByIdentity(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	fields := credentials(f)
	fields["handle"] = f.DID(blueskyfake.Brand)
	delete(fields, "server")
	if _, accounts, err := bluesky.New().SignIn(t.Context(), w.Session.HTTP, fields); err != nil || accounts[0].Handle != fields["handle"] && accounts[0].Handle != blueskyfake.Brand {
		t.Errorf("by identity: %+v, %v", accounts, err)
	}
}

func TestSignInNamesTheFieldAtFault(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	for name, c := range map[string]struct{ field, key, value string }{
		"e-mail address":     {"handle", "handle", "ann@example.org"},
		"no domain":          {"handle", "handle", "ann"},
		"path in the handle": {"handle", "handle", "ann.test/../x"},
		"unknown handle":     {"handle", "handle", "nobody.test"},
		"wrong password":     {"password", "password", "abcd"},
		"odd server":         {"server", "server", "ftp://pds.example"},
		"odd directory":      {"plc", "plc", "https://user:secret@plc.example"},
		"unknown identity":   {"handle", "handle", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"},
	} {
		fields := maps.Clone(credentials(f))
		fields[c.key] = c.value
		_, _, err := bluesky.New().SignIn(t.Context(), w.Session.HTTP, fields)
		if !fault.Is(err, fault.Invalid) || fault.As(err).Field != c.field || fault.As(err).Message == "" {
			t.Errorf("%s: %v names the field %q", name, err, fault.As(err).Field)
		}
	}
	fields := credentials(f)
	fields["handle"] = "did:example:123"
	if _, _, err := bluesky.New().SignIn(t.Context(), w.Session.HTTP, fields); !fault.Is(err, fault.Rejected) {
		t.Errorf("an identity of an unknown kind: %v", err)
	}
}

// TestHandleThatTheIdentityDoesNotConfirmIsRefused: a server that claims somebody else's handle gets no password.
func TestHandleThatTheIdentityDoesNotConfirmIsRefused(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	f.Claim("famous.test", blueskyfake.Brand)
	before := f.Calls("token")
	fields := credentials(f)
	fields["handle"] = "famous.test"
	if _, _, err := bluesky.New().SignIn(t.Context(), w.Session.HTTP, fields); !fault.Is(err, fault.Invalid) || fault.As(err).Field != "handle" {
		t.Errorf("a claimed handle: %v", err)
	}
	if f.Calls("token") != before {
		t.Error("the password was sent all the same")
	}
}

func TestRenewingTakesTheNewPairAndMayBeRepeated(t *testing.T) {
	w, f := world(t, blueskyfake.Options{TokenLife: 2 * time.Hour})
	n := bluesky.New()
	w.Clock.Advance(3 * time.Hour)
	if _, err := n.Check(t.Context(), w.Session); !fault.Is(err, fault.Unauthorised) {
		t.Fatalf("an expired token is %v", err)
	}
	f.Faults.Next("token", networkfake.TimeoutAfter)
	ctx := w.Session
	f.Faults.OnHold(nil)
	ctx.HTTP = ctx.HTTP.WithTimeout(50 * time.Millisecond)
	if _, err := n.Refresh(t.Context(), ctx); !fault.Is(err, fault.Later) {
		t.Errorf("a lost answer is %v; the old refresh token is still good, so it is tried again", err)
	}
	fresh, err := n.Refresh(t.Context(), w.Session)
	if err != nil || fresh.Values["access"] == w.Session.Grant.Values["access"] || !fresh.ExpiresAt.After(w.Clock.Now()) {
		t.Fatalf("renewed: %v", err)
	}
	w.Session.Grant = fresh
	if _, err := n.Check(t.Context(), w.Session); err != nil {
		t.Errorf("the new token: %v", err)
	}
	if err := n.Revoke(t.Context(), w.Session); err != nil {
		t.Errorf("revoking: %v", err)
	}
	if _, err := n.Refresh(t.Context(), w.Session); !fault.Is(err, fault.Unauthorised) {
		t.Errorf("renewing after revoking is %v", err)
	}
}

func TestSignInThatIsLimitedSaysWhen(t *testing.T) {
	w, f := world(t, blueskyfake.Options{})
	f.Faults.Next("token", networkfake.Limited)
	_, _, err := bluesky.New().SignIn(t.Context(), w.Session.HTTP, credentials(f))
	if !fault.Is(err, fault.Later) || fault.As(err).RetryAt.Sub(w.Clock.Now()) < time.Minute {
		t.Errorf("limited: %v at %s", err, fault.As(err).RetryAt)
	}
	if strings.Contains(err.Error(), blueskyfake.BrandPassword) {
		t.Error("the error shows the password")
	}
}

var (
	_ network.PasswordConnector = bluesky.Bluesky{}
	_ network.Refresher         = bluesky.Bluesky{}
	_ network.Revoker           = bluesky.Bluesky{}
	_ network.Checker           = bluesky.Bluesky{}
	_ network.Prober            = bluesky.Bluesky{}
	_ network.Reader            = bluesky.Bluesky{}
	_ network.Deleter           = bluesky.Bluesky{}
	_ network.Converser         = bluesky.Bluesky{}
	_ network.Reactor           = bluesky.Bluesky{}
	_ network.Measurer          = bluesky.Bluesky{}
	_ network.Directory         = bluesky.Bluesky{}
	_ network.Importer          = bluesky.Bluesky{}
)
