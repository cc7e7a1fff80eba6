package page

import (
	"context"
	"net/url"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// House is what every screen stands on.
type House struct {
	Accounts   *account.Accounts
	Workspaces *workspace.Workspaces
	Keys       *secret.Keys // signs what a browser keeps for us
	URL        *url.URL     // public address

	Unread func(context.Context, workspace.Actor) (int, error)              // notifications; nil = none
	Counts func(context.Context, workspace.Actor) (map[string]Count, error) // what waits, by navigation key; nil = none
}

// Count is a number beside an entry of the navigation.
type Count struct {
	N    int
	Tone ui.Tone
}

// Secure reports whether people reach us over https.
func (h *House) Secure() bool { return h.URL.Scheme == "https" }

// CookieName is the name one of our cookies has here: browsers keep a __Host- cookie from being set by other hosts and plain http.
func (h *House) CookieName(name string) string {
	if h.Secure() {
		return "__Host-" + name
	}
	return "bellwether-" + name
}

// needs says which right opens each entry of the navigation.
var needs = map[string]Need{
	"home": Member, "calendar": workspace.PostRead, "compose": workspace.PostDraft, "queue": workspace.PostRead, "library": workspace.PostRead,
	"deliveries": workspace.PostRead, "inbox": workspace.InboxRead, "campaigns": workspace.CampaignRead,
	"goals": workspace.GoalRead, "insights": workspace.AnalyticsRead, "links": workspace.AnalyticsRead,
	"money": workspace.OrderRead, "channels": workspace.PostRead, "settings": SignedIn,
}

// navigation leaves out what the actor may not open and adds what waits.
func navigation(actor workspace.Actor, counts map[string]Count) []ui.NavItem {
	items := []ui.NavItem{}
	for _, item := range ui.DefaultNav() {
		if !Allowed(needs[item.Key], true, actor.WorkspaceID != "", actor) {
			continue
		}
		item.Count, item.Tone = counts[item.Key].N, counts[item.Key].Tone
		items = append(items, item)
	}
	return items
}
