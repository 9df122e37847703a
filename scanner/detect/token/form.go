package token

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// A form is how a token is written: literals and runs of a class of bytes.
//
// In a table it reads "ghp_<w:36>" or "dt0c01.<b:24>.<b:64>"; "<w:20-40>" is a
// range of lengths, "<w>" one byte, "<uuid>" a UUID, and " | " parts alternatives.
type form []piece

// A piece is a literal, or min to max bytes of a class.
type piece struct {
	lit      string
	set      class
	min, max int
}

// A class is a set of ASCII bytes.
type class struct{ lo, hi uint64 }

func (c class) has(b byte) bool {
	if b < 64 {
		return c.lo>>b&1 == 1
	}
	return b < 128 && c.hi>>(b-64)&1 == 1
}

func classOf(s string) class {
	var c class
	for i := 0; i < len(s); i++ {
		if b := s[i]; b < 64 {
			c.lo |= 1 << b
		} else {
			c.hi |= 1 << (b - 64)
		}
	}
	return c
}

const (
	digits   = "0123456789"
	lowers   = "abcdefghijklmnopqrstuvwxyz"
	uppers   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alnums   = digits + uppers + lowers
	hexLower = digits + "abcdef"
	hexUpper = digits + "ABCDEF"
)

// classes of the notation.
func named1(c byte) string {
	switch c {
	case 'd':
		return digits
	case 'h':
		return hexLower
	case 'H':
		return hexUpper
	case 'x':
		return digits + "abcdefABCDEF"
	case 'l':
		return lowers
	case 'U':
		return uppers
	case 'L':
		return uppers + lowers
	case 'a':
		return digits + lowers
	case 'A':
		return digits + uppers
	case 'w':
		return alnums
	case 'u':
		return alnums + "_-"
	case '_':
		return alnums + "_"
	case '-':
		return alnums + "-"
	case 'v':
		return digits + lowers + "_-"
	case 's':
		return alnums + "+/"
	case 'e':
		return alnums + "_-="
	case 'p':
		return alnums + "+/="
	case 'b':
		return uppers + "234567"
	case '.':
		return alnums + "_-."
	case '=':
		return "="
	case '%':
		return alnums + "_-.%+/="
	case 'z':
		return "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	case '~':
		return alnums + "_-.~"
	case '!':
		return alnums + "!#$%&()*+,-./:;<=>?@[]^_{|}~"
	}
	return ""
}

const uuidForm = "<x:8>-<x:4>-<x:4>-<x:4>-<x:12>"

// parseForms reads the notation. It panics at a mistake: forms are our own data,
// and a test reads them all.
func parseForms(s string) []form {
	var list []form
	for _, alt := range strings.Split(s, " | ") {
		list = append(list, parseForm(strings.ReplaceAll(alt, "<uuid>", uuidForm)))
	}
	return list
}

func parseForm(s string) form {
	var f form
	for s != "" {
		lit, rest, found := strings.Cut(s, "<")
		if lit != "" {
			f = append(f, piece{lit: lit, min: len(lit), max: len(lit)})
		}
		if !found {
			break
		}
		in, tail, closed := strings.Cut(rest, ">")
		if !closed || in == "" || named1(in[0]) == "" {
			panic("token: malformed form " + s)
		}
		f = append(f, parseRun(in))
		s = tail
	}
	return f
}

func parseRun(in string) piece {
	p := piece{set: classOf(named1(in[0])), min: 1, max: 1}
	_, length, found := strings.Cut(in, ":")
	if !found {
		return p
	}
	least, most, ranged := strings.Cut(length, "-")
	p.min = number(least)
	p.max = p.min
	if ranged {
		p.max = number(most)
	}
	return p
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<14 {
		panic("token: malformed length " + s)
	}
	return n
}

// span is the length of the longest token of the forms, read off the notation
// without parsing it: hundreds of detectors are made at each start.
func span(forms string) int {
	longest, n := 0, 0
	for i := 0; i < len(forms); i++ {
		switch {
		case forms[i] == '<':
			end := i + strings.IndexByte(forms[i:], '>')
			if end <= i {
				panic("token: malformed form " + forms)
			}
			n += runLength(forms[i+1 : end])
			i = end
		case strings.HasPrefix(forms[i:], " | "):
			longest, n, i = max(longest, n), 0, i+2
		default:
			n++
		}
	}
	return max(longest, n)
}

// runLength is the greatest length of a run in the notation.
func runLength(in string) int {
	if in == "uuid" {
		return 36
	}
	i := strings.LastIndexAny(in, ":-")
	if i < 1 {
		return 1
	}
	return number(in[i+1:])
}

// prefix is the literal that the form starts with, "" without one.
func (f form) prefix() string {
	if len(f) > 0 {
		return f[0].lit
	}
	return ""
}

// match gives the end of the longest token that starts at b[at], or -1. Runs take
// as much as they can and give back only where the rest would not fit otherwise.
func (f form) match(b []byte, at int) int {
	for i, p := range f {
		if p.lit != "" {
			if len(b)-at < len(p.lit) || string(b[at:at+len(p.lit)]) != p.lit {
				return -1
			}
			at += len(p.lit)
			continue
		}
		n := 0
		for n < p.max && at+n < len(b) && p.set.has(b[at+n]) {
			n++
		}
		if n < p.min {
			return -1
		}
		if p.min == p.max || i == len(f)-1 {
			at += n
			continue
		}
		for ; n >= p.min; n-- {
			if end := f[i+1:].match(b, at+n); end >= 0 {
				return end
			}
		}
		return -1
	}
	return at
}

// begins tells whether the literal that a form starts with stands at b[at], and
// after it the least of the run that follows, as far as b goes: text that is cut
// off there may go on so.
func (f form) begins(b []byte, at int) bool {
	if lit := f.prefix(); lit != "" {
		if len(b)-at < len(lit) || string(b[at:at+len(lit)]) != lit {
			return false
		}
		at += len(lit)
		f = f[1:]
	}
	return len(f) == 0 || f[0].lit != "" || f[0].least(b, at)
}

// least tells whether the bytes from b[at] are of a run's class, as many as it
// must have or b holds.
func (p piece) least(b []byte, at int) bool {
	for _, c := range b[at:min(len(b), at+p.min)] {
		if !p.set.has(c) {
			return false
		}
	}
	return true
}

// last is the class of the bytes that would make the token longer.
func (f form) last() class {
	if n := len(f); n > 0 && f[n-1].lit == "" {
		return f[n-1].set
	}
	return class{}
}

// example makes a token of the form; short leaves the last byte of its longest
// run out.
func (f form) example(r *rand.Rand, short bool) string {
	cut := -1
	for i, p := range f {
		if p.lit == "" && (cut < 0 || p.min > f[cut].min) {
			cut = i
		}
	}
	var b strings.Builder
	for i, p := range f {
		b.WriteString(p.lit)
		if p.lit != "" {
			continue
		}
		n := p.min
		if p.max > p.min && !short {
			n += r.IntN(min(p.max-p.min, 16) + 1)
		}
		if short && i == cut {
			n--
		}
		p.set.write(&b, r, n)
	}
	return b.String()
}

func (c class) write(b *strings.Builder, r *rand.Rand, n int) {
	var from []byte
	for i := byte(0); i < 128; i++ {
		if c.has(i) {
			from = append(from, i)
		}
	}
	for range n {
		b.WriteByte(from[r.IntN(len(from))])
	}
}

// leftEdge tells whether a token may start at b[at]: nothing of a word stands
// before it. What an escape leaves there (\n, %3D, \u003d) is no word.
func leftEdge(b []byte, at int) bool {
	if at == 0 || !isWord(b[at-1]) {
		return at < blobBytes || b[at-1] != '+' && b[at-1] != '/' || !isBlob(b[at-blobBytes:at])
	}
	switch {
	case at >= 2 && b[at-2] == '\\' && strings.IndexByte("nrt", b[at-1]) >= 0:
		return true
	case at >= 3 && b[at-3] == '%' && isHex(b[at-2]) && isHex(b[at-1]):
		return true
	case at >= 6 && b[at-6] == '\\' && b[at-5] == 'u':
		return true
	}
	return false
}

// isBlob tells whether all of b is base64 as pictures and fonts are written in:
// the path of a URL has fewer capitals and digits.
func isBlob(b []byte) bool {
	var kinds [4]int // +, capitals, small letters, digits
	for i, c := range b {
		switch {
		case c == '\\' || c == 'n' && i > 0 && b[i-1] == '\\': // a line's end in a notebook
		case c == '+':
			kinds[0]++
		case isUpper(c):
			kinds[1]++
		case isLower(c):
			kinds[2]++
		case isDigit(c):
			kinds[3]++
		case c != '/':
			return false
		}
	}
	return kinds[1] >= 4 && (kinds[0] > 0 || kinds[2] >= 4 && kinds[3] >= 4)
}

const (
	blobBytes   = 24        // what isBlob looks at
	escapeBytes = blobBytes // how far leftEdge looks back
)

// rightEdge tells whether a token may end before b[at].
func rightEdge(b []byte, at int, last class) bool {
	return at >= len(b) || !last.has(b[at]) && !isAlnum(b[at]) && (b[at] != '=' || !last.has('+')) && !goesOn(b, at)
}

// goesOn tells whether base64 goes on at b[at] with a sign.
func goesOn(b []byte, at int) bool {
	if at+1 >= len(b) || b[at] != '+' && b[at] != '/' {
		return false
	}
	next := b[at+1]
	return next == '+' || next == '/' || b[at] == '+' && isAlnum(next)
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isAlnum(c byte) bool { return isUpper(c) || isLower(c) || isDigit(c) }
func isWord(c byte) bool  { return isAlnum(c) || c == '_' }
func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func lower(c byte) byte {
	if isUpper(c) {
		return c + 'a' - 'A'
	}
	return c
}
