package graph

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// Insights reads metrics of a node. Meta refuses a whole call for one name it no longer knows, so after a refusal each is
// asked for alone, and what is refused is missing.
func (c Client) Insights(ctx context.Context, path string, query url.Values, metrics ...string) (map[string]json.RawMessage, error) {
	var answer Page[struct {
		Name   string `json:"name"`
		Values []struct {
			Value json.RawMessage `json:"value"`
		} `json:"values"`
		Total *struct {
			Value      json.RawMessage `json:"value"`
			Breakdowns []struct {
				Results []struct {
					Names []string        `json:"dimension_values"`
					Value json.RawMessage `json:"value"`
				} `json:"results"`
			} `json:"breakdowns"`
		} `json:"total_value"`
	}]
	q := url.Values{"metric": {strings.Join(metrics, ",")}}
	for k, v := range query {
		q[k] = v
	}
	_, err := c.Get(ctx, path, q, &answer)
	out := map[string]json.RawMessage{}
	switch {
	case fault.Is(err, fault.Rejected) || fault.Is(err, fault.Unauthorised) && fault.As(err).Code == "permission": // the numbers need a right of their own
		if len(metrics) == 1 {
			return out, nil
		}
		for _, m := range metrics {
			one, err := c.Insights(ctx, path, query, m)
			if err != nil {
				return out, err
			}
			for k, v := range one {
				out[k] = v
			}
		}
		return out, nil
	case err != nil:
		return nil, err
	}
	for _, m := range answer.Data {
		switch {
		case m.Total != nil && len(m.Total.Breakdowns) > 0:
			parts := map[string]json.RawMessage{}
			for _, r := range m.Total.Breakdowns[0].Results {
				parts[strings.Join(r.Names, " ")] = r.Value
			}
			out[m.Name], _ = json.Marshal(parts)
		case m.Total != nil:
			out[m.Name] = m.Total.Value
		case len(m.Values) > 0:
			out[m.Name] = m.Values[len(m.Values)-1].Value // of days: the last whole one
		}
	}
	return out, nil
}

// Number reads a value; the parts of one that is broken down are added up, or only those that are named.
func Number(raw json.RawMessage, parts ...string) (n int64, ok bool) {
	var plain float64
	if len(raw) > 0 && json.Unmarshal(raw, &plain) == nil && string(raw) != "null" {
		return int64(plain + 0.5), len(parts) == 0
	}
	var by map[string]float64
	if json.Unmarshal(raw, &by) != nil || by == nil {
		return 0, false
	}
	if len(parts) == 0 {
		for _, v := range by {
			plain += v
		}
		return int64(plain + 0.5), true
	}
	for _, p := range parts {
		v, has := by[p]
		plain, ok = plain+v, ok || has
	}
	return int64(plain + 0.5), ok
}
