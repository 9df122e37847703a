package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// Hostile files of every family end and leave a gap or nothing, never a panic:
// bombs of aliases, cycles, nesting beyond all bounds, one line of megabytes.
func TestHostileFamilies(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 8), c-1)
	}
	texts := map[string]string{
		"bomb":    bomb,
		"cycle":   "a: &a\n  b: *a\n  <<: *a\n  env: *a\n  steps: [*a]\n  spec: *a\n",
		"nesting": strings.Repeat("[", 5_000),
		"maps":    strings.Repeat("{\"a\":", 2_000),
		"indent":  deepMap(400),
		"line":    "a: '" + strings.Repeat("$TOKEN ", 3_000) + "'",
	}
	paths := slices.Clone(fuzzPaths)
	for p := range fuzzHeads {
		paths = append(paths, p)
	}
	for _, p := range paths {
		for name, text := range texts {
			for _, g := range readTree(t, MapTree{p: []byte(fuzzHeads[p] + text)}).Gaps {
				if strings.Contains(g.Detail, "please report") || strings.Contains(g.Detail, "gave up") {
					t.Errorf("%s, %s: %s", p, name, g.Detail)
				}
			}
		}
	}
	for _, p := range []string{".npmrc", "main.tf", ".gitlab-ci.yml", "Jenkinsfile", "settings.xml", "Dockerfile", ".idea/a.xml"} {
		if g := readTree(t, MapTree{p: make([]byte, maxFile+1)}).Gaps; len(g) != 1 || g[0].Reason != scanner.TooLarge {
			t.Errorf("%s, over the limit: gaps %v", p, g)
		}
	}
}

func deepMap(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}
