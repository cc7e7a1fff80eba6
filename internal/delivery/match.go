package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Expected is a public step of which it is not known whether it has made something: its call is under way or in doubt, a
// person was asked to publish it, or it was accepted under a name nobody told us.
type Expected struct {
	DeliveryID string
	Part       int
	ByHand     bool // a person publishes it
	Nameless   bool // it is live, and only its id is missing
	Text       string
	Media      int
	Since      time.Time // before then it cannot have appeared
}

const (
	early = 10 * time.Minute // how far clocks may differ
	ahead = 2 * time.Hour    // a person may publish that long before they are asked
	after = 3 * 24 * time.Hour
)

// Expecting lists what may still appear on a channel.
func (j *Journal) Expecting(ctx context.Context, q db.Queryer, workspaceID, channelID string) ([]Expected, error) {
	rows, err := db.All[struct {
		ID       string           `db:"id"`
		Draft    json.RawMessage  `db:"draft,json"`
		Part     int              `db:"part"`
		Kind     network.StepKind `db:"kind"`
		State    StepState        `db:"state"`
		SentAt   time.Time        `db:"sent_at"`
		DoubtAt  time.Time        `db:"doubt_at"`
		Accepted time.Time        `db:"accepted_at"`
	}](ctx, q, `select d.id, d.draft, s.part, s.kind, s.state, s.sent_at, s.doubt_at, d.accepted_at
		from deliveries d join delivery_steps s on s.workspace_id = d.workspace_id and s.delivery_id = d.id
		where d.workspace_id = $1 and d.channel_id = $2 and d.kind in ('post', 'edit') and s.public = true
			and (d.state in ('handover_due', 'needs_human', 'unknown', 'reconciled', 'sending', 'prepared', 'processing', 'failed_retryable', 'blocked')
					and (s.state in ('sending', 'unknown', 'pending') or s.doubt_at is not null)
				or d.state in ('accepted', 'verified') and d.remote_id = '' and d.accepted_at > $3 and s.position = (select min(f.position) from delivery_steps f
					where f.workspace_id = d.workspace_id and f.delivery_id = d.id and f.public = true))
		order by s.sent_at, d.id limit 500`, workspaceID, channelID, j.clock().Add(-2*after))
	if err != nil {
		return nil, err
	}
	var out []Expected
	for _, r := range rows {
		var draft network.Draft
		if err := json.Unmarshal(r.Draft, &draft); err != nil {
			return nil, err
		}
		parts := draft.Parts
		if draft.FirstComment != nil {
			parts = append(parts[:len(parts):len(parts)], *draft.FirstComment)
		}
		if r.Part >= len(parts) {
			continue
		}
		e := Expected{DeliveryID: r.ID, Part: r.Part, ByHand: r.Kind == network.ByHand, Nameless: r.State == StepAccepted, Text: parts[r.Part].Text, Media: len(parts[r.Part].Media), Since: r.SentAt}
		if !r.DoubtAt.IsZero() && r.DoubtAt.Before(e.Since) {
			e.Since = r.DoubtAt
		}
		out = append(out, e)
	}
	return out, nil
}

// Fit is how well an item of the channel fits what is expected, from 0 to 1, and whether that is sure enough to be taken
// as its outcome without asking: the same words and as many files, near the time. Files without words are never sure.
func (e Expected) Fit(live network.Live) (fit float64, sure bool) {
	from, to := e.Since.Add(-early), e.Since.Add(after)
	if e.ByHand || e.Nameless {
		from = e.Since.Add(-ahead)
	}
	if live.At.Before(from) || live.At.After(to) || (live.ReplyTo != "") != (e.Part > 0) {
		return 0, false
	}
	if strings.TrimSpace(e.Text) == "" {
		if strings.TrimSpace(live.Text) != "" || live.MediaCount != e.Media {
			return 0, false
		}
		return alike, false
	}
	if fit = text.Similarity(e.Text, live.Text); fit < alike {
		return 0, false
	}
	return fit, live.MediaCount == e.Media
}

// Ours reports which of some items of a channel were published from here, or are known as a target already: by their
// id, as the post itself, a part of a thread, a comment, an answer or the new item an edit made, or by their address.
func (j *Journal) Ours(ctx context.Context, q db.Queryer, workspaceID, channelID string, items []network.Live) (map[string]bool, error) {
	known := map[string]bool{}
	for _, item := range items {
		n, err := db.One[int](ctx, q, `select (select count(*) from targets where workspace_id = $1 and channel_id = $2 and remote_id = $3)
			+ (select count(*) from deliveries where workspace_id = $1 and channel_id = $2 and remote_id = $3 and remote_id <> '')
			+ (select count(*) from delivery_steps s join deliveries d on d.workspace_id = s.workspace_id and d.id = s.delivery_id
				where s.workspace_id = $1 and s.remote_id = $3 and s.remote_id <> '' and d.channel_id = $2)
			+ (select count(*) from messages where workspace_id = $1 and channel_id = $2 and remote_id = $3 and remote_id <> '' and outbound = true)
			+ (select count(*) from targets where workspace_id = $1 and channel_id = $2 and published_at >= $5 and published_at < $6 and url = $4 and url <> '')`,
			workspaceID, channelID, item.ID, item.URL, item.At.Add(-after), item.At.Add(after))
		if err != nil {
			return nil, err
		}
		known[item.ID] = n > 0
	}
	return known, nil
}

// Twins are the ids of posts of ours that say what an item of the channel says and were on their way when it appeared.
// Some networks answer a publication with one id (a video's) and list it under another (its post's): an item whose twin
// is not listed beside it is that twin.
func (j *Journal) Twins(ctx context.Context, q db.Queryer, workspaceID, channelID string, live network.Live) ([]string, error) {
	rows, err := db.All[struct {
		RemoteID string `db:"remote_id"`
		Text     string `db:"text_plain"`
	}](ctx, q, `select t.remote_id, t.text_plain from targets t where t.workspace_id = $1 and t.published_at >= $3 and t.published_at < $4 and t.channel_id = $2 and t.remote_id <> ''
			and (select min(s.sent_at) from delivery_steps s where s.workspace_id = t.workspace_id and s.delivery_id = t.delivery_id and s.public = true) <= $5
		limit 50`, workspaceID, channelID, live.At.Add(-early), live.At.Add(longest), live.At.Add(early))
	if err != nil {
		return nil, err
	}
	said := clip(post.Plain(network.Draft{Parts: []network.Part{{Text: live.Text}}}), 280) // as much as is kept of ours
	var twins []string
	for _, r := range rows {
		if said == r.Text || text.Similarity(said, r.Text) >= alike {
			twins = append(twins, r.RemoteID)
		}
	}
	return twins, nil
}

// Appeared takes an item of the channel as what a person published, or as the name of what is live already, in the
// transaction that met it. It reports false when somebody else is at the delivery just now.
func (j *Journal) Appeared(ctx context.Context, tx *db.Tx, workspaceID string, e Expected, live network.Live) (bool, error) {
	d, err := db.One[Delivery](ctx, tx, `select `+columns+` from deliveries where workspace_id = $1 and id = $2`, workspaceID, e.DeliveryID)
	if err != nil {
		return false, err
	}
	if e.Nameless {
		return true, j.name(ctx, tx, d, live)
	}
	if !e.ByHand || d.State != Handover && d.State != NeedsHuman {
		return false, nil
	}
	w := (&line{j: j, workspaceID: workspaceID, channelID: d.ChannelID}).with(d)
	ch, err := j.channels.In(ctx, tx, workspaceID, d.ChannelID)
	if err != nil {
		return false, err
	}
	w.n = j.channels.Network(ch)
	if w.steps, err = j.steps(ctx, tx, workspaceID, d.ID); err != nil {
		return false, err
	}
	undone, err := tx.Nested(ctx, func(tx *db.Tx) error {
		if err := evidence(ctx, tx, w, "found among the channel's posts", live); err != nil {
			return err
		}
		return w.decide(ctx, tx, IsLive, live, "found among the channel's posts")
	})
	if err != nil || errors.Is(undone, errLost) {
		return false, err
	}
	tx.After(j.Wake)
	return undone == nil, undone
}

// evidence notes among the attempts where an item was met.
func evidence(ctx context.Context, tx *db.Tx, w *job, what string, live network.Live) error {
	look := id.New("look")
	if err := w.began(ctx, tx, look, what, w.j.clock()); err != nil {
		return err
	}
	return w.note(ctx, tx, look, string(network.Found), live.URL)
}

// name gives what is live under an unknown name the id its channel shows for it, so that it is measured and never taken
// for another.
func (j *Journal) name(ctx context.Context, tx *db.Tx, d Delivery, live network.Live) error {
	n, err := db.Exec(ctx, tx, `update deliveries set remote_id = $3, url = case when url = '' then $4 else url end where workspace_id = $1 and id = $2 and remote_id = ''`, d.WorkspaceID, d.ID, live.ID, live.URL)
	if err != nil || n == 0 {
		return err
	}
	if _, err := db.Exec(ctx, tx, `update targets set remote_id = $3, url = case when url = '' then $4 else url end where workspace_id = $1 and id = $2 and remote_id = '' and delivery_id = $5`,
		d.WorkspaceID, d.TargetID, live.ID, live.URL, d.ID); err != nil {
		return err
	}
	if j.followed == nil {
		return nil
	}
	return j.followed.Follow(ctx, tx, d.WorkspaceID, d.TargetID, d.ChannelID, live.Remote, d.AcceptedAt)
}
