package pipeline

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// TestTree prints what the documents of the tree CREDGATE_TREE hold, for a
// person who holds it against the files: each occurrence with its line, then
// connections, gaps and the time.
func TestTree(t *testing.T) {
	root := os.Getenv("CREDGATE_TREE")
	if root == "" {
		t.Skip("set CREDGATE_TREE to a directory to see what its documents hold")
	}
	tree := MapTree{}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && e.Name() == ".git" {
			return fs.SkipDir
		}
		if !e.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(p)
		rel, _ := filepath.Rel(root, p)
		if err == nil && Candidate(filepath.ToSlash(rel), data[:min(len(data), HeadSize)]) {
			tree[filepath.ToSlash(rel)] = data
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	res := Read(t.Context(), func(yield func(scanner.File) bool) {
		for p, data := range tree {
			if !yield(scanner.File{Path: p, Data: data}) {
				return
			}
		}
	}, tree, 2)
	took := time.Since(start)
	for _, o := range res.Occurrences {
		lines := strings.Split(string(tree[o.Location.Path]), "\n")
		t.Logf("%s\n        | %s", describe(o, true), strings.TrimSpace(lines[o.Location.Line-1]))
	}
	for _, c := range connection.Fold(res.Occurrences) {
		t.Logf("%-40s %s %s %s %s refs=%v endpoints=%v places=%d", c.ID, c.Kind, c.Provider, c.Account, c.Endpoint, c.Refs, c.Endpoints, len(c.Locations))
	}
	for _, g := range res.Gaps {
		t.Logf("gap %s:%d:%d %s %s", g.Path, g.Line, g.Column, g.Reason, g.Detail)
	}
	t.Logf("%d documents, %d occurrences, %d gaps, %v", res.Documents, len(res.Occurrences), len(res.Gaps), took)
}
