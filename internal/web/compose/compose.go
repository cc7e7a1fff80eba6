// Package compose is the screen for writing (S-COMPOSE): one base, a variant where a channel differs, and beside them
// what each channel will get, checked by the rules that publish.
package compose

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct {
	Posts     *post.Posts
	Channels  *channel.Channels
	Campaigns *campaign.Campaigns
	Library   *asset.Library
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	big := func(route page.Route) page.Route { route.Body = asset.Largest + 1<<20; return route }
	return []page.Route{
		page.Get("/compose", workspace.PostDraft, r.blank),
		big(page.Post("/compose", workspace.PostDraft, r.create)),
		big(page.Post("/compose/preview", workspace.PostDraft, r.preview)),
		page.Get("/compose/{id}", workspace.PostRead, r.edit),
		big(page.Post("/compose/{id}", workspace.PostDraft, r.save)),
		page.Post("/compose/{id}/autosave", workspace.PostDraft, r.autosave),
		page.Get("/compose/{id}/versions", workspace.PostRead, r.versions),
		page.Post("/compose/{id}/restore", workspace.PostDraft, r.restore),
		page.Post("/compose/{id}/cancel", workspace.PostSchedule, r.cancel),
		page.Post("/compose/{id}/unschedule", workspace.PostSchedule, r.unschedule),
		page.Post("/compose/{id}/copy", workspace.PostDraft, r.copy),
		page.Post("/compose/{id}/trash", workspace.PostDraft, r.trash),
	}
}

// view is everything the screen shows.
type view struct {
	Form      *page.Form
	Post      post.Post
	Targets   []post.Target
	Channels  []channel.Channel
	Chosen    []channel.Channel
	Networks  *network.Registry
	Campaigns []ui.Option
	Brands    []ui.Option
	Previews  []post.Preview
	Assets    map[string]asset.Asset
	Parts     []partForm
	Zone      *time.Location
	Locked    bool // what went out is not changed here
	Schedule  bool // may schedule
	Confirm   string
}

// partForm is one part as the form holds it.
type partForm struct {
	Text  string
	Media []post.MediaUse
}

func (r Rooms) blank(c *page.Context) error {
	f := page.Blank(map[string]string{"campaign": c.Query("campaign"), "language": "en", "at": c.Query("at")})
	f.Set("part", "")
	if at := c.Query("channel"); at != "" {
		f.Set("channels", at)
	} else {
		all, err := r.Channels.List(c.Ctx(), c.Actor())
		if err != nil {
			return err
		}
		if len(all) == 1 {
			f.Set("channels", all[0].ID)
		}
	}
	return r.show(c, f, post.Post{})
}

func (r Rooms) edit(c *page.Context) error {
	e, p, err := r.Posts.Editing(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	return r.show(c, formOf(e, p), p)
}

func (r Rooms) show(c *page.Context, f *page.Form, p post.Post) error {
	v, err := r.view(c, f, p)
	if err != nil {
		return err
	}
	title := "Write a post"
	if p.ID != "" {
		title = "Edit post"
	}
	return c.Render(max(200, f.Status()), title, "compose", composePage(v))
}

func (r Rooms) view(c *page.Context, f *page.Form, p post.Post) (view, error) {
	ctx, actor := c.Ctx(), c.Actor()
	v := view{Form: f, Post: p, Networks: r.Channels.Networks(), Zone: c.Zone(), Assets: map[string]asset.Asset{}, Schedule: actor.CanSomewhere(workspace.PostSchedule)}
	var err error
	if v.Channels, err = r.Channels.List(ctx, actor); err != nil {
		return v, err
	}
	for _, ch := range v.Channels {
		if f.Has("channels", ch.ID) {
			v.Chosen = append(v.Chosen, ch)
		}
	}
	campaigns, err := r.Campaigns.List(ctx, actor)
	if err != nil {
		return v, err
	}
	for _, k := range campaigns {
		if k.State != campaign.Closed || k.ID == f.Value("campaign") {
			v.Campaigns = append(v.Campaigns, ui.Option{Value: k.ID, Label: k.Name})
		}
	}
	brands, err := c.Brands()
	if err != nil {
		return v, err
	}
	for _, b := range brands {
		v.Brands = append(v.Brands, ui.Option{Value: b.ID, Label: b.Name})
	}
	if p.ID != "" {
		if v.Targets, err = r.Posts.Targets(ctx, actor, p.ID); err != nil {
			return v, err
		}
		switch p.State {
		case post.Draft, post.InReview, post.Approved, post.Scheduled, post.Held, post.Failed, post.Cancelled:
		default:
			v.Locked = true
		}
	}
	v.Parts = partsOf(f)
	for _, part := range v.Parts {
		for _, m := range part.Media {
			if a, err := r.Library.Get(ctx, actor, m.AssetID); err == nil {
				v.Assets[a.ID] = a
			}
		}
	}
	v.Previews, err = r.Posts.Preview(ctx, actor, editOf(f))
	return v, err
}

// preview shows what each channel would get of what is typed right now.
func (r Rooms) preview(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	shown, err := r.Posts.Preview(c.Ctx(), c.Actor(), editOf(f))
	if err != nil {
		return err
	}
	return c.RenderPart(http.StatusOK, previews(shown))
}

func (r Rooms) create(c *page.Context) error {
	return r.keep(c, post.Post{}, func(e post.Edit) (post.Post, error) { return r.Posts.Create(c.Ctx(), c.Actor(), e) })
}

func (r Rooms) save(c *page.Context) error {
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	return r.keep(c, p, func(e post.Edit) (post.Post, error) {
		f, err := c.Form()
		if err != nil {
			return p, err
		}
		version, _ := strconv.Atoi(f.Value("version"))
		return r.Posts.Save(c.Ctx(), c.Actor(), p.ID, version, e)
	})
}

// keep stores what was written and then does what the pressed button says. Whatever is refused, the form comes back
// as it was filled in.
func (r Rooms) keep(c *page.Context, p post.Post, store func(post.Edit) (post.Post, error)) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	do := f.Value("do")
	if err := r.take(c, f); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.show(c, f, p)
	}
	if part, ok := strings.CutPrefix(do, "remove-part-"); ok {
		removePart(f, part)
		return r.show(c, f, p)
	}
	if do == "add-part" {
		f.Set("part", append(f.All("part"), "")...)
		return r.show(c, f, p)
	}
	if do == "split" {
		splitParts(f)
		return r.show(c, f, p)
	}
	saved, err := store(editOf(f))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.show(c, f, p)
	}
	f.Set("version", strconv.Itoa(saved.Version))
	if err := r.then(c, f, do, saved); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.show(c, f, saved)
	}
	switch do {
	case "schedule", "queue", "queue-first", "now":
		return c.Redirect("/calendar")
	}
	return c.Redirect("/compose/" + saved.ID)
}

// then does what comes after saving.
func (r Rooms) then(c *page.Context, f *page.Form, do string, p post.Post) error {
	ctx, actor, confirm := c.Ctx(), c.Actor(), f.On("confirm")
	switch do {
	case "schedule":
		if f.Value("at") == "" {
			return fault.Invalidf("at", "choose a day and a time")
		}
		if err := r.Posts.Schedule(ctx, actor, p.ID, post.Plan{Wall: f.Value("at"), Zone: c.Zone().String(), Confirm: confirm}); err != nil {
			return rename(err)
		}
		c.Done("The post is scheduled.")
	case "now":
		if err := r.Posts.Schedule(ctx, actor, p.ID, post.Plan{Now: true, Confirm: confirm}); err != nil {
			return rename(err)
		}
		c.Done("The post is going out now.")
	case "queue", "queue-first":
		at := post.Next
		if do == "queue-first" {
			at = post.First
		}
		if err := r.Posts.Enqueue(ctx, actor, p.ID, at, confirm); err != nil {
			return rename(err)
		}
		c.Done("The post is in the queue.")
	default:
		c.Done("Saved.")
	}
	return nil
}

// rename puts a refusal about the time beside the field that holds it.
func rename(err error) error {
	if f := fault.As(err); f.Field == "time" || f.Field == "wall" {
		f.Field = "at"
	}
	return err
}

// take moves files that came with the form into the library and into their part.
func (r Rooms) take(c *page.Context, f *page.Form) error {
	for i := range f.All("part") {
		for _, h := range f.Files(fmt.Sprintf("file-%d", i)) {
			if h.Size == 0 {
				continue
			}
			opened, err := h.Open()
			if err != nil {
				return err
			}
			a, err := r.Library.Add(c.Ctx(), c.Actor(), f.Value("brand"), h.Filename, opened)
			opened.Close()
			if err != nil {
				e := fault.As(err)
				e.Field, e.Message = "", h.Filename+": "+e.Message
				return err
			}
			key := fmt.Sprintf("media-%d", i)
			f.Set(key, append(f.All(key), a.ID)...)
		}
	}
	return nil
}

// autosave keeps a draft while it is written; a newer version of somebody else stops it and says so.
func (r Rooms) autosave(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Value("version"))
	p, err := r.Posts.Save(c.Ctx(), c.Actor(), c.Path("id"), version, editOf(f))
	if err != nil {
		return err
	}
	return c.RenderPart(http.StatusOK, versionField(p.Version))
}

func (r Rooms) versions(c *page.Context) error {
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	all, err := r.Posts.Versions(c.Ctx(), c.Actor(), p.ID)
	if err != nil {
		return err
	}
	return c.Render(200, "Versions", "compose", versionsPage(p, all, c.Zone()))
}

func (r Rooms) restore(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	p, err := r.Posts.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	if _, err := r.Posts.Restore(c.Ctx(), c.Actor(), p.ID, f.Int("old", 1, 1<<30), p.Version); err != nil {
		return err
	}
	c.Done("Restored as a new version; nothing was deleted.")
	return c.Redirect("/compose/" + p.ID)
}

func (r Rooms) cancel(c *page.Context) error {
	if err := r.Posts.Cancel(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("Cancelled. Nothing of it goes out.")
	return c.Redirect("/compose/" + c.Path("id"))
}

func (r Rooms) unschedule(c *page.Context) error {
	if err := r.Posts.Unschedule(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("It is a draft again.")
	return c.Redirect("/compose/" + c.Path("id"))
}

func (r Rooms) copy(c *page.Context) error {
	p, err := r.Posts.Copy(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	c.Done("This is a copy; the original is unchanged.")
	return c.Redirect("/compose/" + p.ID)
}

func (r Rooms) trash(c *page.Context) error {
	if err := r.Posts.Trash(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("Moved to the trash; it is kept for 30 days.")
	return c.Redirect("/calendar")
}
