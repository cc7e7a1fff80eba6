package account

import (
	"context"
	"log/slog"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// stepLife is how long a person may take between password and second factor, or with a passkey's question.
const stepLife = 10 * time.Minute

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
		slog.Warn("sign-in slowed down", "address", from.Address)
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
		slog.Info("sign-in refused", "address", from.Address, "known", len(stored) > 0)
		return u, "", errWrong()
	}
	if err := a.forgive(ctx, throttles); err != nil {
		return u, "", err
	}
	if u, err = a.User(ctx, stored[0].ID); err != nil || !u.HasTOTP {
		return u, "", err
	}
	second, err = a.begin(ctx, "second_factor", u.ID, "", stepLife)
	return u, second, err
}

// begin remembers a step that must be ended in the same browser and returns the token that stands for it.
func (a *Accounts) begin(ctx context.Context, kind, userID, data string, life time.Duration) (string, error) {
	token := id.Secret()
	_, err := db.Exec(ctx, a.db, `insert into sign_in_steps (token_hash, kind, user_id, data, expires_at) values ($1, $2, $3, $4, $5)`,
		hashed(token), kind, userID, data, a.now().Add(life))
	return token, err
}

type step struct {
	UserID string `db:"user_id"`
	Data   string `db:"data"`
}

// under returns a step under way without ending it; an ended one is Invalid in the field.
func (a *Accounts) under(ctx context.Context, kind, token, field string) (step, error) {
	found, err := db.All[step](ctx, a.db, `select user_id, data from sign_in_steps where token_hash = $1 and kind = $2 and expires_at > $3`,
		hashed(token), kind, a.now())
	if err != nil {
		return step{}, err
	}
	if len(found) == 0 {
		return step{}, errStepEnded(field)
	}
	return found[0], nil
}

// end takes a step, once: of two requests that race only one goes on.
func (a *Accounts) end(ctx context.Context, kind, token, field string) (step, error) {
	found, err := db.All[step](ctx, a.db, `delete from sign_in_steps where token_hash = $1 and kind = $2 and expires_at > $3 returning user_id, data`,
		hashed(token), kind, a.now())
	if err != nil {
		return step{}, err
	}
	if len(found) == 0 {
		return step{}, errStepEnded(field)
	}
	return found[0], nil
}

func errStepEnded(field string) error {
	return fault.Invalidf(field, "this step has expired or was ended already").WithHint("Begin again.")
}

// Any reports whether this installation has a user yet.
func (a *Accounts) Any(ctx context.Context) (bool, error) {
	n, err := db.One[int](ctx, a.db, `select count(*) from (select 1 from users limit 1) some_user`)
	return n > 0, err
}
