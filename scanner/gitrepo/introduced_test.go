package gitrepo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

func TestIntroducedEqualsGit(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := initRepo(t)
			branchyHistory(t, dir, rand.New(rand.NewPCG(seed, 9)), 30)
			r := open(t, dir)
			all := strings.Fields(git(t, dir, "rev-list", "--all"))
			for i := 0; i < len(all); i += 6 {
				checkIntroduced(t, dir, r, all[i], "HEAD")
			}
		})
	}
}

// checkIntroduced compares with git's trees: of all that the commits of the range
// hold, what is no blob of the commits before it.
func checkIntroduced(t *testing.T, dir string, r *Repo, since, tip string) {
	t.Helper()
	got, err := r.Introduced(t.Context(), since, tip)
	if err != nil {
		t.Fatal(err)
	}
	o := readOracle(t, dir, since+".."+tip)
	old := map[scanner.ObjectID]bool{}
	for _, parents := range o.parents {
		for _, p := range parents {
			if o.holds[p] == nil {
				for s := range lsTree(t, dir, string(p)) {
					old[s.blob] = true
				}
			}
		}
	}
	want := map[standing]bool{}
	for s := range o.all() {
		if !old[s.blob] {
			want[s] = true
		}
	}
	at := lsTree(t, dir, tip)
	for _, p := range got.Places {
		s := standing{p.Blob, p.Path}
		if !want[s] || !o.holds[p.First][s] || p.AtTip != at[s] {
			t.Errorf("%s..%s: %+v: wanted %v, stands in first %v, at tip %v", since[:8], tip, p, want[s], o.holds[p.First][s], at[s])
		}
		delete(want, s)
	}
	for s := range want {
		t.Errorf("%s..%s: %v is not found", since[:8], tip, s)
	}
	if got.Commits != len(o.order) || len(got.Gaps) > 0 {
		t.Errorf("%s..%s: %d commits, want %d; gaps %v", since[:8], tip, got.Commits, len(o.order), got.Gaps)
	}
}
