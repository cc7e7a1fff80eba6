package channel

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Forever is the instant a pause without end lasts to.
var Forever = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// Disconnect gives the grant back and stops every call; the channel, its posts and its queue stay (R21).
func (c *Channels) Disconnect(ctx context.Context, actor workspace.Actor, channelID string) error {
	ch, err := c.Get(ctx, actor, channelID)
	if err != nil {
		return err
	}
	if err := actor.May(workspace.ChannelConnect, ch.scope()); err != nil {
		return err
	}
	last := false
	grant, grantErr := c.grant(ctx, ch)
	err = c.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update channels set disconnected_at = $3 where workspace_id = $1 and id = $2`,
			actor.WorkspaceID, channelID, db.Now()); err != nil {
			return err
		}
		others, err := db.One[int](ctx, tx, `select count(*) from channels where workspace_id = $1 and connection_id = $2
			and disconnected_at is null`, actor.WorkspaceID, ch.ConnectionID)
		if err != nil {
			return err
		}
		if last = others == 0; last { // the stored grant is wiped, so that a copied database opens nothing
			if _, err := db.Exec(ctx, tx, `update connections set state = $3, state_reason = 'disconnected by a person', grant_sealed = ''
				where workspace_id = $1 and id = $2`, actor.WorkspaceID, ch.ConnectionID, Disabled); err != nil {
				return err
			}
		}
		if err := workspace.Audit(ctx, tx, actor, "channel.disconnected", channelID, nil, nil); err != nil {
			return err
		}
		return c.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "channel.disconnected", channelID, map[string]string{"name": ch.Name})
	})
	if err != nil || grantErr != nil {
		return err
	}
	if c.unsubscribe(ctx, ch, grant); !last {
		return nil
	}
	if r, ok := c.Network(ch).(network.Revoker); ok { // best effort: we have forgotten the grant either way
		app, _ := c.app(ctx, actor.WorkspaceID, c.Network(ch))
		_ = r.Revoke(ctx, network.Session{Account: ch.Account, Grant: grant, App: app, HTTP: c.http})
	}
	return nil
}

// Check reads the account anew: that the grant works, its present name and the limits of its server.
func (c *Channels) Check(ctx context.Context, actor workspace.Actor, channelID string) (Channel, error) {
	ch, n, s, err := c.Session(ctx, actor.WorkspaceID, channelID)
	if err != nil {
		return ch, err
	}
	checker, ok := n.(network.Checker)
	if !ok {
		return ch, nil
	}
	account, err := checker.Check(ctx, s)
	if fault.Is(err, fault.Unauthorised) {
		return ch, c.db.Tx(ctx, func(tx *db.Tx) error {
			return c.NeedsReconnect(ctx, tx, actor.WorkspaceID, channelID, fault.As(err).Message)
		})
	}
	if err != nil {
		return ch, err
	}
	if account.ID != ch.RemoteID {
		return ch, c.db.Tx(ctx, func(tx *db.Tx) error {
			return c.NeedsReconnect(ctx, tx, actor.WorkspaceID, channelID, "the grant now opens another account")
		})
	}
	err = c.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update channels set account = $3, handle = $4, name = $5, url = $6, avatar_url = $7
			where workspace_id = $1 and id = $2`, actor.WorkspaceID, channelID, db.JSON(account), account.Handle, account.Name,
			account.URL, account.AvatarURL); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `update connections set checked_at = $3 where workspace_id = $1 and id = $2`,
			actor.WorkspaceID, ch.ConnectionID, db.Now())
		return err
	})
	if err != nil {
		return ch, err
	}
	if err := c.subscribe(ctx, actor.WorkspaceID, channelID); err != nil {
		return ch, err
	}
	return c.Get(ctx, actor, channelID)
}

// Pause holds the channel's queue until an instant, Forever for until released by hand (C03).
func (c *Channels) Pause(ctx context.Context, actor workspace.Actor, channelID string, until time.Time, reason string) error {
	if !until.After(db.Now()) {
		return fault.Invalidf("until", "a pause must end in the future")
	}
	return c.setPause(ctx, actor, channelID, until, reason, "channel.paused")
}

// Resume ends a pause. What became late meanwhile stays held until a person chooses (C03).
func (c *Channels) Resume(ctx context.Context, actor workspace.Actor, channelID string) error {
	return c.setPause(ctx, actor, channelID, time.Time{}, "", "channel.resumed")
}

func (c *Channels) setPause(ctx context.Context, actor workspace.Actor, channelID string, until time.Time, reason, what string) error {
	ch, err := c.Get(ctx, actor, channelID)
	if err != nil {
		return err
	}
	if err := actor.May(workspace.QueuePause, ch.scope()); err != nil {
		return err
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update channels set paused_until = $3, paused_reason = $4 where workspace_id = $1 and id = $2`,
			actor.WorkspaceID, channelID, until, reason); err != nil {
			return err
		}
		facts := map[string]any{"until": until, "reason": reason}
		if err := workspace.Audit(ctx, tx, actor, what, channelID, nil, facts); err != nil {
			return err
		}
		return c.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, channelID, facts)
	})
}

// Change is what an operator may set on a channel; nil leaves a value as it is.
type Change struct {
	Zone          *string
	Defaults      *Defaults
	ResponsibleID *string
	LateWindow    *time.Duration
	MinGap        *time.Duration
	MonthCap      *int64 // millionths of the network's currency; below 0 = no cap
}

// Configure changes a channel's own settings.
func (c *Channels) Configure(ctx context.Context, actor workspace.Actor, channelID string, change Change) error {
	ch, err := c.Get(ctx, actor, channelID)
	if err != nil {
		return err
	}
	if err := actor.May(workspace.ChannelConnect, ch.scope()); err != nil {
		return err
	}
	before := ch
	if change.Zone != nil {
		if _, err := time.LoadLocation(*change.Zone); err != nil || *change.Zone == "" || *change.Zone == "Local" {
			return fault.Invalidf("zone", "%q is not a time zone; choose one such as Europe/Berlin", clip(*change.Zone, 40))
		}
		ch.Zone = *change.Zone
	}
	if change.Defaults != nil {
		ch.Defaults = *change.Defaults
	}
	if change.ResponsibleID != nil {
		ch.ResponsibleID = *change.ResponsibleID
	}
	if change.LateWindow != nil {
		if *change.LateWindow < 0 || *change.LateWindow > 7*24*time.Hour {
			return fault.Invalidf("late_window", "the late window must be between 0 and 7 days")
		}
		ch.LateWindow = change.LateWindow
	}
	if change.MinGap != nil {
		if *change.MinGap < 0 || *change.MinGap > 7*24*time.Hour {
			return fault.Invalidf("min_gap", "the gap must be between 0 and 7 days")
		}
		ch.MinGap = *change.MinGap
	}
	if change.MonthCap != nil {
		if ch.MonthCap = change.MonthCap; *change.MonthCap < 0 {
			ch.MonthCap = nil
		}
	}
	var late any
	if ch.LateWindow != nil {
		late = *ch.LateWindow
	}
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `update channels set zone = $3, defaults = $4, responsible_id = $5, late_window = $6, min_gap = $7, month_cap = $8
			where workspace_id = $1 and id = $2`, actor.WorkspaceID, channelID, ch.Zone, db.JSON(ch.Defaults), ch.ResponsibleID, late, ch.MinGap, ch.MonthCap); err != nil {
			return err
		}
		return workspace.Audit(ctx, tx, actor, "channel.configured", channelID, before.Defaults, ch.Defaults)
	})
}

func (c Channel) scope() workspace.Scope { return workspace.Scope{BrandID: c.BrandID, ChannelID: c.ID} }

// Due is a channel background work may read.
type Due struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	Network     string    `db:"network"`
	InboxAt     time.Time `db:"inbox_at"` // UTC; zero = never

	CheckedAt time.Time `db:"checked_at"` // UTC, of the connection

	Account network.Account `db:"account,json"`
}

// InboxDue lists the working channels whose inbox was last read before an instant, or never; with the zero time, all
// working channels. It is the view of background work over all workspaces.
func (c *Channels) InboxDue(ctx context.Context, before time.Time) ([]Due, error) {
	all := before.IsZero()
	return db.All[Due](ctx, c.db, `select c.workspace_id, c.id, c.network, c.inbox_at, n.checked_at, c.account from channels c join connections n on n.workspace_id = c.workspace_id and n.id = c.connection_id
		where c.disconnected_at is null and n.state in ('connected', 'expiring', 'limited') and ($1 or c.inbox_at is null or c.inbox_at < $2) order by c.inbox_at limit 5000`, all, before)
}

// warnings is how long before a grant ends people are warned, once for each (C18).
var warnings = []time.Duration{14 * 24 * time.Hour, 7 * 24 * time.Hour, 3 * 24 * time.Hour, 24 * time.Hour}

// Forecast marks connections whose grant ends soon and cannot be renewed without a person, and tells of it.
func (c *Channels) Forecast(ctx context.Context) error {
	now := db.Now()
	ending, err := db.All[Channel](ctx, c.db, `select `+columns+from+` where c.disconnected_at is null and n.state in ('connected', 'expiring') and n.expires_at > $1 and n.expires_at < $2`,
		now, now.Add(warnings[0]))
	if err != nil {
		return err
	}
	for _, ch := range ending {
		if _, renews := c.Network(ch).(network.Refresher); renews {
			continue
		}
		left := ch.ExpiresAt.Sub(now)
		due := warnings[0]
		for _, w := range warnings {
			if left <= w {
				due = w
			}
		}
		reason := "expires within " + due.String()
		if ch.StateReason == reason {
			continue
		}
		err := c.db.Tx(ctx, func(tx *db.Tx) error {
			if _, err := db.Exec(ctx, tx, `update connections set state = $3, state_reason = $4 where workspace_id = $1 and id = $2`, ch.WorkspaceID, ch.ConnectionID, Expiring, reason); err != nil {
				return err
			}
			return c.events.Record(ctx, tx, ch.WorkspaceID, "system", "channel.expiring", ch.ID, map[string]string{"name": ch.Name, "reason": reason, "responsible": ch.ResponsibleID})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
