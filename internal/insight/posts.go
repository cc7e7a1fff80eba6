package insight

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/track"
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

// sortable are the columns the table can be ordered by, as a target's numbers n say them; nothing else reaches the
// query (S27).
var sortable = map[string]func(c track.Closing, currency string, args *[]any) string{
	"published": column("published_at"), "impressions": column("impressions"), "likes": column("likes"), "comments": column("comments"), "shares": column("shares"),
	"engagements": func(track.Closing, string, *[]any) string {
		return `case when coalesce(n.likes, n.comments, n.shares, n.saves) is null then null else coalesce(n.likes, 0) + coalesce(n.comments, 0) + coalesce(n.shares, 0) + coalesce(n.saves, 0) end`
	},
	"clicks": func(c track.Closing, _ string, _ *[]any) string { return followed(c, "n.workspace_id", "n.target_id") },
	"orders": func(track.Closing, string, *[]any) string {
		return `(select count(*) from orders r where r.workspace_id = n.workspace_id and r.target_id = n.target_id)`
	},
	"revenue": func(_ track.Closing, currency string, args *[]any) string {
		*args = append(*args, currency)
		return `(select sum(r.amount_minor - r.refund_minor) from orders r where r.workspace_id = n.workspace_id and r.target_id = n.target_id and r.currency = $` + strconv.Itoa(len(*args)) + `)`
	},
}

func column(name string) func(track.Closing, string, *[]any) string {
	return func(track.Closing, string, *[]any) string { return "n." + name }
}

// PostTable returns published targets of the period with their numbers, sorted by a named column, descending unless
// ascending is asked; and how many there are in all.
func (i *Insight) PostTable(ctx context.Context, actor workspace.Actor, p Period, s Scope, currency, by string, ascending bool, offset, limit int) ([]PostRow, int, error) {
	if by == "" {
		by = "published"
	}
	if _, ok := sortable[by]; !ok {
		return nil, 0, fault.Invalidf("sort", "the table cannot be sorted by that")
	}
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	numbers, err := i.Posts(ctx, actor, p, s)
	if err != nil {
		return nil, 0, err
	}
	ids, err := i.ranked(ctx, actor, Ask{p, s}, currency, by, ascending, offset, limit)
	if err != nil || len(ids) == 0 {
		return nil, numbers["M-POSTS"].N, err
	}
	c, err := i.closing(ctx, actor.WorkspaceID)
	if err != nil {
		return nil, 0, err
	}
	args := []any{actor.WorkspaceID, currency}
	var in []string
	for _, id := range ids {
		args = append(args, id)
		in = append(in, "$"+strconv.Itoa(len(args)))
	}
	found, err := db.All[PostRow](ctx, i.db, postRows(c)+` and t.id in (`+strings.Join(in, ", ")+`)`+s.within(actor, targetRows, &args), args...)
	if err != nil {
		return nil, 0, err
	}
	place := map[string]int{}
	for n, id := range ids {
		place[id] = n
	}
	slices.SortFunc(found, func(a, b PostRow) int { return place[a.TargetID] - place[b.TargetID] })
	return found, numbers["M-POSTS"].N, nil
}

// ranked returns the targets of one page of the table in its order: from their numbers as they are rolled up, and for
// stale days from the rows.
func (i *Insight) ranked(ctx context.Context, actor workspace.Actor, a Ask, currency, by string, ascending bool, offset, limit int) ([]string, error) {
	direction := "desc"
	if ascending {
		direction = "asc"
	}
	if by == "published" && a.CampaignID == "" { // the rows lie in this order already
		args := []any{actor.WorkspaceID, a.From, a.To, a.ChannelID, limit, offset}
		return db.All[string](ctx, i.db, `select t.id from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			where t.workspace_id = $1 and t.published_at >= $2 and t.published_at < $3 and ($4 = '' or t.channel_id = $4)`+a.within(actor, targetRows, &args)+`
			order by t.published_at `+direction+`, t.id desc limit $5 offset $6`, args...)
	}
	r, err := i.rolledUp(ctx, actor.WorkspaceID, metric.OfPosts)
	if err != nil {
		return nil, err
	}
	c, err := i.closing(ctx, actor.WorkspaceID)
	if err != nil {
		return nil, err
	}
	held, read := r.cut([]Ask{a}, true)
	args := []any{actor.WorkspaceID}
	key := sortable[by](c, currency, &args)
	var with, parts []string
	for name, side := range [][]piece{held, read} {
		if len(side) == 0 {
			continue
		}
		for n := range side {
			side[n].grain = "" // by instants on both sides
		}
		with = append(with, spans([]string{"held", "read"}[name], side, &args))
		if name == 0 {
			parts = append(parts, `select n.target_id, `+key+` as k from held s cross join post_numbers n
				where n.workspace_id = $1 and n.published_at >= s.from_at and n.published_at < s.to_at and (s.channel = '' or n.channel_id = s.channel)`+
				a.ofCampaign("n.campaign_id", &args)+a.within(actor, numberRows, &args))
			continue
		}
		rows := `select ` + metric.NumberColumns + ` from read s cross join ` + metric.NumberRows + `
			where t.workspace_id = $1 and t.published_at >= s.from_at and t.published_at < s.to_at and (s.channel = '' or t.channel_id = s.channel)` +
			a.ofCampaign("o.campaign_id", &args) + a.within(actor, targetRows, &args) + ` group by ` + metric.NumberKey
		parts = append(parts, `select n.target_id, `+key+` as k from (`+rows+`) n`)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	args = append(args, limit, offset)
	return db.All[string](ctx, i.db, `with `+strings.Join(with, ", ")+` select z.target_id from (`+strings.Join(parts, " union all ")+`) z
		order by coalesce(z.k, -1) `+direction+`, z.target_id desc limit $`+strconv.Itoa(len(args)-1)+` offset $`+strconv.Itoa(len(args)), args...)
}

// PostOf returns one target's row, published or not.
func (i *Insight) PostOf(ctx context.Context, actor workspace.Actor, targetID, currency string) (PostRow, error) {
	c, err := i.closing(ctx, actor.WorkspaceID)
	if err != nil {
		return PostRow{}, err
	}
	args := []any{actor.WorkspaceID, currency, targetID}
	row, err := db.One[PostRow](ctx, i.db, postRows(c)+` and t.id = $3`+(Scope{}).within(actor, targetRows, &args), args...)
	if fault.Is(err, fault.NotFound) {
		return row, fault.NotFoundf("there is no such target in this workspace")
	}
	return row, err
}

func latest(metricID string) string {
	return `(select v.value from latest_values v where v.workspace_id = t.workspace_id and v.scope = t.id and v.metric = '` + metricID + `')`
}

// postRows is the row of a target; $1 is the workspace and $2 the currency of revenue.
func postRows(c track.Closing) string {
	return `select t.id, t.post_id, t.channel_id, c.name as channel_name, c.network, o.campaign_id, coalesce(k.name, '') as campaign, o.title, t.text_plain, t.url,
			t.published_at, o.tags, coalesce(u.name, '') as author, o.origin = 'native' as native, ` + latest("M-IMPR") + ` as impressions, ` + latest("M-REACH") + ` as reach, ` + latest("M-LIKE") + ` as likes, ` +
		latest("M-COMM") + ` as comments, ` + latest("M-SHARE") + ` as shares, ` + latest("M-SAVE") + ` as saves,
			(select sum(v.value) from latest_values v where v.workspace_id = t.workspace_id and v.scope = t.id and v.metric in ('M-LIKE', 'M-COMM', 'M-SHARE', 'M-SAVE')) as engagements,
			coalesce(` + followed(c, "t.workspace_id", "t.id") + `, 0) as clicks,
			(select count(*) from orders r where r.workspace_id = t.workspace_id and r.target_id = t.id) as orders,
			coalesce((select sum(r.amount_minor - r.refund_minor) from orders r where r.workspace_id = t.workspace_id and r.target_id = t.id and r.currency = $2), 0) as revenue,
			(select max(v.at) from latest_values v where v.workspace_id = t.workspace_id and v.scope = t.id) as measured_at
		from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
			left join campaigns k on k.workspace_id = o.workspace_id and k.id = o.campaign_id
			left join users u on u.id = o.author_id
		where t.workspace_id = $1`
}

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
