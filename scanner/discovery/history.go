package discovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/gitrepo"
	"github.com/credgate/credgate/scanner/secret"
)

// A mark stands for a secret within one run. What the blobs of a history hold is
// noted as marks: a few bytes for each version of a file, not its hits.
type mark uint64

type marks = map[scanner.ObjectID][]mark

// history scans all blobs, then finds the places of those that hold something,
// then looks once more at one version for each secret and path.
func (s *scan) history() error {
	seed := maphash.MakeSeed()
	found, err := s.walk(seed)
	if err != nil {
		return err
	}
	want := make(map[scanner.ObjectID]bool, len(found))
	for id := range found {
		want[id] = true
	}
	s.tell("finding places in history", 0, 0)
	h, err := s.place.Repo.Places(s.ctx, gitrepo.Selection{Unreachable: s.opt.Unreachable}, gitrepo.PlaceOptions{
		Workers: s.opt.Workers, Blobs: want,
		Name: func(base []byte) bool { return len(s.opt.Set.ByPath(string(base))) > 0 },
	})
	if err != nil {
		return s.stopped("finding places in history", err)
	}
	s.res.Coverage.Refs, s.res.Coverage.Commits = h.Refs, h.Commits
	s.res.Gaps = append(s.res.Gaps, h.Gaps...)
	return s.look(seed, choose(found, h.Places))
}

// stopped is err, or nil where the run was cancelled: what was found until then
// is told, with a gap.
func (s *scan) stopped(doing string, err error) error {
	if s.ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// walk gives the marks of each blob that holds any.
func (s *scan) walk(seed maphash.Seed) (marks, error) {
	found := make([]marks, s.opt.Workers)
	inspectors := make([]*detect.Inspector, s.opt.Workers)
	var blobs atomic.Int64
	known := s.recall()
	stats, gaps, err := gitrepo.Walk(s.ctx, s.place.Repo, gitrepo.WalkOptions{Workers: s.opt.Workers, SkipPack: known.skip()},
		func(i int) func(scanner.Blob, detect.State) detect.State {
			in := s.opt.Set.Inspector()
			inspectors[i], found[i] = in, make(marks)
			return func(b scanner.Blob, parent detect.State) detect.State {
				s.tell("scanning history, blobs:", blobs.Add(1), 0)
				st := in.Inspect(b, parent)
				if list := marksOf(seed, in.Secrets(b.Data, st)); list != nil {
					found[i][b.ID] = list
				}
				return st
			}
		})
	s.res.Gaps = append(s.res.Gaps, gaps...)
	var odd []scanner.Gap
	for _, in := range inspectors {
		if in != nil {
			odd = append(odd, in.Gaps()...)
		}
	}
	s.res.Gaps = append(s.res.Gaps, odd...)
	s.res.Coverage.Blobs += stats.Blobs
	s.res.Coverage.Bytes += stats.Bytes
	all := make(marks)
	for _, m := range found {
		maps.Copy(all, m)
	}
	if err != nil {
		return all, s.stopped("walking history", err)
	}
	more, ok := s.again(seed, known, all)
	if ok && len(gaps) == 0 && s.ctx.Err() == nil {
		known.remember(s.place.Repo, stats, all, append(odd, more...))
	}
	return all, nil
}

func marksOf(seed maphash.Seed, secrets iter.Seq[[]byte]) []mark {
	var list []mark
	for b := range secrets {
		list = append(list, mark(maphash.Bytes(seed, b)))
	}
	slices.Sort(list)
	return slices.Clip(slices.Compact(list))
}

func markOf(seed maphash.Seed, h detect.Hit) mark {
	return mark(maphash.Bytes(seed, h.Secret.Reveal()))
}

// A stay is a secret at a path over all versions of the file.
type stay struct {
	first, last gitrepo.Place
	seen        gitrepo.Place // the version to look at: that of HEAD, else the newest of another ref, else the first
}

func (t *stay) add(p gitrepo.Place) {
	if byDate(p, t.first) < 0 {
		t.first = p
	}
	if byDate(p, t.last) > 0 {
		t.last = p
	}
	if n := cmp.Compare(nearness(p), nearness(t.seen)); n > 0 || n == 0 && p.AtTip && byDate(p, t.seen) > 0 {
		t.seen = p
	}
	if !t.seen.AtTip {
		t.seen = t.first
	}
}

// nearness is higher the sooner a reader meets what stands at a place.
func nearness(p gitrepo.Place) int {
	switch {
	case p.Ref == "HEAD":
		return 2
	case p.AtTip:
		return 1
	}
	return 0
}

func byDate(a, b gitrepo.Place) int {
	return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.First, b.First), cmp.Compare(a.Blob, b.Blob))
}

func (t *stay) location() scanner.Location {
	l := scanner.Location{
		Path: t.first.Path, Commit: t.first.First, Author: t.first.Author, Date: t.first.Date.UTC(), AtHead: t.seen.AtTip,
	}
	switch nearness(t.seen) {
	case 0:
		l.LastCommit = t.last.Last
	case 1:
		l.Ref = t.seen.Ref
	}
	if l.Path == "" { // no ref leads to it, so it has no name
		l.Path = string(t.first.Blob)
	}
	return l
}

// A version is a blob to look at again, and what for.
type version struct {
	blob  scanner.ObjectID
	stays map[string]map[mark]scanner.Location // by path; no marks where the path alone counts
}

// choose takes one version for each secret and path, in order of id.
func choose(found marks, places []gitrepo.Place) []version {
	type key struct {
		mark mark
		path string
	}
	stays := make(map[key]*stay)
	versions := make(map[scanner.ObjectID]*version)
	want := func(id scanner.ObjectID, path string) map[mark]scanner.Location {
		v := versions[id]
		if v == nil {
			v = &version{blob: id, stays: make(map[string]map[mark]scanner.Location)}
			versions[id] = v
		}
		if v.stays[path] == nil {
			v.stays[path] = make(map[mark]scanner.Location)
		}
		return v.stays[path]
	}
	for _, p := range places {
		list := found[p.Blob]
		if len(list) == 0 { // wanted for its name
			want(p.Blob, p.Path)[0] = (&stay{p, p, p}).location()
		}
		for _, m := range list {
			k := key{m, p.Path}
			if stays[k] == nil {
				stays[k] = &stay{p, p, p}
				continue
			}
			stays[k].add(p)
		}
	}
	for k, t := range stays {
		want(t.seen.Blob, k.path)[k.mark] = t.location()
	}
	return slices.SortedFunc(func(yield func(version) bool) {
		for _, v := range versions {
			if !yield(*v) {
				return
			}
		}
	}, func(a, b version) int { return cmp.Compare(a.blob, b.blob) })
}

// look inspects the chosen versions, each whole, and collects what counts at
// their paths.
func (s *scan) look(seed maphash.Seed, list []version) error {
	gaps := make([]*scanner.Gap, len(list))
	g, ctx := errgroup.WithContext(s.ctx)
	part := (len(list) + s.opt.Workers - 1) / s.opt.Workers
	for w := range s.opt.Workers {
		from, to := min(w*part, len(list)), min((w+1)*part, len(list))
		g.Go(func() error {
			in := s.opt.Set.Inspector()
			for i := from; i < to && ctx.Err() == nil; i++ {
				gaps[i] = s.lookAt(in, seed, list[i])
			}
			return ctx.Err()
		})
	}
	err := g.Wait()
	for _, g := range gaps {
		if g != nil {
			s.gap(*g)
		}
	}
	if err != nil {
		return s.stopped("looking at history", err)
	}
	return nil
}

func (s *scan) lookAt(in *detect.Inspector, seed maphash.Seed, v version) *scanner.Gap {
	_, data, err := s.place.Repo.Object(v.blob)
	if err != nil {
		g := gitrepo.GapOf(v.blob, err)
		return &g
	}
	hits := in.Hits(data, in.Inspect(scanner.Blob{ID: v.blob, Data: data}, detect.State{}))
	for name, stays := range v.stays {
		for _, h := range detect.Best(hits, name) {
			if l, ok := stays[markOf(seed, h)]; ok {
				s.found.Add([]detect.Hit{h}, []scanner.Location{l})
			}
		}
		if l, ok := stays[0]; ok {
			s.found.Add(s.byName(l.Path, data), []scanner.Location{l})
		}
	}
	return nil
}

// byName are the hits of detectors that a file's name alone sets off: the whole
// file is the secret.
func (s *scan) byName(name string, data []byte) []detect.Hit {
	var list []detect.Hit
	if len(data) == 0 || strings.HasSuffix(path.Base(name), "/") {
		return nil
	}
	for _, d := range s.opt.Set.ByPath(name) {
		list = append(list, detect.Hit{
			Detector: d, Secret: secret.New(data), End: len(data), Severity: d.Severity,
			Span: detect.Span{Line: 1, Column: 1, EndLine: 1, EndColumn: 1},
		})
	}
	return list
}
