package gitrepo

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/credgate/credgate/scanner"
)

// A store is all objects of a repository, numbered: those of each pack by their
// rank in it, then the loose ones. A number is called a node. An object in several
// packs goes by its number in the first. As git packs what belongs together side by
// side, what is kept by node is met about in the order in which it lies in memory.
type store struct {
	forests    []*forest
	loose      []looseObject
	looseNodes map[hash]int32
	nodes      int32 // how many there are
	hashLen    int
	gaps       []scanner.Gap
}

// number reads the headers of all packs and lists the loose objects, once.
func (r *Repo) number(workers int) *store {
	r.once.Do(func() {
		s := &r.store
		s.hashLen = r.hashLen
		for _, p := range r.packs {
			if int64(s.nodes)+int64(p.idx.len()) > math.MaxInt32/2 {
				s.gaps = append(s.gaps, scanner.Gap{Reason: scanner.TooDeep, Detail: fmt.Sprintf("pack %s: over %d objects in all", p.name(), math.MaxInt32/2)})
				continue
			}
			p.idx.refine(1)
			f := r.newForest(p, workers)
			f.base = s.nodes
			s.nodes += int32(p.idx.len())
			s.forests = append(s.forests, f)
		}
		if len(s.forests) > 1 {
			markRepeated(s.forests)
		}
		loose, gaps := r.looseObjects()
		s.gaps = append(s.gaps, gaps...)
		s.loose, s.looseNodes = loose, make(map[hash]int32, len(loose))
		for i := range loose {
			loose[i].node = s.nodes
			s.looseNodes[loose[i].id] = s.nodes
			s.nodes++
		}
	})
	return &r.store
}

// node finds the number of an object.
func (s *store) node(id []byte) (int32, bool) {
	for _, f := range s.forests {
		if i, ok := f.p.idx.find(id); ok {
			return f.base + f.ranks[i], true
		}
	}
	if len(s.loose) > 0 {
		n, ok := s.looseNodes[toHash(id)]
		return n, ok
	}
	return 0, false
}

// nodesOf finds the numbers of objects whose ids stand one behind another, none for
// what is not there; buf is memory to use. It looks for them in about the order of
// the indexes and some at once, where one after the other would wait for memory
// each time.
func (s *store) nodesOf(ids []byte, buf []int32) []int32 {
	const digit = 12 // bits
	n := len(ids) / s.hashLen
	var starts [1<<digit + 1]int32
	first := func(i int) uint64 { return binary.BigEndian.Uint64(ids[i*s.hashLen:]) >> (64 - digit) }
	for i := range n {
		starts[first(i)+1]++
	}
	for d := range 1 << digit {
		starts[d+1] += starts[d]
	}
	order := make([]int32, n)
	for i := range n {
		at := &starts[first(i)]
		order[*at] = int32(i)
		*at++
	}
	nodes := grow(buf, n)
	for some := range slices.Chunk(order, together) {
		for _, f := range s.forests {
			some = f.nodesOf(ids, some, nodes)
		}
		for _, i := range some {
			nodes[i] = none
			if node, ok := s.looseNodes[toHash(ids[int(i)*s.hashLen:][:s.hashLen])]; ok {
				nodes[i] = node
			}
		}
	}
	return nodes
}

// nodesOf sets the numbers of some of ids, and gives those that are not in the pack
// in the memory of some.
func (f *forest) nodesOf(ids []byte, some, nodes []int32) (rest []int32) {
	var rows [together]int32
	f.p.idx.findSome(ids, some, &rows)
	rest = some[:0]
	for k, i := range some {
		if rows[k] == none {
			rest = append(rest, i)
		} else {
			nodes[i] = f.base + f.ranks[rows[k]]
		}
	}
	return rest
}

// id is the id of a node.
func (s *store) id(node int32) []byte {
	for _, f := range s.forests {
		if i := node - f.base; i < int32(f.p.idx.len()) {
			return f.id(i)
		}
	}
	o := &s.loose[node-s.loose[0].node]
	return o.id[:s.hashLen]
}

// forests gives the forests of all packs but those to skip. An object that also
// stands in a pack that is skipped is not visited again.
func (r *Repo) forests(skip func(name string) bool, workers int) []*forest {
	s := r.number(workers)
	if skip == nil {
		return s.forests
	}
	var skipped, rest []*forest
	for _, f := range s.forests {
		c := *f
		if skip(f.p.name()) {
			skipped = append(skipped, &c)
		} else {
			rest = append(rest, &c)
		}
	}
	if len(skipped) > 0 && len(rest) > 0 {
		// Of an object in two packs the first is visited, which shall be the
		// skipped one.
		markRepeated(append(skipped, rest...))
	}
	return rest
}
