package pinterestfake

// adAccount is the account's advertising account.
const adAccount = "549755885175"

func (f *Fake) advertisers(c *call) (int, any, *refusal) {
	if f.o.Unadvertised {
		return 200, map[string]any{"items": []any{}}, nil
	}
	return 200, map[string]any{"items": []any{map[string]any{"id": adAccount, "name": "Brand", "owner": map[string]any{"username": Brand, "id": "383791336903426391"}, "country": "DE", "currency": "EUR"}}}, nil
}

// public answers Pinterest's estimate of who saw the pins, or who reacted.
func (f *Fake) public(c *call) (int, any, *refusal) {
	kind := c.URL.Query().Get("audience_insight_type")
	if c.PathValue("id") != adAccount {
		return 0, nil, no(403, 29, "You are not permitted to access that resource.")
	}
	if kind == "YOUR_ENGAGED_AUDIENCE" {
		return 200, map[string]any{"type": kind, "date": "2026-03-01", "size": 90, "size_is_upper_bound": true, "categories": []any{}, "demographics": map[string]any{}}, nil
	}
	one := func(key, name string, ratio float64) any {
		return map[string]any{"key": key, "name": name, "ratio": ratio}
	}
	return 200, map[string]any{"type": kind, "date": "2026-03-01", "size": 12000, "size_is_upper_bound": false,
		"categories": []any{map[string]any{"id": "935249274030", "key": "935249274030", "name": "Food and drinks", "ratio": 0.81, "index": 1.4}, map[string]any{"id": "918105274631", "key": "918105274631", "name": "Home decor", "ratio": 0.64, "index": 1.1}},
		"demographics": map[string]any{
			"ages":      []any{one("18-24", "18-24", 0.25), one("25-34", "25-34", 0.5), one("45-49", "45-49", 0.1)},
			"genders":   []any{one("female", "Female", 0.7), one("male", "Male", 0.2), one("unknown", "Unspecified", 0.1)},
			"countries": []any{one("de", "Germany", 0.6), one("dk", "Denmark", 0.4)},
			"metros":    []any{one("807", "San Francisco-Oakland-San Jose", 0.01)},
			"devices":   []any{one("iphone", "iPhone", 1)},
		}}, nil
}
