package app

import (
	"net/http"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/link/card"
	"github.com/bellwether-social/bellwether/internal/web/calendar"
	"github.com/bellwether-social/bellwether/internal/web/channels"
	"github.com/bellwether-social/bellwether/internal/web/compose"
	"github.com/bellwether-social/bellwether/internal/web/conversations"
	"github.com/bellwether-social/bellwether/internal/web/deliveries"
	"github.com/bellwether-social/bellwether/internal/web/home"
	"github.com/bellwether-social/bellwether/internal/web/insights"
	"github.com/bellwether-social/bellwether/internal/web/library"
	"github.com/bellwether-social/bellwether/internal/web/links"
	"github.com/bellwether-social/bellwether/internal/web/money"
	"github.com/bellwether-social/bellwether/internal/web/notices"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/preflight"
	"github.com/bellwether-social/bellwether/internal/web/queue"
	"github.com/bellwether-social/bellwether/internal/web/search"
	"github.com/bellwether-social/bellwether/internal/web/settings"
	"github.com/bellwether-social/bellwether/internal/web/signin"
	"github.com/bellwether-social/bellwether/internal/web/strategy"
	"github.com/bellwether-social/bellwether/internal/web/threshold"
)

// routes is the one table of screens.
func (a *App) routes() []page.Route {
	var all []page.Route
	for _, area := range [][]page.Route{
		signin.Routes(signin.Rooms{Accounts: a.Accounts, Workspaces: a.Workspaces, Mail: a.Mail, SetupToken: a.setup}),
		home.Routes(home.Rooms{Channels: a.Channels, Posts: a.Posts, Journal: a.Journal, Preflight: a.Preflight, Inbox: a.Inbox, Goals: a.Goals, Insight: a.Insight}),
		calendar.Routes(calendar.Rooms{Posts: a.Posts, Preflight: a.Preflight, Channels: a.Channels, Campaigns: a.Campaigns, Insight: a.Insight, Workspaces: a.Workspaces}),
		queue.Routes(queue.Rooms{Posts: a.Posts, Channels: a.Channels, Workspaces: a.Workspaces}),
		threshold.Routes(threshold.Rooms{Actions: a.Thresholds}),
		preflight.Routes(preflight.Rooms{Preflight: a.Preflight}),
		deliveries.Routes(deliveries.Rooms{Journal: a.Journal, Preflight: a.Preflight, Channels: a.Channels, Workspaces: a.Workspaces}),
		compose.Routes(compose.Rooms{Posts: a.Posts, Preflight: a.Preflight, Thresholds: a.Thresholds, Channels: a.Channels, Campaigns: a.Campaigns, Library: a.Library, Cards: card.New(a.HTTP)}),
		conversations.Routes(conversations.Rooms{Inbox: a.Inbox, Contacts: a.Contacts, Channels: a.Channels, Posts: a.Posts, Orders: a.Orders, Insight: a.Insight, Workspaces: a.Workspaces}),
		library.Routes(library.Rooms{Library: a.Library}),
		strategy.Routes(strategy.Rooms{Goals: a.Goals, Campaigns: a.Campaigns, Channels: a.Channels, Insight: a.Insight, Posts: a.Posts, Inbox: a.Inbox, Workspaces: a.Workspaces}),
		insights.Routes(insights.Rooms{Insight: a.Insight, Channels: a.Channels, Campaigns: a.Campaigns, Posts: a.Posts, Metrics: a.Metrics, Audiences: a.Audiences}),
		links.Routes(links.Rooms{Links: a.Links, Insight: a.Insight, Campaigns: a.Campaigns}),
		money.Routes(money.Rooms{Orders: a.Orders, Attribution: a.Attribution, Insight: a.Insight, Track: a.Track, Campaigns: a.Campaigns}),
		channels.Routes(channels.Rooms{Channels: a.Channels, Posts: a.Posts, Journal: a.Journal, Natives: a.Natives, Inbox: a.Inbox, Workspaces: a.Workspaces}),
		settings.Routes(settings.Rooms{Accounts: a.Accounts, Workspaces: a.Workspaces, Channels: a.Channels, Notices: a.Notices, Mail: a.Mail}),
		search.Routes(search.Rooms{Posts: a.Posts, Inbox: a.Inbox, Contacts: a.Contacts, Campaigns: a.Campaigns, Library: a.Library}),
		notices.Routes(notices.Rooms{Notices: a.Notices}),
	} {
		all = append(all, area...)
	}
	return all
}

// health answers load balancers truthfully: 200 only when the database takes writes.
func (a *App) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if _, err := db.Exec(r.Context(), a.DB, `insert into instance_settings (key, value) values ('health', '1') on conflict (key) do update set value = '1'`); err != nil {
		http.Error(w, "the database takes no writes", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}
