package detect

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
	"unicode/utf8"

	"github.com/credgate/credgate/scanner"
)

// MaxReach is the longest reach of a detector. An expression that could match
// more is cut here: it sees no more of the text round a keyword than this.
const MaxReach = 16 << 10 // bytes

// farReach parts detectors in two. Windows of up to this size are found anew in
// the neighbourhood of every change; of detectors that reach farther the
// promising keywords are remembered from blob to blob instead.
const farReach = 320 // bytes

// A matcher is a detector with what is derived from it.
type matcher struct {
	*scanner.Detector
	index         int
	before, after int  // of the window, beside the bytes of the keyword and one byte of context
	far           bool // reaches farther than farReach
	gates         []int

	expr   func() *regexp.Regexp
	inside func() *regexp.Regexp // expr after one byte of context; see search
}

func newMatcher(d *scanner.Detector, index int) *matcher {
	m := &matcher{Detector: d, index: index, before: d.Reach, after: d.Reach}
	m.far = max(m.before, m.after) > farReach
	m.expr = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(d.Expression) })
	m.inside = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A(?s:.)(?:` + d.Expression + `)`) })
	return m
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

// match gives the detector's matches in window that hold the keyword at
// [start, end), in order. It is a function of its arguments alone.
func (m *matcher) match(window []byte, start, end int) []scanner.Match {
	switch {
	case m.Find != nil:
		return holding(m.Find(window), start, end)
	case m.FindAt != nil:
		return holding(m.FindAt(window, start, end), start, end)
	}
	loc := m.search(window, start, end)
	if loc == nil {
		return nil
	}
	match := scanner.Match{Start: loc[0], End: loc[1]}
	match.SecretStart, match.SecretEnd = group(loc, m.Group)
	if m.Accept != nil && !m.Accept(window, &match) {
		return nil
	}
	return []scanner.Match{match}
}

// search finds the first match of the expression that holds [start, end). Each
// place where a match can begin is considered by itself, so that the outcome
// does not hang on what else stands in the window, as the customary "next match
// after the end of the last" would.
func (m *matcher) search(window []byte, start, end int) []int {
	for at := 0; at <= start; at++ {
		if !utf8.RuneStart(window[at]) {
			continue
		}
		loc := m.expr().FindSubmatchIndex(window[at:])
		if loc == nil {
			return nil
		}
		shift(loc, at)
		if loc[0] == at && at > 0 {
			// The byte before, which \b and ^ look at, was cut off: look again with it.
			if loc = m.inside().FindSubmatchIndex(window[at-1:]); loc == nil {
				continue
			}
			shift(loc, at-1)
			loc[0] = at
		}
		if loc[0] > start {
			return nil
		}
		if loc[1] >= end {
			return loc
		}
		at = loc[0]
	}
	return nil
}

func shift(loc []int, by int) {
	for i := range loc {
		if loc[i] >= 0 {
			loc[i] += by
		}
	}
}

// group gives the place of group n, or of the first group that took part, or of
// the whole match.
func group(loc []int, n int) (start, end int) {
	if n > 0 && loc[2*n] >= 0 {
		return loc[2*n], loc[2*n+1]
	}
	for i := 2; n == 0 && i < len(loc); i += 2 {
		if loc[i] >= 0 && loc[i+1] > loc[i] {
			return loc[i], loc[i+1]
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
