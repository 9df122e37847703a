package rule

import (
	"fmt"
	"strings"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// UnapprovedConnection reports entries that nobody reauthorised, or whose
// approval was revoked. Light entries have a standing approval. An inline
// approval does not count for a formal entry. Source: SOC 2 CC6.2, SP 800-53 CA-3.
var UnapprovedConnection = gate.Rule{
	ID:       "unapproved-connection",
	Severity: scanner.High,
	Title:    "No person approved a connection",
	Controls: []string{"CSF PR.AA-05", "SP 800-53 CA-3", "SP 800-53 CA-9", "CC6.2", "PCI DSS 7.2.3", "A.5.18"},
	Actions:  [3]gate.Action{off, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			v := about(e, "approval")
			switch r := e.Governing; {
			case r != nil && r.Decision == approval.Revoke:
				v.Message = fmt.Sprintf("%s: the approval was revoked on %s by %s", say(e.ID), inventory.DateOf(r.On()), list(r.By()))
				v.Remedy = "set status: retired and remove its uses, or review it anew: credgate approve " + arg(e.ID)
				v.Locations = append(v.Locations, r.Location)
			case r != nil:
				continue
			default:
				v.Message = fmt.Sprintf("%s has no approval%s%s", say(e.ID), inlineOnly(e), answers(e))
				v.Remedy = "credgate approve " + arg(e.ID)
			}
			out = append(out, v)
		}
		return out
	},
}

// inlineOnly says why an approval that a reader sees in the entry is none.
func inlineOnly(e gate.Entry) string {
	switch {
	case e.Approval == nil:
		return ""
	case e.Assessment.Tier == inventory.Formal:
		return fmt.Sprintf(" in the ledger; formal does not take the inline one (%s)", e.Assessment.Why)
	}
	return fmt.Sprintf(" that counts: %s on %s", strings.Join(e.Approval.By, ", "), e.Approval.On)
}
