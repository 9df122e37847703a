package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/discovery"
	"github.com/credgate/credgate/scanner/source"
)

const saltPath = ".credgate/salt"

// A law is what a run is judged by, and where it was taken from.
type law struct {
	gate.Declarations
	tree    fs.FS  // of the trusted ref
	trusted string // the ref; "" when the place itself is trusted
	adopted bool   // the trusted ref has no .credgate: the change brings the first
}

// law reads what people declared for a place. Its errors are those of usage:
// what is wrong in the files is told whole.
func (p *program) law(place discovery.Place, own fs.FS) (law, error) {
	var l law
	var err error
	if l.tree, err = p.trustedTree(place, own, &l); err != nil {
		return l, err
	}
	from := gate.Sources{Tree: own, Trusted: l.tree}
	if from.Inventories, err = p.inventories(own); err != nil {
		return l, err
	}
	if from.Policy, err = p.policyFile(); err != nil {
		return l, err
	}
	l.Declarations, err = gate.Load(from)
	return l, err
}

// policyFile is that of --policy; nil without the flag.
func (p *program) policyFile() (*inventory.File, error) {
	if p.flags.policy == "" {
		return nil, nil
	}
	data, err := flagFile(p.flags.policy)
	if err != nil {
		return nil, err
	}
	return &inventory.File{Path: filepath.ToSlash(p.flags.policy), Data: data}, nil
}

// rulebook reads of the law what a scan needs: the policy, of the trusted ref.
func (p *program) rulebook(place discovery.Place, own fs.FS) (law, error) {
	var l law
	var err error
	if l.tree, err = p.trustedTree(place, own, &l); err != nil {
		return l, err
	}
	file, err := p.policyFile()
	switch {
	case err != nil:
	case file != nil:
		l.Policy, err = policy.Parse(file.Path, file.Data)
	default:
		l.Policy, err = policy.Load(l.tree)
	}
	return l, err
}

// ownTree is the tree that the change under judgement declares: the work tree,
// what is staged, or the commit at HEAD of a bare repository.
func (p *program) ownTree(ctx context.Context, place discovery.Place) (fs.FS, error) {
	repo := place.Repo
	if repo != nil && (p.flags.staged || repo.WorkTree() == "") {
		head, err := repo.Head()
		if err != nil {
			return nil, fmt.Errorf("reading HEAD: %w", err)
		}
		var base fs.FS = fstest.MapFS{}
		if head.ID != "" {
			base = repo.FS(head.ID)
		}
		if !p.flags.staged {
			return base, nil
		}
		return staged(ctx, place, head.ID, base), nil
	}
	if place.Dir == "" {
		return fstest.MapFS{}, nil
	}
	root, err := os.OpenRoot(place.Dir)
	if err != nil {
		return nil, err
	}
	return plainFS{root.FS()}, nil
}

// A plainFS opens files and directories only: a FIFO among the declarations
// would hold its reader for good.
type plainFS struct{ fs.FS }

func (t plainFS) Open(name string) (fs.File, error) {
	info, err := fs.Stat(t.FS, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("is no regular file")}
	}
	return t.FS.Open(name)
}

// declaration reads a file of a tree, at most as much as one may hold.
func declaration(tree fs.FS, name string) ([]byte, error) {
	f, err := tree.Open(name)
	if err != nil {
		return nil, err
	}
	return bounded(f, name)
}

// flagFile reads a file that a flag names, which may be a pipe.
func flagFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return bounded(f, name)
}

func bounded(f io.ReadCloser, name string) ([]byte, error) {
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, field.MaxBytes+1))
	if err == nil && len(data) > field.MaxBytes {
		err = fmt.Errorf("%s: larger than %d MiB", name, field.MaxBytes>>20)
	}
	return data, err
}

// staged is HEAD's declarations with those that are about to be committed.
func staged(ctx context.Context, place discovery.Place, head scanner.ObjectID, base fs.FS) fs.FS {
	index := source.Staged(place.Repo, head)
	list := index.List(ctx)
	changed := false
	for i := range list.Len() {
		changed = changed || declares(list.Path(i))
	}
	if !changed {
		return base
	}
	all := fstest.MapFS{}
	_ = fs.WalkDir(base, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case d.IsDir() && name != "." && !declares(name+"/"):
			return fs.SkipDir
		case d.Type().IsRegular() && declares(name):
			if data, err := fs.ReadFile(base, name); err == nil {
				all[name] = &fstest.MapFile{Data: data}
			}
		}
		return nil
	})
	for f, g := range index.Files(ctx) {
		if g == nil && declares(f.Path) {
			all[f.Path] = &fstest.MapFile{Data: bytes.Clone(f.Data)}
		}
	}
	return all
}

// declares tells whether a path, or what is below a directory that ends in a
// slash, may be read as a declaration.
func declares(name string) bool {
	return strings.HasPrefix(name, ".credgate/") || path.Base(name) == "CODEOWNERS" ||
		name == ".github/" || name == ".gitlab/" || name == "docs/"
}

// trustedTree is where the rules come from: --trust; when a commit is about to
// be made, HEAD; in a pull request's job, its base; else the place itself.
func (p *program) trustedTree(place discovery.Place, own fs.FS, l *law) (fs.FS, error) {
	ref := p.flags.trust
	base := p.getenv("GITHUB_BASE_REF")
	switch {
	case place.Repo == nil:
		if ref != "" {
			return nil, fmt.Errorf("--trust %q: %q is no git repository", ref, place.Name)
		}
		return own, nil
	case ref != "":
	case p.flags.staged:
		ref = "HEAD"
		if head, err := place.Repo.Head(); err != nil || head.ID == "" {
			return own, nil
		}
	case base != "":
		ref = "origin/" + base
	default:
		return own, nil
	}
	id, err := place.Repo.ResolveCommit(ref)
	if err != nil {
		return nil, fmt.Errorf("trusted ref: %w (hint: fetch it, or name another with --trust)", err)
	}
	l.trusted = ref
	tree := place.Repo.FS(id)
	if _, err := fs.Stat(tree, ".credgate"); errors.Is(err, fs.ErrNotExist) {
		l.adopted = true
		return own, nil
	}
	return tree, nil
}

// inventories are those of --inventory with the tree's own; none without the
// flag.
func (p *program) inventories(tree fs.FS) ([]inventory.File, error) {
	if len(p.flags.inventories) == 0 {
		return nil, nil
	}
	var files []inventory.File
	own, err := fs.Glob(tree, path.Join(inventory.Dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{inventory.Path}, own...) {
		data, err := declaration(tree, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			files = append(files, inventory.File{Path: name, Data: data})
		}
	}
	for _, name := range p.flags.inventories {
		data, err := flagFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, inventory.File{Path: filepath.ToSlash(name), Data: data})
	}
	return files, nil
}

// salt is that of the place's .credgate; nil without one.
func salt(tree fs.FS) ([]byte, error) {
	data, err := declaration(tree, saltPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s := strings.TrimSpace(string(data))
	if len(s) < 32 || strings.Trim(s, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("%s: not a line of 32 or more hexadecimal digits (hint: restore it; fingerprints depend on it)", saltPath)
	}
	return []byte(s), nil
}
