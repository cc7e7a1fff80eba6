package channel

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Said is a network's own word on how many calls are left.
type Said struct {
	Name      string    `db:"name" json:"name"` // which calls it is about: an endpoint, or Meta's "app" and "account"
	Limit     int       `db:"limit_value" json:"limit"`
	Remaining int       `db:"remaining" json:"remaining"`
	ResetsAt  time.Time `db:"resets_at" json:"resets_at,omitzero"` // UTC; zero = not said
	At        time.Time `db:"at" json:"at"`
}

// saidOf reads the headers in which networks tell their limits: X, Bluesky, Mastodon, Pinterest, Reddit and Discord in three
// numbers, Meta in shares of a hundred.
func saidOf(call safehttp.Call, now time.Time) []Said {
	var out []Said
	for _, prefix := range []string{"X-Rate-Limit-", "X-Ratelimit-", "Ratelimit-"} {
		limit, ok := number(call.Header.Get(prefix + "Limit"))
		left, known := number(call.Header.Get(prefix + "Remaining"))
		if !known {
			continue
		}
		if !ok { // Reddit says what is used
			used, _ := number(call.Header.Get(prefix + "Used"))
			limit = left + used
		}
		name := "every call"
		if prefix == "X-Rate-Limit-" {
			name = endpointOf(call)
		}
		out = append(out, Said{Name: name, Limit: limit, Remaining: min(max(left, 0), limit), ResetsAt: reset(call.Header.Get(prefix+"Reset"), now), At: now})
	}
	var app metaUsage
	if json.Unmarshal([]byte(call.Header.Get("X-App-Usage")), &app) == nil {
		out = append(out, app.said("app", now))
	}
	var business map[string][]metaUsage
	if json.Unmarshal([]byte(call.Header.Get("X-Business-Use-Case-Usage")), &business) == nil {
		for _, list := range business {
			for _, u := range list {
				out = append(out, u.said("account", now))
			}
		}
	}
	return out
}

// metaUsage are Meta's shares of a hundred.
type metaUsage struct {
	Calls   float64 `json:"call_count"`
	Time    float64 `json:"total_time"`
	CPU     float64 `json:"total_cputime"`
	Minutes int     `json:"estimated_time_to_regain_access"`
}

func (u metaUsage) said(name string, now time.Time) Said {
	s := Said{Name: name, Limit: 100, Remaining: 100 - min(int(max(u.Calls, u.Time, u.CPU)), 100), At: now}
	if u.Minutes > 0 {
		s.ResetsAt = now.Add(time.Duration(min(u.Minutes, 24*60)) * time.Minute)
	}
	return s
}

// number reads the first number of a header such as "100;w=60".
func number(s string) (int, bool) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ";")
	s, _, _ = strings.Cut(s, ",")
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return int(min(max(f, 0), 1<<30)), err == nil
}

// reset is the instant a header means: a time, a Unix second, or seconds from now.
func reset(s string, now time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at.UTC()
	}
	if at, err := http.ParseTime(s); err == nil {
		return at.UTC()
	}
	n, ok := number(s)
	switch {
	case !ok:
		return time.Time{}
	case n > 1_000_000_000:
		return time.Unix(int64(n), 0).UTC()
	}
	return now.Add(time.Duration(n) * time.Second)
}
