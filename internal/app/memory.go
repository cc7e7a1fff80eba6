package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	calm   = 2 << 20  // bytes made in a tick: below, nobody is working
	excess = 12 << 20 // bytes free and not given back: below, giving back is not worth it
)

// giveBack returns to the system what a burst of work left free. The runtime by itself would keep it for minutes, since
// it collects what is no longer used only when new things are made.
func giveBack(ctx context.Context) {
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	read := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	last, busy := uint64(0), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(read)
		made := read[0].Value.Uint64()
		if made-last > calm {
			busy = true
		} else if free := read[1].Value.Uint64() + max(read[2].Value.Uint64(), read[3].Value.Uint64()) - read[3].Value.Uint64(); busy && free > excess {
			debug.FreeOSMemory()
			busy = false
		}
		last = made
	}
}
