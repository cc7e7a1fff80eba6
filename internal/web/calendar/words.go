package calendar

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// states are what the calendar can be filtered by.
var states = func() []ui.Option {
	var all []ui.Option
	for _, s := range []post.State{post.Draft, post.Scheduled, post.Held, post.Publishing, post.Published, post.PartlyPublished, post.Failed, post.NeedsHuman, post.Cancelled, post.Removed} {
		all = append(all, ui.Option{Value: string(s), Label: ui.StateLabel(string(s))})
	}
	all = append(all, ui.Option{Value: string(post.Native), Label: ui.StateLabel(string(post.Native))})
	return all
}()

// actions stand beside the title.
func (v view) actions() templ.Component {
	all := []templ.Component{
		ui.IconButton(ui.IconButtonProps{Icon: "chevron-left", Label: "Earlier", Href: v.link("at", v.step(-1))}),
		ui.Button(ui.ButtonProps{Label: "Today", Href: v.link("at", "")}),
		ui.IconButton(ui.IconButtonProps{Icon: "chevron-right", Label: "Later", Href: v.link("at", v.step(1))}),
		ui.Menu(ui.MenuProps{ID: "calendar-more", Label: "More", Icon: "ellipsis", Hide: true, Items: v.more()}),
	}
	if v.Stop {
		all = append(all, ui.Button(ui.ButtonProps{Label: "Stop all…", Kind: ui.Quiet, Icon: "circle-pause", Attrs: ui.Merge(ui.Opens("stop-all"), templ.Attributes{"data-shortcut": ".", "title": "Stop all publishing (.)"})}))
	}
	return ui.Group(all...)
}

func (v view) more() []ui.MenuItem {
	return []ui.MenuItem{
		{Label: "Blackouts", Href: "/calendar/blackouts", Icon: "ban"},
		{Label: "Queue and slots", Href: "/queue", Icon: "list-ordered"},
		{Label: "Held posts", Href: "/queue#held", Icon: "circle-pause"},
	}
}

// viewActions are the saved views.
func (v view) viewActions() templ.Component {
	var items []ui.MenuItem
	for _, s := range v.Views {
		hint := ""
		if s.Shared {
			hint = "shared"
		}
		items = append(items, ui.MenuItem{Label: s.Name, Href: "/calendar?" + s.Query, Icon: "bookmark", Hint: hint})
	}
	items = append(items, ui.MenuItem{Label: "Save this view…", Icon: "plus", Divide: len(items) > 0, Attrs: ui.Opens("save-view")})
	return ui.Menu(ui.MenuProps{ID: "views", Label: "Views", Icon: "bookmark", Kind: ui.Quiet, Items: items})
}

// chosen are the set filters as removable labels.
func (v view) chosen() []ui.Filter {
	var all []ui.Filter
	for name, options := range map[string][]ui.Option{"brand": v.Brands, "channel": v.Channels, "campaign": v.Campaigns, "person": v.People, "state": states} {
		value := v.Query.Get(name)
		if value == "" {
			continue
		}
		for _, o := range options {
			if o.Value == value {
				all = append(all, ui.Filter{Label: o.Label, Remove: v.link(name, "")})
			}
		}
	}
	return all
}

func (v view) clear() string {
	if !v.filtered() {
		return ""
	}
	return v.unfiltered()
}

// moveURL is where a drop is posted; the answer is this same view.
func (v view) moveURL() string { return address("/calendar/move", v.Query) }

// keptQuery is what a saved view keeps.
func (v view) keptQuery() string {
	q := url.Values{}
	for name, values := range v.Query {
		if name != "at" {
			q[name] = values
		}
	}
	q.Set("view", v.Mode)
	return q.Encode()
}

func (p progress) class() string {
	if p.Gap() > 0 {
		return "bar-warn"
	}
	return "bar-good"
}

// short is the progress in figures: 3 of 5 this week.
func (p progress) short() string {
	return fmt.Sprintf("%d of %d a %s", p.Published+p.Planned, p.Posts, p.Per)
}

func (p progress) words() string {
	s := fmt.Sprintf("%s: %d published and %d planned of %d this %s", p.Channel, p.Published, p.Planned, p.Posts, p.Per)
	if p.Gap() > 0 {
		s += fmt.Sprintf(", %d missing", p.Gap())
	}
	return s
}

func free(n int) string {
	if n == 1 {
		return "1 free slot"
	}
	return strconv.Itoa(n) + " free slots"
}

func (v view) emptyList() templ.Component {
	p := ui.EmptyStateProps{Icon: "calendar-days", Title: "Nothing is planned in these 30 days", Text: "Posts appear here as soon as they have a time."}
	if v.filtered() {
		p.Title, p.Text = "Nothing here with these filters", ""
		p.Actions = ui.Button(ui.ButtonProps{Label: "Show everything", Href: v.unfiltered(), Small: true})
	} else if v.Draft {
		p.Actions = ui.Button(ui.ButtonProps{Label: "Write a post", Icon: "plus", Href: "/compose", Small: true})
	}
	return ui.EmptyState(p)
}

// list fills in the rows of the list view.
func (g *grid) list() {
	v := g.view
	for _, e := range g.entries {
		note := e.HeldReason
		if note == "" && !e.PublishedAt.IsZero() {
			note = numbers(g.glances[e.ID])
		}
		row := ui.Row{ID: e.ID, Href: "/calendar/targets/" + e.ID, Cells: []templ.Component{
			ui.Time(ui.TimeProps{At: e.DueAt, Text: show.Instant(e.DueAt, v.Zone), Zone: v.Zone.String()}), ui.Text(orNoText(show.Clip(e.Name(), 110))),
			ui.NetworkMark(ui.NetworkMarkProps{Network: e.Network, Handle: e.ChannelName}), stateCell(e.Origin.Shown(e.State), show.Clip(note, 140)), ui.Text(label(v.Campaigns, e.CampaignID)), ui.Text(label(v.People, e.ResponsibleID))}}
		if e.State == post.Held {
			row.Tone = ui.Warn
		}
		if e.State == post.Failed || e.State == post.NeedsHuman || e.State == post.PartlyPublished {
			row.Tone = ui.Bad
		}
		v.List = append(v.List, row)
	}
}

func label(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return ""
}

func orNoText(s string) string {
	if s == "" {
		return "(no text)"
	}
	return s
}
