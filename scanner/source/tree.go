package source

import (
	"bytes"
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// Commit is the tree of a commit, or a tree itself, by its id: all its files,
// from the object store.
func Commit(objects Objects, id scanner.ObjectID) *Place {
	return &Place{func(ctx context.Context) *Listing {
		w := treeWalk{ctx: ctx, objects: objects}
		tree, gap := w.peel(id)
		if gap != nil {
			return &Listing{entries: []entry{{gap: gap}}}
		}
		w.walk(tree, "", 0)
		return &Listing{entries: w.out, objects: objects}
	}}
}

// A treeWalk lists trees of the object store.
type treeWalk struct {
	ctx     context.Context
	objects Objects
	out     []entry
}

// peel goes from a tag or commit to its tree.
func (w *treeWalk) peel(id scanner.ObjectID) (scanner.ObjectID, *scanner.Gap) {
	for range maxDepth {
		kind, data, err := w.objects.Object(id)
		if err != nil {
			return "", objectGap("", id, err)
		}
		header := map[string]string{"commit": "tree ", "tag": "object "}[kind]
		if kind == "tree" {
			return id, nil
		}
		line, _, _ := bytes.Cut(data, []byte{'\n'})
		next, ok := bytes.CutPrefix(line, []byte(header))
		if header == "" || !ok || !isHex(next, len(id)) {
			return "", &scanner.Gap{Object: id, Reason: scanner.Corrupt, Detail: "a commit was expected, the object is a " + kind + " or is malformed"}
		}
		id = scanner.ObjectID(next)
	}
	return "", &scanner.Gap{Object: id, Reason: scanner.TooDeep, Detail: "a tag of a tag, 512 deep"}
}

func isHex(b []byte, length int) bool {
	_, err := hex.DecodeString(string(b))
	return err == nil && len(b) == length
}

// walk puts the files of a tree. path is "" or ends in a slash.
func (w *treeWalk) walk(id scanner.ObjectID, path string, depth int) {
	if w.ctx.Err() != nil || len(w.out) > MaxFiles {
		return
	}
	if depth > maxDepth {
		w.gap(path, id, scanner.TooDeep, "over 512 directories deep")
		return
	}
	nodes, gap := w.tree(id, path)
	if gap != nil {
		w.out = append(w.out, entry{path: gap.Path, gap: gap})
	}
	for _, n := range nodes {
		if w.put(n, path+n.name, depth); len(w.out) > MaxFiles {
			w.gap(path+n.name, id, scanner.TooDeep, "over 4194304 files: the rest was not looked at")
			return
		}
	}
}

func (w *treeWalk) put(n node, full string, depth int) {
	switch n.mode & modeType {
	case modeDir:
		w.walk(n.id, full+"/", depth+1)
	default:
		w.blob(full, n.mode, n.id)
	}
}

// blob puts what is no tree: a file, a symlink, a submodule.
func (w *treeWalk) blob(path string, mode uint32, id scanner.ObjectID) {
	switch mode & modeType {
	case modeGitlink:
		w.out = append(w.out, submodule(path, id))
	case modeSymlink:
		kind, target, err := w.objects.Object(id)
		if err != nil || kind != "blob" || len(target) > 1<<16 {
			w.out = append(w.out, entry{path: path, id: id}) // its reader tells
			return
		}
		w.out = link(w.out, path, id, target)
	default:
		w.out = append(w.out, entry{path: path, id: id})
	}
}

func (w *treeWalk) gap(path string, id scanner.ObjectID, reason scanner.Reason, detail string) {
	path = strings.TrimSuffix(path, "/")
	w.out = append(w.out, entry{path: path, gap: &scanner.Gap{Path: path, Object: id, Reason: reason, Detail: detail}})
}

// A node is an entry of a tree object.
type node struct {
	name string
	mode uint32
	id   scanner.ObjectID
}

// tree reads a tree object. With a gap it gives the nodes before the damage.
func (w *treeWalk) tree(id scanner.ObjectID, path string) ([]node, *scanner.Gap) {
	path = strings.TrimSuffix(path, "/")
	kind, data, err := w.objects.Object(id)
	if err != nil {
		return nil, objectGap(path, id, err)
	}
	bad := &scanner.Gap{Path: path, Object: id, Reason: scanner.Corrupt, Detail: "a tree was expected, the object is a " + kind}
	if kind != "tree" {
		return nil, bad
	}
	bad.Detail = "the tree object is malformed"
	var nodes []node
	for size := len(id) / 2; len(data) > 0; {
		head, rest, ok := bytes.Cut(data, []byte{0})
		mode, name, ok2 := bytes.Cut(head, []byte{' '})
		m, err := strconv.ParseUint(string(mode), 8, 32)
		if !ok || !ok2 || err != nil || len(name) == 0 || bytes.IndexByte(name, '/') >= 0 || len(rest) < size {
			return nodes, bad
		}
		nodes = append(nodes, node{string(name), uint32(m), scanner.ObjectID(hex.EncodeToString(rest[:size]))})
		data = rest[size:]
	}
	return nodes, nil
}
