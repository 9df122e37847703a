package gitrepo

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// ErrRevision is the error for a revision that names nothing, or several things.
var ErrRevision = errors.New("unknown revision")

const (
	minAbbrev    = 4       // digits of an abbreviated id, as in git
	maxRevision  = 4096    // bytes of a revision
	maxAncestors = 1 << 20 // steps of HEAD~n
)

// Resolve gives the object that a revision names (gitrevisions(7)): an id or an
// unambiguous start of one, HEAD or @, a ref in full or as short as git takes it,
// followed by any of ~N, ^N, ^{commit}, ^{tree} and ^{}.
func (r *Repo) Resolve(rev string) (scanner.ObjectID, error) {
	if len(rev) > maxRevision {
		return "", fmt.Errorf("resolving a revision of %d bytes: %w", len(rev), ErrRevision)
	}
	end := strings.IndexAny(rev, "~^")
	if end < 0 {
		end = len(rev)
	}
	id, err := r.resolveName(rev[:end])
	for rest := rev[end:]; err == nil && rest != ""; {
		id, rest, err = r.resolveSuffix(id, rest)
	}
	if err != nil {
		return "", fmt.Errorf("resolving %q: %w", rev, err)
	}
	return id, nil
}

// ResolveCommit is Resolve, with tags followed to the commit.
func (r *Repo) ResolveCommit(rev string) (scanner.ObjectID, error) {
	id, err := r.Resolve(rev)
	if err != nil {
		return "", err
	}
	if id, err = r.peel(id, kindCommit); err != nil {
		return "", fmt.Errorf("resolving %q: %w", rev, err)
	}
	return id, nil
}

// resolveName tries refs before abbreviated ids, and ids in full before both, as git does.
func (r *Repo) resolveName(name string) (scanner.ObjectID, error) {
	if name == "@" {
		name = "HEAD"
	}
	if id := scanner.ObjectID(strings.ToLower(name)); r.isID(id) {
		return id, nil
	}
	for _, format := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		full := fmt.Sprintf(format, name)
		if !validRef(full) {
			continue
		}
		ref, err := r.ref(full)
		if err != nil {
			return "", err
		}
		if ref.ID != "" {
			return ref.ID, nil
		}
	}
	return r.resolveAbbrev(name)
}

func (r *Repo) resolveAbbrev(name string) (scanner.ObjectID, error) {
	name = strings.ToLower(name)
	prefix, err := hex.DecodeString((name + "0")[:(len(name)+1)&^1])
	if err != nil || len(name) < minAbbrev {
		return "", ErrRevision
	}
	found := make(map[scanner.ObjectID]bool)
	for _, p := range r.packs {
		p.idx.prefixed(prefix, len(name)%2 == 1, func(i int) bool {
			found[hexID(p.idx.id(i))] = true
			return len(found) < 2
		})
	}
	for _, dir := range r.objectDirs {
		entries, _ := os.ReadDir(filepath.Join(dir, name[:2]))
		for _, e := range entries {
			if id := scanner.ObjectID(name[:2] + e.Name()); strings.HasPrefix(string(id), name) && r.isID(id) {
				found[id] = true
			}
		}
	}
	if len(found) > 1 {
		return "", fmt.Errorf("%w: abbreviation is ambiguous", ErrRevision)
	}
	for id := range found {
		return id, nil
	}
	return "", ErrRevision
}

// resolveSuffix applies the first suffix in rest to id.
func (r *Repo) resolveSuffix(id scanner.ObjectID, rest string) (scanner.ObjectID, string, error) {
	if typ, after, ok := strings.Cut(strings.TrimPrefix(rest, "^{"), "}"); ok && strings.HasPrefix(rest, "^{") {
		want, ok := map[string]kind{"": 0, "commit": kindCommit, "tree": kindTree}[typ]
		if !ok {
			return "", "", fmt.Errorf("%w: ^{%s}", ErrRevision, typ)
		}
		id, err := r.peel(id, want)
		return id, after, err
	}
	digits := 1
	for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
		digits++
	}
	n := 1
	if digits > 1 {
		var err error
		if n, err = strconv.Atoi(rest[1:digits]); err != nil || n > maxAncestors {
			return "", "", fmt.Errorf("%w: %.20s", ErrRevision, rest[:digits])
		}
	}
	var err error
	if rest[0] == '^' {
		id, err = r.parent(id, n)
		return id, rest[digits:], err
	}
	if n == 0 {
		id, err = r.peel(id, kindCommit)
	}
	for ; n > 0 && err == nil; n-- {
		id, err = r.parent(id, 1)
	}
	return id, rest[digits:], err
}

// parent is the n-th parent of the commit that id leads to; the 0th is that commit.
func (r *Repo) parent(id scanner.ObjectID, n int) (scanner.ObjectID, error) {
	c, err := r.Commit(id)
	if err != nil {
		return "", err
	}
	if n == 0 {
		return c.ID, nil
	}
	if n > len(c.Parents) {
		return "", fmt.Errorf("%w: commit %s has %d parents", ErrRevision, c.ID, len(c.Parents))
	}
	return c.Parents[n-1], nil
}
