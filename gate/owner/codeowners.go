package owner

import (
	"bufio"
	"bytes"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/scanner"
)

// Limits of a CODEOWNERS file. GitHub itself reads none over 3 MB.
const (
	maxCodeowners = 3 << 20
	maxRules      = 20000
)

// CodeownersPaths are where GitHub and GitLab look, in this order.
var CodeownersPaths = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"}

// Codeowners is who reviews which path. Its zero value is no file.
type Codeowners struct {
	Path  string
	rules codeowners.Ruleset
	names []string // "team:payments", "user:alice", sorted
}

// LoadCodeowners reads the first CODEOWNERS of a tree. A line that does not
// parse is a minor gap, as the hosts skip such lines too.
func LoadCodeowners(tree fs.FS) (Codeowners, []scanner.Gap) {
	for _, p := range CodeownersPaths {
		f, err := tree.Open(p)
		if err != nil {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(f, maxCodeowners+1))
		f.Close()
		if err != nil || len(data) > maxCodeowners {
			return Codeowners{}, []scanner.Gap{{Path: p, Reason: scanner.Unreadable, Detail: "owners are not known from it"}}
		}
		return ParseCodeowners(p, data)
	}
	return Codeowners{}, nil
}

// ParseCodeowners reads one file. The last rule that matches a path wins.
func ParseCodeowners(path string, data []byte) (Codeowners, []scanner.Gap) {
	c := Codeowners{Path: path}
	var gaps []scanner.Gap
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxCodeowners+1)
	for n := 1; lines.Scan(); n++ {
		text := section(lines.Text())
		rules, err := codeowners.ParseFile(strings.NewReader(people(text)))
		switch {
		case err != nil:
			gaps = append(gaps, scanner.Gap{Path: path, Line: n, Column: 1, Reason: scanner.Malformed, Minor: true, Detail: "line is no CODEOWNERS rule"})
		case len(c.rules)+len(rules) > maxRules:
			return c, append(gaps, scanner.Gap{Path: path, Line: n, Column: 1, Reason: scanner.TooLarge, Minor: true, Detail: "owners are read up to here"})
		}
		c.rules = append(c.rules, rules...)
		for _, r := range rules {
			for _, o := range r.Owners {
				c.names = append(c.names, name(o))
			}
		}
	}
	slices.Sort(c.names)
	c.names = slices.Compact(c.names)
	return c, gaps
}

// people leaves out the bots of a rule, "@dependabot[bot]": the library takes
// the brackets for an error of the whole line.
func people(line string) string {
	if !strings.Contains(line, "[bot]") {
		return line
	}
	return strings.Join(slices.DeleteFunc(strings.Fields(line), func(w string) bool { return strings.HasSuffix(w, "[bot]") }), " ")
}

// section blanks a heading of GitLab's sections, which is no rule.
func section(line string) string {
	if l := strings.TrimPrefix(strings.TrimSpace(line), "^"); strings.HasPrefix(l, "[") {
		return ""
	}
	return line
}

// name is an owner in the inventory's words: the team without its organisation.
func name(o codeowners.Owner) string {
	if o.Type == codeowners.TeamOwner {
		return "team:" + o.Value[strings.LastIndex(o.Value, "/")+1:]
	}
	return "user:" + o.Value
}

// Of gives the owners of a path in the inventory's words, nil when nobody.
func (c Codeowners) Of(path string) []string {
	var out []string
	r, err := c.rules.Match(path)
	if err != nil || r == nil {
		return nil
	}
	for _, o := range r.Owners {
		if n := name(o); answerable(n) {
			out = append(out, n)
		}
	}
	return out
}

// answerable tells whether a name may stand as an owner: no bot does.
func answerable(n string) bool {
	kind, who, _ := strings.Cut(n, ":")
	return kind == "team" || !Bot(who)
}

// missing says why a name can answer for nothing as far as CODEOWNERS tells: a
// team it does not list among the teams it lists, a person where it lists only
// people. Else it is not known, "".
func (c Codeowners) missing(kind, who string) string {
	teams := slices.ContainsFunc(c.names, func(n string) bool { return strings.HasPrefix(n, "team:") })
	users := slices.ContainsFunc(c.names, func(n string) bool { return strings.HasPrefix(n, "user:") })
	known := slices.ContainsFunc(c.names, func(n string) bool {
		k, w, _ := strings.Cut(n, ":")
		return k == kind && (sameTeam(w, who) || fold(w) == fold(who))
	})
	if known || kind == "team" && !teams || kind == "user" && (teams || !users) {
		return ""
	}
	return "is not in " + field.Plain(c.Path)
}
