package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/credgate/credgate/scanner"
)

// Modes of tree entries, as git stores them in octal.
const (
	ModeTree       = 0o040000
	ModeFile       = 0o100644
	ModeExecutable = 0o100755
	ModeSymlink    = 0o120000
	ModeSubmodule  = 0o160000
)

// A TreeEntry is one name in a tree. Name is as stored: any bytes but "/" and zero.
type TreeEntry struct {
	Mode uint32
	Name string
	ID   scanner.ObjectID
}

// IsTree tells whether the entry is a directory.
func (e TreeEntry) IsTree() bool { return isTree(e.Mode) }

// IsBlob tells whether the entry is a file or a symlink.
func (e TreeEntry) IsBlob() bool { return isBlob(e.Mode) }

func isTree(mode uint32) bool { return mode&0o170000 == ModeTree }

func isBlob(mode uint32) bool {
	return mode&0o170000 == 0o100000 || mode&0o170000 == ModeSymlink
}

func isSubmodule(mode uint32) bool { return mode&0o170000 == ModeSubmodule }

// Tree yields the entries of the tree that id names or, being a commit or tag,
// leads to, in git's order. An error ends the sequence.
func (r *Repo) Tree(id scanner.ObjectID) iter.Seq2[TreeEntry, error] {
	return func(yield func(TreeEntry, error) bool) {
		data, err := r.treeData(id)
		if err != nil {
			yield(TreeEntry{}, err)
			return
		}
		for len(data) > 0 {
			e, rest, ok := cutEntry(data, r.hashLen)
			if !ok {
				yield(TreeEntry{}, fmt.Errorf("reading tree %s: %w", id, ErrCorrupt))
				return
			}
			data = rest
			if !yield(TreeEntry{e.mode, string(e.name), hexID(e.id)}, nil) {
				return
			}
		}
	}
}

func (r *Repo) treeData(id scanner.ObjectID) ([]byte, error) {
	id, err := r.peel(id, kindTree)
	if err != nil {
		return nil, err
	}
	_, data, err := r.Object(id)
	return data, err
}

// Lookup finds a slash-separated path in the tree that id names or leads to. The
// error is fs.ErrNotExist when there is no such path.
func (r *Repo) Lookup(id scanner.ObjectID, path string) (TreeEntry, error) {
	found := TreeEntry{Mode: ModeTree, ID: id}
	for name := range strings.SplitSeq(path, "/") {
		if !found.IsTree() {
			return TreeEntry{}, fmt.Errorf("%q in %s: %w", path, id, fs.ErrNotExist)
		}
		next, err := r.lookupOne(found.ID, name)
		if err != nil {
			return TreeEntry{}, fmt.Errorf("%q in %s: %w", path, id, err)
		}
		found = next
	}
	return found, nil
}

func (r *Repo) lookupOne(id scanner.ObjectID, name string) (TreeEntry, error) {
	for e, err := range r.Tree(id) {
		if err != nil {
			return TreeEntry{}, err
		}
		if e.Name == name {
			return e, nil
		}
	}
	return TreeEntry{}, fs.ErrNotExist
}

// A rawEntry is a tree entry in place.
type rawEntry struct {
	mode uint32
	name []byte
	id   []byte
}

// cutEntry cuts the first entry off a tree: mode in octal, space, name, zero, id.
func cutEntry(data []byte, hashLen int) (e rawEntry, rest []byte, ok bool) {
	i := 0
	for ; i < len(data) && data[i] != ' '; i++ {
		if i > 6 || data[i] < '0' || data[i] > '7' {
			return e, nil, false
		}
		e.mode = e.mode<<3 | uint32(data[i]-'0')
	}
	data = data[min(i+1, len(data)):]
	n := bytes.IndexByte(data, 0)
	if n <= 0 || len(data)-n-1 < hashLen {
		return e, nil, false
	}
	e.name, e.id = data[:n], data[n+1:n+1+hashLen]
	return e, data[n+1+hashLen:], true
}

// A Commit is what we need of a commit object.
type Commit struct {
	ID      scanner.ObjectID
	Tree    scanner.ObjectID
	Parents []scanner.ObjectID
	Author  string    // "Name <mail>" as stored; need not be UTF-8
	Date    time.Time // when it was authored, in its author's zone
	Time    time.Time // when it was committed
}

// Commit reads the commit that id names or, being a tag, leads to.
func (r *Repo) Commit(id scanner.ObjectID) (Commit, error) {
	id, err := r.peel(id, kindCommit)
	if err != nil {
		return Commit{}, err
	}
	_, data, err := r.Object(id)
	if err != nil {
		return Commit{}, err
	}
	c, err := parseCommit(data)
	if err != nil {
		return Commit{}, fmt.Errorf("reading commit %s: %w", id, err)
	}
	c.ID = id
	return c, nil
}

func parseCommit(data []byte) (Commit, error) {
	var c Commit
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		if len(line) == 0 {
			break
		}
		data = rest
		key, value, _ := bytes.Cut(line, []byte(" "))
		switch string(key) {
		case "tree":
			c.Tree = scanner.ObjectID(value)
		case "parent":
			c.Parents = append(c.Parents, scanner.ObjectID(value))
		case "author":
			c.Author, c.Date = parseSignature(string(value))
		case "committer":
			_, c.Time = parseSignature(string(value))
		}
	}
	if c.Tree == "" {
		return c, fmt.Errorf("%w: commit without tree", ErrCorrupt)
	}
	return c, nil
}

// parseSignature splits "Name <mail> 1700000000 +0100". What does not parse
// gives the zero time.
func parseSignature(s string) (who string, when time.Time) {
	i := strings.LastIndexByte(s, '>')
	if i < 0 {
		return s, time.Time{}
	}
	who = s[:i+1]
	stamp, zone, _ := strings.Cut(strings.TrimSpace(s[i+1:]), " ")
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || sec < 0 || sec > maxStamp {
		return who, time.Time{}
	}
	return who, time.Unix(sec, 0).In(parseZone(zone))
}

// maxStamp is the last second of the year 9999, beyond which no date can be told.
const maxStamp = 253402300799

// parseZone reads "+0130"; anything else is UTC.
func parseZone(s string) *time.Location {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) != 5 || n < -1400 || n > 1400 || n == 0 {
		return time.UTC
	}
	return time.FixedZone("", (n/100)*3600+(n%100)*60)
}

// maxPeel is how many tags of tags are followed.
const maxPeel = 32

// peel follows tags, and commits to their tree, until it meets an object of the
// wanted kind; a wanted kind of 0 stops at the first that is no tag.
func (r *Repo) peel(id scanner.ObjectID, want kind) (scanner.ObjectID, error) {
	first := id
	for range maxPeel {
		typ, data, err := r.Object(id)
		if err != nil {
			return "", err
		}
		switch {
		case typ == want.String() || want == 0 && typ != "tag":
			return id, nil
		case typ == "tag":
			line, _, _ := bytes.Cut(data, []byte("\n"))
			target, ok := bytes.CutPrefix(line, []byte("object "))
			if !ok {
				return "", fmt.Errorf("reading tag %s: %w", id, ErrCorrupt)
			}
			id = scanner.ObjectID(target)
		case typ == "commit" && want == kindTree:
			c, err := parseCommit(data)
			if err != nil {
				return "", fmt.Errorf("reading commit %s: %w", id, err)
			}
			id = c.Tree
		default:
			return "", fmt.Errorf("%s is a %s and leads to no %s: %w", first, typ, want, errKind)
		}
	}
	return "", fmt.Errorf("%s: over %d tags of tags: %w", first, maxPeel, ErrCorrupt)
}

var errKind = errors.New("wrong type of object")
