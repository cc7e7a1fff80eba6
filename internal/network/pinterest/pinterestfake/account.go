package pinterestfake

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// authorize plays a person who is signed in as the brand and allows everything.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != AppID || q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), ",") {
		http.Error(w, "invalid client or request", http.StatusBadRequest)
		return
	}
	code := "code-" + f.id()
	f.codes[code] = q.Get("redirect_uri")
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (f *Fake) token(c *call) (int, any, *refusal) {
	id, secret, ok := c.BasicAuth()
	if !ok || id != AppID || secret != AppSecret {
		return 0, nil, no(401, 2, "Authentication failed.")
	}
	known := map[string][]string{"authorization_code": {"code", "redirect_uri", "continuous_refresh"}, "refresh_token": {"refresh_token", "scope", "continuous_refresh"}}[c.text("grant_type")]
	for name := range c.body {
		if name != "grant_type" && !slices.Contains(known, name) {
			f.faulty = append(f.faulty, "POST /v5/oauth/token: no body parameter "+name)
		}
	}
	switch c.text("grant_type") {
	case "authorization_code":
		redirect, good := f.codes[c.text("code")]
		if !good || redirect != c.text("redirect_uri") {
			return 0, nil, no(400, 283, "Invalid or expired authorization code")
		}
		delete(f.codes, c.text("code"))
	case "refresh_token":
		if !f.refresh[c.text("refresh_token")] {
			return 0, nil, no(400, 285, "Invalid refresh token")
		}
		delete(f.refresh, c.text("refresh_token"))
	default:
		return 0, nil, no(400, 1, "Invalid grant_type")
	}
	access, refresh := "pina_"+f.id()+"-secret", "pinr_"+f.id()+"-secret"
	f.access[access], f.refresh[refresh] = true, true
	scope := "user_accounts:read boards:read boards:write pins:read pins:write ads:read"
	if f.o.Trial {
		scope = "user_accounts:read boards:read pins:read"
	}
	return 200, map[string]any{"response_type": c.text("grant_type"), "access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": 2592000,
		"refresh_token_expires_in": 5184000, "refresh_token_expires_at": f.o.Now().Add(60 * 24 * time.Hour).Unix(), "scope": scope}, nil
}

func (f *Fake) self(*call) (int, any, *refusal) {
	kind := "BUSINESS"
	if f.o.Personal {
		kind = "PINNER"
	}
	return 200, map[string]any{"id": BrandID, "username": Brand, "business_name": "The Brand", "account_type": kind, "profile_image": f.URL + "/brand.jpg", "follower_count": 7, "monthly_views": 1000}, nil
}

func (f *Fake) listBoards(c *call) (int, any, *refusal) {
	items := []any{}
	for _, b := range f.boards {
		if !b.Gone {
			items = append(items, map[string]any{"id": b.ID, "name": b.Name, "privacy": b.Privacy, "is_ads_only": b.AdsOnly, "board_pins_modified_at": "2026-03-01T10:00:00"})
		}
	}
	return page(c, items)
}

// page cuts one page out of a list; a bookmark is where the next begins.
func page(c *call, items []any) (int, any, *refusal) {
	q := c.URL.Query()
	size, _ := strconv.Atoi(q.Get("page_size"))
	if size == 0 {
		size = 25
	}
	from := 0
	if mark := q.Get("bookmark"); mark != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(mark, "bookmark-"))
		if err != nil || n > len(items) {
			return 0, nil, no(400, 1, "Invalid bookmark")
		}
		from = n
	}
	to := min(from+size, len(items))
	var next any
	if to < len(items) {
		next = "bookmark-" + strconv.Itoa(to)
	}
	return 200, map[string]any{"items": slices.Clone(items[from:to]), "bookmark": next}, nil
}

func (f *Fake) listSections(c *call) (int, any, *refusal) {
	b := f.board(c.PathValue("id"))
	if b == nil {
		return 0, nil, no(404, 40, "Board not found.")
	}
	items := []any{}
	for _, s := range b.Sections {
		items = append(items, map[string]any{"id": s.ID, "name": s.Name})
	}
	return page(c, items)
}

// days refuses spans of days that analytics do not have.
func (f *Fake) days(c *call) *refusal {
	from, err := time.Parse(time.DateOnly, c.URL.Query().Get("start_date"))
	to, err2 := time.Parse(time.DateOnly, c.URL.Query().Get("end_date"))
	today := f.o.Now().UTC().Truncate(24 * time.Hour)
	if err != nil || err2 != nil || to.Before(from) || to.After(today) || today.Sub(from) > 90*24*time.Hour {
		return no(400, 1, "Invalid analytics parameters: start_date or end_date")
	}
	return nil
}

func (f *Fake) accountNumbers(c *call) (int, any, *refusal) {
	if f.o.Personal {
		return 0, nil, no(403, 403, "Not authorized to access the user account analytics.")
	}
	if bad := f.days(c); bad != nil {
		return 0, nil, bad
	}
	numbers := map[string]any{"IMPRESSION": 120, "OUTBOUND_CLICK": 3, "SAVE": 4}
	return 200, map[string]any{"all": map[string]any{"summary_metrics": numbers, "daily_metrics": []any{map[string]any{"date": c.URL.Query().Get("end_date"), "data_status": "READY", "metrics": numbers}}}}, nil
}

func (f *Fake) pinNumbers(c *call) (int, any, *refusal) {
	p := f.pin(c.PathValue("id"))
	switch {
	case p == nil:
		return 0, nil, no(404, 50, "Pin not found.")
	case f.o.Personal:
		return 0, nil, no(403, 403, "Not authorized to access board or Pin.")
	}
	if bad := f.days(c); bad != nil {
		return 0, nil, bad
	}
	all := map[string]float64{"IMPRESSION": 90, "OUTBOUND_CLICK": 2, "SAVE": 5, "PROFILE_VISIT": 1, "VIDEO_MRC_VIEW": 33, "VIDEO_AVG_WATCH_TIME": 4600, "VIDEO_V50_WATCH_TIME": 151800, "QUARTILE_95_PERCENT_VIEW": 11, "USER_FOLLOW": 2}
	life := map[string]float64{"TOTAL_COMMENTS": 2, "TOTAL_REACTIONS": 10}
	summary, lifetime := map[string]float64{}, map[string]float64{}
	for _, name := range strings.Split(c.URL.Query().Get("metric_types"), ",") {
		if n, ok := all[name]; ok && (p.Kind == "video" || !strings.HasPrefix(name, "VIDEO_") && !strings.HasPrefix(name, "QUARTILE_")) {
			summary[name] = n
		}
		if n, ok := life[name]; ok {
			lifetime[name] = n
		}
	}
	return 200, map[string]any{"all": map[string]any{"summary_metrics": summary, "lifetime_metrics": lifetime, "daily_metrics": []any{}}}, nil
}
