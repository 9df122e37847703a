package pipeline

import (
	"strings"
	"unicode/utf8"
)

// Most documents need little of YAML: maps and lists by indentation, scalars of
// each style, flow collections, comments. plainYAML reads that in one pass over
// the text, ten times as fast as the library, into the same nodes at the same
// places; TestPlainYAML and FuzzPlainYAML hold the two against each other. At
// the first sign of anything else - tags of the language's own, tabs in
// indentation, complex keys, directives, control characters, an error - it gives
// up, and the library decides. It accepts nothing that the library refuses.
type plainYAML struct {
	d    *Document
	s    string // the text
	base int    // offset of s in Data
	i    int    // of the byte that is read next
	line int    // offset of the line that i stands on

	count   int
	slab    []Node
	pairs   []Pair           // of the maps that are open
	items   []*Node          // of the lists that are open
	anchors map[string]*Node // nil for a node that is not yet read
	stop    bool             // at the mark of a document's end
	failed  bool
	action  bool // failed where the library does as well, as at most actions of templates

	sift  sifter // looks at each node; then none is kept
	below string // the key that the node which is read next stands under
	quiet int    // keys above whose values are not looked at
	cells [][]Node
	used  int // cells of nodes that are open
}

// plainYAML reads Data[start:end] as a stream of documents; false where it gave up.
// action tells that it did where the library does as well.
func (d *Document) plainYAML(start, end int) (roots []*Node, ok, action bool) {
	p := &plainYAML{d: d, base: start}
	return p.stream(start, end)
}

func (p *plainYAML) stream(start, end int) (roots []*Node, ok, action bool) {
	if d := p.d; len(d.str) == 0 && end-start < len(d.Data)/2 { // the rest may never be asked for
		p.s = string(d.Data[start:end])
	} else {
		p.s = d.string()[start:end]
	}
	if !plainText7(p.s) {
		return nil, false, false
	}
	for p.next() && !p.failed {
		if p.marker() {
			p.i += len("---")
			if p.spaces(); !p.lineEnd() {
				p.failed = true
				break
			}
			if !p.next() && !p.failed || p.marker() { // a document without content
				p.failed = p.i == len(p.s) && p.col() > 0 // whose place the library has elsewhere
				roots = append(roots, p.scalar("", p.i, 0, plainStyle))
				p.documentEnd()
				continue
			}
		}
		roots = append(roots, p.root())
		if p.failed {
			break
		}
		if p.next() && !p.marker() {
			p.failed, p.action = true, true
		}
		p.documentEnd()
	}
	p.failed = p.failed || p.stop // no document before its end
	if p.failed {
		return nil, false, p.action
	}
	return roots, true, false
}

// root reads the node of a document.
func (p *plainYAML) root() *Node {
	n := p.block(-1, 0)
	if p.sift != nil && !p.failed {
		p.seen("", n, 0)
		p.sift.document()
		p.used = 0
	}
	return n
}

// plainText7 tells text that the library reads as it stands: UTF-8 without
// control characters, byte order marks and line breaks but the common one.
func plainText7(s string) bool {
	seen := byte(0)
	for i := 0; i < len(s); i++ {
		seen |= textBytes[s[i]]
	}
	if seen != wideByte {
		return seen == 0
	}
	for i, r := range s {
		switch {
		case r < 0xA0 && r >= 0x80, r == 0x2028, r == 0x2029, r == 0xFEFF, r == 0xFFFE, r == 0xFFFF:
			return false
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			return false
		}
	}
	return true
}

// Sorts of bytes in a text: those of characters beyond ASCII, control characters.
const (
	wideByte = 1 << iota
	controlByte
)

var textBytes = func() (t [256]byte) {
	for c := range t {
		switch {
		case c >= 0x80:
			t[c] = wideByte
		case c < 0x20 && c != '\n' && c != '\t' || c == 0x7F:
			t[c] = controlByte
		}
	}
	return t
}()

func (p *plainYAML) fail() *Node {
	p.failed = true
	return nil
}

// node is a new node that starts at s[start].
func (p *plainYAML) node(kind NodeKind, start, depth int) *Node {
	if p.count++; p.count > maxNodes || depth > maxDepth {
		p.failed = true // the library's reader says which
	}
	if p.sift != nil {
		return p.cell(kind, start)
	}
	if len(p.slab) == 0 {
		p.slab = make([]Node, min(256, max(8, (len(p.s)-p.i)/32)))
	}
	n := &p.slab[0]
	p.slab = p.slab[1:]
	n.doc, n.Kind, n.start = p.d, kind, p.base+start
	return n
}

// scalar is a new scalar; start is that of its token.
func (p *plainYAML) scalar(value string, start, depth int, style scalarStyle) *Node {
	n := p.node(ScalarNode, start, depth)
	n.Value = value
	p.place(n, style)
	return n
}

func (p *plainYAML) at(c byte) bool { return p.i < len(p.s) && p.s[p.i] == c }

// blankAt tells whether s[i] ends a token: white space, or the end.
func (p *plainYAML) blankAt(i int) bool {
	return i >= len(p.s) || p.s[i] == ' ' || p.s[i] == '\n' || p.s[i] == '\t'
}

func (p *plainYAML) col() int { return p.i - p.line }

func (p *plainYAML) dash() bool { return p.at('-') && p.blankAt(p.i+1) }

// marker tells whether a document starts here.
func (p *plainYAML) marker() bool {
	return p.col() == 0 && strings.HasPrefix(p.s[p.i:], "---") && p.blankAt(p.i+3)
}

// documentEnd goes over marks of a document's end.
func (p *plainYAML) documentEnd() {
	for p.stop && !p.failed {
		p.stop = false
		p.i += len("...")
		if p.spaces(); !p.lineEnd() || p.next() && !p.marker() {
			p.failed = true
		}
	}
}

// spaces goes over spaces on this line.
func (p *plainYAML) spaces() {
	for p.at(' ') {
		p.i++
	}
}

// lineEnd tells whether nothing but a comment follows on this line.
func (p *plainYAML) lineEnd() bool {
	return p.i == len(p.s) || p.s[p.i] == '\n' || p.s[p.i] == '#' && (p.i == p.line || p.s[p.i-1] == ' ')
}

// next goes to the next token over white space and comments; false at the end.
func (p *plainYAML) next() bool {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ' ':
			p.i++
		case c == '\n':
			p.i++
			p.line = p.i
		case c == '#' && p.lineEnd():
			j := strings.IndexByte(p.s[p.i:], '\n')
			if j < 0 {
				p.i = len(p.s)
				return false
			}
			p.i += j
		case c == '.' && p.col() == 0 && strings.HasPrefix(p.s[p.i:], "...") && p.blankAt(p.i+3):
			p.stop = true
			return false
		case c == '\t', c == '%' && p.col() == 0:
			p.failed = true
			return false
		default:
			return true
		}
	}
	return false
}

// block reads the node that starts here; indent is that of what it stands in.
func (p *plainYAML) block(indent, depth int) *Node {
	if p.failed {
		return nil
	}
	start := p.i
	var n *Node
	switch c := p.s[p.i]; c {
	case '|', '>':
		return p.literal(indent, depth)
	case '[', '{':
		if n = p.flow(depth); p.failed {
			return nil
		}
		return p.ended(n)
	case '&', '!':
		return p.propertied(indent, depth, false)
	case '*':
		return p.ended(p.alias(depth))
	case '"', '\'':
		n = p.quoted(depth, c)
	default:
		if p.dash() {
			return p.sequence(false, depth)
		}
		n = p.word(indent, depth)
	}
	if p.failed {
		return nil
	}
	if here := p.i; p.line <= start {
		if p.spaces(); p.at(':') && p.blankAt(p.i+1) && p.i-start < maxKey {
			return p.mapping(n, start, depth)
		}
		p.i = here
	}
	return p.ended(n)
}

// maxKey is how long a key may be: 1024 characters.
const maxKey = 1024

// ended gives n where its line ends behind it. The library refuses words behind
// a quote or bracket too.
func (p *plainYAML) ended(n *Node) *Node {
	if p.failed {
		return nil
	}
	if p.spaces(); !p.lineEnd() {
		c := p.s[p.i]
		p.action = (n.Kind == MapNode || n.Kind == SeqNode || n.Quote) && (word(c) || c == '/' || c == '.' || c == '-' || c == '{' || c == ':' && !p.blankAt(p.i+1))
		return p.fail()
	}
	return n
}

// mapping reads a map from the colon behind its first key, which is a node at
// the depth of the map until now.
func (p *plainYAML) mapping(key *Node, start, depth int) *Node {
	col, from := start-p.line, len(p.pairs)
	n := p.node(MapNode, start, depth)
	if depth+1 > maxDepth {
		return p.fail()
	}
	used := p.begin(depth)
	for {
		p.i++
		above := p.under(key)
		v := p.value(col, depth+1)
		if p.pair(n, key, v, above, depth); p.failed {
			return nil
		}
		p.used = used
		if !p.next() || p.marker() || p.col() < col {
			break
		}
		if p.col() != col {
			return p.fail()
		}
		if key = p.key(depth + 1); p.failed {
			return nil
		}
	}
	p.take(n, from)
	return n
}

// pair keeps an entry of a map.
func (p *plainYAML) pair(n, key, v *Node, above string, depth int) {
	switch {
	case p.failed:
	case p.sift != nil:
		p.over(key, v, above, depth)
	default:
		n.merges = n.merges || key.isMerge()
		p.pairs = append(p.pairs, Pair{key, v})
	}
}

// take gives a map the entries that were read since it began.
func (p *plainYAML) take(n *Node, from int) {
	if p.sift == nil {
		n.pairs = append(make([]Pair, 0, len(p.pairs)-from), p.pairs[from:]...)
		p.pairs = p.pairs[:from]
	}
}

// item keeps an element of a list.
func (p *plainYAML) item(v *Node, key string, depth int) {
	switch {
	case p.failed:
	case p.sift != nil:
		p.below = key
		p.seen(key, v, depth)
	default:
		p.items = append(p.items, v)
	}
}

// takeItems gives a list the elements that were read since it began.
func (p *plainYAML) takeItems(n *Node, from int) {
	if p.sift == nil {
		n.items = append(make([]*Node, 0, len(p.items)-from), p.items[from:]...)
		p.items = p.items[:from]
	}
}

// key reads a key and the space behind it, up to its colon.
func (p *plainYAML) key(depth int) *Node {
	start, line := p.i, p.line
	var n *Node
	switch c := p.s[p.i]; {
	case c == '"' || c == '\'':
		n = p.quoted(depth, c)
	case p.dash():
		return p.fail()
	case c == '{':
		if p.flow(depth); !p.failed && p.line == line {
			p.spaces()
			p.action = !p.at(':')
		}
		return p.fail()
	default:
		n = p.word(-1, depth)
	}
	if p.spaces(); p.failed || p.line != line || !p.at(':') || !p.blankAt(p.i+1) || p.i-start >= maxKey {
		return p.fail()
	}
	return n
}

// value reads what follows the colon of a key in column col.
func (p *plainYAML) value(col, depth int) *Node {
	colon := p.i
	if p.spaces(); p.lineEnd() {
		switch {
		case !p.next() || p.marker() || p.col() < col || p.col() == col && !p.dash():
			return p.scalar("", colon, depth, plainStyle)
		case p.col() == col:
			return p.sequence(true, depth)
		}
		return p.block(col, depth)
	}
	switch c := p.s[p.i]; {
	case c == '|' || c == '>':
		return p.literal(col, depth)
	case c == '[' || c == '{':
		return p.ended(p.flow(depth))
	case c == '"' || c == '\'':
		return p.ended(p.quoted(depth, c))
	case c == '&' || c == '!':
		return p.propertied(col, depth, true)
	case c == '*':
		return p.ended(p.alias(depth))
	case p.dash():
		return p.fail()
	}
	return p.ended(p.word(col, depth))
}

// sequence reads a list. One that stands in the column of its key ends at the next key.
func (p *plainYAML) sequence(atKey bool, depth int) *Node {
	col, from := p.col(), len(p.items)
	n := p.node(SeqNode, p.i, depth)
	key, used := p.below, p.used
	for {
		p.i++
		dash := p.i
		var v *Node
		if p.spaces(); !p.lineEnd() {
			v = p.block(col, depth+1)
		} else if !p.next() || p.marker() || p.col() <= col {
			v = p.scalar("", dash, depth+1, plainStyle)
		} else {
			v = p.block(col, depth+1)
		}
		if p.item(v, key, depth); p.failed {
			return nil
		}
		p.used = used
		if !p.next() || p.marker() || p.col() < col {
			break
		}
		if p.col() != col || !p.dash() {
			if atKey && p.col() == col {
				break
			}
			return p.fail()
		}
	}
	p.takeItems(n, from)
	return n
}

// flow reads a collection in brackets.
func (p *plainYAML) flow(depth int) *Node {
	start := p.i
	// A dash that starts no entry, and what no token starts with.
	p.action = strings.HasPrefix(p.s[p.i:], "{{- ") || strings.HasPrefix(p.s[p.i:], "{%")
	if p.action || depth >= maxDepth {
		return p.fail()
	}
	isMap := p.s[p.i] == '{'
	end, kind := byte(']'), SeqNode
	if isMap {
		end, kind = '}', MapNode
	}
	n := p.node(kind, start, depth)
	p.i++
	if isMap {
		from := len(p.pairs)
		p.begin(depth)
		p.flowEntries(n, end, depth)
		p.take(n, from)
	} else {
		from := len(p.items)
		p.flowEntries(n, end, depth)
		p.takeItems(n, from)
	}
	if p.failed {
		return nil
	}
	return n
}

// flowEntries reads what stands in brackets, and the closing one.
func (p *plainYAML) flowEntries(n *Node, end byte, depth int) {
	key, used := p.below, p.used
	for first := true; ; first = false {
		if p.flowSpace(); p.failed {
			return
		}
		if !first && !p.at(end) {
			if !p.at(',') {
				p.failed, p.action = true, n.Kind == MapNode && p.at(':') // a second one in a pair
				return
			}
			p.i++
			if p.flowSpace(); p.failed {
				return
			}
		}
		if p.at(end) {
			p.i++
			return
		}
		if n.Kind == MapNode {
			p.flowPair(n, depth+1)
		} else {
			p.item(p.flowNode(depth+1), key, depth)
		}
		if p.failed {
			return
		}
		p.used = used
	}
}

func (p *plainYAML) flowPair(n *Node, depth int) {
	start, line := p.i, p.line
	k := p.flowNode(depth)
	if p.flowSpace(); p.failed {
		return
	}
	above := p.under(k)
	var v *Node
	if p.at(':') {
		if p.line != line || p.i-start >= maxKey {
			p.failed = true
			return
		}
		p.i++
		if p.flowSpace(); p.failed {
			return
		}
		if !p.at(',') && !p.at('}') {
			v = p.flowNode(depth)
		}
	}
	if v == nil && !p.failed {
		v = p.scalar("", p.i, depth, plainStyle)
	}
	p.pair(n, k, v, above, depth-1)
}

// flowSpace goes over white space in a flow collection.
func (p *plainYAML) flowSpace() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n') {
		p.i++
		if p.s[p.i-1] == '\n' {
			p.line = p.i
		}
	}
	if p.i == len(p.s) || p.s[p.i] == '#' || p.s[p.i] == '\t' {
		p.failed = true
		return
	}
	if p.col() == 0 && (p.s[p.i] == '-' || p.s[p.i] == '.' || p.s[p.i] == '%') {
		p.failed = true
	}
}

// flowNode reads a node in a flow collection.
func (p *plainYAML) flowNode(depth int) *Node {
	if p.failed || p.i == len(p.s) {
		return p.fail()
	}
	switch c := p.s[p.i]; c {
	case '[', '{':
		return p.flow(depth)
	case '"', '\'':
		return p.quoted(depth, c)
	case '*':
		return p.alias(depth)
	case '?', ':': // may start a word outside of brackets only
		return p.fail()
	}
	if !p.starts() {
		return p.fail()
	}
	start, i := p.i, p.i
	for ; ; i++ {
		if i == len(p.s) {
			return p.fail()
		}
		c := p.s[i]
		if c == '\t' || c == '#' && p.s[i-1] == ' ' {
			return p.fail()
		}
		if c == '\n' || c == ',' || c == '?' || c == '[' || c == ']' || c == '{' || c == '}' || c == ':' && p.blankAt(i+1) {
			break
		}
	}
	end := p.trimmed(i)
	p.i = end
	if p.s[i] == '\n' { // goes on below, or ends
		p.i = i
		if p.flowSpace(); p.failed || !p.at(',') && !p.at(']') && !p.at('}') {
			return p.fail()
		}
	} else if p.s[i] == '?' {
		return p.fail()
	}
	return p.scalar(p.s[start:end], start, depth, plainStyle)
}
