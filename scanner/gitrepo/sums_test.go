package gitrepo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSkippedPack leaves out each of two packs that share objects: what is left
// is visited once, and what the skipped pack holds is not visited in the other.
func TestSkippedPack(t *testing.T) {
	dir := initRepo(t)
	fill(t, dir, 20)
	git(t, dir, "repack", "-adq")
	write(t, dir, "late.txt", "late\n")
	commit(t, dir, "later.txt", "later\n")
	list := git(t, dir, "rev-list", "--objects", "--all")
	gitIn(t, dir, strings.NewReader(list), "pack-objects", "-q", filepath.Join(dir, ".git/objects/pack/pack"))
	git(t, dir, "prune-packed", "-q")
	all, stats, _ := walkAll(t, open(t, dir), WalkOptions{})
	sums, err := open(t, dir).PackSums(t.Context(), 3)
	if err != nil || len(sums) != 2 {
		t.Fatalf("sums %v, %v", sums, err)
	}
	left := 0
	for _, skip := range sums {
		r := open(t, dir)
		rest, part, _ := walkAll(t, r, WalkOptions{SkipPack: func(name string) bool { return name == skip.Name }})
		for id := range rest {
			if pack, _, ok := r.PackRow(id); ok && pack == skip.Name {
				t.Errorf("%s of the skipped pack is visited", id)
			}
		}
		held := 0
		for id := range all {
			h, _ := r.fromID(id)
			if _, there := r.packNamed(skip.Name).idx.find(h[:r.hashLen]); there {
				held++
				if rest[id] != nil {
					t.Errorf("%s stands in the skipped pack and is visited", id)
				}
			}
		}
		if part.Blobs+held != stats.Blobs {
			t.Errorf("%d visited, %d skipped, %d in all", part.Blobs, held, stats.Blobs)
		}
		left += part.Blobs
	}
	if left == 0 {
		t.Error("nothing was left to visit in either: this test proves nothing")
	}
}

func (r *Repo) packNamed(name string) *pack {
	for _, p := range r.packs {
		if p.name() == name {
			return p
		}
	}
	return nil
}

func TestPackSumsTellContent(t *testing.T) {
	dir := initRepo(t)
	fill(t, dir, 10)
	git(t, dir, "gc", "-q")
	sum := func() PackSum {
		sums, err := open(t, dir).PackSums(t.Context(), 1)
		if err != nil || len(sums) != 1 {
			t.Fatalf("sums %v, %v", sums, err)
		}
		return sums[0]
	}
	before := sum()
	if again := sum(); again != before {
		t.Errorf("sum %x, then %x", before.Sum, again.Sum)
	}
	r := open(t, dir)
	id := commit(t, dir, "loose.txt", "loose\n")
	if _, _, ok := r.PackRow(id); ok {
		t.Error("a loose commit stands in a pack")
	}
	for row := range r.packs[0].idx.len() {
		id, _ := r.PackID(before.Name, row)
		if pack, at, ok := r.PackRow(id); !ok || pack != before.Name || at != row {
			t.Errorf("row %d: %s %d %t", row, pack, at, ok)
		}
	}
	if _, ok := r.PackID(before.Name, r.packs[0].idx.len()); ok {
		t.Error("a row beyond the last has an id")
	}
	for _, ext := range []string{".pack", ".idx"} {
		name := r.packs[0].path + ext
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)-70] ^= 1 // in the last object; in the last offsets
		os.Chmod(name, 0o644)
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if after := sum(); after.Sum == before.Sum || after.Name != before.Name {
			t.Errorf("%s was changed, its sum was not", ext)
		}
		data[len(data)-70] ^= 1
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
