package link

import (
	"context"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/text"
)

// Addresses lists the web addresses of a text, each once, short links of ours among them.
func Addresses(s string) []string {
	var out []string
	seen := map[string]bool{}
	for _, e := range text.BlueskyFacets(s) {
		if e.Kind != text.Link || !strings.HasPrefix(e.Text, "http://") && !strings.HasPrefix(e.Text, "https://") {
			continue
		}
		address := closed(e.Text)
		if !seen[address] {
			seen[address] = true
			out = append(out, address)
		}
	}
	return out
}

// closed leaves out brackets that were opened before the address.
func closed(address string) string {
	for strings.HasSuffix(address, ")") && strings.Count(address, ")") > strings.Count(address, "(") {
		address = address[:len(address)-1]
	}
	return address
}

// Ends says why a short link of ours leads nowhere at an instant ("" = it leads somewhere), and whether the address is one
// of ours at all.
func (l *Links) Ends(ctx context.Context, address string, at time.Time) (why string, ours bool) {
	if !l.ours(address) {
		return "", false
	}
	slug := strings.TrimPrefix(address, l.base.JoinPath("l").String()+"/")
	if end := strings.IndexAny(slug, "?#"); end >= 0 {
		slug = slug[:end]
	}
	k, err := l.Follow(ctx, "", slug)
	switch {
	case fault.Is(err, fault.NotFound):
		return "does not exist", true
	case err != nil:
		return "", true // our failure says nothing of the link
	case !k.DisabledAt.IsZero():
		return "was ended", true
	case !at.IsZero() && !k.Open(at):
		return "has expired by then", true
	}
	return "", true
}
