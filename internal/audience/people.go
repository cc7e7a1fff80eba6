package audience

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Commenter is a contact who talks to us often.
type Commenter struct {
	ContactID     string    `db:"contact_id"`
	Name          string    `db:"name"`
	VIP           bool      `db:"vip"`
	Messages      int64     `db:"messages"`
	Conversations int64     `db:"conversations"`
	Networks      string    `db:"networks"` // keys, comma-separated
	Last          time.Time `db:"last_at"`
}

// threadRows are how conversations v belong.
var threadRows = workspace.Rows{Brand: "v.brand_id = ?", Channel: "v.channel_id = ?", Own: "v.assignee_id = ?"}

// Commenters returns who began or joined the most conversations since an instant, the most talkative first. Only who
// may read conversations is answered with names.
func (a *Audiences) Commenters(ctx context.Context, actor workspace.Actor, channelID string, since time.Time, limit int) ([]Commenter, error) {
	args := []any{actor.WorkspaceID, since, channelID, limit}
	return db.All[Commenter](ctx, a.db, `select v.contact_id, max(k.name) as name, max(case when k.vip then 1 else 0 end) = 1 as vip, count(distinct v.id) as conversations, count(m.id) as messages,
			min(c.network) || case when min(c.network) = max(c.network) then '' else ',' || max(c.network) end as networks, max(m.at) as last_at
		from conversations v join messages m on m.workspace_id = v.workspace_id and m.conversation_id = v.id and m.outbound = false
			join contacts k on k.workspace_id = v.workspace_id and k.id = v.contact_id
			join channels c on c.workspace_id = v.workspace_id and c.id = v.channel_id
		where v.workspace_id = $1 and v.last_message_at >= $2 and m.at >= $2 and ($3 = '' or v.channel_id = $3) and v.state <> 'dismissed' and `+
		actor.Readable(threadRows, &args, workspace.InboxRead)+`
		group by v.contact_id order by conversations desc, messages desc, v.contact_id limit $4`, args...)
}

// Growth is how a channel's followers changed in a period.
type Growth struct {
	ChannelID string `db:"id"`
	Name      string `db:"name"`
	Network   string `db:"network"`
	Start     *int64 `db:"at_start"` // nil = no value on or before the first day
	End       *int64 `db:"at_end"`
	Won       *int64 `db:"won"` // from posts of the period, as delivered (M-FOLLGAIN); nil = its network does not tell
}

// Growth returns each channel's followers at both ends of a period of days (YYYY-MM-DD, in the workspace's zone) and what
// its posts of the period won.
func (a *Audiences) Growth(ctx context.Context, actor workspace.Actor, channelID, first, last string, from, to time.Time) ([]Growth, error) {
	args := []any{actor.WorkspaceID, channelID, first, last, from, to}
	at := func(day string) string {
		return `(select d.value from channel_days d where d.workspace_id = c.workspace_id and d.channel_id = c.id and d.metric = 'M-FOLL' and d.day <= ` + day + ` order by d.day desc limit 1)`
	}
	return db.All[Growth](ctx, a.db, `select c.id, c.name, c.network, coalesce(`+at("$3")+`, (select d.value from channel_days d where d.workspace_id = c.workspace_id and d.channel_id = c.id
				and d.metric = 'M-FOLL' and d.day > $3 and d.day <= $4 order by d.day limit 1)) as at_start, `+at("$4")+` as at_end,
			(select sum(v.value) from targets t join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id and v.metric = 'M-FOLLGAIN'
				where t.workspace_id = c.workspace_id and t.channel_id = c.id and t.published_at >= $5 and t.published_at < $6) as won
		from channels c where c.workspace_id = $1 and c.disconnected_at is null and ($2 = '' or c.id = $2) and `+actor.Readable(channelRows, &args, workspace.AnalyticsRead)+` order by c.name, c.id`, args...)
}

// Magnet is a post that won followers.
type Magnet struct {
	TargetID    string    `db:"id"`
	Text        string    `db:"text_plain"`
	Channel     string    `db:"channel"`
	Network     string    `db:"network"`
	PublishedAt time.Time `db:"published_at"`
	Won         int64     `db:"value"`
	At          time.Time `db:"at"`
}

// Magnets returns the posts of a period that won the most followers.
func (a *Audiences) Magnets(ctx context.Context, actor workspace.Actor, channelID string, from, to time.Time, limit int) ([]Magnet, error) {
	args := []any{actor.WorkspaceID, channelID, from, to, limit}
	rows := workspace.Rows{Brand: "o.brand_id = ?", Channel: "t.channel_id = ?", Own: "o.author_id = ?"}
	return db.All[Magnet](ctx, a.db, `select t.id, t.text_plain, c.name as channel, c.network, t.published_at, v.value, v.at from targets t
			join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
			join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id and v.metric = 'M-FOLLGAIN'
		where t.workspace_id = $1 and ($2 = '' or t.channel_id = $2) and t.published_at >= $3 and t.published_at < $4 and v.value > 0 and `+actor.Readable(rows, &args, workspace.AnalyticsRead)+`
		order by v.value desc, t.id desc limit $5`, args...)
}
