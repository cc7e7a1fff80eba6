package compose

import (
	"cmp"
	"slices"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/web/page"
	well "github.com/bellwether-social/bellwether/internal/web/threshold"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// view is everything the screen shows.
type view struct {
	sheet
	Form      *page.Form
	Post      post.Post // zero for one that is not stored yet
	Targets   []post.Target
	All       []channel.Channel
	Chosen    []channel.Channel
	Specs     map[string]network.Spec // by channel id
	Directory map[string]bool         // networks that find people
	Previews  []post.Preview
	Ahead     []preflight.Report // planned targets with something in their way
	Well      *well.View         // what is done when it does well; nil where that is not offered
	Alike     []post.Likeness    // posts that say the same; looked for when the page is opened
	Assets    map[string]asset.Asset
	Library   []asset.Asset // what the picker offers
	Brands    []workspace.Brand
	Sets      []channel.Set
	Campaigns []ui.Option
	Zones     []ui.Option
	Schedule  bool // may schedule
	Upload    bool // may add files
}

func (r Rooms) view(c *page.Context, s sheet, f *page.Form) (view, error) {
	ctx, actor := c.Ctx(), c.Actor()
	v := view{sheet: s, Form: f, Specs: map[string]network.Spec{}, Directory: map[string]bool{}, Assets: map[string]asset.Asset{},
		Schedule: actor.CanSomewhere(workspace.PostSchedule), Upload: actor.CanSomewhere(workspace.AssetUpload)}
	if v.When == "" {
		v.When = "at"
	}
	if v.Zone == "" {
		v.Zone = c.Zone().String()
	}
	if v.Edit.Variants == nil {
		v.Edit.Variants = map[string]post.VariantEdit{}
	}
	var err error
	if v.All, err = r.Channels.List(ctx, actor); err != nil {
		return v, err
	}
	if v.Sets, err = r.Channels.Sets(ctx, actor); err != nil {
		return v, err
	}
	chosen := v.Edit.Channels
	v.Edit.Channels = nil // a channel that is no longer connected is let go of
	for _, ch := range v.All {
		if n := r.Channels.Network(ch); n != nil {
			v.Specs[ch.ID] = n.Spec().For(ch.Account)
			_, v.Directory[ch.Network] = n.(network.Directory)
		}
		if slices.Contains(chosen, ch.ID) {
			v.Chosen, v.Edit.Channels = append(v.Chosen, ch), append(v.Edit.Channels, ch.ID)
		}
	}
	if v.Tab != "" && !slices.Contains(v.Edit.Channels, v.Tab) {
		v.Tab = ""
	}
	if v.Previews, err = r.Posts.Preview(ctx, actor, v.Edit); err != nil {
		return v, err
	}
	if err := r.fetchAssets(c, &v); err != nil {
		return v, err
	}
	if v.PostID != "" {
		if v.Post, err = r.Posts.Get(ctx, actor, v.PostID); err != nil {
			return v, err
		}
		if v.Targets, err = r.Posts.Targets(ctx, actor, v.PostID); err != nil {
			return v, err
		}
	}
	if v.PostID != "" && !c.Fragment() && !v.locked() {
		if v.Alike, err = r.Posts.Alike(ctx, actor, v.PostID); err != nil {
			return v, err
		}
	}
	if err := r.lookAhead(c, &v); err != nil {
		return v, err
	}
	if r.Thresholds != nil && v.PostID != "" && !c.Fragment() && v.Post.Origin != post.Native {
		actions, err := well.Of(c, r.Thresholds, v.PostID, f)
		if err != nil {
			return v, err
		}
		v.Well = &actions
	}
	return v, r.fetchChoices(c, &v)
}

// lookAhead reads what stands in the way of the post's planned targets.
func (r Rooms) lookAhead(c *page.Context, v *view) error {
	if r.Preflight == nil || v.PostID == "" || c.Fragment() {
		return nil
	}
	reports, err := r.Preflight.Post(c.Ctx(), c.Actor(), v.PostID)
	if err != nil {
		return err
	}
	for _, t := range v.Targets {
		if one := reports[t.ID]; len(one.Findings) > 0 {
			v.Ahead = append(v.Ahead, one)
		}
	}
	return nil
}

// fetchAssets reads the files that are used, and those the picker offers.
func (r Rooms) fetchAssets(c *page.Context, v *view) error {
	need := func(id string) error {
		if id == "" || v.Assets[id].ID != "" {
			return nil
		}
		a, err := r.Library.Get(c.Ctx(), c.Actor(), id)
		if fault.Is(err, fault.NotFound) {
			return nil // the check names it
		}
		v.Assets[id] = a
		return err
	}
	contents := []post.Content{v.Edit.Base}
	for _, variant := range v.Edit.Variants {
		if variant.Content != nil {
			contents = append(contents, *variant.Content)
		}
	}
	for _, content := range contents {
		for _, p := range content.Parts {
			for _, use := range p.Media {
				if err := need(use.AssetID); err != nil {
					return err
				}
			}
			if p.Card != nil && p.Card.Thumb != nil {
				if err := need(p.Card.Thumb.ID); err != nil {
					return err
				}
			}
		}
	}
	if v.Picker == "" {
		return nil
	}
	var err error
	v.Library, _, err = r.Library.List(c.Ctx(), c.Actor(), asset.Filter{Search: v.Form.Value("library_search"), Limit: 24})
	return err
}

func (r Rooms) fetchChoices(c *page.Context, v *view) error {
	var err error
	if v.Brands, err = c.Brands(); err != nil {
		return err
	}
	if v.Edit.BrandID == "" && len(v.Brands) > 0 {
		v.Edit.BrandID = v.Brands[0].ID
	}
	campaigns, err := r.Campaigns.List(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	for _, k := range campaigns {
		if k.State != campaign.Closed || k.ID == v.Edit.CampaignID {
			v.Campaigns = append(v.Campaigns, ui.Option{Value: k.ID, Label: k.Name})
		}
	}
	seen := map[string]bool{}
	near := func(zone, why string) {
		if zone != "" && !seen[zone] {
			seen[zone] = true
			v.Zones = append(v.Zones, ui.Option{Value: zone, Label: zone, Group: why})
		}
	}
	near(v.Zone, "Near")
	near(c.Zone().String(), "Near")
	for _, ch := range v.Chosen {
		near(ch.Zone, "Near")
	}
	for _, zone := range when.Zones() {
		near(zone, "All")
	}
	return nil
}

func (v view) heading() string {
	switch {
	case v.Edit.Title != "":
		return v.Edit.Title
	case v.PostID == "":
		return "New post"
	}
	return "Post"
}

// locked reports whether the post has gone out, so that it is not changed here any more.
func (v view) locked() bool {
	switch v.Post.State {
	case "", post.Draft, post.InReview, post.Approved, post.Scheduled, post.Held, post.Failed, post.Cancelled:
		return false
	}
	return true
}

// preview is what one channel gets.
func (v view) preview(channelID string) post.Preview {
	for _, p := range v.Previews {
		if p.Channel.ID == channelID {
			return p
		}
	}
	return post.Preview{}
}

func (v view) channel(channelID string) channel.Channel {
	for _, ch := range v.All {
		if ch.ID == channelID {
			return ch
		}
	}
	return channel.Channel{ID: channelID, Name: "A channel that is no longer connected"}
}

// offers reports whether a channel of the place has an ability of its network's Spec.
func (v view) offers(place string, has func(network.Spec) bool) bool {
	if place != base {
		return has(v.Specs[place])
	}
	return len(v.Chosen) == 0 || slices.ContainsFunc(v.Chosen, func(ch channel.Channel) bool { return has(v.Specs[ch.ID]) })
}

// counts are the lengths of a part on the channels that get it from the place: the fullest first, one for each network
// and limit.
func (v view) counts(place string, part int) []countOf {
	var out []countOf
	for _, p := range v.Previews {
		if place == base && p.Differs || place != base && p.Channel.ID != place || part >= len(p.Counts) {
			continue
		}
		if p.Counts[part].Limit == 0 {
			continue // no limit, nothing to come close to
		}
		one := countOf{Network: p.Spec.Name, Key: p.Spec.Key, Count: p.Counts[part]}
		if !slices.ContainsFunc(out, func(o countOf) bool { return o.Key == one.Key && o.Count == one.Count }) {
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b countOf) int { return cmp.Compare(b.share(), a.share()) })
	return out
}

type countOf struct {
	Network, Key string
	Count        network.Count
}

func (c countOf) share() float64 { return float64(c.Count.Used) / float64(max(c.Count.Limit, 1)) }

// worst is the gravest level among a preview's findings, "" when there are none worth a mark.
func worst(p post.Preview) network.Level {
	level := network.Level("")
	for _, problem := range p.Problems {
		if problem.Level == network.Error {
			return network.Error
		}
		if problem.Level == network.Warning {
			level = network.Warning
		}
	}
	return level
}

// refuse are the chosen channels that refuse the post as it is.
func (v view) refuse() (out []channel.Channel) {
	for _, p := range v.Previews {
		if p.Blocked() {
			out = append(out, p.Channel)
		}
	}
	return out
}

// set is a group of channels chosen with one click.
type set struct{ Key, Label string }

func (v view) sets() []set {
	if len(v.All) < 2 {
		return nil
	}
	sets := []set{{"all", "All"}}
	brands, networks := map[string]bool{}, map[string]bool{}
	for _, ch := range v.All {
		brands[ch.BrandID], networks[ch.Network] = true, true
	}
	if len(brands) > 1 {
		for _, b := range v.Brands {
			if brands[b.ID] {
				sets = append(sets, set{b.ID, b.Name})
			}
		}
	}
	if len(networks) > 1 && len(networks) < len(v.All) {
		for _, ch := range v.All {
			if networks[ch.Network] {
				sets = append(sets, set{ch.Network, ui.NetworkName(ch.Network)})
				networks[ch.Network] = false
			}
		}
	}
	for _, s := range v.Sets {
		sets = append(sets, set{s.ID, s.Name})
	}
	return append(sets, set{"none", "None"})
}
