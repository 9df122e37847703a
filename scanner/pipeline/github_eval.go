package pipeline

import (
	"slices"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

const (
	githubAll = "github:secret:*"
)

// platform is the provider whose runners read a workflow. Gitea and Forgejo
// speak GitHub's language; secrets are named alike.
func platform(path string) string {
	for _, p := range []string{"gitea", "forgejo"} {
		if strings.HasPrefix(path, "."+p+"/") || strings.Contains(path, "/."+p+"/") {
			return p
		}
	}
	return "github"
}

// ghEval evaluates expressions as far as a file tells. Names are bound in scope:
// env.NAME, inputs.NAME, secrets.NAME (by a caller), matrix.NAME,
// steps.ID.outputs.NAME, needs.JOB.outputs.NAME, all in lower case.
type ghEval struct {
	d     *Document
	scope *Scope
	// params are names of secrets that a caller binds.
	params map[string]bool
	// mention is called for each reference that stands in an expression,
	// whether it flows into the value or is only compared.
	mention func(Ref)
}

// text is the value of a string with ${{ }} in it.
func (g *ghEval) text(t Text) Value {
	holes := findExpressions(t.S)
	if len(holes) == 0 {
		return Literal(t)
	}
	out := Value{At: t}
	small := len(t.S) <= maxPrinted && len(holes) <= maxFanOut
	var lits []string
	last := 0
	parts := []string{""}
	for _, h := range holes {
		if !small { // only its references matter
			v := g.expression(t.Sub(h[2], h[3]))
			if out.Open = true; len(out.Refs) < maxFanOut {
				out.Refs = append(out.Refs, v.Refs...)
			}
			continue
		}
		parts = extend(parts, []string{t.S[last:h[0]]})
		last = h[1]
		v := g.expression(t.Sub(h[2], h[3]))
		out.Refs = append(out.Refs, v.Refs...)
		texts := v.Texts()
		if len(texts) == 0 {
			out.Open = true
			continue
		}
		out.Open = out.Open || v.Open
		parts = extend(parts, texts)
	}
	if !small {
		return out
	}
	lits = extend(parts, []string{t.S[last:]})
	out.Lit = lits[0]
	if len(lits) > 1 {
		out.Alts = lits
	}
	return out
}

// extend is every text followed by every end, bounded.
func extend(texts, ends []string) []string {
	var out []string
	for _, t := range texts {
		for _, e := range ends {
			if len(out) < maxFanOut && (len(out) == 0 || len(t)+len(e) < maxAction) {
				out = append(out, t+e)
			}
		}
	}
	return out
}

// holes evaluates the expressions in a script, each for itself.
func (g *ghEval) holes(t Text) []Hole {
	var out []Hole
	for _, h := range findExpressions(t.S) {
		out = append(out, Hole{h[0], h[1], g.expression(t.Sub(h[2], h[3]))})
	}
	return out
}

// expression is the value of what stands between ${{ and }}, or of an if.
func (g *ghEval) expression(t Text) Value {
	e, err := parseExpr(t.S)
	if err != nil {
		return g.lenient(t)
	}
	v := g.eval(e, t, 0)
	v.At = t
	return v
}

// lenient reads an expression that does not parse for the names in it.
func (g *ghEval) lenient(t Text) Value {
	out := Value{At: t, Open: true}
	for i := 0; i < len(t.S); i++ {
		if i > 0 && (word(t.S[i-1]) || t.S[i-1] == '.' || t.S[i-1] == '-') || len(t.S)-i < 9 || !strings.EqualFold(t.S[i:i+8], "secrets.") {
			continue
		}
		j := i + 8
		for j < len(t.S) && word(t.S[j]) {
			j++
		}
		if j > i+8 {
			out.Refs = append(out.Refs, g.secret(t.S[i+8:j], t.Sub(i, j))...)
		}
		i = j - 1
	}
	return out
}

func (g *ghEval) eval(e *expr, t Text, depth int) Value {
	switch e.kind {
	case exprLiteral, exprString:
		return Value{Lit: e.val}
	case exprName, exprIndex:
		return g.chain(e, t, depth)
	case exprCall:
		return g.call(e, t, depth)
	case exprOp:
		return g.operator(e, t, depth)
	}
	return Value{Open: true}
}

func (g *ghEval) operator(e *expr, t Text, depth int) Value {
	var args []Value
	for _, a := range e.args {
		args = append(args, g.eval(a, t, depth+1))
	}
	switch e.val {
	case "&&": // the left side decides, the right side flows
		v := args[1]
		v.Open = true
		return v
	case "||":
		v := Value{Open: args[0].Open || args[1].Open}
		for _, a := range args {
			for _, r := range a.Refs {
				if r.Alt = true; len(v.Refs) < maxFanOut {
					v.Refs = append(v.Refs, r)
				}
			}
		}
		for _, s := range append(slices.Clone(args[0].Texts()), args[1].Texts()...) {
			if s != "" && s != "false" && !slices.Contains(v.Alts, s) && len(v.Alts) < maxFanOut {
				v.Alts = append(v.Alts, s)
			}
		}
		if len(v.Alts) > 0 {
			v.Lit = v.Alts[0]
		}
		return v
	}
	return Value{Open: true} // a comparison carries nothing
}

func (g *ghEval) call(e *expr, t Text, depth int) Value {
	var args []Value
	for _, a := range e.args {
		args = append(args, g.eval(a, t, depth+1))
	}
	out := Value{Open: true}
	switch strings.ToLower(e.val) {
	case "format":
		if len(args) == 0 {
			return out
		}
		out = args[0]
		for i, a := range args[1:] {
			out.Refs = append(out.Refs, a.Refs...)
			out.Open = out.Open || a.Open || len(a.Refs) > 0
			out.Lit = strings.ReplaceAll(out.Lit, "{"+strconv.Itoa(i)+"}", a.Lit)
		}
		out.Alts = nil
	case "join", "tojson", "fromjson":
		if len(args) > 0 {
			out = args[0]
		}
	}
	return out
}

// chain evaluates a context and what follows it.
func (g *ghEval) chain(e *expr, t Text, depth int) Value {
	at := t.Sub(e.start, e.end)
	if p, ok := e.path(); ok {
		return g.context(p, e, at)
	}
	if e.kind != exprIndex {
		return Value{Open: true}
	}
	index, head := e.args[1], e.args[0]
	if p, ok := head.path(); ok && len(p) == 1 && p[0] == "secrets" {
		return g.computed(index, t, at, depth)
	}
	v := g.eval(head, t, depth+1)
	if index.kind != exprStar && index.kind != exprString {
		g.eval(index, t, depth+1)
	}
	if index.kind == exprString { // fromJSON(secrets.X).key
		for i, r := range v.Refs {
			if strings.HasPrefix(r.Name, "github:secret:") && !strings.Contains(r.Name, "#") && r.Name != githubAll {
				v.Refs[i].Name += "#" + index.val
			}
		}
	}
	v.Lit, v.Alts, v.Open = "", nil, true
	return v
}

// computed is secrets[…]: the names that the index may be, and all when that is not told.
func (g *ghEval) computed(index *expr, t, at Text, depth int) Value {
	v := Value{Open: true}
	if index.kind != exprStar {
		i := g.eval(index, t, depth+1)
		if names := i.Texts(); len(names) > 0 && !i.Open {
			for _, n := range names {
				v.Refs = append(v.Refs, g.secret(n, at)...)
			}
			return v
		}
	}
	v.Refs = g.all(at)
	return v
}

func (g *ghEval) all(at Text) []Ref {
	r := Ref{Name: githubAll, At: at, In: g.d, Incomplete: true}
	g.tell(r)
	return []Ref{r}
}

func (g *ghEval) tell(r Ref) {
	if g.mention != nil {
		g.mention(r)
	}
}

func (g *ghEval) context(p []string, e *expr, at Text) Value {
	v := Value{Open: true}
	switch p[0] {
	case "secrets":
		if len(p) == 1 {
			v.Refs = g.all(at)
		} else {
			v.Refs = g.secret(p[1], at)
		}
	case "github":
		switch {
		case len(p) == 2 && p[1] == "token":
			v.Refs = g.jobToken(at)
		case len(p) == 4 && p[1] == "event" && p[2] == "inputs":
			return g.lookup("inputs."+p[3], at)
		}
	case "vars":
		if len(p) == 2 {
			v.Refs = []Ref{{Name: "github:var:" + strings.ToUpper(p[1]), At: at, In: g.d}}
		}
	case "env", "inputs", "matrix":
		return g.lookup(strings.Join(p, "."), at)
	case "steps", "needs":
		return g.output(p, at)
	}
	return v
}

// output is steps.ID.outputs.NAME or needs.JOB.outputs.NAME.
func (g *ghEval) output(p []string, at Text) Value {
	if v, ok := g.scope.Lookup(strings.Join(p, ".")); ok {
		return v
	}
	r := Ref{Name: "github:output:" + strings.Join(p[1:], "."), At: at, In: g.d, Derived: true, Auth: connection.Ambient}
	if len(p) > 2 {
		if v, ok := g.scope.Lookup(p[0] + "." + p[1] + ".outputs.*"); ok && len(v.Refs) > 0 {
			r.Auth, r.Via = v.Refs[0].Auth, v.Refs[0].Via
		}
	}
	return Value{Refs: []Ref{r}, Open: true}
}

// lookup is a name that the file or a caller binds. References that a caller
// gave stand both there and here.
func (g *ghEval) lookup(name string, at Text) Value {
	v, ok := g.scope.Lookup(name)
	if !ok {
		return Value{Open: true}
	}
	v.Refs = g.here(v.Refs, at)
	return v
}

// here adds to references that stand in another document the place in this one
// through which they come.
func (g *ghEval) here(refs []Ref, at Text) []Ref {
	out := slices.Clone(refs)
	for _, r := range refs {
		if r.In == g.d || r.Derived {
			continue
		}
		r.At, r.In, r.Via = at, g.d, append([]string{viaCaller}, r.Via...)
		out = append(out, r)
	}
	return out
}

func (g *ghEval) jobToken(at Text) []Ref {
	r := Ref{Name: platform(g.d.Path) + ":job-token", At: at, In: g.d, Auth: connection.Ambient}
	g.tell(r)
	return []Ref{r}
}

// secret is secrets.NAME: what the caller bound it to, or the name itself.
func (g *ghEval) secret(name string, at Text) []Ref {
	name = strings.ToUpper(name)
	if name == "GITHUB_TOKEN" || name == "GITEA_TOKEN" || name == "FORGEJO_TOKEN" {
		return g.jobToken(at)
	}
	if v, ok := g.scope.Lookup("secrets." + strings.ToLower(name)); ok && len(v.Refs) > 0 {
		refs := g.here(v.Refs, at)
		for _, r := range refs {
			if r.In == g.d {
				g.tell(r)
			}
		}
		return refs
	}
	r := Ref{Name: "github:secret:" + name, At: at, In: g.d, Param: g.params[name]}
	if r.Param {
		r.Via = []string{viaOpen}
	}
	g.tell(r)
	return []Ref{r}
}
