package delivery

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// readable narrows a query of deliveries to what the actor may read: the journal belongs to channels.
func readable(actor workspace.Actor, table string, args *[]any) string {
	rows := actor.Readable(workspace.Rows{Channel: table + ".channel_id = ?", Own: table + ".responsible_id = ?",
		Brand: "exists (select 1 from channels h where h.workspace_id = " + table + ".workspace_id and h.id = " + table + ".channel_id and h.brand_id = ?)"}, args, workspace.PostRead)
	return " and " + rows
}

// Get returns one delivery that the actor may read.
func (j *Journal) Get(ctx context.Context, actor workspace.Actor, deliveryID string) (Delivery, error) {
	args := []any{actor.WorkspaceID, deliveryID}
	return j.get(ctx, readable(actor, "deliveries", &args), args)
}

func (j *Journal) get(ctx context.Context, within string, args []any) (Delivery, error) {
	d, err := db.One[Delivery](ctx, j.db, `select `+columns+` from deliveries where workspace_id = $1 and id = $2`+within, args...)
	if fault.Is(err, fault.NotFound) {
		return d, fault.NotFoundf("there is no such delivery in this workspace")
	}
	return d, err
}

// Steps returns a delivery's steps in their order.
func (j *Journal) Steps(ctx context.Context, actor workspace.Actor, deliveryID string) ([]StepRow, error) {
	if _, err := j.Get(ctx, actor, deliveryID); err != nil {
		return nil, err
	}
	return j.steps(ctx, j.db, actor.WorkspaceID, deliveryID)
}

func (j *Journal) steps(ctx context.Context, q db.Queryer, workspaceID, deliveryID string) ([]StepRow, error) {
	return db.All[StepRow](ctx, q, `select `+stepColumns+` from delivery_steps where workspace_id = $1 and delivery_id = $2 order by position`, workspaceID, deliveryID)
}

// Attempts returns every call and look-up of a delivery, the oldest first: the evidence.
func (j *Journal) Attempts(ctx context.Context, actor workspace.Actor, deliveryID string) ([]Attempt, error) {
	if _, err := j.Get(ctx, actor, deliveryID); err != nil {
		return nil, err
	}
	return db.All[Attempt](ctx, j.db, `select id, step, fence, started_at, ended_at, class, detail from attempts where workspace_id = $1 and delivery_id = $2 order by started_at, id limit 500`,
		actor.WorkspaceID, deliveryID)
}

// Group is a set of states as people look for them.
type Group string

const (
	GroupOpen     Group = "open"        // waiting, being sent, being polled
	GroupDoubt    Group = "unknown"     // being looked up
	GroupHuman    Group = "needs_human" // waits for a decision
	GroupFailed   Group = "failed"
	GroupVerified Group = "verified" // read back, or accepted where nothing can be read back
)

// Groups are all of them, in the order screens show.
var Groups = []Group{GroupHuman, GroupDoubt, GroupFailed, GroupOpen, GroupVerified}

// groupOf is the group of a state.
func groupOf(s State) Group {
	switch s {
	case NeedsHuman, Handover:
		return GroupHuman
	case Unknown, Reconciled, NotVisible:
		return GroupDoubt
	case Failed, Removed, Cancelled:
		return GroupFailed
	case Accepted, Verified:
		return GroupVerified
	}
	return GroupOpen
}

func statesOf(g Group) []State {
	var out []State
	for _, s := range States {
		if groupOf(s) == g {
			out = append(out, s)
		}
	}
	return out
}

// Line is a delivery as the list shows it.
type Line struct {
	Delivery
	ChannelName string `db:"channel_name"`
	Network     string `db:"network"`
	Text        string `db:"text_plain"`
	PostID      string `db:"post_id"`
	Responsible string `db:"responsible"`
}

// Filter narrows the list; zero values narrow nothing.
type Filter struct {
	Group     Group
	ChannelID string
	TargetID  string
	Kind      Kind
	BeforeAt  time.Time // cursor: due_at and id of the last row
	BeforeID  string
	Limit     int
}

// List returns deliveries, the latest due first, and whether there are more.
func (j *Journal) List(ctx context.Context, actor workspace.Actor, f Filter) ([]Line, bool, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	if f.BeforeAt.IsZero() {
		f.BeforeAt, f.BeforeID = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC), "z"
	}
	states := slices.Repeat([]State{""}, 8)
	copy(states, statesOf(f.Group))
	args := []any{actor.WorkspaceID, f.Group, states[0], states[1], states[2], states[3], states[4], states[5], states[6], states[7],
		f.ChannelID, f.TargetID, f.Kind, f.BeforeAt, f.BeforeID, f.Limit + 1}
	rows, err := db.All[Line](ctx, j.db, `select d.workspace_id, d.id, d.kind, d.channel_id, d.target_id, d.message_id, d.previous_id, d.state, d.reason, d.hint, d.reason_code, d.field,
			'' as draft, d.fingerprint, d.due_at, d.next_at, d.lease_owner, d.lease_until, d.fence, d.late_window, d.attempt, d.polls, d.refreshed, d.looked, d.responsible_id, d.created_by, d.created_at,
			d.accepted_at, d.settled_at, d.late_by, d.remote_id, d.url, d.checked_at, d.alerted_at, c.name as channel_name, c.network, coalesce(t.text_plain, m.text, '') as text_plain,
			coalesce(t.post_id, '') as post_id, coalesce(u.name, '') as responsible
		from deliveries d join channels c on c.workspace_id = d.workspace_id and c.id = d.channel_id
			left join targets t on t.workspace_id = d.workspace_id and t.id = d.target_id
			left join messages m on m.workspace_id = d.workspace_id and m.id = d.message_id
			left join users u on u.id = d.responsible_id
		where d.workspace_id = $1 and ($2 = '' or d.state in ($3, $4, $5, $6, $7, $8, $9, $10)) and ($11 = '' or d.channel_id = $11) and ($12 = '' or d.target_id = $12)
			and ($13 = '' or d.kind = $13) and (d.due_at, d.id) < ($14, $15)`+readable(actor, "d", &args)+`
		order by d.due_at desc, d.id desc limit $16`, args...)
	if err != nil {
		return nil, false, err
	}
	if len(rows) > f.Limit {
		return rows[:f.Limit], true, nil
	}
	return rows, false, nil
}

// Many is where counting stops: screens say "99+".
const Many = 100

// Counts returns how many deliveries that the actor may read are in each of the groups, at most Many of each state.
func (j *Journal) Counts(ctx context.Context, actor workspace.Actor, groups ...Group) (map[Group]int, error) {
	args := []any{actor.WorkspaceID, Many}
	may := readable(actor, "d", &args)
	var queries []string
	for _, g := range groups {
		for _, s := range statesOf(g) {
			queries = append(queries, `select '`+string(s)+`' as state, count(*) as n from (select 1 from deliveries d where d.workspace_id = $1 and d.state = '`+string(s)+`'`+may+` limit $2) `+string(s)+`_ones`)
		}
	}
	rows, err := db.All[struct {
		State State `db:"state"`
		N     int   `db:"n"`
	}](ctx, j.db, strings.Join(queries, ` union all `), args...)
	if err != nil {
		return nil, err
	}
	out := map[Group]int{}
	for _, r := range rows {
		out[groupOf(r.State)] += r.N
	}
	return out, nil
}

// Oldest returns when the oldest delivery that should have gone out by now was due; zero when none waits. The health
// page and doctor ask it (J06).
func (j *Journal) Oldest(ctx context.Context) (time.Time, error) {
	rows, err := db.All[time.Time](ctx, j.db, `select next_at from deliveries where next_at < $1 and state in ('waiting', 'prepared', 'sending') order by next_at limit 1`, j.clock())
	if err != nil || len(rows) == 0 {
		return time.Time{}, err
	}
	return rows[0], nil
}
