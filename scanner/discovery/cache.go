package discovery

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/credgate/credgate/scanner/gitrepo"
)

// A Cache remembers which packs of a history were scanned, and which of their
// objects hold something, so that an unchanged history is not scanned again. It
// holds no secret, and no object's id either, which would tell who guesses at
// what a small file holds that he is right: numbers of rows in packs, of no use
// without the packs. Each record is authenticated under a key that only this user
// can read. What was tampered with, cut off or made by another version counts as
// not there. It may be deleted at any time.
type Cache struct {
	dir   string
	key   []byte
	tool  func() ([]byte, error)
	least int64
}

// CacheOptions say what a cache is for.
type CacheOptions struct {
	// Tool gives what tells this scanner from any that could find something else:
	// a digest of its code and of what it was told to detect.
	Tool  func() ([]byte, error)
	Least int64 // bytes of packs below which scanning is quicker than remembering
}

const (
	cacheKeyFile = "key"
	cacheSuffix  = ".scanned"
	cacheMagic   = "credgate scanned packs 1\n"

	maxRecord     = 32 << 20  // bytes of a record; a larger one is not kept
	maxCache      = 128 << 20 // bytes of all; the oldest go first
	maxCachePacks = 1000      // of a record
)

// OpenCache opens the cache in a directory of its own, and makes both if they
// are not there.
func OpenCache(dir string, opt CacheOptions) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the cache: %w", err)
	}
	c := &Cache{dir: dir, tool: opt.Tool, least: opt.Least}
	var err error
	if c.key, err = cacheKey(filepath.Join(dir, cacheKeyFile)); err != nil {
		return nil, fmt.Errorf("opening the cache: %w", err)
	}
	return c, nil
}

// cacheKey reads the key, or makes one: also in place of one that others may read
// or write, under which nothing proves who wrote a record.
func cacheKey(name string) ([]byte, error) {
	if key := readCacheKey(name); key != nil {
		return key, nil
	}
	key := make([]byte, sha256.Size)
	rand.Read(key) // never fails: crypto/rand
	// Two runs at once may each make one; the last counts, and what the other
	// writes is not believed.
	return key, renameio.WriteFile(name, key, 0o600, renameio.IgnoreUmask())
}

func readCacheKey(name string) []byte {
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != sha256.Size {
		return nil
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil
	}
	key, err := os.ReadFile(name)
	if err != nil || len(key) != sha256.Size {
		return nil
	}
	return key
}

// A record is what a cache knows of some packs that were scanned together.
type record struct {
	packs []gitrepo.PackSum
	blobs int64 // that stand in them
	bytes int64 // of those
	rows  []packRow
}

// A packRow names an object that holds something.
type packRow struct{ pack, row uint32 }

func (r *record) names() map[string]bool {
	names := make(map[string]bool, len(r.packs))
	for _, p := range r.packs {
		names[p.Name] = true
	}
	return names
}

// find gives a record of some of the packs, nil if there is none.
func (c *Cache) find(packs []gitrepo.PackSum) *record {
	for _, p := range bySize(packs) {
		if r := c.read(p, packs); r != nil {
			return r
		}
	}
	return nil
}

// bySize sorts packs, the largest first, after which a record is named: of those
// of a repository that is the one that stays longest.
func bySize(packs []gitrepo.PackSum) []gitrepo.PackSum {
	list := slices.Clone(packs)
	slices.SortFunc(list, func(a, b gitrepo.PackSum) int {
		switch {
		case a.Bytes != b.Bytes:
			return int(max(-1, min(1, b.Bytes-a.Bytes)))
		default:
			return bytes.Compare(a.Sum[:], b.Sum[:])
		}
	})
	return list
}

func (c *Cache) read(largest gitrepo.PackSum, packs []gitrepo.PackSum) *record {
	name, err := c.name(largest)
	if err != nil {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxRecord+1))
	if err != nil || len(data) > maxRecord || len(data) < sha256.Size {
		return nil
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if !hmac.Equal(sum, c.mac(filepath.Base(name), body)) {
		return nil
	}
	return decodeRecord(body, packs)
}

// name is the file of a record; tool and pack are in it, so that a record of
// another of either is not found.
func (c *Cache) name(p gitrepo.PackSum) (string, error) {
	tool, err := c.tool()
	if err != nil {
		return "", err
	}
	return filepath.Join(c.dir, hex.EncodeToString(c.mac("name", tool, p.Sum[:])[:16])+cacheSuffix), nil
}

// mac is over parts of which all but the last have a length that is told.
func (c *Cache) mac(what string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, c.key)
	for _, p := range append([][]byte{[]byte(what)}, parts...) {
		fmt.Fprintf(h, "%d\n", len(p))
		h.Write(p)
	}
	return h.Sum(nil)
}

// write keeps a record in place of any that it was found by. What goes wrong
// loses nothing but time.
func (c *Cache) write(r *record) error {
	body := r.encode()
	if len(body)+sha256.Size > maxRecord || len(r.packs) == 0 || len(r.packs) > maxCachePacks {
		return nil
	}
	name, err := c.name(bySize(r.packs)[0])
	if err != nil {
		return err
	}
	body = append(body, c.mac(filepath.Base(name), body)...)
	if err := renameio.WriteFile(name, body, 0o600, renameio.IgnoreUmask()); err != nil {
		return err
	}
	return c.prune()
}

// prune deletes the oldest records until little enough is kept.
func (c *Cache) prune() error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	var list []fs.FileInfo
	var total int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(e.Name(), cacheSuffix) {
			list = append(list, info)
			total += info.Size()
		}
	}
	slices.SortFunc(list, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	var errs []error
	for _, info := range list {
		if total <= maxCache {
			break
		}
		total -= info.Size()
		errs = append(errs, os.Remove(filepath.Join(c.dir, info.Name())))
	}
	return errors.Join(errs...)
}

// encode writes a record: numbers are 8 bytes, big end first; packs by their sums.
func (r *record) encode() []byte {
	b := []byte(cacheMagic)
	for _, n := range []int64{r.blobs, r.bytes, int64(len(r.packs)), int64(len(r.rows))} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	for _, p := range r.packs {
		b = append(b, p.Sum[:]...)
	}
	for _, at := range r.rows {
		b = binary.BigEndian.AppendUint32(b, at.pack)
		b = binary.BigEndian.AppendUint32(b, at.row)
	}
	return b
}

// decodeRecord reads a record, nil if it is none or of packs that are not there.
func decodeRecord(b []byte, packs []gitrepo.PackSum) *record {
	rest, ok := bytes.CutPrefix(b, []byte(cacheMagic))
	if !ok || len(rest) < 4*8 {
		return nil
	}
	var head [4]uint64
	for i := range head {
		head[i] = binary.BigEndian.Uint64(rest[8*i:])
	}
	rest = rest[4*8:]
	nPacks, nRows := head[2], head[3]
	if nPacks > maxCachePacks || nRows > maxRecord || uint64(len(rest)) != nPacks*sha256.Size+nRows*8 {
		return nil
	}
	r := &record{blobs: int64(head[0]), bytes: int64(head[1])}
	for ; nPacks > 0; nPacks-- {
		i := slices.IndexFunc(packs, func(p gitrepo.PackSum) bool { return string(p.Sum[:]) == string(rest[:sha256.Size]) })
		if i < 0 {
			return nil
		}
		r.packs = append(r.packs, packs[i])
		rest = rest[sha256.Size:]
	}
	for ; nRows > 0; nRows-- {
		at := packRow{binary.BigEndian.Uint32(rest), binary.BigEndian.Uint32(rest[4:])}
		if int(at.pack) >= len(r.packs) {
			return nil
		}
		r.rows = append(r.rows, at)
		rest = rest[8:]
	}
	return r
}
