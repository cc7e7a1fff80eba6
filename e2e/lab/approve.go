package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
)

// visitor is a person's browser on a sign-in page: it keeps cookies and says what a browser says.
type visitor struct {
	t       testing.TB
	page    *url.URL
	cookies map[string]string // by name alone: the pages mark some as secure, and this machine speaks plain http
}

func visit(t testing.TB, page string) *visitor {
	t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		t.Fatalf("open the sign-in page %q: %v", page, err)
	}
	return &visitor{t: t, page: u, cookies: map[string]string{}}
}

func (v *visitor) ask(method, where string, header map[string]string, body []byte) (*http.Response, []byte) {
	v.t.Helper()
	u, err := v.page.Parse(where)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, where, err)
	}
	req, err := http.NewRequestWithContext(v.t.Context(), method, u.String(), bytes.NewReader(body))
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, where, err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0")
	req.Header.Set("Accept", "text/html")
	for k, value := range header {
		req.Header.Set(k, value)
	}
	for name, value := range v.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := client.Do(req)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, where, err)
	}
	defer func() { _ = res.Body.Close() }()
	for _, c := range res.Cookies() {
		v.cookies[c.Name] = c.Value
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, where, err)
	}
	return res, text
}

func (v *visitor) redirected(res *http.Response, text []byte) string {
	v.t.Helper()
	to, err := res.Location()
	if res.StatusCode < 300 || res.StatusCode > 399 || err != nil {
		v.t.Fatalf("the sign-in page of %s answered %d: %.300s", v.page.Host, res.StatusCode, text)
	}
	return to.String()
}

// Approve plays the person at the browser: opens the page that the product sent them to, signs in, allows, and returns
// the address that the browser is sent back to, with the code.
func (u MastodonUser) Approve(page string) string {
	u.p.t.Helper()
	v := visit(u.p.t, page)
	v.ask(http.MethodGet, page, nil, nil)
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	res, text := v.ask(http.MethodPost, "/auth/sign_in", form, []byte(url.Values{"username": {u.Email}, "password": {u.Password}}.Encode()))
	v.redirected(res, text)
	if res, text = v.ask(http.MethodGet, "/oauth/authorize", nil, nil); res.StatusCode != http.StatusOK {
		u.p.t.Fatalf("the page that asks for permission answered %d: %.300s", res.StatusCode, text)
	}
	res, text = v.ask(http.MethodPost, "/oauth/authorize", form, nil)
	return v.redirected(res, text)
}

// Approve plays the person at the browser, as for Mastodon.
func (u ATUser) Approve(page string) string { u.p.t.Helper(); return u.decide(page, true) }

// Refuse is Approve for the person who says no; the address it returns carries error=access_denied.
func (u ATUser) Refuse(page string) string { u.p.t.Helper(); return u.decide(page, false) }

func (u ATUser) decide(page string, allow bool) string {
	u.p.t.Helper()
	v := visit(u.p.t, page)
	fetch := func(mode, dest, site string) map[string]string {
		return map[string]string{"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest, "Sec-Fetch-Site": site, "Referer": page}
	}
	res, text := v.ask(http.MethodGet, page, fetch("navigate", "document", "cross-site"), nil)
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		return v.redirected(res, text)
	}
	if res.StatusCode != http.StatusOK {
		u.p.t.Fatalf("the sign-in page answered %d: %.300s", res.StatusCode, text)
	}
	bearer := ""
	api := func(endpoint string, content map[string]any, answer any) {
		u.p.t.Helper()
		header := fetch("same-origin", "empty", "same-origin")
		header["Accept"], header["Content-Type"], header["Origin"] = "application/json", "application/json", fmt.Sprintf("%s://%s", v.page.Scheme, v.page.Host)
		header["X-Csrf-Token"] = v.cookies["csrf-token"]
		if bearer != "" {
			header["Authorization"] = "Bearer " + bearer
		}
		body, err := json.Marshal(content)
		if err != nil {
			u.p.t.Fatalf("%s: %v", endpoint, err)
		}
		res, text := v.ask(http.MethodPost, "/@atproto/oauth-provider/~api/"+endpoint, header, body)
		if res.StatusCode >= 300 {
			u.p.t.Fatalf("%s answered %d: %.300s", endpoint, res.StatusCode, text)
		}
		if err := json.Unmarshal(text, answer); err != nil {
			u.p.t.Fatalf("%s: %v in %.300s", endpoint, err, text)
		}
	}
	var session struct {
		Account        struct{ Sub, DID string } `json:"account"`
		EphemeralToken string                    `json:"ephemeralToken"`
	}
	api("sign-in", map[string]any{"locale": "en", "username": u.Handle, "password": u.Password, "remember": false}, &session)
	bearer = session.EphemeralToken
	var decided struct {
		URL string `json:"url"`
	}
	if allow {
		api("consent", map[string]any{"did": u.DID}, &decided)
	} else {
		api("reject", map[string]any{}, &decided)
	}
	res, text = v.ask(http.MethodGet, decided.URL, fetch("navigate", "document", "same-origin"), nil)
	return v.redirected(res, text)
}
