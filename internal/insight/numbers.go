package insight

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/when"
)

// Insight reads everything and changes nothing.
type Insight struct {
	db   *db.DB
	rows bool
}

// New returns the reader of this database.
func New(database *db.DB) *Insight { return &Insight{db: database} }

// FromRows is the same reader without roll-ups: slow, and what they are held against.
func (i *Insight) FromRows() *Insight { return &Insight{db: i.db, rows: true} }

// Period is [From, To) in the days of a zone.
type Period struct {
	From, To time.Time
	Zone     string
}

// Days returns a period of n days that ends with today in the zone.
func Days(n int, now time.Time, zone string) (Period, error) {
	loc, err := when.Zone(zone)
	if err != nil {
		return Period{}, err
	}
	l := now.In(loc)
	to := time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, loc)
	return Period{From: time.Date(l.Year(), l.Month(), l.Day()+1-n, 0, 0, 0, 0, loc).UTC(), To: to.UTC(), Zone: zone}, nil
}

// Before is the period of the same number of days just before.
func (p Period) Before() Period {
	loc, err := when.Zone(p.Zone)
	if err != nil {
		loc = time.UTC
	}
	from, n := p.From.In(loc), len(p.days())
	return Period{From: time.Date(from.Year(), from.Month(), from.Day()-n, 0, 0, 0, 0, loc).UTC(), To: p.From, Zone: p.Zone}
}

// days lists the period's days as YYYY-MM-DD in its zone.
func (p Period) days() []string {
	loc, err := when.Zone(p.Zone)
	if err != nil {
		loc = time.UTC
	}
	var out []string
	for d := p.From.In(loc); d.Before(p.To) && len(out) < 1500; d = time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, loc) {
		out = append(out, d.Format("2006-01-02"))
	}
	return out
}

// Scope narrows numbers; zero values narrow nothing.
type Scope struct {
	ChannelID  string
	CampaignID string
	Channels   []string // of a goal

	goal bool // read as a goal's progress: the right to read goals opens it
}

// Number is one figure with everything a reader needs to trust it (INV-04).
type Number struct {
	metric.Definition
	Has      bool  // false: nothing was delivered; shown as missing, never as 0
	Value    int64 // counts, seconds, minor units
	Over     int64 // a ratio's summed numerator and denominator
	Under    int64
	Ratio    float64 // Over ÷ Under; only with Has
	Currency string
	AsOf     time.Time // the newest data in it, UTC
	Missing  []string  // networks that deliver nothing for it
	N        int       // rows it was computed from
}

// ratio builds a ratio from two sums; a zero denominator has no value.
func ratio(id string, over, under int64, asOf time.Time, n int) Number {
	out := Number{Definition: metric.Define(id), Over: over, Under: under, AsOf: asOf, N: n}
	if out.Has = under != 0; out.Has {
		out.Ratio = float64(over) / float64(under)
	}
	return out
}

func count(id string, value int64, asOf time.Time, n int) Number {
	return Number{Definition: metric.Define(id), Has: true, Value: value, AsOf: asOf, N: n}
}

// sum is one metric summed over the posts of a scope.
type sum struct {
	ChannelID string    `db:"channel_id"`
	Network   string    `db:"network"`
	Metric    string    `db:"metric"`
	Value     int64     `db:"value"`
	Posts     int       `db:"posts"`
	At        time.Time `db:"at"`
}

// engagementParts are what M-ENG adds up, where delivered.
var engagementParts = []string{"M-LIKE", "M-COMM", "M-SHARE", "M-SAVE"}
