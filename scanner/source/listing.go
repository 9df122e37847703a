package source

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/credgate/credgate/scanner"
)

// A Listing is the files of a place in order of path, not yet read.
type Listing struct {
	entries []entry
	dir     string  // root of what is read from disk
	objects Objects // for what is read from the object store
}

// Len counts files and gaps.
func (l *Listing) Len() int { return len(l.entries) }

// Path gives the path of file or gap i.
func (l *Listing) Path(i int) string { return l.entries[i].path }

// run is how many neighbours a worker takes at once: they share directories.
const run = 32

// Each reads all files with several workers. It calls do for each, at once from
// several goroutines and in no order: i is the rank in order of path, by which
// the caller restores it, and worker is below workers. The file's data is valid
// until do returns. A cancelled context ends it with ctx.Err(); files that were
// not read then had no call.
func (l *Listing) Each(ctx context.Context, workers int, do func(worker, i int, f scanner.File, g *scanner.Gap)) error {
	workers = max(1, min(workers, (len(l.entries)+run-1)/run))
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { l.work(ctx, w, &next, do) })
	}
	wg.Wait()
	return ctx.Err()
}

func (l *Listing) work(ctx context.Context, w int, next *atomic.Int64, do func(int, int, scanner.File, *scanner.Gap)) {
	r := l.reader()
	defer r.close()
	for {
		end := int(next.Add(run))
		if end-run >= len(l.entries) {
			return
		}
		for i := end - run; i < min(end, len(l.entries)); i++ {
			if ctx.Err() != nil {
				return
			}
			f, g := r.read(&l.entries[i])
			do(w, i, f, g)
		}
	}
}
