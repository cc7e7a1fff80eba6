package insight

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/workspace"
)

// How the rows behind the numbers belong to brands, channels and people.
var (
	targetRows  = workspace.Rows{Brand: "o.brand_id = ?", Channel: "t.channel_id = ?", Own: "o.author_id = ?"} // targets t join posts o
	linkRows    = workspace.Rows{Brand: "l.brand_id = ?", Channel: "l.channel_id = ?", Own: "l.created_by = ?"}
	threadRows  = workspace.Rows{Brand: "v.brand_id = ?", Channel: "v.channel_id = ?", Own: "v.assignee_id = ?"}
	channelRows = workspace.Rows{Brand: "h.brand_id = ?", Channel: "h.id = ?"}
	wordRows    = onChannel("m", "exists (select 1 from conversations v where v.workspace_id = m.workspace_id and v.id = m.conversation_id and v.assignee_id = ?)")
	// Money belongs to the channel of its last touch; what nothing is credited for, to no brand.
	orderRows    = onChannel("r", "exists (select 1 from posts o where o.workspace_id = r.workspace_id and o.id = r.post_id and o.author_id = ?)")
	orderDays    = onChannel("d", "d.author_id = ?")
	dayOfPosts   = workspace.Rows{Brand: "d.brand_id = ?", Channel: "d.channel_id = ?", Own: "d.author_id = ?"}
	messageDays  = onChannel("d", "")
	followedRows = workspace.Rows{Brand: "d.brand_id = ?", Channel: "d.id = ?"}
	numberRows   = workspace.Rows{Brand: "n.brand_id = ?", Channel: "n.channel_id = ?", Own: "n.author_id = ?"}
	placeRows    = workspace.Rows{Channel: "d.channel_id = ?"}
	convertRows  = onChannel("r", "exists (select 1 from targets t join posts o on o.workspace_id = t.workspace_id and o.id = t.post_id where t.workspace_id = r.workspace_id and t.id = r.target_id and o.author_id = ?)")
)

func onChannel(table, own string) workspace.Rows {
	return workspace.Rows{Channel: table + ".channel_id = ?", Own: own,
		Brand: "exists (select 1 from channels h where h.workspace_id = " + table + ".workspace_id and h.id = " + table + ".channel_id and h.brand_id = ?)"}
}

// ownOnly reports whether some of what the actor reads is theirs alone.
func (s Scope) ownOnly(actor workspace.Actor) bool {
	return strings.Contains(s.within(actor, workspace.Rows{Brand: "brand = ?", Channel: "channel = ?", Own: "own = ?"}, &[]any{}), "own")
}

// open is what within answers when nothing is narrowed.
const open = " and 1 = 1"

// within narrows a query to the rows that the actor's roles open, and to the channels of a goal. Money opens to whoever
// reads orders, too.
func (s Scope) within(actor workspace.Actor, rows workspace.Rows, args *[]any) string {
	by := []workspace.Capability{workspace.AnalyticsRead}
	if slices.Contains([]workspace.Rows{orderRows, orderDays, convertRows}, rows) {
		by = append(by, workspace.OrderRead)
	}
	if s.goal {
		by = []workspace.Capability{workspace.GoalRead}
	}
	out := " and " + actor.Readable(rows, args, by...)
	if len(s.Channels) == 0 {
		return out
	}
	var any []string
	for _, channelID := range s.Channels {
		*args = append(*args, channelID)
		any = append(any, strings.ReplaceAll(rows.Channel, "?", "$"+strconv.Itoa(len(*args))))
	}
	return out + " and (" + strings.Join(any, " or ") + ")"
}
