package report

import (
	"strings"
	"time"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/owner"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

var (
	now = time.Date(2026, 9, 24, 15, 4, 5, 0, time.UTC)
	oid = func(c string) scanner.ObjectID { return scanner.ObjectID(strings.Repeat(c, 40)) }
)

func on(s string) inventory.Date {
	d, err := inventory.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func loc(path string, line, column, end int) scanner.Location {
	return scanner.Location{Path: path, Line: line, Column: column, EndLine: line, EndColumn: end, AtHead: true}
}

var sampleRun = Run{
	Version:  "1.2.3",
	Target:   Target{Name: "shop", Mode: "history", Head: oid("c"), TrustedRef: "origin/main", Repository: "https://github.com/example/shop"},
	Evidence: []Evidence{{Name: "people.csv", SHA256: strings.Repeat("0", 64), Rows: 12, Date: "2026-09-21", Days: 3}},
}

// sampleFacts are those of a small shop: a leak in history, a declared
// connection that drifted, one that nobody declared.
func sampleFacts() gate.Facts {
	leak := scanner.Finding{
		Detector: "stripe-secret-key", Title: "Stripe live secret key", Provider: "stripe", Kind: "api-key",
		Severity: scanner.Critical, Fingerprint: "s1:00112233445566778899aabbccddeeff",
		Facts: []scanner.Fact{{Name: "account", Value: "acct_1Nexample"}}, Entry: "stripe-refunds",
	}
	for i, path := range []string{"config/old.env", "config/prod.env", "docs/setup.md"} {
		l := loc(path, 3+i, 12, 44)
		l.AtHead, l.Commit, l.LastCommit = false, oid("ab1"[i:i+1]), oid("de2"[i:i+1])
		l.Author, l.Date = "A. Author <a@example.com>", now.AddDate(-1, i, 0)
		leak.Locations = append(leak.Locations, l)
	}
	place := func(path string, line, col, end int) connection.Place {
		return connection.Place{Location: loc(path, line, col, end), Document: "github-actions", Construct: "env"}
	}
	return gate.Facts{
		Now:      now,
		Coverage: scanner.Coverage{Refs: 2, Commits: 120, Blobs: 640, Files: 48, Bytes: 1234567, Documents: 3},
		Gaps: []scanner.Gap{
			{Path: "vendor/lib", Reason: scanner.Outside, Detail: "a submodule", Minor: true},
			{Object: oid("f"), Reason: scanner.Missing, Detail: "the object is not there (hint: git fetch --refetch)"},
		},
		Findings: []scanner.Finding{leak, {
			Detector: "generic-password", Title: "password", Severity: scanner.Medium, Fingerprint: "s1:ffeeddccbbaa99887766554433221100",
			Locations: []scanner.Location{loc("test/fixture.py", 9, 20, 32)}, Allowed: "made up for the test",
		}},
		Connections: []connection.Connection{
			{
				ID: "datadog-api-key", Kind: connection.SecretRef, Provider: "datadog", ProviderFrom: connection.FromName,
				Auth: connection.Static, Refs: []string{"github:secret:DATADOG_KEY"},
				Consumers: []connection.Consumer{{Path: ".github/workflows/deploy.yml", Job: "deploy", Step: "2", Triggers: []string{"push"}}},
				Locations: []connection.Place{place(".github/workflows/deploy.yml", 31, 18, 40)}, Complete: true,
			},
			{
				ID: "stripe-key", Kind: connection.SecretRef, Provider: "stripe", ProviderFrom: connection.FromHost, Account: "acct_1Nexample",
				Endpoint: "pay-proxy.example.net", Endpoints: []string{"api.stripe.com", "pay-proxy.example.net"}, Auth: connection.Static,
				Refs: []string{"github:secret:STRIPE_KEY"}, Scopes: []string{"charges:read"}, Environments: []string{"production"},
				Triggers: []string{"schedule", "workflow_dispatch"}, Entry: "stripe-refunds",
				Consumers: []connection.Consumer{
					{Path: ".github/workflows/refund.yml", Job: "refund", Step: "pay", Environment: "production"},
					{Path: ".github/workflows/refund.yml", Job: "report", Step: "1"},
				},
				Locations: []connection.Place{place(".github/workflows/refund.yml", 18, 24, 46), place(".github/workflows/refund.yml", 40, 24, 46)},
			},
		},
	}
}

func sampleEntries() []gate.Entry {
	e := inventory.Entry{
		ID: "stripe-refunds", Provider: "stripe", Account: "acct_1Nexample", Direction: "outbound", Endpoints: []string{"api.stripe.com"},
		Owner: "team:payments", BusinessOwner: "user:maria", Use: "refunds",
		Purpose: "Refund card payments that support agents approve in checkout", Data: []string{"pci"},
		Scopes: []string{"charges:read", "refunds:write"}, Environments: []string{"production"}, UsedBy: []string{".github/workflows/refund.yml#refund"},
		Credential: inventory.Credential{
			Kind: "api-key", Auth: "restricted-key", ID: "key_17", StoredIn: []string{"github:environment/production/STRIPE_KEY"},
			IssuedBy: "user:dan", LastRotated: on("2026-06-01"), RotateEvery: inventory.Duration(50 * 24 * time.Hour),
			Expires: inventory.Expiry{Never: true}, Revocation: inventory.Revocation{Mode: "manual", How: "runbooks/stripe-revoke.md"},
		},
		Risk: inventory.Risk{Sensitivity: inventory.Critical, BlastRadius: inventory.High, AbuseSpeed: inventory.Critical}, Status: inventory.Active,
		Location: loc(".credgate/inventory.yaml", 9, 3, 17),
		Seen: inventory.Seen{
			Findings: 1, Connections: []string{"stripe-key"}, Refs: []string{"github:secret:STRIPE_KEY"}, Consumers: 2, InScope: true, Files: true,
			Locations: []scanner.Location{loc(".github/workflows/refund.yml", 18, 24, 46)},
		},
	}
	cache := inventory.Entry{
		ID: "build-cache", Provider: "cache", Owner: "team:platform", Use: "build-cache", Purpose: "Read and write compiled objects during CI builds",
		UsedBy: []string{".github/workflows/ci.yml"}, Status: inventory.Active, Location: loc(".credgate/inventory.yaml", 40, 3, 14),
		Credential: inventory.Credential{Kind: "workload-identity", TTL: inventory.Duration(time.Hour), Revocation: inventory.Revocation{Mode: "automatic"}},
		Seen:       inventory.Seen{InScope: true},
	}
	limit := policy.Limit{Days: 25, Why: "25 days = 180/√48"}
	return []gate.Entry{
		{Entry: cache, Assessment: policy.Assessment{Tier: inventory.Light, Computed: inventory.Light}, Answer: owner.Answer{Owner: "team:platform", Problem: "team:platform has no active human member", Known: true}},
		{
			Entry:      e,
			Assessment: policy.Assessment{Tier: inventory.Formal, Computed: inventory.Formal, Product: 48, Risk: e.Risk, Idle: limit, Age: limit, Validity: limit},
			Answer:     owner.Answer{Owner: "team:payments", Known: true, People: []owner.Person{{ID: "alice", Active: true}, {ID: "dan", Active: true}}},
			Governing: &approval.Record{
				Connection: "stripe-refunds", Decision: "approve", Action: "reissue", Expires: on("2026-09-12"), Trigger: []string{"provider"},
				Approvers: []approval.Approver{{By: "user:maria", Role: "business-owner", On: time.Date(2026, 6, 1, 10, 2, 0, 0, time.UTC)}},
				Location:  loc(".credgate/approvals/stripe-refunds/2026-06-01-1.yaml", 1, 1, 1),
			},
			Dues: []gate.Due{
				{What: "rotation", On: on("2026-07-21"), Why: "rotated 2026-06-01, every 50d"},
				{What: "approval", On: on("2026-09-12"), Why: "approved by user:maria on 2026-06-01"},
			},
		},
	}
}

func sampleVerdict() gate.Verdict {
	f := sampleFacts()
	v := func(rule string, s scanner.Severity, a gate.Action, entry, message, remedy string, ls ...scanner.Location) gate.Violation {
		return gate.Violation{Rule: rule, Severity: s, Action: a, Entry: entry, Message: message, Remedy: remedy, Locations: ls, Fingerprint: rule + ":" + entry}
	}
	inv := loc(".credgate/inventory.yaml", 9, 3, 17)
	out := []gate.Violation{
		v("overdue-approval", scanner.High, gate.Failing, "stripe-refunds", "approval ended 2026-09-12, 12 days ago; owner team:payments",
			"review the five checks, reissue, then credgate approve stripe-refunds", inv),
		v("no-expiry", scanner.Medium, gate.Warning, "stripe-refunds", "expires: never on a formal connection", "use an expiring or federated credential", inv),
		v("unowned-connection", scanner.High, gate.Failing, "build-cache", "owner team:platform has no active human member", "name a team with people", loc(".credgate/inventory.yaml", 42, 5, 26)),
		v("undeclared-connection", scanner.High, gate.Failing, "", "DATADOG_KEY is used but no connection declares it",
			"credgate init --from .github/workflows/deploy.yml:31 writes a stub; or remove the use", f.Connections[0].Locations[0].Location),
		v("embedded-credential", scanner.Critical, gate.Failing, "stripe-refunds", "a value of stripe-refunds is committed here",
			"rotate it first, then remove it and move it to a declared store", f.Findings[0].Locations...),
		v("incomplete-scan", scanner.High, gate.Uncertain, "", "1 object is missing", "git fetch --refetch"),
		v("idle-connection", scanner.Medium, gate.Failing, "stripe-refunds", "last used 61 days ago; limit 25 days = 180/√48", "revoke it; reissue if it is needed again", inv),
		v("unseen-connection", scanner.Low, gate.Warning, "build-cache", "nothing in scope uses build-cache", "retire it, or correct used_by", loc(".credgate/inventory.yaml", 40, 3, 14)),
		v("no-expiry", scanner.Medium, gate.Off, "build-cache", "is off", "none"),
	}
	out[3].Connection, out[3].Fingerprint = "datadog-api-key", "undeclared-connection:datadog-api-key"
	out[4].Finding, out[4].FirstSeen = f.Findings[0].Fingerprint, f.Findings[0].Locations[0].Date
	out[6].Exception, out[6].Reason, out[6].Due = "2026-09-01-1", "season pause agreed with support", on("2026-10-31").Time()
	out[7].Exception, out[7].Due = "baseline", on("2026-12-31").Time()
	return gate.Verdict{
		Decision: gate.Fail, Now: now, Policy: "default", Violations: out, Entries: sampleEntries(),
		Counts: gate.Counts{Failing: 4, Warning: 1, Uncertain: 1, Tolerated: 1, Baselined: 1, Connections: 3, Governed: 0, Undeclared: 1, Unseen: 1, Gaps: 1},
	}
}

func judged() Document     { return Judged(sampleRun, sampleFacts(), sampleVerdict()) }
func discovered() Document { return Discovered(sampleRun, sampleFacts()) }

// passed is a run in which all was well, with nothing to tell.
func passed() Document {
	return Judged(Run{Version: "1.2.3", Target: Target{Name: "empty"}}, gate.Facts{Now: now}, gate.Verdict{Decision: gate.Pass, Now: now, Policy: "default"})
}

var sampleOptions = Options{
	Rules: []gate.Rule{
		{ID: "embedded-credential", Severity: scanner.Critical, Title: "A credential is committed", Controls: []string{"NHI2:2025", "IA-5(7)"}, Page: "# embedded-credential\n\nReports a committed value.\n"},
		{ID: "overdue-approval", Severity: scanner.High, Title: "An approval has run out", Controls: []string{"A.5.18"}, Page: "# overdue-approval\n\nReports an approval whose date has passed.\n"},
	},
	Detectors: []scanner.Detector{{ID: "stripe-secret-key", Title: "Stripe live secret key", Severity: scanner.Critical, Provider: "stripe", Rotate: "https://docs.stripe.com/keys"}},
}
