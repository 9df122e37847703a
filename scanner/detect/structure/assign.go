package structure

import "bytes"

// An assignment is a name, what binds it, and where its value begins.
type assignment struct {
	name
	op    byte // '=' ':' '>' (=>) ',' '~' (comparison) ' ' (#define)
	value int  // first byte of the value
	// keyQuoted: the name stood in quotes of its own, or in brackets and quotes.
	keyQuoted bool
	// typed: a type stood between name and value.
	typed bool
}

// assign reads what follows the name at w: the common core of all fields of
// program code, JSON, YAML, TOML, INI, HCL and shell.
func assign(w []byte, n name) (a assignment, ok bool) {
	a.name = n
	i := n.end
	i, a.keyQuoted = closeKey(w, n, i)
	i = skipSpace(w, i)
	if c := at(w, i); (c == '?' || c == '!') && at(w, i+1) == ':' { // password?: string
		i++
	}
	switch c := at(w, i); {
	case c == ')' && a.keyQuoted && at(w, i+1) != '.': // getenv("X") or "y"
		op, j := fallback(w, skipSpace(w, i+1))
		if op == 0 {
			return a, false
		}
		a.op, a.value = op, skipSpace(w, j)
		return a, true
	case c == '[' && (at(w, i+1) == ']' || isDigit(at(w, i+1))): // char password[] =, [64] =
		for i < len(w) && w[i] != ']' && !isBreak(w[i]) {
			i++
		}
		i = skipSpace(w, i+1)
		a.typed = true
	case isLetter(c) && i > n.end && !a.keyQuoted: // password string =, As String =
		if i, ok = typeWords(w, i); !ok {
			return a, false
		}
		a.typed = true
	case c == ':' && at(w, i+1) != '=' && at(w, i+1) != ':' && !a.keyQuoted: // password: string =
		if j, typed := typeAfterColon(w, i+1); typed {
			i, a.typed = j, true
		}
	}
	op, j := operator(w, i)
	if op == 0 {
		op, j = fallback(w, i)
	}
	if op == 0 || a.typed && op != '=' {
		return a, false
	}
	a.op, a.value = op, skipSpace(w, j)
	if isBreak(at(w, a.value)) && op != ',' { // the value stands on the next line
		if k := skipBlank(w, a.value); oneOf(at(w, k), "\"'`@") && bytes.Count(w[a.value:k], []byte{'\n'}) == 1 {
			a.value = k
		}
	}
	return a, a.value < len(w)
}

// fallback reads what stands between a value from elsewhere and the one that is
// taken when there is none: ||, ??, ?:, or.
func fallback(w []byte, i int) (op byte, after int) {
	for _, s := range [...]string{"||", "??", "?:", "or ", "//", "?? "} {
		if hasFold(w, i, s) && at(w, i+2) != '=' && s != "//" {
			return '|', i + len(s)
		}
	}
	return 0, 0
}

// closeKey steps over the quotes and brackets that close a key.
func closeKey(w []byte, n name, i int) (after int, quoted bool) {
	before := at(w, n.start-1)
	switch {
	case before == '"' || before == '\'' || before == '`':
		if at(w, i) == '\\' && at(w, i+1) == before {
			i, quoted = i+2, true
		} else if at(w, i) == before {
			i, quoted = i+1, true
		}
	case before == ';' && hasFold(w, i, "&quot;"):
		i, quoted = i+6, true
	case (before == ':' || before == '/') && (at(w, i) == '"' || at(w, i) == '\''): // "Jwt:Key"
		i, quoted = i+1, true
	case before == ':' && at(w, n.start-2) == '[' && at(w, i) == ']': // h[:password]
		return i + 1, true
	}
	if quoted && at(w, i) == ']' {
		i++
	}
	return i, quoted
}

// operator reads a binding at w[i] and tells its family.
func operator(w []byte, i int) (op byte, after int) {
	c, d := at(w, i), at(w, i+1)
	switch c {
	case '=':
		switch {
		case d == '>':
			return '>', i + 2
		case d == '=' && at(w, i+2) == '=':
			return '~', i + 3
		case d == '=':
			return '~', i + 2
		case d == '~':
			return 0, 0
		}
		return '=', i + 1
	case ':':
		if d == '=' {
			return '=', i + 2
		}
		if d == ':' {
			return 0, 0
		}
		return ':', i + 1
	case ',':
		return ',', i + 1
	case '!':
		if d == '=' && at(w, i+2) == '=' {
			return '~', i + 3
		}
		if d == '=' {
			return '~', i + 2
		}
	case '|':
		if d == '|' && at(w, i+2) == '=' {
			return '=', i + 3
		}
	case '?':
		if d == '=' {
			return '=', i + 2
		}
		if d == '?' && at(w, i+2) == '=' {
			return '=', i + 3
		}
		if d == ':' { // Swift and Kotlin optionals were read as types
			return 0, 0
		}
	case '<':
		if d == '-' {
			return '=', i + 2
		}
	}
	return 0, 0
}

var typeNames = set("string", "str", "char", "varchar", "text", "as", "object", "any", "auto", "securestring", "wchar_t", "nvarchar", "const", "bstr", "variant")

// typeWords steps over at most two type names: password string = , pw As String =.
func typeWords(w []byte, i int) (after int, ok bool) {
	for range 2 {
		j := i
		var buf [12]byte
		for j < len(w) && isWord(w[j]) {
			if j-i == len(buf) {
				return 0, false
			}
			buf[j-i] = lower(w[j])
			j++
		}
		if _, known := typeNames[string(buf[:j-i])]; !known {
			return 0, false
		}
		if i = skipSpace(w, j); !isLetter(at(w, i)) {
			return i, at(w, i) == '=' || at(w, i) == ':' && at(w, i+1) == '='
		}
	}
	return 0, false
}

// typeAfterColon steps over the type in name: type = value, if there is one.
func typeAfterColon(w []byte, i int) (after int, ok bool) {
	i = skipSpace(w, i)
	j := i
	for j < len(w) && j-i < 40 && (isWord(w[j]) || oneOf(w[j], ".<>[]?&'|* ")) {
		if w[j] == '\'' && at(w, j+1) != 's' && at(w, j+1) != '_' { // &'static str
			return 0, false
		}
		j++
	}
	return j, j > i && at(w, j) == '=' && at(w, j+1) != '=' && at(w, j+1) != '>' && isLetterOrSign(w[i])
}

func isLetterOrSign(c byte) bool { return isLetter(c) || c == '&' || c == '[' || c == '?' }
