package structure

import (
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var callPassword = scanner.Detector{
	ID:       "call-argument-password",
	Title:    "Password as an argument of a call",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"login(", "credential(", "credentials(", "authentication(", "auth(", "auth=(", "auth = (", "connection(", "connect(", "authenticate(", "mysqli(", "pdo(", "sign_in(", "log_in(", "signin(", "authenticator(", "token(", "basic(", "password(", "passwd(", "pwd(", "passphrase(", "pass(", "secret(", "key(", "sendkeys(", "send_keys(", "keyspec(", "login_user(", "principal(", "user(", "fill(", "type(", "basic_auth ", "fill_in ", "jwt.sign(", "jwt.verify(", "jwt.encode(", "jwt.decode(", "signwith(", "client.new(", "password_hash(", "superuser(", "hashpw(", "bcrypt.hash(", "bcrypt.hashsync(", "encoder().encode(", "encoder.encode(", "hmac(", "hmac.new(", "fernet(", "aes.new(", "newstaticv2(", "newstaticv4(", "username_pw_set(", "ftp(", "btoa(", "b64encode(", "buffer.from(", "equals(", "sequelize(", "wifi.begin(", "tochararray("},
	Reach:    reach,
	FindAt:   callAt,
	AtPath:   countsAsSource,
	Format:   "https://cwe.mitre.org/data/definitions/798.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`smtp.login("robot@acme.io", "%")`, `new NetworkCredential("svc", "%")`, `requests.get(u, auth=("svc", "%"))`, `DriverManager.getConnection(url, "app", "%")`, `ds.setPassword("%");`, `req.SetBasicAuth("svc", "%")`, `new PasswordAuthentication("svc", "%".toCharArray())`, `new mysqli("db", "app", "%", "shop")`}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{`login("user", "${%}")`, `setPassword(%)`, `login("robot", config.%)`, `compass("%")`, `getPassword("%")`, `t.login("label", "Please %")`}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9)+"7")
	},
}

const maxArguments = 5

// callAt reads the arguments of a call. A call that takes a user and a password
// has the password after the user; a setter has it alone.
func callAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	start, end = start-by, end-by
	i := end
	switch {
	case hasFold(w, start, "fill"), hasFold(w, start, "type(") && !isLetter(at(w, start-1)):
		return typed(w, by, start, end)
	case hasFold(w, start, "equals("):
		return equals(w, by, start, end)
	case hasFold(w, start, "tochararray("):
		return charArray(w, by, start, end)
	}
	if compares(w, start) {
		return nil
	}
	if hasFold(w, start, "b64encode(") || hasFold(w, start, "btoa(") || hasFold(w, start, "buffer.from(") {
		return encodedLogin(w, by, start, end)
	}
	if endsFold(w, start, "oracle.") && hasFold(w, start, "connect(") {
		if m := oracleLogin(w, by, start, end); m != nil {
			return m
		}
	}
	setter, chosen := isSetter(w, start, end), chosenArgument(w, start)
	var args [maxArguments]literal
	n, literals := 0, 0
	for n < maxArguments {
		if i = skipBlank(w, i); at(w, i) == ')' {
			break
		}
		l, after, ok := argumentAt(w, i)
		if !ok { // what follows a user and a password may be anything
			if literals < 2 && (chosen < 0 || n <= chosen) {
				return nil
			}
			break
		}
		if l.end > 0 {
			literals++
		}
		args[n] = l
		n++
		if i = skipBlank(w, after); at(w, i) != ',' {
			break
		}
		i++
	}
	if at(w, i) != ')' && at(w, i) != ',' && w[end-1] != ' ' && literals < 2 && chosen < 0 || literals == 0 {
		return nil
	}
	if setter && chosen < 0 {
		if !hasFold(w, start, "p") && !hasFold(w, start, "send") && (n != 1 || judge.Judge(w[args[0].start:args[0].end], judge.Context{Kind: judge.Token}) != judge.Secret) {
			return nil
		}
		return judged(w, by, start, i, args[0], n == 1, hasFold(w, start, "passw") && endsFold(w, start, "set"))
	}
	if isCipher(w, start) {
		for _, l := range args[:n] {
			if l.end > l.start && judge.Judge(w[l.start:l.end], judge.Context{Kind: judge.Token}) == judge.Secret {
				return one(by, start, max(i, l.after), l.start, l.end, reach)
			}
		}
	}
	if chosen >= 0 {
		if chosen >= n {
			return nil
		}
		if m := judged(w, by, start, i, args[chosen], true, true); m != nil || !hasFold(w, start, "jwt.") {
			return m
		}
		return signing(w, by, start, i, args[chosen], false)
	}
	if isCipher(w, start) {
		return nil
	}
	if n < 2 || !isLogin(w, start, end) {
		return nil
	}
	for k := 1; k < n; k++ {
		if args[k].end == 0 || args[k-1].end == 0 && k < 2 && !hasFold(w, start, "connect") && (n > 2 || !hasFold(w, start, "login(") || at(w, start-1) != '.') {
			continue
		}
		if m := judged(w, by, start, i, args[k], true, false); m != nil {
			return m
		}
	}
	if k := passwordArgument(w, start); k > 0 && k < n && args[k-1].end+args[k].end > 0 {
		return judged(w, by, start, i, args[k], true, true)
	}
	return nil
}

// chosenArgument gives the number of the argument that is the key of a token or
// the password to hash; -1 for other calls.
func chosenArgument(w []byte, start int) int {
	switch {
	case hasFold(w, start, "jwt."), hasFold(w, start, "signwith("), hasFold(w, start, "hmac(") && endsFold(w, start, "create"):
		return 1
	case hasFold(w, start, "password_hash(") && at(w, backSpace(w, start)-1) == '|': // a filter of Jinja: password | password_hash('sha512')
		return maxArguments
	case hasFold(w, start, "password_hash("), hasFold(w, start, "hashpw("), hasFold(w, start, "bcrypt."), hasFold(w, start, "keyspec(") && endsFold(w, start, "secret"), hasFold(w, start, "encoder") && endsFold(w, start, "password"), hasFold(w, start, "password(") && (endsFold(w, start, "hash") || endsFold(w, start, "hash_") || endsFold(w, start, "make_")), hasFold(w, start, "key(") && endsFold(w, start, "signing"):
		return 0
	}
	return -1
}

// compares tells whether the call holds a result against what it should be, as
// assertHMAC(key, data, digest) does.
func compares(w []byte, start int) bool {
	from := start
	for from > 0 && isWord(w[from-1]) {
		from--
	}
	return hasFold(w, from, "assert") || hasFold(w, from, "expect")
}

// isCipher tells whether the call takes a key: jwt.sign, createHmac, Fernet.
func isCipher(w []byte, start int) bool {
	for _, s := range [...]string{"jwt.", "hmac(", "hmac.new", "fernet(", "aes.new", "keyspec("} {
		if hasFold(w, start, s) {
			return true
		}
	}
	return false
}

// typed reads what a test of a page types into a field for passwords:
// type('#password', 'x'), get('#password').fill('x'), fill_in 'Password', with: 'x'.
func typed(w []byte, by, start, end int) []scanner.Match {
	stop := lineEnd(w, end)
	i := end
	var last literal
	for i < stop {
		l, ok := literalAt(w, i)
		if !ok {
			i++
			continue
		}
		last, i = l, l.after
	}
	before := w[max(lineStart(w, start), start-100):max(last.start, start)]
	if last.end == 0 || !containsFold(before, "passw") && !containsFold(before, "pwd") {
		return nil
	}
	return judged(w, by, start, stop, last, true, true)
}

// charArray reads "x".toCharArray(), Java's way to hand over a password.
func charArray(w []byte, by, start, end int) []scanner.Match {
	if at(w, start-1) != '.' || at(w, start-2) != '"' {
		return nil
	}
	from := start - 2
	for from > 0 && w[from-1] != '"' && !isBreak(w[from-1]) {
		from--
	}
	if at(w, from-1) != '"' {
		return nil
	}
	line := w[max(lineStart(w, from), from-100):from]
	for _, s := range [...]string{"pass", "pwd", "store", "load", "auth", "key", "pbe"} {
		if containsFold(line, s) {
			return judged(w, by, from-1, end, literal{start: from, end: start - 2, after: start - 1}, true, false)
		}
	}
	return nil
}

// equals reads "x".equals(password).
func equals(w []byte, by, start, end int) []scanner.Match {
	if at(w, start-1) != '.' || at(w, start-2) != '"' {
		return nil
	}
	i := end
	for isNameByte(at(w, i)) {
		i++
	}
	if at(w, i) != ')' && at(w, i) != '(' || !containsFold(w[end:i], "passw") && !containsFold(w[end:i], "pwd") {
		return nil
	}
	from := start - 2
	for from > 0 && w[from-1] != '"' && !isBreak(w[from-1]) {
		from--
	}
	if at(w, from-1) != '"' {
		return nil
	}
	return judged(w, by, from-1, i, literal{start: from, end: start - 2, after: start - 1}, true, false)
}

func judged(w []byte, by, start, stop int, l literal, ok, sure bool) []scanner.Match {
	if !ok || l.end <= l.start {
		return nil
	}
	v, weak := w[l.start:l.end], false
	if judge.Judge(v, judge.Context{}) != judge.Secret && !isAppPassword(v) {
		if weak = sure && judge.Weak(v, judge.Context{}, true); !weak {
			return nil
		}
	}
	m := graded(one(by, start, max(stop, l.after), l.start, l.end, reach), v, weak, inComment(w, start))
	if len(m) > 0 && m[0].AtPath != nil && !sure { // it may be another argument than the password
		m[0].AtPath = notExample
	}
	return m
}

// passwordArgument gives the number of the password among the arguments of a call
// that is for nothing but to log in to a database or a host; 0 for other calls.
func passwordArgument(w []byte, start int) int {
	switch {
	case hasFold(w, start, "connection(") && endsFold(w, start, "get"), hasFold(w, start, "mysqli("), hasFold(w, start, "pdo("),
		hasFold(w, start, "connect(") && (endsFold(w, start, "mysql_") || endsFold(w, start, "mysqli_") || endsFold(w, start, "mysql.") || endsFold(w, start, "mysqldb.")):
		return 2
	case hasFold(w, start, "credential(") && endsFold(w, start, "network"),
		hasFold(w, start, "authentication(") && endsFold(w, start, "password"),
		hasFold(w, start, "wifi.begin("), hasFold(w, start, "newstaticv"), hasFold(w, start, "username_pw_set("), hasFold(w, start, "auth=("), hasFold(w, start, "auth = ("), hasFold(w, start, "auth(") && endsFold(w, start, "basic"):
		return 1
	}
	return 0
}

// argumentAt reads one argument: a literal, or an expression without brackets,
// for which l is zero.
func argumentAt(w []byte, i int) (l literal, after int, ok bool) {
	if c := at(w, i); (c == '"' || c == '\'') && at(w, i+1) == c {
		return literal{}, i + 2, true
	}
	name := i // a keyword argument: password="x"
	for name < len(w) && isWord(w[name]) {
		name++
	}
	if j := skipSpace(w, name); name > i && (at(w, j) == '=' || at(w, j) == ':') && at(w, j+1) != '=' {
		if l, ok := literalIn(w, skipSpace(w, j+1)); ok {
			if setsElse(w[i:name]) {
				return literal{}, l.after, true
			}
			return l, l.after, true
		}
	}
	if l, ok = literalIn(w, i); ok {
		after = l.after
		if !l.whole(w) {
			l = literal{}
		}
		for depth := 0; after < len(w) && !isBreak(w[after]); after++ { // .toCharArray()
			switch c := w[after]; {
			case c == '(':
				depth++
			case c == ')' && depth > 0:
				depth--
			case c == ')' || c == ',' && depth == 0:
				return l, after, true
			}
		}
		return l, after, after < len(w)
	}
	if c := at(w, i); c == '{' || c == '[' { // jwt.sign({ id: 7 }, "x")
		if after = closing(w, i); after > 0 {
			after = skipBlank(w, after)
			return literal{}, after, at(w, after) == ',' || at(w, after) == ')'
		}
	}
	for after = i; after < len(w) && !oneOf(w[after], ",)({\"'`;\r\n"); after++ {
	}
	if at(w, after) == '(' && after > i { // f(x), new Map(), user.id()
		if j := closing(w, after); j > 0 {
			for after = j; after < len(w) && !oneOf(w[after], ",)({\"'`;\r\n"); after++ {
			}
		}
	}
	return literal{}, after, after > i && (at(w, after) == ',' || at(w, after) == ')')
}

// setsElse tells whether the name of a keyword argument says that its value is no
// password: keyring_provider="import", hashtype="sha512".
func setsElse(name []byte) bool {
	for _, s := range [...]string{"provider", "type", "algorithm", "scheme", "salt", "prompt", "adapter", "encoding", "nonce", "realm", "mode", "method"} {
		if endsFold(name, len(name), s) {
			return true
		}
	}
	return false
}

// isSetter tells whether the call sets a password or key: setPassword, .password,
// withSecretKey, SecretKeySpec, sendKeys beside the name of a password.
func isSetter(w []byte, start, end int) bool {
	from := start
	for from > 0 && isWord(w[from-1]) {
		from--
	}
	name := w[from : end-1]
	switch {
	case hasFold(w, start, "sendkeys"), hasFold(w, start, "send_keys"):
		return containsFold(w[max(lineStart(w, start), start-120):start], "pass")
	case !hasFold(w, start, "pass") && !hasFold(w, start, "pwd") && !hasFold(w, start, "secret") && !(hasFold(w, start, "key(") && keyBefore(w, start)) && !(hasFold(w, start, "token(") && wordBegins(w, start)):
		return false
	}
	return hasFold(name, 0, "set") || hasFold(name, 0, "with") || hasFold(name, 0, "add") || hasFold(name, 0, "put") ||
		start == from && at(w, from-1) == '.' || hasFold(name, 0, "type") || hasFold(name, 0, "fill") || hasFold(name, 0, "enter") || hasFold(name, 0, "encrypt") || hasFold(name, 0, "db") || hasFold(name, 0, "userpass") || hasFold(name, 0, "proxy") || hasFold(name, 0, "truststore") || hasFold(name, 0, "keystore")
}

// isLogin tells whether the call takes a user and a password.
func isLogin(w []byte, start, end int) bool {
	if at(w, start-1) == '_' && hasFold(w, start, "connect") || !hasFold(w, start, "connect") && !hasFold(w, start, "user(") && !hasFold(w, start, "token(") && !hasFold(w, start, "key(") && !hasFold(w, start, "pass") && !hasFold(w, start, "secret") && !hasFold(w, start, "principal") {
		return true
	}
	return endsFold(w, start, "get") || endsFold(w, start, "new") || at(w, start-1) == '.' || endsFold(w, start, "sql") || endsFold(w, start, "sql_") || endsFold(w, start, "mysqli_") ||
		endsFold(w, start, "usernamepasswordauthentication") || endsFold(w, start, "usernamepassword") || endsFold(w, start, "emailand") || endsFold(w, start, "with") || at(w, start-1) == '>' && hasFold(w, start, "connect") || endsFold(w, start, "create") || endsFold(w, start, "create_") || endsFold(w, start, "add") || endsFold(w, start, "add_")
}

// closing gives the place after the bracket that closes the one at w[i]; 0 when
// none does within the reach of a call.
func closing(w []byte, i int) int {
	depth := 0
	for j := i; j < len(w) && j-i < maxNested; j++ {
		switch c := w[j]; {
		case oneOf(c, "({["):
			depth++
		case oneOf(c, ")}]"):
			if depth--; depth == 0 {
				return j + 1
			}
		case c == '"' || c == '\'':
			l, ok := literalAt(w, j)
			if !ok && at(w, j+1) != c {
				return 0
			}
			if j++; ok {
				j = l.after - 1
			}
		}
	}
	return 0
}

// maxNested is how much of an argument that is no literal is stepped over.
const maxNested = 200 // bytes
