package detect

import (
	"cmp"
	"iter"
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
	// Encoding tells how the secret stands encoded there, the outermost first:
	// "base64", "gzip+tar"; "" if it stands as it is.
	Encoding string
	// Inner is "!" and the path of the member of an archive that holds it; Span is
	// then of the member. Start and End are of the blob still.
	Inner string
	// Allowed is the reason that a pragma on its line gives; "" without one.
	Allowed string

	rank   int               // of the detector in the list
	atPath func(string) bool // of the match; nil: at any
}

// Hits tells what a blob holds, in order of place, then of detector. Data is what
// gave st. Detectors that need a path are among them: At leaves out those that do
// not count at one.
func (in *Inspector) Hits(data []byte, st State) []Hit {
	if len(st.hits) == 0 && len(st.decoded) == 0 {
		return nil
	}
	var list []Hit
	in.each(data, st, func(w *matcher, m scanner.Match) { list = append(list, in.hit(w, data, m)) })
	for i := range st.decoded {
		list = append(list, in.decodedHit(data, &st.decoded[i]))
	}
	slices.SortStableFunc(list, func(a, b Hit) int { return cmp.Compare(a.Start, b.Start) })
	place := newRuler(data)
	for i := range list {
		if h := &list[i]; h.Span == (Span{}) {
			h.Span = place.span(h.Start, h.End)
		}
	}
	slices.SortStableFunc(list, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Detector.ID, b.Detector.ID), cmp.Compare(a.Inner, b.Inner), compareInts(a.Span.Line, b.Span.Line, a.Span.Column, b.Span.Column))
	})
	return slices.CompactFunc(list, func(a, b Hit) bool {
		return a.Detector == b.Detector && a.Start == b.Start && a.End == b.End && a.Inner == b.Inner && a.Span == b.Span
	})
}

// Secrets yields the secrets of the Hits of a blob, in any order, some of them
// more than once. The bytes are not to be changed or kept.
func (in *Inspector) Secrets(data []byte, st State) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		more := true
		if len(st.hits) > 0 {
			in.each(data, st, func(_ *matcher, m scanner.Match) { more = more && yield(data[m.SecretStart:m.SecretEnd]) })
		}
		for i := 0; more && i < len(st.decoded); i++ {
			more = yield(st.decoded[i].value.Reveal())
		}
	}
}

// each calls do for the matches of a blob that count there.
func (in *Inspector) each(data []byte, st State, do func(*matcher, scanner.Match)) {
	var gates []int
	for _, h := range st.hits {
		if !in.opened(h.matcher, st, &gates) {
			continue
		}
		for _, m := range h.found.matches {
			move(&m, h.start)
			if d := h.matcher.Detector; d.AtLine == nil || d.AtLine(linesAt(data, m.Start, trimmed(data, m.Start, m.End))) {
				do(h.matcher, m)
			}
		}
	}
}

// decodedHit gives a find as a hit, without its span where the blob holds it.
func (in *Inspector) decodedHit(data []byte, f *decodedFind) Hit {
	h := Hit{
		Detector: f.matcher.Detector, rank: f.matcher.index, Secret: f.value,
		Start: f.start, End: f.end, Severity: cmp.Or(f.severity, f.matcher.Severity), Facts: f.facts,
		Encoding: f.encoding, Inner: f.inner, atPath: f.atPath, Allowed: f.allowed,
	}
	if f.span != nil {
		h.Span = *f.span
		return h
	}
	h.Allowed = in.set.allowed(f.value.Reveal(), linesAt(data, f.start, f.end), f.matcher.ID)
	return h
}

// hit gives a match as a hit, without its span.
func (in *Inspector) hit(w *matcher, data []byte, m scanner.Match) Hit {
	d := w.Detector
	return Hit{
		Detector: d,
		rank:     w.index,
		Secret:   in.intern(data[m.SecretStart:m.SecretEnd]),
		Start:    m.SecretStart,
		End:      m.SecretEnd,
		Severity: cmp.Or(m.Severity, d.Severity),
		Facts:    m.Facts,
		Allowed:  in.set.allowed(data[m.SecretStart:m.SecretEnd], linesAt(data, m.SecretStart, m.SecretEnd), d.ID),
		atPath:   m.AtPath,
	}
}

// allowed gives the reason of a pragma, or of the options, for a secret on lines.
func (s *Set) allowed(secret, lines []byte, id string) string {
	reason := s.pragma(lines, id)
	if reason == "" && s.opt.Allow != nil {
		reason = s.opt.Allow(secret, lines)
	}
	return reason
}

// opened tells whether one of a matcher's gates is among the words of st. Gates
// holds those that are, once it was asked; -1 stands for none.
func (in *Inspector) opened(m *matcher, st State, gates *[]int) bool {
	if len(m.gates) == 0 {
		return true
	}
	if *gates == nil {
		*gates = []int{-1}
		for _, w := range st.words {
			if k := int(w.id); in.set.gates[k] && !slices.Contains(*gates, k) {
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
