package native

import (
	"context"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
)

// Read reads a channel's own posts, newest first, as far back as what was read before; the first reading goes back 90
// days or 200 posts. A page and the place that follows it are stored together, so that an interrupted reading goes on
// where it was.
func (p *Posts) Read(ctx context.Context, workspaceID, channelID string) error {
	for range pages {
		ch, n, session, err := p.channels.Reading(ctx, workspaceID, channelID)
		if err != nil {
			return err
		}
		importer, ok := n.(network.Importer)
		if !ok {
			return nil
		}
		r, err := p.reading(ctx, p.db, workspaceID, channelID)
		if err != nil {
			return err
		}
		size := news
		if r.TopAt.IsZero() || r.Cursor != "" {
			size = page
		}
		items, next, err := importer.Own(ctx, session, r.Cursor, size)
		if err != nil {
			return p.refused(ctx, ch, n.Spec(), r, err)
		}
		if next == r.Cursor {
			next = "" // it does not move on
		}
		done := false
		err = p.db.Tx(ctx, func(tx *db.Tx) error {
			done, err = p.take(ctx, tx, ch, n.Spec(), r, items, next)
			return err
		})
		if err != nil {
			return err
		}
		if err := p.missing(ctx, n, session, ch, items); err != nil {
			return err
		}
		if done {
			return nil
		}
	}
	return nil
}

// take stores one page. It reports whether the reading is at its end.
func (p *Posts) take(ctx context.Context, tx *db.Tx, ch channel.Channel, spec network.Spec, r Reading, items []network.Live, next string) (bool, error) {
	// Posts before channels, as everywhere: those that this page may settle.
	if _, err := db.All[string](ctx, tx, `select id from posts where workspace_id = $1 and id in (select t.post_id from deliveries d join targets t on t.workspace_id = d.workspace_id and t.id = d.target_id
		where d.workspace_id = $1 and d.channel_id = $2 and d.state in ('handover_due', 'needs_human')) order by id for update`, ch.WorkspaceID, ch.ID); err != nil {
		return false, err
	}
	if _, err := db.All[string](ctx, tx, `select id from channels where workspace_id = $1 and id = $2 for update`, ch.WorkspaceID, ch.ID); err != nil {
		return false, err
	}
	now, err := p.reading(ctx, tx, ch.WorkspaceID, ch.ID)
	if err != nil {
		return false, err
	}
	if now.Cursor != r.Cursor || !now.ReadAt.Equal(r.ReadAt) {
		return true, nil // another run has read this page meanwhile
	}
	if r.Cursor == "" {
		if err := p.settle(ctx, tx, ch); err != nil {
			return false, err
		}
	}
	last, err := p.sort(ctx, tx, ch, items, &r)
	if err != nil {
		return false, err
	}
	r.Looked += len(items)
	done := next == "" || len(items) == 0 || r.Looked >= most || !last.IsZero() && last.Before(r.FloorAt)
	r.ReadAt, r.Error = p.clock(), ""
	if r.Cursor, r.NextAt = next, r.ReadAt.Add(time.Minute); done {
		r.Cursor, r.Looked, r.NextAt = "", 0, r.ReadAt.Add(cadence(spec))
		if !r.TopAt.IsZero() {
			r.FloorAt = r.TopAt.Add(-overlap)
		}
	}
	return done, p.keep(ctx, tx, r)
}

// sort finds out what each item of a page is. It returns the time of the last.
func (p *Posts) sort(ctx context.Context, tx *db.Tx, ch channel.Channel, items []network.Live, r *Reading) (last time.Time, err error) {
	ours, err := p.journal.Ours(ctx, tx, ch.WorkspaceID, ch.ID, items)
	if err != nil {
		return last, err
	}
	open, err := p.journal.Expecting(ctx, tx, ch.WorkspaceID, ch.ID)
	if err != nil {
		return last, err
	}
	for _, it := range items {
		if it.At.IsZero() || it.ID == "" {
			continue
		}
		last = it.At // the list is newest first, but for what somebody has pinned to its top
		if it.At.After(r.TopAt) && !it.At.After(p.clock()) {
			r.TopAt = it.At.UTC().Truncate(time.Microsecond)
		}
		if ours[it.ID] || !it.Exists || it.Closed || it.At.Before(r.FloorAt) || it.At.After(p.clock().Add(-young)) {
			continue
		}
		twins, err := p.journal.Twins(ctx, tx, ch.WorkspaceID, ch.ID, it)
		if err != nil {
			return last, err
		}
		listed := func(id string) bool {
			return slices.ContainsFunc(items, func(other network.Live) bool { return other.ID == id })
		}
		if slices.ContainsFunc(twins, func(id string) bool { return !listed(id) }) {
			continue
		}
		if open, err = p.place(ctx, tx, ch, it, open); err != nil {
			return last, err
		}
	}
	return last, nil
}

// place gives one item that nobody here is known to have published its place: as the outcome of what is expected, as
// evidence, or as a native post. It returns what is expected still.
func (p *Posts) place(ctx context.Context, tx *db.Tx, ch channel.Channel, it network.Live, open []delivery.Expected) ([]delivery.Expected, error) {
	best, fit, sure := -1, 0.0, false
	for i, e := range open {
		f, s := e.Fit(it)
		if f > fit || f == fit && f > 0 && nearer(it, e, open[max(best, 0)]) {
			best, fit, sure = i, f, s
		}
	}
	if best >= 0 {
		e := open[best]
		if sure && (e.ByHand || e.Nameless) {
			taken, err := p.journal.Appeared(ctx, tx, ch.WorkspaceID, e, it)
			if err != nil {
				return open, err
			}
			if taken {
				return slices.Delete(slices.Clone(open), best, best+1), nil
			}
		}
		return open, p.journal.Sight(ctx, tx, ch.WorkspaceID, ch.ID, e, it, fit)
	}
	if it.ReplyTo != "" { // an answer, or the rest of a thread: the conversations have it
		return open, nil
	}
	t, err := p.posts.Import(ctx, tx, ch, it)
	if err != nil {
		return open, err
	}
	if err := p.metrics.Follow(ctx, tx, t.WorkspaceID, t.ID, t.ChannelID, it.Remote, t.PublishedAt); err != nil {
		return open, err
	}
	return open, p.inbox.Concern(ctx, tx, t)
}

// nearer reports whether an item lies nearer in time to one expectation than to another.
func nearer(it network.Live, one, other delivery.Expected) bool {
	return it.At.Sub(one.Since).Abs() < it.At.Sub(other.Since).Abs()
}

// settle looks again at what was kept as evidence: what has become ours is forgotten, what fits nothing that is still
// open is a native post after all.
func (p *Posts) settle(ctx context.Context, tx *db.Tx, ch channel.Channel) error {
	seen, err := p.journal.SightedOn(ctx, tx, ch.WorkspaceID, ch.ID)
	if err != nil || len(seen) == 0 {
		return err
	}
	var items []network.Live
	for _, s := range seen {
		items = append(items, s.Item)
	}
	ours, err := p.journal.Ours(ctx, tx, ch.WorkspaceID, ch.ID, items)
	if err != nil {
		return err
	}
	open, err := p.journal.Expecting(ctx, tx, ch.WorkspaceID, ch.ID)
	if err != nil {
		return err
	}
	for _, it := range items {
		if !ours[it.ID] && slices.ContainsFunc(open, func(e delivery.Expected) bool { f, _ := e.Fit(it); return f > 0 && !e.Nameless }) {
			continue
		}
		if err := p.journal.Forget(ctx, tx, ch.WorkspaceID, ch.ID, it.ID); err != nil {
			return err
		}
		if ours[it.ID] {
			continue
		}
		if open, err = p.place(ctx, tx, ch, it, open); err != nil {
			return err
		}
	}
	return nil
}

// missing asks about native posts that a page should have shown and did not: they are marked as gone once the network
// says so itself.
func (p *Posts) missing(ctx context.Context, n network.Network, session network.Session, ch channel.Channel, items []network.Live) error {
	reader, ok := n.(network.Reader)
	if !ok || len(items) < 2 {
		return nil
	}
	from, to := items[0].At, items[0].At
	for _, it := range items {
		if it.At.Before(from) {
			from = it.At
		}
		if it.At.After(to) {
			to = it.At
		}
	}
	rows, err := db.All[struct {
		ID     string         `db:"id"`
		Remote network.Remote `db:"remote,json"`
	}](ctx, p.db, `select t.id, m.remote from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id
			join measure_plans m on m.workspace_id = t.workspace_id and m.target_id = t.id
		where t.workspace_id = $1 and t.channel_id = $2 and t.state = $3 and o.origin = 'native' and m.perishes_at is null and t.published_at > $4 and t.published_at < $5 order by t.published_at desc limit 300`,
		ch.WorkspaceID, ch.ID, post.Published, from, to)
	if err != nil {
		return err
	}
	asked := 0
	for _, row := range rows {
		if asked == checkGone {
			break
		}
		if slices.ContainsFunc(items, func(it network.Live) bool { return it.ID == row.Remote.ID && it.Exists && !it.Closed }) {
			continue
		}
		asked++
		live, err := reader.Read(ctx, session, row.Remote)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil // not now; the next reading asks again
		}
		if err == nil && live.Exists && !live.Closed {
			continue
		}
		if err := p.db.Tx(ctx, func(tx *db.Tx) error { return p.journal.Gone(ctx, tx, ch.WorkspaceID, row.ID) }); err != nil {
			return err
		}
	}
	return nil
}
