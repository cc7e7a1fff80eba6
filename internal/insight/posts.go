package insight

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// PostRow is one published target with what came of it. Missing numbers are nil.
type PostRow struct {
	TargetID    string    `db:"id"`
	PostID      string    `db:"post_id"`
	ChannelID   string    `db:"channel_id"`
	ChannelName string    `db:"channel_name"`
	Network     string    `db:"network"`
	CampaignID  string    `db:"campaign_id"`
	Campaign    string    `db:"campaign"`
	Title       string    `db:"title"`
	Text        string    `db:"text_plain"`
	URL         string    `db:"url"`
	PublishedAt time.Time `db:"published_at"`
	Tags        []string  `db:"tags,json"`
	Author      string    `db:"author"`
	Native      bool      `db:"native"` // made outside Bellwether
	Impressions *int64    `db:"impressions"`
	Reach       *int64    `db:"reach"`
	Likes       *int64    `db:"likes"`
	Comments    *int64    `db:"comments"`
	Shares      *int64    `db:"shares"`
	Saves       *int64    `db:"saves"`
	Engagements *int64    `db:"engagements"`
	Clicks      int64     `db:"clicks"`
	Orders      int64     `db:"orders"`
	Revenue     int64     `db:"revenue"` // net, minor units of the asked currency
	MeasuredAt  time.Time `db:"measured_at"`
}

// sortable are the columns the table can be ordered by; nothing else reaches the query (S27).
var sortable = map[string]string{"published": "published_at", "impressions": "impressions", "likes": "likes", "comments": "comments", "shares": "shares",
	"engagements": "engagements", "clicks": "clicks", "orders": "orders", "revenue": "revenue"}

// PostTable returns published targets of the period with their numbers, sorted by a named column, descending unless
// ascending is asked; and how many there are in all.
func (i *Insight) PostTable(ctx context.Context, actor workspace.Actor, p Period, s Scope, currency, by string, ascending bool, offset, limit int) ([]PostRow, int, error) {
	if by == "" {
		by = "published"
	}
	column, ok := sortable[by]
	if !ok {
		return nil, 0, fault.Invalidf("sort", "the table cannot be sorted by that")
	}
	direction := "desc"
	if ascending {
		direction = "asc"
	}
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	nulls := "coalesce(" + column + ", -1)"
	if column == "published_at" {
		nulls = column
	}
	args := []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID, currency, limit, offset}
	rows, err := db.All[PostRow](ctx, i.db, `select * from (`+postRows+` and t.published_at >= $2 and t.published_at < $3 and ($4 = '' or o.campaign_id = $4)
		and ($5 = '' or t.channel_id = $5)`+s.within(actor, targetRows, &args)+`) rows_of order by `+nulls+` `+direction+`, id desc limit $7 offset $8`, args...)
	if err != nil {
		return nil, 0, err
	}
	args = []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID}
	n, err := db.One[int](ctx, i.db, `select count(*) from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
		where t.workspace_id = $1 and t.published_at >= $2 and t.published_at < $3 and ($4 = '' or o.campaign_id = $4) and ($5 = '' or t.channel_id = $5)`+s.within(actor, targetRows, &args), args...)
	return rows, n, err
}

// PostOf returns one target's row, published or not.
func (i *Insight) PostOf(ctx context.Context, actor workspace.Actor, targetID, currency string) (PostRow, error) {
	args := []any{actor.WorkspaceID, targetID, currency}
	row, err := db.One[PostRow](ctx, i.db, strings.ReplaceAll(postRows, "$6", "$3")+` and t.id = $2`+(Scope{}).within(actor, targetRows, &args), args...)
	if fault.Is(err, fault.NotFound) {
		return row, fault.NotFoundf("there is no such target in this workspace")
	}
	return row, err
}

func latest(metricID string) string {
	return `(select v.value from latest_values v where v.workspace_id = t.workspace_id and v.scope = t.id and v.metric = '` + metricID + `')`
}

// postRows is the row of a target; $1 is the workspace and $6 the currency of revenue.
var postRows = `select t.id, t.post_id, t.channel_id, c.name as channel_name, c.network, o.campaign_id, coalesce(k.name, '') as campaign, o.title, t.text_plain, t.url,
			t.published_at, o.tags, coalesce(u.name, '') as author, o.origin = 'native' as native, ` + latest("M-IMPR") + ` as impressions, ` + latest("M-REACH") + ` as reach, ` + latest("M-LIKE") + ` as likes, ` +
	latest("M-COMM") + ` as comments, ` + latest("M-SHARE") + ` as shares, ` + latest("M-SAVE") + ` as saves,
			(select sum(v.value) from latest_values v where v.workspace_id = t.workspace_id and v.scope = t.id and v.metric in ('M-LIKE', 'M-COMM', 'M-SHARE', 'M-SAVE')) as engagements,
			coalesce((select sum(d.n) from links l join click_days d on d.workspace_id = l.workspace_id and d.link_id = l.id and d.kind = 'human'
				where l.workspace_id = t.workspace_id and l.target_id = t.id), 0) as clicks,
			(select count(*) from orders r where r.workspace_id = t.workspace_id and r.target_id = t.id) as orders,
			coalesce((select sum(r.amount_minor - r.refund_minor) from orders r where r.workspace_id = t.workspace_id and r.target_id = t.id and r.currency = $6), 0) as revenue,
			(select max(v.at) from latest_values v where v.workspace_id = t.workspace_id and v.scope = t.id) as measured_at
		from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
			left join campaigns k on k.workspace_id = o.workspace_id and k.id = o.campaign_id
			left join users u on u.id = o.author_id
		where t.workspace_id = $1`

// Snapshot is one value as it was fetched: the rows behind a post's number.
type Snapshot struct {
	Metric      string    `db:"metric"`
	At          time.Time `db:"at"`
	Value       int64     `db:"value"`
	Source      string    `db:"source"`
	Provisional bool      `db:"provisional"`
}

// Snapshots returns every kept value of a target or channel, the oldest first.
func (i *Insight) Snapshots(ctx context.Context, actor workspace.Actor, scope string) ([]Snapshot, error) {
	args := []any{actor.WorkspaceID, scope}
	if n, err := db.One[int](ctx, i.db, `select (select count(*) from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			where t.workspace_id = $1 and t.id = $2`+(Scope{}).within(actor, targetRows, &args)+`)
		+ (select count(*) from channels h where h.workspace_id = $1 and h.id = $2`+(Scope{}).within(actor, channelRows, &args)+`)`, args...); err != nil || n == 0 {
		return nil, err
	}
	return db.All[Snapshot](ctx, i.db, `select metric, at, value, source, provisional from snapshots where workspace_id = $1 and scope = $2 order by metric, at limit 5000`,
		actor.WorkspaceID, scope)
}

// Source is one line of money or clicks by where they came from.
type Source struct {
	ID      string `db:"id"`
	Name    string `db:"name"`
	Clicks  int64  `db:"clicks"`
	Orders  int64  `db:"orders"`
	Revenue int64  `db:"revenue"` // net, minor units of the asked currency
}

// RevenueBy returns orders and net revenue of the period by "channel_group", "channel", "campaign" or "post", the
// highest first; what has no last touch is its own line.
func (i *Insight) RevenueBy(ctx context.Context, actor workspace.Actor, p Period, dimension, currency string) ([]Source, error) {
	shapes := map[string][3]string{
		"channel_group": {"r.channel_group", "case when r.channel_group = '' then 'Not attributed' else r.channel_group end", ""},
		"channel":       {"r.channel_id", "coalesce(max(c.name), 'Not attributed')", "left join channels c on c.workspace_id = r.workspace_id and c.id = r.channel_id"},
		"campaign":      {"r.campaign_id", "coalesce(max(k.name), 'No campaign')", "left join campaigns k on k.workspace_id = r.workspace_id and k.id = r.campaign_id"},
		"post":          {"r.target_id", "coalesce(max(t.text_plain), 'Not attributed')", "left join targets t on t.workspace_id = r.workspace_id and t.id = r.target_id"},
	}
	shape, ok := shapes[dimension]
	if !ok {
		return nil, fault.Invalidf("by", "revenue is shown by channel_group, channel, campaign or post")
	}
	args := []any{actor.WorkspaceID, p.From, p.To, currency}
	return db.All[Source](ctx, i.db, `select `+shape[0]+` as id, `+shape[1]+` as name, 0 as clicks, count(*) as orders, sum(r.amount_minor - r.refund_minor) as revenue
		from orders r `+shape[2]+` where r.workspace_id = $1 and r.ordered_at >= $2 and r.ordered_at < $3 and r.currency = $4`+(Scope{}).within(actor, orderRows, &args)+`
		group by `+shape[0]+` order by revenue desc limit 100`, args...)
}
