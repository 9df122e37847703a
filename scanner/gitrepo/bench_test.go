package gitrepo

import (
	"os"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// BenchmarkWalk is the floor of every scan of a history: all blobs of the
// repository that CREDGATE_BENCH_REPO names are visited and not looked at.
func BenchmarkWalk(b *testing.B) {
	r := benchRepo(b)
	var stats Stats
	for b.Loop() {
		var err error
		stats, _, err = Walk(b.Context(), r, WalkOptions{}, func(int) func(scanner.Blob, struct{}) struct{} {
			return func(scanner.Blob, struct{}) struct{} { return struct{}{} }
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(stats.Bytes)
	b.ReportMetric(float64(stats.Blobs), "blobs")
	b.ReportMetric(float64(stats.New)/1e6, "new-MB")
}

func benchRepo(b *testing.B) *Repo {
	dir := os.Getenv("CREDGATE_BENCH_REPO")
	if dir == "" {
		b.Skip("CREDGATE_BENCH_REPO names no repository to measure on")
	}
	return open(b, dir)
}
