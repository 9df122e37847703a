package detect

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/credgate/credgate/scanner"
	"github.com/pelletier/go-toml/v2"
	"github.com/zricethezav/gitleaks/v8/config"
)

// The rules of gitleaks' own configuration file, as far as they say what is
// found. Its loader is not used: it goes through viper's global state, and its
// global allowlist lacks a group in (?i)^true|false|null$, so that it drops every
// value with "false" in it.
type gitleaksConfig struct {
	Allowlist GitleaksAllowlist
	Rules     []gitleaksRule
}

type gitleaksRule struct {
	ID          string
	Description string
	Path        string
	Regex       string
	SecretGroup int
	Entropy     float64
	Keywords    []string
	Allowlists  []GitleaksAllowlist
}

// A GitleaksAllowlist is a list of gitleaks' configuration: what it allows is no
// match of the rule. Paths and Regexes are RE2 syntax.
type GitleaksAllowlist struct {
	Condition   string
	Paths       []string
	RegexTarget string
	Regexes     []string
	StopWords   []string
}

// Gitleaks gives gitleaks' default rules as detectors, in order of ID. The rules
// are part of the module; if they do not parse, the build is broken, and it panics.
func Gitleaks() []scanner.Detector {
	var c gitleaksConfig
	if err := toml.Unmarshal([]byte(config.DefaultConfig), &c); err != nil {
		panic(fmt.Sprintf("gitleaks' rules: %v", err))
	}
	common := newCommon(c.Allowlist)
	var list []scanner.Detector
	for _, r := range c.Rules {
		for _, v := range variants(r) {
			list = append(list, v.detector(common))
		}
	}
	return list
}

// literalOf names a literal of a rule whose keywords need not stand in what it
// matches. The keywords then only have to stand somewhere in the blob.
var literalOf = map[string][]string{
	"airtable-personnal-access-token": {"pat"},
	"facebook-access-token":           {"|", "%"},
	"sidekiq-sensitive-url":           {"contribsys"},
	"slack-config-access-token":       {"xoxe"},
	"slack-webhook-url":               {"hooks"},
}

// nearOf tells of rules whose keywords are everywhere what their expressions ask
// of the bytes beside one.
var nearOf = map[string]func(b []byte, start, end int) bool{
	"airtable-personnal-access-token": func(b []byte, _, end int) bool {
		for _, c := range b[end:min(len(b), end+14)] {
			if !isAlnum(c) {
				return false
			}
		}
		return true
	},
	"facebook-access-token": func(b []byte, start, _ int) bool { return start > 0 && '0' <= b[start-1] && b[start-1] <= '9' },
	// kind: "secret"
	"kubernetes-secret-yaml": func(b []byte, start, _ int) bool {
		b = b[:start]
		if n := len(b); n > 0 && (b[n-1] == '"' || b[n-1] == '\'') {
			b = b[:n-1]
		}
		b = bytes.TrimRight(b, " \t")
		return len(b) == 0 || b[len(b)-1] == ':'
	},
}

func isAlnum(c byte) bool { return '0' <= c && c <= '9' || 'a' <= fold(c) && fold(c) <= 'z' }

// matchesPath is an expression over paths, compiled when a path is first asked
// about whose last byte it can end with.
func matchesPath(expression string) func(path string) bool {
	re := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	if expression != pkcs12Path {
		return func(path string) bool { return re().MatchString(path) }
	}
	return func(path string) bool {
		n := len(path)
		return n > 4 && path[n-4] == '.' && fold(path[n-3]) == 'p' && re().MatchString(path)
	}
}

// pkcs12Path is that of pkcs12-file, about which every name of a history is asked.
const pkcs12Path = `(?i)(?:^|\/)[^\/]+\.p(?:12|fx)$`

// bareHex is the last alternative of sourcegraph-access-token: any 40 hex digits
// in a file that has the word.
const bareHex = "[a-fA-F0-9]{40}"

// A variant is a rule, or a part of it that is a detector of its own.
type variant struct {
	gitleaksRule
	gate []string
}

// variants splits off what has no keyword and gives keywords that stand in what
// is matched.
func variants(r gitleaksRule) []variant {
	for i := range r.Keywords {
		r.Keywords[i] = strings.ToLower(r.Keywords[i])
	}
	v := variant{gitleaksRule: r}
	if lit, ok := literalOf[r.ID]; ok {
		v.Keywords, v.gate = lit, r.Keywords
	}
	rest, found := strings.CutSuffix(r.Regex, "|"+bareHex+`)\b)(?:[\x60'"\s;]|\\[nr]|$)`)
	if r.ID != "sourcegraph-access-token" || !found {
		return []variant{v}
	}
	bare := variant{gitleaksRule: r, gate: r.Keywords}
	bare.ID, bare.Keywords = "sourcegraph-bare-token", nil
	bare.Regex = `(?i)\b(` + bareHex + `)(?:[\x60'"\s;]|\\[nr]|$)`
	v.Regex = rest + `)\b)(?:[\x60'"\s;]|\\[nr]|$)`
	v.Keywords = []string{"sgp_"}
	return []variant{v, bare}
}

func (v variant) detector(common *common) scanner.Detector {
	d := scanner.Detector{
		ID: v.ID, Title: title(v.ID), Provider: providerOf(v.ID), Kind: kindOfRule(v.ID),
		Class: classOf(v.ID), Severity: severityOf(v.ID),
		Keywords: v.Keywords, Gate: v.gate, Near: nearOf[v.ID],
		Expression: v.Regex, Group: v.SecretGroup,
		Format: "https://github.com/gitleaks/gitleaks/blob/v8.30.1/config/gitleaks.toml",
	}
	if v.Regex == "" {
		d.AtPath = matchesPath(v.Path)
		return d
	}
	d.Reach = MaxReach // the engine takes less from the expression itself
	var lists []*allowlist
	for _, a := range v.Allowlists {
		lists = append(lists, newAllowlist(a))
	}
	d.Accept = func(window []byte, m *scanner.Match) bool {
		return accept(window, m, v.Entropy, common, lists)
	}
	d.AtLine = atLine(lists)
	d.AtPath = atPath(v, lists, common)
	return d
}

// accept applies entropy and allowlists as gitleaks does: to the match without
// line breaks at its ends, and to the secret.
func accept(window []byte, m *scanner.Match, least float64, common *common, lists []*allowlist) bool {
	secret := window[m.SecretStart:m.SecretEnd]
	if m.SecretStart == m.Start && m.SecretEnd == m.End {
		secret = bytes.Trim(secret, "\n")
		m.SecretStart += bytes.Index(window[m.SecretStart:m.SecretEnd], secret)
		m.SecretEnd = m.SecretStart + len(secret)
	}
	if len(secret) == 0 || least > 0 && entropy(secret) <= least || common.allows(secret) {
		return false
	}
	match := bytes.Trim(window[m.Start:m.End], "\n")
	for _, a := range lists {
		if a.and && len(a.paths) > 0 {
			continue // atPath
		}
		if a.allows(match, secret) {
			return false
		}
	}
	return true
}

// entropy is Shannon's, in bits, over the runes of b and divided by its bytes, as
// gitleaks has it.
func entropy(b []byte) float64 {
	var counts [utf8.RuneSelf]int
	others := map[rune]int(nil)
	for _, r := range string(b) {
		if r < utf8.RuneSelf {
			counts[r]++
			continue
		}
		if others == nil {
			others = make(map[rune]int)
		}
		others[r]++
	}
	sum := 0.0
	add := func(n int) {
		if n > 0 {
			p := float64(n) / float64(len(b))
			sum -= p * math.Log2(p)
		}
	}
	for _, n := range counts {
		add(n)
	}
	for _, n := range others {
		add(n)
	}
	return sum
}

// An allowlist is compiled when it is first asked.
type allowlist struct {
	and     bool
	target  string // secret, match, line
	regexes func() *regexp.Regexp
	words   func() *lexicon
	paths   []string
	path    func() *regexp.Regexp
}

func newAllowlist(a GitleaksAllowlist) *allowlist {
	l := &allowlist{target: a.RegexTarget, paths: a.Paths}
	switch strings.ToUpper(a.Condition) {
	case "AND", "&&":
		l.and = true
	}
	if len(a.Regexes) > 0 {
		l.regexes = anyOf(a.Regexes)
	}
	if len(a.Paths) > 0 {
		l.path = anyOf(a.Paths)
	}
	if len(a.StopWords) > 0 {
		l.words = sync.OnceValue(func() *lexicon {
			words := slices.Clone(a.StopWords)
			for i := range words {
				words[i] = lower(words[i])
			}
			slices.Sort(words)
			return newLexicon(slices.Compact(words))
		})
	}
	return l
}

func anyOf(list []string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("(?:" + strings.Join(list, ")|(?:") + ")")
	})
}

// allows tells whether the parts of the list that look at match and secret hold.
func (l *allowlist) allows(match, secret []byte) bool {
	text := secret
	switch l.target {
	case "match":
		text = match
	case "line":
		return false // atLine
	}
	byRegex := l.regexes != nil && l.regexes().Match(text)
	byWord := l.words != nil && l.words().has(secret)
	if l.and {
		return (l.regexes == nil || byRegex) && (l.words == nil || byWord)
	}
	return byRegex || byWord
}

// atLine gives what lists say of the lines of a match, nil if nothing.
func atLine(lists []*allowlist) func([]byte) bool {
	var of []*allowlist
	for _, l := range lists {
		if l.target == "line" && l.regexes != nil && !l.and {
			of = append(of, l)
		}
	}
	if of == nil {
		return nil
	}
	return func(lines []byte) bool {
		return !slices.ContainsFunc(of, func(l *allowlist) bool { return l.regexes().Match(lines) })
	}
}

// atPath gives what the rule, its lists and the common list say of a path.
func atPath(v variant, lists []*allowlist, common *common) func(string) bool {
	only := (*func() *regexp.Regexp)(nil)
	if v.Path != "" {
		re := anyOf([]string{v.Path})
		only = &re
	}
	var not []*allowlist
	for _, l := range lists {
		if l.path != nil && !l.and {
			not = append(not, l)
		}
	}
	everywhere := !named(v)
	return func(path string) bool {
		if only != nil && !(*only)().MatchString(path) {
			return false
		}
		if !everywhere && common.paths().MatchString(path) {
			return false
		}
		return !slices.ContainsFunc(not, func(l *allowlist) bool { return l.path().MatchString(path) })
	}
}

// named tells whether a rule goes by a name beside the value, not by the value's
// own form. Such a rule does not count in lock files, images and the like.
func named(v variant) bool {
	return strings.Contains(v.Regex, `[\w.-]{0,50}?`) || v.gate != nil
}

// common is gitleaks' list for all rules, mended.
type common struct {
	values func() *regexp.Regexp
	words  func() *lexicon
	paths  func() *regexp.Regexp
}

const brokenLiterals, mendedLiterals = `(?i)^true|false|null$`, `(?i)^(?:true|false|null)$`

func newCommon(a GitleaksAllowlist) *common {
	values := slices.Clone(a.Regexes)
	if i := slices.Index(values, brokenLiterals); i >= 0 {
		values[i] = mendedLiterals
	}
	return &common{anyOf(values), newAllowlist(a).words, anyOf(a.Paths)}
}

func (c *common) allows(secret []byte) bool {
	return c != nil && (c.values().Match(secret) || c.words().has(secret))
}
