package gitrepo

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sort"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// A treeReader reads trees for one worker.
type treeReader struct {
	x       *treeIndex
	q       *treeQuery
	worker  int
	hashLen int
	lost    *lostObjects
	intros  introList
	zones   []zone
	wanted  []int32
	names   []string
	numbers map[string]nameID
	asked   [1 << 12]struct { // what the query said last of names, by their sums
		sum    uint64
		wanted bool
	}
	gaps    []scanner.Gap
	full    bool // there were more names than can be numbered
	most    int  // intros
	crowded bool // there were more
	marks   []int32

	// Entries that were met last and need no more work: those next to a change are
	// met again and again. They go by a sum that nobody can foresee.
	seed maphash.Seed
	met  [1 << 13]struct {
		sum   uint64
		name  nameID // of a directory
		child int32  // as in an intro
	}

	// Ids to be looked up: of directories, then of files, each list one behind
	// another. The intros that wait for it are in the pieces from open on.
	unchecked [2][]byte
	nodes     []int32
	open      int
}

// An introList is intros in pieces, which need not be copied as it grows.
type introList struct {
	pieces [][]intro
	n      int
}

func (l *introList) add(in intro) {
	const piece = 1 << 12
	if l.n%piece == 0 {
		l.pieces = append(l.pieces, make([]intro, 0, piece))
	}
	last := &l.pieces[len(l.pieces)-1]
	*last = append(*last, in)
	l.n++
}

func (l *introList) all(yield func(*intro) bool) {
	for _, piece := range l.pieces {
		for i := range piece {
			if !yield(&piece[i]) {
				return
			}
		}
	}
}

// manyUnchecked is how many ids are looked up together.
const manyUnchecked = 1 << 15

// dirSum makes a directory's sum another than that of a file.
const dirSum = 0x9e3779b97f4a7c15

func newTreeReader(x *treeIndex, q *treeQuery, worker int, lost *lostObjects, seed maphash.Seed) *treeReader {
	return &treeReader{
		x: x, q: q, worker: worker, hashLen: x.s.hashLen, lost: lost, seed: seed,
		numbers: make(map[string]nameID), most: max(leastIntros, 16*int(x.s.nodes)),
	}
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
	data := o.data
	for at := 0; at < len(data); {
		for c < len(o.copies) && o.copies[c].Dst+o.copies[c].Len <= at {
			c++
		}
		inRun := parent != nil && c < len(o.copies) && o.copies[c].Dst <= at
		if inRun {
			if end := t.inherit(data, at, o.copies[c], parent, known); end > at {
				known = o.copies[c].Src + end - o.copies[c].Dst
				at = end
				continue
			}
		}
		mode, name, id, ok := entryAt(data, at, t.hashLen)
		if !ok {
			t.gaps = append(t.gaps, scanner.Gap{Object: hexID(o.id), Reason: scanner.Corrupt, Detail: "tree does not parse"})
			break
		}
		t.mark(at)
		end := id + t.hashLen
		if isTree(mode) {
			t.dir(o.node, int32(at), data[name:end])
		} else if isBlob(mode) {
			t.file(o.node, int32(at), data[name:end])
		}
		if inRun && o.copies[c].Src+at-o.copies[c].Dst == known && id <= o.copies[c].Dst+o.copies[c].Len {
			// The base has an entry of the same mode and name here, and only its id
			// differs. So the next entries start alike too.
			known += end - at
		}
		at = end
	}
	if n := len(t.zones) - zones; n > 0 {
		t.x.refs[o.node] = zoneRef(t.worker)<<56 | zoneRef(n)<<32 | zoneRef(zones)
	}
	if len(t.unchecked[0])+len(t.unchecked[1]) >= manyUnchecked*t.hashLen {
		t.check()
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
		_, _, id, ok := entryAt(data, end, t.hashLen)
		if !ok || id+t.hashLen > runEnd {
			break
		}
		end = id + t.hashLen
	}
	if end > at {
		t.zones = append(t.zones, zone{dst: int32(at), src: src, len: int32(end - at)})
	}
	return end
}

// Modes as they stand in trees, the first bytes of an entry as a number.
const (
	textDir        = 0x20_30_30_30_30_34    // "40000 "
	textFile       = 0x20_34_34_36_30_30_31 // "100644 "
	textExecutable = 0x20_35_35_37_30_30_31 // "100755 "
	sixBytes       = 1<<48 - 1
	sevenBytes     = 1<<56 - 1
)

// entryAt reads the entry of a tree that starts at at: mode in octal, space, name,
// zero, id. It tells where name and id start.
func entryAt(data []byte, at, hashLen int) (mode uint32, name, id int, ok bool) {
	if at+8 <= len(data) {
		switch v := binary.LittleEndian.Uint64(data[at:]); {
		case v&sixBytes == textDir:
			mode, name = ModeTree, at+6
		case v&sevenBytes == textFile:
			mode, name = ModeFile, at+7
		case v&sevenBytes == textExecutable:
			mode, name = ModeExecutable, at+7
		}
	}
	if name == 0 {
		i := at
		for ; i < len(data) && data[i] != ' '; i++ {
			if i-at > 6 || data[i] < '0' || data[i] > '7' {
				return 0, 0, 0, false
			}
			mode = mode<<3 | uint32(data[i]-'0')
		}
		name = min(i+1, len(data))
	}
	n := bytes.IndexByte(data[name:], 0)
	if n <= 0 || len(data)-name-n-1 < hashLen {
		return 0, 0, 0, false
	}
	return mode, name, name + n + 1, true
}

// dir notes a directory; text is its name, zero and id. Until check has looked the id
// up, its place among those to be looked up stands for the node, as a negative number.
func (t *treeReader) dir(tree, off int32, text []byte) {
	sum := maphash.Bytes(t.seed, text) ^ dirSum
	m := &t.met[sum%uint64(len(t.met))]
	if m.sum != sum {
		m.sum, m.name = sum, t.number(text[:len(text)-t.hashLen-1])
		m.child = ^int32(len(t.unchecked[0]) / t.hashLen)
		t.unchecked[0] = append(t.unchecked[0], text[len(text)-t.hashLen:]...)
	}
	t.intro(intro{child: m.child, tree: tree, off: off, name: m.name})
}

// intro notes an entry. A pack of a megabyte can inflate to trees of millions.
func (t *treeReader) intro(in intro) {
	if t.crowded = t.crowded || t.intros.n >= t.most; !t.crowded {
		t.intros.add(in)
	}
}

// file notes a file if it matters.
func (t *treeReader) file(tree, off int32, text []byte) {
	sum := maphash.Bytes(t.seed, text)
	m := &t.met[sum%uint64(len(t.met))]
	if m.sum == sum {
		return
	}
	name, id := text[:len(text)-t.hashLen-1], text[len(text)-t.hashLen:]
	if node, ok := t.matters(name, id); ok {
		t.intro(intro{child: node, tree: tree, off: off, name: t.number(name)})
		return
	}
	m.sum = sum
	t.unchecked[1] = append(t.unchecked[1], id...)
}

// matters tells whether a file is one that is asked for, and notes it.
func (t *treeReader) matters(name, id []byte) (node int32, ok bool) {
	named := t.named(name)
	if !named && !t.q.may(id) {
		return none, false
	}
	node, ok = t.x.s.node(id)
	switch {
	case ok && (named || t.q.wants(node)):
		t.wanted = append(t.wanted, node)
		return node, true
	case !ok && t.q.lost[toHash(id)]:
		return t.x.s.nodes + t.lost.add(id, true), true
	}
	return none, false
}

// check looks up what was named, and notes what the store lacks.
func (t *treeReader) check() {
	t.lookUp(1)
	nodes := t.lookUp(0)
	for _, piece := range t.intros.pieces[t.open:] {
		for i := range piece {
			if in := &piece[i]; in.child < 0 {
				in.child = nodes[^in.child]
			}
		}
	}
	t.open = max(0, len(t.intros.pieces)-1) // the last one is added to
	for i := range t.met {
		if m := &t.met[i]; m.child < 0 {
			m.child = nodes[^m.child]
		}
	}
}

// lookUp gives the nodes of one of the lists of ids and empties it.
func (t *treeReader) lookUp(list int) []int32 {
	ids := t.unchecked[list]
	t.nodes = t.x.s.nodesOf(ids, t.nodes)
	for i, node := range t.nodes {
		if node == none {
			t.nodes[i] = t.x.s.nodes + t.lost.add(ids[i*t.hashLen:(i+1)*t.hashLen], list == 1)
		}
	}
	t.unchecked[list] = ids[:0]
	return t.nodes
}

// named tells whether the query wants what has such a name. Trees hold few
// different names, and each in many versions.
func (t *treeReader) named(base []byte) bool {
	if t.q.name == nil {
		return false
	}
	sum := maphash.Bytes(t.seed, base)
	a := &t.asked[sum%uint64(len(t.asked))]
	if a.sum != sum {
		a.sum, a.wanted = sum, t.q.name(base)
	}
	return a.wanted
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
