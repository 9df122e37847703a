package gitrepo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/credgate/credgate/scanner"
)

// A graph is the commits of a repository.
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
	node int32
	ids  int32 // how many ids it names: a tree, parents
	tree int32 // which of them is the tree; none if none is
	time int64
}

// commitHead is how many bytes of a commit are read at first: mostly what stands
// before its message.
const commitHead = 320

// A commitReader reads commits for one worker.
type commitReader struct {
	g       *graph
	commits []rawCommit
	ids     []byte // that they name, one behind another
	gaps    []scanner.Gap
}

// readGraph reads all commits of the store.
func (r *Repo) readGraph(ctx context.Context, workers int) (*graph, error) {
	g := &graph{r: r, s: r.number(workers)}
	var readers []*commitReader
	w := newWalk(r, WalkOptions{Workers: workers, head: commitHead}, kindCommit, func(int) func(*found, struct{}) struct{} {
		k := &commitReader{g: g}
		readers = append(readers, k)
		return k.read
	})
	_, gaps, err := w.run(ctx)
	if err != nil {
		return nil, err
	}
	g.gaps = gaps
	for _, k := range readers {
		g.gaps = append(g.gaps, k.gaps...)
	}
	g.join(readers)
	return g, nil
}

// read notes a commit.
func (k *commitReader) read(o *found, _ struct{}) struct{} {
	ids := len(k.ids)
	c, ok := k.parse(o.id, o.data)
	if !ok && o.cut {
		k.ids = k.ids[:ids]
		_, data, err := k.g.r.Object(hexID(o.id))
		if err != nil {
			k.gaps = append(k.gaps, GapOf(hexID(o.id), err))
			return struct{}{}
		}
		c, _ = k.parse(o.id, data)
	}
	c.node = o.node
	k.commits = append(k.commits, c)
	return struct{}{}
}

// parse reads the lines that a commit starts with: tree, parents, author,
// committer. It is not ok if the last did not come.
func (k *commitReader) parse(id, data []byte) (c rawCommit, ok bool) {
	c.tree = none
	for len(data) > 0 && data[0] != '\n' {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		data = rest
		switch {
		case bytes.HasPrefix(line, []byte("tree ")):
			if k.name(line[5:], &c) {
				c.tree = c.ids - 1
			}
		case bytes.HasPrefix(line, []byte("parent ")):
			if k.g.r.shallow == nil || !k.g.r.shallow[toHash(id)] {
				k.name(line[7:], &c)
			}
		case bytes.HasPrefix(line, []byte("committer ")):
			c.time = stamp(line)
			return c, whole
		}
	}
	return c, false
}

// name adds an id that a commit names.
func (k *commitReader) name(text []byte, c *rawCommit) bool {
	n := k.g.r.hashLen
	if len(text) != 2*n {
		return false
	}
	at := len(k.ids)
	k.ids = append(k.ids, text[:n]...)
	if _, err := hex.Decode(k.ids[at:], text); err != nil {
		k.ids = k.ids[:at]
		return false
	}
	c.ids++
	return true
}

// stamp is the time in a committer line, 0 when there is none.
func stamp(line []byte) int64 {
	i := bytes.LastIndexByte(line, '>')
	if i < 0 {
		return 0
	}
	for field := range bytes.FieldsSeq(line[i+1:]) {
		if v, err := strconv.ParseInt(string(field), 10, 64); err == nil {
			return v
		}
		break
	}
	return 0
}

// join finds what the commits name.
func (g *graph) join(readers []*commitReader) {
	n := 0
	for _, k := range readers {
		n += len(k.commits)
	}
	g.index = fillNone(int(g.s.nodes))
	g.commits = make([]commitNode, 0, n)
	g.missing = make(map[int32][]scanner.ObjectID)
	for _, k := range readers {
		nodes, ids := g.s.nodesOf(k.ids, nil), k.ids
		for _, c := range k.commits {
			g.index[c.node] = int32(len(g.commits))
			from := int32(len(g.parents))
			tree := absentNode
			for i, node := range nodes[:c.ids] {
				if node == none {
					node = absentNode
					g.missing[c.node] = append(g.missing[c.node], hexID(ids[i*g.r.hashLen:(i+1)*g.r.hashLen]))
				}
				if int32(i) == c.tree {
					tree = node
				} else {
					g.parents = append(g.parents, node)
				}
			}
			nodes, ids = nodes[c.ids:], ids[int(c.ids)*g.r.hashLen:]
			g.commits = append(g.commits, commitNode{node: c.node, tree: tree, from: from, to: int32(len(g.parents)), time: c.time})
		}
		*k = commitReader{}
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

	byAge := g.byAge()
	ages := make([]int32, len(byAge)) // places in it
	for age, i := range byAge {
		ages[i] = int32(age)
	}
	var next minHeap
	for i := range g.commits {
		if g.commits[i].wanted() && waits[i] == 0 {
			next.push(ages[i])
		}
	}
	order := make([]int32, 0, len(g.commits))
	for len(next) > 0 {
		i := byAge[next.pop()]
		order = append(order, i)
		for _, child := range lists[kids[i]:kids[i+1]] {
			if waits[child]--; waits[child] == 0 {
				next.push(ages[child])
			}
		}
	}
	return order
}

func (c *commitNode) wanted() bool { return c.reachable && !c.hidden }

// byAge lists all commits, the oldest first, and of two as old the one with the lesser id.
func (g *graph) byAge() []int32 {
	type aged struct {
		time int64
		i    int32
	}
	list := make([]aged, len(g.commits))
	for i := range g.commits {
		list[i] = aged{g.commits[i].time, int32(i)}
	}
	slices.SortFunc(list, func(a, b aged) int {
		if a.time != b.time {
			return cmp.Compare(a.time, b.time)
		}
		return bytes.Compare(g.s.id(g.commits[a.i].node), g.s.id(g.commits[b.i].node))
	})
	order := make([]int32, len(list))
	for k := range list {
		order[k] = list[k].i
	}
	return order
}

// A minHeap gives the least first.
type minHeap []int32

func (h *minHeap) push(v int32) {
	s := append(*h, v)
	i := len(s) - 1
	for ; i > 0 && s[(i-1)/2] > v; i = (i - 1) / 2 {
		s[i] = s[(i-1)/2]
	}
	s[i] = v
	*h = s
}

func (h *minHeap) pop() int32 {
	s := *h
	least, v := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	i := 0
	for k := 1; k < len(s); k = 2*i + 1 {
		if k+1 < len(s) && s[k+1] < s[k] {
			k++
		}
		if s[k] >= v {
			break
		}
		s[i] = s[k]
		i = k
	}
	if len(s) > 0 {
		s[i] = v
	}
	return least
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
		return tip{}, fmt.Errorf("ref leads to nothing: %w", ErrMissing)
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
