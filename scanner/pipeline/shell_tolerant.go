package pipeline

import "strings"

// tolerant reads PowerShell and cmd, as far as words, variables, assignments and
// pipes go. It knows no grammar and refuses nothing.
func (x *shell) tolerant(t Text, lang string) {
	x.src, x.base, x.off = x.mask(t), t, 0
	p := &tolerantReader{x: x, cmd: lang == "cmd" || lang == "bat"}
	p.read()
}

type tolerantReader struct {
	x     *shell
	cmd   bool
	i     int
	words []shWord
	in    Value
	sets  string // variable that the statement assigns
	hash  int    // depth of @{ } and @( ), which are arguments
}

func (p *tolerantReader) read() {
	src := p.x.src
	for p.i < len(src) {
		c := src[p.i]
		switch {
		case c == '@' && !p.cmd && p.i+1 < len(src) && (src[p.i+1] == '{' || src[p.i+1] == '('):
			p.hash++
			p.i += 2
		case p.hash > 0 && strings.IndexByte("{(", c) >= 0:
			p.hash++
			p.i++
		case p.hash > 0 && strings.IndexByte("})", c) >= 0:
			p.hash--
			p.i++
		case p.hash > 0 && (c == '\n' || c == ';' || c == '=' || c == ','):
			p.i++
		case c == '`' && p.i+1 < len(src) && src[p.i+1] == '\n', c == '^' && p.cmd && p.i+1 < len(src) && src[p.i+1] == '\n':
			p.i += 2
		case c == '#' && !p.cmd:
			p.line()
		case c == '\n' || c == ';' && !p.cmd || c == '{' || c == '}' || c == '(' || c == ')':
			p.end(false)
			p.i++
		case c == '&' || c == '|':
			double := p.i+1 < len(src) && src[p.i+1] == c
			p.end(c == '|' && !double)
			p.i++
			if double {
				p.i++
			}
		case blank(c):
			p.i++
		case c == '=' && len(p.words) == 1 && !p.cmd:
			p.sets = strings.ToLower(strings.Trim(p.words[0].At.S, "${}"))
			p.words = nil
			p.i++
		default:
			p.word()
		}
	}
	p.end(false)
}

func (p *tolerantReader) line() {
	for p.i < len(p.x.src) && p.x.src[p.i] != '\n' {
		p.i++
	}
}

// end closes a command. What it prints goes to the next one, or to a variable.
func (p *tolerantReader) end(pipe bool) {
	in := p.in
	p.in = Value{}
	if len(p.words) == 0 {
		if pipe {
			p.in = in
		}
		return
	}
	var out Value
	first := p.words[0]
	switch {
	case p.cmd && strings.EqualFold(first.Pat, "set") && len(p.words) > 1:
		if k, _, ok := strings.Cut(p.words[1].Pat, "="); ok {
			p.x.scope.Bind(k, p.words[1].from(len(k)+1).Value().Through(k))
		}
	case strings.HasPrefix(first.At.S, "$") || strings.HasPrefix(first.At.S, "\"") || strings.HasPrefix(first.At.S, "'"):
		c := &shCommand{x: p.x, Args: append([]shWord{{Pat: "echo"}}, p.words...)}
		out = c.prints()
	default:
		c := &shCommand{x: p.x, In: in, Args: p.words}
		out = c.run()
	}
	if p.sets != "" {
		p.x.scope.Bind(p.sets, out.Through(p.sets))
		p.sets = ""
	}
	if pipe {
		p.in = out
	}
	p.words = nil
}

func (p *tolerantReader) word() {
	src, start := p.x.src, p.i
	var w shWord
	for p.i < len(src) {
		c := src[p.i]
		if blank(c) || strings.IndexByte(";|&{}()", c) >= 0 && !(p.cmd && c != '|' && c != '&') || c == '=' && len(p.words) == 0 && strings.HasPrefix(src[start:], "$") {
			break
		}
		switch {
		case c == '"' || c == '\'' && !p.cmd:
			p.quoted(&w, c)
		case c == '$' && !p.cmd, c == '%' && p.cmd:
			p.variable(&w)
		case c == '`' && p.i+1 < len(src):
			p.escaped(&w)
		default:
			p.char(&w)
		}
	}
	if p.i == start { // a character that no rule takes
		p.i++
	}
	w.At, w.off = p.x.base.Sub(start, p.i), start
	p.words = append(p.words, w)
}

func (p *tolerantReader) char(w *shWord) {
	if h, n := p.x.holeAt(p.i); h != nil {
		w.add(h.Value)
		p.i += n
		return
	}
	j := p.i + 1
	for j < len(p.x.src) && (word(p.x.src[j]) && p.x.src[j] != fill || p.x.src[j] == '/' || p.x.src[j] == '.' || p.x.src[j] == '-') {
		j++
	}
	if p.x.src[p.i] != hole && len(w.Pat) < maxPrinted { // a longer word names nothing
		w.Pat += p.x.src[p.i:j]
	}
	p.i = j
}

// escaped takes the character behind a backtick.
func (p *tolerantReader) escaped(w *shWord) {
	if len(w.Pat) < maxPrinted {
		w.Pat += p.x.src[p.i+1 : p.i+2]
	}
	p.i += 2
}

func (p *tolerantReader) quoted(w *shWord, q byte) {
	src := p.x.src
	for p.i++; p.i < len(src) && src[p.i] != q; {
		switch {
		case src[p.i] == '`' && q == '"' && p.i+1 < len(src):
			p.escaped(w)
		case src[p.i] == '$' && q == '"' && !p.cmd, src[p.i] == '%' && p.cmd:
			p.variable(w)
		default:
			p.char(w)
		}
	}
	p.i = min(p.i+1, len(src))
}

// variable reads $env:X, ${env:X}, $x, $(…), %X%.
func (p *tolerantReader) variable(w *shWord) {
	src, start := p.x.src, p.i
	rest := src[start:min(len(src), start+maxPrinted)]
	name, n := "", 0
	switch {
	case p.cmd:
		if j := strings.IndexByte(rest[1:], '%'); j > 0 && isName(rest[1:1+j]) {
			name, n = rest[1:1+j], j+2
		}
	case strings.HasPrefix(rest, "${"):
		if j := strings.IndexByte(rest, '}'); j > 0 {
			name, n = rest[2:j], j+1
		}
	case strings.HasPrefix(rest, "$("):
		if j := strings.IndexByte(rest, ')'); j > 0 {
			inner := strings.TrimSpace(rest[2:j])
			name, n = strings.TrimPrefix(inner, "$"), j+1
		}
	default:
		for n = 1; n < len(rest) && (word(rest[n]) || rest[n] == ':' && n+1 < len(rest) && word(rest[n+1])); {
			n++
		}
		name = rest[1:n]
	}
	if n < 2 {
		if len(w.Pat) < maxPrinted {
			w.Pat += rest[:1]
		}
		p.i++
		return
	}
	p.i = start + n
	at := p.x.base.Sub(start, start+n)
	if env := strings.ToLower(name); strings.HasPrefix(env, "env:") {
		w.add(p.x.variable(name[4:], at))
	} else if p.cmd {
		w.add(p.x.variable(name, at))
	} else if v, ok := p.x.scope.Lookup(strings.ToLower(name)); ok {
		w.add(v)
	} else {
		w.add(Value{Open: true})
	}
}
