package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// MisplacedCredential reports credentials that are read from another place than
// the one declared: a reference that stored_in does not name beside one that it
// does, or a job without the environment that is said to keep the secret.
// Source: OWASP NHI2:2025, provenance.
var MisplacedCredential = gate.Rule{
	ID:       "misplaced-credential",
	Severity: scanner.Medium,
	Title:    "A credential is read from another store than declared",
	Controls: []string{"NHI2:2025", "SP 800-53 IA-5", "CC6.1", "A.5.17", "ASVS 13.3.1", "BR-07.02"},
	Actions:  [3]gate.Action{warn, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			if len(e.Credential.StoredIn) == 0 {
				continue
			}
			for _, c := range f.Of(e.ID) {
				for _, r := range inventory.Refs(c) {
					problem := misplaced(e, c, r)
					if problem == "" {
						continue
					}
					out = append(out, gate.Violation{
						Entry: e.ID, Connection: c.ID, Fingerprint: r, Locations: places(c),
						Message: fmt.Sprintf("%s %s", say(short(r)), problem),
						Remedy:  "move it to the declared store, or declare this one under stored_in",
					})
				}
			}
		}
		return out
	},
}

func misplaced(e gate.Entry, c connection.Connection, r string) string {
	ref := reconcile.ParseRef(r)
	if ref.Class == "var" || strings.Contains(r, "*") {
		return "" // no secret, or every one
	}
	var environments []string
	for _, s := range e.Credential.StoredIn {
		store := reconcile.ParseStore(s)
		if !store.Holds(ref) {
			continue
		}
		if store.Environment == "" {
			return ""
		}
		environments = append(environments, store.Environment)
	}
	if len(environments) == 0 {
		return fmt.Sprintf("is read, and stored_in of %s does not name it", say(e.ID))
	}
	for _, u := range c.Consumers {
		switch {
		case dynamic(u.Environment) || slices.Contains(environments, u.Environment):
		case u.Environment == "":
			return fmt.Sprintf("is read by %s without an environment, %s keeps it in environment %s", consumer(u), say(e.ID), list(environments))
		default:
			return fmt.Sprintf("is read by %s in environment %s, %s keeps it in %s", consumer(u), say(u.Environment), say(e.ID), list(environments))
		}
	}
	return ""
}
