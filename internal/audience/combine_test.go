package audience

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bellwether-social/bellwether/internal/network"
)

var tells = network.AudienceSpec{Minimum: 100, Tells: []network.AudienceTold{{Of: network.Followers, By: network.ByAge, Name: "ages"}, {Of: network.Followers, By: network.ByGender, Name: "genders"}}}

func telling(name string, b ...network.Breakdown) Channel {
	return Channel{ID: name, Name: name, Spec: tells, Latest: &Reading{At: time.Unix(1000, 0), Day: "2026-11-24", Audience: network.Audience{Breakdowns: b}}}
}

func genders(base, women int64, parts bool) network.Breakdown {
	return network.Breakdown{Of: network.Followers, By: network.ByGender, Base: base, Parts: parts, Groups: []network.AudienceGroup{{Value: "female", N: women}}}
}

func share(t Table, value string) (float64, bool) {
	for _, g := range t.Groups {
		if g.Value == value {
			return g.Share, true
		}
	}
	return 0, false
}

// TestA04SharesAreWeightedByPeople: 90 % of 100 people and 10 % of 900 are 18 %, not 50 % and not 100 %.
func TestA04SharesAreWeightedByPeople(t *testing.T) {
	got := Combine(network.Followers, network.ByGender, []Channel{telling("small", genders(100, 90, false)), telling("large", genders(900, 1000, true))})
	if s, _ := share(got, "female"); math.Abs(s-0.18) > 1e-9 || got.Base != 1000 || got.Groups[0].People != 180 || len(got.Channels) != 2 {
		t.Errorf("%+v", got)
	}
}

// TestA04WhoIsNotInItIsNamed with the reason: too few people, a network without numbers, shares of nobody knows how many.
func TestA04WhoIsNotInItIsNamed(t *testing.T) {
	mute := Channel{Name: "mute", Spec: network.AudienceSpec{None: "It asks nobody."}}
	got := Combine(network.Followers, network.ByGender, []Channel{telling("ours", genders(400, 100, false)), telling("few", genders(99, 50, false)), telling("shares", genders(0, 9000, true)), telling("silent"), mute})
	if s, _ := share(got, "female"); s != 0.25 || got.Base != 400 {
		t.Errorf("%+v", got)
	}
	for i, want := range [][2]string{{"few", "fewer than 100"}, {"silent", "not read yet"}, {"mute", "It asks nobody."}, {"shares", "cannot be weighed"}} {
		if i >= len(got.Left) || got.Left[i].Channel != want[0] || !strings.Contains(got.Left[i].Why, want[1]) {
			t.Fatalf("left out are %+v", got.Left)
		}
	}
	alone := Combine(network.Followers, network.ByGender, []Channel{telling("shares", genders(0, 9000, true))})
	if s, _ := share(alone, "female"); s != 0.9 || alone.Base != 0 || alone.Groups[0].People != 0 {
		t.Errorf("alone: %+v", alone)
	}
}

// TestA04AgesThatEndEarlierFoldTheOthers: where one network ends at 55, nobody is counted into a band it does not have.
func TestA04AgesThatEndEarlierFoldTheOthers(t *testing.T) {
	ages := func(groups ...network.AudienceGroup) network.Breakdown {
		return network.Breakdown{Of: network.Followers, By: network.ByAge, Base: 200, Groups: groups}
	}
	got := Combine(network.Followers, network.ByAge, []Channel{telling("a", ages(network.AudienceGroup{Value: "55-64", N: 60}, network.AudienceGroup{Value: "65+", N: 40}, network.AudienceGroup{Value: "45-49", N: 100})),
		telling("b", ages(network.AudienceGroup{Value: "55+", N: 20}, network.AudienceGroup{Value: "18-24", N: 180}))})
	old, _ := share(got, "55+")
	middle, _ := share(got, "45-54")
	if len(got.Groups) != 3 || old != 0.3 || middle != 0.25 || got.Groups[0].Value != "18-24" {
		t.Errorf("%+v", got.Groups)
	}
}

// TestA04ACombinedShareLiesBetweenThoseOfItsChannels, whatever they are, and is their mean by people.
func TestA04ACombinedShareLiesBetweenThoseOfItsChannels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var channels []Channel
		low, high, people, women := 1.0, 0.0, 0.0, 0.0
		for i := range rapid.IntRange(1, 6).Draw(t, "channels") {
			base := rapid.Int64Range(100, 1_000_000).Draw(t, "base")
			parts := rapid.Bool().Draw(t, "parts")
			n := rapid.Int64Range(1, base).Draw(t, "women")
			of := float64(n) / float64(base)
			if parts {
				n = rapid.Int64Range(1, whole).Draw(t, "share")
				of = float64(n) / whole
			}
			low, high, people, women = min(low, of), max(high, of), people+float64(base), women+of*float64(base)
			channels = append(channels, telling(string(rune('a'+i)), genders(base, n, parts)))
		}
		got := Combine(network.Followers, network.ByGender, channels)
		s, ok := share(got, "female")
		if !ok || s < low-1e-9 || s > high+1e-9 || math.Abs(s-women/people) > 1e-9 {
			t.Fatalf("%f is not between %f and %f, or not %f", s, low, high, women/people)
		}
	})
}

// TestA04FourWeeksAreComparedOnlyWithTheSameChannels, so that a new channel is not taken for a change of the public.
func TestA04FourWeeksAreComparedOnlyWithTheSameChannels(t *testing.T) {
	old, young := telling("old", genders(200, 100, false)), telling("young", genders(200, 150, false))
	old.Earlier = &Reading{Audience: network.Audience{Breakdowns: []network.Breakdown{genders(100, 40, false)}}}
	if got := Combine(network.Followers, network.ByGender, []Channel{old}); !got.Groups[0].Compared || got.Groups[0].Before != 0.4 {
		t.Errorf("%+v", got)
	}
	if got := Combine(network.Followers, network.ByGender, []Channel{old, young}); got.Groups[0].Compared {
		t.Errorf("%+v", got)
	}
}

// TestH12HoursStandInTheReadersZone: 23:00 on Sunday in UTC is midnight of Monday in Berlin's winter.
func TestH12HoursStandInTheReadersZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := telling("a")
	c.Spec.Hours, c.Latest.Audience.Hours = "online", []network.OnlineHour{{Day: time.Sunday, Hour: 23, N: 7}}
	w := Online([]Channel{c, telling("b")}, berlin, time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC))
	if w.Hours[0][0] != 7 || w.Hours[0][1] != -1 || len(w.Left) != 1 {
		t.Errorf("%+v", w)
	}
	own := counted([]hourOfWeek{{Slot: 3*24 + 23, N: 2}}, berlin, time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)) // three days after Thursday; summer
	if own.Hours[0][1] != 2 || own.Hours[0][0] != 0 {
		t.Errorf("%+v", own)
	}
}
