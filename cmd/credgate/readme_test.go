package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
