package source

import (
	"context"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/credgate/credgate/scanner"
)

// A walker lists a directory tree in order of path. Symlinks are not followed.
type walker struct {
	ctx context.Context
	out []entry
	// git, if set, decides as git does what belongs to a work tree.
	git *workTree
}

// walk lists the directory that root is open on. path is "" for the root, else
// it ends in a slash. tracked are the index entries below path, rules what is
// ignored there; both nil without git. whole tells that the directory itself is
// not ignored, so that untracked files count.
func (w *walker) walk(root *os.Root, path string, depth int, tracked []indexEntry, rules *ruleset, whole bool) {
	if w.ctx.Err() != nil {
		return
	}
	if depth > maxDepth {
		w.gap(path, scanner.TooDeep, "over 512 directories deep", false)
		return
	}
	names, err := w.names(root, path)
	if err != nil {
		g := diskGap(strings.TrimSuffix(path, "/"), err)
		w.out = append(w.out, entry{path: g.Path, gap: g})
	}
	if w.git != nil && whole {
		rules = w.git.rules(w, root, path, names, rules)
	}
	for i := range names {
		if len(w.out) >= MaxFiles {
			w.gap(path+names[i].name, scanner.TooDeep, "over 4194304 files: the rest was not looked at", false)
			return
		}
		w.visit(root, path, depth, &names[i], tracked, rules, whole)
	}
}

func (w *walker) visit(root *os.Root, path string, depth int, n *name, tracked []indexEntry, rules *ruleset, whole bool) {
	full, dir := path+n.name, n.mode.IsDir()
	if n.name == ".git" {
		w.gitDir(path)
		return
	}
	var below []indexEntry
	if w.git != nil {
		var known bool
		below, known = within(tracked, full, dir)
		switch {
		case known && dir:
			return // a submodule, listed with the index
		case known:
			w.git.seen(full)
			w.file(root, full, n)
			return
		}
		whole = whole && !rules.ignored(full, dir)
		if !whole && len(below) == 0 {
			return
		}
	}
	if !dir {
		w.file(root, full, n)
		return
	}
	w.enter(root, full, n.name, depth, below, rules, whole)
}

func (w *walker) enter(root *os.Root, full, name string, depth int, below []indexEntry, rules *ruleset, whole bool) {
	sub, err := root.OpenRoot(name)
	if err != nil {
		w.out = append(w.out, entry{path: full, gap: diskGap(full, err)})
		return
	}
	defer sub.Close()
	if w.git != nil && len(below) == 0 && isRepository(sub) {
		w.gap(full, scanner.Outside, "a repository of its own: scan it by itself", true)
		return
	}
	w.walk(sub, full+"/", depth+1, below, rules, whole)
}

// gitDir tells of a .git below the root. That of the root is the repository's
// own, which history and index are read from.
func (w *walker) gitDir(path string) {
	if path != "" || w.git == nil {
		w.gap(path+".git", scanner.Outside, "git's own data: scan the repository by itself", true)
	}
}

func (w *walker) file(root *os.Root, full string, n *name) {
	switch n.mode.Type() {
	case 0:
		w.out = append(w.out, entry{path: full})
	case fs.ModeSymlink:
		target, err := root.Readlink(n.name)
		if err != nil {
			w.out = append(w.out, entry{path: full, gap: diskGap(full, err)})
			return
		}
		w.out = link(w.out, full, "", []byte(target))
	default:
		w.out = append(w.out, entry{path: full, gap: special(full, n.mode)})
	}
}

func (w *walker) gap(path string, reason scanner.Reason, detail string, minor bool) {
	path = strings.TrimSuffix(path, "/")
	w.out = append(w.out, entry{path: path, gap: &scanner.Gap{Path: path, Reason: reason, Detail: detail, Minor: minor}})
}

// A name is what stands in a directory.
type name struct {
	name string
	mode fs.FileMode
}

// names reads a directory in the order in which paths through it sort: a
// directory sorts as if it ended in a slash.
func (w *walker) names(root *os.Root, path string) ([]name, error) {
	// O_NONBLOCK spares the runtime two calls to set it and take it back.
	f, err := root.OpenFile(".", os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []name
	for {
		list, err := f.ReadDir(4096)
		for _, e := range list {
			out = append(out, name{e.Name(), e.Type()})
		}
		if err == io.EOF || len(out) > MaxFiles {
			break
		}
		if err != nil {
			return sorted(out), err
		}
	}
	return sorted(out), nil
}

func sorted(names []name) []name {
	slices.SortFunc(names, func(a, b name) int {
		if c := strings.Compare(a.name, b.name); c == 0 || !a.mode.IsDir() && !b.mode.IsDir() {
			return c
		}
		return strings.Compare(a.slashed(), b.slashed())
	})
	return names
}

func (n name) slashed() string {
	if n.mode.IsDir() {
		return n.name + "/"
	}
	return n.name
}

// isRepository tells, as git does, a directory that is a work tree of its own
// from one that has something called .git in it.
func isRepository(dir *os.Root) bool {
	info, err := dir.Lstat(".git")
	if err != nil {
		return false
	}
	if info.Mode().IsRegular() {
		f, err := dir.OpenFile(".git", os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return true // what cannot be told is taken for one
		}
		defer f.Close()
		var head [8]byte
		n, _ := io.ReadFull(f, head[:])
		return string(head[:n]) == "gitdir: "
	}
	for _, part := range [...]string{".git/HEAD", ".git/objects", ".git/refs"} {
		if _, err := dir.Lstat(part); err != nil {
			return false
		}
	}
	return info.IsDir()
}
