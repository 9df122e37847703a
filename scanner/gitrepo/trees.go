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
	intros  []intro
	heads   []int32 // by the first bits of a key, the first of the intros with such a child
	shift   int     // of a key's first half, to those bits
	zones   [][]zone
	refs    []zoneRef // of each node
	wanted  []int32   // nodes that the query wants and some tree names, ascending
	missing []hash    // that some tree names and the store lacks: nodes from s.nodes on
	gaps    []scanner.Gap
}

// An intro is an entry that a tree has and did not inherit: a directory, or what
// the query wants or the store lacks.
type intro struct {
	child     idKey
	next      int32 // of those with the same head
	tree, off int32 // node, and offset in it
	name      nameID
}

// An idKey is the first half of an id and more, which tells it from any other.
type idKey [2]uint64

func keyOf(id []byte) idKey {
	return idKey{binary.BigEndian.Uint64(id), binary.BigEndian.Uint64(id[8:])}
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
	maxMissing   = 1000     // missing objects that are told one by one
	maxAsked     = 1 << 16  // names of which a worker remembers whether they are wanted
)

// A treeQuery says which entries of trees matter; directories always do.
type treeQuery struct {
	blobs  []uint64 // a bit for each node
	name   func(base []byte) bool
	lost   map[hash]bool // objects that the store lacks
	filter []uint64      // a bit for the first bits of each id in blobs and lost
	shift  int           // of a key's first half, to those bits
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
	p := keyOf(id)[0] >> q.shift
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
	lost := &lostObjects{seen: make(map[hash]bool)}
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
	global := make(map[string]nameID)
	n := 0
	for _, t := range readers {
		t.check()
		n += t.intros.n
	}
	x.intros = make([]intro, 0, n)
	for _, t := range readers {
		renamed := t.rename(x, global)
		for in := range t.intros.all {
			in.name = renamed[in.name]
			x.intros = append(x.intros, in)
		}
		x.zones = append(x.zones, t.zones)
		x.wanted = append(x.wanted, t.wanted...)
		x.gaps = append(x.gaps, t.gaps...)
		if t.full {
			x.gaps = append(x.gaps, scanner.Gap{Reason: scanner.TooDeep, Detail: fmt.Sprintf("trees hold over %d names", maxNames)})
		}
		*t = treeReader{}
	}
	slices.Sort(x.wanted)
	x.wanted = slices.Compact(x.wanted)
	x.missing = lost.list
	x.link()
	return x, lost.files && len(lost.list) <= maxMissing && len(q.lost) == 0, nil
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

// link makes the lists of intros.
func (x *treeIndex) link() {
	// Twice as many heads as intros: most trees are in no other, which shows at once.
	n := bits.Len(uint(len(x.intros))) + 1
	x.shift = 64 - n
	x.heads = fillNone(1 << n)
	for i := range x.intros {
		in := &x.intros[i]
		head := &x.heads[in.child[0]>>x.shift]
		in.next, *head = *head, int32(i)
	}
}

// introsOf calls yield for each intro of a node.
func (x *treeIndex) introsOf(node int32, yield func(*intro)) {
	key := keyOf(x.id(node))
	for i := x.heads[key[0]>>x.shift]; i != none; i = x.intros[i].next {
		if in := &x.intros[i]; in.child == key {
			yield(in)
		}
	}
}

// id is the id of a node, missing ones included.
func (x *treeIndex) id(node int32) []byte {
	if i := node - x.s.nodes; i >= 0 {
		return x.missing[i][:x.s.hashLen]
	}
	return x.s.id(node)
}

// lostObjects lists the objects that trees name and the store lacks.
type lostObjects struct {
	mu    sync.Mutex
	seen  map[hash]bool
	list  []hash
	files bool // some are not named as directories
}

func (l *lostObjects) add(id []byte, file bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files = l.files || file
	if h := toHash(id); !l.seen[h] {
		l.seen[h] = true
		l.list = append(l.list, h)
	}
}
