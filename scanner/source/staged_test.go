package source

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/gitrepo"
)

// open gives the repository as the product reads it.
func open(t testing.TB, dir string) (*gitrepo.Repo, scanner.ObjectID) {
	t.Helper()
	r, err := gitrepo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	head, err := r.Head()
	if err != nil {
		t.Fatal(err)
	}
	return r, head.ID
}

// diffCached is git's answer to what Staged lists: "path id", without what was
// deleted and what is a submodule.
func diffCached(r *gitRepo) []string {
	out := []string{}
	for _, l := range lines(r.git("ls-files", "-s", "-u", "-z"), "\x00") {
		meta, path, _ := strings.Cut(l, "\t")
		out = append(out, path+" "+strings.Fields(meta)[1])
	}
	against := "HEAD"
	if strings.TrimSpace(r.git("for-each-ref", "--count=1")) == "" {
		against = strings.TrimSpace(r.git("hash-object", "-t", "tree", "-w", "/dev/null"))
	}
	diff := lines(r.git("diff-index", "--cached", "--no-renames", "--no-abbrev", "-z", against), "\x00")
	for i := 0; i+1 < len(diff); i += 2 {
		f := strings.Fields(diff[i])
		if f[4] != "D" && f[4] != "U" && f[1] != "160000" && f[2] != f[3] {
			out = append(out, diff[i+1]+" "+f[3])
		}
	}
	slices.Sort(out)
	return out
}

func staged(t *testing.T, dir string) []string {
	t.Helper()
	repo, head := open(t, dir)
	out := []string{}
	for f, g := range Staged(repo, head).Files(context.Background()) {
		if g != nil {
			if !g.Minor {
				t.Fatalf("gap %+v", *g)
			}
			continue
		}
		out = append(out, f.Path+" "+string(f.ID))
	}
	slices.Sort(out)
	return out
}

// TestStagedAsGit holds random indexes, in every version and object format that
// git writes, against git diff-index.
func TestStagedAsGit(t *testing.T) {
	for seed, c := range []struct {
		name   string
		init   []string
		config []string
		holds  string // what the index file must have in it to test what we mean to
	}{
		{"v2", nil, []string{"index.version=2"}, "DIRC\x00\x00\x00\x02"},
		{"v4", nil, []string{"index.version=4"}, "DIRC\x00\x00\x00\x04"},
		{"sha256", []string{"--object-format=sha256"}, nil, "TREE"},
		{"split", nil, []string{"core.splitIndex=true", "splitIndex.maxPercentChange=100"}, "link"},
		{"untracked cache", nil, []string{"core.untrackedCache=true"}, "UNTR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRepo(t, c.init...)
			for _, kv := range c.config {
				k, v, _ := strings.Cut(kv, "=")
				r.git("config", k, v)
			}
			rnd := rand.New(rand.NewPCG(uint64(seed), 3))
			r.stageRandom(rnd, 60)
			if d := cmp.Diff(diffCached(r), staged(t, r.dir)); d != "" {
				t.Errorf("unborn: -git +ours\n%s", d)
			}
			r.git("commit", "-q", "-m", "x")
			if got := staged(t, r.dir); len(got) > 0 {
				t.Errorf("nothing is staged: %q", got)
			}
			for round := range 3 {
				r.stageRandom(rnd, 8)
				if d := cmp.Diff(diffCached(r), staged(t, r.dir)); d != "" {
					t.Fatalf("round %d: -git +ours\n%s", round, d)
				}
			}
			if raw, err := os.ReadFile(filepath.Join(r.GitDir(), "index")); err != nil || !strings.Contains(string(raw), c.holds) {
				t.Errorf("git wrote an index without %q: %v", c.holds, err)
			}
		})
	}
}

// stageRandom writes, removes, renames and adds some files, so that files become
// directories and the other way round.
func (r *gitRepo) stageRandom(rnd *rand.Rand, n int) {
	for range n {
		path := randomPath(rnd)
		full := filepath.Join(r.dir, path)
		switch rnd.IntN(8) {
		case 0:
			os.RemoveAll(full)
		case 1:
			os.RemoveAll(full)
			os.MkdirAll(filepath.Dir(full), 0o755)
			os.Symlink("target", full)
		default:
			if dirInTheWay(r.dir, path) {
				os.RemoveAll(filepath.Join(r.dir, strings.Split(path, "/")[0]))
			}
			r.write(path, fmt.Sprint(rnd.IntN(20)))
		}
	}
	r.git("add", "-A")
}

func TestStagedUnmerged(t *testing.T) {
	r := newRepo(t)
	r.write("d/f", "base")
	r.commit()
	r.git("checkout", "-q", "-b", "other")
	r.write("d/f", "theirs")
	r.commit()
	r.git("checkout", "-q", "main")
	r.write("d/f", "ours")
	r.commit()
	gitMayFail(r, "merge", "-q", "other")
	got := map[string]bool{}
	repo, head := open(t, r.dir)
	for f, g := range Staged(repo, head).Files(context.Background()) {
		if g != nil {
			t.Fatal(*g)
		}
		got[f.Path+"="+string(f.Data)] = true
	}
	if d := cmp.Diff(map[string]bool{"d/f=base": true, "d/f=theirs": true}, got); d != "" {
		t.Errorf("-want +got (ours stands at HEAD)\n%s", d)
	}
}

func gitMayFail(r *gitRepo, args ...string) {
	r.git("-c", "alias.may=!git \"$@\" || true #", "may", args[0], args[1], args[2])
}

func TestStagedIntentToAdd(t *testing.T) {
	r := newRepo(t)
	r.write("a", "1")
	r.commit()
	r.write("new", "not staged yet")
	r.git("add", "-N", "new")
	if got := staged(t, r.dir); len(got) > 0 {
		t.Errorf("staged %q", got)
	}
	if got := contents(t, WorkTree(r, "")); got["new"] != "not staged yet" {
		t.Errorf("work tree %q", got)
	}
}

func TestStagedSparseIndex(t *testing.T) {
	r := newRepo(t)
	for _, p := range []string{"in/a", "out/b", "out/deep/c", "out/deep/d", "top"} {
		r.write(p, p)
	}
	r.commit()
	r.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
	r.write("in/a", "changed")
	r.git("add", "in/a")
	if raw, err := os.ReadFile(filepath.Join(r.dir, ".git/index")); err != nil || !bytes.Contains(raw, []byte("sdir")) {
		t.Fatalf("git wrote no sparse index: %v", err)
	}
	if d := cmp.Diff(diffCached(r), staged(t, r.dir)); d != "" {
		t.Errorf("-git +ours\n%s", d)
	}
	want := map[string]string{"in/a": "changed", "out/b": "out/b", "out/deep/c": "out/deep/c", "out/deep/d": "out/deep/d", "top": "top"}
	if d := cmp.Diff(want, contents(t, WorkTree(r, ""))); d != "" {
		t.Errorf("work tree, what is left out included: -want +got\n%s", d)
	}
	// Against another commit the directory that the index holds as a tree differs.
	r.git("update-ref", "HEAD", strings.TrimSpace(r.git("commit-tree", "-m", "y", strings.TrimSpace(r.git("mktree", "--missing", "/dev/null")))))
	if got, want := len(staged(t, r.dir)), 5; got != want {
		t.Errorf("%d staged against an empty tree, want %d", got, want)
	}
}

// TestIndexDamage cuts and flips real indexes: an error or the right entries,
// never a panic.
func TestIndexDamage(t *testing.T) {
	r := newRepo(t)
	r.stageRandom(rand.New(rand.NewPCG(1, 1)), 40)
	r.git("update-index", "--index-version=4")
	file := filepath.Join(r.GitDir(), "index")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for _, bad := range [][]byte{raw[:i], slices.Concat(raw[:i], []byte{raw[i] ^ 0x41}, raw[i+1:])} {
			p := indexParser{data: bad, hashLen: 20}
			if ix, err := p.parse(); err == nil {
				t.Fatalf("damage at %d went unseen: %d entries", i, ix.len())
			}
			// The same with the hash switched off, which leaves the structure alone to tell.
			if len(bad) > 32 {
				p := indexParser{data: slices.Concat(bad[:len(bad)-20], make([]byte, 20)), hashLen: 20}
				p.parse()
			}
		}
	}
	if err := os.WriteFile(file, raw[:100], 0o644); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Place{WorkTree(r, ""), Staged(r, "")} {
		if got := paths(p); !slices.Contains(got, " !corrupt") {
			t.Errorf("no gap: %q", got)
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x00aaaaaaaaaaaaaaaaaaaa"), []byte("\x00-1 1\nsub\x000 0\n"), []byte("\x00\x00\x00\x05\x00\x00\x00\x01aaaaaaaa\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data, tree, ewah []byte) {
		p := indexParser{data: append(data, make([]byte, 20)...), hashLen: 20}
		if ix, err := p.parse(); err == nil && p.link != nil {
			p.link.resolve(ix, func(string) (*index, error) { return &index{}, nil })
		}
		parseCacheTree(tree, 20)
		parseEWAH(ewah)
	})
}
