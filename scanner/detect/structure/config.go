package structure

import (
	"bytes"
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
	Near:     nearPasswordField,
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
	Near:     nearSecretField,
	FindAt:   func(w []byte, start, end int) []scanner.Match { return configField(w, start, end, false) },
	Format:   "https://cwe.mitre.org/data/definitions/260.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"API_KEY=%", "  client_secret: %", "export AUTH_TOKEN=%", "app.jwt.secret = %"}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"API_KEY=${%}", "cache-key: %", "token_type: %", "foreign_key = %"}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
}

// configField finds name=value and name: value without quotes. The name opens
// the line, after what dialects put before it, or stands in a list, a command,
// or ${name:-value}.
func configField(w []byte, start, end int, password bool) []scanner.Match {
	w, by := clip(w, start, end, reach)
	n, ok := fieldName(w, start-by, end-by)
	if !ok || (n.kind == passwordName) != password {
		return nil
	}
	from, stop, ok := bareField(w, n)
	if !ok || n.about(w) {
		return nil
	}
	ctx := n.context(w)
	v := w[from:stop]
	if string(w[n.start:n.end]) == "PWD" && bytes.IndexAny(v, "/%\\~") >= 0 { // a shell's directory
		return nil
	}
	if hasFold(w, n.start, "signingkey") && n.end-n.start == len("signingkey") && isKeyID(v) {
		return nil
	}
	secret, weak := judgedBy(v, ctx, false)
	chosen := !secret && n.chosenSecret(w) && isPhrase(v)
	if !secret && at(w, n.start-1) == '{' && (assignment{name: n}).isSigningSecret(w) {
		weak = judge.Weak(v, judge.Context{Kind: judge.Signing}, true)
		chosen = weak
	}
	secret = secret || chosen
	m := one(by, n.start, stop, from, stop, reach)
	if !secret || len(m) == 0 {
		return nil
	}
	if q := at(w, n.start-1); !weak && (q == '"' || q == '\'') && (at(w, stop) == q || at(w, stop) == '&') && judge.Strong(v) {
		m[0].AtPath = countsAsSource // "password=x" is a literal in code too
		return m
	}
	if password || chosen {
		m = graded(m, v, weak, weak && inComment(w, n.start))
	}
	if len(m) == 0 || at(w, n.start-1) == '{' { // what ${name:value} gives is a literal in code too
		return m
	}
	ctx.Bare = !chosen
	format := isConfig
	if judge.Judge(v, ctx) == judge.Secret {
		format = notCode
	} else if at(w, from-1) == '=' || isVariableName(w[n.start:n.end]) {
		format = isConfigOrText
	}
	m[0].AtPath = both(format, m[0].AtPath)
	return m
}

// isKeyID knows what Git's user.signingKey names: the id or fingerprint of an
// OpenPGP key.
func isKeyID(v []byte) bool {
	v = bytes.TrimSuffix(bytes.TrimPrefix(v, []byte("0x")), []byte("!"))
	switch len(v) {
	case 8, 16, 32, 40, 64:
		return isHex(v)
	}
	return false
}

// chosenSecret tells whether the name is of a secret that people make up
// themselves: jwt.secret, APP_SECRET. What is but called a secret may be the name
// of one.
func (n name) chosenSecret(w []byte) bool {
	return n.kind == secretName && hasFold(w, n.word, "secret") && n.start < n.word
}

// isPhrase tells whether v is what a person makes up for a secret: no name, and
// longer than a password.
func isPhrase(v []byte) bool {
	return len(v) >= 12 && bytes.IndexAny(v, "0123456789") >= 0 && bytes.IndexAny(v, "/:,") < 0 && !isHex(v) && judge.Judge(v, judge.Context{}) == judge.Secret
}

// isVariableName knows the names of the environment: DB_PASSWORD.
func isVariableName(name []byte) bool {
	for _, c := range name {
		if !isUpper(c) && !isDigit(c) && c != '_' {
			return false
		}
	}
	return bytes.IndexByte(name, '_') > 0
}

// bareField gives the value without quotes that belongs to a name.
func bareField(w []byte, n name) (from, stop int, ok bool) {
	if at(w, n.start-1) == '{' && at(w, n.start-2) == '$' || at(w, n.start-1) == '.' && at(w, n.end) == ':' {
		return defaultOf(w, n)
	}
	opens := opensLine(w, n.start)
	if i := skipSpace(w, n.end); i > n.end && at(w, i) != '=' && (opens && endsFold(w, backSpace(w, n.start), "env") || setsNext(w, n.start)) {
		stop, ok = bareAt(w, i) // ENV NAME value
		return i, stop, ok
	}
	if i := skipSpace(w, n.end); opens && i > n.end && n.start == n.word && n.end == n.wordEnd && n.kind == passwordName && isAlnum(at(w, i)) {
		if stop, ok = bareAt(w, i); ok && judge.Judge(w[i:stop], judge.Context{Kind: judge.Prose}) == judge.Secret { // password value
			return i, stop, true
		}
		return 0, 0, false
	}
	a, ok := assign(w, n)
	if !ok || a.op != '=' && a.op != ':' || a.typed {
		return 0, 0, false
	}
	tight := a.value == a.end+1
	if opens && (a.op == '=' || !tight || a.keyQuoted) {
		if i, block := yamlBlock(w, a.value); block {
			a.value = i
		}
		if stop = a.value + appPassword; stop <= len(w) && isAppPassword(w[a.value:stop]) && (stop == len(w) || isBreak(w[stop])) {
			return a.value, stop, true
		}
		if stop, ok = bareAt(w, a.value); ok {
			if q := at(w, n.start-1); (q == '"' || q == '\'') && !a.keyQuoted && w[stop-1] == q { // "NAME=value"
				stop--
			}
			return a.value, stop, stop > a.value
		}
	}
	if a.keyQuoted || a.op == '=' && !tight || a.op == ':' && tight {
		return 0, 0, false
	}
	before := at(w, n.start-1)
	flow := at(w, backSpace(w, n.start)-1)
	switch {
	case opens:
	case a.op == '=' && (isSpace(before) || oneOf(before, "\"';,:")):
	case a.op == '=' && (endsFold(w, n.start, "-d") || endsFold(w, n.start, "-p") || endsFold(w, n.start, "literal=") || before == '-' && oneOf(lower(w[n.start]), "dp")): // -Dname=value
	case a.op == ':' && oneOf(flow, "{,"):
	default:
		return 0, 0, false
	}
	for stop = a.value; stop < len(w) && !isSpace(w[stop]) && !isBreak(w[stop]) && !oneOf(w[stop], "\"'`;,&|<>)}\\"); stop++ {
	}
	if a.op == ':' && !oneOf(at(w, stop), ",}") {
		return 0, 0, false
	}
	return a.value, stop, stop > a.value
}

// setsNext tells whether the words before w[i] are of a command whose next two
// words are a name and its value: setx NAME x, pulumi config set --secret name x,
// aws configure set name x, npm config set name x, git config --global name x.
func setsNext(w []byte, i int) bool {
	for i > 0 && !isSpace(w[i-1]) && !isBreak(w[i-1]) { // //registry/:_authToken
		i--
	}
	for i = backSpace(w, i); i > 0; { // flags
		j := i
		for j > 0 && (isAlnum(w[j-1]) || w[j-1] == '-') {
			j--
		}
		if j == i || w[j] != '-' {
			break
		}
		i = backSpace(w, j)
	}
	for _, s := range [...]string{"setx", "config set", "configure set", "git config", "config:set", "fish_set", "secret set", "secrets set", "set -gx", "set -x", "env add", "setenv"} {
		if endsFold(w, i, s) {
			return true
		}
	}
	return false
}

// yamlBlock steps over | and > to the line below.
func yamlBlock(w []byte, i int) (after int, ok bool) {
	if c := at(w, i); c != '|' && c != '>' {
		return i, false
	}
	for i++; oneOf(at(w, i), "-+123456789"); i++ {
	}
	return skipBlank(w, i), isBreak(at(w, i))
}

// defaultOf reads ${name:-value}, ${name:=value} and Spring's ${name:value}.
func defaultOf(w []byte, n name) (from, stop int, ok bool) {
	if at(w, n.end) != ':' {
		return 0, 0, false
	}
	from = n.end + 1
	if oneOf(at(w, from), "-=") {
		from++
	} else if at(w, from) == '?' || at(w, from) == '+' {
		return 0, 0, false
	}
	for stop = from; stop < len(w) && !isSpace(w[stop]) && !isBreak(w[stop]) && !oneOf(w[stop], "\"'`}{"); stop++ {
	}
	return from, stop, stop > from && at(w, stop) == '}'
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
		case oneOf(c, "-#;/*+>|%"):
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
