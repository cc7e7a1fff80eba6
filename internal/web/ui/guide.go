package ui

import (
	"time"

	"github.com/a-h/templ"
)

// The style guide's data is fixed, so that two renderings are equal.

var guideNow = time.Date(2026, 11, 24, 8, 40, 0, 0, time.UTC)

// GuidePart is a section that another package adds to the style guide: package guide adds
// the charts, which package ui cannot import.
type GuidePart struct {
	Title string
	Body  templ.Component
}

// GuideShell is the shell of the style guide, with every part of the shell in use.
func GuideShell(look Look) Shell {
	nav := DefaultNav()
	for i := range nav {
		switch nav[i].Key {
		case "inbox":
			nav[i].Count = 12
		case "deliveries":
			nav[i].Count, nav[i].Tone = 2, Bad
		case "calendar":
			nav[i].Count, nav[i].Tone = 4, Review
		}
	}
	return Shell{
		Title: "Style guide", Active: "home", Nav: nav, Look: look,
		User:      User{Name: "Ida Holm", Email: "ida@example.com"},
		Workspace: Place{ID: "w1", Name: "Fjord Outdoor"},
		Workspaces: []Place{
			{ID: "w1", Name: "Fjord Outdoor", Href: "#w1"},
			{ID: "w2", Name: "Halden Coffee", Href: "#w2"},
		},
		Brand:  Place{ID: "b1", Name: "Fjord Kids"},
		Brands: []Place{{ID: "b1", Name: "Fjord Kids", Href: "#b1"}, {ID: "b2", Name: "Fjord Pro", Href: "#b2"}},
		Unread: 3, Zone: "Europe/Vienna", Fresh: "Data of 09:40", Events: "-",
	}
}

var guideStates = []string{
	"draft", "in_review", "changes_requested", "approved", "scheduled", "held", "publishing", "published",
	"partly_published", "failed", "needs_human", "unknown", "verified", "processing", "new", "open", "pending", "snoozed", "resolved",
}

var guideTones = []Tone{Neutral, Good, Warn, Bad, Info, Accent, Review}

var guideColours = []string{
	"wool", "paper", "raised", "sunk", "ink", "ink-soft", "ink-faint", "line", "line-strong", "pine", "pine-soft", "brass",
	"brass-fill", "brass-soft", "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft", "info", "info-soft", "review", "review-soft",
}

func guideTable(id string) TableProps {
	return TableProps{
		ID: id, Caption: "Deliveries of today", Select: "delivery",
		Columns: []Column{
			{Label: "Post", Main: true}, {Label: "Channel"}, {Label: "State"},
			{Label: "Planned", Sort: "desc", SortURL: "#planned"}, {Label: "Clicks", Numeric: true, SortURL: "#clicks"}, {Label: "Actions", Hidden: true},
		},
		Rows: []Row{
			{ID: id + "-1", Href: "#d1", Selected: true, Cells: []templ.Component{
				Text("Autumn walk, three routes"), NetworkMark(NetworkMarkProps{Network: "mastodon", Handle: "@fjord"}), State("verified"), Text("09:40"), Text("1,204"), guideRowMenu(id + "-m1"),
			}},
			{ID: id + "-2", Href: "#d2", Tone: Bad, Cells: []templ.Component{
				Text("Rain jacket, size chart"), NetworkMark(NetworkMarkProps{Network: "bluesky", Handle: "fjord.example"}), State("needs_human"), Text("10:30"), Missing("not sent"), guideRowMenu(id + "-m2"),
			}},
			{ID: id + "-3", Href: "#d3", Cells: []templ.Component{
				Two("Members' evening", "with first comment"), NetworkMark(NetworkMarkProps{Network: "sandbox"}), State("scheduled"), Text("17:00"), Missing("not sent"), guideRowMenu(id + "-m3"),
			}},
		},
		Foot: []templ.Component{Text("Total"), nil, nil, nil, Text("1,204"), nil},
	}
}

func guideRowMenu(id string) templ.Component {
	return Menu(MenuProps{ID: id, Label: "Actions", Icon: "ellipsis", Hide: true, Small: true, Kind: Quiet, Items: guideMenu()})
}

func guideMenu() []MenuItem {
	return []MenuItem{
		{Label: "Edit", Href: "#edit", Icon: "square-pen", Hint: "Enter"},
		{Label: "Duplicate", Icon: "copy"},
		{Label: "Reschedule…", Icon: "calendar-clock", Disabled: true},
		{Label: "Delete", Icon: "trash-2", Danger: true, Divide: true},
	}
}

func guideDefinition() *Definition {
	return &Definition{
		Name: "Engagement rate", Formula: "engagements ÷ reach", Base: "posts published 17–23 Nov, Europe/Vienna",
		Unit: "%", Source: "network numbers, read hourly", Fresh: "09:40", Href: "#rows",
	}
}

func guideMoments() []Moment {
	return []Moment{
		{Title: "Planned", Who: "by Ida Holm", When: "Mon 23 Nov, 16:02", Icon: "calendar-clock"},
		{Title: "Approved", Who: "by Jonas Berg", When: "Mon 23 Nov, 17:20", Tone: Good, Icon: "check"},
		{Title: "Answer lost", Text: "The connection ended after the request was written. Looking the post up before anything is sent again.", When: "09:40:03", Tone: Warn, Icon: "circle-question-mark", At: guideNow},
		{Title: "Found and verified", When: "09:40:33", Tone: Good, Icon: "badge-check", At: guideNow},
	}
}

var guideSteps = []StepItem{
	{Label: "Text", State: StepDone, Hint: "Ida Holm"}, {Label: "Legal", State: StepFailed, Hint: "changes asked"},
	{Label: "Brand", State: StepCurrent, Hint: "waits for Jonas"}, {Label: "Publish", State: StepAhead},
}
