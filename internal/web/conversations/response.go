package conversations

import (
	"fmt"
	"net/url"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// responseView is how people are answered, by our count and by the networks' own.
type responseView struct {
	view
	Care   insight.Care
	Period insight.Period
	Tabs   []ui.Tab
	Rates  []insight.NetworkRate
}

// response shows the response metrics of a period beside the rate as Facebook counts it (E14, E15).
func (r Rooms) response(c *page.Context) error {
	v := responseView{view: view{Query: url.Values{}, Zone: c.Zone(), Now: show.Now()}}
	query := c.R.URL.Query()
	if query.Get("days") == "" && query.Get("from") == "" {
		query.Set("days", "28")
	}
	var err error
	if v.Period, err = show.Period(query, c.Zone().String(), v.Now); err != nil {
		return err
	}
	v.Tabs = show.PeriodTabs("/inbox/response", query, v.Period)
	if v.Care, err = r.answered(c, &v.view, v.Period); err != nil {
		return err
	}
	if v.Rates, err = r.Insight.NetworkRates(c.Ctx(), c.Actor(), v.Now); err != nil {
		return err
	}
	return c.Render(200, "Response metrics", "inbox", responsePage(v))
}

// stats are a Page's numbers as Facebook counts them.
func rateStats(n insight.NetworkRate) []ui.StatProps {
	since := "30 days"
	if n.LastFew {
		since = "the last 10 messages that count: the last 30 days have none"
	}
	return []ui.StatProps{
		{ID: "rate-" + n.ChannelID, Label: "Response rate", Value: shareOf(n.Rate), Missing: "No data: nobody opened a conversation", Compare: fmt.Sprintf("%d of %d, %s", n.Rate.Answered, n.Rate.Counted, since), Definition: rateDefinition},
		{ID: "time-" + n.ChannelID, Label: "Response time", Value: averageOf(n.Rate), Missing: "No data: nothing was answered", Compare: fmt.Sprintf("average of the fastest %d of %d answers", n.Rate.Timed, n.Rate.Answered), Definition: timeDefinition},
		{ID: "week-" + n.ChannelID, Label: "For the badge, 7 days", Value: shareOf(n.Week), Missing: "No data: nobody opened a conversation", Compare: fmt.Sprintf("%d of %d, average %s", n.Week.Answered, n.Week.Counted, orWords(averageOf(n.Week), "none")), Definition: badgeDefinition},
	}
}

var (
	rateDefinition  = &ui.Definition{Name: "M-RESPNET network's response rate", Formula: "answered ÷ messages that open a conversation after 24 hours of silence", Unit: "%", Base: "private messages of the Page", Source: "Computed here by Facebook's published rule; Facebook does not tell programs its own figure."}
	timeDefinition  = &ui.Definition{Name: "Response time as Facebook counts", Formula: "average over the fastest 90 % of the answers", Unit: "seconds", Base: "private messages of the Page", Source: "Computed here by Facebook's published rule."}
	badgeDefinition = &ui.Definition{Name: "“Very responsive” badge", Formula: "response rate ≥ 90 % and response time ≤ 15 minutes over 7 days", Unit: "%", Base: "private messages of the Page", Source: "Facebook decides; this says whether its published conditions are met."}
)

func shareOf(r insight.Rate) string {
	share, has := r.Share()
	if !has {
		return ""
	}
	return show.Percent(share)
}

func averageOf(r insight.Rate) string {
	if r.Timed == 0 {
		return ""
	}
	return show.Seconds(r.Average)
}

// differences explain, line by line, why the two counts are not the same (E15).
func differences(v responseView, n insight.NetworkRate) []ui.Row {
	need, answered := v.Care.NeedAns.Value, int64(0)
	if v.Care.NeedAns.Has {
		answered = need - int64(v.Care.Waiting)
	}
	lines := [][3]string{
		{"Result", fmt.Sprintf("%s: %d of %d", orWords(show.Value(v.Care.Response), "no data"), answered, need), fmt.Sprintf("%s: %d of %d", orWords(shareOf(n.Rate), "no data"), n.Rate.Answered, n.Rate.Counted)},
		{"What counts", "Conversations of all channels: comments, mentions, messages and reviews", "Private messages of this Page"},
		{"What is one case", "A conversation, by its first message", "Every message that comes after at least 24 hours of silence; one conversation can count several times"},
		{"Period", show.Span(v.Period, v.Zone), "The last 30 days; where nothing counts in them, the last 10 messages that do"},
		{"Needs no answer", "What a person dismissed is left out", "Counts as unanswered"},
		{"Still waiting", fmt.Sprintf("Counts as unanswered: %d", v.Care.Waiting), "Counts as unanswered as well"},
		{"Answers by machines", "Do not count", "Do not count: instant and away replies are no answers"},
		{"Time to an answer", fmt.Sprintf("Median %s, mean %s, of all answers", show.Seconds(v.Care.First.Median), show.Seconds(v.Care.First.Mean)), fmt.Sprintf("%s: average of the fastest 90 %%, the slowest tenth is left out", orWords(averageOf(n.Rate), "no data"))},
		{"Away time", "Counts", "Facebook leaves out what comes while the Page is set to away. Programs are not told when that was: this figure holds it, so Facebook's own can be better"},
		{"Before the connection", "Starts no clock", "Facebook counts it; here it is left out, so the figures meet 30 days after the connection"},
		{"Badge", "–", badgeWords(n)},
	}
	var rows []ui.Row
	for _, l := range lines {
		rows = append(rows, ui.Row{Cells: []templ.Component{ui.Text(l[0]), ui.Text(l[1]), ui.Text(l[2])}})
	}
	return rows
}

func badgeWords(n insight.NetworkRate) string {
	if n.Badge {
		return "Conditions met: at least 90 % within 7 days, on average within 15 minutes"
	}
	return fmt.Sprintf("Conditions not met: at least 90 %% and 15 minutes over 7 days; it is %s and %s", orWords(shareOf(n.Week), "no data"), orWords(averageOf(n.Week), "no answer"))
}
