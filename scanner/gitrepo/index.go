package gitrepo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
)

// A table maps ids, in ascending order, to offsets in a pack. The three files
// that git keeps such a table in (.idx of version 1 and 2, multi-pack-index)
// differ in where its columns lie. All columns are checked to lie within data
// when the table is made, so access needs no further check of the file.
type table struct {
	data    []byte
	hashLen int
	n       int // entries
	fan     int // where the 256 counts of the fanout start

	ids, idStep     int
	offs, offStep   int
	crcs            int // start of the CRC-32 column; 0 when there is none
	large, numLarge int // start and length of the column of 64-bit offsets
	wide            bool

	finer atomic.Pointer[fanout] // nil until refined

	rows []int32 // if not nil, the entries of data that belong to this table
}

// len is the number of entries.
func (t *table) len() int {
	if t.rows != nil {
		return len(t.rows)
	}
	return t.n
}

func (t *table) row(i int) int {
	if t.rows != nil {
		return int(t.rows[i])
	}
	return i
}

// id is the id of entry i, a view into the file.
func (t *table) id(i int) []byte {
	at := t.ids + t.row(i)*t.idStep
	return t.data[at : at+t.hashLen : at+t.hashLen]
}

// offset is where entry i starts in its pack, -1 when the index contradicts itself.
func (t *table) offset(i int) int64 {
	off := binary.BigEndian.Uint32(t.data[t.offs+t.row(i)*t.offStep:])
	if !t.wide || off&(1<<31) == 0 {
		return int64(off)
	}
	k := int(off &^ (1 << 31))
	if k >= t.numLarge {
		return -1
	}
	v := binary.BigEndian.Uint64(t.data[t.large+8*k:])
	if v > 1<<62 {
		return -1
	}
	return int64(v)
}

// crc is the CRC-32 of entry i as packed, header included; ok is false when the index has none.
func (t *table) crc(i int) (sum uint32, ok bool) {
	if t.crcs == 0 {
		return 0, false
	}
	return binary.BigEndian.Uint32(t.data[t.crcs+4*t.row(i):]), true
}

// find gives the entry of an id.
func (t *table) find(id []byte) (int, bool) {
	if t.rows != nil {
		i := sort.Search(len(t.rows), func(i int) bool { return bytes.Compare(t.id(i), id) >= 0 })
		return i, i < len(t.rows) && bytes.Equal(t.id(i), id)
	}
	if f := t.finer.Load(); f != nil {
		first := binary.BigEndian.Uint64(id)
		p := first >> f.shift
		lo, hi := int(f.starts[p]), int(f.starts[p+1])
		if hi-lo > fewRows {
			return t.halve(id, lo, hi)
		}
		for ; lo < hi; lo++ {
			at := t.ids + lo*t.idStep
			row := t.data[at : at+t.hashLen]
			if binary.BigEndian.Uint64(row) == first && string(row) == string(id) {
				return lo, true
			}
		}
		return 0, false
	}
	lo, hi := t.bucket(id[0])
	return t.halve(id, lo, hi)
}

// together is how many ids findSome looks for at once: as many as the processor can
// wait for memory for, and more.
const together = 64

// findSome gives the entries of some of the ids that stand one behind another, none
// for what is not there. What it reads of the table for one does not hang on what
// it read for another, so that they wait for memory at the same time.
func (t *table) findSome(ids []byte, some []int32, rows *[together]int32) {
	id := func(i int32) []byte { return ids[int(i)*t.hashLen:][:t.hashLen] }
	var heads [together]uint64 // of the rows where the ids stand if they are first of their bits
	f := t.finer.Load()
	if f != nil {
		for k, i := range some {
			rows[k] = min(f.starts[binary.BigEndian.Uint64(id(i))>>f.shift], int32(t.n-1))
		}
		for k := range some {
			heads[k] = binary.BigEndian.Uint64(t.data[t.ids+int(rows[k])*t.idStep:])
		}
	}
	for k, i := range some {
		id := id(i)
		if f != nil && heads[k] == binary.BigEndian.Uint64(id) && string(t.id(int(rows[k]))) == string(id) {
			continue
		}
		row, ok := t.find(id)
		if !ok {
			row = int(none)
		}
		rows[k] = int32(row)
	}
}

// A fanout tells where the ids with some first bits start.
type fanout struct {
	starts []int32
	shift  int // of the first eight bytes of an id, to those bits
}

// fewRows is how many rows are looked at one after another: ids are spread evenly,
// but those of a forged index need not be.
const fewRows = 16

// refine makes find faster where most objects will be asked for: with a count for
// each few entries, a search stays within two lines of cache. each is how many
// entries share a count, as a power of two.
func (t *table) refine(each int) {
	n := bits.Len(uint(t.n)) - each
	if t.rows != nil || n < 1 {
		return
	}
	f := &fanout{starts: make([]int32, 1<<n+1), shift: 64 - n}
	next := uint64(0)
	for i := range t.n {
		p := binary.BigEndian.Uint64(t.data[t.ids+i*t.idStep:]) >> f.shift
		for ; next <= p; next++ {
			f.starts[next] = int32(i)
		}
	}
	for ; next < uint64(len(f.starts)); next++ {
		f.starts[next] = int32(t.n)
	}
	t.finer.Store(f)
}

// halve looks for an id from row lo up to row hi.
func (t *table) halve(id []byte, lo, hi int) (int, bool) {
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		at := t.ids + mid*t.idStep
		switch c := bytes.Compare(t.data[at:at+t.hashLen], id); {
		case c < 0:
			lo = mid + 1
		case c > 0:
			hi = mid
		default:
			return mid, true
		}
	}
	return 0, false
}

// bucket is the range of entries whose id starts with b.
func (t *table) bucket(b byte) (lo, hi int) {
	if b > 0 {
		lo = int(binary.BigEndian.Uint32(t.data[t.fan+4*int(b)-4:]))
	}
	return lo, int(binary.BigEndian.Uint32(t.data[t.fan+4*int(b):]))
}

// bucketOf is bucket for any table.
func (t *table) bucketOf(b byte) (lo, hi int) {
	if t.rows == nil {
		return t.bucket(b)
	}
	lo = sort.Search(t.len(), func(i int) bool { return t.id(i)[0] >= b })
	hi = sort.Search(t.len(), func(i int) bool { return t.id(i)[0] > b })
	return lo, hi
}

// prefixed calls yield with each entry whose id starts with the hexadecimal prefix.
func (t *table) prefixed(prefix []byte, odd bool, yield func(i int) bool) {
	full := prefix
	if odd {
		full = prefix[:len(prefix)-1]
	}
	i := sort.Search(t.len(), func(i int) bool { return bytes.Compare(t.id(i), prefix) >= 0 })
	for ; i < t.len(); i++ {
		id := t.id(i)
		if !bytes.HasPrefix(id, full) || odd && id[len(full)]&0xf0 != prefix[len(full)] || !yield(i) {
			return
		}
	}
}

// checkFan reads the number of entries and makes sure that the fanout ascends,
// so that every bucket lies within the table.
func (t *table) checkFan() error {
	if len(t.data) < t.fan+1024 {
		return fmt.Errorf("%w: index is cut short", ErrCorrupt)
	}
	last := uint32(0)
	for b := range 256 {
		v := binary.BigEndian.Uint32(t.data[t.fan+4*b:])
		if v < last {
			return fmt.Errorf("%w: index fanout descends", ErrCorrupt)
		}
		last = v
	}
	if int64(last) > int64(len(t.data)/t.hashLen) {
		return fmt.Errorf("%w: index claims %d objects", ErrCorrupt, last)
	}
	t.n = int(last)
	return nil
}

// parseIndex reads a pack's .idx, version 1 or 2.
func parseIndex(data []byte, hashLen int) (*table, error) {
	t := &table{data: data, hashLen: hashLen}
	if len(data) < 8 || string(data[:4]) != "\xfftOc" {
		return t, t.layoutV1()
	}
	if v := binary.BigEndian.Uint32(data[4:]); v != 2 {
		return nil, fmt.Errorf("%w: index version %d", ErrUnsupported, v)
	}
	t.fan = 8
	if err := t.checkFan(); err != nil {
		return nil, err
	}
	t.ids, t.idStep = 8+1024, hashLen
	t.crcs = t.ids + t.n*hashLen
	t.offs, t.offStep = t.crcs+4*t.n, 4
	t.large, t.wide = t.offs+4*t.n, true
	rest := len(data) - 2*hashLen - t.large
	if rest < 0 || rest%8 != 0 {
		return nil, fmt.Errorf("%w: index of %d bytes does not hold %d objects", ErrCorrupt, len(data), t.n)
	}
	t.numLarge = rest / 8
	return t, nil
}

func (t *table) layoutV1() error {
	if err := t.checkFan(); err != nil {
		return err
	}
	t.offs, t.offStep = 1024, 4+t.hashLen
	t.ids, t.idStep = 1028, 4+t.hashLen
	if want := 1024 + t.n*t.idStep + 2*t.hashLen; want != len(t.data) {
		return fmt.Errorf("%w: index of %d bytes does not hold %d objects", ErrCorrupt, len(t.data), t.n)
	}
	return nil
}

// A multi is a multi-pack-index: one table over many packs.
type multi struct {
	table
	names []string // packs, without extension, in the order of their numbers
}

// pack is the number of the pack that holds entry i.
func (m *multi) pack(i int) int {
	return int(binary.BigEndian.Uint32(m.data[m.offs-4+m.row(i)*m.offStep:]))
}

// parseMulti reads a multi-pack-index of version 1.
func parseMulti(data []byte, hashLen int) (*multi, error) {
	if len(data) < 12 || string(data[:4]) != "MIDX" {
		return nil, fmt.Errorf("%w: multi-pack-index without its signature", ErrCorrupt)
	}
	if data[4] != 1 || data[7] != 0 {
		return nil, fmt.Errorf("%w: multi-pack-index version %d with %d bases", ErrUnsupported, data[4], data[7])
	}
	if want := map[byte]int{1: 20, 2: 32}[data[5]]; want != hashLen {
		return nil, fmt.Errorf("%w: multi-pack-index is of another object format", ErrCorrupt)
	}
	chunks, err := readChunks(data, int(data[6]))
	if err != nil {
		return nil, err
	}
	m := &multi{table: table{data: data, hashLen: hashLen, fan: chunks["OIDF"].start}}
	if chunks["OIDF"].size() != 1024 {
		return nil, fmt.Errorf("%w: multi-pack-index without fanout", ErrCorrupt)
	}
	if err := m.checkFan(); err != nil {
		return nil, err
	}
	ids, offs, large := chunks["OIDL"], chunks["OOFF"], chunks["LOFF"]
	if ids.size() != m.n*hashLen || offs.size() != m.n*8 {
		return nil, fmt.Errorf("%w: multi-pack-index does not hold %d objects", ErrCorrupt, m.n)
	}
	m.ids, m.idStep = ids.start, hashLen
	m.offs, m.offStep = offs.start+4, 8
	m.large, m.numLarge, m.wide = large.start, large.size()/8, large.size() > 0
	names := chunks["PNAM"]
	for name := range strings.SplitSeq(strings.TrimRight(string(data[names.start:names.end]), "\x00"), "\x00") {
		name = strings.TrimSuffix(strings.TrimSuffix(name, ".idx"), ".pack")
		m.names = append(m.names, name)
	}
	if len(m.names) != int(binary.BigEndian.Uint32(data[8:])) {
		return nil, fmt.Errorf("%w: multi-pack-index names %d packs", ErrCorrupt, len(m.names))
	}
	return m, nil
}

// of gives the part of a multi-pack-index that is about one pack. It lacks
// objects that also stand in another pack.
func (m *multi) of(pack int) *table {
	t := &table{
		data: m.data, hashLen: m.hashLen, n: m.n, fan: m.fan,
		ids: m.ids, idStep: m.idStep, offs: m.offs, offStep: m.offStep,
		large: m.large, numLarge: m.numLarge, wide: m.wide, rows: []int32{},
	}
	for i := range m.n {
		if m.pack(i) == pack {
			t.rows = append(t.rows, int32(i))
		}
	}
	t.rows = slices.Clip(t.rows)
	return t
}

type span struct{ start, end int }

func (s span) size() int { return s.end - s.start }

// readChunks reads a table of contents as gitformat-chunk(5) has it: the ids and
// starts of n chunks, ended by an id of zero. It starts at byte 12 of data.
func readChunks(data []byte, n int) (map[string]span, error) {
	if len(data) < 12*(n+2) {
		return nil, fmt.Errorf("%w: table of contents is cut short", ErrCorrupt)
	}
	chunks := make(map[string]span)
	for i := range n {
		at := data[12+12*i:]
		start, end := binary.BigEndian.Uint64(at[4:]), binary.BigEndian.Uint64(at[16:])
		if start > end || end > uint64(len(data)) {
			return nil, fmt.Errorf("%w: chunk %q lies outside the file", ErrCorrupt, at[:4])
		}
		chunks[string(at[:4])] = span{int(start), int(end)}
	}
	return chunks, nil
}
