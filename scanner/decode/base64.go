package decode

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// minRun is the shortest run that is tried: fifteen decoded bytes.
const minRun = 20

// minHex is the shortest run of hexadecimal digits that is tried: sixteen bytes.
const minHex = 32

// Lines of a run that is wrapped are minWrap to maxWrap characters long, all the
// same but the last, and indented by at most maxIndent.
const (
	minWrap   = 40
	maxWrap   = 1024
	maxIndent = 256
)

// farthest is more than a neighbourhood reaches beyond the line of its run.
const farthest = 4 * (maxWrap + maxIndent)

// sextet is the value of a character in the alphabets of RFC 4648, 4 and 5,
// which differ in two characters only; 64 for others.
var sextet = func() (t [256]uint8) {
	for c := range t {
		t[c] = 64
	}
	for i := range 26 {
		t['A'+i], t['a'+i] = uint8(i), uint8(26+i)
	}
	for i := range 10 {
		t['0'+i] = uint8(52 + i)
	}
	t['+'], t['-'], t['/'], t['_'] = 62, 62, 63, 63
	return t
}()

// nibble is the value of a hexadecimal digit, 16 for others.
var nibble = func() (t [256]uint8) {
	for c := range t {
		t[c] = 16
	}
	for i := range 10 {
		t['0'+i] = uint8(i)
	}
	for i := range 6 {
		t['a'+i], t['A'+i] = uint8(10+i), uint8(10+i)
	}
	return t
}()

func isSextet(c byte) bool { return sextet[c] < 64 }
func isBlank(c byte) bool  { return c == ' ' || c == '\t' }

// findRuns yields the runs of base64 or hexadecimal digits that start like text
// or like something compressed.
func findRuns(src []byte, from, to int, yield func(span) bool) bool {
	at := seek(src, max(0, from-1), 0) // To is one past what was looked at
	limit := beyond(src, to)
	for {
		start, end := nextRun(src[:min(len(src), limit+minRun)], at)
		if start < 0 || start > limit {
			return true
		}
		for end < len(src) && isSextet(src[end]) {
			end++
		}
		at = end
		s := span{start: start, end: end, from: start - 1, to: end + 1}
		switch head := inRun(src, start, end); {
		case head >= 0:
			s.start = head
			if s, at = wrapped(src, s); s.end == 0 {
				continue
			}
			s.from = min(s.from, start-1)
		case end-start >= minHex && allHex(src[start:end]):
			if s.hex = true; !promisingHex(src[start:end]) {
				continue
			}
		default:
			continue
		}
		s.from, s.to = max(0, s.from), min(len(src), s.to)
		if !yield(s) {
			return false
		}
	}
}

// beyond gives a place after to where no run begins any more whose neighbourhood
// reaches back to it: that consists of runs, blanks and line ends, and of one
// byte more.
func beyond(src []byte, to int) int {
	at, others := to, 0
	for limit := min(len(src), to+farthest); at < limit && others < 4; at++ {
		if c := src[at]; !isRunByte(c) && !isBlank(c) && c != '\n' {
			others++
		}
	}
	return at
}

// inRun gives where in a run something promising starts, -1 for nowhere: at its
// start, or behind one of the first characters that a path or a prefix ends
// with ("/files/", "key_").
func inRun(src []byte, start, end int) int {
	if promising(src[start:min(end, start+16)]) {
		return start
	}
	tries := 8
	for i := start; i < end-minRun && tries > 0; i++ {
		if sextet[src[i]] >= 62 {
			if promising(src[i+1 : min(end, i+17)]) {
				return i + 1
			}
			tries--
		}
	}
	return -1
}

// nextRun finds the next maximal run of at least minRun characters. As long as
// there is none it looks at eight bytes in minRun, all at once.
func nextRun(src []byte, at int) (start, end int) {
	for start = at; start+minRun <= len(src); {
		w := (*[minRun]byte)(src[start:])
		if m := below(binary.LittleEndian.Uint64(w[minRun-8:])); m != 0 {
			start += minRun - bits.LeadingZeros64(m)/8
			continue
		}
		i := minRun - 1
		for i >= 0 && sextet[w[i]] < 64 {
			i--
		}
		if i >= 0 {
			start += i + 1
			continue
		}
		for end = start + minRun; end < len(src) && isSextet(src[end]); {
			end++
		}
		return start, end
	}
	return -1, -1
}

// below gives the high bit of each byte that is less than '+' or is not ASCII: of
// no run, as most bytes are that end one in text.
func below(x uint64) uint64 {
	const each = 0x0101010101010101
	return (^(x&(0x7f*each) + (0x80-'+')*each) | x) & (0x80 * each)
}

// seek gives a place at or before from where no run is under way, before every
// run whose neighbourhood reaches from. It goes back no farther than to floor,
// and gives that if it came there.
func seek(src []byte, from, floor int) int {
	at := min(from, len(src))
	for range 2 { // a run, blanks, and the run that would make the line a wrapped one
		at = back(src, back(src, at, floor, isRunByte), floor, isBlank)
	}
	at = back(src, at, floor, isRunByte)
	for least := 1; at > floor; least = minWrap { // the last line of a wrapped run may be short
		up := upLine(src, at, floor, least)
		if up == at {
			return at
		}
		at = up
	}
	return at
}

func isRunByte(c byte) bool { return isSextet(c) || c == '=' || c == '\r' }

func back(src []byte, at, floor int, class func(byte) bool) int {
	for at > floor && class(src[at-1]) {
		at--
	}
	return at
}

// upLine goes from the first character of a line to that of the run which ends
// the line above, if that is long enough to be wrapped together with it.
func upLine(src []byte, at, floor, least int) int {
	at0 := at
	at = back(src, at, floor, isBlank)
	if at == floor {
		return floor
	}
	if src[at-1] != '\n' {
		return at0
	}
	at = back(src, at-1, floor, isBlankOrReturn)
	end := at
	if at = back(src, at, floor, isRunByte); at > floor && end-at < least {
		return at0
	}
	return at
}

func isBlankOrReturn(c byte) bool { return isBlank(c) || c == '\r' }

// A line is a run that has its line for itself.
type line struct {
	start, end int  // of the characters
	next       int  // start of the next line
	closed     bool // ends in "=", or a quote or the like follows: no more lines do
	ok         bool
}

// closers may follow the last line of a wrapped run.
var closers = []byte("\"'`<,;)")

// lineAt reads the line that starts at at. Of one that is no run, or one of
// hexadecimal digits, it tells in next how far it looked.
func lineAt(src []byte, at int) (l line) {
	i := at
	for i < len(src) && i-at < maxIndent && isBlank(src[i]) {
		i++
	}
	l.start = i
	for i < len(src) && i-l.start <= maxWrap && isSextet(src[i]) {
		i++
	}
	l.end = i
	for i < len(src) && src[i] == '=' && i-l.end < 2 {
		i, l.closed = i+1, true
	}
	ended := i < len(src) && bytes.IndexByte(closers, src[i]) >= 0
	for !ended && i < len(src) && i-l.end <= maxIndent && isBlankOrReturn(src[i]) {
		i++
	}
	l.closed = l.closed || ended
	l.next = min(i+1, len(src))
	l.ok = l.end > l.start && (ended || i == len(src) || src[i] == '\n') &&
		(l.width() < minHex || !allHex(src[l.start:l.end]))
	return l
}

func (l line) width() int { return l.end - l.start }

// full tells a line that another may follow.
func (l line) full(src []byte) bool {
	return l.ok && !l.closed && l.width() >= minWrap && l.width() <= maxWrap && l.width()%4 == 0 && !allHex(src[l.start:l.end])
}

// wrapped makes a run that begins a wrapped one the whole of it, and gives where
// to go on. The first line may have other text before the run. The span is zero
// for a line that continues one above: it is decoded with that.
func wrapped(src []byte, s span) (span, int) {
	here := lineAt(src, s.start)
	s.to = max(s.to, here.next)
	if bol := back(src, s.start, max(0, s.start-maxIndent), isBlank); bol == 0 || src[bol-1] == '\n' {
		above, from := lineAbove(src, bol)
		if s.from = from; here.ok && above.full(src) && here.follows(src, above) {
			return span{}, s.end
		}
	} else {
		s.from = bol - 1
	}
	if !here.full(src) {
		return s, s.end
	}
	goOn := s.end
	for last := false; !last; {
		l := lineAt(src, here.next)
		s.to = l.next
		if !l.ok || l.width() > here.width() {
			break
		}
		if last = l.closed || l.width() < here.width(); last && l.full(src) {
			after := lineAt(src, l.next)
			if s.to = after.next; after.ok && after.width() == l.width() && !after.closed {
				break // the first of other lines
			}
		}
		s.end, goOn, here.next = l.end, l.end, l.next
		if last && l.full(src) {
			goOn = l.start // it may begin another as well
		}
	}
	return s, goOn
}

// follows tells whether a line belongs to the one above and not to one below.
func (l line) follows(src []byte, above line) bool {
	if l.width() == above.width() {
		return true
	}
	if l.width() > above.width() {
		return false
	}
	next := lineAt(src, l.next)
	return !l.full(src) || !next.ok || next.width() > l.width()
}

// lineAbove gives the run that ends the line before the one that starts at bol,
// and tells how far it looked.
func lineAbove(src []byte, bol int) (l line, from int) {
	if bol <= 0 {
		return line{}, 0
	}
	l.end = backAtMost(src, bol-1, maxIndent, isBlankOrReturn)
	for l.end > 0 && src[l.end-1] == '=' && bol-l.end < maxIndent {
		l.end, l.closed = l.end-1, true
	}
	l.start = backAtMost(src, l.end, maxWrap+1, isSextet)
	l.ok = l.end > l.start
	return l, max(0, l.start-1)
}

func backAtMost(src []byte, at, most int, class func(byte) bool) int {
	for least := max(0, at-most); at > least && class(src[at-1]); {
		at--
	}
	return at
}

func allHex(b []byte) bool {
	for _, c := range b {
		if nibble[c] > 15 {
			return false
		}
	}
	return true
}

// promising judges sixteen characters by the twelve bytes that they encode.
func promising(b []byte) bool {
	first, second := sextet[b[0]]<<2|sextet[b[1]]>>4, sextet[b[1]]<<4|sextet[b[2]]>>2
	if textual[first] != 1 && !isMark[first] || textual[first] == 1 && textual[second] != 1 && second > 1 && second < 0x80 {
		return false
	}
	var out [12]byte
	n := 0
	for len(b) >= 4 {
		v := uint32(sextet[b[0]])<<18 | uint32(sextet[b[1]])<<12 | uint32(sextet[b[2]])<<6 | uint32(sextet[b[3]])
		out[n], out[n+1], out[n+2] = byte(v>>16), byte(v>>8), byte(v)
		n, b = n+3, b[4:]
	}
	return startsLikeText(out[:n]) || Enclosed(out[:n])
}

// isMark holds the bytes beyond ASCII that what we open may start with.
var isMark = [256]bool{0: true, 0x1f: true, 0xef: true, 0xfd: true, 0xfe: true, 0xff: true}

func promisingHex(b []byte) bool {
	var out [12]byte
	for i := range out {
		out[i] = nibble[b[2*i]]<<4 | nibble[b[2*i+1]]
	}
	return len(b)%2 == 0 && (startsLikeText(out[:]) || Enclosed(out[:]))
}

// decodeRun decodes base64 of either alphabet, passing over what wraps it, or
// hexadecimal digits.
func decodeRun(dst, src []byte, s span, m *Map) []byte {
	if s.hex {
		m.add(0, s.start, 1, 2)
		for i := s.start; i+1 < s.end; i += 2 {
			dst = append(dst, nibble[src[i]]<<4|nibble[src[i+1]])
		}
		m.add(len(dst), s.end, 0, 0)
		return dst
	}
	dst = grow(dst, (s.end-s.start)/4*3+3)
	for at := s.start; at < s.end; {
		end := at
		for end < s.end && isSextet(src[end]) {
			end++
		}
		if end > at {
			m.add(len(dst), at, 3, 4)
			dst = append64(dst, src[at:end])
		}
		for at = end; at < s.end && !isSextet(src[at]); {
			at++
		}
	}
	m.add(len(dst), s.end, 0, 0)
	return dst
}

func append64(dst, b []byte) []byte {
	for len(b) >= 4 {
		v := uint32(sextet[b[0]])<<18 | uint32(sextet[b[1]])<<12 | uint32(sextet[b[2]])<<6 | uint32(sextet[b[3]])
		dst, b = append(dst, byte(v>>16), byte(v>>8), byte(v)), b[4:]
	}
	switch len(b) {
	case 2:
		dst = append(dst, sextet[b[0]]<<2|sextet[b[1]]>>4)
	case 3:
		dst = append(dst, sextet[b[0]]<<2|sextet[b[1]]>>4, sextet[b[1]]<<4|sextet[b[2]]>>2)
	}
	return dst
}
