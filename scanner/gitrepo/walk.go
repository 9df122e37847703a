package gitrepo

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/credgate/credgate/scanner"
)

// WalkOptions are the choices of a walk; the zero value walks all of the store.
type WalkOptions struct {
	Workers   int   // 0 takes one for each processor
	MaxObject int64 // bytes over which a blob is a gap; 0 takes MaxObject
	// Verify computes each blob's id again. Without it a blob counts as right when
	// its deltas fit and its checksums hold, which finds damage but not forgery: a
	// forged object can only add to what is scanned, and hashing costs more than
	// all the rest of a walk.
	Verify bool
	// SkipPack, if set, leaves out packs by name (pack-<checksum>), of which a
	// walk of earlier is known to have seen all.
	SkipPack func(name string) bool

	held int // bytes; 0 takes heldBytes
	// head, if set, is how many bytes are asked for of an object that nothing is
	// made from. It may be given more.
	head int
}

// Stats is what a walk met.
type Stats struct {
	Blobs int   // visited
	Bytes int64 // of their content
	New   int64 // bytes of it that stand in no parent

	LooseBlobs int // of those visited, in no pack
	LooseBytes int64
}

// Walk visits every blob in the object store once, reachable or not. visitor is
// called for each worker and gives the function which that worker calls for each
// blob. Its argument parent is what it returned for the blob that Copies refer
// to, or the zero S for a blob without parent; a parent's S may be passed to
// several workers, so it must not be changed once returned. Walk drops it when
// the last blob made from its own has been visited.
//
// Which worker visits what, and in which order, differs from run to run; what a
// blob's Copies are does not. Blobs that cannot be read are gaps, each with its
// id, in order, and so is what of the store could not be opened. The error is that of ctx.
//
// Memory beyond the mapped packs is at most twice the indexes and some buffers of
// the size of the largest blobs, however deep deltas are nested.
func Walk[S any](ctx context.Context, r *Repo, opt WalkOptions, visitor func(worker int) func(b scanner.Blob, parent S) S) (Stats, []scanner.Gap, error) {
	w := newWalk(r, opt, kindBlob, func(worker int) func(*found, S) S {
		visit := visitor(worker)
		return func(o *found, parent S) S {
			return visit(scanner.Blob{ID: hexID(o.id), Data: o.data, Copies: o.copies}, parent)
		}
	})
	stats, gaps, err := w.run(ctx)
	gaps = append(append(gaps, r.gaps...), r.store.gaps...)
	slices.SortFunc(gaps, scanner.Gap.Compare)
	return stats, slices.Compact(gaps), err
}

// A found object is one that a walk met; all of it is valid during the call only.
type found struct {
	id     []byte
	data   []byte
	copies []scanner.Copy
	node   int32 // in the store; see Repo.number
	leaf   bool  // nothing is made from it
	cut    bool  // data is its head only
}

// A walk is one walk over the objects of one kind.
type walk[S any] struct {
	r       *Repo
	opt     WalkOptions
	kind    kind
	visitor func(worker int) func(*found, S) S
	forests []*forest
	loose   []looseObject

	stop atomic.Bool
	idle atomic.Int32 // workers that wait for a part of another's tree

	mu     sync.Mutex
	wake   sync.Cond
	large  []task[S] // the largest trees, to be taken first
	limit  int64     // weight from which a tree is among them
	forest int       // where the other trees are to be taken from
	root   int
	file   int       // the loose objects are
	shared []task[S] // parts of trees, given away
	ended  bool
}

// A task is a tree of deltas to walk.
type task[S any] struct {
	f      *forest
	rank   int32
	weight int64
	base   *shared[S] // of a part of a tree: what its root is made from
	err    error      // of an object that cannot be made from its base: why
	loose  *looseObject
}

// A shared base goes with a part of a tree to another worker.
type shared[S any] struct {
	data    []byte
	state   S
	visited bool
}

func newWalk[S any](r *Repo, opt WalkOptions, k kind, visitor func(int) func(*found, S) S) *walk[S] {
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	if opt.MaxObject <= 0 {
		opt.MaxObject = MaxObject
	}
	if opt.held <= 0 {
		opt.held = heldBytes
	}
	w := &walk[S]{r: r, opt: opt, kind: k, visitor: visitor}
	w.wake.L = &w.mu
	return w
}

func (w *walk[S]) run(ctx context.Context) (Stats, []scanner.Gap, error) {
	defer context.AfterFunc(ctx, func() { w.stop.Store(true) })()
	w.forests = w.r.forests(w.opt.SkipPack, w.opt.Workers)
	w.plan()
	workers := make([]*worker[S], w.opt.Workers)
	var wg sync.WaitGroup
	for i := range workers {
		workers[i] = newWorker(w, i)
	}
	for _, k := range workers {
		wg.Go(k.run)
	}
	wg.Wait()
	var stats Stats
	var gaps []scanner.Gap
	for _, k := range workers {
		stats.Blobs += k.stats.Blobs
		stats.Bytes += k.stats.Bytes
		stats.New += k.stats.New
		stats.LooseBlobs += k.stats.LooseBlobs
		stats.LooseBytes += k.stats.LooseBytes
		gaps = append(gaps, k.gaps...)
	}
	if err := ctx.Err(); err != nil {
		gaps = append(gaps, scanner.Gap{Reason: scanner.Cancelled, Detail: fmt.Sprintf("walk ended after %d objects", stats.Blobs)})
		slices.SortFunc(gaps, scanner.Gap.Compare)
		return stats, gaps, err
	}
	slices.SortFunc(gaps, scanner.Gap.Compare)
	return stats, gaps, nil
}

// plan finds the largest trees. They are taken first, so that the end is many
// small ones; the others are taken in order of offset, so that pages are read in order.
func (w *walk[S]) plan() {
	var total int64
	for _, f := range w.forests {
		for _, rank := range f.roots {
			if f.kinds[rank] == w.kind {
				total += f.weight(rank)
			}
		}
	}
	w.limit = total/int64(64*w.opt.Workers) + 1
	for _, f := range w.forests {
		for _, rank := range f.roots {
			if f.kinds[rank] != w.kind {
				continue
			}
			if weight := f.weight(rank); weight >= w.limit {
				w.large = append(w.large, task[S]{f: f, rank: rank, weight: weight})
			}
		}
	}
	slices.SortStableFunc(w.large, func(a, b task[S]) int { return cmp.Compare(b.weight, a.weight) })
	w.loose = w.r.store.loose
}

// batch is how many small trees a worker takes at a time.
const batch = 32

// take fills tasks with what to do next. Where only parts of the others' trees
// are left it waits for one; it gives nothing when all is done.
func (w *walk[S]) take(tasks []task[S]) []task[S] {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.large) > 0 {
		tasks = append(tasks, w.large[0])
		w.large = w.large[1:]
		return tasks
	}
	if tasks = w.takeSmall(tasks); len(tasks) > 0 {
		return tasks
	}
	w.idle.Add(1)
	for len(w.shared) == 0 && !w.ended {
		if int(w.idle.Load()) == w.opt.Workers {
			w.ended = true
			w.wake.Broadcast()
			break
		}
		w.wake.Wait()
	}
	if last := len(w.shared) - 1; last >= 0 {
		tasks = append(tasks, w.shared[last])
		w.shared = w.shared[:last]
		w.idle.Add(-1)
	}
	return tasks
}

func (w *walk[S]) takeSmall(tasks []task[S]) []task[S] {
	for ; w.forest < len(w.forests); w.forest, w.root = w.forest+1, 0 {
		f := w.forests[w.forest]
		for ; w.root < len(f.roots)+len(f.bad); w.root++ {
			if len(tasks) == batch {
				return tasks
			}
			if w.root >= len(f.roots) {
				tasks = append(tasks, task[S]{f: f, rank: f.bad[w.root-len(f.roots)], err: errCircle})
				continue
			}
			rank := f.roots[w.root]
			switch {
			case f.kinds[rank] == kindBad:
				tasks = append(tasks, task[S]{f: f, rank: rank, err: f.why(rank)})
			case f.kinds[rank] == w.kind && f.weight(rank) < w.limit:
				tasks = append(tasks, task[S]{f: f, rank: rank})
			}
		}
	}
	for ; w.file < len(w.loose) && len(tasks) < batch; w.file++ {
		tasks = append(tasks, task[S]{loose: &w.loose[w.file]})
	}
	return tasks
}

// wanted tells whether some worker waits for a part of a tree.
func (w *walk[S]) wanted() bool { return w.idle.Load() > 0 }

// give hands a part of a tree to a waiting worker; it is refused when none waits.
func (w *walk[S]) give(t task[S]) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.shared) >= int(w.idle.Load()) {
		return false
	}
	w.shared = append(w.shared, t)
	w.wake.Signal()
	return true
}
