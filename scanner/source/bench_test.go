package source

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/gitrepo"
)

// tree gives the repository or directory to measure on.
func tree(b testing.TB) string {
	dir := os.Getenv("CREDGATE_TREE")
	if dir == "" {
		b.Skip("CREDGATE_TREE names no directory")
	}
	return dir
}

// TestTreeAsGit holds the work tree at CREDGATE_TREE against git's own list.
func TestTreeAsGit(t *testing.T) {
	dir := tree(t)
	repo, _ := open(t, dir)
	var want []string
	for _, p := range lines(gitIn(t, dir, "ls-files", "-c", "-o", "--exclude-standard", "--deduplicate", "-z"), "\x00") {
		if _, err := os.Lstat(filepath.Join(dir, p)); err == nil {
			want = append(want, p)
		}
	}
	slices.Sort(want)
	var got []string
	for _, p := range paths(WorkTree(repo, "")) {
		got = append(got, strings.TrimSuffix(p, " ?outside"))
	}
	got = slices.Compact(got) // a symlink out of the tree is told beside its text
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-git +ours\n%s", d)
	}
	t.Logf("%d files", len(got))
}

// BenchmarkStaged opens a repository and lists and reads what is staged.
func BenchmarkStaged(b *testing.B) {
	dir := tree(b)
	files := 0
	for b.Loop() {
		repo, err := gitrepo.Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		head, err := repo.Head()
		if err != nil {
			b.Fatal(err)
		}
		files = 0
		for _, g := range Staged(repo, head.ID).Files(context.Background()) {
			if g != nil {
				b.Fatal(*g)
			}
			files++
		}
		repo.Close()
	}
	b.ReportMetric(float64(files), "files")
}

func BenchmarkIndex(b *testing.B) {
	dir := filepath.Join(tree(b), ".git")
	for b.Loop() {
		if _, err := readIndex(dir, 20); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkPlace(b *testing.B, p *Place) {
	var bytes, files atomic.Int64
	for b.Loop() {
		bytes.Store(0)
		files.Store(0)
		err := p.List(context.Background()).Each(context.Background(), 2, func(_, _ int, f scanner.File, g *scanner.Gap) {
			bytes.Add(int64(len(f.Data)))
			files.Add(1)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(bytes.Load())
	b.ReportMetric(float64(files.Load()), "files")
}

func BenchmarkDirectory(b *testing.B) { benchmarkPlace(b, Directory(tree(b))) }

func BenchmarkWorkTree(b *testing.B) {
	repo, err := gitrepo.Open(tree(b))
	if err != nil {
		b.Fatal(err)
	}
	defer repo.Close()
	benchmarkPlace(b, WorkTree(repo, ""))
}

func BenchmarkCommit(b *testing.B) {
	repo, err := gitrepo.Open(tree(b))
	if err != nil {
		b.Fatal(err)
	}
	defer repo.Close()
	head, err := repo.Head()
	if err != nil {
		b.Fatal(err)
	}
	benchmarkPlace(b, Commit(repo, head.ID))
}
