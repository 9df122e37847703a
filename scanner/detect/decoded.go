package detect

import (
	"slices"
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
	if len(in.copies) == 0 {
		in.text(next, b, 0, len(b.Data), 0)
		in.settle(next)
		return
	}
	for _, c := range in.copies {
		for _, f := range parent.decoded {
			f.shift(c.Dst - c.Src)
			if f.span == nil && whole(c, f.from-1, f.to+1, next.size, parent.size) {
				next.decoded = append(next.decoded, f)
			}
		}
	}
	apart := wholeChange
	if len(in.copies) > maxLooks {
		apart = max(apart, len(b.Data)/maxLooks)
	}
	from := 0
	if first := in.copies[0]; first.Dst == 0 && first.Src == 0 {
		from = -1
	}
	for i, c := range in.copies {
		if from < 0 { // nothing changed before the first copy
			from = c.Dst + c.Len
			continue
		}
		if c.Len < apart && i < len(in.copies)-1 {
			continue // two changes are looked at as one
		}
		in.text(next, b, from, c.Dst, parent.size)
		from = c.Dst + c.Len
	}
	if last := in.copies[len(in.copies)-1]; from < len(b.Data) || last.Src+last.Len != parent.size {
		in.text(next, b, from, len(b.Data), parent.size)
	}
	in.settle(next)
}

// wholeChange is the longest copy that is looked at together with the changes on
// both of its sides. A run that many changes meet is decoded for each of maxLooks
// looks at most, which are longer then.
const (
	wholeChange = 512 // bytes
	maxLooks    = 8
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

// text looks at the encoded runs whose neighbourhood meets [from, to] and that no
// copy covers.
func (in *Inspector) text(next *State, b scanner.Blob, from, to, parentSize int) {
	for seg, gap := range in.decoder.Text(b.Data, from, to) {
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
		for _, f := range in.inside(part.Data) {
			span := Region(part.Data, f.start, f.end)
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
		in.within.intern = in.intern
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
