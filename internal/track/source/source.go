// Package source says where a visit came from: its UTM values or referrer, and the default channel group they fall
// into (PRODUCT §7.5, the published rules of Google Analytics 4 in their order, first match wins).
//
// The list of search, social, video and shopping sites is Google's published source category list (NOTICE).
package source

import (
	_ "embed"
	"net/url"
	"regexp"
	"strings"
)

//go:embed ga4_source_categories.csv
var list string

var categories = func() map[string]string {
	m := map[string]string{}
	for _, line := range strings.Split(list, "\n")[1:] {
		if name, category, ok := strings.Cut(strings.TrimSpace(line), ","); ok {
			m[strings.ToLower(name)] = strings.TrimPrefix(category, "SOURCE_CATEGORY_")
		}
	}
	// Networks the published list does not know.
	for _, name := range []string{"mastodon", "mastodon.social", "bluesky", "bsky.app", "go.bsky.app", "threads", "threads.net", "threads.com", "sandbox", "nostr", "discord", "discord.com"} {
		m[name] = "SOCIAL"
	}
	return m
}()

var (
	paid     = regexp.MustCompile(`^(.*cp.*|ppc|retargeting|paid.*)$`)
	shopping = regexp.MustCompile(`^(.*(([^a-df-z]|^)shop|shopping).*)$`)
)

// Direct is the group of visits without any source.
const Direct = "Direct"

// Group returns the default channel group of a source, medium and campaign, in any case.
func Group(source, medium, campaign string) string {
	s, m, c := strings.ToLower(source), strings.ToLower(medium), strings.ToLower(campaign)
	category, isPaid := categories[s], paid.MatchString(m)
	is := func(v string, of ...string) bool {
		for _, o := range of {
			if v == o {
				return true
			}
		}
		return false
	}
	email := []string{"email", "e-mail", "e_mail", "e mail"}
	switch {
	case (s == "(direct)" || s == "") && is(m, "(none)", "(not set)", ""):
		return Direct
	case strings.Contains(c, "cross-network"):
		return "Cross-network"
	case (category == "SHOPPING" || shopping.MatchString(c)) && isPaid:
		return "Paid Shopping"
	case category == "SEARCH" && isPaid:
		return "Paid Search"
	case category == "SOCIAL" && isPaid:
		return "Paid Social"
	case category == "VIDEO" && isPaid:
		return "Paid Video"
	case is(m, "display", "banner", "expandable", "interstitial", "cpm"):
		return "Display"
	case isPaid:
		return "Paid Other"
	case category == "SHOPPING" || shopping.MatchString(c):
		return "Organic Shopping"
	case category == "SOCIAL" || is(m, "social", "social-network", "social-media", "sm", "social network", "social media"):
		return "Organic Social"
	case category == "VIDEO" || strings.Contains(m, "video"):
		return "Organic Video"
	case category == "SEARCH" || m == "organic":
		return "Organic Search"
	case is(m, "referral", "app", "link"):
		return "Referral"
	case is(s, email...) || is(m, email...):
		return "Email"
	case m == "affiliate":
		return "Affiliates"
	case m == "audio":
		return "Audio"
	case s == "sms" || m == "sms":
		return "SMS"
	case strings.HasSuffix(m, "push") || strings.Contains(m, "mobile") || strings.Contains(m, "notification") || s == "firebase":
		return "Mobile Push Notifications"
	}
	return "Unassigned"
}

// Source is where one visit came from.
type Source struct {
	Source, Medium, Campaign, Content string
	Group                             string
}

// Of reads a page's own address and its referrer: UTM values win, then a foreign referrer, else the visit is direct.
// Values are in normal spelling by normal.
func Of(page, referrer string, normal func(string) string) Source {
	at, err := url.Parse(page)
	if err != nil {
		at = &url.URL{}
	}
	q := at.Query()
	s := Source{Source: normal(q.Get("utm_source")), Medium: normal(q.Get("utm_medium")), Campaign: normal(q.Get("utm_campaign")), Content: normal(q.Get("utm_content"))}
	if s.Source == "" && s.Medium == "" {
		if from, err := url.Parse(referrer); err == nil && from.Hostname() != "" && !same(from.Hostname(), at.Hostname()) {
			s.Source, s.Medium = referred(from.Hostname())
		}
	}
	s.Group = Group(s.Source, s.Medium, s.Campaign)
	return s
}

// referred names the source and medium of a referrer: search engines are organic under their short name (google for
// www.google.de), everything else is a referral from its host.
func referred(host string) (source, medium string) {
	host = strings.TrimPrefix(strings.ToLower(host), "www.")
	for _, label := range strings.Split(host, ".") {
		if categories[host] == "SEARCH" || categories[label] == "SEARCH" {
			return label, "organic"
		}
	}
	return host, "referral"
}

func same(a, b string) bool {
	return strings.EqualFold(strings.TrimPrefix(a, "www."), strings.TrimPrefix(b, "www."))
}
