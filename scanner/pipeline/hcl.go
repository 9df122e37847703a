package pipeline

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// An hclBlock is a block of HCL, native or in JSON, in its place.
type hclBlock struct {
	Type   Text
	Labels []Text
	Attrs  []hclAttr
	Blocks []*hclBlock
}

// An hclAttr is an argument of a block.
type hclAttr struct {
	Name string
	At   Text
	Expr hclsyntax.Expression
}

// label is a label by its number, "" where there is none.
func (b *hclBlock) label(i int) string {
	if b == nil || i >= len(b.Labels) {
		return ""
	}
	return b.Labels[i].S
}

// attr gives an argument by name.
func (b *hclBlock) attr(name string) (hclAttr, bool) {
	if b != nil {
		for _, a := range b.Attrs {
			if a.Name == name {
				return a, true
			}
		}
	}
	return hclAttr{}, false
}

// HCL reads a document in HCL; what does not parse is a gap and the rest is read.
func (d *Document) HCL() *hclBlock {
	if strings.HasSuffix(d.Path, ".json") {
		return d.hclJSON()
	}
	return d.hclPart(d.Text(0, len(d.Data)))
}

// hclPart reads a part of a document as HCL.
func (d *Document) hclPart(t Text) *hclBlock {
	if err := d.checkHCL(t.S); err != nil {
		d.GapAt(t.Sub(0, 0), scanner.TooDeep, err.Error())
		return &hclBlock{}
	}
	f, diags := hclsyntax.ParseConfig([]byte(t.S), d.Path, hcl.Pos{Line: 1, Column: 1, Byte: t.Pos(0)})
	if diags.HasErrors() {
		at := t.Sub(0, 0)
		if s := diags[0].Subject; s != nil {
			at = d.Text(s.Start.Byte, s.Start.Byte)
		}
		l := d.Location(at)
		d.Gap(scanner.Gap{Line: l.Line, Column: l.Column, Reason: scanner.Malformed, Minor: jinjaTemplate(t.S), Detail: "does not parse as HCL here; what could be read was read"})
		if parts := hclParts(t); len(parts) > 1 {
			out := &hclBlock{}
			for _, p := range parts {
				if f, _ := hclsyntax.ParseConfig([]byte(p.S), d.Path, hcl.Pos{Line: 1, Column: 1, Byte: p.Pos(0)}); f != nil {
					if body, ok := f.Body.(*hclsyntax.Body); ok {
						b := d.hclBody(body)
						out.Attrs, out.Blocks = append(out.Attrs, b.Attrs...), append(out.Blocks, b.Blocks...)
					}
				}
			}
			return out
		}
	}
	body, ok := f.Body.(*hclsyntax.Body)
	if !ok {
		return &hclBlock{}
	}
	return d.hclBody(body)
}

var hclTop = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(?:terraform|provider|variable|data|resource|module|output|locals|ephemeral|remote_state|generate|inputs)\b[^\n]*\{`)
})

// hclParts cuts a text that does not parse where blocks start at the left edge.
func hclParts(t Text) []Text {
	var out []Text
	last := 0
	for _, m := range hclTop().FindAllStringIndex(t.S, maxNodes/10) {
		if m[0] > last {
			out = append(out, t.Sub(last, m[0]))
		}
		last = m[0]
	}
	return append(out, t.Sub(last, len(t.S)))
}

func (d *Document) hclBody(body *hclsyntax.Body) *hclBlock {
	out := &hclBlock{}
	for _, a := range body.Attributes {
		out.Attrs = append(out.Attrs, hclAttr{a.Name, d.rangeText(a.NameRange), a.Expr})
	}
	slices.SortFunc(out.Attrs, func(a, b hclAttr) int { return a.At.Pos(0) - b.At.Pos(0) })
	for _, b := range body.Blocks {
		c := d.hclBody(b.Body)
		c.Type = d.rangeText(b.TypeRange)
		for i, l := range b.Labels {
			t := d.rangeText(b.LabelRanges[i])
			if unquoted := unquote(t); unquoted.S == l {
				t = unquoted
			} else {
				t.S, t.at = l, make([]int32, len(l)+1)
				for k := range t.at {
					t.at[k] = int32(d.rangeText(b.LabelRanges[i]).Pos(0))
				}
			}
			c.Labels = append(c.Labels, t)
		}
		out.Blocks = append(out.Blocks, c)
	}
	return out
}

func (d *Document) rangeText(r hcl.Range) Text { return d.Text(r.Start.Byte, r.End.Byte) }

// hclLabels tells how many levels of names a top-level key of JSON has. Source:
// developer.hashicorp.com/terraform/language/syntax/json.
var hclLabels = map[string]int{"resource": 2, "data": 2, "ephemeral": 2, "provider": 1, "variable": 1, "output": 1, "module": 1, "backend": 1, "credentials": 1}

func (d *Document) hclJSON() *hclBlock {
	n := d.JSON()
	if n == nil {
		return &hclBlock{}
	}
	return d.jsonBlock(n, 0)
}

func (d *Document) jsonBlock(n *Node, depth int) *hclBlock {
	out := &hclBlock{}
	for _, p := range n.Pairs() {
		key := p.Key.Value
		levels, isBlock := hclLabels[key], depth == 0 && (hclLabels[key] > 0 || key == "terraform" || key == "locals") || depth == 1 && (key == "backend" || key == "cloud")
		if !isBlock || !p.Value.Is(MapNode) && !p.Value.Is(SeqNode) {
			out.Attrs = append(out.Attrs, hclAttr{key, p.Key.Text(), d.jsonExpr(p.Value, 0)})
			continue
		}
		d.jsonBlocks(out, p.Key.Text(), nil, p.Value, levels, depth)
	}
	return out
}

func (d *Document) jsonBlocks(out *hclBlock, typ Text, labels []Text, n *Node, levels, depth int) {
	for _, v := range n.List() {
		if levels > 0 {
			for _, p := range v.Pairs() {
				d.jsonBlocks(out, typ, append(slices.Clone(labels), p.Key.Text()), p.Value, levels-1, depth)
			}
			continue
		}
		b := d.jsonBlock(v, depth+1)
		b.Type, b.Labels = typ, labels
		out.Blocks = append(out.Blocks, b)
	}
}

// jsonExpr makes an expression of a JSON value: strings are templates.
func (d *Document) jsonExpr(n *Node, depth int) hclsyntax.Expression {
	pos := hcl.Pos{Line: 1, Column: 1, Byte: n.start}
	r := hcl.Range{Filename: d.Path, Start: pos, End: hcl.Pos{Byte: n.start + len(n.Value)}}
	switch n.Kind {
	case MapNode:
		o := &hclsyntax.ObjectConsExpr{SrcRange: r}
		for _, p := range n.pairs {
			o.Items = append(o.Items, hclsyntax.ObjectConsItem{KeyExpr: d.literalExpr(p.Key), ValueExpr: d.jsonExpr(p.Value, depth+1)})
		}
		return o
	case SeqNode:
		t := &hclsyntax.TupleConsExpr{SrcRange: r}
		for _, i := range n.items {
			t.Exprs = append(t.Exprs, d.jsonExpr(i, depth+1))
		}
		return t
	}
	if n.Quote && strings.Contains(n.Value, "${") {
		if err := d.checkHCLTemplate(n.Value); err != nil {
			d.GapAt(n.Text(), scanner.TooDeep, err.Error())
		} else if e, diags := hclsyntax.ParseTemplate([]byte(n.Value), d.Path, pos); !diags.HasErrors() {
			return e
		}
	}
	return d.literalExpr(n)
}

func (d *Document) literalExpr(n *Node) hclsyntax.Expression {
	t := n.Text()
	v := cty.StringVal(n.Value)
	if !n.Quote {
		v = cty.NullVal(cty.DynamicPseudoType)
	}
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: hcl.Range{Filename: d.Path, Start: hcl.Pos{Byte: t.Pos(0)}, End: hcl.Pos{Byte: t.Pos(len(t.S))}}}
}

// subs gives the blocks of a type below, with objects of that name: HCL lets
// providers take either.
func (d *Document) subs(b *hclBlock, name string) []*hclBlock {
	var out []*hclBlock
	for _, c := range b.Blocks {
		if c.Type.S == name {
			out = append(out, c)
		}
	}
	if a, ok := b.attr(name); ok {
		for _, e := range tuple(a.Expr) {
			if c := d.objectBlock(e); c != nil {
				c.Type = a.At
				out = append(out, c)
			}
		}
	}
	return out
}

// tuple gives the elements of a list, or the expression itself.
func tuple(e hclsyntax.Expression) []hclsyntax.Expression {
	if t, ok := e.(*hclsyntax.TupleConsExpr); ok {
		return t.Exprs
	}
	return []hclsyntax.Expression{e}
}

// objectBlock gives an object as a block of arguments, nil for what is none.
func (d *Document) objectBlock(e hclsyntax.Expression) *hclBlock {
	if p, ok := e.(*hclsyntax.ParenthesesExpr); ok {
		return d.objectBlock(p.Expression)
	}
	o, ok := e.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil
	}
	out := &hclBlock{}
	for _, i := range o.Items {
		at := unquote(d.rangeText(i.KeyExpr.Range()))
		out.Attrs = append(out.Attrs, hclAttr{at.S, at, i.ValueExpr})
	}
	return out
}

// literalText gives the text of a string without anything computed in it, in its place.
func (d *Document) literalText(e hclsyntax.Expression) (Text, bool) {
	switch x := e.(type) {
	case *hclsyntax.TemplateExpr:
		if len(x.Parts) == 1 {
			return d.literalText(x.Parts[0])
		}
	case *hclsyntax.LiteralValueExpr:
		if x.Val.Type() == cty.String && x.Val.IsKnown() && !x.Val.IsNull() {
			t := d.rangeText(x.SrcRange)
			if s := x.Val.AsString(); s != t.S {
				if len(t.S) > 0 && t.S[0] == '"' {
					t = d.Unquoted(t.Pos(0), s)
				} else {
					t = align(d.Data, t.Pos(0), s, doubleStyle)
				}
			}
			return t, true
		}
	case *hclsyntax.ParenthesesExpr:
		return d.literalText(x.Expression)
	}
	return Text{}, false
}
