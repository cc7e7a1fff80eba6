package pinterest_test

import (
	"maps"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/pinterest"
	"github.com/bellwether-social/bellwether/internal/network/pinterest/pinterestfake"
)

func TestNumbersOfPinsAndAccounts(t *testing.T) {
	for name, c := range map[string]struct {
		o                       pinterestfake.Options
		picture, video, account network.Values
	}{
		"business": {pinterestfake.Options{},
			network.Values{"M-IMPR": 120, "M-LCLICK": 3, "M-LIKE": 10, "M-COMM": 2, "M-SAVE": 5, "M-PVIS": 1, "M-FOLLGAIN": 2},
			network.Values{"M-IMPR": 120, "M-LCLICK": 3, "M-LIKE": 10, "M-COMM": 2, "M-SAVE": 5, "M-VVIEW": 33, "M-VAVG": 4600, "M-VTIME": 151, "M-VDONE": 11},
			network.Values{"M-FOLL": 7, "M-IMPR": 120, "M-LCLICK": 3, "M-SAVE": 4}},
		"personal": {pinterestfake.Options{Personal: true},
			network.Values{"M-IMPR": 120, "M-LCLICK": 3, "M-LIKE": 10, "M-COMM": 2},
			network.Values{"M-IMPR": 120, "M-LCLICK": 3, "M-LIKE": 10, "M-COMM": 2},
			network.Values{"M-FOLL": 7}},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := world(t, c.o)
			n := w.Network.(pinterest.Pinterest)
			picture, _ := carryOut(t, w, w.Draft("A picture"))
			d := w.Draft("A film")
			d.Parts[0].Media = []network.Media{film()}
			video, _ := carryOut(t, w, d)
			w.Clock.Advance(200 * 24 * time.Hour) // analytics end after 90 days
			list, err := n.PostMetrics(t.Context(), w.Session, []network.Remote{{ID: picture["post"].RemoteID}, {ID: video["post"].RemoteID}, {ID: "1"}})
			if err != nil || len(list) != 3 {
				t.Fatalf("%+v, %v", list, err)
			}
			if !maps.Equal(list[0].Values, c.picture) || !maps.Equal(list[1].Values, c.video) || !list[2].Gone {
				t.Errorf("%+v", list)
			}
			account, err := n.AccountMetrics(t.Context(), w.Session)
			if err != nil || !maps.Equal(account, c.account) {
				t.Errorf("%+v, %v", account, err)
			}
		})
	}
}

func TestNumbersReadBeforeAnOutageAreKept(t *testing.T) {
	w, f := world(t, pinterestfake.Options{})
	done, _ := carryOut(t, w, w.Draft("A picture"))
	f.Faults.Next("read", networkfake.OK, networkfake.OK, networkfake.ErrorBefore)
	it := network.Remote{ID: done["post"].RemoteID}
	if list, err := w.Network.(pinterest.Pinterest).PostMetrics(t.Context(), w.Session, []network.Remote{it, it}); err == nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}
