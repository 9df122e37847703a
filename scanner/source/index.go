package source

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sort"
	"syscall"

	"github.com/credgate/credgate/scanner"
)

// An index is a git index file, versions 2 to 4 (gitformat-index(5)). Its paths
// and ids lie in the file's bytes. It is read by code of our own because a
// commit waits for it: fifty thousand entries take milliseconds and no garbage.
type index struct {
	entryList
	cache *cacheTree // nil when there is none
}

// An entryList is entries of an index in order of path, then stage. Where it
// can, it holds only where they stand in the file: a hundred bytes of memory
// for each entry would cost more time than all else.
type entryList struct {
	full []indexEntry
	at   []uint32 // when full is nil
	file *indexParser
}

func (l entryList) len() int { return max(len(l.full), len(l.at)) }

func (l entryList) get(i int) (e indexEntry) {
	if l.full != nil {
		return l.full[i]
	}
	l.file.entry(l.file.data, int(l.at[i]), &e)
	return e
}

func (l entryList) cut(from, to int) entryList {
	if l.full != nil {
		return entryList{full: l.full[from:to]}
	}
	return entryList{at: l.at[from:to], file: l.file}
}

func (l entryList) all() []indexEntry {
	if l.full != nil || l.len() == 0 {
		return l.full
	}
	all := make([]indexEntry, l.len())
	for i := range all {
		all[i] = l.get(i)
	}
	return all
}

type indexEntry struct {
	path  []byte
	id    []byte
	mode  uint32
	stage uint8
	flags uint16 // the extended ones
}

const (
	skipWorktree = 0x4000
	intentToAdd  = 0x2000

	modeType    = 0o170000
	modeDir     = 0o040000
	modeSymlink = 0o120000
	modeGitlink = 0o160000
)

func (e *indexEntry) hex() string                { return hex.EncodeToString(e.id) }
func (e *indexEntry) objectID() scanner.ObjectID { return scanner.ObjectID(e.hex()) }

// errIndex is the error of every index that contradicts its format.
var errIndex = errors.New("index is corrupt")

func corrupt(what string) error {
	return fmt.Errorf("%w: %s (to rebuild it: git reset)", errIndex, what)
}

// readIndex reads the index of a git directory; hashLen is 20 or 32. A missing
// one is empty: nothing was added yet.
func readIndex(gitDir string, hashLen int) (*index, error) {
	root, err := os.OpenRoot(gitDir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := readLimited(root, "index", maxIndex)
	if errors.Is(err, os.ErrNotExist) {
		return &index{}, nil
	}
	if err != nil {
		return nil, err
	}
	p := indexParser{data: data, hashLen: hashLen}
	ix, err := p.parse()
	if err != nil || p.link == nil {
		return ix, err
	}
	return ix, p.link.resolve(ix, func(name string) (*index, error) {
		data, err := readLimited(root, name, maxIndex)
		if err != nil {
			return nil, err
		}
		shared := indexParser{data: data, hashLen: hashLen}
		base, err := shared.parse()
		if err == nil && shared.link != nil {
			err = corrupt("a shared index refers to another")
		}
		return base, err
	})
}

func readLimited(root *os.Root, name string, limit int64) ([]byte, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a FIFO does not hang us
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, fmt.Errorf("%s: no regular file of at most %d bytes", name, limit)
	}
	data := make([]byte, info.Size())
	n, err := io.ReadFull(f, data)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil
	}
	return data[:n], err
}

type indexParser struct {
	data     []byte // all of the file
	hashLen  int
	version  uint32
	arena    []byte // paths of version 4
	last     []byte // ... the one before
	link     *indexLink
	nameless bool // an entry has no path
}

func (p *indexParser) parse() (*index, error) {
	if len(p.data) < 12+p.hashLen {
		return nil, corrupt("shorter than its header")
	}
	if string(p.data[:4]) != "DIRC" {
		return nil, corrupt("no DIRC at its start")
	}
	if p.version = binary.BigEndian.Uint32(p.data[4:]); p.version < 2 || p.version > 4 {
		return nil, fmt.Errorf("index has version %d; 2 to 4 are known", p.version)
	}
	sum := make(chan bool, 1)
	go func() { sum <- p.checksum() }()
	ix, err := p.body()
	if !<-sum {
		return nil, corrupt("its checksum is wrong")
	}
	return ix, err
}

// checksum tells whether the file ends in its hash, or in zeros (index.skipHash).
func (p *indexParser) checksum() bool {
	body, want := p.data[:len(p.data)-p.hashLen], p.data[len(p.data)-p.hashLen:]
	if bytes.Count(want, []byte{0}) == len(want) {
		return true
	}
	var h hash.Hash = sha1.New()
	if p.hashLen == sha256.Size {
		h = sha256.New()
	}
	h.Write(body)
	return bytes.Equal(h.Sum(nil), want)
}

func (p *indexParser) body() (*index, error) {
	count := binary.BigEndian.Uint32(p.data[8:])
	body := p.data[:len(p.data)-p.hashLen]
	least := 42 + p.hashLen // bytes of an entry, path and padding aside
	if int64(count)*int64(least) > int64(len(body)) {
		return nil, corrupt("it is too short for its number of entries")
	}
	ix := &index{}
	if p.version == 4 {
		ix.full = make([]indexEntry, 0, count)
	} else {
		ix.at, ix.file = make([]uint32, 0, count), p
	}
	at, last := 12, indexEntry{}
	for i := range int(count) {
		var e indexEntry
		start := at
		var ok bool
		if at, ok = p.entry(body, at, &e); !ok {
			return nil, corrupt(fmt.Sprintf("entry %d does not end", i))
		}
		// Entries without a path stand for those of a shared index, in its order.
		if i > 0 && (len(e.path) > 0 || len(last.path) > 0) && !last.before(&e) {
			return nil, corrupt(fmt.Sprintf("entry %d is out of order", i))
		}
		if p.nameless = p.nameless || len(e.path) == 0; p.version == 4 {
			ix.full = append(ix.full, e)
		} else {
			ix.at = append(ix.at, uint32(start))
		}
		last = e
	}
	if err := p.extensions(ix, body[at:]); err != nil {
		return nil, err
	}
	if p.nameless && p.link == nil {
		return nil, corrupt("an entry has no path")
	}
	return ix, nil
}

// before tells the order of an index. Entries without a path, which stand for
// one in a shared index, come before all others.
func (e *indexEntry) before(o *indexEntry) bool {
	c := bytes.Compare(e.path, o.path)
	return c < 0 || c == 0 && e.stage < o.stage
}

func (p *indexParser) entry(b []byte, at int, e *indexEntry) (int, bool) {
	start := at
	at += 40 + p.hashLen
	if at+2 > len(b) {
		return 0, false
	}
	e.mode = binary.BigEndian.Uint32(b[start+24:])
	e.id = b[start+40 : at]
	flags := binary.BigEndian.Uint16(b[at:])
	e.stage = uint8(flags >> 12 & 3)
	at += 2
	if flags&0x4000 != 0 {
		if p.version < 3 || at+2 > len(b) {
			return 0, false
		}
		e.flags = binary.BigEndian.Uint16(b[at:])
		at += 2
	}
	if p.version == 4 {
		return p.prefixed(b, at, e)
	}
	n := int(flags & 0xfff)
	if n == 0xfff || at+n >= len(b) || b[at+n] != 0 {
		if n = bytes.IndexByte(b[at:], 0); n < 0 {
			return 0, false
		}
	}
	e.path = b[at : at+n : at+n]
	at = start + (at+n-start+8)&^7
	return at, at <= len(b)
}

// prefixed reads a path of version 4: how many bytes to take off the end of the
// path before, then what to put there.
func (p *indexParser) prefixed(b []byte, at int, e *indexEntry) (int, bool) {
	strip, at, ok := varint(b, at)
	last := p.last
	if !ok || strip > len(last) {
		return 0, false
	}
	n := bytes.IndexByte(b[at:], 0)
	if n < 0 {
		return 0, false
	}
	p.arena = append(append(p.arena, last[:len(last)-strip]...), b[at:at+n]...)
	e.path = p.arena[len(p.arena)-(len(last)-strip+n) : len(p.arena) : len(p.arena)]
	p.last = e.path
	return at + n + 1, len(p.arena) <= maxIndex
}

// varint reads the offset encoding of gitformat-pack(5).
func varint(b []byte, at int) (int, int, bool) {
	v := 0
	for i := at; i < len(b) && v < 1<<40; i++ {
		v |= int(b[i] & 127)
		if b[i] < 128 {
			return v, i + 1, true
		}
		v = (v + 1) << 7
	}
	return 0, 0, false
}

func (p *indexParser) extensions(ix *index, b []byte) error {
	for len(b) > 0 {
		if len(b) < 8 || int64(binary.BigEndian.Uint32(b[4:])) > int64(len(b)-8) {
			return corrupt("an extension does not end")
		}
		name, n := string(b[:4]), int(binary.BigEndian.Uint32(b[4:]))
		data := b[8 : 8+n]
		b = b[8+n:]
		switch {
		case name == "TREE":
			ix.cache = parseCacheTree(data, p.hashLen)
		case name == "link":
			var err error
			if p.link, err = parseLink(data, p.hashLen); err != nil {
				return err
			}
		case name == "sdir": // sparse directories: told by the modes of entries
		case name[0] < 'A' || name[0] > 'Z':
			return fmt.Errorf("index has the extension %q, which must be understood and is not", name)
		}
	}
	return nil
}

// find gives the position of the first entry not before path.
func find(entries []indexEntry, path string) int {
	return sort.Search(len(entries), func(i int) bool { return string(entries[i].path) >= path })
}

// within gives the entries below path when it is a directory on disk, and
// whether the index holds path itself: as a submodule, and nothing below it, if
// it is a directory, as anything if it is not.
func within(entries []indexEntry, path string, dir bool) (below []indexEntry, known bool) {
	i := find(entries, path)
	known = i < len(entries) && string(entries[i].path) == path
	if !dir {
		return nil, known
	}
	known = known && entries[i].mode&modeType == modeGitlink
	rest := entries[i:]
	rest = rest[find(rest, path+"/"):]
	below = rest[:find(rest, path+"0")] // "0" follows "/"
	return below, known && len(below) == 0
}
