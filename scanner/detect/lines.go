package detect

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/credgate/credgate/scanner/decode"
)

// maxLine is the longest line that is looked at, and remembered, as one.
const maxLine = 1 << 10 // bytes

// A part of a blob is what is looked at as one: a line with its end, or a part of
// one that is too long or that the blob's end cuts.
type part struct {
	stretch
	line bool
	sum  uint64 // a keyed hash of its bytes and, unless it is a line, of those that matter beside it
}

// maxParts is how many parts are hashed before any of them is looked up, so that
// no lookup waits for the last.
const maxParts = 64

// lineStart gives where the line of data[at] begins, no farther back than floor;
// at itself in a line that is too long.
func lineStart(data []byte, at, floor int) int {
	least := max(floor, at-maxLine)
	if i := bytes.LastIndexByte(data[least:at], '\n'); i >= 0 {
		return least + i + 1
	}
	if least == floor {
		return floor
	}
	return at
}

// split gives the first parts of data[from:to] and of what goes on there of the last line.
func (in *Inspector) split(data []byte, from, to int) []part {
	list := in.parts[:0]
	for from < to && len(list) < maxParts {
		end := min(len(data), from+maxLine)
		i := bytes.IndexByte(data[from:end], '\n')
		if i >= 0 {
			end = from + i + 1
		}
		p := part{stretch: stretch{from, end}, line: i >= 0 && (from == 0 || data[from-1] == '\n') && !in.set.crosses}
		if p.line {
			p.sum = maphash.Bytes(in.set.blanks.seed, data[from:end])
		} else {
			p.sum = in.cutSum(data, p.stretch)
		}
		list = append(list, p)
		from = end
	}
	in.parts = list
	return list
}

// cutSum hashes a part that is no line: what begins in it may end after it.
func (in *Inspector) cutSum(data []byte, p stretch) uint64 {
	from, to := max(0, p.from-decode.Beside), min(len(data), p.to+max(decode.Beside, in.set.longest))
	// Where the blob ends beside the part, and which of the bytes are the part's.
	salt := uint64(p.from-from+1)<<32 | uint64(to-p.to+1)
	return maphash.Bytes(in.set.blanks.seed, data[from:to]) + salt
}

// blanks remembers the parts that hold nothing, as most do. It is shared by the
// inspectors of a Set. A part is known by a keyed hash of 64 bits and compared
// with two others: one is taken for another once in 2^63 times. The key is made
// anew for each Set.
type blanks struct {
	seed  maphash.Seed
	table atomic.Pointer[[]atomic.Uint64]
	count atomic.Int64 // of parts that were not known
	mu    sync.Mutex
}

const (
	leastBlanks = 1 << 13
	mostBlanks  = 1 << 21 // 16 MiB
)

func newBlanks() *blanks {
	b := &blanks{seed: maphash.MakeSeed()}
	t := make([]atomic.Uint64, leastBlanks)
	b.table.Store(&t)
	return b
}

// has tells whether a part is known to hold nothing.
func (b *blanks) has(sum uint64) bool {
	t := *b.table.Load()
	i := sum & uint64(len(t)-1)
	return t[i].Load() == sum || t[i^1].Load() == sum
}

// put notes that a part holds nothing.
func (b *blanks) put(sum uint64) { putBlank(*b.table.Load(), sum) }

// putBlank puts a sum first of its two places, and what was there second.
func putBlank(t []atomic.Uint64, sum uint64) {
	i := sum & uint64(len(t)-1)
	if old := t[i].Load(); old != 0 {
		t[i^1].Store(old)
	}
	t[i].Store(sum)
}

// grow is told of n parts that were not known, and makes the table larger when so
// many could fill half of it. What is put in meanwhile may get lost.
func (b *blanks) grow(n int) {
	if !fills(b.count.Add(int64(n)), *b.table.Load()) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old := *b.table.Load()
	if !fills(b.count.Load(), old) {
		return
	}
	next := make([]atomic.Uint64, 4*len(old))
	for i := range old {
		if sum := old[i].Load(); sum != 0 {
			putBlank(next, sum)
		}
	}
	b.table.Store(&next)
}

func fills(count int64, t []atomic.Uint64) bool {
	return len(t) < mostBlanks && count >= int64(len(t)/2)
}

// notes remembers what parts hold.
type notes struct {
	slots       []note
	count       int  // of notes that were kept
	asked, knew int  // bytes in all, and those of them that were known
	derived     bool // blobs were derived from others: a history, whose lines do come again
}

const (
	leastNotes = 1 << 8
	mostNotes  = 1 << 16 // 2 MiB, and the words
	mostWords  = 64      // in a part; one that holds more is looked at each time
)

type note struct {
	sum   uint64
	words *[]noted     // start counts from the part's first byte; nil for none
	kinds decode.Kinds // that may begin in it
}

// A noted word has the uses that its line allows. Whether others allow those in
// asks is to be asked wherever the line stands.
type noted struct {
	word
	asks uint32
}

// inVain tells whether so few lines come again that to remember them costs more than
// it saves, as in a directory: there half of them and more are new.
func (n *notes) inVain() bool { return !n.derived && n.asked >= 1<<16 && n.knew < n.asked/2 }

// at gives the place of a part; it holds the part if the sums are equal.
func (n *notes) at(sum uint64) *note { return &n.slots[sum%uint64(len(n.slots))] }

func (n *notes) keep(sum uint64, words []noted, kinds decode.Kinds) {
	if len(words) > mostWords {
		return
	}
	if n.count++; n.count > len(n.slots)/2 && len(n.slots) < mostNotes {
		old := n.slots
		n.slots = make([]note, 4*len(old))
		for i := range old {
			*n.at(old[i].sum) = old[i]
		}
	}
	to := n.at(sum)
	*to = note{sum: sum, kinds: kinds}
	if len(words) > 0 {
		own := slices.Clone(words)
		to.words = &own
	}
}
