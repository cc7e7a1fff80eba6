// Package home is the first screen (S-HOME): what needs the person's attention today, by what their roles may do.
package home

import (
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen reads.
type Rooms struct {
	Channels  *channel.Channels
	Posts     *post.Posts
	Journal   *delivery.Journal
	Preflight *preflight.Checks
	Inbox     *inbox.Inbox
	Goals     *strategy.Goals
	Insight   *insight.Insight
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{page.Get("/{$}", page.SignedIn, r.home)}
}

type view struct {
	Name          string
	Zone          *time.Location
	Alerts        []ui.AlertProps
	First         []ui.ButtonProps
	Waiting       []post.Entry
	Today         []post.Entry
	Doubts        []delivery.Line
	Ahead         []preflight.Report // planned posts with something in their way
	Conversations []inbox.Line
	Goals         []insight.Progress
	Stats         []ui.StatProps
	Posts, Inbox  bool
	Empty         bool
}

func (r Rooms) home(c *page.Context) error {
	ctx, actor, loc := c.Ctx(), c.Actor(), c.Zone()
	if actor.WorkspaceID == "" {
		return c.Render(200, "Welcome", "home", strangerPage())
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	v := view{Name: c.User.Name, Zone: loc, Posts: actor.CanSomewhere(workspace.PostRead), Inbox: actor.CanSomewhere(workspace.InboxRead)}
	channels, err := r.Channels.List(ctx, actor)
	if err != nil {
		return err
	}
	v.Empty = len(channels) == 0
	v.Alerts = alerts(channels)
	now := show.Now()
	if v.Posts {
		if v.Waiting, err = r.Posts.Waiting(ctx, actor, 8); err != nil {
			return err
		}
		l := now.In(loc)
		if v.Today, err = r.Posts.Between(ctx, actor, now, time.Date(l.Year(), l.Month(), l.Day()+2, 0, 0, 0, 0, loc), post.Filter{State: post.Scheduled}); err != nil {
			return err
		}
		v.Today = v.Today[:min(len(v.Today), 8)]
		if v.Ahead, err = r.Preflight.Failing(ctx, actor, 5); err != nil {
			return err
		}
		if v.Doubts, _, err = r.Journal.List(ctx, actor, delivery.Filter{Group: delivery.GroupHuman, Limit: 5}); err != nil {
			return err
		}
	}
	if v.Inbox {
		for _, state := range []inbox.State{inbox.StateNew, inbox.Open} {
			lines, _, err := r.Inbox.List(ctx, actor, inbox.Filter{State: state, Limit: 6})
			if err != nil {
				return err
			}
			v.Conversations = append(v.Conversations, lines...)
		}
		v.Conversations = v.Conversations[:min(len(v.Conversations), 8)]
	}
	if actor.CanSomewhere(workspace.GoalRead) {
		goals, err := r.Goals.List(ctx, actor)
		if err != nil {
			return err
		}
		goals = slices.DeleteFunc(goals, func(g strategy.Goal) bool { return g.State != strategy.Active })
		if v.Goals, err = r.Insight.ProgressOf(ctx, actor, goals[:min(len(goals), 4)]...); err != nil {
			return err
		}
	}
	if actor.CanSomewhere(workspace.AnalyticsRead) {
		if v.Stats, err = r.stats(c, w.Currency, now); err != nil {
			return err
		}
	}
	v.First = first(actor, v.Empty)
	return c.Render(200, "Home", "home", homePage(v))
}

// stats are the week in numbers.
func (r Rooms) stats(c *page.Context, currency string, now time.Time) ([]ui.StatProps, error) {
	ctx, actor, loc := c.Ctx(), c.Actor(), c.Zone()
	p, err := insight.Days(7, now, loc.String())
	if err != nil {
		return nil, err
	}
	var out []ui.StatProps
	ids := []string{"M-POSTS", "M-ENG", "M-CLICK", "M-FRT"}
	if actor.CanSomewhere(workspace.OrderRead) {
		ids = append(ids, "M-NETREV")
	}
	href := map[string]string{"M-POSTS": "/insights?days=7", "M-ENG": "/insights?days=7", "M-CLICK": "/links?days=7", "M-FRT": "/inbox", "M-NETREV": "/money?days=7"}
	for _, id := range ids {
		both, err := r.Insight.ValuesOf(ctx, actor, id, []string{currency, currency}, insight.Ask{Period: p}, insight.Ask{Period: p.Before()})
		if err != nil {
			return nil, err
		}
		out = append(out, show.Stat(both[0], &both[1], "against the week before", href[id], loc))
	}
	return out, nil
}

// alerts are channels that need somebody.
func alerts(channels []channel.Channel) []ui.AlertProps {
	var out []ui.AlertProps
	for _, ch := range channels {
		if !ch.State.Works() {
			out = append(out, ui.AlertProps{Tone: ui.Bad, Title: ch.Name + " needs to be reconnected", Text: ch.StateReason, Kept: "Its queue is held, not lost.", Actions: ui.Button(ui.ButtonProps{Label: "Reconnect", Href: "/channels/" + ch.ID, Small: true})})
		}
	}
	return out
}

// first are the first steps of a role in an empty workspace.
func first(actor workspace.Actor, empty bool) []ui.ButtonProps {
	if !empty {
		return nil
	}
	var out []ui.ButtonProps
	for _, s := range []struct {
		need  workspace.Capability
		label string
		href  string
		icon  string
	}{{workspace.ChannelConnect, "Connect a channel", "/channels", "plug"}, {workspace.GoalEdit, "Set a goal", "/goals/new", "target"}, {workspace.PostDraft, "Write a post", "/compose", "square-pen"}, {workspace.WorkspaceManage, "Invite colleagues", "/settings/members", "users"}} {
		if actor.CanSomewhere(s.need) {
			out = append(out, ui.ButtonProps{Label: s.label, Href: s.href, Icon: s.icon})
		}
	}
	return out
}
