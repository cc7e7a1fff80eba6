package library

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct{ Library *asset.Library }

// Routes are the screen's addresses, and those of the files.
func Routes(r Rooms) []page.Route {
	add := page.Post("/library", workspace.AssetUpload, r.add)
	add.Body = asset.Largest + 1<<20
	piece := page.Post("/uploads/{id}", workspace.AssetUpload, r.piece)
	piece.Body, piece.Limit = asset.Chunk+1, 3000
	media := page.Get("/media/{id}/{profile}", page.Member, r.media)
	media.Limit = 6000 // a grid shows many
	fetch := page.Get("/files/{named}/{signature}/{name}", page.Public, r.fetch)
	fetch.Limit = 6000 // networks fetch from few addresses
	return []page.Route{
		page.Get("/library", workspace.PostRead, r.list),
		add,
		page.Get("/library/{id}", workspace.PostRead, r.one),
		page.Post("/library/{id}", workspace.AssetUpload, r.describe),
		page.Post("/library/{id}/trash", workspace.AssetUpload, r.trash),
		page.Post("/library/{id}/untrash", workspace.AssetUpload, r.untrash),
		page.Post("/library/{id}/captions", workspace.AssetUpload, r.caption),
		page.Post("/library/{id}/uncaption", workspace.AssetUpload, r.uncaption),
		page.Get("/library/{id}/original", workspace.AssetUpload, r.original),
		page.Post("/uploads", workspace.AssetUpload, r.begin),
		page.Get("/uploads/{id}", workspace.AssetUpload, r.status),
		piece,
		page.Post("/uploads/{id}/finish", workspace.AssetUpload, r.finish),
		page.Post("/uploads/{id}/cancel", workspace.AssetUpload, r.cancel),
		media,
		fetch,
	}
}

// listView is the grid.
type listView struct {
	Assets []asset.Asset
	Next   string
	Query  url.Values
	Filter asset.Filter
	Brand  string
	Upload bool
	Form   *page.Form
}

func (r Rooms) list(c *page.Context) error { return r.show(c, page.Blank(nil)) }

func (r Rooms) show(c *page.Context, form *page.Form) error {
	q := c.R.URL.Query()
	brand, err := c.Brand()
	if err != nil {
		return err
	}
	v := listView{Query: q, Brand: brand.ID, Upload: c.Actor().CanSomewhere(workspace.AssetUpload), Form: form,
		Filter: asset.Filter{Search: q.Get("q"), Kind: q.Get("kind"), Tag: q.Get("tag"), Trashed: q.Get("view") == "trash", Before: q.Get("before"), BrandID: brand.ID, Limit: 60}}
	if v.Assets, v.Next, err = r.Library.List(c.Ctx(), c.Actor(), v.Filter); err != nil {
		return err
	}
	return c.Render(max(http.StatusOK, form.Status()), "Library", "library", listPage(v))
}

// add takes the files of a plain form.
func (r Rooms) add(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	var refused []string
	taken := 0
	for _, h := range f.Files("files") {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		opened, err := h.Open()
		if err != nil {
			return err
		}
		_, err = r.Library.Add(c.Ctx(), c.Actor(), f.Value("brand"), h.Filename, opened)
		_ = opened.Close()
		if e := (*fault.Error)(nil); err != nil {
			if e = fault.As(err); e.Kind != fault.Invalid {
				return err
			}
			refused = append(refused, h.Filename+": "+e.Message+". "+e.Hint)
			continue
		}
		taken++
	}
	if len(refused) == 0 && taken == 0 {
		refused = []string{"Choose at least one file."}
	}
	if len(refused) > 0 {
		f.Wrong("files", strings.Join(refused, " "))
		return r.show(c, f)
	}
	c.Done(counted(taken) + " added.")
	return c.Redirect("/library")
}

func counted(n int) string {
	if n == 1 {
		return "The file is"
	}
	return show.Count(int64(n)) + " files are"
}

// oneView is a file with all that is known of it.
type oneView struct {
	Asset    asset.Asset
	Usages   []asset.Usage
	Captions []asset.Caption // of a video
	Form     *page.Form
	Caption  *page.Form // for further captions
	Edit     bool
	Zone     *time.Location
}

func (r Rooms) one(c *page.Context) error { return r.showOne(c, nil, page.Blank(nil)) }

// showOne shows a file with its form, nil for as it is stored, and the form for captions.
func (r Rooms) showOne(c *page.Context, form, caption *page.Form) error {
	a, err := r.Library.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	v := oneView{Asset: a, Form: form, Caption: caption, Zone: c.Zone(), Edit: c.Actor().MayOwn(workspace.AssetUpload, workspace.Scope{BrandID: a.BrandID}, a.CreatedBy == c.Actor().UserID) == nil}
	if v.Usages, err = r.Library.Usages(c.Ctx(), c.Actor(), a.ID); err != nil {
		return err
	}
	if a.Kind == network.Video {
		if v.Captions, err = r.Library.Captions(c.Ctx(), c.Actor(), a.ID); err != nil {
			return err
		}
	}
	if form == nil {
		x, y := asset.Percent(a.FocusX, a.FocusY)
		v.Form = page.Blank(map[string]string{"name": a.Name, "alt": a.Alt, "tags": strings.Join(a.Tags, ", "), "focus_x": x, "focus_y": y})
	}
	return c.Render(max(http.StatusOK, v.Form.Status(), caption.Status()), a.Name, "library", onePage(v))
}

func (r Rooms) describe(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	x, y := asset.Point(f.Value("focus_x"), f.Value("focus_y"))
	d := asset.Description{Name: f.Value("name"), Alt: f.Value("alt"), FocusX: x, FocusY: y, Tags: strings.Split(f.Value("tags"), ",")}
	if err := r.Library.Describe(c.Ctx(), c.Actor(), c.Path("id"), d); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return r.showOne(c, f, page.Blank(nil))
	}
	c.Done("Saved. Posts that use the file's own alt text follow.")
	return c.Redirect("/library/" + c.Path("id"))
}

func (r Rooms) trash(c *page.Context) error {
	id := c.Path("id")
	if err := r.Library.Trash(c.Ctx(), c.Actor(), id); err != nil {
		return err
	}
	c.Flash(ui.ToastProps{Tone: ui.Good, Text: "Moved to the trash; it is kept for 30 days.", UndoURL: "/library/" + id + "/untrash"})
	return c.Redirect("/library")
}

func (r Rooms) untrash(c *page.Context) error {
	if err := r.Library.Untrash(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("It is in the library again.")
	return c.Redirect("/library/" + c.Path("id"))
}
