package insight

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// tally is what the posts of a channel were given: of each number the sum, how many posts have it, and its newest time.
type tally struct {
	Tag           int       `db:"tag"`
	ChannelID     string    `db:"channel_id"`
	Network       string    `db:"network"`
	Posts         int       `db:"posts"`
	PublishedAt   time.Time `db:"published_at"`
	Impressions   int64     `db:"impressions"`
	ImpressionsN  int       `db:"impressions_n"`
	ImpressionsAt time.Time `db:"impressions_at"`
	Reach         int64     `db:"reach"`
	ReachN        int       `db:"reach_n"`
	ReachAt       time.Time `db:"reach_at"`
	Likes         int64     `db:"likes"`
	LikesN        int       `db:"likes_n"`
	LikesAt       time.Time `db:"likes_at"`
	Comments      int64     `db:"comments"`
	CommentsN     int       `db:"comments_n"`
	CommentsAt    time.Time `db:"comments_at"`
	Shares        int64     `db:"shares"`
	SharesN       int       `db:"shares_n"`
	SharesAt      time.Time `db:"shares_at"`
	Saves         int64     `db:"saves"`
	SavesN        int       `db:"saves_n"`
	SavesAt       time.Time `db:"saves_at"`
}

// sums are the tally by metric, the numbers that at least one post has.
func (t tally) sums() []sum {
	out := []sum{{ChannelID: t.ChannelID, Network: t.Network, Metric: "M-POSTS", Value: int64(t.Posts), Posts: t.Posts, At: t.PublishedAt}}
	for _, d := range []sum{{Metric: "M-IMPR", Value: t.Impressions, Posts: t.ImpressionsN, At: t.ImpressionsAt}, {Metric: "M-REACH", Value: t.Reach, Posts: t.ReachN, At: t.ReachAt},
		{Metric: "M-LIKE", Value: t.Likes, Posts: t.LikesN, At: t.LikesAt}, {Metric: "M-COMM", Value: t.Comments, Posts: t.CommentsN, At: t.CommentsAt},
		{Metric: "M-SHARE", Value: t.Shares, Posts: t.SharesN, At: t.SharesAt}, {Metric: "M-SAVE", Value: t.Saves, Posts: t.SavesN, At: t.SavesAt}} {
		if d.Posts > 0 {
			d.ChannelID, d.Network = t.ChannelID, t.Network
			out = append(out, d)
		}
	}
	return out
}

// every repeats a text for each delivered number; C stands for its column.
func every(text string) string {
	var b strings.Builder
	for _, d := range metric.Delivered {
		b.WriteString(strings.ReplaceAll(text, "C", d[1]))
	}
	return b.String()
}

// postSums are the posts' numbers, per channel.
var postSums = table{
	held: `select x.*, c.network from (select s.tag, d.channel_id, sum(d.posts) as posts, max(d.published_at) as published_at` + every(`, sum(d.C) as C, sum(d.C_n) as C_n, max(d.C_at) as C_at`) + `
		from spans s cross join post_days d where d.workspace_id = $1 and d.grain = s.grain and d.day >= s.first_day and d.day <= s.last_day`,
	heldBy: ` group by s.tag, d.channel_id) x join channels c on c.workspace_id = $1 and c.id = x.channel_id`,
	read: `select x.*, c.network from (select n.tag, n.channel_id, count(*) as posts, max(n.published_at) as published_at` + every(`, sum(n.C) as C, count(n.C) as C_n, max(n.C_at) as C_at`) + `
		from (select s.tag, ` + metric.NumberColumns + ` from spans s cross join ` + metric.NumberRows + ` where t.workspace_id = $1 and t.published_at >= s.from_at and t.published_at < s.to_at`,
	rest: ` group by s.tag, ` + metric.NumberKey + `) n group by n.tag, n.channel_id) x join channels c on c.workspace_id = $1 and c.id = x.channel_id`,

	// What is left to read is short: SQLite is kept from walking the campaign's posts of all time instead.
	campaign: [2]string{"d.campaign_id", "o.campaign_id || ''"}, channel: [2]string{"d.channel_id", "t.channel_id"}, narrow: [2]workspace.Rows{dayOfPosts, targetRows},
}

// sums adds the newest values of every post published in the periods, per channel and metric.
func (i *Insight) sums(ctx context.Context, actor workspace.Actor, asks []Ask) ([][]sum, error) {
	r, err := i.rolledUp(ctx, actor.WorkspaceID, metric.OfPosts)
	if err != nil {
		return nil, err
	}
	held, read := r.cut(asks, true)
	rows, err := gather[tally](ctx, i, actor, goals(asks), postSums, held, read)
	out := make([][]sum, len(asks))
	for _, t := range rows {
		out[t.Tag] = append(out[t.Tag], t.sums()...)
	}
	return out, err
}

// goals reports whether the asks are goals': they are never mixed with others.
func goals(asks []Ask) bool { return len(asks) > 0 && asks[0].goal }

// Posts returns the numbers of the posts published in the period: what they were given, by the newest values.
func (i *Insight) Posts(ctx context.Context, actor workspace.Actor, p Period, s Scope) (map[string]Number, error) {
	all, err := i.PostsOf(ctx, actor, Ask{p, s})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// PostsOf is Posts for many at once, in their order.
func (i *Insight) PostsOf(ctx context.Context, actor workspace.Actor, asks ...Ask) ([]map[string]Number, error) {
	sums, err := i.sums(ctx, actor, asks)
	if err != nil {
		return nil, err
	}
	out := make([]map[string]Number, len(asks))
	for n := range sums {
		out[n] = numbersOf(sums[n])
	}
	return out, nil
}

func numbersOf(sums []sum) map[string]Number {
	total := map[string]sum{}
	delivers := map[string]map[string]bool{} // metric → networks that delivered it
	networks := map[string]bool{}
	add := func(r sum) {
		t := total[r.Metric]
		t.Value, t.Posts = t.Value+r.Value, t.Posts+r.Posts
		if r.At.After(t.At) {
			t.At = r.At
		}
		total[r.Metric] = t
		if delivers[r.Metric] == nil {
			delivers[r.Metric] = map[string]bool{}
		}
		delivers[r.Metric][r.Network] = true
	}
	engImpr, engReach := int64(0), int64(0) // engagements on channels that deliver impressions or reach: equal bases
	by := map[string]map[string]int64{}
	for _, r := range sums {
		add(r)
		if r.Metric == "M-POSTS" {
			networks[r.Network] = true
			continue
		}
		if slices.Contains(engagementParts, r.Metric) {
			add(sum{Metric: "M-ENG", Value: r.Value, Network: r.Network, At: r.At})
		}
		if by[r.ChannelID] == nil {
			by[r.ChannelID] = map[string]int64{}
		}
		by[r.ChannelID][r.Metric] += r.Value
	}
	for _, values := range by {
		eng := int64(0)
		for _, part := range engagementParts {
			eng += values[part]
		}
		if _, ok := values["M-IMPR"]; ok {
			engImpr += eng
		}
		if _, ok := values["M-REACH"]; ok {
			engReach += eng
		}
	}
	out := map[string]Number{}
	for _, id := range []string{"M-POSTS", "M-IMPR", "M-LIKE", "M-COMM", "M-SHARE", "M-SAVE", "M-ENG"} {
		t, ok := total[id]
		n := count(id, t.Value, t.At, t.Posts)
		n.Has = ok || id == "M-POSTS"
		for network := range networks {
			if !delivers[id][network] {
				n.Missing = append(n.Missing, network)
			}
		}
		slices.Sort(n.Missing)
		out[id] = n
	}
	n, at := total["M-POSTS"].Posts, total["M-ENG"].At
	out["M-ER-IMPR"] = ratio("M-ER-IMPR", engImpr, total["M-IMPR"].Value, at, n)
	out["M-ER-REACH"] = ratio("M-ER-REACH", engReach, total["M-REACH"].Value, at, n)
	out["M-APPL"] = ratio("M-APPL", total["M-LIKE"].Value, total["M-POSTS"].Value, at, n)
	out["M-CONV"] = ratio("M-CONV", total["M-COMM"].Value, total["M-POSTS"].Value, at, n)
	out["M-AMPL"] = ratio("M-AMPL", total["M-SHARE"].Value, total["M-POSTS"].Value, at, n)
	return out
}
