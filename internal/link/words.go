package link

import "time"

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
