package post

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Shown is the state as screens word it: what was made outside is published, and says by whom it was not.
func (o Origin) Shown(s State) string {
	if o == Native && s == Published {
		return string(Native)
	}
	return string(s)
}

// Import keeps a post that was made outside Bellwether (C20) as a post with one published target, marked by its origin,
// and returns the target. It is a target and not a table of its own, so that the calendar, the lists, the numbers, the
// conversations and the warning of duplicates treat it like any other without knowing of it; only what tells of
// planning, which nobody did, is empty: wall-clock time, slot, author and delivery.
//
// The caller holds the channel's lock and has made sure that nobody here published the item.
func (p *Posts) Import(ctx context.Context, tx *db.Tx, ch channel.Channel, live network.Live) (Target, error) {
	words := strings.ReplaceAll(strings.ToValidUTF8(live.Text, "\uFFFD"), "\x00", "")
	if len(words) > maxText {
		words = strings.ToValidUTF8(words[:maxText], "")
	}
	at := live.At.UTC().Truncate(time.Microsecond)
	plain := Plain(network.Draft{Parts: []network.Part{{Text: words}}})
	base := Content{Parts: []Part{{Text: words}}}
	post := Post{WorkspaceID: ch.WorkspaceID, ID: id.At("post", at), BrandID: ch.BrandID, State: Published, Base: base, Tags: []string{}, Origin: Native, Version: 1, CreatedAt: at, UpdatedAt: at}
	t := Target{WorkspaceID: ch.WorkspaceID, ID: id.At("targ", at), PostID: post.ID, ChannelID: ch.ID, State: Published, DueAt: at, ResponsibleID: ch.ResponsibleID,
		RemoteID: live.ID, URL: live.URL, PublishedAt: at, Fingerprint: text.Fingerprint(plain), Text: clip(plain, 280)}
	if _, err := db.Exec(ctx, tx, `insert into posts (`+postColumns+`) values ($1, $2, $3, '', '', $4, $5, '[]', '', '', $6, 1, $7, $7, null, null)`,
		post.WorkspaceID, post.ID, post.BrandID, post.State, db.JSON(post.Base), post.Origin, at); err != nil {
		return t, err
	}
	if _, err := db.Exec(ctx, tx, `insert into post_versions (workspace_id, post_id, version, snapshot, by_user, at, note) values ($1, $2, 1, $3, 'system', $4, 'made outside Bellwether')`,
		post.WorkspaceID, post.ID, db.JSON(Snapshot{Base: base, Tags: post.Tags, Channels: []string{ch.ID}}), at); err != nil {
		return t, err
	}
	if _, err := db.Exec(ctx, tx, `insert into targets (workspace_id, id, post_id, channel_id, state, due_at, responsible_id, remote_id, url, published_at, text_fingerprint, text_plain)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $6, $10, $11)`, t.WorkspaceID, t.ID, t.PostID, t.ChannelID, t.State, at, t.ResponsibleID, t.RemoteID, t.URL, t.Fingerprint, t.Text); err != nil {
		return t, err
	}
	if err := metric.Stale(ctx, tx, ch.WorkspaceID, metric.OfPosts, at); err != nil {
		return t, err
	}
	if err := p.index.Add(ctx, tx, post.WorkspaceID, post.ID, base.said()...); err != nil {
		return t, err
	}
	return t, p.events.Record(ctx, tx, ch.WorkspaceID, "system", "post.imported", post.ID, map[string]string{"target": t.ID, "channel": ch.ID, "url": t.URL})
}

// Absorb takes a native post back that turns out to be what a target has published: one publication is counted once.
// What people said of it here, and its numbers, follow by the event.
func (p *Posts) Absorb(ctx context.Context, tx *db.Tx, into Target, remoteID string) error {
	if err := lockChannel(ctx, tx, into.WorkspaceID, into.ChannelID); err != nil { // against a reading that is about to keep it
		return err
	}
	same, err := db.All[Target](ctx, tx, `select `+qualified("t", targetColumns)+` from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
		where t.workspace_id = $1 and t.channel_id = $2 and t.remote_id = $3 and t.id <> $4 and p.origin = 'native'`, into.WorkspaceID, into.ChannelID, remoteID, into.ID)
	if err != nil {
		return err
	}
	for _, t := range same {
		if err := metric.Stale(ctx, tx, t.WorkspaceID, metric.OfPosts, t.PublishedAt); err != nil {
			return err
		}
		for _, q := range []string{`delete from targets where workspace_id = $1 and post_id = $2`, `delete from post_versions where workspace_id = $1 and post_id = $2`,
			`delete from variants where workspace_id = $1 and post_id = $2`, `delete from posts where workspace_id = $1 and id = $2`} {
			if _, err := db.Exec(ctx, tx, q, t.WorkspaceID, t.PostID); err != nil {
				return err
			}
		}
		if err := p.index.Drop(ctx, tx, t.WorkspaceID, t.PostID); err != nil {
			return err
		}
		if err := p.events.Record(ctx, tx, t.WorkspaceID, "system", "post.absorbed", t.PostID, map[string]string{"from": t.ID, "into": into.ID}); err != nil {
			return err
		}
	}
	return nil
}

// qualified puts a table's name before each of its columns.
func qualified(table, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = table + "." + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}

// Classify gives a post that has gone out, or was made outside, other tags and another campaign. Nothing of it is
// changed at its network; what is still planned is changed by saving the post.
func (p *Posts) Classify(ctx context.Context, actor workspace.Actor, postID, campaignID string, tagged []string) error {
	var clean []string
	for _, tag := range tagged {
		tag = strings.Join(strings.Fields(strings.TrimLeft(strings.TrimSpace(tag), "#")), " ")
		switch {
		case len(tag) > 100:
			return fault.Invalidf("tags", "a tag has at most 100 bytes")
		case tag != "" && !slices.Contains(clean, tag):
			clean = append(clean, tag)
		}
	}
	if len(clean) > 50 {
		return fault.Invalidf("tags", "a post has at most 50 tags")
	}
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		posts, targets, err := p.lock(ctx, tx, actor.WorkspaceID, postID)
		if err != nil {
			return err
		}
		before := posts[0]
		for _, t := range targets {
			if err := actor.May(workspace.PostDraft, workspace.Scope{BrandID: before.BrandID, ChannelID: t.ChannelID}); err != nil {
				return err
			}
		}
		if !before.TrashedAt.IsZero() {
			return fault.Conflictf("this post is in the trash").WithCode("invalid_transition").WithHint("Take it out of the trash first.")
		}
		if slices.Contains([]State{Draft, InReview, Approved, Scheduled, Held}, before.State) {
			return fault.Conflictf("this post is still %s; its tags and campaign are saved with it", words(before.State)).WithCode("invalid_transition")
		}
		if campaignID != "" {
			n, err := db.One[int](ctx, tx, `select count(*) from campaigns where workspace_id = $1 and id = $2`, actor.WorkspaceID, campaignID)
			if err != nil {
				return err
			}
			if n == 0 {
				return fault.Invalidf("campaign", "there is no such campaign in this workspace")
			}
		}
		if _, err := db.Exec(ctx, tx, `update posts set campaign_id = $3, tags = $4, updated_at = $5 where workspace_id = $1 and id = $2`,
			actor.WorkspaceID, postID, campaignID, db.JSON(tags(clean)), p.clock()); err != nil {
			return err
		}
		if err := metric.StalePost(ctx, tx, actor.WorkspaceID, postID); err != nil {
			return err
		}
		type filed struct {
			Campaign string   `json:"campaign"`
			Tags     []string `json:"tags"`
		}
		if err := workspace.Audit(ctx, tx, actor, "post.classified", postID, filed{before.CampaignID, before.Tags}, filed{campaignID, tags(clean)}); err != nil {
			return err
		}
		return p.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "post.classified", postID, filed{campaignID, tags(clean)})
	})
}
