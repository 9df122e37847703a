package detect

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/secret"
)

// A Collector makes findings of hits: one secret is one finding with all its
// places, named by the detector that knows most. It is safe for concurrent use,
// and what it gives does not hang on the order in which it was told. It prints
// as "[redacted]".
type Collector struct{ do func() *collection }

type collection struct {
	mu      sync.Mutex
	secrets map[string]*gathered
	at      func(*scanner.Detector, scanner.Location) string // Options.AllowAt
}

// gathered is one secret.
type gathered struct {
	value  secret.Value
	best   Hit
	places map[placeKey]*standing
}

// placeKey is a path and how many times before the secret stands in that file.
type placeKey struct {
	path string
	n    int
}

// standing is a secret's stay at a path, over all versions of the file.
type standing struct {
	first   scanner.Location // by date
	last    scanner.Location // at head, else by date
	allowed string           // at last
}

// NewCollector gives an empty collector.
func NewCollector() *Collector {
	return newCollector(nil)
}

// Collector gives an empty collector that also allows what the set's options do.
func (s *Set) Collector() *Collector { return newCollector(s.opt.AllowAt) }

func newCollector(at func(*scanner.Detector, scanner.Location) string) *Collector {
	c := &collection{secrets: make(map[string]*gathered), at: at}
	return &Collector{func() *collection { return c }}
}

func (*Collector) Format(s fmt.State, _ rune) { io.WriteString(s, "[redacted]") }

// Add tells of the hits in one content and where it stands: places with Path,
// Commit, Author, Date, LastCommit and AtHead set; their regions are filled in.
// Of hits that overlap at a path, the best one counts.
func (c *Collector) Add(hits []Hit, places []scanner.Location) {
	if len(hits) == 0 || len(places) == 0 {
		return
	}
	s := c.do()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, place := range places {
		seen := make(map[string]int)
		for _, h := range Best(hits, place.Path) {
			key := string(h.Secret.Reveal())
			inner := place
			inner.Path += h.Inner
			count := key + "\x00" + h.Inner
			s.add(key, h, placeKey{inner.Path, seen[count]}, inner)
			seen[count]++
		}
	}
}

func (s *collection) add(key string, h Hit, at placeKey, place scanner.Location) {
	g, ok := s.secrets[key]
	if !ok {
		g = &gathered{value: h.Secret, best: h, places: make(map[placeKey]*standing)}
		s.secrets[key] = g
	}
	if compareHitsByWorth(h, g.best) < 0 {
		g.best = h
	}
	place.Line, place.Column, place.EndLine, place.EndColumn = h.Span.Line, h.Span.Column, h.Span.EndLine, h.Span.EndColumn
	st, ok := g.places[at]
	if !ok {
		g.places[at] = &standing{place, place, h.Allowed}
		return
	}
	if byDate(place, st.first) < 0 {
		st.first = place
	}
	if cmp.Or(compareBool(place.AtHead, st.last.AtHead), byDate(place, st.last)) > 0 {
		st.last, st.allowed = place, h.Allowed
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// byDate puts what is in no commit yet last.
func byDate(a, b scanner.Location) int {
	return cmp.Or(compareBool(a.Commit == "", b.Commit == ""), a.Date.Compare(b.Date), strings.Compare(string(a.Commit), string(b.Commit)), a.Compare(b))
}

// Findings gives what was collected, in order of first place, then detector,
// then fingerprint. Its error is that of ctx.
func (c *Collector) Findings(ctx context.Context, f *secret.Fingerprinter) ([]scanner.Finding, error) {
	s := c.do()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*gathered
	var values []secret.Value
	for _, g := range s.secrets {
		all, values = append(all, g), append(values, g.value)
	}
	prints, err := f.Fingerprints(ctx, values)
	if err != nil {
		return nil, err
	}
	var list []scanner.Finding
	for i, g := range all {
		list = append(list, s.finding(g, prints[i]))
	}
	slices.SortFunc(list, func(a, b scanner.Finding) int {
		return cmp.Or(a.Locations[0].Compare(b.Locations[0]), cmp.Compare(a.Detector, b.Detector), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return list, nil
}

func (s *collection) finding(g *gathered, print string) scanner.Finding {
	d := g.best.Detector
	f := scanner.Finding{
		Detector: d.ID, Title: d.Title, Provider: d.Provider, Kind: d.Kind,
		Severity: g.severity(), Fingerprint: print, Facts: g.best.Facts,
	}
	for _, x := range f.Facts {
		if x.Name == "provider" && f.Provider == "" {
			f.Provider = x.Value
		}
	}
	allowed, standing := s.allowed(g)
	for _, st := range g.places {
		l := st.last
		l.Commit, l.Author, l.Date = st.first.Commit, st.first.Author, st.first.Date
		f.Locations = append(f.Locations, l)
	}
	slices.SortFunc(f.Locations, scanner.Location.Compare)
	if len(allowed) == standing {
		slices.Sort(allowed)
		f.Allowed = strings.Join(slices.Compact(allowed), "; ")
	}
	return f
}

// severity is that of the place where the secret weighs most.
func (g *gathered) severity() scanner.Severity {
	at := g.best.Detector.SeverityAt
	if at == nil {
		return g.best.Severity
	}
	var most scanner.Severity
	for p := range g.places {
		most = max(most, at(p.path, g.best.Severity))
	}
	return most
}

// allowed gives the reasons by which places that stand are allowed, and how many
// places stand: those at head, or all if none is.
func (s *collection) allowed(g *gathered) (reasons []string, standing int) {
	head := false
	for _, st := range g.places {
		head = head || st.last.AtHead
	}
	for _, st := range g.places {
		if st.last.AtHead != head {
			continue
		}
		standing++
		if reason := s.reason(g.best.Detector, st); reason != "" {
			reasons = append(reasons, reason)
		}
	}
	return reasons, standing
}

// reason is why a stay is allowed: by what stands beside it, or by its place now
// or where it first stood.
func (s *collection) reason(d *scanner.Detector, st *standing) string {
	if st.allowed != "" || s.at == nil {
		return st.allowed
	}
	return cmp.Or(s.at(d, st.last), s.at(d, st.first))
}

// Best leaves of the hits that count at a path, where their secrets overlap, the
// one that knows most: the higher class, then the longer secret, then the
// detector that stands earlier in the list. They are in order of place.
func Best(hits []Hit, path string) []Hit {
	var list []Hit
	for _, h := range hits {
		if h.At(path + h.Inner) {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b Hit) int { return cmp.Or(cmp.Compare(a.Inner, b.Inner), byPlace(a, b)) })
	var kept []Hit
	for len(list) > 0 {
		n := together(list)
		kept = appendBest(kept, list[:n])
		list = list[n:]
	}
	slices.SortFunc(kept, byPlace)
	return kept
}

func byPlace(a, b Hit) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Inner, b.Inner), compareInts(a.Span.Line, b.Span.Line, a.Span.Column, b.Span.Column))
}

// together counts the hits at the front of a list in order of place of which none
// overlaps one behind them. There is one at least.
func together(list []Hit) int {
	end := list[0].End
	for i := 1; i < len(list); i++ {
		h, last := &list[i], &list[i-1]
		if h.Inner != last.Inner || h.Start >= end && h.Start != last.Start {
			return i
		}
		end = max(end, h.End)
	}
	return len(list)
}

// appendBest appends the hits that no better one overlaps.
func appendBest(kept, hits []Hit) []Hit {
	if len(hits) == 1 {
		return append(kept, hits[0])
	}
	slices.SortFunc(hits, compareHitsByWorth)
	from := len(kept)
	for i := range hits {
		h := &hits[i]
		if !slices.ContainsFunc(kept[from:], func(k Hit) bool { return overlap(h, &k) }) {
			kept = append(kept, *h)
		}
	}
	return kept
}

// overlap tells whether two secrets share bytes. In a part that the blob encloses
// whole, bytes are told apart by their spans.
func overlap(a, b *Hit) bool {
	if a.Inner != b.Inner {
		return false
	}
	if a.Encoding == "" || b.Encoding == "" || a.Start != b.Start || a.End != b.End {
		return a.Start < b.End && b.Start < a.End
	}
	before := func(x, y Span) bool {
		return compareInts(x.EndLine, y.Line, x.EndColumn, y.Column) <= 0
	}
	return !before(a.Span, b.Span) && !before(b.Span, a.Span)
}

// compareHitsByWorth puts the hit that knows most first.
func compareHitsByWorth(a, b Hit) int {
	return cmp.Or(
		cmp.Compare(b.Detector.Class, a.Detector.Class),
		cmp.Compare(len(b.Secret.Reveal()), len(a.Secret.Reveal())),
		cmp.Compare(a.rank, b.rank),
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(a.Start, b.Start),
		cmp.Compare(a.End, b.End),
		slices.CompareFunc(a.Facts, b.Facts, func(x, y scanner.Fact) int {
			return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Value, y.Value))
		}),
	)
}
