package discovery

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/detectors"
	"github.com/credgate/credgate/scanner/secret"
)

// A history is a bare repository with packs, a secret in it and a cache beside it.
type history struct {
	t    *testing.T
	dir  string
	set  *detect.Set
	keys *secret.Fingerprinter
	opt  CacheOptions
}

func newHistory(t *testing.T) *history {
	t.Helper()
	h := &history{t: t, dir: t.TempDir(), opt: CacheOptions{Tool: func() ([]byte, error) { return []byte("tool"), nil }}}
	var err error
	if h.set, err = detect.New(detectors.All(), detect.Options{}); err != nil {
		t.Fatal(err)
	}
	if h.keys, err = secret.NewFingerprinter("", nil); err != nil {
		t.Fatal(err)
	}
	h.git("init", "-q", "--bare", "-b", "main", ".")
	h.commit(1, 3)
	return h
}

func (h *history) git(args ...string) { h.gitIn(nil, args...) }

func (h *history) gitIn(in io.Reader, args ...string) {
	h.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = h.dir, in
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

// commit makes a pack of commits with a secret each.
func (h *history) commit(from, to int) {
	h.t.Helper()
	var b strings.Builder
	for i := from; i <= to; i++ {
		text := fmt.Sprintf("%s\n%d\n", credential(h.t, uint64(i)), i)
		fmt.Fprintf(&b, "commit refs/heads/main\ncommitter a <a@example.com> %d +0000\ndata 0\n", 1700000000+i)
		if i == from && from > 1 {
			fmt.Fprintf(&b, "from refs/heads/main^0\n")
		}
		fmt.Fprintf(&b, "M 644 inline f%d.env\ndata %d\n%s\n", i%2, len(text), text)
		fmt.Fprintf(&b, "M 644 inline broken%d.gz\ndata 13\n\x1f\x8b\x08\x00%8d!\n", i, i)
		fmt.Fprintf(&b, "M 644 inline plain%d.txt\ndata 6\nplain\n\n", i)
	}
	h.gitIn(strings.NewReader(b.String()), "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet")
}

// credential is made up; the same for the same seed.
func credential(t *testing.T, seed uint64) string {
	t.Helper()
	for _, d := range detectors.All() {
		if d.ID == "url-userinfo" {
			return strings.NewReplacer("\x01", "", "\n", " ").Replace(d.Example(rand.New(rand.NewPCG(seed, 1))))
		}
	}
	t.Fatal("no detector url-userinfo")
	return ""
}

// scan scans with a cache, or without for the empty name.
func (h *history) scan(cache string) Result {
	h.t.Helper()
	place, err := Find(h.dir, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer place.Close()
	opt := Options{Set: h.set, Keys: h.keys, Workers: 2}
	if cache != "" {
		if opt.Cache, err = OpenCache(cache, h.opt); err != nil {
			h.t.Fatal(err)
		}
	}
	res, err := Scan(h.t.Context(), place, opt)
	if err != nil {
		h.t.Fatal(err)
	}
	return res
}

func (h *history) same(what string, got, want Result) {
	h.t.Helper()
	if d := cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got)); d != "" {
		h.t.Errorf("%s:\n%s", what, d)
	}
}

// records are the files of a cache but its key.
func records(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*"+cacheSuffix))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// plant writes a record that tells of the history's packs that they hold nothing.
func (h *history) plant(cache string) {
	h.t.Helper()
	place, err := Find(h.dir, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer place.Close()
	sums, err := place.Repo.PackSums(h.t.Context(), 1)
	if err != nil {
		h.t.Fatal(err)
	}
	c, err := OpenCache(cache, h.opt)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := c.write(&record{packs: sums}); err != nil {
		h.t.Fatal(err)
	}
}

func TestCacheChangesNothing(t *testing.T) {
	h, cache := newHistory(t), t.TempDir()
	want := h.scan("")
	if len(want.Findings) != 3 || len(want.Gaps) != 3 {
		t.Fatalf("%d findings and %d gaps, want 3 each", len(want.Findings), len(want.Gaps))
	}
	h.same("first run", h.scan(cache), want)
	h.same("second run", h.scan(cache), want)
	if n := len(records(t, cache)); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
	for from := 4; from < 10; from += 2 { // a fetch, and another
		h.commit(from, from+1)
		want := h.scan("")
		if len(want.Findings) != from+1 {
			t.Fatalf("%d findings, want %d", len(want.Findings), from+1)
		}
		h.same("after a fetch", h.scan(cache), want)
		h.same("and again", h.scan(cache), want)
	}
	h.git("gc", "-q")
	want = h.scan("")
	h.same("after gc", h.scan(cache), want)
	h.same("and again after gc", h.scan(cache), want)
}

// TestCacheIsUsed shows that a record is believed, since the other tests would
// pass as well if none ever were.
func TestCacheIsUsed(t *testing.T) {
	h, cache := newHistory(t), t.TempDir()
	h.plant(cache)
	if n := len(h.scan(cache).Findings); n != 0 {
		t.Errorf("%d findings though the record tells of none", n)
	}
	h.opt.Tool = func() ([]byte, error) { return []byte("another"), nil }
	h.same("another tool", h.scan(cache), h.scan(""))
}

func TestPlantedCacheIsRefused(t *testing.T) {
	h, own, foreign := newHistory(t), t.TempDir(), t.TempDir()
	want := h.scan("")
	h.scan(own)
	name := records(t, own)[0]
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	h.plant(foreign)
	planted, err := os.ReadFile(records(t, foreign)[0])
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{"another key": planted, "empty": {}, "cut off": good[:len(good)-1], "longer": append(good[:len(good):len(good)], 0)}
	for _, i := range []int{0, 30, 40, 60, 90, len(good) - 1} {
		b := append([]byte{}, good...)
		b[i] ^= 1
		bad[fmt.Sprintf("byte %d", i)] = b
	}
	for what, data := range bad {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		h.same(what, h.scan(own), want)
	}
	// A key that others can read proves nothing: a new one is made.
	h.plant(foreign)
	if err := os.Chmod(filepath.Join(foreign, cacheKeyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	h.same("key of mode 0644", h.scan(foreign), want)
}

// TestCacheHoldsNoID looks in a cache for ids of objects: the id of a small file
// lets anyone who guesses its content know that he is right.
func TestCacheHoldsNoID(t *testing.T) {
	h, cache := newHistory(t), t.TempDir()
	h.scan(cache)
	place, err := Find(h.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer place.Close()
	for _, name := range records(t, cache) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sums, _ := place.Repo.PackSums(t.Context(), 1)
		for row := 0; ; row++ {
			id, ok := place.Repo.PackID(sums[0].Name, row)
			if !ok {
				break
			}
			if strings.Contains(string(data), rawID(id)[:8]) {
				t.Errorf("the cache holds part of an id")
			}
		}
	}
}

func rawID(id scanner.ObjectID) string {
	var raw []byte
	fmt.Sscanf(string(id), "%x", &raw)
	return string(raw)
}

func TestCacheIsBounded(t *testing.T) {
	h, cache := newHistory(t), t.TempDir()
	old := filepath.Join(cache, "0"+cacheSuffix)
	f, err := os.Create(old)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(maxCache); err != nil {
		t.Fatal(err)
	}
	f.Close()
	h.scan(cache)
	if _, err := os.Stat(old); err == nil {
		t.Error("the oldest record still stands")
	}
	if n := len(records(t, cache)); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}
