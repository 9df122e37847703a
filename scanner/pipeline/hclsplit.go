package pipeline

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// An hclPart is a block at the top of a configuration, as far as a look at its
// brackets tells: d.Data[start:end].
type hclPart struct {
	typ        string // variable, resource …
	start, end int
}

// splitHCL gives the blocks at the top of a text, in order. It is false for what
// has anything else there, or brackets, strings or heredocs that do not close:
// there the parser decides.
func splitHCL(s string) ([]hclPart, bool) {
	x := hclSkipper{s: s}
	var out []hclPart
	for {
		x.space()
		if x.i == len(s) {
			return out, !x.failed
		}
		start := x.i
		for x.i < len(s) && (word(s[x.i]) || s[x.i] == '-') {
			x.i++
		}
		typ := s[start:x.i]
		for !x.failed && x.i < len(s) && s[x.i] != '{' { // labels
			switch c := s[x.i]; {
			case c == ' ' || word(c) || c == '-':
				x.i++
			case c == '"':
				x.str()
			default:
				x.failed = true
			}
		}
		if typ == "" || x.failed || x.i == len(s) {
			return nil, false
		}
		x.block()
		for x.i < len(s) && (s[x.i] == ' ' || s[x.i] == '\t' || s[x.i] == '\r') {
			x.i++
		}
		if x.failed || x.i < len(s) && s[x.i] != '\n' && s[x.i] != '#' && s[x.i] != '/' {
			return nil, false
		}
		out = append(out, hclPart{typ, start, x.i})
	}
}

// hclOf parses some blocks of a document, those that stand together at once. It
// is false where one does not parse, or nests deeper than the parser may follow.
func (d *Document) hclOf(parts []hclPart) (*hclBlock, bool) {
	out := &hclBlock{}
	for i := 0; i < len(parts); {
		start, end := parts[i].start, parts[i].end
		for i++; i < len(parts) && strings.TrimSpace(d.str[end:parts[i].start]) == ""; i++ {
			end = parts[i].end
		}
		s := d.str[start:end]
		if d.checkHCL(s) != nil {
			return nil, false
		}
		f, diags := hclsyntax.ParseConfig([]byte(s), d.Path, hcl.Pos{Line: 1, Column: 1, Byte: start})
		body, ok := f.Body.(*hclsyntax.Body)
		if !ok || diags.HasErrors() {
			return nil, false
		}
		b := d.hclBody(body)
		out.Attrs, out.Blocks = append(out.Attrs, b.Attrs...), append(out.Blocks, b.Blocks...)
	}
	return out, true
}

// hclSkipper goes over HCL without reading it.
type hclSkipper struct {
	s      string
	i      int
	depth  int
	failed bool
}

func (x *hclSkipper) fail() { x.failed, x.i = true, len(x.s) }

// space goes over white space and comments.
func (x *hclSkipper) space() {
	for x.i < len(x.s) {
		switch c := x.s[x.i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			x.i++
		case c == '#' || c == '/':
			x.comment()
		default:
			return
		}
	}
}

// comment goes over a comment, or over a slash that starts none.
func (x *hclSkipper) comment() {
	rest := x.s[x.i:]
	switch {
	case rest[0] == '#', strings.HasPrefix(rest, "//"):
		if j := strings.IndexByte(rest, '\n'); j >= 0 {
			x.i += j
		} else {
			x.i = len(x.s)
		}
	case strings.HasPrefix(rest, "/*"):
		if j := strings.Index(rest[2:], "*/"); j >= 0 {
			x.i += j + 4
		} else {
			x.fail()
		}
	default:
		x.i++
	}
}

// block goes over what stands in the brackets that open here.
func (x *hclSkipper) block() {
	if x.depth++; x.depth > maxDepth {
		x.fail()
		return
	}
	end := byte('}')
	switch x.s[x.i] {
	case '(':
		end = ')'
	case '[':
		end = ']'
	}
	for x.i++; x.i < len(x.s); {
		switch c := x.s[x.i]; c {
		case end:
			x.i++
			x.depth--
			return
		case '{', '(', '[':
			x.block()
		case '}', ')', ']':
			x.fail()
		case '"':
			x.str()
		case '#', '/':
			x.comment()
		case '<':
			if strings.HasPrefix(x.s[x.i:], "<<") {
				x.heredoc()
			} else {
				x.i++
			}
		default:
			x.i++
		}
	}
	x.fail()
}

// str goes over a quoted string, which ends on its line but for what is
// interpolated.
func (x *hclSkipper) str() {
	for x.i++; x.i < len(x.s); {
		switch c := x.s[x.i]; c {
		case '"':
			x.i++
			return
		case '\\':
			x.i += 2
		case '\n':
			x.fail()
		case '$', '%':
			x.sequence(c)
		default:
			x.i++
		}
	}
	x.fail()
}

// sequence goes over ${ } or %{ }, or over what starts neither.
func (x *hclSkipper) sequence(c byte) {
	switch {
	case strings.HasPrefix(x.s[x.i+1:], string(c)+"{"): // $${ is ${ as it stands
		x.i += 3
	case strings.HasPrefix(x.s[x.i+1:], "{"):
		x.i++
		x.block()
	default:
		x.i++
	}
}

// heredoc goes over <<NAME and its lines.
func (x *hclSkipper) heredoc() {
	x.i += len("<<")
	if x.i < len(x.s) && x.s[x.i] == '-' {
		x.i++
	}
	start := x.i
	for x.i < len(x.s) && (word(x.s[x.i]) || x.s[x.i] == '-') {
		x.i++
	}
	name := x.s[start:x.i]
	if x.i < len(x.s) && x.s[x.i] == '\r' {
		x.i++
	}
	if name == "" || x.i == len(x.s) || x.s[x.i] != '\n' {
		x.fail()
		return
	}
	for x.i++; x.i < len(x.s); {
		line := strings.TrimLeft(x.s[x.i:], " \t")
		if rest, ok := strings.CutPrefix(line, name); ok {
			if end := strings.TrimLeft(rest, " \t\r"); end == "" || end[0] == '\n' {
				x.i = len(x.s) - len(rest)
				return
			}
		}
		x.heredocLine()
	}
	x.fail()
}

func (x *hclSkipper) heredocLine() {
	for x.i < len(x.s) {
		switch c := x.s[x.i]; c {
		case '\n':
			x.i++
			return
		case '$', '%':
			x.sequence(c)
		default:
			x.i++
		}
	}
}
