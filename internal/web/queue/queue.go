package queue

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct {
	Posts      *post.Posts
	Channels   *channel.Channels
	Workspaces *workspace.Workspaces
	Clock      func() time.Time // nil = the present
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	if r.Clock == nil {
		r.Clock = time.Now
	}
	return []page.Route{
		page.Get("/queue", workspace.PostRead, r.overview),
		page.Post("/queue/stop", workspace.PublishStop, r.stop),
		page.Post("/queue/release", workspace.PublishRelease, r.release),
		page.Post("/queue/pause", workspace.QueuePause, r.pause),
		page.Post("/queue/resume", workspace.QueuePause, r.resume),
		page.Post("/queue/held", workspace.PostSchedule, r.held),
		page.Get("/queue/{channel}", workspace.PostRead, r.channel),
		page.Post("/queue/{channel}/move", workspace.PostSchedule, r.move),
		page.Post("/queue/{channel}/shuffle", workspace.PostSchedule, r.shuffle),
		page.Post("/queue/{channel}/slots", workspace.PostSchedule, r.addSlots),
		page.Post("/queue/{channel}/slots/{slot}/remove", workspace.PostSchedule, r.removeSlot),
		page.Post("/queue/{channel}/cadence", workspace.PostSchedule, r.cadence),
	}
}

// state is what both pages show: who may do what, the stop, and what is held.
type state struct {
	Form     *page.Form
	Zone     *time.Location
	Now      time.Time
	Stop     post.Stop
	Held     []post.Entry
	Refused  []string // why choices were not carried out
	Edit     bool     // may plan somewhere
	Draft    bool
	MayPause bool
	MayStop  bool
	MayFree  bool // may release the stop
}

func (r Rooms) state(c *page.Context, channelID string, f *page.Form) (state, error) {
	actor := c.Actor()
	s := state{Form: f, Zone: c.Zone(), Now: r.Clock(), Edit: actor.CanSomewhere(workspace.PostSchedule), Draft: actor.CanSomewhere(workspace.PostDraft), MayPause: actor.CanSomewhere(workspace.QueuePause),
		MayStop: actor.May(workspace.PublishStop, workspace.Scope{}) == nil, MayFree: actor.May(workspace.PublishRelease, workspace.Scope{}) == nil}
	var err error
	if s.Stop, err = r.Posts.Stopped(c.Ctx(), actor); err != nil {
		return s, err
	}
	s.Held, err = r.Posts.Held(c.Ctx(), actor, channelID)
	return s, err
}

func reads(actor workspace.Actor, brandID, channelID string) bool {
	return actor.Sees(workspace.PostRead, workspace.Scope{BrandID: brandID, ChannelID: channelID}, false)
}

// line is one channel of the overview.
type line struct {
	Channel channel.Channel
	Next    post.Entry // zero when nothing is planned
	Planned int
	Free    int // free slots of the next seven days
	Slots   bool
	Met     []post.Attainment
}

type overviewView struct {
	state
	Lines []line
}

func (r Rooms) overview(c *page.Context) error {
	if id := c.Query("channel"); id != "" {
		return c.Redirect("/queue/" + url.PathEscape(id))
	}
	return r.showOverview(c, page.Blank(nil), nil)
}

func (r Rooms) showOverview(c *page.Context, f *page.Form, refused []string) error {
	ctx, actor := c.Ctx(), c.Actor()
	s, err := r.state(c, "", f)
	if err != nil {
		return err
	}
	s.Refused = refused
	v := overviewView{state: s}
	channels, err := r.visible(c)
	if err != nil {
		return err
	}
	week := s.Now.UTC().AddDate(0, 0, 7)
	free, err := r.Posts.FreeSlots(ctx, actor, channels, s.Now.UTC(), week)
	if err != nil {
		return err
	}
	met, err := r.Posts.Attainments(ctx, actor, channels, s.Now)
	if err != nil {
		return err
	}
	ahead, err := r.Posts.Ahead(ctx, actor)
	if err != nil {
		return err
	}
	slots, err := r.Posts.Slotted(ctx, actor)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		l := line{Channel: ch, Next: ahead[ch.ID].Next, Planned: ahead[ch.ID].Planned, Slots: slots[ch.ID]}
		for _, p := range free {
			if p.ChannelID == ch.ID {
				l.Free++
			}
		}
		for _, a := range met {
			if a.ChannelID == ch.ID {
				l.Met = append(l.Met, a)
			}
		}
		v.Lines = append(v.Lines, l)
	}
	status := max(200, f.Status())
	if len(refused) > 0 {
		status = 409
	}
	return c.Render(status, "Queue", "queue", overviewPage(v))
}

// visible are the channels the person may read.
func (r Rooms) visible(c *page.Context) ([]channel.Channel, error) {
	channels, err := r.Channels.List(c.Ctx(), c.Actor())
	if err != nil {
		return nil, err
	}
	brand, err := c.Brand()
	return slices.DeleteFunc(channels, func(ch channel.Channel) bool {
		return !reads(c.Actor(), ch.BrandID, ch.ID) || brand.ID != "" && ch.BrandID != brand.ID
	}), err
}

// row is one line of a channel's order: a post, or a free slot.
type row struct {
	Entry post.Entry // zero for a free slot
	Free  post.Place
	At    time.Time
}

type channelView struct {
	state
	Channel   channel.Channel
	Channels  []channel.Channel
	Rows      []row
	Queued    int // posts in slots
	More      int // free slots that are not shown
	Slots     []post.Slot
	Week      []time.Weekday
	Met       []post.Attainment
	Members   []ui.Option
	Local     *time.Location // the channel's zone
	Plan      bool           // may plan on this channel
	PauseHere bool
}

func (r Rooms) channel(c *page.Context) error { return r.showChannel(c, page.Blank(nil)) }

func (r Rooms) showChannel(c *page.Context, f *page.Form) error {
	v, err := r.channelView(c, f)
	if err != nil {
		return err
	}
	return c.Render(max(200, f.Status()), v.Channel.Name+" queue", "queue", channelPage(v))
}

// ahead is how far free slots are looked for, and tail how many of them are shown behind the last post.
const (
	ahead = 14 * 24 * time.Hour
	tail  = 5
)

func (r Rooms) channelView(c *page.Context, f *page.Form) (channelView, error) {
	ctx, actor := c.Ctx(), c.Actor()
	s, err := r.state(c, c.Path("channel"), f)
	v := channelView{state: s}
	if err != nil {
		return v, err
	}
	if v.Channel, err = r.Channels.Get(ctx, actor, c.Path("channel")); err != nil {
		return v, err
	}
	at := workspace.Scope{BrandID: v.Channel.BrandID, ChannelID: v.Channel.ID}
	if !reads(actor, at.BrandID, at.ChannelID) {
		return v, fault.NotFoundf("there is no such channel in this workspace")
	}
	v.Plan, v.PauseHere = actor.May(workspace.PostSchedule, at) == nil, actor.May(workspace.QueuePause, at) == nil
	if v.Local, err = time.LoadLocation(v.Channel.Zone); err != nil {
		return v, err
	}
	if v.Channels, err = r.visible(c); err != nil {
		return v, err
	}
	if v.Slots, err = r.Posts.Slots(ctx, actor, v.Channel.ID); err != nil {
		return v, err
	}
	if v.Met, err = r.Posts.Attainments(ctx, actor, []channel.Channel{v.Channel}, s.Now); err != nil {
		return v, err
	}
	w, err := c.Workspace()
	if err != nil {
		return v, err
	}
	for i := range 7 {
		v.Week = append(v.Week, time.Weekday((w.WeekStart+i)%7))
	}
	members, err := r.Workspaces.Members(ctx, actor)
	if err != nil {
		return v, err
	}
	for _, m := range members {
		v.Members = append(v.Members, ui.Option{Value: m.UserID, Label: m.Name})
	}
	return v, r.order(c, &v)
}

// order merges the posts of the channel and the gaps between them.
func (r Rooms) order(c *page.Context, v *channelView) error {
	queue, err := r.Posts.Queue(c.Ctx(), c.Actor(), v.Channel.ID)
	if err != nil {
		return err
	}
	until := v.Now.UTC().Add(ahead)
	for _, e := range queue {
		if e.State != post.Scheduled {
			continue
		}
		if e.SlotID != "" {
			v.Queued++
		}
		v.Rows = append(v.Rows, row{Entry: e, At: e.DueAt})
		if e.DueAt.After(until) {
			until = e.DueAt
		}
	}
	free, err := r.Posts.FreeSlots(c.Ctx(), c.Actor(), []channel.Channel{v.Channel}, v.Now.UTC(), until)
	if err != nil {
		return err
	}
	last := time.Time{}
	if n := len(v.Rows); n > 0 {
		last = v.Rows[n-1].At
	}
	behind := 0
	for _, p := range free {
		if p.At.After(last) {
			if behind++; behind > tail {
				v.More++
				continue
			}
		}
		v.Rows = append(v.Rows, row{Free: p, At: p.At})
	}
	slices.SortStableFunc(v.Rows, func(a, b row) int { return a.At.Compare(b.At) })
	return nil
}

// words of a list of names: Club, Bar and Shop.
func names(all []string) string {
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
	return strings.Join(all, "")
}
