package structure

import (
	"math/bits"
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var connectionString = scanner.Detector{
	ID:       "connection-string-password",
	Title:    "Password or key in a connection string",
	Kind:     "connection-string",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: []string{"password=", "pwd=", "passwd=", "password =", "pwd =", "accountkey=", "accesskey=", "sharedsecretvalue=", "secretkey=", "secret=", "primarykey=", "instrumentationkey=", "accesskeyid=", "jdbc:oracle:thin:", "sid="},
	Reach:    reach,
	FindAt:   connectionAt,
	Format:   "https://learn.microsoft.com/dotnet/framework/data/adonet/connection-string-syntax",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`"Server=db.acme.io;Database=shop;User Id=shop;Password=%;"`, `Driver={SQL Server};Server=h;UID=sa;PWD=%`, `Data Source=ora;User ID=app;Password=%;Pooling=true`, `jdbc:oracle:thin:app/%@db:1521:orcl`}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{`"Server=db;User Id=shop;Password=${%};"`, `Server=h;UID=sa;PWD=<%>`, `Server=h;UID=sa;Password=*****;`, `x = 1; pwd=%; y = 2`}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9)+"1")
	},
}

// siblings are other parts of a connection string, of which one must be near.
var siblings = [...]string{"server=", "host=", "data source=", "datasource=", "uid=", "user id=", "userid=", "user=", "username=", "user name=", "database=", "initial catalog=", "driver=", "endpoint=", "accountname=", "endpointsprotocol=", "dsn=", "provider=", "sharedaccesskeyname=", "endpointsuffix=", "address=", "addr=", "port=", "dbname=", "ssl=", "abortconnect=", "connect timeout=", "ssl=", "allowadmin=", "hostname=", "login=", "db=", "server =", "data source =", "user id =", "database ="}

func connectionAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	start, end = start-by, end-by
	if hasFold(w, start, "jdbc") {
		return oracleAt(w, by, start, end)
	}
	from := start
	for from > 0 && start-from < maxName && isWord(w[from-1]) {
		from--
	}
	i := skipSpace(w, end)
	stop := i
	if at(w, i) == '{' && at(w, i+1) != '{' { // ODBC: braces protect signs
		for i++; stop < len(w) && w[stop] != '}' && !isBreak(w[stop]); stop++ {
		}
	} else {
		for stop < len(w) && !oneOf(w[stop], ";\"'`\r\n<>\\,") && !(isSpace(w[stop])) {
			stop++
		}
	}
	if stop <= i || !oneOf(at(w, stop), ";,\"'`\r\n}<\\ \x00") {
		return nil
	}
	before := backSpace(w, from)
	if at(w, stop) != ';' && at(w, before-1) != ';' && !(at(w, before-1) == ',' && hasSibling(w, from, stop, true)) && !(isSpace(at(w, from-1)) && hasSibling(w, from, stop, true)) {
		return nil
	}
	if !hasSibling(w, from, stop, false) {
		return nil
	}
	ctx := judge.Context{Name: w[from : end-1]}
	if !hasFold(w, start, "p") {
		ctx.Kind = judge.Token
	}
	secret, weak := judgedBy(w[i:stop], ctx, true)
	if !secret {
		return nil
	}
	return asWeak(one(by, from, stop, i, stop, reach), w[i:stop], weak)
}

// hasSibling looks for another part of a connection string on the same line,
// in 160 bytes before and 100 after; strict asks for two (libpq's form, whose
// parts are divided by spaces).
func hasSibling(w []byte, from, stop int, strict bool) bool {
	line := w[max(lineStart(w, from), from-160):min(lineEnd(w, stop), stop+100)]
	var seen uint64 // a bit for each sibling
	for i, c := range line {
		if c != '=' {
			continue
		}
		for j, s := range siblings {
			if endsFold(line, i+1, s) {
				seen |= 1 << j
			}
		}
	}
	n := bits.OnesCount64(seen)
	return n > 1 || n == 1 && !strict
}

// oracleAt reads jdbc:oracle:thin:user/password@host.
func oracleAt(w []byte, by, start, end int) []scanner.Match {
	slash := end
	for slash < len(w) && (isWord(w[slash]) || w[slash] == '$' || w[slash] == '#') {
		slash++
	}
	if slash == end || at(w, slash) != '/' {
		return nil
	}
	stop := slash + 1
	for stop < len(w) && !oneOf(w[stop], "@ \t\r\n\"'<>") {
		stop++
	}
	secret, weak := judgedBy(w[slash+1:stop], judge.Context{Kind: judge.Userinfo, Name: w[end:slash]}, true)
	if at(w, stop) != '@' || !secret {
		return nil
	}
	return asWeak(one(by, start, stop, slash+1, stop, reach), w[slash+1:stop], weak)
}

var queryToken = scanner.Detector{
	ID:       "query-token",
	Title:    "Token or password in the query of a URL",
	Kind:     "api-key",
	Severity: scanner.Medium,
	Class:    scanner.Structural,
	Keywords: []string{"token=", "key=", "secret=", "password=", "passwd=", "pwd=", "sig=", "pass=", "auth="},
	Reach:    reach,
	FindAt:   queryAt,
	Format:   "https://www.rfc-editor.org/rfc/rfc6750#section-2.3",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"https://api.acme.io/v1?access_token=%", "'/feed?format=x&api_key=%&q=1'", "jdbc:mysql://db/x?user=app&password=%", "GET /hook?token=% HTTP/1.1"}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"https://api.acme.io/v1?access_token=${%}", "?page_token=%", "?csrf_token=%", "monkey=%", "?api_key=<%>"}
		return filled(form[r.IntN(len(form))], madeUpToken(r))
	},
}

// queryAt reads ?name=value and &name=value.
func queryAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	start, end = start-by, end-by
	from := start
	for from > 0 && start-from < maxName && (isWord(w[from-1]) || w[from-1] == '-' || w[from-1] == '.') {
		from--
	}
	if c := at(w, from-1); c != '?' && c != '&' && !endsFold(w, from, "&amp;") && !endsFold(w, from, `\u0026`) {
		return nil
	}
	stop := end
	for stop < len(w) && (isAlnum(w[stop]) || oneOf(w[stop], "-._~!$*+@:%/=")) {
		stop++
	}
	if oneOf(at(w, stop), "${<[(") || stop-end < 4 {
		return nil
	}
	ctx := judge.Context{Kind: judge.Token, UUID: true, Name: w[from : end-1]}
	var severity scanner.Severity
	switch n, named := fieldName(w, start, end-1); {
	case hasFold(w, start, "sig="):
		if line := w[lineStart(w, from):lineEnd(w, stop)]; !containsFold(line, "sv=") && !containsFold(line, "se=") {
			return nil
		}
	case named && n.about(w), hasFold(w, from, "sentry_key="): // a DSN's key is public
		return nil
	case hasFold(w, from, "authkey=") && containsFold(w[max(0, from-2*maxName):from], "qq.com/"): // an invitation to a group, for everybody
		return nil
	case named && n.kind == passwordName:
		ctx.Kind = judge.Password
	case named && n.kind == anyKeyName && n.word > n.start:
		ctx.Kind = judge.AnyKey
	case stop-end < 12, !named && from < start && isAlnum(w[start-1]): // formkey=
		return nil
	case !named: // a bare key=
		if ctx.UUID = false; stop-end < 20 {
			return nil
		}
	}
	if hasFold(w, from, "x-amz-security") {
		severity = scanner.Low
	}
	var buf [reach]byte
	secret, weak := judgedBy(decodePercent(buf[:0], w[end:min(stop, end+len(buf))]), ctx, jdbcBefore(w, from))
	if !secret {
		return nil
	}
	m := asWeak(one(by, from, stop, end, stop, reach), decodePercent(buf[:0], w[end:min(stop, end+len(buf))]), weak)
	if len(m) > 0 && severity > 0 {
		m[0].Severity = severity
	}
	return m
}

// jdbcBefore tells whether the query that w[i] is in is that of a database's URL.
func jdbcBefore(w []byte, i int) bool {
	return containsFold(w[max(lineStart(w, i), i-160):i], "jdbc:")
}
