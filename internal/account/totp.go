package account

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// NewTOTP begins a second factor: its secret, the address for an authenticator app, and a token that ends the step.
func (a *Accounts) NewTOTP(ctx context.Context, u User) (secret, address, step string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Bellwether", AccountName: u.Email})
	if err != nil {
		return "", "", "", err
	}
	step = id.Secret()
	sealed, err := a.keys.Seal([]byte(key.Secret()), "sign_in_steps/"+hashed(step))
	if err != nil {
		return "", "", "", err
	}
	_, err = db.Exec(ctx, a.db, `insert into sign_in_steps (token_hash, kind, user_id, data, expires_at) values ($1, 'new_totp', $2, $3, $4)`, hashed(step), u.ID, sealed, a.now().Add(15*time.Minute))
	return key.Secret(), key.URL(), step, err
}

// ConfirmTOTP turns the second factor on with a first code and returns the recovery codes, which are shown once.
func (a *Accounts) ConfirmTOTP(ctx context.Context, u User, step, code string) ([]string, error) {
	rows, err := db.All[string](ctx, a.db, `select data from sign_in_steps where token_hash = $1 and kind = 'new_totp' and user_id = $2 and expires_at > $3`, hashed(step), u.ID, a.now())
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.Invalidf("code", "this set-up has expired").WithHint("Begin again.")
	}
	secret, err := a.keys.Open(rows[0], "sign_in_steps/"+hashed(step))
	if err != nil {
		return nil, err
	}
	if !a.validCode(string(secret), code) {
		return nil, fault.Invalidf("code", "this code is not right").WithHint("Check that your device's clock is right and use the newest code.")
	}
	sealed, err := a.keys.Seal(secret, "users/"+u.ID+"/totp")
	if err != nil {
		return nil, err
	}
	var codes, hashes []string
	for range 10 {
		c := id.Secret()[:10]
		codes, hashes = append(codes, c[:5]+"-"+c[5:]), append(hashes, hashed(c))
	}
	return codes, a.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update users set totp_secret = $2, recovery_codes = $3, totp_last_step = 0 where id = $1`, u.ID, sealed, db.JSON(hashes)); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `delete from sign_in_steps where token_hash = $1`, hashed(step))
		return err
	})
}

// DropTOTP turns the second factor off.
func (a *Accounts) DropTOTP(ctx context.Context, u User) error {
	_, err := db.Exec(ctx, a.db, `update users set totp_secret = '', recovery_codes = '[]' where id = $1`, u.ID)
	return err
}

// SecondStep ends a sign-in with a code of the authenticator app or a recovery code; each works once.
func (a *Accounts) SecondStep(ctx context.Context, step, code string, from From) (User, error) {
	who, err := db.All[string](ctx, a.db, `select user_id from sign_in_steps where token_hash = $1 and kind = 'second_factor' and expires_at > $2`, hashed(step), a.now())
	if err != nil {
		return User{}, err
	}
	if len(who) == 0 {
		return User{}, fault.Invalidf("code", "this sign-in has expired").WithHint("Start again with your password.")
	}
	throttles := throttlesOf("code:"+who[0], from)
	if err := a.reserve(ctx, throttles); err != nil {
		return User{}, err
	}
	ok := false
	err = a.db.Tx(ctx, func(tx *db.Tx) error {
		row, err := db.One[struct {
			Sealed   string          `db:"totp_secret"`
			Last     int64           `db:"totp_last_step"`
			Recovery json.RawMessage `db:"recovery_codes,json"`
		}](ctx, tx, `select totp_secret, totp_last_step, recovery_codes from users where id = $1 for update`, who[0])
		if err != nil {
			return err
		}
		if ok, err = a.useCode(ctx, tx, who[0], row.Sealed, row.Last, code); err != nil || ok {
			return err
		}
		ok, err = a.useRecovery(ctx, tx, who[0], row.Recovery, code)
		return err
	})
	if err != nil {
		return User{}, err
	}
	if !ok {
		return User{}, fault.Invalidf("code", "this code is not right or was used already").WithHint("Use the newest code, or a recovery code.")
	}
	if err := a.forgive(ctx, throttles); err != nil {
		return User{}, err
	}
	if _, err := db.Exec(ctx, a.db, `delete from sign_in_steps where token_hash = $1`, hashed(step)); err != nil {
		return User{}, err
	}
	return a.User(ctx, who[0])
}

// useCode accepts a code of this or the neighbouring half minute whose step is newer than any used before.
func (a *Accounts) useCode(ctx context.Context, tx *db.Tx, userID, sealed string, last int64, code string) (bool, error) {
	if sealed == "" {
		return false, nil
	}
	secret, err := a.keys.Open(sealed, "users/"+userID+"/totp")
	if err != nil {
		return false, err
	}
	now := a.now()
	for _, shift := range []time.Duration{0, -30 * time.Second, 30 * time.Second} {
		at := now.Add(shift)
		step := at.Unix() / 30
		want, err := totp.GenerateCodeCustom(string(secret), at, totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return false, err
		}
		if step > last && subtle.ConstantTimeCompare([]byte(want), []byte(strings.ReplaceAll(strings.TrimSpace(code), " ", ""))) == 1 {
			_, err := db.Exec(ctx, tx, `update users set totp_last_step = $2 where id = $1`, userID, step)
			return err == nil, err
		}
	}
	return false, nil
}

func (a *Accounts) useRecovery(ctx context.Context, tx *db.Tx, userID string, raw json.RawMessage, code string) (bool, error) {
	var hashes []string
	if err := json.Unmarshal(raw, &hashes); err != nil {
		return false, err
	}
	given := hashed(strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code)))
	for i, h := range hashes {
		if subtle.ConstantTimeCompare([]byte(h), []byte(given)) == 1 {
			_, err := db.Exec(ctx, tx, `update users set recovery_codes = $2 where id = $1`, userID, db.JSON(append(hashes[:i:i], hashes[i+1:]...)))
			return err == nil, err
		}
	}
	return false, nil
}

func (a *Accounts) validCode(secret, code string) bool {
	ok, err := totp.ValidateCustom(strings.ReplaceAll(strings.TrimSpace(code), " ", ""), secret, a.now(), totp.ValidateOpts{Period: 30, Skew: 1, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	return ok && err == nil
}
