package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/credgate/credgate/gate/rule"
)

// A page fits a terminal, and breaking its lines changes no word of it.
func TestFilled(t *testing.T) {
	for _, r := range rule.All() {
		got := filled(r.Page, 60)
		if a, b := strings.Fields(got), strings.Fields(r.Page); strings.Join(a, " ") != strings.Join(b, " ") {
			t.Errorf("%s: words are changed", r.ID)
		}
		if filled(r.Page, 0) != r.Page {
			t.Errorf("%s: changed without a terminal", r.ID)
		}
		code := false
		for line := range strings.Lines(got) {
			line = strings.TrimSuffix(line, "\n")
			code = code != strings.HasPrefix(line, "```")
			if !code && !strings.HasPrefix(line, "|") && strings.Contains(line, " ") && utf8.RuneCountInString(line) > 60 {
				t.Errorf("%s: a line of %d: %s", r.ID, utf8.RuneCountInString(line), line)
			}
		}
	}
	if got, want := filled("aa bb cc\n```\naa bb cc\n```\n  aa bb cc\n", 5), "aa bb\ncc\n```\naa bb cc\n```\n  aa bb cc\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
