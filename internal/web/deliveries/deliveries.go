// Package deliveries is the screen of the journal (S-DELIV): what is due, in doubt, failed or verified, and for each
// delivery its steps, attempts, evidence and what to do next.
package deliveries

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct {
	Journal    *delivery.Journal
	Preflight  *preflight.Checks // nil: nothing is shown of what is still planned
	Channels   *channel.Channels
	Workspaces *workspace.Workspaces
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/deliveries", workspace.PostRead, r.list),
		page.Get("/deliveries/{id}", workspace.PostRead, r.one),
		page.Post("/deliveries/{id}/resolve", page.Member, r.resolve),
		page.Post("/deliveries/{id}/retry", page.Member, r.retry),
		page.Post("/deliveries/{id}/delete", workspace.PostSchedule, r.delete),
	}
}

type listView struct {
	Lines    []delivery.Line
	Ahead    []preflight.Report // planned, with something in their way
	Counts   map[delivery.Group]int
	Group    delivery.Group
	Channel  string
	Channels []ui.Option
	Next     string
	Zone     *time.Location
	URL      string
}

func (r Rooms) list(c *page.Context) error {
	ctx, actor := c.Ctx(), c.Actor()
	v := listView{Group: delivery.Group(c.Query("group")), Channel: c.Query("channel"), Zone: c.Zone(), URL: c.R.URL.RequestURI()}
	f := delivery.Filter{Group: v.Group, ChannelID: v.Channel, TargetID: c.Query("target"), BeforeID: c.Query("before")}
	if at, err := time.Parse(time.RFC3339Nano, c.Query("at")); err == nil {
		f.BeforeAt = at
	}
	var more bool
	var err error
	if v.Lines, more, err = r.Journal.List(ctx, actor, f); err != nil {
		return err
	}
	if more {
		last := v.Lines[len(v.Lines)-1]
		v.Next = "/deliveries?group=" + string(v.Group) + "&channel=" + v.Channel + "&at=" + last.DueAt.Format(time.RFC3339Nano) + "&before=" + last.ID
	}
	if v.Counts, err = r.Journal.Counts(ctx, actor, delivery.Groups...); err != nil {
		return err
	}
	if r.Preflight != nil && v.Group == "" && f.BeforeID == "" {
		if v.Ahead, err = r.Preflight.Failing(ctx, actor, 10); err != nil {
			return err
		}
	}
	channels, err := r.Channels.List(ctx, actor)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		v.Channels = append(v.Channels, ui.Option{Value: ch.ID, Label: ch.Name + " · " + ui.NetworkName(ch.Network)})
	}
	return c.Render(200, "Deliveries", "deliveries", listPage(v))
}

type oneView struct {
	D           delivery.Delivery
	Steps       []delivery.StepRow
	Attempts    []delivery.Attempt
	Channel     channel.Channel
	Responsible string
	Payload     string
	Draft       network.Draft // of a post
	Zone        *time.Location
	Decide      bool
	Form        *page.Form
	Seen        []delivery.Sighting // posts met on the channel that may be this one
}

func (r Rooms) one(c *page.Context) error { return r.show(c, page.Blank(nil)) }

func (r Rooms) show(c *page.Context, f *page.Form) error {
	ctx, actor := c.Ctx(), c.Actor()
	d, err := r.Journal.Get(ctx, actor, c.Path("id"))
	if err != nil {
		return err
	}
	v := oneView{D: d, Zone: c.Zone(), Form: f}
	if v.Steps, err = r.Journal.Steps(ctx, actor, d.ID); err != nil {
		return err
	}
	if v.Attempts, err = r.Journal.Attempts(ctx, actor, d.ID); err != nil {
		return err
	}
	if v.Channel, err = r.Channels.Get(ctx, actor, d.ChannelID); err != nil {
		return err
	}
	if !d.State.Settled() || d.State == delivery.NeedsHuman {
		if v.Seen, err = r.Journal.Sightings(ctx, actor, d.ID); err != nil {
			return err
		}
	}
	if m, err := r.Workspaces.Member(ctx, actor, d.ResponsibleID); err == nil {
		v.Responsible = m.Name
	}
	need := workspace.PostSchedule
	if d.Kind == delivery.ReplyKind {
		need = workspace.InboxReply
	}
	v.Decide = actor.May(need, workspace.Scope{BrandID: v.Channel.BrandID, ChannelID: v.Channel.ID}) == nil
	if d.Kind == delivery.PostKind {
		if err := json.Unmarshal(d.Draft, &v.Draft); err != nil {
			return err
		}
	}
	var snapshot any
	if json.Unmarshal(d.Draft, &snapshot) == nil {
		pretty, err := json.MarshalIndent(snapshot, "", "  ")
		if err != nil {
			return err
		}
		v.Payload = string(pretty)
	}
	return c.Render(max(f.Status(), 200), "Delivery", "deliveries", onePage(v))
}

func (r Rooms) resolve(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if seen := f.Value("sighting"); seen != "" {
		if err := r.Journal.ThatIsIt(c.Ctx(), c.Actor(), c.Path("id"), seen); err != nil {
			return err
		}
		c.Done("Your decision is recorded.")
		return c.Redirect("/deliveries/" + c.Path("id"))
	}
	answer := delivery.Answer(f.Value("answer"))
	if answer == delivery.IsLive && f.Value("url") != "" && !isWeb(f.Value("url")) {
		f.Wrong("url", "Write the address of the post, beginning with https://.")
		return r.show(c, f)
	}
	if err := r.Journal.Resolve(c.Ctx(), c.Actor(), c.Path("id"), answer, f.Value("url")); err != nil {
		if fault.Is(err, fault.Invalid) && f.Refuse(err) {
			return r.show(c, f)
		}
		return err
	}
	c.Done("Your decision is recorded.")
	return c.Redirect("/deliveries/" + c.Path("id"))
}

func (r Rooms) retry(c *page.Context) error {
	d, err := r.Journal.Retry(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	c.Done("It is sent again; what was live already is not repeated.")
	return c.Redirect("/deliveries/" + d.ID)
}

func (r Rooms) delete(c *page.Context) error {
	d, err := r.Journal.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	deletion, err := r.Journal.Delete(c.Ctx(), c.Actor(), d.TargetID)
	if err != nil {
		return err
	}
	c.Done("The network is asked to delete it.")
	return c.Redirect("/deliveries/" + deletion.ID)
}

// assetOf is the asset a file of a delivery was made of: a rendition's id begins with it.
func assetOf(m network.Media) string {
	asset, _, _ := strings.Cut(m.ID, "/")
	return asset
}
