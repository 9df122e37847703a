package decode

import (
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkTree decodes what stands in the files of the directory that
// CREDGATE_TREE names, and tells how much of it is encoded.
func BenchmarkTree(b *testing.B) {
	dir := os.Getenv("CREDGATE_TREE")
	if dir == "" {
		b.Skip("CREDGATE_TREE names no directory")
	}
	var files [][]byte
	var size int64
	filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if e.Name() == ".git" {
			return filepath.SkipDir
		}
		if data, err := os.ReadFile(path); err == nil && len(data) < 8<<20 {
			files, size = append(files, data), size+int64(len(data))
		}
		return nil
	})
	b.SetBytes(size)
	var d Decoder
	for b.Loop() {
		count := make(map[string]int)
		for _, f := range files {
			for s, g := range d.Text(f, 0, len(f), AllKinds) {
				if g == nil {
					count[s.Encoding] += len(s.Data)
				}
			}
		}
		for encoding, n := range count {
			b.ReportMetric(float64(n)/float64(size)*100, encoding+"-%")
		}
	}
}
