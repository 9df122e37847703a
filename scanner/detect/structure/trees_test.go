package structure

import (
	"bytes"
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/credgate/credgate/scanner"
)

// TestTrees scans the directories of CREDGATE_TREES, a path list, and logs what
// is found, so that each find can be looked at, with the cost per megabyte.
func TestTrees(t *testing.T) {
	list := filepath.SplitList(os.Getenv("CREDGATE_TREES"))
	if len(list) == 0 {
		t.Skip("CREDGATE_TREES names no public trees to measure on")
	}
	count := make(map[string]int)
	for _, root := range list {
		size, finds := 0, 0
		var spent time.Duration
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && d.Name() == ".git" {
				return cmp.Or(err, fs.SkipDir)
			}
			if !d.Type().IsRegular() {
				return nil
			}
			data, err := os.ReadFile(path)
			if err != nil || len(data) > 5<<20 || bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 {
				return err
			}
			rel, _ := filepath.Rel(root, path)
			size += len(data)
			began := time.Now()
			hits := scan(data, rel)
			spent += time.Since(began)
			for _, h := range hits {
				finds++
				count[h.ID]++
				line := data[bytes.LastIndexByte(data[:h.at], '\n')+1:]
				line, _, _ = bytes.Cut(line, []byte{'\n'})
				t.Logf("%s %s:%d [%s] %.180s", h.ID, filepath.Join(filepath.Base(root), rel), 1+bytes.Count(data[:h.at], []byte{10}), h.secret, bytes.TrimSpace(line))
			}
			return nil
		})
		t.Logf("== %s: %d finds in %.1f MB, %.0f MB/s", filepath.Base(root), finds, float64(size)/1e6, float64(size)/1e6/spent.Seconds())
	}
	var ids []string
	for id := range count {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		t.Logf("== %s: %d", id, count[id])
	}
}

type found struct {
	*scanner.Detector
	at     int
	secret string
}

// scan runs all detectors over a file, in the plainest way.
func scan(data []byte, path string) []found {
	var list []found
	seen := make(map[int]bool)
	low := bytes.Clone(data)
	for i, c := range low {
		low[i] = lower(c)
	}
	detectors := All()
	for i := range detectors {
		d := &detectors[i]
		if d.AtPath != nil && !d.AtPath(path) {
			continue
		}
		for _, k := range d.Keywords {
			for from := 0; ; {
				j := bytes.Index(low[from:], []byte(k))
				if j < 0 {
					break
				}
				start := from + j
				from = start + 1
				lo, hi := max(0, start-d.Reach-1), min(len(data), start+len(k)+d.Reach+1)
				for _, m := range d.FindAt(data[lo:hi], start-lo, start-lo+len(k)) {
					if m.AtPath != nil && !m.AtPath(path) || seen[lo+m.SecretStart] {
						continue
					}
					seen[lo+m.SecretStart] = true
					list = append(list, found{d, lo + m.SecretStart, string(data[lo+m.SecretStart : lo+m.SecretEnd])})
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b found) int { return cmp.Compare(a.at, b.at) })
	return list
}
