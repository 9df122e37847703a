package detect

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/credgate/credgate/scanner"
)

// MaxReach is the longest reach of a detector. An expression that could match
// more is cut here: it sees no more of the text round a keyword than this.
const MaxReach = 16 << 10 // bytes

// A matcher is a detector with what is derived from it when it is first used.
type matcher struct {
	*scanner.Detector
	index int
	gates []int // keywords
	arms  *atomic.Int64

	once    sync.Once
	derived *derived
}

type derived struct {
	roles [][]*role             // by keyword of the detector
	any   func() *regexp.Regexp // the whole expression, for want of arms
	after func() *regexp.Regexp // any after one byte of context
}

// newMatcher numbers the arms that it will have by arms.
func newMatcher(d *scanner.Detector, index int, arms *atomic.Int64) *matcher {
	return &matcher{Detector: d, index: index, arms: arms}
}

// ready gives what is derived of the detector.
func (m *matcher) ready() *derived {
	m.once.Do(func() { m.derived = m.derive() })
	return m.derived
}

// derive cuts the expression. A detector that has none, or whose keywords stand
// at no certain place, looks at all within its reach.
func (m *matcher) derive() *derived {
	if m.Expression != "" {
		if arms, roles, err := newArms(m.Detector); err == nil {
			for _, a := range arms {
				a.index = int(m.arms.Add(1)) - 1
			}
			return &derived{roles: roles}
		}
	}
	d := &derived{roles: make([][]*role, len(m.Keywords))}
	for i := range m.Keywords {
		n := max(0, m.Reach-len(m.Keywords[i]))
		d.roles[i] = []*role{{before: n, after: n}}
	}
	if m.Expression != "" {
		text := m.Expression
		if tree, err := parse(text); err == nil {
			text = tree.String()
		}
		d.any = compiled(text)
		d.after = compiled(`\A(?s:.)(?:` + text + `)`)
	}
	return d
}

func checkExpression(d *scanner.Detector) error {
	tree, err := syntax.Parse(d.Expression, syntax.Perl)
	if err != nil {
		return err
	}
	if n := tree.MaxCap(); d.Group < 0 || d.Group > n {
		return fmt.Errorf("group %d of %d", d.Group, n)
	}
	return nil
}

// match gives the matches in window that have the keyword at [start, end) in
// the role r, in order. It is a function of its arguments alone.
func (m *matcher) match(r *role, window []byte, start, end int) []scanner.Match {
	var match scanner.Match
	var ok bool
	switch {
	case m.Find != nil:
		return holding(m.Find(window), start, end)
	case m.FindAt != nil:
		return holding(m.FindAt(window, start, end), start, end)
	case r.arm == nil:
		match, ok = m.anywhere(window, start, end)
	case r.arm.whole:
		match, ok = r.arm.search(window, start-r.offset, m.Group)
	default:
		match, ok = r.arm.anchored(window, start-r.offset, m.Group)
	}
	if !ok || m.Accept != nil && !m.Accept(window, &match) {
		return nil
	}
	return []scanner.Match{match}
}

// anchored matches tail at the cut, and finds where lead begins.
func (a *arm) anchored(window []byte, cut, n int) (m scanner.Match, ok bool) {
	var loc []int
	if cut == 0 {
		loc = a.head().FindSubmatchIndex(window)
	} else if loc = a.inside().FindSubmatchIndex(window[cut-1:]); loc != nil {
		shift(loc, cut-1)
		loc[0] = cut
	}
	if loc == nil {
		return m, false
	}
	m.Start, m.End = loc[0], loc[1]
	switch {
	case a.lead != nil:
		lead := a.lead().FindIndex(window[max(0, cut-a.leadMax-1):cut])
		if lead == nil {
			return m, false
		}
		m.Start = max(0, cut-a.leadMax-1) + lead[0]
	default:
		for m.Start > 0 && cut-m.Start < a.leadMax && a.back[window[m.Start-1]] {
			m.Start--
		}
	}
	loc[0] = m.Start // without a group, the lead is of the secret as well
	m.SecretStart, m.SecretEnd = group(loc, n-a.capture, n > 0, nil)
	return m, true
}

// search finds the first match of the whole expression with a marker at the cut.
func (a *arm) search(window []byte, cut, n int) (m scanner.Match, ok bool) {
	ok = eachMatch(a.head(), a.inside(), window, cut, func(loc []int) bool {
		for _, g := range a.markers {
			if loc[2*g] == cut {
				m.Start, m.End = loc[0], loc[1]
				m.SecretStart, m.SecretEnd = group(loc, n-a.capture, n > 0, a.markers)
				return true
			}
		}
		return false
	})
	return m, ok
}

// anywhere finds the first match of the expression that holds [start, end).
func (m *matcher) anywhere(window []byte, start, end int) (found scanner.Match, ok bool) {
	d := m.ready()
	ok = eachMatch(d.any(), d.after(), window, start, func(loc []int) bool {
		if loc[1] < end {
			return false
		}
		found.Start, found.End = loc[0], loc[1]
		found.SecretStart, found.SecretEnd = group(loc, m.Group, m.Group > 0, nil)
		return true
	})
	return found, ok
}

// eachMatch considers each place up to last where a match can begin by itself,
// so that the outcome does not hang on what else stands in the window, as the
// customary "next match after the end of the last" would.
func eachMatch(head, inside *regexp.Regexp, window []byte, last int, take func(loc []int) bool) bool {
	for at := 0; at <= last; at++ {
		if !utf8.RuneStart(window[at]) {
			continue
		}
		loc := head.FindSubmatchIndex(window[at:])
		if loc == nil {
			return false
		}
		shift(loc, at)
		if loc[0] == at && at > 0 {
			// The byte before, which \b and ^ look at, was cut off: look again with it.
			if loc = inside.FindSubmatchIndex(window[at-1:]); loc == nil {
				continue
			}
			shift(loc, at-1)
			loc[0] = at
		}
		if loc[0] > last {
			return false
		}
		if take(loc) {
			return true
		}
		at = loc[0]
	}
	return false
}

func shift(loc []int, by int) {
	for i := range loc {
		if loc[i] >= 0 {
			loc[i] += by
		}
	}
}

// group gives the place of group n if one is named, or of the first group that
// took part, or of the whole match. Markers do not count as groups.
func group(loc []int, n int, named bool, markers []int) (start, end int) {
	i := 0
	for g := 1; 2*g < len(loc); g++ {
		if slices.Contains(markers, g) {
			continue
		}
		i++
		if named && i == n && loc[2*g] >= 0 || !named && loc[2*g] >= 0 && loc[2*g+1] > loc[2*g] {
			return loc[2*g], loc[2*g+1]
		}
	}
	return loc[0], loc[1]
}

// holding keeps the matches that hold [start, end).
func holding(list []scanner.Match, start, end int) []scanner.Match {
	kept := list[:0]
	for _, m := range list {
		if m.Start <= start && end <= m.End {
			kept = append(kept, m)
		}
	}
	return kept
}
