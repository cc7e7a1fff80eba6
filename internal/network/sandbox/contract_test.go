package sandbox_test

import (
	"context"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/sandbox"
)

// inside is the world as the contract suite sees it. Nothing crosses a wire, so no answer can be lost here.
type inside struct {
	*sandbox.World
	n       *sandbox.Sandbox
	session network.Session
}

func (inside) Next(string, ...networkfake.Fault) {}
func (inside) OnHold(func())                     {}
func (inside) Release()                          {}
func (i inside) Revoke()                         { i.Misbehave(i.session.Account.ID, sandbox.Revoked) }

func (i inside) Remove(id string) {
	_ = i.n.Delete(context.Background(), i.session, network.Remote{ID: id})
}

func (i inside) Say(kind network.MessageKind, text, on string) string {
	return i.World.Say(i.session.Account.ID, kind, on, text)
}

func (i inside) Items() (out []networkfake.Item) {
	for _, it := range i.Ledger(i.session.Account.ID) {
		out = append(out, networkfake.Item{ID: it.ID, Account: i.session.Account.Handle, Text: it.Text, ReplyTo: it.ReplyTo, Media: it.Media, Key: it.Key, At: it.At})
	}
	return out
}

func TestSandboxKeepsTheContract(t *testing.T) {
	networktest.Run(t, func(t *testing.T) *networktest.World {
		clock := networktest.NewClock()
		world := sandbox.NewWorld(1, clock.Now).Quiet()
		n := sandbox.New(world)
		grant, accounts, err := n.SignIn(t.Context(), nil, map[string]string{"handle": "brand"})
		if err != nil {
			t.Fatal(err)
		}
		session := network.Session{Account: accounts[0], Grant: grant}
		return &networktest.World{Network: n, Session: session, Fake: inside{world, n, session}, Clock: clock, Account: "brand", Plays: []networkfake.Fault{}}
	})
}
