package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
)

// Limits of what one repository may make us read.
const (
	maxSmallFile  = 1 << 20  // bytes of config, HEAD, .git, commondir, alternates
	maxListFile   = 64 << 20 // bytes of packed-refs and shallow
	maxAlternates = 32       // object directories in all, the own one included
	maxLinks      = 5        // alternates of alternates, as in git
	maxPacks      = 10_000   // packs of one object directory
)

// What callers branch on.
var (
	ErrNoRepository = errors.New("not a git repository")
	ErrUnsupported  = errors.New("repository format not supported")
	ErrMissing      = errors.New("object is missing")
	ErrCorrupt      = errors.New("object is corrupt")
	ErrTooLarge     = errors.New("object is over the size limit")
)

// A Repo is an open repository. It is safe for concurrent use until Close.
type Repo struct {
	gitDir  string // HEAD and what else belongs to one work tree
	common  string // refs, config, objects
	work    string // root of the work tree; "" when bare
	hashLen int    // bytes: 20 or 32
	refRoot *os.Root
	headDir *os.Root
	reftab  bool
	promise bool // missing objects may have been left out on purpose

	objectDirs []string // the own one first, then alternates
	packs      []*pack
	files      []mapping // multi-pack-indexes, which tables of packs may lie in
	shallow    map[hash]bool
	gaps       []scanner.Gap
	cache      baseCache
	once       sync.Once
	store      store
}

// Open opens the repository that dir is in: dir itself if it is a git directory
// or bare, else the nearest parent that has a .git, as git does. Work trees of
// git-worktree(1) and submodules are followed to where their objects are. The
// error is ErrNoRepository when there is none, ErrUnsupported when it has an
// extension that we do not know. Replace refs and grafts have no effect: the
// objects themselves are scanned. The caller closes it.
func Open(dir string) (*Repo, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening repository %q: %w", dir, err)
	}
	r := &Repo{hashLen: 20}
	if err := r.locate(abs); err != nil {
		return nil, fmt.Errorf("opening repository %q: %w", dir, err)
	}
	if err := r.load(); err != nil {
		r.Close()
		return nil, fmt.Errorf("opening repository %q: %w", dir, err)
	}
	return r, nil
}

// Close unmaps the packs. Nothing handed out by a walk is valid after it;
// what Object returned is.
func (r *Repo) Close() error {
	var errs []error
	for _, p := range r.packs {
		errs = append(errs, p.close())
	}
	for i := range r.files {
		errs = append(errs, r.files[i].close())
	}
	for _, d := range []*os.Root{r.refRoot, r.headDir} {
		if d != nil {
			errs = append(errs, d.Close())
		}
	}
	r.packs = nil
	return errors.Join(errs...)
}

// WorkTree is the root of the work tree, "" for a bare repository.
func (r *Repo) WorkTree() string { return r.work }

// GitDir is the directory of HEAD and the index, absolute.
func (r *Repo) GitDir() string { return r.gitDir }

// CommonDir is the directory of refs, config, info/exclude and objects; it
// differs from GitDir in a linked work tree only.
func (r *Repo) CommonDir() string { return r.common }

// HashLen is the length of an object id in bytes: 20 for SHA-1, 32 for SHA-256.
func (r *Repo) HashLen() int { return r.hashLen }

// Shallow tells whether history is cut off.
func (r *Repo) Shallow() bool { return len(r.shallow) > 0 }

// Promisor tells whether this is a partial clone, whose missing objects were
// left out on purpose and can be fetched.
func (r *Repo) Promisor() bool { return r.promise }

// Gaps are what opening met and could not read: packs, alternates. In order.
func (r *Repo) Gaps() []scanner.Gap { return slices.Clone(r.gaps) }

// locate sets gitDir, common and work.
func (r *Repo) locate(dir string) error {
	for {
		if isGitDir(dir) {
			r.gitDir = dir
			if filepath.Base(dir) == ".git" {
				r.work = filepath.Dir(dir)
			}
			break
		}
		git := filepath.Join(dir, ".git")
		if target, err := followGitFile(git); err == nil {
			r.gitDir, r.work = target, dir
			break
		} else if !errors.Is(err, os.ErrNotExist) && !errors.Is(err, ErrNoRepository) {
			return err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ErrNoRepository
		}
		dir = up
	}
	r.common = r.gitDir
	text, err := readSmall(filepath.Join(r.gitDir, "commondir"))
	if err == nil {
		r.common = join(r.gitDir, strings.TrimSpace(text))
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// followGitFile gives the git directory that .git is or, as a file, names.
func followGitFile(git string) (string, error) {
	fi, err := os.Stat(git)
	if err != nil {
		return "", err
	}
	if fi.IsDir() {
		if !isGitDir(git) {
			return "", ErrNoRepository
		}
		return git, nil
	}
	text, err := readSmall(git)
	if err != nil {
		return "", err
	}
	name, ok := strings.CutPrefix(strings.TrimRight(text, "\r\n"), "gitdir: ")
	if !ok {
		return "", fmt.Errorf("%q: %w", git, ErrNoRepository)
	}
	target := join(filepath.Dir(git), name)
	if !isGitDir(target) {
		return "", fmt.Errorf("%q names no git directory: %w", git, ErrNoRepository)
	}
	return target, nil
}

// isGitDir is git's own test: HEAD, and objects and refs here or in commondir.
func isGitDir(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil {
		return false
	}
	common := dir
	if text, err := readSmall(filepath.Join(dir, "commondir")); err == nil {
		common = join(dir, strings.TrimSpace(text))
	}
	return isDir(filepath.Join(common, "objects")) && isDir(filepath.Join(common, "refs"))
}

func (r *Repo) load() error {
	text, err := readSmall(filepath.Join(r.common, "config"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := r.configure(parseConfig(text)); err != nil {
		return err
	}
	if r.refRoot, err = os.OpenRoot(r.common); err != nil {
		return err
	}
	if r.headDir, err = os.OpenRoot(r.gitDir); err != nil {
		return err
	}
	if err := r.loadShallow(); err != nil {
		return err
	}
	r.cache.limit = baseCacheBytes
	r.addObjectDir(filepath.Join(r.common, "objects"), 0)
	for _, dir := range r.objectDirs {
		r.loadPacks(dir)
	}
	slices.SortFunc(r.gaps, scanner.Gap.Compare)
	return nil
}

// known are the extensions that change nothing for a reader, or that we honour.
var known = []string{"noop", "noop-v1", "partialclone", "preciousobjects", "objectformat", "compatobjectformat", "worktreeconfig", "refstorage", "relativeworktrees"}

func (r *Repo) configure(c config) error {
	if c["core.bare"] == "" || isTrue(c["core.bare"]) {
		if filepath.Base(r.gitDir) != ".git" && r.gitDir == r.common && !isDir(filepath.Join(r.work, ".git")) {
			r.work = ""
		}
	}
	if w := c["core.worktree"]; w != "" && r.gitDir == r.common && r.work == "" {
		r.work = r.claimed(join(r.gitDir, w))
	}
	for k := range c {
		if name, ok := strings.CutPrefix(k, "extensions."); ok && !slices.Contains(known, name) && c["core.repositoryformatversion"] == "1" {
			return fmt.Errorf("%w: extension %q", ErrUnsupported, name)
		}
	}
	switch v := c["core.repositoryformatversion"]; v {
	case "", "0", "1":
	default:
		return fmt.Errorf("%w: repositoryformatversion %q", ErrUnsupported, v)
	}
	switch f := strings.ToLower(c["extensions.objectformat"]); f {
	case "", "sha1":
	case "sha256":
		r.hashLen = 32
	default:
		return fmt.Errorf("%w: object format %q", ErrUnsupported, f)
	}
	r.reftab = strings.EqualFold(c["extensions.refstorage"], "reftable")
	r.promise = c.promised()
	return nil
}

// claimed is a work tree that the config names if its own .git names this
// repository, as that of a submodule does. Else whoever wrote the config could
// have any directory scanned, and written to.
func (r *Repo) claimed(work string) string {
	target, err := followGitFile(filepath.Join(work, ".git"))
	if err != nil {
		return ""
	}
	a, err := os.Stat(target)
	if err != nil {
		return ""
	}
	if b, err := os.Stat(r.gitDir); err != nil || !os.SameFile(a, b) {
		return ""
	}
	return work
}

func (r *Repo) loadShallow() error {
	text, err := readLimited(filepath.Join(r.common, "shallow"), maxListFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	r.shallow = make(map[hash]bool)
	for line := range bytes.Lines(text) {
		if h, err := r.fromID(scanner.ObjectID(bytes.TrimSpace(line))); err == nil {
			r.shallow[h] = true
		}
	}
	return nil
}

// addObjectDir adds dir and, depth first, the alternates it names. An alternate
// on another host (objects/info/http-alternates) is for transports, not for readers.
func (r *Repo) addObjectDir(dir string, depth int) {
	dir = filepath.Clean(dir)
	if slices.Contains(r.objectDirs, dir) {
		return
	}
	if depth > maxLinks || len(r.objectDirs) == maxAlternates {
		r.gap(scanner.TooDeep, fmt.Sprintf("alternate object directory %q: over %d links or %d directories", dir, maxLinks, maxAlternates))
		return
	}
	if !isDir(dir) {
		r.gap(scanner.Missing, fmt.Sprintf("object directory %q is not there (alternate of this repository)", dir))
		return
	}
	r.objectDirs = append(r.objectDirs, dir)
	text, err := readSmall(filepath.Join(dir, "info", "alternates"))
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			r.gap(scanner.Unreadable, "reading alternates: "+err.Error())
		}
		return
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		r.addObjectDir(join(dir, line), depth+1)
	}
}

func (r *Repo) gap(reason scanner.Reason, detail string) {
	r.gaps = append(r.gaps, scanner.Gap{Reason: reason, Detail: detail})
}

func (r *Repo) loadPacks(dir string) {
	entries, err := os.ReadDir(filepath.Join(dir, "pack"))
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			r.gap(scanner.Unreadable, "reading packs: "+err.Error())
		}
		return
	}
	seen := make(map[string]bool)
	for _, e := range entries {
		seen[e.Name()] = true
	}
	names, covered := r.packNames(dir, seen)
	for i, name := range names {
		if i == maxPacks {
			r.gap(scanner.TooDeep, fmt.Sprintf("%d packs in one directory, limit %d (hint: git gc)", len(names), maxPacks))
			return
		}
		p, err := openPack(filepath.Join(dir, "pack", name), r.hashLen, covered[name])
		if err != nil {
			r.gap(reasonOf(err), fmt.Sprintf("pack %q: %v", name, err))
			continue
		}
		p.promisor = seen[name+".promisor"]
		r.promise = r.promise || p.promisor
		p.number = len(r.packs)
		r.packs = append(r.packs, p)
	}
}

func reasonOf(err error) scanner.Reason {
	switch {
	case errors.Is(err, ErrMissing):
		return scanner.Missing
	case errors.Is(err, ErrTooLarge):
		return scanner.TooLarge
	case errors.Is(err, ErrCorrupt):
		return scanner.Corrupt
	case errors.Is(err, ErrUnsupported):
		return scanner.Unsupported
	}
	return scanner.Unreadable
}

func join(base, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(base, name)
}

func isDir(name string) bool {
	fi, err := os.Stat(name)
	return err == nil && fi.IsDir()
}

// readSmall reads a file that people or git write by the line.
func readSmall(name string) (string, error) {
	b, err := readLimited(name, maxSmallFile)
	return string(b), err
}

// readLimited reads a regular file of at most limit bytes. A fifo or a device
// would make us wait or read for ever, so nothing else is opened.
func readLimited(name string, limit int64) ([]byte, error) {
	fi, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAllLimited(f, name, limit)
}

func readAllLimited(f io.Reader, name string, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%q: %w of %d bytes", name, ErrTooLarge, limit)
	}
	return b, err
}
