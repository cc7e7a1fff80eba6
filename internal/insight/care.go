package insight

import (
	"cmp"
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

// answers are the conversations of a period by how they were answered.
type answers struct {
	All, Dismissed, Answered int64
	First                    Times
}

// answered reads how the conversations of the period were answered, in one walk over an index that holds it all.
func (i *Insight) answered(ctx context.Context, actor workspace.Actor, p Period, s Scope) (answers, error) {
	args := []any{actor.WorkspaceID, p.From, p.To, s.ChannelID, s.CampaignID}
	where := `from conversations v where v.workspace_id = $1 and v.first_inbound_at >= $2 and v.first_inbound_at < $3 and ($4 = '' or v.channel_id = $4) and ($5 = '' or v.campaign_id = $5)` +
		s.within(actor, threadRows, &args)
	const seconds = `(v.first_reply_at - v.first_inbound_at) / 1000000`
	rows, err := db.All[struct {
		Dismissed bool  `db:"dismissed"`
		Replied   bool  `db:"replied"`
		Seconds   int64 `db:"seconds"`
		N         int64 `db:"n"`
	}](ctx, i.db, `select v.state = 'dismissed' as dismissed, v.first_reply_at is not null as replied, `+seconds+` as seconds, count(*) as n `+where+` group by 1, 2, 3`, args...)
	if err != nil {
		return answers{}, err
	}
	var a answers
	var first []duration
	replied := int64(0)
	for _, r := range rows {
		a.All += r.N
		if r.Dismissed {
			a.Dismissed += r.N
		} else if r.Replied {
			a.Answered += r.N
		}
		if r.Replied {
			first, replied = append(first, duration{r.Seconds, r.N}), replied+r.N
		}
	}
	if replied > sample {
		args = append(args, sample)
		if first, err = db.All[duration](ctx, i.db, `select seconds, count(*) as n from (select `+seconds+` as seconds `+where+` and v.first_reply_at is not null
			order by v.first_inbound_at desc limit $`+strconv.Itoa(len(args))+`) x group by seconds`, args...); err != nil {
			return a, err
		}
	}
	a.First = times(first)
	return a, nil
}

// Answers are the numbers of how people were answered: M-NEEDANS, M-RESPRATE and M-FRT.
func (i *Insight) Answers(ctx context.Context, actor workspace.Actor, p Period, s Scope) (map[string]Number, error) {
	a, err := i.answered(ctx, actor, p, s)
	return a.numbers(), err
}

func (a answers) numbers() map[string]Number {
	now, need := db.Now(), a.All-a.Dismissed
	return map[string]Number{"M-NEEDANS": count("M-NEEDANS", need, now, int(need)), "M-RESPRATE": ratio("M-RESPRATE", a.Answered, need, now, int(need)),
		"M-FRT": {Definition: metric.Define("M-FRT"), Has: a.First.N > 0, Value: a.First.Median, AsOf: now, N: a.First.N}}
}

// Care computes the response metrics from the conversations and messages of the period.
func (i *Insight) Care(ctx context.Context, actor workspace.Actor, p Period, s Scope) (Care, error) {
	var c Care
	a, err := i.answered(ctx, actor, p, s)
	if err != nil {
		return c, err
	}
	numbers := a.numbers()
	c.NeedAns, c.Response, c.FirstTime, c.First, c.Waiting = numbers["M-NEEDANS"], numbers["M-RESPRATE"], numbers["M-FRT"], a.First, int(a.All-a.Dismissed-a.Answered)
	if c.Inbound, err = i.Inbound(ctx, actor, p, s); err != nil {
		return c, err
	}
	spoken := []any{actor.WorkspaceID, p.From, p.To, s.ChannelID, sample}
	replies, err := db.All[duration](ctx, i.db, `select seconds, count(*) as n from (select m.reply_seconds as seconds from messages m where m.workspace_id = $1 and m.at >= $2 and m.at < $3
		and m.reply_seconds is not null and ($4 = '' or m.channel_id = $4)`+s.within(actor, wordRows, &spoken)+` order by m.at desc limit $5) x group by seconds`, spoken...)
	if err != nil {
		return c, err
	}
	c.Reply = times(replies)
	args := []any{actor.WorkspaceID, s.ChannelID}
	backlog, err := db.One[int64](ctx, i.db, `select count(*) from conversations v where workspace_id = $1 and state in ('new', 'open') and ($2 = '' or channel_id = $2)`+
		s.within(actor, threadRows, &args), args...)
	c.Backlog = count("M-BACKLOG", backlog, db.Now(), int(backlog))
	return c, err
}

// messageSums are the messages people wrote; those of a campaign by its conversations.
var messageSums = table{
	held: `select s.tag, sum(d.messages) as n
		from spans s cross join message_days d where d.workspace_id = $1 and d.grain = s.grain and d.day >= s.first_day and d.day <= s.last_day`,
	heldBy: ` group by s.tag`,
	read: `select s.tag, count(*) as n
		from spans s cross join messages m
		where m.workspace_id = $1 and m.at >= s.from_at and m.at < s.to_at and m.outbound = false`,
	rest: ` group by s.tag`,

	campaign: [2]string{"d.campaign_id", "(select v.campaign_id from conversations v where v.workspace_id = m.workspace_id and v.id = m.conversation_id)"},
	channel:  [2]string{"d.channel_id", "m.channel_id"}, narrow: [2]workspace.Rows{messageDays, wordRows},
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

// duration is a length of time and how often it was kept.
type duration struct {
	Seconds int64 `db:"seconds"`
	N       int64 `db:"n"`
}

func times(kept []duration) Times {
	slices.SortFunc(kept, func(a, b duration) int { return cmp.Compare(a.Seconds, b.Seconds) })
	n, total := int64(0), int64(0)
	for _, d := range kept {
		n, total = n+d.N, total+d.Seconds*d.N
	}
	if n == 0 {
		return Times{}
	}
	t, before := Times{Mean: total / n, N: int(n)}, int64(0)
	for _, d := range kept {
		if before += d.N; before > (n-1)/2 {
			t.Median = d.Seconds
			break
		}
	}
	return t
}
