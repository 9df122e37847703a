package detect

import (
	"hash/maphash"
	"time"
)

// seenSlots bounds what an inspector remembers: a slot is 24 bytes and what was found.
const seenSlots = 1 << 12

// A cache remembers what expressions found in windows. A window is known by 128
// bits of two keyed hashes, of which nobody can make two alike on purpose: the
// keys are made anew for every inspector.
type cache struct {
	one, two maphash.Seed
	slots    []seenWindow // made when first used
}

type seenWindow struct {
	sum   [2]uint64
	found *found
}

func newCache() *cache { return &cache{one: maphash.MakeSeed(), two: maphash.MakeSeed()} }

// slot gives where the outcome for a window stands, or is to be put.
func (c *cache) slot(matcher int, r *role, window []byte, start int) (s *seenWindow, known bool) {
	if c.slots == nil {
		c.slots = make([]seenWindow, seenSlots)
	}
	arm := 0
	if r.arm != nil {
		arm = r.arm.index + 1
	}
	what := uint64(matcher)<<48 | uint64(arm&0xffff)<<32 | uint64(r.offset&0xff)<<24 | uint64(start&0xffffff)
	sum := [2]uint64{
		maphash.Bytes(c.one, window) ^ maphash.Comparable(c.one, what),
		maphash.Bytes(c.two, window) ^ maphash.Comparable(c.two, what),
	}
	s = &c.slots[sum[0]%seenSlots]
	if s.sum == sum {
		return s, true
	}
	*s = seenWindow{sum: sum}
	return s, false
}

// A Timing is what a detector cost.
type Timing struct {
	Detector string
	Windows  int // keywords that were judged
	Matches  int // windows with a match
	Spent    time.Duration
}

// Timings gives what each detector cost in all inspectors, in the list's order,
// if the options asked for it. No inspector may be at work.
func (s *Set) Timings() []Timing {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.inspectors) == 0 {
		return nil
	}
	sum := make([]Timing, len(s.matchers))
	for i, m := range s.matchers {
		sum[i].Detector = m.ID
		for _, in := range s.inspectors {
			sum[i].Windows += in.times[i].Windows
			sum[i].Matches += in.times[i].Matches
			sum[i].Spent += in.times[i].Spent
		}
	}
	return sum
}

func (in *Inspector) timed(m *matcher, began time.Time, before int, st *State) {
	t := &in.times[m.index]
	t.Windows++
	t.Matches += len(st.hits) - before
	t.Spent += time.Since(began)
}
