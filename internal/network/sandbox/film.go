package sandbox

import (
	"math"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// story is a setting's value on the networks that have stories.
const story = "story"

const (
	aDay   = 24 * time.Hour
	length = 24.0 // seconds of every video of the world
)

// Perishes says that a story is shown for a day.
func (s *Sandbox) Perishes(item network.Remote) time.Duration {
	if item.Data["kind"] == story {
		return aDay
	}
	return 0
}

// over reports whether a story's day has passed, in the public's time.
func (w *World) over(it *Item) bool {
	return it.Story && w.clock().Sub(it.At).Hours()*w.speed >= aDay.Hours()
}

// measured are an item's numbers; of videos how they were watched, of stories how people moved on.
func (it *Item) measured(remoteID string) network.Measured {
	v := network.Values{"M-IMPR": it.Shown, "M-REACH": it.Reach, "M-LIKE": it.Likes, "M-COMM": it.Comments, "M-SHARE": it.Shares, "M-SAVE": it.Saves, "M-FOLLGAIN": int64(float64(it.Reach) * 0.004 * it.Appeal)}
	m := network.Measured{RemoteID: remoteID, Values: v}
	if it.Film {
		views := it.Shown * 7 / 10
		v["M-VVIEW"] = views
		if views > 0 {
			m.Watched = it.retention()
			mean := 0.0
			for _, w := range m.Watched {
				mean += float64(w.Share) / 10_000 / float64(len(m.Watched))
			}
			v["M-VAVG"] = int64(mean * length * 1000)
			v["M-VTIME"] = int64(mean * length * float64(views))
			v["M-VDONE"] = views * m.Watched[len(m.Watched)-1].Share / 10_000
		}
	}
	if it.Story {
		delete(v, "M-SAVE")
		v["M-STFWD"], v["M-STBACK"], v["M-STEX"], v["M-STREP"] = it.Shown*5/10, it.Shown/20, it.Shown/8, it.Comments
	}
	return m
}

// retention falls fast at first and then slowly, the less the better the public takes the video.
func (it *Item) retention() (out []network.Watched) {
	stays := 0.25 + 0.2*min(max(it.Appeal, 0.3), 2.5)
	for i := range 21 {
		at := float64(i) / 20
		out = append(out, network.Watched{At: int64(at * 10_000), Share: int64((stays + (1-stays)*math.Exp(-4*at) - 0.15*at) * 10_000)})
	}
	return out
}
