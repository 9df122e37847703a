package gate_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/gate/rule"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

var now = time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)

// says makes a rule that reports one violation of an entry.
func says(id string, v gate.Violation, actions [3]gate.Action) gate.Rule {
	return gate.Rule{ID: id, Severity: scanner.High, Actions: actions, Check: func(gate.Facts) []gate.Violation { return []gate.Violation{v} }}
}

var scanned = scanner.Coverage{Files: 1}

func TestDecision(t *testing.T) {
	fails := says("no-expiry", gate.Violation{Entry: "a"}, [3]gate.Action{})
	warns := says("no-expiry", gate.Violation{Entry: "a", Action: gate.Warning}, [3]gate.Action{})
	unsure := says("incomplete-scan", gate.Violation{}, [3]gate.Action{gate.Uncertain, gate.Uncertain, gate.Uncertain})
	gap := scanner.Gap{Reason: scanner.Shallow}
	for name, c := range map[string]struct {
		f     gate.Facts
		rules []gate.Rule
		want  gate.Decision
	}{
		"nothing stands":          {gate.Facts{Coverage: scanned}, nil, gate.Pass},
		"a violation stands":      {gate.Facts{Coverage: scanned}, []gate.Rule{fails}, gate.Fail},
		"a warning":               {gate.Facts{Coverage: scanned}, []gate.Rule{warns}, gate.Pass},
		"a gap":                   {gate.Facts{Coverage: scanned, Gaps: []scanner.Gap{gap}}, nil, gate.Incomplete},
		"a minor gap":             {gate.Facts{Coverage: scanned, Gaps: []scanner.Gap{{Minor: true}}}, nil, gate.Pass},
		"a violation over a gap":  {gate.Facts{Coverage: scanned, Gaps: []scanner.Gap{gap}}, []gate.Rule{fails, unsure}, gate.Fail},
		"uncertain":               {gate.Facts{Coverage: scanned}, []gate.Rule{unsure}, gate.Incomplete},
		"nothing was scanned":     {gate.Facts{}, nil, gate.Incomplete},
		"nothing and a violation": {gate.Facts{}, []gate.Rule{fails}, gate.Fail},
	} {
		if got := gate.Evaluate(c.f, policy.Default(), c.rules).Decision; got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if (gate.Verdict{}).Decision == gate.Pass {
		t.Error("the zero verdict passes a build")
	}
}

func TestActions(t *testing.T) {
	table := [3]gate.Action{gate.Off, gate.Warning, gate.Failing}
	standard := inventory.Entry{ID: "std", Data: []string{"none"}}
	p := policy.Default()
	run := func(entry string) string {
		v := gate.Evaluate(gate.Facts{Coverage: scanned, Declared: []inventory.Entry{standard}}, p, []gate.Rule{says("no-expiry", gate.Violation{Entry: entry}, table)})
		if len(v.Violations) == 0 {
			return "off"
		}
		return v.Violations[0].Action.String()
	}
	if got := run("std"); got != "warn" {
		t.Errorf("standard: %s", got)
	}
	if got := run(""); got != "fail" {
		t.Errorf("what has no entry counts as formal: %s", got)
	}
	p.Actions = map[string]map[inventory.Tier]policy.Act{"no-expiry": {inventory.Standard: "fail", inventory.Formal: "off"}}
	if run("std") != "fail" || run("") != "off" {
		t.Error("the policy does not override")
	}
}

func date(s string) inventory.Date {
	d, err := inventory.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestTolerance(t *testing.T) {
	r := says("no-expiry", gate.Violation{Entry: "a", Message: "m"}, [3]gate.Action{})
	base := gate.Facts{Now: now, Coverage: scanned}
	fp := gate.Evaluate(base, policy.Default(), []gate.Rule{r}).Violations[0].Fingerprint
	x := approval.Exception{ID: "7", Connection: "a", Rule: "no-expiry", Reason: "because", On: date("2026-09-01"), Expires: date("2026-09-24")}
	item := approval.Item{Fingerprint: fp, Rule: "no-expiry", Due: date("2026-09-24")}
	with := func(change func(*gate.Facts)) gate.Violation {
		f := base
		change(&f)
		return gate.Evaluate(f, policy.Default(), []gate.Rule{r}).Violations[0]
	}
	if v := with(func(f *gate.Facts) { f.Exceptions = []approval.Exception{x} }); v.Exception != "7" || v.Reason != "because" || v.Due != date("2026-09-24").Time() {
		t.Errorf("on its last day: %+v", v)
	}
	for name, change := range map[string]func(*approval.Exception){
		"another rule": func(x *approval.Exception) { x.Rule = "overdue-rotation" }, "another entry": func(x *approval.Exception) { x.Connection = "b" },
		"ended": func(x *approval.Exception) { x.Expires = date("2026-09-23") }, "to come": func(x *approval.Exception) { x.On = date("2026-09-25") },
	} {
		y := x
		change(&y)
		if v := with(func(f *gate.Facts) { f.Exceptions = []approval.Exception{y} }); !v.Stands() {
			t.Errorf("%s: tolerated by %s", name, v.Exception)
		}
	}
	if v := with(func(f *gate.Facts) { f.Baseline.Items = []approval.Item{item} }); v.Exception != gate.ByBaseline || v.Fails() {
		t.Errorf("%+v", v)
	}
	item.Due = date("2026-09-23")
	if v := with(func(f *gate.Facts) { f.Baseline.Items = []approval.Item{item} }); !v.Fails() || v.Reason != "the baseline tolerated it until 2026-09-23" {
		t.Errorf("%+v", v)
	}
	gap := says("incomplete-scan", gate.Violation{Entry: "a"}, [3]gate.Action{gate.Uncertain, gate.Uncertain, gate.Uncertain})
	x.Rule = "incomplete-scan"
	if v := gate.Evaluate(gate.Facts{Now: now, Coverage: scanned, Exceptions: []approval.Exception{x}}, policy.Default(), []gate.Rule{gap}); v.Decision != gate.Incomplete {
		t.Error("a gap was tolerated")
	}
}

// The identity of a violation survives moves and rewording; another subject is
// another violation.
func TestFingerprint(t *testing.T) {
	of := func(v gate.Violation) string {
		return gate.Evaluate(gate.Facts{Coverage: scanned}, policy.Default(), []gate.Rule{says("r", v, [3]gate.Action{})}).Violations[0].Fingerprint
	}
	a := of(gate.Violation{Entry: "a", Message: "one", Locations: []scanner.Location{{Path: "x", Line: 1, Commit: "1"}}})
	if b := of(gate.Violation{Entry: "a", Message: "two", Locations: []scanner.Location{{Path: "y", Line: 9, Commit: "2"}}}); a != b {
		t.Error("depends on where or how it is told")
	}
	seen := map[string]bool{a: true}
	for _, v := range []gate.Violation{{Entry: "b"}, {Entry: "a", Fingerprint: "x"}, {Entry: "ax"}, {Finding: "k1:00"}} {
		if f := of(v); seen[f] {
			t.Errorf("%+v has the fingerprint of another", v)
		} else {
			seen[f] = true
		}
	}
}

// The same facts give the same verdict, byte for byte, and stay as they were.
func TestEvaluateIsPure(t *testing.T) {
	f, _ := proposed(t)
	before, _ := json.Marshal(f)
	one, _ := json.Marshal(gate.Evaluate(f, policy.Default(), rule.All()))
	two, _ := json.Marshal(gate.Evaluate(f, policy.Default(), rule.All()))
	if string(one) != string(two) {
		t.Error("two runs differ")
	}
	if after, _ := json.Marshal(f); string(after) != string(before) {
		t.Error("the facts were changed")
	}
}

// found is what a repository of some size has.
func found() []connection.Connection {
	var cs []connection.Connection
	add := func(c connection.Connection, job string) {
		path := ".github/workflows/" + job + ".yml"
		c.Consumers = append(c.Consumers, connection.Consumer{Path: path, Job: job, Triggers: c.Triggers})
		for i := range c.Environments {
			c.Consumers = append(c.Consumers, connection.Consumer{Path: path, Job: job, Environment: c.Environments[i]})
		}
		c.Locations = []connection.Place{{Location: scanner.Location{Path: path, Line: 3, Column: 5, AtHead: true}, Document: "github-actions"}}
		cs = append(cs, c)
	}
	add(connection.Connection{ID: "stripe-key", Kind: connection.SecretRef, Provider: "stripe", ProviderFrom: connection.FromName, Auth: connection.Static,
		Refs: []string{"github:secret:STRIPE_KEY"}, Environments: []string{"production", "${{ inputs.e }}"}}, "refund")
	add(connection.Connection{ID: "crates-io-trust", Kind: connection.FederatedTrust, Provider: "crates.io", ProviderFrom: connection.FromIntegration, Auth: connection.OIDC,
		Environments: []string{"release"}}, "publish")
	add(connection.Connection{ID: "call", Kind: connection.DelegatedCall, Provider: "github", ProviderFrom: connection.FromIntegration, Auth: connection.Static, Account: "o",
		Principal: "o/r/.github/workflows/w.yml", Refs: []string{"github:secret:*"}, Scopes: []string{"*"}}, "call")
	add(connection.Connection{ID: "ghcr-io", Kind: connection.RegistryLogin, Provider: "github", ProviderFrom: connection.FromHost, Endpoint: "ghcr.io", Auth: connection.Static,
		Refs: []string{"github:job-token", "github:secret:GHCR_USERNAME"}}, "image")
	add(connection.Connection{ID: "us-docker-pkg-dev", Kind: connection.RegistryLogin, Provider: "gcp", ProviderFrom: connection.FromHost, Endpoint: "us-docker.pkg.dev", Auth: connection.OIDC}, "image")
	for _, field := range []string{"client-id", "tenant-id"} {
		add(connection.Connection{ID: "vault-" + field, Kind: connection.StoreRef, Provider: "vault", ProviderFrom: connection.FromIntegration, Auth: connection.Ambient,
			Refs: []string{"vault:?:signing#" + field}}, "sign")
	}
	add(connection.Connection{ID: "x-access-token", Kind: connection.URLCredential, Provider: "github", ProviderFrom: connection.FromHost, Endpoint: "github.com",
		Principal: "x-access-token", Auth: connection.App}, "push")
	add(connection.Connection{ID: "deploy", Kind: connection.SSH, Endpoint: "host.example.com:2222", Auth: connection.Static, Refs: []string{"github:secret:SSH_KEY"},
		Triggers: []string{"pull_request_target"}}, "[odd] name")
	add(connection.Connection{ID: "github-job-token", Kind: connection.JobToken, Provider: "github", ProviderFrom: connection.FromIntegration, Auth: connection.Ambient,
		Refs: []string{"github:job-token"}, Scopes: []string{"contents:write"}}, "ci")
	add(connection.Connection{ID: "github-com", Kind: connection.Endpoint, Provider: "github", ProviderFrom: connection.FromHost, Endpoint: "github.com", Auth: connection.None}, "ci")
	add(connection.Connection{ID: "local", Kind: connection.DelegatedCall, Provider: "github", Principal: "./.github/workflows/x.yml", Refs: []string{"github:secret:*"}}, "ci")
	return cs
}

// proposed are the facts after init wrote an inventory of what was found.
func proposed(t *testing.T) (gate.Facts, inventory.Inventory) {
	t.Helper()
	cs := found()
	inv := inventory.Propose(inventory.Proposal{Connections: cs, Today: inventory.DateOf(now)})
	inv, err := inventory.Parse(inventory.File{Path: inventory.Path, Data: inv.Marshal()})
	if err != nil {
		t.Fatalf("what init writes does not parse: %v", err)
	}
	m := reconcile.Match(reconcile.Input{Entries: inv.Entries, Connections: cs})
	return gate.Facts{Now: now, Coverage: scanned, Connections: m.Connections, Declared: m.Entries, Ambiguous: m.Ambiguous}, inv
}

// What init writes declares all that was found, drifts from nothing, and with
// its baseline the gate can be switched on the same day.
func TestInitClosesWhatItFound(t *testing.T) {
	f, inv := proposed(t)
	if len(inv.Entries) != 8 {
		t.Errorf("%d entries for 8 real connections", len(inv.Entries))
	}
	open := gate.Evaluate(gate.Facts{Now: now, Coverage: scanned, Connections: found()}, policy.Default(), rule.All())
	if open.Decision != gate.Fail || open.Counts.Undeclared != 9 || open.Counts.Listed != 3 {
		t.Errorf("before: %s %+v", open.Decision, open.Counts)
	}
	v := gate.Evaluate(f, policy.Default(), rule.All())
	for _, x := range v.Violations {
		if !strings.Contains("incomplete-entry unowned-connection unapproved-connection static-where-federated", x.Rule) {
			t.Errorf("%s [%s]", x.Message, x.Rule)
		}
	}
	if v.Decision != gate.Fail || v.Counts.Undeclared != 0 || v.Counts.Unseen != 0 {
		t.Errorf("after: %s %+v", v.Decision, v.Counts)
	}
	f.Baseline = gate.NewBaseline(v)
	again := gate.Evaluate(f, policy.Default(), rule.All())
	if again.Decision != gate.Pass || again.Counts.Baselined != len(f.Baseline.Items) || again.Counts.Governed != 8 {
		t.Errorf("with the baseline: %s %+v", again.Decision, again.Counts)
	}
	if second := gate.NewBaseline(again); second.Items[0] != f.Baseline.Items[0] {
		t.Errorf("a second init bought time: %+v", second.Items[0])
	}
	f.Now = now.AddDate(0, 0, 31)
	if late := gate.Evaluate(f, policy.Default(), rule.All()); late.Decision != gate.Fail {
		t.Errorf("a month later: %s", late.Decision)
	}
	f.Now, f.Connections = now, append(f.Connections, connection.Connection{ID: "new", Kind: connection.SecretRef, Refs: []string{"github:secret:NEW"}})
	if fresh := gate.Evaluate(f, policy.Default(), rule.All()); fresh.Decision != gate.Fail || fresh.Counts.Failing != 1 {
		t.Errorf("new trouble: %s %+v", fresh.Decision, fresh.Counts)
	}
}
