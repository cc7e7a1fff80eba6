package delivery

import (
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

type mayfly struct{}

func (mayfly) Spec() network.Spec { return network.Spec{Key: "mayfly"} }

func (mayfly) Perishes(item network.Remote) time.Duration {
	if item.Data["kind"] == "story" {
		return 24 * time.Hour
	}
	return 0
}

type stone struct{}

func (stone) Spec() network.Spec { return network.Spec{Key: "stone"} }

func TestH21AStoryWhoseDayIsOverIsNotLookedFor(t *testing.T) {
	accepted := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	story := network.Remote{ID: "s", Data: map[string]string{"kind": "story"}}
	for what, c := range map[string]struct {
		n     network.Network
		item  network.Remote
		after time.Duration
		want  bool
	}{
		"a story within its day": {mayfly{}, story, 24*time.Hour - time.Second, false},
		"a story after it":       {mayfly{}, story, 24 * time.Hour, true},
		"a post":                 {mayfly{}, network.Remote{ID: "p"}, 1000 * time.Hour, false},
		"a network without any":  {stone{}, story, 1000 * time.Hour, false},
	} {
		if got := perished(c.n, c.item, accepted, accepted.Add(c.after)); got != c.want {
			t.Errorf("%s has perished: %t", what, got)
		}
	}
	if perished(mayfly{}, story, time.Time{}, accepted) {
		t.Error("what was never accepted has perished")
	}
}
