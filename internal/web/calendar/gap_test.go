package calendar_test

import (
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
)

func changeGap(d time.Duration) channel.Change { return channel.Change{MinGap: &d} }
