package rule

import (
	"fmt"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// OverdueApproval reports entries whose approval has ended. It ends on the
// record's date or when its tier's validity is used up, whichever is first; the
// day itself is not overdue. Light entries have the policy's standing approval,
// which may end as well. Source: PCI DSS 7.2.5.1, SP 800-53 CA-9.
var OverdueApproval = gate.Rule{
	ID:       "overdue-approval",
	Severity: scanner.High,
	Title:    "The approval of a connection has ended",
	Controls: []string{"CSF PR.AA-05", "SP 800-53 CA-9", "PCI DSS 7.2.5.1", "CIS 5.5", "A.5.18", "CC6.2"},
	Actions:  [3]gate.Action{fail, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			if d, ok := e.Due(gate.DueApproval); ok && d.On.Past(f.Now) {
				v := about(e, "")
				v.Message = fmt.Sprintf("%s: approval ended %s, %s (%s)%s", say(e.ID), d.On, gate.Ago(d.On, f.Now), d.Why, answers(e))
				v.Remedy = reapprove(e)
				v.Locations = append(v.Locations, e.Governing.Location)
				out = append(out, v)
			}
			until := f.Policy.Tier(inventory.Light).StandingUntil
			if e.Assessment.Tier == inventory.Light && until.Past(f.Now) {
				v := about(e, "")
				v.Message = fmt.Sprintf("%s: the standing approval of light connections ended %s, %s%s", say(e.ID), until, gate.Ago(until, f.Now), answers(e))
				v.Remedy = "review the light connections, then set tiers.light.standing_until in .credgate/policy.yaml"
				out = append(out, v)
			}
		}
		return out
	},
}

// reapprove is what to do about an approval. What others depend on is never to
// be cut off at once.
func reapprove(e gate.Entry) string {
	if e.Critical {
		return "review it, let old and new credential overlap while consumers move, then credgate approve " + arg(e.ID)
	}
	return "review it and reissue the credential, then credgate approve " + arg(e.ID)
}
