package detect

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/decode"
	"github.com/credgate/credgate/scanner/secret"
)

// A State is what the scan of one blob tells of the next one derived from it.
// The zero State is that of an empty blob. A State is never changed once made.
type State struct {
	size  int
	words []word // in order of start, then of id
	hits  []hit

	decoded []decodedFind
}

// A word is a keyword, or what stands for one, in a blob. Only those are kept
// whose neighbourhood allows a match.
type word struct {
	start uint32
	id    uint32 // number of the keyword
	uses  uint32 // a bit for each use of it that the neighbourhood allows
}

// bit is that of use i; those after the last share it.
func bit(i int) uint32 { return 1 << min(i, 31) }

// A hit is a keyword whose window holds a match.
type hit struct {
	matcher    *matcher
	role       *role
	start, end int // of the keyword
	to         int // end of the bytes on which found hangs; they begin at role.before and one more
	found      *found
}

// found is what one window held; offsets count from the keyword's first byte.
type found struct{ matches []scanner.Match }

// An Inspector scans blobs for one worker. It may be used by one goroutine at a
// time; any number may share a Set.
type Inspector struct {
	set    *Set
	copies []scanner.Copy
	fresh  []word
	looks  []look
	odd    []odd
	intern func([]byte) secret.Value
	runs   []*dfa // by arm: of what follows the cut
	backs  []*dfa // by arm: of what precedes it
	turned []byte
	seen   *cache
	notes  notes
	noted  []noted
	parts  []part
	places places
	looked stretch  // the last that look saw of the blob at hand
	direct bool     // what lines hold is not remembered
	times  []Timing // by matcher; nil unless asked for

	decoder decode.Decoder
	within  *Inspector // for decoded content
	gaps    []scanner.Gap
	more    int // gaps beyond maxGaps that are not minor
	minor   int // those that are
}

// Inspector gives a new inspector.
func (s *Set) Inspector() *Inspector {
	in := &Inspector{set: s, intern: interner(), seen: newCache(), direct: s.opt.Without&Seen != 0, notes: notes{slots: make([]note, leastNotes)}}
	if s.opt.Timings {
		in.times = make([]Timing, len(s.matchers))
		s.mu.Lock()
		s.inspectors = append(s.inspectors, in)
		s.mu.Unlock()
	}
	return in
}

// Inspect scans a blob and gives what the scan of its children needs. Parent is
// the State of the blob that b.Copies refers to, and is not looked at without
// copies. What stands in the blob is the same whatever the parent was.
func (in *Inspector) Inspect(b scanner.Blob, parent State) State {
	if in.set.opt.Without&Copy != 0 {
		b.Copies = nil
	}
	in.copies = joined(in.copies[:0], b.Copies)
	in.fresh, in.looks, in.odd = in.fresh[:0], in.looks[:0], in.odd[:0]
	in.looked = stretch{}
	if len(in.copies) == 0 {
		next := in.whole(b.Data)
		in.decode(&next, b, parent)
		return next
	}
	in.notes.derived = true
	next := State{size: len(b.Data)}
	in.changed(b.Data, parent.size)
	in.inherit(&next, parent)
	at := 0 // the copy that holds the word, or the next after it
	for i := range next.words {
		w := next.words[i]
		for at < len(in.copies) && in.copies[at].Dst+in.copies[at].Len <= int(w.start) {
			at++
		}
		if at < len(in.copies) {
			in.word(&next, w, in.copies[at], b.Data, parent.size)
		} else {
			in.anew(&next, w, b.Data)
		}
	}
	slices.SortFunc(next.hits, compareHits)
	in.decode(&next, b, parent)
	return next
}

// whole scans a blob that has no parent.
func (in *Inspector) whole(data []byte) State {
	in.fresh, in.odd = in.fresh[:0], in.odd[:0]
	in.looked = stretch{}
	next := State{size: len(data)}
	in.look(data, 0, len(data))
	next.words = slices.Clone(in.fresh)
	for i := range next.words {
		in.anew(&next, next.words[i], data)
	}
	slices.SortFunc(next.hits, compareHits)
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
	return to <= end || to > size && end == size && c.Src+c.Len == parentSize
}

// copyAt gives the copy that holds the byte at offset at.
func (in *Inspector) copyAt(at int) (scanner.Copy, bool) {
	i := sort.Search(len(in.copies), func(i int) bool { return in.copies[i].Dst+in.copies[i].Len > at })
	if i == len(in.copies) || in.copies[i].Dst > at {
		return scanner.Copy{}, false
	}
	return in.copies[i], true
}

// A stretch is a part of a blob, end exclusive.
type stretch struct{ from, to int }

// A look is a change, and what was looked at for its sake.
type look struct{ change, seen stretch }

// An odd part of a blob is one in which something may stand encoded.
type odd struct {
	stretch
	kinds decode.Kinds
}

// changed looks for words in what no copy covers and as much of the copies beside
// it as a word and what is near it can take.
func (in *Inspector) changed(data []byte, parentSize int) {
	before, after := in.set.longest+scanner.NearAfter+1, scanner.NearBefore+2
	l := look{}
	for i, c := range in.copies {
		if c.Len <= before+after {
			continue // a word within is found and left out
		}
		if l.change.to, l.seen.to = c.Dst, min(len(data), c.Dst+after); i > 0 || c.Dst > 0 || c.Src > 0 {
			in.see(data, l)
		}
		l.change.from, l.seen.from = c.Dst+c.Len, c.Dst+c.Len-before
	}
	if last := in.copies[len(in.copies)-1]; l.change.from < len(data) || last.Src+last.Len != parentSize {
		l.change.to, l.seen.to = len(data), len(data)
		in.see(data, l)
	}
	in.fresh = slices.DeleteFunc(in.fresh, func(w word) bool {
		c, ok := in.copyAt(int(w.start))
		return ok && in.set.standsIn(c, w, len(data), parentSize)
	})
}

func (in *Inspector) see(data []byte, l look) {
	l.seen = in.look(data, l.seen.from, l.seen.to)
	in.looks = append(in.looks, l)
}

// standsIn tells whether a word is there for what c covers alone: it was there
// in the parent if it is here.
func (s *Set) standsIn(c scanner.Copy, w word, size, parentSize int) bool {
	m := s.margins[w.id]
	return whole(c, int(w.start)-1-m.before, s.end(w)+m.after, size, parentSize)
}

func (s *Set) end(w word) int { return int(w.start) + s.lengths[w.id] }

// inherit takes over words and hits that stand in the parent's copied runs, and
// merges the fresh words in.
func (in *Inspector) inherit(next *State, parent State) {
	if len(parent.words) == 0 && len(in.fresh) == 0 {
		return
	}
	fresh := in.fresh
	next.words = make([]word, 0, len(parent.words)+len(fresh))
	for _, c := range in.copies {
		i := sort.Search(len(parent.words), func(i int) bool { return int(parent.words[i].start) >= c.Src })
		for ; i < len(parent.words) && int(parent.words[i].start) < c.Src+c.Len; i++ {
			w := parent.words[i]
			w.start = uint32(int(w.start) + c.Dst - c.Src)
			if !in.set.standsIn(c, w, next.size, parent.size) {
				continue
			}
			for len(fresh) > 0 && compareWords(fresh[0], w) < 0 {
				next.words = append(next.words, fresh[0])
				fresh = fresh[1:]
			}
			next.words = append(next.words, w)
		}
		in.inheritHits(next, c, parent)
	}
	next.words = append(next.words, fresh...)
}

func (in *Inspector) inheritHits(next *State, c scanner.Copy, parent State) {
	i := sort.Search(len(parent.hits), func(i int) bool { return parent.hits[i].start >= c.Src })
	for ; i < len(parent.hits) && parent.hits[i].start < c.Src+c.Len; i++ {
		h := parent.hits[i]
		h.start += c.Dst - c.Src
		h.end += c.Dst - c.Src
		h.to += c.Dst - c.Src
		if whole(c, h.start-h.role.before-1, h.to, next.size, parent.size) {
			next.hits = append(next.hits, h)
		}
	}
}

// word judges a word for the roles whose windows c does not cover whole.
func (in *Inspector) word(next *State, w word, c scanner.Copy, data []byte, parentSize int) {
	start, end := int(w.start), in.set.end(w)
	if start < c.Dst || !in.set.standsIn(c, w, len(data), parentSize) {
		in.anew(next, w, data)
		return
	}
	reach := in.set.reaches[w.id].of(in.set.uses[w.id])
	if whole(c, start-reach.before-1, end+reach.after+1, len(data), parentSize) {
		return
	}
	for i := range in.set.uses[w.id] {
		u := &in.set.uses[w.id][i]
		if w.uses&bit(i) == 0 {
			continue
		}
		for _, r := range u.roles() {
			if !whole(c, start-r.before-1, end+r.after+1, len(data), parentSize) {
				in.judge(next, u.matcher, r, data, start, end, c, parentSize)
			}
		}
	}
}

// anew judges a word of which no parent tells anything.
func (in *Inspector) anew(next *State, w word, data []byte) {
	start, end := int(w.start), in.set.end(w)
	uses := in.set.uses[w.id]
	for i := range uses {
		if w.uses&bit(i) == 0 {
			continue
		}
		for _, r := range uses[i].roles() {
			in.judge(next, uses[i].matcher, r, data, start, end, scanner.Copy{}, 0)
		}
	}
}

// judge appends the hit at a keyword if its window holds a match, unless c covers
// all that it hangs on: then inherit did.
func (in *Inspector) judge(next *State, m *matcher, r *role, data []byte, start, end int, c scanner.Copy, parentSize int) {
	from, to := max(0, start-r.before-1), min(len(data), end+r.after+1)
	h := hit{matcher: m, role: r, start: start, end: end, to: end + r.after + 1}
	if r.offset > start {
		return
	}
	if in.times != nil {
		defer in.timed(m, time.Now(), len(next.hits), next)
	}
	if r.arm != nil && r.arm.forward != nil && in.set.opt.Without&Shape == 0 {
		cut := start - r.offset
		ok, alive, read := in.forward(r.arm).run(data[from:to], cut-from)
		if !alive {
			to = from + read
			h.to = to
		}
		if !ok || !in.precedes(r.arm, data[from:min(len(data), cut+1)], cut-from, false) {
			return
		}
		if c.Len > 0 && whole(c, start-r.before-1, h.to, len(data), parentSize) {
			return
		}
	}
	if h.found = in.match(m, r, data[from:to], start-from, end-from); h.found != nil {
		next.hits = append(next.hits, h)
	}
}

// match is what a matcher finds in a window, nil for nothing. An expression is
// not run over the same window twice.
func (in *Inspector) match(m *matcher, r *role, window []byte, start, end int) *found {
	var slot *seenWindow
	if m.Expression != "" && in.set.opt.Without&Seen == 0 {
		var known bool
		if slot, known = in.seen.slot(m.index, r, window, start); known {
			return slot.found
		}
	}
	var f *found
	if list := m.match(r, window, start, end); len(list) > 0 {
		f = &found{matches: slices.Clone(list)}
		for i := range f.matches {
			move(&f.matches[i], -start)
		}
	}
	if slot != nil {
		slot.found = f
	}
	return f
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
// holds one byte beyond the cut if there is one; more may go before it.
func (in *Inspector) precedes(a *arm, text []byte, cut int, more bool) bool {
	if a.backward == nil {
		return true
	}
	in.turned = append(in.turned[:0], text...)
	slices.Reverse(in.turned)
	ok, alive, _ := automatonOf(&in.backs, a.index, a.backward).run(in.turned, len(text)-cut)
	return ok || alive && more
}

func move(m *scanner.Match, by int) {
	m.Start += by
	m.End += by
	m.SecretStart += by
	m.SecretEnd += by
}
