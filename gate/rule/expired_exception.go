package rule

import (
	"fmt"
	"slices"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/scanner"
)

// ExpiredException reports exceptions that have ended while what they tolerated
// still stands and no newer exception tolerates it. The record itself stays:
// exceptions are added, never removed. Source: CSF ID.RA-07.
var ExpiredException = gate.Rule{
	ID:       "expired-exception",
	Severity: scanner.High,
	Title:    "An exception has ended and what it tolerated still stands",
	Controls: []string{"CSF ID.RA-07", "A.5.18", "CC8.1"},
	Actions:  [3]gate.Action{fail, fail, fail},
	Last:     true,
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, x := range f.Exceptions {
			if !x.Expires.Past(f.Now) || !leaned(f, x) || renewed(f, x) {
				continue
			}
			v := gate.Violation{
				Connection: x.Connection,
				Message:    fmt.Sprintf("exception %s for %s of %s ended %s, %s", say(x.ID), x.Rule, say(x.Connection), x.Expires, gate.Ago(x.Expires, f.Now)),
				Remedy:     "mend what it tolerated (credgate explain " + x.Rule + "), or add a new exception by another approver",
				Locations:  []scanner.Location{x.Location},
			}
			// Two exceptions in a row that ended are one trouble.
			v.Fingerprint = x.Rule
			if !slices.ContainsFunc(out, func(o gate.Violation) bool { return o.Connection == v.Connection && o.Fingerprint == v.Fingerprint }) {
				out = append(out, v)
			}
		}
		return out
	},
}

// leaned tells whether something that a rule reports leans on the exception.
func leaned(f gate.Facts, x approval.Exception) bool {
	return slices.ContainsFunc(f.Raised, func(v gate.Violation) bool { return gate.Tolerates(x, v) })
}

// renewed tells whether another exception of the same violation is in force.
func renewed(f gate.Facts, x approval.Exception) bool {
	return slices.ContainsFunc(f.Exceptions, func(o approval.Exception) bool {
		return o.ID != x.ID && o.Connection == x.Connection && o.Rule == x.Rule && !o.On.Time().After(f.Now) && !o.Expires.Past(f.Now)
	})
}
