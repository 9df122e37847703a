package rule

import (
	"fmt"
	"slices"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
)

// RetiredAuth reports entries that log in by a method which the provider has
// removed; one that is discouraged, or will be removed, is a warning. Source:
// OWASP NHI4:2025.
var RetiredAuth = gate.Rule{
	ID:       "retired-auth",
	Severity: scanner.High,
	Title:    "A connection logs in by a method that has no future",
	Controls: []string{"NHI4:2025", "CSF PR.AA-03", "SP 800-53 IA-5", "A.5.22"},
	Actions:  [3]gate.Action{warn, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			m, ok := e.ProviderFacts.Auth[e.Credential.Auth]
			if !ok || m.State == "current" {
				continue
			}
			v := about(e, "credential.auth")
			v.Remedy = "move to " + current(e)
			switch on := m.RemovedOn; {
			case m.State == "discouraged":
				v.Message = fmt.Sprintf("%s: %s discourages %s", say(e.ID), say(e.Provider), say(e.Credential.Auth))
				v.Action = gate.Warning
			case on.IsZero():
				v.Message = fmt.Sprintf("%s: %s has removed %s", say(e.ID), say(e.Provider), say(e.Credential.Auth))
			case on.Days(f.Now) <= 0:
				v.Message = fmt.Sprintf("%s: %s removed %s on %s, %s", say(e.ID), say(e.Provider), say(e.Credential.Auth), on, gate.Ago(on, f.Now))
			default:
				v.Message = fmt.Sprintf("%s: %s removes %s on %s, %s", say(e.ID), say(e.Provider), say(e.Credential.Auth), on, gate.In(on, f.Now))
				v.Action = gate.Warning
			}
			out = append(out, v)
		}
		return out
	},
}

// current names the provider's methods that are to be used.
func current(e gate.Entry) string {
	var out []string
	for name, m := range e.ProviderFacts.Auth {
		if m.State == "current" {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return "a method that the provider keeps, and declare it under its auth"
	}
	slices.Sort(out)
	return list(out)
}
