package rule

import (
	"fmt"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/provider"
)

// OverdueRotation reports entries whose credential should have been replaced,
// or has expired. It is due by rotate_every or by the age that its risk allows,
// whichever is first; the day itself is not overdue, and unseen entries count.
// Source: OWASP NHI7:2025, PCI DSS 8.6.3.
var OverdueRotation = gate.Rule{
	ID:       "overdue-rotation",
	Severity: scanner.High,
	Title:    "The credential of a connection should have been rotated",
	Controls: []string{"NHI7:2025", "SP 800-53 IA-5", "PCI DSS 8.6.3", "A.5.17", "BR-07.02", "ASVS 13.3.4"},
	Actions:  [3]gate.Action{fail, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			if d, ok := e.Due(gate.DueRotation); ok && d.On.Past(f.Now) {
				v := about(e, "credential.last_rotated")
				v.Message = fmt.Sprintf("%s: rotation was due %s, %s (%s)%s", say(e.ID), d.On, gate.Ago(d.On, f.Now), d.Why, answers(e))
				v.Remedy = rotate(e)
				out = append(out, v)
			}
			if d, ok := e.Due(gate.DueExpiry); ok && d.On.Past(f.Now) {
				v := about(e, "credential.expires")
				v.Fingerprint = gate.DueExpiry
				v.Message = fmt.Sprintf("%s: the credential expired %s, %s%s", say(e.ID), d.On, gate.Ago(d.On, f.Now), answers(e))
				v.Remedy = "replace it, then set last_rotated and expires; or set status: retired"
				out = append(out, v)
			}
		}
		return out
	},
}

func rotate(e gate.Entry) string {
	where := ""
	if p, ok := provider.ByID(e.Provider); ok && p.Rotate != "" {
		where = " (" + p.Rotate + ")"
	}
	if e.Critical {
		return "issue a second credential" + where + ", move the consumers, revoke the first, then set last_rotated"
	}
	return "rotate the credential" + where + ", then set last_rotated"
}
