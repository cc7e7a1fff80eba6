package workspace

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Rows says how a query's rows belong to a brand, a channel and a person: conditions in which each ? stands for the
// one asked about. "" where rows have none: a grant narrowed that way then opens none of them.
type Rows struct{ Brand, Channel, Own string }

// Readable is the condition for the rows that the actor's roles open with any of the capabilities: all of them, some
// brands or channels, or the actor's own. Its values are appended to args and its placeholders numbered after them.
// What it leaves out does not exist for the actor: ask for one row with it, and the answer is "not found".
func (a Actor) Readable(rows Rows, args *[]any, capabilities ...Capability) string {
	filled, before := map[string]string{}, len(*args)
	fill := func(sql, value string) string {
		if sql == "" || value == "" {
			return "1 = 0"
		}
		key := sql + "\x00" + value
		if filled[key] == "" {
			*args = append(*args, value)
			filled[key] = strings.ReplaceAll(sql, "?", "$"+strconv.Itoa(len(*args)))
		}
		return filled[key]
	}
	var open []string
	for _, g := range a.Grants {
		for _, c := range capabilities {
			level := g.level(c)
			if level == None || a.Limit != nil && !slices.Contains(a.Limit, c) {
				continue
			}
			var all []string
			if g.BrandID != "" {
				all = append(all, fill(rows.Brand, g.BrandID))
			}
			if g.ChannelID != "" {
				all = append(all, fill(rows.Channel, g.ChannelID))
			}
			if level == Own {
				all = append(all, fill(rows.Own, a.UserID))
			}
			if len(all) == 0 {
				*args = (*args)[:before]
				return "1 = 1"
			}
			if one := strings.Join(all, " and "); !slices.Contains(open, one) {
				open = append(open, one)
			}
		}
	}
	if len(open) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(open, " or ") + ")"
}

// Sees reports whether the actor can read one thing at a scope, which may be the actor's own.
func (a Actor) Sees(c Capability, at Scope, own bool) bool {
	level := a.Level(c, at)
	return level > Own || level == Own && own
}

// Unseen turns the refusal of a change to what the actor cannot even read into "there is no such thing": whoever may
// not see it does not learn that it is there.
func Unseen(refused error, seen bool, thing string) error {
	if !seen && fault.Is(refused, fault.Forbidden) {
		return fault.NotFoundf("there is no such %s in this workspace", thing)
	}
	return refused
}
