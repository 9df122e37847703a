package detect

import (
	"cmp"
	"encoding/binary"
	"math/bits"
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
	ranks   *[1 << 12]uint16 // how many bits are set in the words of first before
	lists   []uint32         // where the probes of a triple begin, by its rank; then where the last end
	probes  []probe
	tail    []probe // keywords of fewer than three bytes
	longest int     // bytes of the longest keyword
}

// A probe is a keyword to compare with, at so many bytes before a triple.
type probe struct {
	text        string
	head        uint64 // its first eight bytes, as they stand in memory
	fold, which uint64 // the bits that fold letters there, and those that count
	before      uint32
	keyword     uint32
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
	x := &lexicon{first: new([1 << 12]uint64), ranks: new([1 << 12]uint16)}
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
	list := make([]probe, len(keywords))
	known := make([]triple, 0, 2*len(keywords))
	for i, k := range keywords {
		list[i] = newProbe(k, i)
		known = x.enter(&list[i], known)
	}
	slices.SortFunc(known, func(a, b triple) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.keyword, b.keyword)) })
	x.lists, x.probes = make([]uint32, 0, len(known)+1), make([]probe, len(known))
	for i, t := range known {
		if i == 0 || t.hash != known[i-1].hash {
			x.first[t.hash>>6] |= 1 << (t.hash & 63)
			x.lists = append(x.lists, uint32(i))
		}
		x.probes[i] = list[t.keyword]
	}
	x.lists = append(x.lists, uint32(len(x.probes)))
	n := 0
	for i, w := range x.first {
		x.ranks[i] = uint16(n)
		n += bits.OnesCount64(w)
	}
	return x
}

// A triple of classes, and the number of a keyword that is known by it.
type triple struct{ hash, keyword uint32 }

func newProbe(k string, number int) probe {
	p := probe{text: k, keyword: uint32(number)}
	for i := range min(len(k), 8) {
		p.head |= uint64(k[i]) << (8 * i)
		p.which |= 0xff << (8 * i)
		if 'a' <= k[i] && k[i] <= 'z' {
			p.fold |= ('a' - 'A') << (8 * i)
		}
	}
	return p
}

// enter makes a keyword known by its rarest triple. One of fewer bytes is known
// by every triple that it begins.
func (x *lexicon) enter(p *probe, known []triple) []triple {
	k := p.text
	if len(k) >= 3 {
		at := rarest(k)
		p.before = uint32(at)
		return append(known, triple{x.triple(k[at:]), p.keyword})
	}
	x.tail = append(x.tail, *p)
	for rest := range uint32(1) << (classBits * (3 - len(k))) {
		h := rest
		for j := range len(k) {
			h |= uint32(x.class[k[j]]) << (classBits * (2 - j))
		}
		known = append(known, triple{h, p.keyword})
	}
	return known
}

func (x *lexicon) triple(k string) uint32 {
	return uint32(x.class[k[0]])<<(2*classBits) | uint32(x.class[k[1]])<<classBits | uint32(x.class[k[2]])
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
	if i := ofLetters(triple); i >= 0 && common3()[i] > 0 {
		return int(common3()[i])
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

// ofLetters numbers a triple of small letters and underscores; it gives -1 for others.
func ofLetters(triple string) int {
	n := 0
	for _, c := range []byte(triple) {
		switch {
		case 'a' <= c && c <= 'z':
			n = n*27 + int(c-'a')
		case c == '_':
			n = n*27 + 26
		default:
			return -1
		}
	}
	return n
}

// common3 gives the rank of each of the trigrams, from 1, and 0 for others.
var common3 = sync.OnceValue(func() *[27 * 27 * 27]uint16 {
	ranks := new([27 * 27 * 27]uint16)
	for i := 0; i < len(trigrams); i += 3 {
		ranks[ofLetters(trigrams[i:i+3])] = uint16(i/3 + 1)
	}
	return ranks
})

// find appends the keywords that lie whole in data[from:to], in order of start,
// then of number; p is space to work in. What it does for each byte has no branch
// that the bytes decide:
// one that cannot be foretold costs more than all the rest.
func (x *lexicon) find(data []byte, from, to int, found []word, p *places) []word {
	n := len(found)
	for at := from; at < to; at += block {
		part := data[at:min(to, at+block)]
		x.fours(data[max(from, at-2):at], part, p)
		x.ends(data, from, at, to, p)
		for i, r := range p.ranks[:p.n] {
			found = match(x.probes[x.lists[r]:x.lists[r+1]], data, at+int(p.ends[i])-2, from, to, found)
		}
	}
	// The last two places have no three bytes.
	for at := max(from, to-2); at < to; at++ {
		found = match(x.tail, data, at, from, to, found)
	}
	for i := n + 1; i < len(found); i++ { // nearly in order
		for j := i; j > n && compareWords(found[j], found[j-1]) < 0; j-- {
			found[j], found[j-1] = found[j-1], found[j]
		}
	}
	return found
}

// block is how many bytes are looked at before keywords are compared.
const block = 512

// places are where keywords may be in one block, counted from its first byte.
type places struct {
	fours [block / 4]uint16 // four bytes in which a triple ends that some keyword is known by
	ends  [block]uint16     // the last bytes of such triples
	ranks [block]uint16     // of these triples
	n     int               // of fours, then of ends
}

// fours finds the fours of part; before are the bytes before it, two at most.
func (x *lexicon) fours(before, part []byte, p *places) {
	class, first := &x.class, x.first
	var h uint64
	for _, c := range before {
		h = h<<classBits | uint64(class[c])
	}
	n, i := 0, 0
	for ; i+4 <= len(part); i += 4 {
		q := part[i : i+4 : i+4]
		h = h<<(4*classBits) | uint64(class[q[0]])<<(3*classBits) | uint64(class[q[1]])<<(2*classBits) | uint64(class[q[2]])<<classBits | uint64(class[q[3]])
		p.fours[n&(block/4-1)] = uint16(i)
		n += int((first[h>>24&0xfff]>>(h>>18&63) | first[h>>18&0xfff]>>(h>>12&63) | first[h>>12&0xfff]>>(h>>6&63) | first[h>>6&0xfff]>>(h&63)) & 1)
	}
	if i < len(part) {
		p.fours[n&(block/4-1)] = uint16(i)
		n++
	}
	p.n = n
}

// ends finds the ends of triples in the fours of the block at data[at].
func (x *lexicon) ends(data []byte, from, at, to int, p *places) {
	class, first := &x.class, x.first
	n := 0
	for _, four := range p.fours[:p.n] {
		i := at + int(four)
		if i-2 < from || i+4 > to {
			n = x.endsAtEdge(data, from, at, to, four, n, p)
			continue
		}
		q := data[i-2 : i+4 : i+4]
		h := uint64(class[q[0]])<<(5*classBits) | uint64(class[q[1]])<<(4*classBits) | uint64(class[q[2]])<<(3*classBits) | uint64(class[q[3]])<<(2*classBits) | uint64(class[q[4]])<<classBits | uint64(class[q[5]])
		p.ends[n&(block-1)] = four
		n += int(first[h>>24&0xfff] >> (h >> 18 & 63) & 1)
		p.ends[n&(block-1)] = four + 1
		n += int(first[h>>18&0xfff] >> (h >> 12 & 63) & 1)
		p.ends[n&(block-1)] = four + 2
		n += int(first[h>>12&0xfff] >> (h >> 6 & 63) & 1)
		p.ends[n&(block-1)] = four + 3
		n += int(first[h>>6&0xfff] >> (h & 63) & 1)
	}
	p.n = n
	for i, end := range p.ends[:n] {
		j := at + int(end)
		q := data[j-2 : j+1 : j+1]
		h := uint32(class[q[0]])<<(2*classBits) | uint32(class[q[1]])<<classBits | uint32(class[q[2]])
		p.ranks[i] = x.ranks[h>>6] + uint16(bits.OnesCount64(first[h>>6]<<(^h&63))) - 1
	}
}

func (x *lexicon) endsAtEdge(data []byte, from, at, to int, four uint16, n int, p *places) int {
	i := at + int(four)
	h := uint64(0)
	for j := max(from, i-2); j < min(to, i+4); j++ {
		h = h<<classBits | uint64(x.class[data[j]])
		if j >= i {
			p.ends[n&(block-1)] = uint16(j - at)
			n += int(x.first[h>>6&0xfff] >> (h & 63) & 1)
		}
	}
	return n
}

func compareWords(a, b word) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id))
}

// match appends those of list that stand in data[from:to] about at.
func match(list []probe, data []byte, at, from, to int, found []word) []word {
	for i := range list {
		p := &list[i]
		start := at - int(p.before)
		if start < from || start+len(p.text) > to {
			continue
		}
		if start+8 <= len(data) && (binary.LittleEndian.Uint64(data[start:])|p.fold)&p.which != p.head {
			continue
		}
		if equalFold(data[start:start+len(p.text)], p.text) {
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
	return len(x.find(b, 0, len(b), slices.Clip(space[:0]), new(places))) > 0
}
