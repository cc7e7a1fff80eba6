package conversations

import (
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

// narrowed reports whether a filter of the fold-out is set.
func (v view) narrowed() bool {
	for _, name := range []string{"channel", "assignee", "kind", "tag"} {
		if v.Query.Get(name) != "" {
			return true
		}
	}
	return false
}

// snoozes are the spans offered without choosing a time.
var snoozes = []struct{ value, label string }{{"1h", "1 hour"}, {"3h", "3 hours"}, {"tomorrow", "Tomorrow, 09:00"}, {"monday", "Monday, 09:00"}}

// sendWord says on the button that pressing it confirms what was asked.
func sendWord(f *page.Form) string {
	if f.Problem() != nil && (f.On("confirm") || f.On("as_is")) {
		return "Send it all the same"
	}
	return "Send"
}

// putAway says where a moderator has put a message.
func putAway(as string) string {
	if as == string(network.Spam) {
		return "Marked as spam"
	}
	return "In the trash"
}

func deliveryWord(state string) string {
	if state == "failed" || state == "unknown" {
		return "See what happened and decide"
	}
	return "Delivery"
}

func tagsValue(t *thread) string {
	if t.Form.Error("tags") != "" {
		return t.Form.Raw("tags")
	}
	return strings.Join(t.Line.Tags, ", ")
}

func orWords(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
