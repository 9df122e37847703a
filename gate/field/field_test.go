package field

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Places are those an editor shows: 1-based, columns in UTF-16 code units,
// whatever the line ends and whatever stands before.
func TestPlaces(t *testing.T) {
	for name, in := range map[string]string{
		"lf": "a: 1\nb:\n  \"ü😀\": [x, 'y z']\n", "crlf": "a: 1\r\nb:\r\n  \"ü😀\": [x, 'y z']\r\n", "bom": "\ufeffa: 1\nb:\n  \"ü😀\": [x, 'y z']\n",
	} {
		d := Parse("f", []byte(in))
		if err := d.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list := d.Root.Get("b").Get("ü😀").List()
		if len(list) != 2 {
			t.Fatalf("%s: %d items", name, len(list))
		}
		for i, want := range [][3]int{{3, 11, 12}, {3, 14, 19}} {
			l := list[i].Location()
			if l.Line != want[0] || l.Column != want[1] || l.EndColumn != want[2] {
				t.Errorf("%s: item %d at %d:%d-%d, want %v", name, i, l.Line, l.Column, l.EndColumn, want)
			}
		}
	}
}

func TestAbsent(t *testing.T) {
	var v Value
	if v.Present() || v.Text() != "" || v.List() != nil || v.Bool() || v.Int(0, 9) != 0 || v.OneOf("a") != "" || v.Get("x").Present() || v.Name() != "" {
		t.Error("an absent value has a value")
	}
	v.Each(func(_, _ Value) { t.Error("an absent value has fields") })
	v.Errorf("nothing to report on")
	v.Requires("x")
}

func TestUnder(t *testing.T) {
	d := Parse("f", []byte("d: {a: 1, m: {x: 1, y: 2}, l: [1]}\ne: {a: 2, m: {y: 3}, z: a}\n"))
	got := map[string]string{}
	d.Root.Get("e").Under(d.Root.Get("d")).Each(func(k, v Value) {
		if v.IsMap() {
			v.Each(func(k2, v2 Value) { got[k.Name()+"."+k2.Name()] = v2.Text() })
		} else if !v.IsList() {
			got[k.Name()] = v.Text()
		}
	})
	want := map[string]string{"a": "2", "m.y": "3", "m.x": "1", "z": "a"}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s is %q, want %q", k, got[k], v)
		}
	}
	if d.Root.Get("d").Get("m").Get("y").Text() != "2" {
		t.Error("the defaults were changed")
	}
}

func TestNearest(t *testing.T) {
	words := []string{"owner", "provider", "purpose", "used_by", "environments", "data"}
	for in, want := range map[string]string{"onwer": "owner", "Owner": "owner", "providr": "provider", "enviroments": "environments", "usedby": "used_by",
		"dat": "data", "zebra": "", "x": "", "": "", strings.Repeat("o", 100): ""} {
		if got := Nearest(in, words); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// What is shown of a name forges nothing.
func TestPlain(t *testing.T) {
	for in, want := range map[string]string{"a/b.yml": "a/b.yml", "": `""`, "a b": `"a b"`, "a\nb": `"a\nb"`, "\x1b[31m": `"\x1b[31m"`, "\u202ex": `"\u202ex"`,
		"\xff": `"\xff"`, "é": "é", "`x`": "\"`x`\""} {
		if got := Plain(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	if got := Quote(strings.Repeat("s3cret", 5)); strings.Contains(got, "s3") {
		t.Errorf("a long value is repeated: %s", got)
	}
}

// Law: a scalar reads back as the text it was written from, in block and flow.
func FuzzScalar(f *testing.F) {
	for _, s := range []string{"", "a", "true", "0x1F", "1:30", "2026-01-01", "a: b", "a #b", "- x", "*x", "&x", "!x", "[x]", "{x}", "?x", "x?y", "a,b", "ü", "a\nb", "\t", " a ",
		"key:", "k: ", "=", "<<", "~", "null", "@x", "`x`", "%x", "|", ">", "'", "\"", "\\", "\u2028", "\x7f", "a  b", "a b c", "github:secret:*", "x#y", "x:#y", "...", "---"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ToValidUTF8(s, "") != s || strings.ContainsRune(s, '\ufeff') {
			return
		}
		for _, doc := range []string{"k: " + Scalar(s) + "\n", "k: [" + Scalar(s) + ", b]\n", "k: {v: " + Scalar(s) + ", w: b}\n", "k:\n  - " + Scalar(s) + "\n"} {
			var n yaml.Node
			if err := yaml.Unmarshal([]byte(doc), &n); err != nil {
				t.Fatalf("%q: %v", doc, err)
			}
			v := n.Content[0].Content[1]
			if v.Kind == yaml.SequenceNode {
				v = v.Content[0]
			} else if v.Kind == yaml.MappingNode {
				v = v.Content[1]
			}
			if v.Kind != yaml.ScalarNode || v.Value != s {
				t.Fatalf("%q reads as %q", doc, v.Value)
			}
		}
	})
}

// Law: no input makes the reader panic, and every error has a place in the file
// and no control character.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1\n", "a: [b, {c: d}]\n", "a: &x [*x]\n", "\t", "a:\n\tb", "<<: {}\n", "? [a]\n: b\n", "---\n---\n", "a: !!binary x\n", "\xff", "a: \"\\0\"\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := Parse("f", data)
		budget := 1000 // aliases make more of little
		var walk func(v Value, depth int)
		walk = func(v Value, depth int) {
			if budget--; depth > 8 || budget < 0 {
				return
			}
			v.Location()
			switch {
			case v.IsMap():
				v.Each(func(k, c Value) { k.Location(); walk(c, depth+1) })
			case v.IsList():
				for _, c := range v.List() {
					walk(c, depth+1)
				}
			default:
				v.Text()
				v.Bool()
				v.Int(0, 9)
				v.OneOf("a", "b")
			}
		}
		walk(d.Root, 0)
		d.Root.Fields(Set{"a": func(v Value) { v.Set(nil) }})
		for _, e := range d.errs {
			if e.Line < 1 || e.Column < 1 || strings.ContainsFunc(e.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Fatalf("%+v: %q", e, e.Error())
			}
		}
	})
}
