package gitrepo

import "slices"

// A link is an entry of a tree that leads to something wanted.
type link struct {
	next  int32 // in links, of the same tree; none after the last
	child int32
	name  nameID
}

// links are the entries that lead to something wanted, of each tree.
type links struct {
	x      *treeIndex
	first  []int32 // of each node, in list; none where nothing leads
	list   []link
	stands []stand // memory that follow uses
	limit  int
	full   bool // there were more than limit
}

// maxLinks bounds the memory of links, by a share of what the store's indexes take
// or a floor; a repository where more entries lead to a find is not one that a
// person looks through.
func (l *links) maxLinks() int { return max(16<<20, 4*int(l.x.s.nodes)) }

// findLinks goes up from each wanted object, and from what is missing unless that
// is most of a partial clone, to all trees that hold it and all that hold those.
// It takes the trees where an entry was introduced, and from there down the
// deltas for as long as the entry stands in a zone.
func (x *treeIndex) findLinks() *links {
	l := &links{x: x, first: fillNone(int(x.s.nodes) + len(x.missing))}
	l.limit = l.maxLinks()
	todo := slices.Clone(x.wanted)
	if len(x.missing) <= maxMissing {
		for i := range x.missing {
			todo = append(todo, x.s.nodes+int32(i))
		}
	}
	for len(todo) > 0 && !l.full {
		child := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, in := range x.introsOf(child) {
			todo = l.follow(in, todo)
		}
	}
	return l
}

// A stand is an entry's offset in a tree.
type stand struct{ tree, off int32 }

// follow links an entry in the tree that introduced it and in those made from it,
// and adds the trees that nothing was known to lead from to todo.
func (l *links) follow(in intro, todo []int32) []int32 {
	stands := append(l.stands[:0], stand{in.tree, in.off})
	for len(stands) > 0 {
		at := stands[len(stands)-1]
		stands = stands[:len(stands)-1]
		if len(l.list) == l.limit {
			l.full = true
			return todo
		}
		if l.first[at.tree] == none {
			todo = append(todo, at.tree)
		}
		l.list = append(l.list, link{next: l.first[at.tree], child: in.child, name: in.name})
		l.first[at.tree] = int32(len(l.list) - 1)
		l.made(at.tree, func(tree int32) {
			for _, z := range l.x.zonesOf(tree) {
				if at.off >= z.src && at.off < z.src+z.len {
					stands = append(stands, stand{tree, at.off - z.src + z.dst})
				}
			}
		})
	}
	l.stands = stands
	return todo
}

func (x *treeIndex) zonesOf(tree int32) []zone {
	ref := x.refs[tree]
	if ref == 0 {
		return nil
	}
	return x.zones[ref.worker()][ref.start() : ref.start()+ref.count()]
}

// made calls yield for each tree that is a delta of this one.
func (l *links) made(tree int32, yield func(tree int32)) {
	for _, f := range l.x.s.forests {
		rank := tree - f.base
		if rank >= int32(len(f.rows)) {
			continue
		}
		for c := f.first[rank]; c != none; c = f.next[c] {
			yield(f.base + c)
		}
		return
	}
}
