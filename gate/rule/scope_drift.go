package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// ScopeDrift reports scopes that a pipeline asks for and the entry does not
// declare, and job tokens over the policy's ceiling: one violation for all jobs
// of a repository. Source: OWASP NHI5:2025.
var ScopeDrift = gate.Rule{
	ID:       "scope-drift",
	Severity: scanner.High,
	Title:    "More is asked for than was declared",
	Controls: []string{"NHI5:2025", "CSF PR.AA-05", "SP 800-53 AC-6", "PCI DSS 7.2.5", "A.8.2", "CC6.3", "CICD-SEC-2"},
	Actions:  [3]gate.Action{warn, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			if len(e.Scopes) == 0 || slices.Contains(e.Scopes, inventory.Unscoped) {
				continue
			}
			for _, c := range f.Of(e.ID) {
				extra := slices.DeleteFunc(slices.Clone(c.Scopes), func(s string) bool { return dynamic(s) || granted(e.Scopes, s) })
				if len(extra) == 0 {
					continue
				}
				out = append(out, gate.Violation{
					Entry: e.ID, Connection: c.ID, Fingerprint: strings.Join(extra, " "), Locations: places(c),
					Message: fmt.Sprintf("%s asks for %s, %s declares %s", named(c), list(extra), say(e.ID), list(e.Scopes)),
					Remedy:  "ask for less; or declare the scope and approve that: credgate approve " + arg(e.ID),
				})
			}
		}
		return append(out, jobTokens(f)...)
	},
}

// granted tells whether a scope is declared: by its name, or as reading what may
// be written.
func granted(declared []string, scope string) bool {
	if slices.Contains(declared, scope) || slices.Contains(declared, "*") {
		return true
	}
	name, level, ok := strings.Cut(scope, ":")
	return ok && (level == "none" || level == "read" && slices.Contains(declared, name+":write"))
}

// jobTokens holds the platform's own tokens against the ceiling. Without one in
// the policy only unrestricted tokens are told of, and only as a warning.
func jobTokens(f gate.Facts) []gate.Violation {
	v := gate.Violation{Fingerprint: "job-token"}
	var over []string
	for _, c := range f.Connections {
		if c.Kind != connection.JobToken || c.Entry != "" {
			continue
		}
		if extra := f.Policy.JobToken.Over(c.Scopes); len(extra) > 0 && f.Policy.Judges(c) {
			over = append(over, extra...)
			v.Locations = append(v.Locations, places(c)...)
		}
	}
	if len(over) == 0 {
		return nil
	}
	slices.Sort(over)
	over = slices.Compact(over)
	v.Locations = ordered(v.Locations)
	v.Message = fmt.Sprintf("job tokens ask for %s, over the ceiling of the policy: %s", list(over), list(f.Policy.JobToken.Ceiling))
	v.Remedy = "name the permissions that each job needs; or raise job_token.ceiling in .credgate/policy.yaml"
	if len(f.Policy.JobToken.Ceiling) == 0 {
		v.Message = "job tokens ask for every permission"
		v.Remedy = "name the permissions that each job needs under permissions:"
		v.Action = gate.Warning
	}
	return []gate.Violation{v}
}
