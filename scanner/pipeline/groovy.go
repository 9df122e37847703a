package pipeline

import "strings"

// A tolerant lexer for Groovy and Kotlin, and a reader of the calls on top of
// it (pipelines.md 6.4). Nothing is refused: what is not understood is skipped.

type gKind byte

const (
	gEnd gKind = iota
	gWord
	gNumber
	gString
	gSign
	gLine // a line break or a semicolon
)

// A gToken is Data[start:end]. Of a string, from and to are its content's bounds.
type gToken struct {
	kind       gKind
	start, end int
	from, to   int
	interp     bool // $x and ${x} in it are expressions
	raw        bool // no escapes
}

// lexGroovy cuts a text into tokens. Kotlin has neither '…' strings nor /…/.
func lexGroovy(s string, kotlin bool) []gToken {
	var out []gToken
	for i := 0; i < len(s) && len(out) < maxNodes; {
		t := gToken{start: i}
		switch c := s[i]; {
		case c == '\n' || c == ';':
			t.kind, i = gLine, i+1
		case blank(c):
			i++
			continue
		case c == '\\' && i+1 < len(s) && (s[i+1] == '\n' || s[i+1] == '\r'):
			for i++; i < len(s) && s[i] != '\n'; i++ {
			}
			i++
			continue
		case c == '#' && i+1 < len(s) && s[i+1] == '!' && i == 0, c == '/' && i+1 < len(s) && s[i+1] == '/':
			for i < len(s) && s[i] != '\n' {
				i++
			}
			continue
		case c == '/' && i+1 < len(s) && s[i+1] == '*':
			j := strings.Index(s[i+2:], "*/")
			if j < 0 {
				return out
			}
			i += j + 4
			continue
		case c == '"' || c == '\'':
			i = lexString(s, &t, kotlin)
		case c == '$' && strings.HasPrefix(s[i:], "$/") && !kotlin:
			t.kind, t.from, t.interp, t.raw = gString, i+2, true, true
			j := strings.Index(s[i+2:], "/$")
			if t.to = i + 2 + j; j < 0 {
				t.to = len(s)
			}
			i = min(len(s), t.to+2)
		case c == '/' && !kotlin && operandMay(s, out) && slashyEnd(s, i) > 0:
			t.kind, t.from, t.to, t.interp, t.raw = gString, i+1, slashyEnd(s, i), true, true
			i = t.to + 1
		case digit(c):
			for t.kind = gNumber; i < len(s) && (word(s[i]) || s[i] == '.' && i+1 < len(s) && digit(s[i+1])); i++ {
			}
		case word(c) || c == '$' || c >= 0x80:
			for t.kind = gWord; i < len(s) && (word(s[i]) || s[i] == '$' || s[i] >= 0x80); i++ {
			}
		default:
			t.kind, i = gSign, i+1
			if c == '-' && i < len(s) && s[i] == '>' {
				i++
			}
		}
		t.end = i
		out = append(out, t)
	}
	return out
}

// lexString reads a string from its opening quote; one without an end ends with its line.
func lexString(s string, t *gToken, kotlin bool) int {
	q, i := s[t.start], t.start
	t.kind, t.interp = gString, q == '"'
	if triple := strings.Repeat(string(q), 3); strings.HasPrefix(s[i:], triple) {
		t.from, t.raw = i+3, kotlin
		for i += 3; i < len(s); i++ {
			if s[i] == '\\' && !kotlin {
				i++
			} else if strings.HasPrefix(s[i:], triple) {
				t.to = i
				return i + 3
			}
		}
		t.to = len(s)
		return len(s)
	}
	t.from = i + 1
	for i++; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '$' && t.interp && i+1 < len(s) && s[i+1] == '{':
			if j := closing(s, i+1); j > 0 {
				i = j
			}
		case s[i] == q:
			t.to = i
			return i + 1
		case s[i] == '\n':
			t.to = i
			return i
		}
	}
	t.to = len(s)
	return len(s)
}

// maxInterpolation is how long an expression in a string may be, so that many
// which do not close cost no square.
const maxInterpolation = 1 << 10

// closing is the place of the } of a ${ that opens at i, on the same line; 0 for none.
func closing(s string, i int) int {
	depth := 0
	for s = s[:min(len(s), i+maxInterpolation)]; i < len(s) && s[i] != '\n'; i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return 0
}

// operandMay tells whether an operand may stand behind the tokens so far.
func operandMay(s string, out []gToken) bool {
	if len(out) == 0 {
		return true
	}
	t := out[len(out)-1]
	switch t.kind {
	case gLine:
		return true
	case gSign:
		return strings.IndexByte("(,=[:~!&|?{<>+", s[t.start]) >= 0
	case gWord:
		return s[t.start:t.end] == "return"
	}
	return false
}

func slashyEnd(s string, i int) int {
	for j := i + 1; j < len(s) && s[j] != '\n'; j++ {
		if s[j] == '\\' {
			j++
		} else if s[j] == '/' && j > i+1 {
			return j
		}
	}
	return 0
}

// A gExpr is an expression or a statement.
type gExpr struct {
	Name  string // of a word or call, with dots: docker.withRegistry
	At    Text   // of the name, or all of it
	Str   *gToken
	Call  bool
	List  bool     // […]: a list, or a map when its arguments have names
	Args  []gArg   // of a call or list
	Body  []*gExpr // of a closure behind it
	Block bool     // it has a closure
	Set   *gExpr   // what is assigned to it
	Parts []*gExpr // operands of what is computed
}

// A gArg is an argument with its name, "" for none.
type gArg struct {
	Name string
	Val  *gExpr
}

// arg gives a named argument, nil for none. A single map or list of maps
// stands for its entries.
func (e *gExpr) arg(name string) *gExpr {
	if e == nil {
		return nil
	}
	for _, a := range e.Args {
		if a.Name == name {
			return a.Val
		}
	}
	if len(e.Args) == 1 && e.Args[0].Name == "" && e.Args[0].Val.List {
		return e.Args[0].Val.arg(name)
	}
	for _, s := range e.Body { // in a block: registryUrl 'x', url = "x"
		if s.Name == name {
			if s.Set != nil {
				return s.Set
			}
			if len(s.Args) > 0 {
				return s.Args[0].Val
			}
		}
	}
	return nil
}

// first is the n-th argument without a name, nil for none.
func (e *gExpr) pos(n int) *gExpr {
	for _, a := range e.Args {
		if a.Name == "" {
			if n == 0 {
				return a.Val
			}
			n--
		}
	}
	return nil
}

type gParser struct {
	d      *Document
	s      string
	toks   []gToken
	i      int
	depth  int
	kotlin bool
}

// Groovy reads the document as Groovy, or Kotlin: its statements.
func (d *Document) Groovy(kotlin bool) []*gExpr {
	s := string(d.Data)
	p := &gParser{d: d, s: s, toks: lexGroovy(s, kotlin), kotlin: kotlin}
	var out []*gExpr
	for p.i < len(p.toks) {
		out = append(out, p.block()...)
		p.i++ // a bracket that nothing opened
	}
	return out
}

func (p *gParser) peek() gToken {
	if p.i < len(p.toks) {
		return p.toks[p.i]
	}
	return gToken{start: len(p.s), end: len(p.s)}
}

func (p *gParser) is(sign string) bool {
	t := p.peek()
	return t.kind == gSign && p.s[t.start:t.end] == sign
}

func (p *gParser) lines() {
	for p.peek().kind == gLine {
		p.i++
	}
}

func (p *gParser) text(t gToken) Text { return p.d.Text(t.start, t.end) }

// block reads statements up to the } that ends them.
func (p *gParser) block() []*gExpr {
	if p.depth++; p.depth > maxDepth {
		p.depth--
		p.skip()
		return nil
	}
	defer func() { p.depth-- }()
	var out []*gExpr
	for {
		p.lines()
		if p.peek().kind == gEnd || p.is("}") {
			return out
		}
		at := p.i
		if e := p.statement(); e != nil {
			out = append(out, e)
		}
		if p.i == at {
			p.i++
		}
	}
}

// skip passes over all up to the } that ends a block that nests too deep.
func (p *gParser) skip() {
	for n := 0; p.i < len(p.toks); p.i++ {
		if p.is("{") {
			n++
		} else if p.is("}") {
			if n--; n < 0 {
				return
			}
		}
	}
}

var gModifiers = map[string]bool{"def": true, "val": true, "var": true, "const": true, "final": true, "private": true, "static": true, "public": true, "String": true, "return": true, "new": true, "internal": true, "override": true, "lateinit": true, "boolean": true, "int": true, "Map": true, "List": true}

func (p *gParser) statement() *gExpr {
	for p.peek().kind == gWord && gModifiers[p.s[p.peek().start:p.peek().end]] {
		p.i++
	}
	e := p.expr(true)
	if e == nil {
		return nil
	}
	if p.kotlin && p.is(":") && e.Name != "" && !e.Call { // val x: String = …
		for p.i++; p.peek().kind == gWord || p.is(".") || p.is("<") || p.is(">") || p.is("?"); p.i++ {
		}
	}
	if p.is("=") && !e.Call {
		p.i++
		p.lines()
		e.Set = p.expr(true)
	}
	return e
}

// expr reads operands with what joins them. In a statement a word may take
// arguments without brackets.
func (p *gParser) expr(command bool) *gExpr {
	if p.depth++; p.depth > maxDepth {
		p.depth--
		return nil
	}
	defer func() { p.depth-- }()
	e := p.operand(command)
	for e != nil {
		t := p.peek()
		if t.kind != gSign {
			break
		}
		c := p.s[t.start]
		if strings.IndexByte("+-*/%?!<>&|~", c) < 0 || t.end-t.start > 1 {
			if c != ':' || e.Parts == nil || !ternary(e) {
				if c != '=' || p.i+1 >= len(p.toks) || p.s[p.toks[p.i+1].start] != '=' {
					break
				}
			}
		}
		at := p.i
		for p.peek().kind == gSign && strings.IndexByte("+-*/%?!<>&|~=:", p.s[p.peek().start]) >= 0 && p.peek().end-p.peek().start == 1 {
			p.i++
		}
		p.lines()
		o := p.operand(false)
		if o == nil {
			if p.i == at {
				p.i++
			}
			break
		}
		if e.Parts == nil {
			e = &gExpr{At: e.At, Parts: []*gExpr{e}, Name: string(c)}
		} else if c == '?' {
			e.Name = "?"
		}
		if e.Parts = append(e.Parts, o); len(e.Parts) > maxNodes/10 {
			break
		}
	}
	return e
}

func ternary(e *gExpr) bool { return e.Name == "?" }

func (p *gParser) operand(command bool) *gExpr {
	for p.is("!") || p.is("-") || p.is("@") || p.is("*") {
		p.i++
	}
	t := p.peek()
	var e *gExpr
	switch {
	case t.kind == gString:
		e = &gExpr{At: p.text(t), Str: &p.toks[p.i]}
		p.i++
	case t.kind == gNumber:
		e = &gExpr{At: p.text(t)}
		p.i++
	case t.kind == gWord:
		e = &gExpr{Name: p.s[t.start:t.end], At: p.text(t)}
		p.i++
		if gModifiers[e.Name] && p.peek().kind == gWord { // new X(…)
			return p.operand(command)
		}
	case p.is("["):
		p.i++
		e = &gExpr{At: p.text(t), List: true, Args: p.args("]")}
	case p.is("("):
		p.i++
		e = &gExpr{At: p.text(t), Args: p.args(")")}
		if len(e.Args) == 1 {
			e = e.Args[0].Val
		}
	case p.is("{"):
		p.i++
		e = &gExpr{At: p.text(t), Block: true, Body: p.block()}
		if p.is("}") {
			p.i++
		}
	}
	if e != nil {
		e = p.postfix(e, command)
	}
	return e
}

// postfix reads what stands behind an operand: calls, members, closures.
func (p *gParser) postfix(e *gExpr, command bool) *gExpr {
	for n := 0; n < maxNodes; n++ {
		t := p.peek()
		switch {
		case p.is("."), p.is("?") && p.i+1 < len(p.toks) && p.s[p.toks[p.i+1].start] == '.' && p.toks[p.i+1].start == t.end:
			if p.is("?") {
				p.i++
			}
			p.i++
			m := p.peek()
			if m.kind != gWord && m.kind != gString {
				return e
			}
			p.i++
			name := p.s[m.start:m.end]
			if e.Call || e.Str != nil || e.Name == "" { // a member of a result
				e = &gExpr{Name: name, At: p.text(m), Parts: []*gExpr{e}}
			} else {
				e.Name += "." + name
				e.At = p.d.Text(e.At.Pos(0), m.end)
			}
		case p.is("(") && (e.Name != "" || e.Call) && t.start == p.toks[p.i-1].end || p.is("(") && e.Name != "" && !e.Call && command:
			p.i++
			e.Call, e.Args = true, append(e.Args, p.args(")")...)
		case p.is("[") && t.start == p.toks[p.i-1].end && (e.Name != "" || e.Call):
			p.i++
			e.Parts = append(e.Parts, &gExpr{At: p.text(t), List: true, Args: p.args("]")})
		case p.is("{") && e.Name != "" && e.Name != "else" && !e.Block:
			p.i++
			e.Call, e.Block, e.Body = true, true, p.block()
			if p.is("}") {
				p.i++
			}
		case command && e.Name != "" && !e.Call && (t.kind == gString || t.kind == gWord || t.kind == gNumber || p.is("[")) && (!p.kotlin || t.kind != gWord):
			e.Call, e.Args = true, p.commandArgs()
		default:
			if w := p.s[t.start:t.end]; t.kind == gWord && (w == "as" || w == "in" || w == "instanceof") {
				p.i += 2
				continue
			}
			return e
		}
	}
	return e
}

// commandArgs reads arguments without brackets, to the end of the line.
func (p *gParser) commandArgs() []gArg {
	var out []gArg
	for len(out) < maxNodes {
		a, ok := p.argument()
		if ok {
			out = append(out, a)
		}
		if !ok || !p.is(",") {
			return out
		}
		p.i++
		p.lines()
	}
	return out
}

func (p *gParser) args(end string) []gArg {
	if p.depth++; p.depth > maxDepth {
		p.depth--
		return nil
	}
	defer func() { p.depth-- }()
	var out []gArg
	for {
		p.lines()
		switch {
		case p.peek().kind == gEnd || p.is("}"):
			return out
		case p.is(end):
			p.i++
			return out
		case p.is(","):
			p.i++
			continue
		}
		at := p.i
		if a, ok := p.argument(); ok {
			out = append(out, a)
		}
		if p.i == at {
			p.i++
		}
	}
}

// argument reads an argument with its name: k: v, 'k': v, and k = v in Kotlin.
func (p *gParser) argument() (gArg, bool) {
	t := p.peek()
	name := ""
	if p.i+1 < len(p.toks) && (t.kind == gWord || t.kind == gString) {
		n := p.toks[p.i+1]
		sep := n.kind == gSign && (p.s[n.start:n.end] == ":" || p.kotlin && p.s[n.start:n.end] == "=")
		if sep && !(p.i+2 < len(p.toks) && p.s[p.toks[p.i+2].start] == '=' && p.s[n.start] == '=') {
			name = p.s[t.start:t.end]
			if t.kind == gString {
				name = p.s[t.from:t.to]
			}
			p.i += 2
			p.lines()
		}
	}
	e := p.expr(true)
	return gArg{name, e}, e != nil
}

// content is the text of a string without its quotes and escapes.
func (d *Document) content(t *gToken) Text {
	s := string(d.Data[t.from:max(t.from, t.to)])
	if t.raw || !strings.Contains(s, `\`) {
		return d.Text(t.from, t.to)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r', '\n':
		default:
			b.WriteByte(s[i])
		}
	}
	return align(d.Data, t.from, b.String(), doubleStyle)
}
