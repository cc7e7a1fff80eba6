package show

import "time"

// Now is the moment a screen is drawn, in UTC, to the microsecond that stores keep.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
