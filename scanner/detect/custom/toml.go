package custom

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"github.com/credgate/credgate/scanner/detect"
)

const maxTOML = 4 << 20 // bytes of a configuration

// A File is a configuration of gitleaks, as far as it is ours to honour: Rules
// stand beside the built-in detectors, whatever useDefault says, so that a file
// can never make a scan see less without saying so.
type File struct {
	Path     string
	Rules    []Rule
	Amended  map[string][]detect.GitleaksAllowlist // of rules with an ID and lists alone: more lists for a built-in one
	Disabled []string                              // IDs that are switched off: extend.disabledRules
	Warnings []string                              // what is honoured in part
	lists    []shared
}

// shared is a list for all rules: what it allows is found, and told as allowed.
type shared struct {
	why     string
	paths   func(string) bool
	regexes func(string) bool
	line    bool
	words   []string // lower case
}

type tomlFile struct {
	Title       string
	Description string
	MinVersion  string `toml:"minVersion"`
	Extend      struct {
		Path          string
		URL           string   `toml:"url"`
		UseDefault    bool     `toml:"useDefault"`
		DisabledRules []string `toml:"disabledRules"`
	}
	Allowlist  *tomlAllowlist
	Allowlists []tomlAllowlist
	Rules      []tomlRule
}

type tomlRule struct {
	ID          string
	Description string
	Path        string
	Regex       string
	SecretGroup int `toml:"secretGroup"`
	Entropy     float64
	Keywords    []string
	Tags        []string
	Allowlist   *tomlAllowlist
	Allowlists  []tomlAllowlist
	Required    []map[string]any
	SkipReport  bool `toml:"skipReport"`
	Report      string
	Validate    string
	Examples    struct {
		Match   []string
		NoMatch []string `toml:"no_match"`
	}
}

type tomlAllowlist struct {
	Description string
	Condition   string
	Commits     []string
	Paths       []string
	RegexTarget string `toml:"regexTarget"`
	Regexes     []string
	StopWords   []string `toml:"stopwords"`
	TargetRules []string `toml:"targetRules"`
}

// An importer collects all that is wrong with a file.
type importer struct {
	file File
	errs []error
}

func (im *importer) fail(field, format string, args ...any) {
	im.errs = append(im.errs, fmt.Errorf("%s: %s: %w", im.file.Path, field, fmt.Errorf(format, args...)))
}

func (im *importer) warn(field, format string, args ...any) {
	im.file.Warnings = append(im.file.Warnings, fmt.Sprintf("%s: %s: %s", im.file.Path, field, fmt.Sprintf(format, args...)))
}

// TOML reads a configuration of gitleaks v8. Nothing that it names is read: a
// file it extends is to be given by itself. Its error joins all that is wrong.
// A table [rules.examples] with match and no_match holds a rule's examples.
func TOML(path string, data []byte) (File, error) {
	im := &importer{file: File{Path: path, Amended: make(map[string][]detect.GitleaksAllowlist)}}
	if len(data) > maxTOML {
		return im.file, fmt.Errorf("%s: is larger than %d MiB", path, maxTOML>>20)
	}
	var t tomlFile
	dec := toml.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&t); err != nil {
		return im.file, syntaxError(path, err)
	}
	im.extend(t)
	if len(t.Rules) > MaxRules {
		im.fail("rules", "there are %d, more than %d", len(t.Rules), MaxRules)
		return im.file, errors.Join(im.errs...)
	}
	if t.Allowlist != nil {
		t.Allowlists = append(t.Allowlists, *t.Allowlist)
	}
	targets := im.shared(t.Allowlists)
	ids := make(map[string]bool)
	for i, r := range t.Rules {
		name := fmt.Sprintf("rules[%d]", i)
		if r.ID != "" {
			name = "rule " + r.ID
		}
		if ids[r.ID] {
			im.fail(name, "the id is there twice")
			continue
		}
		ids[r.ID] = true
		im.rule(name, r, targets[r.ID])
		delete(targets, r.ID)
	}
	for id, lists := range targets {
		im.file.Amended[id] = append(im.file.Amended[id], lists...)
	}
	return im.file, errors.Join(im.errs...)
}

// syntaxError says where a file does not parse, and what is not known in it.
func syntaxError(path string, err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var all []error
		for _, e := range strict.Errors {
			line, column := e.Position()
			all = append(all, fmt.Errorf("%s:%d:%d: %s is not known here", path, line, column, strings.Join(e.Key(), ".")))
		}
		return errors.Join(all...)
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, column := bad.Position()
		return fmt.Errorf("%s:%d:%d: %s", path, line, column, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", path, err)
}

func (im *importer) extend(t tomlFile) {
	if t.Extend.Path != "" {
		im.fail("extend.path", "is not followed (hint: name that file with a --rules of its own)")
	}
	if t.Extend.URL != "" {
		im.fail("extend.url", "is not fetched (hint: keep a copy, and name it with a --rules of its own)")
	}
	im.file.Disabled = t.Extend.DisabledRules
	if len(t.Extend.DisabledRules) > 0 && !t.Extend.UseDefault {
		im.fail("extend.disabledRules", "without useDefault there is nothing to switch off (hint: useDefault = true)")
	}
}

// rule takes one rule, or the lists that it adds to one of ours.
func (im *importer) rule(name string, r tomlRule, lists []detect.GitleaksAllowlist) {
	if r.Allowlist != nil {
		r.Allowlists = append(r.Allowlists, *r.Allowlist)
	}
	for i, a := range r.Allowlists {
		if l, ok := im.list(fmt.Sprintf("%s: allowlists[%d]", name, i), a); ok {
			lists = append(lists, l)
		}
	}
	if len(r.Required) > 0 {
		im.fail(name+": required", "rules of several parts are not read (hint: write one expression over both parts)")
	}
	if r.SkipReport {
		im.fail(name+": skipReport", "a rule that is not told is not read (hint: leave the rule out)")
	}
	if r.Regex == "" && r.Path == "" {
		im.amend(name, r, lists)
		return
	}
	rule := Rule{
		ID: r.ID, Title: strings.TrimSuffix(r.Description, "."), Expression: r.Regex, Group: r.SecretGroup, Entropy: r.Entropy,
		Match: r.Examples.Match, NoMatch: r.Examples.NoMatch, Source: im.file.Path, path: r.Path, lists: lists,
	}
	for _, k := range r.Keywords {
		rule.Keywords = append(rule.Keywords, strings.ToLower(k))
	}
	if r.Path != "" && im.expression(name+": path", r.Path) != nil {
		return
	}
	rule.place()
	for _, p := range rule.Check() {
		im.fail(name+": "+p.Field, "%w", p.Err)
	}
	if _, most, err := detect.Lengths(r.Regex); err == nil && most > detect.MaxReach {
		im.warn(name+": regex", "has no bound; what is longer than %d bytes is not found (hint: {0,200} in place of *)", detect.MaxReach)
	}
	if r.Regex != "" && len(r.Examples.Match) == 0 {
		im.warn(name, "has no examples to be held to (hint: [rules.examples] with match and no_match)")
	}
	im.file.Rules = append(im.file.Rules, rule)
}

// place finds words that stand in every match: gitleaks' keywords need only stand
// in the same file.
func (r *Rule) place() {
	if r.Expression == "" {
		r.Keywords = nil
		return
	}
	fits := len(r.Keywords) > 0 && !slices.ContainsFunc(r.Keywords, func(k string) bool { return keyword(k) != nil })
	probe := *r
	if fits {
		if _, err := probe.anchored(); err == nil {
			return
		}
	}
	if words := detect.Literals(r.Expression); words != nil {
		r.gate, r.Keywords = r.Keywords, words
	}
}

// amend adds lists to a built-in detector.
func (im *importer) amend(name string, r tomlRule, lists []detect.GitleaksAllowlist) {
	if r.ID == "" {
		im.fail(name, "has no id, no regex and no path")
		return
	}
	if r.SecretGroup != 0 || r.Entropy != 0 || len(r.Keywords) > 0 {
		im.fail(name, "has no regex: of a built-in detector only allowlists can be added to (hint: write the rule out, or disable it)")
	}
	if len(lists) == 0 {
		im.fail(name, "has no regex, no path and no allowlist")
	}
	im.file.Amended[r.ID] = append(im.file.Amended[r.ID], lists...)
}

// list takes an allowlist of one rule.
func (im *importer) list(name string, a tomlAllowlist) (detect.GitleaksAllowlist, bool) {
	before := len(im.errs)
	and := slices.Contains([]string{"AND", "&&"}, strings.ToUpper(a.Condition))
	if !and && !slices.Contains([]string{"", "OR", "||"}, strings.ToUpper(a.Condition)) {
		im.fail(name+": condition", "%q is neither AND nor OR", a.Condition)
	}
	if len(a.Commits) > 0 {
		im.fail(name+": commits", "are not read (hint: tolerate the finding by an exception or the baseline)")
	}
	if !slices.Contains([]string{"", "secret", "match", "line"}, a.RegexTarget) {
		im.fail(name+": regexTarget", "%q is unknown (allowed: secret, match, line)", a.RegexTarget)
	}
	if and && a.RegexTarget == "line" {
		im.fail(name+": condition", "AND over a line is not read (hint: regexTarget = \"match\")")
	}
	if len(a.Paths)+len(a.Regexes)+len(a.StopWords) == 0 && len(a.Commits) == 0 {
		im.fail(name, "allows nothing: it has no paths, regexes or stopwords")
	}
	for i, e := range a.Paths {
		_ = im.expression(fmt.Sprintf("%s: paths[%d]", name, i), e)
	}
	for i, e := range a.Regexes {
		_ = im.expression(fmt.Sprintf("%s: regexes[%d]", name, i), e)
	}
	if slices.Contains(a.StopWords, "") {
		im.fail(name+": stopwords", "one is empty, and would allow everything")
	}
	return detect.GitleaksAllowlist{
		Condition: a.Condition, Paths: a.Paths, RegexTarget: a.RegexTarget, Regexes: a.Regexes, StopWords: a.StopWords,
	}, len(im.errs) == before
}

func (im *importer) expression(name, e string) error {
	_, _, err := detect.Lengths(e)
	if err == nil {
		_, err = regexp.Compile(e)
	}
	if err != nil {
		im.fail(name, "%w", err)
	}
	return err
}

// shared takes the lists for all rules, and gives those for some by rule.
func (im *importer) shared(lists []tomlAllowlist) map[string][]detect.GitleaksAllowlist {
	targets := make(map[string][]detect.GitleaksAllowlist)
	for i, a := range lists {
		name := fmt.Sprintf("allowlists[%d]", i)
		l, ok := im.list(name, a)
		if !ok {
			continue
		}
		if len(a.TargetRules) > 0 {
			for _, id := range a.TargetRules {
				targets[id] = append(targets[id], l)
			}
			continue
		}
		kinds := 0
		for _, n := range []int{len(a.Paths), len(a.Regexes), len(a.StopWords)} {
			if n > 0 {
				kinds++
			}
		}
		if c := strings.ToUpper(a.Condition); kinds > 1 && (c == "AND" || c == "&&") {
			im.fail(name+": condition", "AND is not read in a list for all rules (hint: put the list into the rules it is for)")
			continue
		}
		if a.RegexTarget == "match" {
			im.fail(name+": regexTarget", "match is not read in a list for all rules (hint: line, or secret)")
			continue
		}
		s := shared{why: "allowlist of " + im.file.Path, line: a.RegexTarget == "line"}
		if a.Description != "" {
			s.why += ": " + strings.Join(strings.Fields(a.Description), " ")
		}
		if len(a.Paths) > 0 {
			s.paths = matcher(a.Paths...)
		}
		if len(a.Regexes) > 0 {
			s.regexes = matcher(a.Regexes...)
		}
		for _, w := range a.StopWords {
			s.words = append(s.words, strings.ToLower(w))
		}
		im.file.lists = append(im.file.lists, s)
	}
	return targets
}

// matcher compiles expressions when first asked.
func matcher(list ...string) func(string) bool {
	re := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("(?:" + strings.Join(list, ")|(?:") + ")") })
	return func(s string) bool { return re().MatchString(s) }
}

// Allow gives why the file's lists for all rules allow a secret on its lines, ""
// if they do not.
func (f File) Allow(secret, lines []byte) string {
	for _, s := range f.lists {
		text := string(secret)
		if s.line {
			text = string(lines)
		}
		low := strings.ToLower(string(secret))
		if s.regexes != nil && s.regexes(text) || slices.ContainsFunc(s.words, func(w string) bool { return strings.Contains(low, w) }) {
			return s.why
		}
	}
	return ""
}

// AllowPath does the same for a path.
func (f File) AllowPath(path string) string {
	for _, s := range f.lists {
		if s.paths != nil && s.paths(path) {
			return s.why
		}
	}
	return ""
}
