package googlebusinessfake

// searched answers the words people searched for; of rare ones only that they are rare.
func (f *Fake) searched(c *call) (any, *refusal) {
	if f.o.NoLocations {
		return nil, no(404, "NOT_FOUND", "Requested entity was not found.")
	}
	for _, end := range []string{"startMonth", "endMonth"} {
		if c.q.Get("monthlyRange."+end+".year") == "" || c.q.Get("monthlyRange."+end+".month") == "" {
			return nil, invalid("monthly_range", "The range is missing.")
		}
	}
	return map[string]any{"searchKeywordsCounts": []any{
		map[string]any{"searchKeyword": "coffee roastery", "insightsValue": map[string]any{"value": "412"}},
		map[string]any{"searchKeyword": "barista class", "insightsValue": map[string]any{"threshold": "15"}},
	}}, nil
}
