package snapchat

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Perishes says that a story vanishes after a day; saved stories and Spotlights stay.
func (Snapchat) Perishes(item network.Remote) time.Duration {
	if kindIn(item) == story {
		return 24 * time.Hour
	}
	return 0
}
