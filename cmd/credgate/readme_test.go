package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/policy"
)

// TestREADME runs the README's first command and holds its failing run against
// what the README shows. With -update it writes the run anew.
func TestREADME(t *testing.T) {
	file := filepath.Join(root(t), "README.md")
	text := string(read(t, file))
	before, rest, ok := strings.Cut(text, "## One failing run\n\n```\n")
	shown, after, ok2 := strings.Cut(rest, "```\n")
	if !ok || !ok2 {
		t.Fatal("README.md has no failing run")
	}
	cmd := exec.Command("go", "run", "./cmd/demo")
	cmd.Dir = root(t)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go run ./cmd/demo: %v\n%s", err, out)
	}
	_, real, ok := strings.Cut(string(out), "\n\n$ credgate gate")
	if !ok {
		t.Fatalf("the demo shows no gate:\n%s", out)
	}
	real = "$ credgate gate" + real
	if *update {
		text = before + "## One failing run\n\n```\n" + real + "```\n" + after
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(shown, real); d != "" {
		t.Errorf("README.md shows another run than the demo's (go test ./cmd/credgate -run README -update; -README +demo):\n%s", d)
	}
}

// The files that the README shows are taken, and its detector does what it says.
func TestREADMEFiles(t *testing.T) {
	text := string(read(t, filepath.Join(root(t), "README.md")))
	shown := map[string][]byte{}
	for _, m := range regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(text, -1) {
		shown[m[1]] = []byte(m[2])
	}
	p, err := policy.Parse(policy.Path, shown[policy.Path])
	if err != nil || len(p.Detectors) == 0 || len(p.Ignore) == 0 || len(p.Actions) == 0 {
		t.Errorf("the README's policy: %v, %d detectors", err, len(p.Detectors))
	}
	for _, d := range p.Detectors {
		for _, problem := range d.Test() {
			t.Errorf("%s: %v", d.ID, problem)
		}
	}
	name := approval.ExceptionsDir + "/1.yaml"
	if _, err := approval.ParseException(name, shown[name]); err != nil {
		t.Errorf("the README's exception: %v", err)
	}
	if len(shown) != 2 {
		t.Errorf("%d files are shown, of which this test knows two", len(shown))
	}
}
