package gitrepo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

func TestObjectsEqualGit(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, dir string){
		"loose":  func(*testing.T, string) {},
		"packed": func(t *testing.T, dir string) { git(t, dir, "repack", "-adfq") },
		"ref deltas": func(t *testing.T, dir string) {
			git(t, dir, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq")
		},
		"index version 1": func(t *testing.T, dir string) { git(t, dir, "-c", "pack.indexVersion=1", "repack", "-adfq") },
		"offsets of 64 bits": func(t *testing.T, dir string) {
			git(t, dir, "repack", "-adfq")
			wideOffsets(t, dir)
		},
		"several packs": func(t *testing.T, dir string) {
			git(t, dir, "repack", "-q")
			fill(t, dir, 4)
			git(t, dir, "repack", "-q")
			fill(t, dir, 2)
		},
		"multi-pack-index": func(t *testing.T, dir string) {
			git(t, dir, "repack", "-q")
			fill(t, dir, 4)
			git(t, dir, "repack", "-q")
			git(t, dir, "multi-pack-index", "write")
		},
	} {
		for _, format := range []string{"sha1", "sha256"} {
			t.Run(name+" "+format, func(t *testing.T) {
				t.Parallel()
				dir := initRepo(t, "--object-format="+format)
				fill(t, dir, 8)
				prepare(t, dir)
				checkObjects(t, dir)
			})
		}
	}
}

// wideOffsets writes the indexes of all packs anew, with nearly all offsets where
// those stand that need more than 31 bits.
func wideOffsets(t *testing.T, dir string) {
	t.Helper()
	packs, _ := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
	if len(packs) == 0 {
		t.Fatal("no pack")
	}
	for _, pack := range packs {
		idx, fresh := strings.TrimSuffix(pack, ".pack")+".idx", filepath.Join(t.TempDir(), "idx")
		git(t, dir, "index-pack", "--index-version=2,0x40", "-o", fresh, pack)
		data, err := os.ReadFile(fresh)
		if err != nil {
			t.Fatal(err)
		}
		was, err := os.ReadFile(idx)
		if err != nil || len(data) <= len(was) {
			t.Fatalf("no offset of 64 bits: %d bytes, before %d, %v", len(data), len(was), err)
		}
		os.Chmod(idx, 0o644)
		if err := os.WriteFile(idx, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMultiPackIndexWithoutIndexes(t *testing.T) {
	dir := initRepo(t)
	fill(t, dir, 4)
	git(t, dir, "repack", "-q")
	fill(t, dir, 6)
	git(t, dir, "repack", "-q")
	git(t, dir, "multi-pack-index", "write")
	want := allObjects(t, dir)
	idx, _ := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.idx"))
	if len(idx) != 2 {
		t.Fatalf("%d indexes", len(idx))
	}
	for _, name := range idx {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	r := open(t, dir)
	for id, o := range want {
		typ, data, err := r.Object(id)
		if err != nil || typ != o.typ || string(data) != string(o.data) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestAlternates(t *testing.T) {
	far := initRepo(t)
	fill(t, far, 5)
	git(t, far, "repack", "-adq")
	near := t.TempDir()
	git(t, near, "clone", "-q", "--shared", far, "clone")
	near = filepath.Join(near, "clone")
	fill(t, near, 2)
	checkObjects(t, near)

	if err := os.Rename(filepath.Join(far, ".git/objects"), filepath.Join(far, ".git/gone")); err != nil {
		t.Fatal(err)
	}
	gaps := open(t, near).Gaps()
	if len(gaps) != 1 || gaps[0].Reason != scanner.Missing {
		t.Errorf("an alternate that is not there: gaps %v", gaps)
	}
}

// Alternates that lead round in a circle end.
func TestAlternatesInACircle(t *testing.T) {
	a, b := initRepo(t), initRepo(t)
	fill(t, a, 2)
	write(t, a, ".git/objects/info/alternates", filepath.Join(b, ".git/objects")+"\n")
	write(t, b, ".git/objects/info/alternates", filepath.Join(a, ".git/objects")+"\n")
	r := open(t, b)
	head, err := open(t, a).Head()
	if err != nil || !r.Has(head.ID) {
		t.Errorf("head %v of the alternate: %v", head, err)
	}
}

func TestOpen(t *testing.T) {
	dir := initRepo(t)
	first := commit(t, dir, "a/b/c.txt", "text\n")
	git(t, dir, "worktree", "add", "-q", "-b", "other", filepath.Join(dir, "linked"))
	second := commit(t, filepath.Join(dir, "linked"), "other.txt", "text\n")
	git(t, dir, "clone", "-q", "--bare", ".", "bare.git")
	outer := initRepo(t)
	git(t, outer, "submodule", "--quiet", "add", dir, "sub")

	for _, c := range []struct {
		name, dir, work string
		head            scanner.ObjectID
	}{
		{"work tree", dir, dir, first},
		{"below it", filepath.Join(dir, "a/b"), dir, first},
		{"git directory", filepath.Join(dir, ".git"), dir, first},
		{"linked work tree", filepath.Join(dir, "linked"), filepath.Join(dir, "linked"), second},
		{"bare", filepath.Join(dir, "bare.git"), "", first},
		{"submodule", filepath.Join(outer, "sub"), filepath.Join(outer, "sub"), first},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := open(t, c.dir)
			head, err := r.Head()
			if err != nil || head.ID != c.head || r.WorkTree() != c.work {
				t.Errorf("head %v, work tree %q, error %v; want %s, %q", head, r.WorkTree(), err, c.head, c.work)
			}
			if _, err := r.Commit(head.ID); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	plain := t.TempDir()
	if _, err := Open(plain); !errors.Is(err, ErrNoRepository) {
		t.Errorf("a plain directory: %v", err)
	}
	dir := initRepo(t)
	git(t, dir, "config", "core.repositoryformatversion", "1")
	git(t, dir, "config", "extensions.fromTheFuture", "true")
	if _, err := Open(dir); !errors.Is(err, ErrUnsupported) {
		t.Errorf("an unknown extension: %v", err)
	}
	lost := t.TempDir()
	write(t, lost, ".git", "gitdir: /nowhere/at/all\n")
	if _, err := Open(lost); !errors.Is(err, ErrNoRepository) {
		t.Errorf("a .git file that leads nowhere: %v", err)
	}
}

func TestRefs(t *testing.T) {
	dir := initRepo(t)
	r := open(t, dir)
	if head, err := r.Head(); err != nil || head.ID != "" || head.Target != "refs/heads/main" {
		t.Errorf("unborn head: %v, %v", head, err)
	}
	if refs, err := r.Refs(); err != nil || len(refs) != 0 {
		t.Errorf("refs of an empty repository: %v, %v", refs, err)
	}
	commit(t, dir, "f", "1")
	git(t, dir, "tag", "-a", "-m", "a tag", "v1")
	git(t, dir, "branch", "dir/topic")
	git(t, dir, "pack-refs", "--all")
	commit(t, dir, "f", "2")
	git(t, dir, "branch", "loose")
	git(t, dir, "symbolic-ref", "refs/heads/alias", "refs/heads/loose")
	checkRefs(t, dir)
	git(t, dir, "checkout", "-q", "--detach")
	checkRefs(t, dir)
}

func checkRefs(t *testing.T, dir string) {
	t.Helper()
	refs, err := open(t, dir).Refs()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, ref := range refs {
		if ref.Name != "HEAD" {
			got = append(got, string(ref.ID)+" "+ref.Name)
		} else if want := git(t, dir, "rev-parse", "HEAD"); want != string(ref.ID) {
			t.Errorf("HEAD is %s, want %s", ref.ID, want)
		}
	}
	want := git(t, dir, "for-each-ref", "--format=%(objectname) %(refname)")
	if strings.Join(got, "\n") != want {
		t.Errorf("refs:\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// A ref or HEAD that leads out of the git directory reads nothing there.
func TestRefsStayInside(t *testing.T) {
	dir := initRepo(t)
	id := commit(t, dir, "f", "1")
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, filepath.Dir(outside), "outside", string(id)+"\n")
	if err := os.Symlink(outside, filepath.Join(dir, ".git/refs/heads/link")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, ".git/HEAD", "ref: refs/../../../"+outside+"\n")
	r := open(t, dir)
	if head, err := r.Head(); err != nil || head.ID != "" {
		t.Errorf("head: %v, %v", head, err)
	}
	if id, err := r.Resolve("link"); !errors.Is(err, ErrRevision) {
		t.Errorf("link: %v, %v", id, err)
	}
}

func TestResolve(t *testing.T) {
	dir := initRepo(t)
	fill(t, dir, 3)
	git(t, dir, "tag", "-a", "-m", "a tag", "v1")
	git(t, dir, "tag", "-a", "-m", "a tag of a tag", "vv", "v1")
	git(t, dir, "checkout", "-q", "-b", "side", "HEAD~1")
	commit(t, dir, "side.txt", "x")
	git(t, dir, "checkout", "-q", "main")
	git(t, dir, "merge", "-q", "--no-ff", "-m", "merge", "side")
	git(t, dir, "update-ref", "refs/remotes/origin/main", "HEAD~1")
	git(t, dir, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	head := git(t, dir, "rev-parse", "HEAD")
	for range 2 {
		r := open(t, dir)
		for _, rev := range []string{"HEAD", "@", "main", "heads/main", "refs/heads/main", "v1", "vv", "vv^{}", "v1^{commit}", "v1~1", "HEAD^2", "HEAD^2~1^0", "HEAD~2", "HEAD^{tree}", "origin", "origin/main", head, head[:8], head[:7], "@~0"} {
			want := git(t, dir, "rev-parse", rev)
			if got, err := r.Resolve(rev); err != nil || string(got) != want {
				t.Errorf("%s: %s, %v; want %s", rev, got, err, want)
			}
		}
		for _, rev := range []string{"", "nothing", "HEAD~99", "HEAD^3", "HEAD^{blob}", "../HEAD", "main~99999999999999999999", head[:3], "\x00", "HEAD@{1}", "refs/heads"} {
			if got, err := r.Resolve(rev); err == nil {
				t.Errorf("%q resolves to %s", rev, got)
			}
		}
		git(t, dir, "gc", "-q")
	}
}

func TestCommitAndLookup(t *testing.T) {
	dir := initRepo(t)
	id := commit(t, dir, "a/b/c.txt", "text\n")
	r := open(t, dir)
	c, err := r.Commit(id)
	if err != nil || c.Author != "A U Thor <author@example.com>" || c.Date.Format("2006-01-02T15:04:05-07:00") != "2023-11-14T23:13:20+01:00" || len(c.Parents) != 0 {
		t.Errorf("commit %+v, %v", c, err)
	}
	e, err := r.Lookup(id, "a/b/c.txt")
	if want := git(t, dir, "rev-parse", "HEAD:a/b/c.txt"); err != nil || string(e.ID) != want || !e.IsBlob() {
		t.Errorf("entry %+v, %v; want %s", e, err, want)
	}
	for _, p := range []string{"a/b/d.txt", "a/b/c.txt/d", "", "a//b"} {
		if e, err := r.Lookup(id, p); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q: %+v, %v", p, e, err)
		}
	}
}
