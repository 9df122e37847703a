package gitrepo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// A standing is a blob at a path.
type standing struct {
	blob scanner.ObjectID
	path string
}

// An oracle is a history as git tells it, commit by commit.
type oracle struct {
	order   []scanner.ObjectID // parents before children
	parents map[scanner.ObjectID][]scanner.ObjectID
	holds   map[scanner.ObjectID]map[standing]bool
	tips    map[standing]string // the first ref that holds it at its tip
}

func readOracle(t testing.TB, dir string, revs ...string) *oracle {
	t.Helper()
	o := &oracle{parents: map[scanner.ObjectID][]scanner.ObjectID{}, holds: map[scanner.ObjectID]map[standing]bool{}, tips: map[standing]string{}}
	for line := range strings.Lines(git(t, dir, append([]string{"rev-list", "--parents", "--topo-order", "--reverse"}, revs...)...)) {
		f := strings.Fields(line)
		id := scanner.ObjectID(f[0])
		o.order = append(o.order, id)
		for _, p := range f[1:] {
			o.parents[id] = append(o.parents[id], scanner.ObjectID(p))
		}
		o.holds[id] = lsTree(t, dir, f[0])
	}
	for _, ref := range append([]string{"HEAD"}, strings.Fields(git(t, dir, "for-each-ref", "--format=%(refname)"))...) {
		o.tip(ref, lsTree(t, dir, ref))
	}
	return o
}

func (o *oracle) tip(ref string, holds map[standing]bool) {
	for s := range holds {
		if o.tips[s] == "" {
			o.tips[s] = ref
		}
	}
}

func lsTree(t testing.TB, dir, rev string) map[standing]bool {
	t.Helper()
	holds := map[standing]bool{}
	for line := range strings.SplitSeq(git(t, dir, "ls-tree", "-r", "-z", rev), "\x00") {
		head, path, ok := strings.Cut(line, "\t")
		if f := strings.Fields(head); ok && f[1] == "blob" {
			holds[standing{scanner.ObjectID(f[2]), path}] = true
		}
	}
	return holds
}

// all is everything that stands in some commit.
func (o *oracle) all() map[standing]bool {
	all := map[standing]bool{}
	for _, holds := range o.holds {
		for s := range holds {
			all[s] = true
		}
	}
	return all
}

// check holds a place against the history: it stands in First and Last, in no
// ancestor of First and no descendant of Last.
func (o *oracle) check(p Place) error {
	s := standing{p.Blob, p.Path}
	if !o.holds[p.First][s] || !o.holds[p.Last][s] {
		return fmt.Errorf("it does not stand in %s or %s", p.First, p.Last)
	}
	before := map[scanner.ObjectID]bool{p.First: true}
	for i := len(o.order) - 1; i >= 0; i-- {
		if id := o.order[i]; before[id] {
			if id != p.First && o.holds[id][s] {
				return fmt.Errorf("%s, an ancestor of first, holds it", id)
			}
			for _, parent := range o.parents[id] {
				before[parent] = true
			}
		}
	}
	after := map[scanner.ObjectID]bool{p.Last: true}
	for _, id := range o.order {
		for _, parent := range o.parents[id] {
			after[id] = after[id] || after[parent]
		}
		if after[id] && id != p.Last && o.holds[id][s] {
			return fmt.Errorf("%s, a descendant of last, holds it", id)
		}
	}
	if p.Ref != o.tips[s] || p.AtTip != (p.Ref != "") {
		return fmt.Errorf("at tip: %v of %q, want %q", p.AtTip, p.Ref, o.tips[s])
	}
	return nil
}

// branchyHistory makes commits on branches with merges: some of several parents,
// some that hold what no parent does, some with a clock that goes wrong.
func branchyHistory(t testing.TB, dir string, r *rand.Rand, commits int) {
	t.Helper()
	im := &importer{}
	stamp := 1700000000
	for n := range commits {
		var parents []int
		if n > 0 && r.IntN(12) > 0 {
			for range 1 + r.IntN(3)*r.IntN(2) {
				if p := n - 1 - r.IntN(min(n, 6)); !slices.Contains(parents, p) {
					parents = append(parents, p)
				}
			}
		}
		stamp += r.IntN(2000) - 500
		ref := fmt.Sprintf("refs/heads/b%d", n)
		if n < commits-1 && r.IntN(5) > 0 {
			ref = "refs/heads/scratch"
		}
		im.commit(ref, stamp, parents)
		for range 1 + r.IntN(4) {
			path := fmt.Sprintf("d%d/e%d/f%d", r.IntN(3), r.IntN(4), r.IntN(6))
			if r.IntN(4) == 0 {
				path = fmt.Sprintf("top%d", r.IntN(40))
			}
			if r.IntN(4) == 0 {
				im.remove(path)
			} else {
				im.file(path, fmt.Sprintf("content %d\n", r.IntN(25)))
			}
		}
	}
	im.run(t, dir)
	git(t, dir, "update-ref", "-d", "refs/heads/scratch")
	git(t, dir, "symbolic-ref", "HEAD", fmt.Sprintf("refs/heads/b%d", commits-1))
}

func TestPlacesEqualGit(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := initRepo(t)
			r := rand.New(rand.NewPCG(seed, 5))
			branchyHistory(t, dir, r, 40)
			if seed%2 == 1 {
				git(t, dir, "repack", "-adfq", "--depth=30")
			}
			checkPlaces(t, dir, Selection{}, readOracle(t, dir, "--all"))
			tip := git(t, dir, "rev-parse", "HEAD")
			all := strings.Fields(git(t, dir, "rev-list", "--all"))
			since := all[len(all)/2]
			ranged := readOracle(t, dir, since+".."+tip)
			ranged.tips = map[standing]string{}
			ranged.tip("HEAD", lsTree(t, dir, tip))
			checkPlaces(t, dir, Selection{Refs: []string{"HEAD"}, Since: since}, ranged)
		})
	}
}

// checkPlaces compares the places of every blob with what the oracle holds.
func checkPlaces(t *testing.T, dir string, sel Selection, o *oracle) {
	t.Helper()
	want := o.all()
	opt := PlaceOptions{Workers: 3, Blobs: map[scanner.ObjectID]bool{}}
	for s := range want {
		opt.Blobs[s.blob] = true
	}
	h, err := open(t, dir).Places(t.Context(), sel, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Gaps) > 0 {
		t.Errorf("gaps %v", h.Gaps)
	}
	if h.Commits != len(o.order) {
		t.Errorf("%d commits, want %d", h.Commits, len(o.order))
	}
	got := map[standing]bool{}
	for _, p := range h.Places {
		got[standing{p.Blob, p.Path}] = true
		if err := o.check(p); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for s := range want {
		if !got[s] {
			t.Errorf("%v is not found", s)
		}
	}
	if len(got) != len(want) || len(got) != len(h.Places) {
		t.Errorf("%d places, %d of them different, want %d", len(h.Places), len(got), len(want))
	}
}

// TestTreeAtManyPaths: one tree and one blob stand at more paths than are looked at
// one after another, not all of them from the same commit on.
func TestTreeAtManyPaths(t *testing.T) {
	dir := initRepo(t)
	im := &importer{}
	for n := range 3 {
		var parents []int
		if n > 0 {
			parents = []int{n - 1}
		}
		im.commit("refs/heads/main", 1700000000+n, parents)
		for i := range 3 * fewStays {
			im.file(fmt.Sprintf("d%d/e/f", i*(n+1)), "the same\n")
		}
		if n == 2 {
			im.remove("d0/e/f")
		}
	}
	im.run(t, dir)
	checkPlaces(t, dir, Selection{}, readOracle(t, dir, "--all"))
}

// TestCrowdedTrees: more directories than may be noted are a gap.
func TestCrowdedTrees(t *testing.T) {
	var tree []byte
	for i := range 3 {
		tree = fmt.Appendf(tree, "40000 d%d\x00%020d", i, i)
	}
	for _, most := range []int{2, 3} {
		r := newTestReader(tree)
		r.most = most
		r.read(&found{id: make([]byte, 20), data: tree}, nil)
		r.check()
		r.x.missing = r.lost.list
		x := r.x
		x.join([]*treeReader{r.treeReader})
		if len(x.intros) != most || (len(x.gaps) > 0) != (most < 3) {
			t.Errorf("%d may be noted: %d are, gaps %v", most, len(x.intros), x.gaps)
		}
	}
}
