package inventory_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/credgate/credgate/gate/inventory"
)

// asJSON reads YAML as an editor does: dates stay texts.
func asJSON(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return asJSON(n.Content[0])
	case yaml.AliasNode:
		return asJSON(n.Alias)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = asJSON(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, asJSON(c))
		}
		return out
	}
	var v any = n.Value
	if n.Tag == "!!bool" || n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!null" {
		n.Decode(&v)
	}
	if i, ok := v.(int); ok {
		return float64(i)
	}
	return v
}

func compiled(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Editor and gate agree on shape: what one takes the other takes.
func TestSchemaAgrees(t *testing.T) {
	s := compiled(t, inventory.Schema)
	example, err := os.ReadFile("testdata/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	entry := func(fields string) string {
		return "version: 1\nproviders: {p1: {kind: external}}\nconnections:\n  ab:\n    provider: p1\n" + indent(fields)
	}
	both := map[string]string{
		"example": string(example),
		"empty":   "version: 1\n",
		"written": string(inventory.Inventory{Entries: []inventory.Entry{{ID: "ab", Status: inventory.Active, Direction: "outbound"}}}.Marshal()),
		"all":     entry("scopes: unscoped\nenvironments: [production]\nstatus: retiring\ntier: formal\ncritical: true\napproval: {by: [user:a], on: 2026-01-01, expires: 2026-02-01}\nx: {any: [1]}\nnotes: |\n  a\n  b"),
		"auth":    "version: 1\nproviders: {p1: {kind: internal, auth: {a: current, b: {removed_on: 2026-01-01}}, terms: {ref: A 1, until: 2027-01-01}, hosts: ['*.x.io']}}\n",
	}
	neither := map[string]string{
		"version":     "version: 2\n",
		"no version":  "connections: {}\n",
		"unknown key": "version: 1\nconections: {}\n",
		"typo":        entry("onwer: team:x"),
		"x-":          entry("x-ray: 1"),
		"id":          "version: 1\nconnections: {A_b: {}}\n",
		"kind":        "version: 1\nproviders: {p1: {kind: extern}}\n",
		"no kind":     "version: 1\nproviders: {p1: {}}\n",
		"owner":       entry("owner: payments"),
		"person":      entry("business_owner: team:x"),
		"date":        entry("credential: {last_rotated: 2026-13-40}"),
		"expires":     entry("credential: {expires: soon}"),
		"unit":        entry(`credential: {rotate_every: "90"}`),
		"number":      entry("credential: {rotate_every: 90}"),
		"store":       entry("credential: {stored_in: [NAME]}"),
		"list":        entry("used_by: a"),
		"twice":       entry("data: [pii, pii]"),
		"scopes":      entry("scopes: read"),
		"risk":        entry("risk: {sensitivity: huge}"),
		"bool":        entry(`critical: "yes"`),
		"null":        entry("owner:"),
		"url":         entry("endpoints: ['https://x.io']"),
		"purpose":     entry("purpose: short"),
		"approval":    entry("approval: {by: user:a}"),
		"default":     "version: 1\ndefaults: {approval: {by: user:a, on: 2026-01-01, expires: 2026-02-01}}\n",
		"fingerprint": entry("credential: {fingerprint: abc}"),
		"absolute":    entry("used_by: [/a]"),
	}
	check := func(name, in string, want bool) {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(in), &n); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		schema := s.Validate(asJSON(&n))
		_, ours := inventory.Parse(inventory.File{Path: "inventory.yaml", Data: []byte(in)})
		if (schema == nil) != want {
			t.Errorf("%s: schema says %v", name, schema)
		}
		if (ours == nil) != want {
			t.Errorf("%s: we say %v", name, ours)
		}
	}
	for name, in := range both {
		check(name, in, true)
	}
	for name, in := range neither {
		check(name, in, false)
	}
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(s, "\n", "\n    ") + "\n"
}
