package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/credgate/credgate/scanner"
)

// FS gives the tree that id names or leads to as a file system. Symlinks and
// submodules do not exist in it, so no path leads out of the tree.
func (r *Repo) FS(id scanner.ObjectID) fs.FS { return treeFS{r, id} }

type treeFS struct {
	repo *Repo
	id   scanner.ObjectID
}

// Open implements fs.FS.
func (t treeFS) Open(name string) (fs.File, error) {
	fail := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	e := TreeEntry{Mode: ModeTree, Name: ".", ID: t.id}
	if name != "." {
		var err error
		if e, err = t.repo.Lookup(t.id, name); err != nil {
			return fail(err)
		}
	}
	switch {
	case e.IsTree():
		return &treeDir{info: info{entry: e}, fs: t, path: name}, nil
	case !e.IsBlob() || e.Mode == ModeSymlink:
		return fail(fs.ErrNotExist)
	}
	_, data, err := t.repo.Object(e.ID)
	if err != nil {
		return fail(err)
	}
	return &blobFile{info: info{e, int64(len(data))}, Reader: *bytes.NewReader(data)}, nil
}

// info is what a tree tells of a file.
type info struct {
	entry TreeEntry
	size  int64
}

func (i info) Name() string       { return i.entry.Name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.entry.IsTree() }
func (i info) Sys() any           { return nil }
func (i info) Type() fs.FileMode  { return i.Mode().Type() }
func (i info) Mode() fs.FileMode {
	if i.IsDir() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

// dirEntry reads a file's size, which its tree does not hold, only when asked.
type dirEntry struct {
	info
	repo *Repo
}

func (d dirEntry) Info() (fs.FileInfo, error) {
	if d.IsDir() {
		return d.info, nil
	}
	_, data, err := d.repo.Object(d.entry.ID)
	return info{d.entry, int64(len(data))}, err
}

type blobFile struct {
	info
	bytes.Reader
}

func (f *blobFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *blobFile) Size() int64                { return f.info.size }
func (f *blobFile) Close() error               { return nil }

type treeDir struct {
	info
	fs   treeFS
	path string
	rest []fs.DirEntry
	read bool
}

func (d *treeDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *treeDir) Close() error               { return nil }
func (d *treeDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errors.New("is a directory")}
}

// ReadDir implements fs.ReadDirFile, in order of name.
func (d *treeDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.read {
		d.read = true
		for e, err := range d.fs.repo.Tree(d.entry.ID) {
			if err != nil {
				return nil, fmt.Errorf("reading %q: %w", d.path, err)
			}
			if (e.IsTree() || e.IsBlob() && e.Mode != ModeSymlink) && fs.ValidPath(e.Name) {
				d.rest = append(d.rest, dirEntry{info{entry: e}, d.fs.repo})
			}
		}
		slices.SortFunc(d.rest, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	if n <= 0 {
		all := d.rest
		d.rest = nil
		return all, nil
	}
	if len(d.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.rest))
	some := d.rest[:n:n]
	d.rest = d.rest[n:]
	return some, nil
}
