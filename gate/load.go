package gate

import (
	"errors"
	"io/fs"

	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/owner"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/scanner"
)

// Sources are where the declared side is read. Tree is what is judged;
// Trusted is the tree of the trusted ref, whose law it is judged by, nil for
// Tree itself.
type Sources struct {
	Tree    fs.FS
	Trusted fs.FS

	Inventories []inventory.File // in place of the tree's own, when any
	Policy      *inventory.File  // in place of the trusted tree's own
}

// Declarations are all that people wrote for the gate.
type Declarations struct {
	Inventory  inventory.Inventory  // of Tree
	Approvals  approval.Ledger      // of Tree: a change may add a record
	Policy     policy.Policy        // of Trusted, as all below
	People     owner.Directory      // CODEOWNERS too
	Exceptions []approval.Exception // a change cannot except itself
	Baseline   approval.Baseline
}

// Load reads everything, and joins all that is wrong anywhere: nothing is to be
// judged then. What a tree does not have is empty, and no error.
func Load(s Sources) (Declarations, error) {
	if s.Trusted == nil {
		s.Trusted = s.Tree
	}
	var d Declarations
	var errs [6]error
	if len(s.Inventories) > 0 {
		d.Inventory, errs[0] = inventory.Parse(s.Inventories...)
	} else {
		d.Inventory, errs[0] = inventory.Load(s.Tree)
	}
	d.Approvals, errs[1] = approval.LoadLedger(s.Tree)
	if s.Policy != nil {
		d.Policy, errs[2] = policy.Parse(s.Policy.Path, s.Policy.Data)
	} else {
		d.Policy, errs[2] = policy.Load(s.Trusted)
	}
	d.People, errs[3] = owner.Load(s.Trusted, d.Policy.Directory.File)
	d.Exceptions, errs[4] = approval.LoadExceptions(s.Trusted)
	d.Baseline, errs[5] = approval.LoadBaseline(s.Trusted)
	return d, errors.Join(errs[:]...)
}

// Facts joins what was declared with what a scan found: reconcile.Match over
// the findings and connections of in, whose Entries are those of d.
func (d Declarations) Facts(in reconcile.Input, coverage scanner.Coverage, gaps []scanner.Gap) Facts {
	in.Entries = d.Inventory.Entries
	m := reconcile.Match(in)
	return Facts{
		Repository: in.Repository, Coverage: coverage, Gaps: gaps,
		Findings: m.Findings, Connections: m.Connections, Declared: m.Entries, Ambiguous: m.Ambiguous,
		People: d.People, Approvals: d.Approvals, Exceptions: d.Exceptions, Baseline: d.Baseline,
	}
}
