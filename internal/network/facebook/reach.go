package facebook

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
)

// ages are the limits Facebook knows for posts of Pages.
var ages = []network.Option{{Value: "", Label: "Any age"}, {Value: "15", Label: "15"}, {Value: "18", Label: "18"}, {Value: "21", Label: "21"}, {Value: "25", Label: "25"}}

func countries(s map[string]string, key string) []string {
	return strings.FieldsFunc(strings.ToUpper(s[key]), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
}

// audience checks who is to see the post.
func (c *checker) audience() {
	s := c.d.Settings
	for _, key := range []string{"countries", "prefer_countries"} {
		for _, code := range countries(s, key) {
			if len(code) != 2 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
				c.wrong("country_unknown", "settings."+key, fmt.Sprintf("%q is not a country's code.", code), "Use codes of two letters such as DE.")
			}
		}
	}
	if age := s["age_min"]; !slices.ContainsFunc(ages, func(o network.Option) bool { return o.Value == age }) {
		c.wrong("setting_unknown", "settings.age_min", fmt.Sprintf("%q is not one of the ages Facebook knows.", age), "Choose one of the list.")
	}
	if s["prefer_countries"] != "" && len(c.d.Parts) > 0 && hasVideo(c.d.Parts[0]) {
		c.wrong("prefer_video", "settings.prefer_countries", "A preference is possible for texts, links and pictures only.", "Remove it, or use “Only in these countries”.")
	}
	if s["kind"] == story && (s["countries"] != "" || s["age_min"] != "" || s["prefer_countries"] != "") {
		c.wrong("story_audience", "settings.countries", "A story is shown to everyone.", "Remove countries and age, or make it a post.")
	}
}

// limited is who alone may see the post, "" for everyone.
func (p payload) limited() string {
	who := map[string]any{}
	if len(p.Countries) > 0 {
		who["geo_locations"] = map[string]any{"countries": p.Countries}
	}
	if age, err := strconv.Atoi(p.AgeMin); err == nil {
		who["age_min"] = age
	}
	if len(who) == 0 {
		return ""
	}
	return graph.JSON(who)
}

// preferred adds whose feeds show a post first.
func (p payload) preferred(form url.Values) {
	if len(p.Prefer) > 0 {
		form.Set("feed_targeting", graph.JSON(map[string]any{"geo_locations": map[string]any{"countries": p.Prefer}}))
	}
}
