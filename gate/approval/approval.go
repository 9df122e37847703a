// Package approval reads and writes the records by which people answer for
// connections: approvals (inline and in the ledger), exceptions, and the
// baseline of what stood before the gate came.
//
// A record is one file that is added and never changed. Whether it is signed,
// and chained to the one before, is not looked at here yet: a record counts by
// what it says.
package approval

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// Where the records lie in a repository.
const (
	LedgerDir     = ".credgate/approvals"  // <connection>/<date>-<n>.yaml
	ExceptionsDir = ".credgate/exceptions" // <n>.yaml
	BaselinePath  = ".credgate/baseline.yaml"
)

// Decisions of a record. Reduce approves less than before; Revoke ends the
// connection at once.
const (
	Approve = "approve"
	Reduce  = "reduce"
	Revoke  = "revoke"
)

// Triggers of a reauthorisation.
var Triggers = []string{"initial", "scheduled", "purpose", "owner", "provider", "idle", "scope", "incident"}

// Actions on the credential that an approval goes with.
var Actions = []string{"initial", "reissue", "extend", "reduce"}

// A Record is one approval of one connection.
type Record struct {
	Connection  string         `json:"connection"`
	Decision    string         `json:"decision"` // Approve, Reduce, Revoke
	Trigger     []string       `json:"trigger,omitempty"`
	RequestedBy string         `json:"requested_by,omitempty"`
	Approvers   []Approver     `json:"approvers"`
	Expires     inventory.Date `json:"expires,omitzero"`
	Action      string         `json:"action,omitempty"`
	Credential  Credential     `json:"credential,omitzero"`
	Checks      Checks         `json:"checks,omitzero"`
	Facts       Facts          `json:"-"`                  // what the approvers saw
	Digest      string         `json:"digest,omitempty"`   // of Facts
	Previous    string         `json:"previous,omitempty"` // sha256 of the previous record's bytes, or none
	Inline      bool           `json:"inline,omitempty"`

	Location scanner.Location `json:"location"`
}

// An Approver is a person's part in a record.
type Approver struct {
	By   string    `json:"by"` // user:NAME
	Role string    `json:"role,omitempty"`
	On   time.Time `json:"on"`
}

// A Credential is which generation of the credential was approved.
type Credential struct {
	Generation  int    `json:"generation,omitempty"`
	ID          string `json:"id,omitempty"`
	Replaces    string `json:"replaces,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Checks are the answers to the five questions of a review.
type Checks struct {
	StillNeeded bool       `json:"still_needed,omitempty"`
	Because     string     `json:"because,omitempty"`
	Scopes      []Decision `json:"scopes,omitempty"`
	Endpoints   []Decision `json:"endpoints,omitempty"`
	Idle        Usage      `json:"idle,omitzero"`
}

// A Decision is whether one scope or endpoint is kept.
type Decision struct {
	Name   string `json:"name"`
	Keep   bool   `json:"keep"`
	Narrow string `json:"narrow,omitempty"` // to what instead
}

// Usage is the last use that the approvers knew of.
type Usage struct {
	LastUsed inventory.Date `json:"last_used,omitzero"`
	Source   string         `json:"source,omitempty"`
	Observed inventory.Date `json:"observed,omitzero"`
}

// On is when the last of the approvers approved, the zero time without any.
func (r Record) On() time.Time {
	var on time.Time
	for _, a := range r.Approvers {
		if a.On.After(on) {
			on = a.On
		}
	}
	return on
}

// By are the approvers, in order of the record.
func (r Record) By() []string {
	var by []string
	for _, a := range r.Approvers {
		by = append(by, a.By)
	}
	return by
}

// Inline is the approval that stands in an entry itself, nil when there is none.
func Inline(e inventory.Entry) *Record {
	if e.Approval == nil {
		return nil
	}
	r := Record{Connection: e.ID, Decision: Approve, Expires: e.Approval.Expires, Digest: e.Approval.Digest,
		Inline: true, Location: e.At("approval")}
	for _, by := range e.Approval.By {
		r.Approvers = append(r.Approvers, Approver{By: by, On: e.Approval.On.Time()})
	}
	return &r
}

// A Ledger is all records of a repository. Its zero value is empty.
type Ledger struct {
	Records []Record // in order of connection, time, file
}

// Governing is the record that decides about a connection at now: the newest of
// the ledger's and the inline one that was made by now, and by a person that
// human accepts. It is nil when there is none. A revocation governs too: the
// caller looks at Decision.
func (l Ledger) Governing(e inventory.Entry, now time.Time, human func(string) bool) *Record {
	var newest *Record
	consider := func(r *Record) {
		made := slices.ContainsFunc(r.Approvers, func(a Approver) bool { return human(a.By) })
		if made && !r.On().After(now) && (newest == nil || !r.On().Before(newest.On())) {
			newest = r
		}
	}
	if r := Inline(e); r != nil {
		consider(r)
	}
	first, _ := slices.BinarySearchFunc(l.Records, e.ID, func(r Record, id string) int { return strings.Compare(r.Connection, id) })
	for _, r := range l.Records[first:] {
		if r.Connection != e.ID {
			break
		}
		consider(&r)
	}
	return newest
}

func (l *Ledger) sort() {
	slices.SortFunc(l.Records, func(a, b Record) int {
		return cmp.Or(strings.Compare(a.Connection, b.Connection), a.On().Compare(b.On()), strings.Compare(a.Location.Path, b.Location.Path))
	})
}

// An Exception tolerates one violation of one rule at one connection until a date.
type Exception struct {
	ID         string         `json:"id"`         // file name without .yaml
	Connection string         `json:"connection"` // entry, connection found, or fingerprint of a finding
	Rule       string         `json:"rule"`
	Reason     string         `json:"reason"`
	Approver   string         `json:"approver"`
	On         inventory.Date `json:"on"`
	Expires    inventory.Date `json:"expires"` // at most MaxException after On

	Location scanner.Location `json:"location"`
}

// MaxException is the longest an exception may last.
const MaxException = 90 * inventory.Day

// A Baseline is what stood before the gate came, each with a due date.
type Baseline struct {
	Created inventory.Date `json:"created"`
	Items   []Item         `json:"items"` // in order of rule, subject, fingerprint
	Path    string         `json:"path,omitempty"`
}

// An Item is one violation that stood before the gate came.
type Item struct {
	Fingerprint string         `json:"fingerprint"` // of the violation
	Rule        string         `json:"rule"`
	Subject     string         `json:"subject"` // entry, connection or detector, for a reader
	Due         inventory.Date `json:"due"`

	Location scanner.Location `json:"location"`
}
