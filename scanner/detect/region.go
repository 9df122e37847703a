package detect

import (
	"bytes"
	"unicode/utf8"
)

// A Span is a region of text as SARIF 2.1.0 counts it (3.30): lines and columns
// are 1-based, columns in UTF-16 code units, EndColumn one past the last unit.
type Span struct{ Line, Column, EndLine, EndColumn int }

var (
	newline = []byte{'\n'}
	mark    = []byte("\ufeff") // byte order mark
)

// Region tells where data[start:end] stands. LF and CR LF end a line (SARIF's
// default newlineSequences). A byte order mark at the start takes no column. A
// byte that is no UTF-8 counts as the one unit of the U+FFFD that an editor
// shows for it. A region that ends in a line break ends with the line it breaks.
func Region(data []byte, start, end int) Span {
	return newRuler(data).span(start, end)
}

// A ruler tells where parts of data stand. It goes on from where the last one
// began, so that parts in order of place cost one pass.
type ruler struct {
	data             []byte
	at, line, column int // no continuation byte stands at
}

func newRuler(data []byte) *ruler { return &ruler{data: data, line: 1, column: 1} }

func (r *ruler) span(start, end int) Span {
	var s Span
	s.Line, s.Column = r.to(start)
	stop := end
	if stop > start && r.data[stop-1] == '\n' {
		stop--
		if stop > start && r.data[stop-1] == '\r' {
			stop--
		}
	}
	ahead := *r
	s.EndLine, s.EndColumn = ahead.to(stop)
	return s
}

// to goes to an offset and gives its line and column, from 1 on.
func (r *ruler) to(off int) (line, column int) {
	if off < r.at {
		r.at, r.line, r.column = 0, 1, 1
	}
	line, column = r.line, r.column
	begin := r.at
	if n := bytes.Count(r.data[r.at:off], newline); n > 0 {
		line, column = line+n, 1
		begin = r.at + bytes.LastIndexByte(r.data[r.at:off], '\n') + 1
	}
	column += units(r.data, begin, off)
	if off == len(r.data) || utf8.RuneStart(r.data[off]) {
		r.at, r.line, r.column = off, line, column
	}
	return line, column
}

// units counts the UTF-16 code units of a part of a line.
func units(data []byte, from, to int) int {
	b := data[from:to]
	if from == 0 {
		b = bytes.TrimPrefix(b, mark)
	}
	n := 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			n++
			b = b[1:]
			continue
		}
		r, size := utf8.DecodeRune(b)
		if r >= 0x10000 {
			n++
		}
		n++
		b = b[size:]
	}
	return n
}

// lineContext is how much of a line beside a match is looked at.
const lineContext = 1 << 10 // bytes

// linesAt gives the whole lines on which data[start:end] stands, without the
// last line's end, cut at lineContext on either side.
func linesAt(data []byte, start, end int) []byte {
	from := max(0, start-lineContext)
	from += bytes.LastIndexByte(data[from:start], '\n') + 1
	rest := data[end:min(len(data), end+lineContext)]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return bytes.TrimSuffix(data[from:end+len(rest)], []byte{'\r'})
}
