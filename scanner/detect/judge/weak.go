package judge

import "bytes"

// fillers are values that stand for a password and are none: words that people
// write where a real one would stand, and those that programs and pages keep in
// fields of that name. Digits and signs at the end change nothing.
var fillers = words(
	"password", "passwords", "passwd", "passwrd", "passphrase", "passcode", "pass", "passwort", "passw", "pwd", "psw", "pswd", "pasword", "motdepasse", "contrasena", "senha", "kennwort", "parola", "haslo", "clave",
	"secret", "secrets", "secretkey", "secretpassword", "token", "tokens", "apikey", "apitoken", "accesstoken", "key", "keys", "privatekey", "credential", "credentials", "creds", "auth", "login", "email", "mail", "phone", "code",
	"foo", "bar", "baz", "qux", "quux", "spam", "eggs", "ham", "hello", "world", "fooo", "foobar", "foobaz", "barfoo", "blah", "bla", "whatever", "something", "anything", "nothing",
	"user", "users", "username", "userpass", "userpassword", "usr", "name", "someone", "me", "you", "newpassword", "oldpassword", "currentpassword", "confirmpassword", "userspassword", "adminpasswd", "dbpassword", "dbpasswd", "wrongpassword", "mypassword", "pw", "newpass", "oldpass", "wrongpass",
	"none", "null", "nil", "true", "false", "yes", "no", "on", "off", "empty", "blank", "unset", "unknown", "undefined", "default", "invalid", "valid", "wrong", "bad", "good", "correct", "incorrect", "missing", "present", "bogus", "garbage", "random", "temp", "tmp", "temporary", "changed", "change", "secure", "insecure", "weak", "strong", "hashed", "plain", "plaintext", "cleartext", "encrypted", "auto",
	"string", "str", "text", "value", "values", "val", "data", "hidden", "masked", "censored", "required", "optional", "input", "field", "param", "type", "bearer", "basic", "digest", "sensitive", "private", "public", "enabled", "disabled", "always", "never", "ask", "prompt", "stdin", "env", "file", "any", "object", "char", "varchar", "binary", "bool", "boolean", "int", "integer", "number",
	"option", "options", "flag", "argument", "parameter", "switch", "to", "for", "is", "and", "or", "with", "in", "the", "of", "sekret", "sekrit", "kubeconfig", "saltedpassword", "confidential", "restricted", "classified", "internal", "anonymous", "tiger", "scott",
	"test", "tests", "testing", "tester", "testuser", "testpassword", "testpass", "demo", "dummy", "sample", "example", "stuff", "here", "xyz", "abc", "aaa", "bbb", "ccc", "xxx",
)

// usual are the passwords that products come with and people keep.
var usual = words(
	"root", "toor", "admin", "administrator", "adminadmin", "adminpass", "rootpass", "rootpassword", "adminpassword", "guest", "manager", "master", "system", "sysadmin", "superuser", "operator",
	"postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "rabbitmq", "oracle", "elastic", "kibana", "grafana", "minio", "minioadmin", "airflow", "jenkins", "wordpress", "drupal", "joomla", "keycloak", "vagrant", "ubuntu", "raspberry", "openldap", "tomcat", "neo4j", "sonar", "nexus", "nagios", "zabbix", "cassandra", "kafka", "nacos", "camunda", "activemq", "artemis", "jboss", "weblogic", "websphere", "hadoop", "hive", "druid", "superset", "odoo", "gitlab", "portainer", "calvin", "cisco", "ansible", "docker", "kali", "alpine",
	"welcome", "letmein", "qwerty", "qwertz", "azerty", "qwertyuiop", "asdf", "asdfg", "asdfgh", "asdfghjkl", "asd", "qwe", "zxcvbn", "zxcvbnm", "qaz", "qazwsx", "iloveyou", "monkey", "dragon", "sunshine", "princess", "football", "trustno", "opensesame", "sesame", "swordfish", "geheim", "abcd", "abcde", "abcdef", "changeit",
)

// weakMarkers of the list of markers make a placeholder of a token, and a bad
// password of a password.
var weakMarkers = words("1234567", "0123456", "987654", "qwerty", "changeit", "abcdefg")

// maxWeak is the longest password that is judged by its words.
const maxWeak = 40 // bytes

// Weak tells whether value, which Judge does not call a Secret, is a password all
// the same: short, a number, of words, or what a product comes with. Nothing of
// the value says so; the place must. Sure says that the syntax leaves no doubt
// that a password stands there: then any word will do that is no filler.
func Weak(value []byte, ctx Context, sure bool) bool {
	shortest := minPassword - 1
	if sure {
		shortest--
	}
	if len(value) < shortest || len(value) > maxWeak && ctx.Kind != Signing || isEncrypted(value) || isPublic(value, false) || isReference(value) || marked(value) {
		return false
	}
	for _, c := range value {
		if c < ' ' || c > '~' || c == ' ' && ctx.Kind != Signing {
			return false
		}
	}
	if ctx.Kind == Signing { // whatever it says, tokens are signed with it
		return !isPath(value) && !isConstant(value) && !(isDotted(value) && bytes.IndexByte(value, '.') > 0) && !sameWord(value, ctx.Name) && !(ctx.Bare && isVariableName(value))
	}
	if len(value) > 10 && (repeats(value) || interleaved(value)) || isAlphabet(value) || bytes.IndexByte(value, '\\') >= 0 || bytes.IndexAny(value, "{}<>`") >= 0 || isVariableName(value) || isAlgorithm(value) || isField(value) || isRegion(value) || isChain(value) || isHeaderName(value) || isRoute(value) || isTime(value) {
		return false
	}
	userinfo := sure && ctx.Kind == Userinfo // there the syntax says that it is no address, and no name
	if value[0] == '%' || isConstant(value) || capitals(value) && (!userinfo || len(value) < 8) || isMarkup(value) || !userinfo && isAddress(value) || isPath(value) || isExpression(value) || isRule(value) || !userinfo && isDotted(value) && bytes.IndexByte(value, '.') > 0 || closed(value) || ctx.Bare && isCode(value) {
		return false
	}
	var buf [maxWeak]byte
	if f := stem(buf[:0], value); len(f.word) < 3 && f.digits == len(value) {
		return !ctx.Bare && (f.digits >= 4 || sure) && len(value) < 13 && !year(value)
	} else if period(value, 1) {
		return false
	} else if fillers.has(f.word) {
		return f.kinds > 2 && len(value) > 6 || numbered(value) // P@ssw0rd, secret123
	} else if usual.has(f.word) {
		return true
	} else if f.kinds < 4 && !numbered(value) && (isSpelled(value) || leetPassword(value)) || len(ctx.Name) > 0 && !sure && sameWord(value, ctx.Name) {
		return false
	}
	return sure && !ofThing(value) || chosen(value)
}

// numbered tells whether v is a word in letters and two digits or more behind it,
// as people make a password of a word: password123, newspass99.
func numbered(v []byte) bool {
	letters := 0
	for letters < len(v) && isLetter(v[letters]) {
		letters++
	}
	for _, c := range v[letters:] {
		if !isDigit(c) {
			return false
		}
	}
	return letters >= 5 && len(v)-letters >= 2 && len(v)-letters <= 6 && !year(v[letters:]) && !ofAlgorithm(v[letters:])
}

// Trivial tells whether value, a weak one, is what everybody writes down who
// needs any password at all: a number, a few letters, a word for passwords
// without digits behind it.
func Trivial(value []byte) bool {
	var buf [maxWeak]byte
	if len(value) < 6 || len(value) > maxWeak {
		return len(value) < 6
	}
	if numbered(value) {
		return false
	}
	f := stem(buf[:0], value)
	return f.digits == len(value) || f.kinds < 3 && (fillers.has(f.word) || !usual.has(f.word) && isSpelled(value))
}

// ofThing tells whether v is the name of a thing: words, the last of which is for
// what is given out rather than chosen, as in "service-auth-token".
func ofThing(v []byte) bool {
	i := bytes.LastIndexAny(v, "-_.")
	if i < 0 {
		return false
	}
	switch last := v[i+1:]; string(bytes.ToLower(last)) {
	case "token", "key", "name", "id", "file", "path", "field", "url", "value", "type":
		return true
	}
	return false
}

// isAlphabet tells whether most bytes of v, some letters among them, follow the
// one before them: an alphabet of an encoding.
func isAlphabet(v []byte) bool {
	steps, letters := 0, 0
	for i, c := range v {
		if isLetter(c) {
			letters++
		}
		if i > 0 && c == v[i-1]+1 {
			steps++
		}
	}
	return len(v) > 9 && letters > 4 && steps*3 > len(v)*2
}

// isVariableName tells whether v is the name of a variable in small letters with
// underscores, that speaks of secrets or has three words or more.
func isVariableName(v []byte) bool {
	if i := bytes.LastIndexByte(v, '_'); i > 0 && i < len(v)-1 && isNumberName(v[i+1:]) { // chatkit_token_123
		v = v[:i]
	}
	unders := 0
	for _, c := range v {
		if c == '_' {
			unders++
		} else if !isLower(c) {
			return false
		}
	}
	return unders > 0 && (unders > 1 && measure(v).said == 0 || saysSecret(v))
}

// isAlgorithm knows the names by which programs call ways to hash a password.
func isAlgorithm(v []byte) bool {
	for _, family := range [...]string{"sha", "SHA", "sha-", "SHA-"} {
		if n := len(family); len(v) > n && string(v[:n]) == family && ofAlgorithm(v[n:]) {
			return true
		}
	}
	return false
}

// isNumberName tells whether the last part of a name is a number of up to three
// digits.
func isNumberName(part []byte) bool {
	for _, c := range part {
		if !isDigit(c) {
			return false
		}
	}
	return len(part) <= 3
}

// isField knows names in camel case that end in a word for secrets: totpSecret,
// b64Pwd.
func isField(v []byte) bool {
	if !isName(v) {
		return false
	}
	for _, end := range [...]string{"Password", "Passwd", "Pwd", "Secret", "Token", "PasswordHash"} {
		if n := len(v) - len(end); n > 1 && string(v[n:]) == end && (isLower(v[n-1]) || isDigit(v[n-1])) && isLower(v[0]) {
			return true
		}
	}
	return false
}

// isRoute knows controller#action of Rails, the action a usual word.
func isRoute(v []byte) bool {
	i := bytes.IndexByte(v, '#')
	if i < 2 || i+4 > len(v) {
		return false
	}
	for _, c := range v {
		if !isLower(c) && c != '_' && c != '/' && c != '#' {
			return false
		}
	}
	return stopWords.has(v[i+1:]) || dictionary().known(v[i+1:])
}

// isTime knows a date or a time of day: a number with the signs of one.
func isTime(v []byte) bool {
	return len(v) >= 8 && bytes.IndexAny(v, "-:") > 0 && isNumber(v)
}

// marked tells whether a part of v says that something else belongs there.
func marked(v []byte) bool {
	for i, c := range v {
		for _, m := range markersBy[lower(c)&31] {
			if _, weak := weakMarkers[m]; !weak && prefixFold(v[i:], m) {
				return true
			}
		}
	}
	n := len(v)
	return n > 2 && v[n-1] == '.' && v[n-2] == '.'
}

// capitals tells whether v is letters in capitals and nothing else, as names of
// variables are.
func capitals(v []byte) bool {
	for _, c := range v {
		if !isUpper(c) {
			return false
		}
	}
	return true
}

// closed tells whether brackets close v in: <x>, [x], {x}, (x).
func closed(v []byte) bool {
	return bytes.IndexByte([]byte("<[{("), v[0]) >= 0 && bytes.IndexByte([]byte(">]})"), v[len(v)-1]) >= 0
}

// A stemmed value is its word in small letters, swaps of signs for letters
// undone, without the digits and signs round it.
type stemmed struct {
	word   []byte
	digits int
	kinds  int // of small letters, capitals, digits and signs that are no separators
}

func stem(buf, v []byte) (f stemmed) {
	m := measure(v)
	f.digits = m.digits
	for _, n := range [...]int{m.upper, m.lower, m.digits, m.signs} {
		if n > 0 {
			f.kinds++
		}
	}
	for len(v) > 0 && !isLetter(v[len(v)-1]) {
		v = v[:len(v)-1]
	}
	for len(v) > 0 && !isLetter(v[0]) && leet(v[0]) == v[0] {
		v = v[1:]
	}
	f.word = buf
	for _, c := range v {
		if c != '_' && c != '-' {
			f.word = append(f.word, leet(lower(c)))
		}
	}
	return f
}

// chosen tells whether v looks like what a person makes up for a password rather
// than like a name or word of a program: letters mixed with digits or signs, a
// word that programs do not use, or words run together.
func chosen(v []byte) bool {
	m := measure(v)
	separators := len(v) - m.letters - m.digits - m.signs
	switch {
	case m.letters == 0:
		return false
	case separators == 0 && (m.digits > 0 || m.signs > 0):
		return m.letters+m.digits+m.signs >= 5 && !ofNames(v)
	case separators > 0:
		return m.said >= 5 || m.random >= 6 || m.digits > 1 && m.letters > 5 && m.said > 0
	case m.upper > 0 && m.lower > 0 && m.upper < len(v):
		return m.said >= 4 || m.random >= 4
	case m.said >= 5 || m.random >= 5:
		return true
	}
	return together(v)
}

// ofNames knows names with a number: sha256, utf8, user1, field2.
func ofNames(v []byte) bool {
	m := measure(v)
	return m.said == 0 && m.signs == 0 && m.digits == 1 && m.random < 3
}

// together tells whether v is words in small letters run together, none of which
// speaks of secrets, users or what programs do with them.
func together(v []byte) bool {
	if len(v) < 9 {
		return false
	}
	d := dictionary()
	for i := 3; i <= len(v)-3; i++ {
		if a, b := v[:i], v[i:]; d.has(a) && d.has(b) && !stopWords.has(a) && !stopWords.has(b) && !fillers.has(a) && !fillers.has(b) {
			return !d.has(v) && !inflected(d, v)
		}
	}
	return false
}

// Made tells whether value, a Secret or a weak one, looks made up for one place by
// a person, and no word or number that tests and manuals write down by the dozen.
func Made(value []byte) bool {
	var text64 [maxDecoded]byte
	if text, ok := decoded(text64[:0], value); ok {
		value = text
	}
	var plain [maxWeak]byte
	if bytes.IndexByte(value, '%') >= 0 && len(value) <= maxWeak {
		value = unescaped(plain[:0], value)
	}
	if len(value) < 6 || len(value) > maxWeak {
		return len(value) > maxWeak
	}
	var buf [maxWeak]byte
	f := stem(buf[:0], value)
	if fillers.has(f.word) || usual.has(f.word) || stopWords.has(f.word) || containsString(f.word, "secret") || containsString(f.word, "password") || isSpelled(value) || isAlphabet(value) || capitals(value) || isReference(value) {
		return false
	}
	m := measure(value)
	return m.said >= 5 || (m.said >= 3 || m.random >= 3) && (m.digits > 0 || m.signs > 0 || m.upper > 0 && m.lower > 1) || m.random >= 6
}
