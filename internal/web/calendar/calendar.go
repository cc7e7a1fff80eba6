package calendar

import (
	"net/url"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct {
	Posts      *post.Posts
	Preflight  *preflight.Checks // nil: nothing is marked
	Channels   *channel.Channels
	Campaigns  *campaign.Campaigns
	Insight    *insight.Insight
	Workspaces *workspace.Workspaces
	Clock      func() time.Time // nil = the present
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	if r.Clock == nil {
		r.Clock = time.Now
	}
	return []page.Route{
		page.Get("/calendar", workspace.PostRead, r.show),
		page.Post("/calendar/move", workspace.PostSchedule, r.drag),
		page.Get("/calendar/targets/{target}", workspace.PostRead, r.target),
		page.Post("/calendar/targets/{target}/move", workspace.PostSchedule, r.move),
		page.Post("/calendar/targets/{target}/classify", workspace.PostDraft, r.classify),
		page.Post("/calendar/targets/{target}/{act}", workspace.PostSchedule, r.act),
		page.Get("/calendar/posts/{post}", workspace.PostRead, r.planForm),
		page.Post("/calendar/posts/{post}", workspace.PostSchedule, r.plan),
		page.Post("/calendar/posts/{post}/unschedule", workspace.PostSchedule, r.unschedule),
		page.Post("/calendar/views", workspace.PostRead, r.saveView),
		page.Post("/calendar/views/{view}/drop", workspace.PostRead, r.dropView),
		page.Get("/calendar/blackouts", workspace.PostRead, r.blackouts),
		page.Post("/calendar/blackouts", workspace.QueuePause, r.addBlackout),
		page.Post("/calendar/blackouts/{blackout}/end", workspace.QueuePause, r.endBlackout),
	}
}

// view is everything the screen shows.
type view struct {
	frame
	Zone      *time.Location
	Days      []day
	List      []ui.Row
	Tray      []ui.Option // drafts without a time: post id and beginning
	Channels  []ui.Option
	Campaigns []ui.Option
	People    []ui.Option
	Brands    []ui.Option
	Views     []post.SavedView
	Cadence   []progress
	Networks  []string
	User      string
	Schedule  bool // may plan somewhere
	Draft     bool // may write
	Stop      bool // may stop everything
	Nothing   string
	Found     int
}

// progress is one channel's cadence beside its period.
type progress struct {
	post.Attainment
	Channel string
}

var modes = []string{"day", "week", "month", "list"}

func (r Rooms) show(c *page.Context) error {
	v, err := r.view(c, c.R.URL.Query())
	if err != nil {
		return err
	}
	c.Wide()
	return c.Render(200, "Calendar", "calendar", calendarPage(v))
}

// view reads what an address of the calendar shows.
func (r Rooms) view(c *page.Context, query url.Values) (view, error) {
	ctx, actor := c.Ctx(), c.Actor()
	w, err := c.Workspace()
	if err != nil {
		return view{}, err
	}
	now := r.Clock()
	v := view{Zone: c.Zone(), User: actor.UserID, Schedule: actor.CanSomewhere(workspace.PostSchedule), Draft: actor.CanSomewhere(workspace.PostDraft),
		Stop: actor.May(workspace.PublishStop, workspace.Scope{}) == nil}
	v.frame = frameOf(query, now, v.Zone, time.Weekday(w.WeekStart))
	channels, err := r.options(c, &v)
	if err != nil {
		return v, err
	}
	shown := post.Shown{BrandID: v.Query.Get("brand"), ChannelID: v.Query.Get("channel"), CampaignID: v.Query.Get("campaign"), PersonID: v.Query.Get("person"), State: post.State(v.Query.Get("state"))}
	if shown.State == post.State(post.Native) {
		shown.State, shown.Origin = "", post.Native
	}
	if brand, err := c.Brand(); err != nil {
		return v, err
	} else if brand.ID != "" {
		shown.BrandID = brand.ID
	}
	channels = slices.DeleteFunc(channels, func(ch channel.Channel) bool {
		return shown.ChannelID != "" && ch.ID != shown.ChannelID || shown.BrandID != "" && ch.BrandID != shown.BrandID
	})
	entries, err := r.Posts.Calendar(ctx, actor, v.From.UTC(), v.To.UTC(), shown)
	if err != nil {
		return v, err
	}
	g := grid{view: &v, now: now, entries: entries, channels: channels, actor: actor}
	if g.black, err = r.Posts.Blackouts(ctx, actor, v.From.UTC(), v.To.UTC()); err != nil {
		return v, err
	}
	if g.free, err = r.Posts.FreeSlots(ctx, actor, channels, v.From.UTC(), v.To.UTC()); err != nil {
		return v, err
	}
	if v.Mode != "month" && v.From.Before(now) { // a month's cards are too small for numbers
		if g.glances, err = r.Insight.Glances(ctx, actor, v.From.UTC(), v.To.UTC()); err != nil {
			return v, err
		}
	}
	if r.Preflight != nil && v.To.After(now) {
		if g.marks, err = r.Preflight.Marks(ctx, actor, now, v.To.UTC()); err != nil {
			return v, err
		}
	}
	g.fill()
	if err := r.beside(c, &v, shown, channels, now); err != nil {
		return v, err
	}
	v.Found = len(entries)
	return v, nil
}

// options fills in what the filters offer.
func (r Rooms) options(c *page.Context, v *view) ([]channel.Channel, error) {
	channels, err := r.Channels.List(c.Ctx(), c.Actor())
	if err != nil {
		return nil, err
	}
	if len(channels) == 0 {
		v.Nothing = "channels"
	}
	for _, ch := range channels {
		v.Channels = append(v.Channels, ui.Option{Value: ch.ID, Label: ch.Name, Group: ui.NetworkName(ch.Network)})
		if !slices.Contains(v.Networks, ch.Network) {
			v.Networks = append(v.Networks, ch.Network)
		}
	}
	campaigns, err := r.Campaigns.List(c.Ctx(), c.Actor())
	if err != nil {
		return nil, err
	}
	for _, k := range campaigns {
		v.Campaigns = append(v.Campaigns, ui.Option{Value: k.ID, Label: k.Name})
	}
	members, err := r.Workspaces.Members(c.Ctx(), c.Actor())
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		v.People = append(v.People, ui.Option{Value: m.UserID, Label: m.Name})
	}
	chosen, err := c.Brand()
	if err != nil || chosen.ID != "" {
		return channels, err
	}
	brands, err := c.Brands()
	for _, b := range brands {
		v.Brands = append(v.Brands, ui.Option{Value: b.ID, Label: b.Name})
	}
	if len(brands) < 2 {
		v.Brands = nil
	}
	return channels, err
}

// beside fills in what stands beside the grid: the tray, the cadences and the saved views.
func (r Rooms) beside(c *page.Context, v *view, shown post.Shown, channels []channel.Channel, now time.Time) error {
	tray, err := r.Posts.Tray(c.Ctx(), c.Actor(), shown, 30)
	if err != nil {
		return err
	}
	for _, p := range tray {
		v.Tray = append(v.Tray, ui.Option{Value: p.ID, Label: draftName(p)})
	}
	at := now
	if now.Before(v.From) || !now.Before(v.To) {
		at = v.At
	}
	met, err := r.Posts.Attainments(c.Ctx(), c.Actor(), channels, at)
	if err != nil {
		return err
	}
	for _, a := range met {
		on := slices.IndexFunc(channels, func(ch channel.Channel) bool { return ch.ID == a.ChannelID })
		v.Cadence = append(v.Cadence, progress{a, channels[on].Name})
	}
	v.Views, err = r.Posts.SavedViews(c.Ctx(), c.Actor(), "calendar")
	return err
}
