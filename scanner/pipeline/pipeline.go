// Package pipeline reads pipeline and infrastructure files for the connections
// they make: secret references, federated trusts, logins, endpoints. It works in
// three layers. A Document is a file with exact positions; a Dialect turns its
// constructs into occurrences, one for each place; connection.Fold makes
// connections of those. No dialect knows providers except through the tables.
//
// # Adding a dialect
//
// Write one file that holds a Dialect and add it to the list in dialects.go:
//
//	var gitlab = Dialect{
//		ID:      "gitlab-ci",
//		Path:    func(p string) bool { return path.Base(p) == ".gitlab-ci.yml" },
//		Content: nil, // or: judge by the first HeadSize bytes where the path does not tell
//		Read:    readGitLab,
//	}
//
//	func readGitLab(d *Document) {
//		for _, root := range d.YAML() { // what does not parse has become gaps
//			for _, job := range root.Pairs() {
//				script := job.Value.Get("script")
//				...
//				o := d.Occurrence(connection.SecretRef, "script", text) // place, dialect
//				o.Refs, o.Role = []string{"gitlab:var:X"}, connection.RoleSecret
//				o.Consumer = connection.Consumer{Job: job.Key.Value}
//				d.Emit(o) // infers the provider where it is empty, drops duplicates
//			}
//		}
//	}
//
// What a dialect can lean on:
//
//   - Node: YAML with positions. Get, Pairs (merge keys resolved, duplicates
//     kept), Items, Text. Values are strings as written, never decoded types.
//   - Text: a string that knows where each of its bytes stands in the file.
//     Text.Sub narrows it, Document.Location places it. Document.Text makes one
//     of a byte range, for formats that are not YAML; Document.Unquoted of a
//     quoted string with escapes.
//   - Scope and Value: what names are bound to, by level; a Value carries the
//     references that flowed into it.
//   - Document.Shell: reads a script for the connections its commands make.
//   - Document.URL, Document.Image: what a URL or an image name tells.
//   - SecretName: whether a name says credential.
//   - Document.Open: another file of the same tree, bounded; Document.Gap for
//     what lies outside or could not be read.
//
// A dialect's cases stand in testdata/<dialect>/*.txtar: the files, and a file
// "want" with one line for each occurrence expected; see dialect_test.go.
package pipeline

import "github.com/credgate/credgate/scanner/connection"

// HeadSize is how many bytes from a file's start Candidate looks at.
const HeadSize = 4096

// Bounds of one document. What passes one is a gap.
const (
	maxFile        = 4 << 20 // bytes
	maxNodes       = 200_000 // YAML nodes of a document, and steps of a walk over them
	maxDepth       = 100     // nesting of YAML nodes
	maxAliases     = 10_000  // visits of aliases
	maxDescents    = 50_000  // steps of a reader down the paths of a document
	maxExpression  = 50      // nesting of an expression
	maxBinding     = 8       // bindings followed from a use to its source
	maxFanOut      = 64      // references of one value, files opened by one document at one level
	maxScript      = 1 << 20 // bytes of a script body
	maxShellErrors = 50      // recoveries of the shell parser
	maxOccurrences = 20_000  // of a document
	maxGaps        = 100     // of a document
	maxOpen        = 256     // files that one document opens
	maxTree        = 1 << 29 // bytes of documents kept for Open when no tree is given
)

// A Dialect is one language of pipelines or infrastructure files.
type Dialect struct {
	ID string // as in every output: github-actions, gitlab-ci …

	// Path tells by the slash-separated path alone. A path that any dialect
	// claims is not asked by content.
	Path func(path string) bool
	// Content, if set, tells by path and the first HeadSize bytes. It is called
	// for every file of a tree, so it looks at the extension before the bytes.
	Content func(path string, head *Head) bool

	// Read emits what the document holds. It must not keep the document.
	Read func(d *Document)

	// Line, if set, reads a line of a part that did not parse, for what can be
	// told from one line. What it emits is marked guessed.
	Line func(d *Document, line Text)
}

// An Occurrence is connection.Occurrence: one place where a connection stands.
type Occurrence = connection.Occurrence
