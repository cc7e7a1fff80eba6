package insight

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Insight reads everything and changes nothing.
type Insight struct{ db *db.DB }

// New returns the reader of this database.
func New(database *db.DB) *Insight { return &Insight{db: database} }

// Period is [From, To) in the days of a zone.
type Period struct {
	From, To time.Time
	Zone     string
}

// Days returns a period of n days that ends with today in the zone.
func Days(n int, now time.Time, zone string) (Period, error) {
	loc, err := when.Zone(zone)
	if err != nil {
		return Period{}, err
	}
	l := now.In(loc)
	to := time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, loc)
	return Period{From: time.Date(l.Year(), l.Month(), l.Day()+1-n, 0, 0, 0, 0, loc).UTC(), To: to.UTC(), Zone: zone}, nil
}

// Before is the period of the same number of days just before.
func (p Period) Before() Period {
	loc, err := when.Zone(p.Zone)
	if err != nil {
		loc = time.UTC
	}
	from, n := p.From.In(loc), len(p.days())
	return Period{From: time.Date(from.Year(), from.Month(), from.Day()-n, 0, 0, 0, 0, loc).UTC(), To: p.From, Zone: p.Zone}
}

// days lists the period's days as YYYY-MM-DD in its zone.
func (p Period) days() []string {
	loc, err := when.Zone(p.Zone)
	if err != nil {
		loc = time.UTC
	}
	var out []string
	for d := p.From.In(loc); d.Before(p.To) && len(out) < 1500; d = time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, loc) {
		out = append(out, d.Format("2006-01-02"))
	}
	return out
}

// Scope narrows numbers; zero values narrow nothing.
type Scope struct {
	ChannelID  string
	CampaignID string
	Channels   []string // of a goal

	goal bool // read as a goal's progress: the right to read goals opens it
}

// byCampaign drops the alternative "any" from a query on posts where a campaign is asked for, so that the index of its
// posts can be taken instead of the period's.
func (s Scope) byCampaign(query string) string {
	if s.CampaignID == "" {
		return query
	}
	return strings.Replace(query, "($4 = '' or o.campaign_id = $4)", "o.campaign_id = $4", 1)
}

// Number is one figure with everything a reader needs to trust it (INV-04).
type Number struct {
	metric.Definition
	Has      bool  // false: nothing was delivered; shown as missing, never as 0
	Value    int64 // counts, seconds, minor units
	Over     int64 // a ratio's summed numerator and denominator
	Under    int64
	Ratio    float64 // Over ÷ Under; only with Has
	Currency string
	AsOf     time.Time // the newest data in it, UTC
	Missing  []string  // networks that deliver nothing for it
	N        int       // rows it was computed from
}

// ratio builds a ratio from two sums; a zero denominator has no value.
func ratio(id string, over, under int64, asOf time.Time, n int) Number {
	out := Number{Definition: metric.Define(id), Over: over, Under: under, AsOf: asOf, N: n}
	if out.Has = under != 0; out.Has {
		out.Ratio = float64(over) / float64(under)
	}
	return out
}

func count(id string, value int64, asOf time.Time, n int) Number {
	return Number{Definition: metric.Define(id), Has: true, Value: value, AsOf: asOf, N: n}
}

// sum is one metric summed over the posts of a scope.
type sum struct {
	ChannelID string    `db:"channel_id"`
	Network   string    `db:"network"`
	Metric    string    `db:"metric"`
	Value     int64     `db:"value"`
	Posts     int       `db:"posts"`
	At        time.Time `db:"at"`
}

// engagementParts are what M-ENG adds up, where delivered.
var engagementParts = []string{"M-LIKE", "M-COMM", "M-SHARE", "M-SAVE"}

// sums adds the newest values of every post published in the period, per channel and metric.
func (i *Insight) sums(ctx context.Context, actor workspace.Actor, p Period, s Scope) ([]sum, error) {
	args := []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID}
	return db.All[sum](ctx, i.db, s.byCampaign(`select t.channel_id, c.network, v.metric, sum(v.value) as value, count(*) as posts, max(v.at) as at
		from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
			join latest_values v on v.workspace_id = t.workspace_id and v.scope = t.id
		where t.workspace_id = $1 and t.published_at >= $2 and t.published_at < $3 and ($4 = '' or o.campaign_id = $4) and ($5 = '' or t.channel_id = $5)`+s.within(actor, targetRows, &args)+`
		group by t.channel_id, c.network, v.metric`), args...)
}

// published counts the accepted targets of the period per channel and network.
func (i *Insight) published(ctx context.Context, actor workspace.Actor, p Period, s Scope) ([]sum, error) {
	args := []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID}
	return db.All[sum](ctx, i.db, s.byCampaign(`select t.channel_id, c.network, 'M-POSTS' as metric, count(*) as value, count(*) as posts, max(t.published_at) as at
		from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id
		where t.workspace_id = $1 and t.published_at >= $2 and t.published_at < $3 and ($4 = '' or o.campaign_id = $4) and ($5 = '' or t.channel_id = $5)`+s.within(actor, targetRows, &args)+`
		group by t.channel_id, c.network`), args...)
}

// Posts returns the numbers of the posts published in the period: what they were given, by the newest values.
func (i *Insight) Posts(ctx context.Context, actor workspace.Actor, p Period, s Scope) (map[string]Number, error) {
	rows, err := i.sums(ctx, actor, p, s)
	if err != nil {
		return nil, err
	}
	posts, err := i.published(ctx, actor, p, s)
	if err != nil {
		return nil, err
	}
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
	for _, r := range rows {
		add(r)
		if slices.Contains(engagementParts, r.Metric) {
			add(sum{Metric: "M-ENG", Value: r.Value, Network: r.Network, At: r.At})
		}
		if by[r.ChannelID] == nil {
			by[r.ChannelID] = map[string]int64{}
		}
		by[r.ChannelID][r.Metric] = r.Value
	}
	for _, r := range posts {
		add(r)
		networks[r.Network] = true
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
	return out, nil
}

// Followers returns followers at the period's end, their net change and growth, from the daily roll-up. Channels
// without a value on or before the start count from their first day.
func (i *Insight) Followers(ctx context.Context, actor workspace.Actor, p Period, s Scope) (map[string]Number, error) {
	days := p.days()
	args := []any{actor.WorkspaceID, days[0], days[len(days)-1], s.ChannelID}
	rows, err := db.All[struct {
		ChannelID string    `db:"channel_id"`
		Start     int64     `db:"start_value"`
		End       int64     `db:"end_value"`
		At        time.Time `db:"at"`
	}](ctx, i.db, `select channel_id,
			(select value from channel_days a where a.workspace_id = d.workspace_id and a.channel_id = d.channel_id and a.metric = 'M-FOLL' and a.day >= $2 order by a.day limit 1) as start_value,
			(select value from channel_days b where b.workspace_id = d.workspace_id and b.channel_id = d.channel_id and b.metric = 'M-FOLL' and b.day <= $3 order by b.day desc limit 1) as end_value,
			max(at) as at
		from channel_days d where workspace_id = $1 and metric = 'M-FOLL' and day <= $3 and ($4 = '' or channel_id = $4)`+s.within(actor, dayRows, &args)+`
		group by workspace_id, channel_id`, args...)
	if err != nil {
		return nil, err
	}
	var start, end int64
	var at time.Time
	n := 0
	for _, r := range rows {
		start, end, n = start+r.Start, end+r.End, n+1
		if r.At.After(at) {
			at = r.At
		}
	}
	out := map[string]Number{"M-FOLL": count("M-FOLL", end, at, n), "M-FOLLNET": count("M-FOLLNET", end-start, at, n), "M-FOLLGR": ratio("M-FOLLGR", end-start, start, at, n)}
	if n == 0 {
		for id, number := range out {
			number.Has = false
			out[id] = number
		}
	}
	return out, nil
}

// clicked is where clicks are read, with its condition on $1 … $5 (workspace, days, campaign, channel): the roll-up by
// place, or that by link for whoever sees only some links.
func (s Scope) clicked(actor workspace.Actor, args *[]any) string {
	if within := s.within(actor, linkRows, args); within != open {
		return `click_days d join links l on l.workspace_id = d.workspace_id and l.id = d.link_id
			where d.workspace_id = $1 and d.day >= $2 and d.day <= $3 and ($4 = '' or l.campaign_id = $4) and ($5 = '' or l.channel_id = $5)` + within
	}
	return `click_places where workspace_id = $1 and day >= $2 and day <= $3 and ($4 = '' or campaign_id = $4) and ($5 = '' or channel_id = $5)`
}

// Clicks returns human follows of own short links in the period, from the daily roll-up, with bots and previews
// beside them.
func (i *Insight) Clicks(ctx context.Context, actor workspace.Actor, p Period, s Scope) (clicks Number, byKind map[string]int64, err error) {
	days := p.days()
	args := []any{actor.WorkspaceID, days[0], days[len(days)-1], s.CampaignID, s.ChannelID}
	rows, err := db.All[struct {
		Kind string `db:"kind"`
		N    int64  `db:"n"`
	}](ctx, i.db, `select kind, sum(n) as n from `+s.clicked(actor, &args)+` group by kind`, args...)
	if err != nil {
		return clicks, nil, err
	}
	byKind = map[string]int64{}
	for _, r := range rows {
		byKind[r.Kind] += r.N
	}
	return count("M-CLICK", byKind["human"], db.Now(), int(byKind["human"])), byKind, nil
}

// Money returns orders, revenue, refunds and net revenue of the period in one currency; orders in other currencies
// are not mixed in (INV-06) and their number is returned beside.
func (i *Insight) Money(ctx context.Context, actor workspace.Actor, p Period, s Scope, currency string) (numbers map[string]Number, otherCurrencies int64, err error) {
	args := []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID}
	rows, err := db.All[struct {
		Currency string    `db:"currency"`
		N        int64     `db:"n"`
		Amount   int64     `db:"amount"`
		Refund   int64     `db:"refund"`
		At       time.Time `db:"at"`
	}](ctx, i.db, `select currency, count(*) as n, sum(amount_minor) as amount, sum(refund_minor) as refund, max(created_at) as at from orders r
		where workspace_id = $1 and ordered_at >= $2 and ordered_at < $3 and ($4 = '' or campaign_id = $4) and ($5 = '' or channel_id = $5)`+s.within(actor, orderRows, &args)+`
		group by currency`, args...)
	if err != nil {
		return nil, 0, err
	}
	var n, amount, refund int64
	var at time.Time
	for _, r := range rows {
		switch {
		case r.Currency != currency:
			otherCurrencies += r.N
		default:
			n, amount, refund = n+r.N, amount+r.Amount, refund+r.Refund
			if r.At.After(at) {
				at = r.At
			}
		}
	}
	numbers = map[string]Number{"M-ORDERS": count("M-ORDERS", n, at, int(n)), "M-REV": count("M-REV", amount, at, int(n)), "M-REFUND": count("M-REFUND", refund, at, int(n)),
		"M-NETREV": count("M-NETREV", amount-refund, at, int(n)), "M-AOV": ratio("M-AOV", amount-refund, n, at, int(n))}
	for id, number := range numbers {
		number.Currency = currency
		numbers[id] = number
	}
	return numbers, otherCurrencies, nil
}

// Conversions returns the conversions of the period and, in one currency, their value.
func (i *Insight) Conversions(ctx context.Context, actor workspace.Actor, p Period, s Scope, currency string) (n, value Number, err error) {
	args := []any{actor.WorkspaceID, p.From, p.To, s.CampaignID, s.ChannelID, currency}
	row, err := db.One[struct {
		N     int64 `db:"n"`
		Value int64 `db:"value"`
	}](ctx, i.db, `select count(*) as n, coalesce(sum(case when currency = $6 then value_minor else 0 end), 0) as value from conversions r
		where workspace_id = $1 and at >= $2 and at < $3 and ($4 = '' or campaign_id = $4) and ($5 = '' or channel_id = $5)`+s.within(actor, convertRows, &args), args...)
	if err != nil {
		return n, value, err
	}
	n, value = count("M-CONVN", row.N, db.Now(), int(row.N)), count("M-CVALUE", row.Value, db.Now(), int(row.N))
	value.Currency = currency
	return n, value, nil
}
