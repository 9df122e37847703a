package gitrepo

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// A visit is what a test's visitor passes on: the blob's own copy of its bytes.
type visit struct{ data []byte }

// walkAll walks dir, checks what each call must hold, and gives each blob's bytes.
func walkAll(t testing.TB, r *Repo, opt WalkOptions) (map[scanner.ObjectID][]byte, Stats, []scanner.Gap) {
	t.Helper()
	var mu sync.Mutex
	blobs := make(map[scanner.ObjectID][]byte)
	stats, gaps, err := Walk(t.Context(), r, opt, func(int) func(scanner.Blob, *visit) *visit {
		return func(b scanner.Blob, parent *visit) *visit {
			if err := honest(b, parent); err != nil {
				t.Errorf("%s: %v", b.ID, err)
			}
			v := &visit{bytes.Clone(b.Data)}
			mu.Lock()
			defer mu.Unlock()
			if _, twice := blobs[b.ID]; twice {
				t.Errorf("%s is visited twice", b.ID)
			}
			blobs[b.ID] = v.data
			return v
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if stats.Blobs != len(blobs) {
		t.Errorf("stats tell %d blobs, %d were visited", stats.Blobs, len(blobs))
	}
	return blobs, stats, gaps
}

// honest checks that copies are in order, do not overlap, and stand in the parent.
func honest(b scanner.Blob, parent *visit) error {
	at := 0
	for _, c := range b.Copies {
		if parent == nil {
			return fmt.Errorf("a copy without a parent")
		}
		if c.Dst < at || c.Len <= 0 || c.Dst+c.Len > len(b.Data) || c.Src < 0 || c.Src+c.Len > len(parent.data) {
			return fmt.Errorf("copy %+v of %d bytes from %d", c, len(b.Data), len(parent.data))
		}
		if !bytes.Equal(b.Data[c.Dst:c.Dst+c.Len], parent.data[c.Src:c.Src+c.Len]) {
			return fmt.Errorf("copy %+v differs from the parent", c)
		}
		at = c.Dst + c.Len
	}
	return nil
}

// checkWalk walks dir and compares with git.
func checkWalk(t testing.TB, dir string, opt WalkOptions) Stats {
	t.Helper()
	got, stats, gaps := walkAll(t, open(t, dir), opt)
	if len(gaps) > 0 {
		t.Errorf("gaps %v", gaps)
	}
	n := 0
	for id, o := range allObjects(t, dir) {
		if o.typ != "blob" {
			continue
		}
		n++
		if data, ok := got[id]; !ok || !bytes.Equal(data, o.data) {
			t.Errorf("%s: visited %v, %d bytes, git has %d", id, ok, len(data), len(o.data))
		}
	}
	if n != len(got) {
		t.Errorf("%d blobs visited, git has %d", len(got), n)
	}
	return stats
}

// randomHistory commits random edits of a few files: inserts, deletes, moves,
// copies, other line endings, now and then something else altogether.
func randomHistory(t testing.TB, dir string, r *rand.Rand, commits int) {
	t.Helper()
	files := make([][]string, 1+r.IntN(4))
	line := func() string { return fmt.Sprintf("%x some text %x\n", r.Uint64(), r.Uint64N(1<<uint(r.IntN(64)))) }
	for i := range files {
		for range r.IntN(400) {
			files[i] = append(files[i], line())
		}
	}
	im := &importer{}
	for n := range commits {
		for range 1 + r.IntN(3) {
			i := r.IntN(len(files))
			f := files[i]
			at, end := cutRange(r, len(f))
			switch r.IntN(7) {
			case 0:
				f = append(f[:at:at], f[end:]...)
			case 1:
				f = append(append(f[:at:at], line(), line()), f[at:]...)
			case 2:
				f = append(append(f[:at:at], f[end:]...), f[at:end]...)
			case 3:
				f = append(append(f[:end:end], f[at:end]...), f[end:]...)
			case 4:
				f = strings.SplitAfter(strings.ReplaceAll(strings.Join(f, ""), "7", "seven"), "\n")
			case 5:
				f = strings.SplitAfter(strings.ReplaceAll(strings.Join(f[at:end], ""), "\n", "\r\n"), "\n")
			case 6:
				f = append(f, files[r.IntN(len(files))][:]...)
			}
			files[i] = f[:min(len(f), 3000)]
		}
		parents := []int{n - 1}
		if n == 0 {
			parents = nil
		}
		im.commit("refs/heads/main", 1700000000+n, parents)
		for i, f := range files {
			im.file(fmt.Sprintf("d%d/file%d", i%2, i), strings.Join(f, ""))
		}
	}
	im.run(t, dir)
}

func cutRange(r *rand.Rand, n int) (int, int) {
	a, b := r.IntN(n+1), r.IntN(n+1)
	return min(a, b), max(a, b)
}

func TestWalkEqualsGit(t *testing.T) {
	for i, repack := range [][]string{
		nil,
		{"repack", "-adfq"},
		{"repack", "-adfq", "--window=50", "--depth=4095"},
		{"repack", "-adfq", "--window=2", "--depth=1"},
		{"gc", "-q", "--aggressive"},
		{"-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=500"},
		{"repack", "-q"},
	} {
		t.Run(fmt.Sprint(repack), func(t *testing.T) {
			t.Parallel()
			format := []string{"sha1", "sha256"}[i%2]
			dir := initRepo(t, "--object-format="+format)
			rnd := rand.New(rand.NewPCG(uint64(i), 3))
			randomHistory(t, dir, rnd, 25)
			if repack != nil {
				git(t, dir, repack...)
			}
			checkWalk(t, dir, WalkOptions{Workers: 1, Verify: true})
			checkWalk(t, dir, WalkOptions{Workers: 5})
			checkWalk(t, dir, WalkOptions{Workers: 2, held: 1})
		})
	}
}

// Two packs that share objects, and loose ones that are also packed.
func TestWalkVisitsOnce(t *testing.T) {
	dir := initRepo(t)
	rnd := rand.New(rand.NewPCG(1, 1))
	randomHistory(t, dir, rnd, 10)
	git(t, dir, "repack", "-a", "-q")
	keep, _ := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
	if err := os.WriteFile(strings.TrimSuffix(keep[0], ".pack")+".keep", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	randomHistory(t, dir, rnd, 10)
	git(t, dir, "repack", "-a", "-q", "--pack-kept-objects")
	if packs, _ := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack")); len(packs) != 2 {
		t.Fatalf("packs %q", packs)
	}
	checkWalk(t, dir, WalkOptions{Workers: 3})
}

// TestSizeClass: a buffer is large enough, at most a quarter too large, and comes
// back to the class that it was taken from.
func TestSizeClass(t *testing.T) {
	last := -1
	for n := 0; n < 1<<20; n += 1 + n/1000 {
		class, size := sizeClass(n)
		if size < n || n >= 64 && size > n+n/4 || class < last || class > 255 {
			t.Fatalf("%d bytes take %d of class %d, after %d", n, size, class, last)
		}
		if again, same := sizeClass(size); again != class || same != size {
			t.Fatalf("%d bytes of class %d come back as %d of %d", size, class, same, again)
		}
		last = class
	}
	if class, _ := sizeClass(1<<62 + 1); class > 255 {
		t.Errorf("class %d", class)
	}
}
