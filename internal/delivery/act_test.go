package delivery_test

import (
	"context"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// acting is a network with acts, each answered as the script says of the step of its name.
type acting struct {
	*script
	done []string
}

func (*acting) Acts(network.MessageKind) []network.Act {
	return []network.Act{network.Like, network.Hide, network.Delete, network.Report}
}

func (a *acting) Act(_ context.Context, _ network.Session, act network.Act, on network.Remote) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.done = append(a.done, string(act)+" "+on.ID)
	if next := a.answers[string(act)]; len(next) > 0 {
		a.answers[string(act)] = next[1:]
		return next[0].err
	}
	return nil
}

func TestE10ActsAreJournalled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Findable)
		a := &acting{script: s}
		st := play(t, database, s, a)
		heard := &replies{}
		st.j.Tell(heard, nil)
		order := func(act network.Act) string {
			t.Helper()
			heard.states = nil
			var id string
			if err := database.Tx(context.Background(), func(tx *db.Tx) (err error) {
				id, err = st.j.Act(context.Background(), tx, delivery.ActOrder{WorkspaceID: "ws_1", ChannelID: st.channel.ID, MessageID: "msg_1", Act: act, On: network.Remote{ID: "c1"}, ResponsibleID: "user_1", By: "user_1"})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return id
		}
		is := func(what string, done int, states ...string) {
			t.Helper()
			if len(a.done) != done || len(heard.states) != len(states) || len(states) > 0 && heard.states[len(states)-1] != states[len(states)-1] {
				t.Errorf("%s: called %v, heard %v, want %d calls and %v", what, a.done, heard.states, done, states)
			}
		}
		order(network.Hide)
		st.run(0)
		is("a hide", 1, "done")
		s.on("hide", answer{err: fault.Wrap(fault.Unknown, nil, "the connection broke")})
		order(network.Hide)
		st.run(time.Minute)
		is("a hide whose answer was lost is repeated", 3, "done")
		s.on("delete", answer{err: fault.NotFoundf("gone")})
		order(network.Delete)
		st.run(0)
		is("deleting what is gone", 4, "done")
		s.on("hide", answer{err: fault.NotFoundf("gone")})
		order(network.Hide)
		st.run(0)
		is("hiding what is gone", 5, "failed")
		s.on("report", answer{err: fault.Wrap(fault.Unknown, nil, "the connection broke")})
		order(network.Report)
		st.run(time.Hour)
		is("a report whose answer was lost is never repeated", 6, "unknown")
		// The stop holds what shows something, never what takes it away (D12).
		st.exec(`update workspaces set paused_until = $1`, st.now.Add(24*time.Hour))
		order(network.Like)
		st.run(time.Minute)
		is("a like while publishing is stopped", 6)
		order(network.Hide)
		st.run(time.Minute)
		is("a hide while publishing is stopped", 7, "done")
		st.exec(`update workspaces set paused_until = null`)
		st.run(time.Minute)
		is("the like after the stop", 8, "done", "done")
	})
}

func TestE18AnAnswerWhoseWindowClosesWhileItWaitsIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newScript(network.Findable)
		st := play(t, database, s, s)
		heard := &replies{}
		st.j.Tell(heard, nil)
		until := st.now.Add(10 * time.Minute)
		send := func() {
			t.Helper()
			heard.states = nil
			if err := database.Tx(context.Background(), func(tx *db.Tx) error {
				_, err := st.j.Reply(context.Background(), tx, delivery.ReplyOrder{WorkspaceID: "ws_1", ChannelID: st.channel.ID, MessageID: "msg_1", Reply: network.Reply{Text: "Thank you", At: st.now},
					Until: until, ResponsibleID: "user_1", By: "user_1"})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		send()
		st.run(0)
		if len(s.texts()) != 1 || len(heard.states) != 1 || heard.states[0] != "sent" {
			t.Fatalf("within its window: live %v, heard %v", s.texts(), heard.states)
		}
		st.exec(`update channels set paused_until = $1`, st.now.Add(time.Hour))
		send()
		st.run(11 * time.Minute)
		if len(s.texts()) != 1 || len(heard.states) != 1 || heard.states[0] != "failed" {
			t.Fatalf("after its window: live %v, heard %v", s.texts(), heard.states)
		}
		rows, err := db.All[delivery.State](context.Background(), database, `select state from deliveries where reason_code = 'reply_window'`)
		if err != nil || len(rows) != 1 || rows[0] != delivery.Failed {
			t.Errorf("the delivery is %v, %v", rows, err)
		}
		st.exec(`update channels set paused_until = null`)
		st.run(time.Hour)
		if len(s.texts()) != 1 {
			t.Error("it was sent after all")
		}
	})
}
