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
	asked   map[string]bool // what the query said of names
	gaps    []scanner.Gap
	full    bool // there were more names than can be numbered
	marks   []int32

	// Entries that were met last and need no more work: those next to a change are
	// met again and again. They go by a sum that nobody can foresee.
	seed maphash.Seed
	met  [1 << 13]struct {
		sum  uint64
		name nameID // of a directory
	}

	// Ids of which it is to be seen yet that the store has them: of directories,
	// then of files, each list one behind another.
	unchecked [2][]byte
	nodes     []int32
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

func (l *introList) all(yield func(intro) bool) {
	for _, piece := range l.pieces {
		for _, in := range piece {
			if !yield(in) {
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
		numbers: make(map[string]nameID), asked: make(map[string]bool),
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

// dir notes a directory; text is its name, zero and id.
func (t *treeReader) dir(tree, off int32, text []byte) {
	id := text[len(text)-t.hashLen:]
	sum := maphash.Bytes(t.seed, text) ^ dirSum
	m := &t.met[sum%uint64(len(t.met))]
	if m.sum != sum {
		m.sum, m.name = sum, t.number(text[:len(text)-t.hashLen-1])
		t.unchecked[0] = append(t.unchecked[0], id...)
	}
	t.intros.add(intro{child: keyOf(id), tree: tree, off: off, name: m.name})
}

// file notes a file if it matters.
func (t *treeReader) file(tree, off int32, text []byte) {
	sum := maphash.Bytes(t.seed, text)
	m := &t.met[sum%uint64(len(t.met))]
	if m.sum == sum {
		return
	}
	name, id := text[:len(text)-t.hashLen-1], text[len(text)-t.hashLen:]
	if t.matters(name, id) {
		t.intros.add(intro{child: keyOf(id), tree: tree, off: off, name: t.number(name)})
		return
	}
	m.sum = sum
	t.unchecked[1] = append(t.unchecked[1], id...)
}

// matters tells whether a file is one that is asked for, and notes it.
func (t *treeReader) matters(name, id []byte) bool {
	named := t.named(name)
	if !named && !t.q.may(id) {
		return false
	}
	node, ok := t.x.s.node(id)
	switch {
	case ok && (named || t.q.wants(node)):
		t.wanted = append(t.wanted, node)
		return true
	case !ok && t.q.lost[toHash(id)]:
		t.lost.add(id, true)
		return true
	}
	return false
}

// check looks for what was named, and notes what the store lacks.
func (t *treeReader) check() {
	for k, ids := range t.unchecked {
		t.nodes = t.x.s.nodesOf(ids, t.nodes)
		for i, node := range t.nodes {
			if node == none {
				t.lost.add(ids[i*t.hashLen:(i+1)*t.hashLen], k == 1)
			}
		}
		t.unchecked[k] = ids[:0]
	}
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
