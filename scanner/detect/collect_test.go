package detect

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/secret"
)

func testHit(d *scanner.Detector, text, part, allowed string) Hit {
	i := strings.Index(text, part)
	return Hit{
		Detector: d, Secret: secret.New([]byte(part)), Start: i, End: i + len(part),
		Span: Region([]byte(text), i, i+len(part)), Severity: d.Severity, Allowed: allowed,
	}
}

func collected(t *testing.T, c *Collector) []scanner.Finding {
	t.Helper()
	f, err := secret.NewFingerprinter("k1:"+strings.Repeat("01", 32), nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Findings(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var (
	genericOne  = &scanner.Detector{ID: "generic-one", Class: scanner.Generic, Severity: scanner.Medium}
	structOne   = &scanner.Detector{ID: "struct-one", Class: scanner.Structural, Severity: scanner.High}
	specificOne = &scanner.Detector{ID: "specific-one", Class: scanner.Specific, Severity: scanner.High, SkipPaths: []string{"docs/**"}}
)

func TestSpecificBeatsGeneric(t *testing.T) {
	text := "url = http://user:specific-word-1@host\n"
	hits := []Hit{
		testHit(genericOne, text, "user:specific-word-1@host", ""),
		testHit(structOne, text, "specific-word-1", "tolerated"),
		testHit(specificOne, text, "specific-word-1", ""),
	}
	c := NewCollector()
	c.Add(hits, []scanner.Location{{Path: "a.txt", AtHead: true}})
	c.Add(hits[1:2], []scanner.Location{{Path: "b.txt", AtHead: true}})
	got := collected(t, c)
	if len(got) != 1 || got[0].Detector != "specific-one" || len(got[0].Locations) != 2 {
		t.Fatalf("got %+v", got)
	}
	if got[0].Allowed != "" {
		t.Errorf("allowed though one of two places is not: %q", got[0].Allowed)
	}
	want := scanner.Location{Path: "a.txt", Line: 1, Column: 19, EndLine: 1, EndColumn: 34, AtHead: true}
	if got[0].Locations[0] != want {
		t.Errorf("got %+v, want %+v", got[0].Locations[0], want)
	}
	// Where the specific one does not count, the next best does.
	c = NewCollector()
	c.Add(hits, []scanner.Location{{Path: "docs/a.txt"}})
	if got := collected(t, c); len(got) != 1 || got[0].Detector != "struct-one" || got[0].Allowed != "tolerated" {
		t.Errorf("got %+v", got)
	}
}

// However the versions of a file are told of, its stay is one place.
func TestVersionsAreOnePlace(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	texts := []string{"word-1", "\nword-1", "\n\nword-1 word-1"}
	places := []scanner.Location{
		{Path: "a", Commit: "c1", Author: "x", Date: day(1), LastCommit: "c2"},
		{Path: "a", Commit: "c3", Author: "y", Date: day(3), LastCommit: "c4"},
		{Path: "a", Commit: "c5", Author: "z", Date: day(5), AtHead: true},
	}
	var want []scanner.Finding
	for seed := range uint64(20) {
		c := NewCollector()
		for _, i := range rand.New(rand.NewPCG(seed, 1)).Perm(3) {
			h := []Hit{testHit(structOne, texts[i], "word-1", "")}
			if i == 2 {
				second := h[0]
				second.Start, second.End = h[0].End+1, len(texts[i])
				second.Span = Region([]byte(texts[i]), second.Start, second.End)
				h = append(h, second)
			}
			c.Add(h, places[i:i+1])
		}
		got := collected(t, c)
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("another order gives %+v, not %+v", got, want)
		}
	}
	if len(want) != 1 || len(want[0].Locations) != 2 {
		t.Fatalf("got %+v", want)
	}
	l := want[0].Locations[0]
	if l.Line != 3 || l.Commit != "c1" || l.Author != "x" || l.LastCommit != "" || !l.AtHead {
		t.Errorf("got %+v", l)
	}
}

func TestHitsDoNotPrint(t *testing.T) {
	text := "word-number-1"
	h := testHit(structOne, text, text, "")
	set, err := New([]scanner.Detector{{ID: "d", Keywords: []string{"word"}, Expression: `word-number-[0-9]`, Reach: 20}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := set.Inspector()
	st := in.Inspect(scanner.Blob{Data: []byte(text)}, State{})
	hits := in.Hits([]byte(text), st)
	if len(hits) != 1 {
		t.Fatal("nothing found")
	}
	c := NewCollector()
	c.Add(append(hits, h), []scanner.Location{{Path: "a"}})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, x := range []any{h, &h, hits, *in, in, st, c, *c, collected(t, c)} {
			if s := fmt.Sprintf(verb, x); strings.Contains(s, "number-1") || strings.Contains(s, fmt.Sprintf("%x", "number-1")) {
				t.Errorf("%s of %T shows the secret", verb, x)
			}
		}
	}
}

func TestTimings(t *testing.T) {
	set, err := New([]scanner.Detector{
		{ID: "one", Keywords: []string{"word"}, Expression: `word-[0-9]`, Reach: 20},
		{ID: "two", Keywords: []string{"other"}, Expression: `other-[0-9]`, Reach: 20},
	}, Options{Timings: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		set.Inspector().Inspect(scanner.Blob{Data: []byte("word-1 word-x word-2")}, State{})
	}
	got := set.Timings()
	if len(got) != 2 || got[0].Detector != "one" || got[0].Windows != 4 || got[0].Matches != 4 || got[0].Spent <= 0 || got[1].Windows != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestSeverityAtPath(t *testing.T) {
	lowered := *specificOne
	lowered.SkipPaths = nil
	lowered.SeverityAt = func(path string, s scanner.Severity) scanner.Severity {
		if strings.HasPrefix(path, "test/") {
			return scanner.Low
		}
		return s
	}
	text := "key = specific-word-1\n"
	hit := testHit(&lowered, text, "specific-word-1", "")
	for _, c := range []struct {
		paths []string
		want  scanner.Severity
	}{
		{[]string{"test/a"}, scanner.Low},
		{[]string{"a"}, scanner.High},
		{[]string{"test/a", "a", "test/b"}, scanner.High}, // the gravest of its places
	} {
		col := NewCollector()
		for _, p := range c.paths {
			col.Add([]Hit{hit}, []scanner.Location{{Path: p, AtHead: true}})
		}
		if got := collected(t, col); len(got) != 1 || got[0].Severity != c.want {
			t.Errorf("at %q: %v, want %v", c.paths, got, c.want)
		}
	}
}

// Best leaves what comparing each hit with each better one does.
func TestBestOfMany(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	detectors := []*scanner.Detector{{ID: "a", Class: 1}, {ID: "b", Class: 2}}
	for range 500 {
		var hits []Hit
		for i := range rnd.IntN(12) {
			start := rnd.IntN(30)
			h := Hit{Detector: detectors[rnd.IntN(2)], Start: start, End: start + 1 + rnd.IntN(8), rank: i, Inner: []string{"", "!x"}[rnd.IntN(2)]}
			h.Secret = secret.New([]byte(strings.Repeat("x", h.End-h.Start)))
			if rnd.IntN(3) == 0 {
				h.Encoding, h.Start, h.End = "gzip", 4, 20
				h.Span = Span{1, start, 1, start + 3}
			}
			hits = append(hits, h)
		}
		byWorth := slices.SortedFunc(slices.Values(hits), compareHitsByWorth)
		want := map[int]bool{}
		var kept []Hit
		for _, h := range byWorth {
			if !slices.ContainsFunc(kept, func(k Hit) bool { return overlap(&h, &k) }) {
				kept, want[h.rank] = append(kept, h), true
			}
		}
		got := map[int]bool{}
		list := Best(hits, "p")
		for _, h := range list {
			got[h.rank] = true
		}
		if !maps.Equal(got, want) || !slices.IsSortedFunc(list, byPlace) {
			t.Fatalf("hits %+v:\ngot %v, want %v", hits, got, want)
		}
	}
}
