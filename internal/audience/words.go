package audience

import (
	"cmp"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Dimensions in the order they are shown.
var Dimensions = []network.Dimension{network.ByAge, network.ByGender, network.ByCountry, network.ByCity, network.ByLanguage, network.ByInterest, network.ByFunction, network.BySeniority,
	network.ByIndustry, network.ByCompany, network.BySearch}

// Populations in the order they are shown.
var Populations = []network.Population{network.Followers, network.Engaged, network.Viewers}

var dimensionNames = map[network.Dimension]string{network.ByAge: "Age", network.ByGender: "Gender", network.ByCountry: "Country", network.ByCity: "City", network.ByLanguage: "Language", network.ByInterest: "Interests",
	network.ByFunction: "Job function", network.BySeniority: "Seniority", network.ByIndustry: "Industry", network.ByCompany: "Company size", network.BySearch: "Words searched for", network.BySource: "How they came"}

var populationNames = map[network.Population]string{network.Followers: "Followers", network.Engaged: "People who reacted", network.Viewers: "Viewers", network.Joined: "New followers"}

// DimensionName words a dimension.
func DimensionName(d network.Dimension) string { return cmp.Or(dimensionNames[d], string(d)) }

// PopulationName words a population.
func PopulationName(p network.Population) string { return cmp.Or(populationNames[p], string(p)) }

// Name words a group: a country or language by its English name, everything else as its network has it.
func (g Group) Name(by network.Dimension) string {
	if g.Label != "" {
		return g.Label
	}
	switch by {
	case network.ByGender:
		return map[string]string{"female": "Women", "male": "Men", "other": "Others and not stated"}[g.Value]
	case network.ByCountry:
		return cmp.Or(countries[g.Value], "Country "+g.Value)
	case network.ByLanguage:
		tag, _, _ := strings.Cut(g.Value, "-")
		return cmp.Or(languages[strings.ToLower(tag)], g.Value)
	case network.ByAge:
		return strings.ReplaceAll(g.Value, "-", "–")
	}
	return g.Value
}
