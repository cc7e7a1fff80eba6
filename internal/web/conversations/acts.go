package conversations

import (
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// actWords are the words of an act.
var actWords = map[network.Act]struct {
	label, icon string
	done        string // once the journal has it
	doing, not  string // while it is on its way, and when it was refused
	verb        string // what a network lets programs do
}{
	network.Like:    {"Like", "thumbs-up", "It is being liked.", "Being liked", "Not liked", "like"},
	network.Unlike:  {"Take the like back", "undo-2", "The like is being taken back.", "Like being taken back", "Like not taken back", "unlike"},
	network.Share:   {"Share", "repeat-2", "It is being shared from the channel.", "Being shared", "Not shared", "share"},
	network.Hide:    {"Hide", "eye-off", "It is being hidden.", "Being hidden", "Not hidden", "hide"},
	network.Unhide:  {"Show again", "eye", "It is being shown again.", "Being shown again", "Not shown again", "show again"},
	network.Delete:  {"Delete", "trash-2", "It is being deleted at the network; its text stays here.", "Being deleted", "Not deleted", "delete"},
	network.Mute:    {"Mute the author", "circle-slash-2", "The author is being muted for this channel.", "Author being muted", "Author not muted", "mute"},
	network.Unmute:  {"Unmute the author", "undo-2", "The author will be heard again.", "Author being unmuted", "Author not unmuted", "unmute"},
	network.Block:   {"Block the author", "ban", "The author is being blocked for this channel.", "Author being blocked", "Author not blocked", "block"},
	network.Unblock: {"Unblock the author", "undo-2", "The author is being let in again.", "Author being unblocked", "Author not unblocked", "unblock"},
	network.Report:  {"Report to the network", "flag", "It is being reported to the network.", "Being reported", "Not reported", "report"},
	network.Approve: {"Approve", "check", "It is being approved.", "Being approved", "Not approved", "approve"},
	network.Spam:    {"Mark as spam", "siren", "It is being put away as spam.", "Being put away as spam", "Not put away", "mark as spam"},
	network.Trash:   {"Move to the trash", "trash-2", "It is being put into the network's trash.", "Being put into the trash", "Not put into the trash", "move to the trash"},
	"flag":          {"Flagged", "flag", "", "", "", "flag"},
}

// offered are the acts a person can carry out on a message as it stands.
func (t *thread) offered(m *inbox.Message) []network.Act {
	quiet := t.Silenced[m.IdentityID]
	var out []network.Act
	for _, a := range t.Acts {
		if m.PutAway != "" && a != network.Approve { // it comes back first
			continue
		}
		if a == network.Approve && m.Hidden && slices.Contains(t.Acts, network.Unhide) { // the same, by the name it went with
			continue
		}
		switch {
		case a == network.Like && m.Liked, a == network.Unlike && !m.Liked, a == network.Hide && m.Hidden, a == network.Unhide && !m.Hidden,
			a == network.Mute && quiet.Muted, a == network.Unmute && !quiet.Muted, a == network.Block && quiet.Blocked, a == network.Unblock && !quiet.Blocked:
			continue
		}
		if inbox.NeedFor(a) == workspace.InboxModerate && !t.Moderate || !t.MayReply || t.Underways[m.ID].State == "queued" && t.Underways[m.ID].Act == a {
			continue
		}
		out = append(out, a)
	}
	return out
}

func (t *thread) menu(m *inbox.Message, v view) []ui.MenuItem {
	var items []ui.MenuItem
	for _, a := range t.offered(m) {
		w := actWords[a]
		item := ui.MenuItem{Label: w.label, Icon: w.icon, Danger: slices.Contains([]network.Act{network.Block, network.Spam, network.Trash, network.Delete}, a)}
		if a == network.Approve && m.PutAway != "" {
			item.Label = map[string]string{string(network.Spam): "Not spam: show it", string(network.Trash): "Take out of the trash"}[m.PutAway]
		}
		if a == network.Delete || a == network.Report { // cannot be taken back: asks first
			item.Label += "…"
			item.Href = show.With("/inbox/"+t.Line.ID, v.Query, string(a), m.ID)
		} else {
			q := without(v.Query)
			q.Set("act", string(a))
			q.Set("message", m.ID)
			item.Post = address("/inbox/"+t.Line.ID+"/act", q)
		}
		items = append(items, item)
	}
	return items
}

// can says in words what the network lets programs do to messages of this kind, and what not.
func (t *thread) can() string {
	words := func(acts []network.Act) string {
		var out []string
		for _, a := range acts {
			if opposite := inbox.Opposite(a); (a == network.Unlike || a == network.Unhide || a == network.Unmute || a == network.Unblock) && slices.Contains(acts, opposite) {
				continue // goes without saying
			}
			out = append(out, actWords[a].verb)
		}
		return strings.Join(out, ", ")
	}
	kind := strings.ToLower(kindWord(t.Line.Kind)) + "s"
	switch {
	case len(t.Acts) == 0:
		return t.Network.Name + " offers programs no acts on " + kind + ": like, hide or mute in its own app."
	case len(t.Missing) == 0:
		return t.Network.Name + " lets programs " + words(t.Acts) + " " + kind + "."
	}
	return t.Network.Name + " lets programs " + words(t.Acts) + " " + kind + ". It does not offer: " + words(t.Missing) + "; do those in its own app."
}

// together are the acts offered for any of the listed conversations, for the list's choice.
func together(acts map[string][]network.Act, lines []inbox.Line) []ui.Option {
	found := map[network.Act]bool{}
	for _, l := range lines {
		for _, a := range acts[l.ChannelID+" "+string(l.Kind)] {
			found[a] = true
		}
	}
	var out []ui.Option
	for _, a := range []network.Act{network.Like, network.Hide, network.Unhide, network.Approve, network.Spam, network.Trash, network.Mute, network.Block, network.Delete} {
		if found[a] {
			out = append(out, ui.Option{Value: string(a), Label: actWords[a].label})
		}
	}
	return out
}
