package gitrepo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"

	"github.com/credgate/credgate/scanner"
)

// onePack gives the path of a repository's only pack, without extension.
func onePack(t testing.TB, dir string) string {
	t.Helper()
	packs, _ := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
	if len(packs) != 1 {
		t.Fatalf("packs %q", packs)
	}
	return strings.TrimSuffix(packs[0], ".pack")
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// replace writes a file that git made read-only anew.
func replace(t testing.TB, name string, data []byte) {
	t.Helper()
	os.Remove(name)
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyGitDir makes a second repository of the same files.
func copyGitDir(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// In a pack or index with flipped bytes each blob is right or a gap.
func TestWalkOfDamagedPack(t *testing.T) {
	dir := initRepo(t)
	r := rand.New(rand.NewPCG(4, 4))
	randomHistory(t, dir, r, 15)
	git(t, dir, "repack", "-adfq", "--depth=100")
	want := allObjects(t, dir)
	for _, ext := range []string{".pack", ".idx"} {
		gaps := 0
		for range 25 {
			damaged := copyGitDir(t, dir)
			file := onePack(t, damaged) + ext
			data := readFile(t, file)
			for range 1 + r.IntN(3) {
				data[r.IntN(len(data))] ^= byte(1 + r.IntN(255))
			}
			replace(t, file, data)
			gaps += checkDamaged(t, damaged, want)
		}
		if gaps == 0 {
			t.Errorf("damage of %s gave no gap", ext)
		}
	}
}

// checkDamaged walks a repository whose objects should be want and counts gaps.
func checkDamaged(t *testing.T, dir string, want map[scanner.ObjectID]object) int {
	t.Helper()
	repo, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	got, _, gaps := walkAll(t, repo, WalkOptions{Workers: 2, Verify: true})
	if len(repo.Gaps()) > 0 {
		return len(gaps) // the pack could not be opened
	}
	told := map[scanner.ObjectID]bool{}
	for _, g := range gaps {
		told[g.Object] = true
	}
	// A flipped byte in an index's ids renames an object; then Verify tells of the
	// wrong name.
	for id, o := range want {
		data, visited := got[id]
		switch {
		case o.typ != "blob":
		case visited && !bytes.Equal(data, o.data):
			t.Errorf("%s: visited with other content", id)
		case !visited && !told[id] && repo.Has(id):
			t.Errorf("%s: neither visited nor a gap", id)
		case !visited && len(gaps) == 0:
			t.Errorf("%s: lost without a gap", id)
		}
	}
	return len(gaps)
}

// What is damaged in one pack is read from another place.
func TestWalkReadsTheOtherCopy(t *testing.T) {
	dir := initRepo(t)
	randomHistory(t, dir, rand.New(rand.NewPCG(4, 5)), 10)
	git(t, dir, "repack", "-adfq", "--depth=100")
	file := onePack(t, dir) + ".pack"
	want := allObjects(t, dir)
	whole := readFile(t, file)
	damaged := copyGitDir(t, dir)
	loose := copyGitDir(t, dir)
	os.Remove(onePack(t, loose) + ".idx")
	replace(t, onePack(t, loose)+".pack", nil)
	gitIn(t, loose, bytes.NewReader(whole), "unpack-objects", "-q")
	if err := os.CopyFS(filepath.Join(damaged, ".git/objects"), onlyLoose(t, loose)); err != nil {
		t.Fatal(err)
	}
	for i := 200; i < len(whole); i += 97 {
		whole[i] ^= 0x55
	}
	replace(t, onePack(t, damaged)+".pack", whole)
	got, _, gaps := walkAll(t, open(t, damaged), WalkOptions{})
	if len(gaps) > 0 {
		t.Errorf("gaps %v", gaps)
	}
	for id, o := range want {
		if o.typ == "blob" && !bytes.Equal(got[id], o.data) {
			t.Errorf("%s: not right", id)
		}
	}
}

func onlyLoose(t *testing.T, dir string) fs.FS {
	t.Helper()
	os.RemoveAll(filepath.Join(dir, ".git/objects/pack"))
	os.RemoveAll(filepath.Join(dir, ".git/objects/info"))
	return os.DirFS(filepath.Join(dir, ".git/objects"))
}

// A packer writes packs that git would not.
type packer struct {
	body    bytes.Buffer
	z       *zlib.Writer
	entries []packed
}

type packed struct {
	id       hash
	off, end int64
}

// add writes an object: its header, what stands between that and the data, and
// the data compressed.
func (p *packer) add(id int, k kind, size int64, middle, data []byte) int64 {
	off := int64(12 + p.body.Len())
	c := byte(k)<<4 | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		p.body.WriteByte(c | 0x80)
		c = byte(size & 0x7f)
	}
	p.body.WriteByte(c)
	p.body.Write(middle)
	if p.z == nil {
		p.z = zlib.NewWriter(&p.body)
	}
	p.z.Reset(&p.body)
	p.z.Write(data)
	p.z.Close()
	p.entries = append(p.entries, packed{toHash(ref(id)), off, int64(12 + p.body.Len())})
	return off
}

// write makes a bare repository of the pack.
func (p *packer) write(t testing.TB) string {
	t.Helper()
	dir := initRepo(t, "--bare")
	head := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(p.entries)))
	data := append(append(head, p.body.Bytes()...), make([]byte, 20)...)
	slices.SortFunc(p.entries, func(a, b packed) int { return bytes.Compare(a.id[:], b.id[:]) })
	var fan [256]uint32
	for _, e := range p.entries {
		for b := int(e.id[0]); b < 256; b++ {
			fan[b]++
		}
	}
	idx := []byte("\xfftOc\x00\x00\x00\x02")
	for _, n := range fan {
		idx = binary.BigEndian.AppendUint32(idx, n)
	}
	for _, e := range p.entries {
		idx = append(idx, e.id[:20]...)
	}
	for _, e := range p.entries {
		idx = binary.BigEndian.AppendUint32(idx, crc32.ChecksumIEEE(data[e.off:e.end]))
	}
	for _, e := range p.entries {
		idx = binary.BigEndian.AppendUint32(idx, uint32(e.off))
	}
	idx = append(idx, make([]byte, 40)...)
	base := filepath.Join(dir, "objects/pack/pack-0000000000000000000000000000000000000000")
	replace(t, base+".pack", data)
	replace(t, base+".idx", idx)
	return dir
}

func number(n int64) []byte {
	var b []byte
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

// ref is the id of an object by its number.
func ref(id int) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(id)*2654435761), make([]byte, 16)...)
}

func delta(base, result int64, ops ...byte) []byte {
	return append(append(number(base), number(result)...), ops...)
}

// Packs that lie about sizes, bases and each other: a gap for each object that
// cannot be made, and no memory for what is only claimed.
func TestWalkOfHostilePack(t *testing.T) {
	text := []byte("some text of a blob")
	n := int64(len(text))
	for _, c := range []struct {
		name   string
		build  func(p *packer)
		right  int
		gaps   int
		reason scanner.Reason
	}{
		{"nothing wrong", func(p *packer) {
			p.add(1, kindBlob, n, nil, text)
			d := delta(n, n+2, 0x90, byte(n), 2, 'x', 'y')
			p.add(2, kindRefDelta, int64(len(d)), ref(1), d)
		}, 2, 0, ""},
		{"a delta that claims a terabyte", func(p *packer) {
			p.add(1, kindBlob, n, nil, text)
			d := delta(n, 1<<40, 0x90, byte(n))
			p.add(2, kindRefDelta, int64(len(d)), ref(1), d)
		}, 1, 1, scanner.TooLarge},
		{"a delta that claims what it cannot make", func(p *packer) {
			p.add(1, kindBlob, n, nil, text)
			d := delta(n, 200<<20, 0x90, byte(n))
			p.add(2, kindRefDelta, int64(len(d)), ref(1), d)
		}, 1, 1, scanner.Corrupt},
		{"a blob that claims a terabyte", func(p *packer) { p.add(1, kindBlob, 1<<40, nil, text) }, 0, 1, scanner.TooLarge},
		{"a blob that claims what deflate cannot make", func(p *packer) { p.add(1, kindBlob, 200<<20, nil, text) }, 0, 1, scanner.Corrupt},
		{"deltas in a circle", func(p *packer) {
			d := delta(n, n, 0x90, byte(n))
			p.add(1, kindRefDelta, int64(len(d)), ref(2), d)
			p.add(2, kindRefDelta, int64(len(d)), ref(1), d)
			p.add(3, kindRefDelta, int64(len(d)), ref(3), d)
		}, 0, 3, scanner.Corrupt},
		{"a base that is nowhere, and what depends on it", func(p *packer) {
			d := delta(n, n, 0x90, byte(n))
			p.add(1, kindRefDelta, int64(len(d)), ref(9), d)
			p.add(2, kindRefDelta, int64(len(d)), ref(1), d)
		}, 0, 2, scanner.Missing},
		{"a copy beyond the base", func(p *packer) {
			p.add(1, kindBlob, n, nil, text)
			d := delta(n, 200, 0x90, 200)
			p.add(2, kindRefDelta, int64(len(d)), ref(1), d)
		}, 1, 1, scanner.Corrupt},
		{"an unknown type", func(p *packer) { p.add(1, 5, n, nil, text) }, 0, 1, scanner.Corrupt},
		{"an offset before the pack", func(p *packer) {
			d := delta(n, n, 0x90, byte(n))
			p.add(1, kindOfsDelta, int64(len(d)), []byte{0x83, 0x7f}, d)
		}, 0, 1, scanner.Corrupt},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &packer{}
			c.build(p)
			got, _, gaps := walkAll(t, open(t, p.write(t)), WalkOptions{Workers: 2})
			if len(got) != c.right || len(gaps) != c.gaps {
				t.Errorf("%d blobs, want %d; gaps %v, want %d", len(got), c.right, gaps, c.gaps)
			}
			for _, g := range gaps {
				if c.reason != "" && g.Reason != c.reason || g.Object == "" {
					t.Errorf("gap %+v, want reason %s", g, c.reason)
				}
			}
		})
	}
}

// A chain far deeper than git makes is walked, by offset and by name, and read.
func TestDeepChain(t *testing.T) {
	const depth = 20_000
	for _, k := range []kind{kindOfsDelta, kindRefDelta} {
		p := &packer{}
		text := bytes.Repeat([]byte("0123456789abcdef"), 40)
		n := int64(len(text))
		last := p.add(1, kindBlob, n, nil, text)
		d := delta(n, n, append([]byte{0xb1, 1, byte(n - 1), byte((n - 1) >> 8)}, 1, '.')...)
		for i := range depth {
			middle := ref(i + 1)
			if k == kindOfsDelta {
				back := int64(12+p.body.Len()) - last
				middle = []byte{byte(back)}
				if back > 127 {
					t.Fatal("deltas are longer than the test can write")
				}
			}
			last = p.add(i+2, k, int64(len(d)), middle, d)
		}
		r := open(t, p.write(t))
		deepest := 0
		stats, gaps, err := Walk(t.Context(), r, WalkOptions{Workers: 1}, func(int) func(scanner.Blob, int) int {
			return func(b scanner.Blob, depth int) int {
				deepest = max(deepest, depth)
				return depth + 1
			}
		})
		if err != nil || len(gaps) > 0 || stats.Blobs != depth+1 || deepest != depth {
			t.Errorf("%d blobs, depth %d, %d gaps, error %v", stats.Blobs, deepest, len(gaps), err)
		}
		_, data, err := r.Object(hexID(ref(depth + 1)))
		if want := strings.Repeat(".", len(text)); err != nil || string(data) != want {
			t.Errorf("last of the chain: %.60q, %v", data, err)
		}
	}
}

func TestObjectErrors(t *testing.T) {
	p := &packer{}
	p.add(1, kindBlob, 1<<40, nil, []byte("x"))
	p.add(2, kindBlob, 5, nil, []byte("x"))
	r := open(t, p.write(t))
	for id, want := range map[int]error{1: ErrTooLarge, 2: ErrCorrupt, 3: ErrMissing} {
		if _, _, err := r.Object(hexID(ref(id))); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", id, err, want)
		}
	}
	for _, id := range []scanner.ObjectID{"", "zz", scanner.ObjectID(strings.Repeat("g", 40))} {
		if _, _, err := r.Object(id); err == nil {
			t.Errorf("%q is an object", id)
		}
	}
}

func TestLooseObjectsThatAreDamaged(t *testing.T) {
	dir := initRepo(t)
	for i := range 5 {
		gitIn(t, dir, strings.NewReader(fmt.Sprint("blob ", i)), "hash-object", "-w", "--stdin")
	}
	files, _ := filepath.Glob(filepath.Join(dir, ".git/objects/??/*"))
	replace(t, files[0], nil)
	replace(t, files[1], []byte("no zlib"))
	replace(t, files[2], readFile(t, files[2])[:12])
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write([]byte("blob 1099511627776\x00x"))
	z.Close()
	replace(t, files[3], b.Bytes())
	got, _, gaps := walkAll(t, open(t, dir), WalkOptions{})
	if len(got) != 1 || len(gaps) != 4 {
		t.Errorf("%d blobs, gaps %v", len(got), gaps)
	}
}
