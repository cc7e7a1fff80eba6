// Package ui is Bellwether's design system: the page shell and the components every screen is
// made of, its style sheet, its small scripts, icons and charts (package chart).
//
// It promises: each component works without script, by keyboard and at 360 px; words and
// controls keep WCAG AA contrast in light and dark; no component needs an inline style or
// script, so the page policy stays default-src 'self'; strangers' text given as a string is
// written as text. It must never import a package of the domain, read a database or decide
// anything: what is shown comes in as typed values.
//
// # Manual
//
// A screen is a Page around a PageHeader and Cards:
//
//	@ui.Page(shell) {
//		@ui.PageHeader(ui.PageHeaderProps{Title: "Queue", Lede: "Posts waiting for slots."})
//		@ui.Card(ui.CardProps{Title: "Next", Actions: ui.Button(ui.ButtonProps{Label: "Shuffle", Icon: "shuffle"})}) {
//			…
//		}
//	}
//
// shell is a Shell: ui.Shell{Title: "Queue", Active: "queue", Workspace: …, Zone: "Europe/Vienna",
// Look: ui.LookOf(r)}. Signing in and signed links use Guest(GuestShell{…}).
//
// Several components in one place (Actions, Footer) are joined with Group:
//
//	ui.Group(ui.Button(…), ui.Button(…))
//
// Controls bring their own label, hint and error when Label is set:
//
//	@ui.Button(ui.ButtonProps{Label: "Schedule", Kind: ui.Primary, Type: "submit", Shortcut: "Ctrl+Enter"})
//	@ui.Button(ui.ButtonProps{Label: "Open", Href: "/posts/…"})
//	@ui.IconButton(ui.IconButtonProps{Icon: "trash-2", Label: "Delete draft"})
//	@ui.Link(ui.LinkProps{Label: "Show the post", Href: permalink, External: true})
//	@ui.Input(ui.InputProps{Name: "email", Label: "E-mail", Type: "email", Error: problems["email"], Required: true})
//	@ui.Textarea(ui.TextareaProps{Name: "text", Label: "Text", Counter: &ui.CounterProps{Count: 212, Limit: 500}})
//	@ui.Select(ui.SelectProps{Name: "channel", Label: "Channel", Options: options, Value: chosen})
//	@ui.Combobox(ui.ComboboxProps{Name: "campaign", Label: "Campaign", Source: "/campaigns/options"})
//	@ui.Fieldset(ui.FieldsetProps{Legend: "When"}) { @ui.Radio(ui.ChoiceProps{Name: "when", Value: "now", Label: "Now"}) }
//	@ui.Checkbox(ui.ChoiceProps{Name: "bots", Label: "Leave bots out"})
//	@ui.Switch(ui.ChoiceProps{Name: "active", Label: "Active", Checked: true})
//	@ui.DateTime(ui.DateTimeProps{Name: "at", Label: "Publish at", Value: "2026-11-24T09:40", Zone: "Europe/Vienna"})
//	@ui.FileDrop(ui.FileDropProps{Name: "files", Label: "Images or video", Accept: "image/*,video/*", Multiple: true})
//
// A Combobox's Source gets the typed text as q and answers with ComboboxOptions(options).
//
// Numbers, lists and states:
//
//	@ui.Stats() { @ui.Stat(ui.StatProps{Label: "Reach", Value: "48,210", Delta: "+12 %", DeltaTone: ui.Good, Definition: &ui.Definition{…}}) }
//	@ui.Table(ui.TableProps{Caption: "Deliveries", Columns: []ui.Column{{Label: "Post", Main: true}, {Label: "Clicks", Numeric: true}},
//		Rows: []ui.Row{{ID: "d1", Href: "/deliveries/d1", Cells: []templ.Component{ui.Text("Spring sale"), ui.Text("1,204")}}}, Empty: …})
//	@ui.Pagination(ui.PaginationProps{Next: "?after=…"})
//	@ui.Toolbar(ui.ToolbarProps{Action: "/deliveries", Search: &ui.InputProps{Name: "q", Type: "search"}}) { @ui.Select(…) }
//	@ui.Tabs(ui.TabsProps{Label: "Views", Tabs: []ui.Tab{{Label: "Due", Href: "?view=due", Active: true, Count: 3}}})
//	@ui.State("needs_human")                                  // a pill with the state's own tone and sign
//	@ui.Badge(ui.BadgeProps{Label: "3 parts", Tone: ui.Info})
//	@ui.NetworkMark(ui.NetworkMarkProps{Network: "mastodon", Handle: "@club@example.social"})
//	@ui.Avatar(ui.AvatarProps{Name: "Ida Holm"})
//	@ui.Facts(ui.Fact{Name: "Zone", Text: "Europe/Vienna"})
//	@ui.Timeline([]ui.Moment{{Title: "Sent", When: "09:40:02", Tone: ui.Info, Icon: "send"}})
//	@ui.Steps("Approval", []ui.StepItem{{Label: "Legal", State: ui.StepDone}, {Label: "Brand", State: ui.StepCurrent}})
//	@ui.Countdown(ui.CountdownProps{Label: "First response", Until: due, Now: now})
//	@ui.Time(ui.TimeProps{At: at, Text: "Tue 24 Nov, 09:40", Zone: "Europe/Vienna"})
//	@ui.Missing("the network does not report this")           // never a zero
//	@ui.Progress(ui.ProgressProps{Label: "Upload", Value: 40})
//	@ui.Skeleton(3, "Loading conversations")
//	@ui.EmptyState(ui.EmptyStateProps{Icon: "inbox", Title: "Nothing waits", Text: "…", Actions: …})
//
// Words to the person:
//
//	@ui.Alert(ui.AlertProps{Tone: ui.Warn, Title: "Two channels need reconnection"})
//	@ui.Problem(ui.AlertProps{Title: "Not saved", Kept: "Your text is still here.", Next: "Shorten it by 12 characters."})
//	@ui.ToastSwap(ui.ToastProps{Text: "Moved to 10:30", UndoURL: "/posts/…/undo"})   // beside an htmx answer
//
// Things on top open by a control with Opens(id) and close by one with Closes():
//
//	@ui.Button(ui.ButtonProps{Label: "Reschedule…", Attrs: ui.Opens("reschedule")})
//	@ui.Dialog(ui.DialogProps{ID: "reschedule", Title: "Reschedule", Footer: …}) { … }
//	@ui.Drawer(ui.DialogProps{ID: "contact", Title: "Contact"}) { … }
//	@ui.Menu(ui.MenuProps{ID: "more", Label: "More", Icon: "ellipsis", Hide: true, Items: []ui.MenuItem{{Label: "Archive", Post: "/…"}}})
//	@ui.Popover(ui.PopoverProps{ID: "why", Label: "Why?"}) { … }
//	@ui.Tooltip("Counted in graphemes") { 212 }
//
// # Behaviour by attribute
//
// Scripts bring these to life; without them links and forms still work:
//
//	data-refresh="inbox delivery" (Refreshes)   the element fetches itself again when such an event arrives on the page's stream
//	data-copy (Copies), data-open (Opens), data-close (Closes)
//	data-shortcut="r"                           the key clicks the control; "g c" is a sequence
//	data-autosave="/posts/…/autosave"           the form is posted there after changes; [data-autosave-state] shows how it went
//	data-submit-on-change                       the form is sent when a control changes
//	data-move="/calendar/move" on a container, data-move-slot="2026-11-24T10:00" on places, data-move-item="post_…" on cards:
//	                                            dragging or m, arrows, m posts item, slot and before
//	data-countdown, data-local                  keep times current, show them in the reader's zone on hovering
//	data-focal="name"                           an image on which a focal point is chosen into two hidden controls
//
// The page's event stream (Shell.Events, /events) sends unnamed messages whose data is
// {"topic": "inbox.MessageReceived"}, {"topics": […]} or plain words; data-refresh="inbox"
// hears "inbox" and every "inbox.…". Bulk bars: data-when-selected="name" is shown while rows
// of Table.Select name are chosen, data-selected-count="name" holds their number; j and k walk
// the rows of a Table or elements with data-row.
//
// Layout classes: stack, stack-tight, stack-loose, row-wrap, row-between, grid-2, grid-3, grid-4, with-aside, form, form-row,
// form-actions, prose, muted, small, strong, number, clip, wrap-anywhere, sr-only, only-phone, only-desk.
//
// # Changing it
//
// After changing css/ or ts/ run "go run ./tool/assets"; after changing a .templ file run templ
// generate. Look at the result with "go run ./tool/guide". A new icon is a new file in third_party/lucide.
package ui
