package rule

import (
	"fmt"
	"strings"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// UndeclaredConnection reports connections that no entry declares. Hosts
// without a credential and the job's own token need no entry. Source: OWASP
// NHI3:2025, CSF ID.AM-04, CICD-SEC-8.
var UndeclaredConnection = gate.Rule{
	ID:       "undeclared-connection",
	Severity: scanner.High,
	Title:    "A connection is used that no entry declares",
	Controls: []string{"NHI3:2025", "CSF ID.AM-04", "SP 800-53 CA-3", "SP 800-53 CM-8", "CICD-SEC-8", "A.5.9", "CC6.1", "ASVS 13.1.1"},
	Actions:  [3]gate.Action{fail, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, c := range f.Connections {
			if c.Entry != "" || !f.Policy.Needs(c) {
				continue
			}
			out = append(out, gate.Violation{
				Connection: c.ID,
				Message:    named(c) + " " + is(c) + " used but no connection declares " + it(c) + guess(c),
				Remedy:     stub(c),
				Locations:  places(c),
			})
		}
		return out
	},
}

// guess names the provider as surely as it is known.
func guess(c connection.Connection) string {
	if c.Provider == "" || strings.Contains(named(c), c.Provider) {
		return ""
	}
	if c.ProviderFrom == connection.FromName {
		return fmt.Sprintf(" (by its name: %s)", say(c.Provider))
	}
	return fmt.Sprintf(" (%s)", say(c.Provider))
}

// stub is the command that writes an entry for a connection.
func stub(c connection.Connection) string {
	from := arg(c.ID)
	if ls := places(c); len(ls) > 0 {
		if p := arg(fmt.Sprintf("%s:%d", ls[0].Path, ls[0].Line)); p != "" {
			from = p
		}
	}
	if from == "" {
		return "declare it in .credgate/inventory.yaml, or remove the use"
	}
	return "credgate init --from " + from + " writes an entry to complete; or remove the use"
}
