package detect

import "slices"

// A lexicon finds all of a list of keywords in one pass over the bytes, ASCII
// letters folded. Each byte shifts a class of six bits into a window of three,
// and one bit of a table says whether any keyword begins so: unlike the states of
// an automaton (Aho and Corasick 1975), no step waits for a load of the last. Of
// the few places that pass, a trie tells the keywords.
type lexicon struct {
	class   [256]uint8       // 0 is a byte in no keyword
	exact   bool             // no two bytes but letters of both cases share a class
	first   *[1 << 12]uint64 // a bit for each triple of classes
	starts  []uint16         // by triple: index into entries
	entries []entry          // 0 is none
	nodes   []node           // 0 is the root
	roots   [256]uint32      // the root's kids by byte
	longest int              // bytes of the longest keyword
}

// entry is what the first three bytes of a place tell.
type entry struct {
	short   []uint32 // keywords of one or two bytes
	next    uint64   // a bit for each class that may follow
	node    uint32   // after three bytes; 0: none
	keyword int32    // that ends there; -1: none
}

// node is a byte of a trie: its first kid and next sibling are numbers of nodes.
type node struct {
	kid, sib uint32
	keyword  int32 // -1: none ends here
	byte     byte
}

const (
	classBits  = 6
	maxClass6  = 1<<classBits - 1
	tripleMask = 1<<(3*classBits) - 1
)

func fold(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// newLexicon makes the lexicon of keywords, which are distinct, not empty and in
// lower case.
func newLexicon(keywords []string) *lexicon {
	x := &lexicon{
		exact: true, first: new([1 << 12]uint64), starts: make([]uint16, tripleMask+1),
		entries: []entry{{keyword: -1}}, nodes: []node{{keyword: -1}},
	}
	last := uint8(0)
	for i, k := range keywords {
		at := uint32(0)
		for j := range len(k) {
			c := fold(k[j])
			if x.class[c] == 0 {
				if last == maxClass6 {
					x.exact = false // the last class is shared
				} else {
					last++
				}
				x.class[c] = last
			}
			at = x.grow(at, c)
		}
		x.nodes[at].keyword = int32(i)
		x.longest = max(x.longest, len(k))
	}
	for c := range x.class {
		x.class[c] = x.class[fold(byte(c))]
		x.roots[c] = x.kid(0, fold(byte(c)))
	}
	x.index()
	return x
}

// grow gives the kid of a node, made if need be.
func (x *lexicon) grow(at uint32, c byte) uint32 {
	if kid := x.kid(at, c); kid != 0 {
		return kid
	}
	x.nodes = append(x.nodes, node{sib: x.nodes[at].kid, keyword: -1, byte: c})
	x.nodes[at].kid = uint32(len(x.nodes) - 1)
	return x.nodes[at].kid
}

func (x *lexicon) kid(at uint32, c byte) uint32 {
	k := x.nodes[at].kid
	for k != 0 && x.nodes[k].byte != c {
		k = x.nodes[k].sib
	}
	return k
}

// kids gives the kids of a node.
func (x *lexicon) kids(at uint32) []uint32 {
	var list []uint32
	for k := x.nodes[at].kid; k != 0; k = x.nodes[k].sib {
		list = append(list, k)
	}
	return list
}

// index enters the first three bytes of all keywords. A keyword of fewer bytes is
// entered with every class in place of those it lacks.
func (x *lexicon) index() {
	for _, a := range x.kids(0) {
		one := x.short(nil, a)
		ca := uint32(x.class[x.nodes[a].byte]) << (2 * classBits)
		if len(one) > 0 {
			for rest := range uint32(1 << (2 * classBits)) {
				x.enter(ca|rest, one, 0)
			}
		}
		for _, b := range x.kids(a) {
			two := x.short(one, b)
			cb := ca | uint32(x.class[x.nodes[b].byte])<<classBits
			if len(two) > len(one) {
				for rest := range uint32(1 << classBits) {
					x.enter(cb|rest, two, 0)
				}
			}
			for _, c := range x.kids(b) {
				x.enter(cb|uint32(x.class[x.nodes[c].byte]), two, c)
			}
		}
	}
}

func (x *lexicon) short(list []uint32, at uint32) []uint32 {
	if k := x.nodes[at].keyword; k >= 0 {
		return append(list[:len(list):len(list)], uint32(k))
	}
	return list
}

func (x *lexicon) enter(triple uint32, short []uint32, node uint32) {
	x.first[triple>>6] |= 1 << (triple & 63)
	if old := x.entries[x.starts[triple]]; node == 0 && old.node != 0 {
		node = old.node
	}
	e := x.entry(short, node)
	node = e.node
	if node == 0 && len(x.entries) > 1 { // runs of equal entries are one
		if last := x.entries[len(x.entries)-1]; last.node == e.node && slices.Equal(last.short, short) {
			x.starts[triple] = uint16(len(x.entries) - 1)
			return
		}
	}
	if len(x.entries) > 1<<16-1 {
		x.exact = false // the trie is asked from its root
		return
	}
	x.starts[triple] = uint16(len(x.entries))
	x.entries = append(x.entries, e)
}

func (x *lexicon) entry(short []uint32, node uint32) entry {
	e := entry{short: short, node: node, keyword: -1}
	if node == 0 {
		return e
	}
	e.keyword = x.nodes[node].keyword
	for _, k := range x.kids(node) {
		e.next |= 1 << x.class[x.nodes[k].byte]
	}
	return e
}

// find appends the keywords that lie whole in data[from:to], in order of start,
// then of length.
func (x *lexicon) find(data []byte, from, to int, found []word) []word {
	h := uint32(0)
	first := x.first
	for i, c := range data[from:to] {
		h = (h<<classBits | uint32(x.class[c])) & tripleMask
		if first[h>>6]>>(h&63)&1 != 0 {
			if at := from + i - 2; at >= from {
				found = x.match(h, data, at, to, found)
			}
		}
	}
	// The last two places have no three bytes; what follows is in no keyword.
	for at := max(from, to-2); at < to; at++ {
		found = x.walk(data, at, to, found)
	}
	return found
}

// match appends the keywords that begin at at, of which triple is the classes.
func (x *lexicon) match(triple uint32, data []byte, at, to int, found []word) []word {
	if !x.exact {
		return x.walk(data, at, to, found)
	}
	e := &x.entries[x.starts[triple]]
	for _, k := range e.short {
		found = append(found, word{uint32(at), k * 2})
	}
	if e.keyword >= 0 {
		found = append(found, word{uint32(at), uint32(e.keyword) * 2})
	}
	if at+3 >= to || e.next>>x.class[data[at+3]]&1 == 0 {
		return found
	}
	n := x.kid(e.node, fold(data[at+3]))
	if n == 0 {
		return found
	}
	return x.descend(n, data, at, at+4, to, found)
}

// walk is match from the root.
func (x *lexicon) walk(data []byte, at, to int, found []word) []word {
	n := x.roots[data[at]]
	if n == 0 {
		return found
	}
	return x.descend(n, data, at, at+1, to, found)
}

// descend appends the keywords at node n, which is that of data[at:next], and
// below it.
func (x *lexicon) descend(n uint32, data []byte, at, next, to int, found []word) []word {
	for {
		nd := &x.nodes[n]
		if nd.keyword >= 0 {
			found = append(found, word{uint32(at), uint32(nd.keyword) * 2})
		}
		if next >= to || nd.kid == 0 {
			return found
		}
		if n = x.kid(n, fold(data[next])); n == 0 {
			return found
		}
		next++
	}
}

// has tells whether any keyword stands in b.
func (x *lexicon) has(b []byte) bool {
	var space [8]word
	for i := range b {
		if len(x.walk(b, i, len(b), space[:0])) > 0 {
			return true
		}
	}
	return false
}
