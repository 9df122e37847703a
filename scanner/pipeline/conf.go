package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/tailscale/hujson"
)

// JSON gives the root of a document in JSON, comments and trailing commas
// allowed, as nodes; nil where it does not parse, which is a gap.
func (d *Document) JSON() *Node {
	if deep(d.Data) {
		d.Gap(scanner.Gap{Reason: scanner.TooDeep, Detail: errTooDeep.Error()})
		return nil
	}
	v, err := hujson.Parse(d.Data)
	if err != nil {
		roots, err := d.looseJSON()
		if err != nil {
			d.Gap(scanner.Gap{Reason: scanner.Malformed, Minor: jinjaTemplate(d.string()), Detail: "does not parse as JSON; it was read as far as it goes"})
		}
		for _, n := range roots {
			return n
		}
		return nil
	}
	b := jsonBuilder{d: d}
	return b.node(&v)
}

// jinjaTemplate tells a text that is a template of what it is read as: that it
// does not parse is common, and minor.
func jinjaTemplate(s string) bool { return strings.Contains(s, "{%") && strings.Contains(s, "%}") }

// looseJSON reads JSON5 and the like as YAML, which forgives more: keys without
// quotes, single quotes, commas behind the last.
func (d *Document) looseJSON() ([]*Node, error) {
	d.Data = blankComments(d.Data)
	return d.parseYAML(0, len(d.Data))
}

// deep tells whether brackets nest deeper than documents may.
func deep(data []byte) bool {
	depth, str := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case str && c == '\\':
			i++
		case c == '"':
			str = !str
		case str && c == '\n':
			str = false
		case str:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

type jsonBuilder struct {
	d     *Document
	count int
}

func (b *jsonBuilder) node(v *hujson.Value) *Node {
	n := &Node{doc: b.d, start: v.StartOffset}
	if b.count++; b.count > maxNodes {
		if b.count == maxNodes+1 {
			b.d.Gap(scanner.Gap{Reason: scanner.TooDeep, Detail: errTooMany.Error()})
		}
		return n
	}
	switch x := v.Value.(type) {
	case *hujson.Object:
		n.Kind = MapNode
		for i := range x.Members {
			m := &x.Members[i]
			n.pairs = append(n.pairs, Pair{b.node(&m.Name), b.node(&m.Value)})
		}
	case *hujson.Array:
		n.Kind = SeqNode
		for i := range x.Elements {
			n.items = append(n.items, b.node(&x.Elements[i]))
		}
	case hujson.Literal:
		n.Value = string(x)
		if x.Kind() == '"' {
			n.Value, n.Quote, n.style = x.String(), true, doubleStyle
			n.start++
		}
	}
	return n
}

// TOML gives the root of a document in TOML as nodes: tables are maps, arrays of
// tables lists of maps. What follows an error is a gap.
func (d *Document) TOML() *Node {
	root := &Node{doc: d, Kind: MapNode}
	if deep(d.Data) {
		d.Gap(scanner.Gap{Reason: scanner.TooDeep, Detail: errTooDeep.Error()})
		return root
	}
	var p unstable.Parser
	p.Reset(d.Data)
	table, count := root, 0
	for p.NextExpression() {
		if count++; count > maxNodes {
			break
		}
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			table = d.tomlTable(root, e, false)
		case unstable.ArrayTable:
			table = d.tomlTable(root, e, true)
		case unstable.KeyValue:
			d.tomlPair(table, e)
		}
	}
	if p.Error() != nil {
		d.Gap(scanner.Gap{Reason: scanner.Malformed, Detail: "does not parse as TOML; it was read up to the error"})
	}
	return root
}

// tomlTable gives the table that a header opens.
func (d *Document) tomlTable(root *Node, e *unstable.Node, array bool) *Node {
	at := root
	for it, depth := e.Key(), 0; it.Next() && depth < maxDepth; depth++ {
		at = d.tomlChild(at, it.Node(), array && it.IsLast())
	}
	return at
}

// tomlChild gives the map below a key, which it makes where there is none.
func (d *Document) tomlChild(n *Node, key *unstable.Node, array bool) *Node {
	var list *Node
	if p := n.own(string(key.Data)); p != nil {
		list = p.Value
		if list.Kind == MapNode && !array {
			return list
		}
		if list.Kind == SeqNode && !array && len(list.items) > 0 {
			return list.items[len(list.items)-1]
		}
	}
	k := d.tomlScalar(key)
	child := &Node{doc: d, Kind: MapNode, start: k.start}
	if !array {
		n.pairs = append(n.pairs, Pair{k, child})
		return child
	}
	if list == nil || list.Kind != SeqNode {
		list = &Node{doc: d, Kind: SeqNode, start: k.start}
		n.pairs = append(n.pairs, Pair{k, list})
	}
	list.items = append(list.items, child)
	return child
}

func (d *Document) tomlPair(table *Node, e *unstable.Node) {
	at := table
	for it, depth := e.Key(), 0; it.Next() && depth < maxDepth; depth++ {
		if k := it.Node(); it.IsLast() {
			at.pairs = append(at.pairs, Pair{d.tomlScalar(k), d.tomlValue(e.Value())})
		} else {
			at = d.tomlChild(at, k, false)
		}
	}
}

func (d *Document) tomlValue(v *unstable.Node) *Node {
	n := d.tomlScalar(v)
	switch v.Kind {
	case unstable.InlineTable:
		n.Kind, n.Value = MapNode, ""
		for it := v.Children(); it.Next(); {
			if c := it.Node(); c.Kind == unstable.KeyValue {
				d.tomlPair(n, c)
			}
		}
	case unstable.Array:
		n.Kind, n.Value = SeqNode, ""
		for it := v.Children(); it.Next(); {
			if c := it.Node(); c.Kind != unstable.Comment {
				n.items = append(n.items, d.tomlValue(c))
			}
		}
	}
	return n
}

// tomlScalar gives a key or a value in its place.
func (d *Document) tomlScalar(v *unstable.Node) *Node {
	n := &Node{doc: d, Value: string(v.Data), start: int(v.Raw.Offset)}
	if n.start >= len(d.Data) {
		return n
	}
	switch q := d.Data[n.start]; q {
	case '"', '\'':
		n.Quote, n.style = true, singleStyle
		if q == '"' {
			n.style = doubleStyle
		}
		if triple := strings.Repeat(string(q), 3); strings.HasPrefix(string(d.Data[n.start:min(len(d.Data), n.start+3)]), triple) {
			n.start += 2
		}
		n.start++
	}
	return n
}
