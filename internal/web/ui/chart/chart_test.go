package chart

import (
	"context"
	"encoding/xml"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"pgregory.net/rapid"
)

func draw(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, b.String())
		}
	}
	if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
		t.Errorf("a value that is no number was drawn: %s", b.String())
	}
	return b.String()
}

func hold(t *testing.T, drawing string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(drawing, w) {
			t.Errorf("%q is missing in %s", w, drawing)
		}
	}
}

func days(n int) []time.Time {
	var all []time.Time
	for i := range n {
		all = append(all, time.Date(2026, 11, 1+i, 0, 0, 0, 0, time.UTC))
	}
	return all
}

func TestUnknownValueIsAGapAndNamedInTheTable(t *testing.T) {
	c := draw(t, Line(LineData{Head: Head{Title: "Reach"}, Times: days(5), Series: []Series{{Label: "Mastodon", Values: []float64{10, 20, Missing(), 40, 50}}}}))
	path := between(c, `<path class="line" d="`, `"`)
	if strings.Count(path, "M") != 2 || strings.Count(path, "L") != 2 {
		t.Errorf("the line is not broken into two runs: %s", path)
	}
	hold(t, c, "not known", `role="img"`, "<desc", "<table", ">50<")
}

func TestLonelyPointIsStillSeen(t *testing.T) {
	c := draw(t, Line(LineData{Head: Head{Title: "Reach"}, Times: days(3), Series: []Series{{Label: "a", Values: []float64{5, Missing(), 7}}}}))
	if strings.Count(between(c, `chart-narrow`, `</svg>`), `class="point"`) < 2 {
		t.Errorf("a point between gaps is not drawn: %s", c)
	}
}

func TestChartWithoutValuesSaysSo(t *testing.T) {
	for _, c := range []templ.Component{
		Line(LineData{Head: Head{Title: "Orders", Empty: "No orders yet."}}),
		Line(LineData{Head: Head{Title: "Orders", Empty: "No orders yet."}, Times: days(2), Series: []Series{{Values: []float64{Missing(), Missing()}}}}),
		Bar(BarData{Head: Head{Title: "Orders", Empty: "No orders yet."}, Categories: []string{"a"}, Series: []Series{{Values: []float64{Missing()}}}}),
		Donut(ShareData{Head: Head{Title: "Orders", Empty: "No orders yet."}, Slices: []Slice{{Label: "a"}}}),
		Funnel(FunnelData{Head: Head{Title: "Orders", Empty: "No orders yet."}}),
	} {
		drawing := draw(t, c)
		hold(t, drawing, "No orders yet.")
		if strings.Contains(drawing, "<svg") {
			t.Errorf("an empty chart draws axes: %s", drawing)
		}
	}
}

func TestBarsStackAndFallBelowZero(t *testing.T) {
	c := draw(t, Bar(BarData{Head: Head{Title: "Followers"}, CategoryOf: "Week", Categories: []string{"W1", "W2"},
		Series: []Series{{Label: "Won", Values: []float64{30, 20}}, {Label: "Lost", Values: []float64{-10, Missing()}}}}))
	hold(t, c, "−10", "Won: 30", "Lost: −10", "not known", `class="rule zero"`)
}

func TestSharesAddUpToTheWhole(t *testing.T) {
	parts := []Slice{{"Mastodon", 60}, {"Bluesky", 40}, {"Letter", Missing()}}
	for _, c := range []templ.Component{ShareBar(ShareData{Head: Head{Title: "Visits"}, Slices: parts}), Donut(ShareData{Head: Head{Title: "Visits"}, Slices: parts})} {
		hold(t, draw(t, c), "60 %", "40 %", "not known")
	}
	hold(t, draw(t, Donut(ShareData{Head: Head{Title: "One"}, Slices: []Slice{{"All", 5}}})), "<circle")
}

func TestHeatmapTellsUnknownFromNothing(t *testing.T) {
	var v [7][24]float64
	v[0][0], v[6][23] = Missing(), 9
	c := draw(t, Heatmap(HeatData{Head: Head{Title: "Hours"}, Values: v}))
	hold(t, c, "Mon 00:00: not known", "Mon 01:00: 0", "Sun 23:00: 9", "heat-none", "heat-6")
}

func TestFunnelSaysWhoWentOn(t *testing.T) {
	c := draw(t, Funnel(FunnelData{Head: Head{Title: "Funnel"}, Stages: []Stage{{"Reach", 200}, {"Clicks", 50}, {"Orders", Missing()}}}))
	hold(t, c, "25 %", "share not known")
}

func TestSparkWithoutALineDrawsNothing(t *testing.T) {
	if c := draw(t, Spark(SparkData{Label: "x", Values: []float64{4}})); c != "" {
		t.Errorf("one value drew %s", c)
	}
	hold(t, draw(t, Spark(SparkData{Label: "Reach, flat", Values: []float64{4, 4, Missing(), 4}})), `aria-label="Reach, flat"`)
}

func TestWordsOfStrangersAreEscaped(t *testing.T) {
	evil := `"><script>`
	c := draw(t, Bar(BarData{Head: Head{ID: evil, Title: evil, Zone: evil, Export: "javascript:x"}, Categories: []string{evil}, Series: []Series{{Label: evil, Values: []float64{1}}}}))
	if strings.Contains(c, "<script") || strings.Contains(c, "javascript:") {
		t.Errorf("markup came through: %s", c)
	}
}

func TestTicksAreNiceAndCoverTheValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-1e9, 1e9).Draw(t, "low")
		high := low + rapid.Float64Range(0.001, 1e9).Draw(t, "span")
		ticks := niceScale(low, high, 4)
		if len(ticks) < 2 || len(ticks) > 9 || !slices.IsSorted(ticks) {
			t.Fatalf("ticks of %g to %g are %v", low, high, ticks)
		}
		slack := (high - low) * 1e-6
		if ticks[0] > low+slack || ticks[len(ticks)-1] < high-slack {
			t.Fatalf("ticks %v do not cover %g to %g", ticks, low, high)
		}
	})
}

func TestCountsHaveWholeTicks(t *testing.T) {
	for _, high := range []float64{0, 1, 2, 3, 5, 7, 100} {
		for _, tick := range wholeScale(0, high, 4) {
			if tick != math.Trunc(tick) {
				t.Errorf("up to %g there is a tick at %g", high, tick)
			}
		}
	}
}

func TestTimeAxisFollowsTheZonesCalendar(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Skip("no zone data here")
	}
	// The clocks go back on 25 October 2026: the day has 25 hours and its midnight is 22:00 UTC.
	from := time.Date(2026, 10, 23, 12, 0, 0, 0, zone)
	ticks := timeScale(from, from.AddDate(0, 0, 5), zone, 8)
	for _, tick := range ticks {
		if h, m, s := tick.at.Clock(); h+m+s != 0 {
			t.Errorf("%s is not at midnight: %s", tick.label, tick.at)
		}
	}
	if len(ticks) != 5 || ticks[0].label != "24 Oct" {
		t.Errorf("ticks are %v", ticks)
	}
	for _, tick := range timeScale(from, from.AddDate(0, 2, 0), zone, 9) {
		if tick.at.Weekday() != time.Monday {
			t.Errorf("%s is a %s", tick.label, tick.at.Weekday())
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		span := time.Duration(rapid.Int64Range(1, 20*365*24).Draw(t, "hours")) * time.Hour
		want := rapid.IntRange(3, 10).Draw(t, "want")
		if got := timeScale(from, from.Add(span), zone, want); len(got) > want+1 {
			t.Fatalf("%d ticks where %d were wanted", len(got), want)
		}
	})
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for v, wanted := range map[float64]string{1234567: "1,234,567", -1200: "−1,200", 3.14159: "3.14", 12.5: "12.5", 0: "0", 999: "999"} {
		if got := Number(v); got != wanted {
			t.Errorf("%g is written %s, not %s", v, got, wanted)
		}
	}
	for v, wanted := range map[float64]string{1500: "1.5k", 2e6: "2M", 12: "12", -3000: "−3k"} {
		if got := Short(v); got != wanted {
			t.Errorf("%g is shortened to %s, not %s", v, got, wanted)
		}
	}
	if Percent(0.123) != "12.3 %" || Percent(1) != "100 %" {
		t.Error("ratios are not written as per cent")
	}
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}
