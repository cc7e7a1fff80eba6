package link

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Link is one short link.
type Link struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	BrandID     string    `db:"brand_id"`
	Host        string    `db:"host"` // "" = the instance's own address
	Slug        string    `db:"slug"`
	URL         string    `db:"url"` // the full destination, UTM included
	CampaignID  string    `db:"campaign_id"`
	PostID      string    `db:"post_id"`
	TargetID    string    `db:"target_id"` // the target that carries it, "" for a link made by hand
	ChannelID   string    `db:"channel_id"`
	Part        int       `db:"part"`
	Title       string    `db:"title"`
	CreatedBy   string    `db:"created_by"`
	CreatedAt   time.Time `db:"created_at"`
	ExpiresAt   time.Time `db:"expires_at"` // UTC; zero = never
	DisabledAt  time.Time `db:"disabled_at"`
}

// Open reports whether the link still redirects at the instant.
func (l Link) Open(at time.Time) bool {
	return l.DisabledAt.IsZero() && (l.ExpiresAt.IsZero() || at.Before(l.ExpiresAt))
}

// UTM are the campaign parameters of a destination (B20).
type UTM struct {
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
func (u UTM) Tagged(destination string) (string, error) {
	to, err := parse(destination)
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

// parse accepts what a short link may lead to: an absolute http or https address without a user name.
func parse(destination string) (*url.URL, error) {
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
