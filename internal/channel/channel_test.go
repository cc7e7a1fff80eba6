package channel_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func TestApplicationIsRegisteredAndItsSecretNeverShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		_, err := h.channels.StartSignIn(ctx, h.ida, channel.SignInStart{Network: "club", BrandID: "brand_1", Session: "s"})
		h.refused(err, fault.Rejected)
		h.refused(h.channels.RegisterApp(ctx, h.ida, "club", map[string]string{"client_id": "app-7"}), fault.Invalid)
		h.refused(h.channels.RegisterApp(ctx, h.ida, "sandbox", nil), fault.NotFound)
		analyst := h.ida
		analyst.Grants = []workspace.RoleGrant{{Role: workspace.Analyst}}
		h.refused(h.channels.RegisterApp(ctx, analyst, "club", nil), fault.Forbidden)
		_, err = h.channels.App(ctx, analyst, "club")
		h.refused(err, fault.Forbidden)
		h.register()
		app, err := h.channels.App(ctx, h.ida, "club")
		h.ok(err)
		if !app.Registered() || app.Hook == "" || app.Filled["client_id"] != "app-7" || app.Filled["client_secret"] != "…" {
			t.Errorf("shown as %+v", app)
		}
		stored, err := db.One[string](ctx, database, `select values_sealed from network_apps where workspace_id = 'ws_1'`)
		if err != nil || strings.Contains(stored, "secret") {
			t.Errorf("stored as %q, %v", stored, err)
		}
		h.ok(h.channels.RegisterApp(ctx, h.ida, "club", map[string]string{"client_id": "app-7", "client_secret": ""})) // kept
		if again, _ := h.channels.App(ctx, h.ida, "club"); again.Hook != app.Hook || again.Filled["client_secret"] != "…" {
			t.Errorf("after saving again: %+v", again)
		}
		other := h.ida
		other.WorkspaceID = "ws_2"
		if app, err := h.channels.App(ctx, other, "club"); err != nil || app.Registered() {
			t.Errorf("another workspace sees %+v, %v", app, err)
		}
		h.ok(h.channels.ForgetApp(ctx, h.ida, "club"))
		if app, _ := h.channels.App(ctx, h.ida, "club"); app.Registered() {
			t.Error("the application is not forgotten")
		}
	})
}

func TestS18toS20SignInIsFinishedOnceByWhoStartedIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.register()
		back := h.start("session-1")
		_, _, err := h.channels.FinishSignIn(ctx, h.ida, "club", "session-2", back)
		h.refused(err, fault.Invalid)
		ben := h.ida
		ben.UserID = "user_2"
		_, _, err = h.channels.FinishSignIn(ctx, ben, "club", "session-1", back)
		h.refused(err, fault.Invalid)
		_, choice, err := h.channels.FinishSignIn(ctx, h.ida, "club", "session-1", back)
		h.ok(err)
		_, _, err = h.channels.FinishSignIn(ctx, h.ida, "club", "session-1", back)
		h.refused(err, fault.Invalid)

		c, err := h.channels.Choice(ctx, h.ida, "session-1", choice)
		h.ok(err)
		if len(c.Accounts) != 3 || c.BrandID != "brand_1" {
			t.Errorf("the choice is %+v", c)
		}
		_, err = h.channels.Choice(ctx, h.ida, "session-2", choice)
		h.refused(err, fault.NotFound)
		_, err = h.channels.Choose(ctx, ben, "session-1", choice, []string{"acc-north"})
		h.refused(err, fault.NotFound)
		_, err = h.channels.Choose(ctx, h.ida, "session-1", choice, []string{"acc-nobody"})
		h.refused(err, fault.Invalid)
		made, err := h.channels.Choose(ctx, h.ida, "session-1", choice, []string{"acc-north", "acc-south", "acc-nobody"})
		h.ok(err)
		if len(made) != 2 || made[0].ConnectionID != made[1].ConnectionID {
			t.Errorf("connected %+v", made)
		}
		_, err = h.channels.Choose(ctx, h.ida, "session-1", choice, []string{"acc-west"})
		h.refused(err, fault.NotFound)

		late := h.start("session-1")
		h.exec(`update connect_attempts set expires_at = $1 where used_at is null`, db.Now().Add(-time.Second))
		_, _, err = h.channels.FinishSignIn(ctx, h.ida, "club", "session-1", late)
		h.refused(err, fault.Invalid)
	})
}

// TestR18R19GrantIsRenewedOnceUnderItsLock lets many workers need a new grant at once; a rotating token must be used once.
func TestR18R19GrantIsRenewedOnceUnderItsLock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.register()
		h.club.life = 3 * time.Minute // due from the start
		made := h.connect()
		h.exec(`update connections set checked_at = null`)
		h.club.life, h.club.slow = time.Hour, make(chan struct{})
		var all sync.WaitGroup
		good, later := make(chan string, 20), make(chan error, 20)
		for n := range 10 {
			all.Go(func() {
				_, _, s, err := h.channels.Session(ctx, "ws_1", made[n%2].ID)
				if err != nil {
					later <- err
					return
				}
				good <- s.Grant.Values["refresh"]
			})
		}
		time.AfterFunc(200*time.Millisecond, func() { close(h.club.slow) })
		all.Wait()
		close(later)
		for err := range later {
			h.refused(err, fault.Later)
		}
		if h.club.asked != 1 {
			t.Errorf("the grant was renewed %d times", h.club.asked)
		}
		for range 2 { // both channels stand on the new grant
			_, _, s, err := h.channels.Session(ctx, "ws_1", made[1].ID)
			h.ok(err)
			if s.Grant.Values["refresh"] != "2" || s.App["client_id"] != "app-7" {
				t.Errorf("the session has grant %v and app %v", s.Grant.Values["refresh"], s.App["client_id"])
			}
		}
		h.club.token = 99 // taken back by the network
		h.refused(h.channels.Refresh(ctx, "ws_1", made[0].ID), fault.Unauthorised)
		if ch, _ := h.channels.Get(ctx, h.ida, made[1].ID); ch.State != channel.NeedsReconnect || ch.StateReason == "" {
			t.Errorf("the other channel of the grant is %s (%s)", ch.State, ch.StateReason)
		}
	})
}

func TestC19ReconnectedAccountIsTheSameChannel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.register()
		made := h.connect()
		h.ok(h.channels.Disconnect(ctx, h.ida, made[0].ID))
		if len(h.club.revoked) != 0 {
			t.Error("the grant was given back while another channel stands on it")
		}
		h.ok(h.channels.Disconnect(ctx, h.ida, made[1].ID))
		if len(h.club.revoked) != 1 || h.club.revoked[0] != "1 app-7" {
			t.Errorf("given back: %v", h.club.revoked)
		}
		if left, err := db.One[int](ctx, database, `select count(*) from connections where grant_sealed <> ''`); err != nil || left != 0 {
			t.Errorf("%d grants are kept after disconnecting, %v", left, err)
		}
		_, _, _, err := h.channels.Session(ctx, "ws_1", made[0].ID)
		h.refused(err, fault.Unauthorised)
		again := h.connect()
		if again[0].ID != made[0].ID || again[0].State != channel.Connected || !again[0].Disconnected.IsZero() {
			t.Errorf("reconnected as %+v", again[0])
		}
	})
}

func TestCallsOfANetworkWakeTheChannelOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.register()
		made := h.connect()
		app, err := h.channels.App(ctx, h.ida, "club")
		h.ok(err)
		heard, due, err := h.channels.Hear(ctx, "club", app.Hook, call("very secret", "news for acc-north"))
		h.ok(err)
		if len(due) != 1 || due[0].ID != made[0].ID || string(heard.Answer) != "thanks" {
			t.Errorf("due %+v, answered %q", due, heard.Answer)
		}
		if _, due, err = h.channels.Hear(ctx, "club", app.Hook, call("very secret", "news for acc-north")); err != nil || len(due) != 0 {
			t.Errorf("a call sent again wakes %v, %v", due, err)
		}
		if _, due, err = h.channels.Hear(ctx, "club", app.Hook, call("very secret", "news for acc-unknown")); err != nil || len(due) != 0 {
			t.Errorf("a call for nobody wakes %v, %v", due, err)
		}
		_, _, err = h.channels.Hear(ctx, "club", app.Hook, call("guessed", "news for acc-south"))
		h.refused(err, fault.Unauthorised)
		_, _, err = h.channels.Hear(ctx, "club", "nonsense", call("very secret", "news for acc-south"))
		h.refused(err, fault.NotFound)
		_, _, err = h.channels.Hear(ctx, "sandbox", app.Hook, call("very secret", "news for acc-south"))
		h.refused(err, fault.NotFound)
		h.exec(`update network_calls set heard_at = heard_at - $1`, int64(8*24*time.Hour/time.Microsecond))
		h.ok(h.channels.ForgetCalls(ctx))
		if left, err := db.One[int](ctx, database, `select count(*) from network_calls`); err != nil || left != 0 {
			t.Errorf("%d old calls are kept, %v", left, err)
		}
	})
}

func TestC33WorkspaceInTestModeNeverMeetsTheNetwork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		h := build(t, database)
		h.exec(`update workspaces set test_mode = true where id = 'ws_1'`)
		_, err := h.channels.StartSignIn(ctx, h.ida, channel.SignInStart{Network: "club", BrandID: "brand_1", Session: "s"})
		h.refused(err, fault.Invalid)
		made, err := h.channels.SignIn(ctx, h.ida, "club", "brand_1", map[string]string{"handle": "roastery"})
		h.ok(err)
		if !made[0].Test() || made[0].Network != "club" || !h.channels.Network(made[0]).Spec().Test {
			t.Errorf("connected %+v", made[0])
		}
		_, n, _, err := h.channels.Session(ctx, "ws_1", made[0].ID)
		h.ok(err)
		if !n.Spec().Test {
			t.Error("a session of a test channel is real")
		}
	})
}
