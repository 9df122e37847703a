// Package detect finds credentials in bytes. It holds one list of detectors,
// gitleaks' rules among them, and one engine that runs any list.
//
// The engine is local: what stands in a blob is what stands in the windows round
// its keywords, and a window is a function of its own bytes. Therefore a blob
// that was derived from another needs a look only where a copied run does not
// cover a window whole, and everything else is inherited (see Inspector).
package detect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/credgate/credgate/scanner"
)

// Options of a Set. The zero value is the default.
type Options struct {
	// Foreign honours the pragmas of other tools (gitleaks:allow). What they
	// allow is told as allowed, like what ours does.
	Foreign bool
	// NoPragmas leaves our own pragmas without effect.
	NoPragmas bool
	// Allow, if set, gives the reason for which a secret on its lines is allowed
	// although it was found, "" for none.
	Allow func(secret, lines []byte) string
	// AllowAt, if set, does the same for a detector's find at a place. A
	// Collector of the Set asks it.
	AllowAt func(d *scanner.Detector, at scanner.Location) string
	// Trusted leaves out the checks of Check that take time: the list is one
	// of ours, which tests have checked.
	Trusted bool
	// Raw leaves encodings and archives closed.
	Raw bool
	// Timings measures what each detector costs, for Set.Timings.
	Timings bool
	// Without switches off tests that save work and change no result. It is for
	// the tests that prove just that, and for measuring.
	Without Test
}

// A Test is a set of the engine's cheap necessary conditions.
type Test uint

const (
	Near     Test = 1 << iota // the bytes beside a keyword
	Shape                     // the automaton of what follows a keyword
	Seen                      // lines that were looked at, windows that were judged before
	Copy                      // what the parent's scan tells of copied runs
	AllTests Test = 1<<iota - 1
)

// A Set is a list of detectors made ready. It is safe for use by any number of
// Inspectors at once; expressions are compiled when a keyword first hits.
type Set struct {
	opt        Options
	matchers   []*matcher
	paths      []*scanner.Detector
	keywords   *lexicon
	blanks     *blanks
	crosses    bool // a keyword holds a line's end
	runs       []run
	longest    int      // bytes of the longest keyword or run
	lengths    []int    // by keyword, then by run
	gates      []bool   // likewise: it opens a detector
	margins    []margin // likewise: what says which uses it is for
	uses       [][]use  // likewise
	reaches    []reach  // likewise
	mu         sync.Mutex
	inspectors []*Inspector // those that take times
	arms       atomic.Int64 // number of arms of the expressions in use
}

// A use is what a keyword means to one detector.
type use struct {
	matcher *matcher
	near    func(b []byte, start, end int) bool
	keyword int  // among the detector's
	run     *run // in place of a keyword
}

// roles gives the ways in which the keyword can stand in a match.
func (u *use) roles() []*role {
	if u.run != nil {
		return []*role{&u.run.role}
	}
	return u.matcher.ready().roles[u.keyword]
}

// A margin is how far something reaches before and after a keyword, in bytes.
type margin struct{ before, after int }

// A reach is how far the windows of all uses of a keyword go.
type reach struct {
	once sync.Once
	most margin
}

func (r *reach) of(uses []use) margin {
	r.once.Do(func() {
		for i := range uses {
			for _, role := range uses[i].roles() {
				r.most.before, r.most.after = max(r.most.before, role.before), max(r.most.after, role.after)
			}
		}
	})
	return r.most
}

// New makes a list of detectors ready, which is not to be changed any more. The
// errors of all of them are returned joined, each with the detector's ID.
func New(list []scanner.Detector, opt Options) (*Set, error) {
	s := &Set{opt: opt, blanks: newBlanks()}
	b := newBuilder(s, list)
	ids := make(map[string]bool, len(list))
	var errs []error
	for i := range list {
		d := &list[i]
		err := check(d)
		if !opt.Trusted {
			err = Check(*d)
		}
		if ids[d.ID] {
			err = errors.Join(err, errors.New("the ID is taken"))
		}
		ids[d.ID] = true
		if err != nil {
			errs = append(errs, fmt.Errorf("detector %q: %w", d.ID, err))
			continue
		}
		b.add(d)
	}
	b.finish()
	return s, errors.Join(errs...)
}

// Check tells all that is wrong with a detector, less what only its examples can
// show (detecttest).
func Check(d scanner.Detector) error {
	err := check(&d)
	for _, p := range append(append([]string(nil), d.Paths...), d.SkipPaths...) {
		if !doublestar.ValidatePattern(p) {
			err = errors.Join(err, fmt.Errorf("path glob %q", p))
		}
	}
	if d.Expression != "" {
		err = errors.Join(err, checkExpression(&d))
	}
	if d.Expression != "" && len(d.Keywords) == 0 {
		if _, ok := newRun(&d); !ok {
			err = errors.Join(err, errors.New("no keyword"))
		}
	}
	return err
}

// check is the part of Check that costs nothing.
func check(d *scanner.Detector) error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if d.ID == "" || strings.Trim(d.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		fail("an ID has lower-case letters, digits and hyphens")
	}
	ways := 0
	for _, has := range []bool{d.Expression != "", d.Find != nil, d.FindAt != nil} {
		if has {
			ways++
		}
	}
	switch {
	case ways > 1:
		fail("only one of Expression, Find and FindAt may be set")
	case ways == 0 && len(d.Paths) == 0 && d.AtPath == nil:
		fail("none of Expression, Find and FindAt is set, and no path")
	case ways == 0:
		return errors.Join(errs...)
	}
	if d.Reach <= 0 || d.Reach > MaxReach {
		fail("a reach of %d is not from 1 to %d bytes", d.Reach, MaxReach)
	}
	if len(d.Keywords) == 0 && (len(d.Gate) == 0 || d.Expression == "") {
		fail("no keyword")
	}
	for _, k := range append(append([]string(nil), d.Keywords...), d.Gate...) {
		if k == "" || strings.ToLower(k) != k || strings.IndexFunc(k, func(r rune) bool { return r >= 0x80 }) >= 0 {
			fail("keyword %q is not lower-case ASCII", k)
		}
		if len(k) > d.Reach && d.Reach > 0 {
			fail("keyword %q is longer than the reach", k)
		}
	}
	return errors.Join(errs...)
}

// builder gathers the keywords of a Set.
type builder struct {
	set     *Set
	words   []string
	numbers map[string]int // of keywords
	space   []use          // for the first uses of keywords
}

// newBuilder makes room for all keywords of a list at once.
func newBuilder(s *Set, list []scanner.Detector) builder {
	n := 0
	for i := range list {
		n += len(list[i].Keywords) + len(list[i].Gate)
	}
	s.matchers = make([]*matcher, 0, len(list))
	s.lengths, s.gates, s.margins, s.uses = make([]int, 0, n), make([]bool, 0, n), make([]margin, 0, n), make([][]use, 0, n)
	return builder{set: s, words: make([]string, 0, n), numbers: make(map[string]int, n), space: make([]use, n)}
}

// keyword gives the number of a keyword.
func (b *builder) keyword(k string) int {
	n, ok := b.numbers[k]
	if !ok {
		n = len(b.words)
		b.numbers[k] = n
		b.words = append(b.words, k)
		b.set.lengths = append(b.set.lengths, len(k))
		b.set.uses = append(b.set.uses, b.space[:0:1])
		b.space = b.space[1:]
		b.set.margins = append(b.set.margins, margin{})
		b.set.gates = append(b.set.gates, false)
	}
	return n
}

func (b *builder) add(d *scanner.Detector) {
	s := b.set
	if d.Expression == "" && d.Find == nil && d.FindAt == nil {
		s.paths = append(s.paths, d)
		return
	}
	m := newMatcher(d, len(s.matchers), &s.arms)
	s.matchers = append(s.matchers, m)
	for i, k := range d.Keywords {
		n := b.keyword(k)
		s.uses[n] = append(s.uses[n], use{matcher: m, near: d.Near, keyword: i})
	}
	for _, k := range d.Gate {
		n := b.keyword(k)
		m.gates = append(m.gates, n)
		s.gates[n] = true
	}
	if len(d.Keywords) == 0 {
		r, _ := newRun(d)
		r.role.arm.index = int(s.arms.Add(1)) - 1
		r.matcher = m
		s.runs = append(s.runs, r)
	}
}

// finish numbers the runs after the keywords.
func (b *builder) finish() {
	s := b.set
	s.keywords = newLexicon(b.words)
	s.longest = s.keywords.longest
	s.crosses = slices.ContainsFunc(b.words, func(k string) bool { return strings.Contains(k, "\n") })
	for n := range s.uses {
		if s.opt.Without&Near == 0 && slices.ContainsFunc(s.uses[n], func(u use) bool { return u.near != nil || u.matcher.Expression != "" }) {
			s.margins[n] = margin{scanner.NearBefore, scanner.NearAfter}
		}
	}
	for i := range s.runs {
		r := &s.runs[i]
		r.number = len(s.uses)
		s.longest = max(s.longest, r.length)
		s.lengths = append(s.lengths, r.length)
		s.gates = append(s.gates, false)
		s.margins = append(s.margins, margin{})
		s.uses = append(s.uses, []use{{matcher: r.matcher, run: r}})
	}
	s.reaches = make([]reach, len(s.uses))
}

// Detectors gives the detectors of the set in their order.
func (s *Set) Detectors() []*scanner.Detector {
	var list []*scanner.Detector
	for _, m := range s.matchers {
		list = append(list, m.Detector)
	}
	return append(list, s.paths...)
}
