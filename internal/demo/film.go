package demo

import (
	"math"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// filmed reports whether a line of the past was said in a video.
func filmed(words string) bool {
	return strings.Contains(words, "Behind every bag") || strings.Contains(words, "turns ten")
}

// asFilm adds how a video of 24 seconds was watched to a post's numbers, and returns its retention.
func asFilm(v network.Values, appeal float64) []network.Watched {
	stays, mean := 0.2+0.18*min(appeal, 2), 0.0
	var curve []network.Watched
	for i := range 21 {
		at := float64(i) / 20
		share := stays + (1-stays)*math.Exp(-4*at) - 0.12*at
		mean += share / 21
		curve = append(curve, network.Watched{At: int64(at * 10_000), Share: int64(share * 10_000)})
	}
	views := v["M-IMPR"] * 7 / 10
	v["M-VVIEW"], v["M-VAVG"], v["M-VSHARE"] = views, int64(mean*24_000), int64(mean*10_000)
	v["M-VTIME"], v["M-VDONE"] = int64(mean*24*float64(views)), views*curve[20].Share/10_000
	return curve
}
