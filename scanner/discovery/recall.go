package discovery

import (
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/gitrepo"
)

// A recall is what the cache tells of one history; nil tells nothing.
type recall struct {
	cache *Cache
	packs []gitrepo.PackSum // that stand now
	known *record           // of some of them, nil if there is none
	blobs []scanner.ObjectID
}

// recall asks the cache. Any trouble with it means a scan of all.
func (s *scan) recall() *recall {
	c, repo := s.opt.Cache, s.place.Repo
	if c == nil || repo.PackBytes() < c.least {
		return nil
	}
	packs, err := repo.PackSums(s.ctx, s.opt.Workers)
	if err != nil || len(packs) == 0 {
		return nil
	}
	r := &recall{cache: c, packs: packs}
	known := c.find(packs)
	if known == nil {
		return r
	}
	for _, at := range known.rows {
		id, ok := repo.PackID(known.packs[at.pack].Name, int(at.row))
		if !ok {
			return r
		}
		r.blobs = append(r.blobs, id)
	}
	r.known = known
	return r
}

// skip are the packs that need no walk; nil if each does.
func (r *recall) skip() func(string) bool {
	if r == nil || r.known == nil {
		return nil
	}
	names := r.known.names()
	return func(name string) bool { return names[name] }
}

// maxOdd is from how many gaps within blobs on nothing is remembered: their list
// may have been cut off.
const maxOdd = 5000

// remember writes down that all packs were scanned, in a walk that read every
// blob. Those in which something could not be opened are to be looked at again,
// like those that hold something, so that each run tells of it.
func (r *recall) remember(repo *gitrepo.Repo, stats gitrepo.Stats, found marks, odd []scanner.Gap) {
	if r == nil || len(odd) > maxOdd || r.known != nil && len(r.known.packs) == len(r.packs) {
		return
	}
	ids := slices.Collect(maps.Keys(found))
	for _, g := range odd {
		ids = append(ids, g.Object)
	}
	slices.Sort(ids)
	next := &record{packs: r.packs, blobs: int64(stats.Blobs - stats.LooseBlobs), bytes: stats.Bytes - stats.LooseBytes}
	if r.known != nil {
		next.blobs += r.known.blobs
		next.bytes += r.known.bytes
	}
	numbers := make(map[string]uint32, len(r.packs))
	for i, p := range r.packs {
		numbers[p.Name] = uint32(i)
	}
	for _, id := range slices.Compact(ids) {
		if pack, row, ok := repo.PackRow(id); ok {
			next.rows = append(next.rows, packRow{numbers[pack], uint32(row)})
		}
	}
	// It could not be kept: the next run takes as long as this one.
	_ = r.cache.write(next)
}

// again inspects the blobs that are known to hold something: what it is, the
// cache does not tell. It gives the gaps within them; ok is false if one could
// not be read.
func (s *scan) again(seed maphash.Seed, r *recall, found marks) (odd []scanner.Gap, ok bool) {
	if r == nil || r.known == nil {
		return nil, true
	}
	s.res.Coverage.Blobs += int(r.known.blobs)
	s.res.Coverage.Bytes += r.known.bytes
	lists := make([][]mark, len(r.blobs))
	gaps := make([]*scanner.Gap, len(r.blobs))
	var mu sync.Mutex
	var next atomic.Int64
	var wg sync.WaitGroup
	for range s.opt.Workers {
		wg.Go(func() {
			in := s.opt.Set.Inspector()
			for i := int(next.Add(1) - 1); i < len(r.blobs) && s.ctx.Err() == nil; i = int(next.Add(1) - 1) {
				_, data, err := s.place.Repo.Object(r.blobs[i])
				if err != nil {
					g := gitrepo.GapOf(r.blobs[i], err)
					gaps[i] = &g
					continue
				}
				lists[i] = marksOf(seed, in.Secrets(data, in.Inspect(scanner.Blob{ID: r.blobs[i], Data: data}, detect.State{})))
			}
			mu.Lock()
			defer mu.Unlock()
			odd = append(odd, in.Gaps()...)
		})
	}
	wg.Wait()
	s.res.Gaps = append(s.res.Gaps, odd...)
	ok = true
	for i, id := range r.blobs {
		if gaps[i] != nil {
			s.gap(*gaps[i])
			ok = false
		}
		if lists[i] != nil {
			found[id] = lists[i]
		}
	}
	return odd, ok
}
