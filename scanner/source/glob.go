package source

import (
	"math/bits"
	"strings"
)

// A glob is a pattern of gitignore(5), compiled. It matches bytes, in time
// proportional to pattern times text however many stars there are.
type glob []token

type token struct {
	op  op
	b   byte
	set *class
}

type op uint8

const (
	opByte op = iota // b
	opAny            // ?: one byte, no slash
	opSet            // [...]: one byte of set, no slash
	opStar           // *: any bytes, no slash
	opAll            // ** at the end: any bytes
	opDirs           // **/ enters opIn or passes over it
	opIn             // ... and there any bytes up to a slash
)

type class [4]uint64

func (c *class) add(b byte)      { c[b>>6] |= 1 << (b & 63) }
func (c *class) has(b byte) bool { return c[b>>6]>>(b&63)&1 != 0 }

// compile gives ok false for a pattern that can match nothing: a set without
// end, an unknown class, a lone backslash at the end.
func compile(p string) (g glob, ok bool) {
	for i := 0; i < len(p); {
		switch p[i] {
		case '*':
			n := len(p[i:]) - len(strings.TrimLeft(p[i:], "*"))
			g, i = g.stars(p, i, i+n)
		case '?':
			g, i = append(g, token{op: opAny}), i+1
		case '[':
			set, next, ok := parseSet(p, i+1)
			if !ok {
				return nil, false
			}
			g, i = append(g, token{op: opSet, set: set}), next
		case '\\':
			if i++; i == len(p) {
				return nil, false
			}
			fallthrough
		default:
			g, i = append(g, token{op: opByte, b: p[i]}), i+1
		}
	}
	return g, true
}

// stars reads the stars p[i:end]. Two or more stand for directories only where
// slashes or the ends of the pattern enclose them.
func (g glob) stars(p string, i, end int) (glob, int) {
	double := end-i > 1 && (i == 0 || p[i-1] == '/')
	switch rest := p[end:]; {
	case double && rest == "":
		return append(g, token{op: opAll}), end
	case double && rest[0] == '/':
		return append(g, token{op: opDirs}, token{op: opIn}), end + 1
	case double && strings.HasPrefix(rest, `\/`):
		return append(g, token{op: opAll}), end
	}
	return append(g, token{op: opStar}), end
}

// parseSet reads a set from behind its bracket.
func parseSet(p string, i int) (*class, int, bool) {
	var set class
	negate := i < len(p) && (p[i] == '!' || p[i] == '^')
	if negate {
		i++
	}
	last := -1 // what a range may start with
	for first := true; ; first = false {
		if i >= len(p) {
			return nil, 0, false
		}
		c := p[i]
		switch {
		case c == ']' && !first:
			if negate {
				for j := range set {
					set[j] = ^set[j]
				}
			}
			return &set, i + 1, true
		case c == '-' && last >= 0 && i+1 < len(p) && p[i+1] != ']':
			if i++; p[i] == '\\' {
				if i++; i >= len(p) {
					return nil, 0, false
				}
			}
			for b := last; b <= int(p[i]); b++ {
				set.add(byte(b))
			}
			last = -1
		case c == '[' && i+1 < len(p) && p[i+1] == ':':
			end := strings.IndexByte(p[i+2:], ']')
			if end < 0 {
				return nil, 0, false
			}
			if end == 0 || p[i+2+end-1] != ':' {
				set.add('[') // no class after all: the bracket stands for itself
				last = '['
				break
			}
			in, ok := classes[p[i+2:i+2+end-1]]
			if !ok {
				return nil, 0, false
			}
			for b := range 128 {
				if in(byte(b)) {
					set.add(byte(b))
				}
			}
			i, last = i+2+end, -1
		case c == '\\':
			if i++; i >= len(p) {
				return nil, 0, false
			}
			c = p[i]
			fallthrough
		default:
			set.add(c)
			last = int(c)
		}
		i++
	}
}

var classes = map[string]func(byte) bool{
	"alnum":  func(b byte) bool { return isAlpha(b) || isDigit(b) },
	"alpha":  isAlpha,
	"blank":  func(b byte) bool { return b == ' ' || b == '\t' },
	"cntrl":  func(b byte) bool { return b < ' ' || b == 127 },
	"digit":  isDigit,
	"graph":  isGraph,
	"lower":  func(b byte) bool { return 'a' <= b && b <= 'z' },
	"print":  func(b byte) bool { return b == ' ' || isGraph(b) },
	"punct":  func(b byte) bool { return isGraph(b) && !isAlpha(b) && !isDigit(b) },
	"space":  func(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' },
	"upper":  func(b byte) bool { return 'A' <= b && b <= 'Z' },
	"xdigit": func(b byte) bool { return isDigit(b) || 'a' <= b|32 && b|32 <= 'f' },
}

func isAlpha(b byte) bool { return 'a' <= b|32 && b|32 <= 'z' }
func isDigit(b byte) bool { return '0' <= b && b <= '9' }
func isGraph(b byte) bool { return ' ' < b && b < 127 }

// match runs all ways through the pattern at once, a bit for each token they
// may stand before.
func (g glob) match(text string) bool {
	var small [4]uint64
	words := len(g)/64 + 1
	now, next := small[:2], small[2:]
	if words > 2 {
		now, next = make([]uint64, words), make([]uint64, words)
	}
	g.reach(now, 0)
	for i := range len(text) {
		clear(next)
		alive := false
		for w, set := range now {
			for ; set != 0; set &= set - 1 {
				if g.step(next, w<<6+bits.TrailingZeros64(set), text[i]) {
					alive = true
				}
			}
		}
		if !alive {
			return false
		}
		now, next = next, now
	}
	return now[len(g)>>6]>>(len(g)&63)&1 != 0
}

// reach marks token i and those that it may pass over.
func (g glob) reach(set []uint64, i int) {
	for {
		set[i>>6] |= 1 << (i & 63)
		if i == len(g) {
			return
		}
		switch g[i].op {
		case opStar, opAll:
			i++
		case opDirs:
			set[(i+1)>>6] |= 1 << ((i + 1) & 63)
			i += 2
		default:
			return
		}
	}
}

func (g glob) step(next []uint64, i int, c byte) bool {
	if i == len(g) {
		return false
	}
	switch t := &g[i]; t.op {
	case opByte:
		if c == t.b {
			g.reach(next, i+1)
			return true
		}
	case opAny:
		if c != '/' {
			g.reach(next, i+1)
			return true
		}
	case opSet:
		if c != '/' && t.set.has(c) {
			g.reach(next, i+1)
			return true
		}
	case opStar:
		if c != '/' {
			g.reach(next, i)
			return true
		}
	case opAll:
		g.reach(next, i)
		return true
	case opIn:
		next[i>>6] |= 1 << (i & 63)
		if c == '/' {
			g.reach(next, i+1)
		}
		return true
	}
	return false
}
