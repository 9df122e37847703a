// Package gate owns the words of judgement: the facts that a run established,
// the rules that look at them, the violations that stand, and the verdict.
//
// Its subpackages supply one thing each: inventory reads what was declared,
// owner tells who answers for it, approval what was reauthorised, policy the
// limits, reconcile holds what was found against what was declared, rule is the
// list of rules, and report writes the outcome.
package gate

import (
	"time"

	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// Decision is the outcome of the gate. Its zero value never passes a build.
type Decision int

const (
	Incomplete Decision = iota // something could not be examined
	Fail                       // a violation stands
	Pass
)

// String is the word of every output: incomplete, fail, pass.
func (d Decision) String() string {
	switch d {
	case Pass:
		return "pass"
	case Fail:
		return "fail"
	}
	return "incomplete"
}

// MarshalText writes String.
func (d Decision) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Facts is all that a rule may look at. Slices are sorted, and rules change nothing.
type Facts struct {
	Now         time.Time
	Coverage    scanner.Coverage
	Gaps        []scanner.Gap
	Findings    []scanner.Finding       // Entry set by reconcile
	Connections []connection.Connection // Entry set by reconcile
	Entries     []inventory.Entry       // declared, defaults merged in, with what was seen of each
}

// A Rule is one thing that must hold. Check is pure.
type Rule struct {
	ID       string // readable, never reused
	Severity scanner.Severity
	Title    string // what it reports, in one line
	Check    func(Facts) []Violation
}

// Action is what a standing violation does to the verdict.
type Action int

const (
	Failing   Action = iota // fails the build
	Warning                 // is told
	Uncertain               // makes the verdict incomplete
	Off
)

// A Violation is a rule that does not hold, at its places.
type Violation struct {
	Rule       string             `json:"rule"`
	Severity   scanner.Severity   `json:"severity"`
	Connection string             `json:"connection,omitempty"` // id of a connection found, for what has no entry
	Entry      string             `json:"entry,omitempty"`
	Message    string             `json:"message"`
	Remedy     string             `json:"remedy"`
	Locations  []scanner.Location `json:"locations"`
	FirstSeen  time.Time          `json:"first_seen,omitzero"`
	Due        time.Time          `json:"due,omitzero"`
	Exception  string             `json:"exception,omitempty"` // record that tolerates it, or "baseline"
	Action     Action             `json:"action"`
	// Fingerprint is the identity of the violation over runs: rule, entry or
	// connection or finding, never line or commit.
	Fingerprint string `json:"fingerprint"`
}
