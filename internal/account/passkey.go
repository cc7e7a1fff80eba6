package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// Passkey is a key in a person's device that signs in without a password; the device asks for finger, face or PIN.
type Passkey struct {
	ID      string    `db:"id"` // the credential's id, base64url
	Name    string    `db:"name"`
	Created time.Time `db:"created_at"`
	Used    time.Time `db:"used_at"` // zero = never
}

// PasskeysWork says why passkeys cannot be used at this installation's address; "" when they can. Browsers bind them to
// a host name and offer them over https, or on localhost, only.
func (a *Accounts) PasskeysWork() string {
	host := a.site.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		return "Passkeys need an address with a name: browsers offer none at " + host + "."
	}
	if a.site.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return "Passkeys need https: browsers offer none at " + a.site.String() + "."
	}
	return ""
}

func (a *Accounts) party() (*webauthn.WebAuthn, error) {
	if why := a.PasskeysWork(); why != "" {
		return nil, fault.Conflictf("%s", why)
	}
	timeout := webauthn.TimeoutConfig{Enforce: true, Timeout: stepLife, TimeoutUVD: stepLife}
	w, err := webauthn.New(&webauthn.Config{RPID: a.site.Hostname(), RPDisplayName: "Bellwether",
		RPOrigins:              []string{a.site.Scheme + "://" + a.site.Host},
		AttestationPreference:  protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
		Timeouts:               webauthn.TimeoutsConfig{Login: timeout, Registration: timeout}})
	if err != nil {
		return nil, fmt.Errorf("set passkeys up: %w", err)
	}
	return w, nil
}

// holder is a user as the passkey ceremonies see them.
type holder struct {
	User
	credentials []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.ID) }
func (h holder) WebAuthnName() string                       { return h.Email }
func (h holder) WebAuthnDisplayName() string                { return h.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func (a *Accounts) holder(ctx context.Context, u User) (holder, error) {
	rows, err := db.All[struct {
		Credential webauthn.Credential `db:"credential,json"`
	}](ctx, a.db, `select credential from passkeys where user_id = $1 order by created_at, id`, u.ID)
	if err != nil {
		return holder{}, fmt.Errorf("read the passkeys of %s: %w", u.ID, err)
	}
	h := holder{User: u}
	for _, r := range rows {
		h.credentials = append(h.credentials, r.Credential)
	}
	return h, nil
}

// BeginPasskey asks a device for a new passkey: the question for the browser, and the token that ends the step.
func (a *Accounts) BeginPasskey(ctx context.Context, u User) (question []byte, token string, err error) {
	w, err := a.party()
	if err != nil {
		return nil, "", err
	}
	h, err := a.holder(ctx, u)
	if err != nil {
		return nil, "", err
	}
	options, session, err := w.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, "", fmt.Errorf("begin a passkey: %w", err)
	}
	return a.ask(ctx, "new_passkey", u.ID, options, session)
}

func (a *Accounts) ask(ctx context.Context, kind, userID string, options any, session *webauthn.SessionData) (question []byte, token string, err error) {
	if question, err = json.Marshal(options); err != nil {
		return nil, "", err
	}
	kept, err := json.Marshal(session)
	if err != nil {
		return nil, "", err
	}
	token, err = a.begin(ctx, kind, userID, string(kept), stepLife)
	return question, token, err
}

// AddPasskey keeps the passkey that the device has made. name is how the person recognises the device.
func (a *Accounts) AddPasskey(ctx context.Context, u User, token, name string, answer []byte) error {
	if name = strings.TrimSpace(name); name == "" {
		name = "Passkey"
	}
	if n := utf8.RuneCountInString(name); n > 60 {
		return fault.Invalidf("name", "the name has %d characters, the limit is 60", n)
	}
	w, err := a.party()
	if err != nil {
		return err
	}
	session, err := a.asked(ctx, "new_passkey", token, u.ID)
	if err != nil {
		return err
	}
	h, err := a.holder(ctx, u)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return errPasskey(err)
	}
	credential, err := w.CreateCredential(h, session, parsed)
	if err != nil {
		return errPasskey(err)
	}
	n, err := db.Exec(ctx, a.db, `insert into passkeys (user_id, id, name, credential, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
		u.ID, base64.RawURLEncoding.EncodeToString(credential.ID), name, db.JSON(credential), a.now())
	if err == nil && n == 0 {
		return fault.Conflictf("this device has a passkey here already")
	}
	return err
}

// asked ends the step of a ceremony and returns what was asked.
func (a *Accounts) asked(ctx context.Context, kind, token, userID string) (webauthn.SessionData, error) {
	var session webauthn.SessionData
	s, err := a.end(ctx, kind, token, "passkey")
	if err != nil {
		return session, err
	}
	if s.UserID != userID {
		return session, errStepEnded("passkey")
	}
	if err := json.Unmarshal([]byte(s.Data), &session); err != nil {
		return session, fmt.Errorf("read what a passkey was asked: %w", err)
	}
	return session, nil
}

// BeginPasskeySignIn asks whichever passkey the person chooses to sign them in.
func (a *Accounts) BeginPasskeySignIn(ctx context.Context) (question []byte, token string, err error) {
	w, err := a.party()
	if err != nil {
		return nil, "", err
	}
	options, session, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fmt.Errorf("begin a sign-in by passkey: %w", err)
	}
	return a.ask(ctx, "passkey", "", options, session)
}

// PasskeySignIn returns whose passkey answered. It is two factors in one: the device, and what unlocks it.
func (a *Accounts) PasskeySignIn(ctx context.Context, token string, answer []byte) (User, error) {
	w, err := a.party()
	if err != nil {
		return User{}, err
	}
	session, err := a.asked(ctx, "passkey", token, "")
	if err != nil {
		return User{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return User{}, errPasskey(err)
	}
	var who holder
	credential, err := w.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		u, err := user(ctx, a.db, `u.id = $1 and u.disabled_at is null`, string(handle))
		if err != nil {
			return nil, err
		}
		who, err = a.holder(ctx, u)
		return who, err
	}, session, parsed)
	if err != nil {
		return User{}, errPasskey(err)
	}
	if credential.Authenticator.CloneWarning {
		slog.Warn("a passkey was refused: its counter went back, it may have been copied", "user", who.ID)
		return User{}, errPasskey(errors.New("the counter went back"))
	}
	_, err = db.Exec(ctx, a.db, `update passkeys set credential = $3, used_at = $4 where user_id = $1 and id = $2`,
		who.ID, base64.RawURLEncoding.EncodeToString(credential.ID), db.JSON(credential), a.now())
	return who.User, err
}

func errPasskey(cause error) error {
	e := fault.Wrap(fault.Invalid, cause, "the passkey was not accepted").WithHint("Try again, or sign in with your password.")
	e.Field = "passkey"
	return e
}

// Passkeys lists a person's passkeys, the oldest first.
func (a *Accounts) Passkeys(ctx context.Context, userID string) ([]Passkey, error) {
	return db.All[Passkey](ctx, a.db, `select id, name, created_at, used_at from passkeys where user_id = $1 order by created_at, id`, userID)
}

// DropPasskey forgets one of the person's passkeys. The last way in stays: who has no password keeps one passkey.
func (a *Accounts) DropPasskey(ctx context.Context, u User, passkeyID string) error {
	return a.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `delete from passkeys where user_id = $1 and id = $2`, u.ID, passkeyID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.NotFoundf("there is no such passkey")
		}
		after, err := user(ctx, tx, `u.id = $1`, u.ID)
		if err != nil {
			return err
		}
		if !after.HasPassword && after.Passkeys == 0 {
			return fault.Conflictf("this passkey is your only way in").WithHint("Set a password, or add another passkey first.")
		}
		return nil
	})
}
