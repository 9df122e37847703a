// Package scanner owns the words of discovery: what is scanned (Blob, Source),
// what is found (Match, Finding, Location) and what could not be read (Gap).
//
// Its subpackages supply one thing each: gitrepo reads repositories, source the
// other places, decode opens encodings and archives, detect finds credentials,
// pipeline reads documents for connections, and secret keeps values from print.
package scanner

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"
	"time"
)

// Severity ranks a finding or a violation. Its zero value is no severity and
// orders below all others.
type Severity int

const (
	Info Severity = iota + 1
	Low
	Medium
	High
	Critical
)

var severities = [...]string{"", "info", "low", "medium", "high", "critical"}

// String gives the lower-case word used in every output, "" for the zero value.
func (s Severity) String() string {
	if s < 0 || int(s) >= len(severities) {
		return ""
	}
	return severities[s]
}

// MarshalText writes String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote; any other word is an error.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, w := range severities {
		if i > 0 && w == string(text) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("severity %q (allowed: %s)", text, strings.Join(severities[1:], ", "))
}

// ObjectID names a git object: the lower-case hexadecimal SHA-1 (40) or
// SHA-256 (64). It is empty outside git.
type ObjectID string

// A Copy is a run of a blob's bytes that stand unchanged in the blob it was
// derived from: Data[Dst:Dst+Len] equals parent[Src:Src+Len].
type Copy struct{ Dst, Src, Len int }

// A Blob is content as a walk meets it, once. Data is valid only during the
// call that hands it out, and is not to be written to.
type Blob struct {
	ID   ObjectID
	Data []byte

	// Copies tell how Data came from the parent handed out before it, in order
	// of Dst and without overlap. Bytes in no Copy are new. Nil means that all
	// of Data is new.
	Copies []Copy
}

// A File is content with a name: of a work tree, an index, a tree or a directory.
type File struct {
	Path string // slash-separated, relative to the root of its source; as git stores it, which need not be UTF-8
	Data []byte // valid until the next file is asked for
	ID   ObjectID
}

// A Source yields the files of a place in order of path. What cannot be read is
// a Gap in the place of the file (the File then has only its Path). A cancelled
// context ends the sequence with a Gap whose Reason is Cancelled.
type Source interface {
	Files(ctx context.Context) iter.Seq2[File, *Gap]
}

// A Location is a region of a file. Line and Column are 1-based, Column in
// UTF-16 code units; EndColumn is one past the last unit, as in SARIF 2.1.0
// (3.30). Commit, Author and Date are of the first commit that holds the region
// at this path; they are empty for content in no commit.
type Location struct {
	Path      string    `json:"path"`
	Line      int       `json:"line"`
	Column    int       `json:"column"`
	EndLine   int       `json:"end_line"`
	EndColumn int       `json:"end_column"`
	Commit    ObjectID  `json:"commit,omitempty"`
	Author    string    `json:"author,omitempty"`
	Date      time.Time `json:"date,omitzero"`
	// LastCommit is the newest commit whose tree still holds it; empty when at head.
	LastCommit ObjectID `json:"last_commit,omitempty"`
	// AtHead tells whether it stands in the work tree, the index, or at the tip of a ref.
	AtHead bool `json:"at_head"`
	// Ref is the ref at whose tip it stands where HEAD, the index and the work
	// tree do not hold it; "" otherwise.
	Ref string `json:"ref,omitempty"`
}

// Compare orders locations by path, line, column, end, commit.
func (l Location) Compare(o Location) int {
	return cmp.Or(
		strings.Compare(l.Path, o.Path),
		cmp.Compare(l.Line, o.Line), cmp.Compare(l.Column, o.Column),
		cmp.Compare(l.EndLine, o.EndLine), cmp.Compare(l.EndColumn, o.EndColumn),
		cmp.Compare(l.Commit, o.Commit),
	)
}

// Distance is how far from a reader of HEAD the region stands: 0 in the work tree,
// the index or HEAD, 1 at the tip of another ref, 2 in the history only.
func (l Location) Distance() int {
	switch {
	case !l.AtHead:
		return 2
	case l.Ref != "":
		return 1
	}
	return 0
}

// String is path:line:col. It is not escaped: writers do that for their medium.
func (l Location) String() string { return fmt.Sprintf("%s:%d:%d", l.Path, l.Line, l.Column) }

// A Fact is what a credential tells of itself without being one: its account,
// principal, expiry. Never a part of the secret.
type Fact struct {
	Name  string `json:"name"` // account, principal, host, provider, scopes, issued, expires, environment, checksum …
	Value string `json:"value"`
}

// A Finding is a secret at its places. It has no field for the secret.
type Finding struct {
	Detector    string     `json:"detector"`
	Title       string     `json:"title"`
	Provider    string     `json:"provider,omitempty"` // id in the provider catalogue; "" when not known
	Kind        string     `json:"kind,omitempty"`     // credential kind: api-key, pat, password … (governance 4.3)
	Severity    Severity   `json:"severity"`
	Fingerprint string     `json:"fingerprint"`
	Facts       []Fact     `json:"facts,omitempty"`
	Locations   []Location `json:"locations"`
	// Entry is the inventory entry that it was matched with; "" when undeclared.
	Entry string `json:"entry,omitempty"`
	// Allowed is the reason of a credgate:allow at every location that stands; "" when there is none.
	Allowed string `json:"allowed,omitempty"`
}

// A Reason says why something was not examined. The set is closed.
type Reason string

const (
	Shallow     Reason = "shallow"     // history is cut off here
	Missing     Reason = "missing"     // object is not there (partial clone, broken repository)
	Corrupt     Reason = "corrupt"     // content contradicts its format or checksum
	TooLarge    Reason = "too-large"   // over a limit of size
	TooDeep     Reason = "too-deep"    // over a limit of depth, nesting or number
	Unreadable  Reason = "unreadable"  // the system refused
	Malformed   Reason = "malformed"   // a document that does not parse
	Unsupported Reason = "unsupported" // a format we know of and do not read
	Outside     Reason = "outside"     // lies outside the place: submodule, symlink out of the tree, remote include
	Cancelled   Reason = "cancelled"   // the run ended before
	Empty       Reason = "empty"       // the place holds nothing to scan
)

// A Gap is something that should have been examined and was not. It is never a pass.
type Gap struct {
	Path   string   `json:"path,omitempty"`
	Line   int      `json:"line,omitempty"`
	Column int      `json:"column,omitempty"`
	Object ObjectID `json:"object,omitempty"`
	Reason Reason   `json:"reason"`
	// Detail says what was tried, what to do next, and no content.
	Detail string `json:"detail,omitempty"`
	// Minor gaps are told and do not make a verdict incomplete: a symlink that
	// is scanned at its target, a remote include that is named.
	Minor bool `json:"minor,omitempty"`
}

// Compare orders gaps by path, line, column, object, reason, detail.
func (g Gap) Compare(o Gap) int {
	return cmp.Or(
		strings.Compare(g.Path, o.Path), cmp.Compare(g.Line, o.Line), cmp.Compare(g.Column, o.Column),
		cmp.Compare(g.Object, o.Object), cmp.Compare(g.Reason, o.Reason), strings.Compare(g.Detail, o.Detail),
	)
}

// Coverage counts what was asked for and what was examined.
type Coverage struct {
	Refs      int   `json:"refs"`
	Commits   int   `json:"commits"`
	Blobs     int   `json:"blobs"`
	Files     int   `json:"files"`     // of the work tree, index or directory
	Bytes     int64 `json:"bytes"`     // of blobs and files, each once
	Documents int   `json:"documents"` // parsed for connections
}
