package network

import (
	"context"
	"time"
)

// AudienceReader reads who an account's public is (A04): shares of it by age, country and the like, and when it is
// there.
type AudienceReader interface {
	// Audience reads what the network tells now. What it does not tell is absent or among Withheld, never a group of 0.
	// It makes several calls and is asked at most as often as Spec.Audience.Every says.
	Audience(ctx context.Context, s Session) (Audience, error)
}

// Population is the people a breakdown is about.
type Population string

const (
	Followers Population = "followers" // who follows the account
	Engaged   Population = "engaged"   // who reacted to it lately, in the network's own counting
	Viewers   Population = "viewers"   // who saw it lately, followers or not
	Joined    Population = "joined"    // who began to follow lately
)

// Dimension is what a breakdown tells people apart by.
type Dimension string

const (
	ByAge       Dimension = "age"       // values "13-17", "18-24", … "65+"
	ByGender    Dimension = "gender"    // values "female", "male", "other"
	ByCountry   Dimension = "country"   // values of two letters, ISO 3166-1, upper case; or the network's own id
	ByCity      Dimension = "city"      // the network's own names
	ByLanguage  Dimension = "language"  // values of BCP 47
	ByInterest  Dimension = "interest"  // the network's own names
	ByIndustry  Dimension = "industry"  // where people work
	ByFunction  Dimension = "function"  // what people do there
	BySeniority Dimension = "seniority" // how high they are
	ByCompany   Dimension = "company"   // how many work there
	BySearch    Dimension = "search"    // words people searched for when they found us
	BySource    Dimension = "source"    // how people came
)

// AudienceGroup is the people of one value.
type AudienceGroup struct {
	Value string `json:"value"`
	Label string `json:"label,omitempty"` // where the network has a name for it; "" = the value says it
	// N counts people; where Breakdown.Parts, it is parts of ten thousand.
	N int64 `json:"n"`
}

// Breakdown is one population by one dimension.
type Breakdown struct {
	Of     Population      `json:"of"`
	By     Dimension       `json:"by"`
	Groups []AudienceGroup `json:"groups"`
	// Parts says that the network tells shares only, never people.
	Parts bool `json:"parts,omitempty"`
	// Base is how many people the groups are shares of, 0 where the network does not say: then the breakdown has no
	// weight among others.
	Base int64 `json:"base"`
}

// OnlineHour is how many people of the followers are there in one hour of the week, an average.
type OnlineHour struct {
	Day  time.Weekday `json:"day"`  // UTC
	Hour int          `json:"hour"` // 0 to 23, UTC
	N    int64        `json:"n"`
}

// Withheld is a breakdown that the network has and did not tell this time, and why, in words people read.
type Withheld struct {
	Of  Population `json:"of"`
	By  Dimension  `json:"by,omitempty"` // "" = active hours
	Why string     `json:"why"`
}

// Audience is one reading.
type Audience struct {
	Breakdowns []Breakdown  `json:"breakdowns"`
	Hours      []OnlineHour `json:"hours,omitempty"`
	Withheld   []Withheld   `json:"withheld,omitempty"`
}

// AudienceSpec says what a network tells of the public, or why it tells nothing.
type AudienceSpec struct {
	Tells []AudienceTold
	Hours string // the network's name of the followers' active hours; "" = it tells none
	// Minimum is how many people a population must have before the network tells of it.
	Minimum int64
	Every   time.Duration // the shortest time between two readings, at least a day
	Keep    time.Duration // how long a reading may be kept by the network's terms; 0 = as long as wanted
	None    string        // why it tells nothing, in words people read; "" for networks that do
}

// AudienceTold is one breakdown a network has, under its own name.
type AudienceTold struct {
	Of   Population
	By   Dimension
	Name string
	Note string // what a reader must know: how it is counted, how old it is
}
