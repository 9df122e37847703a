package pipeline

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/tools/txtar"
)

// Every case says the same, in the same lines and columns, with CRLF for line
// endings, with a byte order mark, and in UTF-16.
func TestEncodings(t *testing.T) {
	names, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, n := range names {
		a, err := txtar.ParseFile(n)
		if err != nil {
			t.Fatal(err)
		}
		tree := MapTree{}
		for _, f := range a.Files {
			if f.Name != "want" && f.Name != "gaps" {
				tree[f.Name] = unescape(f.Data)
			}
		}
		want := said(t, tree)
		for how, change := range map[string]func([]byte) []byte{"CRLF": crlf, "mark": mark, "UTF-16": wide} {
			changed := MapTree{}
			for p, data := range tree {
				changed[p] = change(data)
			}
			if got := said(t, changed); !slices.Equal(got, want) {
				t.Errorf("%s with %s: %s", n, how, difference(want, got))
			}
		}
	}
}

func said(t *testing.T, tree MapTree) []string {
	var out []string
	for _, o := range readTree(t, tree).Occurrences {
		out = append(out, describe(o, true))
	}
	return out
}

func crlf(data []byte) []byte {
	return []byte(strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n", "\r\n"))
}

func mark(data []byte) []byte { return []byte("\ufeff" + strings.TrimPrefix(string(data), "\ufeff")) }

func wide(data []byte) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(strings.TrimPrefix(string(data), "\ufeff"))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func difference(want, got []string) string {
	var b strings.Builder
	for _, w := range want {
		if !slices.Contains(got, w) {
			fmt.Fprintf(&b, "\n    missing %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			fmt.Fprintf(&b, "\n    invented %s", g)
		}
	}
	return b.String()
}
