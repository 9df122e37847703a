package gitrepo

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"
	"sync"

	"github.com/credgate/credgate/scanner"
)

// A treeIndex is what the trees of a store hold, as far as it was asked for, told
// the way a pack tells it: what a tree has of its delta base is not told again.
// A tree's entries are those introduced in it, and those of its base that lie in
// a zone. So it is as small as the deltas are, though trees name the same entries
// again in every version.
type treeIndex struct {
	s       *store
	names   []string // of entries, each once
	intros  []intro  // by child
	starts  []int32  // of each child's intros; one more at the end
	zones   [][]zone
	refs    []zoneRef // of each node
	wanted  []int32   // nodes that the query wants and some tree names, ascending
	missing []hash    // that some tree names and the store lacks: nodes from s.nodes on
	gaps    []scanner.Gap
}

// An intro is an entry that a tree has and did not inherit: a directory, or what
// the query wants or the store lacks.
type intro struct {
	child     int32 // node; while it is not looked up, see treeReader.dir
	tree, off int32 // node, and offset in it
	name      nameID
}

// A nameID is a name's place in treeIndex.names; while trees are read, in those of
// one worker.
type nameID int32

// A zone is a run of whole entries that stand unchanged in the delta base.
type zone struct{ dst, src, len int32 }

// A zoneRef tells which zones are a tree's: worker, count, start.
type zoneRef uint64

func (z zoneRef) worker() int { return int(z >> 56) }
func (z zoneRef) count() int  { return int(z >> 32 & (1<<24 - 1)) }
func (z zoneRef) start() int  { return int(z & (1<<32 - 1)) }

const (
	maxTree      = 64 << 20 // bytes of a tree
	maxTreeUsers = 1 << 8   // workers, as many as a zoneRef can tell apart
	maxNames     = 1 << 26  // different names of entries
	leastIntros  = 16 << 20 // entries that a worker may note in a small store; else 16 for each object
	maxMissing   = 1000     // missing objects that are told one by one
)

// A treeQuery says which entries of trees matter; directories always do.
type treeQuery struct {
	blobs  []uint64 // a bit for each node
	name   func(base []byte) bool
	lost   map[hash]bool // objects that the store lacks
	filter []uint64      // a bit for the first bits of each id in blobs and lost
	shift  int           // of an id's first eight bytes, to those bits
}

// newTreeQuery wants some nodes of a store, objects that it lacks, and names.
func newTreeQuery(s *store, nodes []int32, lost []hash, name func(base []byte) bool) *treeQuery {
	n := max(6, bits.Len(uint(len(nodes)+len(lost)))+5)
	q := &treeQuery{blobs: make([]uint64, s.nodes/64+1), filter: make([]uint64, 1<<(n-6)), shift: 64 - n, name: name, lost: make(map[hash]bool)}
	for _, node := range nodes {
		q.blobs[node/64] |= 1 << (node % 64)
		q.expect(s.id(node))
	}
	for _, h := range lost {
		q.lost[h] = true
		q.expect(h[:])
	}
	return q
}

func (q *treeQuery) expect(id []byte) {
	p := binary.BigEndian.Uint64(id) >> q.shift
	q.filter[p/64] |= 1 << (p % 64)
}

func (q *treeQuery) wants(node int32) bool { return q.blobs[node/64]&(1<<(node%64)) != 0 }

// may tells whether an id may be wanted; mostly it is not.
func (q *treeQuery) may(id []byte) bool {
	p := binary.BigEndian.Uint64(id) >> q.shift
	return q.filter[p/64]&(1<<(p%64)) != 0
}

// indexTrees reads all trees of the store: twice where some of the files that they
// name are missing, as only then it knows what to look for.
func (r *Repo) indexTrees(ctx context.Context, workers int, nodes []int32, name func(base []byte) bool) (*treeIndex, error) {
	s := r.number(workers)
	x, again, err := r.readTrees(ctx, workers, newTreeQuery(s, nodes, nil, name))
	if err != nil || !again {
		return x, err
	}
	x, _, err = r.readTrees(ctx, workers, newTreeQuery(s, nodes, x.missing, name))
	return x, err
}

// readTrees is indexTrees for what is known to be asked for. It tells whether
// there are files that are missing and that the query did not know of.
func (r *Repo) readTrees(ctx context.Context, workers int, q *treeQuery) (x *treeIndex, again bool, err error) {
	x = &treeIndex{s: r.number(workers)}
	workers = min(workers, maxTreeUsers)
	x.refs = make([]zoneRef, x.s.nodes)
	var readers []*treeReader
	lost := &lostObjects{seen: make(map[hash]int32)}
	seed := maphash.MakeSeed()
	w := newWalk(r, WalkOptions{Workers: workers, MaxObject: maxTree}, kindTree, func(i int) func(*found, []int32) []int32 {
		t := newTreeReader(x, q, i, lost, seed)
		readers = append(readers, t)
		return t.read
	})
	_, gaps, err := w.run(ctx)
	if err != nil {
		return nil, false, err
	}
	x.gaps = gaps
	for _, t := range readers {
		t.check()
	}
	x.missing = lost.list
	x.join(readers)
	return x, lost.files && len(lost.list) <= maxMissing && len(q.lost) == 0, nil
}

// join puts together what the workers found.
func (x *treeIndex) join(readers []*treeReader) {
	x.starts = make([]int32, int(x.s.nodes)+len(x.missing)+1)
	n := 0
	for _, t := range readers {
		n += t.intros.n
		for in := range t.intros.all {
			x.starts[in.child]++
		}
	}
	sum := int32(0)
	for i, count := range x.starts {
		x.starts[i] = sum
		sum += count
	}
	x.intros = make([]intro, n)
	global := make(map[string]nameID)
	for _, t := range readers {
		renamed := t.rename(x, global)
		for in := range t.intros.all {
			at := &x.starts[in.child]
			x.intros[*at] = *in
			x.intros[*at].name = renamed[in.name]
			*at++
		}
		x.zones = append(x.zones, t.zones)
		x.wanted = append(x.wanted, t.wanted...)
		x.gaps = append(x.gaps, t.gaps...)
		if t.full {
			x.gaps = append(x.gaps, scanner.Gap{Reason: scanner.TooDeep, Detail: fmt.Sprintf("trees hold over %d names", maxNames)})
		}
		if t.crowded {
			x.gaps = append(x.gaps, scanner.Gap{Reason: scanner.TooDeep, Detail: fmt.Sprintf("trees name over %d directories and files that matter", t.most)})
		}
		*t = treeReader{}
	}
	// Each is now where the next one starts.
	copy(x.starts[1:], x.starts)
	x.starts[0] = 0
	slices.Sort(x.wanted)
	x.wanted = slices.Compact(x.wanted)
}

// rename gives a worker's names their numbers in the whole index.
func (t *treeReader) rename(x *treeIndex, global map[string]nameID) []nameID {
	renamed := make([]nameID, len(t.names))
	for i, s := range t.names {
		n, ok := global[s]
		if !ok {
			n = nameID(len(x.names))
			global[s] = n
			x.names = append(x.names, s)
		}
		renamed[i] = n
	}
	return renamed
}

// introsOf are the intros of a node.
func (x *treeIndex) introsOf(node int32) []intro {
	return x.intros[x.starts[node]:x.starts[node+1]]
}

// lostObjects lists the objects that trees name and the store lacks.
type lostObjects struct {
	mu    sync.Mutex
	seen  map[hash]int32
	list  []hash
	files bool // some are not named as directories
}

// add gives an object's place in the list.
func (l *lostObjects) add(id []byte, file bool) int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files = l.files || file
	h := toHash(id)
	i, ok := l.seen[h]
	if !ok {
		i = int32(len(l.list))
		l.seen[h] = i
		l.list = append(l.list, h)
	}
	return i
}
