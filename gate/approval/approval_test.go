package approval

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

const dir = LedgerDir + "/stripe-refunds/"

// The record of governance 4.4.
const example = `version: 1
connection: stripe-refunds
decision: approve                # approve | reduce | revoke
trigger: [provider]
requested_by: user:alice
approvers:
  - {by: user:maria, role: business-owner, on: 2026-06-01T10:02:00Z}
  - {by: user:dan-sec, role: security, on: 2026-06-01T11:40:00Z}
expires: 2026-09-12
action: reissue
credential: {generation: 4, id: key_17, replaces: key_09, fingerprint: "hmac-sha256:k1:9f2c"}
checks:
  use_case: {still_needed: true, because: refunds still start in checkout; no newer flow}
  scopes: [{scope: charges:read, keep: true}, {scope: refunds:write, keep: true}]
  endpoints: [{endpoint: api.stripe.com, keep: true}]
  idle: {last_used: 2026-05-31, source: stripe-export.csv, observed: 2026-06-01}
facts: {provider: stripe, provider_revision: "2026-03-01", owner: "team:payments", scopes: [refunds:write, charges:read]}
previous: "none"
`

var dates = cmp.AllowUnexported(inventory.Date{})

func TestRecord(t *testing.T) {
	r, err := ParseRecord(dir+"2026-06-01-1.yaml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.On().Format(time.RFC3339); got != "2026-06-01T11:40:00Z" {
		t.Errorf("on %s", got)
	}
	if d := cmp.Diff([]string{"charges:read", "refunds:write"}, r.Facts["scopes"]); d != "" {
		t.Errorf("a set has no order: %s", d)
	}
	r.Digest = r.Facts.Digest()
	again, err := ParseRecord(dir+"2026-06-01-1.yaml", r.Marshal())
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Marshal())
	}
	if d := cmp.Diff(r, again, dates, cmpopts.IgnoreFields(Record{}, "Location"), cmpopts.IgnoreTypes(scanner.Location{})); d != "" {
		t.Errorf("%s\n%s", d, r.Marshal())
	}
	if string(again.Marshal()) != string(r.Marshal()) {
		t.Error("the same record gives other bytes")
	}
}

func TestRecordErrors(t *testing.T) {
	_, err := ParseRecord(dir+"first.yaml", []byte(`version: 1
connection: other
decision: accept
trigger: [calendar]
approvers: [{by: team:x, on: yesterday}, {by: user:a}]
digest: abc
checks: {use_case: {still_needed: perhaps}, scopes: [{scope: a}]}
facts: {colour: red}
`))
	const p = dir + "first.yaml:"
	want := []string{
		p + `1:1: file is not named DATE-NUMBER.yaml (hint: 2026-06-01-1.yaml)`,
		p + `2:13: connection: "other" lies in the directory of stripe-refunds`,
		p + `3:11: decision: unknown value "accept" (allowed: approve, reduce, revoke)`,
		p + `4:11: trigger[0]: unknown trigger "calendar" (allowed: initial, scheduled, purpose, owner, provider, idle, scope, incident)`,
		p + `5:18: approvers[0].by: "team:x" is no person (hint: user:NAME)`,
		p + `5:30: approvers[0].on: "yesterday" is no time (hint: 2026-06-01T10:02:00Z)`,
		p + `5:42: approvers[1]: on is missing`,
		p + `6:9: digest: is no digest (hint: credgate approve writes it)`,
		p + `7:35: checks.use_case.still_needed: "perhaps" is neither true nor false`,
		p + `7:54: checks.scopes[0]: keep is missing`,
		p + `8:9: facts.colour: unknown fact "colour" (allowed: ` + strings.Join(factNames, ", ") + `)`,
	}
	if err == nil {
		t.Fatal("no error")
	}
	if d := cmp.Diff(want, strings.Split(err.Error(), "\n")); d != "" {
		t.Error(d)
	}
	if _, err := ParseRecord(dir+"2026-06-01-1.yaml", []byte(strings.Replace(example, "previous:", "digest: sha256:"+strings.Repeat("0", 64)+"\nprevious:", 1))); err == nil {
		t.Error("a digest that is not that of the facts passes")
	}
	if _, err := ParseRecord(dir+"2026-06-01-1.yaml", []byte("version: 1\nconnection: stripe-refunds\ndecision: approve\napprovers: [{by: user:a, on: 2026-01-01}]\n")); err == nil {
		t.Error("an approval without an end passes")
	}
}

// Order, white space and letter case of hosts change nothing; a scope does.
func TestDigest(t *testing.T) {
	base := inventory.Entry{Provider: "stripe", Purpose: "Refund  card\npayments", Endpoints: []string{"API.stripe.com/V1"}, Scopes: []string{"b", "a"},
		Notes: "x", Credential: inventory.Credential{ID: "key_1"}}
	digest := func(change func(*inventory.Entry)) string {
		e := base
		change(&e)
		return Snapshot(e, inventory.Standard, inventory.Risk{Sensitivity: inventory.Low}).Digest()
	}
	same := digest(func(e *inventory.Entry) {})
	for name, change := range map[string]func(*inventory.Entry){
		"order": func(e *inventory.Entry) { e.Scopes = []string{"a", "b", "a"} }, "space": func(e *inventory.Entry) { e.Purpose = "Refund card payments" },
		"host": func(e *inventory.Entry) { e.Endpoints = []string{"api.Stripe.com/V1"} }, "notes": func(e *inventory.Entry) { e.Notes = "y" },
		"rotation": func(e *inventory.Entry) { e.Credential.ID = "key_2" },
	} {
		if digest(change) != same {
			t.Errorf("%s changes the digest", name)
		}
	}
	for name, change := range map[string]func(*inventory.Entry){
		"scope": func(e *inventory.Entry) { e.Scopes = []string{"a"} }, "path": func(e *inventory.Entry) { e.Endpoints = []string{"api.stripe.com/v1"} },
		"purpose": func(e *inventory.Entry) { e.Purpose = "Refund" }, "store": func(e *inventory.Entry) { e.Credential.StoredIn = []string{"vault:a"} },
	} {
		if digest(change) == same {
			t.Errorf("%s does not change the digest", name)
		}
	}
	// Fixed, since records in repositories hold it: printf 'credgate/approval-facts/v1\0{"provider":["a<b&c\u2028"]}' | sha256sum
	if got := (Facts{"provider": {"a<b&c\u2028"}}).Digest(); got != "sha256:24f5bf654def9e2bee03e9cade108200f3a1f0e97198be7d087239a3e95fe3b6" {
		t.Errorf("digest of %s", got)
	}
}

func TestDifference(t *testing.T) {
	was := Facts{"scopes": {"a", "b"}, "owner": {"team:x"}, "use": {"deploy"}}
	now := Facts{"scopes": {"b", "c\n"}, "owner": {"team:y"}, "purpose": {"new one"}, "use": {"deploy"}}
	want := []string{"owner team:x → team:y", `purpose nothing → "new one"`, `scopes +"c\n" -a`}
	if d := cmp.Diff(want, now.Difference(was)); d != "" {
		t.Error(d)
	}
}

func TestGoverning(t *testing.T) {
	rec := func(on, decision, by string) string {
		return "version: 1\nconnection: ab\ndecision: " + decision + "\napprovers: [{by: '" + by + "', on: " + on + "}]\nexpires: 2027-01-01\n"
	}
	tree := fstest.MapFS{
		LedgerDir + "/ab/2026-01-01-1.yaml":          {Data: []byte(rec("2026-01-01", "approve", "user:ann"))},
		LedgerDir + "/ab/2026-03-01-1.yaml":          {Data: []byte(rec("2026-03-01", "approve", "user:bob"))},
		LedgerDir + "/ab/2026-03-01-1.yaml.user.sig": {Data: []byte("x")},
		LedgerDir + "/ab/2026-05-01-1.yaml":          {Data: []byte(rec("2026-05-01", "approve", "user:robot[bot]"))},
		LedgerDir + "/ab/2026-08-01-1.yaml":          {Data: []byte(rec("2026-08-01", "revoke", "user:ann"))},
		LedgerDir + "/other-one/2026-04-01-1.yaml":   {Data: []byte(strings.Replace(rec("2026-04-01", "approve", "user:ann"), "ab", "other-one", 1))},
	}
	l, err := LoadLedger(tree)
	if err != nil {
		t.Fatal(err)
	}
	human := func(n string) bool { return !strings.HasSuffix(n, "[bot]") }
	at := func(s string) time.Time { d, _ := inventory.ParseDate(s); return d.Time().Add(time.Hour) }
	inline := &inventory.Approval{By: []string{"user:ann"}}
	inline.On, _ = inventory.ParseDate("2026-04-01")
	for _, c := range []struct {
		now    string
		inline *inventory.Approval
		want   string
	}{
		{"2025-12-31", nil, "none"},
		{"2026-02-01", nil, "approve 2026-01-01"},
		{"2026-06-01", nil, "approve 2026-03-01"},
		{"2026-06-01", inline, "approve 2026-04-01"},
		{"2026-09-01", inline, "revoke 2026-08-01"},
	} {
		got := "none"
		if r := l.Governing(inventory.Entry{ID: "ab", Approval: c.inline}, at(c.now), human); r != nil {
			got = r.Decision + " " + r.On().Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("at %s: %s, want %s", c.now, got, c.want)
		}
	}
}

func TestMisnamed(t *testing.T) {
	for _, p := range []string{LedgerDir + "/2026-01-01-1.yaml", LedgerDir + "/ab/2026-01-01-1.yml", ExceptionsDir + "/1.yml", ExceptionsDir + "/ab/1.yaml", ".credgate/baseline.yml"} {
		tree := fstest.MapFS{p: {Data: []byte("version: 1\n")}}
		_, a := LoadLedger(tree)
		_, b := LoadExceptions(tree)
		_, c := LoadBaseline(tree)
		if a == nil && b == nil && c == nil {
			t.Errorf("%s is passed over", p)
		}
	}
}

func TestNew(t *testing.T) {
	e := inventory.Entry{ID: "ab", Scopes: []string{"read"}, Endpoints: []string{"x.io"}, Credential: inventory.Credential{ID: "key_2"}}
	first := New(e, Facts{"provider": {"x"}}, nil, nil)
	first.Approvers = []Approver{{By: "user:ann", On: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}}
	first.Expires, _ = inventory.ParseDate("2026-06-01")
	p := PathFor("ab", inventory.DateOf(first.On()), []string{LedgerDir + "/ab/2026-01-01-1.yaml"})
	if p != LedgerDir+"/ab/2026-01-01-2.yaml" {
		t.Error(p)
	}
	r, err := ParseRecord(p, first.Marshal())
	if err != nil {
		t.Fatalf("%v\n%s", err, first.Marshal())
	}
	second := New(e, Facts{"provider": {"x"}}, &r, first.Marshal())
	if second.Credential.Generation != 2 || second.Credential.Replaces != "key_2" || !strings.HasPrefix(second.Previous, "sha256:") || second.Action != "reissue" {
		t.Errorf("%+v", second)
	}
}

func TestExceptions(t *testing.T) {
	const ok = "version: 1\nconnection: ab\nrule: no-expiry\nreason: vendor has none that ends\napprover: user:ann\non: 2026-01-01\nexpires: 2026-04-01\n"
	xs, err := LoadExceptions(fstest.MapFS{ExceptionsDir + "/12.yaml": {Data: []byte(ok)}})
	if err != nil || len(xs) != 1 || xs[0].ID != "12" || xs[0].Rule != "no-expiry" {
		t.Fatal(xs, err)
	}
	for _, c := range [][2]string{
		{"expires: 2026-04-01", "expires: 2026-04-02"}, {"expires: 2026-04-01", "expires: 2025-04-02"}, {"connection: ab", `connection: "*"`},
		{"rule: no-expiry", "rule: incomplete-scan"}, {"rule: no-expiry", "rule: all"}, {"approver: user:ann", "approver: team:x"}, {"reason: vendor has none that ends\n", ""},
	} {
		if _, err := ParseException("x.yaml", []byte(strings.Replace(ok, c[0], c[1], 1))); err == nil {
			t.Errorf("%s passes", c[1])
		}
	}
}

func TestBaseline(t *testing.T) {
	due, _ := inventory.ParseDate("2026-12-01")
	b := Baseline{Created: due, Items: []Item{
		{Rule: "unowned-connection", Subject: "ab", Fingerprint: "00112233445566778899aabbccddeeff", Due: due},
		{Rule: "embedded-credential", Subject: "k1:00", Fingerprint: "12345678901234567890123456789012", Due: due}}}
	got, err := ParseBaseline(BaselinePath, b.Marshal())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.Marshal())
	}
	if len(got.Items) != 2 || got.Items[0].Rule != "embedded-credential" || got.Items[0].Fingerprint != b.Items[1].Fingerprint || got.Items[1].Fingerprint != b.Items[0].Fingerprint {
		t.Errorf("%+v", got)
	}
	if empty, err := ParseBaseline(BaselinePath, Baseline{Created: due}.Marshal()); err != nil || len(empty.Items) != 0 {
		t.Error(empty, err)
	}
	if none, err := LoadBaseline(fstest.MapFS{}); err != nil || none.Path != "" {
		t.Error(none, err)
	}
}
