package inventory

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/credgate/credgate/scanner"
)

func TestParseExample(t *testing.T) {
	data, err := os.ReadFile("testdata/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inv, err := Parse(File{"inventory.yaml", data})
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Entries) != 2 || inv.Entries[0].ID != "build-cache" {
		t.Fatalf("entries: %+v", inv.Entries)
	}
	e := inv.Entries[1]
	got := map[string]string{
		"owner":    e.Owner,
		"scopes":   strings.Join(e.Scopes, " "),
		"rotated":  e.Credential.LastRotated.String(),
		"every":    e.Credential.RotateEvery.String(),
		"expires":  e.Credential.Expires.String(),
		"risk":     e.Risk.AbuseSpeed.String(),
		"revision": e.ProviderFacts.Revision.String(),
		"auth":     e.ProviderFacts.Auth["secret-key"].State,
		"status":   string(e.Status),
		"ttl":      inv.Entries[0].Credential.TTL.String(),
		"inward":   inv.Entries[0].Direction,
	}
	want := map[string]string{
		"owner": "team:payments", "scopes": "charges:read refunds:write", "rotated": "2026-06-01", "every": "50d",
		"expires": "never", "risk": "critical", "revision": "2026-03-01", "auth": "discouraged", "status": "active",
		"ttl": "1h", "inward": "outbound",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	places := map[string]scanner.Location{
		"":                       {Path: "inventory.yaml", Line: 11, Column: 3, EndLine: 11, EndColumn: 17, AtHead: true},
		"owner":                  {Path: "inventory.yaml", Line: 16, Column: 12, EndLine: 16, EndColumn: 25, AtHead: true},
		"credential.expires":     {Path: "inventory.yaml", Line: 32, Column: 16, EndLine: 32, EndColumn: 21, AtHead: true},
		"credential.nonexistent": {Path: "inventory.yaml", Line: 11, Column: 3, EndLine: 11, EndColumn: 17, AtHead: true},
	}
	for f, want := range places {
		if d := cmp.Diff(want, e.At(f)); d != "" {
			t.Errorf("%s: %s", f, d)
		}
	}
}

// Every error of every file is told, in order, with its place.
func TestParseErrors(t *testing.T) {
	const bad = `version: 2
providers:
  stripe: {kind: extrenal, revision: 2026-13-40, hosts: ["https://stripe.com"]}
  aws: {}
conections: {}
connections:
  Stripe_Refunds: {}
  refunds:
    provider: strip
    onwer: team:payments
    owner: payments
    purpose: short
    data: [none, pci]
    scopes: read
    used_by: ["[", ok/**, ok/**, "/abs"]
    credential:
      kind: apikey
      stored_in: [STRIPE_KEY, github:STRIPE_KEY]
      last_rotated: 2026-02-30
      rotate_every: "90"
      expires: soon
      fingerprint: deadbeef
    approval: {by: team:x, on: 2026-01-02, expires: 2026-01-01}
    replaced_by: refund
    critical: "yes"
    tier:
    notes: [a]
  refunds: {}
`
	_, err := Parse(File{"inventory.yaml", []byte(bad)})
	want := strings.Split(strings.TrimSpace(`
inventory.yaml:1:10: version: version "2" is not known (allowed: 1)
inventory.yaml:3:18: providers.stripe.kind: unknown value "extrenal" (did you mean external?)
inventory.yaml:3:38: providers.stripe.revision: "2026-13-40" is no date (hint: 2026-06-01)
inventory.yaml:3:58: providers.stripe.hosts[0]: is a URL (hint: the host alone, or host/path)
inventory.yaml:4:8: providers.aws: kind is missing
inventory.yaml:5:1: conections: unknown key "conections" (did you mean connections?)
inventory.yaml:7:3: connections.Stripe_Refunds: "Stripe_Refunds" is no id (allowed: 2 to 63 of a-z, 0-9 and single hyphens)
inventory.yaml:9:15: connections.refunds.provider: provider "strip" is not declared (did you mean stripe?)
inventory.yaml:10:5: connections.refunds.onwer: unknown key "onwer" (did you mean owner?)
inventory.yaml:11:12: connections.refunds.owner: "payments" is no owner (hint: team:NAME or user:NAME)
inventory.yaml:12:14: connections.refunds.purpose: has 5 characters (allowed: 15 to 200)
inventory.yaml:13:11: connections.refunds.data: none stands beside other values
inventory.yaml:14:13: connections.refunds.scopes: is not a list (hint: [read], or unscoped)
inventory.yaml:15:15: connections.refunds.used_by[0]: "[" is no pattern (hint: [repo:]glob[#job])
inventory.yaml:15:27: connections.refunds.used_by[2]: "ok/**" is there twice
inventory.yaml:15:34: connections.refunds.used_by[3]: "/abs" does not begin at the root of the repository (hint: services/pay/**)
inventory.yaml:17:13: connections.refunds.credential.kind: unknown value "apikey" (did you mean api-key?)
inventory.yaml:18:19: connections.refunds.credential.stored_in[0]: names no store (hint: github:environment/production/NAME, vault:PATH)
inventory.yaml:18:31: connections.refunds.credential.stored_in[1]: names no GitHub store (allowed: github:repository/NAME, github:organization/NAME, github:environment/ENV/NAME, github:secret:NAME, github:var:NAME)
inventory.yaml:19:21: connections.refunds.credential.last_rotated: "2026-02-30" is no date (hint: 2026-06-01)
inventory.yaml:20:21: connections.refunds.credential.rotate_every: "90" has no unit (hint: 90d)
inventory.yaml:21:16: connections.refunds.credential.expires: "soon" is neither a date nor never (hint: 2026-06-01)
inventory.yaml:22:20: connections.refunds.credential.fingerprint: is no fingerprint (hint: credgate scan prints it; never type one)
inventory.yaml:23:15: connections.refunds.approval: expires 2026-01-01, no later than it was given, 2026-01-02
inventory.yaml:23:20: connections.refunds.approval.by: "team:x" is no person (hint: user:NAME)
inventory.yaml:24:18: connections.refunds.replaced_by: connection "refund" is not declared (did you mean refunds?)
inventory.yaml:25:15: connections.refunds.critical: "yes" is neither true nor false
inventory.yaml:26:5: connections.refunds.tier: has no value (hint: write one, or remove the key)
inventory.yaml:27:12: connections.refunds.notes: is a list, not a text
inventory.yaml:28:3: connections.refunds: duplicate key, first on line 8
`), "\n")
	if err == nil {
		t.Fatal("no error")
	}
	if d := cmp.Diff(want, strings.Split(err.Error(), "\n")); d != "" {
		t.Error(d)
	}
	var fe *FieldError
	if !errors.As(err, &fe) || fe.Line != 1 || fe.Field != "version" {
		t.Errorf("errors.As gives %+v", fe)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":     {"", "inv.yaml:1:1: not YAML: \"the file is empty\""},
		"tab":       {"version: 1\nconnections:\n\tab: {}\n", "inv.yaml:3:1: tab in the indentation (hint: use spaces)"},
		"list":      {"- a\n", "inv.yaml:1:1: is a list, not a map of fields"},
		"second":    {"version: 1\n---\nversion: 1\n", "inv.yaml:2:1: a second document begins here (hint: one document a file)"},
		"merge":     {"version: 1\ndefaults: &d {use: x}\nconnections:\n  ab:\n    <<: *d\n", "inv.yaml:5:5: connections.ab.<<: merge keys are not read (hint: use defaults)\ninv.yaml:5:9: alias"},
		"anchor":    {"version: 1\nconnections:\n  ab: {data: &d [pii]}\n  cd: {data: *d}\n", "inv.yaml:4:14: alias to an anchor of connections.ab (hint: write the value out, or use defaults)"},
		"noversion": {"connections: {}\n", "inv.yaml:1:1: version is missing (hint: version: 1)"},
		"control":   {"version: 1\nconnections:\n  ab: {notes: \"a\\u001b[31m\"}\n", "inv.yaml:3:15: connections.ab.notes: holds a control character"},
		"key":       {"version: 1\n\"a\\nb: \\e[0m\": 1\n", `inv.yaml:2:1: "a\nb: \x1b[0m": unknown key "a\nb: \x1b[0m" (allowed: connections, defaults, providers, version)`},
		"pasted":    {"version: 1\nconnections:\n  ab: {owner: " + strings.Repeat("s3cr3t", 8) + "}\n", "inv.yaml:3:15: connections.ab.owner: a value of 48 characters is no owner (hint: team:NAME or user:NAME)"},
		"defaults":  {"version: 1\ndefaults: {owner: x}\nconnections:\n  ab: {}\n  cd: {}\n", "inv.yaml:2:19: defaults.owner: \"x\" is no owner (hint: team:NAME or user:NAME)"},
	} {
		_, err := Parse(File{"inv.yaml", []byte(c.in)})
		if err == nil || !strings.HasPrefix(err.Error()+"\n", c.want) {
			t.Errorf("%s:\n got %v\nwant %s", name, err, c.want)
		}
	}
}

func TestDefaultsAndFiles(t *testing.T) {
	inv, err := Load(fstest.MapFS{
		Path: {Data: []byte("version: 1\nproviders: {stripe: {kind: external}}\n")},
		Dir + "/pay.yaml": {Data: []byte(`version: 1
defaults: {provider: stripe, owner: team:pay, credential: {kind: api-key, rotate_every: 90d}}
connections:
  one: {credential: {kind: pat}}
  two: {owner: user:ann, data: &d [pii], scopes: *d}
`)},
		Dir + "/other.yaml": {Data: []byte("version: 1\nconnections: {three: {}}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range inv.Entries {
		got = append(got, strings.Join([]string{e.ID, e.Provider, e.Owner, e.Credential.Kind, e.Credential.RotateEvery.String(), string(e.ProviderFacts.Kind)}, ","))
	}
	want := []string{"one,stripe,team:pay,pat,90d,external", "three,,,,,", "two,stripe,user:ann,api-key,90d,external"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if l := inv.Entries[0].At("credential.rotate_every"); l.Line != 2 {
		t.Errorf("a default stands where it was written: %v", l)
	}
	if _, err := Load(fstest.MapFS{Path: {Data: []byte("version: 1\nconnections: {ab: {}}\n")}, Dir + "/x.yaml": {Data: []byte("version: 1\nconnections: {ab: {}}\n")}}); err == nil ||
		err.Error() != ".credgate/inventory/x.yaml:2:15: connections.ab: is declared twice, first at .credgate/inventory.yaml:2" {
		t.Errorf("ids over files: %v", err)
	}
	if _, err := Load(fstest.MapFS{".credgate/inventory.yml": {Data: []byte("version: 1\n")}}); err == nil ||
		err.Error() != ".credgate/inventory.yml:1:1: is not read (hint: name it .yaml)" {
		t.Errorf("a file that would be passed over: %v", err)
	}
	if inv, err := Load(fstest.MapFS{}); err != nil || len(inv.Entries) != 0 {
		t.Errorf("no inventory: %v %v", inv, err)
	}
}

func TestParseHostile(t *testing.T) {
	deep := strings.Repeat("{a: ", 9000) + "1" + strings.Repeat("}", 9000)
	bomb := "version: 1\nconnections:\n  ab:\n    x:\n      a: &a [1]\n"
	prev := "a"
	for _, k := range strings.Split("bcdefghijklmnopqrstuvwyz", "") {
		bomb += "      " + k + ": &" + k + " [*" + prev + ", *" + prev + ", *" + prev + "]\n"
		prev = k
	}
	for _, in := range []string{deep, "version: 1\nconnections: " + deep, bomb, "a: &a [*a]", "\xff\xfe", "version: 1\nconnections: {ab: {x: &x {y: *x}}}"} {
		Parse(File{"inv.yaml", []byte(in)})
	}
	many := "version: 1\nconnections:\n"
	for i := range 500 {
		many += "  ab" + strings.Repeat("x", i%30) + "_: {}\n"
	}
	_, err := Parse(File{"inv.yaml", []byte(many)})
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 101 || lines[100] != "inv.yaml: 400 more errors" {
		t.Errorf("%d lines, last %q", len(lines), lines[len(lines)-1])
	}
}
