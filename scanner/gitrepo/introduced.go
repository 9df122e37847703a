package gitrepo

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"

	"github.com/credgate/credgate/scanner"
)

// A Range is what a run of commits brought in.
type Range struct {
	Places  []Place // by path, blob; without Last, which Places tells
	Commits int
	Gaps    []scanner.Gap
}

// Introduced finds the blobs that the commits of since..tip brought in: that stand
// in the tree of one of them at a path where no parent holds the same, and nowhere
// in the commits that the range starts from. So what a merge alone holds is
// found, and a file that was moved is not. It reads as many trees as the range
// changed, not the whole store. An empty tip is HEAD.
func (r *Repo) Introduced(ctx context.Context, since, tip string) (Range, error) {
	if tip == "" {
		tip = "HEAD"
	}
	x := &ranger{r: r, ctx: ctx, commits: make(map[scanner.ObjectID]*rangeCommit), found: make(map[placeKey]int)}
	to, err := r.ResolveCommit(tip)
	if err != nil {
		return Range{}, err
	}
	from, err := r.ResolveCommit(since)
	if err != nil {
		return Range{}, err
	}
	if err := x.paint(to, from); err != nil {
		return Range{}, err
	}
	order := x.order()
	for _, c := range order {
		if err := ctx.Err(); err != nil {
			return Range{}, err
		}
		x.compare(c)
	}
	x.dropOld(order)
	x.atTip(to)
	slices.SortFunc(x.places, func(a, b Place) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Blob, b.Blob)) })
	slices.SortFunc(x.gaps, scanner.Gap.Compare)
	return Range{Places: x.places, Commits: len(order), Gaps: slices.Compact(x.gaps)}, nil
}

// GapOf is the gap that an error of this package is, met on reading id.
func GapOf(id scanner.ObjectID, err error) scanner.Gap {
	return scanner.Gap{Object: id, Reason: reasonOf(err), Detail: err.Error()}
}

type placeKey struct {
	blob scanner.ObjectID
	path string
}

// A ranger walks a range of commits.
type ranger struct {
	r       *Repo
	ctx     context.Context
	commits map[scanner.ObjectID]*rangeCommit
	queue   []*rangeCommit // a heap, newest first
	open    int            // in queue and not hidden
	places  []Place
	found   map[placeKey]int
	gaps    []scanner.Gap
	calls   int // of compareTrees
}

// A rangeCommit is a commit that painting has met.
type rangeCommit struct {
	Commit
	hidden bool
	popped bool
}

const (
	// A clock that went wrong may have a commit come up before one that hides it,
	// so painting goes on for some commits after all that are left are hidden.
	paintSlop    = 256
	maxTreeCalls = 20_000_000 // trees compared; more is a tree made to have endless paths
)

func (x *ranger) Len() int           { return len(x.queue) }
func (x *ranger) Less(i, j int) bool { return x.queue[i].Time.After(x.queue[j].Time) }
func (x *ranger) Swap(i, j int)      { x.queue[i], x.queue[j] = x.queue[j], x.queue[i] }
func (x *ranger) Push(c any)         { x.queue = append(x.queue, c.(*rangeCommit)) }
func (x *ranger) Pop() any {
	last := x.queue[len(x.queue)-1]
	x.queue = x.queue[:len(x.queue)-1]
	return last
}

// paint finds the commits that lead to tip, and hides those that lead to since.
func (x *ranger) paint(tip, since scanner.ObjectID) error {
	x.meet(tip, false)
	x.meet(since, true)
	for slop := paintSlop; len(x.queue) > 0; {
		if err := x.ctx.Err(); err != nil {
			return err
		}
		if x.open > 0 {
			slop = paintSlop
		} else if slop--; slop < 0 {
			return nil
		}
		c := heap.Pop(x).(*rangeCommit)
		c.popped = true
		if !c.hidden {
			x.open--
		}
		for _, p := range x.parents(c) {
			x.meet(p, c.hidden)
		}
	}
	return nil
}

// parents are the parents of a commit, none where history is cut off.
func (x *ranger) parents(c *rangeCommit) []scanner.ObjectID {
	if h, err := x.r.fromID(c.ID); err == nil && x.r.shallow[h] {
		return nil
	}
	return c.Parents
}

// meet puts a commit in the queue, or hides one that is known and all that is
// known to lead to it.
func (x *ranger) meet(id scanner.ObjectID, hidden bool) {
	if c, ok := x.commits[id]; ok {
		if hidden {
			x.hide(c)
		}
		return
	}
	commit, err := x.r.Commit(id)
	c := &rangeCommit{Commit: commit, hidden: hidden || err != nil}
	x.commits[id] = c
	if err != nil {
		if !hidden {
			x.gaps = append(x.gaps, GapOf(id, err))
		}
		return
	}
	if !hidden {
		x.open++
	}
	heap.Push(x, c)
}

func (x *ranger) hide(c *rangeCommit) {
	for todo := []*rangeCommit{c}; len(todo) > 0; {
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if c.hidden {
			continue
		}
		c.hidden = true
		if !c.popped {
			x.open--
		}
		for _, p := range x.parents(c) {
			if pc, ok := x.commits[p]; ok {
				todo = append(todo, pc)
			}
		}
	}
}

// order lists the commits of the range, parents before children.
func (x *ranger) order() []*rangeCommit {
	var order []*rangeCommit
	waits := make(map[scanner.ObjectID]int)
	children := make(map[scanner.ObjectID][]*rangeCommit)
	var ready []*rangeCommit
	cut := 0
	for _, c := range x.commits {
		if c.hidden {
			continue
		}
		parents := x.parents(c)
		if len(parents) < len(c.Parents) {
			cut++
		}
		for _, p := range parents {
			if pc := x.commits[p]; pc != nil && !pc.hidden {
				waits[c.ID]++
				children[p] = append(children[p], c)
			}
		}
		if waits[c.ID] == 0 {
			ready = append(ready, c)
		}
	}
	if cut > 0 {
		x.gaps = append(x.gaps, scanner.Gap{Reason: scanner.Shallow, Detail: fmt.Sprintf("the range is cut off at %d commits (hint: fetch-depth: 0, or git fetch --unshallow)", cut)})
	}
	older := func(a, b *rangeCommit) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) }
	for len(ready) > 0 {
		slices.SortFunc(ready, older)
		order = append(order, ready...)
		var next []*rangeCommit
		for _, c := range ready {
			for _, child := range children[c.ID] {
				if waits[child.ID]--; waits[child.ID] == 0 {
					next = append(next, child)
				}
			}
		}
		ready = next
	}
	return order
}

// compare finds what a commit holds and none of its parents does.
func (x *ranger) compare(c *rangeCommit) {
	var trees []scanner.ObjectID
	for _, p := range x.parents(c) {
		if pc := x.commits[p]; pc != nil && pc.Tree != "" {
			trees = append(trees, pc.Tree)
		}
	}
	x.compareTrees(c, "", c.Tree, trees, 0)
}

func (x *ranger) compareTrees(c *rangeCommit, dir string, tree scanner.ObjectID, parents []scanner.ObjectID, depth int) {
	if slices.Contains(parents, tree) {
		return
	}
	x.calls++
	if depth > maxPathDepth || x.calls > maxTreeCalls {
		x.gaps = append(x.gaps, scanner.Gap{Object: tree, Reason: scanner.TooDeep, Detail: fmt.Sprintf("over %d directories deep, or over %d trees", maxPathDepth, maxTreeCalls)})
		return
	}
	before := make(map[string][]scanner.ObjectID)
	for _, p := range parents {
		for e, err := range x.r.Tree(p) {
			if err != nil {
				x.gaps = append(x.gaps, GapOf(p, err))
				break
			}
			before[e.Name] = append(before[e.Name], e.ID)
		}
	}
	for e, err := range x.r.Tree(tree) {
		if err != nil {
			x.gaps = append(x.gaps, GapOf(tree, err))
			return
		}
		switch {
		case slices.Contains(before[e.Name], e.ID):
		case e.IsTree():
			x.compareTrees(c, dir+e.Name+"/", e.ID, x.treesOf(before[e.Name]), depth+1)
		case e.IsBlob():
			x.add(c, dir+e.Name, e.ID)
		}
	}
}

// treesOf keeps the ids of trees: a name may have stood for a file before.
func (x *ranger) treesOf(ids []scanner.ObjectID) []scanner.ObjectID {
	var trees []scanner.ObjectID
	for _, id := range ids {
		if typ, _, err := x.r.Object(id); err == nil && typ == "tree" {
			trees = append(trees, id)
		}
	}
	return trees
}

func (x *ranger) add(c *rangeCommit, path string, blob scanner.ObjectID) {
	key := placeKey{blob, path}
	if _, ok := x.found[key]; ok {
		return
	}
	x.found[key] = len(x.places)
	x.places = append(x.places, Place{Blob: blob, Path: path, First: c.ID, Author: c.Author, Date: c.Date})
}

// dropOld drops blobs that stand somewhere in a commit that the range starts from.
func (x *ranger) dropOld(order []*rangeCommit) {
	if len(x.places) == 0 {
		return
	}
	old := make(map[scanner.ObjectID]bool)
	for _, p := range x.places {
		old[p.Blob] = false
	}
	seen := make(map[scanner.ObjectID]bool)
	for _, c := range order {
		for _, p := range x.parents(c) {
			if pc := x.commits[p]; pc != nil && pc.hidden && pc.Tree != "" {
				x.markOld(pc.Tree, old, seen, 0)
			}
		}
	}
	x.places = slices.DeleteFunc(x.places, func(p Place) bool { return old[p.Blob] })
}

func (x *ranger) markOld(tree scanner.ObjectID, old, seen map[scanner.ObjectID]bool, depth int) {
	if seen[tree] || depth > maxPathDepth || x.ctx.Err() != nil {
		return
	}
	seen[tree] = true
	for e, err := range x.r.Tree(tree) {
		if err != nil {
			// Nothing is dropped for it, so all the more is scanned.
			return
		}
		if e.IsTree() {
			x.markOld(e.ID, old, seen, depth+1)
		} else if _, asked := old[e.ID]; asked {
			old[e.ID] = true
		}
	}
}

func (x *ranger) atTip(tip scanner.ObjectID) {
	for i := range x.places {
		e, err := x.r.Lookup(tip, x.places[i].Path)
		x.places[i].AtTip = err == nil && e.ID == x.places[i].Blob
	}
}
