package detect_test

import (
	"context"
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
