package rule

import (
	"fmt"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
)

// RetiredInUse reports entries that are retired, or replaced by another one,
// and are still read at head. Source: OWASP NHI1:2025.
var RetiredInUse = gate.Rule{
	ID:       "retired-in-use",
	Severity: scanner.Critical,
	Title:    "A retired or replaced connection is still used",
	Controls: []string{"NHI1:2025", "SP 800-53 AC-2", "SP 800-53 PS-5", "CIS 15.7", "A.5.18", "CC6.3", "AI RMF MANAGE 2.4"},
	Actions:  [3]gate.Action{fail, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range f.Entries {
			if !e.Ended() && e.ReplacedBy == "" || len(e.Seen.Locations) == 0 {
				continue
			}
			v := gate.Violation{Entry: e.ID, Locations: ordered(e.Seen.Locations)}
			v.Message = fmt.Sprintf("%s is retired and is still read here", say(e.ID))
			v.Remedy = "remove the use, then revoke the credential at the provider"
			if e.ReplacedBy != "" {
				v.Message = fmt.Sprintf("%s was replaced by %s and is still read here", say(e.ID), say(e.ReplacedBy))
				v.Remedy = fmt.Sprintf("move this consumer to %s, then revoke the credential of %s", say(e.ReplacedBy), say(e.ID))
			}
			out = append(out, v)
		}
		return out
	},
}
