package channel

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Choice is a grant that opens several accounts, of which a person chooses those to connect.
type Choice struct {
	ID       string
	Network  string
	BrandID  string
	Accounts []network.Account
}

// opened is a grant that waits for the choice, sealed.
type opened struct {
	Grant    network.Grant     `json:"grant"`
	Accounts []network.Account `json:"accounts"`
}

// offer keeps a grant until its accounts are chosen, as long as the started sign-in would have lived.
func (c *Channels) offer(ctx context.Context, key string, grant network.Grant, accounts []network.Account) error {
	plain, err := json.Marshal(opened{grant, accounts})
	if err != nil {
		return err
	}
	sealed, err := c.keys.Seal(plain, "connect_attempts/opened/"+key)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, c.db, `update connect_attempts set opened_sealed = $2, expires_at = $3 where state_hash = $1`, key, sealed, db.Now().Add(stateLife))
	return err
}

type waiting struct {
	Network string `db:"network"`
	Server  string `db:"server"`
	BrandID string `db:"brand_id"`
	Sealed  string `db:"opened_sealed"`
}

// Choice reads what waits for a choice; it is there for the person and session that signed in, and for ten minutes.
func (c *Channels) Choice(ctx context.Context, actor workspace.Actor, session, choiceID string) (Choice, error) {
	w, o, err := c.waiting(ctx, actor, session, choiceID)
	return Choice{ID: choiceID, Network: w.Network, BrandID: w.BrandID, Accounts: o.Accounts}, err
}

func (c *Channels) waiting(ctx context.Context, actor workspace.Actor, session, choiceID string) (waiting, opened, error) {
	var o opened
	found, err := db.All[waiting](ctx, c.db, `select network, server, brand_id, opened_sealed from connect_attempts
		where state_hash = $1 and workspace_id = $2 and user_id = $3 and session_hash = $4 and expires_at > $5 and opened_sealed <> ''`,
		choiceID, actor.WorkspaceID, actor.UserID, hashed(session), db.Now())
	if err != nil {
		return waiting{}, o, err
	}
	if len(found) == 0 {
		return waiting{}, o, fault.NotFoundf("this sign-in was finished already or is older than ten minutes").WithHint("Start again under Channels. Nothing was connected.")
	}
	plain, err := c.keys.Open(found[0].Sealed, "connect_attempts/opened/"+choiceID)
	if err != nil {
		return waiting{}, o, fmt.Errorf("open the grant that waits: %w", err)
	}
	return found[0], o, json.Unmarshal(plain, &o)
}

// Choose connects the chosen accounts of a grant; the others are forgotten.
func (c *Channels) Choose(ctx context.Context, actor workspace.Actor, session, choiceID string, accountIDs []string) ([]Channel, error) {
	w, o, err := c.waiting(ctx, actor, session, choiceID)
	if err != nil {
		return nil, err
	}
	var chosen []network.Account
	for _, a := range o.Accounts {
		if slices.Contains(accountIDs, a.ID) {
			chosen = append(chosen, a)
		}
	}
	if len(chosen) == 0 {
		return nil, fault.Invalidf("accounts", "choose at least one account")
	}
	n, err := c.Connectable(ctx, actor, w.Network)
	if err != nil {
		return nil, err
	}
	taken, err := db.Exec(ctx, c.db, `update connect_attempts set opened_sealed = '' where state_hash = $1 and opened_sealed <> ''`, choiceID)
	if err != nil {
		return nil, err
	}
	if taken == 0 { // another click was first
		return nil, fault.NotFoundf("these accounts were connected already").WithHint("Look under Channels.")
	}
	return c.add(ctx, actor, n, w.Server, w.BrandID, o.Grant, chosen)
}
