package judge

import "bytes"

// isPlain tells whether v has the look of something that is no secret: text,
// code, a path, an address, a date, a number, a name made of words.
func isPlain(v []byte, ctx Context) bool {
	spaces, odd := 0, 0
	for _, c := range v {
		switch {
		case c >= 0x80 || c < ' ' && c != '\t':
			return true // translations, binary
		case c == ' ' || c == '\t':
			spaces++
		case !isLetter(c) && !isDigit(c):
			odd++
		}
	}
	if spaces > 0 && (len(v) < 32 || odd*5 < len(v)) { // WordPress' salts hold spaces
		return true
	}
	return isEscaped(v) || isPercents(v) || isRoute(v) || isRegion(v) || isField(v) || isSetting(v) || isCacheKey(v) || isHeaderName(v) || isChain(v) || isRule(v) || isMember(v) || isMarkup(v) || isAddress(v) || isPath(v) || isExpression(v) || isNumber(v) || isWords(v) || ctx.Bare && isCode(v)
}

// isSetting knows the name of a setting of some program's for a secret, of four
// words or more: grafana_bot_database_password.
func isSetting(v []byte) bool {
	return bytes.Count(v, []byte{'_'}) > 2 && isVariableName(v) && stopWords.has(v[bytes.LastIndexByte(v, '_')+1:])
}

// isRegion knows where clouds stand: us-east-1, us-gov-west-1, europe-west4-a.
func isRegion(v []byte) bool {
	if len(v) > 24 {
		return false
	}
	_, rest, more := bytes.Cut(v, []byte("-"))
	for more {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte("-"))
		for _, side := range [...]string{"east", "west", "north", "south", "central", "northeast", "southeast", "northwest", "southwest"} {
			if n := len(side); len(part) >= n && string(part[:n]) == side && isNumberAt(part[n:], rest, more) {
				return true
			}
		}
	}
	return false
}

// isNumberAt tells whether a region ends behind its side: west4, west-1, west4-a.
func isNumberAt(side, rest []byte, more bool) bool {
	if len(side) == 0 {
		return more && len(rest) == 1 && isDigit(rest[0])
	}
	return len(side) == 1 && isDigit(side[0]) && (!more || len(rest) == 1)
}

// isHeaderName knows the names of HTTP's own headers: X-Amz-Bypass-Governance.
func isHeaderName(v []byte) bool {
	if lower(v[0]) != 'x' || v[1] != '-' || bytes.Count(v, []byte{'-'}) < 2 {
		return false
	}
	for i, c := range v {
		if !isLetter(c) && c != '-' && (!isDigit(c) || isDigit(v[i-1]) && isDigit(v[i-2])) {
			return false
		}
	}
	return true
}

// isChain knows a chain of members that code goes on behind: in a program without
// spaces, r.url.password:r.url.password=r.password}let{.
func isChain(v []byte) bool {
	dots, i := 0, 0
	for i < len(v) && (isLetter(v[i]) || isDigit(v[i]) || v[i] == '_' || v[i] == '$' || v[i] == '.') {
		if v[i] == '.' {
			dots++
		}
		i++
	}
	if dots == 1 && i+1 < len(v) && v[i] == '}' && isLetter(v[i+1]) { // r.password}let
		return isDotted(v[:i])
	}
	return dots > 1 && i < len(v) && bytes.IndexByte([]byte(":=?)&|},;"), v[i]) >= 0 && isDotted(v[:i]) && measure(v[:i]).random*2 <= i
}

// isCacheKey knows words and a digest behind them: Linux-node-9f2c… of 40 or 64
// digits, as caches and image tags are named.
func isCacheKey(v []byte) bool {
	i := bytes.LastIndexByte(v, '-')
	if n := len(v) - i - 1; i < 0 || n != 40 && n != 64 || !allHex(v[i+1:]) {
		return false
	}
	m := measure(v[:i])
	return m.letters > 0 && m.random*3 <= m.letters
}

// isRule knows rules of validation: required|min:8|confirmed.
func isRule(v []byte) bool {
	return bytes.Contains(v, []byte("required|")) || bytes.Contains(v, []byte("|required")) || bytes.Contains(v, []byte("string|")) || bytes.Contains(v, []byte("|min:")) || bytes.Contains(v, []byte("|max:"))
}

// isMember knows the path of a class or field, of three parts or more, most of
// them words: django.contrib.auth.PBKDF2Hasher.
func isMember(v []byte) bool {
	if bytes.Count(v, []byte{'.'}) < 2 || !isDotted(v) {
		return false
	}
	m := measure(v)
	return m.random*3 < m.letters
}

func isMarkup(v []byte) bool {
	return bytes.Contains(v, []byte("</")) || bytes.Contains(v, []byte("/>")) || v[0] == '<' && isLetter(v[1]) ||
		v[0] == '#' && (len(v) == 4 || len(v) == 7) && allHex(v[1:]) || v[0] == '&' && v[len(v)-1] == ';'
}

// isAddress knows URLs, e-mail addresses, host:port and IP addresses.
func isAddress(v []byte) bool {
	if bytes.Contains(v, []byte("://")) || bytes.Contains(v, []byte(".com/")) || bytes.Contains(v, []byte(".org/")) || bytes.HasPrefix(v, []byte("//")) || bytes.HasPrefix(v, []byte("mailto:")) {
		return true
	}
	if at := bytes.IndexByte(v, '@'); at > 0 && bytes.Count(v, []byte{'@'}) == 1 {
		return isHost(v[at+1:]) && isMailbox(v[:at])
	}
	if bytes.Count(v, []byte{':'}) >= 4 && isIPv6(v) {
		return true
	}
	if i := bytes.LastIndexByte(v, ':'); i > 0 && isNumber(v[i+1:]) {
		v = v[:i]
	}
	return isHost(v)
}

// isIPv6 knows addresses and MACs: groups of at most four hexadecimal digits.
func isIPv6(v []byte) bool {
	run := 0
	for _, c := range v {
		if c == ':' {
			run = 0
		} else if run++; run > 4 || !isHex(c) {
			return false
		}
	}
	return true
}

func isMailbox(v []byte) bool {
	for _, c := range v {
		if !isLetter(c) && !isDigit(c) && bytes.IndexByte([]byte("._-+"), c) < 0 {
			return false
		}
	}
	return true
}

// isHost tells whether v is a dotted host whose last label is all letters, two
// to six of them in one case, or an IPv4 address.
func isHost(v []byte) bool {
	dot := bytes.LastIndexByte(v, '.')
	if dot < 1 || len(v)-dot > 8 || len(v)-dot < 2 {
		return false
	}
	digits, letters := 0, 0
	for i, c := range v {
		switch {
		case isDigit(c):
			digits++
		case isLetter(c):
			letters++
		case c != '.' && c != '-' && c != '_':
			return false
		case c == '.' && i > 0 && v[i-1] == '.':
			return false
		}
	}
	if letters == 0 {
		return digits > 0
	}
	tld := v[dot+1:]
	for _, c := range tld {
		if isLower(c) != isLower(tld[0]) || !isLetter(c) {
			return false
		}
	}
	return len(tld) >= 2 && len(tld) <= 6
}

var extensions = words("go", "js", "ts", "py", "rb", "java", "php", "cs", "c", "h", "cc", "cpp", "rs", "kt", "swift", "sh", "json", "yml", "yaml", "toml", "xml", "ini", "conf", "cfg", "config", "env", "properties",
	"pem", "key", "crt", "cer", "p12", "pfx", "jks", "keystore", "der", "txt", "md", "html", "htm", "css", "scss", "png", "jpg", "svg", "gif", "vue", "jsx", "tsx", "sql", "log", "lock", "tpl", "tmpl", "erb", "zip", "gz", "tar", "exe", "dll", "dat", "db", "p8", "asc", "gpg", "pub", "kdbx", "token")

// isPath knows file names and paths. Base64 has slashes too: a path has an
// opening of one, or segments that are words.
func isPath(v []byte) bool {
	if dot := bytes.LastIndexByte(v, '.'); dot > 0 && dot+1 < len(v) && len(v)-dot <= 11 {
		var low [12]byte
		for i, c := range v[dot+1:] {
			low[i] = lower(c)
		}
		if extensions.has(low[:len(v)-dot-1]) {
			return true
		}
	}
	if bytes.HasPrefix(v, []byte("./")) || bytes.HasPrefix(v, []byte("../")) || bytes.HasPrefix(v, []byte("~/")) || bytes.HasPrefix(v, []byte("@/")) ||
		len(v) > 3 && isLetter(v[0]) && v[1] == ':' && (v[2] == '\\' || v[2] == '/') || bytes.HasPrefix(v, []byte(`\\`)) {
		return true
	}
	if bytes.IndexByte(v, '/') < 0 && bytes.Count(v, []byte{'\\'}) < 2 {
		return false
	}
	for _, root := range [...]string{"/usr/", "/etc/", "/var/", "/home/", "/opt/", "/bin/", "/sbin/", "/tmp/", "/lib/", "/dev/", "/run/", "/root/", "/mnt/", "/srv/", "/proc/", "/Users/"} {
		if bytes.HasPrefix(v, []byte(root)) {
			return true
		}
	}
	m := measure(v)
	return m.random*3 < m.letters+m.digits || v[0] == '/' && m.random*2 < m.letters+m.digits
}

// isExpression knows code, regular expressions, formats and templates.
func isExpression(v []byte) bool {
	if v = bytes.TrimRight(v, "="); len(v) == 0 { // padding of base64
		return true
	}
	for _, s := range [...]string{"==", "!=", "&&", "||", "=>", "<=", ">=", ":=", "();", "[]", "{}", "()", "(?", ".*", "\\d", "\\w", "\\s", "\\b", "\\n", "[a-z", "[A-Z", ":]", "]+", "]*", "[0-9", "[^", "yyyy", "%Y", "MM-", "?.", ").", " | "} {
		if containsString(v, s) {
			return true
		}
	}
	return v[0] == '^' && v[len(v)-1] == '$' || v[0] == '.' && isName(v[1:]) || v[len(v)-1] == ':' && isName(v[:len(v)-1]) || v[len(v)-1] == '('
}

// isNumber knows numbers, versions, dates, times and ranges: 1.2.3, v2.0-rc1,
// 2024-01-31T10:00:00Z, 0x1F, 12345, 0x21..0x27.
func isNumber(v []byte) bool {
	if len(v) == 0 {
		return false
	}
	if from, to, ok := bytes.Cut(v, []byte("..")); ok {
		return !bytes.Contains(to, []byte("..")) && isNumber(from) && isNumber(to)
	}
	if len(v) > 2 && v[0] == '0' && (v[1] == 'x' || v[1] == 'X') && len(v) <= 10 {
		return allHex(v[2:])
	}
	if isOID(v) {
		return true
	}
	digits, others, letters := 0, 0, 0
	for _, c := range v {
		switch {
		case isDigit(c):
			digits++
		case bytes.IndexByte([]byte(".-:/+,_ "), c) >= 0:
			others++
		case isLetter(c):
			letters++
		default:
			return false
		}
	}
	if letters == 0 {
		return others > 0 || len(v) < 6
	}
	return isVersion(v) || isBuild(v) || digits >= 8 && letters <= 2 && others >= 2 // a time of day with T and Z
}

// isOID knows object identifiers and other long runs of dotted numbers.
func isOID(v []byte) bool {
	dots, numbers := 0, 0
	for _, c := range v {
		if c == '.' {
			dots++
		} else if isDigit(c) {
			numbers++
		}
	}
	return dots > 3 && (dots+numbers)*5 >= len(v)*4
}

// isBuild knows versions of Jenkins' plugins, a count and a revision:
// 1415.v831096eb_5534.
func isBuild(v []byte) bool {
	i := bytes.Index(v, []byte(".v"))
	if i < 1 || len(v)-i < 8 {
		return false
	}
	for _, c := range v[:i] {
		if !isDigit(c) && c != '.' {
			return false
		}
	}
	return allHex(bytes.ReplaceAll(v[i+2:], []byte("_"), nil))
}

// isVersion: v?1.2.3, with a suffix.
func isVersion(v []byte) bool {
	if v[0] == 'v' || v[0] == 'V' || v[0] == '^' || v[0] == '~' || v[0] == '=' {
		v = v[1:]
	}
	parts := 0
	for len(v) > 0 && isDigit(v[0]) {
		for len(v) > 0 && isDigit(v[0]) {
			v = v[1:]
		}
		parts++
		if len(v) == 0 || v[0] != '.' {
			break
		}
		v = v[1:]
	}
	return parts >= 3 && (len(v) == 0 || (v[0] == '-' || v[0] == '+') && len(v) < 24) || parts == 2 && (len(v) == 0 || v[0] == '-' && len(v) < 12)
}

// isWords tells whether v is nothing but words of the dictionary, joined as
// programs join them: passwordField, user_password, new-password, DB.PASSWORD.
// An identifier in capitals with an underscore is one whatever its words.
func isWords(v []byte) bool {
	if isConstant(v) {
		return true
	}
	for _, c := range v {
		if !isLetter(c) && bytes.IndexByte([]byte("_-./:@,;!? '\"*+"), c) < 0 {
			return false
		}
	}
	m := measure(v)
	return m.letters > 0 && m.random == 0 && m.said == 0 && m.signs < 3
}

// isConstant knows names in capitals: DB_PASSWORD, KRB5_PASSWORD, AWS_SIGV4.
// Digits are let pass where a part is a word for secrets, or where they are few
// and end their part.
func isConstant(v []byte) bool {
	under, digits, inside := false, 0, false
	for i, c := range v {
		switch {
		case c == '_':
			under = true
		case isDigit(c):
			digits++
			inside = inside || i+1 < len(v) && isUpper(v[i+1])
		case !isUpper(c):
			return false
		}
	}
	return under && (digits == 0 || !inside && digits <= 4 && digits*3 <= len(v) || saysSecret(v))
}

// saysSecret tells whether a part of the name v, between underscores, is a word
// for secrets or users.
func saysSecret(v []byte) bool {
	var buf [16]byte
	for len(v) > 0 {
		part, rest, _ := bytes.Cut(v, []byte{'_'})
		v = rest
		if len(part) > len(buf) || len(part) < 3 {
			continue
		}
		for i, c := range part {
			buf[i] = lower(c)
		}
		if stopWords.has(buf[:len(part)]) {
			return true
		}
	}
	return false
}

// isCode tells whether v, which stood without quotes, could be a name or an
// expression of a program: words with digits at
// the end only, or brackets and dots.
func isCode(v []byte) bool {
	if bytes.IndexByte([]byte(";,)]}{("), v[len(v)-1]) >= 0 || bytes.IndexAny(v, "()[]{}<>\"'`") >= 0 {
		return true
	}
	if !isDotted(v) {
		return false
	}
	end := len(v)
	for end > 0 && isDigit(v[end-1]) {
		end--
	}
	return bytes.IndexAny(v[:end], "0123456789") < 0 && measure(v[:end]).random < 6
}
