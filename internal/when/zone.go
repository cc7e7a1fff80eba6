package when

import (
	_ "embed"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the same zone rules on every machine, also on one without any

	"github.com/bellwether-social/bellwether/internal/fault"
)

// zones.txt names every zone and alias of the IANA time zone database that Go carries, one per line, sorted.
//
//go:embed zones.txt
var zoneNames string

// Zones returns the names of all IANA time zones, sorted.
func Zones() []string { return strings.Fields(zoneNames) }

var loaded sync.Map // zone name → *time.Location; loading one parses its file

// Zone returns the IANA time zone of that name. The machine's own zone ("", "Local") is not a choice: an instant
// must not depend on where the program happens to run.
func Zone(name string) (*time.Location, error) {
	if loc, ok := loaded.Load(name); ok {
		return loc.(*time.Location), nil
	}
	if name == "" {
		return nil, fault.Invalidf("zone", "a time needs a time zone").WithHint("Choose a zone such as Europe/Berlin.")
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fault.Invalidf("zone", "%q is not a time zone", name).WithHint("Choose a zone such as Europe/Berlin.")
	}
	loaded.Store(name, loc)
	return loc, nil
}
