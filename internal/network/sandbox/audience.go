package sandbox

import (
	"context"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
)

// makeup is what the world's public is made of, in parts of a hundred of the whole; every account's own public leans
// away from it a little, by its id.
var makeup = map[network.Dimension][]network.AudienceGroup{
	network.ByAge:       {{Value: "13-17", N: 3}, {Value: "18-24", N: 17}, {Value: "25-34", N: 34}, {Value: "35-44", N: 24}, {Value: "45-54", N: 13}, {Value: "55-64", N: 6}, {Value: "65+", N: 3}},
	network.ByGender:    {{Value: "female", N: 56}, {Value: "male", N: 41}, {Value: "other", N: 3}},
	network.ByCountry:   {{Value: "DE", N: 46}, {Value: "DK", N: 21}, {Value: "AT", N: 9}, {Value: "SE", N: 8}, {Value: "NL", N: 7}, {Value: "GB", N: 5}, {Value: "US", N: 4}},
	network.ByCity:      {{Value: "Hamburg", N: 15}, {Value: "Berlin", N: 13}, {Value: "Copenhagen", N: 11}, {Value: "Vienna", N: 6}, {Value: "Flensburg", N: 5}, {Value: "Malmö", N: 4}, {Value: "Aarhus", N: 4}, {Value: "Amsterdam", N: 3}},
	network.ByLanguage:  {{Value: "de", N: 53}, {Value: "da", N: 20}, {Value: "en", N: 15}, {Value: "sv", N: 8}, {Value: "nl", N: 4}},
	network.ByInterest:  {{Value: "Food and drinks", N: 78}, {Value: "Coffee", N: 61}, {Value: "Home and living", N: 37}, {Value: "Travel", N: 33}, {Value: "Sustainability", N: 26}},
	network.ByIndustry:  {{Value: "Food and beverage services", N: 24}, {Value: "Retail", N: 17}, {Value: "Hospitality", N: 15}, {Value: "Advertising services", N: 11}, {Value: "Software development", N: 9}},
	network.ByFunction:  {{Value: "Operations", N: 21}, {Value: "Marketing", N: 19}, {Value: "Sales", N: 16}, {Value: "Business development", N: 13}, {Value: "Purchasing", N: 8}},
	network.BySeniority: {{Value: "Senior", N: 33}, {Value: "Entry", N: 27}, {Value: "Manager", N: 17}, {Value: "Owner", N: 11}, {Value: "Director", N: 7}},
	network.ByCompany:   {{Value: "2–10", N: 29}, {Value: "11–50", N: 26}, {Value: "51–200", N: 18}, {Value: "201–500", N: 11}, {Value: "1,001–5,000", N: 9}},
	network.BySearch:    {{Value: "coffee roastery", N: 31}, {Value: "coffee near me", N: 24}, {Value: "nordlys coffee", N: 18}, {Value: "barista class", N: 9}},
	network.BySource:    {{Value: "posts", Label: "From posts", N: 52}, {Value: "search", Label: "From search", N: 21}, {Value: "profile", Label: "From the profile", N: 17}, {Value: "outside", Label: "From outside", N: 10}},
}

// publicOf is what the world tells of itself.
var publicOf = network.AudienceSpec{Hours: "awake hours", Minimum: 100, Tells: []network.AudienceTold{
	{Of: network.Followers, By: network.ByAge, Name: "followers by age"}, {Of: network.Followers, By: network.ByGender, Name: "followers by gender"},
	{Of: network.Followers, By: network.ByCountry, Name: "followers by country"}, {Of: network.Followers, By: network.ByCity, Name: "followers by city", Note: "the largest"},
	{Of: network.Followers, By: network.ByLanguage, Name: "followers by language"}, {Of: network.Followers, By: network.ByInterest, Name: "followers by interest", Note: "people have several"},
	{Of: network.Engaged, By: network.ByAge, Name: "people who reacted, by age"}, {Of: network.Engaged, By: network.ByGender, Name: "people who reacted, by gender"},
	{Of: network.Engaged, By: network.ByCountry, Name: "people who reacted, by country"},
	{Of: network.Joined, By: network.BySource, Name: "new followers by source"},
}}

// Audience tells who the public of an account is: the same account has the same public, and it grows with it.
func (s *Sandbox) Audience(_ context.Context, session network.Session) (network.Audience, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if err := s.world.faulty(session.Account.ID); err != nil {
		return network.Audience{}, err
	}
	a := s.world.s.Accounts[session.Account.ID]
	var out network.Audience
	for _, t := range publicOf.Tells {
		if size := a.population(t.Of); size >= publicOf.Minimum || t.Of == network.Joined && size > 0 {
			out.Breakdowns = append(out.Breakdowns, a.public(t.Of, t.By, size))
			continue
		}
		out.Withheld = append(out.Withheld, network.Withheld{Of: t.Of, By: t.By, Why: "Fewer than 100 people: the sandbox tells none."})
	}
	if a.Followers >= publicOf.Minimum {
		out.Hours = a.hours()
	}
	return out, nil
}

// tell is one breakdown that an imitated network tells, from what the world knows.
func (s *Sandbox) tell(session network.Session, of network.Population, by network.Dimension, told network.Audience) []network.Breakdown {
	if i := slices.IndexFunc(told.Breakdowns, func(b network.Breakdown) bool { return b.Of == of && b.By == by }); i >= 0 {
		return told.Breakdowns[i : i+1]
	}
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	a := s.world.s.Accounts[session.Account.ID]
	if size := a.population(of); size >= publicOf.Minimum {
		return []network.Breakdown{a.public(of, by, size)}
	}
	return nil
}

func (a *Account) population(of network.Population) int64 {
	switch of {
	case network.Engaged:
		return a.Followers * 31 / 100
	case network.Viewers:
		return a.Followers * 17 / 10
	case network.Joined:
		return a.Followers * 4 / 100
	}
	return a.Followers
}

// lean is how much an account's public leans towards a group, 0.7 to 1.3, and those who react further.
func (a *Account) lean(of network.Population, value string) float64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(a.ID + value)) // never fails
	by := float64(h.Sum32()%1000)/1000*0.6 - 0.3
	if of == network.Engaged {
		by *= 1.6
	}
	return 1 + by
}

func (a *Account) public(of network.Population, by network.Dimension, size int64) network.Breakdown {
	b, sum, whole := network.Breakdown{Of: of, By: by, Base: size}, 0.0, 0.0
	for _, g := range makeup[by] {
		sum += float64(g.N) * a.lean(of, g.Value)
		whole += float64(g.N)
	}
	if by == network.ByInterest {
		sum, whole = 100, 100 // people have several
	}
	for _, g := range makeup[by] {
		if n := int64(float64(size) * float64(g.N) * a.lean(of, g.Value) / sum * whole / 100); n > 0 {
			b.Groups = append(b.Groups, network.AudienceGroup{Value: g.Value, Label: g.Label, N: min(n, size)})
		}
	}
	return b
}

// hours are how many followers look at their phones in each hour of the week: more in the evening, more on Sundays.
func (a *Account) hours() (out []network.OnlineHour) {
	for day := range 7 {
		for hour := range 24 {
			at := time.Date(2026, 3, 1+day, hour, 0, 0, 0, time.UTC) // the first was a Sunday
			share := 0.24 + 0.16*math.Cos(2*math.Pi*(float64(hour)-19)/24) + 0.07*math.Cos(4*math.Pi*(float64(hour)-7)/24)
			if day == 0 {
				share *= 1.12
			}
			out = append(out, network.OnlineHour{Day: at.Weekday(), Hour: hour, N: int64(float64(a.Followers) * max(share, 0.02) * a.lean(network.Followers, at.Weekday().String()+"#"))})
		}
	}
	return out
}
