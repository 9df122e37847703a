package rule

import (
	"fmt"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// DueSoon tells of dates that come within the tier's warning window, twice as
// long for a critical connection: approvals, rotations, expiries, and the end
// of an exception or baseline that something still leans on.
var DueSoon = gate.Rule{
	ID:       "due-soon",
	Severity: scanner.Info,
	Title:    "A date of a connection is near",
	Controls: []string{"CSF PR.AA-05", "SP 800-53 CA-9", "A.5.18"},
	Actions:  [3]gate.Action{warn, warn, warn},
	Last:     true,
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			for _, d := range e.Dues {
				if !soon(f, d.On, window(f, e)) {
					continue
				}
				v := about(e, dueField(d.What))
				v.Fingerprint, v.Due = d.What, d.On.Time()
				v.Message = fmt.Sprintf("%s: %s %s, on %s%s%s", say(e.ID), dueVerb(d.What), gate.In(d.On, f.Now), d.On, reason(d), answers(e))
				v.Remedy = dueRemedy(e, d.What)
				out = append(out, v)
			}
		}
		for _, x := range f.Exceptions {
			if soon(f, x.Expires, f.Policy.Tier(inventory.Formal).Warn) && leaned(f, x) {
				out = append(out, gate.Violation{
					Connection: x.Connection, Fingerprint: "exception " + x.ID, Due: x.Expires.Time(),
					Message:   fmt.Sprintf("exception %s for %s of %s ends %s, on %s", say(x.ID), x.Rule, say(x.Connection), gate.In(x.Expires, f.Now), x.Expires),
					Remedy:    "mend what it tolerates: credgate explain " + x.Rule,
					Locations: []scanner.Location{x.Location},
				})
			}
		}
		return out
	},
}

func soon(f gate.Facts, on inventory.Date, window inventory.Duration) bool {
	return !on.IsZero() && !on.Past(f.Now) && on.Days(f.Now) <= window.Days()
}

func window(f gate.Facts, e gate.Entry) inventory.Duration {
	w := f.Policy.Tier(e.Assessment.Tier).Warn
	if e.Critical {
		w *= 2
	}
	return w
}

func dueField(what string) string {
	switch what {
	case gate.DueRotation:
		return "credential.last_rotated"
	case gate.DueExpiry:
		return "credential.expires"
	}
	return "approval"
}

func dueVerb(what string) string {
	switch what {
	case gate.DueRotation:
		return "rotation is due"
	case gate.DueExpiry:
		return "the credential expires"
	}
	return "approval ends"
}

// reason is why a date is what it is, where its verb does not say so.
func reason(d gate.Due) string {
	if d.What == gate.DueExpiry {
		return ""
	}
	return " (" + d.Why + ")"
}

func dueRemedy(e gate.Entry, what string) string {
	if what == gate.DueApproval {
		return reapprove(e)
	}
	return rotate(e)
}
