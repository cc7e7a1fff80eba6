package youtube_test

import (
	"fmt"
	"testing"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
	"github.com/bellwether-social/bellwether/internal/network/youtube"
	"github.com/bellwether-social/bellwether/internal/network/youtube/youtubefake"
)

func TestA04YouTubeTellsSharesOfViewersWithoutTheirNumber(t *testing.T) {
	w, f := world(t, youtubefake.Options{})
	n := w.Network.(youtube.YouTube)
	a, err := n.Audience(t.Context(), w.Session)
	if err != nil || len(a.Breakdowns) != 4 {
		t.Fatalf("%+v, %v", a, err)
	}
	if b := a.Breakdowns[0]; !b.Parts || b.Base != 0 || fmt.Sprint(b.Groups) != "[{25-34  4870} {18-24  3120} {65+  2010}]" {
		t.Errorf("viewers by age are %+v", b)
	}
	if b := a.Breakdowns[3]; fmt.Sprint(b.Groups) != "[{SUBSCRIBER Home page and subscriptions 5833} {YT_SEARCH Search at YouTube 4167}]" {
		t.Errorf("viewers by how they came are %+v", b)
	}
	f.Faults.Next("read", networkfake.OK, networkfake.Forbidden) // one table is refused
	if a, err = n.Audience(t.Context(), w.Session); err != nil || len(a.Breakdowns) != 3 || len(a.Withheld) != 1 || a.Withheld[0].Why == "" {
		t.Errorf("%+v, %v", a, err)
	}
}
