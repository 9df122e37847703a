package detect

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
)

// An arm is one alternative of an expression, cut where a keyword stands in it:
// a match is what lead matches and, from the keyword on, what tail matches. So
// the expression need not be looked for; tail is tried at the keyword, anchored.
//
// An expression whose secret lies across the cut is matched whole, with a marker
// group at the cut, and only what has the keyword there counts.
type arm struct {
	index   int // among the arms of a Set
	capture int // number of groups in the arms before
	leadMax int // most bytes before the cut
	tailMax int // most bytes after it

	forward  *plan // of what follows the cut; nil: not known
	backward *plan // of what precedes it, reversed; nil: it can be empty

	back    byteSet // lead is a run of up to leadMax of these
	lead    func() *regexp.Regexp
	head    func() *regexp.Regexp // tail at the start of the blob, or the whole
	inside  func() *regexp.Regexp // tail after one byte of context, or the whole
	whole   bool
	markers []int // groups of the whole that are markers
}

type byteSet = [256]bool

// A role is a way in which a keyword can stand in a match.
type role struct {
	arm    *arm // nil: the detector has no arms
	offset int  // of the keyword after the cut
	// Bytes that a match can take before the first and after the last byte of the
	// keyword.
	before, after int
}

var errNoCut = errors.New("no keyword stands in every match")

// newArms cuts an expression. Roles are by keyword of the detector.
func newArms(d *scanner.Detector) (arms []*arm, roles [][]*role, err error) {
	tree, err := parse(d.Expression)
	if err != nil {
		return nil, nil, err
	}
	flatten(tree)
	roles = make([][]*role, len(d.Keywords))
	alternatives := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpAlternate {
		alternatives = tree.Sub
	}
	capture := 0
	for _, alt := range alternatives {
		a, err := newArm(alt, d, roles)
		if err != nil {
			return nil, nil, err
		}
		a.capture = capture
		capture += countCaptures(alt)
		arms = append(arms, a)
	}
	return arms, roles, nil
}

// flatten takes rows that stand in rows apart.
func flatten(re *syntax.Regexp) {
	for _, s := range re.Sub {
		flatten(s)
	}
	if re.Op != syntax.OpConcat {
		return
	}
	var flat []*syntax.Regexp
	for _, s := range re.Sub {
		if s.Op == syntax.OpConcat {
			flat = append(flat, s.Sub...)
		} else {
			flat = append(flat, s)
		}
	}
	re.Sub = flat
}

func countCaptures(re *syntax.Regexp) int {
	n := 0
	if re.Op == syntax.OpCapture {
		n++
	}
	for _, s := range re.Sub {
		n += countCaptures(s)
	}
	return n
}

func newArm(alt *syntax.Regexp, d *scanner.Detector, roles [][]*role) (*arm, error) {
	row := []*syntax.Regexp{alt}
	if alt.Op == syntax.OpConcat {
		row = alt.Sub
	}
	best, bestPlaces := -1, []place(nil)
	for j := range row {
		if j > 0 && countCaptures(concat(row[:j])) > 0 {
			break
		}
		places, ok := placesAt(concat(row[j:]), d.Keywords)
		if !ok {
			continue
		}
		if best < 0 || offsets(places) < offsets(bestPlaces) {
			best, bestPlaces = j, places
		}
	}
	if best < 0 {
		return newWholeArm(alt, d, roles)
	}
	lead, tail := concat(row[:best]), concat(row[best:])
	a := newTail(tail)
	leadMin, leadMax := span(lead)
	_, tailMax := span(tail)
	a.leadMax, a.tailMax = min(leadMax, MaxReach), min(tailMax, MaxReach)
	a.setLead(lead, leadMin)
	if leadMin > 0 {
		a.backward = newPlan(reversed(lead))
	}
	a.addRoles(d, bestPlaces, roles)
	return a, nil
}

// newTail makes an arm of which only what follows the cut is known.
func newTail(tail *syntax.Regexp) *arm {
	text := tail.String()
	return &arm{
		head:    compiled(`\A(?:` + text + `)`),
		inside:  compiled(`\A(?s:.)(?:` + text + `)`),
		forward: newPlan(tail),
	}
}

func compiled(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

func concat(row []*syntax.Regexp) *syntax.Regexp {
	switch len(row) {
	case 0:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	case 1:
		return row[0]
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: row}
}

// setLead finds the quick way to where a match begins, if there is one.
func (a *arm) setLead(lead *syntax.Regexp, least int) {
	if lead.Op == syntax.OpRepeat && least == 0 && lead.Sub[0].Op == syntax.OpCharClass && lead.Max == a.leadMax {
		for i := 0; i < len(lead.Sub[0].Rune); i += 2 {
			for r := lead.Sub[0].Rune[i]; r <= lead.Sub[0].Rune[i+1]; r++ {
				a.back[r] = true // a class of one-byte runes: leadMax is their number
			}
		}
		return
	}
	a.lead = compiled(`(?:` + lead.String() + `)\z`)
}

// A place is where a keyword stands: offset bytes after the cut.
type place struct{ keyword, offset int }

// placesAt tells where a keyword stands in each literal that a match of tail can
// begin with; not ok if one of them has none.
func placesAt(tail *syntax.Regexp, keywords []string) (list []place, ok bool) {
	for _, row := range branches(tail) {
		i := 0
		for i < len(row) && assertion(row[i]) {
			i++
		}
		for _, p := range prefixes(row[i:]) {
			k, offset := at(p.text, keywords)
			if k == "" {
				return nil, false
			}
			if one := (place{slices.Index(keywords, k), offset}); !slices.Contains(list, one) {
				list = append(list, one)
			}
		}
	}
	return list, len(list) > 0
}

func offsets(list []place) int {
	n := 0
	for _, p := range list {
		n += p.offset
	}
	return n
}

func (a *arm) addRoles(d *scanner.Detector, places []place, roles [][]*role) {
	for _, p := range places {
		r := &role{
			arm: a, offset: p.offset,
			before: min(d.Reach, p.offset+a.leadMax),
			after:  min(d.Reach, max(0, a.tailMax-p.offset-len(d.Keywords[p.keyword]))),
		}
		if !slices.ContainsFunc(roles[p.keyword], func(o *role) bool { return o.arm == a && o.offset == p.offset }) {
			roles[p.keyword] = append(roles[p.keyword], r)
		}
	}
}

// newWholeArm cuts an alternative where captures lie across the cut.
func newWholeArm(alt *syntax.Regexp, d *scanner.Detector, roles [][]*role) (*arm, error) {
	a := &arm{whole: true}
	var leads, tails []*syntax.Regexp
	var places []place
	var marked []*syntax.Regexp
	least := unbounded
	for _, row := range branches(alt) {
		c, list, ok := bestCut(row, d.Keywords)
		if !ok {
			return nil, errNoCut
		}
		for _, p := range list {
			if !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
		lo, hi := spanOf(c.lead)
		_, most := spanOf(c.tail)
		least = min(least, lo)
		a.leadMax, a.tailMax = max(a.leadMax, min(hi, MaxReach)), max(a.tailMax, min(most, MaxReach))
		leads, tails = append(leads, concat(c.lead)), append(tails, concat(c.tail))
		if n := c.tail[0]; !slices.Contains(marked, n) {
			marked = append(marked, n)
		}
	}
	a.forward = newPlan(&syntax.Regexp{Op: syntax.OpAlternate, Sub: tails})
	if least > 0 {
		a.backward = newPlan(reversed(&syntax.Regexp{Op: syntax.OpAlternate, Sub: leads}))
	}
	for i, n := range marked {
		old := *n
		old.Sub = slices.Clone(n.Sub) // the parser keeps a single one inside n
		empty := &syntax.Regexp{Op: syntax.OpEmptyMatch}
		*n = syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{{Op: syntax.OpCapture, Name: fmt.Sprint(marker, i), Sub: []*syntax.Regexp{empty}}, &old}}
	}
	text := alt.String()
	a.head = compiled(text)
	a.inside = compiled(`\A(?s:.)(?:` + text + `)`)
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	for i, name := range re.CapNames() {
		if strings.HasPrefix(name, marker) {
			a.markers = append(a.markers, i)
		}
	}
	a.addRoles(d, places, roles)
	return a, nil
}

// marker names the groups that tell where the cut is; no expression has it.
const marker = "credgate_cut_"

// bestCut takes the first cut of a row at which every literal has a keyword.
func bestCut(row []*syntax.Regexp, keywords []string) (c cut, places []place, ok bool) {
	for _, c := range cuts(row) {
		places = nil
		for _, l := range c.literals {
			k, offset := at(l, keywords)
			if k == "" {
				places = nil
				break
			}
			places = append(places, place{slices.Index(keywords, k), offset})
		}
		if len(places) > 0 {
			return c, places, true
		}
	}
	return cut{}, nil, false
}

// reversed gives the tree of the reversed matches.
func reversed(re *syntax.Regexp) *syntax.Regexp {
	r := *re
	switch re.Op {
	case syntax.OpLiteral:
		r.Rune = slices.Clone(re.Rune)
		slices.Reverse(r.Rune)
		return &r
	case syntax.OpBeginLine:
		r.Op = syntax.OpEndLine
	case syntax.OpEndLine:
		r.Op = syntax.OpBeginLine
	case syntax.OpBeginText:
		r.Op = syntax.OpEndText
	case syntax.OpEndText:
		r.Op = syntax.OpBeginText
	}
	r.Sub = nil
	for _, s := range re.Sub {
		r.Sub = append(r.Sub, reversed(s))
	}
	if re.Op == syntax.OpConcat {
		slices.Reverse(r.Sub)
	}
	return &r
}
