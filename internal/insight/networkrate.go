package insight

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// How Facebook counts a Page's response rate (E15).
const (
	silence     = 24 * time.Hour // a message opens a conversation after so much silence
	rateDays    = 30 * 24 * time.Hour
	badgeDays   = 7 * 24 * time.Hour
	lastFew     = 10 // messages that count where the last 30 days had none
	badgeAnswer = 15 * time.Minute
)

// Rate is what was answered of what counts, and how fast.
type Rate struct {
	Counted  int
	Answered int
	Average  int64 // seconds, over the fastest nine tenths of the answers; 0 where nothing was answered
	Timed    int   // answers in the average
}

// Share is the share that was answered; has is false where nothing counts.
func (r Rate) Share() (share float64, has bool) {
	if r.Counted == 0 {
		return 0, false
	}
	return float64(r.Answered) / float64(r.Counted), true
}

// NetworkRate is a channel's response rate as its network counts it, from what was received here.
type NetworkRate struct {
	ChannelID string
	Name      string
	Rate      Rate
	LastFew   bool // nothing counted in 30 days: the last ten messages stand in
	Week      Rate
	Badge     bool // the public badge's conditions are met: 90 % within 7 days, on average within 15 minutes
}

// NetworkRates returns Facebook's response rate of every Page the actor may read numbers of: a message counts only if it
// opens a conversation after 24 hours of silence; comments, and answers by machines, do not.
func (i *Insight) NetworkRates(ctx context.Context, actor workspace.Actor, now time.Time) ([]NetworkRate, error) {
	args := []any{actor.WorkspaceID}
	pages, err := db.All[struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}](ctx, i.db, `select c.id, c.name from channels c where c.workspace_id = $1 and c.network = 'facebook' and c.disconnected_at is null and `+
		actor.Readable(workspace.Rows{Brand: "c.brand_id = ?", Channel: "c.id = ?"}, &args, workspace.AnalyticsRead)+` order by lower(c.name), c.id`, args...)
	if err != nil {
		return nil, err
	}
	var out []NetworkRate
	for _, p := range pages {
		n := NetworkRate{ChannelID: p.ID, Name: p.Name}
		if n.Rate, err = i.openings(ctx, actor.WorkspaceID, p.ID, now.Add(-rateDays), sample); err != nil {
			return nil, err
		}
		if n.Rate.Counted == 0 {
			n.LastFew = true
			if n.Rate, err = i.openings(ctx, actor.WorkspaceID, p.ID, time.Unix(0, 0), lastFew); err != nil {
				return nil, err
			}
		}
		if n.Week, err = i.openings(ctx, actor.WorkspaceID, p.ID, now.Add(-badgeDays), sample); err != nil {
			return nil, err
		}
		share, has := n.Week.Share()
		n.Badge = has && share >= 0.9 && time.Duration(n.Week.Average)*time.Second <= badgeAnswer
		out = append(out, n)
	}
	return out, nil
}

// openings are the newest messages since an instant that opened a private conversation after silence, at most limit.
func (i *Insight) openings(ctx context.Context, workspaceID, channelID string, since time.Time, limit int) (Rate, error) {
	args := []any{workspaceID, channelID, network.Direct, since, silence, limit}
	rows, err := db.All[int64](ctx, i.db, `select coalesce(reply_seconds, -1) as seconds from (
			select m.at, m.outbound, m.reply_seconds, v.first_inbound_at, lag(m.at) over (partition by m.conversation_id order by m.at, m.id) as before
			from conversations v join messages m on m.workspace_id = v.workspace_id and m.conversation_id = v.id
			where v.workspace_id = $1 and v.channel_id = $2 and v.kind = $3 and v.last_message_at >= $4 and v.first_inbound_at is not null) said
		where outbound = false and at >= $4 and at >= first_inbound_at and (before is null or at - before >= $5) order by at desc limit $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return Rate{}, err
	}
	r := Rate{Counted: len(rows)}
	var seconds []int64
	for _, s := range rows {
		if s >= 0 {
			seconds = append(seconds, s)
		}
	}
	r.Answered = len(seconds)
	slices.Sort(seconds)
	r.Timed = (len(seconds)*9 + 9) / 10
	total := int64(0)
	for _, s := range seconds[:r.Timed] {
		total += s
	}
	if r.Timed > 0 {
		r.Average = total / int64(r.Timed)
	}
	return r, nil
}
