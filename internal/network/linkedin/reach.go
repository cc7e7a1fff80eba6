package linkedin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// fewest is how many followers an audience needs before LinkedIn shows it a post.
const fewest = 300

// options numbers labels as LinkedIn does its own lists, from 1.
func options(labels ...string) (list []network.Option) {
	for i, l := range labels {
		list = append(list, network.Option{Value: fmt.Sprint(i + 1), Label: l})
	}
	return list
}

// audiences are the settings that narrow an organisation's post down, by LinkedIn's names of what they name.
var audiences = []struct {
	setting, facet, urn string
	options             []network.Option
}{
	{"audience_places", "geoLocations", "urn:li:geo:", nil},
	{"audience_seniorities", "seniorities", "urn:li:seniority:", options("Unpaid", "Training", "Entry", "Senior", "Manager", "Director", "Vice president", "Chief officer", "Partner", "Owner")},
	{"audience_functions", "jobFunctions", "urn:li:function:", options("Accounting", "Administration", "Arts and design", "Business development", "Community and social services", "Consulting", "Education", "Engineering",
		"Entrepreneurship", "Finance", "Healthcare", "Human resources", "Information technology", "Legal", "Marketing", "Media and communication", "Military and protection", "Operations", "Product management",
		"Programme and project management", "Purchasing", "Quality assurance", "Real estate", "Research", "Sales", "Support")},
}

// audience is who is to see a post, as LinkedIn takes it; nil is everyone.
func audience(d network.Draft) map[string][]string {
	var who map[string][]string
	for _, a := range audiences {
		for v := range strings.SplitSeq(set(d, a.setting), ",") {
			if v = strings.TrimPrefix(strings.TrimSpace(v), a.urn); v != "" {
				if who == nil {
					who = map[string][]string{}
				}
				who[a.facet] = append(who[a.facet], a.urn+v)
			}
		}
	}
	return who
}

// audience checks who is to see the post.
func (c *checker) audience() {
	for _, a := range audiences {
		for _, urn := range audience(c.d)[a.facet] {
			v := strings.TrimPrefix(urn, a.urn)
			known := slices.ContainsFunc(a.options, func(o network.Option) bool { return o.Value == v })
			if a.options == nil && strings.Trim(v, "0123456789") != "" || a.options != nil && !known {
				c.add(network.Error, "audience_unknown", "settings."+a.setting, fmt.Sprintf("%q is not one LinkedIn knows.", v), "Choose one of the list; places are numbers such as 103644278.")
			}
		}
	}
	if audience(c.d) == nil {
		return
	}
	if !isOrganization(c.a) {
		c.add(network.Error, "audience_member", "settings.audience_places", "Only posts of organisations have an audience.", "Clear it.")
	} else if c.a.Followers > 0 && c.a.Followers < fewest {
		c.add(network.Warning, "audience_small", "settings.audience_places", fmt.Sprintf("The organisation has %d followers; LinkedIn wants an audience of at least %d.", c.a.Followers, fewest), "Post to everyone.")
	}
}
