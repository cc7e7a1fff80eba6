// Package guide serves the living style guide of package ui with its charts: every component
// in all states, without an account or a database. It is for development and for the checks
// of accessibility, and must never show anything of a workspace.
package guide

import (
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/web/ui/chart"
)

// policy is the page policy every screen of the product has.
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// Handler serves the guide at / with the assets it needs.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", ui.Assets())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, ui.Guide(ui.GuideShell(ui.LookOf(r)), charts()...))
	})
	mux.HandleFunc("GET /guest", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, signIn(ui.LookOf(r)))
	})
	mux.HandleFunc("GET /guide/options", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, ui.ComboboxOptions(options(r.FormValue("q"))))
	})
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, ui.EmptyState(ui.EmptyStateProps{Small: true, Icon: "search", Title: "The guide holds nothing to find"}))
	})
	return mux
}

func show(w http.ResponseWriter, r *http.Request, page templ.Component) {
	w.Header().Set("Content-Security-Policy", policy)
	templ.Handler(page).ServeHTTP(w, r)
}

// options are the campaigns whose name holds q.
func options(q string) []ui.Option {
	var found []ui.Option
	for _, name := range []string{"Autumn walk", "Members' week", "Rain or shine", "Winter sale"} {
		if strings.Contains(strings.ToLower(name), strings.ToLower(q)) {
			found = append(found, ui.Option{Value: name, Label: name, Detail: "2026"})
		}
	}
	return found
}

// charts are the chart parts of the guide, in both themes.
func charts() []ui.GuidePart {
	return []ui.GuidePart{
		{Title: "Charts over time", Body: ui.GuideBoth(lines)},
		{Title: "Chart at full width", Body: wide()},
		{Title: "Charts by category", Body: ui.GuideBoth(bars)},
		{Title: "Shares, hours and stages", Body: ui.GuideBoth(shares)},
	}
}

func lines(suffix string) templ.Component {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		zone = time.UTC
	}
	start := time.Date(2026, 10, 26, 0, 0, 0, 0, zone)
	var times []time.Time
	names := []string{"Mastodon", "Bluesky", "Sandbox"}
	all := make([]chart.Series, 3)
	for i := range all {
		all[i].Label = names[i]
	}
	pace := chart.Series{Label: "Pace to the goal", Pace: true}
	for day := range 30 {
		times = append(times, start.AddDate(0, 0, day))
		for i := range all {
			v := math.Round(900 + 260*float64(i) + 300*math.Sin(float64(day)/(3+float64(i))) + 14*float64(day))
			if i == 1 && day > 11 && day < 16 {
				v = chart.Missing()
			}
			all[i].Values = append(all[i].Values, v)
		}
		pace.Values = append(pace.Values, 800+26*float64(day))
	}
	single := chart.Series{Label: "Followers", Values: all[0].Values, Area: true}
	return templ.Join(
		card("line"+suffix, chart.Line(chart.LineData{
			Head:  chart.Head{ID: "reach-chart" + suffix, Title: "Reach by network", Summary: "Reach of three networks in 30 days, rising; Bluesky has no data from 7 to 10 November."},
			Times: times, Series: append(append([]chart.Series{}, all...), pace), Location: zone,
			Notes: []chart.Note{{At: start.AddDate(0, 0, 18), Label: "Campaign started"}},
		})),
		card("area"+suffix, chart.Line(chart.LineData{
			Head: chart.Head{ID: "followers-chart" + suffix, Title: "Followers"}, Times: times, Series: []chart.Series{single}, Location: zone,
		})),
		card("none"+suffix, chart.Line(chart.LineData{Head: chart.Head{ID: "none-chart" + suffix, Title: "Orders", Empty: "No orders yet. Import them or connect the shop."}})),
		stat(ui.StatProps{ID: "spark" + suffix, Label: "Reach", Value: "48,210", Delta: "+12 %", DeltaTone: ui.Good, Compare: "in 30 days",
			Spark: chart.Spark(chart.SparkData{Label: "Reach of 30 days, rising", Values: all[0].Values})}),
	)
}

// wide is one chart over the whole width, in the page's own theme.
func wide() templ.Component {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var times []time.Time
	clicks := chart.Series{Label: "Clicks", Area: true}
	for day := range 320 {
		times = append(times, start.AddDate(0, 0, day))
		v := math.Round(400 + 2*float64(day) + 180*math.Sin(float64(day)/19) + 60*math.Sin(float64(day)*2*math.Pi/7))
		if day > 200 && day < 209 {
			v = chart.Missing()
		}
		clicks.Values = append(clicks.Values, v)
	}
	return card("wide-line", chart.Line(chart.LineData{Head: chart.Head{ID: "wide-chart", Title: "Clicks a day"}, Times: times, Series: []chart.Series{clicks}}))
}

func bars(suffix string) templ.Component {
	weeks := []string{"W40", "W41", "W42", "W43", "W44", "W45", "W46", "W47"}
	return templ.Join(
		card("stack"+suffix, chart.Bar(chart.BarData{
			Head: chart.Head{ID: "stack-chart" + suffix, Title: "Posts by week"}, Categories: weeks, CategoryOf: "Week",
			Series: []chart.Series{
				{Label: "Mastodon", Values: []float64{5, 7, 6, 8, chart.Missing(), 9, 7, 8}},
				{Label: "Bluesky", Values: []float64{3, 4, 6, 5, chart.Missing(), 4, 6, 7}},
				{Label: "Sandbox", Values: []float64{1, 2, 1, 0, chart.Missing(), 2, 2, 1}},
			},
		})),
		card("down"+suffix, chart.Bar(chart.BarData{
			Head: chart.Head{ID: "down-chart" + suffix, Title: "Followers won and lost"}, Categories: weeks, CategoryOf: "Week",
			Series: []chart.Series{{Label: "Won", Values: []float64{120, 90, 140, 80, 60, 130, 170, 150}}, {Label: "Lost", Values: []float64{-30, -42, -28, -60, -75, -40, -33, -30}}},
		})),
	)
}

func shares(suffix string) templ.Component {
	parts := []chart.Slice{{Label: "Mastodon", Value: 1840}, {Label: "Bluesky", Value: 1210}, {Label: "Search", Value: 640}, {Label: "Direct", Value: 310}, {Label: "Newsletter", Value: chart.Missing()}}
	var week [7][24]float64
	for d := range week {
		for h := range week[d] {
			week[d][h] = math.Round(math.Max(0, 60*math.Exp(-math.Pow(float64(h)-17+float64(d%3), 2)/18)+22*math.Exp(-math.Pow(float64(h)-8, 2)/6)-float64(d)))
			if d == 6 && h < 7 {
				week[d][h] = chart.Missing()
			}
		}
	}
	return templ.Join(
		card("share"+suffix, chart.ShareBar(chart.ShareData{Head: chart.Head{ID: "share-chart" + suffix, Title: "Visits by source"}, Slices: parts, Of: "Source", Unit: "visits"})),
		card("donut"+suffix, chart.Donut(chart.ShareData{Head: chart.Head{ID: "donut-chart" + suffix, Title: "Visits by source, as a ring"}, Slices: parts, Of: "Source", Unit: "visits"})),
		card("heat"+suffix, chart.Heatmap(chart.HeatData{Head: chart.Head{ID: "heat-chart" + suffix, Title: "Engagements by weekday and hour", Zone: "Europe/Vienna"}, Values: week, Unit: "engagements"})),
		card("compare"+suffix, chart.Compare(chart.CompareData{Head: chart.Head{ID: "compare-chart" + suffix, Title: "Two publics by age"}, GroupOf: "Age", Groups: []string{"18–24", "25–34", "65+"},
			Series: []chart.Series{{Label: "Followers", Values: []float64{0.31, 0.48, 0.03}}, {Label: "People who reacted", Values: []float64{0.36, 0.41, chart.Missing()}}}})),
		card("funnel"+suffix, chart.Funnel(chart.FunnelData{Head: chart.Head{ID: "funnel-chart" + suffix, Title: "From reach to order"}, Stages: []chart.Stage{{Label: "Reach", Value: 48210}, {Label: "Clicks", Value: 3120}, {Label: "Leads", Value: 410}, {Label: "Orders", Value: 96}}})),
	)
}
