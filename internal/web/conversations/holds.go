package conversations

import (
	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

var holdKinds = []ui.Option{{Value: string(inbox.HoldWords), Label: "Words of a list"}, {Value: string(inbox.HoldLink), Label: "A link in public"}, {Value: string(inbox.HoldNewcomer), Label: "Somebody's first message in public"}}

// holdWord says what a hold looks for.
func holdWord(h inbox.Hold) string {
	switch h.Kind {
	case inbox.HoldLink:
		return "links in public messages"
	case inbox.HoldNewcomer:
		return "somebody's first message in public"
	}
	if h.Language == "" {
		return "words, in any language"
	}
	return "words, language " + h.Language
}

func holdTitle(v moderationView) string {
	if v.Editing == "" {
		return "New hold"
	}
	return "Change the hold"
}

func holdAction(v moderationView) string {
	if v.Editing == "" {
		return "/inbox/moderation"
	}
	return "/inbox/moderation/" + v.Editing + "/save"
}

func logRows(v moderationView) (rows []ui.Row) {
	for _, m := range v.Log {
		rows = append(rows, ui.Row{ID: m.ID, Cells: []templ.Component{logMessage(m), logAct(m), ui.Text(m.By), ui.Text(show.Instant(m.At, v.Zone)), logBack(v, m)}})
	}
	return rows
}

// undoes is where a line of the log can be taken back, "" where there is nothing to take back any more.
func undoes(m inbox.Moderation) string {
	standing := map[network.Act]bool{network.Hide: m.Hidden, network.Spam: m.PutAway == "spam", network.Trash: m.PutAway == "trash", network.Mute: m.Muted, network.Block: m.Blocked}[m.Act]
	switch {
	case m.Act == "flag" && m.Flag != "":
		return "/inbox/" + m.ConversationID + "/unflag?back=/inbox/moderation"
	case m.State == "done" && standing:
		return "/inbox/" + m.ConversationID + "/act"
	}
	return ""
}

func undoWord(m inbox.Moderation) string {
	if m.Act == "flag" {
		return "Let it stand"
	}
	return actWords[inbox.Opposite(m.Act)].label
}
