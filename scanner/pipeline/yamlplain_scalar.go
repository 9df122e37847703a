package pipeline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The scalars of plainYAML, in each style.

// starts tells whether a plain scalar may start with what stands here.
func (p *plainYAML) starts() bool {
	switch p.s[p.i] {
	case '-', '?', ':':
		return !p.blankAt(p.i + 1)
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '\t':
		return false
	}
	return true
}

// word reads a plain scalar, over as many lines as stand deeper than indent.
func (p *plainYAML) word(indent, depth int) *Node {
	if !p.starts() {
		return p.fail()
	}
	start := p.i
	end, colon := p.wordLine()
	value := p.s[start:end]
	p.i = end
	if colon || p.failed {
		return p.scalar(value, start, depth, plainStyle)
	}
	var folded []byte
	for {
		i, line, breaks := p.i, p.line, 0
		for i < len(p.s) && (p.s[i] == ' ' || p.s[i] == '\n') {
			if p.s[i] == '\n' {
				line = i + 1
				breaks++
			}
			i++
		}
		if breaks == 0 || i == len(p.s) || p.s[i] == '#' || i-line <= indent {
			break
		}
		if p.s[i] == '\t' || i == line { // where markers of documents may stand
			return p.fail()
		}
		p.i, p.line = i, line
		if end, colon = p.wordLine(); colon || p.failed {
			return p.fail()
		}
		if folded == nil {
			folded = append(folded, value...)
		}
		folded = fold(folded, breaks)
		folded = append(folded, p.s[i:end]...)
		p.i = end
	}
	if folded != nil {
		value = string(folded)
	}
	return p.scalar(value, start, depth, plainStyle)
}

// fold adds what that many line breaks between two lines stand for.
func fold(b []byte, breaks int) []byte {
	if breaks == 1 {
		return append(b, ' ')
	}
	for range breaks - 1 {
		b = append(b, '\n')
	}
	return b
}

// wordLine gives where a plain scalar ends on its line, and whether that is at
// the colon of a key.
func (p *plainYAML) wordLine() (end int, colon bool) {
	i := p.i
	for ; i < len(p.s); i++ {
		if !wordEndings[p.s[i]] {
			continue
		}
		switch p.s[i] {
		case '\n':
			return p.trimmed(i), false
		case ':':
			if p.blankAt(i + 1) {
				return p.trimmed(i), true
			}
		case '#':
			if i > p.i && p.s[i-1] == ' ' {
				return p.trimmed(i), false
			}
		case '\t':
			p.failed = true
			return i, false
		}
	}
	return p.trimmed(i), false
}

// wordEndings are the bytes that a plain scalar may end at.
var wordEndings = [256]bool{'\n': true, ':': true, '#': true, '\t': true}

// trimmed is i without the spaces before it.
func (p *plainYAML) trimmed(i int) int {
	for i > p.i && p.s[i-1] == ' ' {
		i--
	}
	return i
}

// quoted reads a quoted scalar.
func (p *plainYAML) quoted(depth int, quote byte) *Node {
	start := p.i
	style := singleStyle
	if quote == '"' {
		style = doubleStyle
	}
	p.i++
	for i := p.i; i < len(p.s); i++ {
		c := p.s[i]
		if c == quote && (quote == '"' || i+1 == len(p.s) || p.s[i+1] != quote) {
			value := p.s[p.i:i]
			p.i = i + 1
			return p.scalar(value, start, depth, style)
		}
		if c == '\n' || c == quote || c == '\\' && quote == '"' {
			break
		}
	}
	value, ok := p.unquote(quote)
	if !ok {
		return p.fail()
	}
	return p.scalar(value, start, depth, style)
}

// unquote reads a quoted scalar with escapes or line breaks in it.
func (p *plainYAML) unquote(quote byte) (string, bool) {
	var b []byte
	ok := true
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == quote && quote == '\'' && p.at(quote):
			b = append(b, c)
			p.i++
		case c == quote:
			return string(b), true
		case c == '\\' && quote == '"':
			if p.i == len(p.s) {
				return "", false
			}
			if b, ok = p.escape(b); !ok {
				return "", false
			}
		case c == '\n':
			breaks := 1
			for p.line = p.i; p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n'); p.i++ {
				if p.s[p.i] == '\n' {
					p.line = p.i + 1
					breaks++
				}
			}
			if p.i == len(p.s) || p.s[p.i] == '\t' || p.col() == 0 { // where markers of documents may stand
				return "", false
			}
			b = fold(b, breaks)
		case c == ' ' || c == '\t':
			j := p.i
			for j < len(p.s) && (p.s[j] == ' ' || p.s[j] == '\t') {
				j++
			}
			if j < len(p.s) && p.s[j] != '\n' { // what ends a line is folded away
				b = append(b, p.s[p.i-1:j]...)
			}
			p.i = j
		default:
			b = append(b, c)
		}
	}
	return "", false
}

// escape adds what stands for the escape whose letter is next.
func (p *plainYAML) escape(b []byte) ([]byte, bool) {
	c := p.s[p.i]
	p.i++
	if e, ok := plainEscapes[c]; ok {
		return append(b, e), true
	}
	digits := strings.IndexByte("  x u   U", c)
	if digits < 2 || p.i+digits > len(p.s) {
		return nil, false
	}
	r, err := strconv.ParseUint(p.s[p.i:p.i+digits], 16, 32)
	if err != nil || !utf8.ValidRune(rune(r)) {
		return nil, false
	}
	p.i += digits
	return utf8.AppendRune(b, rune(r)), true
}

var plainEscapes = map[byte]byte{'0': 0, 't': '\t', 'n': '\n', 'r': '\r', 'e': 0x1B, ' ': ' ', '"': '"', '\'': '\'', '\\': '\\'}

// literal reads a block scalar.
func (p *plainYAML) literal(indent, depth int) *Node {
	start := p.i
	folds := p.s[p.i] == '>'
	p.i++
	chomp := byte(0)
	if p.at('+') || p.at('-') {
		chomp = p.s[p.i]
		p.i++
	}
	if p.spaces(); !p.lineEnd() {
		return p.fail()
	}
	j := strings.IndexByte(p.s[p.i:], '\n')
	if j < 0 {
		return p.fail()
	}
	p.i += j + 1
	p.line = p.i
	value, ok := p.literalLines(indent, folds, chomp)
	if !ok {
		return p.fail()
	}
	n := p.node(ScalarNode, start, depth)
	n.Value = value
	p.place(n, blockStyle)
	return n
}

// literalLines reads the lines of a block scalar, from the first one.
func (p *plainYAML) literalLines(outer int, folds bool, chomp byte) (string, bool) {
	indent, empty := p.literalIndent(outer)
	if p.failed {
		return "", false
	}
	if empty {
		n := p.breaks(indent)
		p.i = p.line
		if chomp != '+' {
			n = 0
		}
		return strings.Repeat("\n", n), true
	}
	var b strings.Builder
	breaks, before := p.breaks(indent), 0 // empty lines, those behind the last that is not
	first, lead := true, false            // the line before starts with a blank
	for p.i < len(p.s) && p.col() == indent {
		blank := p.s[p.i] == ' ' || p.s[p.i] == '\t'
		switch {
		case first:
		case folds && !lead && !blank:
			if breaks == 0 {
				b.WriteByte(' ')
			}
		default:
			b.WriteByte('\n')
		}
		for range breaks {
			b.WriteByte('\n')
		}
		first, lead, before = false, blank, 0
		j := strings.IndexByte(p.s[p.i:], '\n')
		if j < 0 {
			b.WriteString(p.s[p.i:])
			p.i = len(p.s)
			breaks = 0
			break
		}
		b.WriteString(p.s[p.i : p.i+j])
		p.i += j + 1
		p.line = p.i
		before, breaks = 1, p.breaks(indent)
	}
	if p.i < len(p.s) && p.at('\t') {
		return "", false
	}
	if chomp != '-' && before > 0 {
		b.WriteByte('\n')
	}
	if chomp == '+' {
		for range breaks {
			b.WriteByte('\n')
		}
	}
	return b.String(), true
}

// literalIndent is the indentation of a block scalar's lines: that of the first
// which is not empty. Where that is not deeper than what the scalar stands in, or
// than an empty line before, the scalar is empty.
func (p *plainYAML) literalIndent(outer int) (indent int, empty bool) {
	indent = max(1, outer+1)
	for i := p.i; ; {
		line := i
		for i < len(p.s) && p.s[i] == ' ' {
			i++
		}
		if i < len(p.s) && p.s[i] == '\n' {
			indent = max(indent, i-line)
			i++
			continue
		}
		if i < len(p.s) && p.s[i] == '\t' {
			p.failed = true
		}
		if i-line >= indent && i < len(p.s) {
			return i - line, false
		}
		if i-line > outer && i < len(p.s) { // what no key can stand before
			p.failed, p.action = true, p.s[i] != '#'
		}
		return max(indent, i-line), true
	}
}

// breaks goes over empty lines and the indentation of the next, and gives how
// many they were.
func (p *plainYAML) breaks(indent int) int {
	n := 0
	for p.i < len(p.s) {
		for p.col() < indent && p.at(' ') {
			p.i++
		}
		if !p.at('\n') {
			break
		}
		p.i++
		p.line = p.i
		n++
	}
	return n
}
