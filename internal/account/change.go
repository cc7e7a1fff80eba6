package account

import (
	"context"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// Themes and Languages are what a person can choose.
var (
	Themes    = []string{"system", "light", "dark"}
	Languages = map[string]string{"en": "English"}
)

// Change is what a person sets of themselves.
func (a *Accounts) Change(ctx context.Context, userID, name, zone, theme, language string) error {
	n := NewUser{Name: name, Email: "somebody@example.org", Zone: zone}
	if err := n.Check(); err != nil {
		return err
	}
	if !slices.Contains(Themes, theme) {
		return fault.Invalidf("theme", "%q is not a theme", theme)
	}
	if Languages[language] == "" {
		return fault.Invalidf("language", "%q is not a language of the screens", language)
	}
	_, err := db.Exec(ctx, a.db, `update users set name = $2, zone = $3, theme = $4, locale = $5 where id = $1`,
		userID, strings.TrimSpace(name), zone, theme, language)
	return err
}

// Prove checks that whoever sits at the browser knows the present password, before something is changed that protects
// the account. A person without password proves themselves by being signed in.
func (a *Accounts) Prove(ctx context.Context, u User, present string) error {
	hash, err := db.One[string](ctx, a.db, `select password_hash from users where id = $1`, u.ID)
	if err != nil || hash == "" {
		return err
	}
	throttles := throttlesOf(u.Email, From{})[:1]
	if err := a.reserve(ctx, throttles); err != nil {
		return err
	}
	ok, err := a.hash.matches(ctx, present, hash)
	if err != nil {
		return err
	}
	if !ok {
		return fault.Invalidf("present", "the present password is not right")
	}
	return a.forgive(ctx, throttles)
}

// ChangePassword gives the person who knows the present password a new one; every session but keep ends.
func (a *Accounts) ChangePassword(ctx context.Context, u User, present, password, keep string) error {
	if err := CheckPassword(password, u.Email, u.Name); err != nil {
		return err
	}
	if err := a.Prove(ctx, u, present); err != nil {
		return err
	}
	hash, err := a.hash.make(ctx, password)
	if err != nil {
		return err
	}
	return a.db.Tx(ctx, func(tx *db.Tx) error { return a.setPassword(ctx, tx, u.ID, hash, keep) })
}

// setPassword stores the hash and ends everything that rested on the old one (S16): sessions, half-finished sign-ins
// and links for a new password.
func (a *Accounts) setPassword(ctx context.Context, tx *db.Tx, userID, hash, keep string) error {
	if _, err := db.Exec(ctx, tx, `update users set password_hash = $2, password_changed_at = $3 where id = $1`, userID, hash, a.now()); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `delete from sessions where user_id = $1 and id <> $2`, userID, keep); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `delete from sign_in_steps where user_id = $1`, userID); err != nil {
		return err
	}
	_, err := db.Exec(ctx, tx, `update sign_in_links set used_at = $2 where user_id = $1 and purpose = $3 and used_at is null`, userID, a.now(), Reset)
	return err
}
