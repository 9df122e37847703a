package policy

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner/connection"
)

// The table of governance 1.5: P, idle, age, validity.
func TestLimits(t *testing.T) {
	p := Default()
	for _, c := range []struct {
		s, b, v             inventory.Level
		idle, age, validity int
		tier                inventory.Tier
	}{
		{1, 1, 1, 180, 360, 365, inventory.Standard}, // 4·180 capped
		{1, 1, 4, 90, 180, 360, inventory.Standard},
		{2, 2, 4, 45, 90, 180, inventory.Standard},
		{3, 3, 4, 30, 60, 120, inventory.Formal},
		{4, 3, 4, 25, 51, 103, inventory.Formal},
		{4, 4, 4, 22, 45, 90, inventory.Formal},
	} {
		e := inventory.Entry{Data: []string{"none"}, Risk: inventory.Risk{Sensitivity: c.s, BlastRadius: c.b, AbuseSpeed: c.v},
			ProviderFacts: inventory.Provider{Kind: inventory.External}}
		a := p.Assess(e)
		if a.Idle.Days != c.idle || a.Age.Days != c.age || a.Validity.Days != c.validity || a.Tier != c.tier {
			t.Errorf("P %d: %d %d %d %s", a.Product, a.Idle.Days, a.Age.Days, a.Validity.Days, a.Tier)
		}
	}
	a := p.Assess(inventory.Entry{Data: []string{"none"}, Risk: inventory.Risk{Sensitivity: 4, BlastRadius: 3, AbuseSpeed: 4}})
	if d := cmp.Diff([]string{"25 days = 180/√48", "51 days = 2·180/√48", "103 days = 4·180/√48"}, []string{a.Idle.Why, a.Age.Why, a.Validity.Why}); d != "" {
		t.Error(d)
	}
}

func TestFloors(t *testing.T) {
	date := func(s string) inventory.Date {
		d, err := inventory.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	none := []string{"none"}
	for name, c := range map[string]struct {
		e    inventory.Entry
		want inventory.Risk
	}{
		"nothing declared": {inventory.Entry{}, inventory.Risk{Sensitivity: 2, BlastRadius: 1, AbuseSpeed: 1}},
		"no data":          {inventory.Entry{Data: none}, inventory.Risk{Sensitivity: 1, BlastRadius: 1, AbuseSpeed: 1}},
		"cards":            {inventory.Entry{Data: []string{"pii", "pci"}}, inventory.Risk{Sensitivity: 4, BlastRadius: 1, AbuseSpeed: 1}},
		"people":           {inventory.Entry{Data: []string{"pii"}}, inventory.Risk{Sensitivity: 3, BlastRadius: 1, AbuseSpeed: 1}},
		"declared higher":  {inventory.Entry{Data: none, Risk: inventory.Risk{Sensitivity: 4}}, inventory.Risk{Sensitivity: 4, BlastRadius: 1, AbuseSpeed: 1}},
		"unscoped":         {inventory.Entry{Data: none, Scopes: []string{"unscoped"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 4, AbuseSpeed: 1}},
		"admin":            {inventory.Entry{Data: none, Scopes: []string{"read", "admin:org"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 4, AbuseSpeed: 1}},
		"org write":        {inventory.Entry{Data: none, Scopes: []string{"org:write"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 4, AbuseSpeed: 1}},
		"write":            {inventory.Entry{Data: none, Scopes: []string{"packages:write"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 2, AbuseSpeed: 1}},
		"write in production": {inventory.Entry{Data: none, Scopes: []string{"packages:write"}, Environments: []string{"prod-eu"}},
			inventory.Risk{Sensitivity: 1, BlastRadius: 3, AbuseSpeed: 1}},
		"read in production": {inventory.Entry{Data: none, Scopes: []string{"read"}, Environments: []string{"production"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 2, AbuseSpeed: 1}},
		"no production":      {inventory.Entry{Data: none, Scopes: []string{"read"}, Environments: []string{"pre-prod"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 1, AbuseSpeed: 1}},
		"two repositories":   {inventory.Entry{Data: none, UsedBy: []string{"a/b:x", "a/c:x"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 2, AbuseSpeed: 1}},
		"static":             {inventory.Entry{Data: none, Credential: inventory.Credential{Kind: "api-key"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 1, AbuseSpeed: 4}},
		"expiring": {inventory.Entry{Data: none, Credential: inventory.Credential{Kind: "api-key", LastRotated: date("2026-01-01"), Expires: inventory.Expiry{On: date("2026-04-01")}}},
			inventory.Risk{Sensitivity: 1, BlastRadius: 1, AbuseSpeed: 3}},
		"certificate": {inventory.Entry{Data: none, Credential: inventory.Credential{Kind: "certificate"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 1, AbuseSpeed: 2}},
		"federated":   {inventory.Entry{Data: none, Credential: inventory.Credential{Kind: "workload-identity"}}, inventory.Risk{Sensitivity: 1, BlastRadius: 1, AbuseSpeed: 1}},
		"federated deploy": {inventory.Entry{Data: none, Use: "deploy", Credential: inventory.Credential{Kind: "workload-identity"}},
			inventory.Risk{Sensitivity: 1, BlastRadius: 1, AbuseSpeed: 3}},
	} {
		if d := cmp.Diff(c.want, Default().Assess(c.e).Risk); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestLight(t *testing.T) {
	ok := inventory.Entry{Data: []string{"none"}, ProviderFacts: inventory.Provider{Kind: inventory.Internal}, Seen: inventory.Seen{Federated: true},
		Credential: inventory.Credential{Kind: "workload-identity", TTL: inventory.Day, Revocation: inventory.Revocation{Mode: "automatic"}}}
	if a := Default().Assess(ok); a.Tier != inventory.Light || a.Validity.Days != 0 {
		t.Errorf("%+v", a)
	}
	for want, change := range map[string]func(*inventory.Entry){
		"the provider is not internal":         func(e *inventory.Entry) { e.ProviderFacts.Kind = inventory.External },
		"ttl is not declared":                  func(e *inventory.Entry) { e.Credential.TTL = 0 },
		"ttl 2d is over 1d":                    func(e *inventory.Entry) { e.Credential.TTL *= 2 },
		"revocation is not automatic":          func(e *inventory.Entry) { e.Credential.Revocation.Mode = "manual" },
		"ttl and revocation are not evidenced": func(e *inventory.Entry) { e.Seen.Federated = false },
	} {
		e := ok
		change(&e)
		if a := Default().Assess(e); a.Tier != inventory.Standard || a.NotLight != want {
			t.Errorf("want %q: %s %q", want, a.Tier, a.NotLight)
		}
	}
	strict := ok
	strict.Tier = inventory.Formal
	if a := Default().Assess(strict); a.Tier != inventory.Formal || a.Computed != inventory.Light {
		t.Errorf("a stricter tier may be declared: %s %s", a.Tier, a.Computed)
	}
}

func TestProfiles(t *testing.T) {
	p, _ := Named("cis")
	e := inventory.Entry{Data: []string{"none"}, Risk: inventory.Risk{Sensitivity: 1, BlastRadius: 1, AbuseSpeed: 4}}
	if a := p.Assess(e); a.Validity.Days != 90 || a.Idle.Days != 45 || a.Validity.Why != "90 days, the most that profile cis allows" {
		t.Errorf("%+v", a)
	}
	if _, ok := Named("sox"); ok {
		t.Error("an unknown profile is one")
	}
}

func TestParse(t *testing.T) {
	p, err := Load(fstest.MapFS{Path: {Data: []byte(`version: 1
profile: default
horizon: 120d
uses: [deploy, publish, refunds, telemetry, build-cache, backup]
tiers:
  light:    {max_product: 4, max_ttl: 24h, approvals: 0, standing_until: 2027-01-31}
  standard: {max_product: 16, approvals: 1, evidence: A1, usage_max_age: 30d, warn: 30d}
  formal:   {approvals: 2, evidence: A2, roles: [business-owner, security], usage_max_age: 7d, warn: 60d, reissue: always}
approvers: {security: [team:appsec], business-owner: [entry]}
directory: {file: .credgate/people.csv, max_age: 14d, complete: false}
actions: {idle-connection: {standard: warn}, no-expiry: off}
gate: [endpoint]
job_token: {ceiling: [contents:write]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Horizon.Days() != 120 || p.Tier(inventory.Formal).Warn.Days() != 60 || p.Tier(inventory.Unknown).Approvals != 2 || p.Directory.Complete ||
		p.Actions["no-expiry"][inventory.Light] != "off" || p.Actions["idle-connection"][inventory.Standard] != "warn" ||
		len(p.Actions["idle-connection"]) != 1 || !strings.HasPrefix(p.Digest, "sha256:") {
		t.Errorf("%+v", p)
	}
	if !p.Needs(connection.Connection{Kind: connection.Endpoint}) || Default().Needs(connection.Connection{Kind: connection.Endpoint}) {
		t.Error("gate: [endpoint] asks for an entry, and only it")
	}
	if d := cmp.Diff(Default(), must(Load(fstest.MapFS{})), cmp.AllowUnexported(inventory.Date{})); d != "" {
		t.Errorf("no file: %s", d)
	}
}

func must(p Policy, err error) Policy {
	if err != nil {
		panic(err)
	}
	return p
}

func TestParseErrors(t *testing.T) {
	_, err := Parse("policy.yaml", []byte(`version: 1
profile: pci
horizons: 180d
tiers: {light: {max_product: 65, max_ttl: 24}, standart: {}}
approvers: {security: [appsec]}
directory: {file: ../people.csv, complete: maybe}
actions: {idle: warn, no-expiry: {formal: ignore}, incomplete-scan: off}
gate: [endpoints]
solo: 1
`))
	const want = `policy.yaml:1:1: horizon is missing
policy.yaml:1:1: risk_analysis is missing
policy.yaml:3:1: horizons: unknown key "horizons" (did you mean horizon?)
policy.yaml:4:30: tiers.light.max_product: "65" is no whole number from 1 to 64
policy.yaml:4:43: tiers.light.max_ttl: "24" has no unit (hint: 24d)
policy.yaml:4:48: tiers.standart: unknown key "standart" (did you mean standard?)
policy.yaml:5:24: approvers.security[0]: "appsec" is no owner (hint: team:NAME or user:NAME)
policy.yaml:6:12: directory: file "../people.csv" does not lie in the repository
policy.yaml:6:44: directory.complete: "maybe" is neither true nor false
policy.yaml:7:11: actions.idle: unknown rule "idle" (allowed: RULES)
policy.yaml:7:43: actions.no-expiry.formal: unknown value "ignore" (allowed: fail, incomplete, warn, off)
policy.yaml:7:69: actions.incomplete-scan: a gap is never a pass (allowed: fail, incomplete)
policy.yaml:8:8: gate[0]: unknown value "endpoints" (did you mean endpoint?)
policy.yaml:9:7: solo: "1" is neither true nor false`
	if err == nil {
		t.Fatal("no error")
	}
	got := strings.ReplaceAll(err.Error(), strings.Join(RuleIDs, ", "), "RULES")
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
		t.Error(d)
	}
}

func TestJobTokenCeiling(t *testing.T) {
	for _, c := range []struct{ ceiling, scopes, over string }{
		{"", "contents:write packages:write", ""},
		{"", "*", "*"},
		{"*", "*", ""},
		{"contents:write", "contents:read contents:write", ""},
		{"contents:read", "contents:write id-token:write actions:none", "contents:write id-token:write"},
	} {
		over := JobToken{Ceiling: strings.Fields(c.ceiling)}.Over(strings.Fields(c.scopes))
		if got := strings.Join(over, " "); got != c.over {
			t.Errorf("ceiling %q, scopes %q: over %q, want %q", c.ceiling, c.scopes, got, c.over)
		}
	}
}
