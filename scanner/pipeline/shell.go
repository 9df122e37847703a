package pipeline

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
	"mvdan.cc/sh/v3/syntax"
)

// A Script is a body of commands in a document.
type Script struct {
	Text Text
	// Lang is bash (also for ""), sh, pwsh, powershell or cmd. Other languages
	// are not read: names that they look up stand where they are bound.
	Lang string
	// Holes are the dialect's own expressions in Text (${{ … }}, $(X)), in
	// order. They stand for one word or a part of one.
	Holes []Hole
	// Env is what the environment holds.
	Env *Scope
	// Unknown says what a variable stands for that is bound nowhere, at its
	// place; nil, or a value without references, is nothing.
	Unknown func(name string, at Text) Value

	Consumer connection.Consumer
	// OIDC tells that the job may ask the platform for an identity token.
	OIDC bool
	// Registry is the npm registry that was set up before; "" is npm's own.
	Registry string
	// Scopes are those of the job token.
	Scopes []string
	Group  string // prefix of the groups of what it emits; unique in the document
	// Files gives the content of files that are there before: mounted secrets.
	Files map[string]Value
	// NoDownloads leaves out hosts that are only downloaded from.
	NoDownloads bool
	// AtUse tells references that Env binds where the script uses them: what
	// binds them is a place of its own.
	AtUse bool

	spans [][2]int // offsets in the document of the parts of a Text that was joined of several
}

// A Hole is an expression of the dialect within a script: Text.S[Start:End].
type Hole struct {
	Start, End int
	Value      Value
}

// Shell reads a script and emits the connections that its commands make: hosts
// that a reference is sent to, logins, stores, bare endpoints. References that
// stand in it and go nowhere known are not emitted: the dialect does that where
// they are written. It gives the scope at the script's end. Source: pipelines.md 3.9.
func (d *Document) Shell(s Script) *Scope {
	if s.Env == nil {
		s.Env = &Scope{names: map[string]Value{}}
	}
	x := &shell{d: d, s: &s, scope: s.Env.Inner(), files: map[string]Value{}}
	maps.Copy(x.files, s.Files)
	if len(s.Text.S) > maxScript {
		d.GapAt(s.Text.Sub(0, 0), scanner.TooLarge, "a script over the size that is read for connections")
		return x.scope
	}
	defer func() {
		if p := recover(); p != nil {
			d.GapAt(s.Text.Sub(0, 0), scanner.Malformed, "a script that the shell reader gave up on")
		}
	}()
	switch s.Lang {
	case "", "bash", "sh", "zsh", "ksh", "dash", "ash", "busybox":
		x.posix(s.Text, 0)
	case "pwsh", "powershell", "cmd", "bat":
		x.tolerant(s.Text, s.Lang)
	}
	return x.scope
}

// shell interprets a script as far as references flow: values of variables,
// files, pipes. Nothing is run.
type shell struct {
	d      *Document
	s      *Script
	src    string // the script with holes filled in
	base   Text   // src in its place
	off    int    // of src in the whole script
	scope  *Scope
	files  map[string]Value
	depth  int
	steps  int
	groups int
	hdoc   heredoc
}

// A heredoc is what a command reads that stands below it: text at off of src.
// Quoted ones, the shell takes as they are.
type heredoc struct {
	text   Text
	off    int
	quoted bool
}

const fill = 'Z'

const maxPrinted = 1 << 14 // bytes of literal output that is kept

// mask replaces the holes in a text by words of the same length.
func (x *shell) mask(t Text) string {
	if len(x.s.Holes) == 0 {
		return t.S
	}
	b := []byte(t.S)
	for _, h := range x.s.Holes {
		for i := max(0, h.Start-x.off); i < min(h.End-x.off, len(b)); i++ {
			b[i] = fill
		}
	}
	return string(b)
}

// posix reads a text, which starts at off of the script, in the language of bash.
func (x *shell) posix(t Text, off int) { x.parse(t, off, false) }

// parse is posix; quotes may be escaped where the text stood in quotes itself.
func (x *shell) parse(t Text, off int, escaped bool) {
	if x.depth++; x.depth > maxBinding {
		return
	}
	defer func(src string, base Text, off int) { x.src, x.base, x.off, x.depth = src, base, off, x.depth-1 }(x.src, x.base, x.off)
	x.off = off
	x.src, x.base = x.mask(t), t
	if escaped {
		x.src = unescapeQuotes(x.src)
	}
	if nested(x.src) {
		x.d.GapAt(t.Sub(0, 0), scanner.TooDeep, "a script nested too deep to be read for connections")
		return
	}
	p := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.RecoverErrors(maxShellErrors))
	f, err := p.Parse(strings.NewReader(x.src), "")
	if err != nil {
		x.byLine(t)
		return
	}
	x.stmts(f.Stmts, Value{})
}

// unescapeQuotes takes the backslashes from escaped quotes. A blank outside of
// the quotes keeps what follows in its place.
func unescapeQuotes(s string) string {
	b, open := []byte(s), true
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' || b[i+1] != '"' {
			continue
		}
		if b[i], b[i+1] = '"', ' '; open {
			b[i], b[i+1] = ' ', '"'
		}
		open = !open
		i++
	}
	return string(b)
}

// nested tells a script whose brackets nest deeper than any that a person wrote.
// The parser is recursive: its stack must not grow with hostile input.
func nested(s string) bool {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			depth = max(0, depth-1)
		}
		if depth > maxBrackets {
			return true
		}
	}
	return words(s, "if", "fi") > maxBrackets || words(s, "do", "done") > maxBrackets || words(s, "case", "esac") > maxBrackets ||
		strings.Count(s, "`") > 40*maxBrackets || strings.Count(s, "!") > 40*maxBrackets
}

const maxBrackets = 1000 // nesting of brackets in a script

// words counts how many more of one word there are than of another.
func words(s, open, end string) int {
	return strings.Count(s, open+" ") + strings.Count(s, open+"\n") - strings.Count(s, end)
}

// byLine reads each command line of a script that does not parse for itself.
func (x *shell) byLine(t Text) {
	src, off := x.src, x.off
	for start := 0; start < len(src); {
		end := start
		for {
			j := strings.IndexByte(src[end:], '\n')
			if j < 0 {
				end = len(src)
				break
			}
			end += j + 1
			if end < 2 || src[end-2] != '\\' {
				break
			}
		}
		x.src, x.base, x.off = src[start:end], t.Sub(start, end), off+start
		p := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.RecoverErrors(maxShellErrors))
		if f, err := p.Parse(strings.NewReader(x.src), ""); err == nil {
			x.stmts(f.Stmts, Value{})
		}
		start = end
	}
	x.src, x.base, x.off = src, t, off
}

// A shWord is a word of a command: Pat is its text without quotes, with a hole
// for each part that is not literal; Vals are the values of the holes.
type shWord struct {
	At   Text
	off  int // of At in the shell's src
	Pat  string
	Vals []Value
}

// Lit is the literal text, without its unknown parts.
func (w shWord) Lit() string { return strings.ReplaceAll(w.Pat, string(hole), "") }

// Known tells whether all of it is literal.
func (w shWord) Known() bool { return strings.IndexByte(w.Pat, hole) < 0 }

// Value is what the word stands for.
func (w shWord) Value() Value {
	v := Value{At: w.At, Lit: w.Lit()}
	for _, p := range w.Vals {
		v.Refs = append(v.Refs, p.Refs...)
		v.Open = v.Open || p.Open || len(p.Refs) == 0
	}
	if len(v.Refs) > maxFanOut {
		v.Refs = v.Refs[:maxFanOut]
	}
	return v
}

func (w *shWord) add(v Value) {
	if len(v.Refs) == 0 && !v.Open && v.Lit != "" && len(v.Alts) < 2 && len(v.Lit) < 4096 {
		w.Pat += strings.ReplaceAll(v.Lit, string(hole), "")
		return
	}
	w.Pat += string(hole)
	w.Vals = append(w.Vals, v)
}

// text adds the characters of src[i:j], with holes where the dialect's expressions stand.
func (x *shell) text(w *shWord, i, j int, escapes bool) {
	var plain []byte
	flush := func() {
		w.Pat += string(plain)
		plain = plain[:0]
	}
	for k := max(0, i); k < min(j, len(x.src)); k++ {
		c := x.src[k]
		if h, n := x.holeAt(k); h != nil {
			flush()
			w.add(h.Value)
			k += n - 1
			continue
		}
		switch {
		case escapes && c == '\\' && k+1 < j:
			if k++; x.src[k] != '\n' {
				plain = append(plain, x.src[k])
			}
		case c == '\r' && (k+1 == len(x.src) || x.src[k+1] == '\n'): // of a line's end
		case c != hole:
			plain = append(plain, c)
		}
	}
	flush()
}

// holeAt is the hole that starts at src[k], and its length there.
func (x *shell) holeAt(k int) (*Hole, int) {
	if x.src[k] != fill || len(x.s.Holes) == 0 {
		return nil, 0
	}
	i := sort.Search(len(x.s.Holes), func(i int) bool { return x.s.Holes[i].End > x.off+k })
	if i == len(x.s.Holes) || x.s.Holes[i].Start > x.off+k {
		return nil, 0
	}
	h := &x.s.Holes[i]
	return h, max(1, min(h.End-x.off-k, len(x.src)-k))
}

// word evaluates a word.
func (x *shell) word(n *syntax.Word) shWord {
	var w shWord
	if n == nil {
		return w
	}
	w.At, w.off = x.span(n), int(n.Pos().Offset())
	x.parts(&w, n.Parts, false)
	return w
}

func (x *shell) span(n syntax.Node) Text {
	i, j := int(n.Pos().Offset()), int(n.End().Offset())
	i = max(0, min(i, len(x.base.S)))
	return x.base.Sub(i, max(i, min(j, len(x.base.S))))
}

func (x *shell) parts(w *shWord, parts []syntax.WordPart, quoted bool) {
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			x.text(w, int(p.Pos().Offset()), int(p.End().Offset()), true)
		case *syntax.SglQuoted:
			i := int(p.Left.Offset()) + 1
			if p.Dollar {
				i++
			}
			x.text(w, i, int(p.Right.Offset()), false)
		case *syntax.DblQuoted:
			x.parts(w, p.Parts, true)
		case *syntax.ParamExp:
			w.add(x.param(p))
		case *syntax.CmdSubst:
			w.add(x.stmts(p.Stmts, Value{}))
		case *syntax.ProcSubst:
			w.add(x.stmts(p.Stmts, Value{}))
		default:
			w.add(Value{Open: true})
		}
	}
}

// param is the value of $X or ${X…}.
func (x *shell) param(p *syntax.ParamExp) Value {
	if p.Param == nil {
		return Value{Open: true}
	}
	v := x.variable(p.Param.Value, x.span(p))
	if p.Exp != nil && p.Exp.Word != nil {
		def := x.word(p.Exp.Word).Value()
		if v.Empty() {
			def.Open = true
			return def
		}
		v.Refs = append(v.Refs, def.Refs...)
		v.Open = true
	}
	if p.Repl != nil || p.Slice != nil || p.Length {
		v.Lit, v.Alts, v.Open = "", nil, true
		if p.Length {
			v.Refs = nil
		}
	}
	return v
}

func (x *shell) variable(name string, at Text) Value {
	if v, ok := x.scope.Lookup(name); ok {
		if x.s.AtUse {
			v.Refs = slices.Clone(v.Refs)
			for i := range v.Refs {
				if !x.within(v.Refs[i].At) {
					v.Refs[i].At = at
				}
			}
		}
		return v
	}
	if x.s.Unknown != nil && name != "" && word(name[0]) && !digit(name[0]) {
		v := x.s.Unknown(name, at)
		v.Open = true
		return v
	}
	return Value{Open: true}
}

// stmts interprets statements in order; the result is what they print.
func (x *shell) stmts(list []*syntax.Stmt, in Value) Value {
	var out Value
	for _, s := range list {
		v := x.stmt(s, in)
		out.Refs = append(out.Refs, v.Refs...)
		out.Open = out.Open || v.Open
		if out.Lit += v.Lit; len(out.Lit) > maxPrinted {
			out.Lit, out.Open = "", true
		}
	}
	if len(out.Refs) > maxFanOut {
		out.Refs = out.Refs[:maxFanOut]
	}
	return out
}

func (x *shell) stmt(s *syntax.Stmt, in Value) Value {
	if s == nil || s.Cmd == nil {
		return Value{}
	}
	if x.steps++; x.steps > maxNodes {
		return Value{Open: true}
	}
	target := ""
	defer func(h heredoc) { x.hdoc = h }(x.hdoc)
	x.hdoc = heredoc{}
	for _, r := range s.Redirs {
		switch r.Op {
		case syntax.WordHdoc:
			in = x.word(r.Word).Value()
		case syntax.Hdoc, syntax.DashHdoc:
			if r.Hdoc != nil {
				w := x.word(r.Hdoc)
				in = w.Value()
				x.hdoc = heredoc{w.At, w.off, strings.ContainsAny(x.span(r.Word).S, `'"\\`)}
			}
		case syntax.RdrIn:
			in = x.files[x.word(r.Word).Lit()]
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.RdrAll, syntax.AppAll:
			if r.N == nil || r.N.Value == "1" {
				w := x.word(r.Word)
				target = w.Pat
				for _, f := range later {
					if strings.Contains(w.At.S, f.variable) {
						target = f.mark
					}
				}
			}
		}
	}
	out := x.command(s.Cmd, in)
	if target != "" {
		x.write(target, out)
		return Value{}
	}
	return out
}

// Names in the scope that Shell gives back: what a script wrote for later steps
// to the files that these variables of GitHub's runner name.
const (
	writtenEnv    = "\x00env:"
	writtenOutput = "\x00output:"
)

var later = [...]struct{ variable, mark string }{{"GITHUB_ENV", writtenEnv}, {"GITHUB_OUTPUT", writtenOutput}, {"GITEA_ENV", writtenEnv}}

// write notes what a file holds. What is written for the platform's later steps
// is bound here too: a script seldom asks for it, a later one does.
func (x *shell) write(file string, v Value) {
	if file == writtenEnv || file == writtenOutput {
		if name, _, ok := strings.Cut(strings.TrimSpace(v.Lit), "="); ok && isName(strings.ReplaceAll(name, "-", "_")) && len(v.Refs) > 0 {
			v.Lit = ""
			x.scope.Bind(file+name, v.Through(name))
		}
		return
	}
	old := x.files[file]
	v.Refs = append(v.Refs, old.Refs...)
	v.Lit = old.Lit + v.Lit
	if len(x.files) < maxFanOut && len(v.Refs) <= maxFanOut && len(v.Lit) < maxPrinted {
		x.files[file] = v
	}
	x.wrote(file, v)
}

func (x *shell) command(c syntax.Command, in Value) Value {
	switch c := c.(type) {
	case *syntax.CallExpr:
		return x.call(c, in)
	case *syntax.BinaryCmd:
		left := x.stmt(c.X, in)
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			return x.stmt(c.Y, left)
		}
		right := x.stmt(c.Y, in)
		return Value{Refs: append(left.Refs, right.Refs...), Lit: left.Lit + right.Lit, Open: left.Open || right.Open}
	case *syntax.DeclClause:
		for _, a := range c.Args {
			x.assign(a)
		}
	case *syntax.Block:
		return x.stmts(c.Stmts, in)
	case *syntax.Subshell:
		return x.stmts(c.Stmts, in)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			x.stmts(c.Cond, in)
			in = Value{Refs: in.Refs, Lit: in.Lit, Open: in.Open}
			if v := x.stmts(c.Then, in); c.Else == nil {
				return v
			}
		}
	case *syntax.WhileClause:
		x.stmts(c.Cond, in)
		return x.stmts(c.Do, in)
	case *syntax.ForClause:
		x.iterate(c)
		return x.stmts(c.Do, in)
	case *syntax.CaseClause:
		for _, i := range c.Items {
			x.stmts(i.Stmts, in)
		}
	case *syntax.FuncDecl:
		x.stmt(c.Body, in)
	case *syntax.TimeClause:
		return x.stmt(c.Stmt, in)
	}
	return Value{}
}

// iterate binds the variable of a loop to all that it runs over.
func (x *shell) iterate(c *syntax.ForClause) {
	it, ok := c.Loop.(*syntax.WordIter)
	if !ok || it.Name == nil {
		return
	}
	var v Value
	for _, i := range it.Items {
		w := x.word(i)
		v.Refs = append(v.Refs, w.Value().Refs...)
		if w.Known() && len(v.Alts) < maxFanOut {
			v.Alts = append(v.Alts, w.Pat)
		}
	}
	v.Open = len(v.Alts) != 1
	x.scope.Bind(it.Name.Value, v)
}

func (x *shell) assign(a *syntax.Assign) {
	if a == nil || a.Name == nil || a.Value == nil {
		return
	}
	w := x.word(a.Value)
	v := w.Value()
	if a.Append {
		old, _ := x.scope.Lookup(a.Name.Value)
		v.Refs, v.Lit = append(v.Refs, old.Refs...), old.Lit+v.Lit
	}
	x.assigned(w)
	v.Refs = through(v.Refs, a.Name.Value)
	x.scope.Bind(a.Name.Value, v)
}

// call interprets a simple command, or assignments that stand alone.
func (x *shell) call(c *syntax.CallExpr, in Value) Value {
	if len(c.Args) == 0 {
		for _, a := range c.Assigns {
			x.assign(a)
		}
		return Value{}
	}
	outer := x.scope
	if len(c.Assigns) > 0 {
		x.scope = outer.Inner()
		for _, a := range c.Assigns {
			x.assign(a)
		}
		defer func() { x.scope = outer }()
	}
	cmd := &shCommand{x: x, In: in}
	for _, a := range c.Args {
		cmd.Args = append(cmd.Args, x.word(a))
	}
	return cmd.run()
}
