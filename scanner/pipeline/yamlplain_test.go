package pipeline

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// differ gives where two trees of nodes are not the same: "" where they are.
func differ(a, b *Node, depth int) string {
	switch {
	case a == nil || b == nil:
		if a == b {
			return ""
		}
		return "one is missing"
	case depth > maxDepth+2:
		return ""
	case a.Kind != b.Kind || a.Value != b.Value || a.Tag != b.Tag || a.Quote != b.Quote || a.style != b.style || a.start != b.start || a.merges != b.merges:
		return fmt.Sprintf("kind %d %d value %q %q tag %q %q style %d %d start %d %d merges %v %v", a.Kind, b.Kind, a.Value, b.Value, a.Tag, b.Tag, a.style, b.style, a.start, b.start, a.merges, b.merges)
	case len(a.pairs) != len(b.pairs) || len(a.items) != len(b.items):
		return fmt.Sprintf("%d %d pairs, %d %d items at %d", len(a.pairs), len(b.pairs), len(a.items), len(b.items), a.start)
	}
	if a.Kind == AliasNode && (a.alias.start != b.alias.start || a.alias.Kind != b.alias.Kind) {
		return fmt.Sprintf("alias of %d, want %d", a.alias.start, b.alias.start)
	}
	for i := range a.pairs {
		if s := differ(a.pairs[i].Key, b.pairs[i].Key, depth+1) + differ(a.pairs[i].Value, b.pairs[i].Value, depth+1); s != "" {
			return s
		}
	}
	for i := range a.items {
		if s := differ(a.items[i], b.items[i], depth+1); s != "" {
			return s
		}
	}
	return ""
}

// agree holds the plain reader to the library on a text, as it stands and with
// its templates masked. It tells whether the plain reader read it.
func agree(t *testing.T, name string, data []byte) bool {
	t.Helper()
	d := newDocument(&reading{}, &Dialect{ID: "test"}, name, data)
	read := agreeOn(t, d)
	if masked, ok := maskTemplates(d.Data); ok {
		m := newDocument(&reading{}, &Dialect{ID: "test"}, name, masked)
		m.unmasked = d.Data
		read = agreeOn(t, m) || read
	}
	return read
}

func agreeOn(t *testing.T, d *Document) bool {
	t.Helper()
	got, ok, action := d.plainYAML(0, len(d.Data))
	if !ok && !action {
		return false
	}
	want, err := d.parseLibrary(0, len(d.Data))
	switch {
	case action:
		if err == nil {
			t.Errorf("%s: the library reads what was taken for a template:\n%.400q", d.Path, d.Data)
		}
		return true
	case err != nil:
		t.Errorf("%s: the library refuses it: %v\n%.400q", d.Path, err, d.Data)
		return true
	case len(got) != len(want):
		t.Errorf("%s: %d documents, want %d\n%.400q", d.Path, len(got), len(want), d.Data)
		return true
	}
	for i := range got {
		if s := differ(got[i], want[i], 0); s != "" {
			t.Errorf("%s: %s\n%.400q", d.Path, s, d.Data)
		}
	}
	return true
}

var plainCases = []string{
	"a: &x b\nc: *x\n", "a: &x\n  b: c\nd:\n  <<: *x\n", "- &x\n  a: b\n- *x\n- &y [*x, {a: *x}]\n- &z {b: c}\n", "a: &x\n- b\n", "&x a: b\n", "a: &x\nb: c\n", "a: &x [*x]\n", "*x : a\n", "a: &x b\n---\nc: *x\n", "a: &x 1\nb: &x 2\nc: *x\n",
	"a: !vault |\n  $ANSIBLE_VAULT;1.1\n  00\nb: !unsafe '{{ x }}'\nc: !a &x\n  d: e\n", "a: !!str b\n", "a: ! b\n", "- !x\n  - b\n", "a: !x # c\n  b\n", "a: &x # c\n  b: c\n", "a: !x\n# c\n  b\n", "a: |  \n\nb: c\n", "a: |\n      \n  b\n", "a: |+\n      \n\nb: c\n", "a: >-\n     \nb: |\n", "a:\n  - |\n    \n  - b\n", "a: |\n    \n  # x\nb: c\n",
	"---\n---\na: b\n---\n", "---", "---\n ", "---\n# x\n", "a: b\n...\n", "a: b\n...\n---\nc: d\n...\n# x\n", "...\na: b\n", "a: b\n...\nc: d\n", "---\n...\n---\n", "a: :b\nc: ?d\n?e: f\n:g: h\n", "a: {{ b }}/c\n", "a: {{ b }}:{{ c }}\n", "a: \"b\"c\n", "- 'a'b: c\n", "{{ a }}\nb: c\n", "{{/* a: b: */}}\n", "a: {b}#c\n", "a: \"b\"#c\n", "  a: b\nc: d\n",
	"a:\n  b: [c,\n  d, e,\nf]\n  g: \"h\n  i\"\n  j: 'k\n l'\n", "a: \"\\x41\\u00e4\\U0001F553\\ud800\"\n", "a: \"\\U0001F553 b\"\n", "a: [?b, :c]\n", "a: 'b\n---\nc'\n", "...a: b\n",
	"", "a", "a: 1\n", "- a\n- b: 1\n  c:\n- \n-\n", "a:\n- b\n- c:\n  - d\ne: f", "a:\n  - b\n  -  c: d\n     e: f\n", "a:\nb:\n", "a: # x\n  b: c # y\n",
	"a: |\n  x\n   y\n\n  z\n\nb: >-\n  x\n  y\n\n   z\n  w\nc: |+\n  x\n\n\nd: >+\n\n  x\n\n", "a: |\n\n\n  x", "a: |\nb: c\n", "a: |-\n", "a: |2\n  x\n", "- |\n x\n- >\n  y\n   z\n  w\n",
	"a: 'it''s'\nb: \"x\\n\\\"\\\\\"\nc: 'x\n  y\n\n  z'\nd: \"a  \n  b \\\n  c\"\n", "a: x y  # c\nb: x#y\nc: x:y\nd: http://x/y:z\n", "a: b\n  c\n\n  d\ne: f\n", "a: b: c\n", "a: b\n c: d\n", "a: - b\n",
	"a: [b, 'c', \"d\", [e], {f: g, h}, ]\ni: {}\nj: []\n", "a: [b,\n  c,\n  d e\n  ]\n", "{\"a\": 1, \"b\": [\"c\"], d: }\n", "{a: b}: c\n", "a: {b: c}d\n", "[a: b]\n", "{ {x} }\n", "a: {{ x }}\n", "{{- if x }}\na: b\n{{- end }}\n", "a:\n  {{- toYaml . }}\n", "{% if x %}\na: b\n{% endif %}\n", "a: {% x %}\n", "- {%- x %}\n",
	"---\na: b\n---\nc: d\n", "--- a\n", "---\n---\n", "a: b\n...\n", "%YAML 1.2\n---\na: b\n", "a: &x b\nc: *x\n", "a: !t b\n", "<<: {a: b}\nc: d\n", "a:\tb\n", "\ta: b\n", "a: b\tc\n", "a: |\n  b\tc\n  \td\n", "a: |\n \tb\n",
	"? a\n: b\n", "a : b\n'c' : d\n\"e\":f\n", "a: b\r\nc: d\r\n", "a: é\n日本: x\n- y\n", "a: \"x\u0085y\"\n", "a: |\n  x\n # y\n  z\n", "a: |\n  x\n# y\nb: c\n", "a:\n  - b\n - c\n", "a:\n   b: c\n  d: e\n", "- a\n-b\n", "- - a\n  - b\n-   - c\n", "a: -b\n", "a: -\n", "-\n",
	"a: b #\n#\n #x\nc: d\n", "a:\n#x\n  b: c\n", "x\ny\n", "'x'\n", "|\n  x\n", "a: \"b\" c\n", "a: 'b'#c\n", "a: [b]#c\n", "a: [b #c\n]\n", "a: [-, b]\n", "a: [b: c, d]\n", "a: [b ? c]\n", "a: @b\n", "a: `b`\n", "a: %b\n", "a: >\n  b\n\n\n  c\n   d\n\n   e\n  f\n", "a:\n\n\n- b\n", strings.Repeat("a", 1100) + ": b\n", strings.Repeat("[", 200), strings.Repeat("- ", 150) + "a",
	"a: \"b\nc\"\n", "a: 'b\n  c': d\n", "a: [b\n  c]\n", "a: [\nb]\n", "a: b\n---\n", "a: |\n  b\n---\nc", "a:    \n  b\n", "a: ''\nb: \"\"\n", "a: {b: [c, d], 'e': \"f\", \"g\":h}\n", "a: {b:c, d:}\n", "a: b\n\x00", "a: \xff\n", "\ufeffa: b\n", "a:\n- |\n  x\n- y\n", "a: >2-\n  x\n", "a: |  # c\n  x\n", "a: | b\n",
}

// TestPlainYAML holds the plain reader to the library on small cases of each
// thing that it knows, on all files of the cases, and on all documents of the
// tree CREDGATE_TREE where that is set.
func TestPlainYAML(t *testing.T) {
	read := 0
	for _, c := range plainCases {
		if agree(t, "case", []byte(c)) {
			read++
		}
	}
	if read < len(plainCases)/3 {
		t.Errorf("read only %d of %d cases", read, len(plainCases))
	}
	read, all := 0, 0
	for _, f := range seedFiles(t) {
		if yamlExt(f.Name) {
			all++
			if agree(t, f.Name, f.Data) {
				read++
			}
		}
	}
	if read < all*2/3 {
		t.Errorf("read only %d of %d files", read, all)
	}
	if root := os.Getenv("CREDGATE_TREE"); root != "" {
		plainTree(t, root)
	}
}

func plainTree(t *testing.T, root string) {
	read, all, bytesRead, bytesAll := 0, 0, 0, 0
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || !yamlExt(p) && !strings.HasSuffix(p, ".tpl") && !strings.HasSuffix(p, ".j2") {
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil || len(data) > maxFile {
			return nil
		}
		all, bytesAll = all+1, bytesAll+len(data)
		if agree(t, p, data) {
			read, bytesRead = read+1, bytesRead+len(data)
		} else if os.Getenv("CREDGATE_TREE_LIST") != "" {
			t.Logf("left to the library: %s", p)
		}
		return nil
	})
	t.Logf("%d of %d files, %d of %d bytes", read, all, bytesRead, bytesAll)
	if err != nil {
		t.Error(err)
	}
}

// TestBareAction holds bareAction to the expression that it stands for.
func TestBareAction(t *testing.T) {
	want := regexp.MustCompile(`(?m)^[^#\n]*[:-] +\{\{`)
	texts := slices.Concat(plainCases, []string{"a: {{ x }}", "a:{{ x }}", "a:  {{x}}", "#a: {{x}}", "a: #{{x}}", "a: # {{x}}", "- {{x}}", " {{x}}", "\n {{x}}\nb: {{y}}", "a b {{x}} c: {{y}}", "a: \t{{x}}", ": {{"})
	for _, f := range seedFiles(t) {
		texts = append(texts, string(f.Data))
	}
	for _, s := range texts {
		if bareAction(s) != want.MatchString(s) {
			t.Errorf("%v for %.200q", bareAction(s), s)
		}
	}
}

// FuzzPlainYAML holds the plain reader to the library.
func FuzzPlainYAML(f *testing.F) {
	for _, c := range plainCases {
		f.Add([]byte(c))
	}
	for _, c := range spanCases {
		f.Add([]byte(c))
	}
	for _, a := range seedFiles(f) {
		if yamlExt(a.Name) && len(a.Data) < 2048 {
			f.Add(a.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		agree(t, "fuzz", data)
	})
}
