package policy

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// Editor and gate agree on shape: what one takes the other takes.
func TestSchemaAgrees(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("policy.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("policy.json")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]bool{
		"version: 1\n": true,
		"version: 1\nprofile: cis\nhorizon: 90d\nuses: [a]\nsolo: true\n":                                                                                                       true,
		"version: 1\ntiers: {light: {max_product: 2}, formal: {roles: [a], evidence: A3}}\n":                                                                                    true,
		"version: 1\nactions: {no-expiry: warn, idle-connection: {standard: off}}\n":                                                                                            true,
		"version: 1\napprovers: {security: [team:appsec], business-owner: [entry]}\ngate: [endpoint]\n":                                                                         true,
		"version: 1\ndirectory: {complete: false}\njob_token: {ceiling: ['contents:write']}\n":                                                                                  true,
		"version: 1\nprofile: pci\nhorizon: 90d\nrisk_analysis: TRA-7\n":                                                                                                        true,
		"version: 1\npragmas: forbid\nignore: [{paths: ['testdata/**'], detectors: [jwt], reason: made up}]\n":                                                                  true,
		"version: 1\ndetectors: {acme: {expression: 'acme_[0-9a-z]{20}', keywords: [acme_], severity: high, kind: pat, entropy: 2.5, examples: {match: [a], no_match: [b]}}}\n": true,
		"version: 1\nprofile: pci\n":                         false,
		"version: 1\npragmas: never\n":                       false,
		"version: 1\nignore: [{paths: [a]}]\n":               false,
		"version: 1\nignore: [{paths: ['**'], reason: a}]\n": false,
		"version: 1\nignore: [{paths: ['/a'], reason: a}]\n": false,
		"version: 1\ndetectors: {acme: {expression: a}}\n":   false,
		"version: 1\ndetectors: {A: {expression: 'acme_[0-9a-z]{20}', keywords: [acme_], examples: {match: [a], no_match: [b]}}}\n": false,
		"version: 2\n":                    false,
		"{}\n":                            false,
		"version: 1\nprofile: sox\n":      false,
		"version: 1\nhorizon: 90\n":       false,
		"version: 1\ntiers: {lite: {}}\n": false,
		"version: 1\ntiers: {light: {max_product: 65}}\n": false,
		"version: 1\nactions: {no-such: warn}\n":          false,
		"version: 1\nactions: {no-expiry: never}\n":       false,
		"version: 1\ngate: [secret-ref]\n":                false,
		"version: 1\nsolo: 'yes'\n":                       false,
		"version: 1\nextra: 1\n":                          false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(in), &v); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(plain(v)); (err == nil) != want {
			t.Errorf("%q: schema says %v", in, err)
		}
		if _, err := Parse("policy.yaml", []byte(in)); (err == nil) != want {
			t.Errorf("%q: we say %v", in, err)
		}
	}
}

// plain turns what the YAML package gives into what the schema package takes.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = plain(e)
		}
	case []any:
		for i, e := range v {
			v[i] = plain(e)
		}
	case int:
		return float64(v)
	}
	return v
}
