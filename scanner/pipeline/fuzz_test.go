package pipeline

import (
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// Laws of the parsers: they end, they do not panic, and what they find stands
// within the document.

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"secrets.A", "a && b || c", "secrets['x'].y[0].*", "format('{0}', secrets.A)", "!(a == 'it''s')", "a[b[c.d]]", "((((", "'", "1.5e3 <= -2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := testDocument(s)
		g := &ghEval{d: d}
		g.mention = func(r Ref) {
			if p := r.At.Pos(0); p < 0 || p+len(r.At.S) > len(d.Data) || !strings.Contains(s, r.At.S) {
				t.Fatalf("%q stands outside of %q", r.At.S, s)
			}
		}
		g.expression(d.Text(0, len(d.Data)))
		g.text(d.Text(0, len(d.Data)))
	})
}

func FuzzShell(f *testing.F) {
	for _, s := range []string{
		"echo $A | docker login -u x --password-stdin ghcr.io\n", "X=$(cat <<EOF\n$A\nEOF\n)\ncurl -H \"x: $X\" https://a.dev",
		"if [ a ; then b (", "bash -c 'gh release create'", "for i in a b; do ssh $i@h; done", "a \\\n b 'c'\"d\"$e${f:-g}`h`",
		"$x = \"$env:A\"; irm -Uri https://a.dev -Headers @{ a = $x }", "set A=%B%&& curl %A%", "git clone https://u:${A}@h.dev/x",
	} {
		for _, lang := range []string{"bash", "pwsh", "cmd"} {
			f.Add(s, lang, 0, 3)
		}
	}
	f.Fuzz(func(t *testing.T, s, lang string, from, to int) {
		d := testDocument(s)
		text := d.Text(0, len(d.Data))
		from = max(0, min(from, len(text.S)))
		to = max(from, min(to, len(text.S)))
		holes := []Hole{{from, to, Value{Refs: []Ref{{Name: "github:secret:H", At: text.Sub(from, to), In: d}}}}}
		d.Shell(Script{Text: text, Lang: lang, Holes: holes, Unknown: func(n string, at Text) Value {
			if !strings.Contains(s, at.S) {
				t.Fatalf("%q stands outside of %q", at.S, s)
			}
			return Value{At: at, Refs: []Ref{{Name: "gitlab:var:" + n, At: at, In: d}}}
		}})
		for _, g := range d.gaps {
			if strings.Contains(g.Detail, "gave up") {
				t.Fatalf("the shell reader panicked on %q", s)
			}
		}
	})
}

func FuzzWorkflow(f *testing.F) {
	f.Add("on: push\njobs:\n  a:\n    env: {A: '${{ secrets.A }}'}\n    steps:\n    - run: echo $A | docker login x.dev\n    - uses: a/b@v1\n      with: {k: '${{ env.A }}'}\n")
	f.Add("runs: {using: composite, steps: [{run: x, shell: bash}]}\n")
	f.Fuzz(func(t *testing.T, s string) {
		tree := MapTree{".github/workflows/a.yml": []byte(s), "x/action.yml": []byte(s), ".github/dependabot.yml": []byte(s)}
		files := func(yield func(scanner.File) bool) {
			for _, p := range tree.Glob("**") {
				if !yield(scanner.File{Path: p, Data: tree[p]}) {
					return
				}
			}
		}
		for _, g := range Read(t.Context(), files, tree, 1).Gaps {
			if strings.Contains(g.Detail, "please report") {
				t.Fatalf("a reader panicked on %q", s)
			}
		}
	})
}
