package inventory

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// What was declared comes back, whatever was where.
var declared = cmp.Options{
	cmpopts.IgnoreFields(Entry{}, "Location", "Fields"), cmpopts.IgnoreFields(Provider{}, "Location"),
	cmpopts.EquateEmpty(), cmp.AllowUnexported(Date{}),
}

func TestMarshalRoundTrip(t *testing.T) {
	data, err := os.ReadFile("testdata/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, `
  awkward:
    provider: stripe
    account: "1234: #x"
    direction: both
    owner: user:ann@example.com
    use: backup
    purpose: 'A purpose with "quotes", a colon: and # more'
    scopes: unscoped
    environments: ["true", "007", "a, b", "päyß"]
    used_by: ["**/*.yml", "acme/shop:**#job", "{a,b}/x.y"]
    credential: {stored_in: ["vault:kv/pay x#k"], expires: 2027-01-01, last_rotated: 2026-01-01, ttl: 36h, revocation: {mode: manual, how: "a \\ b"}}
    critical: true
    status: retiring
    replaced_by: stripe-refunds
    tier: formal
    approval: {by: [user:ann, user:bob], on: 2026-01-01, expires: 2026-06-01}
    notes: "line one\nline two: x"
`...)
	want, err := Parse(File{"a.yaml", data})
	if err != nil {
		t.Fatal(err)
	}
	text := want.Marshal()
	got, err := Parse(File{"a.yaml", text})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if d := cmp.Diff(want, got, declared); d != "" {
		t.Errorf("%s\n%s", d, text)
	}
	if again := got.Marshal(); string(again) != string(text) {
		t.Errorf("not stable:\n%s", cmp.Diff(string(text), string(again)))
	}
}

func TestPropose(t *testing.T) {
	at := func(path, job string) connection.Consumer { return connection.Consumer{Path: path, Job: job} }
	cs := []connection.Connection{
		{ID: "stripe-key", Kind: connection.SecretRef, Provider: "stripe", ProviderFrom: connection.FromName, Auth: connection.Static,
			Refs: []string{"github:secret:STRIPE_KEY"}, Environments: []string{"production", "${{ inputs.env }}"},
			Consumers: []connection.Consumer{at(".github/workflows/refund.yml", "refund")}},
		{ID: "stripe-api", Kind: connection.URLCredential, Provider: "stripe", ProviderFrom: connection.FromHost, Endpoint: "api.stripe.com", Auth: connection.Static,
			Refs: []string{"github:secret:STRIPE_KEY", "github:secret:STRIPE_ACCOUNT"}, Consumers: []connection.Consumer{at("app/[id].yml", "x")}},
		{ID: "aws-deploy", Kind: connection.FederatedTrust, Provider: "aws", ProviderFrom: connection.FromIntegration, Account: "123456789012",
			Principal: "arn:aws:iam::123456789012:role/deploy", Auth: connection.OIDC, Consumers: []connection.Consumer{at(".github/workflows/deploy.yml", "deploy")}},
		{ID: "vault-signing-client-id", Kind: connection.StoreRef, Provider: "vault", Refs: []string{"vault:?:signing#client-id"}},
		{ID: "vault-signing-tenant-id", Kind: connection.StoreRef, Provider: "vault", Refs: []string{"vault:?:signing#tenant-id"}},
		{ID: "x", Kind: connection.SecretRef, Refs: []string{"github:secret:X"}, Locations: []connection.Place{{Location: scanner.Location{Path: "a.yml"}}}},
		{ID: "github-job-token", Kind: connection.JobToken, Provider: "github", Auth: connection.Ambient},
		{ID: "example-com", Kind: connection.Endpoint, Endpoint: "example.com"},
	}
	today, _ := ParseDate("2026-11-23")
	inv := Propose(Proposal{Connections: cs, Today: today, Taken: []string{"aws-deploy"}, Owners: func(p string) []string {
		if strings.HasPrefix(p, ".github/") {
			return []string{"user:ann", "team:platform"}
		}
		return nil
	}})
	const want = `version: 1

providers:
  aws: {kind: external, revision: 2026-11-23}
  stripe: {kind: external-processor, revision: 2026-11-23}
  vault: {kind: internal, revision: 2026-11-23}

connections:
  aws-deploy-2:
    provider: aws
    account: "123456789012"
    owner: team:platform           # by CODEOWNERS; does it answer for this?
    use: ""                        # one word: deploy, publish, backup, notify
    purpose: ""                    # one sentence: what would stop without it?
    used_by: [.github/workflows/deploy.yml#deploy]
    credential:
      kind: workload-identity
      id: arn:aws:iam::123456789012:role/deploy

  connection-x:
    owner: ""                      # who answers for this? team:NAME or user:NAME
    use: ""                        # one word: deploy, publish, backup, notify
    purpose: ""                    # one sentence: what would stop without it?
    used_by: [a.yml]
    credential:
      stored_in: [github:secret:X]

  stripe-key:
    provider: stripe
    endpoints: [api.stripe.com]
    owner: ""                      # who answers for this? team:NAME or user:NAME
    use: ""                        # one word: deploy, publish, backup, notify
    purpose: ""                    # one sentence: what would stop without it?
    environments: [production]
    used_by: [.github/workflows/refund.yml#refund, "app/?id?.yml#x"]
    credential:
      stored_in: [github:secret:STRIPE_ACCOUNT, github:secret:STRIPE_KEY]

  vault-signing:
    provider: vault
    owner: ""                      # who answers for this? team:NAME or user:NAME
    use: ""                        # one word: deploy, publish, backup, notify
    purpose: ""                    # one sentence: what would stop without it?
    credential:
      kind: signing-key
      stored_in: [vault:signing]
`
	got := strings.TrimPrefix(string(inv.Marshal()), Header)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := Parse(File{"new.yaml", inv.Marshal()}); err != nil {
		t.Errorf("what init writes does not parse: %v", err)
	}
}

func TestInsert(t *testing.T) {
	add := Inventory{Providers: map[string]Provider{"aws": {Kind: External}},
		Entries: []Entry{{ID: "aws-deploy", Provider: "aws", Direction: "outbound", Status: Active}}}
	for name, in := range map[string]string{
		"block":  "version: 1\n# top\nproviders:\n  # ours\n  stripe: {kind: external}\n\nconnections:\n  pay: # x\n    provider: stripe\n\n# end\n",
		"empty":  "version: 1\nconnections: {}  # none yet\n",
		"none":   "version: 1\n",
		"middle": "version: 1\nconnections:\n  pay: {}\nproviders:\n  aws: {kind: internal}\n",
	} {
		out, err := Insert(File{"inv.yaml", []byte(in)}, add)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
			continue
		}
		inv, err := Parse(File{"inv.yaml", out})
		if err != nil || !strings.Contains(string(out), "aws-deploy") || len(inv.Providers) == 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		for line := range strings.Lines(in) {
			if !strings.Contains(string(out), strings.TrimRight(line, "\n")) && !strings.Contains(line, "{}") {
				t.Errorf("%s lost %q", name, line)
			}
		}
	}
	for _, in := range []string{"version: 1\nconnections: {pay: {}}\n", "version: 1\nconnections:\n    pay: {}\n", "version: 1\nconnections:\n  aws-deploy: {}\n", "version: 2\n"} {
		if out, err := Insert(File{"inv.yaml", []byte(in)}, add); err == nil {
			t.Errorf("added to %q:\n%s", in, out)
		}
	}
}
