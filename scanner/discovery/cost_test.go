package discovery

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/detectors"
	"github.com/credgate/credgate/scanner/pipeline"
)

// BenchmarkCost measures, on the tree CREDGATE_BENCH_TREE, what the documents
// cost beside the content: user time of one pass by one worker of each, and
// their ratio, which is to stay below a fifth.
//
//	CREDGATE_BENCH_TREE=dir go test -run '^$' -bench Cost -benchtime 3x ./scanner/discovery
func BenchmarkCost(b *testing.B) {
	root := os.Getenv("CREDGATE_BENCH_TREE")
	if root == "" {
		b.Skip("set CREDGATE_BENCH_TREE to a directory to measure on")
	}
	files := treeFiles(b, root)
	set, err := detect.New(detectors.All(), detect.Options{Trusted: true})
	if err != nil {
		b.Fatal(err)
	}
	in := set.Inspector()
	var content, documents, bytes, found int64
	for b.Loop() {
		start := userTime(b)
		for _, f := range files {
			bytes += int64(len(f.Data))
			in.Hits(f.Data, in.Inspect(scanner.Blob{Data: f.Data}, detect.State{}))
		}
		middle := userTime(b)
		res := pipeline.Read(b.Context(), slices.Values(files), nil, 1)
		found = int64(len(connection.Fold(res.Occurrences)))
		end := userTime(b)
		content, documents = content+middle-start, documents+end-middle
	}
	n := float64(b.N)
	b.ReportMetric(float64(content)/n/1e6, "ms-content/op")
	b.ReportMetric(float64(documents)/n/1e6, "ms-documents/op")
	b.ReportMetric(100*float64(documents)/float64(content), "%-of-content")
	b.ReportMetric(float64(bytes)/n/1e6, "MB/op")
	b.ReportMetric(float64(found), "connections")
}

// userTime is the user CPU time of this process, in nanoseconds.
func userTime(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano()
}

func treeFiles(b *testing.B, root string) []scanner.File {
	var out []scanner.File
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(p)
		if rel, _ := filepath.Rel(root, p); err == nil {
			out = append(out, scanner.File{Path: filepath.ToSlash(rel), Data: data})
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return out
}
