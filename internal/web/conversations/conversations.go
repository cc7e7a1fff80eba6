package conversations

import (
	"net/url"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screens speak with.
type Rooms struct {
	Inbox      *inbox.Inbox
	Contacts   *contact.Contacts
	Channels   *channel.Channels
	Posts      *post.Posts
	Orders     *customer.Orders
	Insight    *insight.Insight
	Workspaces *workspace.Workspaces
}

// Routes are the screens' addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/inbox", workspace.InboxRead, r.list),
		page.Post("/inbox/bulk", workspace.InboxReply, r.bulk),
		page.Get("/inbox/replies", page.Member, r.saved),
		page.Post("/inbox/replies", workspace.InboxRules, r.keepReply),
		page.Post("/inbox/replies/{reply}/save", workspace.InboxRules, r.keepReply),
		page.Post("/inbox/replies/{reply}/delete", workspace.InboxRules, r.dropReply),
		page.Get("/inbox/moderation", workspace.InboxRead, r.moderation),
		page.Post("/inbox/moderation", workspace.InboxRules, r.keepHold),
		page.Post("/inbox/moderation/{hold}/save", workspace.InboxRules, r.keepHold),
		page.Post("/inbox/moderation/{hold}/delete", workspace.InboxRules, r.dropHold),
		page.Get("/inbox/response", workspace.AnalyticsRead, r.response),
		page.Get("/inbox/{id}", workspace.InboxRead, r.one),
		page.Post("/inbox/{id}/private", workspace.InboxReply, r.private),
		page.Post("/inbox/{id}/unflag", workspace.InboxModerate, r.unflag),
		page.Post("/inbox/{id}/takeback", workspace.InboxReply, r.takeBack),
		page.Post("/inbox/{id}/reply", workspace.InboxReply, r.reply),
		page.Post("/inbox/{id}/fill", workspace.InboxReply, r.fill),
		page.Get("/inbox/{id}/writing", workspace.InboxRead, r.writer),
		page.Post("/inbox/{id}/writing", workspace.InboxReply, r.writing),
		page.Post("/inbox/{id}/note", workspace.InboxReply, r.note),
		page.Post("/inbox/{id}/tags", workspace.InboxReply, r.tags),
		page.Post("/inbox/{id}/step", workspace.InboxReply, r.step),
		page.Post("/inbox/{id}/act", workspace.InboxReply, r.act),
		page.Post("/inbox/{id}/undo", workspace.InboxReply, r.undo),
		page.Get("/contacts/{id}", workspace.InboxRead, r.contact),
		page.Post("/contacts/{id}", workspace.InboxReply, r.describe),
		page.Post("/contacts/{id}/merge", workspace.InboxReply, r.merge),
		page.Post("/contacts/{id}/unmerge", workspace.InboxReply, r.unmerge),
		page.Post("/contacts/{id}/split", workspace.InboxReply, r.split),
	}
}

// kept are the values of the address that say which list a person works through.
var kept = []string{"state", "channel", "assignee", "kind", "campaign", "contact", "target", "tag", "q", "at", "before"}

// listOf returns only those of a query that choose the list.
func listOf(q url.Values) url.Values {
	out := url.Values{}
	for _, name := range kept {
		if v := q.Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

// address is a place with the list's query.
func address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// without is a query with some names left out.
func without(q url.Values, names ...string) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = v
	}
	for _, n := range names {
		out.Del(n)
	}
	return out
}
