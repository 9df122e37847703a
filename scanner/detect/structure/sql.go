package structure

import (
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var sqlPassword = scanner.Detector{
	ID:       "sql-password",
	Title:    "Password of a database user in SQL",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"identified", "password", "sp_addlogin"},
	Reach:    reach,
	Near:     nearStatement,
	FindAt:   sqlAt,
	Format:   "https://dev.mysql.com/doc/refman/8.4/en/create-user.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Database_Security_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"CREATE USER 'app'@'%%' IDENTIFIED BY '%';", "ALTER ROLE app WITH PASSWORD '%';", "grant all on *.* to app identified by \"%\"", "CREATE LOGIN app WITH PASSWORD = N'%'", "SET PASSWORD FOR app = PASSWORD('%');", "CREATE USER app IDENTIFIED WITH mysql_native_password BY '%';"}
		f := form[r.IntN(len(form))]
		return filled(strings.ReplaceAll(f, "%%", "h"), madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"CREATE USER app IDENTIFIED BY '${%}';", "ALTER ROLE app WITH PASSWORD 'md5%';", "identified by %", "the password '%' is"}
		return filled(form[r.IntN(len(form))], pick(r, "0123456789abcdef", 32))
	},
}

var sqlVerbs = [...]string{"create user", "create role", "create login", "alter user", "alter role", "alter login", "grant ", "set password", "create database link", "create master key"}

// sqlAt reads IDENTIFIED [WITH plugin] BY 'x' and, in the statements that make
// users, PASSWORD 'x', PASSWORD = 'x' and PASSWORD('x').
func sqlAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	start, end = start-by, end-by
	i := skipSpace(w, end)
	if hasFold(w, start, "sp_") {
		return addLogin(w, by, start, i)
	}
	if hasFold(w, start, "identified") {
		if hasFold(w, i, "with") {
			i = skipSpace(w, i+4)
			for isWord(at(w, i)) || at(w, i) == '\'' {
				i++
			}
			i = skipSpace(w, i)
		}
		if !hasFold(w, i, "by") && !hasFold(w, i, "as") {
			return nil
		}
		i = skipSpace(w, i+2)
		if hasFold(w, i, "values") {
			i = skipSpace(w, i+6)
		}
	} else {
		if isWord(at(w, start-1)) || at(w, start-1) == '.' || hasFold(w, i, "_encryption") {
			return nil
		}
		for n := 0; n < 40 && !oneOf(at(w, i), "'\"\\") && i < len(w) && (isWord(w[i]) || oneOf(w[i], " =('@%.N")); n++ {
			i++
		}
	}
	if c := at(w, i); c == 'N' || c == '(' {
		i++
	}
	l, ok := literalAt(w, i)
	if !ok && hasFold(w, start, "identified") { // Oracle: IDENTIFIED BY tiger
		if l, ok = bareWord(w, i); !ok || !sqlBefore(w, start) {
			return nil
		}
	}
	if !ok || !l.whole(w) || !hasFold(w, start, "identified") && !sqlBefore(w, start) {
		return nil
	}
	secret, weak := judgedBy(w[l.start:l.end], judge.Context{}, true)
	if !secret || weak && !sqlBefore(w, start) {
		return nil
	}
	return asWeak(one(by, start, l.after, l.start, l.end, reach), w[l.start:l.end], weak)
}

// bareWord reads the word at w[i] as Oracle's SQL takes passwords.
func bareWord(w []byte, i int) (l literal, ok bool) {
	stop := i
	for stop < len(w) && (isWord(w[stop]) || w[stop] == '$' || w[stop] == '#') {
		stop++
	}
	return literal{start: i, end: stop, after: stop}, stop > i && !isDigit(w[i]) && (stop == len(w) || isSpace(w[stop]) || isBreak(w[stop]) || oneOf(w[stop], ";\"'"))
}

// addLogin reads sp_addlogin 'user', 'password'.
func addLogin(w []byte, by, start, i int) []scanner.Match {
	for isLetter(at(w, i)) || oneOf(at(w, i), "@ =_") {
		i++
	}
	user, ok := literalAt(w, i)
	if !ok {
		return nil
	}
	if i = skipSpace(w, user.after); at(w, i) != ',' {
		return nil
	}
	for i++; isLetter(at(w, i)) && at(w, i+1) != '\'' || oneOf(at(w, i), "@ =_"); i++ {
	}
	l, ok := literalAt(w, i)
	if !ok {
		return nil
	}
	secret, weak := judgedBy(w[l.start:l.end], judge.Context{Kind: judge.Userinfo, Name: w[user.start:user.end]}, true)
	if !secret {
		return nil
	}
	return asWeak(one(by, start, l.after, l.start, l.end, reach), w[l.start:l.end], weak)
}

// sqlBefore looks for a statement about users in the 120 bytes before.
func sqlBefore(w []byte, start int) bool {
	before := w[max(0, start-120):start]
	for _, v := range sqlVerbs {
		if containsFold(before, v) {
			return true
		}
	}
	return false
}
