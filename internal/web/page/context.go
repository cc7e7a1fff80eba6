package page

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Context is one request to a screen and everything about who asks. It lives as long as the request.
type Context struct {
	W http.ResponseWriter
	R *http.Request

	User    account.User    // zero when nobody is signed in
	Session account.Session // zero when nobody is signed in
	Address string          // of the person, seen through trusted proxies only

	house     *House
	actor     workspace.Actor
	workspace *workspace.Workspace
	brands    []workspace.Brand
	form      *Form
	fresh     string
	wide      bool
	id        string
	flashes   []ui.ToastProps
}

// New makes the context of a request. Only the server and tests of screens call it.
func New(w http.ResponseWriter, r *http.Request, house *House, requestID string) *Context {
	return &Context{W: w, R: r, house: house, id: requestID}
}

// SignIn sets who asks. The server has checked session and membership; actor is zero for a person without workspace.
func (c *Context) SignIn(u account.User, s account.Session, actor workspace.Actor) {
	c.User, c.Session, c.actor = u, s, actor
}

// Ctx ends when the person goes away.
func (c *Context) Ctx() context.Context { return c.R.Context() }

// Actor is the person in their present workspace, for every verb and query.
func (c *Context) Actor() workspace.Actor { return c.actor }

// House is what the screen stands on.
func (c *Context) House() *House { return c.house }

// RequestID is the support code of this request.
func (c *Context) RequestID() string { return c.id }

// Path is a wildcard of the route's pattern.
func (c *Context) Path(name string) string { return c.R.PathValue(name) }

// Query is one value of the address's query.
func (c *Context) Query(name string) string { return c.R.URL.Query().Get(name) }

// Workspace is the workspace the person works in.
func (c *Context) Workspace() (workspace.Workspace, error) {
	if c.workspace == nil {
		w, err := c.house.Workspaces.Get(c.Ctx(), c.actor)
		if err != nil {
			return w, err
		}
		c.workspace = &w
	}
	return *c.workspace, nil
}

// Brands are all brands of the workspace, by name.
func (c *Context) Brands() ([]workspace.Brand, error) {
	if c.brands == nil {
		b, err := c.house.Workspaces.Brands(c.Ctx(), c.actor)
		if err != nil {
			return nil, err
		}
		c.brands = b
	}
	return c.brands, nil
}

// Brand is the brand the person has chosen in the top bar; the zero Brand means all of them.
func (c *Context) Brand() (workspace.Brand, error) {
	brands, err := c.Brands()
	if err != nil {
		return workspace.Brand{}, err
	}
	for _, b := range brands {
		if b.ID == c.Session.Brand {
			return b, nil
		}
	}
	return workspace.Brand{}, nil
}

// Zone is the time zone all times on the person's screens are shown in.
func (c *Context) Zone() *time.Location {
	loc, err := when.Zone(c.User.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Fresh says how old the screen's numbers are, shown beside the zone: "Data of 09:40".
func (c *Context) Fresh(words string) { c.fresh = words }

// Wide lets the screen use the whole width: calendar, inbox.
func (c *Context) Wide() { c.wide = true }

// Fragment reports whether only a part of a page is asked for.
func (c *Context) Fragment() bool {
	return c.R.Header.Get("HX-Request") == "true" && c.R.Header.Get("HX-Request-Type") != "full" &&
		c.R.Header.Get("HX-Boosted") != "true" && c.R.Header.Get("HX-History-Restore-Request") != "true"
}

// Render writes the screen: within the shell, or alone when a fragment is asked for. active is the key of the
// navigation's entry.
func (c *Context) Render(status int, title, active string, body templ.Component) error {
	if c.Fragment() {
		toasts := c.takeFlash()
		return c.write(status, templ.Join(body, toastSwap(toasts)))
	}
	shell, err := c.shell(title, active)
	if err != nil {
		return err
	}
	return c.write(status, within(ui.Page(shell), body))
}

// RenderGuest writes a quiet page without navigation, for everyone.
func (c *Context) RenderGuest(status int, title string, body templ.Component) error {
	if c.Fragment() {
		return c.write(status, templ.Join(body, toastSwap(c.takeFlash())))
	}
	guest := ui.GuestShell{Title: title, Look: c.look(), Flash: c.takeFlash()}
	return c.write(status, within(ui.Guest(guest), body))
}

// RenderPart writes a fragment and nothing around it, for routes that only ever answer with a part.
func (c *Context) RenderPart(status int, body templ.Component) error {
	return c.write(status, templ.Join(body, toastSwap(c.takeFlash())))
}

// JSON writes v; for islands that ask for data.
func (c *Context) JSON(status int, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.RawJSON(status, raw)
}

// RawJSON writes what is JSON already.
func (c *Context) RawJSON(status int, raw []byte) error {
	c.send(status, "application/json", raw)
	return nil
}

func (c *Context) shell(title, active string) (ui.Shell, error) {
	s := ui.Shell{Title: title, Active: active, User: ui.User{Name: c.User.Name, Email: c.User.Email}, Zone: c.Zone().String(),
		Fresh: c.fresh, Wide: c.wide, Look: c.look(), Lang: c.language(), Flash: c.takeFlash()}
	counts := map[string]Count{}
	if c.actor.WorkspaceID != "" {
		if err := c.place(&s); err != nil {
			return s, err
		}
		var err error
		if c.house.Unread != nil {
			if s.Unread, err = c.house.Unread(c.Ctx(), c.actor); err != nil {
				return s, err
			}
		}
		if c.house.Counts != nil {
			if counts, err = c.house.Counts(c.Ctx(), c.actor); err != nil {
				return s, err
			}
		}
	} else {
		s.Events = "-"
	}
	s.Nav = navigation(c.actor, counts)
	return s, nil
}

// look is what this browser was told, else what the person has chosen for all of theirs.
func (c *Context) look() ui.Look {
	l := ui.LookOf(c.R)
	if _, err := c.R.Cookie(ui.LookCookie); err != nil && c.User.Theme != "system" {
		l.Theme = c.User.Theme
	}
	return l
}

func (c *Context) language() string {
	if c.User.Language == "" {
		return "en"
	}
	return c.User.Language
}

// place fills in workspace and brand with what there is to switch to.
func (c *Context) place(s *ui.Shell) error {
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	s.Workspace = ui.Place{ID: w.ID, Name: w.Name}
	if w.SecondFactor && !c.User.SecondFactor() {
		s.Events = "-" // nothing is told before the second factor is set up
	}
	if w.PausedUntil.After(time.Now()) {
		s.Paused = w.PausedReason
		if s.Paused == "" {
			s.Paused = "Nothing goes out until someone resumes it."
		}
	}
	mine, err := c.house.Workspaces.Mine(c.Ctx(), c.User.ID)
	if err != nil {
		return err
	}
	for _, m := range mine {
		s.Workspaces = append(s.Workspaces, ui.Place{ID: m.ID, Name: m.Name, Href: "/switch/" + m.ID})
	}
	brands, err := c.Brands()
	if err != nil {
		return err
	}
	chosen, err := c.Brand()
	if err != nil {
		return err
	}
	s.Brand = ui.Place{ID: chosen.ID, Name: chosen.Name}
	if len(brands) > 1 {
		s.Brands = append(s.Brands, ui.Place{Name: "All brands", Href: "/switch/" + w.ID + "/all"})
		for _, b := range brands {
			s.Brands = append(s.Brands, ui.Place{ID: b.ID, Name: b.Name, Href: "/switch/" + w.ID + "/" + b.ID})
		}
	}
	return nil
}
