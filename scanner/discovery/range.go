package discovery

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/gitrepo"
)

// since scans what the commits after a revision brought in, and remembers what
// stood at it, so that files of the work tree that were there before are left.
func (s *scan) since() error {
	repo := s.place.Repo
	r, err := repo.Introduced(s.ctx, s.opt.Since, "")
	if err != nil {
		return s.stopped("finding what came after "+s.opt.Since, err)
	}
	s.res.Coverage.Commits = r.Commits
	s.res.Gaps = append(s.res.Gaps, r.Gaps...)
	in := s.opt.Set.Inspector()
	blobs := make(map[scanner.ObjectID]bool)
	for _, p := range r.Places {
		if s.ctx.Err() != nil {
			return nil
		}
		_, data, err := repo.Object(p.Blob)
		if err != nil {
			s.gap(gitrepo.GapOf(p.Blob, err))
			continue
		}
		if !blobs[p.Blob] {
			blobs[p.Blob] = true
			s.res.Coverage.Blobs++
			s.res.Coverage.Bytes += int64(len(data))
		}
		hits := in.Hits(data, in.Inspect(scanner.Blob{ID: p.Blob, Data: data}, detect.State{}))
		hits = append(hits, s.byName(p.Path, data)...)
		s.found.Add(hits, []scanner.Location{{
			Path: p.Path, Commit: p.First, Author: p.Author, Date: p.Date.UTC(), AtHead: p.AtTip,
		}})
	}
	base, err := repo.ResolveCommit(s.opt.Since)
	if err != nil {
		return err
	}
	s.known = make(map[scanner.ObjectID]bool)
	return s.remember(base, 0)
}

// maxTreeDepth is how deep directories of a tree are read.
const maxTreeDepth = 512

// remember notes the blobs below a tree.
func (s *scan) remember(tree scanner.ObjectID, depth int) error {
	if depth > maxTreeDepth {
		s.gap(scanner.Gap{Object: tree, Reason: scanner.TooDeep, Detail: fmt.Sprintf("over %d directories deep", maxTreeDepth)})
		return nil
	}
	for e, err := range s.place.Repo.Tree(tree) {
		switch {
		case s.ctx.Err() != nil:
			return nil
		case err != nil:
			s.gap(gitrepo.GapOf(tree, err))
			return nil
		case e.IsTree():
			if err := s.remember(e.ID, depth+1); err != nil {
				return err
			}
		case e.IsBlob():
			s.known[e.ID] = true
		}
	}
	return nil
}

// blobID is git's name for content: gitformat of loose objects, hashLen 20 or 32.
func blobID(data []byte, hashLen int) scanner.ObjectID {
	var h hash.Hash = sha1.New()
	if hashLen == sha256.Size {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return scanner.ObjectID(hex.EncodeToString(h.Sum(nil)))
}
