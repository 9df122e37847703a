package structure

import (
	"bytes"
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
)

var xmlPassword = scanner.Detector{
	ID:       "xml-password",
	Title:    "Password or secret in an XML element",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: append(append([]string(nil), passwordKeywords...), secretKeywords...),
	Reach:    reach,
	Near:     nearElement,
	OwnLine:  always,
	FindAt:   elementAt,
	AtPath:   isMarkupConfig,
	Format:   "https://cwe.mitre.org/data/definitions/260.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"<password>%</password>", `<entry key="db.password">%</entry>`, "<key>Password</key>\n  <string>%</string>", "<name>javax.jdo.option.ConnectionPassword</name>\n<value>%</value>", `<string name="admin_password">%</string>`}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"<password>${%}</password>", "<passwordHint>%</passwordHint>", "<password>{%=}</password>", "<label for='password'>%</label>", "<compass>%</compass>"}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9)+"3")
	},
}

// isMarkupConfig leaves out pages: there, elements hold what people read.
func isMarkupConfig(path string) bool {
	_, ext := nameOf(path)
	switch ext {
	case "html", "htm", "xhtml", "vue", "jsx", "tsx", "svelte", "erb", "hbs", "ejs", "php", "js", "ts", "cshtml", "aspx", "jsp":
		return false
	}
	return countsAsSource(path)
}

// elementAt reads <password>x</password>, <entry key="password">x</entry> and
// the pairs of property lists and Hadoop.
func elementAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	n, ok := fieldName(w, start-by, end-by)
	if !ok {
		return nil
	}
	i := n.end
	before := at(w, n.start-1)
	switch {
	case before == '<' || before == ':' && xmlPrefix(w, n.start-1):
		for i < len(w) && w[i] != '>' && w[i] != '<' && !isBreak(w[i]) {
			i++
		}
	case before == '"' && at(w, i) == '"' && namesIt(w, n.start-1):
		for i < len(w) && w[i] != '>' && w[i] != '<' && !isBreak(w[i]) {
			i++
		}
	case before == '>' && hasFold(w, i, "</") && (endsFold(w, n.start, "<key>") || endsFold(w, n.start, "<name>")):
		i = bytes.IndexByte(w[i:], '>') + i
		i = skipBlank(w, i+1)
		if at(w, i) != '<' || !hasFold(w, i, "<string>") && !hasFold(w, i, "<value>") {
			return nil
		}
		for i < len(w) && w[i] != '>' {
			i++
		}
	default:
		return nil
	}
	if at(w, i) != '>' || at(w, i-1) == '/' || at(w, i-1) == '?' || n.about(w) {
		return nil
	}
	i = skipBlank(w, i+1)
	if hasFold(w, i, "<![cdata[") {
		i += 9
	}
	if hasFold(w, i, "<value>") {
		i += 7
	}
	stop := i
	for stop < len(w) && !oneOf(w[stop], "<\r\n") {
		stop++
	}
	stop -= len(w[i:stop]) - len(bytes.TrimRight(w[i:stop], " \t]>"))
	if k := skipBlank(w, stop); stop <= i || at(w, k) != ']' && (at(w, k) != '<' || !oneOf(at(w, k+1), "/!")) {
		return nil
	}
	secret, weak := judgedBy(w[i:stop], n.context(w), false)
	if !secret {
		return nil
	}
	return asWeak(one(by, n.start, stop, i, stop, reach), w[i:stop], weak)
}

// xmlPrefix tells whether a namespace prefix ends at w[i].
func xmlPrefix(w []byte, i int) bool {
	for i > 0 && isWord(w[i-1]) {
		i--
	}
	return at(w, i-1) == '<'
}

// namesIt tells whether the quote at w[i] opens the value of an attribute or
// field that names something: key="password", name: "password".
func namesIt(w []byte, i int) bool {
	i = backSpace(w, i)
	if c := at(w, i-1); c != '=' && c != ':' {
		return false
	}
	i = backSpace(w, i-1)
	if c := at(w, i-1); c == '"' || c == '\'' {
		i--
	}
	for _, s := range [...]string{"name", "key", "id", "field", "property", "option", "variable"} {
		if endsFold(w, i, s) {
			return true
		}
	}
	return false
}

var namedValue = scanner.Detector{
	ID:       "named-value-password",
	Title:    "Password or secret as the value of a named entry",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: append(append([]string(nil), passwordKeywords...), secretKeywords...),
	Reach:    reach,
	Near:     nearNamed,
	OwnLine:  always,
	FindAt:   namedValueAt,
	AtPath:   isMarkupConfig,
	Format:   "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"- name: DB_PASSWORD\n  value: %\n", `{"name": "password", "value": "%"}`, `<add key="Password" value="%"/>`, `<property name="hibernate.connection.password" value="%" />`, "{\n  \"Key\": \"ADMIN_PASS\",\n  \"Value\": \"%\"\n}"}
		return filled(form[r.IntN(len(form))], madeUp(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"- name: DB_PASSWORD\n  value: ${%}\n", "- name: DB_PASSWORD\n  valueFrom: %\n", `{"name": "password_policy", "value": "%"}`, `{"name": "compass", "value": "%"}`}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9)+"3")
	},
}

// namedValueAt reads a name in one field and its value in the next one: name: X,
// value: Y in whatever dialect, on one line or two.
func namedValueAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	n, ok := fieldName(w, start-by, end-by)
	if !ok {
		return nil
	}
	q, i := n.start, n.end
	if c := at(w, q-1); c == '"' || c == '\'' {
		if at(w, i) != c {
			return nil
		}
		q, i = q-1, i+1
	}
	if !namesIt(w, q) {
		return nil
	}
	i = skipBlank(w, i)
	for oneOf(at(w, i), ",;-") {
		i = skipBlank(w, i+1)
	}
	if c := at(w, i); c == '"' || c == '\'' {
		i++
	}
	if i, ok = skipPairs(w, i); !ok {
		return nil
	}
	word := i
	for i < len(w) && isWord(w[i]) {
		i++
	}
	if !hasFold(w, word, "value") && !hasFold(w, word, "default") && !hasFold(w, word, "content") && !endsFold(w, i, "value") || hasFold(w, word, "valuefrom") || i-word > 16 {
		return nil
	}
	if c := at(w, i); c == '"' || c == '\'' {
		i++
	}
	i = skipSpace(w, i)
	if c := at(w, i); c != '=' && c != ':' {
		return nil
	}
	if i++; at(w, i) == '>' {
		i++
	}
	i = skipSpace(w, i)
	from, stop := i, i
	if l, quoted := literalAt(w, i); quoted {
		if !l.whole(w) {
			return nil
		}
		from, stop = l.start, l.end
	} else if stop, ok = bareAt(w, i); !ok {
		return nil
	}
	secret, weak := judgedBy(w[from:stop], n.context(w), false)
	if n.about(w) || !secret {
		return nil
	}
	return asWeak(one(by, n.start, stop, from, stop, reach), w[from:stop], weak)
}

// skipPairs steps over at most two fields that stand between a name and its
// value: "type": "string", description = "x".
func skipPairs(w []byte, i int) (after int, ok bool) {
	for range 2 {
		if !hasFold(w, i, "type") && !hasFold(w, i, "desc") && !hasFold(w, i, "enabled") && !hasFold(w, i, "sensitive") && !hasFold(w, i, "secret") && !hasFold(w, i, "is") {
			return i, true
		}
		for i < len(w) && isWord(w[i]) {
			i++
		}
		if c := at(w, i); c == '"' || c == '\'' {
			i++
		}
		if i = skipSpace(w, i); at(w, i) != ':' && at(w, i) != '=' {
			return i, false
		}
		i = skipSpace(w, i+1)
		if l, quoted := literalAt(w, i); quoted {
			i = l.after
		} else {
			for i < len(w) && isWord(w[i]) {
				i++
			}
		}
		i = skipBlank(w, i)
		for oneOf(at(w, i), ",;-") {
			i = skipBlank(w, i+1)
		}
		if c := at(w, i); c == '"' || c == '\'' {
			i++
		}
	}
	return i, true
}
