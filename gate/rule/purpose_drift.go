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

// PurposeDrift reports consumers that an entry does not name: a file or job
// outside used_by, an environment outside environments, or a trigger that
// strangers can pull, where used_by reaches the file only by a wildcard.
// Source: SP 800-53 CA-9, the mechanical shadow of a change of purpose.
var PurposeDrift = gate.Rule{
	ID:       "purpose-drift",
	Severity: scanner.High,
	Title:    "Something uses a connection that its entry does not name",
	Controls: []string{"NHI9:2025", "CSF PR.AA-05", "SP 800-53 CA-9", "SP 800-53 PS-5", "A.5.18", "CC6.1", "AI RMF MAP 1.1"},
	Actions:  [3]gate.Action{warn, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			if len(e.UsedBy) == 0 {
				continue // incomplete-entry's
			}
			var drifts []gate.Violation
			for _, c := range f.Of(e.ID) {
				for _, u := range c.Consumers {
					what, why := drift(f, e, u)
					if what == "" || slices.ContainsFunc(drifts, func(v gate.Violation) bool { return v.Fingerprint == what }) {
						continue
					}
					v := gate.Violation{Entry: e.ID, Connection: c.ID, Fingerprint: what, Locations: within(c, u.Path)}
					v.Message = fmt.Sprintf("%s uses %s; %s", consumer(u), named(c), why)
					v.Remedy = "name it in the entry and approve that: credgate approve " + arg(e.ID) + "; or use another credential"
					drifts = append(drifts, v)
				}
			}
			out = append(out, drifts...)
		}
		return out
	},
}

// drift says what about a consumer an entry does not cover, "" for nothing, and
// how a message puts it.
func drift(f gate.Facts, e gate.Entry, u connection.Consumer) (what, why string) {
	var by []inventory.Use
	for _, s := range e.UsedBy {
		if use := inventory.ParseUse(s); (f.Repository == "" || use.In(f.Repository)) && use.Covers(u.Path, u.Job) {
			by = append(by, use)
		}
	}
	switch {
	case len(by) == 0:
		return "consumer " + u.Path + "#" + u.Job, "used_by of " + say(e.ID) + " does not cover it"
	case u.Environment != "" && len(e.Environments) > 0 && !dynamic(u.Environment) && !slices.Contains(e.Environments, u.Environment):
		return "environment " + u.Environment, fmt.Sprintf("it runs in environment %s, and %s declares %s", say(u.Environment), say(e.ID), list(e.Environments))
	}
	for _, t := range u.Triggers {
		if slices.Contains(exposed, t) && !slices.ContainsFunc(by, inventory.Use.Literal) {
			return "trigger " + t + " " + u.Path, fmt.Sprintf("%s can start it, and used_by of %s names it only by a wildcard", t, say(e.ID))
		}
	}
	return "", ""
}

// exposed are the triggers by which somebody without write access can start a
// job that has secrets.
var exposed = []string{"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion_comment"}

// dynamic tells whether a name is an expression, whose value is not known.
func dynamic(s string) bool { return strings.ContainsAny(s, "${}") }

func consumer(u connection.Consumer) string {
	if u.Job == "" {
		return say(u.Path)
	}
	return say(u.Path + "#" + u.Job)
}

// within are a connection's places in one file, or all where it has none there.
func within(c connection.Connection, path string) []scanner.Location {
	all := places(c)
	in := slices.DeleteFunc(slices.Clone(all), func(l scanner.Location) bool { return l.Path != path })
	if len(in) == 0 {
		return all
	}
	return in
}
