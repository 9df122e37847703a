package detecttest

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// Generate makes text that an expression matches, mostly: assertions are passed
// over, and unbounded repetitions kept short.
func Generate(r *rand.Rand, expression string) string {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	generate(r, tree, &b)
	return b.String()
}

// generate makes text that an expression matches.
func generate(r *rand.Rand, re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && r.IntN(2) == 0 {
				c = []rune(strings.ToUpper(string(c)))[0]
			}
			b.WriteRune(c)
		}
	case syntax.OpCharClass:
		b.WriteRune(oneOf(r, re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(' ' + byte(r.IntN(95)))
	case syntax.OpAlternate:
		generate(r, re.Sub[r.IntN(len(re.Sub))], b)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		from, to := times(re)
		to = min(to, from+5)
		for range from + r.IntN(to-from+1) {
			generate(r, re.Sub[0], b)
		}
	default:
		for _, s := range re.Sub {
			generate(r, s, b)
		}
	}
}

// oneOf takes a rune of a class, printable ASCII if there is any.
func oneOf(r *rand.Rand, ranges []rune) rune {
	var list []rune
	for i := 0; i < len(ranges); i += 2 {
		for c := max(ranges[i], ' '); c <= min(ranges[i+1], '~'); c++ {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return ranges[0]
	}
	return list[r.IntN(len(list))]
}

// times gives how often a repetition takes its part; unbounded is 1<<20.
func times(re *syntax.Regexp) (from, to int) {
	switch {
	case re.Op == syntax.OpQuest:
		return 0, 1
	case re.Op == syntax.OpStar:
		return 0, 1 << 20
	case re.Op == syntax.OpPlus:
		return 1, 1 << 20
	case re.Max < 0:
		return re.Min, 1 << 20
	}
	return re.Min, re.Max
}

// Edit derives a blob from parent, as a delta in a pack would: it takes runs of the parent in mostly the same order,
// leaves some out, moves and doubles some, and puts
// pieces of new text between.
func Edit(r *rand.Rand, parent []byte, piece func() string) scanner.Blob {
	var data []byte
	var copies []scanner.Copy
	take := func(from, to int) {
		for from < to { // split at random, as packs do
			n := min(to-from, 1+r.IntN(4000))
			copies = append(copies, scanner.Copy{Dst: len(data), Src: from, Len: n})
			data = append(data, parent[from:from+n]...)
			from += n
		}
	}
	at := 0
	for range 1 + r.IntN(4) {
		next := at + r.IntN(len(parent)-at+1)
		take(at, next)
		switch r.IntN(6) {
		case 0:
			data = append(data, piece()...)
		case 1:
			data = append(data, "aZ9 =\"\n"[r.IntN(7)])
		case 2:
			next = min(len(parent), next+r.IntN(40)) // delete
		case 3:
			next = min(len(parent), next+1)
			if r.IntN(4) == 0 {
				next += r.IntN(len(parent) - next + 1)
			}
		case 4:
			from := r.IntN(len(parent) + 1)
			take(from, from+r.IntN(len(parent)-from+1)/4) // double
		}
		at = next
	}
	take(at, len(parent))
	if r.IntN(8) == 0 && len(copies) > 2 { // move a run
		slices.Reverse(copies)
		var moved []byte
		for i, c := range copies {
			copies[i].Dst = len(moved)
			moved = append(moved, parent[c.Src:c.Src+c.Len]...)
		}
		data = moved
	}
	return scanner.Blob{Data: data, Copies: copies}
}
