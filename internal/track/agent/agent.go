// Package agent tells people from programs by what a request says of itself: its user agent, method and headers.
//
// The crawler patterns are those of the public list monperrus/crawler-user-agents (NOTICE). Everything runs in
// RE2, so no user agent can make it slow; answers are remembered, since few strings make up nearly all requests.
package agent

import (
	_ "embed"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

//go:embed crawlers.txt
var crawlers string

var crawler = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("(?:" + strings.Join(strings.Split(strings.TrimSpace(crawlers), "\n"), ")|(?:") + ")")
})

// previews are programs that fetch a page to draw a card of it, named in their user agent.
var previews = regexp.MustCompile(`(?i)whatsapp|telegrambot|slackbot|slack-imgproxy|discordbot|facebookexternalhit|facebot|twitterbot|linkedinbot|pinterest|snap url preview|redditbot|skypeuripreview|viber|line-poker|kakaotalk-scrap|mastodon|pleroma|akkoma|misskey|friendica|gotosocial|bluesky|cardyb|lemmy|peertube|pixelfed|threads|iframely|embedly|opengraph|unfurl|link ?preview|vkshare|bitlybot|nuzzel|flipboard|tumblr|signal-android|iMessage|applebot`)

// others are ways programs give themselves away that the list does not name.
var others = regexp.MustCompile(`(?i)bot\b|bot/|crawl|spider|scrap|scan|monitor|uptime|headless|phantom|selenium|puppeteer|playwright|python|curl|wget|libwww|java/|go-http|okhttp|axios|node-fetch|undici|aiohttp|httpx|http_request|httpclient|guzzle|ruby|perl|php/|validator|checker|lighthouse|pingdom|archiver|feed|rss|proxy|security|preview|fetch`)

// Kind is who made a request.
type Kind string

const (
	Human   Kind = "human"
	Bot     Kind = "bot"
	Preview Kind = "preview" // a card of the link was drawn; nobody has followed it
)

// Agent is what a request says of its sender.
type Agent struct {
	Kind   Kind
	Family string // "Chrome", "Safari", …, or "" for programs
	Device string // "desktop", "phone", "tablet", or ""
}

var (
	mu    sync.RWMutex
	known = map[string]Agent{}
)

// longest is how much of a user agent is looked at; browsers stay far below.
const longest = 512

// Of classifies a request.
func Of(r *http.Request) Agent {
	a := OfString(r.UserAgent())
	switch {
	case a.Kind != Human:
	case r.Method == http.MethodHead:
		a.Kind = Bot
	case strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch"), r.Header.Get("Purpose") == "prefetch", r.Header.Get("X-Moz") == "prefetch",
		r.Header.Get("Purpose") == "preview", r.Header.Get("X-Purpose") == "preview":
		a.Kind = Preview
	}
	return a
}

// OfString classifies a user agent alone.
func OfString(ua string) Agent {
	if len(ua) > longest {
		ua = ua[:longest]
	}
	mu.RLock()
	a, ok := known[ua]
	mu.RUnlock()
	if ok {
		return a
	}
	a = classify(ua)
	mu.Lock()
	defer mu.Unlock()
	if len(known) >= 20_000 { // a bound on memory: start afresh rather than grow
		clear(known)
	}
	known[strings.Clone(ua)] = a
	return a
}

func classify(ua string) Agent {
	switch {
	case previews.MatchString(ua):
		return Agent{Kind: Preview}
	case len(ua) < 20 || others.MatchString(ua) || crawler().MatchString(ua):
		return Agent{Kind: Bot}
	case !strings.HasPrefix(ua, "Mozilla/") && !strings.HasPrefix(ua, "Opera/"):
		return Agent{Kind: Bot} // every browser in use calls itself one of the two
	}
	return Agent{Kind: Human, Family: family(ua), Device: device(ua)}
}

func family(ua string) string {
	for _, f := range [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"},
		{"Vivaldi", "Vivaldi"}, {"CriOS", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(ua, f[0]) {
			return f[1]
		}
	}
	return "Other"
}

func device(ua string) string {
	switch {
	case strings.Contains(ua, "iPad"), strings.Contains(ua, "Tablet"), strings.Contains(ua, "Android") && !strings.Contains(ua, "Mobile"):
		return "tablet"
	case strings.Contains(ua, "Mobi"), strings.Contains(ua, "iPhone"):
		return "phone"
	}
	return "desktop"
}
