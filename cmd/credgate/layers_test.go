package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The arrows of the project, each with its reason. Imports flow backwards along
// places → scanner → connections → reconcile → gate → report.
var forbidden = []struct{ from, to, why string }{
	{"scanner/secret", "scanner", "a value knows nothing of where it was found"},
	{"scanner", "gate", "discovery does not know judgement"},
	{"scanner", "cmd", "nobody imports cmd"},
	{"gate", "cmd", "nobody imports cmd"},
	{"gate/rule", "gate/report", "a rule does not know how it is told"},
	{"gate/reconcile", "gate/rule", "matching comes before judging"},
	{"gate/inventory", "gate/rule", "a declaration does not judge"},
	{"gate/inventory", "gate/policy", "a declaration does not know its limits"},
	{"gate/reconcile", "gate/policy", "what belongs together does not depend on limits"},
	{"gate/field", "gate/inventory", "the reader knows no schema"},
}

// What the pure core may not import directly: it gets clock, disk and network as arguments.
var impure = []struct{ pkg, std, why string }{
	{"gate/rule", "os", "a rule reads only its facts"},
	{"gate/rule", "net/http", "a rule reads only its facts"},
	{"gate/reconcile", "os", "matching is a function of its arguments"},
	{"gate/inventory", "os", "files come as a tree, which may be that of a trusted commit"},
	{"gate/policy", "os", "files come as a tree, which may be that of a trusted commit"},
	{"gate/owner", "os", "files come as a tree, which may be that of a trusted commit"},
	{"gate/approval", "os", "files come as a tree, which may be that of a trusted commit"},
	{"gate/report", "os", "a writer gets an io.Writer"},
	{"scanner/detect", "os", "a detector sees only bytes"},
	{"scanner/detect", "net/http", "no network unless asked"},
	{"scanner/pipeline", "os/exec", "nothing of a scanned repository is run"},
	{"scanner/gitrepo", "os/exec", "no git runs against a repository under scan"},
	{"scanner/source", "os/exec", "nothing of a scanned repository is run"},
}

const module = "github.com/credgate/credgate/"

func TestLayers(t *testing.T) {
	imports := list(t, "{{.ImportPath}} {{join .Deps \" \"}}")
	for _, a := range forbidden {
		for pkg, deps := range imports {
			if !under(pkg, a.from) {
				continue
			}
			for _, d := range deps {
				if under(d, a.to) && !under(d, a.from) {
					t.Errorf("%s imports %s: %s", pkg, d, a.why)
				}
			}
		}
	}
	direct := list(t, "{{.ImportPath}} {{join .Imports \" \"}}")
	for _, a := range impure {
		for pkg, deps := range direct {
			if !under(pkg, a.pkg) {
				continue
			}
			for _, d := range deps {
				if d == a.std {
					t.Errorf("%s imports %s: %s", pkg, d, a.why)
				}
			}
		}
	}
}

func under(pkg, tree string) bool {
	p, ours := strings.CutPrefix(pkg, module)
	return ours && (p == tree || strings.HasPrefix(p, tree+"/"))
}

func list(t *testing.T, format string) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", format, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	m := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		m[f[0]] = f[1:]
	}
	return m
}
