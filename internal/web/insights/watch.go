package insights

import (
	"fmt"
	"time"

	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
)

// What is shown of videos, of stories, and of what else a network delivers about a post.
var (
	ofVideos  = []string{"M-VVIEW", "M-VAVG", "M-VSHARE", "M-VCOMP", "M-VTIME", "M-SKIP"}
	ofStories = []string{"M-STFWD", "M-STBACK", "M-STNEXT", "M-STEX", "M-STREP"}
	ofVisits  = []string{"M-LCLICK", "M-PVIS", "M-FOLLGAIN"}
)

// told are the numbers of a list that the network delivered; others are not shown at all (H05).
func (v one) told(ids []string) (out []ui.StatProps) {
	for _, id := range ids {
		n := v.Watched.Values[id]
		if !n.Has {
			continue
		}
		d := definition(id, "")
		d.Unit = map[string]string{"ms": "seconds", "bp": "per cent", "s": "time", "n": "number", "%": "per cent"}[n.Unit]
		d.Fresh = "data of " + show.Instant(n.AsOf, v.Zone) + ", " + v.Zone.String()
		if n.Type == metric.Ratio {
			d.Base = fmt.Sprintf("%s ÷ %s of this post", show.Count(n.Over), show.Count(n.Under))
		}
		out = append(out, ui.StatProps{ID: "watch-" + id, Label: n.Name, Value: worded(n), Definition: d})
	}
	return out
}

// worded writes a number in the unit it is kept in.
func worded(n insight.Number) string {
	switch n.Unit {
	case "ms":
		return fmt.Sprintf("%.1f s", float64(n.Value)/1000)
	case "bp":
		return show.Percent(float64(n.Value) / 10_000)
	case "s":
		return show.Seconds(n.Value)
	}
	return show.Value(n)
}

// curve draws the retention of a video against its length; where it is told by quarters, five points are all there are.
func (v one) curve() chart.CurveData {
	c := chart.CurveData{Head: chart.Head{ID: "retention", Title: "Retention", Hide: true, Summary: "Share of views still there at each part of the video."}, AtOf: "Part of the video", Label: "Still watching"}
	for _, w := range v.Watched.Curve {
		c.At, c.Values = append(c.At, float64(w.At)/10_000), append(c.Values, float64(w.Share)/10_000)
	}
	return c
}

// vanishing says what becomes of a story's numbers.
func (v one) vanishing(now time.Time) string {
	switch {
	case v.Watched.Perishes.IsZero() || !v.Watched.Missed.IsZero():
		return ""
	case now.Before(v.Watched.Perishes):
		return "It vanishes " + show.Instant(v.Watched.Perishes, v.Zone) + "; its numbers are read 1, 6 and 23 hours after publication."
	}
	return "It vanished " + show.Instant(v.Watched.Perishes, v.Zone) + ", as stories do; its last numbers were read before."
}
