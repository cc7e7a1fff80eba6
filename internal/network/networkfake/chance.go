package networkfake

import (
	"hash/fnv"
	"math/rand/v2"
)

// chance draws the faults of one class of calls.
type chance struct {
	rng    *rand.Rand
	share  float64
	faults []Fault
}

// Chance lets this share (0 … 1) of the calls of a class meet one of the faults, whenever none is planned for them. One
// seed gives one sequence for each class; which call meets which fault depends on the order in which they arrive.
func (p *Program) Chance(class string, seed uint64, share float64, faults ...Fault) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(class)) // cannot fail
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chances[class] = &chance{rng: rand.New(rand.NewPCG(seed, h.Sum64())), share: share, faults: faults}
}

func (c *chance) take() Fault {
	if c == nil || len(c.faults) == 0 || c.rng.Float64() >= c.share {
		return OK
	}
	return c.faults[c.rng.IntN(len(c.faults))]
}
