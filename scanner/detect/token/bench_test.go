package token

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
)

// corpus reads the regular files of CREDGATE_BENCH_DIR, up to 64 MiB.
func corpus(b *testing.B) (list [][]byte, size int64) {
	b.Helper()
	dir := os.Getenv("CREDGATE_BENCH_DIR")
	if dir == "" {
		b.Skip("CREDGATE_BENCH_DIR names no directory")
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && e.Name() == ".git" {
			return fs.SkipDir
		}
		if err != nil || !e.Type().IsRegular() || size > 64<<20 {
			return err
		}
		data, err := os.ReadFile(path)
		list, size = append(list, data), size+int64(len(data))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return list, size
}

func scan(b *testing.B, list []scanner.Detector) {
	files, size := corpus(b)
	set, err := detect.New(list, detect.Options{})
	if err != nil {
		b.Fatal(err)
	}
	in := set.Inspector()
	b.SetBytes(size)
	for b.Loop() {
		for _, data := range files {
			in.Inspect(scanner.Blob{Data: data}, detect.State{})
		}
	}
}

func BenchmarkInspect(b *testing.B) { scan(b, All()) }

// BenchmarkEach tells which detectors cost most: how often a keyword of theirs
// stands in a megabyte, and the time they take for it.
func BenchmarkEach(b *testing.B) {
	type cost struct {
		id    string
		calls int
		time  time.Duration
	}
	list := All()
	costs := make([]cost, len(list))
	for i := range list {
		find, c := list[i].FindAt, &costs[i]
		c.id = list[i].ID
		list[i].FindAt = func(w []byte, start, end int) []scanner.Match {
			began := time.Now()
			m := find(w, start, end)
			c.time += time.Since(began)
			c.calls++
			return m
		}
	}
	_, size := corpus(b)
	scan(b, list)
	slices.SortFunc(costs, func(x, y cost) int { return cmp.Compare(y.time, x.time) })
	mb := float64(size) / 1e6 * float64(b.N)
	for _, c := range costs[:20] {
		b.Logf("%-32s %8.1f calls/MB %8.2f us/MB", c.id, float64(c.calls)/mb, float64(c.time.Microseconds())/mb)
	}
}

// BenchmarkList is what a start of the program pays.
func BenchmarkList(b *testing.B) {
	for b.Loop() {
		All()
	}
}

func BenchmarkSet(b *testing.B) {
	for b.Loop() {
		if _, err := detect.New(All(), detect.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
