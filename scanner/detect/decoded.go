package detect

import (
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/decode"
	"github.com/credgate/credgate/scanner/secret"
)

// A decoded find is one in content that stands encoded. It hangs on the bytes
// [from, to) of the blob, its neighbourhood.
type decodedFind struct {
	from, to   int
	start, end int // of what encodes the secret, in the blob
	matcher    *matcher
	value      secret.Value
	severity   scanner.Severity
	facts      []scanner.Fact
	atPath     func(string) bool

	encoding string
	inner    string // "!" and the path in an archive; "" in the blob itself
	span     *Span  // in a part that the blob encloses whole; nil: that of start and end
	allowed  string // in such a part
}

// decode adds to next what stands encoded in the blob: what the parent's copied
// runs hold is inherited, and the rest is opened.
func (in *Inspector) decode(next *State, b scanner.Blob, parent State) {
	if in.set.opt.Raw {
		return
	}
	if len(b.Data) >= 2 && decode.Enclosed(b.Data) {
		in.open(next, b)
		return
	}
	for _, c := range in.copies {
		i := sort.Search(len(parent.decoded), func(i int) bool { return parent.decoded[i].start >= c.Src })
		for ; i < len(parent.decoded) && parent.decoded[i].start < c.Src+c.Len; i++ {
			f := parent.decoded[i]
			f.shift(c.Dst - c.Src)
			if f.span == nil && whole(c, f.from-1, f.to+1, next.size, parent.size) {
				next.decoded = append(next.decoded, f)
			}
		}
	}
	for _, l := range in.looks {
		before, after := decode.Within(b.Data, l.change.from, l.change.to, l.seen.from, l.seen.to)
		if !before {
			in.odd = append(in.odd, odd{stretch{l.change.from, l.change.from}, decode.AllKinds})
		}
		if !after {
			in.odd = append(in.odd, odd{stretch{l.change.to, l.change.to}, decode.AllKinds})
		}
	}
	for at := range in.together(len(b.Data)) {
		in.text(next, b, at, parent.size)
	}
	in.settle(next)
}

// together yields what is odd in order; what is little apart as one.
func (in *Inspector) together(size int) iter.Seq[odd] {
	slices.SortFunc(in.odd, func(a, b odd) int { return compareInts(a.from, b.from, a.to, b.to) })
	apart := oddApart
	if len(in.odd) > maxLooks {
		apart = max(apart, size/maxLooks)
	}
	return func(yield func(odd) bool) {
		for i := 0; i < len(in.odd); {
			at := in.odd[i]
			for i++; i < len(in.odd) && in.odd[i].from <= at.to+apart; i++ {
				at.to = max(at.to, in.odd[i].to)
				at.kinds |= in.odd[i].kinds
			}
			if !yield(at) {
				return
			}
		}
	}
}

// Odd parts of a blob are looked at as one where they are at most oddApart bytes
// apart. A run that many of them meet is decoded for each of maxLooks looks at
// most, which are longer then.
const (
	oddApart = 256 // bytes
	maxLooks = 8
)

func (f *decodedFind) shift(by int) {
	f.from, f.to, f.start, f.end = f.from+by, f.to+by, f.start+by, f.end+by
}

// settle orders finds, and leaves out those that two changes met.
func (in *Inspector) settle(next *State) {
	slices.SortStableFunc(next.decoded, compareDecoded)
	next.decoded = slices.CompactFunc(next.decoded, func(a, b decodedFind) bool { return compareDecoded(a, b) == 0 })
}

func compareDecoded(a, b decodedFind) int {
	return compareInts(a.start, b.start, a.end, b.end, a.matcher.index, b.matcher.index, a.from, b.from)
}

// compareInts compares pairs of numbers.
func compareInts(pairs ...int) int {
	for i := 0; i < len(pairs); i += 2 {
		if d := pairs[i] - pairs[i+1]; d != 0 {
			return d
		}
	}
	return 0
}

// text looks at what stands encoded whose neighbourhood meets an odd part and that
// no copy covers.
func (in *Inspector) text(next *State, b scanner.Blob, at odd, parentSize int) {
	for seg, gap := range in.decoder.Text(b.Data, at.from, at.to, at.kinds) {
		if gap != nil {
			gap.Object = b.ID
			in.gap(*gap)
			continue
		}
		if c, ok := in.copyAt(seg.From); ok && whole(c, seg.From-1, seg.To+1, next.size, parentSize) {
			continue
		}
		for _, f := range in.inside(seg.Data) {
			if seg.Plain(f.start, f.end) {
				continue
			}
			f.start, f.end = seg.Source(f.start, f.end)
			f.from, f.to, f.encoding = seg.From, seg.To, seg.Encoding
			next.decoded = append(next.decoded, f)
		}
	}
}

// open looks at what a blob encloses whole.
func (in *Inspector) open(next *State, b scanner.Blob) {
	for part, gap := range decode.Open("", b.Data, decode.Limits{}) {
		if gap != nil {
			gap.Object = b.ID
			if gap.Path != "" { // of a member: it begins with "!", and the blob's path goes before it
				gap.Detail = "member " + memberName(gap.Path) + ": " + gap.Detail
				gap.Path = ""
			}
			in.gap(*gap)
			continue
		}
		place := newRuler(part.Data)
		for _, f := range in.inside(part.Data) {
			span := place.span(f.start, f.end)
			f.span, f.inner, f.encoding = &span, part.Path, part.Encoding
			f.allowed = in.set.pragma(linesAt(part.Data, f.start, f.end), f.matcher.ID)
			f.from, f.to = -1, next.size+1
			if from, to, ok := part.Source(f.start, f.end); ok {
				f.start, f.end = from, to
			} else {
				f.start, f.end = 0, len(b.Data)
			}
			next.decoded = append(next.decoded, f)
		}
	}
}

// maxMember is how much of a member's path a gap quotes.
const maxMember = 200 // bytes

func memberName(path string) string {
	path = strings.TrimPrefix(path, "!")
	if len(path) > maxMember {
		return strconv.Quote("…" + strings.ToValidUTF8(path[len(path)-maxMember:], ""))
	}
	return strconv.Quote(path)
}

// inside gives the finds in decoded content; start and end are in it.
func (in *Inspector) inside(data []byte) []decodedFind {
	if in.within == nil {
		in.within = in.set.Inspector()
		in.within.intern, in.within.direct = in.intern, true
	}
	st := in.within.whole(data)
	var list []decodedFind
	in.within.each(data, st, func(m *matcher, x scanner.Match) {
		list = append(list, decodedFind{
			start: x.SecretStart, end: x.SecretEnd, matcher: m, value: in.intern(data[x.SecretStart:x.SecretEnd]),
			severity: x.Severity, facts: x.Facts, atPath: x.AtPath,
		})
	})
	return list
}

// maxGaps bounds the gaps that an inspector keeps one by one.
const maxGaps = 10_000

// gap keeps a gap, once for each blob; of those beyond the limit it keeps the
// number, and whether they are minor.
func (in *Inspector) gap(g scanner.Gap) {
	switch n := len(in.gaps); {
	case n > 0 && in.gaps[n-1] == g:
	case n < maxGaps:
		in.gaps = append(in.gaps, g)
	case g.Minor:
		in.minor++
	default:
		in.more++
	}
}

// Gaps gives what could not be opened in the blobs that were inspected, each with
// its object, and forgets it.
func (in *Inspector) Gaps() []scanner.Gap {
	g := in.gaps
	for _, rest := range []struct {
		n     int
		minor bool
	}{{in.more, false}, {in.minor, true}} {
		if rest.n > 0 {
			g = append(g, scanner.Gap{Reason: scanner.TooDeep, Minor: rest.minor, Detail: strconv.Itoa(rest.n) + " further encodings and archives could not be opened, too many to tell one by one"})
		}
	}
	in.gaps, in.more, in.minor = nil, 0, 0
	return g
}
