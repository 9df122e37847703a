package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
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
