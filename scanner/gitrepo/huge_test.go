package gitrepo

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// TestHugePack reads a pack of more than 4 GB, whose index has offsets of 64 bits:
// what stands behind them is visited, deltas included, found by its id and in its
// place. It takes some minutes and 5 GB of disk, so only with CREDGATE_TEST_HUGE
// set, to a directory for the pack.
func TestHugePack(t *testing.T) {
	at := os.Getenv("CREDGATE_TEST_HUGE")
	if at == "" {
		t.Skip("CREDGATE_TEST_HUGE names no directory to make 5 GB in (make huge)")
	}
	dir, err := os.MkdirTemp(at, "huge-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	git(t, dir, "init", "-q", "--bare")
	const filler, fillerSize = 70, 64 << 20
	last := importHuge(t, dir, filler, fillerSize)
	r := open(t, dir)
	if len(r.packs) != 1 || r.packs[0].file.size <= 1<<32 {
		t.Fatalf("%d packs, the first of %d bytes", len(r.packs), r.packs[0].file.size)
	}
	idx := r.packs[0].idx
	if idx.numLarge == 0 {
		t.Fatal("the index has no offsets of 64 bits")
	}
	var mu sync.Mutex
	texts, copied := map[scanner.ObjectID]string{}, 0
	before := anonymous(t)
	stats, gaps, err := Walk(t.Context(), r, WalkOptions{Workers: 2}, func(int) func(scanner.Blob, int) int {
		return func(b scanner.Blob, _ int) int {
			mu.Lock()
			defer mu.Unlock()
			if len(b.Data) < fillerSize {
				texts[b.ID] = string(b.Data)
			}
			if len(b.Copies) > 0 {
				copied++
			}
			return 0
		}
	})
	if err != nil || len(gaps) > 0 {
		t.Fatalf("%v, gaps %v", err, gaps)
	}
	if stats.Blobs != filler+len(last) || stats.Bytes < filler*fillerSize {
		t.Errorf("%d blobs of %d bytes", stats.Blobs, stats.Bytes)
	}
	want := map[scanner.ObjectID]bool{}
	for path, text := range last {
		id := scanner.ObjectID(git(t, dir, "rev-parse", "HEAD:"+path))
		want[id] = true
		hash, _ := r.fromID(id)
		row, ok := idx.find(hash[:20])
		if !ok || idx.offset(row) <= 1<<32 {
			t.Errorf("%s stands at %d, not behind 4 GB", path, idx.offset(row))
		}
		if texts[id] != text {
			t.Errorf("the walk gives another %s", path)
		}
		if _, data, err := r.Object(id); err != nil || string(data) != text {
			t.Errorf("%s reads as something else: %v", path, err)
		}
	}
	if copied == 0 {
		t.Error("no delta stands behind 4 GB")
	}
	h, err := r.Places(t.Context(), Selection{}, PlaceOptions{Blobs: want})
	if err != nil || len(h.Gaps) > 0 || len(h.Places) != len(last) {
		t.Errorf("%d places, gaps %v, error %v", len(h.Places), h.Gaps, err)
	}
	t.Logf("%d bytes of pack, %d offsets of 64 bits, %d deltas, %d MB of memory beyond what is mapped", r.packs[0].file.size, idx.numLarge, copied, (anonymous(t)-before)>>20)
}

// importHuge makes a pack of large blobs that do not compress, and small files
// behind them, which it gives by path; each is a line longer than the one before.
func importHuge(t *testing.T, dir string, filler, size int) map[string]string {
	cmd := exec.Command("git", "-c", "core.compression=0", "-c", "core.bigFileThreshold=8m", "-c", "pack.packSizeLimit=0", "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--big-file-threshold=8m")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, gitEnv(), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(in, 1<<20)
	fmt.Fprint(w, "commit refs/heads/main\ncommitter a <a@example.com> 1700000000 +0000\ndata 4\nmany\n")
	random := rand.NewChaCha8([32]byte{1})
	for i := range filler {
		fmt.Fprintf(w, "M 644 inline filler/%d\ndata %d\n", i, size)
		io.CopyN(w, random, int64(size))
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "\ncommit refs/heads/main\ncommitter a <a@example.com> 1700000001 +0000\ndata 4\nlast\n")
	last := map[string]string{}
	text := ""
	for i := range 20 {
		var b [24]byte
		for k := 0; k < len(b); k += 8 {
			binary.LittleEndian.PutUint64(b[k:], random.Uint64())
		}
		text += fmt.Sprintf("line %d %x\n", i, b)
		path := fmt.Sprintf("last/%d", i)
		last[path] = text
		fmt.Fprintf(w, "M 644 inline %s\ndata %d\n%s\n", path, len(text), text)
	}
	fmt.Fprintln(w)
	err = w.Flush()
	if e := in.Close(); err == nil {
		err = e
	}
	if e := cmd.Wait(); e != nil || err != nil {
		t.Fatal(err, e)
	}
	if list, _ := filepath.Glob(filepath.Join(dir, "objects/pack/*.pack")); len(list) != 1 {
		t.Fatalf("packs %s", strings.Join(list, " "))
	}
	return last
}

// anonymous is how much memory the process has taken for itself.
func anonymous(t *testing.T) int64 {
	t.Helper()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
