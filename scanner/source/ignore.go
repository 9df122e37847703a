package source

import (
	"strings"
)

// A ruleset is one file of ignore patterns, and those of less weight behind it.
// The nil ruleset ignores nothing.
type ruleset struct {
	base  string // directory of the file: "" or with a slash at its end
	rules []rule
	next  *ruleset
}

// A rule is one line of an ignore file, see gitignore(5).
type rule struct {
	text    string // without "!" in front, "/" at either end
	negated bool
	dirOnly bool
	byName  bool // has no slash: matched with the last part of a path
	kind    ruleKind
	glob    glob
}

type ruleKind uint8

const (
	byGlob ruleKind = iota
	exactly
	bySuffix // "*" and then text
)

// ignored tells whether path, a directory or not, is ignored. The last rule
// that matches, in the file with the most weight that has one, decides. Whether
// a directory above is ignored is for the caller to know.
func (s *ruleset) ignored(path string, dir bool) bool {
	name := path[strings.LastIndexByte(path, '/')+1:]
	for ; s != nil; s = s.next {
		for i := len(s.rules) - 1; i >= 0; i-- {
			if r := &s.rules[i]; r.match(path[len(s.base):], name, dir) {
				return !r.negated
			}
		}
	}
	return false
}

func (r *rule) match(path, name string, dir bool) bool {
	if r.dirOnly && !dir {
		return false
	}
	if r.byName {
		path = name
	}
	switch r.kind {
	case exactly:
		return path == r.text
	case bySuffix:
		return strings.HasSuffix(path, r.text)
	}
	return r.glob.match(path)
}

// parseRules reads an ignore file. Lines that can match nothing are left out.
func parseRules(base string, file []byte, next *ruleset) *ruleset {
	s := &ruleset{base: base, next: next}
	for line := range strings.SplitSeq(strings.TrimPrefix(string(file), "\xef\xbb\xbf"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line, _, _ = strings.Cut(line, "\x00"); line == "" || line[0] == '#' {
			continue
		}
		if r, ok := parseRule(trimSpaces(line)); ok {
			s.rules = append(s.rules, r)
		}
	}
	if len(s.rules) == 0 {
		return next
	}
	return s
}

func parseRule(p string) (rule, bool) {
	var r rule
	p, r.negated = strings.CutPrefix(p, "!")
	p, r.dirOnly = strings.CutSuffix(p, "/")
	r.byName = !strings.Contains(p, "/")
	p = strings.TrimPrefix(p, "/")
	switch {
	case p == "":
		return r, false
	case !strings.ContainsAny(p, `*?[\`):
		r.kind, r.text = exactly, p
	case r.byName && p[0] == '*' && !strings.ContainsAny(p[1:], `*?[\`):
		r.kind, r.text = bySuffix, p[1:]
	default:
		var ok bool
		if r.glob, ok = compile(p); !ok {
			return r, false
		}
	}
	return r, true
}

// trimSpaces takes off spaces at the end that no backslash keeps.
func trimSpaces(s string) string {
	end := len(s)
	for i, from := 0, -1; i < len(s); i++ {
		switch s[i] {
		case ' ':
			if from < 0 {
				from = i
			}
			end = from
			continue
		case '\\':
			if i++; i == len(s) {
				return s
			}
		}
		from, end = -1, len(s)
	}
	return s[:end]
}
