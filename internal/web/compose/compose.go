package compose

import (
	"net/http"
	"strings"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/link/card"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/threshold"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct {
	Posts     *post.Posts
	Preflight *preflight.Checks // nil: nothing is said of planned targets
	// Thresholds are what is done when a post does well; nil: nothing is offered.
	Thresholds *threshold.Actions
	Channels   *channel.Channels
	Campaigns  *campaign.Campaigns
	Library    *asset.Library
	Cards      *card.Reader // reads what a link shows of itself; nil: people write it themselves
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	body := func(bytes int64, route page.Route) page.Route { route.Body = bytes; return route }
	const words = 8 << 20 // the longest texts of many variants
	return []page.Route{
		page.Get("/compose", workspace.PostDraft, r.blank),
		body(asset.Largest+words, page.Post("/compose/form", workspace.PostDraft, r.form)),
		body(words, page.Post("/compose/preview", workspace.PostDraft, r.preview)),
		body(words, page.Post("/compose/autosave", workspace.PostDraft, r.autosave)),
		page.Get("/compose/people", workspace.PostDraft, r.people),
		page.Get("/compose/posts", workspace.PostRead, r.list),
		page.Get("/compose/{id}", workspace.PostRead, r.edit),
		page.Get("/compose/{id}/versions", workspace.PostRead, r.versions),
		page.Post("/compose/{id}/restore", workspace.PostDraft, r.restore),
		page.Post("/compose/{id}/cancel", workspace.PostSchedule, r.cancel),
		page.Post("/compose/{id}/unschedule", workspace.PostSchedule, r.unschedule),
		page.Post("/compose/{id}/classify", workspace.PostDraft, r.classify),
		page.Post("/compose/{id}/copy", workspace.PostDraft, r.copy),
		page.Post("/compose/{id}/trash", workspace.PostDraft, r.trash),
		page.Post("/compose/{id}/untrash", workspace.PostDraft, r.untrash),
	}
}

// blank is a new post, with what the address asks for: channel, campaign, at (a wall-clock time), zone, text.
func (r Rooms) blank(c *page.Context) error {
	s := sheet{When: "at", At: c.Query("at"), Zone: c.Query("zone"), Edit: post.Edit{CampaignID: c.Query("campaign"), Base: post.Content{Parts: []post.Part{{Text: c.Query("text")}}}}}
	s.Edit.Channels = c.R.URL.Query()["channel"]
	all, err := r.Channels.List(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	if len(s.Edit.Channels) == 0 && len(all) == 1 {
		s.Edit.Channels = []string{all[0].ID}
	}
	brand, err := c.Brand()
	if err != nil {
		return err
	}
	s.Edit.BrandID = brand.ID
	for _, ch := range all {
		if len(s.Edit.Channels) > 0 && ch.ID == s.Edit.Channels[0] {
			s.Edit.BrandID = ch.BrandID
			if s.Zone == "" {
				s.Zone = ch.Zone
			}
		}
	}
	return r.show(c, s, page.Blank(nil))
}

func (r Rooms) edit(c *page.Context) error {
	e, p, err := r.Posts.Editing(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	s := sheet{PostID: p.ID, Version: p.Version, Edit: e, When: "at"}
	targets, err := r.Posts.Targets(c.Ctx(), c.Actor(), p.ID)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if t.Wall != "" && s.At == "" {
			s.At, s.Zone = t.Wall, t.Zone
		}
	}
	return r.show(c, s, page.Blank(nil))
}

// show renders the screen, or only its editor when a button of it asked.
func (r Rooms) show(c *page.Context, s sheet, f *page.Form) error {
	v, err := r.view(c, s, f)
	if err != nil {
		return err
	}
	if c.Fragment() {
		return c.RenderPart(http.StatusOK, editorSwap(v))
	}
	c.Wide()
	return c.Render(max(http.StatusOK, f.Status()), v.heading(), "compose", composePage(v))
}

// preview shows what each channel would get of what is typed right now.
func (r Rooms) preview(c *page.Context) error {
	s, f, err := r.read(c)
	if err != nil {
		return err
	}
	v, err := r.view(c, s, f)
	if err != nil {
		return err
	}
	return c.RenderPart(http.StatusOK, previewSwap(v))
}

func (r Rooms) cancel(c *page.Context) error {
	if err := r.Posts.Cancel(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("Cancelled. Nothing more of it goes out.")
	return c.Redirect("/compose/" + c.Path("id"))
}

func (r Rooms) unschedule(c *page.Context) error {
	if err := r.Posts.Unschedule(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("It is a draft again; the chosen time is kept as a wish.")
	return c.Redirect("/compose/" + c.Path("id"))
}

// classify gives a post that has gone out other tags and another campaign.
func (r Rooms) classify(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Posts.Classify(c.Ctx(), c.Actor(), c.Path("id"), f.Value("campaign"), strings.Split(f.Raw("tags"), ",")); err != nil {
		if !f.Refuse(err) {
			return err
		}
		e, p, err := r.Posts.Editing(c.Ctx(), c.Actor(), c.Path("id"))
		if err != nil {
			return err
		}
		return r.show(c, sheet{PostID: p.ID, Version: p.Version, Edit: e, When: "at"}, f)
	}
	c.Done("Sorted. It counts there from now on.")
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
