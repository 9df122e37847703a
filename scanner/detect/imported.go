package detect

import (
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// Lengths gives the least and the most bytes that an expression can match. Most is
// over MaxReach for one without bound. The error is one of syntax.
func Lengths(expression string) (least, most int, err error) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return 0, 0, err
	}
	least, most = span(tree)
	return least, most, nil
}

// Placed tells whether one of a detector's keywords stands at a known place in
// every match of its expression, so that it is tried only there.
func Placed(d scanner.Detector) bool {
	_, _, err := newArms(&d)
	return err == nil
}

// minLiteral is the shortest literal worth looking for, in bytes.
const minLiteral = 3

// Literals gives words of which every match of an expression holds one, fit to
// be its keywords; nil where there are none.
func Literals(expression string) []string {
	tree, err := parse(expression)
	if err != nil {
		return nil
	}
	var all []string
	for _, row := range branches(tree) {
		best := []string(nil)
		for _, c := range cuts(row) {
			if shortest(c.literals) > shortest(best) {
				best = c.literals
			}
		}
		if shortest(best) < minLiteral {
			return nil
		}
		if start := shared(best); len(start) >= minLiteral {
			best = []string{start}
		}
		all = append(all, best...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if !Placed(scanner.Detector{Expression: expression, Keywords: all, Reach: MaxReach}) {
		return nil
	}
	return all
}

// shared is what all of a list begin with.
func shared(list []string) string {
	start := list[0]
	for _, l := range list {
		for !strings.HasPrefix(l, start) {
			start = start[:len(start)-1]
		}
	}
	return start
}

func shortest(list []string) int {
	if len(list) == 0 {
		return 0
	}
	least := len(list[0])
	for _, l := range list {
		least = min(least, len(l))
	}
	return least
}

// Restrict adds to a detector what a gitleaks configuration says of it: the
// least entropy of a secret, and lists of what is none. The lists' expressions
// are to be valid.
func Restrict(d *scanner.Detector, entropy float64, lists []GitleaksAllowlist) {
	var all []*allowlist
	for _, l := range lists {
		all = append(all, newAllowlist(l))
	}
	accept, find, findAt := d.Accept, d.Find, d.FindAt
	judge := func(window []byte, m *scanner.Match) bool {
		return restricted(window, m, entropy, all)
	}
	switch {
	case find != nil:
		d.Find = func(window []byte) []scanner.Match { return judged(find(window), window, judge) }
	case findAt != nil:
		d.FindAt = func(window []byte, start, end int) []scanner.Match {
			return judged(findAt(window, start, end), window, judge)
		}
	default:
		d.Accept = func(window []byte, m *scanner.Match) bool {
			return (accept == nil || accept(window, m)) && judge(window, m)
		}
	}
	d.AtLine = both(d.AtLine, atLine(all))
	d.AtPath = both(d.AtPath, func(path string) bool {
		return !slices.ContainsFunc(all, func(l *allowlist) bool { return l.path != nil && !l.and && l.path().MatchString(path) })
	})
}

func judged(list []scanner.Match, window []byte, judge func([]byte, *scanner.Match) bool) []scanner.Match {
	var kept []scanner.Match
	for _, m := range list {
		if judge(window, &m) {
			kept = append(kept, m)
		}
	}
	return kept
}

// restricted is accept; a list that asks for a path as well is left to the path.
func restricted(window []byte, m *scanner.Match, entropy float64, lists []*allowlist) bool {
	if !accept(window, m, entropy, nil, lists) {
		return false
	}
	for _, l := range lists {
		if l.and && l.path != nil && l.allows(window[m.Start:m.End], window[m.SecretStart:m.SecretEnd]) {
			m.AtPath = both(m.AtPath, func(path string) bool { return !l.path().MatchString(path) })
		}
	}
	return true
}

// both gives a condition that holds where both do; nil always holds.
func both[T any](a, b func(T) bool) func(T) bool {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(t T) bool { return a(t) && b(t) }
}
