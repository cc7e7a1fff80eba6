package instagram

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Perishes says that a story and its numbers vanish after a day; everything else stays.
func (Instagram) Perishes(item network.Remote) time.Duration {
	if item.Data["kind"] == story {
		return 24 * time.Hour
	}
	return 0
}
