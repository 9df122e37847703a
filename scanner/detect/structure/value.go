package structure

import "bytes"

// A literal is a quoted value: w[start:end] between its quotes, after is what
// follows them.
type literal struct {
	start, end, after int
	quote             byte // ", ' or `
	escaped           bool // the quotes are escaped: JSON in a string
}

// literalAt reads the quoted string that begins at w[i], with the prefixes of
// various languages before its quote (b"", @"", N”, $""). It ends on its line.
func literalAt(w []byte, i int) (l literal, ok bool) {
	for n := 0; n < 2 && i < len(w) && oneOf(w[i], "bBuUrR@LN$") && oneOf(at(w, i+1), "\"'@$bBrR"); n++ {
		i++
	}
	if at(w, i) == '\\' && (at(w, i+1) == '"' || at(w, i+1) == '\'') {
		return escapedLiteral(w, i+1)
	}
	if hasFold(w, i, "&quot;") {
		return entityLiteral(w, i+6)
	}
	q := at(w, i)
	if q != '"' && q != '\'' && q != '`' {
		return l, false
	}
	size := 1
	if at(w, i+1) == q && at(w, i+2) == q { // Python, Kotlin and Swift: """..."""
		size = 3
	}
	start := i + size
	for j := start; j < len(w) && !isBreak(w[j]); j++ {
		switch {
		case w[j] == '\\' && q != '`':
			j++
		case w[j] == q:
			if size == 3 && (at(w, j+1) != q || at(w, j+2) != q) {
				continue
			}
			return literal{start, j, j + size, q, false}, j > start
		}
	}
	return l, false
}

// escapedLiteral reads \"...\", its opening quote at w[i].
func escapedLiteral(w []byte, i int) (l literal, ok bool) {
	q := w[i]
	for j := i + 1; j+1 < len(w) && !isBreak(w[j]); j++ {
		if w[j] == q { // the string around it ends: this was no JSON in it
			return l, false
		}
		if w[j] != '\\' {
			continue
		}
		if w[j+1] == q {
			return literal{i + 1, j, j + 2, q, true}, j > i+1
		}
		j++
	}
	return l, false
}

func entityLiteral(w []byte, i int) (l literal, ok bool) {
	j := bytes.Index(w[i:], []byte("&quot;"))
	if j <= 0 || bytes.IndexByte(w[i:i+j], '\n') >= 0 {
		return l, false
	}
	return literal{i, i + j, i + j + 6, '"', true}, true
}

// wrappers are calls that give their argument as it is, by the last name before
// the bracket.
var wrappers = set("string", "from", "byte", "bytes", "str", "securestring", "some", "secretstr", "secret", "of", "valueof", "encode", "strdup", "s", "text", "_t", "value", "new", "to_string", "password", "cstring", "qstring", "qlatin1string", "u8", "tochararray", "w", "just", "ref", "trim", "literal")

// literalIn reads the literal at w[i], also inside of a wrapper: []byte("x"),
// new String("x"), Buffer.from('x').
func literalIn(w []byte, i int) (literal, bool) {
	if c := at(w, i); c == '(' || c == '[' { // ("x"), ["x"]
		i = skipSpace(w, i+1)
	}
	if l, ok := literalAt(w, i); ok {
		return l, true
	}
	j := i
	for j < len(w) && j-i < 48 && (isWord(w[j]) || oneOf(w[j], ".[]:&* ")) {
		j++
	}
	if j == i || at(w, j) != '(' {
		return literal{}, false
	}
	from := j
	for from > i && isWord(w[from-1]) {
		from--
	}
	var buf [48]byte
	low := buf[:j-from]
	for k, c := range w[from:j] {
		low[k] = lower(c)
	}
	if _, ok := wrappers[string(low)]; !ok && !(from == j && at(w, j-1) == ']') && string(w[i:j]) != "[]byte" {
		return literal{}, false
	}
	l, ok := literalAt(w, skipSpace(w, j+1))
	if ok && string(low) == "secret" && at(w, skipSpace(w, l.after)) == ',' { // new Secret('name', {...})
		return literal{}, false
	}
	return l, ok
}

// whole tells whether the literal is all there is: it is not added to, indexed,
// formatted or replaced in afterwards, nor the middle of a longer expression.
func (l literal) whole(w []byte) bool {
	i := skipSpace(w, l.after)
	switch c := at(w, i); c {
	case '+', '%', '[', '?', '&', '*', '~':
		return c == '&' && at(w, i+1) == '&' || c == '[' && i > l.after
	case '.':
		for _, call := range [...]string{".tochararray", ".getbytes", ".encode", ".to_string", ".tostring", ".into", ".as_", ".freeze", ".b", ".to_owned", ".data", ".c_str", ".to_s", ".trim", ".strip", ".utf8", ".bytes", ".byteinputstream"} {
			if hasFold(w, i, call) {
				return true
			}
		}
		return !isLetter(at(w, i+1)) && at(w, i+1) != ' '
	case '"', '\'', '`': // "a" "b", 'it''s'
		return i > l.after && l.quote != c
	}
	return !isLetter(at(w, l.after)) && !isDigit(at(w, l.after))
}

// bareAt gives the end of the unquoted value at w[i]: up to the end of the line,
// a comment, or what closes the structure round it. A value with a space in it
// is none.
func bareAt(w []byte, i int) (end int, ok bool) {
	if i >= len(w) || isSpace(w[i]) || isBreak(w[i]) || oneOf(w[i], "\"'`<>[]|,;)}\\") {
		return 0, false
	}
	end = i
	for end < len(w) && !isSpace(w[end]) && !isBreak(w[end]) {
		end++
	}
	if end == len(w) && end-i > reach/2 { // cut off: its end is not known
		return 0, false
	}
	if next := skipSpace(w, end); next < len(w) && !isBreak(w[next]) {
		if c := w[next]; c != '#' && c != ';' && !(c == '/' && at(w, next+1) == '/') && c != '\\' && c != '&' && c != '|' {
			return 0, false
		}
	}
	for end > i && oneOf(w[end-1], ",;") {
		end--
	}
	return end, end > i
}
