package post

import (
	"context"
	"encoding/json"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Shown narrows the calendar; zero values narrow nothing.
type Shown struct {
	BrandID    string
	ChannelID  string
	CampaignID string
	PersonID   string // responsible for the target, or author of the post
	State      State
	Origin     Origin
}

// Calendar returns what is planned, wished for or went out in [from, to) by its planned time, at most 3,000 targets,
// with only what a calendar shows of each: no content, no fingerprints. Cancelled targets are left out unless asked
// for. A member whose role is narrowed sees the brands and channels of that role.
func (p *Posts) Calendar(ctx context.Context, actor workspace.Actor, from, to time.Time, f Shown) ([]Entry, error) {
	// The channels are few and the targets many: joining them here instead of in SQL halves the work of a full month.
	channels, err := db.All[Entry](ctx, p.db, `select id as channel_id, network, name as channel_name from channels where workspace_id = $1`, actor.WorkspaceID)
	if err != nil {
		return nil, err
	}
	args := []any{actor.WorkspaceID, from, to, f.ChannelID, f.CampaignID, f.BrandID, f.State, f.PersonID, f.Origin}
	entries, err := db.All[Entry](ctx, p.db, `select t.id, t.channel_id, t.state, t.due_at, t.wall, t.zone, t.held_reason, t.responsible_id, t.published_at,
			substr(t.text_plain, 1, 140) as text_plain, case when t.text_plain = '' and p.title = '' then p.base else '' end as base_text,
			p.title, p.campaign_id, p.brand_id, p.recurrence_id <> '' as recurring, p.origin
		from targets t join posts p on p.workspace_id = t.workspace_id and p.id = t.post_id
		where t.workspace_id = $1 and p.trashed_at is null and t.due_at >= $2 and t.due_at < $3
			and ($4 = '' or t.channel_id = $4) and ($5 = '' or p.campaign_id = $5) and ($6 = '' or p.brand_id = $6)
			and ($7 = '' and t.state <> 'cancelled' or t.state = $7) and ($8 = '' or t.responsible_id = $8 or p.author_id = $8)
			and ($9 = '' or p.origin = $9) and `+actor.Readable(targetRows, &args, workspace.PostRead)+`
		order by t.due_at, t.id limit 3000`, args...)
	if err != nil {
		return nil, err
	}
	by := map[string]*Entry{}
	for i := range channels {
		by[channels[i].ChannelID] = &channels[i]
	}
	for n, e := range entries {
		if on := by[e.ChannelID]; on != nil {
			e.Network, e.ChannelName = on.Network, on.ChannelName
		}
		if e.Base != "" {
			e.Base = firstText(e.Base)
		}
		entries[n] = e
	}
	return entries, nil
}

// firstText is the beginning of a stored content's first part.
func firstText(base string) string {
	var c Content
	if json.Unmarshal([]byte(base), &c) != nil || len(c.Parts) == 0 {
		return ""
	}
	return clip(c.Parts[0].Text, 140)
}

// Name is what a list calls the entry: its title, else the beginning of its text, else "".
func (e Entry) Name() string {
	for _, s := range []string{e.Title, e.Text, e.Base} {
		if s != "" {
			return s
		}
	}
	return ""
}

// Tray returns drafts that have no time at all, the last changed first. Patterns of running recurrences are not among
// them.
//
// The plus before due_at keeps SQLite from walking the index of times, all of them, for each draft.
func (p *Posts) Tray(ctx context.Context, actor workspace.Actor, f Shown, limit int) ([]Post, error) {
	args := []any{actor.WorkspaceID, f.BrandID, f.CampaignID, f.PersonID, f.ChannelID, limit}
	return db.All[Post](ctx, p.db, `select `+postColumns+` from posts p where workspace_id = $1 and state in ('draft', 'in_review', 'approved')
			and trashed_at is null and archived_at is null and ($2 = '' or brand_id = $2) and ($3 = '' or campaign_id = $3) and ($4 = '' or author_id = $4)
			and ($5 = '' or exists (select 1 from targets t where t.workspace_id = p.workspace_id and t.post_id = p.id and t.channel_id = $5))
			and not exists (select 1 from targets t where t.workspace_id = p.workspace_id and t.post_id = p.id and +t.due_at is not null)
			and not exists (select 1 from recurrences r where r.workspace_id = p.workspace_id and r.post_id = p.id and r.stopped_at is null)
			and `+actor.Readable(postRows, &args, workspace.PostRead)+`
		order by updated_at desc, id limit $6`, args...)
}

// EntryOf returns one target as lists show it.
func (p *Posts) EntryOf(ctx context.Context, actor workspace.Actor, targetID string) (Entry, error) {
	args := []any{actor.WorkspaceID, targetID}
	e, err := db.All[Entry](ctx, p.db, entryQuery+` and t.id = $2 and `+actor.Readable(targetRows, &args, workspace.PostRead), args...)
	if err != nil {
		return Entry{}, err
	}
	if len(e) == 0 {
		return Entry{}, fault.NotFoundf("there is no such target in this workspace").WithHint("Its post may be in the trash.")
	}
	return e[0], nil
}
