package compose

import (
	"testing"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

func TestMomentsAreChosenInTheChannelsZone(t *testing.T) {
	ch := channel.Channel{ID: "chan_1", Zone: "Europe/Berlin"}
	for typed, want := range map[string]string{"2026-07-01T09:00": "2026-07-01T07:00:00Z", "2026-12-01T09:00": "2026-12-01T08:00:00Z", "soon": "soon"} {
		into := map[string]string{}
		f := page.Blank(map[string]string{"set:chan_1:publish_at": typed, "set:chan_1:publish_at:shown": "1"})
		readSetting(f, ch, network.Setting{Key: "publish_at", Kind: network.Moment}, into)
		if into["publish_at"] != want || wall(into["publish_at"], ch.Zone) != typed {
			t.Errorf("%q is stored as %q and shown as %q", typed, into["publish_at"], wall(into["publish_at"], ch.Zone))
		}
	}
}
