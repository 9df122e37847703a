package rule

import (
	"fmt"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/provider"
)

// NoExpiry reports credentials that never end. One whose end is not declared is
// incomplete-entry's. Source: OWASP NHI7:2025.
var NoExpiry = gate.Rule{
	ID:       "no-expiry",
	Severity: scanner.Medium,
	Title:    "A credential never expires",
	Controls: []string{"NHI7:2025", "SP 800-53 IA-5", "A.5.17", "ASVS 13.3.4"},
	Actions:  [3]gate.Action{fail, warn, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			if !e.Credential.Expires.Never || !e.Static() {
				continue
			}
			v := about(e, "credential.expires")
			v.Message = fmt.Sprintf("%s: expires: never on a %s connection (%s)", say(e.ID), e.Assessment.Tier, e.Assessment.Why)
			v.Remedy = "use a credential that expires"
			if p, ok := provider.ByID(e.Provider); ok && p.Federation != "" {
				v.Remedy += ", or none at all: " + p.Federation
			}
			out = append(out, v)
		}
		return out
	},
}
