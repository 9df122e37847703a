package gitrepo

import (
	"bytes"
	"fmt"
	"math/bits"
	"sort"
	"sync"
)

// A forest is a pack's objects, in order of offset, and the trees that their
// deltas form. An object is named by its rank in that order. It takes 33 bytes an
// object once built and at most 52 meanwhile, less than twice the pack's index;
// ids stay in the index.
type forest struct {
	p       *pack
	base    int32   // number of the first of its objects in the store
	offs    []int64 // ascending
	rows    []int32 // in the index, by rank
	ranks   []int32 // by row
	crcs    []uint32
	first   []int32 // first child, none if negative
	next    []int32 // next child of the same base, none if negative
	count   []int32 // objects in the tree below and with this one
	kinds   []kind  // of the object that comes out; kindBad where that cannot be known
	roots   []int32 // whole objects, and deltas whose base is not in this pack
	bad     []int32 // what no root leads to: deltas in a circle
	foreign map[int32]hash
	visited func(rank int32) bool // elsewhere; nil when each is to be visited
}

const kindBad kind = 0

const none int32 = -1

// newForest reads each header once.
func (r *Repo) newForest(p *pack, workers int) *forest {
	f := &forest{p: p, foreign: make(map[int32]hash)}
	f.sort()
	n := len(f.offs)
	f.first, f.next = fillNone(n), fillNone(n)
	f.kinds = make([]kind, n)
	parents := f.readHeaders(workers)
	f.link(parents)
	for rank, base := range f.foreign {
		f.kinds[rank] = kindBad
		if k, _, err := r.readFrom(&base, MaxObject, p, 1); err == nil {
			f.kinds[rank] = k
		}
	}
	f.settle()
	return f
}

func fillNone(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = none
	}
	return s
}

type offsetRow struct {
	off int64
	row int32
	crc uint32
}

// sort orders the index's entries by offset. A pack of ten million objects is
// common, so it is a radix sort: as fast as reading the pack's .rev, which many
// packs lack.
func (f *forest) sort() {
	n := f.p.idx.len()
	a, b := make([]offsetRow, n), make([]offsetRow, n)
	most := int64(0)
	for i := range a {
		off := f.p.idx.offset(i)
		if off < 0 {
			off = 0 // lies outside every pack, so its header does not read
		}
		crc, _ := f.p.idx.crc(i)
		a[i] = offsetRow{off, int32(i), crc}
		most = max(most, off)
	}
	const digit = 11
	for shift := 0; shift < bits.Len64(uint64(most)); shift += digit {
		var starts [1<<digit + 1]int
		for i := range a {
			starts[a[i].off>>shift&(1<<digit-1)+1]++
		}
		for d := range 1 << digit {
			starts[d+1] += starts[d]
		}
		for i := range a {
			d := a[i].off >> shift & (1<<digit - 1)
			b[starts[d]] = a[i]
			starts[d]++
		}
		a, b = b, a
	}
	f.offs, f.rows, f.ranks = make([]int64, n), make([]int32, n), make([]int32, n)
	for i := range a {
		f.offs[i], f.rows[i] = a[i].off, a[i].row
		f.ranks[a[i].row] = int32(i)
	}
	if f.p.idx.crcs == 0 {
		return
	}
	// Taken along, as to look each up in the index would wait for memory.
	f.crcs = make([]uint32, n)
	for i := range a {
		f.crcs[i] = a[i].crc
	}
}

// A rankTable finds ranks by offset: it knows the first rank of each stretch of
// the pack, so that a search looks at a few.
type rankTable struct {
	offs   []int64
	shift  int
	starts []int32
}

func newRankTable(offs []int64, end int64) *rankTable {
	t := &rankTable{offs: offs}
	for end>>t.shift > int64(len(offs)/4+1) {
		t.shift++
	}
	t.starts = make([]int32, end>>t.shift+2)
	rank := 0
	for s := range t.starts {
		for rank < len(offs) && offs[rank]>>t.shift < int64(s) {
			rank++
		}
		t.starts[s] = int32(rank)
	}
	return t
}

// rank gives the rank of the object at off, none if there is none.
func (t *rankTable) rank(off int64) int32 {
	s := off >> t.shift
	if off < 0 || s+1 >= int64(len(t.starts)) {
		return none
	}
	lo, hi := int(t.starts[s]), int(t.starts[s+1])
	i := lo + sort.Search(hi-lo, func(i int) bool { return t.offs[lo+i] >= off })
	if i < len(t.offs) && t.offs[i] == off {
		return int32(i)
	}
	return none
}

// readHeaders sets kinds and foreign and gives the rank of each delta's base.
func (f *forest) readHeaders(workers int) []int32 {
	n := len(f.offs)
	parents := fillNone(n)
	table := newRankTable(f.offs, f.p.file.size)
	const stretch = 1 << 14
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := 0
	for range min(max(workers, 1), n/stretch+1) {
		wg.Go(func() {
			var buf []byte
			for {
				mu.Lock()
				from := next
				next = min(n, next+stretch)
				to := next
				mu.Unlock()
				if from == to {
					return
				}
				for rank := from; rank < to; rank++ {
					if base, ok := f.readHeader(int32(rank), table, parents, &buf); !ok {
						mu.Lock()
						f.foreign[int32(rank)] = base
						mu.Unlock()
					}
				}
			}
		})
	}
	wg.Wait()
	return parents
}

// readHeader reads one header; ok is false when its base is not in the pack.
func (f *forest) readHeader(rank int32, table *rankTable, parents []int32, buf *[]byte) (base hash, ok bool) {
	e, err := f.p.entry(f.offs[rank], buf)
	if err != nil {
		return base, true
	}
	switch e.kind {
	case kindOfsDelta:
		parents[rank] = table.rank(e.base)
		if parents[rank] != none {
			f.kinds[rank] = e.kind
		}
	case kindRefDelta:
		i, found := f.p.idx.find(e.ref)
		if !found {
			return toHash(e.ref), false
		}
		parents[rank] = table.rank(f.p.idx.offset(i))
		if parents[rank] != none {
			f.kinds[rank] = e.kind
		}
	default:
		f.kinds[rank] = e.kind
	}
	return base, true
}

// link makes lists of children, each in order of offset, and the list of roots.
func (f *forest) link(parents []int32) {
	for rank := len(parents) - 1; rank >= 0; rank-- {
		if base := parents[rank]; base != none {
			f.next[rank] = f.first[base]
			f.first[base] = int32(rank)
		}
	}
	for rank, base := range parents {
		if base == none {
			f.roots = append(f.roots, int32(rank))
		}
	}
}

// settle hands the roots' kinds down their trees and counts those. What it does
// not reach lies in a circle of bases.
func (f *forest) settle() {
	n := len(f.offs)
	order := make([]int32, len(f.roots), n)
	copy(order, f.roots)
	for i := 0; i < len(order); i++ {
		for c := f.first[order[i]]; c != none; c = f.next[c] {
			f.kinds[c] = f.kinds[order[i]]
			order = append(order, c)
		}
	}
	f.count = make([]int32, n)
	for i := len(order) - 1; i >= 0; i-- {
		rank := order[i]
		f.count[rank]++
		for c := f.first[rank]; c != none; c = f.next[c] {
			f.count[rank] += f.count[c]
		}
	}
	if len(order) == n {
		return
	}
	for rank := range f.count {
		if f.count[rank] == 0 {
			f.kinds[rank] = kindBad
			f.bad = append(f.bad, int32(rank))
		}
	}
}

func (f *forest) id(rank int32) []byte { return f.p.idx.id(int(f.rows[rank])) }

// end is where the object must have ended: at the next one.
func (f *forest) end(rank int32) int64 {
	for i := int(rank) + 1; i < len(f.offs); i++ {
		if f.offs[i] > f.offs[rank] {
			return min(f.offs[i], f.p.end)
		}
	}
	return f.p.end
}

// weight estimates the work of a tree: its root is inflated, and most of it is
// copied again for each object below.
func (f *forest) weight(rank int32) int64 {
	packed := f.end(rank) - f.offs[rank]
	return packed*4 + int64(f.count[rank]-1)*(packed/2+256)
}

// why tells why the kind of a root is not known.
func (f *forest) why(rank int32) error {
	if base, ok := f.foreign[rank]; ok {
		return fmt.Errorf("%w: base %s of a delta", ErrMissing, hexID(base[:f.p.hashLen]))
	}
	return errHeader
}

// errCircle is for deltas that are each other's base.
var errCircle = fmt.Errorf("%w: chain of deltas has no end", ErrCorrupt)

// markRepeated merges the packs' sorted ids to find those in several packs.
func markRepeated(fs []*forest) {
	seen := make([][]uint64, len(fs)) // a bit for each row of the index
	for i, f := range fs {
		seen[i] = make([]uint64, f.p.idx.len()/64+1)
	}
	for b := range 256 {
		mergeBucket(fs, byte(b), func(pack, row int) { seen[pack][row/64] |= 1 << (row % 64) })
	}
	for i, f := range fs {
		bits := seen[i]
		f.visited = func(rank int32) bool {
			row := f.rows[rank]
			return bits[row/64]&(1<<(row%64)) != 0
		}
	}
}

// A cursor stands at a row of one pack's index.
type cursor struct{ pack, row, end int }

// mergeBucket calls repeated for each row, of ids that start with b, whose id
// stands in an earlier pack or row.
func mergeBucket(fs []*forest, b byte, repeated func(pack, row int)) {
	var heap []cursor
	less := func(x, y cursor) bool {
		c := bytes.Compare(fs[x.pack].p.idx.id(x.row), fs[y.pack].p.idx.id(y.row))
		return c < 0 || c == 0 && x.pack < y.pack
	}
	down := func(i int) {
		for {
			k := 2*i + 1
			if k >= len(heap) {
				return
			}
			if k+1 < len(heap) && less(heap[k+1], heap[k]) {
				k++
			}
			if !less(heap[k], heap[i]) {
				return
			}
			heap[i], heap[k] = heap[k], heap[i]
			i = k
		}
	}
	for i, f := range fs {
		if lo, hi := f.p.idx.bucketOf(b); lo < hi {
			heap = append(heap, cursor{i, lo, hi})
		}
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		down(i)
	}
	var last []byte
	for len(heap) > 0 {
		top := &heap[0]
		id := fs[top.pack].p.idx.id(top.row)
		if last != nil && bytes.Compare(last, id) == 0 {
			repeated(top.pack, top.row)
		}
		last = id
		if top.row++; top.row == top.end {
			heap[0] = heap[len(heap)-1]
			heap = heap[:len(heap)-1]
		}
		down(0)
	}
}
