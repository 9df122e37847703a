package detect_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"sync"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/detectors"
	"github.com/credgate/credgate/scanner/gitrepo"
)

// BenchmarkHistory walks the whole history of the repository that
// CREDGATE_BENCH_REPO names, with and without looking at it.
func BenchmarkHistory(b *testing.B) {
	dir := os.Getenv("CREDGATE_BENCH_REPO")
	if dir == "" {
		b.Skip("CREDGATE_BENCH_REPO names no repository")
	}
	repo, err := gitrepo.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer repo.Close()
	b.Run("walk", func(b *testing.B) {
		for b.Loop() {
			_, _, err := gitrepo.Walk(context.Background(), repo, gitrepo.WalkOptions{}, func(int) func(scanner.Blob, struct{}) struct{} {
				return func(scanner.Blob, struct{}) struct{} { return struct{}{} }
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			set, err := detect.New(detectors.All(), detect.Options{Trusted: true})
			if err != nil {
				b.Fatal(err)
			}
			hits, blobs := 0, 0
			var mu sync.Mutex
			_, _, err = gitrepo.Walk(context.Background(), repo, gitrepo.WalkOptions{}, func(int) func(scanner.Blob, detect.State) detect.State {
				in := set.Inspector()
				return func(blob scanner.Blob, parent detect.State) detect.State {
					st := in.Inspect(blob, parent)
					if list := in.Hits(blob.Data, st); len(list) > 0 {
						mu.Lock()
						hits, blobs = hits+len(list), blobs+1
						mu.Unlock()
					}
					return st
				}
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(hits), "hits")
			b.ReportMetric(float64(blobs), "blobs")
		}
	})
}

// TestWalkEqualsWhole scans the whole history of the repository that
// CREDGATE_TEST_REPO names blob by blob, without any of the tests that save work,
// and then as it is scanned, and with each of these tests switched off.
func TestWalkEqualsWhole(t *testing.T) {
	dir := os.Getenv("CREDGATE_TEST_REPO")
	if dir == "" {
		t.Skip("CREDGATE_TEST_REPO names no repository")
	}
	repo, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	want := history(t, repo, detect.AllTests)
	t.Logf("%d hits", len(want))
	for _, without := range []detect.Test{0, detect.Near, detect.Shape, detect.Seen, detect.Copy} {
		got := history(t, repo, without)
		if maps.Equal(got, want) {
			continue
		}
		for h := range want {
			if !got[h] {
				t.Errorf("without %b: missing %s", without, h)
			}
		}
		for h := range got {
			if !want[h] {
				t.Errorf("without %b: too many: %s", without, h)
			}
		}
	}
}

// history gives blob, detector and place of all hits.
func history(t *testing.T, repo *gitrepo.Repo, without detect.Test) map[string]bool {
	t.Helper()
	set, err := detect.New(detectors.All(), detect.Options{Trusted: true, Without: without})
	if err != nil {
		t.Fatal(err)
	}
	hits := make(map[string]bool)
	var mu sync.Mutex
	_, _, err = gitrepo.Walk(context.Background(), repo, gitrepo.WalkOptions{}, func(int) func(scanner.Blob, detect.State) detect.State {
		in := set.Inspector()
		return func(b scanner.Blob, parent detect.State) detect.State {
			st := in.Inspect(b, parent)
			for _, h := range in.Hits(b.Data, st) {
				mu.Lock()
				hits[fmt.Sprintf("%s %s %d-%d %s %s%v", b.ID, h.Detector.ID, h.Start, h.End, h.Encoding, h.Inner, h.Span)] = true
				mu.Unlock()
			}
			return st
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return hits
}
