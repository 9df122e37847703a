package detect_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/detectors"
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
	set, err := detect.New(detectors.All(), detect.Options{Trusted: true})
	if err != nil {
		b.Fatal(err)
	}
	in := set.Inspector()
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, data := range files {
			in.Inspect(scanner.Blob{Data: data}, detect.State{})
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := detect.New(detectors.All(), detect.Options{Trusted: true}); err != nil {
			b.Fatal(err)
		}
	}
}
