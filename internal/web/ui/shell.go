package ui

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"
)

// User is the person at the screen.
type User struct {
	Name   string
	Email  string
	Avatar string // same-origin picture; initials when empty
}

// Place is a workspace or brand to switch to.
type Place struct {
	ID     string
	Name   string
	Href   string // posting to it switches
	Avatar string
}

// NavItem is one entry of the navigation.
type NavItem struct {
	Key     string // compared with Shell.Active
	Label   string
	Href    string
	Icon    string
	Count   int    // what waits there
	Tone    Tone   // of the count
	Keys    string // "g c"
	Section string // heading of the group it stands in; items of a section stand together
}

// Shell is everything the frame around a screen needs. The zero value renders: fields that
// are empty are left out.
type Shell struct {
	Title      string // of the document
	Active     string // Key of the current NavItem
	User       User
	Workspace  Place
	Workspaces []Place
	Brand      Place // empty: all brands
	Brands     []Place
	Unread     int    // notifications
	Zone       string // IANA zone all times on the page are in
	Fresh      string // "Data of 09:40": shown beside the zone
	Lang       string // "en" when empty
	Look       Look
	Flash      []ToastProps
	Nav        []NavItem // DefaultNav() when nil
	Paused     string    // set while publishing is paused: who and why
	Events     string    // URL of the event stream; empty: "/events"; "-": none
	Wide       bool      // the screen uses the whole width (calendar, inbox)
}

// Look is how a person wants the screen.
type Look struct {
	Theme     string // "light", "dark"; "" follows the system
	Contrast  string // "more"; "" follows the system
	Density   string // "compact"; "" is comfortable
	Motion    string // "less"; "" follows the system
	Shortcuts string // "off" switches single-key shortcuts off
}

// LookCookie is the cookie in which the theme menu keeps a Look, so that the first paint is right.
const LookCookie = "look"

// LookOf reads the person's Look from the request's cookie; unknown values are ignored.
func LookOf(r *http.Request) Look {
	var l Look
	c, err := r.Cookie(LookCookie)
	if err != nil {
		return l
	}
	for _, word := range strings.Split(c.Value, ".") {
		switch word {
		case "light", "dark":
			l.Theme = word
		case "contrast":
			l.Contrast = "more"
		case "compact":
			l.Density = "compact"
		case "still":
			l.Motion = "less"
		case "nokeys":
			l.Shortcuts = "off"
		}
	}
	return l
}

// DefaultNav is the navigation of the product. Change counts and leave out what a role may
// not open, then set it as Shell.Nav.
func DefaultNav() []NavItem {
	return []NavItem{
		{Key: "home", Label: "Home", Href: "/", Icon: "house", Keys: "g h"},
		{Key: "calendar", Label: "Calendar", Href: "/calendar", Icon: "calendar-days", Keys: "g c", Section: "Publish"},
		{Key: "compose", Label: "Compose", Href: "/compose", Icon: "square-pen", Keys: "n", Section: "Publish"},
		{Key: "library", Label: "Library", Href: "/library", Icon: "image", Keys: "g b", Section: "Publish"},
		{Key: "queue", Label: "Queue", Href: "/queue", Icon: "list-ordered", Keys: "g q", Section: "Publish"},
		{Key: "deliveries", Label: "Deliveries", Href: "/deliveries", Icon: "send", Keys: "g d", Section: "Publish"},
		{Key: "inbox", Label: "Inbox", Href: "/inbox", Icon: "inbox", Keys: "g i", Section: "Care"},
		{Key: "campaigns", Label: "Campaigns", Href: "/campaigns", Icon: "megaphone", Keys: "g p", Section: "Strategy"},
		{Key: "goals", Label: "Goals", Href: "/goals", Icon: "target", Keys: "g o", Section: "Strategy"},
		{Key: "insights", Label: "Insights", Href: "/insights", Icon: "chart-line", Keys: "g a", Section: "Results"},
		{Key: "links", Label: "Links", Href: "/links", Icon: "link", Keys: "g l", Section: "Results"},
		{Key: "money", Label: "Money", Href: "/money", Icon: "coins", Keys: "g m", Section: "Results"},
		{Key: "channels", Label: "Channels", Href: "/channels", Icon: "plug", Keys: "g n", Section: "Set-up"},
		{Key: "settings", Label: "Settings", Href: "/settings", Icon: "settings", Keys: "g s", Section: "Set-up"},
	}
}

func (s Shell) nav() []NavItem {
	if s.Nav == nil {
		return DefaultNav()
	}
	return s.Nav
}

// bottom returns the four entries of the phone's bar that the person may open.
func (s Shell) bottom() []NavItem {
	var items []NavItem
	for _, key := range []string{"home", "calendar", "inbox", "insights"} {
		for _, item := range s.nav() {
			if item.Key == key {
				items = append(items, item)
			}
		}
	}
	return items
}

func (s Shell) has(key string) bool {
	for _, item := range s.nav() {
		if item.Key == key {
			return true
		}
	}
	return false
}

// navSections splits the navigation into runs of one section.
func navSections(items []NavItem) [][]NavItem {
	var runs [][]NavItem
	for _, item := range items {
		if n := len(runs); n > 0 && runs[n-1][0].Section == item.Section {
			runs[n-1] = append(runs[n-1], item)
			continue
		}
		runs = append(runs, []NavItem{item})
	}
	return runs
}

func (s Shell) events() string {
	switch s.Events {
	case "":
		return "/events"
	case "-":
		return ""
	}
	return s.Events
}

func (s Shell) placeName() string {
	if s.Brand.Name != "" {
		return s.Brand.Name
	}
	return orText(s.Workspace.Name, "Workspace")
}

// placeItems lists brands of this workspace, then the other workspaces.
func (s Shell) placeItems() []MenuItem {
	var items []MenuItem
	for i, b := range s.Brands {
		item := MenuItem{Label: b.Name, Post: b.Href, Icon: "tag", Current: b.ID == s.Brand.ID}
		if i == 0 {
			item.Heading = "Brands of " + orText(s.Workspace.Name, "this workspace")
		}
		items = append(items, item)
	}
	for i, w := range s.Workspaces {
		item := MenuItem{Label: w.Name, Post: w.Href, Icon: "building-2", Current: w.ID == s.Workspace.ID}
		if i == 0 {
			item.Heading, item.Divide = "Workspaces", len(items) > 0
		}
		items = append(items, item)
	}
	return items
}

// attrs puts the look on the root element, where tokens read it.
func (l Look) attrs() templ.Attributes {
	a := templ.Attributes{}
	for name, value := range map[string]string{
		"data-theme": l.Theme, "data-contrast": l.Contrast, "data-density": l.Density,
		"data-motion": l.Motion, "data-shortcuts": l.Shortcuts,
	} {
		if value != "" {
			a[name] = value
		}
	}
	return a
}
