package linkedinfake

import "strings"

// followers answers an organisation's followers by what their profiles say, or its new ones day by day.
func (f *Fake) followers(c *call) (answer, *refusal) {
	q := c.URL.Query()
	if q.Get("q") != "organizationalEntity" || q.Get("organizationalEntity") != Company && q.Get("organizationalEntity") != Second {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: organizationalEntityFollowerStatistics")
	}
	if grain := q.Get("timeIntervals.timeGranularityType"); grain != "" {
		if grain != "DAY" || q.Get("timeIntervals.timeRange.start") >= q.Get("timeIntervals.timeRange.end") { // of one length
			return answer{}, no(400, "", "timeIntervals is broken")
		}
		gain := func(organic, paid int) any {
			return map[string]any{"organizationalEntity": Company, "followerGains": map[string]any{"organicFollowerGain": organic, "paidFollowerGain": paid}}
		}
		return elements([]any{gain(12, 3), gain(8, 0), gain(-1, 0)}), nil
	}
	group := func(name, urn string, organic, paid int) any {
		return map[string]any{name: urn, "followerCounts": map[string]any{"organicFollowerCount": organic, "paidFollowerCount": paid}}
	}
	return elements([]any{map[string]any{"organizationalEntity": Company,
		"followerCountsByFunction":        []any{group("function", "urn:li:function:15", 40000, 120), group("function", "urn:li:function:8", 61000, 0)},
		"followerCountsBySeniority":       []any{group("seniority", "urn:li:seniority:4", 70000, 30), group("seniority", "urn:li:seniority:10", 900, 0)},
		"followerCountsByIndustry":        []any{group("industry", "urn:li:industry:96", 50000, 0), group("industry", "urn:li:industry:4", 8000, 0)},
		"followerCountsByStaffCountRange": []any{group("staffCountRange", "SIZE_11_TO_50", 9000, 0)},
		"followerCountsByGeoCountry":      []any{group("geo", "urn:li:geo:101282230", 80000, 0), group("geo", "urn:li:geo:104514075", 20000, 0)},
		"followerCountsByGeo":             []any{group("geo", "urn:li:geo:90009714", 5000, 0)},
	}}), nil
}

// names answers LinkedIn's standard names by id.
func (f *Fake) names(c *call) (answer, *refusal) {
	known := map[string]string{"101282230": "Germany", "104514075": "Denmark", "90009714": "Frankfurt Rhine-Main Metropolitan Area", "96": "IT Services and IT Consulting", "4": "Software Development"}
	results := map[string]any{}
	for id := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(c.URL.Query().Get("ids"), "List("), ")"), ",") {
		if strings.HasSuffix(c.URL.Path, "/geo") {
			results[id] = map[string]any{"id": id, "defaultLocalizedName": map[string]any{"value": known[id]}}
		} else {
			results[id] = map[string]any{"id": id, "name": map[string]any{"localized": map[string]any{"en_US": known[id]}}}
		}
	}
	return answer{doc: map[string]any{"results": results}}, nil
}

// videoStatistics answers how a video was watched.
func (f *Fake) videoStatistics(c *call) (answer, *refusal) {
	q := c.URL.Query()
	value := map[string]int{"VIDEO_VIEW": 120, "TIME_WATCHED": 540_000}[q.Get("type")]
	if q.Get("q") != "entity" || f.post(q.Get("entity")) == nil || value == 0 || q.Get("aggregation") != "ALL" {
		return answer{}, no(404, "", "Could not find entity")
	}
	return elements([]any{map[string]any{"entity": q.Get("entity"), "statisticsType": q.Get("type"), "value": value}}), nil
}
