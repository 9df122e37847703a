package source

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// A cacheTree remembers which tree object a directory of the index would be
// written as, so that an unchanged directory is passed over without a look at
// its entries.
type cacheTree struct {
	name  string
	count int    // entries below it; -1 when something changed there
	id    []byte // the tree, when count is not -1
	subs  []cacheTree
}

// parseCacheTree gives nil for what it cannot read: the cache can be done without.
func parseCacheTree(b []byte, hashLen int) *cacheTree {
	var root cacheTree
	rest, ok := root.parse(b, hashLen, 0)
	if !ok || len(rest) > 0 {
		return nil
	}
	return &root
}

func (c *cacheTree) parse(b []byte, hashLen, depth int) ([]byte, bool) {
	name, b, ok := bytes.Cut(b, []byte{0})
	if !ok || depth > maxDepth {
		return nil, false
	}
	line, b, ok := bytes.Cut(b, []byte{'\n'})
	if !ok {
		return nil, false
	}
	count, subs, ok := bytes.Cut(line, []byte{' '})
	n, err1 := strconv.Atoi(string(count))
	m, err2 := strconv.Atoi(string(subs))
	if !ok || err1 != nil || err2 != nil || m < 0 || m > len(b) {
		return nil, false
	}
	c.name, c.count = string(name), n
	if n >= 0 {
		if len(b) < hashLen {
			return nil, false
		}
		c.id, b = b[:hashLen], b[hashLen:]
	}
	for range m {
		var sub cacheTree
		if b, ok = sub.parse(b, hashLen, depth+1); !ok {
			return nil, false
		}
		c.subs = append(c.subs, sub)
	}
	return b, true
}

// sub gives the node of a directory below, nil when there is none.
func (c *cacheTree) sub(name string) *cacheTree {
	if c == nil {
		return nil
	}
	for i := range c.subs {
		if c.subs[i].name == name {
			return &c.subs[i]
		}
	}
	return nil
}

// An indexLink tells how a split index changes the shared one it builds on.
type indexLink struct {
	shared  []byte // hash in the name of the shared index
	deleted bitmap
	replace bitmap
}

func parseLink(b []byte, hashLen int) (*indexLink, error) {
	if len(b) < hashLen {
		return nil, corrupt("its link to a shared index is cut off")
	}
	l := &indexLink{shared: b[:hashLen]}
	b = b[hashLen:]
	if len(b) == 0 {
		return l, nil
	}
	var ok bool
	if l.deleted, b, ok = parseEWAH(b); ok {
		l.replace, b, ok = parseEWAH(b)
	}
	if !ok || len(b) > 0 {
		return nil, corrupt("its link to a shared index cannot be read")
	}
	return l, nil
}

// resolve makes ix, which holds changes, the whole index.
func (l *indexLink) resolve(ix *index, read func(name string) (*index, error)) error {
	if bytes.Count(l.shared, []byte{0}) == len(l.shared) {
		return nil
	}
	base, err := read("sharedindex." + (&indexEntry{id: l.shared}).hex())
	if err != nil {
		return err
	}
	changes := ix.all()
	var merged []indexEntry
	for i, e := range base.all() {
		if l.replace.has(i) {
			if len(changes) == 0 || len(changes[0].path) > 0 {
				return corrupt("a replacement for the shared index is not there")
			}
			path := e.path
			e, changes = changes[0], changes[1:]
			e.path = path
		}
		if !l.deleted.has(i) {
			merged = append(merged, e)
		}
	}
	all := mergeEntries(merged, changes)
	ix.entryList = entryList{full: all}
	for i := range all {
		if len(all[i].path) == 0 || i > 0 && !all[i-1].before(&all[i]) {
			return corrupt("its entries do not fit the shared index")
		}
	}
	return nil
}

func mergeEntries(a, b []indexEntry) []indexEntry {
	out := make([]indexEntry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].before(&b[0]) {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

type bitmap []uint64

func (m bitmap) has(i int) bool { return i>>6 < len(m) && m[i>>6]>>(i&63)&1 != 0 }

// parseEWAH reads a compressed bitmap, see "bitmap format" in
// gitformat-bitmap(5), appendix A.
func parseEWAH(b []byte) (m bitmap, rest []byte, ok bool) {
	if len(b) < 8 {
		return nil, nil, false
	}
	size := int(binary.BigEndian.Uint32(b))
	words := int(binary.BigEndian.Uint32(b[4:]))
	if b = b[8:]; words > (len(b)-4)/8 || size > maxIndex/64 {
		return nil, nil, false
	}
	most := (size + 63) / 64
	word := func() (w uint64) {
		w, b, words = binary.BigEndian.Uint64(b), b[8:], words-1
		return w
	}
	for words > 0 {
		head := word()
		length, literals := int(head>>1&(1<<32-1)), int(head>>33)
		if length+literals > most-len(m) || literals > words {
			return nil, nil, false
		}
		for range length {
			m = append(m, -(head & 1))
		}
		for range literals {
			m = append(m, word())
		}
	}
	if len(b) < 4 {
		return nil, nil, false
	}
	return m, b[4:], true // behind it: where the last head stood
}
