package ui

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// safeHref neutralises script addresses; relative and http(s), mailto, tel, sms links pass.
func safeHref(href string) string { return string(templ.URL(href)) }

// countText shortens a count for a corner: 100 and above is "99+".
func countText(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

func boolText(b bool) string { return strconv.FormatBool(b) }

// chord splits "Ctrl+Shift+S" into its keys; a plain "+" is one key.
func chord(keys string) []string {
	if keys == "+" || !strings.Contains(keys, "+") {
		return strings.Fields(keys)
	}
	return strings.Split(keys, "+")
}

// describe ties a control to its hint and error.
func describe(p FieldProps) templ.Attributes {
	a := templ.Attributes{}
	if ids := p.describedBy(); ids != "" {
		a["aria-describedby"] = ids
	}
	if p.Error != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

// idOr is the element id of a control: its own, else its name.
func idOr(id, name string) string { return orText(id, name) }

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// LeftText says how long until something: "3 h 20 min left", "overdue by 12 min".
func LeftText(left time.Duration) string {
	if left <= 0 {
		return "overdue by " + spanText(-left)
	}
	return spanText(left) + " left"
}

func spanText(d time.Duration) string {
	minutes := int(d / time.Minute)
	days, hours, minutes := minutes/1440, minutes/60%24, minutes%60
	switch {
	case days > 0:
		return strconv.Itoa(days) + " d " + strconv.Itoa(hours) + " h"
	case hours > 0:
		return strconv.Itoa(hours) + " h " + strconv.Itoa(minutes) + " min"
	}
	return strconv.Itoa(minutes) + " min"
}
