package gate

import (
	"cmp"
	"slices"

	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// baselineDays are how long a new baseline tolerates what stands, by severity.
var baselineDays = map[scanner.Severity]inventory.Duration{
	scanner.Critical: 14, scanner.High: 30, scanner.Medium: 60, scanner.Low: 90, scanner.Info: 90,
}

// NewBaseline gives every violation that stands today a due date, the sooner
// the graver, so that a team can switch the gate on the same day and only new
// trouble fails. Gaps and near dates are left out: they are never tolerated.
func NewBaseline(v Verdict) approval.Baseline {
	today := inventory.DateOf(v.Now)
	b := approval.Baseline{Created: today}
	taken := map[string]bool{}
	for _, x := range v.Violations {
		if !x.Stands() && x.Exception != ByBaseline || x.Action == Uncertain || x.Rule == "incomplete-scan" || x.Rule == "due-soon" {
			continue
		}
		if taken[x.Fingerprint] {
			continue
		}
		taken[x.Fingerprint] = true
		due := today.Add(baselineDays[x.Severity] * inventory.Day)
		if x.Exception == ByBaseline {
			due = inventory.DateOf(x.Due) // a second init does not buy time
		}
		b.Items = append(b.Items, approval.Item{Rule: x.Rule, Subject: x.Subject(), Fingerprint: x.Fingerprint, Due: due})
	}
	slices.SortFunc(b.Items, func(a, b approval.Item) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return b
}
