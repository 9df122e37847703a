package structure

import (
	"bytes"
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var quotedPassword = scanner.Detector{
	ID:       "quoted-password",
	Title:    "Password in quotes beside its name",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: passwordKeywords,
	Reach:    reach,
	Near:     nearPasswordField,
	FindAt:   func(w []byte, start, end int) []scanner.Match { return quotedField(w, start, end, true) },
	AtPath:   countsAsSource,
	Format:   "https://cwe.mitre.org/data/definitions/798.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`password = "%"`, `"db_password": "%",`, `const dbPassword = '%';`, `:password => '%'`, `define('DB_PASSWORD', '%');`,
			`String pwd = "%";`, `passwd: '%'`, "pw := `%`", `#define ADMIN_PASS "%"`, `Dim userPassword As String = "%"`, `{\"password\":\"%\"}`}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{`password = "${%}"`, `password_hint = "%"`, `password = "$2b$10$%"`, `password = "Your password % is wrong"`, `compass = "%"`, `password_file: "/run/%.txt"`}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9)+"7")
	},
}

var quotedSecret = scanner.Detector{
	ID:       "generic-secret-assignment",
	Title:    "Random value beside a name that says secret, token or key",
	Kind:     "api-key",
	Severity: scanner.High,
	Class:    scanner.Generic,
	Keywords: secretKeywords,
	Reach:    reach,
	Near:     nearSecretField,
	FindAt:   func(w []byte, start, end int) []scanner.Match { return quotedField(w, start, end, false) },
	AtPath:   countsAsSource,
	Format:   "https://cwe.mitre.org/data/definitions/798.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`api_key = "%"`, `"client_secret": "%",`, `SECRET_KEY = '%'`, `:auth_token => '%'`, `const string AccessKey = "%";`, `private static final String API_TOKEN = "%";`}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{`monkey = "%"`, `csrf_token = "%"`, `token_type = "%"`, `api_key = "${%}"`, `cache_key = "%"`}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
}

// quotedField finds name op "value" where the keyword at [start, end) is of the name.
func quotedField(w []byte, start, end int, password bool) []scanner.Match {
	w, by := clip(w, start, end, reach)
	n, ok := fieldName(w, start-by, end-by)
	if !ok || (n.kind == passwordName) != password {
		return nil
	}
	a, l, ok := quotedValue(w, n)
	if !ok || !l.whole(w) || a.about(w) {
		return nil
	}
	ctx := a.context(w)
	if a.kind == anyKeyName && containsFold(w[max(lineStart(w, a.start), a.start-40):a.start], "pub") {
		return nil
	}
	if ctx.Kind == judge.Password && isDigest(w[l.start:l.end]) && isColumn(w[a.start:a.end]) {
		return nil
	}
	if bytes.HasPrefix(w[l.start:l.end], []byte("{noop}")) { // Spring: in plain text
		l.start += len("{noop}")
	}
	secret, weak := judgedBy(w[l.start:l.end], ctx, false)
	if !secret && a.kind == secretName && a.op != ',' && hasFold(w, a.word, "secret") && !isHex(w[l.start:l.end]) { // people choose those too
		ctx.Kind = judge.Password
		weak, _ = judgedBy(w[l.start:l.end], ctx, false)
		secret = weak
	}
	if !secret && a.isSigningSecret(w) {
		return signing(w, by, a.start, l.after, l, a.start < a.word && w[a.word-1] != '.')
	}
	if i := bytes.IndexByte(w[l.start:l.end], ':'); !secret && i > 0 && a.isLogin(w) { // "robot:password"
		l.start += i + 1
		secret, weak = judgedBy(w[l.start:l.end], judge.Context{}, false)
		password = true
	}
	if !secret {
		return nil
	}
	m := one(by, a.start, l.after, l.start, l.end, reach)
	if !password && !weak {
		return m
	}
	m = graded(m, w[l.start:l.end], weak, inComment(w, a.start))
	if len(m) > 0 && m[0].AtPath != nil && string(w[a.start:a.end]) == "pwd" {
		m[0].AtPath = both(notNix, m[0].AtPath)
	}
	return m
}

// isSigningSecret tells whether the field is the key by which a program signs
// what it hands out, which people make up themselves: app.secret_key =, JWT_SECRET.
// A secretKey behind a colon may be the name of one.
func (a assignment) isSigningSecret(w []byte) bool {
	if a.kind != secretName || a.op == ',' || !hasFold(w, a.word, "secret") {
		return false
	}
	if rest := w[a.word+len("secret") : a.end]; len(rest) > 0 && a.op == '=' && (hasFold(rest, 0, "key") || hasFold(rest, 0, "_key")) {
		return true
	}
	for _, s := range [...]string{"jwt", "session", "cookie", "jwt_", "session_", "cookie_", "jwt.", "jwt-", "session.", "cookie."} {
		if endsFold(w, a.word, s) && a.end == a.wordEnd {
			return true
		}
	}
	return false
}

// signing judges the key by which a program signs: whatever it says, but a commit
// or the name of the key. Named says that it may be the name of one in a store:
// CLIENT_SECRET_KEY = "app_client_secret".
func signing(w []byte, by, start, stop int, l literal, named bool) []scanner.Match {
	v := w[l.start:l.end]
	if len(v) < 3 || isHex(v) && !isDigits(v) || inComment(w, start) || !judge.Weak(v, judge.Context{Kind: judge.Signing, Name: w[start:nameEnd(w, start)], Bare: named}, true) {
		return nil
	}
	m := one(by, start, max(stop, l.after), l.start, l.end, reach)
	if len(m) > 0 {
		m[0].Severity, m[0].AtPath = scanner.Medium, notExample
	}
	return m
}

// nameEnd gives the end of the name that starts at w[i].
func nameEnd(w []byte, i int) int {
	for i < len(w) && isNameByte(w[i]) {
		i++
	}
	return i
}

// isLogin tells whether the name is of a user and a password in one.
func (n name) isLogin(w []byte) bool {
	return n.kind == secretName && (hasFold(w, n.word, "credential") || hasFold(w, n.word, "auth") && n.end == n.wordEnd) || n.kind == passwordName && endsFold(w, n.end, "userpwd")
}

// notNix tells whether a path is none of Nix's, in which pwd is a directory.
func notNix(path string) bool { return !strings.HasSuffix(path, ".nix") }

// isDigest tells whether v has the form of an MD5, SHA-1 or SHA-2 digest.
func isDigest(v []byte) bool {
	switch len(v) {
	case 32, 40, 64, 128:
		return isHex(v)
	}
	return false
}

func isHex(v []byte) bool {
	for _, c := range v {
		if unhex(c) > 15 {
			return false
		}
	}
	return true
}

// isColumn tells whether a name is that of a column of users, in which digests
// of passwords stand rather than passwords.
func isColumn(name []byte) bool {
	switch string(name) {
	case "pass", "password", "passwd", "pwd", "user_pass", "Password", "userPassword":
		return true
	}
	return false
}

// inComment tells whether the line of w[i] opens as a comment does.
func inComment(w []byte, i int) bool {
	j := skipSpace(w, lineStart(w, i))
	c, d := at(w, j), at(w, j+1)
	return c == '#' && !hasFold(w, j, "#define") || c == '*' || c == '/' && (d == '/' || d == '*') || c == '-' && d == '-' || c == '<' && d == '!' || c == ';' || c == '%'
}

// quotedValue finds the literal that belongs to a name.
func quotedValue(w []byte, n name) (a assignment, l literal, ok bool) {
	if a, ok = assign(w, n); ok && a.op == ',' {
		if l, ok = literalIn(w, a.value); !ok || !isPair(w, a, l) {
			return a, l, false
		}
		return a, l, true
	}
	if ok {
		if l, ok = literalIn(w, a.value); ok {
			return a, l, true
		}
		if at(w, a.value) == '{' {
			l, ok = nestedValue(w, a.value)
		}
		return a, l, ok
	}
	a.name = n
	if i, quoted := closeKey(w, n, n.end); quoted {
		if i = skipSpace(w, i); at(w, i) == '{' { // variable "db_password" {
			l, ok = nestedValue(w, i)
		}
		return a, l, ok
	}
	if i := compared(w, n); i > 0 {
		l, ok = literalAt(w, i)
		return a, l, ok
	}
	if a, ok = defined(w, n); ok {
		l, ok = literalIn(w, a.value)
	}
	return a, l, ok
}

// nestedValue reads { "value": "x" } and { default = "x" }, also after a line or
// two that say something else of the entry.
func nestedValue(w []byte, i int) (l literal, ok bool) {
	i++
	for range 4 {
		i = skipBlank(w, i)
		if c := at(w, i); c == '"' || c == '\'' {
			i++
		}
		word := i
		for i < len(w) && isWord(w[i]) {
			i++
		}
		key := w[word:i]
		if c := at(w, i); c == '"' || c == '\'' {
			i++
		}
		i = skipSpace(w, i)
		if c := at(w, i); len(key) == 0 || c != ':' && c != '=' {
			return l, false
		}
		i = skipSpace(w, i+1)
		if hasFold(key, 0, "value") || hasFold(key, 0, "default") || hasFold(key, 0, "secret") || hasFold(key, 0, "plain") {
			return literalAt(w, i)
		}
		if l, quoted := literalAt(w, i); quoted {
			i = l.after
		} else {
			for i < len(w) && !isBreak(w[i]) && !oneOf(w[i], ",;}{\"'") {
				i++
			}
		}
		if i = skipBlank(w, i); at(w, i) == ',' || at(w, i) == ';' {
			i++
		}
	}
	return l, false
}

// compared gives the place of the literal that a name is compared with or made
// of: password.equals("x"), strcmp(password, "x"), QString password("x"); 0 when
// there is none.
func compared(w []byte, n name) int {
	if at(w, n.end) == '(' || at(w, n.end) == '{' {
		for _, s := range [...]string{".equals", ".equalsignorecase", ".compareto", ".compare", ".eql", ".contentequals"} {
			if endsFold(w[:n.end], n.end, s) {
				return skipSpace(w, n.end+1)
			}
		}
		if before := backSpace(w, n.start); before < n.start && (endsFold(w, before, "string") || endsFold(w, before, "bstr_t")) {
			return skipSpace(w, n.end+1)
		}
	}
	return 0
}

// isPair tells whether a name and a literal divided by a comma belong together:
// define('X', 'y'), {"X", "y"}, ("X", "y"), {x, "y"}, strcmp(x, "y").
func isPair(w []byte, a assignment, l literal) bool {
	next := at(w, skipSpace(w, l.after))
	if oneOf(next, ":=") {
		return false
	}
	start := a.start
	if !a.keyQuoted {
		i := backSpace(w, start)
		if at(w, i-1) == '{' { // Erlang
			return next == '}'
		}
		for c := at(w, i-1); c == '>' && at(w, i-2) == '-' || c == ')' || c == '*' || c == '&'; c = at(w, i-1) { // strcpy((char*)c->pass, "x")
			if c == ')' {
				for i--; i > 0 && w[i-1] != '(' && !isBreak(w[i-1]); i-- {
				}
				i = backSpace(w, i-1)
				continue
			}
			if c == '>' {
				i--
			}
			for i--; i > 0 && isNameByte(w[i-1]); i-- {
			}
			i = backSpace(w, i)
		}
		if at(w, i-1) != '(' {
			return false
		}
		for _, s := range [...]string{"strcmp", "strcpy", "strncmp", "strcasecmp", "stricmp", "strncpy", "strlcpy", "memcmp", "compare", "equals", "equal", "compare_digest", "isequal", "put", "set", "setproperty", "define", "add", "header", "setheader", "addheader", "option"} {
			if endsFold(w, i-1, s) {
				return true
			}
		}
		return false
	}
	i := backSpace(w, start-1)
	switch at(w, i-1) {
	case '(':
		if isHex(w[l.start:l.end]) && derives(w, i-1) { // text("password", salt)
			return false
		}
		return isWord(at(w, i-2)) || next == ')'
	case '{':
		return next == '}'
	case '[':
		return next == ']'
	case '#', '.':
		return true
	}
	return false
}

// derives tells whether the call whose bracket stands at w[i] makes a key of a
// password and a salt.
func derives(w []byte, i int) bool {
	from := i
	for from > 0 && isNameByte(w[from-1]) {
		from--
	}
	for _, s := range [...]string{"pbe", "pbkdf", "crypt", "derive", "encryptors.", "salt"} {
		if containsFold(w[from:i], s) {
			return true
		}
	}
	return false
}

// defined reads #define NAME "x", set name "x" and use constant NAME "x", which
// have nothing but spaces between name and value.
func defined(w []byte, n name) (a assignment, ok bool) {
	i := skipSpace(w, n.end)
	if i == n.end || !oneOf(at(w, i), "\"'LN@") {
		return a, false
	}
	before := backSpace(w, n.start)
	if before == 0 || isBreak(w[before-1]) || w[before-1] == ':' && before == n.start { // storePassword "x", :password "x"
		if l, ok := literalAt(w, i); ok {
			end := skipSpace(w, l.after)
			return assignment{name: n, op: ' ', value: i}, end >= len(w) || isBreak(w[end]) || oneOf(w[end], ";#})/")
		}
	}
	for _, s := range [...]string{"#define", "# define", "set", "setx", "setenv", "const", "constant", "variable", "-v", "config", "option", "setq", "def", "let", "--secret"} {
		if endsFold(w, before, s) && before < n.start {
			return assignment{name: n, op: ' ', value: i}, true
		}
	}
	return a, false
}
