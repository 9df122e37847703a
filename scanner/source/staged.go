package source

import (
	"bytes"
	"context"
	"errors"
	"sort"

	"github.com/credgate/credgate/scanner"
)

// A Repository is what a work tree and an index are read from.
// *gitrepo.Repo is one.
type Repository interface {
	Objects
	WorkTree() string  // its directory; "" when bare
	GitDir() string    // holds HEAD and index
	CommonDir() string // holds info/exclude
	HashLen() int      // 20 or 32
}

// Staged is what the index holds and HEAD's tree does not hold at that path:
// what was added, changed, renamed, and every stage of an unmerged path. head
// is HEAD's tree or commit, "" when it is unborn: then all of the index.
// Directories that the index remembers as written are passed over by id.
func Staged(repo Repository, head scanner.ObjectID) *Place {
	return &Place{func(ctx context.Context) *Listing {
		d := indexDiff{treeWalk{ctx: ctx, objects: repo}}
		ix, err := readIndex(repo.GitDir(), repo.HashLen())
		if err != nil {
			return &Listing{entries: []entry{{path: "", gap: indexGap(err)}}}
		}
		if head != "" {
			var gap *scanner.Gap
			if head, gap = d.peel(head); gap != nil {
				d.out, head = append(d.out, entry{gap: gap}), ""
			}
		}
		d.diff(ix.entryList, "", ix.cache, head, 0)
		return &Listing{entries: d.out, objects: repo}
	}}
}

func indexGap(err error) *scanner.Gap {
	g := scanner.Gap{Reason: scanner.Unreadable, Detail: "reading the index: " + err.Error()}
	if errors.Is(err, errIndex) {
		g.Reason = scanner.Corrupt
	}
	return &g
}

// An indexDiff lists what stands in an index and not in a tree.
type indexDiff struct{ treeWalk }

// diff compares the entries of directory path ("" or ending in a slash) with
// tree, "" for none.
func (d *indexDiff) diff(entries entryList, path string, cache *cacheTree, tree scanner.ObjectID, depth int) {
	if d.ctx.Err() != nil || cache.is(tree, entries.len()) {
		return
	}
	if depth > maxDepth {
		d.gap(path, "", scanner.TooDeep, "over 512 directories deep")
		return
	}
	old := d.nodes(tree, path)
	for entries.len() > 0 {
		e := entries.get(0)
		rest := e.path[len(path):]
		slash := bytes.IndexByte(rest, '/')
		if slash < 0 {
			d.file(&e, old[string(rest)])
			entries = entries.cut(1, entries.len())
			continue
		}
		name := string(rest[:slash])
		n := d.below(entries, path+name+"/", cache.sub(name))
		was := old[name]
		if was.mode&modeType != modeDir {
			was.id = ""
		}
		if e.mode&modeType == modeDir && slash == len(rest)-1 {
			d.sparse(&e, path+name+"/", was.id, depth+1)
		} else {
			d.diff(entries.cut(0, n), path+name+"/", cache.sub(name), was.id, depth+1)
		}
		entries = entries.cut(n, entries.len())
	}
}

// is tells whether the directory would be written as tree. A count that does
// not fit makes the cache worthless.
func (c *cacheTree) is(tree scanner.ObjectID, count int) bool {
	return c != nil && tree != "" && c.count == count && (&indexEntry{id: c.id}).objectID() == tree
}

// below counts the leading entries under path.
func (d *indexDiff) below(entries entryList, path string, cache *cacheTree) int {
	n := entries.len()
	under := func(i int) bool { return bytes.HasPrefix(entries.get(i).path, []byte(path)) }
	if cache != nil && 0 < cache.count && cache.count <= n &&
		under(cache.count-1) && (cache.count == n || !under(cache.count)) {
		return cache.count
	}
	return max(1, sort.Search(n, func(i int) bool { return !under(i) }))
}

func (d *indexDiff) nodes(tree scanner.ObjectID, path string) map[string]node {
	if tree == "" {
		return nil
	}
	nodes, gap := d.tree(tree, path)
	if gap != nil {
		d.out = append(d.out, entry{path: gap.Path, gap: gap})
	}
	m := make(map[string]node, len(nodes))
	for _, n := range nodes {
		m[n.name] = n
	}
	return m
}

func (d *indexDiff) file(e *indexEntry, was node) {
	id := e.objectID()
	if e.flags&intentToAdd != 0 || id == was.id {
		return
	}
	d.blob(string(e.path), e.mode, id)
}

// sparse compares a directory that the index holds as a tree.
func (d *indexDiff) sparse(e *indexEntry, path string, tree scanner.ObjectID, depth int) {
	if e.objectID() != tree {
		d.trees(e.objectID(), tree, path, depth)
	}
}

func (d *indexDiff) trees(now, was scanner.ObjectID, path string, depth int) {
	if depth > maxDepth || len(d.out) > MaxFiles {
		d.gap(path, now, scanner.TooDeep, "too deep or too many files")
		return
	}
	nodes, gap := d.tree(now, path)
	if gap != nil {
		d.out = append(d.out, entry{path: gap.Path, gap: gap})
	}
	old := d.nodes(was, path)
	for _, n := range nodes {
		o := old[n.name]
		switch {
		case o.id == n.id:
		case n.mode&modeType != modeDir:
			d.blob(path+n.name, n.mode, n.id)
		case o.mode&modeType == modeDir:
			d.trees(n.id, o.id, path+n.name+"/", depth+1)
		default:
			d.trees(n.id, "", path+n.name+"/", depth+1)
		}
	}
}
