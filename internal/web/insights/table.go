package insights

import (
	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

func orUntitled(s string) string {
	if s == "" {
		return "(no text)"
	}
	return s
}

func (v view) columns() []ui.Column {
	sort := func(label, by string) ui.Column {
		return ui.Column{Label: label, Numeric: true, Sort: v.sorted(by), SortURL: v.sortURL(by)}
	}
	return []ui.Column{{Label: "Post", Main: true}, {Label: "Published", Sort: v.sorted("published"), SortURL: v.sortURL("published"), Shrink: true}, sort("Impressions", "impressions"), sort("Likes", "likes"), sort("Comments", "comments"),
		sort("Shares", "shares"), {Label: "Eng. rate", Numeric: true, Hint: "Engagements ÷ impressions of the same post"}, sort("Clicks", "clicks"), sort("Orders", "orders"), sort("Net revenue", "revenue")}
}

func (v view) rows() []ui.Row {
	var rows []ui.Row
	for _, r := range v.Rows {
		rows = append(rows, ui.Row{ID: r.TargetID, Href: "/insights/posts/" + r.TargetID, Cells: []templ.Component{postCell(r), ui.Text(show.Instant(r.PublishedAt, v.Zone)),
			number(r.Impressions), number(r.Likes), number(r.Comments), number(r.Shares), ratio(r.Engagements, r.Impressions), ui.Text(show.Count(r.Clicks)),
			ui.Text(show.Count(r.Orders)), ui.Text(money(r, v.Currency))}})
	}
	return rows
}

func money(r insight.PostRow, currency string) string {
	if r.Orders == 0 && r.Revenue == 0 {
		return "–"
	}
	return show.Money(r.Revenue, currency)
}
