package custom

import (
	"slices"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/zricethezav/gitleaks/v8/config"
)

func acme() Rule {
	return Rule{ID: "acme-token", Keywords: []string{"acme_"}, Expression: `\bacme_([0-9a-z]{12})\b`,
		Match: []string{"acme_0a1b2c3d4e5f"}, NoMatch: []string{"acme_0a1b"}, Source: ".credgate/policy.yaml"}
}

func fields(list []Problem) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Field)
	}
	return strings.Join(out, " ")
}

func TestCheck(t *testing.T) {
	for want, change := range map[string]func(*Rule){
		"":            func(*Rule) {},
		"id":          func(r *Rule) { r.ID = "Acme" },
		"keywords":    func(r *Rule) { r.Keywords = nil },
		"keywords[0]": func(r *Rule) { r.Keywords = []string{"Acme_"} },
		"expression":  func(r *Rule) { r.Expression = `acme_[0-9a-z]+` },
		"group":       func(r *Rule) { r.Group = 2 },
		"paths[0]":    func(r *Rule) { r.Paths = []string{"a["} },
	} {
		r := acme()
		change(&r)
		if got := fields(r.Check()); got != want {
			t.Errorf("got %q, want %q: %v", got, want, r.Check())
		}
	}
	for _, e := range []string{``, `acme_[`, `a*`, `(?i)x{1,1000}{1,1000}`, `(?=acme_)`, `acme_\1`, `[0-9a-z]{30}`, strings.Repeat("acme_", 1000)} {
		r := acme()
		r.Expression = e
		if len(r.Check()) == 0 {
			t.Errorf("%.40q is taken", e)
		}
	}
}

func TestOwnExamplesAreNoFind(t *testing.T) {
	r := acme()
	set, err := detect.New([]scanner.Detector{r.Detector()}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := set.Inspector()
	data := []byte("match: acme_0a1b2c3d4e5f\nother: acme_9z9y9x9w9v9u\n")
	hits := in.Hits(data, in.Inspect(scanner.Blob{Data: data}, detect.State{}))
	if len(detect.Best(hits, "a.env")) != 2 {
		t.Errorf("%d of 2 found elsewhere", len(detect.Best(hits, "a.env")))
	}
	if own := detect.Best(hits, r.Source); len(own) != 1 || own[0].Span.Line != 2 {
		t.Errorf("where it is declared: %d found, want the one that is no example", len(own))
	}
}

// A file that is a copy of gitleaks' own rules is taken, less three that would
// have to be tried at every byte, or ask for two things of a line.
func TestTOMLTakesGitleaksOwn(t *testing.T) {
	f, err := TOML("rules.toml", []byte(config.DefaultConfig))
	for line := range strings.Lines(err.Error()) {
		if id := strings.Fields(line)[2]; !slices.Contains([]string{"facebook-access-token:", "generic-api-key:", "sourcegraph-access-token:"}, id) {
			t.Error(line)
		}
	}
	f.Rules = slices.DeleteFunc(f.Rules, func(r Rule) bool { return len(r.Check()) > 0 })
	if len(f.Rules) < 200 {
		t.Errorf("%d rules", len(f.Rules))
	}
	list, gaps, err := Join(detect.Gitleaks(), nil, []File{f})
	if err != nil {
		t.Fatal(err)
	}
	if len(gaps) < 200 {
		t.Errorf("%d of the built-in ones are replaced, and told", len(gaps))
	}
	if _, err := detect.New(list, detect.Options{}); err != nil {
		t.Error(err)
	}
}

func TestAmend(t *testing.T) {
	f, err := TOML("rules.toml", []byte(`
[extend]
useDefault = true
[[rules]]
id = "acme-token"
[[rules.allowlists]]
condition = "AND"
paths = ['''^docs/''']
regexes = ['''0a1b''']
`))
	if err != nil {
		t.Fatal(err)
	}
	list, gaps, err := Join([]scanner.Detector{acme().Detector()}, nil, []File{f})
	if err != nil || len(gaps) != 1 || !gaps[0].Minor {
		t.Fatal(gaps, err)
	}
	set, err := detect.New(list, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := set.Inspector()
	data := []byte("acme_0a1b2c3d4e5f acme_9z9y9x9w9v9u\n")
	hits := in.Hits(data, in.Inspect(scanner.Blob{Data: data}, detect.State{}))
	if n := len(detect.Best(hits, "docs/a.md")); n != 1 {
		t.Errorf("%d found where one is allowed", n)
	}
	if n := len(detect.Best(hits, "a.md")); n != 2 {
		t.Errorf("%d of 2 found elsewhere", n)
	}
}

// Where a rule's keywords need not stand in its matches, words that do are found
// and the keywords stay a condition of the whole file.
func TestPlaces(t *testing.T) {
	f, err := TOML("rules.toml", []byte("[[rules]]\nid = \"a\"\nregex = '''tok-[0-9]{8}'''\nkeywords = [\"ACME\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := f.Rules[0]
	if !slices.Equal(r.Keywords, []string{"tok-"}) || !slices.Equal(r.gate, []string{"acme"}) {
		t.Errorf("keywords %q, gate %q", r.Keywords, r.gate)
	}
	r.Match, r.NoMatch = []string{"acme: tok-12345678"}, []string{"tok-12345678"}
	if p := r.Test(); p != nil {
		t.Error(p)
	}
}

// Law: no file makes the reader panic, and what it takes can be run.
func FuzzTOML(f *testing.F) {
	f.Add("[[rules]]\nid = \"a\"\nregex = '''tok-[0-9]{8}'''\n[[rules.allowlists]]\nregexes=['a']\npaths=['b']\ncondition='AND'\n")
	f.Add("[extend]\nuseDefault=true\n[[allowlists]]\nstopwords=['x']\ntargetRules=['a']\n")
	f.Add("[[rules]]\nid='b'\npath='x'\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := TOML("rules.toml", []byte(text))
		if err != nil {
			return
		}
		list, _, err := Join(nil, nil, []File{file})
		if err != nil {
			return
		}
		set, err := detect.New(list, detect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		in := set.Inspector()
		data := []byte(text)
		for _, h := range in.Hits(data, in.Inspect(scanner.Blob{Data: data}, detect.State{})) {
			h.At("rules.toml")
			file.Allow(h.Secret.Reveal(), data)
		}
		file.AllowPath("a")
	})
}
