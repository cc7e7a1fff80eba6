package notify

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// told is what an event says to people.
type told struct {
	title  string
	link   func(event.Event, facts) string
	must   bool                 // PRODUCT §9.3, what is bold there
	all    workspace.Capability // whoever holds it is told besides the person named
	others workspace.Capability // whoever holds it is told when nobody is named or the person has left
}

// facts are an event's data as words.
type facts map[string]string

func delivery(e event.Event, _ facts) string     { return "/deliveries/" + e.Entity }
func channel(e event.Event, _ facts) string      { return "/channels/" + e.Entity }
func conversation(e event.Event, _ facts) string { return "/inbox/" + e.Entity }
func mended(_ event.Event, f facts) string       { return f["href"] }
func postOf(_ event.Event, f facts) string       { return "/compose/" + f["post"] + "/actions" }
func goal(e event.Event, _ facts) string         { return "/goals/" + e.Entity }
func queue(_ event.Event, f facts) string {
	if f["channel"] == "" {
		return "/queue"
	}
	return "/queue?channel=" + f["channel"]
}
func numbers(e event.Event, _ facts) string { return "/insights/posts/" + e.Entity }
func members(event.Event, facts) string     { return "/settings/members" }

var words = map[string]told{
	"delivery.failed_permanent":  {title: "Not published", link: delivery, must: true, others: workspace.PostSchedule},
	"delivery.needs_human":       {title: "A delivery needs your decision", link: delivery, must: true, others: workspace.PostSchedule},
	"delivery.handover_due":      {title: "It is time: publish this by hand", link: delivery, must: true, others: workspace.PostSchedule},
	"delivery.handover_reminder": {title: "Still to be published by hand", link: delivery, must: true, others: workspace.PostSchedule},
	"delivery.removed":           {title: "A post was removed by its network", link: delivery, must: true, others: workspace.PostSchedule},
	"delivery.not_visible":       {title: "A post was accepted but is not visible", link: delivery, others: workspace.PostSchedule},
	"delivery.escalated":         {title: "Nobody has dealt with a failed delivery for 15 minutes", link: delivery, must: true, all: workspace.PublishRelease},
	"delivery.stuck":             {title: "A delivery has not ended for a day", link: delivery, must: true, others: workspace.PostSchedule},
	"preflight.failed":           {title: "A planned post needs you before it goes out", link: mended, others: workspace.PostSchedule},
	"preflight.escalated":        {title: "A post is due in minutes and will not go out as it stands", link: mended, must: true, all: workspace.PublishRelease, others: workspace.PostSchedule},
	"threshold.boost":            {title: "A post does well: consider paying for more", link: postOf, others: workspace.PostSchedule},
	"threshold.failed":           {title: "What was to follow a post that does well was refused", link: postOf, must: true, others: workspace.PostSchedule},
	"target.held":                {title: "A post is held and waits for a choice", link: queue, must: true, others: workspace.PostSchedule},
	"channel.needs_reconnect":    {title: "A channel needs to be reconnected", link: channel, must: true, all: workspace.ChannelConnect},
	"channel.expiring":           {title: "A connection expires soon", link: channel, all: workspace.ChannelConnect},
	"publishing.stopped":         {title: "All publishing was stopped", link: queue, must: true, all: workspace.PublishStop},
	"publishing.released":        {title: "The stop of publishing was lifted", link: queue, must: true, all: workspace.PublishStop},
	"target.followed_zone":       {title: "A planned instant moved because clock rules changed", link: queue},
	"cadence.gap":                {title: "A channel will miss its cadence", link: queue, others: workspace.PostSchedule},
	"queue.empty":                {title: "A queue runs dry", link: queue, others: workspace.PostSchedule},
	"inbox.assigned":             {title: "A conversation was assigned to you", link: conversation},
	"inbox.mentioned":            {title: "A note names you", link: conversation},
	"inbox.answer_failed":        {title: "An answer could not be sent", link: conversation, must: true, others: workspace.InboxReply},
	"inbox.answer_unknown":       {title: "Whether an answer was sent is not known", link: conversation, must: true, others: workspace.InboxReply},
	"goal.health_changed":        {title: "A goal's health changed", link: goal},
	"metric.missed":              {title: "Numbers of a story vanished before they were read", link: numbers, others: workspace.PostSchedule},
	"member.joined":              {title: "A new member joined", link: members, all: workspace.WorkspaceManage},
}

// Listen turns events into notices.
func (n *Notices) Listen() {
	var kinds []string
	for kind := range words {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	n.events.On("notify", n.hear, append(kinds, over)...)
}

// over is the event that takes back what was told under the same entity. It has the same consumer, so that it comes after.
const over = "preflight.cleared"

// takeBack marks as read what people were told of something that is mended: there is nothing left to do about it.
func (n *Notices) takeBack(ctx context.Context, e event.Event) error {
	return n.db.Tx(ctx, func(tx *db.Tx) error {
		told, err := db.All[string](ctx, tx, `update notifications set read_at = $3 where workspace_id = $1 and entity = $2 and kind in ('preflight.failed', 'preflight.escalated') and read_at is null
			returning user_id`, e.WorkspaceID, e.Entity, n.clock())
		if err != nil || len(told) == 0 {
			return err
		}
		return n.events.Record(ctx, tx, e.WorkspaceID, "system", "notification.over", e.Entity, nil)
	})
}

func (n *Notices) hear(ctx context.Context, e event.Event) error {
	if e.Kind == over {
		return n.takeBack(ctx, e)
	}
	t, f := words[e.Kind], read(e)
	users, err := n.whom(ctx, e, t, f)
	if err != nil || len(users) == 0 {
		return err
	}
	return n.db.Tx(ctx, func(tx *db.Tx) error {
		return n.Notify(ctx, tx, e.WorkspaceID, users, Notice{Kind: e.Kind, Title: t.title, Body: body(e, f), Link: t.link(e, f), Entity: e.Entity, Source: e.ID, Must: t.must})
	})
}

// whom lists who is told: the person named, unless they did it themselves, and who holds the right.
func (n *Notices) whom(ctx context.Context, e event.Event, t told, f facts) ([]string, error) {
	members, err := n.workspaces.Members(ctx, workspace.System(e.WorkspaceID))
	if err != nil {
		return nil, err
	}
	by, _, _ := strings.Cut(e.Actor, "/") // a key acts for its person
	named := false
	users := map[string]bool{}
	for _, key := range []string{"responsible", "assignee", "owner"} {
		for _, m := range members {
			if f[key] != "" && m.UserID == f[key] {
				named = true
				users[m.UserID] = m.UserID != by || t.must
			}
		}
	}
	ask := []workspace.Capability{t.all}
	if !named {
		ask = append(ask, t.others)
	}
	for _, m := range members {
		actor := workspace.Actor{Grants: m.Grants}
		for _, c := range ask {
			if c != "" && actor.CanSomewhere(c) && (m.UserID != by || t.must) {
				users[m.UserID] = true
			}
		}
	}
	var out []string
	for user, tell := range users {
		if tell {
			out = append(out, user)
		}
	}
	slices.Sort(out)
	return out, nil
}

// read makes words of an event's data; what is no word is left out.
func read(e event.Event) facts {
	var data map[string]any
	if json.Unmarshal(e.Data, &data) != nil { // a fact that is not an object says nothing we could repeat
		return facts{}
	}
	f := facts{}
	for key, value := range data {
		if word, ok := value.(string); ok {
			f[strings.ToLower(key)] = word
		}
	}
	return f
}

func body(e event.Event, f facts) string {
	if e.Kind == "goal.health_changed" {
		plain := strings.NewReplacer("_", " ")
		return f["name"] + " went from " + plain.Replace(f["from"]) + " to " + plain.Replace(f["to"]) + "."
	}
	text := f["reason"]
	if f["name"] != "" && text != "" {
		text = f["name"] + ": " + text
	} else if text == "" {
		text = f["name"]
	}
	if f["hint"] != "" {
		text = strings.TrimSuffix(text, ".") + ". " + f["hint"]
	}
	return text
}
