package token

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

const (
	usualNear = 96 // bytes between the provider's name and the value
	maxLines  = 4  // lines between them
	maxGap    = 24 // bytes between a name and its value
	maxName   = 80 // bytes of a name
)

// usualRoles are the words by which a name says that its value is a credential.
var usualRoles = []string{"key", "token", "secret", "pass", "pwd", "auth", "cred", "api", "bearer", "pat", "basic"}

// named makes a detector of values that say nothing by themselves. A value
// counts where a name that tells a credential is set to it (name = "v", "name":
// "v", name => 'v', <name>v</name>, --name v, set("name", "v"), {name: "x",
// value: "v"} …) and one of words stands in that name or shortly before it.
func named(id, title, providerID, kind string, severity scanner.Severity, words, forms string, opts ...option) scanner.Detector {
	s := newSpec(id, title, providerID, kind, severity, opts)
	s.Keywords = spellings(strings.Fields(words))
	if s.roles == nil {
		s.roles = usualRoles
	}
	if s.near == 0 {
		s.near = usualNear
	}
	parsed := sync.OnceValue(func() []form { return parseForms(forms) })
	word := 0
	for _, w := range s.Keywords {
		word = max(word, len(w))
	}
	s.Reach = max(s.near+span(forms), maxName+maxGap+2*word) + word + 2
	least := sync.OnceValue(func() need { return needOf(parsed()) })
	s.Near = func(b []byte, start, end int) bool {
		n := least()
		n.length = min(n.length, scanner.NearAfter-usualNear)
		return nearWord(b, start, end) && (s.near > usualNear || n.in(b[end:]))
	}
	s.OwnLine = func(b []byte, start, end int) bool {
		n := least()
		n.length = min(n.length, scanner.NearAfter-usualNear)
		return !nearWord(b, start, end) || s.near > usualNear || n.in(line(b, end))
	}
	s.SeverityAt = judge.Weigh
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		if n := least(); !n.in(b[end:min(len(b), end+s.near+n.length)]) {
			return nil
		}
		return s.findNamed(parsed(), b, start, end)
	}
	if s.context == "" {
		s.context = exampleName(s.Keywords[0], s.roles) + ` = "%s"`
	}
	s.examplesNamed(parsed)
	return s.Detector
}

// spellings adds the words as names in camel case, with hyphens and dots and as text
// have them: npm_token, npmToken, npm-token, npm.token, npm token.
func spellings(words []string) []string {
	list := slices.Clone(words)
	for _, w := range words {
		if i := strings.IndexByte(w, '_'); i > 0 && i < len(w)-1 {
			for _, joint := range [...]string{"", "-", ".", " "} {
				list = append(list, strings.ReplaceAll(w, "_", joint))
			}
		}
	}
	return distinct(list)
}

// exampleName makes a name of a credential from a provider's word.
func exampleName(word string, roles []string) string {
	role := roles[0]
	if role == usualRoles[0] {
		role = "api_key"
	}
	switch {
	case strings.ContainsAny(word, " (:/="):
		return "# " + word + "\n" + role
	case hasRole([]byte(word), roles) && !endsElsewhere([]byte(word)):
		return word
	}
	return strings.TrimRight(word, "_-.") + "_" + role
}

// findNamed looks at the values that follow the provider's word at [start, end).
func (s *spec) findNamed(forms []form, b []byte, start, end int) []scanner.Match {
	if !nearWord(b, start, end) {
		return nil
	}
	var list []scanner.Match
	limit := min(len(b), end+s.near)
	lines := 0
	for at := end; at < limit; at++ {
		if b[at] == '\n' {
			if lines++; lines > maxLines {
				break
			}
		}
		if !isAlnum(b[at]) && b[at] != '+' && b[at] != '/' || isAlnum(b[at-1]) && !leftEdge(b, at) {
			continue
		}
		if m, ok := s.valueAt(forms, b, start, at); ok {
			list = append(list, m)
			at = m.SecretEnd
		}
	}
	return list
}

// line gives what stands on the line of b[at] from there on.
func line(b []byte, at int) []byte {
	if i := bytes.IndexByte(b[at:], '\n'); i >= 0 {
		return b[at : at+i]
	}
	return b[at:]
}

// nearWord leaves out a short word within another: "aws" in "draws".
func nearWord(b []byte, start, end int) bool {
	return end-start > 5 || start == 0 || !isLower(b[start-1]) || !isLower(b[start])
}

// A need is what every token of some forms is: at least length bytes of a class.
type need struct {
	set    class
	length int
}

func needOf(forms []form) need {
	n := need{length: math.MaxInt}
	for _, f := range forms {
		length := 0
		for _, p := range f {
			set := p.set
			if p.lit != "" {
				set = classOf(p.lit)
			}
			n.set.lo, n.set.hi = n.set.lo|set.lo, n.set.hi|set.hi
			length += p.min
		}
		n.length = min(n.length, length)
	}
	return n
}

// in tells whether b holds such a run. It looks at every length-th byte as long
// as there is none.
func (n need) in(b []byte) bool {
	for i := n.length - 1; i < len(b); i += n.length {
		from, to := i, i
		for from > i-n.length && n.set.has(b[from]) {
			from--
		}
		for to < len(b) && to-from <= n.length && n.set.has(b[to]) {
			to++
		}
		if to-from > n.length {
			return true
		}
	}
	return false
}

// valueAt judges the value that starts at b[at].
func (s *spec) valueAt(forms []form, b []byte, start, at int) (scanner.Match, bool) {
	for _, f := range forms {
		stop := f.match(b, at)
		if stop < 0 || !rightEdge(b, stop, f.last()) {
			continue
		}
		nameAt, nameEnd, ok := nameBefore(b, at)
		if !ok || nameEnd <= start {
			continue
		}
		value := b[at:stop]
		if from, to, called := calleeBefore(b, nameAt); called && from <= start && start < to {
			nameAt, nameEnd = from, to
		}
		if !s.credentialName(b[nameAt:nameEnd]) && !(nameAt <= start && s.providerName(b[nameAt:nameEnd], b[nameEnd:at], value)) {
			continue
		}
		if madeUp(value) || !s.weak && judge.Judge(bytes.TrimSuffix(value, []byte("((")), judge.Context{Kind: judge.Token, UUID: true, Name: b[nameAt:nameEnd]}) != judge.Secret { // Stack Exchange's keys end so
			continue
		}
		m := scanner.Match{Start: min(start, nameAt), End: stop, SecretStart: at, SecretEnd: stop}
		if s.check == nil || s.check(value, &m) {
			return m, true
		}
	}
	return scanner.Match{}, false
}

// calleeBefore gives the name of the call whose first argument, in quotes, starts at
// b[at]: algoliasearch("id", "key") takes the secret second.
func calleeBefore(b []byte, at int) (start, end int, ok bool) {
	i := at - 1
	if i < 1 || b[i] != '"' && b[i] != '\'' || b[i-1] != '(' {
		return 0, 0, false
	}
	start, end = word(b, i-1)
	return start, end, start < end
}

// credentialName tells whether a name says that its value is a credential.
func (s *spec) credentialName(name []byte) bool {
	return hasRole(name, s.roles) && (s.ownRole(name) || !endsElsewhere(name))
}

// providerName tells whether a name that says nothing of a credential is the
// provider's own, with a value that has no other reason to stand there:
// deepgram = "v", deepgram.Client("v"). A map from names to digests or ids is
// written with a colon, so these count only behind an equals sign.
func (s *spec) providerName(name, gap, value []byte) bool {
	if s.weak || s.roles[0] != usualRoles[0] || len(value) < 20 || endsElsewhere(name) || !judge.Strong(value) {
		return false
	}
	if bytes.IndexByte(gap, '(') >= 0 {
		return bytes.IndexByte(gap, '\n') < 0 && bytes.ContainsAny(gap, "\"'`") && indexFold(name, "hash") < 0
	}
	own := false
	for _, k := range s.Keywords {
		own = own || len(k) >= 4 && equalFold(bytes.Trim(name, "$_-."), strings.Trim(k, "_-."))
	}
	return own && (bytes.IndexByte(gap, '=') >= 0 && bytes.ContainsAny(gap, "\"'`") || bytes.IndexByte(gap, ':') >= 0 && !isDigest(value))
}

// isDigest tells whether a value could as well be a digest, a revision or a UUID.
func isDigest(value []byte) bool {
	for _, c := range value {
		if !isHex(c) && c != '-' {
			return false
		}
	}
	return true
}

// ownRole tells whether a name ends in a word that this detector asks for, as
// secret_id does for a detector of secret ids.
func (s *spec) ownRole(name []byte) bool {
	if len(s.roles) > 0 && s.roles[0] == usualRoles[0] {
		return false
	}
	for _, r := range s.roles {
		if len(name) >= len(r) && equalFold(name[len(name)-len(r):], r) {
			return true
		}
	}
	return false
}

func hasRole(name []byte, roles []string) bool {
	for _, r := range roles {
		if i := indexFold(name, r); i >= 0 && (r != "pat" || isPAT(name, i)) {
			return true
		}
	}
	return false
}

// isPAT tells whether the letters "pat" at name[i] are a word: they also stand in
// path and patch.
func isPAT(name []byte, i int) bool {
	return (i == 0 || !isLower(name[i-1]) || isUpper(name[i])) && (i+3 == len(name) || !isLower(name[i+3]))
}

// elsewhere ends names that tell where a credential lies or what identifies it.
var elsewhere = []string{
	"_id", "-id", ".id", "keyid", "key id", "_url", "_uri", "_name", "_file", "_path", "_arn", "_ttl", "_hash", "_sha", "checksum", "digest", "fingerprint",
	"version", "public_key", "public-key", "publickey", "pubkey", "integrity", "sha256", "sha1", "md5", "commit", "revision", "etag", "cache_key", "cache-key", "cachekey",
}

func endsElsewhere(name []byte) bool {
	if n := len(name); n > 2 && isLower(name[n-3]) && string(name[n-2:]) == "Id" { // UserSecretsId
		return true
	}
	for _, e := range elsewhere {
		if len(name) >= len(e) && equalFold(name[len(name)-len(e):], e) {
			return true
		}
	}
	return false
}

// fillers are names that stand between a name and its value.
var fillers = []string{"value", "val", "default", "content", "string", "text", "data", "defaultvalue", "default_value", "plaintext", "simple", "secretstring", "is"}

// nameBefore gives the name that is set to the value at b[at], reading backwards
// over quotes, operators and brackets.
func nameBefore(b []byte, at int) (start, end int, ok bool) {
	i := skipBack(b, at)
	if i < 0 {
		return 0, 0, false
	}
	start, end = word(b, i)
	if n := end - start; n <= 2 && n > 0 && isDigit(b[start]) && isDigit(b[end-1]) && start > 1 && b[start-1] == ' ' { // Unseal Key 1:
		start, end = word(b, start-1)
	}
	if start == end {
		return 0, 0, false
	}
	for _, f := range fillers {
		if !equalFold(b[start:end], f) {
			continue
		}
		if j := skipBack(b, start); j >= 0 {
			if s, e := word(b, j); s < e {
				return s, e, true
			}
		}
	}
	return start, end, true
}

// gapBytes may stand between a name and its value.
var gapBytes = classOf(" \t\r\n'\"`=:>,|(){}[]<?\\&;~")

// skipBack gives the end of the word that stands before b[at], -1 if what lies
// between is no way to set a name: nothing at all, or too much.
func skipBack(b []byte, at int) int {
	i, lines := at, 0
	for i > 0 && at-i <= maxGap {
		c := b[i-1]
		switch {
		case c == '\n':
			if lines++; lines > 1 {
				return -1
			}
			i--
		case c == '\\' || gapBytes.has(c):
			i--
		case (c == 'n' || c == 'r' || c == 't' || c == 'u' || c == 'b' || c == 'f' || c == 'x' || c == '@') && i < at && strayLetter(b, i):
			i--
		case c == '-' && i < at && b[i] == '>' || c == '-' && i > 1 && b[i-2] == ':': // -> and ${NAME:-v}
			i--
		case c == '/' && i < at && b[i] == '>': // <name/>
			return -1
		default:
			if i == at {
				return -1
			}
			return closing(b, i)
		}
	}
	return -1
}

// closing skips an element's end tag: <name>NAME</name><value>V.
func closing(b []byte, i int) int {
	if i < len(b) && b[i] == '>' && i > 1 {
		j := i
		for j > 0 && isWord(b[j-1]) && i-j < 16 {
			j--
		}
		if j > 1 && b[j-1] == '/' && b[j-2] == '<' {
			return j - 2
		}
	}
	return i
}

// strayLetter tells whether the letter before b[i] belongs to an escape (\n) or
// is the prefix of a string (b"…", f'…').
func strayLetter(b []byte, i int) bool {
	if i >= 2 && b[i-2] == '\\' {
		return true
	}
	return (b[i] == '"' || b[i] == '\'') && (i < 2 || !isWord(b[i-2]))
}

// word gives the name that ends at b[end].
func word(b []byte, end int) (int, int) {
	start := end
	for start > 0 && end-start < maxName && (isWord(b[start-1]) || b[start-1] == '-' || b[start-1] == '.' || b[start-1] == '$') {
		start--
	}
	return start, end
}

func indexFold(b []byte, s string) int {
	for i := 0; i+len(s) <= len(b); i++ {
		if lower(b[i]) == s[0] && equalFold(b[i:i+len(s)], s) {
			return i
		}
	}
	return -1
}

func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		if lower(b[i]) != s[i] {
			return false
		}
	}
	return true
}

// examplesNamed sets Example and Silent: the silent case is the same value under
// a name that tells nothing of a credential.
func (s *spec) examplesNamed(forms func() []form) {
	s.Example = func(r *rand.Rand) string {
		list := forms()
		return fmt.Sprintf(s.context, s.value(r, list[r.IntN(len(list))]))
	}
	s.Silent = func(r *rand.Rand) string {
		list := forms()
		v := s.value(r, list[r.IntN(len(list))])
		return "# " + s.Keywords[0] + "\nchecksum: " + v + "\n"
	}
}

func (s *spec) value(r *rand.Rand, f form) string {
	v := ""
	for range 1000 {
		v = f.example(r, false)
		if s.make != nil {
			v = s.make(r, v)
		}
		b := []byte(v)
		var m scanner.Match
		if isAlnum(b[0]) && !madeUp(b) && (s.weak || judge.Judge(b, judge.Context{Kind: judge.Token, UUID: true}) == judge.Secret) && (s.check == nil || s.check(b, &m)) {
			break
		}
	}
	return v
}
