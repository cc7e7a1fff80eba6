package insight

import (
	"context"
	"slices"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Times are the two honest summaries of a duration, in seconds, over n kept values.
type Times struct {
	Median, Mean int64
	N            int
}

// Care is how people were answered in the period, by the date they wrote (PRODUCT §6.2). Automation is left out.
type Care struct {
	Inbound   Number
	NeedAns   Number
	Response  Number // M-RESPRATE
	FirstTime Number // M-FRT; Value is the median in seconds
	First     Times
	Reply     Times // M-REPLY
	Waiting   int   // conversations of the period still without an answer
	Backlog   Number
}

// sample bounds how many kept durations a median is computed from; beyond it the newest are taken and said so by N.
const sample = 20_000

// Care computes the response metrics from the conversations and messages of the period.
func (i *Insight) Care(ctx context.Context, actor workspace.Actor, p Period, s Scope) (Care, error) {
	var c Care
	args := []any{actor.WorkspaceID, p.From, p.To, s.ChannelID, s.CampaignID}
	threads := s.within(actor, threadRows, &args)
	counts, err := db.One[struct {
		All       int64 `db:"all_of"`
		Dismissed int64 `db:"dismissed"`
		Answered  int64 `db:"answered"`
	}](ctx, i.db, `select count(*) as all_of, count(*) filter (where state = 'dismissed') as dismissed,
			count(*) filter (where state <> 'dismissed' and first_reply_at is not null) as answered
		from conversations v where workspace_id = $1 and first_inbound_at >= $2 and first_inbound_at < $3 and ($4 = '' or channel_id = $4) and ($5 = '' or campaign_id = $5)`+threads,
		args...)
	if err != nil {
		return c, err
	}
	if c.Inbound, err = i.Inbound(ctx, actor, p, s); err != nil {
		return c, err
	}
	args = append(args, sample)
	first, err := db.All[int64](ctx, i.db, `select (first_reply_at - first_inbound_at) / 1000000 as s from conversations v where workspace_id = $1
		and first_inbound_at >= $2 and first_inbound_at < $3 and first_reply_at is not null and ($4 = '' or channel_id = $4) and ($5 = '' or campaign_id = $5)`+threads+`
		order by first_inbound_at desc limit $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return c, err
	}
	spoken := []any{actor.WorkspaceID, p.From, p.To, s.ChannelID, sample}
	replies, err := db.All[int64](ctx, i.db, `select m.reply_seconds from messages m where m.workspace_id = $1 and m.at >= $2 and m.at < $3
		and m.reply_seconds is not null and ($4 = '' or m.channel_id = $4)`+s.within(actor, wordRows, &spoken)+` order by m.at desc limit $5`, spoken...)
	if err != nil {
		return c, err
	}
	args = []any{actor.WorkspaceID, s.ChannelID}
	backlog, err := db.One[int64](ctx, i.db, `select count(*) from conversations v where workspace_id = $1 and state in ('new', 'open') and ($2 = '' or channel_id = $2)`+
		s.within(actor, threadRows, &args), args...)
	if err != nil {
		return c, err
	}
	now := db.Now()
	need := counts.All - counts.Dismissed
	c.NeedAns = count("M-NEEDANS", need, now, int(need))
	c.Response = ratio("M-RESPRATE", counts.Answered, need, now, int(need))
	c.First, c.Reply, c.Waiting = times(first), times(replies), int(need-counts.Answered)
	c.FirstTime = Number{Definition: metric.Define("M-FRT"), Has: c.First.N > 0, Value: c.First.Median, AsOf: now, N: c.First.N}
	c.Backlog = count("M-BACKLOG", backlog, now, int(backlog))
	return c, nil
}

// messageSums are the messages people wrote; those of a campaign by its conversations.
var messageSums = table{
	held: `select s.tag, sum(d.messages) as n
		from spans s cross join message_days d where d.workspace_id = $1 and d.grain = s.grain and d.day >= s.first_day and d.day <= s.last_day`,
	heldBy: ` group by s.tag`,
	read: `select s.tag, count(*) as n
		from spans s cross join messages m left join conversations v on v.workspace_id = m.workspace_id and v.id = m.conversation_id
		where m.workspace_id = $1 and m.at >= s.from_at and m.at < s.to_at and m.outbound = false`,
	rest: ` group by s.tag`,

	campaign: [2]string{"d.campaign_id", "v.campaign_id"}, channel: [2]string{"d.channel_id", "m.channel_id"}, narrow: [2]workspace.Rows{messageDays, wordRows},
}

// Inbound counts the messages people wrote in the period; those of a campaign by its conversations.
func (i *Insight) Inbound(ctx context.Context, actor workspace.Actor, p Period, s Scope) (Number, error) {
	all, err := i.InboundOf(ctx, actor, Ask{p, s})
	if err != nil {
		return Number{}, err
	}
	return all[0], nil
}

// InboundOf is Inbound for many at once.
func (i *Insight) InboundOf(ctx context.Context, actor workspace.Actor, asks ...Ask) ([]Number, error) {
	r, err := i.rolledUp(ctx, actor.WorkspaceID, metric.OfMessages)
	if err != nil {
		return nil, err
	}
	if len(asks) > 0 && asks[0].ownOnly(actor) { // who answers a conversation changes; its messages' days are kept for everybody
		r = rolled{}
	}
	held, read := r.cut(asks, true)
	rows, err := gather[struct {
		Tag int   `db:"tag"`
		N   int64 `db:"n"`
	}](ctx, i, actor, goals(asks), messageSums, held, read)
	if err != nil {
		return nil, err
	}
	sums, out, now := make([]int64, len(asks)), make([]Number, len(asks)), db.Now()
	for _, r := range rows {
		sums[r.Tag] += r.N
	}
	for tag, n := range sums {
		out[tag] = count("M-MSGIN", n, now, int(n))
	}
	return out, nil
}

func times(seconds []int64) Times {
	if len(seconds) == 0 {
		return Times{}
	}
	slices.Sort(seconds)
	total := int64(0)
	for _, s := range seconds {
		total += s
	}
	return Times{Median: seconds[(len(seconds)-1)/2], Mean: total / int64(len(seconds)), N: len(seconds)}
}
