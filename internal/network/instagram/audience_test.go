package instagram_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/instagram"
	"github.com/bellwether-social/bellwether/internal/network/instagram/instagramfake"
)

func TestA04InstagramTellsWhoFollowsAndWhoReacts(t *testing.T) {
	w, _ := world(t, instagramfake.Options{})
	n := w.Network.(instagram.Instagram)
	a, err := n.Audience(t.Context(), w.Session)
	if err != nil || len(a.Breakdowns) != 8 || len(a.Withheld) != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	if b := a.Breakdowns[1]; b.Of != network.Followers || b.By != network.ByGender || b.Base != 2740 || fmt.Sprint(b.Groups) != "[{female  1600} {male  900} {other  240}]" {
		t.Errorf("followers by gender are %+v", b)
	}
	// The fake's days end at 08:00 UTC on Sunday 1 and Monday 2 March; the first hour of a day is the eighth of UTC.
	hours := map[string]int64{}
	for _, h := range a.Hours {
		hours[fmt.Sprint(h.Day, h.Hour)] = h.N
	}
	if len(hours) != 48 || hours[fmt.Sprint(time.Saturday, 8)] != 100 || hours[fmt.Sprint(time.Sunday, 7)] != 330 || hours[fmt.Sprint(time.Monday, 7)] != 331 {
		t.Errorf("active hours are %v", a.Hours)
	}
}

func TestA04ASmallAccountIsToldNothingAndSaysWhy(t *testing.T) {
	w, _ := world(t, instagramfake.Options{Small: true})
	a, err := w.Network.(instagram.Instagram).Audience(t.Context(), w.Session)
	if err != nil || len(a.Breakdowns) != 0 || len(a.Hours) != 0 || len(a.Withheld) != 9 {
		t.Errorf("%+v, %v", a, err)
	}
}
