package detect

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// corpus reads the regular files of CREDGATE_BENCH_DIR, up to 64 MiB.
func corpus(b *testing.B) (list [][]byte, size int64) {
	b.Helper()
	dir := os.Getenv("CREDGATE_BENCH_DIR")
	if dir == "" {
		b.Skip("CREDGATE_BENCH_DIR names no directory")
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && e.Name() == ".git" {
			if e != nil && e.IsDir() {
				return fs.SkipDir
			}
			return err
		}
		if !e.Type().IsRegular() || size > 64<<20 {
			return nil
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

func BenchmarkInspect(b *testing.B) {
	files, size := corpus(b)
	set, err := New(All(), Options{Trusted: true})
	if err != nil {
		b.Fatal(err)
	}
	in := set.Inspector()
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, data := range files {
			in.Inspect(scanner.Blob{Data: data}, State{})
		}
	}
}

func BenchmarkKeywords(b *testing.B) {
	files, size := corpus(b)
	set, err := New(All(), Options{Trusted: true})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	found := 0
	var list []word
	for b.Loop() {
		for _, data := range files {
			list = set.keywords.find(data, 0, len(data), list[:0])
			found += len(list)
		}
	}
	b.ReportMetric(float64(found)/float64(b.N)/float64(size)*1e6, "keywords/MB")
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(All(), Options{Trusted: true}); err != nil {
			b.Fatal(err)
		}
	}
}
