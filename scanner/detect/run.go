package detect

import (
	"regexp/syntax"

	"github.com/credgate/credgate/scanner"
)

// A run stands in for a keyword where an expression has none: it begins at a word
// boundary with at least length bytes of one class of word characters. Looking at
// every length-th byte of a text finds them all.
type run struct {
	matcher *matcher
	role    role
	class   byteSet
	length  int
	number  int // among the keywords, after them
}

const minRun = 16 // bytes; shorter ones are everywhere

// newRun gives the run with which every match of the expression begins.
func newRun(d *scanner.Detector) (r run, ok bool) {
	tree, err := parse(d.Expression)
	if err != nil {
		return r, false
	}
	rows := branches(tree)
	if len(rows) != 1 || len(rows[0]) < 2 || rows[0][0].Op != syntax.OpWordBoundary {
		return r, false
	}
	rep := rows[0][1]
	if rep.Op != syntax.OpRepeat || rep.Min < minRun || rep.Sub[0].Op != syntax.OpCharClass {
		return r, false
	}
	for i := 0; i < len(rep.Sub[0].Rune); i += 2 {
		for c := rep.Sub[0].Rune[i]; c <= rep.Sub[0].Rune[i+1]; c++ {
			if !syntax.IsWordChar(c) {
				return r, false
			}
			r.class[c] = true
		}
	}
	_, most := span(tree)
	r.length = rep.Min
	r.role = role{arm: newTail(tree), after: min(d.Reach, most) - rep.Min}
	r.role.arm.tailMax = min(d.Reach, most)
	return r, true
}

// find appends the runs that begin in data[from:to].
func (r *run) find(data []byte, from, to int, found []word) []word {
	limit := min(len(data), to+r.length-1)
	for i := from + r.length - 1; i < limit; i += r.length {
		if !r.class[data[i]] {
			continue
		}
		start := i
		for start > from && start > i-r.length && r.class[data[start-1]] {
			start--
		}
		if start == i-r.length || start > 0 && r.class[data[start-1]] {
			continue // it was met at the last stop, or begins before from
		}
		end := i + 1
		for end < limit && end < start+r.length && r.class[data[end]] {
			end++
		}
		if end == start+r.length {
			found = append(found, word{start: uint32(start), id: uint32(r.number), uses: 1})
		}
	}
	return found
}
