package gitrepo

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"

	"github.com/credgate/credgate/scanner"
)

// A graph is the commits of a repository, in order of node until sort.
type graph struct {
	r       *Repo
	s       *store
	commits []commitNode
	parents []int32                      // of all commits, a stretch for each: nodes
	index   []int32                      // of each node in commits, none if it is no commit
	missing map[int32][]scanner.ObjectID // by node of the commit that names them
	gaps    []scanner.Gap
}

// A commitNode is a commit with what leads from it.
type commitNode struct {
	node      int32
	tree      int32 // node; none when it is missing
	from, to  int32 // its parents in graph.parents
	time      int64
	reachable bool
	hidden    bool
}

// absentNode stands for a parent or tree that is not in the store.
const absentNode int32 = -2

// A rawCommit is what one worker makes of a commit.
type rawCommit struct {
	node, tree int32
	time       int64
	parents    []int32
	missing    []scanner.ObjectID
}

// readGraph reads all commits of the store.
func (r *Repo) readGraph(ctx context.Context, workers int) (*graph, error) {
	g := &graph{r: r, s: r.number(workers)}
	var lists [][]rawCommit
	w := newWalk(r, WalkOptions{Workers: workers}, kindCommit, func(worker int) func(*found, struct{}) struct{} {
		lists = append(lists, nil)
		return func(o *found, _ struct{}) struct{} {
			if c, ok := g.parse(o); ok {
				lists[worker] = append(lists[worker], c)
			}
			return struct{}{}
		}
	})
	_, gaps, err := w.run(ctx)
	if err != nil {
		return nil, err
	}
	g.gaps = gaps
	g.join(slices.Concat(lists...))
	return g, nil
}

// parse reads the lines that a commit starts with: tree, parents, author, committer.
func (g *graph) parse(o *found) (rawCommit, bool) {
	c := rawCommit{node: o.node, tree: absentNode}
	data := o.data
	for len(data) > 0 && data[0] != '\n' {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		switch {
		case bytes.HasPrefix(line, []byte("tree ")):
			c.tree = g.lookup(line[5:], &c)
		case bytes.HasPrefix(line, []byte("parent ")):
			if g.r.shallow == nil || !g.r.shallow[toHash(o.id)] {
				c.parents = append(c.parents, g.lookup(line[7:], &c))
			}
		case bytes.HasPrefix(line, []byte("committer ")):
			c.time = stamp(line)
			return c, true
		}
	}
	return c, true
}

func (g *graph) lookup(text []byte, c *rawCommit) int32 {
	var h hash
	if len(text) == 2*g.r.hashLen {
		if _, err := hex.Decode(h[:], text); err == nil {
			if node, ok := g.s.node(h[:g.r.hashLen]); ok {
				return node
			}
			c.missing = append(c.missing, scanner.ObjectID(text))
		}
	}
	return absentNode
}

// stamp is the time in a committer line, 0 when there is none.
func stamp(line []byte) int64 {
	i := bytes.LastIndexByte(line, '>')
	if i < 0 {
		return 0
	}
	f := bytes.Fields(line[i+1:])
	if len(f) == 0 {
		return 0
	}
	v, err := strconv.ParseInt(string(f[0]), 10, 64)
	if err != nil {
		return 0
	}
	return v
}

func (g *graph) join(list []rawCommit) {
	slices.SortFunc(list, func(a, b rawCommit) int { return cmp.Compare(a.node, b.node) })
	g.index = fillNone(int(g.s.nodes))
	g.commits = make([]commitNode, 0, len(list))
	g.missing = make(map[int32][]scanner.ObjectID)
	for i, c := range list {
		g.index[c.node] = int32(i)
		from := int32(len(g.parents))
		if c.missing != nil {
			g.missing[c.node] = c.missing
		}
		g.parents = append(g.parents, c.parents...)
		g.commits = append(g.commits, commitNode{node: c.node, tree: c.tree, from: from, to: int32(len(g.parents)), time: c.time})
	}
}

func (g *graph) id(node int32) scanner.ObjectID { return hexID(g.s.id(node)) }

// at gives the commit of a node, nil if it is none.
func (g *graph) at(node int32) *commitNode {
	if node < 0 || g.index[node] == none {
		return nil
	}
	return &g.commits[g.index[node]]
}

// mark calls set for each commit that leads from the tips, until set refuses one
// because it has been there.
func (g *graph) mark(tips []int32, set func(*commitNode) bool) {
	todo := slices.Clone(tips)
	for len(todo) > 0 {
		c := g.at(todo[len(todo)-1])
		todo = todo[:len(todo)-1]
		if c == nil || !set(c) {
			continue
		}
		todo = append(todo, g.parents[c.from:c.to]...)
	}
}

// sorted gives the commits that are reachable and not hidden: parents before
// children, and of those that could be next the oldest.
func (g *graph) sorted() []int32 {
	waits := make([]int32, len(g.commits)) // parents to come
	kids := make([]int32, len(g.commits)+1)
	each := func(f func(child, parent int32)) {
		for i := range g.commits {
			c := &g.commits[i]
			if !c.wanted() {
				continue
			}
			for _, p := range g.parents[c.from:c.to] {
				if pc := g.at(p); pc != nil && pc.wanted() {
					f(int32(i), g.index[p])
				}
			}
		}
	}
	each(func(child, parent int32) { waits[child]++; kids[parent+1]++ })
	for i := range g.commits {
		kids[i+1] += kids[i]
	}
	lists := make([]int32, kids[len(g.commits)])
	fill := slices.Clone(kids)
	each(func(child, parent int32) { lists[fill[parent]] = child; fill[parent]++ })

	h := &commitHeap{g: g}
	for i := range g.commits {
		if g.commits[i].wanted() && waits[i] == 0 {
			h.list = append(h.list, int32(i))
		}
	}
	heap.Init(h)
	var order []int32
	for len(h.list) > 0 {
		i := heap.Pop(h).(int32)
		order = append(order, i)
		for _, child := range lists[kids[i]:kids[i+1]] {
			if waits[child]--; waits[child] == 0 {
				heap.Push(h, child)
			}
		}
	}
	return order
}

func (c *commitNode) wanted() bool { return c.reachable && !c.hidden }

// A commitHeap gives the oldest commit first, and of two as old the one with the lesser id.
type commitHeap struct {
	g    *graph
	list []int32
}

func (h *commitHeap) Len() int { return len(h.list) }
func (h *commitHeap) Less(i, j int) bool {
	a, b := &h.g.commits[h.list[i]], &h.g.commits[h.list[j]]
	return cmp.Or(cmp.Compare(a.time, b.time), bytes.Compare(h.g.s.id(a.node), h.g.s.id(b.node))) < 0
}
func (h *commitHeap) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *commitHeap) Push(x any)    { h.list = append(h.list, x.(int32)) }
func (h *commitHeap) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}

// A tip is where a ref leads: a commit, or for an odd tag a tree or blob.
type tip struct {
	name string
	node int32
	kind kind
}

// tips finds what refs lead to. One that cannot be followed is a gap.
func (g *graph) tips(refs []Ref) []tip {
	var tips []tip
	for _, ref := range refs {
		t, err := g.tip(ref)
		if err != nil {
			g.gaps = append(g.gaps, scanner.Gap{Object: ref.ID, Reason: reasonOf(err), Detail: "following " + strconv.Quote(ref.Name) + ": " + err.Error()})
			continue
		}
		tips = append(tips, t)
	}
	return tips
}

func (g *graph) tip(ref Ref) (tip, error) {
	if ref.ID == "" {
		return tip{}, errors.Join(ErrMissing, errors.New("ref leads to nothing"))
	}
	h, err := g.r.fromID(ref.ID)
	if err != nil {
		return tip{}, err
	}
	if node, ok := g.s.node(h[:g.r.hashLen]); ok && g.at(node) != nil {
		return tip{ref.Name, node, kindCommit}, nil
	}
	id, err := g.r.peel(ref.ID, 0)
	if err != nil {
		return tip{}, err
	}
	if h, err = g.r.fromID(id); err != nil {
		return tip{}, err
	}
	node, ok := g.s.node(h[:g.r.hashLen])
	if !ok {
		return tip{}, ErrMissing
	}
	if g.at(node) != nil {
		return tip{ref.Name, node, kindCommit}, nil
	}
	typ, _, err := g.r.Object(id)
	if typ == "tree" {
		return tip{ref.Name, node, kindTree}, err
	}
	return tip{ref.Name, node, kindBlob}, err
}
