package gitrepo

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// reasons lists the reasons of gaps that are not minor.
func reasons(gaps []scanner.Gap) []scanner.Reason {
	var list []scanner.Reason
	for _, g := range gaps {
		if !g.Minor {
			list = append(list, g.Reason)
		}
	}
	return list
}

// clone makes a bare clone by git's transport.
func clone(t *testing.T, from string, args ...string) string {
	t.Helper()
	to := t.TempDir()
	git(t, to, append(append([]string{"clone", "-q", "--bare"}, args...), "file://"+from, "clone.git")...)
	return filepath.Join(to, "clone.git")
}

func blobSet(t *testing.T, dir string) map[scanner.ObjectID]bool {
	t.Helper()
	set := map[scanner.ObjectID]bool{}
	for id, o := range allObjects(t, dir) {
		set[id] = o.typ == "blob"
	}
	return set
}

func TestShallowCloneIsAGap(t *testing.T) {
	dir := initRepo(t)
	fill(t, dir, 8)
	shallow := clone(t, dir, "--depth=3")
	r := open(t, shallow)
	h, err := r.Places(t.Context(), Selection{}, PlaceOptions{Blobs: blobSet(t, shallow)})
	if err != nil || h.Commits != 3 || !slices.Equal(reasons(h.Gaps), []scanner.Reason{scanner.Shallow}) || !strings.Contains(h.Gaps[0].Detail, "fetch-depth: 0") {
		t.Errorf("%d commits, gaps %v, error %v", h.Commits, h.Gaps, err)
	}
	in, err := r.Introduced(t.Context(), "HEAD~1", "HEAD")
	if err != nil || in.Commits != 1 || len(in.Gaps) > 0 {
		t.Errorf("a range that is there: %+v, %v", in, err)
	}
	if _, err := r.Introduced(t.Context(), "HEAD~5", "HEAD"); err == nil {
		t.Error("a range that starts before what is there resolves")
	}
}

func TestPartialCloneIsAGap(t *testing.T) {
	dir := initRepo(t)
	fill(t, dir, 8)
	git(t, dir, "config", "uploadpack.allowFilter", "true")
	for _, filter := range []string{"blob:none", "tree:0"} {
		partial := clone(t, dir, "--filter="+filter)
		r := open(t, partial)
		h, err := r.Places(t.Context(), Selection{}, PlaceOptions{})
		if err != nil || !r.Promisor() || h.Commits != 8 || !slices.Equal(reasons(h.Gaps), []scanner.Reason{scanner.Missing}) || !strings.Contains(h.Gaps[0].Detail, "partial clone") {
			t.Errorf("%s: promisor %v, %d commits, gaps %v, error %v", filter, r.Promisor(), h.Commits, h.Gaps, err)
		}
	}
}

// An object that is gone is a gap with its path; its neighbours are not.
func TestMissingObjectsAreGaps(t *testing.T) {
	dir := initRepo(t)
	id := commit(t, dir, "a/b.txt", "text\n")
	commit(t, dir, "c.txt", "more\n")
	for _, c := range []struct{ rev, path string }{{"HEAD:a/b.txt", "a/b.txt"}, {"HEAD:a", "a"}, {"HEAD~1^{tree}", ""}, {"HEAD~1", ""}} {
		t.Run(c.rev, func(t *testing.T) {
			gone := git(t, dir, "rev-parse", c.rev)
			damaged := copyGitDir(t, dir)
			if err := os.Remove(filepath.Join(damaged, ".git/objects", gone[:2], gone[2:])); err != nil {
				t.Fatal(err)
			}
			h, err := open(t, damaged).Places(t.Context(), Selection{}, PlaceOptions{})
			want := scanner.Gap{Path: c.path, Object: scanner.ObjectID(gone), Reason: scanner.Missing}
			if err != nil || len(h.Gaps) != 1 || h.Gaps[0].Object != want.Object || h.Gaps[0].Path != want.Path || h.Gaps[0].Reason != want.Reason {
				t.Errorf("gaps %v, error %v; want %v", h.Gaps, err, want)
			}
		})
	}
	if h, err := open(t, dir).Places(t.Context(), Selection{}, PlaceOptions{}); err != nil || len(h.Gaps) > 0 || !open(t, dir).Has(id) {
		t.Errorf("the whole repository: gaps %v, error %v", h.Gaps, err)
	}
}

func TestUnreachableBlobs(t *testing.T) {
	dir := initRepo(t)
	commit(t, dir, "kept.txt", "kept\n")
	commit(t, dir, "dropped.txt", "dropped\n")
	blob := scanner.ObjectID(git(t, dir, "rev-parse", "HEAD:dropped.txt"))
	git(t, dir, "reset", "-q", "--hard", "HEAD~1")
	r := open(t, dir)
	opt := PlaceOptions{Blobs: map[scanner.ObjectID]bool{blob: true}}
	h, err := r.Places(t.Context(), Selection{}, opt)
	if err != nil || len(h.Places) != 0 {
		t.Errorf("places %v, error %v", h.Places, err)
	}
	h, err = r.Places(t.Context(), Selection{Unreachable: true}, opt)
	if err != nil || len(h.Places) != 1 || h.Places[0] != (Place{Blob: blob}) {
		t.Errorf("with unreachable ones: places %v, error %v", h.Places, err)
	}
}

// Names are wanted without regard to what their blobs hold, and only where they stand.
func TestPlacesByName(t *testing.T) {
	dir := initRepo(t)
	write(t, dir, "x/id_rsa", "same\n")
	commit(t, dir, "x/copy.txt", "same\n")
	first := commit(t, dir, "other.txt", "other\n")
	git(t, dir, "rm", "-q", "-r", "x")
	commit(t, dir, "other.txt", "other\n")
	h, err := open(t, dir).Places(t.Context(), Selection{}, PlaceOptions{Name: func(base []byte) bool { return string(base) == "id_rsa" }})
	if err != nil || len(h.Places) != 1 || h.Places[0].Path != "x/id_rsa" || h.Places[0].AtTip || h.Places[0].Last != first {
		t.Errorf("places %+v, error %v", h.Places, err)
	}
}

func TestSubmodulesAtHeadAreMinorGaps(t *testing.T) {
	inner := initRepo(t)
	commit(t, inner, "f", "x")
	outer := initRepo(t)
	git(t, outer, "submodule", "--quiet", "add", inner, "sub/module")
	commit(t, outer, "g", "y")
	h, err := open(t, outer).Places(t.Context(), Selection{}, PlaceOptions{})
	if err != nil || len(h.Gaps) != 1 || h.Gaps[0].Path != "sub/module" || h.Gaps[0].Reason != scanner.Outside || !h.Gaps[0].Minor {
		t.Errorf("gaps %v, error %v", h.Gaps, err)
	}
}

// A tag may name a blob outright: it has no path, but a ref leads to it.
func TestTagOfABlob(t *testing.T) {
	dir := initRepo(t)
	commit(t, dir, "f", "x")
	id := scanner.ObjectID(gitIn(t, dir, strings.NewReader("tagged"), "hash-object", "-w", "--stdin"))
	git(t, dir, "tag", "-a", "-m", "a blob", "key", string(id))
	h, err := open(t, dir).Places(t.Context(), Selection{}, PlaceOptions{Blobs: map[scanner.ObjectID]bool{id: true}})
	if err != nil || len(h.Gaps) > 0 || len(h.Places) != 1 || h.Places[0].Path != "refs/tags/key" || !h.Places[0].AtTip {
		t.Errorf("places %+v, gaps %v, error %v", h.Places, h.Gaps, err)
	}
}

// Trees that hold one another twice a level make endless paths out of few objects.
func TestEndlessPathsAreAGap(t *testing.T) {
	dir := initRepo(t)
	id := gitIn(t, dir, strings.NewReader("x"), "hash-object", "-w", "--stdin")
	mode, typ := "100644", "blob"
	for range 40 {
		id2 := gitIn(t, dir, strings.NewReader(mode+" "+typ+" "+id+"\ta\n"+mode+" "+typ+" "+id+"\tb\n"), "mktree")
		id, mode, typ = id2, "040000", "tree"
	}
	git(t, dir, "update-ref", "refs/heads/main", git(t, dir, "commit-tree", "-m", "bomb", id))
	h, err := open(t, dir).Places(t.Context(), Selection{}, PlaceOptions{Name: func([]byte) bool { return true }})
	if err != nil || !slices.Contains(reasons(h.Gaps), scanner.TooDeep) {
		t.Errorf("%d places, gaps %v, error %v", len(h.Places), h.Gaps, err)
	}
}

func TestEmptyRepository(t *testing.T) {
	r := open(t, initRepo(t))
	h, err := r.Places(t.Context(), Selection{}, PlaceOptions{})
	if err != nil || h.Commits != 0 || len(h.Gaps) > 0 {
		t.Errorf("%+v, %v", h, err)
	}
	blobs, _, gaps := walkAll(t, r, WalkOptions{})
	if len(blobs) != 0 || len(gaps) != 0 {
		t.Errorf("%d blobs, gaps %v", len(blobs), gaps)
	}
}
