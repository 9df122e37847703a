package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/credgate/credgate/scanner"
	"go.yaml.in/yaml/v3"
)

// A NodeKind is what a Node is.
type NodeKind int

const (
	ScalarNode NodeKind = iota
	MapNode
	SeqNode
	AliasNode
)

// A Node is a YAML value as it stands: strings, never decoded types. Aliases
// may make cycles; Walk and a Document's budget guard against them.
type Node struct {
	Kind  NodeKind
	Value string // of a scalar, after unquoting and unfolding
	Tag   string // as written: !vault, !reference; "" when there was none
	Quote bool   // a quoted or block scalar: a string whatever it looks like

	merges bool // has a merge key
	style  scalarStyle
	start  int // offset in Document.Data
	pairs  []Pair
	items  []*Node
	alias  *Node
	doc    *Document
	text   *Text // once asked for
	index  *nodeIndex
}

// A nodeIndex finds the entries of a large map.
type nodeIndex struct {
	last map[string]int // by key
	size int            // entries that it knows
}

// A Pair is a key with its value.
type Pair struct{ Key, Value *Node }

// YAML gives the roots of the document's YAML documents. What does not parse is
// read as far as it goes (pipelines.md 6.3); the rest becomes gaps, and its lines go to
// the dialect's Line. The result is kept: a second call costs nothing.
func (d *Document) YAML() []*Node {
	if !d.parsed {
		d.parsed = true
		d.roots = d.readYAML()
	}
	return d.roots
}

// ParseYAML reads text, a part of the document such as a block scalar that
// holds YAML itself. What does not parse is left out.
func (d *Document) ParseYAML(text Text) []*Node {
	sub := &Document{Path: d.Path, Data: []byte(text.S), dialect: d.dialect, read: d.read}
	roots, err := sub.parseYAML(0, len(sub.Data))
	if err != nil || bareAction(text.S) {
		if masked, ok := maskTemplates(sub.Data); ok {
			sub.masked = masked
			if again, err := sub.parseMasked(0, len(sub.Data)); err == nil {
				roots, d.Templated = again, true
			}
		}
	}
	for _, r := range roots {
		r.replant(d, text, map[*Node]bool{})
	}
	return roots
}

// replant moves a node of an embedded document to where it stands in d.
func (n *Node) replant(d *Document, in Text, seen map[*Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	if n.Kind == ScalarNode {
		t := n.ownText()
		at := make([]int32, len(t.S)+1)
		for i := range at {
			at[i] = int32(in.Pos(min(t.Pos(i), len(in.S))))
		}
		t.at = at
		n.text = &t
	}
	n.start, n.doc = in.Pos(min(n.start, len(in.S))), d
	for _, p := range n.pairs {
		p.Key.replant(d, in, seen)
		p.Value.replant(d, in, seen)
	}
	for _, c := range n.items {
		c.replant(d, in, seen)
	}
	n.alias.replant(d, in, seen)
}

// parseYAML reads Data[start:end] as a stream of YAML documents: those before
// the first error, and the error.
func (d *Document) parseYAML(start, end int) ([]*Node, error) {
	roots, err := d.wholeYAML(start, end)
	if errors.Is(err, errAction) {
		return d.parseLibrary(start, end)
	}
	return roots, err
}

// wholeYAML is parseYAML for who needs all or nothing: where a template's action
// stands in the way, that is the error.
func (d *Document) wholeYAML(start, end int) ([]*Node, error) {
	switch roots, ok, action := d.plainYAML(start, end); {
	case ok:
		return roots, nil
	case action:
		return nil, errAction
	}
	return d.parseLibrary(start, end)
}

// parseLibrary is parseYAML of all of the language. Recovered because the
// library panics on some input.
func (d *Document) parseLibrary(start, end int) (roots []*Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("the YAML library gave up")
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(d.Data[start:end]))
	b := &builder{d: d, lines: yamlLines(d.Data[start:end]), base: start, nodes: map[*yaml.Node]*Node{}}
	for {
		var n yaml.Node
		switch err := dec.Decode(&n); {
		case errors.Is(err, io.EOF):
			return roots, b.err
		case err != nil:
			return roots, err
		}
		if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
			roots = append(roots, b.build(n.Content[0], 0))
		}
		if b.err != nil {
			return roots, b.err
		}
	}
}

// builder turns the library's nodes into ours, in document order, so that line
// and column become offsets in one pass over the text.
type builder struct {
	d     *Document
	base  int   // offset in Data of the text that was parsed
	lines []int // offset in that text of each line
	nodes map[*yaml.Node]*Node
	count int
	err   error

	line, col, off int // last place, from which a later one on the line is counted
}

var errTooDeep = errors.New("nested too deep")
var errTooMany = errors.New("too many nodes")

func (b *builder) build(y *yaml.Node, depth int) *Node {
	n := &Node{doc: b.d, Value: y.Value, start: b.offset(y.Line, y.Column)}
	if y.Style&yaml.TaggedStyle != 0 {
		n.Tag = y.Tag
	}
	b.nodes[y] = n
	if b.count++; b.count > maxNodes {
		b.err = errTooMany
		return n
	}
	if depth > maxDepth {
		b.err = errTooDeep
		return n
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = MapNode
		for i := 0; i+1 < len(y.Content); i += 2 {
			k := b.build(y.Content[i], depth+1)
			n.merges = n.merges || k.isMerge()
			n.pairs = append(n.pairs, Pair{k, b.build(y.Content[i+1], depth+1)})
		}
	case yaml.SequenceNode:
		n.Kind = SeqNode
		for _, c := range y.Content {
			n.items = append(n.items, b.build(c, depth+1))
		}
	case yaml.AliasNode:
		n.Kind, n.alias = AliasNode, b.nodes[y.Alias]
	default:
		b.scalar(n, y)
	}
	return n
}

// scalar finds where the content of a scalar starts: behind its anchor, tag,
// quote or block header.
func (b *builder) scalar(n *Node, y *yaml.Node) {
	data, r := b.d.Data, n.start
	for r < len(data) && (data[r] == '&' && y.Anchor != "" || data[r] == '!' && n.Tag != "") {
		for r < len(data) && !blank(data[r]) {
			r++
		}
		for r < len(data) && blank(data[r]) {
			r++
		}
	}
	n.start = r
	switch {
	case y.Style&yaml.SingleQuotedStyle != 0:
		b.d.placeScalar(n, singleStyle)
	case y.Style&yaml.DoubleQuotedStyle != 0:
		b.d.placeScalar(n, doubleStyle)
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		b.d.placeScalar(n, blockStyle)
	default:
		b.d.placeScalar(n, plainStyle)
	}
}

// placeScalar moves a scalar's start, which is that of its quote or header, to
// where its content stands, and gives it its style.
func (d *Document) placeScalar(n *Node, style scalarStyle) {
	data, r := d.Data, n.start
	n.style, n.Quote = style, style != plainStyle
	switch style {
	case singleStyle, doubleStyle:
		r++
	case blockStyle:
		for r < len(data) && data[r] != '\n' {
			r++
		}
		for r = min(r+1, len(data)); r < len(data) && (data[r] == ' ' || data[r] == '\t'); {
			r++
		}
		if r > 0 && len(n.Value) > 0 && blank(n.Value[0]) { // leading blanks belong to the value
			for r > 0 && data[r-1] != '\n' {
				r--
			}
		}
	}
	n.start = min(r, len(data))
	if m := d.unmasked; m != nil && n.start+len(n.Value) <= len(m) && string(data[n.start:n.start+len(n.Value)]) == n.Value {
		n.Value = string(m[n.start : n.start+len(n.Value)]) // as written, not the filler
	} else if m != nil && style == blockStyle {
		d.unmask(n)
	}
}

// unmask gives a text of lines as it is written, not the filler.
func (d *Document) unmask(n *Node) {
	t := align(d.Data, n.start, n.Value, blockStyle)
	written := []byte(n.Value)
	for i := range written {
		if p := t.Pos(i); written[i] == 'x' && p < len(d.unmasked) && d.Data[p] == 'x' { // actions on lines of their own stay blank
			written[i] = d.unmasked[p]
		}
	}
	n.Value = string(written)
	t.S = n.Value
	n.text = &t
}

// offset is the place of a line and column as the library counts them: 1-based,
// columns in runes.
func (b *builder) offset(line, col int) int {
	if line < 1 || line > len(b.lines) {
		return b.base + b.off
	}
	text := b.d.Data[b.base:]
	if line != b.line || col < b.col {
		b.line, b.col, b.off = line, 1, b.lines[line-1]
	}
	for ; b.col < col && b.off < len(text); b.col++ {
		_, size := utf8.DecodeRune(text[b.off:])
		b.off += size
	}
	return b.base + b.off
}

// yamlLines gives the offset of each line as YAML breaks them: CR, LF, CRLF,
// NEL, LS, PS.
func yamlLines(text []byte) []int {
	lines := []int{0}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			lines = append(lines, i+1)
		case '\r':
			if i+1 == len(text) || text[i+1] != '\n' {
				lines = append(lines, i+1)
			}
		case 0xC2:
			if i+1 < len(text) && text[i+1] == 0x85 {
				lines = append(lines, i+2)
			}
		case 0xE2:
			if i+2 < len(text) && text[i+1] == 0x80 && (text[i+2] == 0xA8 || text[i+2] == 0xA9) {
				lines = append(lines, i+3)
			}
		}
	}
	return lines
}

// Deref follows an alias to what it stands for; nil for one that leads nowhere.
func (n *Node) Deref() *Node {
	for range maxBinding {
		if n == nil || n.Kind != AliasNode {
			return n
		}
		n = n.alias
	}
	return nil
}

// Pairs gives the entries of a map in order, duplicates kept, with those that
// merge keys bring behind its own. It is empty for what is no map.
func (n *Node) Pairs() []Pair { return n.merged(0) }

func (n *Node) merged(depth int) []Pair {
	n = n.Deref()
	if n == nil || n.Kind != MapNode || depth > maxBinding || !n.doc.spendAlias(depth) {
		return nil
	}
	if !n.merges {
		return n.pairs
	}
	var own, far []Pair
	have := map[string]bool{}
	for _, p := range n.pairs {
		if !p.Key.isMerge() {
			own = append(own, p)
			have[p.Key.Value] = true
		}
	}
	for _, p := range n.pairs {
		if !p.Key.isMerge() {
			continue
		}
		from := []*Node{p.Value}
		if v := p.Value.Deref(); v != nil && v.Kind == SeqNode {
			from = v.items
		}
		for _, f := range from {
			for _, q := range f.merged(depth + 1) {
				if !have[q.Key.Value] {
					far = append(far, q)
				}
			}
		}
	}
	return append(own, far...)
}

func (n *Node) isMerge() bool { return n.Kind == ScalarNode && n.Value == "<<" && !n.Quote }

// Get is the value of a key of a map, the last one where a key stands twice,
// nil where there is none. Further keys descend: n.Get("on", "workflow_call").
func (n *Node) Get(keys ...string) *Node {
	for _, k := range keys {
		if n = n.get(k).Deref(); n == nil {
			return nil
		}
	}
	return n.Deref()
}

func (n *Node) get(key string) *Node {
	n = n.Deref()
	if n == nil || n.Kind != MapNode {
		return nil
	}
	if p := n.own(key); p != nil {
		return p.Value
	}
	if n.merges {
		for _, p := range n.Pairs() {
			if p.Key.Value == key {
				return p.Value
			}
		}
	}
	return nil
}

// own is the entry of a key that a map has itself, the last one; nil for none.
func (n *Node) own(key string) *Pair {
	if len(n.pairs) <= 32 {
		for i := len(n.pairs) - 1; i >= 0; i-- {
			if n.pairs[i].Key.Value == key && !n.mergesAt(i) {
				return &n.pairs[i]
			}
		}
		return nil
	}
	if n.index == nil {
		n.index = &nodeIndex{last: map[string]int{}}
	}
	for ; n.index.size < len(n.pairs); n.index.size++ {
		if i := n.index.size; !n.mergesAt(i) {
			n.index.last[n.pairs[i].Key.Value] = i
		}
	}
	if i, ok := n.index.last[key]; ok {
		return &n.pairs[i]
	}
	return nil
}

func (n *Node) mergesAt(i int) bool { return n.merges && n.pairs[i].Key.isMerge() }

// Items gives the elements of a list with aliases followed. It is empty for
// what is no list.
func (n *Node) Items() []*Node {
	n = n.Deref()
	if n == nil || n.Kind != SeqNode {
		return nil
	}
	out := make([]*Node, 0, len(n.items))
	for _, c := range n.items {
		if c = c.Deref(); c != nil {
			out = append(out, c)
		}
	}
	return out
}

// List gives the elements of a list, or n itself where one element stands
// without a list round it; nothing for nil.
func (n *Node) List() []*Node {
	n = n.Deref()
	if n == nil {
		return nil
	}
	if n.Kind == SeqNode {
		return n.Items()
	}
	return []*Node{n}
}

// Is tells whether n, aliases followed, is of a kind; false for nil.
func (n *Node) Is(k NodeKind) bool {
	n = n.Deref()
	return n != nil && n.Kind == k
}

// String is the value of a scalar, "" for anything else.
func (n *Node) String() string {
	if n = n.Deref(); n == nil || n.Kind != ScalarNode {
		return ""
	}
	return n.Value
}

// Text is the value of a scalar in its place. For a map or list it is empty and
// stands at its start; for nil it is the zero Text.
func (n *Node) Text() Text {
	if n = n.Deref(); n == nil {
		return Text{}
	}
	if n.Kind != ScalarNode {
		return n.doc.Text(n.start, n.start)
	}
	return n.ownText()
}

func (n *Node) ownText() Text {
	if n.text == nil {
		t := align(n.doc.Data, n.start, n.Value, n.style)
		n.text = &t
	}
	return *n.text
}

// Walk calls f for n and all below it, keys too, each once, parents first, in
// order. It does not descend where f returns false.
func (n *Node) Walk(f func(*Node) bool) { n.walk(f, map[*Node]bool{}) }

func (n *Node) walk(f func(*Node) bool, seen map[*Node]bool) {
	if n = n.Deref(); n == nil || seen[n] {
		return
	}
	seen[n] = true
	if !f(n) {
		return
	}
	for _, p := range n.pairs {
		p.Key.walk(f, seen)
		p.Value.walk(f, seen)
	}
	for _, c := range n.items {
		c.walk(f, seen)
	}
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// yamlGap words a parse error without its content. The library's line may be
// one too early or that of the structure's start.
func (d *Document) yamlGap(err error, start int) scanner.Gap {
	g := scanner.Gap{Path: d.Path, Reason: scanner.Malformed, Line: d.Location(d.Text(start, start)).Line}
	switch {
	case errors.Is(err, errTooDeep), errors.Is(err, errTooMany):
		g.Reason, g.Detail = scanner.TooDeep, err.Error()
		return g
	}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		if l, err := strconv.Atoi(m[1]); err == nil && l > 0 {
			g.Line += l - 1
		}
	}
	g.Detail = fmt.Sprintf("does not parse as YAML near line %d; what could be read of it was read line by line", g.Line)
	return g
}
