// Package discovery scans one place whole: its history, its files and its
// documents, and gives what was found there as findings and connections.
//
//	place, err := discovery.Find(path, stdin)
//	result, err := discovery.Scan(ctx, place, options)
//
// It joins what the other packages of scanner give, and judges nothing.
package discovery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/gitrepo"
	"github.com/credgate/credgate/scanner/pipeline"
	"github.com/credgate/credgate/scanner/secret"
	"github.com/credgate/credgate/scanner/source"
)

// A Place is what a person named: a repository, a directory, a file or a stream.
type Place struct {
	Name string        // as a person would call it: the base name; "-" for a stream
	Repo *gitrepo.Repo // nil where there is none
	Dir  string        // of a repository's work tree or a plain directory
	File string        // of a single file
	In   io.Reader     // of a stream
}

// Find tells what path is. "-" is the stream in. "." below the top of a work
// tree is that work tree, as for git; any other path is taken as it is named.
func Find(path string, in io.Reader) (Place, error) {
	if path == "-" {
		return Place{Name: "-", In: in}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return Place{}, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return Place{}, err
	}
	if !info.IsDir() {
		return Place{Name: filepath.Base(abs), File: path}, nil
	}
	for dir := abs; ; dir = filepath.Dir(dir) {
		repo, err := gitrepo.Open(dir)
		switch {
		case err == nil:
			return Place{Name: filepath.Base(dir), Repo: repo, Dir: repo.WorkTree()}, nil
		case !errors.Is(err, gitrepo.ErrNoRepository):
			return Place{}, err
		case path != "." || dir == filepath.Dir(dir):
			return Place{Name: filepath.Base(abs), Dir: path}, nil
		}
	}
}

// Close releases the repository.
func (p Place) Close() error {
	if p.Repo == nil {
		return nil
	}
	return p.Repo.Close()
}

// Options of a scan. Set and Keys must be given; the zero value of the rest is
// the default: the whole history, and the work tree.
type Options struct {
	Set         *detect.Set
	Keys        *secret.Fingerprinter
	Workers     int    // at least one is taken
	Staged      bool   // the index alone, against HEAD
	Since       string // of history, what came after this revision
	Unreachable bool   // objects that no ref reaches as well
	UserRules   string // ignore file of the user who scans: source.UserExcludes
	Cache       *Cache // of whole histories that were scanned; nil keeps none
	// Progress, if set, is told what is being read, and how much of how much; a
	// total of 0 is not known. Several goroutines call it.
	Progress func(stage string, done, total int64)
}

// Modes of a scan, as in every output.
const (
	History   = "history"
	Range     = "range"
	Staged    = "staged"
	Directory = "directory"
	File      = "file"
	Stream    = "stdin"
)

// A Result is what a place holds. It is sorted, and the same at any number of
// workers.
type Result struct {
	Mode        string
	Head        scanner.ObjectID
	Paths       []string // of the files that stand now; nil where not all were listed
	Coverage    scanner.Coverage
	Gaps        []scanner.Gap
	Findings    []scanner.Finding
	Connections []connection.Connection
}

// Scan reads the place. A cancelled context gives what was found until then,
// with a gap that says so. An error is one of usage: a revision that is none.
func Scan(ctx context.Context, p Place, o Options) (Result, error) {
	s := &scan{ctx: ctx, place: p, opt: o, found: o.Set.Collector()}
	s.opt.Workers = max(1, o.Workers)
	if err := s.run(); err != nil {
		return Result{}, err
	}
	return s.res, s.finish()
}

// Connections reads only the documents that stand now: of the work tree, of HEAD
// in a bare repository, of a directory or a file.
func Connections(ctx context.Context, p Place, o Options) ([]connection.Connection, error) {
	set, err := detect.New(nil, detect.Options{})
	if err != nil {
		return nil, err
	}
	o.Set, o.Workers = set, max(1, o.Workers)
	s := &scan{ctx: ctx, place: p, opt: o, found: detect.NewCollector()}
	if p.Repo == nil {
		err = s.run()
	} else {
		err = s.standing()
	}
	s.connections()
	return s.res.Connections, err
}

// scan is one run of Scan.
type scan struct {
	ctx       context.Context
	place     Place
	opt       Options
	res       Result
	found     *detect.Collector
	documents []scanner.File
	known     map[scanner.ObjectID]bool // of a range: what stood before it
}

func (s *scan) run() error {
	repo := s.place.Repo
	switch {
	case repo == nil && (s.opt.Staged || s.opt.Since != "" || s.opt.Unreachable):
		return fmt.Errorf("%q is no git repository: there is no index and no history to scan", s.place.Name)
	case s.place.In != nil:
		s.res.Mode = Stream
		s.files(source.Reader(s.place.In, "-"))
	case s.place.File != "":
		s.res.Mode = File
		s.files(source.File(s.place.File, filepath.ToSlash(s.place.File)))
	case repo == nil:
		s.res.Mode = Directory
		s.files(source.Directory(s.place.Dir))
	default:
		return s.repository()
	}
	return nil
}

func (s *scan) repository() error {
	repo := s.place.Repo
	head, err := repo.Head()
	if err != nil {
		return fmt.Errorf("reading HEAD: %w", err)
	}
	s.res.Head = head.ID
	s.res.Gaps = append(s.res.Gaps, repo.Gaps()...)
	if s.opt.Staged {
		s.res.Mode = Staged
		if head.ID != "" {
			s.res.Coverage.Commits = 1 // that the index was held against
		}
		s.files(source.Staged(repo, head.ID))
		return nil
	}
	s.res.Mode = History
	if s.opt.Since != "" {
		s.res.Mode = Range
	}
	scan := s.history
	if s.opt.Since != "" {
		scan = s.since
	}
	if err := scan(); err != nil {
		return err
	}
	return s.standing()
}

// standing reads what stands now: the work tree, or the documents of HEAD.
func (s *scan) standing() error {
	repo := s.place.Repo
	head, err := repo.Head()
	switch {
	case err != nil:
		return fmt.Errorf("reading HEAD: %w", err)
	case repo.WorkTree() != "":
		s.files(source.WorkTree(repo, s.opt.UserRules))
	case head.ID != "":
		s.documentsOf(head.ID)
	}
	return nil
}

// finish makes findings, connections and the order of all of it.
func (s *scan) finish() error {
	s.connections()
	// Fingerprints are made to the end, so that a run which was stopped tells
	// what it has found.
	var err error
	if s.res.Findings, err = s.found.Findings(context.WithoutCancel(s.ctx), s.opt.Keys); err != nil {
		return err
	}
	if s.ctx.Err() != nil {
		s.gap(scanner.Gap{Reason: scanner.Cancelled, Detail: "interrupted before the end (hint: run it again)"})
	} else if c := s.res.Coverage; (c.Files == 0 && c.Blobs == 0 && c.Commits == 0 || s.res.Mode == Stream && c.Bytes == 0) && !s.lacking() {
		s.gap(scanner.Gap{Reason: scanner.Empty, Detail: "nothing to scan: no file, no commit"})
	}
	slices.SortFunc(s.res.Gaps, scanner.Gap.Compare)
	s.res.Gaps = slices.CompactFunc(s.res.Gaps, same)
	if s.res.Mode == Staged {
		s.res.Paths = nil // of the files that stand, only some
	}
	return nil
}

// every is after how many blobs or files the progress is told.
const every = 512

// tell tells the progress now and then.
func (s *scan) tell(stage string, done, total int64) {
	if s.opt.Progress != nil && done%every == 0 {
		s.opt.Progress(stage, done, total)
	}
}

// same tells whether two gaps are one: history and work tree may both tell of a
// submodule.
func same(a, b scanner.Gap) bool {
	return a.Compare(b) == 0 || a.Reason == scanner.Outside && b.Reason == scanner.Outside &&
		a.Path == b.Path && a.Object == b.Object && a.Object != ""
}

// lacking tells whether a gap says already why nothing was scanned.
func (s *scan) lacking() bool {
	return slices.ContainsFunc(s.res.Gaps, func(g scanner.Gap) bool { return !g.Minor })
}

func (s *scan) gap(g scanner.Gap) { s.res.Gaps = append(s.res.Gaps, g) }

// connections reads the documents that were met.
func (s *scan) connections() {
	if len(s.documents) == 0 {
		return
	}
	slices.SortStableFunc(s.documents, func(a, b scanner.File) int { return strings.Compare(a.Path, b.Path) })
	read := pipeline.Read(s.ctx, slices.Values(s.documents), nil, s.opt.Workers)
	s.res.Gaps = append(s.res.Gaps, read.Gaps...)
	s.res.Coverage.Documents = read.Documents
	s.res.Connections = connection.Fold(read.Occurrences)
}
