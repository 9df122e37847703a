package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/credgate/credgate/scanner/connection"
)

var update = flag.Bool("update", false, "write the golden files")

var documents = map[string]func() Document{"judged": judged, "discovered": discovered, "passed": passed}

func render(t testing.TB, format string, d Document, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, format, d, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

func TestGolden(t *testing.T) {
	for name, doc := range documents {
		for _, format := range Formats() {
			t.Run(name+"."+format, func(t *testing.T) {
				got := render(t, format, doc(), sampleOptions)
				golden(t, name+"."+format, got)
				if again := render(t, format, doc(), sampleOptions); again != got {
					t.Error("a second time gives other bytes")
				}
			})
		}
	}
}

func TestTextForTerminal(t *testing.T) {
	o := sampleOptions
	o.Color, o.Width = true, 60
	got := render(t, "text", judged(), o)
	golden(t, "judged.terminal", got)
	for line := range strings.Lines(got) {
		bare := strings.NewReplacer("\x1b[0m", "", "\x1b["+string(dim)+"m", "", "\x1b["+string(red)+"m", "", "\x1b["+string(cyan)+"m", "",
			"\x1b["+string(yellow)+"m", "", "\x1b["+string(magenta)+"m", "").Replace(strings.TrimSuffix(line, "\n"))
		if strings.Contains(bare, "\x1b") {
			t.Errorf("%q: a code that is not ours", line)
		}
		if columns(bare) > 60 && strings.Contains(strings.TrimSpace(bare), " ") && !strings.HasPrefix(bare, ".") {
			t.Errorf("%d columns of 60: %s", columns(bare), bare)
		}
	}
	o = Options{Quiet: true}
	if got := render(t, "text", judged(), o); !strings.HasPrefix(got, "fail: 4 violations in 3") || strings.Count(got, "\n") != 1 {
		t.Errorf("quiet tells more than the verdict: %s", got)
	}
}

func TestUnknownFormat(t *testing.T) {
	err := Write(new(bytes.Buffer), "yaml", judged(), Options{})
	if err == nil || !strings.Contains(err.Error(), `"yaml"`) || !strings.Contains(err.Error(), "json") {
		t.Errorf("error %v names neither the format nor what is allowed", err)
	}
}

func compile(t *testing.T, url string, schema []byte) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.TrimPrefix(schema, []byte("\ufeff"))))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource(url, v); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, text string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Error(err)
	}
}

func TestSchema(t *testing.T) {
	s := compile(t, "https://github.com/credgate/credgate/gate/report/schema.json", Schema)
	for name, doc := range documents {
		t.Run(name, func(t *testing.T) {
			text := render(t, "json", doc(), Options{})
			validate(t, s, text)
			if strings.Contains(text, "null") {
				t.Error("a list is null")
			}
			var back Document
			d := json.NewDecoder(strings.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(&back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(doc(), back); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
		})
	}
	// The schema refuses what is not ours.
	for _, bad := range []string{`"verdict": {`, `"gaps": [`, `"at_head": `} {
		text := strings.Replace(render(t, "json", judged(), Options{}), bad, `"x`+bad[1:], 1)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) == nil {
			t.Errorf("renaming %s passes the schema", bad)
		}
	}
}

func TestShow(t *testing.T) {
	for _, id := range []string{"stripe-refunds", "build-cache", "datadog-api-key", "s1:ffeeddccbbaa99887766554433221100"} {
		var b strings.Builder
		if err := WriteShow(&b, "text", id, judged(), Options{Width: 100}); err != nil {
			t.Fatal(err)
		}
		golden(t, "show-"+strings.ReplaceAll(id, ":", "-")+".text", b.String())
	}
	var b strings.Builder
	if err := WriteShow(&b, "json", "stripe-key", judged(), Options{}); err != nil {
		t.Fatal(err)
	}
	validate(t, compile(t, "https://github.com/credgate/credgate/gate/report/schema.json", Schema), b.String())
	one, err := Only(judged(), "stripe-key")
	if err != nil || len(one.Entries) != 1 || len(one.Connections) != 1 || len(one.Findings) != 1 || len(one.Violations) != 4 {
		t.Errorf("stripe-key: %d entries, %d connections, %d findings, %d violations", len(one.Entries), len(one.Connections), len(one.Findings), len(one.Violations))
	}
	err = WriteShow(new(strings.Builder), "text", "stripe", judged(), Options{})
	if err == nil || !strings.Contains(err.Error(), "(did you mean stripe-key, stripe-refunds?)") {
		t.Errorf("error %v proposes nothing", err)
	}
}

func TestDue(t *testing.T) {
	for _, format := range DueFormats() {
		var b strings.Builder
		if err := WriteDue(&b, format, judged(), Options{Width: 100}); err != nil {
			t.Fatal(err)
		}
		golden(t, "due."+format, b.String())
	}
	c := jsonschema.NewCompiler()
	v := must(jsonschema.UnmarshalJSON(bytes.NewReader(Schema)))
	if err := c.AddResource("schema.json", v); err != nil {
		t.Fatal(err)
	}
	validate(t, must(c.Compile("schema.json#/$defs/agenda")), string(must(os.ReadFile("testdata/due.json"))))
	for _, line := range strings.SplitAfter(string(must(os.ReadFile("testdata/due.ics"))), "\n") {
		if line != "" && !strings.HasSuffix(line, "\r\n") || len(line) > 77 {
			t.Errorf("line %q", line)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestSummaryIsCut(t *testing.T) {
	text := render(t, "markdown", many(20_000, 3), Options{})
	if len(text) > 1000<<10 || len(text) < 800<<10 {
		t.Errorf("%d bytes", len(text))
	}
	if !strings.Contains(text, "more rows do not fit") {
		t.Error("does not say that it is cut")
	}
}

func TestAnnotationsAreCut(t *testing.T) {
	text := render(t, "github", many(1000, 1), Options{})
	if n := strings.Count(text, "::error "); n != annotationsShown {
		t.Errorf("%d errors", n)
	}
	if !strings.Contains(text, "K99 is used") || strings.Contains(text, "K0 is used") || !strings.Contains(text, "and 990 more") {
		t.Errorf("not the worst, or not told:\n%s", text)
	}
}

func TestGraphIsReadable(t *testing.T) {
	d := discovered()
	for i := range 120 {
		for j := range 12 {
			c := d.Connections[0]
			c.ID, c.Provider = fmt.Sprintf("c%d-%d", i, j), fmt.Sprintf("provider-%d", j)
			c.Refs = []string{fmt.Sprintf("github:secret:K%d_%d", i, j)}
			c.Consumers = []connection.Consumer{{Path: fmt.Sprintf(".github/workflows/w%d.yml", i), Job: "build"}}
			d.Connections = append(d.Connections, c)
		}
	}
	for _, format := range []string{"dot", "mermaid"} {
		text := render(t, format, d, Options{})
		if n := strings.Count(text, "->"); n == 0 || n > graphEdges {
			t.Errorf("%s: %d edges", format, n)
		}
		if !strings.Contains(text, "one for each") {
			t.Errorf("%s does not say that it is folded", format)
		}
	}
	if n := len(render(t, "mermaid", d, Options{})); n > mermaidMax {
		t.Errorf("mermaid: %d bytes", n)
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in           string
		limit, first int
		want         []string
	}{
		{"one two three", 0, 5, []string{"one two three"}},
		{"one two three", 8, 0, []string{"one two", "three"}},
		{"one two three", 8, 4, []string{"one", "two", "three"}},
		{"日本 語", 5, 0, []string{"日本", "語"}},
		{"日本 語", 7, 0, []string{"日本 語"}},
		{"a/very/long/path x", 6, 0, []string{"a/very/long/path", "x"}},
		{"", 6, 0, []string{""}},
	} {
		if d := cmp.Diff(c.want, wrap(c.in, c.limit, c.first)); d != "" {
			t.Errorf("wrap(%q, %d, %d):\n%s", c.in, c.limit, c.first, d)
		}
	}
	for in, want := range map[string]string{"abcdef": "abc…", "abcd": "abcd", "日本語": "日…", "": ""} {
		if got := clip(in, 4); got != want {
			t.Errorf("clip(%q) = %q, want %q", in, got, want)
		}
	}
}

// Violations in a row that are mended in one way are told the way once.
func TestRemediesAreFolded(t *testing.T) {
	d := passed()
	d.Verdict.Decision = "fail"
	for i := range 3 {
		path := fmt.Sprintf("w%d.yml", i)
		d.Violations = append(d.Violations, Violation{
			Rule: "undeclared-connection", Action: "fail", Connection: fmt.Sprint("key-", i), Message: fmt.Sprintf("K%d is used", i),
			Remedy: fmt.Sprintf("credgate init --from %s:7, or credgate show key-%d", path, i), Locations: []Location{{Path: path, Line: 7}},
		})
	}
	d.Violations[2].Remedy = "another way"
	text := render(t, "text", d, Options{})
	want := "w0.yml:7: K0 is used [undeclared-connection]\nw1.yml:7: K1 is used [undeclared-connection]\n" +
		"    fix: credgate init --from PATH:LINE, or credgate show ID (each of the 2 above)\n" +
		"w2.yml:7: K2 is used [undeclared-connection]\n    fix: another way\n"
	if !strings.HasPrefix(text, want) {
		t.Error(cmp.Diff(want, text))
	}
}
