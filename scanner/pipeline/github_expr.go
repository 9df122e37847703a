package pipeline

import (
	"errors"
	"strings"
)

// The expression language of GitHub Actions: contexts, indexes, functions and
// operators. Names ignore case.
// Source: docs.github.com/actions/reference/workflows-and-actions/expressions.

// An expr is a parsed expression. Its kinds:
//
//	literal   val
//	name      val: a context or the start of a chain
//	index     args[0][args[1]]; a.b is a['b']; a.* has args[1] of kind star
//	call      val(args...)
//	op        val: ! && || == != < <= > >=
type expr struct {
	kind       exprKind
	val        string
	args       []*expr
	start, end int // in the expression's text
}

type exprKind int

const (
	exprLiteral exprKind = iota
	exprString
	exprName
	exprIndex
	exprStar
	exprCall
	exprOp
)

var errExpression = errors.New("expression does not parse")

// parseExpr reads an expression without its ${{ }}.
func parseExpr(s string) (*expr, error) {
	p := &exprParser{s: s}
	p.next()
	e := p.or(0)
	if p.err == nil && p.tok != "" {
		p.err = errExpression
	}
	return e, p.err
}

type exprParser struct {
	s          string
	pos        int // behind the token
	tok        string
	tokKind    exprKind // exprString, exprLiteral, exprName, or exprOp for punctuation
	start, end int      // of the token
	last       int      // end of the token before
	ops        int      // operators so far
	err        error
}

const maxOperators = 2000 // of an expression

func (p *exprParser) next() {
	p.last = p.end
	for p.pos < len(p.s) && blank(p.s[p.pos]) {
		p.pos++
	}
	p.start, p.tok = p.pos, ""
	if p.pos == len(p.s) {
		p.end = p.pos
		return
	}
	c := p.s[p.pos]
	n := 1
	switch {
	case c == '\'':
		n = stringLength(p.s[p.pos:])
		if n < 0 {
			p.err, n = errExpression, len(p.s)-p.pos
		}
		p.tokKind = exprString
	case word(c) && !digit(c):
		for p.pos+n < len(p.s) && (word(p.s[p.pos+n]) || p.s[p.pos+n] == '-') {
			n++
		}
		p.tokKind = exprName
	case digit(c), (c == '-' || c == '+' || c == '.') && p.pos+1 < len(p.s) && digit(p.s[p.pos+1]):
		for p.pos+n < len(p.s) && (word(p.s[p.pos+n]) || p.s[p.pos+n] == '.') {
			n++
		}
		p.tokKind = exprLiteral
	default:
		if p.pos+1 < len(p.s) {
			switch p.s[p.pos : p.pos+2] {
			case "&&", "||", "==", "!=", "<=", ">=":
				n = 2
			}
		}
		p.tokKind = exprOp
	}
	p.tok = p.s[p.pos : p.pos+n]
	p.pos += n
	p.end = p.pos
}

// stringLength is the length of the quoted string that s starts with, -1 when it has no end.
func stringLength(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] == '\'' {
			if i+1 < len(s) && s[i+1] == '\'' {
				i++
				continue
			}
			return i + 1
		}
	}
	return -1
}

func (p *exprParser) is(op string) bool { return p.tokKind == exprOp && p.tok == op }

var exprLevels = [][]string{{"||"}, {"&&"}, {"==", "!="}, {"<", "<=", ">", ">="}}

func (p *exprParser) or(depth int) *expr { return p.binary(0, depth) }

func (p *exprParser) binary(level, depth int) *expr {
	if depth > maxExpression {
		p.err = errExpression
	}
	if p.err != nil {
		return &expr{}
	}
	if level == len(exprLevels) {
		return p.unary(depth)
	}
	left := p.binary(level+1, depth)
	for p.err == nil {
		op := ""
		for _, o := range exprLevels[level] {
			if p.is(o) {
				op = o
			}
		}
		if op == "" {
			break
		}
		if p.ops++; p.ops > maxOperators {
			p.err = errExpression
			break
		}
		p.next()
		right := p.binary(level+1, depth)
		left = &expr{kind: exprOp, val: op, args: []*expr{left, right}, start: left.start, end: right.end}
	}
	return left
}

func (p *exprParser) unary(depth int) *expr {
	if p.is("!") {
		start := p.start
		p.next()
		x := p.binary(len(exprLevels), depth+1)
		return &expr{kind: exprOp, val: "!", args: []*expr{x}, start: start, end: x.end}
	}
	return p.chain(p.primary(depth), depth)
}

func (p *exprParser) primary(depth int) *expr {
	e := &expr{start: p.start, end: p.end}
	switch {
	case p.tok == "":
		p.err = errExpression
	case p.tokKind == exprString:
		e.kind, e.val = exprString, strings.ReplaceAll(p.tok[1:max(1, len(p.tok)-1)], "''", "'")
		p.next()
	case p.tokKind == exprLiteral:
		e.kind, e.val = exprLiteral, p.tok
		p.next()
	case p.is("("):
		p.next()
		e = p.or(depth + 1)
		p.expect(")")
	case p.tokKind == exprName:
		e.kind, e.val = exprName, p.tok
		p.next()
		if p.is("(") {
			p.arguments(e, depth)
		} else if lower := strings.ToLower(e.val); lower == "true" || lower == "false" || lower == "null" {
			e.kind = exprLiteral
		}
	default:
		p.err = errExpression
	}
	return e
}

func (p *exprParser) arguments(e *expr, depth int) {
	e.kind = exprCall
	p.next()
	for p.err == nil && !p.is(")") {
		e.args = append(e.args, p.or(depth+1))
		if !p.is(",") {
			break
		}
		p.next()
	}
	e.end = p.end
	p.expect(")")
}

func (p *exprParser) expect(op string) {
	if !p.is(op) {
		p.err = errExpression
		return
	}
	p.next()
}

// chain reads the .name, .* and [index] behind an operand.
func (p *exprParser) chain(e *expr, depth int) *expr {
	for n := 0; p.err == nil && n <= maxExpression; n++ {
		switch {
		case p.is("."):
			p.next()
			key := &expr{kind: exprString, val: p.tok, start: p.start, end: p.end}
			switch {
			case p.is("*"):
				key.kind = exprStar
			case p.tokKind != exprName || p.tok == "":
				p.err = errExpression
			}
			p.next()
			e = &expr{kind: exprIndex, args: []*expr{e, key}, start: e.start, end: key.end}
		case p.is("["):
			p.next()
			key := &expr{kind: exprStar, start: p.start, end: p.end}
			if p.is("*") {
				p.next()
			} else {
				key = p.or(depth + 1)
			}
			end := p.end
			p.expect("]")
			e = &expr{kind: exprIndex, args: []*expr{e, key}, start: e.start, end: end}
		default:
			return e
		}
	}
	return e
}

// path gives a chain of constant names, lower-cased: steps.x.outputs.y. It is
// false when an index is computed or the chain does not start at a name.
func (e *expr) path() ([]string, bool) {
	switch e.kind {
	case exprName:
		return []string{strings.ToLower(e.val)}, true
	case exprIndex:
		head, ok := e.args[0].path()
		if !ok || e.args[1].kind != exprString {
			return nil, false
		}
		return append(head, strings.ToLower(e.args[1].val)), true
	}
	return nil, false
}

// findExpressions gives the places of ${{ … }} in s: of the whole, and of what
// stands between the braces. An end within a quoted string does not count; one that has no
// end goes to the end of s.
func findExpressions(s string) (out [][4]int) {
	for i := 0; ; {
		j := strings.Index(s[i:], "${{")
		if j < 0 {
			return out
		}
		start := i + j
		end, next := len(s), len(s)
		for k := start + 3; k < len(s); k++ {
			if s[k] == '\'' {
				n := stringLength(s[k:])
				if n > 0 {
					k += n - 1
				}
				continue
			}
			if strings.HasPrefix(s[k:], "}}") {
				end, next = k, k+2
				break
			}
		}
		out = append(out, [4]int{start, next, start + 3, end})
		i = next
	}
}
