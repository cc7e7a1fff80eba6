package inbox

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Get returns one conversation of the workspace.
func (i *Inbox) Get(ctx context.Context, actor workspace.Actor, conversationID string) (Conversation, error) {
	c, err := i.get(ctx, i.db, actor, conversationID)
	if err != nil {
		return c, err
	}
	return c, actor.MayOwn(workspace.InboxRead, workspace.Scope{BrandID: c.BrandID, ChannelID: c.ChannelID}, c.AssigneeID == actor.UserID)
}

func (i *Inbox) get(ctx context.Context, q db.Queryer, actor workspace.Actor, conversationID string) (Conversation, error) {
	c, err := db.One[Conversation](ctx, q, `select `+conversationColumns+` from conversations where workspace_id = $1 and id = $2`,
		actor.WorkspaceID, conversationID)
	if fault.Is(err, fault.NotFound) {
		return c, fault.NotFoundf("there is no such conversation in this workspace")
	}
	return c, err
}

// Messages returns a conversation's messages, the oldest first.
func (i *Inbox) Messages(ctx context.Context, actor workspace.Actor, conversationID string) ([]Message, error) {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return nil, err
	}
	return db.All[Message](ctx, i.db, `select `+messageColumns+` from (select * from messages where workspace_id = $1 and conversation_id = $2
		order by at desc, id desc limit 500) newest order by at, id`, actor.WorkspaceID, conversationID)
}

// Notes returns a conversation's internal notes, the oldest first.
func (i *Inbox) Notes(ctx context.Context, actor workspace.Actor, conversationID string) ([]Note, error) {
	if _, err := i.Get(ctx, actor, conversationID); err != nil {
		return nil, err
	}
	return db.All[Note](ctx, i.db, `select n.id, n.conversation_id, n.author_id, coalesce(u.name, '') as author_name, n.text, n.at
		from notes n left join users u on u.id = n.author_id where n.workspace_id = $1 and n.conversation_id = $2 order by n.at, n.id`,
		actor.WorkspaceID, conversationID)
}

// Filter narrows the list; zero values narrow nothing.
type Filter struct {
	State      State
	ChannelID  string
	BrandID    string
	AssigneeID string // "none" = nobody's
	Kind       string
	CampaignID string
	ContactID  string
	TargetID   string
	Tag        string
	Search     string
	BeforeAt   time.Time // cursor: last_message_at and id of the last row of the page before
	BeforeID   string
	Limit      int // at most 200; 0 = 50
}

// Line is one conversation as the list shows it.
type Line struct {
	Conversation
	ContactName string `db:"contact_name"`
	Handle      string `db:"handle"`
	AvatarURL   string `db:"avatar_url"`
	VIP         bool   `db:"vip"`
	Network     string `db:"network"`
	ChannelName string `db:"channel_name"`
	Assignee    string `db:"assignee"`
}

const lineQuery = `select v.workspace_id, v.id, v.brand_id, v.channel_id, v.kind, v.thread, v.contact_id, v.target_id, v.campaign_id, v.previous_id, v.state,
		v.assignee_id, v.snoozed_until, v.first_inbound_at, v.first_reply_at, v.last_message_at, v.last_inbound_at, v.resolved_at, v.preview,
		v.tags, v.unread, v.version, c.name as contact_name,
		coalesce((select i.handle from identities i where i.workspace_id = v.workspace_id and i.contact_id = v.contact_id order by i.id limit 1), '') as handle,
		coalesce((select i.avatar_url from identities i where i.workspace_id = v.workspace_id and i.contact_id = v.contact_id order by i.id limit 1), '') as avatar_url,
		c.vip, h.network, h.name as channel_name, coalesce(u.name, '') as assignee
	from conversations v join contacts c on c.workspace_id = v.workspace_id and c.id = v.contact_id
		join channels h on h.workspace_id = v.workspace_id and h.id = v.channel_id
		left join users u on u.id = v.assignee_id
	where v.workspace_id = $1`

// List returns conversations, the one with the newest message first, and whether there are more.
func (i *Inbox) List(ctx context.Context, actor workspace.Actor, f Filter) ([]Line, bool, error) {
	if !actor.CanSomewhere(workspace.InboxRead) {
		return nil, false, actor.May(workspace.InboxRead, workspace.Scope{})
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	if f.BeforeAt.IsZero() {
		f.BeforeAt, f.BeforeID = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC), "z"
	}
	if !actor.Can(workspace.InboxRead, workspace.Scope{BrandID: f.BrandID, ChannelID: f.ChannelID}) && actor.Level(workspace.InboxRead, workspace.Scope{}) == workspace.Own {
		f.AssigneeID = actor.UserID // sales and support see what was handed to them
	}
	nobody := f.AssigneeID == "none"
	if nobody {
		f.AssigneeID = ""
	}
	rows, err := db.All[Line](ctx, i.db, lineQuery+` and ($2 = '' or v.state = $2) and ($3 = '' or v.channel_id = $3) and ($4 = '' or v.brand_id = $4)
			and ($5 = '' or v.assignee_id = $5) and ($6 = false or v.assignee_id = '') and ($7 = '' or v.kind = $7) and ($8 = '' or v.campaign_id = $8)
			and ($9 = '' or v.contact_id = $9) and ($10 = '' or v.target_id = $10) and ($11 = '' or v.tags like '%"' || $11 || '"%')
			and ($12 = '' or lower(v.preview || ' ' || c.name) like '%' || lower($12) || '%')
			and (v.last_message_at, v.id) < ($13, $14)
		order by v.last_message_at desc, v.id desc limit $15`, actor.WorkspaceID, f.State, f.ChannelID, f.BrandID, f.AssigneeID, nobody, f.Kind,
		f.CampaignID, f.ContactID, f.TargetID, f.Tag, f.Search, f.BeforeAt, f.BeforeID, f.Limit+1)
	if err != nil {
		return nil, false, err
	}
	if len(rows) > f.Limit {
		return rows[:f.Limit], true, nil
	}
	return rows, false, nil
}

// Counts returns how many conversations are in each state.
func (i *Inbox) Counts(ctx context.Context, actor workspace.Actor) (map[State]int, error) {
	rows, err := db.All[struct {
		State State `db:"state"`
		N     int   `db:"n"`
	}](ctx, i.db, `select state, count(*) as n from conversations where workspace_id = $1 group by state`, actor.WorkspaceID)
	if err != nil {
		return nil, err
	}
	out := map[State]int{}
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out, nil
}

// Sync is how fresh a channel's inbox is.
type Sync struct {
	ChannelID string    `db:"id"`
	Name      string    `db:"name"`
	Network   string    `db:"network"`
	At        time.Time `db:"inbox_at"`
	Error     string    `db:"inbox_error"`
}

// Syncs returns the state of every connected channel's inbox.
func (i *Inbox) Syncs(ctx context.Context, actor workspace.Actor) ([]Sync, error) {
	return db.All[Sync](ctx, i.db, `select id, name, network, inbox_at, inbox_error from channels where workspace_id = $1 and disconnected_at is null
		order by network, name`, actor.WorkspaceID)
}
