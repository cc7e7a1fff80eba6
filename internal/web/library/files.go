package library

import (
	"net/http"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

// sandbox is the policy of a file opened by itself: nothing in it may run, load or ask (S8, S12).
const sandbox = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'none'"

// media serves a file of the library to a browser.
func (r Rooms) media(c *page.Context) error {
	f, err := r.Library.Show(c.Ctx(), c.Actor(), c.Path("id"), c.Path("profile"))
	if err != nil {
		return err
	}
	defer f.Close()
	h := c.W.Header()
	h.Set("Content-Type", f.MIME)
	h.Set("Content-Disposition", `inline; filename="`+f.Name+`"`)
	h.Set("Cache-Control", "private, max-age=86400")
	h.Set("ETag", `"`+f.Tag+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	http.ServeContent(c.W, c.R, "", time.Time{}, f)
	return nil
}

// fetch serves a file to a network that takes no upload, by the address that a delivery named to it.
func (r Rooms) fetch(c *page.Context) error {
	f, mime, err := r.Library.Fetch(c.Ctx(), c.Path("named"), c.Path("signature"))
	if err != nil {
		return err
	}
	defer f.Close()
	h := c.W.Header()
	h.Set("Content-Type", mime)
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", sandbox)
	http.ServeContent(c.W, c.R, "", time.Time{}, f)
	return nil
}

// original hands out the file as it was uploaded, only ever as a download.
func (r Rooms) original(c *page.Context) error {
	a, f, err := r.Library.Original(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	defer f.Close()
	h := c.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="`+a.FileName()+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", sandbox)
	http.ServeContent(c.W, c.R, "", time.Time{}, f)
	return nil
}

// answer is how the upload script is answered.
type answer struct {
	ID       string `json:"id,omitempty"`
	Received int64  `json:"received"`
	Asset    string `json:"asset,omitempty"`
	Message  string `json:"message,omitempty"`
}

func (r Rooms) begin(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	size, err := strconv.ParseInt(f.Value("bytes"), 10, 64)
	if err != nil {
		return say(c, fault.Invalidf("bytes", "the number of bytes is missing"))
	}
	u, err := r.Library.Begin(c.Ctx(), c.Actor(), f.Value("brand"), f.Value("name"), size)
	return stand(c, u, err)
}

func (r Rooms) status(c *page.Context) error {
	u, err := r.Library.Upload(c.Ctx(), c.Actor(), c.Path("id"))
	return stand(c, u, err)
}

func (r Rooms) piece(c *page.Context) error {
	offset, err := strconv.ParseInt(c.Query("offset"), 10, 64)
	if err != nil {
		return say(c, fault.Invalidf("offset", "say at which byte the piece begins"))
	}
	u, err := r.Library.Append(c.Ctx(), c.Actor(), c.Path("id"), offset, c.R.Body)
	return stand(c, u, err)
}

func (r Rooms) finish(c *page.Context) error {
	a, err := r.Library.Finish(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return say(c, err)
	}
	return c.JSON(http.StatusOK, answer{Asset: a.ID})
}

func (r Rooms) cancel(c *page.Context) error {
	if err := r.Library.Cancel(c.Ctx(), c.Actor(), c.Path("id")); err != nil && !fault.Is(err, fault.NotFound) {
		return say(c, err)
	}
	return c.JSON(http.StatusOK, answer{})
}

func stand(c *page.Context, u asset.Upload, err error) error {
	if err != nil {
		return say(c, err)
	}
	return c.JSON(http.StatusOK, answer{ID: u.ID, Received: u.Received})
}

// say answers the script with what a person can mend; the rest is for the server's log.
func say(c *page.Context, err error) error {
	e := fault.As(err)
	if e.Kind == fault.Internal {
		return err
	}
	message := page.Capital(e.Message) + "."
	if e.Hint != "" {
		message += " " + e.Hint
	}
	status := page.StatusOf(e.Kind)
	if e.Code == "file_too_large" {
		status = http.StatusRequestEntityTooLarge
	}
	return c.JSON(status, answer{Message: message})
}
