// Package gate owns the words of judgement: the facts that a run established,
// the rules that look at them, the violations that stand, and the verdict.
//
// Its subpackages supply one thing each: inventory reads what was declared,
// owner tells who answers for it, approval what was reauthorised, policy the
// limits, reconcile holds what was found against what was declared, rule is the
// list of rules, and report writes the outcome.
package gate

import (
	"fmt"
	"time"

	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/owner"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/gate/reconcile"
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

// UnmarshalText reads what MarshalText wrote; any other word is an error.
func (d *Decision) UnmarshalText(text []byte) error {
	for _, v := range []Decision{Incomplete, Fail, Pass} {
		if v.String() == string(text) {
			*d = v
			return nil
		}
	}
	return fmt.Errorf("decision %q (allowed: incomplete, fail, pass)", text)
}

// Facts is all that a rule may look at. Slices are sorted, and rules change
// nothing. The caller fills all but Policy, Entries and Raised, which Evaluate sets.
type Facts struct {
	Now         time.Time
	Repository  string // owner/name, "" when not known
	Coverage    scanner.Coverage
	Gaps        []scanner.Gap
	Findings    []scanner.Finding       // Entry set by reconcile
	Connections []connection.Connection // Entry set by reconcile
	Declared    []inventory.Entry       // defaults merged in, Seen set by reconcile
	Ambiguous   []reconcile.Ambiguity

	People     owner.Directory
	Approvals  approval.Ledger
	Exceptions []approval.Exception
	Baseline   approval.Baseline

	Policy  policy.Policy
	Entries []Entry     // Declared, with what the gate derived
	Raised  []Violation // what the other rules report, for a rule that is Last

	look *lookup
}

// An Entry is a declared connection with what the gate derived for it.
type Entry struct {
	inventory.Entry
	Assessment policy.Assessment `json:"assessment"`
	Answer     owner.Answer      `json:"answer"`              // who Owner comes down to
	Governing  *approval.Record  `json:"governing,omitempty"` // newest valid approval; nil without one
	Dues       []Due             `json:"dues,omitempty"`      // in order of date
}

// A Due is a date by which something has to be done for an entry.
type Due struct {
	What string         `json:"what"` // approval, rotation, expiry
	On   inventory.Date `json:"on"`
	Why  string         `json:"why"`
}

// A Rule is one thing that must hold. Check is pure. Of a violation it leaves
// Rule, Exception and Reason to Evaluate, and may leave Severity, for the
// rule's own; Action, for that of the tier, or set a milder one; Fingerprint,
// or give what tells two violations of one subject apart.
type Rule struct {
	ID       string // readable, never reused
	Severity scanner.Severity
	Title    string   // what it reports, in one line
	Controls []string // ids of controls it supports: NHI7:2025, PR.AA-05, A.5.18 …
	Page     string   // Markdown: what, why, example, fix, settings
	// Actions is what a violation does by tier of its entry, Light first.
	// What has no entry counts as formal.
	Actions [3]Action
	// Last rules look at what the others report, in Facts.Raised.
	Last  bool
	Check func(Facts) []Violation
}

// Action is what a standing violation does to the verdict.
type Action int

const (
	Failing   Action = iota // fails the build
	Warning                 // is told
	Uncertain               // makes the verdict incomplete
	Off                     // is not reported
)

var actions = [...]string{"fail", "warn", "incomplete", "off"}

// String is the word of the policy file: fail, warn, incomplete, off.
func (a Action) String() string {
	if a < 0 || int(a) >= len(actions) {
		return ""
	}
	return actions[a]
}

// MarshalText writes String.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText wrote; any other word is an error.
func (a *Action) UnmarshalText(text []byte) error {
	for i, w := range actions {
		if w == string(text) {
			*a = Action(i)
			return nil
		}
	}
	return fmt.Errorf("action %q (allowed: fail, warn, incomplete, off)", text)
}

// A Violation is a rule that does not hold, at its places. Message and Remedy
// are one line each and hold no control character; a writer escapes them for
// its medium.
type Violation struct {
	Rule       string             `json:"rule"`
	Severity   scanner.Severity   `json:"severity"`
	Connection string             `json:"connection,omitempty"` // id of a connection found, for what has no entry
	Finding    string             `json:"finding,omitempty"`    // fingerprint of a finding
	Entry      string             `json:"entry,omitempty"`
	Message    string             `json:"message"`
	Remedy     string             `json:"remedy"`
	Locations  []scanner.Location `json:"locations"` // in order; the first one is where it is told
	FirstSeen  time.Time          `json:"first_seen,omitzero"`
	// Due is until when the exception or baseline tolerates it; for due-soon, the date itself.
	Due       time.Time `json:"due,omitzero"`
	Exception string    `json:"exception,omitempty"` // record that tolerates it, or "baseline"
	Reason    string    `json:"reason,omitempty"`    // of the exception
	Action    Action    `json:"action"`              // by tier and policy, whether tolerated or not
	// Fingerprint is the identity of the violation over runs: rule, entry or
	// connection or finding, never line or commit.
	Fingerprint string `json:"fingerprint"`
}

// Stands tells whether nothing tolerates the violation.
func (v Violation) Stands() bool { return v.Exception == "" }

// Fails tells whether the violation fails the build by itself.
func (v Violation) Fails() bool { return v.Stands() && v.Action == Failing }

// A Verdict is the outcome: the same facts, policy and rules give the same one.
type Verdict struct {
	Decision   Decision    `json:"decision"`
	Now        time.Time   `json:"now"`
	Policy     string      `json:"policy"`     // profile and digest: "default", "default sha256:…"
	Violations []Violation `json:"violations"` // sorted by location, rule, message; tolerated ones included
	Entries    []Entry     `json:"-"`          // as judged
	Counts     Counts      `json:"counts"`
}

// Counts are the figures of the summary line.
type Counts struct {
	Failing     int `json:"failing"`     // violations that fail the build
	Warning     int `json:"warning"`     // that are told
	Uncertain   int `json:"uncertain"`   // that make it incomplete
	Tolerated   int `json:"tolerated"`   // by an exception
	Baselined   int `json:"baselined"`   // by the baseline
	Connections int `json:"connections"` // distinct entries, connections and findings behind Failing
	Governed    int `json:"governed"`    // entries seen and without a failing violation
	Undeclared  int `json:"undeclared"`  // connections found that need an entry and have none
	Unseen      int `json:"unseen"`      // entries in scope of which nothing was found
	Listed      int `json:"listed"`      // connections that need no entry: no credential of their own
	Vendored    int `json:"vendored"`    // connections of vendored code, which are not judged
	Gaps        int `json:"gaps"`        // not minor
}
