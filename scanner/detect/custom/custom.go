// Package custom makes detectors of what users write: in the policy of a
// repository, and in configuration files of gitleaks.
//
// A rule says by its own examples what it finds, and is held to them (Test). What
// it may cost is bounded: every match holds a keyword and is of bounded length.
package custom

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
)

// Limits of what users write.
const (
	MaxRules      = 500  // of one file
	maxExpression = 4096 // bytes
	maxKeywords   = 64
	minKeyword    = 2 // bytes; shorter ones stand everywhere
)

// A Rule is a detector as a user writes it.
type Rule struct {
	ID         string           `json:"id"`
	Title      string           `json:"title,omitempty"`    // the ID where it is left out
	Provider   string           `json:"provider,omitempty"` // id, in the catalogue or of the inventory
	Kind       string           `json:"kind,omitempty"`     // as scanner.Detector; api-key where it is left out
	Severity   scanner.Severity `json:"severity,omitempty"` // high where it is left out
	Keywords   []string         `json:"keywords,omitempty"` // lower-case ASCII; every match holds one
	Expression string           `json:"expression,omitempty"`
	Group      int              `json:"group,omitempty"`   // of the secret; 0: the first that took part
	Entropy    float64          `json:"entropy,omitempty"` // least, in bits a character
	Paths      []string         `json:"paths,omitempty"`   // globs of the only paths where it counts
	Match      []string         `json:"match,omitempty"`   // texts in which it finds something
	NoMatch    []string         `json:"no_match,omitempty"`
	Source     string           `json:"source,omitempty"` // the file that holds the rule

	path  string   // expression of the only paths; of gitleaks
	gate  []string // keywords that need only stand in the same file
	lists []detect.GitleaksAllowlist
}

// A Problem is one wrong field of a rule: "keywords[1]", "expression".
type Problem struct {
	Field string
	Err   error
}

func (p Problem) Error() string { return p.Field + ": " + p.Err.Error() }

// Check gives all that is wrong with a rule, less what its examples show.
func (r Rule) Check() []Problem {
	var list []Problem
	fail := func(field, format string, args ...any) {
		list = append(list, Problem{field, fmt.Errorf(format, args...)})
	}
	if r.ID == "" || strings.Trim(r.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		fail("id", "has other than lower-case letters, digits and hyphens")
	}
	for i, p := range r.Paths {
		if !doublestar.ValidatePattern(p) {
			fail(fmt.Sprintf("paths[%d]", i), "is no path glob (hint: config/**/*.env)")
		}
	}
	if r.Expression == "" {
		if r.path == "" {
			fail("expression", "is missing")
		}
		return list
	}
	ok := true
	for i, k := range r.Keywords {
		if err := keyword(k); err != nil {
			fail(fmt.Sprintf("keywords[%d]", i), "%w", err)
			ok = false
		}
	}
	if len(r.Keywords) > maxKeywords {
		fail("keywords", "has %d words, more than %d", len(r.Keywords), maxKeywords)
		ok = false
	}
	if err := r.bounded(); err != nil {
		if len(r.Keywords) == 0 {
			fail("keywords", "are missing: it would be tried at every byte")
		}
		return append(list, Problem{"expression", err})
	}
	if !ok {
		return list
	}
	if field, err := r.anchored(); err != nil {
		list = append(list, Problem{field, err})
	}
	if n := groups(r.Expression); r.Group < 0 || r.Group > n {
		fail("group", "%d is not from 0 to %d, the groups of the expression", r.Group, n)
	}
	return list
}

func keyword(k string) error {
	switch {
	case strings.ToLower(k) != k || strings.ContainsFunc(k, func(r rune) bool { return r < ' ' || r >= 0x7f }):
		return errors.New("is not lower-case ASCII (hint: matching ignores case)")
	case len(k) < minKeyword:
		return fmt.Errorf("is shorter than %d bytes, and so stands everywhere", minKeyword)
	}
	return nil
}

// bounded tells what keeps an expression from being run within known limits.
func (r Rule) bounded() error {
	if len(r.Expression) > maxExpression {
		return fmt.Errorf("is longer than %d bytes (hint: make several detectors of it)", maxExpression)
	}
	least, most, err := detect.Lengths(r.Expression)
	var wrong *syntax.Error
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("is no RE2 expression: %s (hint: there is no lookaround and no back reference)", wrong.Code)
	case err != nil:
		return err
	case least == 0:
		return errors.New("matches the empty text")
	case most > detect.MaxReach && r.lists == nil && !r.foreign():
		return fmt.Errorf("can match more than %d bytes (hint: bound each *, + and {n,}, as in [0-9a-z]{20,64})", detect.MaxReach)
	}
	return nil
}

// foreign tells whether a rule is of a gitleaks configuration, whose expressions
// need no bound: they are cut at MaxReach.
func (r Rule) foreign() bool { return strings.HasSuffix(r.Source, ".toml") }

// anchored tells what keeps the keywords from leading to the matches.
func (r Rule) anchored() (field string, err error) {
	hint := "write a literal text into it that every match has"
	if words := detect.Literals(r.Expression); words != nil {
		hint = fmt.Sprintf("keywords: [%s]", strings.Join(words, ", "))
	}
	if len(r.Keywords) == 0 {
		return "keywords", fmt.Errorf("are missing: it would be tried at every byte (hint: %s)", hint)
	}
	if !detect.Placed(scanner.Detector{Expression: r.Expression, Keywords: r.Keywords, Reach: detect.MaxReach}) {
		return "expression", fmt.Errorf("can match where no keyword stands, or at no known distance from one (hint: %s)", hint)
	}
	return "", nil
}

func groups(expression string) int {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return 0
	}
	return tree.MaxCap()
}

// Detector makes the rule ready. It is sound if Check has nothing to say.
func (r Rule) Detector() scanner.Detector {
	d := r.plain()
	if len(r.Match) == 0 || r.Source == "" {
		return d
	}
	// The examples stand in the file that holds the rule, and are no find there.
	own := sync.OnceValue(r.examples)
	accept := d.Accept
	d.Accept = func(window []byte, m *scanner.Match) bool {
		if accept != nil && !accept(window, m) {
			return false
		}
		if own()[string(window[m.SecretStart:m.SecretEnd])] {
			elsewhere, before := r.Source, m.AtPath
			m.AtPath = func(path string) bool { return path != elsewhere && (before == nil || before(path)) }
		}
		return true
	}
	return d
}

func (r Rule) plain() scanner.Detector {
	d := scanner.Detector{
		ID: r.ID, Title: r.Title, Provider: r.Provider, Kind: r.Kind, Severity: r.Severity, Class: scanner.Specific,
		Keywords: r.Keywords, Gate: r.gate, Expression: r.Expression, Group: r.Group, Paths: r.Paths,
	}
	if d.Title == "" {
		d.Title = r.ID
	}
	if d.Kind == "" {
		d.Kind = "api-key"
	}
	if d.Severity == 0 {
		d.Severity = scanner.High
	}
	if r.path != "" {
		d.AtPath = matcher(r.path)
	}
	if r.Expression == "" {
		return d
	}
	_, most, _ := detect.Lengths(r.Expression)
	d.Reach = min(most, detect.MaxReach)
	for _, k := range slices.Concat(r.Keywords, r.gate) {
		d.Reach = max(d.Reach, len(k))
	}
	if r.Entropy > 0 || len(r.lists) > 0 {
		detect.Restrict(&d, r.Entropy, r.lists)
	}
	return d
}

// examples are the secrets that the rule finds in its own examples.
func (r Rule) examples() map[string]bool {
	own := make(map[string]bool)
	if in, err := r.inspector(); err == nil {
		for _, text := range r.Match {
			for _, s := range found(in, text) {
				own[s] = true
			}
		}
	}
	return own
}

// inspector looks for the rule alone.
func (r Rule) inspector() (*detect.Inspector, error) {
	set, err := detect.New([]scanner.Detector{r.plain()}, detect.Options{})
	if err != nil {
		return nil, err
	}
	return set.Inspector(), nil
}

func found(in *detect.Inspector, text string) []string {
	var list []string
	data := []byte(text)
	for _, h := range in.Hits(data, in.Inspect(scanner.Blob{Data: data}, detect.State{})) {
		list = append(list, string(h.Secret.Reveal()))
	}
	return list
}

// Test holds a rule to its examples; each Problem's Field is the example.
func (r Rule) Test() []Problem {
	if r.Expression == "" {
		return nil
	}
	in, err := r.inspector()
	if err != nil {
		return []Problem{{"expression", err}}
	}
	var list []Problem
	for i, text := range r.Match {
		if len(found(in, text)) == 0 {
			list = append(list, Problem{fmt.Sprintf("examples.match[%d]", i), errors.New(r.missed(text))})
		}
	}
	for i, text := range r.NoMatch {
		if len(found(in, text)) > 0 {
			list = append(list, Problem{fmt.Sprintf("examples.no_match[%d]", i), errors.New("is matched")})
		}
	}
	return list
}

// missed tells why an example is not matched.
func (r Rule) missed(text string) string {
	low := strings.ToLower(text)
	has := func(words []string) bool {
		return slices.ContainsFunc(words, func(k string) bool { return strings.Contains(low, k) })
	}
	bare := r
	bare.Entropy, bare.lists, bare.gate = 0, nil, nil
	switch {
	case !has(r.Keywords):
		return "is not matched: it holds none of the keywords"
	case len(r.gate) > 0 && !has(r.gate):
		return "is not matched: it holds none of the keywords"
	}
	if in, err := bare.inspector(); err == nil && len(found(in, text)) > 0 {
		return "is not matched: entropy or an allowlist refuses it"
	}
	return "is not matched: the expression does not match"
}
