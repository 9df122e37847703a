package decode

import (
	"bytes"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/credgate/credgate/scanner"
)

// Limits of decoding; a zero field takes the default.
type Limits struct {
	Depth   int   // encodings within encodings; 8: a chart in a chart in a chart is 6
	Bytes   int64 // decoded from one source in all; 256 MiB
	Ratio   int   // decoded bytes for each byte of source, above the first MiB; 200
	Members int   // of archives in one source, nested ones included; 100 000
}

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = 8
	}
	if l.Bytes <= 0 {
		l.Bytes = 256 << 20
	}
	if l.Ratio <= 0 {
		l.Ratio = 200
	}
	if l.Members <= 0 {
		l.Members = 100_000
	}
	return l
}

// A Decoder finds and decodes runs in text. It keeps buffers, so that most
// sources cost no memory; it is for one goroutine. The zero value is ready.
type Decoder struct {
	Limits Limits
	levels []level
}

// A level is what one depth of nesting needs.
type level struct {
	buf []byte
	m   Map
}

// Text yields, of the segments of some kinds of all of src, those whose
// neighbourhood meets [from, to], in order of encoding, then position, each
// followed by what is encoded inside it, of any kind. A gap has no path; it stands
// for what was not decoded.
func (d *Decoder) Text(src []byte, from, to int, kinds Kinds) iter.Seq2[*Segment, *scanner.Gap] {
	return func(yield func(*Segment, *scanner.Gap) bool) {
		lim := d.Limits.withDefaults()
		for len(d.levels) < lim.Depth {
			d.levels = append(d.levels, level{})
		}
		t := textRun{d: d, lim: lim, budget: newBudget(lim, len(src)), yield: yield}
		t.text(src, from, to, kinds, nil)
	}
}

// minText is the least that is worth a look.
const minText = 8 // bytes

// A textRun is one call of Text.
type textRun struct {
	d      *Decoder
	lim    Limits
	budget *budget
	yield  func(*Segment, *scanner.Gap) bool
	depth  int
}

// A finder yields the encoded runs of src whose neighbourhoods may meet [from, to].
type finder struct {
	kind     Kinds
	encoding string
	find     func(src []byte, from, to int, yield func(span) bool) bool
	decode   func(dst, src []byte, s span, m *Map) []byte
}

// A span is an encoded run, not yet decoded.
type span struct {
	start, end int // of the run
	from, to   int // of its neighbourhood
	hex        bool
}

var finders = [...]finder{
	{Runs, "base64", findRuns, decodeRun},
	{Percents, "percent", percents.find, percents.decode},
	{Escapes, "escape", escapes.find, escapes.decode},
}

// text decodes src, which is the data of outer if that is not nil.
func (t *textRun) text(src []byte, from, to int, kinds Kinds, outer *Segment) bool {
	for i := range finders {
		f := &finders[i]
		if kinds&f.kind != 0 && !f.find(src, from, to, func(s span) bool { return t.span(src, from, to, f, s, outer) }) {
			return false
		}
	}
	return true
}

func (t *textRun) span(src []byte, from, to int, f *finder, s span, outer *Segment) bool {
	seg := Segment{Encoding: f.encoding, Start: s.start, End: s.end, From: s.from, To: s.to}
	if s.hex {
		seg.Encoding = "hex"
	}
	if !seg.meets(from, to) || outer != nil && outer.Plain(s.start, s.end) {
		return true // the same run was met in the source of outer
	}
	if t.depth >= t.lim.Depth {
		return t.yield(nil, &scanner.Gap{Reason: scanner.TooDeep, Detail: "encodings within encodings: deeper than the limit"})
	}
	l := &t.d.levels[t.depth]
	l.m.runs = l.m.runs[:0]
	l.buf = f.decode(l.buf[:0], src, s, &l.m)
	if len(l.buf) < minText {
		return true
	}
	if !t.budget.take(len(l.buf)) {
		t.yield(nil, t.budget.gap())
		return false
	}
	seg.Data, seg.maps = l.buf, []*Map{&l.m}
	return t.emit(&seg, outer)
}

// emit yields a segment, or what it encloses, and then what is encoded in it.
func (t *textRun) emit(seg, outer *Segment) bool {
	if outer != nil {
		seg.Start, seg.End = outer.Source(seg.Start, seg.End)
		seg.From, seg.To = outer.From, outer.To
		seg.Encoding = outer.Encoding + "+" + seg.Encoding
		seg.maps = append(seg.maps, outer.maps...)
	}
	t.depth++
	defer func() { t.depth-- }()
	if Enclosed(seg.Data) {
		return t.enclosed(seg)
	}
	if !looksLikeText(seg.Data) {
		return true
	}
	return t.yield(seg, nil) && t.text(seg.Data, 0, len(seg.Data), AllKinds, seg)
}

// enclosed yields the text that is compressed or archived in a segment.
func (t *textRun) enclosed(seg *Segment) bool {
	o := opener{lim: t.lim, budget: t.budget, yield: func(p Part, g *scanner.Gap) bool {
		if g != nil {
			return t.yield(nil, g)
		}
		if strings.HasPrefix(p.Encoding, "utf-") && highBytes(p.Data)*2 > len(p.Data) {
			return true // two random bytes are a mark now and then
		}
		m := &p.m
		if len(m.runs) == 0 {
			m.add(0, 0, 0, len(seg.Data))
			m.add(len(p.Data), len(seg.Data), 0, 0)
		}
		in := *seg
		in.Data, in.Encoding = p.Data, seg.Encoding+"+"+p.Encoding
		in.maps = append([]*Map{m}, seg.maps...)
		return !looksLikeText(in.Data) || t.yield(&in, nil) && t.text(in.Data, 0, len(in.Data), AllKinds, &in)
	}}
	return o.open("", seg.Data, t.depth)
}

// looksLikeText tells text, in which a tenth may be odd, from bytes.
func looksLikeText(b []byte) bool {
	odd := 0
	for _, c := range b {
		if textual[c] == 0 {
			odd++
		}
	}
	return odd*10 <= len(b) && (utf8.Valid(b) || odd*10+highBytes(b)*5 <= len(b))
}

func highBytes(b []byte) (n int) {
	for _, c := range b {
		if c >= 0x80 {
			n++
		}
	}
	return n
}

// startsLikeText judges by the first bytes, strictly: of random ones it lets
// pass one in a hundred thousand.
func startsLikeText(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for _, c := range b {
		if textual[c] != 1 {
			return false
		}
	}
	return true
}

// textual is 1 for bytes of ASCII text, 2 for those beyond ASCII.
var textual = func() (t [256]uint8) {
	for c := range t {
		switch {
		case ' ' <= c && c < 127 || c == '\t' || c == '\n' || c == '\r':
			t[c] = 1
		case c >= 128:
			t[c] = 2
		}
	}
	return t
}()
