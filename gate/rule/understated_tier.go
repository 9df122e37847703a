package rule

import (
	"fmt"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// UnderstatedTier reports entries that were declared to a laxer tier than the
// facts make them, by tier or by a risk factor below its floor. What counts is
// the computed tier either way. Source: the formula of the risk tiers.
var UnderstatedTier = gate.Rule{
	ID:       "understated-tier",
	Severity: scanner.High,
	Title:    "An entry claims less risk than its facts show",
	Controls: []string{"NHI5:2025", "CSF GV.SC-04", "CIS 15.3", "PCI DSS 12.3.1", "A.5.19"},
	Actions:  [3]gate.Action{fail, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			a := e.Assessment
			if e.Tier != inventory.Unknown && e.Tier < a.Computed {
				v := about(e, "tier")
				v.Message = fmt.Sprintf("%s: declared %s, computed %s: %s", say(e.ID), e.Tier, a.Computed, a.Why)
				v.Remedy = fmt.Sprintf("declare tier: %s or leave tier out, or mend the fact that raises it", a.Computed)
				out = append(out, v)
			}
			if e.Tier == inventory.Formal || claimed(f, e) >= a.Computed {
				continue
			}
			for _, l := range a.Lowered {
				v := about(e, "risk."+l.Factor)
				v.Fingerprint = l.Factor
				v.Message = fmt.Sprintf("%s: %s is declared %s, computed %s: %s", say(e.ID), l.Factor, l.Declared, l.Least, l.Why)
				v.Remedy = fmt.Sprintf("declare %s: %s, or mend the fact that raises it", l.Factor, l.Least)
				out = append(out, v)
			}
		}
		return out
	},
}

// claimed is the tier that the declared factors alone would give.
func claimed(f gate.Facts, e gate.Entry) inventory.Tier {
	product := int(e.Risk.Sensitivity) * int(e.Risk.BlastRadius) * int(e.Risk.AbuseSpeed)
	switch {
	case product > f.Policy.Tier(inventory.Standard).MaxProduct:
		return inventory.Formal
	case product > f.Policy.Tier(inventory.Light).MaxProduct:
		return inventory.Standard
	}
	return inventory.Light
}
