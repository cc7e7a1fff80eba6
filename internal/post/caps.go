package post

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// use is what one planned or published target takes of a cap, and when.
type use struct {
	At time.Time `db:"at"`
	N  int       `db:"n"`
}

// withinCaps refuses a plan above a cap that the network is known to have, and writes down what the plan uses (C28).
func (p *Posts) withinCaps(ctx context.Context, tx *db.Tx, t Target, ch channel.Channel, d network.Draft) error {
	caps := p.spec(ch).Caps
	if len(caps) == 0 {
		return nil
	}
	if _, err := db.Exec(ctx, tx, `delete from cap_uses where workspace_id = $1 and target_id = $2`, t.WorkspaceID, t.ID); err != nil {
		return err
	}
	for _, k := range caps {
		n := k.Uses(d)
		if n == 0 {
			continue
		}
		over, err := p.overCap(ctx, tx, t, ch, k, n)
		if err != nil {
			return err
		}
		if over != "" {
			return fault.Conflictf("%s", over).WithCode("cap").WithHint("Choose a time when fewer are planned, or take some of them away.")
		}
		if _, err := db.Exec(ctx, tx, `insert into cap_uses (workspace_id, target_id, cap, n) values ($1, $2, $3, $4)`, t.WorkspaceID, t.ID, k.Key, n); err != nil {
			return fmt.Errorf("write down what a plan uses of a cap: %w", err)
		}
	}
	return nil
}

// overCap says why a target would be one too many at its time; "" = it is not.
func (p *Posts) overCap(ctx context.Context, q db.Queryer, t Target, ch channel.Channel, k network.Cap, n int) (string, error) {
	others, err := p.uses(ctx, q, ch, k, t.DueAt.Add(-k.Per), t.DueAt.Add(k.Per), t.ID)
	if err != nil {
		return "", err
	}
	if most := fullest(append(others, use{t.DueAt, n}), k.Per, around(t.DueAt)); most > k.Max {
		whose := ch.Name
		if k.PerApp {
			whose = "all channels there together"
		}
		return fmt.Sprintf("%s takes %d %s of %s in %s; with this one there would be %d", p.spec(ch).Name, k.Max, k.Counts, whose, span(k.Per), most), nil
	}
	return "", nil
}

// uses are what planned and published targets take of a cap between two instants, except one of them.
func (p *Posts) uses(ctx context.Context, q db.Queryer, ch channel.Channel, k network.Cap, after, before time.Time, except string) ([]use, error) {
	otherwise := 0
	if k.Whole() {
		otherwise = max(k.Each, 1)
	}
	// A target counts when it went out, else when it is planned. What was made outside does not pass our application.
	return db.All[use](ctx, q, `select coalesce(t.published_at, t.due_at) as at, coalesce(u.n, $7) as n from targets t left join cap_uses u on u.workspace_id = t.workspace_id and u.target_id = t.id and u.cap = $6
		where t.workspace_id = $1 and (t.channel_id = $2 or $8 and t.channel_id in (select id from channels where workspace_id = $1 and network = $9)) and t.due_at > $3 and t.due_at < $4 and t.id <> $5
			and t.state in ('scheduled', 'held', 'publishing', 'published', 'partly_published', 'needs_human', 'removed') and (t.delivery_id <> '' or t.state in ('scheduled', 'held', 'publishing'))`,
		ch.WorkspaceID, ch.ID, after, before, except, k.Key, otherwise, k.PerApp, ch.Network)
}

// around are the windows that hold an instant.
func around(at time.Time) func(first, last time.Time) bool {
	return func(first, last time.Time) bool { return !first.After(at) && !last.Before(at) }
}

// fullest is the most that any rolling window holds whose first and last use are of interest.
func fullest(uses []use, per time.Duration, counts func(first, last time.Time) bool) int {
	slices.SortFunc(uses, func(a, b use) int { return a.At.Compare(b.At) })
	most, sum, first := 0, 0, 0
	for _, u := range uses {
		sum += u.N
		for !uses[first].At.After(u.At.Add(-per)) {
			sum -= uses[first].N
			first++
		}
		if counts(uses[first].At, u.At) {
			most = max(most, sum)
		}
	}
	return most
}

// CapUse is how much of a cap is used around now.
type CapUse struct {
	network.Cap
	Sent    int       // in the window that ends now
	Planned int       // in the window that begins now
	Most    int       // the most that any one window of the next 30 days will hold, as far as is planned
	Frees   time.Time // when the window begins to empty, UTC; zero while nothing is in it
}

const capsAhead = 30 * 24 * time.Hour

// CapUses are the caps of a channel's network on what is published, and how much of them is used.
func (p *Posts) CapUses(ctx context.Context, actor workspace.Actor, ch channel.Channel) ([]CapUse, error) {
	if ch.WorkspaceID != actor.WorkspaceID {
		return nil, fault.NotFoundf("there is no such channel in this workspace")
	}
	now := p.clock()
	var out []CapUse
	for _, k := range p.spec(ch).Caps {
		if k.Calls {
			continue
		}
		all, err := p.uses(ctx, p.db, ch, k, now.Add(-k.Per), now.Add(capsAhead), "")
		if err != nil {
			return nil, err
		}
		c := CapUse{Cap: k}
		for _, u := range all {
			switch {
			case !u.At.After(now):
				c.Sent += u.N
				if frees := u.At.Add(k.Per); u.N > 0 && (c.Frees.IsZero() || frees.Before(c.Frees)) {
					c.Frees = frees
				}
			case u.At.Before(now.Add(k.Per)):
				c.Planned += u.N
			}
		}
		c.Most = fullest(all, k.Per, func(_, last time.Time) bool { return last.After(now) })
		out = append(out, c)
	}
	return out, nil
}

// OverCap says why a planned target is one too many at its time by what is planned now; "" = it is not.
func (p *Posts) OverCap(ctx context.Context, t Target, ch channel.Channel, d network.Draft) (string, error) {
	for _, k := range p.spec(ch).Caps {
		if n := k.Uses(d); n > 0 {
			if over, err := p.overCap(ctx, p.db, t, ch, k, n); err != nil || over != "" {
				return over, err
			}
		}
	}
	return "", nil
}
