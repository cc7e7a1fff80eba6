package ui

import (
	"context"
	"hash/fnv"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// networkNames are the proper names of networks whose id does not spell them.
var networkNames = map[string]string{
	"bluesky": "Bluesky", "mastodon": "Mastodon", "sandbox": "Sandbox", "linkedin": "LinkedIn",
	"youtube": "YouTube", "tiktok": "TikTok", "x": "X", "wordpress": "WordPress",
	"google-business": "Google Business Profile", "whatsapp": "WhatsApp", "peertube": "PeerTube",
	"tiktok-business": "TikTok Business", "byhand": "By hand", "discord-webhook": "Discord webhook", "googleads": "Google Ads",
}

// NetworkName returns the proper name of a network by its id.
func NetworkName(id string) string {
	if name, ok := networkNames[id]; ok {
		return name
	}
	if id == "" {
		return "Unknown network"
	}
	return strings.ToUpper(id[:1]) + id[1:]
}

var notClass = regexp.MustCompile(`[^a-z0-9-]+`)

func networkClass(id string) string { return notClass.ReplaceAllString(strings.ToLower(id), "") }

// networkDrawing draws the network's own mark where Simple Icons offers it, the sandbox's own
// mark, or else a neutral tile with the first letter of its name.
func networkDrawing(id string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		inner, fill := drawing(id)
		_, err := io.WriteString(w, `<svg class="network-mark" viewBox="0 0 24 24" `+fill+` aria-hidden="true">`+inner+`</svg>`)
		return err
	})
}

// drawing is a mark's shapes and the attributes that paint them.
func drawing(id string) (inner, fill string) {
	inner, ok := marks[id]
	fill = `fill="currentColor"`
	switch {
	case id == "sandbox":
		return sandboxDrawing, `fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"`
	case !ok:
		letter := html.EscapeString(firstLetter(NetworkName(id)))
		inner = `<rect x="1" y="1" width="22" height="22" rx="6" fill="none" stroke="currentColor" stroke-width="2"/><text x="12" y="17" text-anchor="middle" font-size="14" font-weight="700">` + letter + `</text>`
	}
	return inner, fill
}

const sandboxDrawing = `<path d="M3 9l9-5 9 5v7l-9 5-9-5z"/><path d="M3 9l9 5 9-5"/><path d="M12 14v7"/>`

// hue chooses one of the avatar colours by name, always the same for the same name.
func hue(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return strconv.Itoa(int(h.Sum32() % 6))
}

// NetworkSheet holds the marks of networks once for a page that shows many of them; NetworkSign refers to it. A
// screen with hundreds of cards would otherwise carry each drawing hundreds of times.
func NetworkSheet(ids ...string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		b.WriteString(`<svg class="network-sheet" aria-hidden="true" width="0" height="0">`)
		for _, id := range ids {
			inner, fill := drawing(id)
			b.WriteString(`<symbol id="net-` + networkClass(id) + `" viewBox="0 0 24 24"><g ` + fill + `>` + inner + `</g></symbol>`)
		}
		b.WriteString(`</svg>`)
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// NetworkSign is a network's mark without its name, drawn from the page's NetworkSheet. The name must stand in words
// beside it or in the title of what it marks.
func NetworkSign(id string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<svg class="network-mark" aria-hidden="true"><use href="#net-`+networkClass(id)+`"/></svg>`)
		return err
	})
}
