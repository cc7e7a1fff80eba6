// Package utm writes the campaign parameters of links one way, so that no report shows two spellings of one value.
package utm

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Values are the campaign parameters of a destination (B20).
type Values struct {
	Source   string `json:"source,omitempty"`
	Medium   string `json:"medium,omitempty"`
	Campaign string `json:"campaign,omitempty"`
	Content  string `json:"content,omitempty"`
	Term     string `json:"term,omitempty"`
}

// Normal writes a UTM value the one way it is stored: NFC, lower case, white space as one underscore, nothing that
// a report would show as a second spelling of the same value.
func Normal(value string) string {
	value = norm.NFC.String(strings.ToLower(strings.TrimSpace(value)))
	var b strings.Builder
	gap := false
	for _, r := range value {
		switch {
		case unicode.IsSpace(r) || r == '_':
			gap = b.Len() > 0
		case unicode.IsControl(r):
		default:
			if gap {
				b.WriteByte('_')
				gap = false
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Tagged returns the destination with the UTM values added. A parameter the destination already carries is the
// writer's own and stays, in normal spelling.
func (u Values) Tagged(destination string) (string, error) {
	to, err := Parse(destination)
	if err != nil {
		return "", err
	}
	query := to.Query()
	for _, p := range []struct{ name, value string }{{"utm_source", u.Source}, {"utm_medium", u.Medium},
		{"utm_campaign", u.Campaign}, {"utm_content", u.Content}, {"utm_term", u.Term}} {
		if own := query.Get(p.name); own != "" {
			query.Set(p.name, Normal(own))
		} else if p.value != "" {
			query.Set(p.name, Normal(p.value))
		}
	}
	to.RawQuery = query.Encode()
	return to.String(), nil
}

// Parse accepts what a short link may lead to: an absolute http or https address without a user name.
func Parse(destination string) (*url.URL, error) {
	if len(destination) > 2048 {
		return nil, fault.Invalidf("url", "the address has %d characters, the limit is 2048", len(destination))
	}
	for _, r := range destination {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return nil, fault.Invalidf("url", "the address has a space or control character in it")
		}
	}
	to, err := url.Parse(destination)
	switch {
	case err != nil:
		return nil, fault.Invalidf("url", "this is not a web address")
	case to.Scheme != "http" && to.Scheme != "https":
		return nil, fault.Invalidf("url", "a link must start with http:// or https://").WithCode("scheme")
	case to.Hostname() == "" || to.Opaque != "":
		return nil, fault.Invalidf("url", "the address names no host")
	case to.User != nil:
		return nil, fault.Invalidf("url", "the address carries a user name; that hides where it leads")
	}
	return to, nil
}
