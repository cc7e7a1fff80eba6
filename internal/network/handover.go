package network

import "github.com/bellwether-social/bellwether/internal/text"

// ByHandSetting is the setting every channel offers besides its network's own: "yes" gives the post to a person at its
// time instead of to the network (C15).
const ByHandSetting = "by_hand"

// byHand is that setting as screens offer it.
var byHand = Setting{Key: ByHandSetting, Label: "Publish by hand", Kind: Toggle, Default: "no",
	Hint: "At its time the responsible person gets the text, the files and a checklist, and confirms. For what the network lets no program do: stickers, music, links in stories, personal profiles."}

// ByHandOnly reports whether a draft for this network is for a person, by its own setting or because the network offers
// programs no way to publish.
func ByHandOnly(n Network, d Draft) bool {
	_, publishes := n.(Publisher)
	return !publishes || IsOn(d.Settings[ByHandSetting])
}

// PlanOf plans a draft as it will be carried out: by the network's own plan, or as one step for a person, to which the
// network's limits are only advice.
func PlanOf(n Network, d Draft, a Account) ([]Step, []Problem) {
	publisher, publishes := n.(Publisher)
	if !ByHandOnly(n, d) {
		return publisher.Plan(d, a)
	}
	var problems []Problem
	if publishes {
		_, problems = publisher.Plan(d, a)
		for i := range problems {
			if problems[i].Level == Error {
				problems[i].Level = Warning
			}
		}
	}
	empty := true
	for _, p := range d.Parts {
		empty = empty && p.Text == "" && len(p.Media) == 0
	}
	if empty {
		return nil, []Problem{{Level: Error, Code: "empty", Field: "text", Message: "There is nothing to publish yet.", Fix: "Write a text or add a picture."}}
	}
	return []Step{{Name: "post", Kind: ByHand, Public: true}}, problems
}

// PriceOf says what the network charges for a draft; nothing for what a person publishes.
func PriceOf(n Network, d Draft, a Account) Price {
	if p, ok := n.(Pricer); ok && !ByHandOnly(n, d) {
		return p.Price(d, a)
	}
	return Price{}
}

// CountOf counts one part's text as the network does, or as people see it where no program publishes.
func CountOf(n Network, d Draft, part int, a Account) Count {
	if p, ok := n.(Publisher); ok {
		return p.Count(d, part, a)
	}
	limit := a.Limits.Characters
	if limit == 0 {
		limit = n.Spec().Limits.Characters
	}
	used := 0
	if part >= 0 && part < len(d.Parts) {
		used = text.Graphemes(d.Parts[part].Text)
	}
	return Count{Used: used, Limit: limit, Unit: "characters"}
}
