package detect

import (
	"cmp"
	"slices"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/secret"
)

// A Hit is a credential in one blob.
type Hit struct {
	Detector   *scanner.Detector
	Secret     secret.Value
	Start, End int  // of the secret, in bytes of the blob
	Span       Span // of the secret
	Severity   scanner.Severity
	Facts      []scanner.Fact
	// Allowed is the reason that a pragma on its line gives; "" without one.
	Allowed string

	rank   int               // of the detector in the list
	atPath func(string) bool // of the match; nil: at any
}

// Hits tells what a blob holds, in order of place, then of detector. Data is what
// gave st. Detectors that need a path are among them: At leaves out those that do
// not count at one.
func (in *Inspector) Hits(data []byte, st State) []Hit {
	var list []Hit
	var gates []int
	for _, h := range st.hits {
		if !in.open(h.matcher, st, &gates) {
			continue
		}
		for _, m := range h.found.matches {
			move(&m, h.start)
			if d := h.matcher.Detector; d.AtLine == nil || d.AtLine(linesAt(data, m.Start, trimmed(data, m.Start, m.End))) {
				list = append(list, in.hit(h.matcher, data, m))
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Detector.ID, b.Detector.ID))
	})
	return slices.CompactFunc(list, func(a, b Hit) bool {
		return a.Detector == b.Detector && a.Start == b.Start && a.End == b.End
	})
}

func (in *Inspector) hit(w *matcher, data []byte, m scanner.Match) Hit {
	d := w.Detector
	return Hit{
		Detector: d,
		rank:     w.index,
		Secret:   in.intern(data[m.SecretStart:m.SecretEnd]),
		Start:    m.SecretStart,
		End:      m.SecretEnd,
		Span:     Region(data, m.SecretStart, m.SecretEnd),
		Severity: cmp.Or(m.Severity, d.Severity),
		Facts:    m.Facts,
		Allowed:  in.set.pragma(linesAt(data, m.SecretStart, m.SecretEnd), d.ID),
		atPath:   m.AtPath,
	}
}

// open tells whether one of a matcher's gates is among the words of st. Gates
// holds those that are, once it was asked; -1 stands for none.
func (in *Inspector) open(m *matcher, st State, gates *[]int) bool {
	if len(m.gates) == 0 {
		return true
	}
	if *gates == nil {
		*gates = []int{-1}
		for _, w := range st.words {
			if k := int(w.id / 2); in.set.gates[k] && !slices.Contains(*gates, k) {
				*gates = append(*gates, k)
			}
		}
	}
	return slices.ContainsFunc(m.gates, func(k int) bool { return slices.Contains(*gates, k) })
}

// trimmed takes line breaks off the end of a match: what ends a match is often
// the end of its line.
func trimmed(data []byte, start, end int) int {
	for end > start && (data[end-1] == '\n' || data[end-1] == '\r') {
		end--
	}
	return end
}

// interner keeps one Value per distinct secret. It is a function so that no
// secret lies where fmt could find it.
func interner() func([]byte) secret.Value {
	known := make(map[string]secret.Value)
	return func(b []byte) secret.Value {
		v, ok := known[string(b)]
		if !ok {
			v = secret.New(b)
			known[string(b)] = v
		}
		return v
	}
}

// At tells whether the hit counts at a path.
func (h Hit) At(path string) bool {
	return (h.atPath == nil || h.atPath(path)) && counts(h.Detector, path)
}

func counts(d *scanner.Detector, path string) bool {
	glob := func(pattern string) bool { return doublestar.MatchUnvalidated(pattern, path) }
	return (len(d.Paths) == 0 || slices.ContainsFunc(d.Paths, glob)) &&
		!slices.ContainsFunc(d.SkipPaths, glob) &&
		(d.AtPath == nil || d.AtPath(path))
}

// ByPath gives the detectors that a path alone sets off.
func (s *Set) ByPath(path string) []*scanner.Detector {
	var list []*scanner.Detector
	for _, d := range s.paths {
		if counts(d, path) {
			list = append(list, d)
		}
	}
	return list
}
