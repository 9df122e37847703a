package detect

import (
	"slices"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/decode"
)

// look appends the words of data[from:to] to fresh, and what may hold something
// encoded to odd, both of the whole of lines that this cuts. Most of what is new
// in a version stood in other versions before, so it goes line by line and
// remembers what lines hold. It gives what was looked at in one piece with that.
func (in *Inspector) look(data []byte, from, to int) stretch {
	if in.direct || in.notes.inVain() {
		n := len(in.fresh)
		in.lookAt(data, from, to)
		in.fresh = in.worth(data, in.fresh, n)
		in.odd = append(in.odd, odd{stretch{from, to}, decode.AllKinds})
		return stretch{from, to}
	}
	if from > in.looked.to {
		in.looked.from = lineStart(data, from, in.looked.to)
		in.looked.to = in.looked.from
	}
	for in.looked.to < to {
		list := in.split(data, in.looked.to, to)
		in.looked.to = list[len(list)-1].to
		in.parted(data, list)
	}
	return in.looked
}

// parted looks at parts one after the other.
func (in *Inspector) parted(data []byte, list []part) {
	in.notes.asked += list[len(list)-1].to - list[0].from
	in.notes.knew += list[len(list)-1].to - list[0].from
	for i := 0; i < len(list); {
		if in.set.blanks.has(list[i].sum) {
			i++
			continue
		}
		if n := in.notes.at(list[i].sum); n.sum == list[i].sum {
			in.known(data, list[i], n)
			i++
			continue
		}
		j := i + 1
		for j < len(list) && !in.set.blanks.has(list[j].sum) && in.notes.at(list[j].sum).sum != list[j].sum {
			j++
		}
		in.unknown(data, list[i:j])
		i = j
	}
}

// known takes what a part holds from its note.
func (in *Inspector) known(data []byte, p part, n *note) {
	if n.kinds != 0 {
		in.odd = append(in.odd, odd{p.stretch, n.kinds})
	}
	if n.words == nil {
		return
	}
	for _, d := range *n.words {
		w := d.word
		w.start += uint32(p.from)
		if d.asks != 0 {
			w.uses |= in.wanted(data, w, d.asks)
		}
		if w.uses != 0 || in.set.gates[w.id] {
			in.fresh = append(in.fresh, w)
		}
	}
}

// unknown looks at parts of which nothing is known, and notes what they hold.
func (in *Inspector) unknown(data []byte, list []part) {
	all := stretch{list[0].from, list[len(list)-1].to}
	in.notes.knew -= all.to - all.from
	in.set.blanks.grow(len(list))
	kept := len(in.fresh)
	in.lookAt(data, all.from, all.to)
	words := in.fresh[kept:]
	kinds := decode.May(data, all.from, all.to)
	for _, p := range list {
		in.noted = in.noted[:0]
		for ; len(words) > 0 && int(words[0].start) < p.to; words = words[1:] {
			w := words[0]
			var d noted
			w.uses, d = in.chances(data, w, p)
			if w.uses != 0 || in.set.gates[w.id] {
				in.fresh[kept] = w
				kept++
			}
			if d.uses|d.asks != 0 || in.set.gates[w.id] {
				in.noted = append(in.noted, d)
			}
		}
		own := kinds
		if own != 0 {
			own = in.kinds(data, p)
		}
		if own != 0 {
			in.odd = append(in.odd, odd{p.stretch, own})
		}
		if len(in.noted) == 0 && own == 0 {
			in.set.blanks.put(p.sum)
		} else {
			in.notes.keep(p.sum, in.noted, own)
		}
	}
	in.fresh = in.fresh[:kept]
}

// kinds gives what may stand encoded in a part. What is escaped in a line hangs on
// that alone, so one in which nothing is found need not be decoded again.
func (in *Inspector) kinds(data []byte, p part) decode.Kinds {
	k := decode.May(data, p.from, p.to)
	if !p.line || k&^decode.Runs == 0 {
		return k
	}
	line := data[p.from:p.to]
	for seg, gap := range in.decoder.Text(line, 0, len(line), k&^decode.Runs) {
		if gap != nil {
			return k
		}
		for _, f := range in.inside(seg.Data) {
			if !seg.Plain(f.start, f.end) {
				return k
			}
		}
	}
	return k & decode.Runs
}

// lookAt appends the words that begin in data[from:to] to fresh, whatever stands
// beside them.
func (in *Inspector) lookAt(data []byte, from, to int) {
	n := len(in.fresh)
	in.fresh = in.set.keywords.find(data, from, min(len(data), to+in.set.keywords.longest-1), in.fresh, &in.places)
	for len(in.fresh) > n && int(in.fresh[len(in.fresh)-1].start) >= to {
		in.fresh = in.fresh[:len(in.fresh)-1]
	}
	m := len(in.fresh)
	for i := range in.set.runs {
		in.fresh = in.set.runs[i].find(data, from, to, in.fresh)
	}
	if len(in.fresh) > m {
		slices.SortFunc(in.fresh[n:], compareWords)
	}
}

// worth drops those of words[from:] that no detector wants, and tells of the
// others which do.
func (in *Inspector) worth(data []byte, words []word, from int) []word {
	kept := words[:from]
	for _, w := range words[from:] {
		w.uses = in.wanted(data, w, ^uint32(0))
		if w.uses != 0 || in.set.gates[w.id] {
			kept = append(kept, w)
		}
	}
	return kept
}

// wanted gives which of some uses of a word the bytes beside it allow.
func (in *Inspector) wanted(data []byte, w word, some uint32) (allowed uint32) {
	uses := in.set.uses[w.id]
	for i := range uses {
		if some&bit(i) != 0 && in.wants(&uses[i], data, int(w.start), in.set.end(w)) {
			allowed |= bit(i)
		}
	}
	return allowed
}

// chances gives which uses of a word of a part the bytes beside it allow, and
// what to note of it: those of them that hang on the part alone, and those that do not.
func (in *Inspector) chances(data []byte, w word, p part) (allowed uint32, d noted) {
	d.word = w
	d.start -= uint32(p.from)
	start, end := int(w.start), in.set.end(w)
	uses := in.set.uses[w.id]
	for i := range uses {
		may := in.wants(&uses[i], data, start, end)
		if may {
			allowed |= bit(i)
		}
		switch {
		case !p.line || !in.certain(&uses[i], may, data, start, end, p):
			d.asks |= bit(i)
		case may:
			d.uses |= bit(i)
		}
	}
	return allowed, d
}

// wants tells whether the bytes beside a keyword allow a match.
func (in *Inspector) wants(u *use, data []byte, start, end int) bool {
	switch {
	case in.set.opt.Without&Near != 0:
		return true
	case u.near != nil:
		b, at := beside(data, start, end)
		return u.near(b, at, at+end-start)
	case u.matcher.Expression == "":
		return true
	}
	for _, r := range u.roles() {
		if in.near(r, data, start, end) {
			return true
		}
	}
	return false
}

// certain tells whether what wants said of a keyword hangs on its line alone.
func (in *Inspector) certain(u *use, wanted bool, data []byte, start, end int, p part) bool {
	switch {
	case in.set.opt.Without&Near != 0:
		return true
	case u.near != nil:
		b, at := beside(data, start, end)
		return u.matcher.OwnLine != nil && u.matcher.OwnLine(b, at, at+end-start)
	case u.matcher.Expression == "":
		return true
	case wanted:
		return false
	}
	for _, r := range u.roles() {
		if !in.never(r, data, start, end, p) {
			return false
		}
	}
	return true
}

// beside gives the bytes that Detector.Near sees of a keyword, which begins at at.
func beside(data []byte, start, end int) (b []byte, at int) {
	from, to := max(0, start-scanner.NearBefore), min(len(data), end+scanner.NearAfter)
	return data[from:to:to], start - from
}

// near tells whether the bytes beside a keyword can be of a match that has
// it in the role r.
func (in *Inspector) near(r *role, data []byte, start, end int) bool {
	cut := start - r.offset
	if r.arm == nil || r.arm.forward == nil || r.offset >= scanner.NearBefore {
		return true
	}
	if cut < 0 {
		return false
	}
	to := min(len(data), end+scanner.NearAfter)
	if ok, alive, _ := in.forward(r.arm).run(data[max(0, cut-1):to], min(cut, 1)); !ok && !alive {
		return false
	}
	from := max(0, start-scanner.NearBefore)
	return in.precedes(r.arm, data[from:min(len(data), cut+1)], cut-from, from > 0)
}

// never tells whether the line of a keyword, by itself, can be of no match that
// has it in the role r.
func (in *Inspector) never(r *role, data []byte, start, end int, p part) bool {
	cut := start - r.offset
	if r.arm == nil || r.arm.forward == nil || cut <= p.from || r.offset >= scanner.NearBefore {
		return false
	}
	to := min(p.to, end+scanner.NearAfter)
	if ok, alive, _ := in.forward(r.arm).run(data[cut-1:to], 1); !ok && !alive {
		return true
	}
	from := max(p.from, start-scanner.NearBefore)
	return !in.precedes(r.arm, data[from:cut+1], cut-from, true)
}
