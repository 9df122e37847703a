package structure

import (
	"bytes"
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var urlUserinfo = scanner.Detector{
	ID:       "url-userinfo",
	Title:    "Credential in the userinfo of a URL",
	Kind:     "connection-string",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"://", "@tcp(", "@unix("},
	Reach:    reach,
	Near:     nearAuthority,
	OwnLine:  always,
	FindAt:   userinfoAt,
	Format:   "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"postgres://app:%@db.internal:5432/app", `"amqps://svc:%@mq.acme.io/vhost"`, "url=redis://:%@cache:6379/0", "https://ci-bot:%@git.acme.io/x.git", "mongodb+srv://root:%@c0.acme.net/?w=1", `sql.Open("mysql", "app:%@tcp(db:3306)/shop")`}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"postgres://app:${%}@db.internal:5432/app", "https://acme.io/a:%@b", "postgres://user:password@%/db", "https://%.acme.io/x@y", "http://u:<%>@h/"}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9))
	},
}

const maxAuthority = 200 // bytes

// userinfoAt reads scheme://user:password@host round the "://" at [start, end).
func userinfoAt(w []byte, start, end int) []scanner.Match {
	if w[start] == '@' {
		return dsnAt(w, start, end)
	}
	i := end
	for i < len(w) && i-end < maxAuthority && !oneOf(w[i], "/?# \t\r\n\"'`<>\\|,^") {
		i++
	}
	at := bytes.LastIndexByte(w[end:i], '@')
	if colon := bytes.IndexByte(w[end:i], ':'); at < 0 && colon >= 0 && !isDigits(w[end+colon+1:i]) {
		// A password may hold a slash or a sign that should have been encoded.
		for i < len(w) && i-end < maxAuthority && !oneOf(w[i], " \t\r\n\"'`<>\\|,^") {
			if w[i] == '@' && at < 0 {
				at = i - end
			}
			if at >= 0 && oneOf(w[i], "/?#") {
				break
			}
			i++
		}
	}
	if at < 1 {
		return nil
	}
	user, password, both := bytes.Cut(w[end:end+at], []byte{':'})
	host := hostOf(w[end+at+1 : i])
	if len(host) == 0 {
		return nil
	}
	from := start
	for from > 0 && start-from < 24 && (isAlnum(w[from-1]) || oneOf(w[from-1], "+-.")) {
		from--
	}
	if from == start || !isAlnum(w[start-1]) {
		return nil
	}
	var secretAt, secretEnd int
	ctx := judge.Context{Kind: judge.Userinfo, Name: user}
	switch {
	case both && len(password) > 0 && string(password) != "x-oauth-basic":
		secretAt, secretEnd = end+len(user)+1, end+at
	default: // the token stands where the user does
		secretAt, secretEnd = end, end+len(user)
		ctx = judge.Context{Kind: judge.Token, UUID: true}
		if len(user) < 16 || bytes.IndexByte(user, '.') >= 0 || containsFold(host, "sentry") { // a DSN's key is public
			return nil
		}
		user = nil
	}
	if isExampleHost(host) {
		ctx.Kind = judge.Prose
	}
	var buf [maxAuthority]byte
	secret, weak := judgedBy(decodePercent(buf[:0], w[secretAt:secretEnd]), ctx, true)
	if !secret {
		return nil
	}
	m := asWeak([]scanner.Match{{Start: from, End: i, SecretStart: secretAt, SecretEnd: secretEnd}}, decodePercent(buf[:0], w[secretAt:secretEnd]), weak)
	if bytes.Equal(user, w[secretAt:secretEnd]) { // postgres://app:app@localhost
		m[0].AtPath = notExample
	}
	m[0].Facts = append(m[0].Facts, scanner.Fact{Name: "host", Value: string(host)})
	if len(user) > 0 && plainWord(user) {
		m[0].Facts = append(m[0].Facts, scanner.Fact{Name: "principal", Value: string(decodePercent(nil, user))})
	}
	return m
}

// dsnAt reads user:password@tcp(host:port)/database, the form of Go's driver for
// MySQL.
func dsnAt(w []byte, start, end int) []scanner.Match {
	from := start
	for from > 0 && start-from < maxAuthority && !oneOf(w[from-1], " \t\r\n\"'`=") {
		from--
	}
	user, password, ok := bytes.Cut(w[from:start], []byte{':'})
	secret, weak := judgedBy(password, judge.Context{Kind: judge.Userinfo, Name: user}, true)
	if !ok || !secret {
		return nil
	}
	m := asWeak(one(0, from, end, from+len(user)+1, start, reach), password, weak)
	if len(m) > 0 && plainWord(user) {
		m[0].Facts = []scanner.Fact{{Name: "principal", Value: string(user)}}
	}
	return m
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// hostOf takes the port and what does not belong to a host off an authority.
func hostOf(b []byte) []byte {
	for i, c := range b {
		if !isAlnum(c) && c != '.' && c != '-' && c != '_' {
			return b[:i]
		}
	}
	return b
}

// isExampleHost knows the hosts that stand for any (RFC 2606, RFC 6761) and the
// ones that manuals use in their place.
func isExampleHost(host []byte) bool {
	for _, s := range [...]string{"example", "host", "hostname", "server", "domain", "foo", "bar", "test", "address", "ip", "endpoint", "your", "my", "some", "a", "b", "h", "x"} {
		if hasFold(host, 0, s) && (len(host) == len(s) || !isAlnum(host[len(s)])) {
			return true
		}
	}
	return containsFold(host, "example.")
}

// decodePercent appends b, percent-decoded (RFC 3986 2.1).
func decodePercent(to, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) && unhex(b[i+1]) < 16 && unhex(b[i+2]) < 16 {
			to = append(to, unhex(b[i+1])<<4|unhex(b[i+2]))
			i += 2
			continue
		}
		to = append(to, b[i])
	}
	return to
}

func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case 'a' <= lower(c) && lower(c) <= 'f':
		return lower(c) - 'a' + 10
	}
	return 16
}

// plainWord tells whether b can be told as a principal: a name of usual signs.
func plainWord(b []byte) bool {
	for _, c := range b {
		if !isAlnum(c) && !oneOf(c, "._-@+%$\\") {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 64 && judge.Judge(b, judge.Context{Kind: judge.Token}) != judge.Secret
}
