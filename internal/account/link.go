package account

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// What a sign-in link is for.
const (
	Demo  = "demo"  // opens the sample workspace; as often as it lives, for whoever runs the demo
	Reset = "reset" // sets a new password, once
)

// Link makes a sign-in link's token for a purpose.
func (a *Accounts) Link(ctx context.Context, userID, purpose string, life time.Duration) (string, error) {
	token := id.Secret() + id.Secret()
	_, err := db.Exec(ctx, a.db, `insert into sign_in_links (token_hash, purpose, user_id, created_at, expires_at) values ($1, $2, $3, $4, $5)`,
		hashed(token), purpose, userID, a.now(), a.now().Add(life))
	return token, err
}

// UseLink takes a link's token, once. A demo link works as long as it lives.
func (a *Accounts) UseLink(ctx context.Context, token, purpose string) (User, error) {
	return a.useLink(ctx, a.db, token, purpose)
}

func (a *Accounts) useLink(ctx context.Context, q db.Queryer, token, purpose string) (User, error) {
	used, err := db.All[string](ctx, q, `update sign_in_links set used_at = $3 where token_hash = $1 and purpose = $2 and expires_at > $3
		and (used_at is null or purpose = 'demo') returning user_id`, hashed(token), purpose, a.now())
	if err != nil {
		return User{}, err
	}
	if len(used) == 0 {
		return User{}, errLinkEnded()
	}
	return user(ctx, q, `u.id = $1 and u.disabled_at is null`, used[0])
}

// LinkUser returns whose link a token is, without using it.
func (a *Accounts) LinkUser(ctx context.Context, token, purpose string) (User, error) {
	found, err := db.All[string](ctx, a.db, `select user_id from sign_in_links where token_hash = $1 and purpose = $2 and expires_at > $3 and used_at is null`,
		hashed(token), purpose, a.now())
	if err != nil {
		return User{}, err
	}
	if len(found) == 0 {
		return User{}, errLinkEnded()
	}
	return user(ctx, a.db, `u.id = $1 and u.disabled_at is null`, found[0])
}

func errLinkEnded() error {
	return fault.NotFoundf("this link has expired or was used already").WithHint("Ask for a new one.")
}

// ResetPassword sets a new password by a link that was mailed; the link works once, and every session ends. A password
// that is refused leaves the link as it was.
func (a *Accounts) ResetPassword(ctx context.Context, token, password string) (User, error) {
	u, err := a.LinkUser(ctx, token, Reset)
	if err != nil {
		return u, err
	}
	if err := CheckPassword(password, u.Email, u.Name); err != nil {
		return u, err
	}
	hash, err := a.hash.make(ctx, password)
	if err != nil {
		return u, err
	}
	err = a.db.Tx(ctx, func(tx *db.Tx) error {
		if u, err = a.useLink(ctx, tx, token, Reset); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `delete from sign_in_throttles where key = $1`, throttlesOf(u.Email, From{})[0].key); err != nil {
			return err
		}
		return a.setPassword(ctx, tx, u.ID, hash, "")
	})
	return u, err
}
