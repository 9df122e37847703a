// Package source reads the places that a scan looks at, other than history: the
// work tree of a git repository, its index, the tree of a commit, a directory,
// a file, standard input.
//
// Each is a Place. Its files come in order of path, one after another (Files)
// or side by side (List, then Listing.Each). Nothing of a scanned repository is
// run and nothing outside its root is opened: disk is read through os.Root, a
// symlink is its target's text, as git stores it, and is never followed.
package source

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// Limits. Passing one makes a Gap.
const (
	MaxFile  = 256 << 20 // bytes of one file
	MaxFiles = 4 << 20   // files of one place
	maxDepth = 512       // directories below the root
	maxRules = 8 << 20   // bytes of one ignore file
	maxIndex = 2 << 30   // bytes of an index
)

// Objects reads a repository's objects: kind is "blob", "tree", "commit" or
// "tag", data is the caller's.
type Objects interface {
	Object(id scanner.ObjectID) (kind string, data []byte, err error)
}

// A Place is somewhere that files are. It is a scanner.Source. The zero value
// holds no file.
type Place struct {
	list func(ctx context.Context) *Listing
}

// List finds the names of all files, and reads none. What could not be found
// out stands in the list as a gap, so that len and order are the same from run
// to run.
func (p *Place) List(ctx context.Context) *Listing {
	if p.list == nil {
		return &Listing{}
	}
	l := p.list(ctx)
	byPath := func(a, b entry) int { return strings.Compare(a.path, b.path) }
	if !slices.IsSortedFunc(l.entries, byPath) { // gaps of directories, and what is listed apart
		slices.SortStableFunc(l.entries, byPath)
	}
	return l
}

// Files implements scanner.Source. One path may come twice: as a file and as a
// minor gap (a symlink that points out of the place), or as a file for each
// stage of an unmerged path.
func (p *Place) Files(ctx context.Context) iter.Seq2[scanner.File, *scanner.Gap] {
	return func(yield func(scanner.File, *scanner.Gap) bool) {
		l := p.List(ctx)
		r := l.reader()
		defer r.close()
		for i := range l.entries {
			if ctx.Err() != nil {
				yield(scanner.File{}, cancelled())
				return
			}
			if !yield(r.read(&l.entries[i])) {
				return
			}
		}
		if ctx.Err() != nil {
			yield(scanner.File{}, cancelled())
		}
	}
}

func cancelled() *scanner.Gap {
	return &scanner.Gap{Reason: scanner.Cancelled, Detail: "the run ended before all files were read"}
}

// An entry is a file yet to be read, or a gap. At most one of the fields below
// path is set and tells where its content is; none means on disk, at path.
type entry struct {
	path string
	id   scanner.ObjectID // in the object store
	disk string           // on disk, by another name
	data []byte           // here: a symlink's target, standard input; never nil then
	gap  *scanner.Gap     // nowhere
}

// escapes tells whether a symlink at path points out of the root by its text.
func escapes(path, target string) bool {
	if strings.HasPrefix(target, "/") {
		return true
	}
	depth := strings.Count(path, "/")
	for part := range strings.SplitSeq(target, "/") {
		switch part {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

func outsideLink(path string) *scanner.Gap {
	return &scanner.Gap{
		Path: path, Reason: scanner.Outside, Minor: true,
		Detail: "symlink out of the place: its text was scanned, its target was not",
	}
}

// link puts a symlink with what it points to and, if that is out of the place,
// the gap that tells so.
func link(out []entry, path string, id scanner.ObjectID, target []byte) []entry {
	out = append(out, entry{path: path, id: id, data: append([]byte{}, target...)})
	if escapes(path, string(target)) {
		out = append(out, entry{path: path, gap: outsideLink(path)})
	}
	return out
}

func submodule(path string, id scanner.ObjectID) entry {
	return entry{path: path, gap: &scanner.Gap{
		Path: path, Object: id, Reason: scanner.Outside, Minor: true,
		Detail: "a submodule: scan its repository by itself",
	}}
}
