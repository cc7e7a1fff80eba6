package workspace

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// SetUp makes the first person of an installation and their workspace, once.
func (w *Workspaces) SetUp(ctx context.Context, accounts *account.Accounts, address string, n account.NewUser, first NewWorkspace) (account.User, error) {
	if n.Password == "" {
		return account.User{}, fault.Invalidf("password", "a password is missing")
	}
	n.InstanceOwner = true
	if err := n.Check(); err != nil {
		return account.User{}, err
	}
	hash, err := accounts.Hash(ctx, n.Password)
	if err != nil {
		return account.User{}, err
	}
	var u account.User
	err = w.db.Tx(ctx, func(tx *db.Tx) error {
		// The row is the lock and the proof: two people who set up at once do not both become owner.
		won, err := db.Exec(ctx, tx, `insert into instance_settings (key, value) values ('set_up', '1') on conflict (key) do nothing`)
		if err != nil {
			return err
		}
		others, err := db.One[int](ctx, tx, `select count(*) from (select 1 from users limit 1) somebody`)
		if err != nil {
			return err
		}
		if won == 0 || others > 0 {
			return fault.Conflictf("this installation is set up already").WithHint("Sign in, or ask its owner to invite you.")
		}
		if u, err = accounts.Add(ctx, tx, n, hash); err != nil {
			return err
		}
		_, err = w.create(ctx, tx, u, address, first)
		return err
	})
	return u, err
}

// Join takes an invitation up with a new account. The address is the invitation's own: whoever has the link had the
// letter, and nobody joins in another's name.
func (w *Workspaces) Join(ctx context.Context, accounts *account.Accounts, token string, n account.NewUser) (account.User, Invitation, error) {
	i, err := w.InvitationOf(ctx, token)
	if err != nil {
		return account.User{}, i, err
	}
	n.Email = i.Email
	if n.Password == "" {
		return account.User{}, i, fault.Invalidf("password", "a password is missing")
	}
	if err := n.Check(); err != nil {
		return account.User{}, i, err
	}
	hash, err := accounts.Hash(ctx, n.Password)
	if err != nil {
		return account.User{}, i, err
	}
	var u account.User
	err = w.db.Tx(ctx, func(tx *db.Tx) error {
		if u, err = accounts.Add(ctx, tx, n, hash); err != nil {
			return err
		}
		i, err = w.Accept(ctx, tx, token, u)
		return err
	})
	return u, i, err
}

// JoinAs takes an invitation up with the account the person is signed in to.
func (w *Workspaces) JoinAs(ctx context.Context, token string, u account.User) (Invitation, error) {
	var i Invitation
	err := w.db.Tx(ctx, func(tx *db.Tx) (err error) {
		i, err = w.Accept(ctx, tx, token, u)
		return err
	})
	return i, err
}
