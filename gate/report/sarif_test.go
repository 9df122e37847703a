package report

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/credgate/credgate/scanner"
)

// officialSchema is the schema of SARIF 2.1.0 as go-sarif carries it, in a
// string of its source.
func officialSchema(t *testing.T) []byte {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(string(dir)), "schema.go")
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var schema string
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && len(l.Value) > len(schema) {
			schema, err = strconv.Unquote(l.Value)
		}
		return err == nil
	})
	if len(schema) < 50_000 || err != nil {
		t.Fatalf("no schema in %s: %v", file, err)
	}
	return []byte(schema)
}

func TestSARIFIsValid(t *testing.T) {
	s := compile(t, "sarif.json", officialSchema(t))
	docs := map[string]Document{"judged": judged(), "discovered": discovered(), "passed": passed()}
	for i, h := range hostile {
		docs[fmt.Sprint("hostile ", i)] = plant(h)
	}
	for name, d := range docs {
		t.Run(name, func(t *testing.T) {
			text := render(t, "sarif", d, sampleOptions)
			validate(t, s, text)
			if _, err := sarif.FromString(text); err != nil {
				t.Errorf("go-sarif does not read it: %v", err)
			}
		})
	}
	v := strings.Replace(render(t, "sarif", judged(), Options{}), `"startLine"`, `"startRow"`, 1)
	var bad any
	if err := json.Unmarshal([]byte(v), &bad); err != nil {
		t.Fatal(err)
	}
	if s.Validate(bad) == nil {
		t.Error("the schema takes startRow")
	}
}

func TestSARIFFingerprints(t *testing.T) {
	moved := judged()
	for i := range moved.Violations {
		for j := range moved.Violations[i].Locations {
			moved.Violations[i].Locations[j].Line += 7
		}
	}
	before, after := results(t, judged(), Options{}), results(t, moved, Options{})
	seen := make(map[string]bool)
	for i, r := range before {
		id := r.Fingerprints["primaryLocationLineHash"]
		if seen[id] {
			t.Errorf("two results have %s", id)
		}
		seen[id] = true
		if id != after[i].Fingerprints["primaryLocationLineHash"] {
			t.Errorf("%s is another alert after a move", r.RuleID)
		}
	}
}

func TestSARIFSuppressions(t *testing.T) {
	want := map[string]string{
		"idle-connection":     "external 2026-09-01-1: season pause agreed with support (until 2026-10-31)",
		"unseen-connection":   "external baseline (until 2026-12-31)",
		"embedded-credential": "inSource made up for the test",
	}
	got := make(map[string]string)
	for _, r := range results(t, judged(), Options{}) {
		for _, s := range r.Suppressions {
			got[r.RuleID] = s.Kind + " " + s.Justification
		}
	}
	for rule, w := range want {
		if got[rule] != w {
			t.Errorf("%s: %q, want %q", rule, got[rule], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("suppressed: %v", got)
	}
}

func results(t *testing.T, d Document, o Options) []sarifResult {
	t.Helper()
	return parseSARIF(t, render(t, "sarif", d, o)).Results
}

func parseSARIF(t *testing.T, text string) sarifRun {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}

// many is a document of n violations of several severities with places each.
func many(n, places int) Document {
	d := passed()
	d.Verdict.Decision = "fail"
	for i := range n {
		v := Violation{Rule: "undeclared-connection", Action: "fail", Severity: scanner.Low, Message: fmt.Sprintf("K%d is used", i), Fingerprint: fmt.Sprint("f", i)}
		if i%100 == 99 {
			v.Severity = scanner.Critical
		}
		for j := range places {
			v.Locations = append(v.Locations, Location{Path: fmt.Sprintf("dir/%d/%d.yml", i, j), Line: 1 + j, Column: 1, EndLine: 1 + j, EndColumn: 9, AtHead: true})
		}
		d.Violations = append(d.Violations, v)
	}
	return d
}

func TestSARIFLimits(t *testing.T) {
	run := parseSARIF(t, render(t, "sarif", many(sarifResults+1000, 1), Options{}))
	if len(run.Results) != sarifResults {
		t.Errorf("%d results", len(run.Results))
	}
	critical := 0
	for _, r := range run.Results {
		if r.Level == "error" {
			critical++
		}
	}
	if critical != (sarifResults+1000)/100 {
		t.Errorf("%d of the worst are left", critical)
	}
	told(t, run, "25000 of 26000 results")
	told(t, run, "GitHub keeps 5000")

	run = parseSARIF(t, render(t, "sarif", many(1, sarifLocations+5), Options{}))
	if n := len(run.Results[0].Locations); n != sarifLocations {
		t.Errorf("%d places", n)
	}
	told(t, run, "5 places were left out")

	run = parseSARIF(t, render(t, "sarif", withGaps(passed(), sarifGaps+9), Options{}))
	told(t, run, "9 more gaps")
	if run.Invocations[0].Successful {
		t.Error("successful with gaps")
	}
}

func withGaps(d Document, n int) Document {
	for i := range n {
		d.Gaps = append(d.Gaps, Gap{Path: fmt.Sprint("f", i), Reason: scanner.TooLarge})
	}
	return d
}

// A file over the limit of bytes loses places first, results last.
func TestSARIFBytes(t *testing.T) {
	for _, limit := range []int{6_000, 2_500} {
		var b bytes.Buffer
		if err := sarifWithin(&b, many(200, 20), Options{}, sarifLimits{sarifResults, sarifLocations, limit}); err != nil {
			t.Fatal(err)
		}
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		_, _ = w.Write(b.Bytes())
		_ = w.Close()
		if z.Len() > limit {
			t.Errorf("%d bytes of %d", z.Len(), limit)
		}
		run := parseSARIF(t, b.String())
		if len(run.Results) == 0 {
			t.Errorf("nothing is left in %d bytes", limit)
		}
		told(t, run, "left out")
		if limit == 2_500 {
			told(t, run, "of 200 results")
		}
	}
}

func told(t *testing.T, run sarifRun, text string) {
	t.Helper()
	for _, n := range run.Invocations[0].Notifications {
		if strings.Contains(n.Message.Text, text) {
			return
		}
	}
	t.Errorf("no notification says %q", text)
}
