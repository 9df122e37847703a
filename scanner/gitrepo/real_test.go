package gitrepo

import (
	"bufio"
	"hash/crc32"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// TestRealPlaces compares the places of all blobs of the repository that
// CREDGATE_BENCH_REPO names with what git log tells of every commit's changes.
func TestRealPlaces(t *testing.T) {
	dir := os.Getenv("CREDGATE_BENCH_REPO")
	if dir == "" {
		t.Skip("CREDGATE_BENCH_REPO names no repository to compare on")
	}
	want := map[standing]bool{}
	cmd := exec.Command("git", "log", "--all", "-m", "--root", "--raw", "--no-abbrev", "--no-renames", "--format=", "-z")
	cmd.Dir, cmd.Env = dir, gitEnv()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := bufio.NewReaderSize(out, 1<<20)
	for {
		head, err := b.ReadString(0)
		if err != nil {
			break
		}
		path, _ := b.ReadString(0)
		f := strings.Fields(strings.TrimSuffix(head, "\x00"))
		if len(f) == 5 && f[4] != "D" && f[1] != "160000" {
			want[standing{scanner.ObjectID(f[3]), strings.TrimSuffix(path, "\x00")}] = true
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	// All names at once would be more than Places is made to list.
	const parts = 16
	r, places := open(t, dir), 0
	for part := range uint32(parts) {
		h, err := r.Places(t.Context(), Selection{}, PlaceOptions{Name: func(base []byte) bool { return crc32.ChecksumIEEE(base)%parts == part }})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range h.Gaps {
			if !g.Minor {
				t.Errorf("part %d: %v", part, g)
			}
		}
		for _, p := range h.Places {
			if s := (standing{p.Blob, p.Path}); !want[s] && !strings.HasPrefix(p.Path, "refs/") {
				t.Errorf("%v stands nowhere", s)
			} else {
				delete(want, s)
			}
		}
		places += len(h.Places)
	}
	for s := range want {
		t.Errorf("%v is not found", s)
	}
	t.Logf("%d places", places)
}

// TestRealBlobs compares the number and bytes of all blobs with git's.
func TestRealBlobs(t *testing.T) {
	dir := os.Getenv("CREDGATE_BENCH_REPO")
	if dir == "" {
		t.Skip("CREDGATE_BENCH_REPO names no repository to compare on")
	}
	stats, gaps, err := Walk(t.Context(), open(t, dir), WalkOptions{Verify: true}, func(int) func(scanner.Blob, int) int {
		return func(scanner.Blob, int) int { return 0 }
	})
	var blobs int
	var size int64
	for line := range strings.Lines(git(t, dir, "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectsize)")) {
		if digits, ok := strings.CutPrefix(strings.TrimSpace(line), "blob "); ok {
			var n int64
			for _, c := range digits {
				n = n*10 + int64(c-'0')
			}
			blobs++
			size += n
		}
	}
	if err != nil || len(gaps) > 0 || stats.Blobs != blobs || stats.Bytes != size {
		t.Errorf("%+v, want %d blobs of %d bytes; gaps %v, error %v", stats, blobs, size, gaps, err)
	}
}
