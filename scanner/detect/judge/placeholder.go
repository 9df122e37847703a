package judge

import "bytes"

// markers make a placeholder of any value that holds them: none of them stands
// in a random value of usual length by chance, and nobody chooses them.
var markers = [...]string{
	"example", "placeholder", "changeme", "change_me", "change-me", "changeit", "change_it", "change-it",
	"redacted", "dummy", "replaceme", "replace_", "replace-", "insert_", "insert-", "your_", "your-", "yourpass",
	"yoursecret", "yoursecure", "yourtoken", "yourkey", "your.", "yourstrong", "<your", "xxxx", "****", "...", "…", "____", "----", "####", "????",
	"todo", "fixme", "not-a-", "not_a_", "notreal", "foobar", "goes-here", "_here", "-here", "goeshere", "sample",
	"fake", "mock", "lorem", "ipsum", "enter_", "enter-", "fill_", "fillme", "deadbeef",
	"undefined", "anonymous", "change-this", "change_this", "changethis", "change-in-prod", "change_in_prod", "changeinprod", "votre-", "votre_", "votremot", "mot-de-passe", "mot_de_passe", "dein-", "dein_", "deinpass", "ihr-", "ihr_", "ihrpass", "sua-senha", "sua_senha", "suasenha", "_aqui", "-aqui", "_hier", "-hier", "_ici", "-ici", "********", "secretsecret", "supersecret", "super_secret", "super-secret",
	"topsecret", "top-secret", "top_secret", "verysecret", "very_secret", "very-secret", "somesecret", "some-secret",
	"some_secret", "somepass", "some-pass", "some_pass", "mysecret", "my-secret", "my_secret", "mypass", "my-pass", "my_pass",
	"thisis", "this-is", "this_is", "no-need", "insecure", "testpass", "test-pass", "test_pass", "testtoken",
	"test-token", "test_token", "testsecret", "test-secret", "test_secret", "testkey", "test-key", "test_key",
	"abcdefg", "1234567", "0123456", "987654", "qwerty", "hunter2",
}

// markersBy holds the markers by the low five bits of their first byte.
var markersBy = func() (by [32][]string) {
	for _, m := range markers {
		by[m[0]&31] = append(by[m[0]&31], m)
	}
	return by
}()

// boasts of the list of markers stand in what people make up for a key as well:
// ThisIsTheSuperSecretKeyOfShop2024.
var boasts = words(
	"secretsecret", "supersecret", "super_secret", "super-secret", "topsecret", "top-secret", "top_secret", "verysecret", "very_secret", "very-secret",
	"mysecret", "my-secret", "my_secret", "thisis", "this-is", "this_is", "yoursecret",
)

// isLongPhrase tells whether v is longer than what people write down to be
// replaced, of both cases and with a number that is no sequence.
func isLongPhrase(v []byte) bool {
	if len(v) < 20 {
		return false
	}
	upper, lower := false, false
	for i := 0; i < len(v); i++ {
		upper, lower = upper || isUpper(v[i]), lower || isLower(v[i])
	}
	i := bytes.IndexAny(v, "0123456789")
	if i < 0 || !upper || !lower {
		return false
	}
	end := i
	for end < len(v) && isDigit(v[end]) {
		end++
	}
	return !sequence(v[i:end])
}

// isPlaceholder tells whether v stands for a secret that somebody fills in.
func isPlaceholder(v, name []byte) bool {
	for i, c := range v {
		for _, m := range markersBy[lower(c)&31] {
			if prefixFold(v[i:], m) && !(boasts.has([]byte(m)) && isLongPhrase(v)) {
				return true
			}
		}
	}
	first, last := v[0], v[len(v)-1]
	if first == '<' && last == '>' || first == '[' && last == ']' || first == '{' && last == '}' {
		return true
	}
	if containsString(v, "eyJzdWIiOiIxMjM0NTY3ODkw") || containsString(v, "wJalrXUtnFEMI/K7MDENG") { // jwt.io's and Amazon's own examples
		return true
	}
	return repeats(v) || sameWord(v, name) || isStop(v) || interleaved(v) || leetPassword(v)
}

// interleaved knows A1B2C3 and q1w2e3: two sequences that take turns.
func interleaved(v []byte) bool {
	var letters, digits [32]byte
	l, d := letters[:0], digits[:0]
	for _, c := range v {
		switch {
		case isLetter(c) && len(l) < len(letters):
			l = append(l, lower(c))
		case isDigit(c) && len(d) < len(digits):
			d = append(d, c)
		default:
			return false
		}
	}
	return len(l) > 2 && len(d) > 2 && sequence(d) && (sequence(l) || len(l) == 3 && (string(l) == "qwe" || string(l) == "qaz" || string(l) == "asd"))
}

// leetPassword: "password" in whatever spelling, and little beside it.
func leetPassword(v []byte) bool {
	var buf [16]byte
	if len(v) > len(buf) {
		return false
	}
	for i, c := range v {
		buf[i] = leet(lower(c))
	}
	folded := buf[:len(v)]
	return len(v) < 14 && (containsString(folded, "password") || containsString(folded, "passwort") || containsString(folded, "paeeword") || containsString(folded, "passwd"))
}

// repeats: one character makes up half of v, stands six times in a row, or v is
// one unit over and over.
func repeats(v []byte) bool {
	run, longest := 1, 1
	for i := 1; i < len(v); i++ {
		if v[i] == v[i-1] {
			run++
			longest = max(longest, run)
		} else {
			run = 1
		}
	}
	if longest >= 6 && len(v) < 40 || longest >= 3 && longest*2 >= len(v) {
		return true
	}
	if len(v) >= 12 && doubled(v) {
		return true
	}
	for p := 1; p <= len(v)/2 && p <= 32; p++ {
		if period(v, p) && (len(v) >= 3*p || len(v) >= 8) {
			return true
		}
	}
	return false
}

// doubled: aabbccdd, the pairs from the first byte or from the second.
func doubled(v []byte) bool {
	var twins [2]int
	for i := 1; i < len(v); i++ {
		if v[i] == v[i-1] {
			twins[i&1]++
		}
	}
	return max(twins[0], twins[1])*4 >= len(v)*3/2
}

func period(v []byte, p int) bool {
	for i := p; i < len(v); i++ {
		if v[i] != v[i-p] {
			return false
		}
	}
	return true
}

// sameWord tells whether v is its own name, whatever the case and separators:
// api_key = "API-KEY", password = "password2".
func sameWord(v, name []byte) bool {
	if len(name) == 0 {
		return false
	}
	i, j := 0, 0
	for {
		for i < len(v) && !isLetter(v[i]) {
			i++
		}
		for j < len(name) && !isLetter(name[j]) {
			j++
		}
		if i == len(v) || j == len(name) {
			return i == len(v) && j == len(name)
		}
		if lower(v[i]) != lower(name[j]) {
			return len(name) > 8 && len(v) < len(name)+8 && containsName(v, name)
		}
		i, j = i+1, j+1
	}
}

// isStop tells whether v is nothing but a stop word, after the swaps that make
// p@ssw0rd of password and without digits and signs at its end.
func isStop(v []byte) bool {
	var buf [24]byte
	end := len(v)
	for end > 0 && !isLetter(v[end-1]) {
		end--
	}
	if end := measure(v[end:]); end.signs > 0 && end.digits >= 4 { // S3cret!2019 is somebody's
		return false
	}
	v = v[:end]
	for len(v) > 0 && !isLetter(v[0]) && leet(v[0]) == v[0] {
		v = v[1:]
	}
	if len(v) < 3 || len(v) > len(buf) {
		return false
	}
	for i, c := range v {
		buf[i] = leet(lower(c))
	}
	return stopWords.has(buf[:len(v)])
}

// leet undoes the usual swaps of digits and signs for letters.
func leet(c byte) byte {
	switch c {
	case '0':
		return 'o'
	case '1', '!', '|':
		return 'i'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7', '+':
		return 't'
	}
	return c
}

// containsName tells whether name stands in v, in any case.
func containsName(v, name []byte) bool {
	for i := 0; i+len(name) <= len(v); i++ {
		if bytes.EqualFold(v[i:i+len(name)], name) {
			return true
		}
	}
	return false
}

type wordSet map[string]struct{}

func (s wordSet) has(w []byte) bool { _, ok := s[string(w)]; return ok }

func words(list ...string) wordSet {
	s := make(wordSet, len(list))
	for _, w := range list {
		s[w] = struct{}{}
	}
	return s
}

// stopWords add no strength to a value and are placeholders by themselves.
var stopWords = words(
	"password", "passwords", "passwd", "passwrd", "passphrase", "passcode", "pass", "passwort", "passw", "pwd", "pwds", "psw", "pswd", "pasword",
	"secret", "secrets", "secretkey", "secretpassword", "token", "tokens", "apikey", "apitoken", "accesstoken", "key", "keys", "privatekey", "credential", "credentials", "cred", "creds",
	"test", "tests", "testing", "tester", "testuser", "foo", "bar", "baz", "qux", "quux", "spam", "eggs", "ham", "hello", "world",
	"user", "users", "username", "userpass", "userpassword", "admin", "adminpass", "adminpassword", "administrator", "root", "rootpass", "rootpassword", "toor", "guest", "demo", "default", "login", "auth", "anything", "something", "whatever", "nothing",
	"none", "null", "nil", "true", "false", "yes", "no", "empty", "blank", "unset", "unknown", "undefined", "invalid", "valid", "wrong", "bad", "good", "correct", "incorrect", "wrongpassword", "newpassword", "oldpassword", "salted", "bogus", "garbage", "random", "temp", "tmp", "temporary", "changed", "change", "my", "your", "the", "some", "new", "old", "this", "here", "is",
	"string", "str", "text", "value", "values", "val", "data", "name", "hidden", "masked", "censored", "required", "optional", "input", "field", "param", "type", "bearer", "basic", "digest",
	"abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "xyz", "qwerty", "qwertz", "azerty", "qwertyuiop", "asdf", "asdfg", "asdfgh", "asdfghjkl", "asd", "qwe", "zxcv", "zxcvbn", "zxcvbnm", "qaz", "wsx", "qazwsx", "aaa", "bbb",
	"iloveyou", "letmein", "welcome", "monkey", "dragon", "master", "sunshine", "princess", "football", "trustno", "opensesame", "sesame", "swordfish", "blah", "blahblah", "geheim", "kennwort", "motdepasse", "contrasena", "senha", "clave", "parola", "haslo",
	"client", "clientsecret", "clientid", "server", "service", "api", "app", "application", "access", "refresh", "session", "jwt", "oauth", "encryption", "signing", "cookie", "private", "public", "development", "production", "staging", "local", "localhost", "dev", "prod",
	"postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "rabbitmq", "oracle", "system", "manager", "tiger", "scott", "sa", "elastic", "kibana", "grafana", "minio", "minioadmin", "airflow", "cassandra", "jenkins", "wordpress", "drupal", "joomla", "keycloak", "vagrant", "docker", "ubuntu", "pi", "raspberry", "openldap", "ldap", "database", "db", "dbpass", "dbpassword", "dbuser",
	"scram", "sha", "aes", "hmac", "rsa", "gcm", "cbc",
	"alice", "bob", "carol", "dave", "eve", "mallory", "john", "jane", "joe", "doe", "acme",
)
