package pinterest

import (
	"strings"
	"time"
)

type user struct {
	ID        string `json:"id"`
	Username  string `json:"username"`
	Business  string `json:"business_name"`
	Type      string `json:"account_type"` // PINNER or BUSINESS
	Image     string `json:"profile_image"`
	Followers *int64 `json:"follower_count"`
}

// board is a board or a section.
type board struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	AdsOnly bool   `json:"is_ads_only"`
	Changed moment `json:"board_pins_modified_at"`
}

// pin is a pin as the API shows it.
type pin struct {
	ID          string `json:"id"`
	Created     moment `json:"created_at"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Link        string `json:"link"`
	Alt         string `json:"alt_text"`
	Board       string `json:"board_id"`
	Section     string `json:"board_section_id"`
	Parent      string `json:"parent_pin_id"` // the pin that this one was saved from
	Media       struct {
		Type  string `json:"media_type"` // image, video, multiple_images, …
		Items []any  `json:"items"`
	} `json:"media"`
	Metrics struct {
		Lifetime map[string]float64 `json:"lifetime_metrics"`
	} `json:"pin_metrics"`
}

// files is how many files a pin shows.
func (p pin) files() int {
	switch {
	case strings.HasPrefix(p.Media.Type, "multiple_"):
		return len(p.Media.Items)
	case p.Media.Type == "":
		return 0
	}
	return 1
}

// moment is a time of the API: RFC 3339, and in older answers without a zone, which is UTC.
type moment struct{ time.Time }

// UnmarshalJSON reads it; what is no time is none.
func (m *moment) UnmarshalJSON(raw []byte) error {
	s := strings.Trim(string(raw), `"`)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			m.Time = t.UTC()
			return nil
		}
	}
	m.Time = time.Time{}
	return nil
}
