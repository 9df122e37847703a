package gitrepo

import (
	"bytes"
	"hash/maphash"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// seedFiles adds the files of small repositories packed by git.
func seedFiles(f *testing.F, pattern string, config ...string) {
	for _, format := range []string{"sha1", "sha256"} {
		dir := initRepo(f, "--object-format="+format)
		fill(f, dir, 5)
		git(f, dir, append(config, "repack", "-adfq")...)
		git(f, dir, "multi-pack-index", "write")
		files, _ := filepath.Glob(filepath.Join(dir, ".git/objects/pack", pattern))
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b, format == "sha256")
		}
	}
}

func hashLen(sha256 bool) int {
	if sha256 {
		return 32
	}
	return 20
}

// checkTable reads all of a table, and finds its ids if they are in order.
func checkTable(t *testing.T, x *table) {
	t.Helper()
	ordered := true
	for i := range x.len() {
		if i > 0 && bytes.Compare(x.id(i-1), x.id(i)) >= 0 {
			ordered = false
		}
		lo, hi := x.bucketOf(x.id(i)[0])
		ordered = ordered && lo <= i && i < hi
		if x.offset(i) < -1 {
			t.Errorf("offset %d", x.offset(i))
		}
		x.crc(i)
		x.find(x.id(i))
	}
	for i := 0; ordered && i < x.len(); i++ {
		if at, ok := x.find(x.id(i)); !ok || at != i {
			t.Errorf("entry %d of %d is found at %d, %v", i, x.len(), at, ok)
		}
	}
	for _, each := range []int{3, 0, -4} {
		x.refine(each)
		for i := range x.len() {
			if at, ok := x.find(x.id(i)); ordered && (!ok || at != i) {
				t.Errorf("entry %d of %d is found at %d, %v, when refined to %d", i, x.len(), at, ok, each)
			}
		}
	}
	x.prefixed([]byte{0x10}, true, func(int) bool { return true })
}

func FuzzIndex(f *testing.F) {
	seedFiles(f, "*.idx")
	seedFiles(f, "*.idx", "-c", "pack.indexVersion=1")
	f.Fuzz(func(t *testing.T, data []byte, sha256 bool) {
		if x, err := parseIndex(data, hashLen(sha256)); err == nil {
			checkTable(t, x)
		}
	})
}

func FuzzMulti(f *testing.F) {
	seedFiles(f, "multi-pack-index")
	f.Fuzz(func(t *testing.T, data []byte, sha256 bool) {
		m, err := parseMulti(data, hashLen(sha256))
		if err != nil {
			return
		}
		checkTable(t, &m.table)
		n := 0
		for pack := range m.names {
			part := m.of(pack)
			checkTable(t, part)
			n += part.len()
		}
		if n > m.len() {
			t.Errorf("packs hold %d objects, all %d", n, m.len())
		}
	})
}

func FuzzEntry(f *testing.F) {
	f.Add([]byte{0xb5, 0x0a, 0x78}, int64(100), false)
	f.Add([]byte{0xe5, 0x0a, 0x81, 0x02, 0x78}, int64(1000), false)
	f.Add(append([]byte{0x75}, make([]byte, 40)...), int64(12), true)
	f.Fuzz(func(t *testing.T, data []byte, off int64, sha256 bool) {
		e, n, err := parseEntry(data, off, hashLen(sha256))
		if err != nil {
			return
		}
		if n <= 0 || n > len(data) || n > maxHeader || e.size < 0 || e.kind == kindOfsDelta && (e.base < 12 || e.base >= off) {
			t.Errorf("entry %+v of %d bytes", e, n)
		}
	})
}

// naiveDelta applies a delta byte by byte, straight from gitformat-pack(5).
func naiveDelta(base, ops []byte, size int) ([]byte, bool) {
	var out []byte
	for len(ops) > 0 {
		op := ops[0]
		ops = ops[1:]
		if op == 0 {
			return nil, false
		}
		if op < 0x80 {
			if int(op) > len(ops) {
				return nil, false
			}
			out = append(out, ops[:op]...)
			ops = ops[op:]
			continue
		}
		var arg [7]int
		for i := range arg {
			if op>>i&1 == 1 {
				if len(ops) == 0 {
					return nil, false
				}
				arg[i], ops = int(ops[0]), ops[1:]
			}
		}
		src, n := arg[0]|arg[1]<<8|arg[2]<<16|arg[3]<<24, arg[4]|arg[5]<<8|arg[6]<<16
		if n == 0 {
			n = 0x10000
		}
		if src+n > len(base) || len(out)+n > size {
			return nil, false
		}
		out = append(out, base[src:src+n]...)
	}
	return out, len(out) == size
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("the base of a delta"), delta(19, 22, 0x90, 10, 2, 'x', 'y', 0x91, 9, 10))
	f.Add([]byte("base"), delta(4, 1<<40, 0xff, 1, 2, 3, 4, 5, 6, 7))
	f.Add(make([]byte, 1<<16), delta(1<<16, 1<<17, 0x80, 0x80))
	f.Fuzz(func(t *testing.T, base, data []byte) {
		_, size, n, err := deltaSizes(data)
		if err != nil || size > 1<<20 {
			return
		}
		want, ok := naiveDelta(base, data[n:], int(size))
		got := make([]byte, size)
		copies := []scanner.Copy{}
		err = applyDelta(got, base, data[n:], &copies)
		if (err == nil) != ok || ok && !bytes.Equal(got, want) {
			t.Fatalf("error %v, naive %v", err, ok)
		}
		if err != nil {
			return
		}
		if err := honest(scanner.Blob{Data: got, Copies: copies}, &visit{base}); err != nil {
			t.Error(err)
		}
	})
}

// FuzzTree: the entries of a tree are found from its base's as from itself alone.
func FuzzTree(f *testing.F) {
	id := string(bytes.Repeat([]byte{7}, 20))
	f.Add([]byte("100644 a\x00"+id+"40000 b\x00"+id), delta(58, 58, 0x90, 58))
	f.Fuzz(func(t *testing.T, base, data []byte) {
		_, size, n, err := deltaSizes(data)
		if err != nil || size > 1<<16 {
			return
		}
		tree := make([]byte, size)
		copies := []scanner.Copy{}
		if applyDelta(tree, base, data[n:], &copies) != nil {
			return
		}
		// Of all entries, the ones in the base's zones stand in the base as well.
		t1 := newTestReader(base, tree)
		marks := t1.read(&found{id: make([]byte, 20), node: 0, data: base}, nil)
		before := t1.named()
		t1.intros, t1.open = introList{}, 0
		t1.read(&found{id: make([]byte, 20), node: 1, data: tree, copies: copies}, marks)
		got := t1.named()
		for _, z := range t1.zones[t1.x.refs[1].start() : t1.x.refs[1].start()+t1.x.refs[1].count()] {
			for _, in := range before {
				if in.off >= z.src && in.off < z.src+z.len {
					in.tree, in.off = 1, in.off-z.src+z.dst
					got = append(got, in)
				}
			}
		}
		slices.SortFunc(got, func(a, b namedIntro) int { return int(a.off - b.off) })
		t2 := newTestReader(tree)
		t2.read(&found{id: make([]byte, 20), node: 1, data: tree}, nil)
		if want := t2.named(); !slices.Equal(got, want) {
			t.Errorf("from the base %v, alone %v", got, want)
		}
	})
}

// A namedIntro is an intro with its name and child, which readers number differently.
type namedIntro struct {
	intro
	text string
	id   hash
}

// A testReader reads trees of a store that is known to lack all they name, so that
// every entry is noted.
type testReader struct{ *treeReader }

func (t testReader) named() []namedIntro {
	var list []namedIntro
	t.check()
	for in := range t.intros.all {
		n := namedIntro{*in, t.names[in.name], t.lost.list[in.child-t.x.s.nodes]}
		n.name, n.child = 0, 0
		list = append(list, n)
	}
	return list
}

func newTestReader(trees ...[]byte) testReader {
	s := &store{hashLen: 20, nodes: 2}
	var lost []hash
	for _, tree := range trees {
		for e, rest, ok := cutEntry(tree, 20); ok; e, rest, ok = cutEntry(rest, 20) {
			lost = append(lost, toHash(e.id))
		}
	}
	q := newTreeQuery(s, nil, lost, nil)
	return testReader{newTreeReader(&treeIndex{s: s, refs: make([]zoneRef, 2)}, q, 0, &lostObjects{seen: map[hash]int32{}}, maphash.MakeSeed())}
}

// FuzzTreeEntry: an entry is read in place as it is cut off.
func FuzzTreeEntry(f *testing.F) {
	for _, mode := range []string{"40000", "100644", "100755", "120000", "160000", "0040000", "8", ""} {
		f.Add([]byte(mode + " a name\x00" + strings.Repeat("x", 20)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, rest, want := cutEntry(data, 20)
		mode, name, id, ok := entryAt(data, 0, 20)
		if ok != want {
			t.Fatalf("read: %v, want %v", ok, want)
		}
		if ok && (mode != e.mode || string(data[name:id-1]) != string(e.name) || id+20 != len(data)-len(rest)) {
			t.Errorf("mode %o, name at %d, id at %d, want %o %q and %d bytes behind it", mode, name, id, e.mode, e.name, len(rest))
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add("[core]\n\tbare = false\n[remote \"a\\\"b\"] url = x ; comment\n promisor\n[extensions]\nobjectFormat = \"sha\\\n256\"")
	f.Fuzz(func(t *testing.T, text string) {
		c := parseConfig(text)
		c.promised()
		(&Repo{}).configure(c)
	})
}
