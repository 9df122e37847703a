package pipeline

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"iter"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
	"golang.org/x/sync/errgroup"
)

// A Tree gives the other files of the place that a document stands in.
type Tree interface {
	// Open gives the content of a regular file by its slash-separated path from
	// the root. It follows no symlink and leaves the tree by no path.
	Open(path string) ([]byte, error)
	// Glob gives the paths that match a pattern of doublestar, sorted.
	Glob(pattern string) []string
}

// Result is what the documents of a place hold.
type Result struct {
	Occurrences []Occurrence // sorted by place
	Gaps        []scanner.Gap
	Documents   int // read as documents
}

// Read reads the files that are documents of some dialect, with that many
// workers. Others are passed over, so files may hold any; Candidate tells which
// are worth handing over. Tree answers for files that documents name; nil takes
// those handed over. The result is the same at any number of workers. A
// cancelled context gives what was read, and a gap.
func Read(ctx context.Context, files iter.Seq[scanner.File], tree Tree, workers int) Result {
	return read(ctx, files, &reading{tree: tree}, workers)
}

func read(ctx context.Context, files iter.Seq[scanner.File], r *reading, workers int) Result {
	docs, size := map[string]source{}, 0
	var res Result
	for f := range files {
		dl := recognise(f.Path, f.Data[:min(len(f.Data), HeadSize)])
		if ctx.Err() != nil || dl == nil {
			continue
		}
		if len(f.Data) > maxFile || size+len(f.Data) > maxTree {
			res.Gaps = append(res.Gaps, scanner.Gap{Path: f.Path, Object: f.ID, Reason: scanner.TooLarge,
				Detail: "a document over the size that is read for connections"})
			continue
		}
		size += len(f.Data)
		docs[f.Path] = source{dl, bytes.Clone(f.Data)}
	}
	if r.tree == nil {
		t := make(MapTree, len(docs))
		for p, s := range docs {
			t[p] = s.data
		}
		r.tree = t
	}
	res.Documents = len(docs)
	r.all(ctx, docs, workers, &res)
	return res
}

// source is a document before it is read.
type source struct {
	dialect *Dialect
	data    []byte
}

// reading is one run of Read.
type reading struct {
	tree  Tree
	whole bool     // read all of each document, also what can hold no connection: the measure of what is left out
	known sync.Map // what was computed once of the tree: key to func() []string
}

// memo gives what f computes, computed once in this run for a key.
func (r *reading) memo(key string, f func() []string) []string {
	once, _ := r.known.LoadOrStore(key, sync.OnceValue(f))
	return once.(func() []string)()
}

func (r *reading) all(ctx context.Context, docs map[string]source, workers int, res *Result) {
	paths := make([]string, 0, len(docs))
	for p := range docs {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	type held struct {
		occs []Occurrence
		gaps []scanner.Gap
	}
	got := make([]held, len(paths))
	var g errgroup.Group
	var next atomic.Int64
	for range max(1, workers) {
		g.Go(func() error {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(paths) {
					break
				}
				d := r.one(docs[paths[i]].dialect, paths[i], docs[paths[i]].data)
				got[i] = held{d.occs, d.gaps}
			}
			return nil
		})
	}
	g.Wait()
	for _, h := range got {
		res.Occurrences = append(res.Occurrences, h.occs...)
		res.Gaps = append(res.Gaps, h.gaps...)
	}
	if err := ctx.Err(); err != nil {
		res.Gaps = append(res.Gaps, scanner.Gap{Reason: scanner.Cancelled, Detail: "documents were not all read"})
	}
	res.Occurrences = settle(res.Occurrences)
	slices.SortFunc(res.Gaps, scanner.Gap.Compare)
	res.Gaps = slices.Compact(res.Gaps)
}

// one reads one document. A dialect that fails leaves a gap, not a crash: a
// hostile file must not stop a scan.
func (r *reading) one(dl *Dialect, path string, data []byte) (d *Document) {
	d = newDocument(r, dl, path, data)
	defer func() {
		if p := recover(); p != nil {
			d.Gap(scanner.Gap{Reason: scanner.Malformed, Detail: "the reader of " + dl.ID + " failed on this document; please report it"})
		}
	}()
	dl.Read(d)
	return d
}

// settle sorts, drops what is said twice, and drops a reading of a callee by
// itself where a caller told what its names stand for.
func settle(occs []Occurrence) []Occurrence {
	slices.SortFunc(occs, compareOccurrences)
	seen := map[string]bool{}
	resolved := map[scanner.Location]bool{}
	called := map[string]bool{}
	for _, o := range occs {
		if len(o.Via) > 0 && o.Via[0] == viaCaller {
			resolved[o.Location] = true
			called[o.Location.Path] = true
		}
	}
	out := occs[:0]
	for _, o := range occs {
		open := len(o.Via) > 0 && o.Via[0] == viaOpen
		// A login by an input that a caller gives.
		unknown := len(o.Refs) == 0 && (o.Kind == connection.RegistryLogin && o.Auth == "" || open && o.Document == githubActions.ID)
		if open && resolved[o.Location] || unknown && called[o.Location.Path] {
			continue
		}
		o.Via = slices.DeleteFunc(slices.Clone(o.Via), func(s string) bool { return s == viaOpen || s == viaCaller })
		if key := occurrenceKey(&o); !seen[key] {
			seen[key] = true
			out = append(out, o)
		}
	}
	return out
}

// Marks at the head of Via, between a dialect and settle.
const (
	viaOpen   = "\x00open"   // names a parameter of a callee that its caller may bind
	viaCaller = "\x00caller" // the same, bound by a caller
)

// MapTree is a tree of files in memory by path.
type MapTree map[string][]byte

var errNotInTree = errors.New("not in the tree")

// Open gives the content of a file.
func (m MapTree) Open(path string) ([]byte, error) {
	if data, ok := m[path]; ok && fs.ValidPath(path) {
		return data, nil
	}
	return nil, errNotInTree
}

// Glob gives the paths that match, sorted.
func (m MapTree) Glob(pattern string) []string {
	var out []string
	for p := range m {
		if ok, err := doublestar.Match(pattern, p); ok && err == nil {
			out = append(out, p)
		}
	}
	sort.Strings(out)
	return out
}
