// Package approval reads and writes the records by which people answer for
// connections: approvals (inline and in the ledger), exceptions, and the
// baseline of what stood before the gate came.
package approval

import (
	"time"

	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// A Record is one approval of one connection.
type Record struct {
	Connection  string         `json:"connection"`
	Decision    string         `json:"decision"` // approve, reduce, revoke
	Trigger     []string       `json:"trigger,omitempty"`
	RequestedBy string         `json:"requested_by,omitempty"`
	Approvers   []Approver     `json:"approvers"`
	Expires     inventory.Date `json:"expires,omitzero"`
	Action      string         `json:"action,omitempty"`
	Digest      string         `json:"digest,omitempty"`
	Previous    string         `json:"previous,omitempty"`
	Inline      bool           `json:"inline,omitempty"`

	Location scanner.Location `json:"location"`
}

// An Approver is a person's part in a record.
type Approver struct {
	By   string    `json:"by"`
	Role string    `json:"role,omitempty"`
	On   time.Time `json:"on"`
}

// An Exception tolerates one violation of one rule at one connection until a date.
type Exception struct {
	ID         string         `json:"id"` // file name without .yaml
	Connection string         `json:"connection"`
	Rule       string         `json:"rule"`
	Reason     string         `json:"reason"`
	Approver   string         `json:"approver"`
	On         inventory.Date `json:"on"`
	Expires    inventory.Date `json:"expires"`

	Location scanner.Location `json:"location"`
}

// A Baseline is what stood before the gate came, each with a due date.
type Baseline struct {
	Created inventory.Date `json:"created"`
	Items   []Item         `json:"items"`
	Path    string         `json:"path,omitempty"`
}

// An Item is one violation that stood before the gate came.
type Item struct {
	Fingerprint string         `json:"fingerprint"`
	Rule        string         `json:"rule"`
	Subject     string         `json:"subject"` // entry, connection or detector, for a reader
	Due         inventory.Date `json:"due"`

	Location scanner.Location `json:"location"`
}

// A Ledger is all approvals of a repository. Its zero value is empty.
type Ledger struct {
	Records []Record // in order of connection, date, number
}
