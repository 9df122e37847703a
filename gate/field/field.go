// Package field reads YAML that people write, field by field, and collects all
// that is wrong with it at once, each error with file, line, column and the
// path of the field.
//
// A caller walks the document with a Set of the fields it knows. Unknown and
// duplicate keys, values of the wrong kind, tabs, merge keys and anchors used
// outside the block that defines them are errors; scalars are read as they
// were written, so that 2026-03-01 is a string and not a timestamp.
package field

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/credgate/credgate/scanner"
)

// Limits of one document.
const (
	MaxBytes  = 4 << 20 // of a file
	MaxItems  = 4096    // of one list
	maxErrors = 100     // that are told; the rest is counted
	maxQuoted = 20      // bytes of a value that an error may repeat: a value might be a pasted secret
)

// An Error is one wrong field.
type Error struct {
	File   string
	Line   int    // 1-based
	Column int    // 1-based, in UTF-16 code units
	Field  string // as a path: "connections.stripe-refunds.owner", "" for the document
	Err    error
}

// Error is file:line:column: field: what is wrong (hint: what would be right).
func (e *Error) Error() string {
	at := fmt.Sprintf("%s:%d:%d: ", Plain(e.File), e.Line, e.Column)
	if e.Field != "" {
		at += e.Field + ": "
	}
	return at + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// A Doc is one parsed file with the errors found in it so far.
type Doc struct {
	File string
	Root Value

	lines [][]byte
	errs  []*Error
	told  map[string]bool
	more  int
}

// Parse reads data as one YAML document. What does not parse is an error of the
// Doc, whose Root is then absent.
func Parse(file string, data []byte) *Doc {
	d := &Doc{File: file, told: map[string]bool{}}
	if len(data) > MaxBytes {
		d.add(1, 1, "", fmt.Errorf("file is larger than %d MiB", MaxBytes>>20))
		return d
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	d.lines = bytes.Split(data, []byte("\n"))
	var root yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&root); err != nil {
		d.syntax(err)
		return d
	}
	var second yaml.Node
	if dec.Decode(&second) == nil {
		d.add(second.Line, second.Column, "", errors.New("a second document begins here (hint: one document a file)"))
	}
	d.Root = Value{doc: d, node: root.Content[0]}
	d.anchors(root.Content[0])
	return d
}

// syntax reports why the YAML parser gave up, at the line it names.
func (d *Doc) syntax(err error) {
	tabs := false
	for i, l := range d.lines {
		indent := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]
		if t := bytes.IndexByte(indent, '\t'); t >= 0 && len(indent) < len(l) {
			d.add(i+1, t+1, "", errors.New("tab in the indentation (hint: use spaces)"))
			tabs = true
		}
	}
	if tabs {
		return
	}
	line, msg := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if msg == "EOF" {
		msg = "the file is empty"
	}
	if rest, ok := strings.CutPrefix(msg, "line "); ok {
		if n, text, ok := strings.Cut(rest, ": "); ok {
			line, _ = strconv.Atoi(n)
			msg = text
		}
	}
	d.add(max(line, 1), 1, "", fmt.Errorf("not YAML: %s", Plain(msg)))
}

// anchors refuses aliases to an anchor of another block, which would let an
// edit in one place change another unseen, and merge keys, which hide keys.
func (d *Doc) anchors(root *yaml.Node) {
	home := map[*yaml.Node]string{}
	var walk func(n *yaml.Node, path []string, note func(*yaml.Node, string))
	walk = func(n *yaml.Node, path []string, note func(*yaml.Node, string)) {
		note(n, strings.Join(path, "."))
		for i, c := range n.Content {
			p := path
			if n.Kind == yaml.MappingNode && len(p) < 2 {
				p = append(path[:len(path):len(path)], n.Content[i&^1].Value)
			}
			walk(c, p, note)
		}
	}
	walk(root, nil, func(n *yaml.Node, block string) {
		if n.Anchor != "" {
			home[n] = block
		}
	})
	walk(root, nil, func(n *yaml.Node, block string) {
		if n.Kind == yaml.AliasNode && home[n.Alias] != block {
			d.add(n.Line, n.Column, "", fmt.Errorf("alias to an anchor of %s (hint: write the value out, or use defaults)",
				cmpOr(home[n.Alias], "the document")))
		}
	})
}

func cmpOr(s, or string) string {
	if s == "" {
		return or
	}
	return Plain(s)
}

func (d *Doc) add(line, col int, path string, err error) {
	e := &Error{File: d.File, Line: line, Column: d.utf16(line, col), Field: path, Err: err}
	// The same value may be read under several paths: defaults, aliases.
	key := fmt.Sprint(line, ":", col, ":", err)
	if d.told[key] {
		return
	}
	d.told[key] = true
	if len(d.errs) >= maxErrors {
		d.more++
		return
	}
	d.errs = append(d.errs, e)
}

// Err gives all errors in order of position, joined, or nil.
func (d *Doc) Err() error {
	slices.SortStableFunc(d.errs, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	var all []error
	for _, e := range d.errs {
		all = append(all, e)
	}
	if d.more > 0 {
		all = append(all, fmt.Errorf("%s: %d more errors", Plain(d.File), d.more))
	}
	return errors.Join(all...)
}

// utf16 turns a column of the YAML parser, in characters, into code units.
func (d *Doc) utf16(line, col int) int {
	if line < 1 || line > len(d.lines) {
		return max(col, 1)
	}
	units, chars := 1, 1
	for l := d.lines[line-1]; chars < col && len(l) > 0; chars++ {
		r, n := utf8.DecodeRune(l)
		units += width(r)
		l = l[n:]
	}
	return units
}

func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// region is the place of a node: of the text of a scalar on its line, of the
// first character of anything else.
func (d *Doc) region(n *yaml.Node) scanner.Location {
	col := d.utf16(n.Line, n.Column)
	l := scanner.Location{Path: d.File, Line: n.Line, Column: col, EndLine: n.Line, EndColumn: col + 1, AtHead: true}
	if n.Kind == yaml.ScalarNode && n.Line <= len(d.lines) {
		l.EndColumn = col + d.token(n)
	}
	return l
}

// token is the length in code units of a scalar as it stands on its first line.
func (d *Doc) token(n *yaml.Node) int {
	rest := []rune(string(bytes.TrimRight(d.lines[n.Line-1], "\r")))
	rest = rest[min(n.Column-1, len(rest)):]
	end := len(rest)
	switch {
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		for i := 1; i < len(rest); i++ {
			if rest[i] == '\\' && rest[0] == '"' {
				i++
			} else if rest[i] == rest[0] {
				end = i + 1
				break
			}
		}
	case strings.HasPrefix(string(rest), n.Value):
		end = utf8.RuneCountInString(n.Value)
	}
	units := 0
	for _, r := range rest[:end] {
		units += width(r)
	}
	return max(units, 1)
}

// Misnamed reports files that match the patterns of a tree and would otherwise
// be passed over in silence, such as inventory.yml beside inventory.yaml.
func Misnamed(tree fs.FS, hint string, patterns ...string) error {
	var errs []error
	for _, p := range patterns {
		paths, err := fs.Glob(tree, p)
		if err != nil {
			return err
		}
		for _, f := range paths {
			errs = append(errs, &Error{File: f, Line: 1, Column: 1, Err: fmt.Errorf("is not read (hint: %s)", hint)})
		}
	}
	return errors.Join(errs...)
}

// Plain is s where it is safe to show as it is, else s quoted: nothing from a
// file may forge a line, a terminal code or an order of characters.
func Plain(s string) string {
	if s == "" || !utf8.ValidString(s) {
		return strconv.Quote(s)
	}
	for _, r := range s {
		if r == ' ' || r == '"' || r == '`' || !unicode.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}

// Quote is %q of a short value, and the length of a longer one, which may be a
// secret that was pasted into the wrong field.
func Quote(s string) string {
	if len(s) > maxQuoted {
		return fmt.Sprintf("a value of %d characters", utf8.RuneCountInString(s))
	}
	return strconv.Quote(s)
}
