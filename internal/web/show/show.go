// Package show words numbers, money and times the same way on every screen, each number with its definition.
package show

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// Count writes a whole number with thin groups: 12,345.
func Count(n int64) string {
	s := fmt.Sprint(n)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Money writes minor units with their currency: 1,234.50 EUR.
func Money(minor int64, currency string) string {
	s := customer.Format(minor, currency)
	whole, part, has := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if has {
		whole += "." + part
	}
	if minor < 0 {
		whole = "−" + whole
	}
	return whole + " " + currency
}

// Seconds writes a duration as people say it: 45 s, 12 min, 3 h 20 min.
func Seconds(s int64) string {
	d := time.Duration(s) * time.Second
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", s)
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// Percent writes a ratio: 4.2 %.
func Percent(r float64) string { return fmt.Sprintf("%.1f %%", r*100) }

// Value writes a number in its own unit; "" when there is none.
func Value(n insight.Number) string {
	if !n.Has {
		return ""
	}
	switch {
	case n.Type == metric.Ratio && n.Unit == "%":
		return Percent(n.Ratio)
	case n.Type == metric.Ratio && n.Unit == "cur":
		return Money(int64(math.Round(n.Ratio)), n.Currency)
	case n.Type == metric.Ratio:
		return fmt.Sprintf("%.2f", n.Ratio)
	case n.Type == metric.Money:
		return Money(n.Value, n.Currency)
	case n.Type == metric.Duration:
		return Seconds(n.Value)
	}
	return Count(n.Value)
}

// Stat shows a number with its definition and rows; before, when given, is the same number of the period before.
func Stat(n insight.Number, before *insight.Number, against, href string, loc *time.Location) ui.StatProps {
	p := ui.StatProps{ID: strings.ToLower(n.ID), Label: n.Name, Value: Value(n), Href: href}
	if !n.Has {
		p.Missing = "No data: " + why(n)
	}
	base := fmt.Sprintf("%s rows", Count(int64(n.N)))
	if n.Type == metric.Ratio && n.Has {
		base = fmt.Sprintf("%s ÷ %s, %s rows", part(n, n.Over), part(n, n.Under), Count(int64(n.N)))
	}
	if len(n.Missing) > 0 {
		base += "; not in it because they deliver nothing: " + strings.Join(n.Missing, ", ")
	}
	fresh := "no data yet"
	if !n.AsOf.IsZero() {
		fresh = "data of " + Instant(n.AsOf, loc) + ", " + loc.String()
	}
	p.Definition = &ui.Definition{Name: n.ID + " " + n.Name, Formula: n.Formula, Base: base, Unit: unit(n), Fresh: fresh, Source: n.Caveat, Href: href}
	if before != nil && before.Has && n.Has {
		p.Delta, p.DeltaTone = delta(n, *before)
		p.Compare = against
	}
	return p
}

func part(n insight.Number, v int64) string {
	if n.Unit == "cur" && v == n.Over {
		return Money(v, n.Currency)
	}
	return Count(v)
}

func why(n insight.Number) string {
	if n.Type == metric.Ratio {
		return "there is nothing to divide by"
	}
	if len(n.Missing) > 0 {
		return strings.Join(n.Missing, ", ") + " deliver none"
	}
	return "nothing was delivered"
}

func unit(n insight.Number) string {
	return map[string]string{"n": "number", "%": "per cent", "s": "seconds", "cur": "money, " + n.Currency, "x": "times"}[n.Unit]
}

// delta compares a number with the period before: counts relative, ratios in percentage points.
func delta(n, before insight.Number) (string, ui.Tone) {
	var change float64
	words := ""
	switch {
	case n.Type == metric.Ratio && n.Unit == "%":
		change = (n.Ratio - before.Ratio) * 100
		words = fmt.Sprintf("%+.1f pp", change)
	case n.Type == metric.Ratio:
		if before.Ratio == 0 {
			return "", ui.Neutral
		}
		change = (n.Ratio - before.Ratio) / before.Ratio * 100
		words = fmt.Sprintf("%+.0f %%", change)
	default:
		if before.Value == 0 {
			return "", ui.Neutral
		}
		change = float64(n.Value-before.Value) / math.Abs(float64(before.Value)) * 100
		words = fmt.Sprintf("%+.0f %%", change)
	}
	words = strings.Replace(words, "-", "−", 1)
	better := change > 0
	if n.ID == "M-FRT" || n.ID == "M-REPLY" || n.ID == "M-REFUND" || n.ID == "M-BACKLOG" {
		better = change < 0
	}
	switch {
	case math.Abs(change) < 0.05:
		return words, ui.Neutral
	case better:
		return words, ui.Good
	}
	return words, ui.Warn
}

// Instant writes an instant in a zone as the screens do: Tue 24 Nov, 09:40; with the year when it is not this one.
func Instant(at time.Time, loc *time.Location) string {
	if at.IsZero() {
		return ""
	}
	t := at.In(loc)
	if t.Year() != time.Now().In(loc).Year() {
		return t.Format("2 Jan 2006, 15:04")
	}
	return t.Format("Mon 2 Jan, 15:04")
}

// Day writes a date in a zone: 24 Nov 2026.
func Day(at time.Time, loc *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return at.In(loc).Format("2 Jan 2006")
}

// Ago writes how long ago something was, for lists: now, 12 min, 3 h, 5 d.
func Ago(at, now time.Time) string {
	d := now.Sub(at)
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

// Clip cuts a text for a list.
func Clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n])) + "…"
	}
	return s
}

// With returns the address with one query value set, or taken out when value is "".
func With(address string, query url.Values, name, value string) string {
	q := url.Values{}
	for k, v := range query {
		q[k] = v
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return address
	}
	return address + "?" + q.Encode()
}

// Bytes returns a size as people read it: "1.2 MB", "340 kB", "12 bytes".
func Bytes(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// Price returns an amount in millionths of a currency: "USD 0.215". Calls of networks cost fractions of a cent.
func Price(micros int64, currency string) string {
	return fmt.Sprintf("%s %.3f", currency, float64(micros)/1e6)
}

// Pages counts the pages of a document: "1 page", "12 pages".
func Pages(n int) string {
	if n == 1 {
		return "1 page"
	}
	return strconv.Itoa(n) + " pages"
}
