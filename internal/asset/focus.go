package asset

import (
	"math"
	"strconv"
)

// Point reads a focal point given in per cent from the left upper corner, as a screen sends it; the middle where it is
// no number. x goes from −1 left to 1 right, y from −1 bottom to 1 top.
func Point(px, py string) (x, y float64) {
	read := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(v) {
			return 50
		}
		return min(max(v, 0), 100)
	}
	return math.Round((read(px)-50)*2) / 100, math.Round((50-read(py))*2) / 100
}

// Percent is a focal point as a screen shows it: per cent from the left upper corner.
func Percent(x, y float64) (px, py string) {
	words := func(v float64) string { return strconv.Itoa(int(math.Round(v))) }
	return words(50 + x*50), words(50 - y*50)
}
