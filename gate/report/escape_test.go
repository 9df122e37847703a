package report

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// hostile are names that try to be something else somewhere.
var hostile = []string{
	"::error file=x::forged", "a\n::error::forged", "a ::error::forged", "\r\n::stop-commands::x", "%0A::error::x", ",title=x::y",
	"##[error]forged", "a ##[add-mask]b", "##vso[task.setvariable variable=a]b", "###[x]", "##teamcity[buildProblem]",
	"\x1b[31mred\x1b[0m", "\u009b31m", "\x07\x08\x7f", "\u202egnp.exe", "\u2066a\u2069", "a\u200bb\ufeffc\u00ad", "\U000e0041", "\u3164", "\u2028x\u2029",
	"[x](https://evil.example)", "](https://evil.example)", "![x](https://evil.example/x.png)", "<https://evil.example>", "https://evil.example", "www.evil.example", "WwW.evil.example",
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</code></td>", "<!--", "-->", "&lt;b&gt;", "a | b | c", "`code`", "```", "~~x~~", "**x**", "_x_", "# x", "- x", "1. x", "---", "@everyone", "#123", ":white_check_mark:", "$x$", "\\|", "\\",
	"]]>", "<![CDATA[", "\x00", "\ufffe", "\xff\xfe", "\xed\xa0\x80",
	`"]; x -> y; ["`, "\"\n}\n", `\"`, `"] --> c9["`, "\"]\n  click c0 \"javascript:alert(1)\"", "%%{init: {}}%%", "end", "style x fill:#f00;", ":", strings.Repeat(":", 200), "#quot;", "<b>x</b>",
	"BEGIN:VEVENT\r\nEND:VEVENT", "a;b,c\\n", "=cmd|' /C calc'!A0", "${{ secrets.X }}", "x.go:1:1: all is well [pass]", "pass: no violation", " a ", "e\u0301\u0301\u0301\u0301\u0301\u0301",
	strings.Repeat("long/", 60), "\x1b]8;;https://evil.example\x07x\x1b]8;;\x07",
}

// plant puts s into every string of a document, but for the words that decide
// how it is laid out.
func plant(s string) Document {
	d := judged()
	plantIn(reflect.ValueOf(&d).Elem(), s)
	for i, v := range judged().Violations {
		d.Violations[i].Action, d.Violations[i].Exception = v.Action, v.Exception
		if v.Exception != "" && v.Exception != "baseline" {
			d.Violations[i].Exception = s
		}
	}
	for i, e := range judged().Entries {
		for j, x := range e.Dues {
			d.Entries[i].Dues[j].On = x.On
		}
	}
	d.Verdict.Decision, d.Verdict.Evaluated = "fail", "2026-09-24"
	d.Target.Repository = judged().Target.Repository // TestWebURI looks at it
	return d
}

func plantIn(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Pointer:
		if !v.IsNil() {
			plantIn(v.Elem(), s)
		}
	case reflect.Slice:
		for i := range v.Len() {
			plantIn(v.Index(i), s)
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			return
		}
		for i := range v.NumField() {
			plantIn(v.Field(i), s)
		}
	}
}

// everything renders d in every way there is.
func everything(t testing.TB, d Document) map[string]string {
	out := make(map[string]string)
	s := d
	s.Violations, s.Verdict = nil, nil
	for _, f := range Formats() {
		out[f] = render(t, f, d, Options{File: true})
		out["scan "+f] = render(t, f, s, Options{})
	}
	// Broken lines are as long as their contents: only checkPlain holds for them.
	out["wrapped"] = render(t, "text", d, Options{Width: 24})
	out["scan wrapped"] = render(t, "text", s, Options{Width: 24})
	for _, f := range DueFormats() {
		var b strings.Builder
		if err := WriteDue(&b, f, d, Options{}); err != nil {
			t.Fatal(err)
		}
		out["due "+f] = b.String()
	}
	var b strings.Builder
	if err := WriteShow(&b, "text", d.Entries[0].ID, d, Options{}); err != nil {
		t.Fatal(err)
	}
	out["show text"] = b.String()
	s.Entries = nil
	b.Reset()
	if err := WriteShow(&b, "text", d.Connections[0].ID, s, Options{}); err != nil {
		t.Fatal(err)
	}
	out["undeclared text"] = b.String()
	return out
}

func FuzzNothingForged(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	benign := everything(f, plant("x"))
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || s == "baseline" || len(s) > 1<<14 {
			return
		}
		for name, got := range everything(t, plant(s)) {
			checkPlain(t, name, got)
			format := name[strings.LastIndexByte(name, ' ')+1:]
			if format == "wrapped" {
				continue
			}
			want, have := shape(t, format, benign[name]), shape(t, format, got)
			if d := cmp.Diff(want, have); d != "" {
				t.Errorf("%s: %q changes what is written (-benign +hostile):\n%s", name, s, d)
			}
		}
		checkMeaning(t, s)
	})
}

var runnerCommand = regexp.MustCompile(`##\[|##vso\[|##teamcity\[`)

// checkPlain holds for every format: nothing that does not print, no command.
func checkPlain(t *testing.T, name, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("%s is not UTF-8", name)
	}
	for _, r := range strings.ReplaceAll(got, "\r\n", "\n") {
		if r != '\n' && hidden(r) {
			t.Errorf("%s holds %U", name, r)
		}
	}
	if m := runnerCommand.FindString(got); m != "" {
		t.Errorf("%s holds %s", name, m)
	}
	if strings.HasSuffix(name, "github") {
		return
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") {
			t.Errorf("%s: line %q is a workflow command", name, line)
		}
	}
}

var (
	quoted  = regexp.MustCompile(`"(\\.|[^"\\])*"`)
	between = regexp.MustCompile(`"[^"]*"`)
	tags    = regexp.MustCompile(`</?(code|sub|details|summary)>|<br>|<!-- -->`)
	entity  = regexp.MustCompile(`&#\d+;`)
	letters = regexp.MustCompile(`[^|<>\n\x60\[\]&@!*_{}$~\\^]+`)
)

// shape is what stands round the contents: it must not depend on them.
func shape(t *testing.T, format, text string) any {
	t.Helper()
	switch format {
	case "json", "sarif":
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return jsonShape(v)
	case "junit":
		return xmlShape(t, text)
	case "dot":
		return quoted.ReplaceAllString(text, "S")
	case "mermaid":
		return between.ReplaceAllString(text, "S")
	case "github":
		return commands(t, text)
	case "ics":
		return properties(text)
	case "markdown":
		text = entity.ReplaceAllString(tags.ReplaceAllString(text, "T"), "")
		return letters.ReplaceAllString(text, "")
	}
	return strings.Count(text, "\n")
}

func jsonShape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if k == "path_base64" || k == "help" || k == "endColumn" {
				delete(v, k)
				continue
			}
			v[k] = jsonShape(v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = jsonShape(v[i])
		}
		return v
	case string:
		return "S"
	}
	return v
}

func xmlShape(t *testing.T, text string) []string {
	var out []string
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		tok, err := d.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			s := x.Name.Local
			for _, a := range x.Attr {
				s += " " + a.Name.Local
			}
			out = append(out, s)
		case xml.EndElement:
			out = append(out, "/"+x.Name.Local)
		case xml.Comment, xml.Directive:
			t.Errorf("%T in the report", tok)
		}
	}
}

// commands reads workflow commands as the runner does and gives their levels
// and the names of their properties.
func commands(t *testing.T, text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		head, _, ok := strings.Cut(strings.TrimPrefix(line, "::"), "::")
		if !ok || !strings.HasPrefix(line, "::") {
			t.Errorf("%q is no command", line)
		}
		name, props, _ := strings.Cut(head, " ")
		c := []string{name}
		for p := range strings.SplitSeq(props, ",") {
			k, _, _ := strings.Cut(p, "=")
			c = append(c, k)
		}
		out = append(out, c)
	}
	return out
}

func properties(text string) []string {
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n ", ""), "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		out = append(out, name)
	}
	return out
}

// checkMeaning holds for single functions: what can be read back reads back.
func checkMeaning(t *testing.T, s string) {
	t.Helper()
	u, err := url.Parse(uri(s))
	if err != nil || u.Path != s || u.Scheme != "" || u.Host != "" && !strings.HasPrefix(s, "/") {
		t.Errorf("URI %q of %q reads as %v, %v", uri(s), s, u, err)
	}
	back := strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",").Replace(commandPath(s))
	if isPlain(strings.NewReplacer("\r", "", "\n", "").Replace(s)) && back != s {
		t.Errorf("file property of %q reads as %q", s, back)
	}
	if p := plain(s); plain(p) != p {
		t.Errorf("plain of %q is not stable: %q, %q", s, p, plain(p))
	}
	var v string
	b, _ := json.Marshal(s)
	if err := json.Unmarshal(printable(b), &v); err != nil || v != strings.ToValidUTF8(s, "\ufffd") && utf8.ValidString(s) {
		t.Errorf("JSON of %q reads as %q, %v", s, v, err)
	}
}

// Different names never read alike in text.
func TestPathTextTellsApart(t *testing.T) {
	seen := make(map[string]string)
	for _, s := range append(hostile, `\x1b[31mred\x1b[0m`, `"a"`, "a\\n::error::forged", `"a\n\x3a:error::forged"`, "\\\\", "a", "a ") {
		p := pathText(s)
		if o, ok := seen[p]; ok && o != s {
			t.Errorf("%q and %q both read %s", s, o, p)
		}
		seen[p] = s
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"plain text, ünïcödé, 日本語": "plain text, ünïcödé, 日本語",
		"a\nb\r\tc":                `a\nb\r\tc`,
		"\x1b[31m":                 `\x1b[31m`,
		"\xff":                     `\xff`,
		"\u202e":                   `\u202e`,
		"AWS::S3::Bucket":          "AWS::S3::Bucket",
		"::error::x":               `\x3a:error::x`,
		"see ::warning::x":         `see \x3a:warning::x`,
		"##[group]x":               `#\x23[group]x`,
		"e\u0301":                  "e\u0301",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWebURI(t *testing.T) {
	for _, s := range hostile {
		if got := webURI(s); got != "" && got != "https://evil.example" {
			t.Errorf("webURI(%q) = %q", s, got)
		}
	}
	for _, s := range []string{"http://example.com", "https://user:x@example.com", "https://", "https://example.com/a b", "https://example.com/\x1b", "javascript:alert(1)"} {
		if got := webURI(s); got != "" {
			t.Errorf("webURI(%q) = %q", s, got)
		}
	}
	if s := "https://docs.example.com/keys#rotate"; webURI(s) != s {
		t.Errorf("%q is refused", s)
	}
}
