package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
)

const (
	maxRefs     = 5_000_000 // refs in all
	maxRefDepth = 64        // directories below refs
	maxSymrefs  = 5         // symbolic refs of symbolic refs, as in git
)

// A Ref is a name for an object.
type Ref struct {
	Name   string           // "HEAD", "refs/heads/main"
	ID     scanner.ObjectID // "" for an unborn branch or a broken ref
	Target string           // of a symbolic ref, the ref it names; "" otherwise
}

// Head gives HEAD. It is detached when Target is empty, unborn when ID is.
func (r *Repo) Head() (Ref, error) { return r.ref("HEAD") }

// Refs lists HEAD, the other work trees' HEADs, and all refs, in order of name;
// an unborn HEAD is left out, one that leads nowhere is not. The error is ErrUnsupported where refs are kept in
// a reftable.
func (r *Repo) Refs() ([]Ref, error) {
	if r.reftab {
		return nil, fmt.Errorf("reading refs: %w: reftable (hint: git refs migrate --ref-format=files)", ErrUnsupported)
	}
	packed, err := r.packedRefs()
	if err != nil {
		return nil, fmt.Errorf("reading refs: %w", err)
	}
	names := make(map[string]bool, len(packed)+1)
	for name := range packed {
		names[name] = true
	}
	if err := listRefs(r.refRoot, names); err != nil {
		return nil, fmt.Errorf("reading refs: %w", err)
	}
	if r.gitDir != r.common {
		if err := listRefs(r.headDir, names); err != nil {
			return nil, fmt.Errorf("reading refs: %w", err)
		}
	}
	names["HEAD"] = true
	refs := make([]Ref, 0, len(names))
	for _, name := range sortedKeys(names) {
		ref, err := r.resolveRef(name, packed)
		if err != nil {
			return nil, fmt.Errorf("reading refs: %w", err)
		}
		if unborn := ref.ID == "" && ref.Target != ""; name != "HEAD" || !unborn {
			refs = append(refs, ref)
		}
	}
	return append(refs, r.otherHeads(packed)...), nil
}

// otherHeads are the HEADs of linked work trees: what they hold may be on no branch.
func (r *Repo) otherHeads(packed map[string]scanner.ObjectID) []Ref {
	var refs []Ref
	dir, err := r.refRoot.Open("worktrees")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(maxAlternates * 32)
	slices.Sort(names)
	for _, n := range names {
		text, err := readRoot(r.refRoot, path.Join("worktrees", n, "HEAD"), maxSmallFile)
		if err != nil {
			continue
		}
		ref := Ref{Name: path.Join("worktrees", n, "HEAD")}
		if id := scanner.ObjectID(strings.TrimSpace(text)); r.isID(id) {
			ref.ID = id
			refs = append(refs, ref)
		}
	}
	return refs
}

// ref reads one ref by its full name.
func (r *Repo) ref(name string) (Ref, error) {
	if r.reftab {
		return Ref{}, fmt.Errorf("reading %s: %w: reftable (hint: git refs migrate --ref-format=files)", name, ErrUnsupported)
	}
	packed, err := r.packedRefs()
	if err != nil {
		return Ref{}, err
	}
	return r.resolveRef(name, packed)
}

// resolveRef follows symbolic refs to an id. A ref that leads nowhere has none.
func (r *Repo) resolveRef(name string, packed map[string]scanner.ObjectID) (Ref, error) {
	ref := Ref{Name: name}
	for range maxSymrefs {
		text, err := r.looseRef(name)
		if errors.Is(err, fs.ErrNotExist) {
			ref.ID = packed[name]
			return ref, nil
		}
		if err != nil {
			return ref, err
		}
		target, symbolic := strings.CutPrefix(text, "ref:")
		if !symbolic {
			first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
			first, _, _ = strings.Cut(first, "\t") // FETCH_HEAD
			if id := scanner.ObjectID(first); r.isID(id) {
				ref.ID = id
			}
			return ref, nil
		}
		name = strings.TrimSpace(target)
		if ref.Target == "" {
			ref.Target = name
		}
		if !validRef(name) {
			ref.Target = ""
			return ref, nil
		}
	}
	return ref, nil
}

func (r *Repo) isID(id scanner.ObjectID) bool {
	_, err := r.fromID(id)
	return err == nil
}

// looseRef reads the file of a ref: of this work tree for HEAD and its like, and
// for the few refs that each work tree has of its own.
func (r *Repo) looseRef(name string) (string, error) {
	root := r.refRoot
	if !strings.Contains(name, "/") || strings.HasPrefix(name, "refs/bisect/") || strings.HasPrefix(name, "refs/worktree/") || strings.HasPrefix(name, "refs/rewritten/") {
		root = r.headDir
	}
	text, err := readRoot(root, name, maxSmallFile)
	var perr *fs.PathError
	if err != nil && errors.As(err, &perr) && !errors.Is(err, fs.ErrPermission) {
		// A directory where the name is a prefix of others, a link out of the git
		// directory, a name that the system refuses: no such ref.
		return "", fs.ErrNotExist
	}
	return text, err
}

// packedRefs reads packed-refs, where most refs of a large repository stand.
func (r *Repo) packedRefs() (map[string]scanner.ObjectID, error) {
	text, err := readRoot(r.refRoot, "packed-refs", maxListFile*4)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	refs := make(map[string]scanner.ObjectID)
	for line := range strings.Lines(text) {
		if line[0] == '#' || line[0] == '^' {
			continue
		}
		id, name, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if validRef(name) && r.isID(scanner.ObjectID(id)) {
			refs[name] = scanner.ObjectID(id)
		}
		if len(refs) > maxRefs {
			return nil, fmt.Errorf("over %d refs: %w", maxRefs, ErrTooLarge)
		}
	}
	return refs, nil
}

// listRefs adds the names of the files under refs.
func listRefs(root *os.Root, names map[string]bool) error {
	return fs.WalkDir(root.FS(), "refs", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.Count(name, "/") > maxRefDepth {
				return fs.SkipDir
			}
			return nil
		}
		if validRef(name) {
			names[name] = true
		}
		if len(names) > maxRefs {
			return fmt.Errorf("over %d refs: %w", maxRefs, ErrTooLarge)
		}
		return nil
	})
}

// validRef is what matters here of git-check-ref-format(1): the name is a path
// that stays below refs, or one such as FETCH_HEAD.
func validRef(name string) bool {
	if name == "" || strings.HasSuffix(name, ".lock") || strings.ContainsAny(name, "\\~^: ?*[\x7f") || strings.Contains(name, "..") {
		return false
	}
	for _, c := range []byte(name) {
		if c < ' ' {
			return false
		}
	}
	if strings.HasPrefix(name, "refs/") {
		return path.Clean(name) == name
	}
	return !strings.ContainsFunc(name, func(c rune) bool { return (c < 'A' || c > 'Z') && c != '_' })
}

// readRoot reads a regular file of at most limit bytes below root.
func readRoot(root *os.Root, name string, limit int64) (string, error) {
	fi, err := root.Stat(name)
	if err != nil {
		return "", err
	}
	if !fi.Mode().IsRegular() {
		return "", &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	f, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := readAllLimited(f, name, limit)
	return string(b), err
}
