package detect

import (
	"cmp"
	"slices"
	"sort"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/secret"
)

// A State is what the scan of one blob tells of the next one derived from it.
// The zero State is that of an empty blob. A State is never changed once made.
type State struct {
	size  int
	hits  []hit
	gates []gateHit
	// scarce is set where more gate keywords stood than are remembered.
	scarce bool
}

// A hit is a keyword whose window holds a match, or, of a role that reaches far,
// one that looks promising.
type hit struct {
	matcher    *matcher
	role       *role
	start, end int // of the keyword
	to         int // end of the bytes on which found hangs; they begin at role.before and one more
	found      *found
}

// found is what one window held; offsets count from the keyword's first byte.
type found struct{ matches []scanner.Match }

type gateHit struct{ gate, start, end int }

// maxGateHits is how many gate keywords of one blob are remembered; one is
// enough, the rest spares a scan when an edit takes that one away.
const maxGateHits = 16

// nearReach is how far beyond a keyword the near test looks, which says whether
// a hit that reaches far is worth remembering.
const nearReach = 128 // bytes

// An Inspector scans blobs for one worker. It may be used by one goroutine at a
// time; any number may share a Set.
type Inspector struct {
	set    *Set
	copies []scanner.Copy
	words  []occurrence
	intern func([]byte) secret.Value
	runs   []*dfa // by arm: of what follows the cut
	backs  []*dfa // by arm: of what precedes it
	turned []byte
}

// Inspector gives a new inspector.
func (s *Set) Inspector() *Inspector {
	return &Inspector{set: s, intern: interner(), runs: make([]*dfa, 0)}
}

// Inspect scans a blob and gives what the scan of its children needs. Parent is
// the State of the blob that b.Copies refers to, and is not looked at without
// copies. The State is the same whatever the parent was.
func (in *Inspector) Inspect(b scanner.Blob, parent State) State {
	if in.set.opt.Without&Copy != 0 || parent.scarce {
		b.Copies = nil
	}
	in.copies = joined(in.copies[:0], b.Copies)
	next := State{size: len(b.Data)}
	in.inherit(&next, b.Data, parent)
	in.changed(&next, b.Data, parent.size)
	slices.SortFunc(next.hits, compareHits)
	if len(next.gates) > maxGateHits {
		next.gates, next.scarce = next.gates[:maxGateHits:maxGateHits], true
	}
	return next
}

func compareHits(a, b hit) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.matcher.index, b.matcher.index), cmp.Compare(a.role.offset, b.role.offset))
}

// joined merges copies that continue each other.
func joined(to, from []scanner.Copy) []scanner.Copy {
	for _, c := range from {
		if n := len(to); n > 0 && to[n-1].Dst+to[n-1].Len == c.Dst && to[n-1].Src+to[n-1].Len == c.Src {
			to[n-1].Len += c.Len
			continue
		}
		if c.Len > 0 {
			to = append(to, c)
		}
	}
	return to
}

// whole tells whether copy c covers [from, to) of a blob of size bytes so that a
// function of these bytes, and of where they are cut off by the blob's edges,
// gives in both blobs the same. From and to may lie outside the blob.
func whole(c scanner.Copy, from, to, size, parentSize int) bool {
	if from < c.Dst && (from >= 0 || c.Dst != 0 || c.Src != 0) {
		return false
	}
	end := c.Dst + c.Len
	return to <= end && (c.Src+c.Len <= parentSize) ||
		to > size && end == size && c.Src+c.Len == parentSize
}

// covered tells whether one copy covers [from, to).
func (in *Inspector) covered(from, to, size, parentSize int) bool {
	at := max(from, 0)
	i := sort.Search(len(in.copies), func(i int) bool { return in.copies[i].Dst+in.copies[i].Len > at })
	return i < len(in.copies) && whole(in.copies[i], from, to, size, parentSize)
}

// inherit takes over what stands in the parent's copied runs. A remembered hit
// whose window is not covered whole is judged again.
func (in *Inspector) inherit(next *State, data []byte, parent State) {
	if len(parent.hits) == 0 && len(parent.gates) == 0 {
		return
	}
	for _, c := range in.copies {
		i := sort.Search(len(parent.hits), func(i int) bool { return parent.hits[i].start >= c.Src })
		for ; i < len(parent.hits) && parent.hits[i].end <= c.Src+c.Len; i++ {
			h := parent.hits[i]
			h.start += c.Dst - c.Src
			h.end += c.Dst - c.Src
			h.to += c.Dst - c.Src
			r := h.role
			if whole(c, h.start-r.before-1, h.to, len(data), parent.size) {
				next.hits = append(next.hits, h)
				continue
			}
			if r.far && whole(c, h.start-r.offset-1, h.end+nearReach+1, len(data), parent.size) {
				next.hits = append(next.hits, in.judge(h.matcher, r, data, h.start, h.end))
			}
		}
		for _, g := range parent.gates {
			if c.Src <= g.start && g.end <= c.Src+c.Len {
				next.gates = append(next.gates, gateHit{g.gate, g.start + c.Dst - c.Src, g.end + c.Dst - c.Src})
			}
		}
	}
}

// changed looks for keywords in what no copy covers and in as much of the copies
// beside it as any window of a keyword there could reach.
func (in *Inspector) changed(next *State, data []byte, parentSize int) {
	var before, after int
	if len(in.copies) > 0 {
		m := in.set.margin()
		before, after = m.before+1, max(m.after, nearReach)+1
	}
	from := 0 // of what must be looked at
	for _, c := range in.copies {
		lo, hi := c.Dst+before, c.Dst+c.Len-after // a keyword within is covered
		if c.Dst == 0 && c.Src == 0 {
			lo = 0
		}
		if c.Dst+c.Len == len(data) && c.Src+c.Len == parentSize {
			hi = len(data)
		}
		if hi-lo < 2*in.set.longest {
			continue
		}
		// A keyword that straddles lo or hi is not within.
		in.keywords(next, data, from, min(len(data), lo+in.set.longest), parentSize)
		from = max(0, hi-in.set.longest)
	}
	in.keywords(next, data, from, len(data), parentSize)
}

func (in *Inspector) keywords(next *State, data []byte, from, to, parentSize int) {
	if from >= to {
		return
	}
	in.words = in.set.keywords.find(data, from, to, in.words[:0])
	for _, w := range in.words {
		uses := in.set.uses[w.keyword]
		for i := range uses {
			in.use(next, data, &uses[i], w.end-uses[i].length, w.end, parentSize)
		}
	}
	for i := range in.set.runs {
		r := &in.set.runs[i]
		r.find(data, from, to, func(start int) {
			in.try(next, data, r.matcher, &r.role, start, start+r.length, parentSize)
		})
	}
}

// use judges the keyword at [start, end) for one detector, unless inherit did.
func (in *Inspector) use(next *State, data []byte, u *use, start, end, parentSize int) {
	if u.matcher == nil {
		if !in.covered(start, end, len(data), parentSize) {
			next.gates = append(next.gates, gateHit{u.gate, start, end})
		}
		return
	}
	roles := u.matcher.ready().roles[u.keyword]
	for i := range roles {
		r := &roles[i]
		if r.offset > start {
			continue
		}
		in.try(next, data, u.matcher, r, start, end, parentSize)
	}
}

func (in *Inspector) try(next *State, data []byte, m *matcher, r *role, start, end, parentSize int) {
	if !r.far {
		if len(in.copies) > 0 && in.covered(start-r.before-1, end+r.after+1, len(data), parentSize) {
			return
		}
		if h := in.judge(m, r, data, start, end); h.found != nil {
			next.hits = append(next.hits, h)
		}
		return
	}
	if len(in.copies) > 0 && in.covered(start-r.offset-1, end+nearReach+1, len(data), parentSize) {
		return
	}
	if in.near(r, data, start, end) {
		next.hits = append(next.hits, in.judge(m, r, data, start, end))
	}
}

// near tells whether the bytes from the cut to nearReach beyond the keyword could
// begin what follows the cut.
func (in *Inspector) near(r *role, data []byte, start, end int) bool {
	if r.arm == nil || r.arm.forward == nil || in.set.opt.Without&Near != 0 {
		return true
	}
	cut := start - r.offset
	ok, alive, _ := in.forward(r.arm).run(data[max(0, cut-1):min(len(data), end+nearReach+1)], min(cut, 1))
	return ok || alive
}

// judge gives what the window round a keyword holds.
func (in *Inspector) judge(m *matcher, r *role, data []byte, start, end int) hit {
	from, to := max(0, start-r.before-1), min(len(data), end+r.after+1)
	h := hit{matcher: m, role: r, start: start, end: end, to: end + r.after + 1}
	if r.arm != nil && r.arm.forward != nil && in.set.opt.Without&Shape == 0 {
		cut := start - r.offset
		ok, alive, read := in.forward(r.arm).run(data[from:to], cut-from)
		if !alive {
			to = from + read
			h.to = to
		}
		if !ok || !in.precedes(r.arm, data[from:min(len(data), cut+1)], cut-from) {
			return h
		}
	}
	list := m.match(r, data[from:to], start-from, end-from)
	if len(list) == 0 {
		return h
	}
	h.found = &found{matches: slices.Clone(list)}
	for i := range h.found.matches {
		move(&h.found.matches[i], from-start)
	}
	return h
}

func (in *Inspector) forward(a *arm) *dfa {
	return automatonOf(&in.runs, a.index, a.forward)
}

func automatonOf(list *[]*dfa, i int, p *plan) *dfa {
	for len(*list) <= i {
		*list = append(*list, nil)
	}
	if (*list)[i] == nil {
		(*list)[i] = newDFA(p)
	}
	return (*list)[i]
}

// precedes tells whether what must stand before the cut can end there. Text
// holds one byte beyond the cut if there is one.
func (in *Inspector) precedes(a *arm, text []byte, cut int) bool {
	if a.backward == nil {
		return true
	}
	in.turned = append(in.turned[:0], text...)
	slices.Reverse(in.turned)
	ok, _, _ := automatonOf(&in.backs, a.index, a.backward).run(in.turned, len(text)-cut)
	return ok
}

func move(m *scanner.Match, by int) {
	m.Start += by
	m.End += by
	m.SecretStart += by
	m.SecretEnd += by
}
