package insights

import (
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
)

// one is everything the page of one published target shows.
type one struct {
	Target    post.Target
	Post      post.Post
	Channel   channel.Channel
	Row       insight.PostRow
	Snapshots []insight.Snapshot
	Growth    chart.LineData
	Watched   insight.Watching
	Zone      *time.Location
	Currency  string
}

func digits(currency string) int { return customer.Digits(currency) }

func (r Rooms) target(c *page.Context) error {
	ctx, actor := c.Ctx(), c.Actor()
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	v := one{Zone: c.Zone(), Currency: w.Currency}
	if v.Target, err = r.Posts.Target(ctx, actor, c.Path("target")); err != nil {
		return err
	}
	if v.Post, err = r.Posts.Get(ctx, actor, v.Target.PostID); err != nil {
		return err
	}
	if v.Channel, err = r.Channels.Get(ctx, actor, v.Target.ChannelID); err != nil {
		return err
	}
	if v.Row, err = r.Insight.PostOf(ctx, actor, v.Target.ID, w.Currency); err != nil {
		return err
	}
	if v.Snapshots, err = r.Insight.Snapshots(ctx, actor, v.Target.ID); err != nil {
		return err
	}
	if v.Watched, err = r.Insight.Watch(ctx, actor, v.Target.ID); err != nil {
		return err
	}
	v.Growth = growth(v.Snapshots, v.Zone)
	return c.Render(200, "Post numbers", "insights", targetPage(v))
}

func (r Rooms) refresh(c *page.Context) error {
	if err := r.Metrics.Refresh(c.Ctx(), c.Actor(), c.Path("target")); err != nil {
		return err
	}
	c.Done("The network was asked again.")
	return c.Redirect("/insights/posts/" + c.Path("target"))
}

// growth draws how each number of a post grew, from its kept snapshots.
func growth(snapshots []insight.Snapshot, loc *time.Location) chart.LineData {
	line := chart.LineData{Head: chart.Head{ID: "growth", Title: "How the numbers grew", Summary: "Each value as the network gave it, with the time it was asked.", Zone: loc.String(),
		Empty: "The first measurement comes 15 minutes after publication."}, Location: loc, Layout: "2 Jan 2006 15:04"}
	index := map[int64]int{}
	for _, s := range snapshots {
		if _, ok := index[s.At.Unix()]; !ok {
			index[s.At.Unix()] = 0
			line.Times = append(line.Times, s.At)
		}
	}
	sortTimes(line.Times)
	for i, t := range line.Times {
		index[t.Unix()] = i
	}
	at := map[string]int{}
	for _, s := range snapshots {
		if metric.Define(s.Metric).Unit != "n" {
			continue // times and shares have no place on an axis of counts
		}
		n, ok := at[s.Metric]
		if !ok {
			n = len(line.Series)
			at[s.Metric] = n
			values := make([]float64, len(line.Times))
			for i := range values {
				values[i] = chart.Missing()
			}
			line.Series = append(line.Series, chart.Series{Label: metric.Define(s.Metric).Name, Values: values})
		}
		line.Series[n].Values[index[s.At.Unix()]] = float64(s.Value)
	}
	if len(line.Times) < 2 {
		line.Series = nil
	}
	return line
}

func sortTimes(times []time.Time) { slices.SortFunc(times, time.Time.Compare) }
