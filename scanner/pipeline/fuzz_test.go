package pipeline

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
	"golang.org/x/tools/txtar"
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
		"$x = \"$env:A\"; irm -Uri https://a.dev -Headers @{ a = $x }", "set A=%B%&& curl %A%", "git clone https://u:${A}@h.dev/x", "${A#$A}0",
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

// FuzzDialects reads any input as a file of any path: the combined target.
func FuzzDialects(f *testing.F) {
	for _, a := range seedFiles(f) {
		f.Add(a.Name, string(a.Data))
	}
	for _, p := range fuzzPaths {
		f.Add(p, "a: {b: [c, $D_TOKEN, '${{ secrets.A }}', https://u:${P}@a.dev/x]}\n")
	}
	for p, head := range fuzzHeads {
		f.Add(p, head+"spec: {env: [{name: A, valueFrom: {secretKeyRef: {name: n, key: k}}}], imagePullSecrets: [{name: r}], repoURL: https://u:p4ss@a.dev/x}\n")
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		if !fs.ValidPath(p) || len(p) > 100 {
			return
		}
		res := readTree(t, MapTree{p: []byte(s)})
		lines := strings.Count(s, "\n") + 1
		for _, o := range res.Occurrences {
			if l := o.Location; l.Line < 1 || l.Line > lines || l.EndLine < l.Line || l.Column < 1 {
				t.Fatalf("%s: %v is outside of %q", p, l, s)
			}
		}
		for _, g := range res.Gaps {
			if strings.Contains(g.Detail, "please report") {
				t.Fatalf("the reader of %s panicked on %q", p, s)
			}
		}
	})
}

var fuzzPaths = []string{".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", ".drone.yml", ".woodpecker.yml", ".buildkite/pipeline.yml", ".buildkite/hooks/env",
	"appveyor.yml", "ci/pipeline.yml", ".cirrus.yml", ".semaphore/semaphore.yml",
	"Dockerfile", "compose.yml", "kustomization.yaml", "values.yaml", "alertmanager.yml", ".docker/config.json", "docker-bake.hcl", ".devcontainer/devcontainer.json",
	"renovate.json5", ".goreleaser.yaml", "codemagic.yaml", "bitrise.yml", "screwdriver.yaml", ".harness/a.yaml", ".bazelrc", "nx.json", "turbo.json", ".idea/dataSources.xml", "a.http", "a.postman_collection.json",
	"netlify.toml", "vercel.json", "fly.toml", "render.yaml", "wrangler.toml", "Procfile", "Gemfile", "build.sbt", ".github/workflows/a.yml"}

// fuzzHeads makes files that their content tells: by path, what they start with.
var fuzzHeads = map[string]string{
	"k8s.yaml": "apiVersion: v1\nkind: Secret\n", "argo.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n", "cd.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\n",
	"tekton.yaml": "apiVersion: tekton.dev/v1\nkind: Task\n", "charts/a/templates/x.yaml": "apiVersion: v1\nkind: Secret\ndata: {{ .x }}\n",
	"app.yaml": "type: Microsoft.App/containerApps\nproperties:\n", "azure.yaml": "services: {}\nhooks:\n", "a.bicep": "@secure()\n", "render.yaml": "services:\n", ".goreleaser.yaml": "version: 2\n",
}

// seedFiles gives the files of all cases, under their paths.
func seedFiles(f testing.TB) []txtar.File {
	names, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	var out []txtar.File
	for _, n := range names {
		a, err := txtar.ParseFile(n)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if file.Name != "want" && file.Name != "gaps" {
				out = append(out, txtar.File{Name: file.Name, Data: unescape(file.Data)})
			}
		}
	}
	return out
}
