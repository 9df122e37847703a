package structure

import (
	"math/rand/v2"

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
	FindAt:   func(w []byte, start, end int) []scanner.Match { return quotedField(w, start, end, false) },
	AtPath:   countsAsSource,
	Format:   "https://cwe.mitre.org/data/definitions/798.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`api_key = "%"`, `"client_secret": "%",`, `SECRET_KEY = '%'`, `:auth_token => '%'`, `const string AccessKey = "%";`, `private static final String API_TOKEN = "%";`}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{`monkey = "%"`, `csrf_token = "%"`, `token_type = "%"`, `api_key = "${%}"`, `key = "%"`}
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
	a, ok := assign(w, n)
	if !ok {
		if a, ok = defined(w, n); !ok {
			return nil
		}
	}
	l, ok := literalIn(w, a.value)
	if !ok || !l.whole(w) || a.about(w) {
		return nil
	}
	if a.op == ',' && (!a.keyQuoted || oneOf(at(w, skipSpace(w, l.after)), ":=")) {
		return nil
	}
	ctx := a.context(w)
	if a.op == ',' && ctx.Kind == judge.Password && !inCall(w, a.start) {
		return nil
	}
	if judge.Judge(w[l.start:l.end], ctx) != judge.Secret {
		return nil
	}
	m := one(by, a.start, l.after, l.start, l.end, reach)
	if password && len(m) > 0 && !judge.Strong(w[l.start:l.end]) {
		if inComment(w, a.start) {
			return nil
		}
		m[0].AtPath = notExample
	}
	return m
}

// inComment tells whether the line of w[i] opens as a comment does.
func inComment(w []byte, i int) bool {
	j := skipSpace(w, lineStart(w, i))
	c, d := at(w, j), at(w, j+1)
	return c == '#' && !hasFold(w, j, "#define") || c == '*' || c == '/' && (d == '/' || d == '*') || c == '-' && d == '-' || c == '<' && d == '!' || c == ';' || c == '%'
}

// defined reads #define NAME "x", set name "x" and use constant NAME "x", which
// have nothing but spaces between name and value.
func defined(w []byte, n name) (a assignment, ok bool) {
	i := skipSpace(w, n.end)
	if i == n.end || !oneOf(at(w, i), "\"'LN@") {
		return a, false
	}
	before := backSpace(w, n.start)
	for _, s := range [...]string{"#define", "# define", "set", "setenv", "const", "constant", "variable", "-v", "config", "option"} {
		if endsFold(w, before, s) && before < n.start {
			return assignment{name: n, op: ' ', value: i}, true
		}
	}
	return a, false
}

// inCall tells whether the quoted key at w[start-1] opens the arguments of a
// call: define('X', put("x".
func inCall(w []byte, start int) bool {
	i := backSpace(w, start-1)
	return at(w, i-1) == '(' && isWord(at(w, i-2))
}
