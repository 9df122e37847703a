package gitrepo

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
	"strings"
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
	heads   []int32   // of each node, the first of the intros that it is the child of
	nexts   []int32   // of each intro, the next of the same child
	zones   [][]zone  // by worker
	refs    []zoneRef // of each node
	missing []hash    // that some tree names and the store lacks: nodes from s.nodes on
	gaps    []scanner.Gap
}

// An intro is an entry that a tree has and did not inherit.
type intro struct {
	child, tree int32 // nodes
	off         int32 // in the tree
	name        nameID
	dir         bool
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
	blobs []uint64 // a bit for each node
	name  func(base []byte) bool
}

func (q *treeQuery) wants(node int32) bool { return q.blobs[node/64]&(1<<(node%64)) != 0 }

// indexTrees reads all trees of the store.
func (r *Repo) indexTrees(ctx context.Context, workers int, q *treeQuery) (*treeIndex, error) {
	x := &treeIndex{s: r.number(workers)}
	workers = min(workers, maxTreeUsers)
	x.refs = make([]zoneRef, x.s.nodes)
	var readers []*treeReader
	lost := &lostObjects{nodes: make(map[hash]int32), first: x.s.nodes}
	w := newWalk(r, WalkOptions{Workers: workers, MaxObject: maxTree}, kindTree, func(i int) func(*found, []int32) []int32 {
		t := &treeReader{x: x, q: q, worker: i, numbers: make(map[string]nameID), asked: make(map[string]bool), hashLen: r.hashLen, lost: lost}
		readers = append(readers, t)
		return t.read
	})
	_, gaps, err := w.run(ctx)
	if err != nil {
		return nil, err
	}
	x.gaps = gaps
	global := make(map[string]nameID)
	for _, t := range readers {
		t.rename(x, global)
		x.intros = append(x.intros, t.intros...)
		x.zones = append(x.zones, t.zones)
		x.gaps = append(x.gaps, t.gaps...)
		if t.full {
			x.gaps = append(x.gaps, scanner.Gap{Reason: scanner.TooDeep, Detail: fmt.Sprintf("trees hold over %d names", maxNames)})
		}
	}
	x.missing = lost.list
	x.heads, x.nexts = fillNone(int(x.s.nodes)+len(x.missing)), make([]int32, len(x.intros))
	for i := range x.intros {
		child := x.intros[i].child
		x.nexts[i] = x.heads[child]
		x.heads[child] = int32(i)
	}
	return x, nil
}

// rename gives a worker's names their numbers in the whole index.
func (t *treeReader) rename(x *treeIndex, global map[string]nameID) {
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
	for i := range t.intros {
		t.intros[i].name = renamed[t.intros[i].name]
	}
}

// lostObjects numbers the objects that trees name and the store lacks.
type lostObjects struct {
	mu    sync.Mutex
	nodes map[hash]int32
	list  []hash
	first int32
}

func (l *lostObjects) node(id []byte) int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := toHash(id)
	n, ok := l.nodes[h]
	if !ok {
		n = l.first + int32(len(l.list))
		l.nodes[h] = n
		l.list = append(l.list, h)
	}
	return n
}

// A treeReader reads trees for one worker.
type treeReader struct {
	x       *treeIndex
	q       *treeQuery
	worker  int
	hashLen int
	lost    *lostObjects
	intros  []intro
	zones   []zone
	names   []string
	numbers map[string]nameID
	gaps    []scanner.Gap
	full    bool // there were more names than can be numbered

	// The ids looked up last: entries next to a change are met again and again.
	seenIDs   [1 << 14][2]uint64 // their first 16 bytes
	seenNodes [1 << 14]int32
	marks     []int32
	asked     map[string]bool // what the query said of names
}

// markStep is about how far apart the marks of a tree are: some of the offsets at
// which an entry starts, in order, the first being 0. A tree made from it finds by
// them where in a copied run the entries start, without reading the run.
const markStep = 128

// read finds the entries of a tree that do not stand in its base, whose marks it
// is given, and gives its own marks.
func (t *treeReader) read(o *found, parent []int32) []int32 {
	t.marks = t.marks[:0]
	zones := len(t.zones)
	c := 0
	known := 0 // an offset at which an entry of the base starts, or its end
	for at := 0; at < len(o.data); {
		for c < len(o.copies) && o.copies[c].Dst+o.copies[c].Len <= at {
			c++
		}
		inRun := parent != nil && c < len(o.copies) && o.copies[c].Dst <= at
		if inRun {
			if end := t.inherit(o.data, at, o.copies[c], parent, known); end > at {
				known = o.copies[c].Src + end - o.copies[c].Dst
				at = end
				continue
			}
		}
		e, rest, ok := cutEntry(o.data[at:], t.hashLen)
		if !ok {
			t.gaps = append(t.gaps, scanner.Gap{Object: hexID(o.id), Reason: scanner.Corrupt, Detail: "tree does not parse"})
			break
		}
		t.mark(at)
		t.entry(o.node, int32(at), &e)
		end := len(o.data) - len(rest)
		if inRun && o.copies[c].Src+at-o.copies[c].Dst == known && end-t.hashLen <= o.copies[c].Dst+o.copies[c].Len {
			// The base has an entry of the same mode and name here, and only its id
			// differs. So the next entries start alike too.
			known += end - at
		}
		at = end
	}
	if n := len(t.zones) - zones; n > 0 {
		t.x.refs[o.node] = zoneRef(t.worker)<<56 | zoneRef(n)<<32 | zoneRef(zones)
	}
	if o.leaf {
		return nil
	}
	return append(make([]int32, 0, len(t.marks)), t.marks...)
}

func (t *treeReader) mark(at int) {
	if n := len(t.marks); n == 0 || at-int(t.marks[n-1]) >= markStep {
		t.marks = append(t.marks, int32(at))
	}
}

// inherit adds a zone if the entry at at is known to start one of the base in the
// copied run, by the base's marks or as the offset known, and gives the zone's
// end. Two trees that hold the same bytes need not divide them alike; from a
// common start on they do.
func (t *treeReader) inherit(data []byte, at int, run scanner.Copy, parent []int32, known int) int {
	src := int32(run.Src + at - run.Dst)
	k, ok := slices.BinarySearch(parent, src)
	if !ok && int(src) != known {
		return at
	}
	runEnd := run.Dst + run.Len
	shift := run.Dst - run.Src
	last := k + sort.Search(len(parent)-k, func(i int) bool { return int(parent[k+i])+shift > runEnd }) - 1
	for _, m := range parent[k : last+1] {
		t.mark(int(m) + shift)
	}
	end := at
	if last >= k {
		end = int(parent[last]) + shift
	}
	for end < runEnd {
		n := entryLen(data[end:], t.hashLen)
		if n == 0 || end+n > runEnd {
			break
		}
		end += n
	}
	if end > at {
		t.zones = append(t.zones, zone{dst: int32(at), src: src, len: int32(end - at)})
	}
	return end
}

// entryLen is the length of the entry that data starts with, 0 if it does not parse.
func entryLen(data []byte, hashLen int) int {
	_, rest, ok := cutEntry(data, hashLen)
	if !ok {
		return 0
	}
	return len(data) - len(rest)
}

// entry notes an entry if it matters.
func (t *treeReader) entry(tree, off int32, e *rawEntry) {
	dir := isTree(e.mode)
	if !dir && !isBlob(e.mode) {
		return
	}
	node := t.node(e.id)
	if !dir && node < t.x.s.nodes && !t.q.wants(node) && !t.named(e.name) {
		return
	}
	t.intros = append(t.intros, intro{child: node, tree: tree, off: off, name: t.number(e.name), dir: dir})
}

// named tells whether the query wants what has such a name. Trees hold few
// different names, and each in many versions.
func (t *treeReader) named(base []byte) bool {
	if t.q.name == nil {
		return false
	}
	wanted, ok := t.asked[string(base)]
	if !ok {
		wanted = t.q.name(base)
		if len(t.asked) < maxAsked {
			t.asked[string(base)] = wanted
		}
	}
	return wanted
}

func (t *treeReader) node(id []byte) int32 {
	key := [2]uint64{binary.LittleEndian.Uint64(id), binary.LittleEndian.Uint64(id[8:])}
	slot := key[0] % uint64(len(t.seenIDs))
	if t.seenIDs[slot] == key && key[0] != 0 {
		return t.seenNodes[slot]
	}
	node, ok := t.x.s.node(id)
	if !ok {
		return t.lost.node(id)
	}
	t.seenIDs[slot], t.seenNodes[slot] = key, node
	return node
}

func (t *treeReader) number(name []byte) nameID {
	if n, ok := t.numbers[string(name)]; ok {
		return n
	}
	if len(t.names) == maxNames {
		t.full = true
		return 0
	}
	n := nameID(len(t.names))
	s := strings.Clone(string(name))
	t.names = append(t.names, s)
	t.numbers[s] = n
	return n
}
