package account

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
)

// forget is how long a failure counts. Under a steady attack an account hears fewer than twenty guesses an hour.
const forget = time.Hour

// An account may be mistyped a few times for nothing; an address may belong to an office, and so gets more.
const (
	freeForAccount = 5
	freeForAddress = 30
	longestPause   = 15 * time.Minute
)

// pause is how long after so many failures the next try is heard: 2 s, 4 s, 8 s … up to a quarter of an hour.
func pause(failures, free int) time.Duration {
	if failures < free {
		return 0
	}
	return min(time.Second<<min(failures-free+1, 20), longestPause)
}

type throttle struct {
	key  string
	free int
}

func throttlesOf(account string, from From) []throttle {
	return []throttle{{"account:" + account, freeForAccount}, {"address:" + network(from.Address), freeForAddress}}
}

// network is what one attacker has to himself: an IPv4 address, or a /64 of IPv6.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// reserve counts a failure in advance, so that many guesses at once are each counted before one is checked. forgive
// takes it back. It refuses with a Later fault while a pause lasts.
func (a *Accounts) reserve(ctx context.Context, throttles []throttle) error {
	now := a.now()
	return a.db.Tx(ctx, func(tx *db.Tx) error {
		for _, t := range throttles {
			if _, err := db.Exec(ctx, tx, `insert into sign_in_throttles (key, failures, last_at, next_at) values ($1, 0, $2, $2)
				on conflict (key) do update set failures = sign_in_throttles.failures`, t.key, now); err != nil {
				return err // the update locks the row, so that the next guess waits for this one's count
			}
			row, err := db.One[struct {
				Failures int       `db:"failures"`
				Last     time.Time `db:"last_at"`
				Next     time.Time `db:"next_at"`
			}](ctx, tx, `select failures, last_at, next_at from sign_in_throttles where key = $1`, t.key)
			if err != nil {
				return err
			}
			if row.Next.After(now) {
				return &fault.Error{Kind: fault.Later, Code: "too_many_tries", RetryAt: row.Next,
					Message: "too many tries; the next one is possible in " + spoken(row.Next.Sub(now)),
					Hint:    "Wait, or sign in with a passkey, or ask for a new password by mail."}
			}
			failures := row.Failures + 1
			if now.Sub(row.Last) > forget {
				failures = 1
			}
			if _, err := db.Exec(ctx, tx, `update sign_in_throttles set failures = $2, last_at = $3, next_at = $4 where key = $1`,
				t.key, failures, now, now.Add(pause(failures, t.free))); err != nil {
				return err
			}
		}
		return nil
	})
}

// forgive takes the reserved failure back after a success. The account starts anew; the address only loses this one,
// or an attacker with one account of his own could guess for ever.
func (a *Accounts) forgive(ctx context.Context, throttles []throttle) error {
	return a.db.Tx(ctx, func(tx *db.Tx) error {
		for i, t := range throttles {
			query := `delete from sign_in_throttles where key = $1`
			if i > 0 {
				query = `update sign_in_throttles set failures = failures - 1, next_at = last_at where key = $1 and failures > 0`
			}
			if _, err := db.Exec(ctx, tx, query, t.key); err != nil {
				return err
			}
		}
		return nil
	})
}

func spoken(d time.Duration) string {
	if d > 90*time.Second {
		return fmt.Sprintf("%d minutes", int((d+time.Minute-1)/time.Minute))
	}
	return fmt.Sprintf("%d seconds", max(1, int((d+time.Second-1)/time.Second)))
}
