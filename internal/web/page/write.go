package page

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzip"

	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// write renders into memory first: a component that fails half-way must not leave half a page with status 200.
func (c *Context) write(status int, body templ.Component) error {
	var buf bytes.Buffer
	if err := body.Render(c.Ctx(), &buf); err != nil {
		return err
	}
	c.send(status, "text/html; charset=utf-8", buf.Bytes())
	return nil
}

// A shorter answer fits one packet as it is.
const worthPacking = 1400

var packers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// send writes a whole answer, packed when that helps. Nobody is told when it does not arrive: whoever asked has gone.
func (c *Context) send(status int, kind string, body []byte) {
	h := c.W.Header()
	h.Set("Content-Type", kind)
	h.Add("Vary", "Accept-Encoding, HX-Request")
	if len(body) < worthPacking || h.Get("Content-Encoding") != "" || !takesGzip(c.R.Header.Get("Accept-Encoding")) {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		c.W.WriteHeader(status)
		_, _ = c.W.Write(body)
		return
	}
	h.Set("Content-Encoding", "gzip")
	c.W.WriteHeader(status)
	packer := packers.Get().(*gzip.Writer)
	defer packers.Put(packer)
	packer.Reset(c.W)
	_, _ = packer.Write(body)
	_ = packer.Close()
}

// takesGzip reads an Accept-Encoding header; "gzip;q=0" refuses it.
func takesGzip(accepts string) bool {
	for coding := range strings.SplitSeq(accepts, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.TrimSpace(name) == "gzip" {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && weight != "q=0.0"
		}
	}
	return false
}

// within puts body where outer has its children.
func within(outer, body templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, body), w)
	})
}

func toastSwap(toasts []ui.ToastProps) templ.Component {
	if len(toasts) == 0 {
		return templ.NopComponent
	}
	return ui.ToastSwap(toasts...)
}

// Redirect sends the browser to a page of this site after a change (POST, redirect, GET). Anything that would leave
// the site goes to the start page instead.
func (c *Context) Redirect(path string) error {
	return c.Leave(Local(path))
}

// Back is Redirect to the page the person comes from, or to otherwise where that is not one of ours.
func (c *Context) Back(otherwise string) error {
	from, err := url.Parse(c.R.Referer())
	if err != nil || from.Host != c.R.Host || from.Path == c.R.URL.Path {
		return c.Redirect(otherwise)
	}
	return c.Redirect(from.RequestURI())
}

// Leave sends the browser to another site: a network's sign-in page. to comes from our own code, never from a form.
func (c *Context) Leave(to string) error {
	c.keepFlash()
	if c.R.Header.Get("HX-Request") == "true" {
		c.W.Header().Set("HX-Redirect", to)
		c.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(c.W, c.R, to, http.StatusSeeOther)
	return nil
}
