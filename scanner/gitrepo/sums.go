package gitrepo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/credgate/credgate/scanner"
)

// A PackSum tells the content of a pack from that of any other.
type PackSum struct {
	Name  string            // pack-<checksum>, as for WalkOptions.SkipPack
	Sum   [sha256.Size]byte // of its bytes, and of where its index says that objects are
	Bytes int64
}

// errSameName is for packs of two object directories that go by one name.
var errSameName = errors.New("two packs have one name")

// PackBytes is the size of all packs together.
func (r *Repo) PackBytes() int64 {
	var n int64
	for _, p := range r.packs {
		n += p.file.size
	}
	return n
}

// IndexBytes is the size of all packs' indexes together.
func (r *Repo) IndexBytes() int64 {
	var n int64
	for _, p := range r.packs {
		n += int64(p.idx.len()) * int64(p.hashLen+8)
	}
	return n
}

// PackSums reads all packs and gives their sums, in the order in which they are
// walked. A pack's name would not do: it is a checksum by custom, which nothing
// enforces. The error is that of ctx or of reading, or that two packs have one name.
func (r *Repo) PackSums(ctx context.Context, workers int) ([]PackSum, error) {
	names := make(map[string]bool, len(r.packs))
	sums := make([]PackSum, len(r.packs))
	for i, p := range r.packs {
		if names[p.name()] {
			return nil, errSameName
		}
		names[p.name()] = true
		sums[i] = PackSum{Name: p.name(), Bytes: p.file.size}
	}
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range min(max(workers, 1), len(sums)) {
		g.Go(func() error {
			for i := int(next.Add(1) - 1); i < len(sums); i = int(next.Add(1) - 1) {
				var err error
				if sums[i].Sum, err = r.packs[i].sum(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return sums, g.Wait()
}

// sum is over what a walk reads of a pack.
func (p *pack) sum(ctx context.Context) (sum [sha256.Size]byte, err error) {
	const stretch = 1 << 20
	h := sha256.New()
	row := make([]byte, 0, 8+sha256.Size)
	for i := range p.idx.len() {
		row = binary.BigEndian.AppendUint64(row[:0], uint64(p.idx.offset(i)))
		h.Write(append(row, p.idx.id(i)...))
	}
	var buf []byte
	for at := int64(0); at < p.file.size; at += stretch {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		data, err := p.file.slice(at, min(at+stretch, p.file.size), &buf)
		if err != nil {
			return sum, err
		}
		h.Write(data)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// PackRow tells where an object stands: the first pack that holds it, and the row
// there. Ok is false for one in no pack.
func (r *Repo) PackRow(id scanner.ObjectID) (pack string, row int, ok bool) {
	h, err := r.fromID(id)
	if err != nil {
		return "", 0, false
	}
	for _, p := range r.packs {
		if row, ok := p.idx.find(h[:r.hashLen]); ok {
			return p.name(), row, true
		}
	}
	return "", 0, false
}

// PackID gives the id that PackRow found at a row.
func (r *Repo) PackID(pack string, row int) (scanner.ObjectID, bool) {
	for _, p := range r.packs {
		if p.name() == pack && row >= 0 && row < p.idx.len() {
			return hexID(p.idx.id(row)), true
		}
	}
	return "", false
}
