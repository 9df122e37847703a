package report

import (
	"time"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// Run is what a document says of the run itself, which the facts do not know.
type Run struct {
	Version  string // of credgate
	Target   Target
	Evidence []Evidence // in order of name
}

// Judged makes the document of a gate run.
func Judged(r Run, f gate.Facts, v gate.Verdict) Document {
	d := Discovered(r, f)
	d.Entries = each(v.Entries, entryOf)
	d.Violations = make([]Violation, 0, len(v.Violations))
	for _, x := range v.Violations {
		if x.Action != gate.Off {
			d.Violations = append(d.Violations, violationOf(x))
		}
	}
	d.Verdict = &Verdict{
		Decision:  v.Decision.String(),
		Evaluated: day(v.Now),
		Policy:    v.Policy,
		Evidence:  list(r.Evidence),
		Counts:    Counts(v.Counts),
	}
	return d
}

// Discovered makes the document of a scan: findings and connections, no
// entries and no judgement.
func Discovered(r Run, f gate.Facts) Document {
	return Document{
		SchemaVersion: SchemaVersion,
		Tool:          Tool{Name: "credgate", Version: r.Version},
		Target:        r.Target,
		Coverage:      f.Coverage,
		Gaps:          each(f.Gaps, gapOf),
		Findings:      each(f.Findings, findingOf),
		Connections:   each(f.Connections, connectionOf),
		Entries:       []Entry{},
	}
}

// each maps a list; the result is never nil.
func each[S, T any](in []S, f func(S) T) []T {
	out := make([]T, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// list is a copy that is never nil.
func list[T any](in []T) []T { return append(make([]T, 0, len(in)), in...) }

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

func gapOf(g scanner.Gap) Gap {
	return Gap{
		Path: g.Path, PathBase64: rawBytes(g.Path), Line: g.Line, Column: g.Column,
		Object: g.Object, Reason: g.Reason, Detail: g.Detail, Minor: g.Minor,
	}
}

func locationOf(l scanner.Location) Location {
	return Location{
		Path: l.Path, PathBase64: rawBytes(l.Path),
		Line: l.Line, Column: l.Column, EndLine: l.EndLine, EndColumn: l.EndColumn,
		Commit: l.Commit, Author: l.Author, Date: utc(l.Date), LastCommit: l.LastCommit, AtHead: l.AtHead, Ref: l.Ref,
	}
}

func placeOf(p connection.Place) Location {
	l := locationOf(p.Location)
	l.Document, l.Construct, l.Kind, l.Provider = p.Document, p.Construct, p.Kind, p.Provider
	return l
}

func findingOf(f scanner.Finding) Finding {
	return Finding{
		Detector: f.Detector, Title: f.Title, Provider: f.Provider, Kind: f.Kind, Severity: severity(f.Severity),
		Fingerprint: f.Fingerprint, Facts: list(f.Facts), Locations: nearest(each(f.Locations, locationOf)),
		Entry: f.Entry, Allowed: f.Allowed,
	}
}

// severity is at least info, since every output names one.
func severity(s scanner.Severity) scanner.Severity { return max(s, scanner.Info) }

func connectionOf(c connection.Connection) Connection {
	return Connection{
		ID: c.ID, Kind: c.Kind, Provider: c.Provider, ProviderFrom: c.ProviderFrom, Account: c.Account,
		Endpoint: c.Endpoint, Endpoints: list(c.Endpoints), Principal: c.Principal, Auth: c.Auth,
		Refs: list(c.Refs), Scopes: list(c.Scopes), Environments: list(c.Environments), Triggers: list(c.Triggers),
		Consumers: list(c.Consumers), Locations: each(c.Locations, placeOf), Complete: c.Complete, Vendored: c.Vendored, Entry: c.Entry,
	}
}

func violationOf(v gate.Violation) Violation {
	return Violation{
		Rule: v.Rule, Severity: severity(v.Severity), Action: v.Action.String(),
		Entry: v.Entry, Connection: v.Connection, Finding: v.Finding,
		Message: v.Message, Remedy: v.Remedy, Locations: each(v.Locations, locationOf),
		FirstSeen: utc(v.FirstSeen), Due: utc(v.Due), Exception: v.Exception, Reason: v.Reason, Fingerprint: v.Fingerprint,
	}
}

func entryOf(e gate.Entry) Entry {
	out := Entry{
		ID: e.ID, Status: string(e.Status), ReplacedBy: e.ReplacedBy, Provider: e.Provider, Account: e.Account,
		Direction: e.Direction, Endpoints: list(e.Endpoints), Owner: e.Owner, People: []string{},
		OwnerProblem: e.Answer.Problem, BusinessOwner: e.BusinessOwner, Use: e.Use, Purpose: e.Purpose,
		Data: list(e.Data), Scopes: list(e.Scopes), Environments: list(e.Environments), UsedBy: list(e.UsedBy),
		Credential: credentialOf(e.Credential), Risk: riskOf(e.Tier, e.Assessment), Critical: e.Critical,
		Seen: seenOf(e.Seen), Location: locationOf(e.Location), Notes: e.Notes,
	}
	for _, p := range e.Answer.People {
		out.People = append(out.People, p.ID)
	}
	if e.Governing != nil {
		out.Approval = approvalOf(*e.Governing)
	}
	out.Dues = each(e.Dues, func(d gate.Due) Due { return Due{What: d.What, On: d.On.String(), Why: d.Why} })
	return out
}

func credentialOf(c inventory.Credential) Credential {
	return Credential{
		Kind: c.Kind, Auth: c.Auth, ID: c.ID, Fingerprint: c.Fingerprint, StoredIn: list(c.StoredIn),
		IssuedBy: c.IssuedBy, LastRotated: c.LastRotated.String(), RotateEvery: c.RotateEvery.String(),
		Expires: c.Expires.String(), TTL: c.TTL.String(), Revocation: c.Revocation.Mode, Runbook: c.Revocation.How,
	}
}

func riskOf(declared inventory.Tier, a policy.Assessment) Risk {
	return Risk{
		Tier: a.Tier.String(), Declared: declared.String(), Computed: a.Computed.String(),
		Sensitivity: a.Risk.Sensitivity.String(), BlastRadius: a.Risk.BlastRadius.String(), AbuseSpeed: a.Risk.AbuseSpeed.String(),
		Product: a.Product, Floors: list(a.Floors), Idle: Limit(a.Idle), Age: Limit(a.Age), Validity: Limit(a.Validity),
	}
}

func approvalOf(r approval.Record) *Approval {
	return &Approval{
		Decision: r.Decision, Action: r.Action, Trigger: list(r.Trigger),
		Approvers: each(r.Approvers, func(a approval.Approver) Approver {
			return Approver{By: a.By, Role: a.Role, On: utc(a.On)}
		}),
		Expires: r.Expires.String(), Digest: r.Digest, Inline: r.Inline, Location: locationOf(r.Location),
	}
}

func seenOf(s inventory.Seen) Seen {
	return Seen{
		Findings: s.Findings, Connections: list(s.Connections), Refs: list(s.Refs), Endpoints: list(s.Endpoints),
		Scopes: list(s.Scopes), Environments: list(s.Environments), Consumers: s.Consumers,
		Federated: s.Federated, InScope: s.InScope, Locations: each(s.Locations, locationOf),
	}
}
