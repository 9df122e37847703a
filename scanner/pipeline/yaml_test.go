package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

// marked finds every MARK in scalars of the document, as line:col.
func marked(d *Document) []string {
	var out []string
	for _, r := range d.YAML() {
		r.Walk(func(n *Node) bool {
			if n.Kind == ScalarNode {
				t := n.Text()
				for from := 0; ; {
					i := strings.Index(t.S[from:], "MARK")
					if i < 0 {
						break
					}
					l := d.Location(t.Sub(from+i, from+i+4))
					out = append(out, fmt.Sprintf("%d:%d-%d:%d", l.Line, l.Column, l.EndLine, l.EndColumn))
					from += i + 4
				}
			}
			return true
		})
	}
	return out
}

func testDocument(data string) *Document {
	return newDocument(&reading{}, &Dialect{ID: "test"}, "x.yml", []byte(data))
}

// places gives where MARK stands in the text itself, counted in UTF-16.
func places(text string) []string {
	var out []string
	for l, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		for from := 0; ; {
			i := strings.Index(line[from:], "MARK")
			if i < 0 {
				break
			}
			col := len(utf16.Encode([]rune(line[:from+i]))) + 1
			out = append(out, fmt.Sprintf("%d:%d-%d:%d", l+1, col, l+1, col+4))
			from += i + 4
		}
	}
	return out
}

var spanCases = map[string]string{
	"plain":             "a: x MARK y\n",
	"plain folded":      "a: x\n  y MARK\n\n  z MARK\nb: MARK\n",
	"single":            "a: 'it''s MARK ''MARK'' '\nb: MARK\n",
	"single folded":     "a: 'it''s\n   \n\n   MARK   \n  x MARK'\n",
	"double":            `a: "q\"\u00e9\x41\U0001F600 MARK \\ \t MARK"` + "\n",
	"double folded":     "a: \"one\n  two \\\n  MARK\n\n  MARK \\n MARK\"\n",
	"literal":           "a: |\n  one\n    two MARK\n\n  three MARK\nb: MARK\n",
	"literal indicator": "a: |2-\n    lead MARK\n  MARK\n",
	"literal keep":      "a: |+ # comment\n\n\n  MARK\n\n\nb: MARK\n",
	"folded":            "a: >-\n  one\n  two MARK\n\n  three\n    MARK\n  four MARK\n",
	"flow":              "{a: MARK, 'b': [x, \"MARK\", {c: MARK}]}\n",
	"key":               "MARK: 1\n? MARK\n: 'MARK'\n",
	"tag and anchor":    "a: &x !t 'MARK'\nb: !!str &y |\n  MARK\nc: &z MARK\n",
	"wide":              "é: 日本😀 MARK\nb: |\n  😀 MARK\n",
	"comment":           "a: x # no\n# no\nb: MARK # no\n",
	"documents":         "a: MARK\n---\nb: MARK\n...\n---\n- MARK\n",
	"tabs":              "a:\tMARK\nb: |\n  \tx MARK\n",
	"nested list":       "- - MARK\n  - a: MARK\n    b: |-\n      MARK\n",
	"folded again":      "a: >\n\n  MARK\n  # not a comment MARK\n\n\n\n  x MARK\n",
}

// A character of a scalar has the place at which it stands in the file, however
// the scalar is written and whatever the line endings.
func TestScalarSpans(t *testing.T) {
	for name, text := range spanCases {
		for variant, text := range map[string]string{"": text, " crlf": strings.ReplaceAll(text, "\n", "\r\n"), " bom": "\ufeff" + text} {
			d := testDocument(text)
			got, want := strings.Join(marked(d), " "), strings.Join(places(text), " ")
			if got != want {
				t.Errorf("%s%s: got %s, want %s", name, variant, got, want)
			}
			if len(d.gaps) > 0 { // v3 refuses a leading tab in a block scalar; masking mends it
				t.Errorf("%s%s: gaps %v", name, variant, d.gaps)
			}
		}
	}
}

func TestUTF16(t *testing.T) {
	text := "é: 😀 MARK\nb: MARK\n"
	for _, order := range []string{"le", "be"} {
		data := []byte{0xFF, 0xFE}
		if order == "be" {
			data = []byte{0xFE, 0xFF}
		}
		for _, u := range utf16.Encode([]rune(text)) {
			if order == "le" {
				data = append(data, byte(u), byte(u>>8))
			} else {
				data = append(data, byte(u>>8), byte(u))
			}
		}
		if got, want := strings.Join(marked(testDocument(string(data))), " "), strings.Join(places(text), " "); got != want {
			t.Errorf("%s: got %s, want %s", order, got, want)
		}
	}
}

// What does not parse is read as far as it goes: the rest is a gap.
func TestBrokenYAML(t *testing.T) {
	for _, c := range []struct {
		name, text string
		gaps       int
	}{
		{"later document", "a: MARK\n---\nb: [\n---\nc: MARK\n", 1},
		{"template lines", "a:\n{{- if .x }}\n  b: MARK\n{{- end }}\n  c: {{ .y }} MARK\n", 0},
		{"one bad entry", "a: MARK\nb: : :\n  x: y: z\nc: MARK\n", 2},
		{"bad child", "jobs:\n  one:\n    a: MARK\n  two:\n    b: [x\n  three:\n    c: MARK\n", 1},
		{"bad in list", "s:\n- a: MARK\n- b: 'x\n- c: x\n", 1},
		{"bad first line of an item", "s:\n- a: x\n- b: x: y\n  c:\n    d: MARK\n", 1},
		{"tab indent", "a: MARK\nb:\n\tc: MARK\nd: MARK\n", 0},
	} {
		d := testDocument(c.text)
		got, want := strings.Join(marked(d), " "), strings.Join(places(c.text), " ")
		if got != want || len(d.gaps) != c.gaps {
			t.Errorf("%s: got %s and gaps %v, want %s and %d", c.name, got, d.gaps, want, c.gaps)
		}
	}
}

// A broken block keeps its shape: children stay below their key.
func TestBrokenKeepsPath(t *testing.T) {
	d := testDocument("jobs:\n  one:\n    a: x\n  two:\n    b: [x\n  three:\n    c: y\n")
	if got := d.YAML()[0].Get("jobs", "three", "c").String(); got != "y" {
		t.Errorf("jobs.three.c = %q", got)
	}
	d = testDocument("s:\n- a: x\n- b: x: y\n  c: z\n- d: x\n")
	if items := d.YAML()[0].Get("s").Items(); len(items) != 3 || items[1].Get("c").String() != "z" {
		t.Errorf("items of a list with a broken one: %d", len(items))
	}
}

func TestHostileYAML(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9))
	}
	merge := "m0: &m0 {k: v}\n"
	for i := 1; i < 30; i++ {
		merge += fmt.Sprintf("m%d: &m%d {<<: [*m%d,*m%d,*m%d]}\n", i, i, i-1, i-1, i-1)
	}
	for name, text := range map[string]string{
		"bomb":    bomb,
		"merges":  merge,
		"cycle":   "a: &a [*a, {b: *a}]\nc: &c {<<: *c, d: *c}\n",
		"deep":    strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"deeper":  strings.Repeat("{a: ", 20000),
		"columns": "[" + strings.Repeat("'é', ", 100000) + "]",
		"nul":     "a: b\x00c\n",
		"empty":   "",
		"aliases": "a: *nowhere\n",
	} {
		d := testDocument(text)
		steps := 0
		for _, r := range d.YAML() {
			r.Walk(func(n *Node) bool { steps++; n.Pairs(); n.Text(); return true })
		}
		if steps > 2*maxNodes {
			t.Errorf("%s: %d steps", name, steps)
		}
	}
}

func TestMergeAndDuplicates(t *testing.T) {
	d := testDocument("base: &b {x: 1, y: 2}\nc: {<<: *b, y: 3, y: 4}\n")
	c := d.YAML()[0].Get("c")
	if got := c.Get("x").String() + c.Get("y").String(); got != "14" {
		t.Errorf("x, y = %q, want 14: own keys win, the last one", got)
	}
	if n := len(c.Pairs()); n != 3 {
		t.Errorf("%d pairs, want both y and the merged x", n)
	}
}

func TestParseEmbedded(t *testing.T) {
	text := "s: |\n    a: 'it''s MARK'\n    b:\n      - MARK\n"
	d := testDocument(text)
	inner := d.ParseYAML(d.YAML()[0].Get("s").Text())
	got := []string{}
	for _, n := range []*Node{inner[0].Get("a"), inner[0].Get("b").Items()[0]} {
		l := d.Location(n.Text().Find("MARK"))
		got = append(got, fmt.Sprintf("%d:%d-%d:%d", l.Line, l.Column, l.EndLine, l.EndColumn))
	}
	if want := places(text); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Columns on a line of many thousand characters are those of a short one.
func TestLongLine(t *testing.T) {
	text := "a: [" + strings.Repeat("'é😀', ", 5000) + "MARK]\n"
	d := testDocument(text)
	if got, want := marked(d), places(text); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A large map finds its entries as a small one does: the last of a key, what is
// added later too, and what is merged in where it has none itself.
func TestLargeMap(t *testing.T) {
	text := "base: &b {a: merged, k7: merged}\nmap:\n  <<: *b\n  k7: first\n"
	for i := range 100 {
		text += fmt.Sprintf("  k%d: %d\n", i, i)
	}
	d := testDocument(text)
	m := d.YAML()[0].Get("map")
	for key, want := range map[string]string{"a": "merged", "k7": "7", "k99": "99", "k100": "", "<<": ""} {
		if v := m.Get(key); v.Text().S != want {
			t.Errorf("%s: %q, want %q", key, v.Text().S, want)
		}
	}
	m.pairs = append(m.pairs, Pair{&Node{doc: d, Value: "k7"}, &Node{doc: d, Kind: SeqNode}})
	if p := m.own("k7"); p == nil || p.Value.Kind != SeqNode {
		t.Error("an entry that was added is not found")
	}
}
