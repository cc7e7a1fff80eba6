package account

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// errWrong is the one answer to a wrong address and a wrong password alike.
func errWrong() error {
	return fault.Invalidf("password", "the address or the password is not right").WithHint("Try again, or ask for a new password by mail.")
}

// SignIn checks address and password. Unknown addresses take as long as known ones and answer the same. second says
// that the person has to give a code too, with the token that stands for this step.
func (a *Accounts) SignIn(ctx context.Context, email, password string, from From) (u User, second string, err error) {
	email = normalEmail(email)
	throttles := throttlesOf(email, from)
	if err := a.reserve(ctx, throttles); err != nil {
		return u, "", err
	}
	stored, err := db.All[struct {
		ID   string `db:"id"`
		Hash string `db:"password_hash"`
	}](ctx, a.db, `select id, password_hash from users where email = $1 and disabled_at is null`, email)
	if err != nil {
		return u, "", err
	}
	hash := ""
	if len(stored) > 0 {
		hash = stored[0].Hash
	}
	ok, err := a.hash.matches(ctx, password, hash)
	if err != nil {
		return u, "", err
	}
	if !ok {
		return u, "", errWrong()
	}
	if err := a.forgive(ctx, throttles); err != nil {
		return u, "", err
	}
	if u, err = a.User(ctx, stored[0].ID); err != nil || !u.HasTOTP {
		return u, "", err
	}
	second = id.Secret()
	_, err = db.Exec(ctx, a.db, `insert into sign_in_steps (token_hash, kind, user_id, expires_at) values ($1, 'second_factor', $2, $3)`, hashed(second), u.ID, a.now().Add(10*time.Minute))
	return u, second, err
}

// SetPassword gives the person a new password; every other session of theirs ends (S16).
func (a *Accounts) SetPassword(ctx context.Context, u User, password, keep string) error {
	if err := CheckPassword(password, u.Email, u.Name); err != nil {
		return err
	}
	hash, err := a.hash.make(ctx, password)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, a.db, `update users set password_hash = $2, password_changed_at = $3 where id = $1`, u.ID, hash, a.now()); err != nil {
		return err
	}
	return a.EndOthers(ctx, u.ID, keep)
}

// ChangePassword is SetPassword for a person who knows the present one.
func (a *Accounts) ChangePassword(ctx context.Context, u User, present, password, keep string) error {
	throttles := throttlesOf(u.Email, From{})[:1]
	if err := a.reserve(ctx, throttles); err != nil {
		return err
	}
	hash, err := db.One[string](ctx, a.db, `select password_hash from users where id = $1`, u.ID)
	if err != nil {
		return err
	}
	if hash != "" {
		ok, err := a.hash.matches(ctx, present, hash)
		if err != nil {
			return err
		}
		if !ok {
			return fault.Invalidf("present", "the present password is not right")
		}
	}
	if err := a.forgive(ctx, throttles); err != nil {
		return err
	}
	return a.SetPassword(ctx, u, password, keep)
}

// Change is what a person sets of themselves.
func (a *Accounts) Change(ctx context.Context, userID, name, zone, theme string) error {
	n := NewUser{Name: name, Email: "somebody@example.org", Zone: zone}
	if err := n.Check(); err != nil {
		return err
	}
	_, err := db.Exec(ctx, a.db, `update users set name = $2, zone = $3, theme = $4 where id = $1`, userID, name, zone, theme)
	return err
}

// Any reports whether this installation has a user yet.
func (a *Accounts) Any(ctx context.Context) (bool, error) {
	n, err := db.One[int](ctx, a.db, `select count(*) from (select 1 from users limit 1) some_user`)
	return n > 0, err
}

// Link makes a one-use sign-in link token for a purpose: "demo", "reset" or "setup".
func (a *Accounts) Link(ctx context.Context, userID, purpose string, life time.Duration) (string, error) {
	token := id.Secret() + id.Secret()
	_, err := db.Exec(ctx, a.db, `insert into sign_in_links (token_hash, purpose, user_id, created_at, expires_at) values ($1, $2, $3, $4, $5)`,
		hashed(token), purpose, userID, a.now(), a.now().Add(life))
	return token, err
}

// UseLink takes a link's token, once. A demo link works as long as it lives: whoever runs the demo opens it again.
func (a *Accounts) UseLink(ctx context.Context, token, purpose string) (User, error) {
	now := a.now()
	used, err := db.All[string](ctx, a.db, `update sign_in_links set used_at = $3 where token_hash = $1 and purpose = $2 and expires_at > $3 and (used_at is null or purpose = 'demo') returning user_id`,
		hashed(token), purpose, now)
	if err != nil {
		return User{}, err
	}
	if len(used) == 0 {
		return User{}, fault.NotFoundf("this link has expired or was used already").WithHint("Ask for a new one.")
	}
	if used[0] == "" {
		return User{}, nil
	}
	return a.User(ctx, used[0])
}
