package gitrepo

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zlib"

	"github.com/credgate/credgate/scanner"
)

// MaxObject is the size in bytes over which an object is not read, unless a
// walk's options say otherwise.
const MaxObject = 256 << 20

// A place is where an object is stored.
type place struct {
	pack   *pack // nil when loose
	offset int64
	loose  string // path of the file
}

// Object reads one object: its type (commit, tree, blob, tag) and content, which
// may be shared and is not to be written to. The error is ErrMissing, ErrCorrupt
// or ErrTooLarge (over MaxObject); where one copy cannot be read, others are tried.
// The id is not computed again from the content.
func (r *Repo) Object(id scanner.ObjectID) (typ string, data []byte, err error) {
	h, err := r.fromID(id)
	if err != nil {
		return "", nil, err
	}
	k, data, err := r.read(&h)
	if err != nil {
		return "", nil, fmt.Errorf("reading object %s: %w", id, err)
	}
	return k.String(), data, nil
}

// Has tells whether an object is there, without reading it.
func (r *Repo) Has(id scanner.ObjectID) bool {
	h, err := r.fromID(id)
	if err != nil {
		return false
	}
	found := false
	r.places(&h, func(place) bool {
		found = true
		return false
	})
	return found
}

// read is Object with a binary id.
func (r *Repo) read(h *hash) (k kind, data []byte, err error) {
	return r.readFrom(h, MaxObject, nil, 0)
}

// readFrom reads an object of at most limit bytes, wherever it can be had but
// from the pack except. links counts the packs that led here.
func (r *Repo) readFrom(h *hash, limit int64, except *pack, links int) (k kind, data []byte, err error) {
	err = ErrMissing
	r.places(h, func(at place) bool {
		if except != nil && at.pack == except {
			return true
		}
		var e error
		if at.pack != nil {
			k, data, e = r.readPacked(at.pack, at.offset, limit, links)
		} else {
			k, data, e = readLoose(at.loose, limit)
		}
		if e == nil || errors.Is(err, ErrMissing) {
			err = e
		}
		return e != nil
	})
	return k, data, err
}

// places yields each place where an object is stored, packs before loose files.
func (r *Repo) places(h *hash, yield func(place) bool) {
	id := h[:r.hashLen]
	for _, p := range r.packs {
		if i, ok := p.idx.find(id); ok && !yield(place{pack: p, offset: p.idx.offset(i)}) {
			return
		}
	}
	hex := string(hexID(id))
	for _, dir := range r.objectDirs {
		name := filepath.Join(dir, hex[:2], hex[2:])
		if _, err := os.Lstat(name); err == nil && !yield(place{loose: name}) {
			return
		}
	}
}

// maxForeign links deep may a base lie in a pack other than its delta's. Git writes no
// such pack; a fetch that was cut off may leave one.
const maxForeign = 2

// readPacked reads the object at off. It goes down the chain of bases to one that
// is whole or at hand, then up again applying one delta after the other, so a
// chain's length costs time and no memory but its offsets.
func (r *Repo) readPacked(p *pack, off int64, limit int64, links int) (kind, []byte, error) {
	var buf []byte
	var chain []int64 // offsets of deltas, last to first
	for {
		if c, ok := r.cache.get(p.number, off); ok {
			return r.applyChain(p, c.kind, c.data, chain, limit)
		}
		e, err := p.entry(off, &buf)
		if err != nil {
			return 0, nil, err
		}
		if e.size > limit {
			return 0, nil, ErrTooLarge
		}
		switch e.kind {
		case kindOfsDelta:
			chain, off = append(chain, off), e.base
		case kindRefDelta:
			chain = append(chain, off)
			if i, ok := p.idx.find(e.ref); ok {
				off = p.idx.offset(i)
				break
			}
			h := toHash(e.ref)
			if links == maxForeign {
				return 0, nil, fmt.Errorf("%w: deltas lead through too many packs", ErrCorrupt)
			}
			k, base, err := r.readFrom(&h, limit, p, links+1)
			if err != nil {
				return 0, nil, fmt.Errorf("base %s: %w", r.toID(&h), err)
			}
			return r.applyChain(p, k, base, chain, limit)
		default:
			data, err := p.inflateWhole(e, &buf)
			if err != nil {
				return 0, nil, err
			}
			r.cache.put(p.number, off, e.kind, data)
			return r.applyChain(p, e.kind, data, chain, limit)
		}
		if len(chain) > p.idx.len() {
			return 0, nil, fmt.Errorf("%w: chain of deltas has no end", ErrCorrupt)
		}
	}
}

// inflateWhole inflates what e's header announces: an object, or a delta.
func (p *pack) inflateWhole(e entry, buf *[]byte) ([]byte, error) {
	src, err := p.file.slice(e.data, p.file.size, buf)
	if err != nil {
		return nil, err
	}
	// A byte of a zlib stream gives at most 1032 bytes, so a size beyond that is a
	// lie that would only cost memory.
	if e.size/maxInflation > int64(len(src)) {
		return nil, errZlib
	}
	data := make([]byte, int(e.size)+inflateSlack)
	f := inflaters.Get().(*inflater)
	defer inflaters.Put(f)
	used, err := f.inflate(data, int(e.size), src, true)
	if e.data+int64(used) > p.end {
		err = errZlib
	}
	return data[:e.size:e.size], err
}

// applyChain applies the deltas at the offsets in chain to base, last one first.
func (r *Repo) applyChain(p *pack, k kind, base []byte, chain []int64, limit int64) (kind, []byte, error) {
	var buf []byte
	for i := len(chain) - 1; i >= 0; i-- {
		e, err := p.entry(chain[i], &buf)
		if err != nil {
			return 0, nil, err
		}
		delta, err := p.inflateWhole(e, &buf)
		if err != nil {
			return 0, nil, err
		}
		baseSize, size, n, err := deltaSizes(delta)
		if err != nil || baseSize != int64(len(base)) {
			return 0, nil, errDelta
		}
		if size > limit {
			return 0, nil, ErrTooLarge
		}
		if size/maxGrowth > int64(len(delta)) {
			return 0, nil, errDelta
		}
		data := make([]byte, size)
		if err := applyDelta(data, base, delta[n:], nil); err != nil {
			return 0, nil, err
		}
		r.cache.put(p.number, chain[i], k, data)
		base = data
	}
	return k, base, nil
}

const (
	maxInflation = 1032     // most bytes that deflate makes of one (RFC 1951: 258 of two bits)
	maxGrowth    = 16 << 20 // most bytes that one byte of a delta copies: 2^24
)

// readLoose reads a loose object of at most limit bytes.
func readLoose(name string, limit int64) (kind, []byte, error) {
	return readLooseOf(name, limit, 0)
}

// readLooseOf is readLoose that gives no content of an object of another kind
// than the one wanted; 0 wants all.
func readLooseOf(name string, limit int64, want kind) (kind, []byte, error) {
	fi, err := os.Stat(name)
	if err != nil {
		return 0, nil, err
	}
	if !fi.Mode().IsRegular() {
		return 0, nil, fmt.Errorf("%w: it is not a regular file", ErrCorrupt)
	}
	f, err := os.Open(name)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	z, err := zlib.NewReader(bufio.NewReader(f))
	if err != nil {
		return 0, nil, errZlib
	}
	b := bufio.NewReader(z)
	k, size, err := looseHeader(b)
	if err != nil {
		return 0, nil, err
	}
	if want != 0 && k != want {
		return k, nil, nil
	}
	if size > limit {
		return 0, nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	if size/maxInflation > fi.Size() {
		return 0, nil, errZlib
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(b, data); err != nil {
		return 0, nil, errZlib
	}
	if _, err := b.ReadByte(); err != io.EOF {
		return 0, nil, errZlib
	}
	return k, data, nil
}

// looseHeader reads "blob 123" and the zero byte behind it.
func looseHeader(b *bufio.Reader) (kind, int64, error) {
	var head []byte
	for len(head) < 32 {
		c, err := b.ReadByte()
		if err != nil {
			return 0, 0, errZlib
		}
		if c == 0 {
			break
		}
		head = append(head, c)
	}
	word, digits, _ := strings.Cut(string(head), " ")
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || size < 0 {
		return 0, 0, errHeader
	}
	for k := kindCommit; k <= kindTag; k++ {
		if k.String() == word {
			return k, size, nil
		}
	}
	return 0, 0, errHeader
}
