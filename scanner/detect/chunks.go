package detect

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/credgate/credgate/scanner/decode"
)

const (
	minChunk   = 256  // bytes
	maxChunk   = 2048 // bytes, where no line ends before
	chunkSlots = 1 << 16

	mixer = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio: Knuth, TAOCP 6.4
)

// chunkEnd gives where the chunk that begins at from ends. Chunks end at lines
// that their own last bytes pick, one in eight: so what stands in two contents is
// cut alike in both soon after where they begin to agree.
func chunkEnd(data []byte, from, to int) int {
	stop := min(to, from+maxChunk)
	for at := from + minChunk; at < stop; {
		n := bytes.IndexByte(data[at:stop], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		if binary.LittleEndian.Uint64(data[at-8:])*mixer>>61 == 0 {
			return at
		}
	}
	return stop
}

// chunks remembers what chunks hold, each known by a keyed hash of 64
// bits: the key is made anew for every inspector, and a chunk is compared with one
// other only, so two are taken for each other once in 2^48 times. A chunk is
// hashed with the bytes about it on which that hangs.
type chunks struct {
	seed        maphash.Seed
	slots       []chunk // made when first used
	asked, knew int     // chunks in all, and those of them that were known
}

type chunk struct {
	sum   uint64
	words *[]word      // start counts from the chunk's first byte; nil for none, as most have
	kinds decode.Kinds // that may begin in it
}

func newChunks() *chunks { return &chunks{seed: maphash.MakeSeed()} }

// inVain tells whether few chunks come again, as in a directory of distinct
// files: there hashing costs more than it saves.
func (c *chunks) inVain() bool { return c.asked >= chunkSlots/2 && c.knew < c.asked/8 }

// slot gives the place of data[from:to], beside which the bytes of m matter, and whether what it holds is known.
func (c *chunks) slot(data []byte, from, to int, m margin) (s *chunk, known bool) {
	if c.slots == nil {
		c.slots = make([]chunk, chunkSlots)
	}
	a, b := max(0, from-m.before), min(len(data), to+m.after)
	// Where the content ends beside the chunk, and which part of the bytes is the chunk.
	salt := uint64(from-a)<<32 | uint64(b-to)
	sum := maphash.Bytes(c.seed, data[a:b]) + salt
	s = &c.slots[sum%chunkSlots]
	c.asked++
	if s.sum == sum {
		c.knew++
		return s, true
	}
	s.sum = sum
	return s, false
}

// keep notes what a chunk holds that begins at from.
func (s *chunk) keep(words []word, from int, kinds decode.Kinds) {
	s.words, s.kinds = nil, kinds
	if len(words) > 0 {
		own := slices.Clone(words)
		for i := range own {
			own[i].start -= uint32(from)
		}
		s.words = &own
	}
}
