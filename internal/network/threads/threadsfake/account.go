package threadsfake

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The life of tokens: a short one from the code, a long one from the short one, renewed from its second day on.
const (
	shortLife = time.Hour
	longLife  = 60 * 24 * time.Hour
	young     = 24 * time.Hour
)

type code struct{ redirect string }

// authorize plays a person who is signed in as the brand and allows everything.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host == "" || q.Get("client_id") != ClientID || q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), "threads_basic") || q.Get("state") == "" {
		f.complain("the authorisation page was called with %s", r.URL.RawQuery)
		http.Error(w, "invalid request", http.StatusBadRequest)
		return
	}
	key := "AQB" + f.id()
	f.codes[key] = code{redirect: q.Get("redirect_uri")}
	back.RawQuery = url.Values{"code": {key}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String()+"#_", http.StatusFound)
}

func (f *Fake) exchangeCode(c *call) (any, *refusal) {
	p := c.params
	known, ok := f.codes[p.Get("code")]
	switch {
	case p.Get("grant_type") != "authorization_code":
		return nil, no(100, "Invalid grant type")
	case p.Get("client_id") != ClientID || p.Get("client_secret") != ClientSecret:
		return nil, no(101, "Error validating client secret.")
	case !ok:
		return nil, no(100, "Invalid verification code format.")
	case known.redirect != p.Get("redirect_uri"):
		return nil, no(100, "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request")
	}
	delete(f.codes, p.Get("code"))
	token := "THAA-short-" + f.id()
	f.tokens[token] = grant{username: Brand, short: true, made: f.o.Now()}
	return map[string]any{"access_token": token, "user_id": BrandID}, nil
}

func (f *Fake) exchangeToken(c *call) (any, *refusal) {
	g, ok := f.tokens[c.token]
	switch {
	case c.params.Get("grant_type") != "th_exchange_token" || c.params.Get("client_secret") != ClientSecret:
		return nil, no(101, "Error validating client secret.")
	case !ok || !g.short || f.o.Now().Sub(g.made) >= shortLife:
		return nil, no(190, "Error validating access token: Session has expired")
	}
	return f.long(), nil
}

func (f *Fake) long() map[string]any {
	token := "THAA-long-" + f.id()
	f.tokens[token] = grant{username: Brand, made: f.o.Now()}
	return map[string]any{"access_token": token, "token_type": "bearer", "expires_in": int(longLife.Seconds())}
}

func (f *Fake) refresh(c *call) (any, *refusal) {
	g, ok := f.tokens[c.token]
	switch {
	case c.params.Get("grant_type") != "th_refresh_token":
		return nil, no(100, "Invalid grant type")
	case !ok || g.short || !g.made.IsZero() && f.o.Now().Sub(g.made) >= longLife:
		return nil, no(190, "Error validating access token: Session has expired")
	case !g.made.IsZero() && f.o.Now().Sub(g.made) < young:
		return nil, no(100, "Invalid token: a token can be refreshed when it is at least 24 hours old")
	}
	return f.long(), nil
}

func (f *Fake) self(c *call) (any, *refusal) {
	return map[string]any{"id": BrandID, "username": c.me, "name": "The Brand", "threads_profile_picture_url": f.URL + "/picture.jpg", "is_eligible_for_geo_gating": f.o.Geo}, nil
}
