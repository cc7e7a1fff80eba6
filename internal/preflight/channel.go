package preflight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// ground is what a batch's targets on one channel share: looked at once for all of them.
type ground struct {
	channel   channel.Channel
	network   network.Network
	gone      bool   // the channel was deleted
	test      bool   // it reaches nobody, so that nobody outside is asked either (C33)
	answer    error  // of the network when it was just asked about the account; nil = well, or not asked
	scopes    string // the rights that are missing, in words
	spent     delivery.Spent
	until     time.Time // until then the network takes nothing more
	stop      post.Stop
	guard     string // why a restored copy publishes nothing
	blackouts []post.Blackout
	failing   string // the reason why the channel's last posts failed, all of them
}

// stale is how old the last good answer about an account may be at each stage. The account is read every hour anyway.
var stale = map[Stage]time.Duration{Day: 90 * time.Minute, Hour: 90 * time.Minute, Minutes: 10 * time.Minute}

// grounds looks at every channel of a batch, some side by side; a network that does not answer holds up its own.
func (c *Checks) grounds(ctx context.Context, due []look) (map[[2]string]*ground, error) {
	nearest := map[[2]string]Stage{}
	now := c.clock()
	for _, l := range due {
		if l.ahead(now) {
			key := [2]string{l.WorkspaceID, l.ChannelID}
			nearest[key] = max(nearest[key], stageAt(now, l.DueAt, l.TargetID))
		}
	}
	out := map[[2]string]*ground{}
	failed := make(chan error, len(nearest))
	free := make(chan struct{}, atATime)
	var mu sync.Mutex
	var under sync.WaitGroup
	for key, stage := range nearest {
		free <- struct{}{}
		under.Go(func() {
			defer func() { <-free }()
			g, err := c.ground(ctx, key[0], key[1], stage)
			if err != nil {
				failed <- fmt.Errorf("look at channel %s: %w", key[1], err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			out[key] = g
		})
	}
	under.Wait()
	close(failed)
	return out, <-failed
}

func (c *Checks) ground(ctx context.Context, workspaceID, channelID string, stage Stage) (*ground, error) {
	g := &ground{}
	var err error
	if g.channel, err = c.channels.In(ctx, c.db, workspaceID, channelID); err != nil {
		g.gone = fault.Is(err, fault.NotFound)
		if g.gone {
			return g, nil
		}
		return nil, err
	}
	if g.network = c.channels.Network(g.channel); g.network == nil {
		return g, nil
	}
	system := workspace.System(workspaceID)
	if c.ask(g, stage) {
		asking, cancel := context.WithTimeout(ctx, 20*time.Second)
		ch, err := c.channels.Check(asking, system, channelID)
		cancel()
		if err != nil && fault.KindOf(err) == fault.Internal && ctx.Err() == nil {
			return nil, err
		}
		if g.answer = err; err == nil {
			g.channel = ch
		}
		if g.channel, err = c.channels.In(ctx, c.db, workspaceID, channelID); err != nil { // the state it has now
			return nil, err
		}
	}
	tests, err := db.All[bool](ctx, c.db, `select test_mode from workspaces where id = $1`, workspaceID)
	if err != nil {
		return nil, err
	}
	g.test = g.channel.Test() || g.network.Spec().Test || slices.Contains(tests, true)
	granted, err := c.channels.Scopes(ctx, g.channel)
	if err != nil {
		return nil, err
	}
	g.scopes = missing(g.network.Spec(), granted)
	if g.channel.MonthCap != nil {
		if g.spent, err = c.journal.Spent(ctx, system, g.channel); err != nil {
			return nil, err
		}
	}
	if g.until, err = c.posts.QuotaUntil(ctx, workspaceID, channelID); err != nil {
		return nil, err
	}
	if g.stop, err = c.posts.Stopped(ctx, system); err != nil {
		return nil, err
	}
	now := c.clock()
	if g.blackouts, err = c.posts.Blackouts(ctx, system, now, now.Add(horizon)); err != nil {
		return nil, err
	}
	guards, err := db.All[string](ctx, c.db, `select value from instance_settings where key = 'restore_guard' and value <> ''`)
	if err != nil {
		return nil, err
	}
	g.guard = strings.Join(guards, "")
	g.failing, err = c.failing(ctx, workspaceID, channelID, now)
	return g, err
}

// ask reports whether the network should be asked about the account now. Where every look costs, once a day must do.
func (c *Checks) ask(g *ground, stage Stage) bool {
	if !g.channel.Disconnected.IsZero() || !g.channel.State.Works() {
		return false
	}
	if _, can := g.network.(network.Checker); !can {
		return false
	}
	old := stale[stage]
	if _, charges := g.network.(network.Pricer); charges {
		old = 23 * time.Hour
	}
	return c.clock().Sub(g.channel.CheckedAt) > old
}

// missing names the rights one of which publishing needs, when none of them was given. A network that calls its rights
// otherwise here than in its list of them proves nothing.
func missing(spec network.Spec, granted []string) string {
	if spec.App == nil {
		return ""
	}
	var needed []string
	named := false
	for _, s := range spec.App.Scopes {
		has := slices.Contains(granted, s.Name)
		named = named || has
		if s.Publish && has {
			return ""
		}
		if s.Publish {
			needed = append(needed, s.Name)
		}
	}
	if !named {
		return ""
	}
	return strings.Join(needed, " or ")
}

// failing says why the last three posts of a channel failed, when all of them did within a day.
func (c *Checks) failing(ctx context.Context, workspaceID, channelID string, now time.Time) (string, error) {
	rows, err := db.All[struct {
		State  delivery.State `db:"state"`
		Reason string         `db:"reason"`
	}](ctx, c.db, `select state, reason from deliveries where workspace_id = $1 and channel_id = $2 and kind = 'post' and due_at > $3 and due_at <= $4
		and state in ('failed_permanent', 'accepted', 'verified', 'not_visible', 'removed') order by due_at desc limit 3`, workspaceID, channelID, now.Add(-24*time.Hour), now)
	if err != nil || len(rows) < 3 {
		return "", err
	}
	for _, r := range rows {
		if r.State != delivery.Failed {
			return "", nil
		}
	}
	return rows[0].Reason, nil
}

// shared are the findings of a target that lie with its channel.
func (g *ground) shared(due time.Time, price network.Price) []Finding {
	ch, href := g.channel, "/channels/"+g.channel.ID
	var out []Finding
	add := func(check Check, level network.Level, href, message, fix string) {
		out = append(out, Finding{Check: check, Level: level, Message: message, Fix: fix, Href: href, Subject: ch.ID})
	}
	_, renews := g.network.(network.Refresher)
	switch {
	case !ch.Disconnected.IsZero():
		add(Token, network.Error, href, ch.Name+" is disconnected.", "Connect it again.")
	case !ch.State.Works():
		add(Token, network.Error, href, sentence(ch.Name+" needs to be reconnected", ch.StateReason), "Reconnect it; its queue is kept.")
	case !ch.ExpiresAt.IsZero() && !ch.ExpiresAt.After(due) && !renews:
		add(Token, network.Error, href, fmt.Sprintf("The connection of %s ends on %s, before this is due.", ch.Name, clock(ch.ExpiresAt, ch.Zone)), "Connect it anew before then.")
	case g.answer != nil:
		add(Account, network.Warning, href, sentence("The account could not be looked at just now", fault.As(g.answer).Message), "Nothing to do if it answers again in time; it is asked again.")
	}
	if g.scopes != "" {
		add(Scope, network.Error, href, fmt.Sprintf("%s was connected without the right to publish (%s).", ch.Name, g.scopes), "Reconnect it and allow that.")
	}
	if ch.State == channel.Limited {
		add(Account, network.Warning, href, sentence(ch.Name+" works only partly", ch.StateReason), "See what its network says of it.")
	}
	if g.failing != "" {
		add(Account, network.Warning, "/deliveries?group=failed&channel="+ch.ID, sentence("The last three posts on "+ch.Name+" failed", g.failing), "Read why before the next one goes the same way.")
	}
	if g.until.After(due.Add(5 * time.Minute)) {
		add(Quota, network.Error, "/queue/"+ch.ID, fmt.Sprintf("The network takes nothing more on %s until %s.", ch.Name, clock(g.until, ch.Zone)), "It waits until then, or goes out late; move it to choose the time yourself.")
	}
	if ch.MonthCap != nil && price.Micros > 0 && g.spent.Micros+price.Micros > *ch.MonthCap {
		add(Quota, network.Error, href, fmt.Sprintf("It costs %s %.3f, and %.3f of this month's %.3f for %s is spent.", price.Currency, micros(price.Micros), micros(g.spent.Micros), micros(*ch.MonthCap), ch.Name), "Raise the limit, or move it to the next month.")
	}
	if g.stop.Holds(due) {
		add(Blackout, network.Error, "/queue", sentence("Publishing is stopped in this workspace", g.stop.Reason), "Release the stop, or move the post.")
	}
	if g.guard != "" {
		add(Blackout, network.Error, "/queue", sentence("This installation was restored from a backup and is not released yet", g.guard), "Whoever runs it releases it by `bellwether release`.")
	}
	if ch.Paused(due) {
		add(Blackout, network.Error, "/queue/"+ch.ID, sentence(ch.Name+" is paused", ch.PausedReason), "Resume it, or move the post.")
	}
	for _, b := range g.blackouts {
		if b.Covers(ch.ID, due) {
			add(Blackout, network.Error, "/calendar/blackouts", fmt.Sprintf("Nothing is published during “%s”.", b.Name), "End the blackout, or move the post.")
			break
		}
	}
	return out
}

func micros(n int64) float64 { return float64(n) / 1e6 }

// sentence joins what is wrong and why.
func sentence(what, why string) string {
	return strings.TrimSuffix(what+cmp.Or(map[bool]string{true: ": " + why}[why != ""], ""), ".") + "."
}

// clock is an instant on the clocks of a zone.
func clock(at time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return at.In(loc).Format("Mon 2 Jan, 15:04")
}
