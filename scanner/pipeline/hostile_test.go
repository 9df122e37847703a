package pipeline

import (
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// Hostile documents end, within memory, and leave a gap where they were cut.
// None of them is timed: what is quadratic here does not end in a test's life.
func TestHostileWorkflows(t *testing.T) {
	big := func(unit string) string { return strings.Repeat(unit, 250_000/len(unit)) }
	for name, text := range map[string]string{
		"nested script":   "on: x\njobs: {a: {steps: [{run: '" + big("(") + "'}]}}\n",
		"many commands":   "on: x\njobs:\n  a:\n    steps:\n    - run: |\n" + big("        echo x\n"),
		"many operators":  "on: x\njobs: {a: {if: \"" + big("a||") + "a\"}}\n",
		"many quotes":     "on: x\njobs: {a: {env: {A: \"${{ " + big("''''") + "' }}\"}}}\n",
		"many holes":      "on: x\njobs: {a: {env: {A: \"" + big("${{ secrets.A }}") + "\"}}}\n",
		"open templates":  "on: x\njobs: {a: {env: {A: \"@" + big("{{") + "\"}}}\n",
		"matrix of texts": "on: x\njobs: {a: {strategy: {matrix: {m: [" + strings.Repeat("abcdefgh, ", 60) + "x]}}, env: {A: '" + big("${{ matrix.m }}") + "'}}}\n",
		"one line":        "{on: x, jobs: {a: {env: {" + big("a: '${{ secrets.A }}', ") + "}}}}\n",
		"self call":       "on: workflow_call\njobs: {a: {uses: ./.github/workflows/a.yml, secrets: inherit}}\n",
		"words":           "on: x\njobs:\n  a:\n    steps:\n    - shell: pwsh\n      run: \"" + big("$env:A ") + "\"\n",
	} {
		tree := MapTree{".github/workflows/a.yml": []byte(text)}
		res := readTree(t, tree)
		for _, g := range res.Gaps {
			if strings.Contains(g.Detail, "please report") || strings.Contains(g.Detail, "gave up") {
				t.Errorf("%s: %s", name, g.Detail)
			}
		}
		if name == "nested script" && len(res.Gaps) == 0 {
			t.Errorf("%s: no gap", name)
		}
	}
	huge := MapTree{".github/workflows/a.yml": make([]byte, maxFile+1)}
	if g := readTree(t, huge).Gaps; len(g) != 1 || g[0].Reason != scanner.TooLarge {
		t.Errorf("a file over the limit: gaps %v", g)
	}
}
