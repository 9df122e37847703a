package source

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/credgate/credgate/scanner"
)

func symlink(t *testing.T, dir, path, target string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(dir, path)); err != nil {
		t.Fatal(err)
	}
}

// TestWorkTreeOddities has one of everything that is no plain file.
func TestWorkTreeOddities(t *testing.T) {
	r := newRepo(t)
	r.write("deleted", "x")
	r.write("becomes-dir", "x")
	r.write("becomes-link", "x")
	r.write("ignored/tracked", "tracked all the same")
	r.write("moved/behind-link", "x")
	r.commit()
	r.write(".gitignore", "ignored/\n*.log\n!keep.log\n")
	r.write("ignored/untracked", "x")
	r.write("a.log", "x")
	r.write("keep.log", "x")
	os.Remove(filepath.Join(r.dir, "deleted"))
	os.Remove(filepath.Join(r.dir, "becomes-dir"))
	r.write("becomes-dir/f", "x")
	os.Remove(filepath.Join(r.dir, "becomes-link"))
	symlink(t, r.dir, "becomes-link", "keep.log")
	os.Rename(filepath.Join(r.dir, "moved"), filepath.Join(r.dir, "elsewhere"))
	symlink(t, r.dir, "moved", "elsewhere")
	symlink(t, r.dir, "out", "../../etc/passwd")
	symlink(t, r.dir, "root", "/")
	symlink(t, r.dir, "self", "self")
	if err := syscall.Mkfifo(filepath.Join(r.dir, "fifo"), 0o644); err != nil {
		t.Fatal(err)
	}
	gitIn(t, r.dir, "init", "-q", "nested")
	r.write("nested/secret", "not ours")
	r.write("looks-nested/.git/config", "x")
	r.write("looks-nested/f", "x")
	want := []string{
		".gitignore", "becomes-dir/f", "becomes-link", "elsewhere/behind-link", "fifo ?unsupported", "ignored/tracked", "keep.log",
		"looks-nested/.git ?outside", "looks-nested/f", "moved", "nested ?outside", "out", "out ?outside", "root", "root ?outside", "self",
	}
	if d := cmp.Diff(want, paths(WorkTree(r, ""))); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	for f := range WorkTree(r, "").Files(context.Background()) {
		if f.Path == "out" && string(f.Data) != "../../etc/passwd" && len(f.Data) > 0 {
			t.Errorf("a symlink was followed: %q", f.Data)
		}
	}
}

// A FIFO in place of what git keeps is an error and not a wait.
func TestGitDirOfFIFOs(t *testing.T) {
	r := newRepo(t)
	r.write("f", "x")
	for _, p := range []string{"index", "info/exclude"} {
		os.Remove(filepath.Join(r.GitDir(), p))
		if err := syscall.Mkfifo(filepath.Join(r.GitDir(), p), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{" !unreadable", ".git/info/exclude ?unreadable", "f"}
	if d := cmp.Diff(want, paths(WorkTree(r, ""))); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestSubmodule(t *testing.T) {
	sub := newRepo(t)
	sub.write("f", "x")
	sub.commit()
	r := newRepo(t)
	r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", sub.dir, "dir/sub")
	want := []string{".gitmodules", "dir/sub ?outside"}
	for name, p := range map[string]*Place{"work tree": WorkTree(r, ""), "staged": Staged(r, "")} {
		if d := cmp.Diff(want, paths(p)); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
	r.git("commit", "-q", "-m", "x")
	repo, head := open(t, r.dir)
	if d := cmp.Diff(want, paths(Commit(repo, head))); d != "" {
		t.Errorf("commit: -want +got\n%s", d)
	}
}

// TestNamesAreBytes takes names through every place unharmed.
func TestNamesAreBytes(t *testing.T) {
	names := []string{"\x1b[31mred", " lead", "%0A::error::x", "\"quoted\"", "\xff\xfe", "a\nb", "a\tb\\c", "dir\n/x", "ünï"}
	r := newRepo(t)
	for _, n := range names {
		r.write(n, n)
	}
	slices.Sort(names)
	want := make(map[string]string)
	for _, n := range names {
		want[n] = n
	}
	check := func(place string, p *Place) {
		t.Helper()
		if d := cmp.Diff(want, contents(t, p)); d != "" {
			t.Errorf("%s: -want +got\n%s", place, d)
		}
		if d := cmp.Diff(names, paths(p)); d != "" {
			t.Errorf("%s: order: -want +got\n%s", place, d)
		}
	}
	check("untracked", WorkTree(r, ""))
	r.commit()
	repo, head := open(t, r.dir)
	check("tracked", WorkTree(repo, ""))
	check("commit", Commit(repo, head))
	check("staged", Staged(repo, ""))
	os.RemoveAll(filepath.Join(r.dir, ".git"))
	check("directory", Directory(r.dir))
}

func TestSparseCheckout(t *testing.T) {
	r := newRepo(t)
	for _, p := range []string{"in/a", "out/b", "top"} {
		r.write(p, "content of "+p)
	}
	r.write("out/.gitignore", "*.o\n")
	r.commit()
	r.git("sparse-checkout", "set", "in")
	r.write("out/x.o", "ignored by a file that is not there")
	r.write("out/new", "content of out/new")
	repo, _ := open(t, r.dir)
	got := contents(t, WorkTree(repo, ""))
	want := map[string]string{"in/a": "content of in/a", "out/b": "content of out/b", "out/new": "content of out/new", "top": "content of top", "out/.gitignore": "*.o\n"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// A file over the limit is told and not read, however large it says it is.
func TestTooLarge(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 2<<30); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for name, p := range map[string]*Place{"directory": Directory(dir), "file": File(big, "big")} {
		if d := cmp.Diff([]string{"big !too-large"}, paths(p)); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("took %d bytes of memory", took)
	}
}

func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	for _, p := range []string{"file", "sub/f"} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, p)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, p), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(filepath.Join(dir, "file"), 0)
	os.Chmod(filepath.Join(dir, "sub"), 0)
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "sub"), 0o700) })
	if d := cmp.Diff([]string{"file !unreadable", "sub !unreadable"}, paths(Directory(dir))); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "f"), []byte("content"), 0o644)
	symlink(t, dir, "link", "f")
	syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644)
	for name, want := range map[string]string{"f": "shown", "link": "shown", "fifo": "shown !unsupported", "none": "shown !unreadable", ".": "shown !unsupported"} {
		if d := cmp.Diff([]string{want}, paths(File(filepath.Join(dir, name), "shown"))); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
	if got := contents(t, File(filepath.Join(dir, "link"), "x")); got["x"] != "content" {
		t.Errorf("%q", got)
	}
}

func TestReader(t *testing.T) {
	long := strings.Repeat("0123456789", 50_000)
	if got := contents(t, Reader(iotest.OneByteReader(strings.NewReader(long[:300])), "-")); got["-"] != long[:300] {
		t.Error("read byte by byte: not what was written")
	}
	if got := contents(t, Reader(strings.NewReader(long), "-")); got["-"] != long {
		t.Error("not what was written")
	}
	if got := contents(t, Reader(strings.NewReader(""), "-")); len(got) != 1 {
		t.Error("an empty stream is a file without content")
	}
	if d := cmp.Diff([]string{"- !unreadable"}, paths(Reader(iotest.ErrReader(errors.New("broken")), "-"))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"- !too-large"}, paths(stream(endless{}, "-", 1<<20))); d != "" {
		t.Error(d)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// TestEach gives the same files at any width, and by turns.
func TestEach(t *testing.T) {
	dir := t.TempDir()
	want := make(map[string]string)
	for i := range 500 {
		p := fmt.Sprintf("d%d/e%d/f%d", i%3, i%7, i)
		os.MkdirAll(filepath.Join(dir, filepath.Dir(p)), 0o755)
		want[p] = strings.Repeat("x", i*7) + p
		os.WriteFile(filepath.Join(dir, p), []byte(want[p]), 0o644)
	}
	if d := cmp.Diff(want, contents(t, Directory(dir))); d != "" {
		t.Errorf("Files: -want +got\n%s", d)
	}
	for _, workers := range []int{1, 3, 1000} {
		l := Directory(dir).List(context.Background())
		got := make([]string, l.Len())
		var mu sync.Mutex
		byPath := make(map[string]string)
		err := l.Each(context.Background(), workers, func(w, i int, f scanner.File, g *scanner.Gap) {
			if w >= workers || g != nil {
				t.Errorf("worker %d of %d, gap %v", w, workers, g)
			}
			got[i] = f.Path
			mu.Lock()
			byPath[f.Path] = string(f.Data)
			mu.Unlock()
		})
		if err != nil || !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Errorf("%d workers: %v: not in order, or not all", workers, err)
		}
		if d := cmp.Diff(want, byPath); d != "" {
			t.Errorf("%d workers: -want +got\n%s", workers, d)
		}
	}
}

func TestCancelled(t *testing.T) {
	dir := t.TempDir()
	for i := range 100 {
		os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o644)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n, last := 0, scanner.Reason("")
	for _, g := range Directory(dir).Files(ctx) {
		if n++; n == 5 {
			cancel()
		}
		if g != nil {
			last = g.Reason
		}
	}
	if n != 6 || last != scanner.Cancelled {
		t.Errorf("%d files and the gap %q", n, last)
	}
	l := Directory(dir).List(context.Background())
	if err := l.Each(ctx, 2, func(int, int, scanner.File, *scanner.Gap) { t.Error("called") }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestEscapes(t *testing.T) {
	for _, c := range []struct {
		path, target string
		want         bool
	}{
		{"l", "a", false}, {"l", "../a", true}, {"d/l", "../a", false}, {"d/l", "../../a", true}, {"l", "/etc", true},
		{"l", "a/../../b", true}, {"l", "a/../b", false}, {"l", "./.././a", true}, {"l", "", false}, {"d/l", "a//../../x", false},
	} {
		if got := escapes(c.path, c.target); got != c.want {
			t.Errorf("escapes(%q, %q) = %v", c.path, c.target, got)
		}
	}
}
