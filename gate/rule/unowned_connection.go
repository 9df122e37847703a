package rule

import (
	"fmt"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// UnownedConnection reports entries for which no active human answers. Who that
// is is asked of the directory, and of CODEOWNERS without one; with neither, a
// well-formed owner passes. A formal entry needs two people behind owner and
// business owner, so that one leaver does not orphan it. Source: CSF GV.RR-02.
var UnownedConnection = gate.Rule{
	ID:       "unowned-connection",
	Severity: scanner.High,
	Title:    "No active human answers for a connection",
	Controls: []string{"NHI1:2025", "CSF GV.RR-02", "CIS 5.5", "SP 800-53 AC-2(3)", "PCI DSS 7.2.5.1", "A.5.16"},
	Actions:  [3]gate.Action{fail, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			problem := unowned(f, e)
			if problem == "" {
				continue
			}
			v := about(e, "owner")
			v.Message = fmt.Sprintf("%s: %s", say(e.ID), problem)
			v.Remedy = "name an active person or a team with people: owner: team:NAME or owner: user:NAME"
			out = append(out, v)
		}
		return out
	},
}

func unowned(f gate.Facts, e gate.Entry) string {
	switch {
	case e.Owner == "":
		return "nobody is named as owner"
	case e.Answer.Problem != "":
		return fmt.Sprintf("owner %s %s", say(e.Owner), e.Answer.Problem)
	case e.Assessment.Tier != inventory.Formal || len(e.Answer.People) != 1:
		return ""
	}
	first := e.Answer.People[0].ID
	if e.BusinessOwner != "" {
		second := f.People.Resolve(e.BusinessOwner, f.Now, f.Policy.Directory.Complete)
		if !second.Known || len(second.People) == 1 && second.People[0].ID != first {
			return ""
		}
		if second.Problem != "" {
			return fmt.Sprintf("business owner %s %s, and %s alone is behind the owner", say(e.BusinessOwner), second.Problem, say(first))
		}
	}
	return fmt.Sprintf("formal needs two active people, and %s alone is behind owner and business_owner", say(first))
}
