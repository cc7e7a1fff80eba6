package page

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/bellwether-social/bellwether/internal/web/ui"
)

const flashCookie = "flash"

// Flash shows a short message on the page this request ends with, or after Redirect on the next one.
func (c *Context) Flash(t ui.ToastProps) { c.flashes = append(c.flashes, t) }

// Done is Flash for something that worked.
func (c *Context) Done(text string) { c.Flash(ui.ToastProps{Tone: ui.Good, Text: text}) }

// keepFlash carries the messages over a redirect, signed so that nobody else can put words into our mouth.
func (c *Context) keepFlash() {
	if len(c.flashes) == 0 {
		return
	}
	raw, err := json.Marshal(c.flashes)
	if err != nil {
		return // a toast is not worth failing a change that is done
	}
	payload := base64.RawURLEncoding.EncodeToString(raw)
	if len(payload) > 3000 { // browsers drop larger cookies whole
		return
	}
	c.SetCookie(flashCookie, payload+"~"+c.house.Keys.Sign(flashCookie, payload), 60)
}

// takeFlash returns what is to be shown now: kept by the request before, and said in this one.
func (c *Context) takeFlash() []ui.ToastProps {
	var toasts []ui.ToastProps
	if value := c.Cookie(flashCookie); value != "" {
		c.SetCookie(flashCookie, "", -1)
		payload, signature, _ := strings.Cut(value, "~")
		if raw, err := base64.RawURLEncoding.DecodeString(payload); err == nil && c.house.Keys.Verify(flashCookie, payload, signature) {
			_ = json.Unmarshal(raw, &toasts) // ours, as signed
		}
	}
	toasts, c.flashes = append(toasts, c.flashes...), nil
	return toasts
}

// Cookie is the value of one of our cookies, "" when the browser has none.
func (c *Context) Cookie(name string) string {
	cookie, err := c.R.Cookie(c.house.CookieName(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// SetCookie gives the browser a cookie that only the server reads; seconds below 0 takes it away, 0 keeps it until
// the browser is closed.
func (c *Context) SetCookie(name, value string, seconds int) {
	http.SetCookie(c.W, &http.Cookie{Name: c.house.CookieName(name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true,
		Secure: c.house.Secure(), SameSite: http.SameSiteLaxMode})
}

// SessionCookie is the name of the cookie that holds the session's token.
const SessionCookie = "session"
