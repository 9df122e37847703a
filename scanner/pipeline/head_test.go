package pipeline

import (
	"strings"
	"testing"
)

// TestHeadTop holds Top to the search that it stands for, for each word of each case.
func TestHeadTop(t *testing.T) {
	texts := append([]string{"a:", "\n'a':", "\"a':", " a:", "b\na :", "a", "- a:", "#a:\n\ta:\na:x", "ab: a:"}, plainCases...)
	for _, f := range seedFiles(t) {
		texts = append(texts, string(f.Data[:min(len(f.Data), HeadSize)]))
	}
	found := 0
	for _, s := range texts {
		h := headOf([]byte(s))
		keys := strings.FieldsFunc(s, func(r rune) bool { return !word(byte(r)) || r > 0x7F })
		for _, k := range append(keys, "a", "kind") {
			if got, want := h.Top(k), topKey(s, k); got != want {
				t.Errorf("%q at the top: %v of %.200q", k, got, s)
			} else if got {
				found++
			}
		}
	}
	if found == 0 {
		t.Error("nothing was found")
	}
}

// topKey tells whether a key stands at the start of a line.
func topKey(s, key string) bool {
	for i := 0; ; {
		j := strings.Index(s[i:], key)
		if j < 0 {
			return false
		}
		i += j
		start := i
		if start > 0 && (s[start-1] == '"' || s[start-1] == '\'') {
			start--
		}
		end := i + len(key)
		if end < len(s) && (s[end] == '"' || s[end] == '\'') {
			end++
		}
		if (start == 0 || s[start-1] == '\n') && end < len(s) && s[end] == ':' {
			return true
		}
		i += len(key)
	}
}
