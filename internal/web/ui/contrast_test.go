package ui

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// palette reads every light-dark pair of the style sheet's first block.
func palette(t *testing.T) map[string][2][3]float64 {
	t.Helper()
	text, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2][3]float64{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)`).FindAllStringSubmatch(string(text), -1) {
		if _, seen := colours[m[1]]; !seen { // later blocks raise the contrast further
			colours[m[1]] = [2][3]float64{rgb(t, m[2]), rgb(t, m[3])}
		}
	}
	return colours
}

func rgb(t *testing.T, hex string) (c [3]float64) {
	t.Helper()
	for i := range c {
		v, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c[i] = float64(v) / 255
	}
	return c
}

// luminance is the relative luminance of WCAG 2.
func luminance(c [3]float64) float64 {
	for i, v := range c {
		if v <= 0.04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}

func contrast(a, b [3]float64) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryPairOfTextAndGroundIsReadable(t *testing.T) {
	colours := palette(t)
	grounds := []string{"wool", "paper", "raised"}
	pairs := [][2]string{{"on-pine", "pine"}, {"on-pine", "pine-deep"}, {"on-bad", "bad-fill"}, {"pine", "pine-soft"}, {"ink", "hover"}, {"ink", "pine-soft"}, {"ink-soft", "hover"}, {"ink-soft", "sunk"}, {"ink-soft", "pine-soft"}}
	for _, text := range []string{"ink", "ink-soft", "ink-faint", "pine", "pine-deep", "brass", "good", "warn", "bad", "info", "review"} {
		for _, ground := range grounds {
			pairs = append(pairs, [2]string{text, ground})
		}
	}
	for _, tone := range []string{"good", "warn", "bad", "info", "review", "neutral", "brass"} {
		pairs = append(pairs, [2]string{tone, tone + "-soft"}, [2]string{"ink", tone + "-soft"}, [2]string{"ink-soft", tone + "-soft"})
	}
	check(t, colours, pairs, 4.5)
}

func TestControlsAndSeriesStandOutFromTheirGround(t *testing.T) {
	colours := palette(t)
	var pairs [][2]string
	for _, mark := range []string{"line-strong", "pine", "series-1", "series-2", "series-3", "series-4", "series-5", "series-6", "series-7", "series-8"} {
		pairs = append(pairs, [2]string{mark, "paper"}, [2]string{mark, "raised"})
	}
	check(t, colours, pairs, 3)
}

func check(t *testing.T, colours map[string][2][3]float64, pairs [][2]string, least float64) {
	t.Helper()
	for _, pair := range pairs {
		front, ok := colours[pair[0]]
		back, ok2 := colours[pair[1]]
		if !ok || !ok2 {
			t.Errorf("no such colours: %v", pair)
			continue
		}
		for i, theme := range []string{"light", "dark"} {
			if c := contrast(front[i], back[i]); c < least {
				t.Errorf("%s on %s in %s has contrast %.2f, needs %.1f", pair[0], pair[1], theme, c, least)
			}
		}
	}
}
