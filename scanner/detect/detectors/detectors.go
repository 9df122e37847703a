// Package detectors holds the list of all detectors.
package detectors

import (
	"bytes"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/judge"
	"github.com/credgate/credgate/scanner/detect/structure"
	"github.com/credgate/credgate/scanner/detect/token"
	"github.com/credgate/credgate/scanner/provider"
)

// All gives every detector there is: those of providers' formats and of syntax,
// and gitleaks' rules but where an ID of ours stands in. Where two of one class
// find the same secret, the earlier one names it.
func All() []scanner.Detector {
	rules := make(chan []scanner.Detector)
	go func() { rules <- detect.Gitleaks() }() // reads a file of its own meanwhile
	tokens, structures := token.All(), structure.All()
	theirs := <-rules
	list := make([]scanner.Detector, 0, len(tokens)+len(structures)+len(theirs))
	list = append(append(list, tokens...), structures...)
	taken := make(map[string]bool)
	for _, d := range list {
		taken[d.ID] = true
	}
	for _, d := range theirs {
		if !taken[d.ID] {
			list = append(list, judged(d))
		}
	}
	for i := range list {
		d := &list[i]
		if d.Class != scanner.Specific {
			weakElsewhere(d)
			if d.Provider == "" {
				nameProvider(d)
			}
			d.AtLine = both(d.AtLine, noSample)
			d.AtPath = both(d.AtPath, notLock)
		}
		if d.Class == scanner.Generic || d.Provider == "algolia" || d.ID == "http-authorization" {
			noSearchKey(d)
		}
		if d.SeverityAt == nil && (d.Provider == "" || d.Class != scanner.Specific || frameworks[d.Provider]) {
			d.SeverityAt = judge.Weigh
		}
		switch {
		case d.Class == scanner.Generic && d.ID != "prose-password", frameworks[d.Provider], sampled[d.ID]:
			d.AtPath = both(d.AtPath, func(path string) bool { return !judge.IsDocumentation(path) })
		case d.Class == scanner.Structural && d.Kind == "password":
			d.AtPath = both(d.AtPath, func(path string) bool { return !judge.IsTypeset(path) })
		}
	}
	return list
}

// frameworks are the providers in the catalogue that hand out nothing: their
// users make the keys, and their manuals show how.
var frameworks = map[string]bool{"django": true, "rails": true, "laravel": true, "symfony": true, "flask": true, "airflow": true, "jwt": true, "wordpress": true}

// sampled are detectors of what manuals show of a protocol: its headers and URLs.
var sampled = map[string]bool{"http-bearer-token": true, "http-authorization": true, "http-basic-authorization": true, "query-token": true, "jwt": true, "jwt-base64": true, "curl-auth-header": true, "curl-auth-user": true}

// weakElsewhere makes a detector that knows only syntax pass over weak values
// where manuals stand, and over those that are made up by the dozen where tests
// and examples do.
func weakElsewhere(d *scanner.Detector) {
	onMatches(d, func(w []byte, m *scanner.Match) {
		switch v := w[m.SecretStart:m.SecretEnd]; {
		case len(v) >= 80 || judge.Strong(v):
		case judge.Made(v):
			m.AtPath = both(m.AtPath, notManual)
		case len(v) < 8 && d.Kind == "api-key" && d.Class == scanner.Generic: // SetAnnotation("secret", "swarm")
			m.AtPath = nowhere
		case judge.Trivial(v):
			m.AtPath = both(m.AtPath, notExample)
		default:
			m.AtPath = both(m.AtPath, notManual)
		}
	})
}

// nameProvider makes a detector that knows only syntax tell whose credential it
// is, where the host beside it or its name does.
func nameProvider(d *scanner.Detector) {
	onMatches(d, func(w []byte, m *scanner.Match) {
		p, sure := provider.Provider{}, false
		for _, f := range m.Facts {
			if f.Name == "host" {
				p, _, sure = provider.ByHost(f.Value)
			}
		}
		if !sure {
			p, sure, _ = provider.ByName(string(w[m.Start:m.SecretStart]))
		}
		if !sure && sent[d.ID] {
			p, sure = receiver(w, m, d.Reach)
		}
		if sure {
			m.Facts = append(m.Facts, scanner.Fact{Name: "provider", Value: p.ID})
		}
	})
}

// sent are detectors of what a request carries to the host that its line names.
var sent = map[string]bool{"http-bearer-token": true, "http-authorization": true, "http-basic-authorization": true, "curl-auth-header": true, "curl-auth-user": true, "command-line-password": true}

// receiver gives the provider of the first host known of those in URLs on the line
// of a secret, which a backslash at its end carries on, no farther away than what
// a match may hang on.
func receiver(w []byte, m *scanner.Match, reach int) (p provider.Provider, ok bool) {
	from, to := m.SecretStart, m.SecretEnd
	for least := min(m.Start, max(0, m.End-reach)); from > least && (w[from-1] != '\n' || from > 1 && w[from-2] == '\\'); {
		from--
	}
	for most := max(m.End, min(len(w), m.Start+reach)); to < most && (w[to] != '\n' || w[to-1] == '\\'); {
		to++
	}
	for line, found := w[from:to], true; ; {
		if _, line, found = bytes.Cut(line, []byte("://")); !found {
			return p, false
		}
		host := line
		if i := bytes.IndexAny(host, "/:?\"'` \t)>"); i >= 0 {
			host = host[:i]
		}
		if p, _, ok = provider.ByHost(string(host)); ok {
			return p, true
		}
	}
}

// onMatches makes a detector hand each match to see before it gives it away.
func onMatches(d *scanner.Detector, see func(w []byte, m *scanner.Match)) {
	all := func(w []byte, list []scanner.Match) []scanner.Match {
		for i := range list {
			see(w, &list[i])
		}
		return list
	}
	if find := d.Find; find != nil {
		d.Find = func(w []byte) []scanner.Match { return all(w, find(w)) }
	}
	if find := d.FindAt; find != nil {
		d.FindAt = func(w []byte, start, end int) []scanner.Match { return all(w, find(w, start, end)) }
	}
	if accept := d.Accept; d.Expression != "" {
		d.Accept = func(w []byte, m *scanner.Match) bool {
			if accept != nil && !accept(w, m) {
				return false
			}
			see(w, m)
			return true
		}
	}
}

// noSearchKey makes a detector pass over the key of a search box: Algolia's
// DocSearch gives a page one that may only search, beside the index's name.
func noSearchKey(d *scanner.Detector) {
	find, reach := d.FindAt, d.Reach
	if find == nil {
		return
	}
	d.FindAt = func(w []byte, start, end int) []scanner.Match {
		list := find(w, start, end)
		if len(list) != 1 || list[0].SecretEnd-list[0].SecretStart != 32 {
			return list
		}
		beside := bytes.ToLower(w[max(0, start-reach):min(len(w), end+reach)])
		if bytes.Contains(beside, []byte("indexname")) || bytes.Contains(beside, []byte("index_name")) || bytes.Contains(beside, []byte("docsearch")) {
			return nil
		}
		return list
	}
}

func nowhere(string) bool         { return false }
func notLock(path string) bool    { return !judge.IsLock(path) }
func notExample(path string) bool { return !judge.IsExample(path) }
func notManual(path string) bool  { return !judge.IsDocumentation(path) }

// noSample leaves out lines that hold one of Amazon's samples, which come in
// pairs, and the comments that languages make manuals of.
func noSample(lines []byte) bool {
	if bytes.Contains(lines, []byte("7EXAMPLE")) {
		return false
	}
	text := bytes.TrimLeft(lines, " \t")
	if bytes.HasPrefix(text, []byte("///")) || bytes.HasPrefix(text, []byte("//!")) {
		return false
	}
	indent := lines[:len(lines)-len(text)]
	return !bytes.HasPrefix(text, []byte("* ")) || (len(indent)-bytes.Count(indent, []byte("\t")))%2 == 0 // a list in text stands at an even column
}

// both gives a condition that holds where both do; nil always holds.
func both[T any](a, b func(T) bool) func(T) bool {
	if a == nil {
		return b
	}
	return func(t T) bool { return a(t) && b(t) }
}

// judged holds what gitleaks' rule takes for a secret before our judge of
// values: a reference or a placeholder is never one, and a rule that knows only
// names must show a value that could be one.
func judged(d scanner.Detector) scanner.Detector {
	accept, generic := d.Accept, d.Class == scanner.Generic || strings.HasPrefix(d.ID, "curl-")
	if d.Expression == "" {
		return d
	}
	if d.ID == "generic-api-key" {
		d.AtLine = ofSecret
		d.AtPath = both(d.AtPath, func(path string) bool { return !strings.Contains(path, "docusaurus.config.") }) // a search box's key
	}
	d.Accept = func(window []byte, m *scanner.Match) bool {
		if accept != nil && !accept(window, m) {
			return false
		}
		if d.ID == "generic-api-key" && (saysElse(window[m.Start:m.SecretStart]) || bytes.HasPrefix(window[m.SecretStart:m.SecretEnd], []byte("Signature="))) {
			return false
		}
		if d.ID == "sourcegraph-bare-token" && m.SecretStart > 0 && window[m.SecretStart-1] == '@' { // a revision: uses: owner/name@...
			return false
		}
		value := bytes.Trim(window[m.SecretStart:m.SecretEnd], "\"'` \t\r\n")
		if d.ID == "kubernetes-secret-yaml" {
			if bytes.HasSuffix(window[:m.SecretStart], []byte("- ")) { // a list behind the Secret
				return false
			}
			if !ofManifest(value) { // what stands in a Secret counts whatever it is, but in tests
				m.AtPath = both(m.AtPath, notExample)
			}
			return true
		}
		switch judge.Judge(value, judge.Context{Kind: judge.Token}) {
		case judge.Secret:
			if generic && !judge.Strong(value) {
				m.AtPath = both(m.AtPath, notExample)
			}
			return d.ID != "jwt" || !token.OpensNothing(value)
		case judge.Reference, judge.Placeholder:
			return false
		case judge.PublicID: // a UUID, which may be made up
			if judge.Judge(value, judge.Context{Kind: judge.Token, UUID: true}) == judge.Placeholder {
				return false
			}
		}
		return !generic && !(d.ID == "jwt" && token.OpensNothing(value))
	}
	return d
}

// ofManifest judges name: base64, an entry of a Kubernetes Secret.
func ofManifest(entry []byte) bool {
	name, value, ok := bytes.Cut(entry, []byte(":"))
	if !ok {
		return true
	}
	name, value = bytes.Trim(name, " \"'"), bytes.Trim(value, " \"'")
	if n := bytes.ToLower(name); namesAccount(n) || bytes.HasSuffix(n, []byte(".crt")) || bytes.HasSuffix(n, []byte(".ca")) || bytes.HasSuffix(n, []byte("cert")) || bytes.HasPrefix(value, []byte("LS0tLS1CRUdJTiBDRVJU")) { // -----BEGIN CERT
		return false
	}
	switch judge.Judge(value, judge.Context{Name: name}) {
	case judge.Secret:
		return true
	case judge.Plain: // what is too long to decode or to judge, or binary
		return len(value) > 120
	}
	return false
}

// namesAccount tells whether an entry of a Kubernetes Secret, in small letters, says
// where or as whom to log in.
func namesAccount(name []byte) bool {
	for _, end := range [...]string{"username", "user", "accountname", "address", "host", "hostname", "endpoint", "port", "email", "region", "database", "dbname"} {
		if bytes.HasSuffix(name, []byte(end)) {
			return true
		}
	}
	return false
}

// elseWords of a name say that its value is a digest, a public key, or a token
// that guards a form.
var elseWords = map[string]bool{
	"commit": true, "sha": true, "sha1": true, "sha224": true, "sha256": true, "sha384": true, "sha512": true, "md5": true, "hash": true, "hashed": true, "digest": true, "checksum": true, "crc": true, "crc32": true,
	"fingerprint": true, "thumbprint": true, "salt": true, "salted": true, "saltedpassword": true, "etag": true, "revision": true, "rev": true, "version": true, "integrity": true, "uuid": true, "guid": true,
	"pub": true, "public": true, "pubkey": true, "publickey": true, "csrf": true, "idempotency": true, "xsrf": true, "authenticity": true, "nonce": true, "sealed": true, "wrapped": true, "websocket": true, "socket": true, "cache": true, "cachekey": true, "name": true, "signature": true, "registry": true, "next": true, "page": true, "request": true, "response": true, "continuation": true, "cursor": true, "pagination": true, "sitekey": true, "site": true, "form": true, "formkey": true,
}

// saysElse tells whether one of the last four words before a value says so.
func saysElse(before []byte) bool {
	end := len(before)
	for i := range 4 {
		for end > 0 && !isAlnum(before[end-1]) {
			end--
		}
		start := end
		for start > 0 && isAlnum(before[start-1]) && !(start < end && isUpper(before[start]) && !isUpper(before[start-1])) {
			start--
		}
		word := strings.ToLower(string(before[start:end]))
		if elseWords[word] || i == 0 && (word == "id" || word == "ids") {
			return true
		}
		end = start
	}
	return false
}

// ofSecret leaves out lines that tell of public keys.
func ofSecret(lines []byte) bool {
	low := bytes.ToLower(lines)
	return !bytes.Contains(low, []byte("pubkey")) && !bytes.Contains(low, []byte("public_key")) && !bytes.Contains(low, []byte("publickey")) && !bytes.Contains(low, []byte("public key"))
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isAlnum(c byte) bool {
	return isUpper(c) || 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}
