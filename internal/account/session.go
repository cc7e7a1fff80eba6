package account

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/job"
)

// A session ends after a week without use, and after thirty days in any case.
const (
	IdleEnd     = 7 * 24 * time.Hour
	AbsoluteEnd = 30 * 24 * time.Hour
)

// seenEvery keeps reading pages from writing to the database each time.
const seenEvery = 5 * time.Minute

// Method is how a person proved who they are.
type Method string

const (
	ByPassword     Method = "password"
	BySecondFactor Method = "second_factor"
	ByPasskey      Method = "passkey"
	ByLink         Method = "link"
)

// Session is one browser in which a person is signed in.
type Session struct {
	ID      string    `db:"id"`
	UserID  string    `db:"user_id"`
	Place   string    `db:"place"` // workspace the person works in; "" = not chosen
	Brand   string    `db:"brand"` // brand chosen there; "" = all
	Method  Method    `db:"method"`
	Address string    `db:"address"`
	Agent   string    `db:"agent"`
	Created time.Time `db:"created_at"`
	Seen    time.Time `db:"seen_at"`
	Expires time.Time `db:"expires_at"` // absolute end
}

const sessionColumns = `id, user_id, place, brand, method, address, agent, created_at, seen_at, expires_at`

// From says which browser asks. Device is the token it has kept since an earlier sign-in, "" when it has none.
type From struct{ Address, Agent, Device string }

// Opened is a started session; its tokens are nowhere else.
type Opened struct {
	Token  string
	Device string // to be kept for long: a browser without one is a new one, and its person is told
}

// Open starts a session. old, the token of the session the browser had before, ends: a token never outlives a sign-in.
func (a *Accounts) Open(ctx context.Context, userID string, method Method, from From, old string) (Opened, error) {
	opened := Opened{Token: id.Secret(), Device: from.Device}
	err := a.db.Tx(ctx, func(tx *db.Tx) error {
		if old != "" {
			if _, err := db.Exec(ctx, tx, `delete from sessions where token_hash = $1`, hashed(old)); err != nil {
				return err
			}
		}
		now := a.now()
		last, err := db.All[Session](ctx, tx, `select place, brand from sessions where user_id = $1 order by seen_at desc limit 1`, userID)
		if err != nil {
			return err
		}
		s := Session{}
		if len(last) > 0 { // go on where the person last was
			s = last[0]
		}
		if _, err := db.Exec(ctx, tx, `insert into sessions (token_hash, `+sessionColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)`,
			hashed(opened.Token), id.New("ses"), userID, s.Place, s.Brand, method, from.Address, cut(from.Agent, 300), now, now.Add(AbsoluteEnd)); err != nil {
			return err
		}
		return a.recognise(ctx, tx, userID, from, &opened)
	})
	return opened, err
}

// recognise notes the browser, and has the person told when they have others but never used this one.
func (a *Accounts) recognise(ctx context.Context, tx *db.Tx, userID string, from From, opened *Opened) error {
	now := a.now()
	if from.Device != "" {
		n, err := db.Exec(ctx, tx, `update devices set seen_at = $3 where user_id = $1 and token_hash = $2`, userID, hashed(from.Device), now)
		if err != nil || n == 1 {
			return err
		}
	}
	others, err := db.One[int](ctx, tx, `select count(*) from devices where user_id = $1`, userID)
	if err != nil {
		return err
	}
	if opened.Device == "" {
		opened.Device = id.Secret()
	}
	if _, err := db.Exec(ctx, tx, `insert into devices (user_id, token_hash, seen_at) values ($1, $2, $3)`, userID, hashed(opened.Device), now); err != nil {
		return err
	}
	if others == 0 || a.jobs == nil {
		return nil
	}
	return a.jobs.Insert(ctx, tx, newDevice{userID, from.Address, cut(from.Agent, 300), now}, job.When{})
}

// Session returns the session of a token and its user. An ended one is NotFound.
func (a *Accounts) Session(ctx context.Context, token string) (Session, User, error) {
	if token == "" {
		return Session{}, User{}, fault.NotFoundf("nobody is signed in")
	}
	now := a.now()
	found, err := db.All[Session](ctx, a.db, `select `+sessionColumns+` from sessions
		where token_hash = $1 and expires_at > $2 and seen_at > $3`, hashed(token), now, now.Add(-IdleEnd))
	if err != nil {
		return Session{}, User{}, err
	}
	if len(found) == 0 {
		return Session{}, User{}, fault.NotFoundf("nobody is signed in")
	}
	s := found[0]
	u, err := user(ctx, a.db, `u.id = $1 and u.disabled_at is null`, s.UserID)
	if err != nil {
		return Session{}, User{}, err
	}
	if now.Sub(s.Seen) > seenEvery {
		if _, err := db.Exec(ctx, a.db, `update sessions set seen_at = $2 where token_hash = $1`, hashed(token), now); err != nil {
			return Session{}, User{}, err
		}
	}
	return s, u, nil
}

// Work remembers in which workspace and brand the person works. The caller has checked that they may.
func (a *Accounts) Work(ctx context.Context, sessionID, workspaceID, brandID string) error {
	_, err := db.Exec(ctx, a.db, `update sessions set place = $2, brand = $3 where id = $1`, sessionID, workspaceID, brandID)
	return err
}

// Close ends the session of a token.
func (a *Accounts) Close(ctx context.Context, token string) error {
	_, err := db.Exec(ctx, a.db, `delete from sessions where token_hash = $1`, hashed(token))
	return err
}

// Sessions lists where the person is signed in, the most recently used first.
func (a *Accounts) Sessions(ctx context.Context, userID string) ([]Session, error) {
	now := a.now()
	return db.All[Session](ctx, a.db, `select `+sessionColumns+` from sessions where user_id = $1 and expires_at > $2 and seen_at > $3
		order by seen_at desc, id`, userID, now, now.Add(-IdleEnd))
}

// End ends one of the person's own sessions.
func (a *Accounts) End(ctx context.Context, userID, sessionID string) error {
	n, err := db.Exec(ctx, a.db, `delete from sessions where user_id = $1 and id = $2`, userID, sessionID)
	if err == nil && n == 0 {
		return fault.NotFoundf("this session has already ended")
	}
	return err
}

// EndOthers ends all the person's sessions but the one kept; keep "" ends every one.
func (a *Accounts) EndOthers(ctx context.Context, userID, keep string) error {
	_, err := db.Exec(ctx, a.db, `delete from sessions where user_id = $1 and id <> $2`, userID, keep)
	return err
}

// Sweep removes what has ended: sessions, steps, links, old throttles. A job runs it once an hour.
func (a *Accounts) Sweep(ctx context.Context) error {
	now := a.now()
	for _, old := range []struct {
		query  string
		before time.Time
	}{
		{`delete from sessions where expires_at < $1`, now},
		{`delete from sessions where seen_at < $1`, now.Add(-IdleEnd)},
		{`delete from sign_in_steps where expires_at < $1`, now},
		{`delete from sign_in_links where expires_at < $1`, now.Add(-24 * time.Hour)},
		{`delete from sign_in_throttles where last_at < $1`, now.Add(-forget)},
		{`delete from devices where seen_at < $1`, now.AddDate(-1, 0, 0)},
	} {
		if _, err := db.Exec(ctx, a.db, old.query, old.before); err != nil {
			return err
		}
	}
	return nil
}

func cut(s string, limit int) string {
	if len(s) > limit {
		return s[:limit]
	}
	return s
}
