package conversations

import (
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// view is the whole screen: the list, and the conversation that is open or how the inbox does.
type view struct {
	Query    url.Values
	Path     string
	Lines    []inbox.Line
	Tabs     []ui.Tab
	Next     string
	Channels []ui.Option
	Members  []ui.Option
	Tags     []ui.Option
	Chosen   []ui.Filter
	Syncs    []inbox.Sync
	Care     []ui.StatProps
	Span     string
	Acts     []ui.Option // what can be done at the networks to the messages of the list
	Sure     *sure       // asks before many messages are deleted; nil = does not ask
	Cut      bool        // more hold the words than are looked at
	MayReply bool
	Rules    bool
	Zone     *time.Location
	Now      time.Time
	Thread   *thread // nil = none is open
}

// here is the address of what is shown, for refreshing a part of it.
func (v view) here() string { return address(v.Path, v.Query) }

func (v view) link(conversationID string) string { return address("/inbox/"+conversationID, v.Query) }

func (v view) open(conversationID string) bool {
	return v.Thread != nil && v.Thread.Line.ID == conversationID
}

// tabs are the lists by state, in the order a person works.
var tabs = []struct {
	state, label string
	of           []inbox.State
}{
	{"", "To answer", []inbox.State{inbox.StateNew, inbox.Open}}, {"new", "New", []inbox.State{inbox.StateNew}}, {"open", "Open", []inbox.State{inbox.Open}},
	{"pending", "Waiting for them", []inbox.State{inbox.Pending}}, {"snoozed", "Snoozed", []inbox.State{inbox.Snoozed}},
	{"resolved", "Resolved", []inbox.State{inbox.Resolved}}, {"dismissed", "Dismissed", []inbox.State{inbox.Dismissed}}, {"all", "All", inbox.States},
}

func filter(actor workspace.Actor, brand string, q url.Values) inbox.Filter {
	f := inbox.Filter{BrandID: brand, ChannelID: q.Get("channel"), AssigneeID: q.Get("assignee"), Kind: q.Get("kind"), CampaignID: q.Get("campaign"), ContactID: q.Get("contact"),
		TargetID: q.Get("target"), Tag: q.Get("tag"), Search: q.Get("q"), BeforeID: q.Get("before"), Limit: 40}
	switch s := q.Get("state"); s {
	case "":
		f.ToAnswer = true
	case "all":
	default:
		f.State = inbox.State(s)
	}
	if f.AssigneeID == "me" {
		f.AssigneeID = actor.UserID
	}
	if at, err := time.Parse(time.RFC3339Nano, q.Get("at")); err == nil {
		f.BeforeAt = at
	}
	return f
}

func (r Rooms) list(c *page.Context) error {
	v, err := r.look(c)
	if err != nil {
		return err
	}
	if err := r.care(c, &v); err != nil {
		return err
	}
	c.Wide()
	return c.Render(200, "Inbox", "inbox", inboxPage(v))
}

// look reads the list a person works through.
func (r Rooms) look(c *page.Context) (view, error) {
	ctx, actor := c.Ctx(), c.Actor()
	v := view{Query: listOf(c.R.URL.Query()), Path: "/inbox", Zone: c.Zone(), Now: show.Now(), MayReply: actor.CanSomewhere(workspace.InboxReply), Rules: actor.CanSomewhere(workspace.InboxRules)}
	brand, err := c.Brand()
	if err != nil {
		return v, err
	}
	f := filter(actor, brand.ID, v.Query)
	more := false
	if v.Lines, more, err = r.Inbox.List(ctx, actor, f); err != nil {
		return v, err
	}
	if more {
		last := v.Lines[len(v.Lines)-1]
		q := without(v.Query)
		q.Set("at", last.LastMessageAt.Format(time.RFC3339Nano))
		q.Set("before", last.ID)
		v.Next = address("/inbox", q)
	}
	if f.Search != "" {
		if v.Cut, err = r.Inbox.Cut(ctx, actor, f.Search); err != nil {
			return v, err
		}
	}
	counts, err := r.Inbox.Tally(ctx, actor, f)
	if err != nil {
		return v, err
	}
	for _, t := range tabs {
		n := 0
		for _, s := range t.of {
			n += counts[s]
		}
		tone := ui.Neutral
		if t.state == "" || t.state == "new" {
			tone = ui.Accent
		}
		v.Tabs = append(v.Tabs, ui.Tab{Label: t.label, Href: show.With("/inbox", without(v.Query, "at", "before"), "state", t.state), Active: v.Query.Get("state") == t.state, Count: n, Tone: tone})
	}
	if err := r.offers(c, &v); err != nil {
		return v, err
	}
	v.Syncs, err = r.Inbox.Syncs(ctx, actor)
	return v, err
}

// offers are the choices of the filters.
func (r Rooms) offers(c *page.Context, v *view) error {
	ctx, actor := c.Ctx(), c.Actor()
	channels, err := r.Channels.List(ctx, actor)
	if err != nil {
		return err
	}
	acts := map[string][]network.Act{}
	for _, ch := range channels {
		for _, kind := range network.Kinds {
			acts[ch.ID+" "+string(kind)] = r.Inbox.Acts(ch, kind)
		}
		v.Channels = append(v.Channels, ui.Option{Value: ch.ID, Label: ch.Name + " · " + ui.NetworkName(ch.Network)})
	}
	if actor.CanSomewhere(workspace.InboxModerate) {
		v.Acts = together(acts, v.Lines)
	}
	members, err := r.Workspaces.Members(ctx, actor)
	if err != nil {
		return err
	}
	for _, m := range members {
		if (workspace.Actor{Grants: m.Grants}).CanSomewhere(workspace.InboxReply) {
			v.Members = append(v.Members, ui.Option{Value: m.UserID, Label: m.Name})
		}
	}
	tags, err := r.Inbox.Tags(ctx, actor)
	if err != nil {
		return err
	}
	for _, t := range tags {
		v.Tags = append(v.Tags, ui.Option{Value: t, Label: t})
	}
	for _, f := range []struct{ name, label string }{{"campaign", "One campaign"}, {"contact", "One contact"}, {"target", "About one post"}} {
		if v.Query.Get(f.name) != "" {
			v.Chosen = append(v.Chosen, ui.Filter{Label: f.label, Remove: address(v.Path, without(v.Query, f.name, "at", "before"))})
		}
	}
	return nil
}

// care shows how people were answered in the last four weeks, for whoever may read numbers.
func (r Rooms) care(c *page.Context, v *view) error {
	actor := c.Actor()
	if !actor.CanSomewhere(workspace.AnalyticsRead) {
		return nil
	}
	p, err := show.Period(url.Values{"days": {"28"}}, c.Zone().String(), v.Now)
	if err != nil {
		return err
	}
	_, err = r.answered(c, v, p)
	return err
}

// answered puts the response metrics of a period into the view and returns them.
func (r Rooms) answered(c *page.Context, v *view, p insight.Period) (insight.Care, error) {
	actor, scope := c.Actor(), scopeOf(v.Query)
	now, err := r.Insight.Care(c.Ctx(), actor, p, scope)
	if err != nil {
		return now, err
	}
	before, err := r.Insight.Care(c.Ctx(), actor, p.Before(), scope)
	if err != nil {
		return now, err
	}
	v.Span = show.Span(p, v.Zone)
	against := "against " + show.Span(p.Before(), v.Zone)
	first := show.Stat(now.FirstTime, &before.FirstTime, against, "", v.Zone)
	if now.First.N > 0 {
		first.Compare = "median; mean " + show.Seconds(now.First.Mean) + ", all hours"
	}
	next := metric.Define("M-REPLY")
	reply := ui.StatProps{ID: "m-reply", Label: next.Name, Missing: "No data: nothing was answered", Definition: &ui.Definition{Name: next.ID + " " + next.Name, Formula: next.Formula, Unit: "seconds",
		Base: show.Count(int64(now.Reply.N)) + " answered messages, all hours", Fresh: "data of " + show.Instant(v.Now, v.Zone) + ", " + v.Zone.String(), Source: next.Caveat}}
	if now.Reply.N > 0 {
		reply.Value, reply.Compare = show.Seconds(now.Reply.Median), "median; mean "+show.Seconds(now.Reply.Mean)
	}
	need := show.Stat(now.NeedAns, &before.NeedAns, against, "", v.Zone)
	need.Compare = show.Count(int64(now.Waiting)) + " still without an answer"
	v.Care = []ui.StatProps{show.Stat(now.Response, &before.Response, against, "", v.Zone), first, reply, show.Stat(now.Inbound, &before.Inbound, against, "", v.Zone), need,
		show.Stat(now.Backlog, nil, "", "/inbox", v.Zone)}
	return now, nil
}

// neighbour is where to go when a conversation leaves the list: to the next one, else to the one before, else to the
// list.
func (v view) neighbour(conversationID string) string {
	for i, l := range v.Lines {
		switch {
		case l.ID != conversationID:
		case i+1 < len(v.Lines):
			return v.link(v.Lines[i+1].ID)
		case i > 0:
			return v.link(v.Lines[i-1].ID)
		default:
			return address("/inbox", v.Query)
		}
	}
	return v.link(conversationID)
}

// readable turns a refusal of a person's own doing into words and leaves the rest to the caller.
func readable(err error) (string, bool) {
	e := fault.As(err)
	switch e.Kind {
	case fault.Internal:
		return "", false
	}
	words := page.Capital(e.Message) + "."
	if e.Hint != "" {
		words += " " + e.Hint
	}
	return words, true
}
