package gitrepo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A kind is an object's type as a pack encodes it.
type kind uint8

const (
	kindCommit   kind = 1
	kindTree     kind = 2
	kindBlob     kind = 3
	kindTag      kind = 4
	kindOfsDelta kind = 6
	kindRefDelta kind = 7
)

// String is git's word for the type.
func (k kind) String() string {
	switch k {
	case kindCommit:
		return "commit"
	case kindTree:
		return "tree"
	case kindBlob:
		return "blob"
	case kindTag:
		return "tag"
	}
	return "delta"
}

// A pack is a packfile and its index, both mapped.
type pack struct {
	path     string // without extension
	number   int    // in Repo.packs
	promisor bool
	hashLen  int
	file     mapping
	end      int64 // where the trailing checksum starts
	idx      *table
	idxFile  mapping
}

// An entry is the header of an object in a pack.
type entry struct {
	kind kind
	size int64 // of the object, or of the delta as inflated
	base int64 // of an offset delta, where its base starts
	ref  []byte
	data int64 // where the compressed bytes start
}

// openPack maps the pack at path (without extension). A given index takes the
// place of its .idx.
func openPack(path string, hashLen int, idx *table) (*pack, error) {
	p := &pack{path: path, hashLen: hashLen, idx: idx}
	if err := p.open(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *pack) open() (err error) {
	if p.idx == nil {
		if p.idxFile, err = mapFile(p.path + ".idx"); err != nil {
			if errors.Is(err, os.ErrNotExist) {
				err = fmt.Errorf("%w: it has no index (hint: git index-pack)", ErrUnsupported)
			}
			return err
		}
		data, err := p.idxFile.bytes()
		if err != nil {
			return err
		}
		if p.idx, err = parseIndex(data, p.hashLen); err != nil {
			return err
		}
	}
	if p.file, err = mapFile(p.path + ".pack"); err != nil {
		return err
	}
	return p.checkHeader()
}

func (p *pack) checkHeader() error {
	p.end = p.file.size - int64(p.hashLen)
	if p.end < 12 {
		return fmt.Errorf("%w: pack of %d bytes", ErrCorrupt, p.file.size)
	}
	var buf []byte
	head, err := p.file.slice(0, 12, &buf)
	if err != nil {
		return err
	}
	if string(head[:4]) != "PACK" {
		return fmt.Errorf("%w: pack without its signature", ErrCorrupt)
	}
	if v := binary.BigEndian.Uint32(head[4:]); v != 2 && v != 3 {
		return fmt.Errorf("%w: pack version %d", ErrUnsupported, v)
	}
	if n := binary.BigEndian.Uint32(head[8:]); p.idx.rows == nil && int64(n) != int64(p.idx.len()) {
		return fmt.Errorf("%w: pack holds %d objects, its index %d", ErrCorrupt, n, p.idx.len())
	}
	return nil
}

// name is the pack's file name without extension: pack-<checksum>.
func (p *pack) name() string { return filepath.Base(p.path) }

func (p *pack) close() error {
	return errors.Join(p.file.close(), p.idxFile.close())
}

// maxHeader is more bytes than the longest header: 10 of size, then a hash or 10 of offset.
const maxHeader = 10 + maxHash

// entry reads the header at off. Its ref is valid until buf is used again.
func (p *pack) entry(off int64, buf *[]byte) (entry, error) {
	if off < 12 || off >= p.end {
		return entry{}, fmt.Errorf("%w: offset %d lies outside the pack", ErrCorrupt, off)
	}
	b, err := p.file.slice(off, min(off+maxHeader, p.end), buf)
	if err != nil {
		return entry{}, err
	}
	e, n, err := parseEntry(b, off, p.hashLen)
	e.data = off + int64(n)
	return e, err
}

var errHeader = fmt.Errorf("%w: object header", ErrCorrupt)

// parseEntry reads a header from b, which stands at off in its pack, and tells
// how long it is.
func parseEntry(b []byte, off int64, hashLen int) (e entry, n int, err error) {
	if len(b) == 0 {
		return e, 0, errHeader
	}
	c := b[0]
	e.kind, e.size = kind(c>>4&7), int64(c&15)
	n = 1
	for shift := 4; c&0x80 != 0; shift += 7 {
		if n == len(b) || shift > 56 {
			return e, n, errHeader
		}
		c = b[n]
		e.size |= int64(c&0x7f) << shift
		n++
	}
	switch e.kind {
	case kindCommit, kindTree, kindBlob, kindTag:
	case kindRefDelta:
		if len(b)-n < hashLen {
			return e, n, errHeader
		}
		e.ref = b[n : n+hashLen]
		n += hashLen
	case kindOfsDelta:
		back, m := parseBack(b[n:])
		if m == 0 || back <= 0 || off-back < 12 {
			return e, n, errHeader
		}
		e.base = off - back
		n += m
	default:
		return e, n, errHeader
	}
	return e, n, nil
}

// parseBack reads how far back the base of an offset delta lies; 0 bytes read
// means that it is no such number.
func parseBack(b []byte) (back int64, n int) {
	for n < len(b) && n < 9 {
		c := b[n]
		n++
		back |= int64(c & 0x7f)
		if c&0x80 == 0 {
			return back, n
		}
		back = (back + 1) << 7
	}
	return 0, 0
}

// packNames lists the packs of an object directory, without extension, given the
// names in its pack directory. covered holds the index of those that only the
// multi-pack-index has one for.
func (r *Repo) packNames(dir string, seen map[string]bool) (names []string, covered map[string]*table) {
	covered = make(map[string]*table)
	m := r.openMulti(dir)
	numbers := make(map[string]int)
	if m != nil {
		for i, name := range m.names {
			numbers[name] = i
		}
	}
	for _, file := range sortedKeys(seen) {
		name, ok := strings.CutSuffix(file, ".pack")
		if !ok {
			continue
		}
		names = append(names, name)
		if number, ok := numbers[name]; ok && !seen[name+".idx"] {
			covered[name] = m.of(number)
		}
	}
	return names, covered
}

// openMulti opens the multi-pack-index of an object directory, nil when there is
// none that can be read: each pack's own index then does.
func (r *Repo) openMulti(dir string) *multi {
	f, err := mapFile(filepath.Join(dir, "pack", "multi-pack-index"))
	if err != nil {
		return nil
	}
	r.files = append(r.files, f)
	data, err := f.bytes()
	if err != nil {
		return nil
	}
	m, err := parseMulti(data, r.hashLen)
	if err != nil {
		return nil
	}
	return m
}
