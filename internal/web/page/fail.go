package page

import (
	"net/http"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// StatusOf is the HTTP status of a kind of error.
func StatusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid, fault.Rejected:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Conflict, fault.Unauthorised:
		return http.StatusConflict
	case fault.Later:
		return http.StatusServiceUnavailable
	case fault.Unknown:
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// words are the heading and the default next step of each kind.
func words(k fault.Kind) (title, next string) {
	switch k {
	case fault.Invalid:
		return "That cannot be done like this", "Change it and try again."
	case fault.NotFound:
		return "Not found", "Check the address, or go to the start page."
	case fault.Forbidden:
		return "You may not do that", "Ask an owner or admin of this workspace for the right."
	case fault.Conflict:
		return "That is no longer possible", "Reload the page to see how things stand now."
	case fault.Rejected:
		return "The network refused", "Change what it names and try again."
	case fault.Later:
		return "Not possible at this moment", "Try again in a moment."
	case fault.Unauthorised:
		return "The network no longer accepts our access", "Reconnect the channel under Channels."
	case fault.Unknown:
		return "The outcome is not known yet", "Nothing is sent again by itself. Look at the delivery before you repeat it."
	}
	return "Something failed on our side", "Try again; if it stays, tell whoever runs this installation the code below."
}

// problem is how the error is shown. kept says what was not lost.
func (c *Context) problem(e *fault.Error, kept string) ui.AlertProps {
	title, next := words(e.Kind)
	if e.Hint != "" {
		next = e.Hint
	}
	p := ui.AlertProps{Title: title, Text: sentence(&fault.Error{Message: e.Message}), Kept: kept, Next: next, Detail: "Code " + c.id}
	if e.Kind == fault.Internal {
		p.Text = "What you did was not carried out."
	}
	return p
}

// Fail ends the request with an error: status by kind, and a page, or for a fragment a message, that says what
// happened, what was kept, what to do next and the support code. The server logs the cause.
func (c *Context) Fail(err error) {
	e := fault.As(err)
	status := StatusOf(e.Kind)
	c.flashes = nil // what was to be said after a success is not true
	if e.Code == "too_large" {
		status = http.StatusRequestEntityTooLarge
	}
	if e.Code == "too_many_requests" {
		status = http.StatusTooManyRequests
	}
	if !e.RetryAt.IsZero() {
		c.W.Header().Set("Retry-After", strconv.Itoa(max(1, int(time.Until(e.RetryAt).Seconds()))))
	}
	kept := ""
	if c.R.Method != http.MethodGet {
		kept = "Nothing was changed."
	}
	p := c.problem(e, kept)
	if c.Fragment() { // leave the page as it is, and what is typed in it, and say it beside
		c.W.Header().Set("HX-Reswap", "none")
		text := p.Title + ": " + sentence(e)
		if e.Kind == fault.Internal {
			text = p.Title + ". " + p.Next + " " + p.Detail
		}
		if c.write(status, ui.ToastSwap(ui.ToastProps{Tone: ui.Bad, Text: text, Seconds: 15})) == nil {
			return
		}
	}
	body := failed(p)
	if c.actor.WorkspaceID != "" && c.Render(status, p.Title, "", body) == nil {
		return
	}
	if c.RenderGuest(status, p.Title, body) != nil {
		http.Error(c.W, p.Title+". "+p.Detail, status)
	}
}
