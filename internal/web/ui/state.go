package ui

import (
	"strings"

	"github.com/a-h/templ"
)

type stateLook struct {
	label string
	tone  Tone
	icon  string
}

// stateLooks gives each state of the product its tone and sign. Words shared by several
// state machines look the same everywhere.
var stateLooks = map[string]stateLook{
	"draft":             {"Draft", Neutral, "circle-dashed"},
	"idea":              {"Idea", Neutral, "lightbulb"},
	"in_review":         {"In review", Review, "hourglass"},
	"pending_approval":  {"In review", Review, "hourglass"},
	"changes_requested": {"Changes requested", Warn, "undo-2"},
	"approved":          {"Approved", Good, "check"},
	"rejected":          {"Rejected", Bad, "x"},
	"expired":           {"Expired", Warn, "alarm-clock"},
	"withdrawn":         {"Withdrawn", Neutral, "undo-2"},
	"invalidated":       {"Invalidated", Warn, "rotate-ccw"},
	"scheduled":         {"Scheduled", Info, "calendar-clock"},
	"held":              {"Held", Warn, "circle-pause"},
	"publishing":        {"Publishing", Info, "send"},
	"partly_published":  {"Partly published", Bad, "split"},
	"published":         {"Published", Good, "circle-check"},
	"native":            {"Made outside", Good, "circle-dashed"},
	"edited":            {"Edited", Good, "square-pen"},
	"failed":            {"Failed", Bad, "circle-x"},
	"cancelled":         {"Cancelled", Neutral, "ban"},
	"removed":           {"Removed", Warn, "trash-2"},
	"archived":          {"Archived", Neutral, "archive"},
	"waiting":           {"Waiting", Neutral, "clock"},
	"blocked":           {"Blocked", Warn, "circle-pause"},
	"prepared":          {"Prepared", Info, "layers"},
	"sending":           {"Sending", Info, "send"},
	"failed_retryable":  {"Retrying", Warn, "refresh-cw"},
	"failed_permanent":  {"Failed", Bad, "circle-x"},
	"unknown":           {"Unknown", Warn, "circle-question-mark"},
	"reconciled":        {"Reconciled", Info, "search"},
	"needs_human":       {"Needs a person", Bad, "hand"},
	"accepted":          {"Accepted", Info, "check"},
	"processing":        {"Processing", Info, "loader-circle"},
	"not_visible":       {"Not visible", Warn, "eye-off"},
	"verified":          {"Verified", Good, "badge-check"},
	"handover_due":      {"Hand-over due", Warn, "smartphone"},
	"handover_done":     {"Hand-over done", Good, "smartphone"},
	"handover_missed":   {"Hand-over missed", Bad, "smartphone"},
	"new":               {"New", Accent, "sparkles"},
	"open":              {"Open", Info, "circle-dot"},
	"pending":           {"Pending", Review, "hourglass"},
	"snoozed":           {"Snoozed", Neutral, "alarm-clock"},
	"resolved":          {"Resolved", Good, "circle-check"},
	"dismissed":         {"Dismissed", Neutral, "ban"},
	"assigned":          {"Assigned", Info, "user"},
	"in_progress":       {"In progress", Info, "circle-dot"},
	"handed_over":       {"Handed over", Review, "arrow-right"},
	"closed":            {"Closed", Neutral, "lock"},
	"active":            {"Active", Good, "play"},
	"paused":            {"Paused", Warn, "pause"},
	"connected":         {"Connected", Good, "plug"},
	"needs_reconnect":   {"Needs reconnection", Bad, "unplug"},
	"expiring":          {"Expiring", Warn, "alarm-clock"},
	"limited":           {"Limited", Warn, "circle-alert"},
	"disconnected":      {"Disconnected", Neutral, "unplug"},
	"on_track":          {"On track", Good, "circle-check"},
	"at_risk":           {"At risk", Warn, "triangle-alert"},
	"off_track":         {"Off track", Bad, "circle-alert"},
	"achieved":          {"Achieved", Good, "flag"},
	"missed":            {"Missed", Bad, "flag"},
	"running":           {"Running", Info, "play"},
	"done":              {"Done", Good, "check"},
	"overdue":           {"Overdue", Bad, "alarm-clock"},
	"queued":            {"Queued", Neutral, "list-ordered"},
	"sent":              {"Sent", Good, "check"},
}

// State shows a state of a state machine (PRODUCT §4) as a pill with its own tone and sign.
// An unknown state is shown in neutral with its words.
func State(state string) templ.Component {
	look, ok := stateLooks[state]
	if !ok {
		look = stateLook{label: StateLabel(state), tone: Neutral, icon: "circle"}
	}
	return Badge(BadgeProps{Label: look.label, Tone: look.tone, Icon: look.icon})
}

// StateLabel returns the words for a state: "needs_human" is "Needs a person".
func StateLabel(state string) string {
	if look, ok := stateLooks[state]; ok {
		return look.label
	}
	words := strings.ReplaceAll(state, "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// StateTone returns the tone of a state, Neutral for an unknown one.
func StateTone(state string) Tone {
	if look, ok := stateLooks[state]; ok {
		return look.tone
	}
	return Neutral
}
