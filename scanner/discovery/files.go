package discovery

import (
	"bytes"
	"sync/atomic"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/pipeline"
	"github.com/credgate/credgate/scanner/source"
)

// maxDocument is the most bytes of a file that is kept to be read as a document.
const maxDocument = 4 << 20

// files scans what stands now: a work tree, an index, a directory, a stream.
func (s *scan) files(place *source.Place) {
	list := place.List(s.ctx)
	type result struct {
		gaps  []scanner.Gap
		doc   *scanner.File
		bytes int64
		read  bool
	}
	got := make([]result, list.Len())
	var done atomic.Int64
	inspectors := make([]*detect.Inspector, s.opt.Workers)
	_ = list.Each(s.ctx, s.opt.Workers, func(worker, i int, f scanner.File, g *scanner.Gap) {
		s.tell("scanning files:", done.Add(1), int64(list.Len()))
		r := &got[i]
		if g != nil {
			r.gaps = []scanner.Gap{*g}
			return
		}
		in := inspectors[worker]
		if in == nil {
			in = s.opt.Set.Inspector()
			inspectors[worker] = in
		}
		r.read, r.bytes = true, int64(len(f.Data))
		if s.known == nil || !s.known[blobID(f.Data, s.place.Repo.HashLen())] {
			hits := in.Hits(f.Data, in.Inspect(scanner.Blob{Data: f.Data}, detect.State{}))
			hits = append(hits, s.byName(f.Path, f.Data)...)
			s.found.Add(hits, []scanner.Location{{Path: f.Path, AtHead: true}})
			for _, g := range in.Gaps() {
				g.Path = f.Path
				r.gaps = append(r.gaps, g)
			}
		}
		if len(f.Data) <= maxDocument && pipeline.Candidate(f.Path, f.Data[:min(len(f.Data), pipeline.HeadSize)]) {
			r.doc = &scanner.File{Path: f.Path, Data: bytes.Clone(f.Data), ID: f.ID}
		}
	})
	for i := range got {
		r := &got[i]
		s.res.Gaps = append(s.res.Gaps, r.gaps...)
		if r.read {
			s.res.Coverage.Files++
			s.res.Coverage.Bytes += r.bytes
		}
		if r.doc != nil {
			s.documents = append(s.documents, *r.doc)
		}
		s.res.Paths = append(s.res.Paths, list.Path(i))
	}
}

// documentsOf takes the documents of a commit's tree, whose content the history
// has seen.
func (s *scan) documentsOf(commit scanner.ObjectID) {
	for f, g := range source.Commit(s.place.Repo, commit).Files(s.ctx) {
		if g != nil {
			s.gap(*g)
			continue
		}
		if len(f.Data) <= maxDocument && pipeline.Candidate(f.Path, f.Data[:min(len(f.Data), pipeline.HeadSize)]) {
			s.documents = append(s.documents, scanner.File{Path: f.Path, Data: bytes.Clone(f.Data), ID: f.ID})
		}
	}
}
