package account

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// NewTOTP is a second factor that is being set up.
type NewTOTP struct {
	Secret  string // to be typed into an authenticator app
	Address string // the same as an otpauth address, for a QR code
	Step    string // token that ends the set-up
}

// BeginTOTP begins a second factor.
func (a *Accounts) BeginTOTP(ctx context.Context, u User) (NewTOTP, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Bellwether", AccountName: u.Email})
	if err != nil {
		return NewTOTP{}, fmt.Errorf("make a TOTP secret: %w", err)
	}
	sealed, err := a.keys.Seal([]byte(key.URL()), "sign_in_steps/new_totp/"+u.ID)
	if err != nil {
		return NewTOTP{}, err
	}
	n := NewTOTP{Secret: key.Secret(), Address: key.URL()}
	n.Step, err = a.begin(ctx, "new_totp", u.ID, sealed, 15*time.Minute)
	return n, err
}

// ResumeTOTP returns a second factor that is being set up, to show it again.
func (a *Accounts) ResumeTOTP(ctx context.Context, u User, token string) (NewTOTP, error) {
	s, err := a.under(ctx, "new_totp", token, "code")
	if err != nil {
		return NewTOTP{}, err
	}
	if s.UserID != u.ID {
		return NewTOTP{}, errStepEnded("code")
	}
	address, err := a.keys.Open(s.Data, "sign_in_steps/new_totp/"+u.ID)
	if err != nil {
		return NewTOTP{}, err
	}
	key, err := otp.NewKeyFromURL(string(address))
	if err != nil {
		return NewTOTP{}, fmt.Errorf("read a TOTP secret: %w", err)
	}
	return NewTOTP{Secret: key.Secret(), Address: key.URL(), Step: token}, nil
}

// ConfirmTOTP turns the second factor on with a first code and returns the recovery codes, which are shown once.
func (a *Accounts) ConfirmTOTP(ctx context.Context, u User, token, code string) ([]string, error) {
	n, err := a.ResumeTOTP(ctx, u, token)
	if err != nil {
		return nil, err
	}
	throttles := throttlesOf("code:"+u.ID, From{})[:1]
	if err := a.reserve(ctx, throttles); err != nil {
		return nil, err
	}
	used := codeStep(n.Secret, code, a.now(), 0)
	if used == 0 {
		return nil, fault.Invalidf("code", "this code is not right").WithHint("Check that your device's clock is right and use the newest code.")
	}
	if err := a.forgive(ctx, throttles); err != nil {
		return nil, err
	}
	sealed, err := a.keys.Seal([]byte(n.Secret), "users/"+u.ID+"/totp")
	if err != nil {
		return nil, err
	}
	if _, err := a.end(ctx, "new_totp", token, "code"); err != nil {
		return nil, err
	}
	codes, hashes := recoveryCodes()
	_, err = db.Exec(ctx, a.db, `update users set totp_secret = $2, recovery_codes = $3, totp_last_step = $4 where id = $1`, u.ID, sealed, db.JSON(hashes), used)
	return codes, err
}

// RenewRecovery replaces the recovery codes, used and unused, by new ones.
func (a *Accounts) RenewRecovery(ctx context.Context, u User) ([]string, error) {
	codes, hashes := recoveryCodes()
	n, err := db.Exec(ctx, a.db, `update users set recovery_codes = $2 where id = $1 and totp_secret <> ''`, u.ID, db.JSON(hashes))
	if err == nil && n == 0 {
		return nil, fault.Conflictf("the second factor is off, so there is nothing to recover")
	}
	return codes, err
}

// RecoveryLeft counts the recovery codes that were not used yet.
func (a *Accounts) RecoveryLeft(ctx context.Context, u User) (int, error) {
	raw, err := db.One[string](ctx, a.db, `select recovery_codes from users where id = $1`, u.ID)
	if err != nil {
		return 0, err
	}
	var hashes []string
	if err := json.Unmarshal([]byte(raw), &hashes); err != nil {
		return 0, fmt.Errorf("read the recovery codes: %w", err)
	}
	return len(hashes), nil
}

// recoveryCodes are ten codes of 80 random bits; the database keeps their hashes.
func recoveryCodes() (codes, hashes []string) {
	for range 10 {
		c := id.Secret()[:16]
		codes, hashes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:]), append(hashes, hashed(c))
	}
	return codes, hashes
}

// DropTOTP turns the second factor off.
func (a *Accounts) DropTOTP(ctx context.Context, u User) error {
	_, err := db.Exec(ctx, a.db, `update users set totp_secret = '', recovery_codes = '[]' where id = $1`, u.ID)
	return err
}

// SecondStep ends a sign-in with a code of the authenticator app or a recovery code; each works once.
func (a *Accounts) SecondStep(ctx context.Context, token, code string, from From) (User, error) {
	who, err := a.under(ctx, "second_factor", token, "code")
	if err != nil {
		return User{}, err
	}
	throttles := throttlesOf("code:"+who.UserID, from)
	if err := a.reserve(ctx, throttles); err != nil {
		return User{}, err
	}
	ok := false
	err = a.db.Tx(ctx, func(tx *db.Tx) error {
		row, err := db.One[struct {
			Sealed   string   `db:"totp_secret"`
			Last     int64    `db:"totp_last_step"`
			Recovery []string `db:"recovery_codes,json"`
		}](ctx, tx, `select totp_secret, totp_last_step, recovery_codes from users where id = $1 for update`, who.UserID)
		if err != nil {
			return err
		}
		if ok, err = a.useCode(ctx, tx, who.UserID, row.Sealed, row.Last, code); err != nil || ok {
			return err
		}
		ok, err = a.useRecovery(ctx, tx, who.UserID, row.Recovery, code)
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
	if _, err := a.end(ctx, "second_factor", token, "code"); err != nil {
		return User{}, err
	}
	return a.User(ctx, who.UserID)
}

// useCode accepts a code whose half minute is newer than any used before.
func (a *Accounts) useCode(ctx context.Context, tx *db.Tx, userID, sealed string, last int64, code string) (bool, error) {
	if sealed == "" {
		return false, nil
	}
	secret, err := a.keys.Open(sealed, "users/"+userID+"/totp")
	if err != nil {
		return false, err
	}
	used := codeStep(string(secret), code, a.now(), last)
	if used == 0 {
		return false, nil
	}
	_, err = db.Exec(ctx, tx, `update users set totp_last_step = $2 where id = $1`, userID, used)
	return err == nil, err
}

// codeStep returns the half minute, this or a neighbouring one, whose code this is; 0 for none after last.
func codeStep(secret, code string, now time.Time, last int64) int64 {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	for _, shift := range []time.Duration{0, -30 * time.Second, 30 * time.Second} {
		at := now.Add(shift)
		want, err := totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if step := at.Unix() / 30; err == nil && step > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step
		}
	}
	return 0
}

func (a *Accounts) useRecovery(ctx context.Context, tx *db.Tx, userID string, hashes []string, code string) (bool, error) {
	given := hashed(strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code)))
	for i, h := range hashes {
		if subtle.ConstantTimeCompare([]byte(h), []byte(given)) == 1 {
			_, err := db.Exec(ctx, tx, `update users set recovery_codes = $2 where id = $1`, userID, db.JSON(append(hashes[:i:i], hashes[i+1:]...)))
			return err == nil, err
		}
	}
	return false, nil
}
