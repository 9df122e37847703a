package gitrepo

import (
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"

	"github.com/credgate/credgate/scanner"
)

const (
	// heldBytes is how much of the bases on the way down a worker keeps. Beyond
	// it they are dropped, and made again when their turn comes.
	heldBytes = 64 << 20
	// freeBytes is how much memory of buffers that are done with it keeps.
	freeBytes = 16 << 20
)

// A worker walks trees of deltas, one after another, depth first.
type worker[S any] struct {
	*walk[S]
	visit  func(*found, S) S
	stats  Stats
	gaps   []scanner.Gap
	tasks  []task[S]
	failed []task[S] // what must be had from elsewhere

	stack []frame[S]
	kids  []int32 // children yet to come of all frames, a stretch for each
	held  int     // bytes of data in stack

	inf    inflater
	delta  []byte
	raw    []byte
	copies []scanner.Copy
	cut    bool // what was inflated last is its head only
	found  found
	free   [256][][]byte // by size class
	spare  int           // bytes in free
}

// A frame is an object some of whose children are yet to come.
type frame[S any] struct {
	rank    int32
	visited bool   // by this walk's own visitor, so that children inherit
	data    []byte // nil when dropped
	state   S
	kids    int // where its children start in kids
}

func newWorker[S any](w *walk[S], i int) *worker[S] {
	return &worker[S]{walk: w, visit: w.visitor(i)}
}

func (w *worker[S]) run() {
	for {
		w.tasks = w.take(w.tasks[:0])
		if len(w.tasks) == 0 {
			return
		}
		for i := range w.tasks {
			w.start(&w.tasks[i])
			for len(w.failed) > 0 {
				last := len(w.failed) - 1
				t := w.failed[last]
				w.failed = w.failed[:last]
				w.start(&t)
			}
			w.tasks[i] = task[S]{}
		}
	}
}

// start walks the tree of one task.
func (w *worker[S]) start(t *task[S]) {
	var zero S
	switch {
	case w.stop.Load():
	case t.loose != nil:
		w.visitLoose(t.loose)
	case t.err != nil:
		w.rescue(t)
	case t.base != nil:
		w.child(t.f, t.rank, &frame[S]{data: t.base.data, state: t.base.state, visited: t.base.visited})
		w.descend(t.f)
	default:
		data, err := w.root(t.f, t.rank)
		if err != nil {
			w.fail(t.f, t.rank, err)
			return
		}
		w.enter(t.f, t.rank, data, nil, zero)
		w.descend(t.f)
	}
}

// root gives the bytes of an object that needs no base of this pack.
func (w *worker[S]) root(f *forest, rank int32) ([]byte, error) {
	if _, ok := f.foreign[rank]; ok {
		_, data, err := w.r.readPacked(f.p, f.offs[rank], w.opt.MaxObject, 0)
		return data, err
	}
	e, err := f.p.entry(f.offs[rank], &w.raw)
	if err != nil {
		return nil, err
	}
	if e.size > w.opt.MaxObject {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, e.size)
	}
	return w.inflate(f, rank, e, nil)
}

// inflate inflates what stands at rank, into memory of delta if it is one.
func (w *worker[S]) inflate(f *forest, rank int32, e entry, delta *[]byte) ([]byte, error) {
	from, to := f.offs[rank], f.end(rank)
	raw, err := f.p.file.slice(from, min(to+int64(f.p.hashLen), f.p.file.size), &w.raw)
	if err != nil {
		return nil, err
	}
	// The index's checksum is over fewer bytes than the stream's own, so where
	// there is one the other is not computed.
	ok := f.crcs != nil
	if ok && f.crcs[rank] != crc32.ChecksumIEEE(raw[:to-from]) {
		return nil, fmt.Errorf("%w: checksum in the index differs", ErrCorrupt)
	}
	head := e.data - from
	if head > to-from || e.size/maxInflation > to-from {
		return nil, errZlib
	}
	if n := w.opt.head; ok && n > 0 && delta == nil && e.size > int64(n) && f.first[rank] == none {
		dst := w.buffer(n + inflateSlack)
		if w.inf.start(dst, n, raw[head:]) == nil {
			w.cut = true
			return dst[:n], nil
		}
		w.release(dst)
	}
	var dst []byte
	if size := int(e.size) + inflateSlack; delta == nil {
		dst = w.buffer(size)
	} else {
		*delta = grow(*delta, size)
		dst = *delta
	}
	used, err := w.inf.inflate(dst, int(e.size), raw[head:], !ok)
	if err == nil && int64(used) > to-e.data {
		err = errZlib
	}
	return dst[:e.size], err
}

// descend walks what is on the stack to its end.
func (w *worker[S]) descend(f *forest) {
	for len(w.stack) > 0 {
		if w.stop.Load() {
			w.unwind()
			return
		}
		if w.wanted() {
			w.share(f)
		}
		top := &w.stack[len(w.stack)-1]
		if len(w.kids) == top.kids {
			w.pop()
			continue
		}
		kid := w.kids[len(w.kids)-1]
		w.kids = w.kids[:len(w.kids)-1]
		if err := w.restore(f, top); err != nil {
			w.fail(f, kid, err)
			continue
		}
		base := *top
		if len(w.kids) == top.kids {
			// Nothing else is made from it, so it makes room: a chain without
			// branches never holds more than two objects.
			w.leave()
			w.child(f, kid, &base)
			w.release(base.data)
		} else {
			w.child(f, kid, &base)
		}
	}
}

// child makes and visits one object from its base.
func (w *worker[S]) child(f *forest, rank int32, base *frame[S]) {
	data, err := w.apply(f, rank, base.data)
	if err != nil {
		w.fail(f, rank, err)
		return
	}
	var zero S
	if !base.visited {
		w.enter(f, rank, data, nil, zero)
		return
	}
	if w.copies == nil {
		w.copies = make([]scanner.Copy, 0, 16)
	}
	w.enter(f, rank, data, w.copies, base.state)
}

// apply makes the object at rank from its base, and sets copies.
func (w *worker[S]) apply(f *forest, rank int32, base []byte) ([]byte, error) {
	e, err := f.p.entry(f.offs[rank], &w.raw)
	if err != nil {
		return nil, err
	}
	if e.size > w.opt.MaxObject {
		return nil, fmt.Errorf("%w: delta of %d bytes", ErrTooLarge, e.size)
	}
	delta, err := w.inflate(f, rank, e, &w.delta)
	if err != nil {
		return nil, err
	}
	baseSize, size, n, err := deltaSizes(delta)
	if err != nil || baseSize != int64(len(base)) {
		return nil, errDelta
	}
	if size > w.opt.MaxObject {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	if size/maxGrowth > int64(len(delta)) {
		return nil, errDelta
	}
	data := w.buffer(int(size))
	w.copies = w.copies[:0]
	if err := applyDelta(data, base, delta[n:], &w.copies); err != nil {
		w.release(data)
		return nil, err
	}
	return data, nil
}

// enter visits an object and pushes it if there are others to be made from it.
func (w *worker[S]) enter(f *forest, rank int32, data []byte, copies []scanner.Copy, parent S) {
	var state S
	visit := f.visited == nil || !f.visited(rank)
	if visit {
		if w.opt.Verify {
			if err := verify(w.kind, data, f.id(rank)); err != nil {
				w.release(data)
				w.fail(f, rank, err)
				return
			}
		}
		state = w.call(&found{id: f.id(rank), data: data, copies: copies, node: f.base + rank, leaf: f.first[rank] == none, cut: w.cut}, parent)
	}
	w.cut = false
	if f.first[rank] == none {
		w.release(data)
		return
	}
	w.stack = append(w.stack, frame[S]{rank: rank, visited: visit, data: data, state: state, kids: len(w.kids)})
	w.held += len(data)
	w.pushKids(f, rank)
	if w.held > w.opt.held {
		w.drop()
	}
}

func (w *worker[S]) call(o *found, parent S) S {
	w.stats.Blobs++
	w.stats.Bytes += int64(len(o.data))
	w.stats.New += int64(len(o.data))
	for i := range o.copies {
		w.stats.New -= int64(o.copies[i].Len)
	}
	w.found = *o
	return w.visit(&w.found, parent)
}

// pushKids lists the children of rank, to be taken from the end: in order of
// offset, but the one with the most below it last. Its base need not be held
// meanwhile, so at most log2(objects) bases are held at once.
func (w *worker[S]) pushKids(f *forest, rank int32) {
	start := len(w.kids)
	for c := f.first[rank]; c != none; c = f.next[c] {
		w.kids = append(w.kids, c)
	}
	kids := w.kids[start:]
	if len(kids) == 1 {
		return
	}
	most := 0
	for i, c := range kids {
		if f.count[c] > f.count[kids[most]] {
			most = i
		}
	}
	heavy := kids[most]
	copy(kids[1:most+1], kids[:most])
	kids[0] = heavy
	for i, j := 1, len(kids)-1; i < j; i, j = i+1, j-1 {
		kids[i], kids[j] = kids[j], kids[i]
	}
}

// pop takes the top frame off the stack.
func (w *worker[S]) pop() { w.release(w.leave()) }

// leave is pop without releasing the frame's data.
func (w *worker[S]) leave() []byte {
	last := len(w.stack) - 1
	data := w.stack[last].data
	w.held -= len(data)
	w.stack[last] = frame[S]{}
	w.stack = w.stack[:last]
	return data
}

func (w *worker[S]) unwind() {
	for len(w.stack) > 0 {
		w.pop()
	}
	w.kids = w.kids[:0]
}

// drop forgets the data of frames from the bottom, whose turn comes last, until
// little enough is held; the top keeps its own.
func (w *worker[S]) drop() {
	for i := range w.stack[:len(w.stack)-1] {
		fr := &w.stack[i]
		if w.held <= w.opt.held {
			return
		}
		w.held -= len(fr.data)
		w.release(fr.data)
		fr.data = nil
	}
}

// restore makes a frame's data again if it was dropped.
func (w *worker[S]) restore(f *forest, fr *frame[S]) error {
	if fr.data != nil {
		return nil
	}
	_, data, err := w.r.readPacked(f.p, f.offs[fr.rank], w.opt.MaxObject, 0)
	if err != nil {
		return err
	}
	if data == nil {
		data = []byte{}
	}
	// What readPacked gives may be shared with its cache, so it must not go
	// among the buffers.
	fr.data = append(w.buffer(len(data))[:0], data...)
	w.held += len(data)
	return nil
}

// share gives the largest part that is left of this worker's tree to one that waits.
func (w *worker[S]) share(f *forest) {
	for i := range w.stack {
		fr := &w.stack[i]
		end := len(w.kids)
		if i+1 < len(w.stack) {
			end = w.stack[i+1].kids
		}
		if end-fr.kids == 0 || i+1 == len(w.stack) && end-fr.kids == 1 {
			continue
		}
		if w.restore(f, fr) != nil {
			return
		}
		kid := w.kids[fr.kids] // the one with the most below it, if it is still there
		base := &shared[S]{data: append([]byte{}, fr.data...), state: fr.state, visited: fr.visited}
		if !w.give(task[S]{f: f, rank: kid, base: base}) {
			return
		}
		w.kids = append(w.kids[:fr.kids], w.kids[fr.kids+1:]...)
		for j := i + 1; j < len(w.stack); j++ {
			w.stack[j].kids--
		}
		return
	}
}

// fail puts an object aside that cannot be made here.
func (w *worker[S]) fail(f *forest, rank int32, err error) {
	w.failed = append(w.failed, task[S]{f: f, rank: rank, err: err})
}

// rescue reads an object from another place than its pack, and walks its tree
// from there. Where there is none it is a gap, and its children are to be
// rescued in turn.
func (w *worker[S]) rescue(t *task[S]) {
	id := t.f.id(t.rank)
	h := toHash(id)
	k, data, err := w.r.readFrom(&h, w.opt.MaxObject, t.f.p, 1)
	if err == nil {
		err = verify(k, data, id)
	}
	if err == nil && k == w.kind {
		var zero S
		w.enter(t.f, t.rank, append(w.buffer(len(data))[:0], data...), nil, zero)
		w.descend(t.f)
		return
	}
	if err != nil && (t.f.visited == nil || !t.f.visited(t.rank)) {
		w.gap(id, t.err)
	}
	// A circle's objects are all tasks of their own.
	if errors.Is(t.err, errCircle) {
		return
	}
	because := t.err
	if !errors.Is(because, errBase) {
		because = fmt.Errorf("%w, %s: %w", errBase, hexID(id), t.err)
	}
	for c := t.f.first[t.rank]; c != none; c = t.f.next[c] {
		w.fail(t.f, c, because)
	}
}

// errBase is for objects that could be made if it were not for their base.
var errBase = errors.New("made from an object that cannot be read")

func (w *worker[S]) gap(id []byte, err error) {
	w.gaps = append(w.gaps, scanner.Gap{Object: hexID(id), Reason: reasonOf(err), Detail: err.Error()})
}

// visitLoose reads and visits a loose object if it is of the kind.
func (w *worker[S]) visitLoose(o *looseObject) {
	k, data, err := readLooseOf(o.path, w.opt.MaxObject, w.kind)
	if err == nil && k == w.kind && w.opt.Verify {
		err = verify(k, data, o.id[:w.r.hashLen])
	}
	if err != nil {
		w.gap(o.id[:w.r.hashLen], err)
		return
	}
	if k == w.kind {
		var zero S
		w.stats.LooseBlobs++
		w.stats.LooseBytes += int64(len(data))
		w.call(&found{id: o.id[:w.r.hashLen], data: data, node: o.node, leaf: true}, zero)
	}
}

// verify computes an object's id again.
func verify(k kind, data, id []byte) error {
	head := fmt.Appendf(nil, "%s %d\x00", k, len(data))
	var sum []byte
	if len(id) == sha1.Size {
		h := sha1.New()
		h.Write(head)
		h.Write(data)
		sum = h.Sum(nil)
	} else {
		h := sha256.New()
		h.Write(head)
		h.Write(data)
		sum = h.Sum(nil)
	}
	if string(sum) != string(id) {
		return fmt.Errorf("%w: content has another id", ErrCorrupt)
	}
	return nil
}

// buffer gives n bytes of which the content is not defined. If none of their size is
// free it takes one of up to half as much again, as new memory would be cleared first.
func (w *worker[S]) buffer(n int) []byte {
	class, size := sizeClass(n)
	for c := class; c < min(class+3, len(w.free)); c++ {
		if list := w.free[c]; len(list) > 0 {
			b := list[len(list)-1]
			w.free[c] = list[:len(list)-1]
			w.spare -= cap(b)
			return b[:n]
		}
	}
	return make([]byte, n, size)
}

// release takes back what buffer gave. One buffer is kept whatever its size, so that
// one large object after another takes no new memory.
func (w *worker[S]) release(b []byte) {
	class, size := sizeClass(cap(b))
	if size != cap(b) || w.spare > 0 && w.spare+size > freeBytes {
		return
	}
	w.free[class] = append(w.free[class], b[:0])
	w.spare += size
}

// sizeClass gives the size that a buffer of n bytes takes, four for each power of
// two, and its number.
func sizeClass(n int) (class, size int) {
	shift := bits.Len(uint(max(n, 64)-1)) - 3
	units := (max(n, 64)-1)>>shift + 1 // 5 to 8
	return shift*4 + units - 5, units << shift
}
