package decode

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Escapes that are at most reach bytes apart are decoded together, with as much
// text before and after them. maxCluster is where a long sequence is cut.
const (
	reach      = 256
	maxCluster = 1 << 20
	maxEscape  = 12 // a surrogate pair: \uD83D\uDE00
)

// An escaping is a way to write single characters in plain text.
type escaping struct {
	mark byte
	// read reads what stands at the mark: how many bytes it takes, what it stands
	// for, and how much it speaks for decoding the text round it. length 0 is no escape.
	read  func(b []byte) (length int, r rune, worth int)
	least int       // worth that a cluster must have
	stop  [256]bool // bytes that end the text round an escape
}

var percents = escaping{mark: '%', read: readPercent, least: 1, stop: stops(" \t\r\n\"'<>`\x00")}
var escapes = escaping{mark: '\\', read: readEscape, least: 2, stop: stops("\n\x00")}

func stops(chars string) (t [256]bool) {
	for i := range len(chars) {
		t[chars[i]] = true
	}
	return t
}

// find yields clusters of escapes, which are functions of themselves and of
// reach bytes on both sides.
func (e *escaping) find(src []byte, from, to int, yield func(span) bool) bool {
	limit := min(len(src), to+reach+2*maxEscape)
	for at := e.seek(src, from); at < limit; {
		i := bytes.IndexByte(src[at:limit], e.mark)
		if i < 0 {
			break
		}
		at += i
		n, _, worth := e.read(src[at:])
		if n == 0 {
			at++
			continue
		}
		first := at
		at, worth = e.cluster(src, at+n, first, worth)
		if worth < e.least {
			continue
		}
		if !yield(e.around(src, first, at)) {
			return false
		}
	}
	return true
}

// cluster goes on from the end of an escape to that of the last in its cluster.
func (e *escaping) cluster(src []byte, end, first, worth int) (int, int) {
	for i := end; i < len(src) && i-end < reach && i-first < maxCluster; {
		c := src[i]
		if c != e.mark {
			if e.stop[c] {
				break
			}
			i++
			continue
		}
		n, _, w := e.read(src[i:])
		if n == 0 {
			i++
			continue
		}
		i += n
		end, worth = i, worth+w
	}
	return end, worth
}

// around takes the text before and after a cluster. It hangs on no byte beyond
// what stops that text.
func (e *escaping) around(src []byte, first, end int) span {
	s := span{start: first, end: end, from: first, to: end}
	for s.from > 0 && first-s.from < reach+maxEscape {
		if s.from--; e.stop[src[s.from]] {
			break
		}
		s.start = max(s.from, first-reach)
	}
	for s.to < len(src) && s.to-end < reach+maxEscape {
		if s.to++; e.stop[src[s.to-1]] {
			break
		}
		s.end = min(s.to, end+reach)
	}
	return s
}

// seek gives a place at or before from where no cluster is under way: with no
// mark in the bytes before it.
func (e *escaping) seek(src []byte, from int) int {
	at := max(0, min(from, len(src))-reach-2*maxEscape)
	for at > 0 {
		lo := max(0, at-reach-2*maxEscape)
		i := bytes.LastIndexByte(src[lo:at], e.mark)
		if i < 0 {
			return at
		}
		at = lo + i
	}
	return at
}

// decode writes the text of a cluster with its escapes undone.
func (e *escaping) decode(dst, src []byte, s span, m *Map) []byte {
	dst = grow(dst, s.end-s.start)
	for at := s.start; at < s.end; {
		plain := bytes.IndexByte(src[at:s.end], e.mark)
		if plain < 0 {
			plain = s.end - at
		}
		if plain > 0 {
			m.add(len(dst), at, 1, 1)
			dst, at = append(dst, src[at:at+plain]...), at+plain
			continue
		}
		n, r, _ := e.read(src[at:s.end])
		switch {
		case n == 0:
			m.add(len(dst), at, 1, 1)
			dst, at = append(dst, src[at]), at+1
			continue
		case r < 0x80 || e.mark == '%':
			m.add(len(dst), at, 1, n)
			dst = append(dst, byte(r))
		default:
			m.add(len(dst), at, 0, n)
			dst = utf8.AppendRune(dst, r)
		}
		at += n
	}
	m.add(len(dst), s.end, 0, 0)
	return dst
}

// readPercent reads %41: a byte, given as a rune.
func readPercent(b []byte) (int, rune, int) {
	if len(b) < 3 || nibble[b[1]]|nibble[b[2]] > 15 {
		return 0, 0, 0
	}
	c := nibble[b[1]]<<4 | nibble[b[2]]
	if textual[c] == 0 {
		return 0, 0, 0
	}
	return 3, rune(c), 1
}

// readEscape reads the escapes that C, JSON, JavaScript, Python, Go, YAML and
// the shell share. Others stand as they are.
func readEscape(b []byte) (length int, r rune, worth int) {
	if len(b) < 2 {
		return 0, 0, 0
	}
	switch c := b[1]; c {
	case 'n':
		return 2, '\n', 1
	case 'r':
		return 2, '\r', 0
	case 't':
		return 2, '\t', 0
	case '"', '/':
		return 2, rune(c), 1
	case '\'', '\\':
		return 2, rune(c), 0
	case 'x':
		return number(b, 2, 2, 16)
	case 'u':
		return unicodeEscape(b)
	case 'U':
		return number(b, 2, 8, 16)
	case '0', '1':
		return number(b, 1, 3, 8)
	}
	return 0, 0, 0
}

// number reads the digits of an escape. It is worth most when it hides ASCII.
func number(b []byte, at, digits, base int) (int, rune, int) {
	if len(b) < at+digits {
		return 0, 0, 0
	}
	v, err := strconv.ParseUint(string(b[at:at+digits]), base, 32)
	if err != nil || v > utf8.MaxRune {
		return 0, 0, 0
	}
	if v < 0x80 && textual[v] == 1 {
		return at + digits, rune(v), 2
	}
	return at + digits, rune(v), 0
}

func unicodeEscape(b []byte) (int, rune, int) {
	n, r, worth := number(b, 2, 4, 16)
	if n == 0 || !utf16.IsSurrogate(r) {
		return n, r, worth
	}
	if len(b) >= 2*n && b[n] == '\\' && b[n+1] == 'u' {
		if _, low, _ := number(b[n:], 2, 4, 16); utf16.DecodeRune(r, low) != utf8.RuneError {
			return 2 * n, utf16.DecodeRune(r, low), 0
		}
	}
	return n, utf8.RuneError, worth
}
