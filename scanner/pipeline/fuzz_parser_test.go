package pipeline

import (
	"bytes"
	"strings"
	"testing"
)

// Laws of the readers of formats, below the dialects: what they give stands
// where they say that it stands, in order, within the document.

// lawful holds a text of d to that.
func lawful(t *testing.T, d *Document, x Text) {
	t.Helper()
	last := 0
	for i := range len(x.S) + 1 {
		p := x.Pos(i)
		if p < last || p > len(d.Data) {
			t.Fatalf("byte %d of %q stands at %d after %d of %q", i, x.S, p, last, d.Data)
		}
		last = p
	}
	if x.at == nil && x.set && string(d.Data[x.base:x.base+len(x.S)]) != x.S {
		t.Fatalf("%q is not what stands at %d of %q", x.S, x.base, d.Data)
	}
	l := d.Location(x)
	if lines := bytes.Count(d.Data, []byte("\n")) + 1; l.Line < 1 || l.Column < 1 || l.EndLine > lines || l.EndLine < l.Line || l.EndLine == l.Line && l.EndColumn < l.Column {
		t.Fatalf("%q is at %v of %q", x.S, l, d.Data)
	}
}

func lawfulNodes(t *testing.T, d *Document, roots ...*Node) {
	t.Helper()
	for _, r := range roots {
		r.Walk(func(n *Node) bool {
			lawful(t, d, n.Text())
			n.Pairs()
			return true
		})
	}
}

// FuzzYAML reads documents, and scalars that hold YAML themselves.
func FuzzYAML(f *testing.F) {
	for _, s := range spanCases {
		f.Add(s)
	}
	for _, a := range seedFiles(f) {
		if yamlExt(a.Name) && len(a.Data) < 4096 {
			f.Add(string(a.Data))
		}
	}
	f.Add("a: {{ x }}\n{{- if y }}\nb: [\n")
	f.Fuzz(func(t *testing.T, s string) {
		d := testDocument(s)
		roots := d.YAML()
		lawfulNodes(t, d, roots...)
		for _, r := range roots {
			r.Walk(func(n *Node) bool {
				if n.Kind == ScalarNode && strings.Contains(n.Value, ": ") {
					lawfulNodes(t, d, d.ParseYAML(n.Text())...)
				}
				return true
			})
		}
	})
}

// FuzzJSON reads JSON with comments, as such and as HCL.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a": [1, "b\u00e9\\", null], /* c */ "d": {"e": true,},}`, "// x\n{\"a\": \"\\ud83d\\ude00 b\"}", "[[[", `{"a":`, "\"", "{'a': b}"} {
		f.Add(s)
	}
	for _, a := range seedFiles(f) {
		if strings.HasSuffix(a.Name, ".json") {
			f.Add(string(a.Data))
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := testDocument(s)
		lawfulNodes(t, d, d.JSON())
		d.Path = "main.tf.json"
		lawfulBlock(t, d, d.HCL(), 0)
	})
}

func lawfulBlock(t *testing.T, d *Document, b *hclBlock, depth int) {
	t.Helper()
	if b == nil || depth > 2*maxDepth {
		return
	}
	for _, a := range b.Attrs {
		lawful(t, d, a.At)
		if x, ok := d.literalText(a.Expr); ok {
			lawful(t, d, x)
		}
	}
	for _, c := range b.Blocks {
		lawfulBlock(t, d, c, depth+1)
	}
}

// FuzzHCL reads configurations of Terraform and its like.
func FuzzHCL(f *testing.F) {
	for _, s := range []string{"a \"b\" \"c\" {\n  d = \"e${f}g\"\n}\n", "x = <<EOT\na\nEOT\n", "x = [for a in b : {c = d}]\n", "a {", "x = \"\\u00e9${", "b \"\\\"\" {}\n"} {
		f.Add(s)
	}
	for _, a := range seedFiles(f) {
		if strings.HasSuffix(a.Name, ".tf") || strings.HasSuffix(a.Name, ".hcl") {
			f.Add(string(a.Data))
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := testDocument(s)
		lawfulBlock(t, d, d.HCL(), 0)
	})
}

// FuzzDockerfile takes Dockerfiles apart.
func FuzzDockerfile(f *testing.F) {
	for _, a := range seedFiles(f) {
		if dockerfilePath(a.Name) {
			f.Add(string(a.Data))
		}
	}
	f.Add("# escape=`\nRUN a `\n  b\nCOPY <<-\"E\" /x\n\tb\n\tE\nONBUILD RUN c")
	f.Fuzz(func(t *testing.T, s string) {
		d := testDocument(s)
		for _, i := range dockerInstructions(d) {
			lawful(t, d, i.Args)
			for _, x := range i.Flags {
				lawful(t, d, x)
			}
			for _, h := range i.Docs {
				lawful(t, d, h.Body)
				lawful(t, d, h.Whole)
			}
		}
		readDockerfile(d)
	})
}

// FuzzXML reads settings.xml, nuget.config and their like.
func FuzzXML(f *testing.F) {
	for _, s := range []string{"<a b='c' d=\"e\">f &amp; g<![CDATA[h]]></a>", "<a><b></a>", "<?xml version='1.0' encoding='x'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a b", "<a:b c:d='e'/>"} {
		f.Add(s)
	}
	for _, a := range seedFiles(f) {
		if strings.HasSuffix(strings.ToLower(a.Name), ".xml") || strings.HasSuffix(strings.ToLower(a.Name), ".config") {
			f.Add(string(a.Data))
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := testDocument(s)
		d.XML().walk(func(n *xmlNode) {
			lawful(t, d, n.Text)
			lawful(t, d, n.At)
			for _, a := range n.Attr {
				lawful(t, d, a)
			}
		})
	})
}

// FuzzConf reads the formats of lines: INI, properties, dotenv, netrc; and TOML.
func FuzzConf(f *testing.F) {
	for _, s := range []string{"[a \"b\"]\nc = 'd' # e\n  f\n; g\nh: i\n", "export A=\"b$C\" # d\n", "machine a login b password c\nmacdef x\n\n", "[a.b]\nc = {d = [1, 'e'], f = \"\"\"g\n\"\"\"}\n[[h]]\n", "a =\n"} {
		f.Add(s)
	}
	for _, a := range seedFiles(f) {
		if credentialReader(a.Name) != nil || strings.HasSuffix(a.Name, ".toml") {
			f.Add(string(a.Data))
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := testDocument(s)
		for _, colons := range []bool{false, true} {
			for _, e := range d.iniLines(colons) {
				lawful(t, d, e.Section)
				lawful(t, d, e.Key)
				lawful(t, d, e.Value)
			}
		}
		lawfulNodes(t, d, d.TOML())
		for _, p := range []string{".env", ".netrc", ".npmrc", ".pypirc", ".gitconfig", ".ssh/config", ".aws/config", "gradle.properties"} {
			d := newDocument(&reading{}, &credentialFiles, p, []byte(s))
			credentialFiles.Read(d)
		}
	})
}

// FuzzMask holds the masking of templates to its law: it changes no length and
// no line, and only what stands in an action or is a tab.
func FuzzMask(f *testing.F) {
	for _, s := range []string{"a: {{ b }}\n{{- if c }}\nd: e\n{{ end }}\n", "a: '{{ b\n }}'\n", "{% if a %}\n\tb: <%= c %>\n", "a: ${{ b }}\n", "{{{{}}}}", "{#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := testDocument(s)
		lawfulNodes(t, d, d.YAML()...)
		masked, ok := maskTemplates([]byte(s))
		if !ok {
			return
		}
		if len(masked) != len(s) {
			t.Fatalf("%d bytes of %d", len(masked), len(s))
		}
		for i := range masked {
			if masked[i] != s[i] && (s[i] == '\n' || s[i] == '\r' || masked[i] != ' ' && masked[i] != 'x') {
				t.Fatalf("byte %d of %q is %q", i, s, masked[i])
			}
		}
	})
}
