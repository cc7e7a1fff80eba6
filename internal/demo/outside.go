package demo

import (
	"context"
	"time"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/when"
)

// outside lets somebody at the café post from their own phone, twice, and reads it back as it is done on every channel.
func (s *sample) outside(ctx context.Context) error {
	loc, err := when.Zone(zone)
	if err != nil {
		return err
	}
	for i, words := range []string{"Snow on the terrace! Who wants the first hot chocolate?", "Lost and found at the bar: one grey mitten. It is warm with us and waits for you."} {
		day := s.now.In(loc).AddDate(0, 0, -1-2*i)
		at := time.Date(day.Year(), day.Month(), day.Day(), 12, 40-25*i, 0, 0, loc).UTC()
		ch := s.channels[i]
		s.World.Past(ch.RemoteID, "phone-"+at.Format("20060102"), words, at, network.Values{"M-IMPR": 640 - 210*int64(i), "M-REACH": 530 - 180*int64(i), "M-LIKE": 41 - 12*int64(i), "M-COMM": 6, "M-SHARE": 3, "M-SAVE": 2})
	}
	for _, ch := range s.channels {
		if err := s.Natives.Read(ctx, s.actor.WorkspaceID, ch.ID); err != nil {
			return err
		}
	}
	return s.Metrics.MeasureDue(ctx)
}
