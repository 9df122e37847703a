package gitrepo

import (
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"math/bits"
	"sync"
)

var errZlib = fmt.Errorf("%w: compressed data", ErrCorrupt)

// An inflater takes zlib streams (RFC 1950) apart, one after another, from bytes
// at hand to bytes at hand. That is what a pack needs and no library offers: one
// made for readers keeps a window and copies out of it, which made a walk take more
// than twice as long. It holds the tables of the last block that had its own.
type inflater struct {
	own codes
	builder
}

// The codes of a block, as tables to decode by.
type codes struct {
	lit     [1 << 12]uint32 // literals and lengths
	dist    [1 << 9]uint32  // distances
	litBits uint
	disBits uint
}

// A builder makes tables.
type builder struct {
	pre    [1 << 7]uint32 // codes of code lengths
	lens   [320 + 8]uint8 // room to write and read whole words
	used   [320]uint16    // symbols that have a code, and above lengthShift its length
	sorted [320]uint16
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// Room that inflate needs behind its slices, so that its loop need not look at
// every byte for an end.
const (
	inflateSlack = 320 // of dst: a longest match, three literals, a word
	sourceSlack  = 16  // of src: two words; a pack's trailing checksum is more
)

// An entry of a decoding table, after libdeflate's layout: the low 8 bits are the
// bits to take in all, the next 4 those of the code alone (the others are an
// offset to add), the high 16 what it stands for. Codes longer than a table's
// index continue in a part of their own.
const (
	entLiteral = 1 << 31 // bits 16 to 23 are a byte
	entSpecial = 1 << 15 // none of literal, length, distance
	entPart    = 1 << 14 // special: the high 15 bits say where a part starts, bits 8 to 11 the bits of its index
	entEnd     = 1 << 13 // special: end of block
)

// Bits of the tables' indexes. A block of few bytes is done before a large table
// has been filled.
const (
	litTableBits   = 11
	distTableBits  = 8
	preTableBits   = 7
	smallTableBits = 9
	smallBlock     = 1000
)

// lengthShift is how many bits a symbol takes.
const lengthShift = 9

// mostDistBits is how many bits a distance takes at most: 15 of its code and 13 of
// its offset.
const mostDistBits = 28

// Results of symbols, without the bits of their codes.
var (
	litResults  [288]uint32
	distResults [32]uint32
	preResults  [19]uint32
)

func init() {
	for i := range 256 {
		litResults[i] = entLiteral | uint32(i)<<16
	}
	litResults[256] = entSpecial | entEnd
	base := uint32(3)
	for i := range 28 {
		extra := uint32(max(i/4-1, 0))
		litResults[257+i] = base<<16 | extra
		base += 1 << extra
	}
	litResults[285] = 258 << 16
	litResults[286], litResults[287] = entSpecial, entSpecial
	base = 1
	for i := range 30 {
		extra := uint32(max(i/2-1, 0))
		distResults[i] = base<<16 | extra
		base += 1 << extra
	}
	distResults[30], distResults[31] = entSpecial, entSpecial
	for i := range preResults {
		preResults[i] = uint32(i) << 16
	}
}

// inflate decompresses the stream that src starts with, of n bytes as inflated,
// into dst, which has inflateSlack bytes more. src goes on for sourceSlack bytes
// at least behind the stream's end; used is how many bytes the stream takes. The
// stream's own checksum is compared if check is set.
func (f *inflater) inflate(dst []byte, n int, src []byte, check bool) (used int, err error) {
	out, used, ok := f.stream(dst, n, src)
	if !ok || out != n || used+4 > len(src) {
		return 0, errZlib
	}
	if check && binary.BigEndian.Uint32(src[used:]) != adler32.Checksum(dst[:n]) {
		return 0, errZlib
	}
	return used + 4, nil
}

// start is inflate for the first n bytes of a stream that may be longer; what
// follows them is not read.
func (f *inflater) start(dst []byte, n int, src []byte) error {
	if out, _, ok := f.stream(dst, n, src); !ok && out <= n || out < n {
		return errZlib
	}
	return nil
}

// stream decompresses until the stream ends or more than n bytes are there, which
// is not ok.
func (f *inflater) stream(dst []byte, n int, src []byte) (out, used int, ok bool) {
	if len(dst) < n+inflateSlack || len(src) < sourceSlack {
		return 0, 0, false
	}
	if head := binary.BigEndian.Uint16(src); head&0x0f00 != 0x0800 || head>>12 > 7 || head%31 != 0 || head&0x20 != 0 {
		return 0, 0, false
	}
	s := bitSource{src: src, at: 2}
	for last := false; !last; {
		if !s.fill() {
			return 0, 0, false
		}
		last = s.take(1) == 1
		ok = false
		switch s.take(2) {
		case 0:
			out, ok = s.stored(dst, out, n)
		case 1:
			out, ok = fixedCodes().block(&s, dst, out, n)
		case 2:
			if f.readCodes(&s, n-out) {
				out, ok = f.own.block(&s, dst, out, n)
			}
		}
		if !ok {
			return out, 0, false
		}
	}
	return out, s.at - int(s.n/8), true
}

// A bitSource hands out bits, lowest first. It holds n bits in hold; what stands
// above them in hold is what follows in src, or zero.
type bitSource struct {
	src  []byte
	at   int
	hold uint64
	n    uint
}

// fill makes at least 56 bits available; it fails when src is used up.
func (s *bitSource) fill() bool {
	if s.at+8 > len(s.src) {
		return false
	}
	s.hold |= binary.LittleEndian.Uint64(s.src[s.at:]) << (s.n & 63)
	s.at += int((63 - s.n) >> 3)
	s.n |= 56
	return true
}

func (s *bitSource) take(n uint) uint64 {
	v := s.hold & (1<<n - 1)
	s.hold >>= n
	s.n -= n
	return v
}

// stored copies a block that is not compressed.
func (s *bitSource) stored(dst []byte, out, n int) (int, bool) {
	at := s.at - int(s.n/8)
	s.hold, s.n = 0, 0
	if at+4 > len(s.src) {
		return 0, false
	}
	size := int(binary.LittleEndian.Uint16(s.src[at:]))
	if size != int(^binary.LittleEndian.Uint16(s.src[at+2:])) || size > n-out || size > len(s.src)-at-4 {
		return 0, false
	}
	s.at = at + 4 + copy(dst[out:out+size], s.src[at+4:])
	return out + size, true
}

// fixedCodes are those of RFC 1951, 3.2.6.
var fixedCodes = sync.OnceValue(func() *codes {
	c, b := new(codes), new(builder)
	lens := b.lens[:]
	for i := range 288 {
		switch {
		case i < 144:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		case i < 280:
			lens[i] = 7
		default:
			lens[i] = 8
		}
	}
	c.litBits, _ = b.build(c.lit[:], lens[:288], litResults[:], litTableBits)
	for i := range 32 {
		lens[i] = 5
	}
	c.disBits, _ = b.build(c.dist[:], lens[:32], distResults[:], distTableBits)
	return c
})

var preOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// readCodes reads the codes of a block (RFC 1951, 3.2.7) that makes at most n bytes.
func (f *inflater) readCodes(s *bitSource, n int) bool {
	lits, dists, pres := int(s.take(5))+257, int(s.take(5))+1, int(s.take(4))+4
	if lits > 286 || dists > 30 {
		return false
	}
	clear(f.lens[:19])
	for i := range pres {
		if i%16 == 0 && !s.fill() {
			return false
		}
		f.lens[preOrder[i]] = uint8(s.take(3))
	}
	preBits, ok := f.build(f.pre[:], f.lens[:19], preResults[:], preTableBits)
	if !ok || !f.readLengths(s, lits+dists, preBits) || f.lens[256] == 0 {
		return false
	}
	if f.own.disBits, ok = f.build(f.own.dist[:], f.lens[lits:lits+dists], distResults[:], distTableBits); !ok {
		return false
	}
	index := uint(litTableBits)
	if n < smallBlock {
		index = smallTableBits
	}
	f.own.litBits, ok = f.build(f.own.lit[:], f.lens[:lits], litResults[:], index)
	return ok
}

// readLengths reads n code lengths into lens.
func (f *inflater) readLengths(s *bitSource, n int, preBits uint) bool {
	lens, src, at, hold, have := &f.lens, s.src, s.at, s.hold, s.n
	mask := uint64(1)<<preBits - 1
	for i := 0; i < n; {
		if have < 14 {
			if at < 0 || at > len(src)-8 {
				return false
			}
			hold |= binary.LittleEndian.Uint64(src[at:at+8]) << (have & 63)
			at += int((63 - have) >> 3)
			have |= 56
		}
		e := f.pre[hold&mask&(1<<preTableBits-1)]
		if e&entSpecial != 0 {
			return false
		}
		hold >>= e & 63
		have -= uint(e & 63)
		sym := e >> 16
		if sym < 16 {
			lens[i] = uint8(sym)
			i++
			continue
		}
		r := &lengthRuns[sym&3]
		word := uint64(0)
		if sym == 16 {
			if i == 0 {
				return false
			}
			word = uint64(lens[i-1]) * everyByte
		}
		count := r.least + int(hold&(1<<(r.bits&63)-1))
		hold >>= r.bits & 63
		have -= r.bits
		if count > n-i {
			return false
		}
		for k := i; k < i+count; k += 8 {
			binary.LittleEndian.PutUint64(lens[k:], word)
		}
		i += count
	}
	s.at, s.hold, s.n = at, hold, have
	return true
}

// lengthRuns are the symbols 16 to 18, in which lengths repeat.
var lengthRuns = [4]struct {
	least int
	bits  uint
}{{3, 2}, {3, 3}, {11, 7}}

const everyByte = 0x0101010101010101

// build makes a decoding table of at most most index bits for the canonical code
// of the given lengths, and tells how many index bits it has. A code with unused
// room is refused but for one of a single bit, as zlib does.
func (f *builder) build(table []uint32, lens []uint8, results []uint32, most uint) (index uint, ok bool) {
	var counts, starts [17]int
	// Most lengths are 0 in many blocks.
	used := 0
	for i := 0; i < len(lens); i += 8 {
		word := binary.LittleEndian.Uint64(lens[i : i+8])
		if i+8 > len(lens) {
			word &= 1<<(8*uint(len(lens)-i)) - 1
		}
		for word != 0 {
			at := bits.TrailingZeros64(word) &^ 7
			n := uint16(word >> at & 15)
			word &^= 0xff << at
			counts[n]++
			f.used[used] = n<<lengthShift | uint16(i+at/8)
			used++
		}
	}
	if used == 0 {
		table[0], table[1] = entSpecial, entSpecial
		return 1, true
	}
	longest := uint(15)
	for counts[longest] == 0 {
		longest--
	}
	room := 1
	for n := 1; n <= 15; n++ {
		room = room<<1 - counts[n]
		if room < 0 {
			return 0, false
		}
		starts[n+1] = starts[n] + counts[n]
	}
	sorted := f.sorted[:used]
	for _, u := range f.used[:used] {
		n := u >> lengthShift & 15
		sorted[starts[n]] = u & (1<<lengthShift - 1)
		starts[n]++
	}
	if room > 0 {
		if longest != 1 {
			return 0, false
		}
		table[0], table[1] = results[sorted[0]]+1+1<<8, entSpecial
		return 1, true
	}
	index = min(longest, most)
	fillTable(table, sorted, results, &counts, index)
	return index, true
}

// fillTable writes the entries of a complete code. Codes stand in a stream from
// their first bit on, so they count up in reversed bits.
func fillTable(table []uint32, sorted []uint16, results []uint32, counts *[17]int, index uint) {
	code, n := 0, uint(1)
	for counts[n] == 0 {
		n++
	}
	end := 1 << n // of what is filled: the table for n index bits
	for ; n <= index; n++ {
		for range counts[n] {
			table[code] = results[sorted[0]] + uint32(n) + uint32(n)<<8
			sorted = sorted[1:]
			code = nextCode(code, n)
		}
		if n < index {
			copy(table[end:2*end], table[:end])
			end *= 2
		}
	}
	prefix, start := -1, 0
	for len(sorted) > 0 {
		for counts[n] == 0 {
			n++
		}
		if p := code & (1<<index - 1); p != prefix {
			prefix, start = p, end
			size := partBits(counts, n, index)
			end = start + 1<<size
			table[p] = uint32(start)<<16 | entSpecial | entPart | uint32(size)<<8 | uint32(index)
		}
		e := results[sorted[0]] + uint32(n-index) + uint32(n-index)<<8
		for i := start + code>>index; i < end; i += 1 << (n - index) {
			table[i] = e
		}
		sorted = sorted[1:]
		counts[n]--
		code = nextCode(code, n)
	}
}

// nextCode counts a code of n bits up, in reversed bits; the last one gives 0.
func nextCode(code int, n uint) int {
	rest := uint(code) ^ (1<<n - 1)
	if rest == 0 {
		return 0
	}
	bit := 1 << (bits.Len(rest) - 1)
	return code&(bit-1) | bit
}

// partBits is how many index bits the part needs that starts with a code of n bits.
func partBits(counts *[17]int, n, index uint) uint {
	size := n - index
	for room := counts[n]; room < 1<<size; {
		size++
		room = room<<1 + counts[index+size]
	}
	return size
}

// block decodes up to an end of block.
func (c *codes) block(s *bitSource, dst []byte, out, n int) (int, bool) {
	src, at, hold, have := s.src, s.at, s.hold, s.n
	litMask, distMask := uint64(1)<<c.litBits-1, uint64(1)<<c.disBits-1
	lit, dist := &c.lit, &c.dist
	limit := n
	dst = dst[:n+inflateSlack]
	for {
		if at < 0 || at > len(src)-8 || out > limit {
			return out, false
		}
		hold |= binary.LittleEndian.Uint64(src[at:at+8]) << (have & 63)
		at += int((63 - have) >> 3)
		have |= 56
		e := lit[hold&litMask&(1<<12-1)]
		if e&entLiteral != 0 {
			hold >>= e & 63
			have -= uint(e & 63)
			dst[out] = byte(e >> 16)
			out++
			e = lit[hold&litMask&(1<<12-1)]
			if e&entLiteral != 0 {
				hold >>= e & 63
				have -= uint(e & 63)
				dst[out] = byte(e >> 16)
				out++
				e = lit[hold&litMask&(1<<12-1)]
				if e&entLiteral != 0 {
					hold >>= e & 63
					have -= uint(e & 63)
					dst[out] = byte(e >> 16)
					out++
					e = lit[hold&litMask&(1<<12-1)]
					if e&entLiteral != 0 {
						hold >>= e & 63
						have -= uint(e & 63)
						dst[out] = byte(e >> 16)
						out++
						continue
					}
				}
			}
		}
		if e&entSpecial != 0 {
			if e&entPart != 0 {
				hold >>= e & 63
				have -= uint(e & 63)
				e = lit[(uint64(e>>16)+hold&(1<<(e>>8&15)-1))&(1<<12-1)]
			}
			if e&entLiteral != 0 {
				hold >>= e & 63
				have -= uint(e & 63)
				dst[out] = byte(e >> 16)
				out++
				continue
			}
			if e&entSpecial != 0 {
				hold >>= e & 63
				have -= uint(e & 63)
				s.at, s.hold, s.n = at, hold, have
				return out, e&entEnd != 0 && out <= limit
			}
		}
		length := int(e>>16) + int(hold&(1<<(e&63)-1)>>(e>>8&15))
		hold >>= e & 63
		have -= uint(e & 63)
		if have < mostDistBits {
			if at < 0 || at > len(src)-8 {
				return 0, false
			}
			hold |= binary.LittleEndian.Uint64(src[at:at+8]) << (have & 63)
			at += int((63 - have) >> 3)
			have |= 56
		}
		e = dist[hold&distMask&(1<<9-1)]
		if e&entSpecial != 0 {
			if e&entPart == 0 {
				return 0, false
			}
			hold >>= e & 63
			have -= uint(e & 63)
			e = dist[(uint64(e>>16)+hold&(1<<(e>>8&15)-1))&(1<<9-1)]
			if e&entSpecial != 0 {
				return 0, false
			}
		}
		back := int(e>>16) + int(hold&(1<<(e&63)-1)>>(e>>8&15))
		hold >>= e & 63
		have -= uint(e & 63)
		if back > out {
			return 0, false
		}
		if back < 16 {
			copyNear(dst, out, back, length)
			out += length
			continue
		}
		from, to := dst[out-back:], dst[out:]
		*(*[16]byte)(to) = *(*[16]byte)(from)
		for i := 16; i < length; i += 16 {
			*(*[16]byte)(to[i:]) = *(*[16]byte)(from[i:])
		}
		out += length
	}
}

// copyNear copies length bytes from back bytes before out, fewer than 16, and may
// write up to 7 bytes more.
func copyNear(dst []byte, out, back, length int) {
	if back >= 8 {
		from, to := dst[out-back:], dst[out:]
		for i := 0; i < length; i += 8 {
			binary.LittleEndian.PutUint64(to[i:], binary.LittleEndian.Uint64(from[i:]))
		}
		return
	}
	if back == 1 {
		word := uint64(dst[out-1]) * everyByte
		to := dst[out:]
		for i := 0; i < length; i += 8 {
			binary.LittleEndian.PutUint64(to[i:], word)
		}
		return
	}
	to, from := dst[out:out+length], dst[out-back:]
	for i := range to {
		to[i] = from[i]
	}
}

// grow gives a slice of length n, of buf's memory if that is enough. Its content is not defined.
func grow[T any](buf []T, n int) []T {
	if n <= cap(buf) {
		return buf[:n]
	}
	return make([]T, n, n+n/4)
}
