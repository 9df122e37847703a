package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/credgate/credgate/gate/rule"
)

// A remedy that names a command names one that works: it is there, takes the
// flags, and takes the argument. Remedies are those of the rules' cases and
// scripts, and of their pages.
func TestRemediesWork(t *testing.T) {
	var texts []string
	for _, glob := range []string{"../../gate/rule/testdata/*/*.txtar", "testdata/script/*.txtar"} {
		files, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(data)) {
				if text := strings.TrimSpace(line); strings.HasPrefix(text, "fix: ") || strings.HasPrefix(text, "next: ") {
					texts = append(texts, text)
				}
			}
		}
	}
	quoted := regexp.MustCompile("`(credgate [^`]*)`")
	for _, r := range rule.All() {
		for _, m := range quoted.FindAllStringSubmatch(r.Page, -1) {
			texts = append(texts, m[1])
		}
	}
	commands := make(map[string]bool)
	for _, text := range texts {
		for _, c := range named(text) {
			commands[c] = true
			if why := refused(c); why != "" {
				t.Errorf("%q of %q: %s", c, text, why)
			}
		}
	}
	if len(commands) < 10 {
		t.Errorf("only %d commands in %d remedies", len(commands), len(texts))
	}
	for _, bad := range []string{"credgate aprove x", "credgate init --form a:1", "credgate explain no-such-rule"} {
		if refused(bad) == "" {
			t.Errorf("%q is taken", bad)
		}
	}
}

// named are the commands in a text: from credgate to the end of the clause.
func named(text string) []string {
	var list []string
	for {
		before, after, found := strings.Cut(text, "credgate ")
		if !found {
			return list
		}
		if text = after; strings.HasSuffix(before, " runs ") {
			continue // of who runs it
		}
		clause, _, _ := strings.Cut(strings.NewReplacer("; ", "\n", ", ", "\n", ") ", "\n", "), ", "\n").Replace(after), "\n")
		list = append(list, "credgate "+strings.TrimRight(clause, ").,;"))
	}
}

// refused tells what is wrong with a command, "" if nothing is. What follows the
// flags and the first argument may be prose.
func refused(command string) string {
	p := &program{getenv: func(string) string { return "" }}
	words := strings.Fields(command)[1:]
	c, rest, err := p.root().Find(words)
	if err != nil || c == c.Root() {
		return "no such command"
	}
	var args []string
	for i := 0; i < len(rest); i++ {
		name, isFlag := strings.CutPrefix(rest[i], "--")
		if !isFlag {
			args = append(args, rest[i])
			continue
		}
		f := c.Flags().Lookup(name)
		if f == nil {
			return "no flag --" + name
		}
		if f.NoOptDefVal == "" {
			i++
		}
	}
	if len(args) > 0 {
		args = args[:1]
	}
	if c.Args != nil && c.Args(c, args) != nil {
		return "its arguments are not taken"
	}
	if c.Name() == "explain" && len(args) > 0 && args[0] != "RULE" {
		if _, ok := explain(args[0]); !ok {
			return "nothing to explain"
		}
	}
	return ""
}
