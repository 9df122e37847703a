package structure

import (
	"bytes"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

// encodedLogin reads the login that a program encodes for Basic authentication:
// btoa("user:password"), Buffer.from('user:password').toString('base64').
func encodedLogin(w []byte, by, start, end int) []scanner.Match {
	l, ok := literalAt(w, skipSpace(w, end))
	if !ok || hasFold(w, start, "buffer") && !containsFold(w[l.after:min(len(w), l.after+32)], "base64") {
		return nil
	}
	user, password, ok := bytes.Cut(w[l.start:l.end], []byte{':'})
	if !ok || !plainWord(user) {
		return nil
	}
	return loginOf(w, by, start, l.after, user, l.end-len(password), l.end)
}

// oracleLogin reads connect("user/password@service").
func oracleLogin(w []byte, by, start, end int) []scanner.Match {
	l, ok := literalAt(w, skipSpace(w, end))
	if !ok {
		return nil
	}
	user, rest, ok := bytes.Cut(w[l.start:l.end], []byte{'/'})
	at := bytes.LastIndexByte(rest, '@')
	if !ok || at < 1 || !plainWord(user) {
		return nil
	}
	from := l.start + len(user) + 1
	return loginOf(w, by, start, l.after, user, from, from+at)
}

// loginOf judges the password at w[from:to] of a user whom the syntax tells.
func loginOf(w []byte, by, start, stop int, user []byte, from, to int) []scanner.Match {
	secret, weak := judgedBy(w[from:to], judge.Context{Kind: judge.Userinfo, Name: user}, true)
	if !secret {
		return nil
	}
	m := asWeak(one(by, start, stop, from, to, reach), w[from:to], weak)
	if len(m) > 0 {
		m[0].Facts = []scanner.Fact{{Name: "principal", Value: string(user)}}
	}
	return m
}
