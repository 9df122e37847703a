package gate_test

import (
	"fmt"
	"testing"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/gate/rule"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// An organisation's inventory over a large repository: what is quadratic shows.
func BenchmarkEvaluate(b *testing.B) {
	const n = 5000
	var in reconcile.Input
	var f gate.Facts
	for i := range n {
		id := fmt.Sprintf("c%05d", i)
		in.Entries = append(in.Entries, inventory.Entry{ID: id, Provider: "aws", UsedBy: []string{"**"}, Status: inventory.Active,
			Credential: inventory.Credential{Kind: "api-key", StoredIn: []string{"github:repository/" + id}}})
		in.Connections = append(in.Connections, connection.Connection{ID: id, Kind: connection.SecretRef, Refs: []string{"github:secret:" + id},
			Consumers: []connection.Consumer{{Path: "a/b.yml"}}, Locations: []connection.Place{{Location: scanner.Location{Path: "a/b.yml", AtHead: true}}}})
		in.Findings = append(in.Findings, scanner.Finding{Detector: "d", Fingerprint: "k1:" + id, Locations: []scanner.Location{{Path: "a/" + id, Line: 1}}})
		f.Approvals.Records = append(f.Approvals.Records, approval.Record{Connection: id, Decision: approval.Approve,
			Approvers: []approval.Approver{{By: "user:a", On: now}}})
	}
	for b.Loop() {
		r := reconcile.Match(in)
		f.Now, f.Findings, f.Connections, f.Declared = now, r.Findings, r.Connections, r.Entries
		v := gate.Evaluate(f, policy.Default(), rule.All())
		f.Baseline = gate.NewBaseline(v)
	}
}
