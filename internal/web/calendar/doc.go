// Package calendar is the screen of what goes out when (S-CAL): day, week, month and list, with free slots, blackouts,
// what is held and why, the numbers of what went out, and the drafts that have no time yet.
//
// It promises: every filter stands in the address; the zone of all times is always shown; moving by day keeps the
// wall-clock time; what can be done by dragging can be done by keys and by a form, and undone. It must never hold SQL
// or a rule of scheduling: those are verbs of package post.
package calendar
