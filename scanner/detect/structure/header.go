package structure

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

const headerFormat = "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2"

var basicAuthorization = scanner.Detector{
	ID:       "http-basic-authorization",
	Title:    "User and password in an HTTP Basic Authorization header",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"basic"},
	Reach:    reach,
	FindAt:   basicAt,
	Format:   "https://www.rfc-editor.org/rfc/rfc7617",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`curl -H "Authorization: Basic %" https://acme.io`, `"Authorization": "Basic %"`, "Proxy-Authorization: basic %", `headers["authorization"] = 'Basic ' + '%'`}
		return filled(form[r.IntN(len(form))], basicPair(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"Authorization: Basic ${%}", "basic %", "Basic authentication"}
		return filled(form[r.IntN(len(form))], base64.StdEncoding.EncodeToString([]byte(pick(r, lowers, 12))))
	},
}

// basicAt reads the credentials after "Basic", which the base64 of a user, a
// colon and a password is, wherever it stands.
func basicAt(w []byte, start, end int) []scanner.Match {
	i := skipJoint(w, end)
	if i == end {
		return nil
	}
	stop := i
	for stop < len(w) && (isAlnum(w[stop]) || oneOf(w[stop], "+/-_=")) {
		stop++
	}
	if n := stop - i; n < 8 || n > 200 || isWord(at(w, start-1)) {
		return nil
	}
	user, password, ok := decodeBasic(w[i:stop])
	secret, weak := judgedBy(password, judge.Context{Kind: judge.Userinfo, Name: user}, true)
	if !ok || !secret {
		return nil
	}
	m := asWeak(one(0, start, stop, i, stop, reach), password, weak)
	if len(m) > 0 && plainWord(user) {
		m[0].Facts = []scanner.Fact{{Name: "principal", Value: string(user)}}
	}
	return m
}

// skipJoint steps from a scheme to its credentials: spaces, and in code the
// end of one string and the beginning of the next.
func skipJoint(w []byte, i int) int {
	j := skipSpace(w, i)
	if j == i && at(w, i) != '"' && at(w, i) != '\'' {
		return i
	}
	if c := at(w, j); c == '"' || c == '\'' {
		k := skipSpace(w, j+1)
		if d := at(w, k); d == '+' || d == '.' || d == ',' || d == '&' {
			k = skipSpace(w, k+1)
			if at(w, k) == '"' || at(w, k) == '\'' {
				return k + 1
			}
		}
	}
	return j
}

func decodeBasic(b []byte) (user, password []byte, ok bool) {
	b = bytes.TrimRight(b, "=")
	for _, e := range [...]*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		plain := make([]byte, e.DecodedLen(len(b)))
		n, err := e.Decode(plain, b)
		if err != nil {
			continue
		}
		for _, c := range plain[:n] {
			if c < ' ' || c > '~' {
				return nil, nil, false
			}
		}
		return bytes.Cut(plain[:n], []byte{':'})
	}
	return nil, nil, false
}

var bearerToken = scanner.Detector{
	ID:       "http-bearer-token",
	Title:    "Bearer token in an HTTP Authorization header",
	Kind:     "oauth-grant",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"bearer"},
	Reach:    reach,
	FindAt:   bearerAt,
	Format:   "https://www.rfc-editor.org/rfc/rfc6750#section-2.1",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`curl -H "Authorization: Bearer %"`, `'Authorization' => 'Bearer %'`, `Authorization: bearer %`, `setHeader("authorization", "Bearer %")`}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"Authorization: Bearer ${%}", "bearer token %", "Bearer <%>", "Bearer authentication is %"}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 24))
	},
}

func bearerAt(w []byte, start, end int) []scanner.Match {
	i := skipJoint(w, end)
	if i == end || isWord(at(w, start-1)) {
		return nil
	}
	return tokenAt(w, start, i)
}

// tokenAt reads the token68 at w[i] (RFC 9110 11.2) of a header that began at start.
func tokenAt(w []byte, start, i int) []scanner.Match {
	stop := i
	for stop < len(w) && (isAlnum(w[stop]) || oneOf(w[stop], "-._~+/=:|")) {
		stop++
	}
	for stop > i && oneOf(w[stop-1], ".:|") {
		stop--
	}
	if stop-i < 16 || oneOf(at(w, stop), "$({<[%*") || at(w, stop) == '.' && at(w, stop+1) == '.' {
		return nil
	}
	if judge.Judge(w[i:stop], judge.Context{Kind: judge.Token, UUID: true}) != judge.Secret {
		return nil
	}
	return one(0, start, stop, i, stop, reach)
}

var authorizationHeader = scanner.Detector{
	ID:       "http-authorization",
	Title:    "Token in an HTTP header",
	Kind:     "api-key",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"authorization", "-key:", "-token:", "-secret:", "apikey:", "-auth:", "cookie:"},
	Reach:    reach,
	FindAt:   authorizationAt,
	Format:   headerFormat,
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`Authorization: Token %`, `curl -H "X-Api-Key: %"`, `'authorization: ApiKey %'`, `-H 'PRIVATE-TOKEN: %'`, `"Authorization": "%"`}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"Authorization: Token ${%}", "Authorization: Digest %", `-H "X-Csrf-Token: %"`, "Idempotency-Key: %", `"Authorization": "$%"`}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
}

var aboutHeaders = [...]string{"csrf", "xsrf", "idempotency", "dedup", "surrogate", "cache", "publishable", "sec-websocket", "public", "continuation", "partition", "sort", "routing", "page", "sync", "next"}

// authorizationAt reads name: value of the headers that carry credentials by
// other schemes than Basic and Bearer.
func authorizationAt(w []byte, start, end int) []scanner.Match {
	i := end
	if hasFold(w, start, "cookie:") {
		return cookieAt(w, start, end)
	}
	if w[end-1] == ':' {
		from := start
		for from > 0 && start-from < maxName && (isAlnum(w[from-1]) || w[from-1] == '-') {
			from--
		}
		for _, s := range aboutHeaders {
			if containsFold(w[from:end], s) {
				return nil
			}
		}
		start = from
	} else {
		if c := at(w, i); c == '"' || c == '\'' {
			i++
		}
		if at(w, i) == ']' {
			i++
		}
		i = skipSpace(w, i)
		if !oneOf(at(w, i), ":=,") {
			return nil
		}
		for oneOf(at(w, i), ":=>,") {
			i++
		}
	}
	i = skipSpace(w, i)
	if l, ok := literalAt(w, i); ok {
		i = l.start
	}
	if j := scheme(w, i); j > 0 {
		i = j
	}
	return tokenAt(w, start, i)
}

// scheme steps over the name of an authentication scheme; those that carry a
// proof or have a detector of their own lead to nothing.
func scheme(w []byte, i int) int {
	j := i
	for j < len(w) && (isLetter(w[j]) || w[j] == '-') {
		j++
	}
	if j == i || at(w, j) != ' ' || j-i > 20 {
		return 0
	}
	for _, s := range [...]string{"basic", "bearer", "digest", "negotiate", "ntlm", "aws", "signature", "hmac", "hawk", "oauth", "sharedkey", "scram", "mutual", "dpop", "mac"} {
		if hasFold(w, i, s) {
			return len(w)
		}
	}
	j = skipSpace(w, j)
	for _, s := range [...]string{"token=", "key=", "apikey=", "api_key=", "token:", "access_token="} {
		if hasFold(w, j, s) {
			j += len(s)
			if c := at(w, j); c == '"' || c == '\'' {
				j++
			}
			break
		}
	}
	return j
}

// basicPair makes the base64 of a user and a password.
func basicPair(r *rand.Rand) string {
	return base64.StdEncoding.EncodeToString([]byte("svc-deploy:" + madeUp(r)))
}

// cookieAt reads the first cookie whose name is that of a session.
func cookieAt(w []byte, start, end int) []scanner.Match {
	line := w[:lineEnd(w, end)]
	for i := skipSpace(line, end); i < len(line); {
		name := i
		for i < len(line) && (isNameByte(line[i])) {
			i++
		}
		if at(line, i) != '=' {
			return nil
		}
		if n := line[name:i]; containsFold(n, "sess") || containsFold(n, "token") && !containsFold(n, "csrf") && !containsFold(n, "xsrf") || containsFold(n, "auth") {
			if m := tokenAt(line, start, i+1); m != nil {
				return m
			}
		}
		for i < len(line) && line[i] != ';' {
			if oneOf(line[i], "\"'") {
				return nil
			}
			i++
		}
		i = skipSpace(line, i+1)
	}
	return nil
}
