package rule

import (
	"fmt"
	"slices"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
)

// UnseenConnection reports entries of which nothing was found where used_by
// says they are used. Entries of other repositories and inbound ones are not
// expected. Source: OWASP NHI1:2025.
var UnseenConnection = gate.Rule{
	ID:       "unseen-connection",
	Severity: scanner.Low,
	Title:    "Nothing uses a declared connection any more",
	Controls: []string{"NHI1:2025", "CSF ID.AM-04", "SP 800-53 CA-9", "SP 800-53 AC-2(3)", "CIS 5.3", "A.5.18"},
	Actions:  [3]gate.Action{warn, warn, warn},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range f.Entries {
			if !e.Unseen() {
				continue
			}
			v := about(e, "used_by")
			v.Message = fmt.Sprintf("nothing in scope uses %s%s", say(e.ID), tried(e))
			v.Remedy = "set status: retired once it is revoked at the provider, or correct stored_in and used_by"
			out = append(out, v)
		}
		return out
	},
}

// tried tells what was looked for.
func tried(e gate.Entry) string {
	looked := slices.Concat(e.Credential.StoredIn, e.Endpoints)
	switch {
	case len(e.UsedBy) == 0 && len(looked) == 0:
		return ": it names neither stored_in nor endpoints nor used_by"
	case len(e.UsedBy) > 0 && !e.Seen.Files:
		return ": no file matches " + list(e.UsedBy)
	case len(looked) > 0:
		return ": " + list(looked) + " was not found"
	}
	return ""
}
