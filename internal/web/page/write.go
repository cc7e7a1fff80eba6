package page

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// write renders into memory first: a component that fails half-way must not leave half a page with status 200.
func (c *Context) write(status int, body templ.Component) error {
	var buf bytes.Buffer
	if err := body.Render(c.Ctx(), &buf); err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.W.WriteHeader(status)
	_, _ = c.W.Write(buf.Bytes()) // whoever asked has gone; there is nobody to tell
	return nil
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
	path = Local(path)
	if c.R.Header.Get("HX-Request") == "true" {
		c.keepFlash()
		c.W.Header().Set("HX-Redirect", path)
		c.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	c.keepFlash()
	http.Redirect(c.W, c.R, path, http.StatusSeeOther)
	return nil
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
