package detect

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// A lexicon finds all of a list of keywords in one pass over the bytes, ASCII
// letters folded. Each byte shifts a class of six bits into a window of three,
// and one bit of a table says whether any keyword is known by these three: unlike
// the states of an automaton (Aho and Corasick 1975), no step waits for a load of
// the last. A keyword is known by the three of its bytes that are rarest in text,
// wherever they stand in it, so that few places pass.
type lexicon struct {
	class   [256]uint8       // 0 is a byte in no keyword; the last may be shared
	first   *[1 << 12]uint64 // a bit for each triple of classes
	starts  []uint32         // by triple: index into lists
	lists   [][]probe        // lists[0] is empty
	tail    []probe          // keywords of fewer than three bytes
	longest int              // bytes of the longest keyword
}

// A probe is a keyword to compare with, at so many bytes before a triple.
type probe struct {
	text    string
	before  int
	keyword uint32
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
	x := &lexicon{first: new([1 << 12]uint64), starts: make([]uint32, tripleMask+1), lists: make([][]probe, 1)}
	last := uint8(0)
	for _, k := range keywords {
		for j := range len(k) {
			c := fold(k[j])
			if x.class[c] == 0 {
				last = min(last+1, maxClass6)
				x.class[c] = last
			}
		}
		x.longest = max(x.longest, len(k))
	}
	for c := range x.class {
		x.class[c] = x.class[fold(byte(c))]
	}
	for i, k := range keywords {
		x.enter(probe{text: k, keyword: uint32(i)})
	}
	return x
}

// enter makes a keyword known by its rarest triple. One of fewer bytes is known
// by every triple that it begins.
func (x *lexicon) enter(p probe) {
	k := p.text
	if len(k) >= 3 {
		p.before = rarest(k)
		x.know(x.triple(k[p.before:]), p)
		return
	}
	x.tail = append(x.tail, p)
	for rest := range uint32(1) << (classBits * (3 - len(k))) {
		h := rest
		for j := range len(k) {
			h |= uint32(x.class[k[j]]) << (classBits * (2 - j))
		}
		x.know(h, p)
	}
}

func (x *lexicon) triple(k string) uint32 {
	return uint32(x.class[k[0]])<<(2*classBits) | uint32(x.class[k[1]])<<classBits | uint32(x.class[k[2]])
}

func (x *lexicon) know(triple uint32, p probe) {
	x.first[triple>>6] |= 1 << (triple & 63)
	if x.starts[triple] == 0 {
		if n := len(x.lists); p.before == 0 && len(p.text) < 3 && n > 1 && len(x.lists[n-1]) == 1 && x.lists[n-1][0] == p {
			x.starts[triple] = uint32(n - 1) // one list for all triples of a short keyword
			return
		}
		x.starts[triple] = uint32(len(x.lists))
		x.lists = append(x.lists, []probe{p})
		return
	}
	old := x.lists[x.starts[triple]]
	x.starts[triple] = uint32(len(x.lists))
	x.lists = append(x.lists, append(old[:len(old):len(old)], p))
}

// rarest gives where in k the three bytes begin that are rarest in source code.
func rarest(k string) int {
	best, at := 0, 0
	for i := range len(k) - 2 {
		if n := rarity(k[i : i+3]); n > best {
			best, at = n, i
		}
	}
	return at
}

// rarity is the rank of a triple among the common ones, or more by how many of
// its bytes are letters and how rare they are.
func rarity(triple string) int {
	if n, ok := common3()[triple]; ok {
		return n
	}
	n := len(trigrams)
	for _, c := range []byte(triple) {
		if i := strings.IndexByte(letters, c); i >= 0 {
			n += i
		} else {
			n += len(letters)
		}
	}
	return n
}

// letters are the bytes of source code, the commonest first.
const letters = " etrsaionlcdupmfghb_.,()-=\"'/0y1v:wk2x;{}3456789[]*jqz"

// common3 gives the rank of each of the trigrams, from 1.
var common3 = sync.OnceValue(func() map[string]int {
	ranks := make(map[string]int, len(trigrams)/3)
	for i := 0; i < len(trigrams); i += 3 {
		ranks[trigrams[i:i+3]] = i/3 + 1
	}
	return ranks
})

// find appends the keywords that lie whole in data[from:to], in order of start,
// then of number.
func (x *lexicon) find(data []byte, from, to int, found []word) []word {
	n := len(found)
	h := uint32(0)
	first := x.first
	for i, c := range data[from:to] {
		h = (h<<classBits | uint32(x.class[c])) & tripleMask
		if first[h>>6]>>(h&63)&1 != 0 && i >= 2 {
			found = matching(x.lists[x.starts[h]], data, from+i-2, from, to, found)
		}
	}
	// The last two places have no three bytes.
	for at := max(from, to-2); at < to; at++ {
		found = matching(x.tail, data, at, from, to, found)
	}
	for i := n + 1; i < len(found); i++ { // nearly in order
		for j := i; j > n && compareWords(found[j], found[j-1]) < 0; j-- {
			found[j], found[j-1] = found[j-1], found[j]
		}
	}
	return found
}

func compareWords(a, b word) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id))
}

// matching appends those of list that stand in data[from:to] about at.
func matching(list []probe, data []byte, at, from, to int, found []word) []word {
	for i := range list {
		p := &list[i]
		start := at - p.before
		if start >= from && start+len(p.text) <= to && equalFold(data[start:start+len(p.text)], p.text) {
			found = append(found, word{start: uint32(start), id: p.keyword})
		}
	}
	return found
}

func equalFold(b []byte, lower string) bool {
	for i := range b {
		if fold(b[i]) != lower[i] {
			return false
		}
	}
	return true
}

// has tells whether any keyword stands in b.
func (x *lexicon) has(b []byte) bool {
	var space [8]word
	return len(x.find(b, 0, len(b), slices.Clip(space[:0]))) > 0
}
