package rule

import (
	"fmt"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/scanner"
)

// EndpointDrift reports hosts that a declared credential is sent to and that
// its entry does not name. A declared host covers all its paths. Source: OWASP
// NHI3:2025, SP 800-53 CA-3.
var EndpointDrift = gate.Rule{
	ID:       "endpoint-drift",
	Severity: scanner.High,
	Title:    "A credential goes to a host that its entry does not name",
	Controls: []string{"NHI3:2025", "SP 800-53 CA-3", "SP 800-53 SA-9", "CSF ID.AM-03", "CC6.6", "A.5.14"},
	Actions:  [3]gate.Action{warn, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			if len(e.Endpoints) == 0 {
				continue // incomplete-entry's
			}
			for _, c := range f.Of(e.ID) {
				for _, host := range reconcile.Endpoints(c) {
					if dynamic(host) || reconcile.Declares(e.Endpoints, host) {
						continue
					}
					out = append(out, gate.Violation{
						Entry: e.ID, Connection: c.ID, Fingerprint: host, Locations: places(c),
						Message: fmt.Sprintf("%s %s sent to %s, %s declares %s", named(c), is(c), say(host), say(e.ID), list(e.Endpoints)),
						Remedy:  "stop sending it there; or add the host to endpoints and approve that: credgate approve " + arg(e.ID),
					})
				}
			}
		}
		return out
	},
}
