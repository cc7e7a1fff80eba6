package post

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Edit is everything a person can change of a post in one save. Channels are the channels it is for.
type Edit struct {
	BrandID    string
	CampaignID string
	Title      string
	Base       Content
	Tags       []string
	Channels   []string
	Variants   map[string]VariantEdit // by channel id; a channel without an entry follows the base
	Note       string                 // shown in the version list
}

// VariantEdit is a channel's own content (nil = follow the base) and settings.
type VariantEdit struct {
	Content  *Content          `json:"content,omitempty"`
	Settings map[string]string `json:"settings,omitempty"`
}

// limits that protect the store, far above any network's own.
const (
	maxParts = 50
	maxText  = 200_000
)

// Save stores a change made on top of version. Somebody else's newer version answers with a Conflict and nothing is
// overwritten. What is already being sent or is sent cannot be changed here.
func (p *Posts) Save(ctx context.Context, actor workspace.Actor, postID string, version int, e Edit) (Post, error) {
	if err := e.check(); err != nil {
		return Post{}, err
	}
	var saved Post
	err := p.db.Tx(ctx, func(tx *db.Tx) error {
		posts, targets, err := p.lock(ctx, tx, actor.WorkspaceID, postID)
		if err != nil {
			return err
		}
		before := posts[0]
		if err := p.maySave(actor, before, targets, e); err != nil {
			return workspace.Unseen(err, seen(actor, before, targets), "post")
		}
		if before.Version != version {
			return p.stale(ctx, tx, before, version)
		}
		saved = before
		saved.BrandID, saved.CampaignID, saved.Title, saved.Base, saved.Tags = e.BrandID, e.CampaignID, e.Title, e.Base, e.Tags
		saved.Version, saved.UpdatedAt = version+1, db.Now()
		if _, err := db.Exec(ctx, tx, `update posts set brand_id = $3, campaign_id = $4, title = $5, base = $6, tags = $7, version = $8,
				updated_at = $9 where workspace_id = $1 and id = $2`, actor.WorkspaceID, postID, e.BrandID, e.CampaignID, e.Title,
			db.JSON(e.Base), db.JSON(tags(e.Tags)), saved.Version, saved.UpdatedAt); err != nil {
			return err
		}
		if saved.BrandID != before.BrandID || saved.CampaignID != before.CampaignID {
			if err := metric.StalePost(ctx, tx, actor.WorkspaceID, postID); err != nil {
				return err
			}
		}
		if err := p.fill(ctx, tx, actor, saved, e); err != nil {
			return err
		}
		if err := p.index.Put(ctx, tx, actor.WorkspaceID, postID); err != nil {
			return err
		}
		if err := p.recheck(ctx, tx, actor, saved); err != nil {
			return err
		}
		if saved.State, err = p.afterSave(ctx, tx, saved); err != nil {
			return err
		}
		if err := workspace.Audit(ctx, tx, actor, "post.saved", postID, map[string]int{"version": version}, map[string]int{"version": saved.Version}); err != nil {
			return err
		}
		return p.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), "post.saved", postID, map[string]int{"version": saved.Version})
	})
	return saved, err
}

// mayWrite asks for the right to write for a brand, or, for whoever holds it for single channels only, for every
// channel of the post.
func mayWrite(actor workspace.Actor, brandID string, channels []string) error {
	err := actor.May(workspace.PostDraft, workspace.Scope{BrandID: brandID})
	if err == nil || len(channels) == 0 {
		return err
	}
	for _, channelID := range channels {
		if err := actor.May(workspace.PostDraft, workspace.Scope{BrandID: brandID, ChannelID: channelID}); err != nil {
			return err
		}
	}
	return nil
}

func channelsOf(targets []Target) []string {
	var out []string
	for _, t := range targets {
		out = append(out, t.ChannelID)
	}
	return out
}

// maySave asks for the right to write for the post's brand as it is and as it becomes. What is planned already goes
// out as it is saved, so changing it takes the right to plan.
func (p *Posts) maySave(actor workspace.Actor, before Post, targets []Target, e Edit) error {
	channels := append(channelsOf(targets), e.Channels...)
	for _, brandID := range []string{before.BrandID, e.BrandID} {
		if err := mayWrite(actor, brandID, channels); err != nil {
			return err
		}
	}
	switch {
	case !before.TrashedAt.IsZero():
		return fault.Conflictf("this post is in the trash").WithCode("invalid_transition").WithHint("Take it out of the trash first.")
	case !before.ArchivedAt.IsZero():
		return fault.Conflictf("this post is archived").WithCode("invalid_transition").WithHint("Copy it to publish it again.")
	case !slices.Contains([]State{Draft, InReview, Approved, Scheduled, Held, Failed, Cancelled}, before.State):
		return fault.Conflictf("this post is %s; what went out is changed with “edit published”, not here", words(before.State))
	}
	for _, t := range targets {
		if t.State != Scheduled && t.State != Held {
			continue
		}
		if err := may(actor, before, t); err != nil {
			return fault.As(err).WithHint("It is planned already. Ask somebody with that right to take it back to draft, or to make the change.")
		}
	}
	return nil
}

// afterSave derives the state of the post once more: channels may have come, gone or been refused.
func (p *Posts) afterSave(ctx context.Context, tx *db.Tx, saved Post) (State, error) {
	if saved.State == InReview || saved.State == Approved { // decided by people, not by targets
		return saved.State, nil
	}
	targets, err := p.targets(ctx, tx, saved.WorkspaceID, saved.ID)
	if err != nil {
		return saved.State, err
	}
	if len(targets) == 0 {
		_, err := db.Exec(ctx, tx, `update posts set state = $3 where workspace_id = $1 and id = $2`, saved.WorkspaceID, saved.ID, Draft)
		return Draft, err
	}
	if err := p.derive(ctx, tx, saved.WorkspaceID, saved.ID); err != nil {
		return saved.State, err
	}
	now, err := p.get(ctx, tx, saved.WorkspaceID, saved.ID)
	return now.State, err
}

// fill stores anew what hangs on a post: variants, targets of its channels, and the version.
func (p *Posts) fill(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, e Edit) error {
	if err := workspace.Belong(ctx, tx, actor.WorkspaceID, workspace.ABrand, e.BrandID); err != nil {
		return err
	}
	if err := workspace.Belong(ctx, tx, actor.WorkspaceID, workspace.ACampaign, e.CampaignID); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `delete from variants where workspace_id = $1 and post_id = $2`, actor.WorkspaceID, post.ID); err != nil {
		return err
	}
	if err := p.storeVariants(ctx, tx, post, e); err != nil {
		return err
	}
	if err := p.fillTargets(ctx, tx, actor, post, e.Channels); err != nil {
		return err
	}
	return p.storeVersion(ctx, tx, actor, post, e)
}

// fillTargets gives every chosen channel a target and takes unsent ones of other channels away.
func (p *Posts) fillTargets(ctx context.Context, tx *db.Tx, actor workspace.Actor, post Post, channels []string) error {
	have, err := p.targets(ctx, tx, actor.WorkspaceID, post.ID)
	if err != nil {
		return err
	}
	missing := slices.Clone(channels)
	var like Target // a channel added to a scheduled post goes out at the same time
	for _, t := range have {
		if slices.Contains(channels, t.ChannelID) {
			missing = slices.DeleteFunc(missing, func(c string) bool { return c == t.ChannelID })
			if t.State == Scheduled && like.ID == "" {
				like = t
			}
			if t.State == Cancelled { // chosen again
				if _, err := db.Exec(ctx, tx, `update targets set state = 'draft' where workspace_id = $1 and id = $2`, actor.WorkspaceID, t.ID); err != nil {
					return err
				}
			}
			continue
		}
		if t.State == Draft || t.State == Scheduled || t.State == Held {
			if _, err := db.Exec(ctx, tx, `delete from targets where workspace_id = $1 and id = $2 and state = $3`, actor.WorkspaceID, t.ID, t.State); err != nil {
				return err
			}
		}
	}
	var added []Target
	for _, channelID := range missing {
		t, _, err := p.chosen(ctx, tx, actor, post, channelID)
		if err != nil {
			return err
		}
		if like.ID != "" {
			t.State, t.DueAt, t.Wall, t.Zone = Scheduled, like.DueAt, like.Wall, like.Zone
		}
		added = append(added, t)
	}
	return p.storeTargets(ctx, tx, added)
}

// stale words the conflict of two people writing at once; both versions are kept.
func (p *Posts) stale(ctx context.Context, q db.Queryer, now Post, version int) error {
	who, _ := db.All[string](ctx, q, `select coalesce(u.name, v.by_user) from post_versions v left join users u on u.id = v.by_user or v.by_user like u.id || '/%'
		where v.workspace_id = $1 and v.post_id = $2 and v.version = $3`, now.WorkspaceID, now.ID, now.Version)
	name := "Somebody"
	if len(who) > 0 && who[0] != "" {
		name = who[0]
	}
	return fault.Conflictf("%s saved version %d of this post while you were writing on version %d", name, now.Version, version).
		WithCode("stale").WithHint("Your text is kept here. Compare the two, then save again on top of the newer one.")
}

func (e *Edit) check() error {
	if len(e.Base.Parts) == 0 {
		e.Base.Parts = []Part{{}}
	}
	contents := []Content{e.Base}
	for _, v := range e.Variants {
		if v.Content != nil {
			contents = append(contents, *v.Content)
		}
	}
	for _, c := range contents {
		if len(c.Parts) > maxParts {
			return fault.Invalidf("parts", "a thread of %d parts is too long to store; the limit is %d", len(c.Parts), maxParts)
		}
		for _, part := range slices.Concat(c.Parts, []Part{{Text: c.FirstComment}}) {
			if len(part.Text) > maxText {
				return fault.Invalidf("text", "a text of %d bytes is too long to store; the limit is %d", len(part.Text), maxText)
			}
			if strings.ContainsRune(part.Text, 0) {
				return fault.Invalidf("text", "the text contains a NUL character")
			}
		}
	}
	if len(e.Title) > 300 {
		return fault.Invalidf("title", "the title has more than 300 bytes")
	}
	slices.Sort(e.Channels)
	e.Channels = slices.Compact(e.Channels)
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }

func tags(t []string) []string {
	if t == nil {
		return []string{}
	}
	return t
}

func words(s State) string { return strings.ReplaceAll(string(s), "_", " ") }
