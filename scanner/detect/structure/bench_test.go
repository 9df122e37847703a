package structure

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
)

// BenchmarkTrees scans the files of CREDGATE_TREES with the engine and the
// structural detectors alone.
func BenchmarkTrees(b *testing.B) {
	var files [][]byte
	size := 0
	for _, root := range filepath.SplitList(os.Getenv("CREDGATE_TREES")) {
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && d.Name() == ".git" {
				return fs.SkipDir
			}
			if data, err := os.ReadFile(path); err == nil && len(data) < 5<<20 && bytes.IndexByte(data[:min(len(data), 8000)], 0) < 0 {
				files = append(files, data)
				size += len(data)
			}
			return nil
		})
	}
	if size == 0 {
		b.Skip("CREDGATE_TREES names no public trees to measure on")
	}
	set, err := detect.New(All(), detect.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		in := set.Inspector()
		for _, data := range files {
			in.Inspect(scanner.Blob{Data: data}, detect.State{})
		}
	}
}
