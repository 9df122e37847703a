package structure

import (
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var configPassword = scanner.Detector{
	ID:       "config-password",
	Title:    "Password in a line of configuration",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: passwordKeywords,
	Reach:    reach,
	FindAt:   func(w []byte, start, end int) []scanner.Match { return configField(w, start, end, true) },
	Format:   "https://cwe.mitre.org/data/definitions/260.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"password=%", "  password: %", "export DB_PASSWORD=%", "spring.datasource.password = %", "- REDIS_PASS=%"}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"password=${%}", "password_file: %", "password: $2b$10$%", "password = config.%", "password: the % one"}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
}

var configSecret = scanner.Detector{
	ID:       "config-secret",
	Title:    "Secret, token or key in a line of configuration",
	Kind:     "api-key",
	Severity: scanner.High,
	Class:    scanner.Generic,
	Keywords: secretKeywords,
	Reach:    reach,
	FindAt:   func(w []byte, start, end int) []scanner.Match { return configField(w, start, end, false) },
	Format:   "https://cwe.mitre.org/data/definitions/260.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"API_KEY=%", "  client_secret: %", "export AUTH_TOKEN=%", "app.jwt.secret = %"}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"API_KEY=${%}", "key: %", "token_type: %", "foreign_key = %"}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
}

// configField finds name=value and name: value without quotes. The name opens
// the line, after what dialects put before it.
func configField(w []byte, start, end int, password bool) []scanner.Match {
	w, by := clip(w, start, end, reach)
	n, ok := fieldName(w, start-by, end-by)
	if !ok || (n.kind == passwordName) != password || !opensLine(w, n.start) {
		return nil
	}
	a, ok := assign(w, n)
	if !ok || a.op != '=' && a.op != ':' || a.typed || a.op == ':' && a.value == a.end+1 && !a.keyQuoted {
		return nil
	}
	stop, ok := bareAt(w, a.value)
	if !ok || a.about(w) {
		return nil
	}
	ctx := a.context(w)
	v := w[a.value:stop]
	if judge.Judge(v, ctx) != judge.Secret {
		return nil
	}
	m := one(by, a.start, stop, a.value, stop, reach)
	if len(m) == 0 {
		return nil
	}
	m[0].AtPath = isConfig
	if ctx.Bare = true; judge.Judge(v, ctx) == judge.Secret {
		m[0].AtPath = notCode
	}
	return m
}

// opensLine tells whether the name at w[start] is the first of its line, after
// indentation, list and comment marks and the words that set variables.
func opensLine(w []byte, start int) bool {
	i := start
	if c := at(w, i-1); c == '"' || c == '\'' {
		i--
	}
	for {
		i = backSpace(w, i)
		c := at(w, i-1)
		switch {
		case i == 0 || isBreak(c):
			return true
		case oneOf(c, "-#;/*{+>|%"):
			i--
		case c == 't' && endsFold(w, i, "export"):
			i -= 6
		case endsFold(w, i, "env") || endsFold(w, i, "arg") || endsFold(w, i, "set"):
			i -= 3
		case endsFold(w, i, "setx"):
			i -= 4
		case endsFold(w, i, "declare"), endsFold(w, i, "readonly"):
			return true
		case endsFold(w, i, "local"), endsFold(w, i, "typeset"):
			return true
		case endsFold(w, i, "define"):
			i -= 6
		default:
			return false
		}
	}
}

// filled puts a marked secret in the place of the percent sign of form.
func filled(form, secret string) string { return strings.Replace(form, "%", marked(secret), 1) }
