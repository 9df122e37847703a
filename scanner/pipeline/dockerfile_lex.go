package pipeline

import (
	"bytes"
	"strings"
)

// A dockerInstruction is one instruction of a Dockerfile in its place.
type dockerInstruction struct {
	Name  string // upper-case: RUN, FROM …
	Flags []Text // --mount=…, without the rest
	Args  Text   // what follows, continued lines joined, comments between them dropped
	Docs  []dockerHeredoc
}

// A dockerHeredoc is a here-document of an instruction.
type dockerHeredoc struct {
	Body  Text
	Whole Text // with the line that ends it
}

// dockerLexer takes a Dockerfile apart. It accepts anything: a line that starts
// with no word is skipped. Source: docs.docker.com/reference/dockerfile.
type dockerLexer struct {
	d      *Document
	off    int
	escape byte
	open   int // here-documents that nothing ended: each cost a search to the end
}

// dockerInstructions gives the instructions of a Dockerfile in order.
func dockerInstructions(d *Document) []dockerInstruction {
	l := &dockerLexer{d: d, escape: '\\'}
	l.directives()
	var out []dockerInstruction
	for l.off < len(d.Data) && len(out) < maxOccurrences {
		if i, ok := l.next(); ok {
			out = append(out, i)
		}
	}
	return out
}

// directives reads the parser directives at the top; only escape matters here.
func (l *dockerLexer) directives() {
	for at := 0; at < len(l.d.Data); {
		start, end := at, l.lineEnd(at)
		line := strings.TrimSpace(string(l.d.Data[start:end]))
		if !strings.HasPrefix(line, "#") {
			return
		}
		k, v, ok := strings.Cut(line[1:], "=")
		if !ok {
			return
		}
		if v = strings.TrimSpace(v); strings.EqualFold(strings.TrimSpace(k), "escape") && v == "`" {
			l.escape = '`'
		}
		at = end + 1
	}
}

// lineEnd is the offset of the line feed that ends the line at off, or of the end.
func (l *dockerLexer) lineEnd(off int) int {
	if j := bytes.IndexByte(l.d.Data[off:], '\n'); j >= 0 {
		return off + j
	}
	return len(l.d.Data)
}

// next reads one instruction. It is false for a comment, an empty line, or what is none.
func (l *dockerLexer) next() (dockerInstruction, bool) {
	t, ok := l.logical()
	if !ok {
		return dockerInstruction{}, false
	}
	n := 0
	for n < len(t.S) && (upper(t.S[n]) || lower(t.S[n])) {
		n++
	}
	if n == 0 || n < len(t.S) && !blank(t.S[n]) {
		return dockerInstruction{}, false
	}
	i := dockerInstruction{Name: strings.ToUpper(t.S[:n])}
	t = t.Sub(n, len(t.S)).Trim()
	if i.Name == "ONBUILD" {
		word, _, _ := strings.Cut(t.S, " ")
		i.Name = strings.ToUpper(word)
		t = t.Sub(len(word), len(t.S)).Trim()
	}
	for strings.HasPrefix(t.S, "--") {
		n := strings.IndexAny(t.S, " \t")
		if n < 0 {
			n = len(t.S)
		}
		i.Flags = append(i.Flags, t.Sub(0, n))
		t = t.Sub(n, len(t.S)).Trim()
	}
	i.Args = t
	if i.Name == "RUN" || i.Name == "COPY" || i.Name == "ADD" {
		i.Docs = l.heredocs(t)
	}
	return i, true
}

// logical joins a line with those that continue it.
func (l *dockerLexer) logical() (Text, bool) {
	var b []byte
	var at []int32
	last := l.off
	for first := true; l.off < len(l.d.Data); first = false {
		start, end := l.off, l.lineEnd(l.off)
		l.off = min(end+1, len(l.d.Data))
		line := l.d.Data[start:end]
		line = bytes.TrimRight(line, " \t\r")
		trim := bytes.TrimLeft(line, " \t")
		if len(trim) == 0 || trim[0] == '#' {
			if first {
				return Text{}, false
			}
			continue // comments and empty lines do not end a continued one
		}
		if first {
			start += len(line) - len(trim)
			line = trim
		}
		more := line[len(line)-1] == l.escape
		if more {
			line = line[:len(line)-1]
		}
		for k := range line {
			b = append(b, line[k])
			at = append(at, int32(start+k))
		}
		last = start + len(line)
		if !more {
			break
		}
	}
	return Text{S: string(b), at: append(at, int32(last)), set: true}, len(b) > 0
}

// heredocs reads the here-documents that an instruction starts.
func (l *dockerLexer) heredocs(t Text) []dockerHeredoc {
	var out []dockerHeredoc
	tries := 0
	for i := 0; i+2 < len(t.S) && len(out) < maxFanOut && l.open <= maxFanOut; i++ {
		if t.S[i] != '<' || t.S[i+1] != '<' || t.S[i+2] == '<' || i > 0 && (t.S[i-1] == '<' || t.S[i-1] == '(') {
			continue
		}
		j := i + 2
		tabs := t.S[j] == '-'
		if tabs {
			j++
		}
		word, end := heredocWord(t.S[j:])
		if word == "" {
			continue
		}
		if doc, ok := l.body(word, tabs); ok {
			out = append(out, doc)
		}
		if tries++; tries > maxFanOut {
			break
		}
		i = j + end
	}
	return out
}

// heredocWord is the delimiter at the start of s, and where it ends.
func heredocWord(s string) (string, int) {
	if s == "" {
		return "", 0
	}
	if q := s[0]; q == '"' || q == '\'' {
		j := strings.IndexByte(s[1:], q)
		if j < 1 {
			return "", 0
		}
		return s[1 : 1+j], j + 2
	}
	n := 0
	for n < len(s) && (word(s[n]) || s[n] == '-' || s[n] == '.') {
		n++
	}
	if n == 0 || digit(s[0]) {
		return "", 0
	}
	return s[:n], n
}

// body reads up to the line that holds only the delimiter. It is false, and
// nothing is taken, where no line does.
func (l *dockerLexer) body(delimiter string, tabs bool) (dockerHeredoc, bool) {
	for at := l.off; at < len(l.d.Data); {
		end := l.lineEnd(at)
		line := strings.TrimSuffix(string(l.d.Data[at:end]), "\r")
		if tabs {
			line = strings.TrimLeft(line, "\t")
		}
		if line == delimiter {
			h := dockerHeredoc{Body: l.d.Text(l.off, at), Whole: l.d.Text(l.off, end)}
			l.off = min(end+1, len(l.d.Data))
			return h, true
		}
		at = end + 1
	}
	l.open++
	return dockerHeredoc{}, false
}
