package gate_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/gate/rule"
	"github.com/credgate/credgate/scanner/connection"
)

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

const exception = "version: 1\nconnection: new\nrule: undeclared-connection\nreason: mine\napprover: user:ann\non: 2026-09-01\nexpires: 2026-10-01\n"

// A change brings its own policy, exception, baseline and people, and is judged
// by those of the trusted ref.
func TestAChangeCannotRewriteItsLaw(t *testing.T) {
	head := fstest.MapFS{
		".credgate/inventory.yaml":    file("version: 1\n"),
		".credgate/policy.yaml":       file("version: 1\nactions: {undeclared-connection: off}\n"),
		".credgate/exceptions/1.yaml": file(exception),
	}
	in := reconcile.Input{Connections: []connection.Connection{{ID: "new", Kind: connection.SecretRef, Refs: []string{"github:secret:NEW"}}}}
	for name, c := range map[string]struct {
		s    gate.Sources
		want gate.Decision
	}{
		"by its own":              {gate.Sources{Tree: head}, gate.Pass},
		"by the trusted ref":      {gate.Sources{Tree: head, Trusted: fstest.MapFS{}}, gate.Fail},
		"excepted on trusted ref": {gate.Sources{Tree: head, Trusted: fstest.MapFS{".credgate/exceptions/1.yaml": file(exception)}}, gate.Pass},
		"by a given policy":       {gate.Sources{Tree: head, Trusted: fstest.MapFS{}, Policy: &inventory.File{Path: "p", Data: []byte("version: 1\nactions: {undeclared-connection: warn}\n")}}, gate.Pass},
	} {
		d, err := gate.Load(c.s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f := d.Facts(in, scanned, nil)
		f.Now = now
		if got := gate.Evaluate(f, d.Policy, rule.All()).Decision; got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestLoadTellsEverything(t *testing.T) {
	_, err := gate.Load(gate.Sources{Tree: fstest.MapFS{
		".credgate/inventory.yaml": file("version: 2\n"), ".credgate/policy.yaml": file("version: 2\n"), ".credgate/people.csv": file("nmae\n"),
		".credgate/baseline.yaml": file("version: 2\n"), ".credgate/exceptions/1.yaml": file("version: 2\n"), ".credgate/approvals/ab/2026-01-01-1.yaml": file("version: 2\n"),
	}})
	for _, want := range []string{"inventory.yaml:1:10", "policy.yaml:1:10", "people.csv:1:1", "baseline.yaml:1:10", "1.yaml:1:10", "2026-01-01-1.yaml:1:10"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("does not tell of %s: %v", want, err)
		}
	}
}
