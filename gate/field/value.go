package field

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/credgate/credgate/scanner"
)

// A Value is one node of a document. The zero value is absent: reading it gives
// zero values and no error.
type Value struct {
	doc  *Doc
	node *yaml.Node
	path string
}

// A Set is the fields that a mapping may have, each with what reads it.
type Set map[string]func(Value)

// Present tells whether there is a value.
func (v Value) Present() bool { return v.node != nil }

// Path is the value's path from the root: "connections.stripe-refunds.owner".
func (v Value) Path() string { return v.path }

// Location is where the value stands.
func (v Value) Location() scanner.Location {
	if v.node == nil {
		return scanner.Location{}
	}
	return v.doc.region(v.node)
}

// Errorf reports the value as wrong.
func (v Value) Errorf(format string, args ...any) { v.fail(fmt.Errorf(format, args...)) }

func (v Value) fail(err error) {
	if v.node != nil {
		v.doc.add(v.node.Line, v.node.Column, v.path, err)
	}
}

// deref follows an alias. An alias cannot stand for another one.
func (v Value) deref() *yaml.Node {
	if v.node != nil && v.node.Kind == yaml.AliasNode {
		return v.node.Alias
	}
	return v.node
}

func (v Value) child(key string, n *yaml.Node) Value {
	p := Plain(key)
	if v.path != "" {
		p = v.path + "." + p
	}
	return Value{v.doc, n, p}
}

// Fields reads a mapping: it calls the function of each key that is there, in
// order of the file.
func (v Value) Fields(set Set) {
	v.Each(func(key Value, val Value) {
		name := key.node.Value
		read, ok := set[name]
		if !ok {
			key.fail(unknown("key", name, keys(set)))
			return
		}
		read(val)
	})
}

// Each reads a mapping with keys of the writer's choice, in order of the file.
// The second of two equal keys is an error and is left out.
func (v Value) Each(read func(key, val Value)) {
	n := v.deref()
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		v.Errorf("is %s, not a map of fields", kind(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		kv := v.child(k.Value, k)
		switch first, dup := seen[k.Value]; {
		case k.Kind != yaml.ScalarNode:
			kv.path = v.path
			kv.Errorf("a key is %s, not a word", kind(k))
		case k.Tag == "!!merge":
			kv.Errorf("merge keys are not read (hint: use defaults)")
		case dup:
			kv.Errorf("duplicate key, first on line %d", first)
		case null(val):
			kv.Errorf("has no value (hint: write one, or remove the key)")
			seen[k.Value] = k.Line
		default:
			seen[k.Value] = k.Line
			read(kv, v.child(k.Value, val))
		}
	}
}

// Name is the text of a key.
func (v Value) Name() string {
	if v.node == nil {
		return ""
	}
	return v.node.Value
}

// Text reads a scalar as it was written.
func (v Value) Text() string {
	n := v.deref()
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		v.Errorf("is %s, not a text", kind(n))
		return ""
	}
	if strings.ContainsFunc(n.Value, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }) {
		v.Errorf("holds a control character")
		return ""
	}
	return n.Value
}

// Line is Text without line breaks: each run of white space is one space.
func (v Value) Line() string { return strings.Join(strings.Fields(v.Text()), " ") }

// OneOf reads a word of the given ones.
func (v Value) OneOf(words ...string) string {
	if !v.Present() {
		return ""
	}
	s, bad := v.text()
	if bad {
		return ""
	}
	if !slices.Contains(words, s) {
		v.fail(unknown("value", s, words))
		return ""
	}
	return s
}

// text is Text, and whether it was no text.
func (v Value) text() (string, bool) {
	n := v.deref()
	if n == nil {
		return "", false
	}
	s := v.Text()
	return s, n.Kind != yaml.ScalarNode || s == "" && n.Value != ""
}

// Decode reads a scalar by a function whose error becomes the field's.
func Decode[T any](v Value, parse func(string) (T, error)) T {
	var zero T
	s, bad := v.text()
	if !v.Present() || bad {
		return zero
	}
	t, err := parse(s)
	if err != nil {
		v.fail(err)
		return zero
	}
	return t
}

// Bool reads true or false.
func (v Value) Bool() bool {
	return Decode(v, func(s string) (bool, error) {
		if v.deref().Tag != "!!bool" || s != "true" && s != "false" {
			return false, fmt.Errorf("%s is neither true nor false", Quote(s))
		}
		return s == "true", nil
	})
}

// Int reads a whole number from lo to hi.
func (v Value) Int(lo, hi int) int {
	return Decode(v, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || v.deref().Tag != "!!int" || n < lo || n > hi {
			return 0, fmt.Errorf("%s is no whole number from %d to %d", Quote(s), lo, hi)
		}
		return n, nil
	})
}

// List reads a list; path elements are numbered from 0.
func (v Value) List() []Value {
	n := v.deref()
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		v.Errorf("is %s, not a list (hint: [%s])", kind(n), "…")
		return nil
	}
	if len(n.Content) > MaxItems {
		v.Errorf("has %d items, more than %d", len(n.Content), MaxItems)
		return nil
	}
	var out []Value
	for i, c := range n.Content {
		item := Value{v.doc, c, fmt.Sprintf("%s[%d]", v.path, i)}
		if null(c) {
			item.Errorf("has no value")
			continue
		}
		out = append(out, item)
	}
	return out
}

// Set reads a list of different texts, each through check, which may be nil.
func (v Value) Set(check func(string) error) []string {
	var out []string
	for _, item := range v.List() {
		s, bad := item.text()
		switch {
		case bad:
			continue
		case strings.TrimSpace(s) == "":
			item.Errorf("is empty")
			continue
		case slices.Contains(out, s):
			item.Errorf("%s is there twice", Quote(s))
			continue
		}
		if check != nil {
			if err := check(s); err != nil {
				item.fail(err)
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// Under gives v with the fields of defaults that v lacks, maps within maps
// included. Each field keeps the place where it was written.
func (v Value) Under(defaults Value) Value {
	if v.node == nil || defaults.node == nil {
		return v
	}
	v.node = merge(v.deref(), defaults.deref())
	return v
}

func merge(n, under *yaml.Node) *yaml.Node {
	if n.Kind != yaml.MappingNode || under.Kind != yaml.MappingNode {
		return n
	}
	m := *n
	m.Content = slices.Clone(n.Content)
	for i := 0; i+1 < len(under.Content); i += 2 {
		k, val := under.Content[i], under.Content[i+1]
		if at := find(n, k.Value); at < 0 {
			m.Content = append(m.Content, k, val)
		} else {
			m.Content[at] = merge(n.Content[at], val)
		}
	}
	return &m
}

// find is the index of the value of a key in a mapping's Content, or -1.
func find(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == key {
			return i + 1
		}
	}
	return -1
}

func null(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return "a single value"
}

func keys(s Set) []string {
	var out []string
	for k := range s {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// unknown says that a word is none of those allowed, and which it may have been.
func unknown(what, s string, allowed []string) error {
	msg := fmt.Sprintf("unknown %s %s", what, Quote(s))
	if near := Nearest(s, allowed); near != "" {
		msg += fmt.Sprintf(" (did you mean %s?)", near)
	} else {
		msg += " (allowed: " + strings.Join(allowed, ", ") + ")"
	}
	return errors.New(msg)
}

// Unknown is the error for a word that is none of allowed.
func Unknown(what, s string, allowed []string) error { return unknown(what, s, allowed) }

// Nearest is the word of allowed that s was probably meant to be, "" when none
// is near. Neighbouring letters swapped count as one slip.
func Nearest(s string, allowed []string) string {
	best, at := "", len(s)/3+1
	if len(s) > 64 {
		return ""
	}
	for _, w := range allowed {
		if d := distance(s, w); d < at || d == at && best == "" && d < len(w) {
			best, at = w, d
		}
	}
	return best
}

// distance is the optimal string alignment distance.
func distance(a, b string) int {
	prev2, prev := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, cur
	}
	return prev[len(b)]
}

// IsMap tells whether the value is a map, for fields that may be either of two.
func (v Value) IsMap() bool { n := v.deref(); return n != nil && n.Kind == yaml.MappingNode }

// IsList tells whether the value is a list.
func (v Value) IsList() bool { n := v.deref(); return n != nil && n.Kind == yaml.SequenceNode }

// Requires reports the keys that a mapping lacks.
func (v Value) Requires(keys ...string) {
	n := v.deref()
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for _, k := range keys {
		if find(n, k) < 0 {
			v.Errorf("%s is missing", k)
		}
	}
}

// Get is the value of one key of a mapping, absent when there is none, for what
// must be known before the rest is read.
func (v Value) Get(key string) Value {
	n := v.deref()
	if n == nil || n.Kind != yaml.MappingNode {
		return Value{}
	}
	i := find(n, key)
	if i < 0 || null(n.Content[i]) {
		return Value{}
	}
	return v.child(key, n.Content[i])
}
