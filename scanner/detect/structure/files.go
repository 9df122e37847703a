package structure

import (
	"bytes"
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var loginFile = scanner.Detector{
	ID:       "login-file-password",
	Title:    "Password in a file of logins (.netrc, .pgpass, redis.conf)",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"machine ", "login ", ":5432:", ":*:*:", "requirepass ", "masterauth ", "rootpw ", "bindpw ", "chpasswd", "enable secret ", "enable password ", "snmp-server community ", "rocommunity ", "rwcommunity ", "ldap_default_authtok", "tacacs-server key ", "radius-server key ", "crypto isakmp key ", `: psk "`, "-password password ", " secret 0 ", " password 0 "},
	Reach:    reach,
	FindAt:   loginAt,
	Format:   "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"machine h.acme.io login bot password %", "machine h\n  login bot\n  password %\n", "db.acme.io:5432:shop:app:%", "requirepass %", "bindpw %", "echo \"root:%\" | chpasswd"}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"machine h login bot password ${%}", "the machine %", "login with the password %", "requirepass <%>", "rootpw {SSHA}%"}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9)+"7")
	},
}

func loginAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	start, end = start-by, end-by
	var from, stop int
	var ok bool
	switch {
	case w[start] == ':' && at(w, end-1) == '"': // ipsec.secrets(5)
		from = end - 1
	case w[start] == ':':
		return pgpass(w, by, start, end)
	case hasFold(w, start, "chpasswd"):
		return chpasswd(w, by, start, end)
	case hasFold(w, start, "machine"), hasFold(w, start, "login"):
		if isWord(at(w, start-1)) {
			return nil
		}
		if from = netrcPassword(w, end); from == 0 {
			return nil
		}
	case w[start] == ' ', hasFold(w, start, "enable"), hasFold(w, start, "snmp"), w[end-2] == 'y' && hasFold(w, end-4, "key"), hasFold(w, end-10, "community "):
		return directive(w, by, start, end)
	case w[start] == '-' && !containsFold(w[lineStart(w, start):start], "passwd/"):
		return nil
	case w[start] == '-': // Debian's preseed: d-i passwd/root-password password X
		from = skipSpace(w, end)
	default:
		if !opensLine(w, start) {
			return nil
		}
		from = skipSpace(w, end)
		for hasFold(w, from, "=") || hasFold(w, from, "--plaintext") { // sssd.conf, kickstart
			_, from = nextWord(w, from)
			from = skipSpace(w, from)
		}
	}
	if l, quoted := literalAt(w, from); quoted {
		from, stop = l.start, l.end
	} else if stop, ok = bareAt(w, from); !ok {
		return nil
	}
	secret, weak := judgedBy(w[from:stop], judge.Context{}, true)
	if !secret {
		return nil
	}
	return asWeak(one(by, start, stop, from, stop, reach), w[from:stop], weak)
}

// directive reads the word after the keyword, in the configuration of routers and
// of SNMP: enable secret 0 X, snmp-server community X RO. A number before it says
// how it is encrypted; 0 is not at all.
func directive(w []byte, by, start, end int) []scanner.Match {
	if w[start] != ' ' && !opensLine(w, start) {
		return nil
	}
	word, stop := nextWord(w[:lineEnd(w, end)], end)
	if string(word) == "0" {
		word, stop = nextWord(w[:lineEnd(w, end)], stop)
	}
	from := stop - len(word)
	if len(word) < 3 || oneOf(word[0], "\"'`<{$(") || string(word) == "public" || hasFold(w, start, "enable") && skipSpace(w, stop) != lineEnd(w, stop) { // Enable Secret Manager API
		return nil
	}
	secret, weak := judgedBy(word, judge.Context{}, true)
	if !secret {
		return nil
	}
	return asWeak(one(by, start, stop, from, stop, reach), word, weak)
}

// netrcPassword steps from the value of machine or login over the pairs that
// follow to that of password; 0 when something else comes.
func netrcPassword(w []byte, i int) int {
	for range 3 {
		_, i = nextWord(w, i) // the value
		var word []byte
		if word, i = nextWord(w, i); string(word) == "password" {
			return skipBlank(w, i)
		}
		if s := string(word); s != "login" && s != "account" {
			return 0
		}
	}
	return 0
}

func nextWord(w []byte, i int) (word []byte, after int) {
	i = skipBlank(w, i)
	after = i
	for after < len(w) && !isSpace(w[after]) && !isBreak(w[after]) {
		after++
	}
	return w[i:after], after
}

// pgpass reads host:port:database:user:password, a line by itself.
func pgpass(w []byte, by, start, end int) []scanner.Match {
	from := lineStart(w, start)
	stop := lineEnd(w, end)
	fields, last := 0, 0
	for i := from; i < stop; i++ {
		switch {
		case isSpace(w[i]) || w[i] == '/' || w[i] == '"':
			return nil
		case w[i] == ':' && at(w, i-1) != '\\':
			if fields++; fields == 4 {
				last = i + 1
			}
		}
	}
	if fields != 4 || judge.Judge(w[last:stop], judge.Context{}) != judge.Secret {
		return nil
	}
	return one(by, from, stop, last, stop, reach)
}

// chpasswd reads echo user:password | chpasswd, and cloud-init's chpasswd: with
// the first user of its list.
func chpasswd(w []byte, by, start, end int) []scanner.Match {
	if at(w, end) == ':' {
		return cloudInit(w, by, start, end)
	}
	from := lineStart(w, start)
	for i := from; i < start; i++ {
		if w[i] != ':' {
			continue
		}
		stop := i + 1
		for stop < start && !oneOf(w[stop], "\"'| \t\\") {
			stop++
		}
		if secret, weak := judgedBy(w[i+1:stop], judge.Context{}, true); secret {
			return asWeak(one(by, from, end, i+1, stop, reach), w[i+1:stop], weak)
		}
	}
	return nil
}

// cloudInit reads chpasswd: { list: "user:password" } and the list in a block
// (https://docs.cloud-init.io/en/latest/reference/modules.html#set-passwords).
func cloudInit(w []byte, by, start, end int) []scanner.Match {
	i := bytes.Index(w[end:min(len(w), end+64)], []byte("list:"))
	if i < 0 {
		return nil
	}
	for i = skipBlank(w, end+i+len("list:")); oneOf(at(w, i), "|>-\"'["); {
		i = skipBlank(w, i+1)
	}
	user := i
	for isWord(at(w, i)) || at(w, i) == '-' {
		i++
	}
	if at(w, i) != ':' || i == user {
		return nil
	}
	stop := i + 1
	for stop < len(w) && !isSpace(w[stop]) && !isBreak(w[stop]) && !oneOf(w[stop], "\"'],}\\") {
		stop++
	}
	v := w[i+1 : stop]
	secret, weak := judgedBy(v, judge.Context{Kind: judge.Userinfo, Name: w[user:i]}, true)
	if !secret {
		return nil
	}
	return asWeak(one(by, start, stop, i+1, stop, reach), v, weak)
}

var registryAuth = scanner.Detector{
	ID:       "registry-auth",
	Title:    "User and password of a registry in base64 (Docker config, .npmrc)",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{`auth"`, `auth\"`, `_auth`},
	Reach:    reach,
	FindAt:   registryAt,
	Format:   "https://docs.docker.com/reference/cli/docker/login/",
	Rotate:   "https://docs.npmjs.com/cli/v11/configuring-npm/npmrc#auth-related-configuration",
	Example: func(r *rand.Rand) string {
		form := []string{`{"auths":{"r.acme.io":{"auth":"%"}}}`, "//r.acme.io/:_auth=%", `_auth = "%"`, `{\"r.acme.io\":{\"auth\":\"%\"}}`}
		return filled(form[r.IntN(len(form))], basicPair(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{`{"auth":"${%}"}`, "_auth=$%", `"no_auth": "%x"`, "basic_auth %"}
		return filled(form[r.IntN(len(form))], basicPair(r))
	},
}

// registryAt reads "auth": "base64 of user:password".
func registryAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	start, end = start-by, end-by
	if isWord(at(w, start-1)) {
		return nil
	}
	i := end
	if i = skipSpace(w, i); at(w, i) != ':' && at(w, i) != '=' {
		return nil
	}
	i = skipSpace(w, i+1)
	if at(w, i) == '\\' {
		i++
	}
	if at(w, i) == '"' || at(w, i) == '\'' {
		i++
	}
	stop := i
	for stop < len(w) && (isAlnum(w[stop]) || oneOf(w[stop], "+/=_-")) {
		stop++
	}
	if stop-i < 8 || stop-i > 240 {
		return nil
	}
	user, password, ok := decodeBasic(w[i:stop])
	if !ok || judge.Judge(password, judge.Context{Kind: judge.Userinfo, Name: user}) != judge.Secret {
		return nil
	}
	m := one(by, start, stop, i, stop, reach)
	if len(m) > 0 && plainWord(user) {
		m[0].Facts = []scanner.Fact{{Name: "principal", Value: string(user)}}
	}
	return m
}

var prosePassword = scanner.Detector{
	ID:       "prose-password",
	Title:    "Password told in a sentence or comment",
	Kind:     "password",
	Severity: scanner.Low,
	Class:    scanner.Generic,
	Keywords: []string{"password", "passwd", "pwd:", "pw:", "passcode", "passphrase", "login:", "credentials:", "/pass:"},
	Reach:    reach,
	FindAt:   proseAt,
	AtPath:   countsAsSource,
	Format:   "https://cwe.mitre.org/data/definitions/798.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"The admin password is %", "# root password: %", "Log in with the password `%` first.", "// pw: % (staging)", "login: deploy / %"}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"the password is %.", "password: the %", "The password is required and %", "password is <%>"}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9))
	},
}

// proseAt reads "password is X", "password: X", "pw: X" and "login: u / X" in
// running text: X is one word, which looks like no word.
func proseAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	start, end = start-by, end-by
	if at(w, end) == '`' {
		return tableCell(w, by, start, end+1)
	}
	if isWord(at(w, start-1)) && w[start] != '/' {
		return nil
	}
	i := skipSpace(w, end)
	switch {
	case w[end-1] == ':':
		if hasFold(w, start, "login") || hasFold(w, start, "cred") || w[start] == '/' {
			i = afterUser(w, i)
		}
	case hasFold(w, i, "is ") || hasFold(w, i, "is:"):
		i = skipSpace(w, i+3)
	case at(w, i) == ':' && i == end || at(w, i) == '=' && i > end:
		if i = skipSpace(w, i+1); oneOf(at(w, i), "\"'") { // quoted-password's
			return nil
		}
	case i > end && (oneOf(at(w, i), "`") || endsFold(w, backSpace(w, start), "and") || endsFold(w, backSpace(w, start), "with")):
	default:
		return nil
	}
	if i == 0 {
		return nil
	}
	for oneOf(at(w, i), "`'\"*(") {
		i++
	}
	i = skipSpace(w, i)
	if at(w, i) == '`' {
		i++
	}
	stop := i
	for stop < len(w) && !isSpace(w[stop]) && !isBreak(w[stop]) && !oneOf(w[stop], "`'\"<>") {
		stop++
	}
	for stop > i && oneOf(w[stop-1], ".,;:)*]}") {
		stop--
	}
	v := w[i:stop]
	if m := listed(w, by, start, i, stop); m != nil {
		return m
	}
	if len(v) < 6 || len(v) > 64 || !isProseValue(v) || judge.Judge(v, judge.Context{Kind: judge.Prose, Bare: true}) != judge.Secret {
		return nil
	}
	return one(by, start, stop, i, stop, reach)
}

// tableCell reads | `DB_PASSWORD` | optional | `X` |, a row of a table that tells
// what a setting is by default.
func tableCell(w []byte, by, start, i int) []scanner.Match {
	line := w[:lineEnd(w, i)]
	for range 2 {
		if i = skipSpace(line, i); at(line, i) != '|' {
			return nil
		}
		if i = skipSpace(line, i+1); at(line, i) == '`' {
			l, ok := literalAt(line, i)
			if !ok || at(line, skipSpace(line, l.after)) != '|' {
				return nil
			}
			v := line[l.start:l.end]
			secret, weak := judgedBy(v, judge.Context{Name: line[start : start+len("password")]}, false)
			if !secret {
				return nil
			}
			return graded(one(by, start, l.after, l.start, l.end, reach), v, weak, false)
		}
		for i < len(line) && line[i] != '|' {
			i++
		}
	}
	return nil
}

// listed reads the password of a login that is told line by line or part by part:
// a user, an address, then "Password: X". There weaker ones count too, if there is
// a digit in them.
func listed(w []byte, by, start, i, stop int) []scanner.Match {
	v := w[i:stop]
	if len(v) < 6 || at(w, skipSpace(w, start+len("password"))) != ':' || bytes.IndexAny(v, "0123456789") < 0 || bytes.IndexAny(v, "(){}[]<>\\;,=") >= 0 || !judge.Weak(v, judge.Context{}, false) {
		return nil
	}
	for _, s := range [...]string{"username", "email", "user:", "login:", "admin:", "usuario", "account:"} {
		if containsFold(w[max(0, start-160):start], s) {
			return graded(one(by, start, stop, i, stop, reach), v, true, false)
		}
	}
	return nil
}

// isProseValue leaves out code.
func isProseValue(v []byte) bool {
	for _, c := range v {
		if oneOf(c, "()[]{}<>\\;,") || c == '.' || c == '"' {
			return false
		}
	}
	return true
}

// afterUser steps over "user / ", "user:" and "user, password ".
func afterUser(w []byte, i int) int {
	j := i
	for j < len(w) && isNameByte(w[j]) {
		j++
	}
	k := skipSpace(w, j)
	if j == i || at(w, k) != '/' && at(w, k) != ':' && at(w, k) != '|' {
		return 0
	}
	return skipSpace(w, k+1)
}
