package gitrepo

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/credgate/credgate/scanner"
)

// A Selection is the part of a history that is asked for; the zero value is what
// all refs lead to.
type Selection struct {
	Refs  []string // revisions to start from; empty takes all refs and HEAD
	Since string   // a revision: what leads to it, itself included, is left out
	// Unreachable asks for blobs as well that no selected ref leads to.
	Unreachable bool
}

// PlaceOptions say which blobs' places are wanted.
type PlaceOptions struct {
	Workers int // 0 takes one for each processor
	Blobs   map[scanner.ObjectID]bool
	// Name, if set, wants each blob that has such a name somewhere, there. It is
	// called by several workers at once, for most names more than once.
	Name func(base []byte) bool
}

// A Place is a path at which a blob stood. First is the oldest commit, parents
// before children, whose tree holds it there, Last the newest. A blob that no
// selected ref leads to has no path and no commits.
type Place struct {
	Blob   scanner.ObjectID
	Path   string // as git stores it; the ref's name for a blob that a ref names outright
	First  scanner.ObjectID
	Author string    // of First, "Name <mail>"
	Date   time.Time // when First was authored
	Last   scanner.ObjectID
	AtTip  bool   // a selected ref's commit holds it there
	Ref    string // the first of those refs, in order of name: HEAD before all others
}

// A History is what Places found.
type History struct {
	Places  []Place // by blob, path
	Refs    int     // followed
	Commits int     // reachable and not left out
	Gaps    []scanner.Gap
}

// Places finds where blobs stood in a selection of history: every path of each,
// through merges as well. It reads every commit and tree of the store once, along
// the deltas, and of the trees only what their bases do not hold. Objects that
// are missing, damaged or cut off are gaps. The error is that of ctx, or why
// the selection cannot be resolved.
func (r *Repo) Places(ctx context.Context, sel Selection, opt PlaceOptions) (History, error) {
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	refs, err := r.selected(sel)
	if err != nil {
		return History{}, err
	}
	g, err := r.readGraph(ctx, opt.Workers)
	if err != nil {
		return History{}, err
	}
	h := &historian{r: r, g: g, sel: sel, tips: g.tips(refs)}
	if err := h.choose(); err != nil {
		return History{}, err
	}
	if h.index, err = r.indexTrees(ctx, opt.Workers, h.wanted(opt), opt.Name); err != nil {
		return History{}, err
	}
	h.links = h.index.findLinks()
	h.propagate()
	return History{Refs: len(h.tips), Commits: len(h.order), Places: h.places(opt), Gaps: h.gaps()}, nil
}

// selected are the refs to start from.
func (r *Repo) selected(sel Selection) ([]Ref, error) {
	if len(sel.Refs) == 0 {
		return r.Refs()
	}
	var refs []Ref
	for _, rev := range sel.Refs {
		id, err := r.Resolve(rev)
		if err != nil {
			return nil, err
		}
		refs = append(refs, Ref{Name: rev, ID: id})
	}
	return refs, nil
}

// A historian puts a History together.
type historian struct {
	r     *Repo
	g     *graph
	sel   Selection
	tips  []tip
	order []int32 // commits, oldest first
	index *treeIndex
	links *links

	paths  []pathNode
	byName map[pathKey]int32
	lately [256]struct { // of byName
		key  pathKey
		path int32
	}
	stays []stay
	first []int32           // of each node, in stays; none where there is none
	byKey map[stayKey]int32 // of the stays of nodes that have many
	deep  bool              // paths were cut off
}

// choose marks the commits of the selection and puts them in order.
func (h *historian) choose() error {
	var nodes []int32
	for _, t := range h.tips {
		if t.kind == kindCommit {
			nodes = append(nodes, t.node)
		}
	}
	h.g.mark(nodes, func(c *commitNode) bool {
		was := c.reachable
		c.reachable = true
		return !was
	})
	if h.sel.Since != "" {
		id, err := h.r.ResolveCommit(h.sel.Since)
		if err != nil {
			return err
		}
		hash, err := h.r.fromID(id)
		if err != nil {
			return err
		}
		node, _ := h.g.s.node(hash[:h.r.hashLen])
		h.g.mark([]int32{node}, func(c *commitNode) bool {
			was := c.hidden
			c.hidden = true
			return !was
		})
	}
	h.order = h.g.sorted()
	return nil
}

// wanted lists the nodes of the wanted blobs.
func (h *historian) wanted(opt PlaceOptions) []int32 {
	var nodes []int32
	for id := range opt.Blobs {
		hash, err := h.r.fromID(id)
		if err != nil {
			continue
		}
		if node, ok := h.g.s.node(hash[:h.r.hashLen]); ok {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// A pathNode is a directory or file name below another.
type pathNode struct {
	parent int32
	name   string
}

type pathKey struct {
	parent int32
	name   nameID
}

// A stayKey is an object at a path.
type stayKey struct{ path, node int32 }

// A stay is the first and last commit, by their place in order, that hold an
// object at a path.
type stay struct {
	key         stayKey
	first, last int32
	next        int32 // of the same node
	tip         int32 // the first tip that holds it, or notAtTip
}

const notAtTip = math.MaxInt32

func (s *stay) merge(o *stay) {
	s.first, s.last, s.tip = min(s.first, o.first), max(s.last, o.last), min(s.tip, o.tip)
}

const (
	maxPathDepth = 1000    // directories
	maxPaths     = 1 << 20 // of directories and files that lead to something wanted
	maxStays     = 8 << 20 // objects at those paths, whole trees of commits not counted
)

const rootPath int32 = 0

// propagate tells each wanted object from which commit to which it stood where:
// first for whole trees of commits, then down their directories, level by level.
func (h *historian) propagate() {
	h.paths = []pathNode{{parent: none}}
	h.byName = make(map[pathKey]int32)
	h.first = fillNone(len(h.links.first))
	h.byKey = make(map[stayKey]int32)
	from := 0
	h.roots()
	roots := len(h.stays)
	for depth := 1; from < len(h.stays); depth++ {
		to := len(h.stays)
		if depth > maxPathDepth {
			h.deep = true
			return
		}
		for ; from < to; from++ {
			if h.below(int32(from)); len(h.paths) > maxPaths || len(h.stays)-roots > maxStays {
				h.deep = true
				return
			}
		}
	}
}

// roots are the trees of commits that something wanted is in.
func (h *historian) roots() {
	tips := make(map[int32]int32)
	for i, t := range slices.Backward(h.tips) {
		switch t.kind {
		case kindCommit:
			tips[t.node] = int32(i)
		case kindTree:
			h.stay(stay{key: stayKey{rootPath, t.node}, first: 1<<31 - 1, last: -1, tip: int32(i)})
		}
	}
	for i, at := range h.order {
		c := &h.g.commits[at]
		if c.tree >= 0 && h.links.first[c.tree] != none {
			tip, ok := tips[c.node]
			if !ok {
				tip = notAtTip
			}
			h.stay(stay{key: stayKey{rootPath, c.tree}, first: int32(i), last: int32(i), tip: tip})
		}
	}
}

// fewStays is how many stays of one node are looked at one after another: most have
// one, but a tree made to be at a million paths must not be looked for among them.
const fewStays = 8

// stay adds a stay, or merges it into the one of its key.
func (h *historian) stay(s stay) {
	n := 0
	for i := h.first[s.key.node]; i != none; i = h.stays[i].next {
		if h.stays[i].key == s.key {
			h.stays[i].merge(&s)
			return
		}
		n++
	}
	s.next = none
	if n < fewStays {
		s.next, h.first[s.key.node] = h.first[s.key.node], int32(len(h.stays))
	} else if i, ok := h.byKey[s.key]; ok {
		h.stays[i].merge(&s)
		return
	} else {
		h.byKey[s.key] = int32(len(h.stays))
	}
	h.stays = append(h.stays, s)
}

// below hands a stay down to what the links of its tree lead to.
func (h *historian) below(at int32) {
	s := h.stays[at]
	for i := h.links.first[s.key.node]; i != none; i = h.links.list[i].next {
		l := &h.links.list[i]
		h.stay(stay{key: stayKey{h.path(s.key.path, l.name), l.child}, first: s.first, last: s.last, tip: s.tip})
	}
}

func (h *historian) path(parent int32, name nameID) int32 {
	key := pathKey{parent, name}
	late := &h.lately[uint32(parent*31+int32(name))%uint32(len(h.lately))]
	if late.key == key && late.path != rootPath {
		return late.path
	}
	p, ok := h.byName[key]
	if !ok {
		p = int32(len(h.paths))
		h.paths = append(h.paths, pathNode{parent, h.index.names[name]})
		h.byName[key] = p
	}
	late.key, late.path = key, p
	return p
}

// text is a path in full.
func (h *historian) text(p int32) string {
	var parts []string
	for ; p != rootPath; p = h.paths[p].parent {
		parts = append(parts, h.paths[p].name)
	}
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}
