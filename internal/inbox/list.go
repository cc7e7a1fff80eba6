package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Filter narrows the list; zero values narrow nothing.
type Filter struct {
	State      State
	ToAnswer   bool // new and open: what waits for us
	ChannelID  string
	BrandID    string
	AssigneeID string // "none" = nobody's
	Kind       string
	CampaignID string
	ContactID  string
	TargetID   string
	Tag        string
	Search     string    // words in messages, or in the contact's name and handles; see search
	BeforeAt   time.Time // cursor: last_message_at and id of the last row of the page before
	BeforeID   string
	Limit      int // at most 200; 0 = 50
}

// Line is one conversation as the list shows it.
type Line struct {
	Conversation
	ContactName string `db:"contact_name"`
	Handle      string `db:"handle"`
	AvatarURL   string `db:"avatar_url"` // at a stranger's server: never to be loaded by a browser
	VIP         bool   `db:"vip"`
	Network     string `db:"network"`
	ChannelName string `db:"channel_name"`
	Assignee    string `db:"assignee"`
}

const lineColumns = `v.workspace_id, v.id, v.brand_id, v.channel_id, v.kind, v.thread, v.contact_id, v.target_id, v.campaign_id, v.previous_id, v.state,
	v.assignee_id, v.snoozed_until, v.first_inbound_at, v.first_reply_at, v.last_message_at, v.last_inbound_at, v.resolved_at, v.preview,
	v.tags, v.unread, v.version, v.answer_by, v.answer_end, c.name as contact_name,
	coalesce((select i.handle from identities i where i.workspace_id = v.workspace_id and i.contact_id = v.contact_id and i.kind = h.network order by i.id limit 1), '') as handle,
	coalesce((select i.avatar_url from identities i where i.workspace_id = v.workspace_id and i.contact_id = v.contact_id and i.kind = h.network order by i.id limit 1), '') as avatar_url,
	c.vip, h.network, h.name as channel_name, coalesce(u.name, '') as assignee`

const lineTables = ` join contacts c on c.workspace_id = v.workspace_id and c.id = v.contact_id
	join channels h on h.workspace_id = v.workspace_id and h.id = v.channel_id
	left join users u on u.id = v.assignee_id`

// List returns conversations, the one with the newest message first, and whether there are more. Among those that wait
// for an answer, the ones whose window closes soon come first.
func (i *Inbox) List(ctx context.Context, actor workspace.Actor, f Filter) ([]Line, bool, error) {
	if !actor.CanSomewhere(workspace.InboxRead) {
		return nil, false, actor.May(workspace.InboxRead, workspace.Scope{})
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	w, states := i.narrow(actor, f), f.states()
	if len(states) == 0 {
		return nil, false, nil
	}
	if !f.BeforeAt.IsZero() {
		w.and("(v.last_message_at, v.id) < (?, ?)", f.BeforeAt, f.BeforeID)
	}
	near, err := i.closing(ctx, actor, f)
	if err != nil {
		return nil, false, err
	}
	near.leaveOut(w)
	f.Limit -= len(near.first)
	newest := w.fill(` order by v.last_message_at desc, v.id desc limit ?`, f.Limit+1)
	chosen := w.each(states, func(where string) string {
		return `select v.workspace_id, v.id, v.last_message_at from conversations v` + where + newest
	})
	rows, err := db.All[Line](ctx, i.db, `select `+lineColumns+` from (select * from (`+chosen+`) v`+newest+`) chosen
		join conversations v on v.workspace_id = chosen.workspace_id and v.id = chosen.id`+lineTables+` order by v.last_message_at desc, v.id desc`, w.args...)
	if err != nil {
		return nil, false, err
	}
	if len(rows) > f.Limit {
		return append(near.first, rows[:f.Limit]...), true, nil
	}
	return append(near.first, rows...), false, nil
}

// Line returns one conversation as the list shows it.
func (i *Inbox) Line(ctx context.Context, actor workspace.Actor, conversationID string) (Line, error) {
	line, err := db.One[Line](ctx, i.db, `select `+lineColumns+` from conversations v`+lineTables+` where v.workspace_id = $1 and v.id = $2`, actor.WorkspaceID, conversationID)
	if err != nil {
		return line, named(err)
	}
	return line, may(actor, workspace.InboxRead, line.Conversation)
}

// Many is where counting stops: nobody works differently for knowing more, and screens say "99+".
const Many = 100

// Waiting returns how many conversations the actor can read wait for us, at most Many of each state.
func (i *Inbox) Waiting(ctx context.Context, actor workspace.Actor) (int, error) {
	counts, err := i.Tally(ctx, actor, Filter{ToAnswer: true})
	return counts[StateNew] + counts[Open], err
}

// Tally returns how many conversations List would return for each state under the same filter, at most Many. A filter
// that names a state asks for the other states too, one that asks for what waits does not.
func (i *Inbox) Tally(ctx context.Context, actor workspace.Actor, f Filter) (map[State]int, error) {
	if !actor.CanSomewhere(workspace.InboxRead) {
		return nil, actor.May(workspace.InboxRead, workspace.Scope{})
	}
	f.State = ""
	w := i.narrow(actor, f)
	many := ""
	if !w.few {
		many = w.fill(` limit ?`, Many)
	}
	rows, err := db.All[struct {
		State State `db:"state"`
		N     int   `db:"n"`
	}](ctx, i.db, w.each(f.states(), func(where string) string {
		return `select state, count(*) as n from (select v.state from conversations v` + where + many + `) counted group by state`
	}), w.args...)
	if err != nil {
		return nil, err
	}
	out := map[State]int{}
	for _, r := range rows {
		out[r.State] = min(r.N, Many)
	}
	return out, nil
}

// tagged is how many tagged conversations of each state are looked at for the tags in use.
const tagged = 500

// Tags returns the tags in use on conversations that the actor may read, the most used first, at most 50. In each state
// the newest tagged conversations tell.
func (i *Inbox) Tags(ctx context.Context, actor workspace.Actor) ([]string, error) {
	w := i.narrow(actor, Filter{})
	w.and("v.tags <> '[]'")
	newest := w.fill(` order by v.last_message_at desc, v.id desc limit ?`, tagged)
	lists, err := db.All[string](ctx, i.db, `select tags from (`+w.each(States, func(where string) string { return `select v.tags from conversations v` + where + newest })+`) lately
		group by tags order by count(*) desc, tags limit 200`, w.args...)
	if err != nil {
		return nil, err
	}
	var out []string
	seen := map[string]bool{}
	for _, raw := range lists {
		var tags []string
		if err := json.Unmarshal([]byte(raw), &tags); err != nil {
			return nil, fmt.Errorf("read tags: %w", err)
		}
		for _, t := range tags {
			if !seen[t] && len(out) < 50 {
				seen[t], out = true, append(out, t)
			}
		}
	}
	return out, nil
}

// readable narrows a query of conversations v to what the actor's roles open: all of it, some brands or channels, or
// what was handed to them.
func readable(actor workspace.Actor, args *[]any) string {
	return " and " + actor.Readable(workspace.Rows{Brand: "v.brand_id = ?", Channel: "v.channel_id = ?", Own: "v.assignee_id = ?"}, args, workspace.InboxRead)
}

// states are those the filter asks for; none when it names one that does not exist.
func (f Filter) states() []State {
	switch {
	case f.State != "" && slices.Contains(States, f.State):
		return []State{f.State}
	case f.State != "":
		return nil
	case f.ToAnswer:
		return []State{StateNew, Open}
	}
	return States
}

// where is a condition over conversations v with what its placeholders stand for.
type where struct {
	strings.Builder
	args []any
	few  bool // what is asked for has an index of its own and is little: the order within a state is no help
}

// each puts one query for each state together. Within a state an index holds conversations in their order, so that each
// query stops after the rows it needs; one query over several states would read and sort them all. What is few is read
// as a whole.
func (w *where) each(states []State, query func(where string) string) string {
	var all []string
	for _, s := range states {
		all = append(all, `'`+string(s)+`'`)
	}
	if w.few { // coalesce keeps the planner from the index by state
		return query(w.String() + ` and coalesce(v.state, '') in (` + strings.Join(all, ", ") + `)`)
	}
	for n, s := range all {
		all[n] = `select * from (` + query(w.String()+` and v.state = `+s) + `) of_` + strings.Trim(s, "'")
	}
	return strings.Join(all, ` union all `)
}

// fill numbers the placeholders of a piece of SQL.
func (w *where) fill(sql string, args ...any) string {
	for _, a := range args {
		w.args = append(w.args, a)
		sql = strings.Replace(sql, "?", fmt.Sprintf("$%d", len(w.args)), 1)
	}
	return sql
}

func (w *where) and(sql string, args ...any) { w.WriteString(" and " + w.fill(sql, args...)) }

// narrow is the filter without its state and cursor, over what the actor may read.
func (i *Inbox) narrow(actor workspace.Actor, f Filter) *where {
	w := &where{few: f.ContactID != "" || f.TargetID != "" || f.CampaignID != "" || f.Search != ""}
	w.WriteString(w.fill(` where v.workspace_id = ?`, actor.WorkspaceID))
	w.WriteString(readable(actor, &w.args))
	for _, c := range []struct{ column, value string }{{"channel_id", f.ChannelID}, {"brand_id", f.BrandID}, {"kind", f.Kind}, {"campaign_id", f.CampaignID}, {"contact_id", f.ContactID}, {"target_id", f.TargetID}} {
		if c.value != "" {
			w.and("v."+c.column+" = ?", c.value)
		}
	}
	switch f.AssigneeID {
	case "":
	case "none":
		w.and("v.assignee_id = ''")
	default:
		w.and("v.assignee_id = ?", f.AssigneeID)
	}
	if f.Tag != "" {
		raw, _ := db.JSON(f.Tag).(string)
		w.and(`v.tags <> '[]' and v.tags like ? escape '\'`, "%"+db.Literal(raw)+"%")
	}
	if f.Search != "" {
		w.and("v.id in (" + i.found(actor, f.Search, Wide, &w.args) + ")")
	}
	return w
}
