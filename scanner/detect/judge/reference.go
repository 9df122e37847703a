package judge

import "bytes"

// interpolations stand anywhere in a value that is filled in when it is used.
var interpolations = [...]string{
	"${", "$(", "$[", "{{", "}}", "<%", "%>", "#{", "%(", "\\(", "((", "@{", "{%", "$env:", "$ENV{",
	"%1$", "{0}", "{1}", "' +", "\" +", "+ '", "+ \"", "\" .", "' .", "'.$", "\".$",
}

// stores are ways in which tools point to a secret kept elsewhere.
var stores = [...]string{
	"vault:", "op://", "ssm:", "secretsmanager:", "secretmanager", "ref+", "ref:", "secretref", "secret:", "secrets:",
	"env:", "env(", "env.", "env[", "file:", "keyring:", "keychain:", "sops:", "bao:", "akv", "doppler:", "awssm:",
	"asm:", "gcpsm:", "gsm:", "sm://", "kv:", "akeyless:", "conjur:", "lastpass:", "bw:", "pass:", "prompt:", "cmd:",
	"exec:", "valuefrom", "keyvault", "@microsoft.keyvault", "projects/", "secrets.", "secrets/", "secret/", "var.",
	"vars.", "local.", "data.", "module.", "each.", "config.", "config[", "config(", "settings.", "params.",
	"process.env", "os.environ", "os.getenv", "os.environment", "system.getenv", "system.getproperty",
	"environment.", "getenv", "import.meta.env", "deno.env", "bun.env", "context.", "options.", "opts.", "args.",
	"props.", "self.", "this.", "req.", "request.", "$_", "lookup(", "query(", "credentials(", "credentials.",
	"rails.application", "dotenv", "configuration[", "configuration.", "!ref", "!getatt", "!sub", "!secret", "!env",
	"!vault", "!importvalue", "fn::", "parameters(", "variables(", "listkeys(", "reference(", "{resolve:", "steps.",
	"inputs.", "matrix.", "needs.", "github.", "credentialsjson:",
}

var (
	interpolationsBy = func() (by [64][]string) { // by the low six bits of the first byte
		for _, s := range interpolations {
			by[s[0]&63] = append(by[s[0]&63], s)
		}
		return by
	}()
	storesBy = func() (by [32][]string) {
		for _, s := range stores {
			by[s[0]&31] = append(by[s[0]&31], s)
		}
		return by
	}()
)

// isReference tells whether v names a secret rather than being one.
func isReference(v []byte) bool {
	for i, c := range v {
		for _, s := range interpolationsBy[c&63] {
			if s[0] == c && i+len(s) <= len(v) && string(v[i:i+len(s)]) == s {
				return true
			}
		}
	}
	for _, s := range storesBy[lower(v[0])&31] {
		if prefixFold(v, s) {
			return true
		}
	}
	if hasVerb(v) {
		return true
	}
	switch v[0] {
	case '$':
		return isName(v[1:]) || len(v) > 1 && v[1] == '$' || isPointer(v[1:])
	case '%', '@', '~', '#', ':', '&', '*':
		return isVariable(v) || v[0] == '%' && opensVariable(v[1:])
	case '{', '[', '(':
		return v[len(v)-1] == v[0]+2 || v[0] == '(' && v[len(v)-1] == ')'
	}
	return bytes.HasPrefix(v, []byte("__")) && bytes.HasSuffix(v, []byte("__")) || isCall(v)
}

// hasVerb knows %s, %d, %v, %q and %@, with no letter or digit after them:
// passwords hold percent signs too.
func hasVerb(v []byte) bool {
	for i := 0; i+1 < len(v); i++ {
		if v[i] == '%' && bytes.IndexByte([]byte("sdvq@"), v[i+1]) >= 0 && (i+2 == len(v) || !isLetter(v[i+2]) && !isDigit(v[i+2])) {
			return true
		}
	}
	return false
}

// isVariable knows %VAR%, %env.VAR%, %VAR, @VAR@, @variable, ~VAR~, #VAR#, :symbol,
// &alias and *alias. A sign before a mix of letters and digits is no variable.
func isVariable(v []byte) bool {
	in := v[1:]
	if len(in) > 1 && in[len(in)-1] == v[0] {
		return isName(in[:len(in)-1]) || isPointer(in[:len(in)-1])
	}
	if !isName(in) {
		return false
	}
	for _, c := range in {
		if isDigit(c) {
			return false
		}
	}
	return true
}

// isPointer knows names behind a dollar sign with dots or colons between them,
// as references to a key of some other object are written.
func isPointer(v []byte) bool {
	joints := 0
	for i, c := range v {
		switch {
		case c == '.' || c == ':' || c == '-':
			if joints++; i == 0 || !isLetter(v[i-1]) && !isDigit(v[i-1]) {
				return false
			}
		case isDigit(c) && i == 0, !isLetter(c) && !isDigit(c) && c != '_':
			return false
		}
	}
	m := measure(v)
	return joints > 0 && m.random*2 <= m.letters
}

// opensVariable tells whether v begins with a name in capitals of four letters or
// more and goes on with a sign: what stands after %.
func opensVariable(v []byte) bool {
	n := 0
	for n < len(v) && (isUpper(v[n]) || v[n] == '_') {
		n++
	}
	return n >= 4 && (n == len(v) || !isLetter(v[n]) && !isDigit(v[n]))
}

// isCall knows f(x), a.b(c), a[b] and a->b: program code, not a value. A name
// before the bracket is asked for, since passwords hold brackets too.
func isCall(v []byte) bool {
	if bytes.Contains(v, []byte("->")) || bytes.Contains(v, []byte("::")) {
		return true
	}
	i := bytes.IndexAny(v, "([")
	if i < 2 {
		return false
	}
	end := v[len(v)-1]
	if end == ';' || end == ',' {
		if len(v) < 2 {
			return false
		}
		end = v[len(v)-2]
	}
	return (end == ')' || end == ']' || i > 3) && isDotted(v[:i])
}

// isDotted tells whether v is a name or several joined by dots, as in code.
func isDotted(v []byte) bool {
	for len(v) > 0 {
		i := bytes.IndexByte(v, '.')
		if i < 0 {
			return isName(v)
		}
		if !isName(v[:i]) {
			return false
		}
		v = v[i+1:]
	}
	return false
}

// isName tells whether v is an identifier of a program.
func isName(v []byte) bool {
	if len(v) == 0 || isDigit(v[0]) {
		return false
	}
	for _, c := range v {
		if !isLetter(c) && !isDigit(c) && c != '_' {
			return false
		}
	}
	return true
}

func containsString(v []byte, s string) bool {
	for i := 0; i+len(s) <= len(v); i++ {
		if v[i] == s[0] && string(v[i:i+len(s)]) == s {
			return true
		}
	}
	return false
}

func prefixFold(v []byte, s string) bool {
	if len(v) < len(s) {
		return false
	}
	for i := range len(s) {
		if lower(v[i]) != s[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if isUpper(c) {
		return c + 'a' - 'A'
	}
	return c
}

func isUpper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool  { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool { return isUpper(c) || isLower(c) }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
