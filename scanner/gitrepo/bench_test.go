//go:build unix

package gitrepo

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/credgate/credgate/scanner"
)

// BenchmarkWalk is the floor of every scan of a history: all blobs of the
// repository that CREDGATE_BENCH_REPO names are visited and not looked at.
func BenchmarkWalk(b *testing.B) {
	r := benchRepo(b)
	defer cpu(b)()
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

// cpu reports the processor time of an operation, which other work on the machine
// does not change as it does the time on the clock.
func cpu(b *testing.B) func() {
	before := processorTime()
	return func() { b.ReportMetric((processorTime()-before).Seconds()*1000/float64(b.N), "cpu-ms/op") }
}

func processorTime() time.Duration {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0
	}
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

func benchRepo(b *testing.B) *Repo {
	dir := os.Getenv("CREDGATE_BENCH_REPO")
	if dir == "" {
		b.Skip("CREDGATE_BENCH_REPO names no repository to measure on")
	}
	return open(b, dir)
}

// BenchmarkPlaces looks for the places of a thousandth of all blobs, which is more
// than a scan finds matches in.
func BenchmarkPlaces(b *testing.B) {
	r := benchRepo(b)
	defer cpu(b)()
	opt := PlaceOptions{Blobs: map[scanner.ObjectID]bool{}}
	for _, p := range r.packs {
		for i := 0; i < p.idx.len(); i += 1000 {
			opt.Blobs[hexID(p.idx.id(i))] = true
		}
	}
	var h History
	for b.Loop() {
		var err error
		if h, err = r.Places(b.Context(), Selection{}, opt); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(h.Places)), "places")
	b.ReportMetric(float64(h.Commits), "commits")
	b.ReportMetric(float64(len(h.Gaps)), "gaps")
}
