package detect_test

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/detectors"
	"github.com/credgate/credgate/scanner/gitrepo"
)

// named opens the repository that an environment variable names.
func named(tb testing.TB, variable string) *gitrepo.Repo {
	tb.Helper()
	dir := os.Getenv(variable)
	if dir == "" {
		tb.Skip(variable + " names no repository")
	}
	repo, err := gitrepo.Open(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { repo.Close() })
	return repo
}

// BenchmarkHistory walks the whole history of the repository that
// CREDGATE_BENCH_REPO names, with and without looking at it.
func BenchmarkHistory(b *testing.B) {
	repo := named(b, "CREDGATE_BENCH_REPO")
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
// CREDGATE_TEST_REPO names as it is scanned, and with each of the tests that save
// work switched off: without Copy, blob by blob as if each stood alone. With
// CREDGATE_TEST_ALL set, also without any of them, which takes hours on a large one.
func TestWalkEqualsWhole(t *testing.T) {
	repo := named(t, "CREDGATE_TEST_REPO")
	seed := maphash.MakeSeed()
	want := history(t, repo, seed, 0)
	list := []detect.Test{detect.Copy, detect.Near, detect.Shape, detect.Seen}
	if os.Getenv("CREDGATE_TEST_ALL") != "" {
		list = append(list, detect.AllTests)
	}
	for _, without := range list {
		got := history(t, repo, seed, without)
		odd := 0
		for id := range union(want, got) {
			if got[id] != want[id] {
				if odd++; odd <= 20 {
					t.Errorf("without %b: other hits in %s: %s", without, id, alone(t, repo, id, without))
				}
			}
		}
		if odd > 0 {
			t.Errorf("without %b: %d blobs differ", without, odd)
		}
	}
}

func union(a, b map[scanner.ObjectID]uint64) map[scanner.ObjectID]uint64 {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// history gives, for each blob with hits, a sum over them.
func history(t *testing.T, repo *gitrepo.Repo, seed maphash.Seed, without detect.Test) map[scanner.ObjectID]uint64 {
	t.Helper()
	set, err := detect.New(detectors.All(), detect.Options{Trusted: true, Without: without})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	sums := make(map[scanner.ObjectID]uint64)
	hits := 0
	var mu sync.Mutex
	stats, gaps, err := gitrepo.Walk(context.Background(), repo, gitrepo.WalkOptions{}, func(int) func(scanner.Blob, detect.State) detect.State {
		in := set.Inspector()
		return func(b scanner.Blob, parent detect.State) detect.State {
			st := in.Inspect(b, parent)
			list := in.Hits(b.Data, st)
			if len(list) == 0 {
				return st
			}
			sum := uint64(0)
			for i := range list {
				sum += maphash.String(seed, describe(&list[i]))
			}
			mu.Lock()
			hits += len(list)
			sums[b.ID] = sum
			mu.Unlock()
			return st
		}
	})
	if err != nil || len(gaps) > 0 {
		t.Fatalf("%v, gaps %v", err, gaps)
	}
	t.Logf("without %b: %d blobs, %d bytes, %d hits in %d blobs, %v", without, stats.Blobs, stats.Bytes, hits, len(sums), time.Since(start).Round(time.Second))
	return sums
}

// describe tells a hit by its detector and place.
func describe(h *detect.Hit) string {
	return fmt.Sprintf("%s %d-%d %s %s%v", h.Detector.ID, h.Start, h.End, h.Encoding, h.Inner, h.Span)
}

// alone tells the hits of one blob as it stands, with and without the tests.
func alone(t *testing.T, repo *gitrepo.Repo, id scanner.ObjectID, without detect.Test) string {
	t.Helper()
	_, data, err := repo.Object(id)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, w := range []detect.Test{0, without} {
		set, err := detect.New(detectors.All(), detect.Options{Trusted: true, Without: w})
		if err != nil {
			t.Fatal(err)
		}
		in := set.Inspector()
		list := in.Hits(data, in.Inspect(scanner.Blob{ID: id, Data: data}, detect.State{}))
		fmt.Fprintf(&out, "\nalone, without %b:", w)
		for i := range list {
			fmt.Fprintf(&out, "\n\t%s", describe(&list[i]))
		}
	}
	return out.String()
}
